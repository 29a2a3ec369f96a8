//! Sign-ins whose password was right and whose second step is to come.

use ports::{Db, DbError};

use crate::now;

/// The second step may take so long: 10 minutes, in milliseconds.
pub const LIFETIME_MS: i64 = 10 * 60_000;

/// Keeps one under the hash of its cookie's secret.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str, user_id: &str) -> Result<(), DbError> {
    let sql = format!(
        "insert into half_sign_in (sha256, user_id, expires_at) values (?2, ?3, {now} + {LIFETIME_MS})",
        now = now!()
    );
    db.execute(&sql, &[pinned_ms.into(), sha256.into(), user_id.into()]).await.map(|_| ())
}

/// Whose it is, if it is still good.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<Option<String>, DbError> {
    const FIND: &str = concat!("select user_id from half_sign_in where sha256 = ?2 and expires_at > ", now!());
    let rows = db.execute(FIND, &[pinned_ms.into(), sha256.into()]).await?;
    rows.first().map(|row| row.text("user_id")).transpose()
}

/// Takes it: it is good for one sign-in. `false`: it is gone.
pub async fn take(db: &dyn Db, sha256: &str) -> Result<bool, DbError> {
    Ok(!db.execute("delete from half_sign_in where sha256 = ?1 returning sha256", &[sha256.into()]).await?.is_empty())
}

/// Forgets those that are over, with other one-time things of signing in. For the tick.
pub async fn sweep(db: &dyn Db, pinned_ms: Option<i64>) -> Result<(), DbError> {
    for table in ["half_sign_in", "oidc_attempt", "password_reset"] {
        let sql = format!("delete from {table} where expires_at <= {now}", now = now!());
        db.execute(&sql, &[pinned_ms.into()]).await?;
    }
    Ok(())
}
