//! How a platform can misbehave.

/// What happens to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing: it does as the contract says.
    None,
    /// 429, with or without Retry-After; not taken.
    TooMany {
        /// Seconds.
        retry_after_s: Option<u32>,
    },
    /// A 5xx, before or after the post was taken.
    Broken {
        /// 500, 502, 503, 504.
        status: u16,
        /// When.
        when: When,
    },
    /// The connection ends without an answer.
    Reset {
        /// When.
        when: When,
    },
    /// No answer until the platform is released; then it goes on where it stood.
    Stall {
        /// Where it stands.
        when: When,
    },
    /// No answer, and the post is taken this much later, when the client has long gone.
    SlowAccept {
        /// How much later, in milliseconds.
        after_ms: i64,
    },
    /// 200 with a body that says nothing, before (an error page of somebody in between) or after it was taken.
    Garbled {
        /// What the body is.
        how: Garble,
        /// When.
        when: When,
    },
    /// Exactly this answer; not taken.
    Says {
        /// Status.
        status: u16,
        /// Headers, names in lower case.
        headers: Vec<(String, String)>,
        /// Body.
        body: String,
    },
    /// It cannot be reached. Over sockets, where a test cannot close the port for one request, a reset before.
    Unreachable,
}

/// Whether something happens before or after the post was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It is not taken.
    Before,
    /// It is.
    After,
}

/// What is wrong with a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Garble {
    /// HTML.
    NotJson,
    /// JSON that breaks off, and so does the connection.
    Truncated,
    /// Another post's id and key.
    WrongId,
    /// More than anyone should read.
    Huge,
}

impl Fault {
    /// One of each, for tests that want them all.
    pub fn all() -> Vec<Self> {
        let both = |make: fn(When) -> Self| [make(When::Before), make(When::After)];
        let mut all = vec![
            Self::None,
            Self::TooMany { retry_after_s: None },
            Self::TooMany { retry_after_s: Some(30) },
            Self::SlowAccept { after_ms: 1_000 },
            Self::Unreachable,
        ];
        all.extend(both(|when| Self::Broken { status: 500, when }));
        all.extend(both(|when| Self::Broken { status: 502, when }));
        all.extend(both(|when| Self::Broken { status: 503, when }));
        all.extend(both(|when| Self::Broken { status: 504, when }));
        all.extend(both(|when| Self::Reset { when }));
        all.extend(both(|when| Self::Stall { when }));
        all.extend(both(|when| Self::Garbled { how: Garble::NotJson, when }));
        all.extend(both(|when| Self::Garbled { how: Garble::Truncated, when }));
        all.extend(both(|when| Self::Garbled { how: Garble::WrongId, when }));
        all.extend(both(|when| Self::Garbled { how: Garble::Huge, when }));
        all
    }

    /// Whether the post is taken in spite of it, at once or later.
    pub fn accepts(&self) -> bool {
        match self {
            Self::None | Self::SlowAccept { .. } => true,
            Self::TooMany { .. } | Self::Says { .. } | Self::Unreachable => false,
            Self::Broken { when, .. } | Self::Reset { when } | Self::Stall { when } | Self::Garbled { when, .. } => {
                *when == When::After
            }
        }
    }
}
