//! How much a workspace may try in 24 hours.

use domain::learning::TRIALS_A_DAY;
use ports::{Db, DbError};

use crate::now;

/// What a workspace allows, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Most trials in 24 hours; 0: nothing is tried.
    pub trials_a_day: i64,
    /// Most that they may cost; 0: only what costs nothing is tried.
    pub micro_usd_a_day: i64,
    /// Grows with every change; 0 where a workspace never had its own.
    pub revision: i64,
    /// Trials begun in the last 24 hours.
    pub trials: i64,
    /// What they cost, or may yet cost.
    pub spent_micro_usd: i64,
}

/// The one that holds.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Limit, DbError> {
    let now = now!();
    let sql = format!(
        "select coalesce(m.trials_a_day, {TRIALS_A_DAY}) as trials_a_day, coalesce(m.micro_usd_a_day, 0) as micro_usd_a_day,
            coalesce(m.revision, 0) as revision,
            (select count(*) from learning_trial t where t.workspace_id = w.id and t.started_at > {now} - 86400000) as trials,
            (select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0)
             from learning_trial t join cost k on k.workspace_id = t.workspace_id and k.job_id = t.id
             where t.workspace_id = w.id and t.started_at > {now} - 86400000) as spent_micro_usd
        from workspace w left join learning_limit m on m.workspace_id = w.id where w.id = ?2"
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?;
    let row = rows.first().ok_or_else(|| DbError::Other("no such workspace".into()))?;
    Ok(Limit {
        trials_a_day: row.int("trials_a_day")?,
        micro_usd_a_day: row.int("micro_usd_a_day")?,
        revision: row.int("revision")?,
        trials: row.int("trials")?,
        spent_micro_usd: row.int("spent_micro_usd")?,
    })
}

/// Sets it, if it is still at this revision. `false`: it is at another.
pub async fn set(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, revision): (&str, i64),
    (trials_a_day, micro_usd_a_day): (i64, i64),
    actor: &str,
) -> Result<bool, DbError> {
    const BEGIN: &str = concat!(
        "insert into learning_limit (workspace_id, trials_a_day, micro_usd_a_day, changed_by, updated_at)
        select ?2, ?4, ?5, ?6, ",
        now!(),
        " where ?3 = 0 on conflict do nothing returning revision"
    );
    const CHANGE: &str = concat!(
        "update learning_limit set trials_a_day = ?4, micro_usd_a_day = ?5, revision = revision + 1, changed_by = ?6,
            updated_at = ",
        now!(),
        " where workspace_id = ?2 and revision = ?3 returning revision"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        revision.into(),
        trials_a_day.into(),
        micro_usd_a_day.into(),
        actor.into(),
    ];
    let sql = if revision == 0 { BEGIN } else { CHANGE };
    Ok(!db.execute(sql, &parameters).await?.is_empty())
}
