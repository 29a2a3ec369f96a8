//! What each answer of an endpoint means. One rule above all: what may have been taken is unknown, never refused.

use ports::{HttpError, Response};
use serde::Deserialize;

use super::RelayOracle;
use crate::retry_after::retry_after_s;
use crate::{Found, Sent};

/// Longest id in bytes.
const ID_BYTES_MAX: usize = 200;
/// Longest URL in bytes.
const URL_BYTES_MAX: usize = 2_000;
/// Longest part of a platform's own words that goes into a reason, in characters.
const WORDS_CHARS_MAX: usize = 200;

/// What an endpoint may say.
#[derive(Deserialize)]
struct Answer {
    id: Option<Id>,
    url: Option<String>,
    key: Option<String>,
    code: Option<String>,
    #[serde(alias = "detail", alias = "error")]
    message: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Id {
    Text(String),
    Number(i64),
}

/// A post that an answer names.
struct Named {
    ext_id: String,
    ext_url: Option<String>,
}

impl Answer {
    fn read(response: &Response) -> Option<Self> {
        serde_json::from_slice(&response.body).ok()
    }

    fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The post, if the answer is about this key and names one.
    fn named(self, key: &str) -> Option<Named> {
        if self.key.is_some_and(|other| other != key) {
            return None;
        }
        let ext_id = match self.id? {
            Id::Text(id) => id,
            Id::Number(id) => id.to_string(),
        };
        if ext_id.is_empty() || ext_id.len() > ID_BYTES_MAX || ext_id.chars().any(char::is_control) {
            return None;
        }
        Some(Named { ext_id, ext_url: self.url.filter(|url| can_be_linked(url)) })
    }
}

/// An address that a page may link to: nothing but http and https, and no password in it.
fn can_be_linked(text: &str) -> bool {
    text.len() <= URL_BYTES_MAX
        && url::Url::parse(text).is_ok_and(|url| {
            matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none()
        })
}

/// What an answer to the POST means.
pub(super) fn to_post(answer: Result<Response, HttpError>, key: &str, now_ms: i64) -> Sent {
    let response = match answer {
        Ok(response) => response,
        Err(HttpError::NotSent(reason)) => return Sent::NotSent { reason, after_s: None },
        Err(error @ (HttpError::Unknown(_) | HttpError::TooLarge { .. })) => {
            return Sent::Unknown { reason: error.to_string() };
        }
    };
    let reason = words(&response);
    match response.status {
        200..=299 => done_or_unknown(Answer::read(&response), key, "it answered that it was taken, but names no post"),
        300..=399 => Sent::Rejected { reason: format!("{reason}: redirects are not followed; set the final URL") },
        401 => Sent::AuthExpired { reason },
        408 | 429 => Sent::RateLimited { reason, after_s: retry_after_s(&response, now_ms) },
        409 | 422 => match Answer::read(&response) {
            Some(answer) if answer.has_code("duplicate") => {
                done_or_unknown(Some(answer), key, "it is there already, but the answer names no post")
            }
            // 409 alone means that another request with this key is under way.
            _ if response.status == 409 => Sent::Unknown { reason },
            _ => Sent::Rejected { reason },
        },
        400..=499 => Sent::Rejected { reason },
        _ => Sent::Unknown { reason },
    }
}

fn done_or_unknown(answer: Option<Answer>, key: &str, otherwise: &str) -> Sent {
    match answer.and_then(|answer| answer.named(key)) {
        Some(Named { ext_id, ext_url }) => Sent::Done { ext_id, ext_url },
        None => Sent::Unknown { reason: otherwise.into() },
    }
}

/// What a second POST with the same key tells of the first. Only success does: whoever refuses the second may
/// not be whoever took the first (a gateway, a token that was changed, a new rule).
pub(super) fn to_second_post(sent: Sent) -> Found {
    match sent {
        Sent::Done { ext_id, ext_url } => Found::Live { ext_id, ext_url },
        Sent::NotSent { reason, .. }
        | Sent::RateLimited { reason, .. }
        | Sent::Rejected { reason }
        | Sent::AuthExpired { reason }
        | Sent::Unknown { reason } => Found::NotSure { reason },
    }
}

/// What an answer to the GET means.
pub(super) fn to_look_up(answer: Result<Response, HttpError>, key: &str) -> Found {
    let response = match answer {
        Ok(response) => response,
        Err(error) => return Found::NotSure { reason: error.to_string() },
    };
    let reason = words(&response);
    let answer = Answer::read(&response);
    match (response.status, answer) {
        (200..=299, Some(answer)) => match answer.named(key) {
            Some(Named { ext_id, ext_url }) => Found::Live { ext_id, ext_url },
            None => Found::NotSure { reason: "the answer names no post, or another one".into() },
        },
        (404, Some(answer)) if answer.has_code("not_found") => Found::Absent,
        (404, _) => Found::NotSure { reason: format!("{reason}, without the code `not_found`: does it have the GET?") },
        (410, _) => Found::NotSure { reason: "it was there, and was removed".into() },
        _ => Found::NotSure { reason },
    }
}

/// What an answer to the GET for a post that never was says of the endpoint.
pub(super) fn to_check(answer: Result<Response, HttpError>, oracle: RelayOracle) -> Result<String, String> {
    let response = answer.map_err(|error| format!("It cannot be reached: {error}."))?;
    let (said, answer) = (words(&response), Answer::read(&response));
    let knows_nothing = answer.is_some_and(|answer| answer.has_code("not_found"));
    match (response.status, oracle) {
        (404, _) if knows_nothing => Ok("It answers, takes the token, and looks posts up.".into()),
        (401 | 403, _) => {
            Err(format!("It does not take the token ({said}); the operator sets the variable relay_token."))
        }
        (300..=399, _) => {
            Err(format!("It is somewhere else ({said}); the operator sets the final address as relay_url."))
        }
        (408 | 429 | 500.., _) => Err(format!("It does not work now: {said}.")),
        (_, RelayOracle::Search) => Err(format!(
            "It has no look-up, which relay_oracle = search needs: asked for a post that never was, {said}."
        )),
        _ => Ok(format!(
            "It answers. It has no look-up ({said}), so whether it takes the token shows with the first post."
        )),
    }
}

/// The status and the endpoint's own words, cut short and without control characters.
fn words(response: &Response) -> String {
    let said = Answer::read(response).and_then(|answer| answer.message).unwrap_or_default();
    let said: String = said.chars().filter(|c| !c.is_control()).take(WORDS_CHARS_MAX).collect();
    if said.is_empty() {
        format!("it answered {}", response.status)
    } else {
        format!("it answered {}: {said}", response.status)
    }
}
