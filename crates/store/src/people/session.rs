//! Sessions: signed-in browsers. The cookie's secret is stored as its SHA-256.

use domain::Role;
use ports::{Db, DbError, Row};

use crate::now;

/// A session that nobody used for so long is over: 12 hours, in milliseconds.
pub const IDLE_MS: i64 = 12 * 3_600_000;
/// Every session is over after so long: 7 days, in milliseconds.
pub const LIFETIME_MS: i64 = 7 * 24 * 3_600_000;
/// Use is noted at most so often, so that reading a page rarely writes: 5 minutes, in milliseconds.
pub const TOUCH_MS: i64 = 5 * 60_000;

/// A session, with what its user is in its workspace now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The hash of its secret.
    pub sha256: String,
    /// What a list calls it.
    pub id: String,
    /// What the browser says of itself.
    pub user_agent: String,
    /// Its network address when it was last noted; empty where it is not known.
    pub address: String,
    /// Who.
    pub user_id: String,
    /// The user's name.
    pub name: String,
    /// In which workspace.
    pub workspace_id: String,
    /// As what.
    pub role: Role,
    /// The synchroniser token of its forms.
    pub csrf: String,
    /// Since when, Unix milliseconds.
    pub created_at: i64,
    /// Last noted use, Unix milliseconds.
    pub seen_at: i64,
    /// [`TOUCH_MS`] have passed since then.
    pub to_touch: bool,
}

fn session(row: Row<'_>) -> Result<Session, DbError> {
    Ok(Session {
        sha256: row.text("sha256")?,
        id: row.text("id")?,
        user_agent: row.text("user_agent")?,
        address: row.text("address")?,
        user_id: row.text("user_id")?,
        name: row.text("name")?,
        workspace_id: row.text("workspace_id")?,
        role: row.parsed("role")?,
        csrf: row.text("csrf")?,
        created_at: row.int("created_at")?,
        seen_at: row.int("seen_at")?,
        to_touch: row.bool("to_touch")?,
    })
}

/// Alive at `?1`, and its user still a member.
fn alive() -> String {
    format!(
        "select s.sha256, s.id, s.user_agent, s.address, s.user_id, u.name, s.workspace_id, m.role, s.csrf, s.created_at, s.seen_at,
            s.seen_at + {TOUCH_MS} < {now} as to_touch
        from session s
        join user u on u.id = s.user_id
        join member m on m.workspace_id = s.workspace_id and m.user_id = s.user_id
        where s.expires_at > {now} and s.seen_at + {IDLE_MS} > {now}",
        now = now!()
    )
}

/// Longest description of a browser that is kept, in characters.
const USER_AGENT_CHARS_MAX: usize = 300;

/// A browser that has signed in.
#[derive(Clone, Copy, Debug)]
pub struct NewSession<'a> {
    /// The hash of its secret.
    pub sha256: &'a str,
    /// What a list calls it.
    pub id: &'a str,
    /// The synchroniser token of its forms.
    pub csrf: &'a str,
    /// Who.
    pub user_id: &'a str,
    /// Where.
    pub workspace_id: &'a str,
    /// What the browser says of itself.
    pub user_agent: &'a str,
    /// Its network address; empty where it is not known.
    pub address: &'a str,
}

/// Begins one. A user who is no member of the workspace gets none: `false`.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, new: &NewSession<'_>) -> Result<bool, DbError> {
    let sql = format!(
        "insert into session (sha256, id, user_id, workspace_id, csrf, user_agent, address, created_at, seen_at, expires_at)
        select ?2, ?3, user_id, workspace_id, ?4, ?7, ?8, {now}, {now}, {now} + {LIFETIME_MS}
        from member where user_id = ?5 and workspace_id = ?6 returning sha256",
        now = now!()
    );
    let user_agent: String = new.user_agent.chars().take(USER_AGENT_CHARS_MAX).collect();
    let parameters = [
        pinned_ms.into(),
        new.sha256.into(),
        new.id.into(),
        new.csrf.into(),
        new.user_id.into(),
        new.workspace_id.into(),
        user_agent.into(),
        new.address.into(),
    ];
    Ok(!db.execute(&sql, &parameters).await?.is_empty())
}

