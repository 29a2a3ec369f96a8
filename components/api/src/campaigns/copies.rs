//! Another campaign like this one; putting one away, and taking it back.

use domain::Step;
use serde::Deserialize;
use serve::{Problem, Reply, StatusCode, copies, revision};
use store::campaign;

use super::{shown, valid_name};
use crate::call::Call;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Copy {
    /// The first day.
    start: String,
    name: Option<String>,
}

/// `POST /campaigns/{id}/copies`: the same brief, planned anew from another day on.
pub async fn copy(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Copy = call.request.json()?;
    let name = sent.name.as_deref().map(valid_name).transpose()?;
    let found = campaign::find_with_brief(call.db(), call.workspace_id(), call.id()).await?;
    let (campaign, brief) = found.ok_or_else(|| call.not_found("campaign"))?;
    let id = copies::begin(call.app, call.caller, (&campaign, brief), &sent.start, name).await?;
    let reply = shown(&call, &id, StatusCode::CREATED).await?;
    Ok(reply.with_header("location", &format!("/api/v1/campaigns/{id}")).waking(&[Step::Strategize]))
}

/// `PUT /campaigns/{id}/archive`: lists leave it out and nothing of it runs. Twice changes nothing. An `If-Match` is
/// heeded, and not required.
pub async fn archive(call: Call<'_>) -> Result<Reply, Problem> {
    put(&call, true).await
}

/// `DELETE /campaigns/{id}/archive`: takes it back; it stays paused. Twice changes nothing.
pub async fn unarchive(call: Call<'_>) -> Result<Reply, Problem> {
    put(&call, false).await
}

async fn put(call: &Call<'_>, away: bool) -> Result<Reply, Problem> {
    let revision = call.request.header("if-match").map(|_| revision::if_match(call.request)).transpose()?;
    let (db, at, of) = (call.db(), call.pinned_ms(), (call.workspace_id(), call.id()));
    let changed = if away {
        campaign::archive(db, at, of, revision, call.actor()).await?
    } else {
        campaign::unarchive(db, at, of, revision, call.actor()).await?
    };
    if !changed {
        let found = campaign::find(db, of.0, of.1).await?.ok_or_else(|| call.not_found("campaign"))?;
        if found.archived_at.is_some() != away {
            return Err(Problem::Stale);
        }
    }
    shown(call, call.id(), StatusCode::OK).await
}
