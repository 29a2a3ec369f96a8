//! Readings: somebody else's text, read by a model for its facts. A row makes its job, and the job's outcome completes
//! it. What is found is for a person to take over, one by one.

use domain::ReadingState;
use domain::source::TypedFact;
use ports::{Db, DbError, Row};

use crate::job::Claimed;
use crate::json::opt_json;
use crate::now;

/// What a reading's job is called by: its id begins so.
pub const PREFIX: &str = "read:";

/// Most readings of a workspace in 24 hours.
pub const A_DAY_MAX: u32 = 50;

/// Whether a job of the strategist's step is a reading.
pub fn is_reading(job: &Claimed) -> bool {
    job.id.starts_with(PREFIX)
}

/// A reading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Its id.
    pub id: String,
    /// Where the text is from.
    pub copied_from: String,
    /// The text, of strangers.
    pub text: String,
    /// How far it is.
    pub state: ReadingState,
    /// What stands in the text; empty unless it is done.
    pub facts: Vec<TypedFact>,
    /// How much the model said that does not stand in the text, or leads elsewhere.
    pub left_out: i64,
    /// Who read: `provider/model`.
    pub model: Option<String>,
    /// Why it failed.
    pub reason: Option<String>,
    /// Unix milliseconds.
    pub asked_at: i64,
    /// Unix milliseconds.
    pub ended_at: Option<i64>,
    /// What its calls cost, or may yet cost.
    pub micro_usd: i64,
}

/// One that is to begin.
#[derive(Clone, Copy, Debug)]
pub struct NewReading<'a> {
    /// A new id.
    pub id: &'a str,
    /// Where the text is from.
    pub copied_from: &'a str,
    /// The text.
    pub text: &'a str,
    /// What all readings of 24 hours may cost, in micro-USD.
    pub micro_usd_a_day: i64,
}

/// Begins one. `false`: there were [`A_DAY_MAX`] within 24 hours.
pub async fn begin(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    new: NewReading<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const BEGIN: &str = concat!(
        "insert into reading (workspace_id, id, copied_from, text, micro_usd_a_day, asked_by, asked_at)
        select ?2, ?3, ?4, ?5, ?6, ?7, ",
        now!(),
        " where (select count(*) from reading where workspace_id = ?2 and asked_at > ",
        now!(),
        " - 86400000) < ?8 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        new.id.into(),
        new.copied_from.into(),
        new.text.into(),
        new.micro_usd_a_day.into(),
        actor.into(),
        i64::from(A_DAY_MAX).into(),
    ];
    Ok(!db.execute(BEGIN, &parameters).await?.is_empty())
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Reading>, DbError> {
    let sql =
        "select r.id, r.copied_from, r.text, r.state, r.facts, r.left_out, r.model, r.reason, r.asked_at, r.ended_at,
            (select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0) from cost k
             where k.workspace_id = r.workspace_id and k.job_id = 'read:' || r.id) as micro_usd
        from reading r where r.workspace_id = ?1 and r.id = ?2";
    db.execute(sql, &[workspace_id.into(), id.into()]).await?.first().map(reading).transpose()
}

fn reading(row: Row<'_>) -> Result<Reading, DbError> {
    Ok(Reading {
        id: row.text("id")?,
        copied_from: row.text("copied_from")?,
        text: row.text("text")?,
        state: row.parsed("state")?,
        facts: opt_json(&row, "facts")?.unwrap_or_default(),
        left_out: row.opt_int("left_out")?.unwrap_or(0),
        model: row.opt_text("model")?,
        reason: row.opt_text("reason")?,
        asked_at: row.int("asked_at")?,
        ended_at: row.opt_int("ended_at")?,
        micro_usd: row.int("micro_usd")?,
    })
}

/// What a reading's job reads: where it is from, and the text. None: it is over.
pub async fn input(db: &dyn Db, job: &Claimed) -> Result<Option<(String, String)>, DbError> {
    let id = job.id.strip_prefix(PREFIX).unwrap_or_default();
    let sql = "select copied_from, text from reading where workspace_id = ?1 and id = ?2 and state = 'waiting'";
    let rows = db.execute(sql, &[job.workspace_id.as_str().into(), id.into()]).await?;
    rows.first().map(|row| Ok((row.text("copied_from")?, row.text("text")?))).transpose()
}

#[cfg(test)]
mod tests;
