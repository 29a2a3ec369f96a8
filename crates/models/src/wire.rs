//! What both providers' wires have in common: limits, sending, and reading a failure.

use jiff::Timestamp;
use ports::{Http, HttpError, Request, Response, Timeouts};
use serde_json::Value;

use crate::model::{ModelError, Usage};
use crate::settings::Secret;
use crate::untrusted::excerpt;

/// Most milliseconds to connect.
pub const CONNECT_MS: u32 = 5_000;
/// Most milliseconds to the first byte: a model thinks before it speaks.
pub const FIRST_BYTE_MS: u32 = 60_000;
/// Most milliseconds between two pieces of an answer.
pub const BETWEEN_BYTES_MS: u32 = 15_000;
/// Most bytes of an answer.
pub const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// Longest wait that a provider can ask for, in seconds.
const RETRY_AFTER_S_MAX: u32 = 24 * 3600;
/// Longest excerpt of a provider's words, in characters.
const REASON_CHARS_MAX: usize = 300;

/// Time-outs as they are unless set.
pub const TIMEOUTS: Timeouts =
    Timeouts { connect_ms: CONNECT_MS, first_byte_ms: FIRST_BYTE_MS, between_bytes_ms: BETWEEN_BYTES_MS };

/// Posts JSON and gives the answer of any status.
pub async fn post(
    http: &dyn Http,
    url: String,
    mut headers: Vec<(String, String)>,
    body: &Value,
    timeouts: Timeouts,
) -> Result<Response, ModelError> {
    headers.push(("content-type".into(), "application/json".into()));
    headers.push(("accept".into(), "application/json".into()));
    let body = body.to_string().into_bytes();
    let request = Request { method: "POST", url, headers, body, timeouts, response_bytes_max: RESPONSE_BYTES_MAX };
    http.send(request).await.map_err(|error| match error {
        HttpError::NotSent(reason) => ModelError::Unreachable { reason: excerpt(&reason, REASON_CHARS_MAX) },
        HttpError::Unknown(reason) => ModelError::NoAnswer { reason: excerpt(&reason, REASON_CHARS_MAX) },
        error @ HttpError::TooLarge { .. } => ModelError::Unusable { reason: error.to_string(), spent: None },
    })
}

/// The body of a success as JSON. An error inside it, or no JSON, is [`ModelError::Unusable`].
pub fn body(response: &Response, key: &Secret) -> Result<Value, ModelError> {
    let unusable =
        |reason: String| ModelError::Unusable { reason: key.scrub(&excerpt(&reason, REASON_CHARS_MAX)), spent: None };
    let value: Value =
        serde_json::from_slice(&response.body).map_err(|error| unusable(format!("the body is no JSON: {error}")))?;
    match value.get("error") {
        None | Some(Value::Null) => Ok(value),
        Some(error) => Err(unusable(format!("a success that holds an error: {}", message(error)))),
    }
}

/// What a status other than 200 means. `quota` says whether the body tells of an empty account.
pub fn failure(response: &Response, key: &Secret, quota: impl Fn(&Value) -> bool) -> ModelError {
    let body: Value = serde_json::from_slice(&response.body).unwrap_or(Value::Null);
    let error = body.get("error").unwrap_or(&body);
    let after_s = retry_after_s(response);
    match response.status {
        402 => ModelError::QuotaSpent,
        status if (400..=499).contains(&status) && quota(error) => ModelError::QuotaSpent,
        429 => ModelError::RateLimited { after_s },
        status @ (401 | 403) => ModelError::Auth { status },
        // The provider itself says that it could not.
        500 | 503 | 529 => ModelError::Overloaded { after_s },
        // Somebody between stopped waiting; the model may have answered, and be paid for it.
        status @ (408 | 499 | 502 | 504 | 520..=528) => ModelError::NoAnswer { reason: format!("status {status}") },
        status @ 300..=399 => {
            ModelError::BadRequest { status, reason: "it is somewhere else; set `model_base_url`".into() }
        }
        status => ModelError::BadRequest { status, reason: key.scrub(&excerpt(&message(error), REASON_CHARS_MAX)) },
    }
}

/// The provider's own words in an `error`, which is an object or, at some servers, a text.
pub fn message(error: &Value) -> String {
    let text = error.get("message").unwrap_or(error);
    text.as_str().map_or_else(|| text.to_string(), Into::into)
}

/// `Retry-After` in seconds, rounded up: a number, or a date against the server's own clock.
fn retry_after_s(response: &Response) -> Option<u32> {
    let seconds = |text: &str| text.trim().parse::<f64>().ok().filter(|seconds| seconds.is_finite() && *seconds >= 0.0);
    let from_ms = response.header("retry-after-ms").and_then(seconds).map(|ms| ms / 1000.0);
    let stated = response.header("retry-after");
    let until_date = || {
        let instant = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|time| time.timestamp());
        let until: Timestamp = instant(stated?)?;
        let now = instant(response.header("date")?)?;
        Some(until.duration_since(now).as_secs_f64().max(0.0))
    };
    let after_s = from_ms.or_else(|| stated.and_then(seconds)).or_else(until_date)?;
    Some((after_s.ceil() as u32).min(RETRY_AFTER_S_MAX))
}

/// A header that names the call, for the provider's support.
pub fn request_id(response: &Response) -> Option<String> {
    let id = response.header("x-request-id").or_else(|| response.header("request-id"))?;
    Some(excerpt(id, 100))
}

/// A count in a JSON object; absent is zero.
pub fn count(value: &Value, pointer: &str) -> u64 {
    value.pointer(pointer).and_then(Value::as_u64).unwrap_or(0)
}

/// Nothing, for a server that fills its usage with zeros: a question has at least a token.
pub fn is_told(usage: Usage) -> Option<()> {
    (usage.input_tokens > 0).then_some(())
}
