//! History: one line for every change of state. Triggers write it; nobody changes it.

use ports::{Db, DbError, Row, Value};

use crate::json::json;
use crate::page::limited;

/// One line.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Grows with every line of the install.
    pub seq: i64,
    /// Unix milliseconds.
    pub at: i64,
    /// The campaign, where it is about one.
    pub campaign_id: Option<String>,
    /// `post:<id>`, `job:<id>` …
    pub subject: String,
    /// `post.scheduled`, `job.armed` …
    pub kind: String,
    /// A user's id, or `worker`, `sweep` …
    pub actor: String,
    /// What else there is to know.
    pub data: serde_json::Value,
}

const COLUMNS: &str = "seq, at, campaign_id, subject, kind, actor, data";

fn event(row: Row<'_>) -> Result<Event, DbError> {
    Ok(Event {
        seq: row.int("seq")?,
        at: row.int("at")?,
        campaign_id: row.opt_text("campaign_id")?,
        subject: row.text("subject")?,
        kind: row.text("kind")?,
        actor: row.text("actor")?,
        data: json(&row, "data")?,
    })
}

/// In the order in which they happened, after this one; of one campaign if one is given.
pub async fn after(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: Option<&str>,
    seq: i64,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    read(db, workspace_id, campaign_id, ("seq > ?2 order by seq", seq.into()), limit).await
}

/// The newest first, before this one; of one campaign if one is given.
pub async fn newest(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: Option<&str>,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let before = before.unwrap_or(i64::MAX).into();
    read(db, workspace_id, campaign_id, ("seq < ?2 order by seq desc", before), limit).await
}

async fn read(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: Option<&str>,
    (page, seq): (&str, Value),
    limit: u32,
) -> Result<Vec<Event>, DbError> {
    let of_campaign = if campaign_id.is_some() { "and campaign_id = ?4" } else { "" };
    let sql = format!("select {COLUMNS} from event where workspace_id = ?1 {of_campaign} and {page} limit ?3");
    let mut parameters = vec![workspace_id.into(), seq, limited(limit)];
    parameters.extend(campaign_id.map(Value::from));
    db.execute(&sql, &parameters).await?.iter().map(event).collect()
}

/// The newest line's number in a workspace; 0 before the first. Where a live view begins.
pub async fn last_seq(db: &dyn Db, workspace_id: &str) -> Result<i64, DbError> {
    let rows = db
        .execute("select coalesce(max(seq), 0) as seq from event where workspace_id = ?1", &[workspace_id.into()])
        .await?;
    rows.first().map_or(Ok(0), |row| row.int("seq"))
}
