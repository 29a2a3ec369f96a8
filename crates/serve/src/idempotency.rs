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
        return Err(Problem::invalid(
            "Idempotency-Key",
            format!("must be 1 to {KEY_BYTES_MAX} visible ASCII characters"),
        ));
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
    let broken =
        |error: &dyn std::fmt::Display| Problem::Internal(anyhow::anyhow!("a kept answer cannot be read: {error}"));
    let mut reply = Reply::no_content();
    reply.status = StatusCode::from_u16(answer.status).map_err(|error| broken(&error))?;
    reply.headers = serde_json::from_str(&answer.headers).map_err(|error| broken(&error))?;
    reply.body = Body::Bytes(answer.body.into_bytes());
    Ok(reply.with_header("idempotency-replayed", "true"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use domain::{Role, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::Via;
    use crate::testing::World;

    fn caller(world: &World, actor: &str) -> Caller {
        let workspace = block_on(store::people::workspace::first(&world.db)).unwrap();
        Caller {
            workspace_id: workspace.id,
            actor: actor.into(),
            name: "x".into(),
            role: Role::Owner,
            via: Via::Token { scopes: None, person: None },
        }
    }

    fn post(body: &str) -> Request {
        Request::new(Method::POST, "/campaigns")
            .unwrap()
            .with_body("application/json", body)
            .with_header("idempotency-key", "k1")
    }

    /// Asks once; answers the reply and whether the handler ran.
    fn ask(world: &World, actor: &str, request: &Request, outcome: Result<Reply, Problem>) -> (Reply, bool) {
        let ran = Cell::new(false);
        let reply = block_on(once(world.app(), &caller(world, actor), request, async || {
            ran.set(true);
            outcome
        }));
        (reply.unwrap_or_else(Problem::into_reply), ran.get())
    }

    fn created() -> Result<Reply, Problem> {
        Ok(Reply::json(StatusCode::CREATED, &"c1")?
            .with_header("location", "/campaigns/c1")
            .waking(&[Step::Strategize]))
    }

    #[test]
    fn a_repeated_request_is_executed_once_and_answered_alike() {
        let world = World::with(&[]);
        let (first, ran) = ask(&world, "ada", &post("{}"), created());
        assert!(ran && first.header("idempotency-replayed").is_none());
        let (second, ran) = ask(&world, "ada", &post("{}"), Err(Problem::WrongState));
        assert!(!ran);
        assert_eq!((second.status, second.text()), (first.status, first.text()));
        assert_eq!(second.header("location"), Some("/campaigns/c1"));
        assert_eq!(second.header("idempotency-replayed"), Some("true"));
        assert!(second.wakes.is_empty());
    }

    #[test]
    fn without_a_key_every_request_is_executed() {
        let world = World::with(&[]);
        let request = Request::new(Method::POST, "/campaigns").unwrap();
        assert!(ask(&world, "ada", &request, created()).1);
        assert!(ask(&world, "ada", &request, created()).1);
    }

    #[test]
    fn the_same_key_with_another_body_or_caller_is_refused() {
        let world = World::with(&[]);
        ask(&world, "ada", &post("{}"), created());
        for (actor, body) in [("ada", "{ }"), ("token:1", "{}")] {
            let (reply, ran) = ask(&world, actor, &post(body), created());
            assert_eq!((reply.status.as_u16(), ran), (422, false));
            assert!(reply.text().contains("/problems/idempotency-mismatch"));
        }
    }

    #[test]
    fn while_the_first_is_under_way_the_second_is_told_when_to_ask_again() {
        let world = World::with(&[]);
        let ada = caller(&world, "ada");
        let request = post("{}");
        let outer = block_on(once(world.app(), &ada, &request, async || {
            let inner = once(world.app(), &ada, &request, async || panic!("executed twice")).await;
            let inner = inner.unwrap_err().into_reply();
            assert_eq!((inner.status.as_u16(), inner.header("retry-after")), (409, Some("1")));
            created()
        }));
        assert_eq!(outer.unwrap().status, StatusCode::CREATED);
    }

    #[test]
    fn a_request_that_was_cut_off_can_be_repeated_a_minute_later() {
        let world = World::with(&[]);
        let ada = caller(&world, "ada");
        let sha256 = fingerprint(&ada, &post("{}"));
        let key = Key { workspace_id: &ada.workspace_id, key: "k1", request_sha256: &sha256 };
        block_on(idempotency::begin(&world.db, world.app().ports.clock.pinned_ms(), key)).unwrap();
        assert!(!ask(&world, "ada", &post("{}"), created()).1);
        world.clock.advance(idempotency::UNDER_WAY_MS);
        assert!(ask(&world, "ada", &post("{}"), created()).1);
    }

    #[test]
    fn what_was_not_executed_or_broke_on_our_side_is_not_kept() {
        let world = World::with(&[]);
        for problem in [
            Problem::invalid("goal", "is empty"),
            Problem::Busy { after_s: 1 },
            Problem::Internal(anyhow::anyhow!("cause")),
            Problem::Unauthorized { complaint: "x" },
        ] {
            assert!(ask(&world, "ada", &post("{}"), Err(problem)).1);
        }
        let (reply, ran) = ask(&world, "ada", &post("{}"), created());
        assert_eq!((reply.status, ran), (StatusCode::CREATED, true));
    }

    #[test]
    fn a_decided_refusal_is_kept() {
        let world = World::with(&[]);
        ask(&world, "ada", &post("{}"), Err(Problem::AlreadyDecided));
        let (reply, ran) = ask(&world, "ada", &post("{}"), created());
        assert_eq!((reply.status.as_u16(), ran), (409, false));
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
    }

    #[test]
    fn an_answer_that_shows_a_secret_is_never_written_down() {
        let world = World::with(&[]);
        let secret = || Ok(Reply::json(StatusCode::CREATED, &"token-value")?.with_secret());
        assert!(ask(&world, "ada", &post("{}"), secret()).1);
        let rows = world.db.run("select 1 from idempotency where body like '%token-value%'", &[]).unwrap();
        assert!(rows.is_empty());
        ask(&world, "ada", &post("{\"kept\":1}"), Ok(Reply::json(StatusCode::CREATED, &"plain-value").unwrap()));
        let rows = world.db.run("select 1 from idempotency where body like '%plain-value%'", &[]).unwrap();
        assert_eq!(rows.len(), 1, "what is not secret is");
    }

    #[test]
    fn an_answer_is_kept_for_two_days_and_then_swept() {
        let world = World::with(&[]);
        ask(&world, "ada", &post("{}"), created());
        world.clock.advance(idempotency::KEPT_MS - 1);
        assert!(!ask(&world, "ada", &post("{}"), created()).1);
        let sweep = || block_on(idempotency::sweep(&world.db, world.app().ports.clock.pinned_ms()));
        assert_eq!(sweep(), Ok(0));
        world.clock.advance(1);
        assert_eq!(sweep(), Ok(1));
        assert!(ask(&world, "ada", &post("{}"), created()).1);
    }

    #[test]
    fn a_key_that_cannot_be_one_is_refused() {
        let world = World::with(&[]);
        for key in ["", "a b", "ü", &"x".repeat(256)] {
            let request = Request::new(Method::POST, "/").unwrap().with_header("idempotency-key", key);
            let (reply, ran) = ask(&world, "ada", &request, created());
            assert_eq!((reply.status.as_u16(), ran), (422, false), "{key}");
        }
    }
}
