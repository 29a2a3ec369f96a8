//! What has run out: leases, posts whose time has passed, reservations that nobody settled.

use domain::PostState;
use ports::{Db, DbError, Value};

use crate::now;

/// What a sweep changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Leases that ended before anything left: ready again, or dead.
    pub leased: usize,
    /// Armed jobs whose outcome nobody recorded.
    pub armed: usize,
    /// Look-ups that never ended.
    pub reconciling: usize,
    /// Posts whose time has passed.
    pub missed: usize,
    /// Reservations that were never settled.
    pub reservations: usize,
}

/// Most rows that one sweep changes of each kind.
const SWEEP_MAX: u32 = 500;

/// Ends what has run out. Bounded, guarded, and safe to run any number of times at once.
pub async fn sweep(db: &dyn Db, pinned_ms: Option<i64>) -> Result<Swept, DbError> {
    let pinned: Value = pinned_ms.into();
    let now = now!();
    let was: String =
        PostState::ALL.iter().map(|state| format!(" when '{state}' then '{}'", state.while_it_was())).collect();
    let was = format!("case state{was} end");
    let expired = |state: &str| {
        format!(
            "(workspace_id, id) in (select workspace_id, id from job where state = '{state}' and lease_until < {now} order by lease_until limit {SWEEP_MAX})"
        )
    };
    let due = run_out(db, &pinned).await?;
    let run = async |is_due: bool, sql: String| {
        if !is_due {
            return Ok::<_, DbError>(0);
        }
        db.execute(&sql, std::slice::from_ref(&pinned)).await.map(|rows| rows.len())
    };
    Ok(Swept {
        leased: run(due.leased, format!(
            "update job set state = iif(attempt >= attempts_max, 'dead', 'ready'), lease_until = null, run_at = {now},
                updated_at = {now}, last_error = 'the worker stopped before it was done'
            where {} returning id",
            expired("leased")
        ))
        .await?,
        armed: run(due.armed, format!(
            "update job set state = 'unknown', lease_until = null, run_at = max(quiet_until, {now}), updated_at = {now},
                last_error = 'the worker stopped while sending'
            where {} returning id",
            expired("armed")
        ))
        .await?,
        reconciling: run(due.reconciling, format!(
            "update job set state = 'unknown', lease_until = null, run_at = {now}, updated_at = {now},
                last_error = 'the worker stopped while looking'
            where {} returning id",
            expired("reconciling")
        ))
        .await?,
        missed: run(due.missed, format!(
            "update post set state = 'missed', expires_at = null, reason = 'its time passed while it was ' || {was}
                || iif(state = 'scheduled' and exists (
                    select 1 from campaign c join workspace w on w.id = c.workspace_id
                    where c.workspace_id = post.workspace_id and c.id = post.campaign_id and c.mode = 'performance'
                      and w.mode = 'rehearsal'), ', and the workspace in rehearsal', ''),
                changed_by = 'sweep', revision = revision + 1, updated_at = {now}
            where (workspace_id, id) in (select workspace_id, id from post where expires_at < {now} limit {SWEEP_MAX})
              and not exists (select 1 from job j where j.workspace_id = post.workspace_id and j.post_id = post.id
                                and j.state in ('armed', 'unknown', 'reconciling', 'needs_human'))
            returning id"
        ))
        .await?,
        reservations: run(due.reservations, format!(
            "update cost set state = 'expired', spent_micro_usd = reserved_micro_usd, settled_at = {now},
                outcome = 'nobody settled it; counted as spent'
            where (workspace_id, id) in (select workspace_id, id from cost where state = 'reserved' and expires_at < {now} limit {SWEEP_MAX})
            returning id"
        ))
        .await?,
    })
}

/// Which of it there is.
struct RunOut {
    leased: bool,
    armed: bool,
    reconciling: bool,
    missed: bool,
    reservations: bool,
}

/// What has run out, by one read: a tick that finds nothing takes no lock from those who work.
async fn run_out(db: &dyn Db, pinned: &Value) -> Result<RunOut, DbError> {
    const RUN_OUT: &str = concat!(
        "select exists (select 1 from job where state = 'leased' and lease_until < ",
        now!(),
        ") as leased, exists (select 1 from job where state = 'armed' and lease_until < ",
        now!(),
        ") as armed, exists (select 1 from job where state = 'reconciling' and lease_until < ",
        now!(),
        ") as reconciling, exists (select 1 from post where expires_at < ",
        now!(),
        ") as missed, exists (select 1 from cost where state = 'reserved' and expires_at < ",
        now!(),
        ") as reservations"
    );
    let rows = db.execute(RUN_OUT, std::slice::from_ref(pinned)).await?;
    let row = rows.first().ok_or_else(|| DbError::Other("the database did not say what has run out".into()))?;
    Ok(RunOut {
        leased: row.bool("leased")?,
        armed: row.bool("armed")?,
        reconciling: row.bool("reconciling")?,
        missed: row.bool("missed")?,
        reservations: row.bool("reservations")?,
    })
}
