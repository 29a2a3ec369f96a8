//! Comments on posts. Nobody changes them; the trigger tells those whom they mention.

use ports::{Db, DbError, Row};

use crate::json::json;
use crate::now;
use crate::page::{Key, limited, newer_than};

/// One comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Its id.
    pub id: String,
    /// The post.
    pub post_id: String,
    /// The version that was current then.
    pub version: i64,
    /// What was said.
    pub text: String,
    /// Ids of those whom it mentions.
    pub mentions: Vec<String>,
    /// Who said it: a user's id, or a program.
    pub author: String,
    /// Unix milliseconds.
    pub at: i64,
}

impl Comment {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.clone() }
    }
}

fn comment(row: Row<'_>) -> Result<Comment, DbError> {
    Ok(Comment {
        id: row.text("id")?,
        post_id: row.text("post_id")?,
        version: row.int("version")?,
        text: row.text("text")?,
        mentions: json(&row, "mentions")?,
        author: row.text("author")?,
        at: row.int("at")?,
    })
}

/// A comment to be.
#[derive(Clone, Copy, Debug)]
pub struct NewComment<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// The post.
    pub post_id: &'a str,
    /// What is said.
    pub text: &'a str,
    /// Ids of those whom it mentions.
    pub mentions: &'a [&'a str],
    /// Who says it.
    pub author: &'a str,
}

/// Adds one to a post, about the version that it has now. None: there is no such post.
pub async fn add(db: &dyn Db, pinned_ms: Option<i64>, new: &NewComment<'_>) -> Result<Option<Comment>, DbError> {
    const ADD: &str = concat!(
        "insert into comment (workspace_id, id, post_id, version, text, mentions, author, at)
        select workspace_id, ?3, id, version, ?5, ?6, ?7, ",
        now!(),
        " from post where workspace_id = ?2 and id = ?4 returning id, post_id, version, text, mentions, author, at"
    );
    let mentions = serde_json::to_string(new.mentions)
        .map_err(|error| DbError::Column { column: "mentions".into(), complaint: error.to_string() })?;
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        new.post_id.into(),
        new.text.into(),
        mentions.into(),
        new.author.into(),
    ];
    db.execute(ADD, &parameters).await?.first().map(comment).transpose()
}

/// A post's, the oldest first.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    post_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Comment>, DbError> {
    let [at, id] = newer_than(after);
    let rows = db
        .execute(
            "select id, post_id, version, text, mentions, author, at from comment
            where workspace_id = ?1 and post_id = ?2 and (at, id) > (?3, ?4) order by at, id limit ?5",
            &[workspace_id.into(), post_id.into(), at, id, limited(limit)],
        )
        .await?;
    rows.iter().map(comment).collect()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::notification;
    use crate::play::{Play, START_MS};

    fn say(play: &Play, id: &str, text: &str, mentions: &[&str]) -> Result<Option<Comment>, DbError> {
        let new = NewComment { workspace_id: &play.workspace_id, id, post_id: "c-1", text, mentions, author: "ada" };
        block_on(add(&play.db, Some(START_MS), &new))
    }

    #[test]
    fn a_comment_stays_as_it_was_said_and_tells_the_members_whom_it_mentions() {
        let play = Play::drafted(false);
        play.member("ben", "approver");
        play.member("ada", "owner");
        let made = say(&play, "k1", "@Ben, look.", &["ben", "ada", "stranger"]).unwrap().unwrap();
        assert_eq!((made.version, made.author.as_str()), (1, "ada"));
        let told = |user: &str| block_on(notification::unread(&play.db, &play.workspace_id, user, None, 9)).unwrap();
        assert_eq!(told("ben").len(), 1);
        assert!(told("ada").is_empty(), "nobody is told what they said");
        assert!(told("stranger").is_empty(), "nobody else is");
        for sql in ["update comment set text = 'x'", "delete from comment"] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
        assert_eq!(block_on(list(&play.db, &play.workspace_id, "c-1", None, 9)).unwrap(), [made]);
    }

    #[test]
    fn a_comment_that_is_too_long_is_not_stored() {
        let play = Play::drafted(false);
        assert!(say(&play, "k1", &"x".repeat(domain::comment::CHARS_MAX), &[]).is_ok());
        assert!(say(&play, "k2", &"x".repeat(domain::comment::CHARS_MAX + 1), &[]).is_err());
    }
}
