//! Approvals: decisions on posts, one by one or several at once, and what waits for one.

use domain::{Decision, Step};
use serde::{Deserialize, Serialize};
use serve::fields::check_comment;
use serve::{Problem, Reply, StatusCode};
use store::approval::{self, Approval, NewApproval};
use store::inbox::{self, Filter, Waiting, WaitingFor};

use crate::call::Call;
use crate::instant::{self, opt_rfc3339, rfc3339};
use crate::list;
use crate::posts;

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
    let comment = check_comment(sent.comment.as_deref(), sent.decision)?;
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
    match approval::decide(call.db(), call.pinned_ms(), &new).await {
        Ok(true) => {}
        Ok(false) => return Err(call.not_found("post")),
        Err(error) => return Err(serve::decided_by(call.app, call.workspace_id(), &post.id, error).await),
    }
    let made = approval::find(call.db(), call.workspace_id(), &id).await?.ok_or_else(|| call.not_found("approval"))?;
    let step = match sent.decision {
        Decision::SendBack => Step::Generate,
        // In time-lapse a dropped post lets the next one go.
        Decision::Approve | Decision::Reject => Step::Publish,
    };
    Ok(Reply::json(StatusCode::CREATED, &view(made))?.waking(&[step]))
}

/// One of several decisions: exactly what the caller saw.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    post_id: String,
    version: i64,
    sha256: String,
    channel_id: String,
    due_at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Several {
    decision: Decision,
    comment: Option<String>,
    items: Vec<Seen>,
}

/// What became of each.
#[derive(Serialize)]
struct Decided {
    /// How many were decided.
    decided: usize,
    /// How many were not.
    refused: usize,
    items: Vec<Fate>,
}

#[derive(Serialize)]
struct Fate {
    post_id: String,
    version: i64,
    approval_id: Option<String>,
    /// The problem's slug, and what it says; none where it was decided.
    problem: Option<&'static str>,
    detail: Option<String>,
}

/// Most decisions at once.
const ITEMS_MAX: usize = 200;

/// `POST /approvals`: each decision for itself, on exactly what was seen.
pub async fn create_several(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Several = call.request.json()?;
    let comment = check_comment(sent.comment.as_deref(), sent.decision)?;
    if sent.items.is_empty() || sent.items.len() > ITEMS_MAX {
        return Err(Problem::invalid("items", format!("must be 1 to {ITEMS_MAX}")));
    }
    let times: Vec<i64> =
        sent.items.iter().map(|seen| instant::parse("items.due_at", &seen.due_at)).collect::<Result<_, _>>()?;
    let mut items = Vec::new();
    for (seen, due_at) in sent.items.into_iter().zip(times) {
        let id = serve::id(call.app);
        let new = NewApproval {
            workspace_id: call.workspace_id(),
            id: &id,
            post_id: &seen.post_id,
            version: seen.version,
            content_sha256: &seen.sha256,
            channel_id: &seen.channel_id,
            due_at,
            decision: sent.decision,
            comment,
            actor: call.actor(),
        };
        let problem = match approval::decide(call.db(), call.pinned_ms(), &new).await {
            Ok(true) => None,
            Ok(false) => Some(Problem::NotFound { what: "post", id: seen.post_id.clone() }),
            Err(error) => Some(serve::decided_by(call.app, call.workspace_id(), &seen.post_id, error).await),
        };
        items.push(Fate {
            post_id: seen.post_id,
            version: seen.version,
            approval_id: problem.is_none().then_some(id),
            problem: problem.as_ref().map(Problem::slug),
            detail: problem.map(|problem| problem.to_string()),
        });
    }
    let decided = items.iter().filter(|fate| fate.problem.is_none()).count();
    let several = Decided { decided, refused: items.len() - decided, items };
    Ok(Reply::json(StatusCode::OK, &several)?.waking(&[Step::Generate, Step::Publish]))
}

#[derive(Serialize)]
struct WaitingView {
    kind: &'static str,
    since: String,
    campaign_id: String,
    campaign_name: String,
    version: i64,
    sha256: Option<String>,
    /// It has waited longer than its policy says.
    overdue: bool,
    /// Owners and admins were told.
    escalated: bool,
    assigned_to: Option<String>,
    /// Whether the caller could decide now.
    for_me: bool,
    post_id: Option<String>,
    state: Option<domain::PostState>,
    title: Option<String>,
    channel_id: Option<String>,
    channel: Option<String>,
    planned_local: Option<String>,
    due_at: Option<String>,
    reason: Option<String>,
    /// How many of the approvals that are needed stand.
    approvals_given: Option<i64>,
    approvals_needed: Option<i64>,
}

/// `GET /approvals`.
pub async fn waiting(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let filter = match call.request.query("waiting_for") {
        None | Some("everyone") => Filter::Everything,
        Some("me") => Filter::ForMe,
        Some("overdue") => Filter::Overdue,
        Some(_) => return Err(Problem::invalid("waiting_for", "must be `me`, `everyone` or `overdue`")),
    };
    let asked = (call.actor(), filter);
    let rows = inbox::list(call.db(), call.workspace_id(), asked, after.as_ref(), page.limit + 1).await?;
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
        overdue: row.is_overdue,
        escalated: row.is_escalated,
        assigned_to: row.assigned_to,
        for_me: row.for_me,
        post_id: None,
        state: None,
        title: None,
        channel_id: None,
        channel: None,
        planned_local: None,
        due_at: None,
        reason: None,
        approvals_given: None,
        approvals_needed: None,
    };
    match row.what {
        WaitingFor::Strategy => strategy,
        WaitingFor::Post {
            post_id,
            state,
            title,
            channel_id,
            channel_name,
            planned_local,
            due_at,
            reason,
            given,
            needed,
            ..
        } => WaitingView {
            kind: "post",
            post_id: Some(post_id),
            state: Some(state),
            title,
            channel_id: Some(channel_id),
            channel: Some(channel_name),
            planned_local: Some(planned_local),
            due_at: Some(rfc3339(due_at)),
            reason,
            approvals_given: Some(given),
            approvals_needed: Some(needed),
            ..strategy
        },
    }
}
