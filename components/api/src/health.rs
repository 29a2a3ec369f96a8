//! How the install is: for load balancers and whoever watches. Nothing here is anybody's secret.

use serde::Serialize;
use serve::{App, Problem, Reply, Request, StatusCode};

#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    schema: i64,
    claimed: bool,
    oldest_due_s: i64,
    needs_human: i64,
}

/// `GET /health`. A database that does not answer is a problem, not a status of 200.
pub async fn show(app: App<'_>, _request: &Request) -> Result<Reply, Problem> {
    let health = store::job_list::health(app.ports.db, app.ports.clock.pinned_ms()).await?;
    let claimed = store::people::claim::is_claimed(app.ports.db).await?;
    let view = Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        schema: health.schema,
        claimed,
        oldest_due_s: health.oldest_due_ms / 1000,
        needs_human: health.needs_human,
    };
    Reply::json(StatusCode::OK, &view)
}
