//! `/floor` opens SQLite and runs one SELECT; `/noop` works no-op jobs through the real engine until none is left.
#![cfg(target_arch = "wasm32")]
#![expect(unsafe_code, reason = "spin-sdk's export macro writes it")]

use domain::Step;
use engine::{Limits, Outcome, Work, drain};
use futures::SinkExt;
use ports::spin::{SpinClock, SpinDb, SpinEntropy, SpinHttp};
use ports::{Db, NoWake, Ports};
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};
use spin_sdk::http_component;
use store::job::Claimed;

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    let path = request.path_with_query().unwrap_or_default();
    let answer = match SpinDb::open() {
        Ok(db) if path.starts_with("/noop") => work(&db).await,
        Ok(db) => select(&db).await,
        Err(error) => error.to_string(),
    };
    let headers = Fields::new();
    let _ = headers.append(&"content-length".to_string(), &answer.len().to_string().into_bytes());
    let response = OutgoingResponse::new(headers);
    let mut body = response.take_body();
    let _ = body.send(answer.into_bytes()).await;
    drop(body);
    out.set(response);
}

async fn select(db: &SpinDb) -> String {
    match db.execute("select id from workspace limit 1", &[]).await {
        Ok(rows) => format!("{} row", rows.len()),
        Err(error) => error.to_string(),
    }
}

async fn work(db: &SpinDb) -> String {
    let clock = SpinClock::start();
    let ports = Ports { db, http: &SpinHttp, clock: &clock, entropy: &SpinEntropy, wake: &NoWake };
    match drain(&ports, &Noop, Limits { batch: 64, budget_ms: 60_000 }).await {
        Ok(drained) => format!("{} jobs", drained.finished),
        Err(error) => error.to_string(),
    }
}

struct Noop;

#[async_trait::async_trait(?Send)]
impl Work for Noop {
    fn step(&self) -> Step {
        Step::Generate
    }

    fn lease_ms(&self) -> i64 {
        60_000
    }

    async fn work(&self, _ports: &Ports<'_>, _job: &Claimed, _deadline_ms: i64) -> Outcome {
        Outcome::Done(serde_json::Value::Null)
    }
}
