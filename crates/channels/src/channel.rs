//! What every channel can do, and what it can say.

use domain::Content;
use domain::check::Limits;
use ports::{Ports, Timeouts};

use crate::Publication;

/// One connected account on a platform.
#[async_trait::async_trait(?Send)]
pub trait Channel {
    /// The platform's name: `stage`, `relay`.
    fn platform(&self) -> &'static str;

    /// What it can carry.
    fn limits(&self) -> Limits;

    /// How an unknown outcome is found out.
    fn oracle(&self) -> Oracle;

    /// How long after arming nothing can still arrive, in milliseconds: more than the client's time-outs, the
    /// platform's processing and the lag of its index together. No look before that.
    fn quiet_ms(&self) -> i64;

    /// How long each phase of a request may take; a lease must outlive their sum.
    fn timeouts(&self) -> Timeouts;

    /// Whether the platform could carry this at all.
    fn validate(&self, content: &Content) -> Result<(), Rejection> {
        fits(content, &self.limits())
    }

    /// Tries whether it can be reached and takes us for who we are; says either way in a sentence. It only reads:
    /// nothing is ever published by it.
    async fn check(&self, ports: &Ports<'_>) -> Result<String, String>;

    /// All that can be done before arming: checks, uploads, containers. Harmless if repeated.
    async fn prepare(&self, ports: &Ports<'_>, publication: &Publication) -> Result<Prepared, SendError>;

    /// Exactly one mutating request. Only after the publication is armed, and once for each arming.
    async fn send(&self, ports: &Ports<'_>, prepared: &Prepared) -> Sent;

    /// Finds out what came of a send: by reading only, or, where [`Oracle::Keyed`] says that it is safe, by
    /// sending again with the same key. Only after [`Channel::quiet_ms`].
    async fn reconcile(&self, ports: &Ports<'_>, publication: &Publication) -> Found;
}

/// How an unknown outcome is found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Oracle {
    /// The platform keeps our key: sending again with it never makes a second post.
    Keyed,
    /// It can be looked up. Absent only when two looks, a quiet period apart, did not find it.
    Search,
    /// Only a person can say.
    Nobody,
}

impl Oracle {
    /// How many looks, a quiet period apart, must come back [`Found::Absent`] before it is sent again. `None`:
    /// no number of looks is enough.
    pub fn looks_min(self) -> Option<u32> {
        match self {
            Self::Keyed => Some(1),
            Self::Search => Some(2),
            Self::Nobody => None,
        }
    }
}

/// What [`Channel::prepare`] made, for [`Channel::send`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepared {
    /// What is to be sent.
    pub publication: Publication,
    /// The body of the one request, byte for byte.
    pub body: Vec<u8>,
}

/// A platform cannot carry this content, now or later.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{reason}")]
pub struct Rejection {
    /// What is wrong and what would be right.
    pub reason: String,
}

/// Why nothing could be prepared. Nothing was sent, whichever it is.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum SendError {
    /// The platform could not be reached.
    #[error("not sent: {reason}")]
    NotSent {
        /// Why.
        reason: String,
        /// Seconds to wait, where somebody said so.
        after_s: Option<u32>,
    },
    /// Too much for now.
    #[error("rate limited: {reason}")]
    RateLimited {
        /// In the platform's words.
        reason: String,
        /// Seconds to wait, where it said so.
        after_s: Option<u32>,
    },
    /// Refused for good.
    #[error("rejected: {reason}")]
    Rejected {
        /// Why, and what would be right.
        reason: String,
    },
    /// The account must be connected again.
    #[error("not authorized: {reason}")]
    AuthExpired {
        /// In the platform's words.
        reason: String,
    },
}

/// What came of a send. Only `NotSent`, `RateLimited`, `Rejected` and `AuthExpired` say that surely nothing
/// was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// It is out.
    Done {
        /// The platform's id of it.
        ext_id: String,
        /// Where it can be seen, if it can.
        ext_url: Option<String>,
    },
    /// Not a byte was acted on; the same may be tried again.
    NotSent {
        /// Why.
        reason: String,
        /// Seconds to wait, where somebody said so.
        after_s: Option<u32>,
    },
    /// Too much for now; nothing was published.
    RateLimited {
        /// In the platform's words.
        reason: String,
        /// Seconds to wait, where it said so.
        after_s: Option<u32>,
    },
    /// Refused for good; nothing was published.
    Rejected {
        /// Why.
        reason: String,
    },
    /// The account must be connected again; nothing was published.
    AuthExpired {
        /// In the platform's words.
        reason: String,
    },
    /// It may be out, and it may not. Never send it again on a guess.
    Unknown {
        /// What happened.
        reason: String,
    },
}

/// What a look found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is out.
    Live {
        /// The platform's id of it.
        ext_id: String,
        /// Where it can be seen, if it can.
        ext_url: Option<String>,
    },
    /// This look did not find it; [`Oracle::looks_min`] says how many such looks are enough.
    Absent,
    /// This look says nothing.
    NotSure {
        /// Why.
        reason: String,
    },
}

/// The part of `validate` that holds for every platform.
pub(crate) fn fits(content: &Content, limits: &Limits) -> Result<(), Rejection> {
    let refuse = |reason: String| Err(Rejection { reason });
    if content.text.trim().is_empty() {
        return refuse("the text is empty".into());
    }
    for (name, text, max) in
        [("title", &content.title, limits.title_graphemes_max), ("text", &content.text, limits.text_graphemes_max)]
    {
        let length = domain::check::graphemes(text);
        if length > max {
            return refuse(format!("the {name} has {length} characters; this channel carries {max}"));
        }
    }
    Ok(())
}
