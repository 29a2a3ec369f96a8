//! `Idempotency-Key`: a POST that is repeated with its key is executed once, and answered alike.

use http::{Method, StatusCode};
use store::idempotency::{self, Answer, Begun, Key};
use store::secret;

use crate::{App, Body, Caller, Problem, Reply, Request};

/// Longest key in bytes.
const KEY_BYTES_MAX: usize = 255;
/// When to ask again for a request that is under way, in seconds.
const ASK_AGAIN_S: u32 = 1;

/// Executes a request once for its key; without a key, or with another method than POST, every time.
///
/// Kept for 48 hours are answers of what was executed: success, and refusals that were decided (409, 412). Not kept
/// are refusals before anything was decided, failures of ours, and answers that show a secret: the key is free again.
pub async fn once(
    app: App<'_>,
    caller: &Caller,
    request: &Request,
    execute: impl AsyncFnOnce() -> Result<Reply, Problem>,
) -> Result<Reply, Problem> {
    let Some(key) = request.header("idempotency-key").filter(|_| request.method == Method::POST) else {
        return execute().await;
    };
    if key.is_empty() || key.len() > KEY_BYTES_MAX || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Problem::invalid("Idempotency-Key", format!("must be 1 to {KEY_BYTES_MAX} visible ASCII characters")));
    }
    let request_sha256 = fingerprint(caller, request);
    let key = Key { workspace_id: &caller.workspace_id, key, request_sha256: &request_sha256 };
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let until_ms = match idempotency::begin(db, pinned_ms, key).await? {
        Begun::First { until_ms } => until_ms,
        Begun::UnderWay => return Err(Problem::IdempotencyInFlight { after_s: ASK_AGAIN_S }),
        Begun::Mismatch => return Err(Problem::IdempotencyMismatch),
        Begun::Done(answer) => return replay(answer),
    };
    let outcome = execute().await;
    let outcome = match outcome {
        Err(problem) if is_decided(&problem) => Ok(problem.into_reply()),
        other => other,
    };
    // What was done stands, whether or not its answer can be kept.
    let kept = match outcome.as_ref().ok().and_then(keepable) {
        Some(answer) => idempotency::finish(db, pinned_ms, key, until_ms, &answer).await,
        None => idempotency::release(db, key, until_ms).await,
    };
    if let Err(error) = kept {
        eprintln!("the answer to an Idempotency-Key could not be kept: {error}");
    }
    outcome
}

/// Who asked for what. Another member's request is another request: what one may see, the other may not.
fn fingerprint(caller: &Caller, request: &Request) -> String {
    let body = secret::sha256_bytes(&request.body);
    let parts = [&caller.actor, request.method.as_str(), &request.path, request.raw_query(), &body];
    secret::sha256(&parts.join("\n"))
}

fn is_decided(problem: &Problem) -> bool {
    matches!(problem.status(), StatusCode::CONFLICT | StatusCode::PRECONDITION_FAILED)
}

fn keepable(reply: &Reply) -> Option<Answer> {
    let Body::Bytes(body) = &reply.body else { return None };
    if reply.secret || reply.status.is_server_error() || reply.header("set-cookie").is_some() {
        return None;
    }
    Some(Answer {
        status: reply.status.as_u16(),
        headers: serde_json::to_string(&reply.headers).ok()?,
        body: String::from_utf8(body.clone()).ok()?,
    })
}

fn replay(answer: Answer) -> Result<Reply, Problem> {
    let broken = |error: &dyn std::fmt::Display| Problem::Internal(anyhow::anyhow!("a kept answer cannot be read: {error}"));
    let mut reply = Reply::no_content();
    reply.status = StatusCode::from_u16(answer.status).map_err(|error| broken(&error))?;
    reply.headers = serde_json::from_str(&answer.headers).map_err(|error| broken(&error))?;
    reply.body = Body::Bytes(answer.body.into_bytes());
    Ok(reply.with_header("idempotency-replayed", "true"))
}