/// The live one with this hash.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<Option<Session>, DbError> {
    let rows = db.execute(&format!("{} and s.sha256 = ?2", alive()), &[pinned_ms.into(), sha256.into()]).await?;
    rows.first().map(session).transpose()
}

/// Notes that it was used, and from where.
pub async fn touch(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str, address: &str) -> Result<(), DbError> {
    const TOUCH: &str =
        concat!("update session set seen_at = max(seen_at, ", now!(), "), address = ?3 where sha256 = ?2");
    db.execute(TOUCH, &[pinned_ms.into(), sha256.into(), address.into()]).await.map(|_| ())
}

/// Moves it to another workspace of its user, with another secret and token. `false`: not a member there.
pub async fn enter(
    db: &dyn Db,
    old_sha256: &str,
    sha256: &str,
    csrf: &str,
    workspace_id: &str,
) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "update session set sha256 = ?2, csrf = ?3, workspace_id = ?4
            where sha256 = ?1 and exists (
                select 1 from member m where m.workspace_id = ?4 and m.user_id = session.user_id)
            returning sha256",
            &[old_sha256.into(), sha256.into(), csrf.into(), workspace_id.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// A user's live sessions, the last used first.
pub async fn list(db: &dyn Db, pinned_ms: Option<i64>, user_id: &str) -> Result<Vec<Session>, DbError> {
    let sql = format!("{} and s.user_id = ?2 order by s.seen_at desc, s.sha256", alive());
    db.execute(&sql, &[pinned_ms.into(), user_id.into()]).await?.iter().map(session).collect()
}

/// Ends one for which its own browser asks. `false`: there is none.
pub async fn end(db: &dyn Db, sha256: &str) -> Result<bool, DbError> {
    Ok(!db.execute("delete from session where sha256 = ?1 returning sha256", &[sha256.into()]).await?.is_empty())
}

/// Ends one of a user's sessions, by its id. `false`: they have none of this id.
pub async fn revoke(db: &dyn Db, pinned_ms: Option<i64>, user_id: &str, id: &str) -> Result<bool, DbError> {
    const REVOKE: &str = concat!(
        "update session set ended_by = ?2, ended_at = ",
        now!(),
        " where user_id = ?2 and id = ?3 returning id"
    );
    Ok(!db.execute(REVOKE, &[pinned_ms.into(), user_id.into(), id.into()]).await?.is_empty())
}

/// Ends all of a user's sessions but one. Answers how many.
pub async fn revoke_others(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    user_id: &str,
    keep_sha256: &str,
) -> Result<usize, DbError> {
    const REVOKE: &str = concat!(
        "update session set ended_by = ?2, ended_at = ",
        now!(),
        " where user_id = ?2 and sha256 <> ?3 returning id"
    );
    Ok(db.execute(REVOKE, &[pinned_ms.into(), user_id.into(), keep_sha256.into()]).await?.len())
}

/// Forgets the sessions that are over. For the tick.
pub async fn sweep(db: &dyn Db, pinned_ms: Option<i64>) -> Result<usize, DbError> {
    let sql = format!(
        "delete from session where sha256 in (
            select sha256 from session where expires_at <= {now} or seen_at + {IDLE_MS} <= {now} limit 500) returning sha256",
        now = now!()
    );
    Ok(db.execute(&sql, &[pinned_ms.into()]).await?.len())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::testing::{self, browser};

    #[test]
    fn a_person_ends_their_own_sessions_and_nobody_elses() {
        let (db, home) = testing::claimed();
        for secret in ["one", "two", "three"] {
            block_on(create(&db, Some(1), &browser(secret, "ada", &home))).unwrap();
        }
        assert_eq!(block_on(revoke(&db, Some(2), "bob", "one")), Ok(false));
        assert_eq!(block_on(revoke(&db, Some(2), "ada", "one")), Ok(true));
        assert_eq!(block_on(revoke(&db, Some(2), "ada", "one")), Ok(false));
        assert_eq!(block_on(revoke_others(&db, Some(3), "ada", "three")), Ok(1));
        let left: Vec<String> = block_on(list(&db, Some(4), "ada")).unwrap().into_iter().map(|one| one.id).collect();
        assert_eq!(left, ["three"]);
        let expect = ["member.joined by ada", "session.revoked by ada", "session.revoked by ada"];
        assert_eq!(testing::history(&db, &home), expect);
    }
}
