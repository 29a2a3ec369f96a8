//! The workspace, its stop-everything switch, and who calls.

use domain::{Mode, Role, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, Via, revision};
use store::people::workspace::{self, Workspace};

use crate::call::Call;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    slug: String,
    paused: bool,
    mode: Mode,
    revision: i64,
}

impl From<Workspace> for View {
    fn from(workspace: Workspace) -> Self {
        let Workspace { id, name, slug, paused, mode, revision } = workspace;
        Self { id, name, slug, paused, mode, revision }
    }
}

#[derive(Serialize)]
struct Me<'a> {
    actor: &'a str,
    name: &'a str,
    role: Role,
    via: &'static str,
    /// What a browser's changes must send as `x-csrf-token`.
    csrf: Option<&'a str>,
    workspace: View,
}

/// `GET /me`.
pub async fn me(call: Call<'_>) -> Result<Reply, Problem> {
    let found = workspace::find(call.db(), call.workspace_id()).await?.ok_or_else(|| call.not_found("workspace"))?;
    let (via, csrf) = match &call.caller.via {
        Via::Session { csrf, .. } => ("session", Some(csrf.as_str())),
        Via::Token { .. } => ("token", None),
        Via::Operator => ("operator", None),
    };
    let (actor, name) = (call.actor(), call.caller.name.as_str());
    Reply::json(StatusCode::OK, &Me { actor, name, role: call.caller.role, via, csrf, workspace: found.into() })
}

/// `GET /workspace`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = workspace::find(call.db(), call.workspace_id()).await?.ok_or_else(|| call.not_found("workspace"))?;
    let revision = found.revision;
    Ok(Reply::json(StatusCode::OK, &View::from(found))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    mode: Mode,
}

/// `PUT /workspace/mode`. Repeating it changes nothing.
pub async fn switch(call: Call<'_>) -> Result<Reply, Problem> {
    let Switch { mode } = call.request.json()?;
    let found = workspace::set_mode(call.db(), call.pinned_ms(), call.workspace_id(), mode, call.actor()).await?;
    let reply = Reply::json(StatusCode::OK, &View::from(found.ok_or_else(|| call.not_found("workspace"))?))?;
    // What waited for the performance, and is within its grace, need not wait for the tick.
    Ok(if mode == Mode::Performance { reply.waking(&[Step::Publish]) } else { reply })
}

/// `PUT /workspace/pause`. Repeating it changes nothing.
pub async fn pause(call: Call<'_>) -> Result<Reply, Problem> {
    set(call, true).await
}

/// `DELETE /workspace/pause`. Repeating it changes nothing.
pub async fn resume(call: Call<'_>) -> Result<Reply, Problem> {
    Ok(set(call, false).await?.waking(Step::ALL))
}

async fn set(call: Call<'_>, paused: bool) -> Result<Reply, Problem> {
    let found = workspace::set_paused(call.db(), call.pinned_ms(), call.workspace_id(), paused, call.actor()).await?;
    Reply::json(StatusCode::OK, &View::from(found.ok_or_else(|| call.not_found("workspace"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewName {
    name: String,
}

/// `PATCH /workspace`: gives it another name. Its addresses stay.
pub async fn rename(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewName = call.request.json()?;
    let name = serve::fields::check_name("name", &sent.name)?;
    let revision = revision::if_match(call.request)?;
    let (workspace_id, actor) = (call.workspace_id(), call.actor());
    let renamed = workspace::rename(call.db(), call.pinned_ms(), workspace_id, revision, name, actor).await?;
    let view = View::from(renamed.ok_or(Problem::Stale)?);
    Ok(Reply::json(StatusCode::OK, &view)?.with_revision(view.revision))
}
