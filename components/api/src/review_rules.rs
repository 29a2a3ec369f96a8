//! A workspace's rules of review: who reads what, in which order, and what a version must reach.

use domain::chain::Rules;
use serde::Serialize;
use serve::{Problem, Reply, StatusCode, revision};
use store::{channel, review_rule};

use crate::call::Call;
use crate::instant::opt_rfc3339;

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    rules: Rules,
    changed_by: Option<String>,
    updated_at: Option<String>,
    revision: i64,
}

/// `GET /review-rules`: the defaults, where the workspace never had its own.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let kept = review_rule::find(call.db(), call.workspace_id()).await?;
    let view = View {
        rules: kept.rules,
        changed_by: kept.changed_by,
        updated_at: opt_rfc3339(kept.updated_at),
        revision: kept.revision,
    };
    Ok(Reply::json(StatusCode::OK, &view)?.with_revision(kept.revision))
}

/// `PUT /review-rules`. They hold for every review that begins after this.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let rules: Rules = call.request.json()?;
    let channels = channel::names(call.db(), call.workspace_id()).await?;
    let complaints = rules.complaints(&channels);
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let at = (call.workspace_id(), revision);
    if !review_rule::set(call.db(), call.pinned_ms(), at, &rules, call.actor()).await? {
        return Err(Problem::Stale);
    }
    show(call).await
}
