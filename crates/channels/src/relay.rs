//! The relay: posts go to an HTTP endpoint of the user's own, which does with them what it likes.
//!
//! # The contract
//! ```text
//! POST {relay_url}/posts
//!   Authorization: Bearer {relay_token}
//!   Idempotency-Key: {key}
//!   Content-Type: application/json
//!   {"key", "marker", "channel", "mode": "rehearsal" | "performance", "planned_at": RFC 3339 UTC,
//!    "language", "title", "text", "image"?: {"prompt", "alt", "drawn"?}, "content_sha256"}
//! → 200 or 201 {"id", "url"?, "key"?}          it is out; answer so only when that is certain
//! → 409 or 422 {"code": "duplicate", "id"?, …}  this key, or this content, is out already
//! → 408, 429 (Retry-After: seconds or date)     nothing was taken, try later
//! → 400, 403, 404, 413, 422 …                   nothing was taken, do not try again
//! → 401                                         nothing was taken, the token is not valid
//!
//! GET {relay_url}/posts/{key}
//!   Authorization: Bearer {relay_token}
//! → 200 {"id", "url"?, "key"?} | 404 {"code": "not_found"}
//! ```
//! `image` is an idea for a picture, where the post has one; `drawn` says which picture was drawn of it and approved
//! (`sha256`, `media_type`, `width`, `height`, `bytes`, `model`). Its bytes are not sent: `/api/v1/pictures/{sha256}` has
//! them for whoever holds a token.
//! `id` is a text or a whole number. A `key` in an answer must be the one that was asked about. Every other
//! answer to the POST, 5xx above all, and none at all, mean that nobody knows: it is found out as `relay_oracle`
//! says:
//! - `keyed`: the endpoint knows its keys for as long as it has the posts, and answers a known key as it did the
//!   first time. We send again with the same key.
//! - `search`: the endpoint has the GET. A 404 without the code says that a path is not there, not that a post is
//!   not, so it proves nothing; two with the code, a quiet period apart, prove that the post is not there.
//! - `nobody`: a person looks.

mod answer;

use domain::Image;
use domain::check::Limits;
use ports::{Ports, Request, Timeouts};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::registry::RELAY_TOKEN;
use crate::{Channel, Found, Oracle, Prepared, Publication, Rejection, Secret, SendError, Sent, Unusable, stage};

/// What a relay waits unless its config says otherwise: enough for an endpoint that itself calls a slow API.
pub const TIMEOUTS: Timeouts = Timeouts { connect_ms: 5_000, first_byte_ms: 20_000, between_bytes_ms: 10_000 };

/// How long an endpoint may work on, and its look-up lag behind, after we stopped waiting, in milliseconds: what
/// the slowest known social networks need (120 s).
pub const SETTLE_MS: u32 = 120_000;

/// Longest of the two above that a config may ask for, in milliseconds.
const WAIT_MS_MAX: u32 = 60 * 60 * 1000;

/// An answer needs an id and a URL; what is longer is not one of the contract's.
const RESPONSE_BYTES_MAX: usize = 64 * 1024;

/// A relay's config, as its channel's row has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RelayConfig {
    /// Where the endpoint is; `/posts` comes behind it.
    pub relay_url: String,
    /// How it lets us find out.
    pub relay_oracle: RelayOracle,
    /// How long to wait for the first byte of an answer, in milliseconds.
    #[serde(default = "first_byte_ms")]
    pub first_byte_ms: u32,
    /// How long it may work on after we stopped waiting, in milliseconds.
    #[serde(default = "settle_ms")]
    pub settle_ms: u32,
    /// Longest text that it carries, in graphemes.
    #[serde(default = "text_graphemes_max")]
    pub text_graphemes_max: usize,
    /// Longest title that it carries, in graphemes.
    #[serde(default = "title_graphemes_max")]
    pub title_graphemes_max: usize,
}

fn first_byte_ms() -> u32 {
    TIMEOUTS.first_byte_ms
}

fn settle_ms() -> u32 {
    SETTLE_MS
}

fn text_graphemes_max() -> usize {
    stage::LIMITS.text_graphemes_max
}

fn title_graphemes_max() -> usize {
    stage::LIMITS.title_graphemes_max
}

/// How an endpoint lets us find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelayOracle {
    /// It keeps keys.
    Keyed,
    /// It has the GET.
    Search,
    /// It has neither.
    Nobody,
}

impl RelayConfig {
    /// Reads a row's config.
    pub fn parse(config: &str) -> Result<Self, Unusable> {
        let config: Self = serde_json::from_str(config).map_err(|error| unfit(format!("cannot be read: {error}")))?;
        for (name, ms, ms_min) in [("first_byte_ms", config.first_byte_ms, 1), ("settle_ms", config.settle_ms, 0)] {
            if !(ms_min..=WAIT_MS_MAX).contains(&ms) {
                return Err(unfit(format!("has {name} = {ms}; it must be from {ms_min} to {WAIT_MS_MAX}")));
            }
        }
        Ok(config)
    }
}

fn unfit(complaint: String) -> Unusable {
    Unusable::Config { platform: "relay", complaint }
}

/// A relay, ready to be used.
#[derive(Debug)]
pub struct Relay {
    posts_url: String,
    token: Secret,
    oracle: RelayOracle,
    limits: Limits,
    timeouts: Timeouts,
    settle_ms: u32,
}

