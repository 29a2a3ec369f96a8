//! Channels: connected accounts on platforms. Every workspace has a stage.

use ports::{Db, DbError, Row};

use crate::json::json;

/// A connected account.
#[derive(Clone, Debug, PartialEq)]
pub struct Channel {
    /// Its id.
    pub id: String,
    /// As briefs name it.
    pub name: String,
    /// Which adapter sends to it.
    pub platform: String,
    /// What the adapter needs to know; never a secret.
    pub config: serde_json::Value,
    /// Nothing is sent to it while it is.
    pub paused: bool,
    /// The platform asked us to wait until then, Unix milliseconds; 0 if it never did.
    pub blocked_until: i64,
    /// Unix milliseconds.
    pub created_at: i64,
}

const COLUMNS: &str = "id, name, platform, config, paused, blocked_until, created_at";

fn channel(row: Row<'_>) -> Result<Channel, DbError> {
    Ok(Channel {
        id: row.text("id")?,
        name: row.text("name")?,
        platform: row.text("platform")?,
        config: json(&row, "config")?,
        paused: row.bool("paused")?,
        blocked_until: row.int("blocked_until")?,
        created_at: row.int("created_at")?,
    })
}

/// Most channels of a workspace that are read at once.
pub const CHANNELS_MAX: u32 = 200;

/// A workspace's, by name, after this name.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Channel>, DbError> {
    let sql = format!("select {COLUMNS} from channel where workspace_id = ?1 and name > ?2 order by name limit ?3");
    let parameters = [workspace_id.into(), after.unwrap_or("").into(), crate::page::limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(channel).collect()
}

/// Connects one. A name that is taken is a conflict. Secrets are no part of it: they are the operator's variables.
pub async fn create(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    (id, name, platform): (&str, &str, &str),
) -> Result<(), DbError> {
    const CREATE: &str = concat!(
        "insert into channel (workspace_id, id, name, platform, created_at) values (?2, ?3, ?4, ?5, ",
        crate::now!(),
        ")"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), name.into(), platform.into()];
    db.execute(CREATE, &parameters).await.map(|_| ())
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Channel>, DbError> {
    let sql = format!("select {COLUMNS} from channel where workspace_id = ?1 and id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(channel).transpose()
}
