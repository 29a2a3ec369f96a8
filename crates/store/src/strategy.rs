//! Strategies: versioned plans that a person approves or sends back.

use domain::{Decision, Strategy};
use ports::{Db, DbError, Row};
use serde::Deserialize;

use crate::json::json;
use crate::now;
use crate::page::limited;

/// One version of a campaign's plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its campaign.
    pub campaign_id: String,
    /// Counted from 1.
    pub version: i64,
    /// `proposed`, `approved` or `sent_back`.
    pub state: String,
    /// The plan.
    pub document: Strategy,
    /// The calendar's times, which are Rondo's own.
    pub slots: Vec<PlannedSlot>,
    /// Of the document.
    pub sha256: String,
    /// What the person said.
    pub comment: Option<String>,
    /// A user's id.
    pub decided_by: Option<String>,
    /// Unix milliseconds.
    pub decided_at: Option<i64>,
    /// Unix milliseconds.
    pub created_at: i64,
}

/// One place in the calendar, as it was proposed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PlannedSlot {
    /// Counted from 1.
    pub ordinal: i64,
    /// Wall time in the campaign's zone.
    pub local: String,
    /// Unix milliseconds.
    pub due_at: i64,
    /// Still unsent after this: missed. Unix milliseconds.
    pub expires_at: Option<i64>,
    /// What the post is written in.
    pub language: Option<String>,
}

const COLUMNS: &str =
    "campaign_id, version, state, document, slots, sha256, comment, decided_by, decided_at, created_at";

fn proposal(row: Row<'_>) -> Result<Proposal, DbError> {
    Ok(Proposal {
        campaign_id: row.text("campaign_id")?,
        version: row.int("version")?,
        state: row.text("state")?,
        document: json(&row, "document")?,
        slots: json(&row, "slots")?,
        sha256: row.text("sha256")?,
        comment: row.opt_text("comment")?,
        decided_by: row.opt_text("decided_by")?,
        decided_at: row.opt_int("decided_at")?,
        created_at: row.int("created_at")?,
    })
}

/// A campaign's, the newest first, before this version.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Proposal>, DbError> {
    let sql = format!(
        "select {COLUMNS} from strategy where workspace_id = ?1 and campaign_id = ?2 and version < ?3
        order by version desc limit ?4"
    );
    let parameters = [workspace_id.into(), campaign_id.into(), after.unwrap_or(i64::MAX).into(), limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(proposal).collect()
}

/// This version.
pub async fn find(db: &dyn Db, workspace_id: &str, campaign_id: &str, version: i64) -> Result<Option<Proposal>, DbError> {
    let sql = format!("select {COLUMNS} from strategy where workspace_id = ?1 and campaign_id = ?2 and version = ?3");
    let parameters = [workspace_id.into(), campaign_id.into(), version.into()];
    db.execute(&sql, &parameters).await?.first().map(proposal).transpose()
}

/// Which version a person decides on.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The campaign.
    pub campaign_id: &'a str,
    /// Counted from 1.
    pub version: i64,
}

/// Approves a strategy, which makes its posts, or sends it back, which makes the strategist's next job. Refused
/// (`already_decided`) unless it is the one that waits. `false`: there is none.
pub async fn decide(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    of: Version<'_>,
    decision: Decision,
    comment: Option<&str>,
    actor: &str,
) -> Result<bool, DbError> {
    const DECIDE: &str = concat!(
        "update strategy set state = ?5, comment = ?6, decided_by = ?7, decided_at = ", now!(), "
        where workspace_id = ?2 and campaign_id = ?3 and version = ?4 returning version"
    );
    let state = match decision {
        Decision::Approve => "approved",
        // A plan is not dropped alone; its campaign is cancelled.
        Decision::SendBack | Decision::Reject => "sent_back",
    };
    let parameters = [
        pinned_ms.into(),
        of.workspace_id.into(),
        of.campaign_id.into(),
        of.version.into(),
        state.into(),
        comment.into(),
        actor.into(),
    ];
    Ok(!db.execute(DECIDE, &parameters).await?.is_empty())
}
