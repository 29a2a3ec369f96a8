//! Runs: executions of the workflow, one a round.

use ports::{Db, DbError, Row};

use crate::page::limited;

/// One execution of the workflow for a campaign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its id.
    pub id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// Counted from 1.
    pub round: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; none while it goes on.
    pub finished_at: Option<i64>,
}

fn run(row: Row<'_>) -> Result<Run, DbError> {
    Ok(Run {
        id: row.text("id")?,
        campaign_id: row.text("campaign_id")?,
        round: row.int("round")?,
        created_at: row.int("created_at")?,
        finished_at: row.opt_int("finished_at")?,
    })
}

/// A campaign's, the first round first, after this round.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Run>, DbError> {
    let rows = db
        .execute(
            "select id, campaign_id, round, created_at, finished_at from run
            where workspace_id = ?1 and campaign_id = ?2 and round > ?3 order by round limit ?4",
            &[workspace_id.into(), campaign_id.into(), after.unwrap_or(0).into(), limited(limit)],
        )
        .await?;
    rows.iter().map(run).collect()
}
