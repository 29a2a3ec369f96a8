//! Approvals: decisions on posts, and what waits for one.

use domain::{Decision, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode};
use store::approval::{self, Approval, NewApproval, Waiting, WaitingFor};

use crate::call::Call;
use crate::instant::{self, opt_rfc3339, rfc3339};
use crate::list;
use crate::posts;
use crate::strategies::valid_comment;

/// A decision, on the wire.
#[derive(Serialize)]
pub struct ApprovalView {
    id: String,
    post_id: String,
    version: i64,
    sha256: String,
    channel_id: String,
    due_at: String,
    decision: Decision,
    comment: Option<String>,
    user_id: String,
    user_name: Option<String>,
    at: String,
    revoked_at: Option<String>,
}

/// A decision, as it is shown.
pub fn view(approval: Approval) -> ApprovalView {
    ApprovalView {
        id: approval.id,
        post_id: approval.post_id,
        version: approval.version,
        sha256: approval.content_sha256,
        channel_id: approval.channel_id,
        due_at: rfc3339(approval.due_at),
        decision: approval.decision,
        comment: approval.comment,
        user_id: approval.user_id,
        user_name: approval.user_name,
        at: rfc3339(approval.at),
        revoked_at: opt_rfc3339(approval.revoked_at),
    }
}

/// `GET /posts/{id}/approvals`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = approval::list(call.db(), call.workspace_id(), call.id(), after.as_ref(), page.limit + 1).await?;
    posts::must_exist_if_empty(&call, &rows).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    version: i64,
    decision: Decision,
    comment: Option<String>,
    /// What the caller saw; without it, what is current with that version.
    sha256: Option<String>,
    /// When the caller saw it planned; without it, when it is planned now.
    due_at: Option<String>,
}

/// `POST /posts/{id}/approvals`: binds to this content, channel and time.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let comment = valid_comment(sent.comment.as_deref(), sent.decision)?;
    let due_at = sent.due_at.as_deref().map(|text| instant::parse("due_at", text)).transpose()?;
    let post = posts::find(&call).await?;
    if post.version != sent.version {
        return Err(Problem::Superseded);
    }
    // A post whose writing failed has no version yet: it may be sent back or dropped, not approved.
    let current_sha256 = match post.current {
        Some(current) => current.sha256,
        None if sent.decision == Decision::Approve => return Err(Problem::WrongState),
        None => String::new(),
    };
    let id = serve::id(call.app);
    let new = NewApproval {
        workspace_id: call.workspace_id(),
        id: &id,
        post_id: &post.id,
        version: sent.version,
        content_sha256: sent.sha256.as_deref().unwrap_or(&current_sha256),
        channel_id: &post.channel_id,
        due_at: due_at.unwrap_or(post.due_at),
        decision: sent.decision,
        comment,
        actor: call.actor(),
    };
    if !approval::decide(call.db(), call.pinned_ms(), &new).await? {
        return Err(call.not_found("post"));
    }
    let made = approval::find(call.db(), call.workspace_id(), &id).await?.ok_or_else(|| call.not_found("approval"))?;
    let step = match sent.decision {
        Decision::SendBack => Step::Generate,
        // In time-lapse a dropped post lets the next one go.
        Decision::Approve | Decision::Reject => Step::Publish,
    };
    Ok(Reply::json(StatusCode::CREATED, &view(made))?.waking(&[step]))
}

#[derive(Serialize)]
struct WaitingView {
    kind: &'static str,
    since: String,
    campaign_id: String,
    campaign_name: String,
    version: i64,
    sha256: Option<String>,
    post_id: Option<String>,
    state: Option<domain::PostState>,
    title: Option<String>,
    channel: Option<String>,
    planned_local: Option<String>,
    due_at: Option<String>,
    reason: Option<String>,
}

/// `GET /approvals`.
pub async fn waiting(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = approval::waiting(call.db(), call.workspace_id(), after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), waiting_view)
}

fn waiting_view(row: Waiting) -> WaitingView {
    let strategy = WaitingView {
        kind: "strategy",
        since: rfc3339(row.since),
        campaign_id: row.campaign_id,
        campaign_name: row.campaign_name,
        version: row.version,
        sha256: row.sha256,
        post_id: None,
        state: None,
        title: None,
        channel: None,
        planned_local: None,
        due_at: None,
        reason: None,
    };
    match row.what {
        WaitingFor::Strategy => strategy,
        WaitingFor::Post { post_id, state, title, channel_name, planned_local, due_at, reason } => WaitingView {
            kind: "post",
            post_id: Some(post_id),
            state: Some(state),
            title,
            channel: Some(channel_name),
            planned_local: Some(planned_local),
            due_at: Some(rfc3339(due_at)),
            reason,
            ..strategy
        },
    }
}
