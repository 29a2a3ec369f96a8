//! A client of the app: JSON as a program, forms and pages as a browser. It asserts nothing by itself.

use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response};
use serde_json::Value;

/// No answer takes longer; a stream of events ends itself sooner.
const ANSWER: Duration = Duration::from_secs(60);

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: String,
}

impl Answer {
    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error} in the answer {self:?}"))
    }

    /// A header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// It, if the status is as expected.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// The problem that it tells of: its status, slug and whole text. Asserts that it is one for a reader.
    #[track_caller]
    pub fn problem(&self) -> (u16, String, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        for key in ["type", "title", "detail"] {
            assert!(problem[key].as_str().is_some_and(|text| !text.is_empty()), "`{key}` is missing: {problem}");
        }
        let kind = problem["type"].as_str().unwrap_or_default();
        let slug = kind.strip_prefix("/problems/").unwrap_or_else(|| panic!("`{kind}` is no page of problems"));
        (self.status, slug.into(), self.body.clone())
    }
}

/// One app, as one caller sees it.
#[derive(Clone)]
pub struct Api {
    client: Client,
    base: String,
    headers: HeaderMap,
}

impl Api {
    /// As nobody.
    pub fn new(base: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().timeout(ANSWER).redirect(reqwest::redirect::Policy::none());
        Self { client: client.build().expect("a client"), base: base.into(), headers: HeaderMap::new() }
    }

    /// As whoever has this token.
    pub fn with_token(self, token: &str) -> Self {
        self.with("authorization", &format!("Bearer {token}"))
    }

    /// With this header in every request.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let name: HeaderName = name.parse().expect("a header's name");
        self.headers.insert(name, HeaderValue::from_str(value).expect("a header's value"));
        self
    }

    /// As nobody again.
    pub fn anonymous(&self) -> Self {
        Self { headers: HeaderMap::new(), ..self.clone() }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, "", Vec::new()).await
    }

    /// POST with JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, "application/json", body.to_string().into()).await
    }

    /// PUT with JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::PUT, path, "application/json", body.to_string().into()).await
    }

    /// POST of a form, as a browser on a page of the app sends it.
    pub async fn form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = reqwest::Url::parse_with_params("http://form", fields).expect("a form");
        let body = body.query().unwrap_or_default().to_owned();
        let browser = self.clone().with("origin", &self.base).with("sec-fetch-site", "same-origin");
        browser.send(Method::POST, path, "application/x-www-form-urlencoded", body.into()).await
    }

    /// Anything.
    pub async fn send(&self, method: Method, path: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.try_send(method, path, content_type, body).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Anything, where there may be no answer.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        content_type: &str,
        body: Vec<u8>,
    ) -> reqwest::Result<Answer> {
        let mut request = self.client.request(method, format!("{}{path}", self.base)).headers(self.headers.clone());
        if !content_type.is_empty() {
            request = request.header(CONTENT_TYPE, content_type);
        }
        if !body.is_empty() {
            request = request.body(body);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body: response.text().await? })
    }

    /// Asks again and again until something is there, and between two looks waits for the app to say that something
    /// has happened. Fails when the time is over.
    pub async fn until<T>(&self, what: &str, patience: Duration, mut look: impl AsyncFnMut(&Self) -> Option<T>) -> T {
        let began = Instant::now();
        let mut events = Events { stream: None };
        loop {
            if let Some(found) = look(self).await {
                return found;
            }
            assert!(began.elapsed() < patience, "{what}: not within {} s", patience.as_secs());
            events.next(self).await;
        }
    }
}

/// The workspace's events, as the app streams them.
struct Events {
    stream: Option<Response>,
}

/// An app says at least so often that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);

impl Events {
    /// Waits for the next event, or for the next sign of life.
    async fn next(&mut self, api: &Api) {
        if self.stream.is_none() {
            let request = api.client.get(format!("{}/api/v1/events/stream", api.base)).headers(api.headers.clone());
            self.stream = request.send().await.ok().filter(|response| response.status().is_success());
        }
        let Some(stream) = &mut self.stream else { return tokio::task::yield_now().await };
        if !matches!(tokio::time::timeout(HEARTBEAT, stream.chunk()).await, Ok(Ok(Some(_)))) {
            self.stream = None;
        }
    }
}
