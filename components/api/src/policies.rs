//! Approval policies: a workspace's, and a campaign's own.

use domain::brief::Complaint;
use domain::policy::{Policy, PolicyKind, Round};
use domain::{Action, PolicyKind as Kind};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, revision};
use store::people::member;
use store::policy::{self, Kept};

use crate::call::Call;
use crate::instant::rfc3339;

#[derive(Serialize)]
struct View {
    kind: PolicyKind,
    rounds: Vec<Round>,
    author_may_approve: bool,
    remind_after_h: Option<u32>,
    escalate_after_h: Option<u32>,
    changed_by: Option<String>,
    updated_at: Option<String>,
    revision: i64,
}

fn view(kept: Option<Kept>) -> View {
    let (policy, revision, changed) = match kept {
        Some(kept) => (kept.policy, kept.revision, Some((kept.changed_by, rfc3339(kept.updated_at)))),
        // A campaign that never had one.
        None => (policy::inherited(), 0, None),
    };
    let (changed_by, updated_at) = changed.unzip();
    View {
        kind: policy.kind,
        rounds: policy.rounds,
        author_may_approve: policy.author_may_approve,
        remind_after_h: policy.remind_after_h,
        escalate_after_h: policy.escalate_after_h,
        changed_by,
        updated_at,
        revision,
    }
}

/// The campaign that the path names; none where it is about the workspace.
async fn campaign<'a>(call: &Call<'a>) -> Result<Option<&'a str>, Problem> {
    let Some(id) = call.names.first().copied() else { return Ok(None) };
    let found = store::campaign::find(call.db(), call.workspace_id(), id).await?;
    found.map(|_| Some(id)).ok_or_else(|| call.not_found("campaign"))
}

/// `GET /approval-policy`, `GET /campaigns/{id}/approval-policy`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let of = campaign(&call).await?;
    let view = view(policy::find(call.db(), call.workspace_id(), of).await?);
    let revision = view.revision;
    Ok(Reply::json(StatusCode::OK, &view)?.with_revision(revision))
}

/// A form names these by themselves; in a body they are in rounds.
fn of_rounds(complaint: Complaint) -> Complaint {
    let field = match complaint.field.as_str() {
        name @ ("needed" | "people") => format!("rounds.{name}"),
        "client" => "rounds".into(),
        other => other.into(),
    };
    Complaint { field, ..complaint }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    kind: PolicyKind,
    #[serde(default)]
    rounds: Vec<Round>,
    #[serde(default)]
    author_may_approve: bool,
    remind_after_h: Option<u32>,
    escalate_after_h: Option<u32>,
}

/// `PUT /approval-policy`, `PUT /campaigns/{id}/approval-policy`. What was approved under the old one waits again.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Sent = call.request.json()?;
    let of = campaign(&call).await?;
    if of.is_none() && sent.kind == Kind::Inherit {
        return Err(Problem::invalid("kind", "of a workspace cannot be `inherit`; only a campaign inherits"));
    }
    let policy = Policy {
        kind: sent.kind,
        rounds: sent.rounds,
        author_may_approve: sent.author_may_approve,
        remind_after_h: sent.remind_after_h,
        escalate_after_h: sent.escalate_after_h,
    };
    let members = member::list(call.db(), call.workspace_id()).await?;
    let able: Vec<String> =
        members.into_iter().filter(|one| one.role.may(Action::Approve)).map(|one| one.user_id).collect();
    let complaints = policy.complaints(&able);
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints.into_iter().map(of_rounds).collect()));
    }
    let at = (call.workspace_id(), of, revision);
    if !policy::set(call.db(), call.pinned_ms(), at, &policy, call.actor()).await? {
        return Err(Problem::Stale);
    }
    show(call).await
}
