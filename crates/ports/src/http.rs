//! Outbound HTTP. Every request has time-outs and a cap on its answer; redirects are never followed.

/// How long each phase of a request may take, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To connect, TLS included.
    pub connect_ms: u32,
    /// From the end of the request to the first byte of the answer.
    pub first_byte_ms: u32,
    /// Between two pieces of the answer's body.
    pub between_bytes_ms: u32,
}

impl Timeouts {
    /// The longest that a request with an answer in one piece may take.
    pub fn total_ms(self) -> u32 {
        self.connect_ms + self.first_byte_ms + self.between_bytes_ms
    }
}

/// One request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST` …
    pub method: &'static str,
    /// Absolute URL.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body; small, sent at once.
    pub body: Vec<u8>,
    /// Limits of time.
    pub timeouts: Timeouts,
    /// An answer's body over this is [`HttpError::TooLarge`].
    pub response_bytes_max: usize,
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// Status code.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Response {
    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// Why there is no answer. What matters is whether the peer may have acted.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum HttpError {
    /// The request surely never left: DNS, refused, connect time-out, TLS, prohibited address.
    #[error("not sent: {0}")]
    NotSent(String),
    /// The peer may have acted: time-out or reset after sending, a broken answer.
    #[error("no complete answer: {0}")]
    Unknown(String),
    /// An answer came (with this status), longer than allowed.
    #[error("the answer is longer than {limit} bytes (status {status})")]
    TooLarge {
        /// Its status.
        status: u16,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Sends requests.
#[async_trait::async_trait(?Send)]
pub trait Http {
    /// Sends one request, once.
    async fn send(&self, request: Request) -> Result<Response, HttpError>;
}

/// Reaches nobody, and says so.
pub struct NoHttp;

#[async_trait::async_trait(?Send)]
impl Http for NoHttp {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::NotSent("there is no network here".into()))
    }
}
