//! A request, read and bounded.

use std::net::SocketAddr;

use http::Method;
use serde::de::DeserializeOwned;

use crate::form::{self, Form};
use crate::{Problem, Settings, json, path};

/// Longest body that is read, in bytes.
pub const BODY_BYTES_MAX: usize = 1024 * 1024;

/// A request. HEAD arrives as GET: the shell leaves the body out.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path as it came, without the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The whole body, at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
    /// The client's network address, without its port; empty where it is not known.
    pub client_addr: String,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    raw_query: String,
}

impl Request {
    /// Reads the target. A path or query that cannot be read is refused here, before any route sees it.
    pub fn new(method: Method, target: &str) -> Result<Self, Problem> {
        let (path, raw_query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self {
            method: if method == Method::HEAD { Method::GET } else { method },
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
            client_addr: String::new(),
            segments: path::segments(path)?,
            query: path::pairs(raw_query)?,
            raw_query: raw_query.into(),
        })
    }

    /// With one more header, whose name is in lower case.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With this body.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with_header("content-type", content_type)
    }

    /// The decoded segments of the path, to be matched: `["api", "v1", "campaigns", id]`.
    pub fn segments(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The first value of this name in the query.
    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Every pair of the query.
    pub fn query_pairs(&self) -> &[(String, String)] {
        &self.query
    }

    /// The query as it came.
    pub fn raw_query(&self) -> &str {
        &self.raw_query
    }

    /// The first header of this name, which is in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// The cookie of this name.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .filter(|(header, _)| header == "cookie")
            .flat_map(|(_, value)| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value)
    }

    /// Whether the method may change something.
    pub fn is_unsafe(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS)
    }

    /// The content type, without its parameters, in lower case.
    pub fn content_type(&self) -> Option<String> {
        let value = self.header("content-type")?;
        Some(value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase())
    }

    /// The body as JSON of this type. Give the type `#[serde(deny_unknown_fields)]`.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        json::read(self)
    }

    /// The body as a form: urlencoded, or multipart with files. A text that nothing can show is refused.
    pub async fn form(&self) -> Result<Form, Problem> {
        form::read(self).await
    }

    /// The same with whatever is in it: to be checked for its token, or to be shown again.
    pub async fn form_as_sent(&self) -> Result<Form, Problem> {
        form::as_sent(self).await
    }

    /// The problem with a path that has other methods: list them, as `GET, POST`. HEAD goes with GET.
    pub fn not_allowed(&self, allow: &'static str) -> Problem {
        Problem::MethodNotAllowed { method: self.method.to_string(), allow }
    }

    /// The problem with a path that nothing answers.
    pub fn no_route(&self) -> Problem {
        Problem::NotFound { what: "page", id: self.path.clone() }
    }
}

/// The client's address: the connection's peer, or what a trusted proxy says. The last entry counts: it is the one
/// that the nearest proxy added; those before it are the client's own words.
#[cfg_attr(not(any(target_arch = "wasm32", test)), expect(dead_code, reason = "the shell alone calls it"))]
pub(crate) fn client_addr(settings: &Settings, request: &Request) -> String {
    let header = settings.client_address_header().unwrap_or_else(|| "spin-client-addr".into());
    let last = request.headers.iter().rev().find(|(name, _)| *name == header).map(|(_, value)| value.as_str());
    let address = last.unwrap_or_default().rsplit(',').next().unwrap_or_default().trim();
    match address.parse::<SocketAddr>() {
        Ok(socket) => socket.ip().to_string(),
        Err(_) => address.trim_matches(['[', ']']).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_is_the_peer_or_what_the_nearest_proxy_says() {
        let request = Request::new(Method::GET, "/")
            .unwrap()
            .with_header("x-forwarded-for", "6.6.6.6, 203.0.113.9")
            .with_header("spin-client-addr", "[2001:db8::1]:5000");
        assert_eq!(client_addr(&Settings::of(&[]), &request), "2001:db8::1");
        let behind = Settings::of(&[("client_address_header", "X-Forwarded-For")]);
        assert_eq!(client_addr(&behind, &request), "203.0.113.9");
        let forged = Request::new(Method::GET, "/").unwrap().with_header("x-forwarded-for", "6.6.6.6");
        assert_eq!(client_addr(&Settings::of(&[]), &forged), "");
    }

    #[test]
    fn head_is_answered_as_get() {
        assert_eq!(Request::new(Method::HEAD, "/").unwrap().method, Method::GET);
    }

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let request =
            Request::new(Method::GET, "/").unwrap().with_header("cookie", "xsid=1; sid=2").with_header("cookie", "c=3");
        assert_eq!(request.cookie("sid"), Some("2"));
        assert_eq!(request.cookie("c"), Some("3"));
        assert_eq!(request.cookie("id"), None);
    }

    #[test]
    fn a_query_that_cannot_be_read_is_refused() {
        assert!(Request::new(Method::GET, "/a?b=%").is_err());
        assert_eq!(Request::new(Method::GET, "/a?b=1&b=2").unwrap().query("b"), Some("1"));
    }
}
