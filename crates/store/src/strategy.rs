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
pub async fn find(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    version: i64,
) -> Result<Option<Proposal>, DbError> {
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
        "update strategy set state = ?5, comment = ?6, decided_by = ?7, decided_at = ",
        now!(),
        "
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

#[cfg(test)]
mod tests {
    use domain::Stage;
    use futures::executor::block_on;

    use super::*;
    use crate::campaign;
    use crate::play::{Play, START_MS};

    fn decide_on(play: &Play, version: i64, decision: Decision) -> Result<bool, DbError> {
        let of = Version { workspace_id: &play.workspace_id, campaign_id: "c", version };
        block_on(decide(&play.db, Some(START_MS), of, decision, Some("Bolder."), "ada"))
    }

    fn stage(play: &Play) -> Stage {
        block_on(campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap().stage
    }

    #[test]
    fn an_approved_strategy_makes_its_posts_and_is_decided_for_good() {
        let play = Play::planned("c", false);
        assert_eq!(decide_on(&play, 1, Decision::Approve), Ok(true));
        assert_eq!(stage(&play), Stage::Producing);
        assert_eq!(play.count("select count(*) as n from post"), 2);
        assert_eq!(decide_on(&play, 1, Decision::SendBack), Err(DbError::Refused("already_decided".into())));
        assert_eq!(decide_on(&play, 2, Decision::Approve), Ok(false), "there is no second");
    }

    #[test]
    fn a_strategy_that_is_sent_back_is_planned_again() {
        let play = Play::planned("c", false);
        assert_eq!(decide_on(&play, 1, Decision::SendBack), Ok(true));
        assert_eq!(stage(&play), Stage::Planning);
        let found = block_on(find(&play.db, &play.workspace_id, "c", 1)).unwrap().unwrap();
        assert_eq!((found.state.as_str(), found.comment.as_deref()), ("sent_back", Some("Bolder.")));
        assert_eq!(play.count("select count(*) as n from job where id = 'strategize:c:2'"), 1);
    }

    #[test]
    fn a_strategy_is_never_rewritten() {
        let play = Play::planned("c", false);
        let error = play.db.0.run("update strategy set document = '{}'", &[]).unwrap_err();
        assert_eq!(error, DbError::Refused("append_only".into()));
    }
}
