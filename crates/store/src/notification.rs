//! What members are told inside the app. Triggers write it; reading it is all that one does.

use ports::{Db, DbError, Row};

use crate::now;
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

/// What a member has not read, the newest first.
pub async fn unread(
    db: &dyn Db,
    workspace_id: &str,
    user_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Notification>, DbError> {
    let [at, id] = older_than(after);
    let rows = db
        .execute(
            "select n.id, n.kind, n.subject, n.campaign_id, n.actor, n.at, coalesce(v.content ->> '$.title', c.name) as title
            from notification n
            join campaign c on c.workspace_id = n.workspace_id and c.id = n.campaign_id
            left join post p on p.workspace_id = n.workspace_id and 'post:' || p.id = n.subject and p.id = substr(n.subject, 6)
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where n.workspace_id = ?1 and n.user_id = ?2 and n.read_at is null and (n.at, n.id) < (?3, ?4)
            order by n.at desc, n.id desc limit ?5",
            &[workspace_id.into(), user_id.into(), at, id, limited(limit)],
        )
        .await?;
    rows.iter().map(notification).collect()
}

/// Marks one as read, or where none is named, all. How many there were.
pub async fn read(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    user_id: &str,
    id: Option<&str>,
) -> Result<usize, DbError> {
    const READ: &str = concat!(
        "update notification set read_at = ",
        now!(),
        " where workspace_id = ?2 and user_id = ?3 and read_at is null and (?4 is null or id = ?4) returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), user_id.into(), id.into()];
    Ok(db.execute(READ, &parameters).await?.len())
}
