//! A client of the API under `/api/v1`, and what its answers mean.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use domain::{Decision, Mode, PostState, Stage};
use reqwest::{Method, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// One answer of the API takes no longer, in seconds.
const ANSWER_TIMEOUT_S: u64 = 30;

/// Most posts a page; the API's own limit.
const PAGE_POSTS: u32 = 200;

/// An HTTP client that waits so long for an answer, and follows no redirect.
pub fn client(timeout: Duration) -> Result<reqwest::Client> {
    // A second call finds the provider in place, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none());
    builder.build().context("cannot set up HTTP")
}

/// The API of one app.
pub struct Api {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// Why the API did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// Nobody answered, or not to the end.
    #[error("{base} does not answer: {reason}")]
    Unreachable {
        /// The app's URL.
        base: String,
        /// Why.
        reason: String,
    },
    /// It refused, in its own words.
    #[error("{0}")]
    Problem(Problem),
    /// It answered what this version does not understand.
    #[error("{what} answered {status} with something else than expected: {reason}")]
    Foreign {
        /// Method and path.
        what: String,
        /// The status.
        status: StatusCode,
        /// What was wrong.
        reason: String,
    },
}

impl ApiError {
    /// Whether the same call may do better in a moment.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Problem(problem) => problem.status >= 500 || problem.status == 429,
            Self::Foreign { status, .. } => status.is_server_error(),
        }
    }

    /// Whether somebody else was quicker.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Problem(problem) if problem.status == 409)
    }
}

/// RFC 9457, as the API writes it.
#[derive(Debug, Deserialize)]
pub struct Problem {
    /// The status, once more.
    #[serde(default)]
    pub status: u16,
    title: String,
    #[serde(default)]
    detail: Option<String>,
    #[serde(default)]
    errors: Vec<Field>,
}

#[derive(Debug, Deserialize)]
struct Field {
    field: String,
    complaint: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.title)?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        self.errors.iter().try_for_each(|wrong| write!(f, "\n  {} {}", wrong.field, wrong.complaint))
    }
}

/// What `GET /health` says.
#[derive(Debug, Deserialize)]
pub struct Health {
    /// Whether the install has an owner.
    pub claimed: bool,
}

/// A campaign, as far as the command line shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Campaign {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Rehearsal or performance.
    pub mode: Mode,
    /// How far it is.
    pub stage: Stage,
    /// Whether its slots come due as fast as the work allows.
    #[serde(default)]
    pub time_lapse: bool,
    /// Why it needs a person, if it does.
    pub reason: Option<String>,
    /// What its model calls cost so far.
    #[serde(default)]
    pub spent_micro_usd: i64,
}

/// One version of a strategy.
#[derive(Debug, Deserialize)]
pub struct Strategy {
    /// Counted from 1.
    pub version: u32,
    /// `proposed`, `approved` or `sent_back`.
    pub state: String,
}

/// A post, as far as the command line shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Post {
    /// Its id.
    pub id: String,
    /// Its place in the calendar, counted from 1.
    pub slot: u32,
    /// Wall time in the campaign's zone.
    pub planned_local: String,
    /// Where it is.
    pub state: PostState,
    /// The current version; 0 before the first.
    pub version: u32,
    /// How often review sent it back.
    pub revisions: u32,
    /// The mean of its current version's scores; none before review.
    pub mean: Option<f64>,
    /// Its current title.
    pub title: Option<String>,
    /// Its current text.
    pub text: Option<String>,
    /// Why it needs a person, was missed or failed.
    pub reason: Option<String>,
    /// Where it can be seen.
    pub ext_url: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    items: Vec<T>,
    #[serde(default)]
    next: Option<String>,
}

