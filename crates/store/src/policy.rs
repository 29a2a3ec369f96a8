//! Policies: who must approve. The triggers keep to them; see `domain::policy`.

use domain::policy::{Policy, PolicyKind};
use ports::{Db, DbError, Row};

use crate::json::json;
use crate::now;

/// A policy as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it says.
    pub policy: Policy,
    /// Grows with every change; 0 where a campaign never had one of its own.
    pub revision: i64,
    /// Who changed it last; `rondo` for the first one of a workspace.
    pub changed_by: String,
    /// Unix milliseconds.
    pub updated_at: i64,
}

fn policy(row: &Row<'_>) -> Result<Policy, DbError> {
    let hours = |column| -> Result<Option<u32>, DbError> {
        Ok(row.opt_int(column)?.and_then(|hours| u32::try_from(hours).ok()))
    };
    Ok(Policy {
        kind: row.parsed("kind")?,
        rounds: json(row, "rounds")?,
        author_may_approve: row.bool("author_may_approve")?,
        remind_after_h: hours("remind_after_h")?,
        escalate_after_h: hours("escalate_after_h")?,
    })
}

/// A workspace's own (no campaign), or a campaign's own. A campaign that never had one inherits.
pub async fn find(db: &dyn Db, workspace_id: &str, campaign_id: Option<&str>) -> Result<Option<Kept>, DbError> {
    let rows = db
        .execute(
            "select kind, rounds, author_may_approve, remind_after_h, escalate_after_h, revision, changed_by, updated_at
            from approval_policy where workspace_id = ?1 and campaign_id = ?2",
            &[workspace_id.into(), campaign_id.unwrap_or_default().into()],
        )
        .await?;
    let kept = |row: Row<'_>| -> Result<Kept, DbError> {
        Ok(Kept {
            policy: policy(&row)?,
            revision: row.int("revision")?,
            changed_by: row.text("changed_by")?,
            updated_at: row.int("updated_at")?,
        })
    };
    rows.first().map(kept).transpose()
}

/// The one that counts for a campaign.
pub async fn effective(db: &dyn Db, workspace_id: &str, campaign_id: &str) -> Result<Option<Policy>, DbError> {
    let rows = db
        .execute(
            "select kind, rounds, author_may_approve, remind_after_h, escalate_after_h from campaign_policy
            where workspace_id = ?1 and campaign_id = ?2",
            &[workspace_id.into(), campaign_id.into()],
        )
        .await?;
    rows.first().map(|row| policy(&row)).transpose()
}

/// Sets a policy, if it is still at this revision (0: a campaign has none yet). What was approved under the old one
/// waits again. Refused as `outcome_unknown` while something that it counts for is being sent. `false`: it is at
/// another revision, or there is no such campaign.
pub async fn set(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, campaign_id, revision): (&str, Option<&str>, i64),
    policy: &Policy,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update approval_policy set kind = ?5, rounds = ?6, author_may_approve = ?7, remind_after_h = ?8,
            escalate_after_h = ?9, revision = revision + 1, changed_by = ?10, updated_at = ",
        now!(),
        " where workspace_id = ?2 and campaign_id = ?3 and revision = ?4 returning revision"
    );
    const BEGIN: &str = concat!(
        "insert into approval_policy (workspace_id, campaign_id, kind, rounds, author_may_approve, remind_after_h,
            escalate_after_h, changed_by, updated_at)
        select workspace_id, id, ?5, ?6, ?7, ?8, ?9, ?10, ",
        now!(),
        " from campaign where workspace_id = ?2 and id = ?3 and ?4 = 0 returning revision"
    );
    let rounds = serde_json::to_string(&policy.rounds)
        .map_err(|error| DbError::Column { column: "rounds".into(), complaint: error.to_string() })?;
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        campaign_id.unwrap_or_default().into(),
        revision.into(),
        policy.kind.as_str().into(),
        rounds.into(),
        policy.author_may_approve.into(),
        policy.remind_after_h.map(i64::from).into(),
        policy.escalate_after_h.map(i64::from).into(),
        actor.into(),
    ];
    let sql = if revision == 0 { BEGIN } else { CHANGE };
    match db.execute(sql, &parameters).await {
        Ok(rows) => Ok(!rows.is_empty()),
        Err(DbError::Conflict(_)) if revision == 0 => Ok(false),
        Err(error) => Err(error),
    }
}

/// How many posts wait that the policy of this row would count for; what a change to `none` approves at once.
pub async fn waiting_under(db: &dyn Db, workspace_id: &str, campaign_id: Option<&str>) -> Result<i64, DbError> {
    let rows = db
        .execute(
            "select count(*) as n from post p
            join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
            where p.workspace_id = ?1 and p.state = 'awaiting_approval'
              and iif(?2 = '', e.set_for = '', p.campaign_id = ?2)",
            &[workspace_id.into(), campaign_id.unwrap_or_default().into()],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.int("n"))
}

/// A policy with nobody in it.
pub fn inherited() -> Policy {
    Policy { kind: PolicyKind::Inherit, rounds: Vec::new(), ..Policy::default() }
}

#[cfg(test)]
mod tests;
