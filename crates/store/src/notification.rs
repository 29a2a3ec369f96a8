//! What members are told inside the app. Triggers write it; reading it is all that one does.

use ports::{Db, DbError, Row, Value};

use crate::page::{Key, limited, older_than};

/// Something that a member has not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Tells it from the member's others.
    pub id: String,
    /// `mention`, `assigned`, `overdue` or `escalated`.
    pub kind: String,
    /// `post:<id>`, `strategy:<campaign>:<version>`
    pub subject: String,
    /// The campaign.
    pub campaign_id: String,
    /// What the post or campaign is called.
    pub title: String,
    /// Who caused it.
    pub actor: String,
    /// Unix milliseconds.
    pub at: i64,
}

impl Notification {
    /// Its place in [`unread`].
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.clone() }
    }

    /// The post that it is about, if it is about one.
    pub fn post_id(&self) -> Option<&str> {
        self.subject.strip_prefix("post:")
    }
}

fn notification(row: Row<'_>) -> Result<Notification, DbError> {
    Ok(Notification {
        id: row.text("id")?,
        kind: row.text("kind")?,
        subject: row.text("subject")?,
        campaign_id: row.text("campaign_id")?,
        title: row.text("title")?,
        actor: row.text("actor")?,
        at: row.int("at")?,
    })
}

/// The person behind whoever asks.
const ME: &str =
    "coalesce((select t.created_by from api_token t where 'token:' || t.id = ?2 and t.workspace_id = ?1), ?2)";

/// What a member has not read, the newest first. A program reads what its maker is told.
pub async fn unread(
    db: &dyn Db,
    workspace_id: &str,
    user_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Notification>, DbError> {
    let [at, id] = older_than(after);
    let sql = format!(
            "select n.id, n.kind, n.subject, n.campaign_id, n.actor, n.at, coalesce(v.content ->> '$.title', c.name) as title
            from notification n
            join campaign c on c.workspace_id = n.workspace_id and c.id = n.campaign_id
            left join post p on p.workspace_id = n.workspace_id and 'post:' || p.id = n.subject and p.id = substr(n.subject, 6)
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where n.workspace_id = ?1 and n.user_id = {ME} and n.read_at is null and (n.at, n.id) < (?3, ?4)
            order by n.at desc, n.id desc limit ?5"
    );
    let parameters = [workspace_id.into(), user_id.into(), at, id, limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(notification).collect()
}

/// Marks one as read, or where none is named, all up to a time. How many there were.
pub async fn read(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, user_id): (&str, &str),
    id: Option<&str>,
    until: Option<i64>,
) -> Result<usize, DbError> {
    let sql = format!(
        "update notification set read_at = coalesce(?5, cast(unixepoch('subsec') * 1000 as integer))
        where workspace_id = ?1 and user_id = {ME} and read_at is null and (?3 is null or id = ?3) and (?4 is null or ?4 >= at)
        returning id"
    );
    let until: Value = until.into();
    let parameters = [workspace_id.into(), user_id.into(), id.into(), until, pinned_ms.into()];
    Ok(db.execute(&sql, &parameters).await?.len())
}
