//! Claiming a fresh install.

use serde::{Deserialize, Serialize};
use serve::session::{self, Owner};
use serve::{App, Problem, Reply, Request, StatusCode};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Claim {
    setup_token: String,
    email: String,
    name: String,
    password: String,
    workspace: String,
}

#[derive(Serialize)]
struct Claimed {
    workspace_id: String,
    workspace: String,
}

/// `POST /setup`: makes the owner and signs them in. It works once, so that it needs no `Idempotency-Key`.
pub async fn claim(app: App<'_>, request: &Request) -> Result<Reply, Problem> {
    let sent: Claim = request.json()?;
    let owner = Owner { email: &sent.email, name: &sent.name, password: &sent.password, workspace: &sent.workspace };
    let cookie = session::claim(app, &from_a_program(request), &sent.setup_token, owner).await?;
    let workspace = store::people::workspace::first(app.ports.db).await?;
    let view = Claimed { workspace_id: workspace.id, workspace: workspace.name };
    Ok(Reply::json(StatusCode::CREATED, &view)?.with_cookie(&cookie).with_secret())
}

/// Browsers say where a request comes from, and are held to it; one that says nothing comes from a program, and
/// no page of another site can send JSON in its place.
fn from_a_program(request: &Request) -> Request {
    let says = request.header("origin").is_some() || request.header("sec-fetch-site").is_some();
    if says { request.clone() } else { request.clone().with_header("sec-fetch-site", "none") }
}