impl Api {
    /// For the app at this URL, as whoever the token belongs to.
    pub fn new(base: &str, token: Option<String>) -> Result<Self> {
        let http = client(Duration::from_secs(ANSWER_TIMEOUT_S))?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), token })
    }

    /// Where the app is, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// Whether the app is well, and has an owner.
    pub async fn health(&self) -> Result<Health, ApiError> {
        self.call(Method::GET, "/health", None, None).await
    }

    /// Creates a campaign; gives its id.
    pub async fn create_campaign(&self, body: &Value, key: &str) -> Result<Campaign, ApiError> {
        self.call(Method::POST, "/campaigns", Some(body), Some(key)).await
    }

    /// One campaign.
    pub async fn campaign(&self, id: &str) -> Result<Campaign, ApiError> {
        self.call(Method::GET, &format!("/campaigns/{id}"), None, None).await
    }

    /// A campaign's strategies.
    pub async fn strategies(&self, campaign: &str) -> Result<Vec<Strategy>, ApiError> {
        let page: Page<_> = self.call(Method::GET, &format!("/campaigns/{campaign}/strategies"), None, None).await?;
        Ok(page.items)
    }

    /// Decides on a strategy.
    pub async fn decide_strategy(&self, campaign: &str, version: u32, decision: Decision) -> Result<(), ApiError> {
        let path = format!("/campaigns/{campaign}/strategies/{version}/decision");
        let body = json!({ "decision": decision });
        self.call::<Value>(Method::PUT, &path, Some(&body), None).await.map(drop)
    }

    /// All posts of a campaign, in the order of their slots.
    pub async fn posts(&self, campaign: &str) -> Result<Vec<Post>, ApiError> {
        let mut posts: Vec<Post> = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/campaigns/{campaign}/posts?limit={PAGE_POSTS}{cursor}");
            let page: Page<Post> = self.call(Method::GET, &path, None, None).await?;
            posts.extend(page.items);
            match page.next {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        posts.sort_by_key(|post| post.slot);
        Ok(posts)
    }

    /// Decides on the version of a post that was read. Repeating it changes nothing.
    pub async fn decide_post(&self, post: &Post, decision: Decision) -> Result<(), ApiError> {
        let key = format!("{}-{}-{decision}", post.id, post.version);
        let body = json!({ "version": post.version, "decision": decision });
        let path = format!("/posts/{}/approvals", post.id);
        self.call::<Value>(Method::POST, &path, Some(&body), Some(&key)).await.map(drop)
    }

    /// What a campaign's model calls cost, as the API has it.
    pub async fn costs(&self, campaign: &str) -> Result<Value, ApiError> {
        self.call(Method::GET, &format!("/campaigns/{campaign}/costs"), None, None).await
    }

    /// Whatever is at this path.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ApiError> {
        self.call(Method::GET, path, None, None).await
    }

    /// Makes a one-time link to choose a new password.
    pub async fn reset_password(&self, body: &Value) -> Result<String, ApiError> {
        #[derive(Deserialize)]
        struct Made {
            link: String,
        }
        self.call::<Made>(Method::POST, "/password-resets", Some(body), None).await.map(|made| made.link)
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        key: Option<&str>,
    ) -> Result<T, ApiError> {
        let what = format!("{method} /api/v1{path}");
        let mut request = self.http.request(method, format!("{}/api/v1{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.map_err(|error| self.unreachable(error))?;
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(error))?;
        if status.is_success() {
            let bytes = if bytes.is_empty() { b"null" } else { bytes.as_ref() };
            return serde_json::from_slice(bytes).map_err(|error| ApiError::Foreign {
                what,
                status,
                reason: error.to_string(),
            });
        }
        Err(refusal(what, status, &bytes))
    }

    fn unreachable(&self, error: reqwest::Error) -> ApiError {
        let mut reason = String::new();
        let error = error.without_url();
        let mut cause: Option<&dyn std::error::Error> = Some(&error);
        while let Some(one) = cause {
            let _ = write!(reason, "{}{one}", if reason.is_empty() { "" } else { ": " });
            cause = one.source();
        }
        ApiError::Unreachable { base: self.base.clone(), reason }
    }
}

fn refusal(what: String, status: StatusCode, bytes: &[u8]) -> ApiError {
    match serde_json::from_slice::<Problem>(bytes) {
        Ok(problem) => ApiError::Problem(Problem { status: status.as_u16(), ..problem }),
        Err(_) => ApiError::Foreign { what, status, reason: "it is no problem report of Rondo's API".into() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_told_with_its_fields() {
        let body = br#"{"type": "/problems/invalid", "title": "Invalid input", "status": 422,
            "detail": "the brief cannot be used", "errors": [{"field": "goal.timezone", "complaint": "is no zone"}]}"#;
        let error = refusal("POST /api/v1/campaigns".into(), StatusCode::UNPROCESSABLE_ENTITY, body);
        assert_eq!(error.to_string(), "Invalid input: the brief cannot be used\n  goal.timezone is no zone");
        assert!(!error.may_pass());
    }

    #[test]
    fn what_is_no_problem_report_is_told_by_its_status() {
        let error = refusal("GET /api/v1/health".into(), StatusCode::BAD_GATEWAY, b"<html>");
        assert!(error.to_string().contains("GET /api/v1/health answered 502"), "{error}");
        assert!(error.may_pass());
    }
}