impl Relay {
    /// A relay with this config and token.
    pub fn new(config: RelayConfig, token: Option<Secret>) -> Result<Self, Unusable> {
        let wrong =
            |complaint: &str| Unusable::Secret { platform: "relay", name: RELAY_TOKEN, complaint: complaint.into() };
        let token = token.ok_or_else(|| wrong("is missing; set it"))?;
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong("must be visible ASCII characters alone"));
        }
        let url =
            endpoint(&config.relay_url).map_err(|complaint| unfit(format!("has a relay_url that {complaint}")))?;
        Ok(Self {
            posts_url: format!("{}/posts", url.as_str().trim_end_matches('/')),
            token,
            oracle: config.relay_oracle,
            limits: Limits {
                text_graphemes_max: config.text_graphemes_max,
                title_graphemes_max: config.title_graphemes_max,
            },
            timeouts: Timeouts { first_byte_ms: config.first_byte_ms, ..TIMEOUTS },
            settle_ms: config.settle_ms,
        })
    }

    fn request(&self, method: &'static str, url: String) -> Request {
        Request {
            method,
            url,
            headers: vec![
                ("authorization".into(), format!("Bearer {}", self.token.expose())),
                ("accept".into(), "application/json".into()),
            ],
            body: Vec::new(),
            timeouts: self.timeouts,
            response_bytes_max: RESPONSE_BYTES_MAX,
        }
    }

    async fn post(&self, ports: &Ports<'_>, key: &str, body: Vec<u8>) -> Sent {
        let mut request = self.request("POST", self.posts_url.clone());
        request.headers.push(("idempotency-key".into(), key.into()));
        request.headers.push(("content-type".into(), "application/json".into()));
        request.body = body;
        answer::to_post(ports.http.send(request).await, key, ports.clock.now_ms())
    }

    async fn look_up(&self, ports: &Ports<'_>, key: &str) -> Found {
        let request = self.request("GET", format!("{}/{}", self.posts_url, path_segment(key)));
        answer::to_look_up(ports.http.send(request).await, key)
    }
}

/// The endpoint's address. A complaint does not repeat it: it may hold a password.
fn endpoint(text: &str) -> Result<Url, &'static str> {
    let url = Url::parse(text).map_err(|_| "is no URL; try https://example.com/hook")?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none_or(str::is_empty) {
        return Err("is no http or https URL");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a user name or password; put the token into relay_token");
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err("has a query or a fragment; give the part before it");
    }
    Ok(url)
}

/// Percent-encodes all but the unreserved characters (RFC 3986 §2.3).
fn path_segment(key: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    key.bytes().map(encode).collect()
}

/// The body of the POST.
#[derive(Serialize)]
struct Post<'a> {
    key: &'a str,
    marker: String,
    channel: &'a str,
    mode: &'static str,
    planned_at: String,
    language: &'a str,
    title: &'a str,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a Image>,
    content_sha256: &'a str,
}

fn body(publication: &Publication) -> Result<Vec<u8>, Rejection> {
    let planned_at = jiff::Timestamp::from_millisecond(publication.planned_at_ms)
        .map_err(|_| Rejection { reason: "the planned time is outside the calendar".into() })?;
    let post = Post {
        key: &publication.key,
        marker: publication.marker(),
        channel: &publication.channel_id,
        mode: publication.mode.as_str(),
        planned_at: planned_at.to_string(),
        language: &publication.content.language,
        title: &publication.content.title,
        text: &publication.content.text,
        image: publication.content.image.as_ref(),
        content_sha256: &publication.content_sha256,
    };
    Ok(serde_json::to_vec(&post).expect("texts are always JSON"))
}

#[async_trait::async_trait(?Send)]
impl Channel for Relay {
    fn platform(&self) -> &'static str {
        "relay"
    }

    fn limits(&self) -> Limits {
        self.limits
    }

    fn oracle(&self) -> Oracle {
        match self.oracle {
            RelayOracle::Keyed => Oracle::Keyed,
            RelayOracle::Search => Oracle::Search,
            RelayOracle::Nobody => Oracle::Nobody,
        }
    }

    fn quiet_ms(&self) -> i64 {
        i64::from(self.timeouts.total_ms()) + i64::from(self.settle_ms)
    }

    fn timeouts(&self) -> Timeouts {
        self.timeouts
    }

    async fn check(&self, ports: &Ports<'_>) -> Result<String, String> {
        let request = self.request("GET", format!("{}/{}", self.posts_url, stage::CHECK_KEY));
        let said = answer::to_check(ports.http.send(request).await, self.oracle);
        let without_token = |text: String| text.replace(self.token.expose(), "[token]");
        said.map(without_token).map_err(without_token)
    }

    async fn prepare(&self, _ports: &Ports<'_>, publication: &Publication) -> Result<Prepared, SendError> {
        let rejected = |rejection: Rejection| SendError::Rejected { reason: rejection.reason };
        publication.check().map_err(rejected)?;
        self.validate(&publication.content).map_err(rejected)?;
        let body = body(publication).map_err(rejected)?;
        Ok(Prepared { publication: publication.clone(), body })
    }

    async fn send(&self, ports: &Ports<'_>, prepared: &Prepared) -> Sent {
        self.post(ports, &prepared.publication.key, prepared.body.clone()).await
    }

    async fn reconcile(&self, ports: &Ports<'_>, publication: &Publication) -> Found {
        match self.oracle {
            RelayOracle::Keyed => match body(publication) {
                Ok(body) => answer::to_second_post(self.post(ports, &publication.key, body).await),
                Err(rejection) => Found::NotSure { reason: rejection.reason },
            },
            RelayOracle::Search => self.look_up(ports, &publication.key).await,
            RelayOracle::Nobody => {
                Found::NotSure { reason: "this endpoint cannot be asked; a person must look".into() }
            }
        }
    }
}
