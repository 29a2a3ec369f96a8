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
        "select s.sha256, s.user_id, u.name, s.workspace_id, m.role, s.csrf, s.created_at, s.seen_at,
            s.seen_at + {TOUCH_MS} < {now} as to_touch
        from session s
        join user u on u.id = s.user_id
        join member m on m.workspace_id = s.workspace_id and m.user_id = s.user_id
        where s.expires_at > {now} and s.seen_at + {IDLE_MS} > {now}",
        now = now!()
    )
}

/// Begins one. A user who is no member of the workspace gets none: `false`.
pub async fn create(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    sha256: &str,
    csrf: &str,
    user_id: &str,
    workspace_id: &str,
) -> Result<bool, DbError> {
    let sql = format!(
        "insert into session (sha256, user_id, workspace_id, csrf, created_at, seen_at, expires_at)
        select ?2, user_id, workspace_id, ?3, {now}, {now}, {now} + {LIFETIME_MS}
        from member where user_id = ?4 and workspace_id = ?5 returning sha256",
        now = now!()
    );
    let parameters = [pinned_ms.into(), sha256.into(), csrf.into(), user_id.into(), workspace_id.into()];
    Ok(!db.execute(&sql, &parameters).await?.is_empty())
}

/// The live one with this hash.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<Option<Session>, DbError> {
    let rows = db.execute(&format!("{} and s.sha256 = ?2", alive()), &[pinned_ms.into(), sha256.into()]).await?;
    rows.first().map(session).transpose()
}

/// Notes that it was used.
pub async fn touch(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<(), DbError> {
    const TOUCH: &str = concat!("update session set seen_at = max(seen_at, ", now!(), ") where sha256 = ?2");
    db.execute(TOUCH, &[pinned_ms.into(), sha256.into()]).await.map(|_| ())
}

/// Gives it another secret and token; the old ones are void at once. Its end stays where it was. `false`: it is gone.
pub async fn rotate(db: &dyn Db, old_sha256: &str, sha256: &str, csrf: &str) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "update session set sha256 = ?2, csrf = ?3 where sha256 = ?1 returning sha256",
            &[old_sha256.into(), sha256.into(), csrf.into()],
        )
        .await?;
    Ok(!rows.is_empty())
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

/// Ends one of a user's sessions. `false`: there is none.
pub async fn revoke(db: &dyn Db, user_id: &str, sha256: &str) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "delete from session where sha256 = ?2 and user_id = ?1 returning sha256",
            &[user_id.into(), sha256.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Ends all of a user's sessions but one: after a change of password. Answers how many.
pub async fn revoke_others(db: &dyn Db, user_id: &str, keep_sha256: &str) -> Result<usize, DbError> {
    let rows = db
        .execute(
            "delete from session where user_id = ?1 and sha256 <> ?2 returning sha256",
            &[user_id.into(), keep_sha256.into()],
        )
        .await?;
    Ok(rows.len())
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
