//! The workspace, its stop-everything switch, and who calls.

use domain::{Role, Step};
use serde::Serialize;
use serve::{Problem, Reply, StatusCode, Via};
use store::people::workspace::{self, Workspace};

use crate::call::Call;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    slug: String,
    paused: bool,
}

impl From<Workspace> for View {
    fn from(workspace: Workspace) -> Self {
        Self { id: workspace.id, name: workspace.name, slug: workspace.slug, paused: workspace.paused }
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
        Via::Token => ("token", None),
        Via::Operator => ("operator", None),
    };
    let (actor, name) = (call.actor(), call.caller.name.as_str());
    Reply::json(StatusCode::OK, &Me { actor, name, role: call.caller.role, via, csrf, workspace: found.into() })
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
    let found = workspace::set_paused(call.db(), call.workspace_id(), paused).await?;
    Reply::json(StatusCode::OK, &View::from(found.ok_or_else(|| call.not_found("workspace"))?))
}
