//! Strategies, and the decision on one.

use domain::{Decision, Step, Strategy};
use serde::{Deserialize, Serialize};
use serve::fields::check_comment;
use serve::{Problem, Reply, StatusCode};
use store::strategy::{self, Proposal, Version};

use crate::call::Call;
use crate::campaigns;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    campaign_id: String,
    version: i64,
    state: String,
    strategy: Strategy,
    slots: Vec<Slot>,
    sha256: String,
    comment: Option<String>,
    decided_by: Option<String>,
    decided_at: Option<String>,
    created_at: String,
}

#[derive(Serialize)]
struct Slot {
    ordinal: i64,
    /// Wall time in the campaign's zone.
    local: String,
    due_at: String,
    language: Option<String>,
}

impl From<Proposal> for View {
    fn from(proposal: Proposal) -> Self {
        let slot = |slot: strategy::PlannedSlot| Slot {
            ordinal: slot.ordinal,
            local: slot.local,
            due_at: rfc3339(slot.due_at),
            language: slot.language,
        };
        Self {
            campaign_id: proposal.campaign_id,
            version: proposal.version,
            state: proposal.state,
            strategy: proposal.document,
            slots: proposal.slots.into_iter().map(slot).collect(),
            sha256: proposal.sha256,
            comment: proposal.comment,
            decided_by: proposal.decided_by,
            decided_at: opt_rfc3339(proposal.decided_at),
            created_at: rfc3339(proposal.created_at),
        }
    }
}

/// `GET /campaigns/{id}/strategies`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_number(&call)?;
    let rows = strategy::list(call.db(), call.workspace_id(), call.id(), after, page.limit + 1).await?;
    campaigns::must_exist_if_empty(&call, &rows).await?;
    list::reply(rows, &page, |row| vec![row.version.to_string()], View::from)
}

async fn find(call: &Call<'_>, version: i64) -> Result<Proposal, Problem> {
    let found = strategy::find(call.db(), call.workspace_id(), call.id(), version).await?;
    found.ok_or_else(|| Problem::NotFound { what: "strategy", id: format!("{}/{version}", call.id()) })
}

/// `GET /campaigns/{id}/strategies/{version}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = find(&call, call.number("strategy")?).await?;
    Reply::json(StatusCode::OK, &View::from(found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    decision: Decision,
    comment: Option<String>,
}

/// `PUT /campaigns/{id}/strategies/{version}/decision`. Repeating it changes nothing.
pub async fn decide(call: Call<'_>) -> Result<Reply, Problem> {
    let version = call.number("strategy")?;
    let sent: Sent = call.request.json()?;
    let comment = check_comment(sent.comment.as_deref(), sent.decision)?;
    let (state, step) = match sent.decision {
        Decision::Approve => ("approved", Step::Generate),
        Decision::SendBack => ("sent_back", Step::Strategize),
        Decision::Reject => {
            return Err(Problem::invalid(
                "decision",
                "must be `approve` or `send_back`; to drop it, cancel the campaign",
            ));
        }
    };
    let of = Version { workspace_id: call.workspace_id(), campaign_id: call.id(), version };
    let decided = strategy::decide(call.db(), call.pinned_ms(), of, sent.decision, comment, call.actor()).await;
    let found = find(&call, version).await?;
    match decided {
        Ok(_) => Ok(Reply::json(StatusCode::OK, &View::from(found))?.waking(&[step])),
        Err(error) if error.is_refusal("already_decided") && found.state == state => {
            Reply::json(StatusCode::OK, &View::from(found))
        }
        Err(error) => Err(error.into()),
    }
}
