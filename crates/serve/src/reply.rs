//! An answer, before it is sent.

use domain::Step;
use http::StatusCode;
use serde::Serialize;

use crate::events::EventSource;
use crate::pieces::Pieces;
use crate::{Problem, revision};

/// An answer.
#[derive(Debug)]
pub struct Reply {
    /// Its status.
    pub status: StatusCode,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Body,
    /// The steps to wake once it is out.
    pub wakes: Vec<Step>,
    /// It shows something that must not be stored anywhere: never kept for an `Idempotency-Key`.
    pub secret: bool,
}

/// A body.
pub enum Body {
    /// All of it.
    Bytes(Vec<u8>),
    /// Events, for as long as the client stays.
    Events(Box<dyn EventSource>),
    /// Piece by piece, so that it may be longer than memory is large.
    Pieces(Box<dyn Pieces>),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => f.write_str(&String::from_utf8_lossy(bytes)),
            Self::Events(_) => f.write_str("(events)"),
            Self::Pieces(_) => f.write_str("(pieces)"),
        }
    }
}

impl Reply {
    /// Any bytes.
    pub fn bytes(status: StatusCode, content_type: &str, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type".into(), content_type.into())],
            body: Body::Bytes(bytes.into()),
            wakes: Vec::new(),
            secret: false,
        }
    }

    /// JSON.
    pub fn json(status: StatusCode, value: &impl Serialize) -> Result<Self, Problem> {
        let bytes = serde_json::to_vec(value).map_err(|error| Problem::Internal(error.into()))?;
        Ok(Self::bytes(status, "application/json", bytes))
    }

    /// A page.
    pub fn html(status: StatusCode, page: impl Into<String>) -> Self {
        Self::bytes(status, "text/html; charset=utf-8", page.into())
    }

    /// After a form: look there. A path of ours, never a URL that somebody sent.
    pub fn see_other(path: &str) -> Self {
        let ours = if path.starts_with('/') && !path.starts_with("//") && !path.contains('\\') { path } else { "/" };
        let location = percent_encoding::utf8_percent_encode(ours, percent_encoding::CONTROLS).to_string();
        Self::bytes(StatusCode::SEE_OTHER, "text/plain", Vec::new()).with_header("location", &location)
    }

    /// Done; nothing to say.
    pub fn no_content() -> Self {
        Self { headers: Vec::new(), ..Self::bytes(StatusCode::NO_CONTENT, "", Vec::new()) }
    }

    /// A stream of server-sent events. GET only.
    pub fn events(source: impl EventSource + 'static) -> Self {
        Self { body: Body::Events(Box::new(source)), ..Self::bytes(StatusCode::OK, "text/event-stream", Vec::new()) }
    }

    /// A file to keep, that is made while it is sent. GET only.
    pub fn download(name: &str, content_type: &str, source: impl Pieces + 'static) -> Self {
        Self { body: Body::Pieces(Box::new(source)), ..Self::bytes(StatusCode::OK, content_type, Vec::new()) }
            .with_header("content-disposition", &format!("attachment; filename=\"{name}\""))
    }

    /// With one more header, whose name is in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With the `ETag` of a row's `revision`.
    #[must_use]
    pub fn with_revision(self, number: i64) -> Self {
        self.with_header("etag", &revision::etag(number))
    }

    /// With a cookie, as [`crate::session`] makes them.
    #[must_use]
    pub fn with_cookie(self, cookie: &str) -> Self {
        self.with_header("set-cookie", cookie)
    }

    /// Wakes these steps once it is out.
    #[must_use]
    pub fn waking(mut self, steps: &[Step]) -> Self {
        self.wakes.extend_from_slice(steps);
        self
    }

    /// It shows a secret, such as a new token.
    #[must_use]
    pub fn with_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The body as text, for tests; empty for what is streamed.
    pub fn text(&self) -> String {
        match &self.body {
            Body::Bytes(bytes) => String::from_utf8_lossy(bytes).into(),
            Body::Events(_) | Body::Pieces(_) => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_never_leaves_the_site() {
        for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"] {
            assert_eq!(Reply::see_other(elsewhere).header("location"), Some("/"), "{elsewhere}");
        }
        assert_eq!(Reply::see_other("/posts/1?x=ü\r\n").header("location"), Some("/posts/1?x=%C3%BC%0D%0A"));
    }
}
