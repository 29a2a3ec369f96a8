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

/// Most tokens of the answer to [`small_talk`].
pub const SMALL_TALK_TOKENS: u32 = 16;

/// The smallest question: it shows that the address, the key and the model are right.
pub fn small_talk() -> Value {
    serde_json::json!([{ "role": "user", "content": "Say ok." }])
}

/// Posts JSON and gives the answer of any status, without the key wherever it is repeated: what nobody reads, nobody
/// keeps.
pub async fn post(
    http: &dyn Http,
    to: (String, &Secret),
    headers: Vec<(String, String)>,
    body: &Value,
    timeouts: Timeouts,
) -> Result<Response, ModelError> {
    post_for(http, to, headers, body, (timeouts, RESPONSE_BYTES_MAX)).await
}

/// The same, for an answer of so many bytes at most.
pub async fn post_for(
    http: &dyn Http,
    (url, key): (String, &Secret),
    mut headers: Vec<(String, String)>,
    body: &Value,
    (timeouts, response_bytes_max): (Timeouts, usize),
) -> Result<Response, ModelError> {
    headers.push(("content-type".into(), "application/json".into()));
    headers.push(("accept".into(), "application/json".into()));
    let body = body.to_string().into_bytes();
    let request = Request { method: "POST", url, headers, body, timeouts, response_bytes_max };
    http.send(request).await.map(|response| key.cut_from(response)).map_err(|error| match error {
        HttpError::NotSent(reason) => {
            ModelError::Unreachable { reason: excerpt(&key.scrub(&reason), REASON_CHARS_MAX) }
        }
        HttpError::Unknown(reason) => ModelError::NoAnswer { reason: excerpt(&key.scrub(&reason), REASON_CHARS_MAX) },
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
    let after_s = retry_after_s(response).or_else(|| rest_s(response, 0));
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

/// Longest rest that a bucket's headers lead to, in seconds: they tell when it is full again, not when it has room.
const REST_S_MAX: u32 = 60;

/// How long the provider has no room for another call of so many tokens, by its headers; nothing where it has, or
/// does not say.
pub fn rest_s(response: &Response, tokens: u64) -> Option<u32> {
    let buckets = [
        ("x-ratelimit-remaining-requests", "x-ratelimit-reset-requests", 1),
        ("x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", tokens.max(1)),
        ("anthropic-ratelimit-requests-remaining", "anthropic-ratelimit-requests-reset", 1),
        ("anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset", tokens.max(1)),
        ("anthropic-ratelimit-input-tokens-remaining", "anthropic-ratelimit-input-tokens-reset", 1),
        ("anthropic-ratelimit-output-tokens-remaining", "anthropic-ratelimit-output-tokens-reset", 1),
    ];
    let rest = |(remaining, reset, needed): (&str, &str, u64)| {
        let left: u64 = response.header(remaining)?.trim().parse().ok()?;
        let reset = response.header(reset).and_then(|text| reset_s(text, response));
        (left < needed).then(|| (reset.unwrap_or(1.0).ceil() as u32).clamp(1, REST_S_MAX))
    };
    buckets.into_iter().filter_map(rest).max()
}

/// `1s`, `6m0s`, `120ms`, or a time against the server's own clock.
fn reset_s(text: &str, response: &Response) -> Option<f64> {
    if let Ok(until) = text.trim().parse::<Timestamp>() {
        let now = jiff::fmt::rfc2822::parse(response.header("date")?).ok()?.timestamp();
        return Some(until.duration_since(now).as_secs_f64().max(0.0));
    }
    let mut rest = text.trim();
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic())?;
        let number: f64 = rest[..unit].parse().ok().filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
        let after = rest[unit..].find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |at| unit + at);
        seconds += number
            * match &rest[unit..after] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                _ => return None,
            };
        rest = &rest[after..];
    }
    Some(seconds)
}

/// What a call took altogether, in tokens, as the next one like it will.
pub fn tokens(spent: Option<&crate::model::Spent>) -> u64 {
    spent.map_or(0, |spent| spent.usage.input_tokens + spent.usage.output_tokens)
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

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::canned::{Canned, KEY, answer};

    fn check(headers: &[(&str, &str)], tokens: u64, expect: Option<u32>) {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        assert_eq!(rest_s(&Response { status: 200, headers, body: Vec::new() }, tokens), expect);
    }

    #[test]
    fn a_bucket_that_is_empty_or_too_small_for_the_next_call_asks_for_a_rest() {
        let requests = |left, reset| [("x-ratelimit-remaining-requests", left), ("x-ratelimit-reset-requests", reset)];
        check(&requests("0", "6.2s"), 10, Some(7));
        check(&requests("1", "6.2s"), 10, None);
        check(&requests("0", "120ms"), 10, Some(1));
        check(&requests("0", "6m0s"), 10, Some(60));
        check(&requests("0", "soon"), 10, Some(1));
        check(&requests("many", "6s"), 10, None);
        let tokens = |left, reset| [("x-ratelimit-remaining-tokens", left), ("x-ratelimit-reset-tokens", reset)];
        check(&tokens("999", "2s"), 1_000, Some(2));
        check(&tokens("1000", "2s"), 1_000, None);
        let until = [
            ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2027-01-15T08:00:30Z"),
            ("date", "Fri, 15 Jan 2027 08:00:00 GMT"),
        ];
        check(&until, 10, Some(30));
        check(&[], 10, None);
    }

    fn sent(answer: Result<Response, HttpError>) -> Result<Response, ModelError> {
        let (wire, key) = (Canned::new([answer]), Secret::new(KEY));
        block_on(post(&wire, ("https://m.example".into(), &key), Vec::new(), &small_talk(), TIMEOUTS))
    }

    #[test]
    fn a_provider_that_repeats_the_key_is_read_without_it_and_the_rest_stays() {
        let said = format!(r#"{{"error": {{"message": "marker: {KEY} is wrong, Bearer {KEY}", "code": "{KEY}"}}}}"#);
        for status in [200, 400, 401, 429, 500] {
            let repeated = answer(status, &[("x-request-id", KEY), ("server", "marker")], said.clone());
            // The control: it does come over the wire.
            assert!(repeated.as_ref().is_ok_and(|raw| String::from_utf8_lossy(&raw.body).contains(KEY)));
            let read = sent(repeated).unwrap();
            let whole = format!("{:?} {}", read.headers, String::from_utf8_lossy(&read.body));
            assert!(!whole.contains(KEY), "{status}: {whole}");
            assert_eq!((whole.matches("marker").count(), whole.matches("[key]").count()), (2, 4), "{whole}");
            let told =
                format!("{:?} {:?}", failure(&read, &Secret::new(KEY), |_| false), body(&read, &Secret::new(KEY)));
            assert!(!told.contains(KEY), "{status}: {told}");
        }
    }

    #[test]
    fn a_wire_that_breaks_tells_no_key_either() {
        let reason = format!("cannot reach https://m.example/?key={KEY}");
        for error in [HttpError::NotSent(reason.clone()), HttpError::Unknown(reason.clone())] {
            let told = format!("{:?}", sent(Err(error)).unwrap_err());
            assert!(!told.contains(KEY) && told.contains("[key]"), "{told}");
        }
    }
}
