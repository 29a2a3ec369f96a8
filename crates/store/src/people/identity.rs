//! Sign-in by a provider (OpenID Connect): who a person is there, and browsers that were sent to it.

use ports::{Db, DbError};

use crate::now;

/// A browser may take so long at the provider: 10 minutes, in milliseconds.
pub const ATTEMPT_MS: i64 = 10 * 60_000;

/// A browser that is sent to the provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The signed-in user whose account is to be connected, if that is what it is for.
    pub user_id: Option<String>,
    /// The hash of the invitation that is to be accepted, if that is what it is for.
    pub invitation_sha256: Option<String>,
    /// The page to go to afterwards.
    pub next: String,
}

/// Keeps one under the hashes of its state and of the browser's cookie.
pub async fn begin(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (state_sha256, browser_sha256): (&str, &str),
    attempt: &Attempt,
) -> Result<(), DbError> {
    let sql = format!(
        "insert into oidc_attempt (state_sha256, browser_sha256, user_id, invitation_sha256, next, expires_at)
        values (?2, ?3, ?4, ?5, ?6, {now} + {ATTEMPT_MS})",
        now = now!()
    );
    let parameters = [
        pinned_ms.into(),
        state_sha256.into(),
        browser_sha256.into(),
        attempt.user_id.clone().into(),
        attempt.invitation_sha256.clone().into(),
        (&attempt.next).into(),
    ];
    db.execute(&sql, &parameters).await.map(|_| ())
}

/// Takes it, once: for this state from this browser. `None`: there is none, or it took too long.
pub async fn take(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    state_sha256: &str,
    browser_sha256: &str,
) -> Result<Option<Attempt>, DbError> {
    const TAKE: &str = concat!(
        "delete from oidc_attempt where state_sha256 = ?2 and browser_sha256 = ?3 and expires_at > ",
        now!(),
        " returning user_id, invitation_sha256, next"
    );
    let rows = db.execute(TAKE, &[pinned_ms.into(), state_sha256.into(), browser_sha256.into()]).await?;
    let attempt = rows.first().map(|row| {
        Ok(Attempt {
            user_id: row.opt_text("user_id")?,
            invitation_sha256: row.opt_text("invitation_sha256")?,
            next: row.text("next")?,
        })
    });
    attempt.transpose()
}

/// The user whom the issuer knows as this subject.
pub async fn user_of(db: &dyn Db, issuer: &str, subject: &str) -> Result<Option<String>, DbError> {
    let sql = "select user_id from identity where issuer = ?1 and subject = ?2";
    let rows = db.execute(sql, &[issuer.into(), subject.into()]).await?;
    rows.first().map(|row| row.text("user_id")).transpose()
}

/// The issuers that know a user.
pub async fn issuers_of(db: &dyn Db, user_id: &str) -> Result<Vec<String>, DbError> {
    let rows = db.execute("select issuer from identity where user_id = ?1 order by issuer", &[user_id.into()]).await?;
    rows.iter().map(|row| row.text("issuer")).collect()
}

/// Connects a user's account. One that is connected with another account is a [`DbError::Conflict`].
pub async fn connect(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (issuer, subject): (&str, &str),
    user_id: &str,
) -> Result<(), DbError> {
    const CONNECT: &str =
        concat!("insert into identity (issuer, subject, user_id, created_at) values (?2, ?3, ?4, ", now!(), ")");
    db.execute(CONNECT, &[pinned_ms.into(), issuer.into(), subject.into(), user_id.into()]).await.map(|_| ())
}

/// Disconnects a user's account from an issuer. `false`: it was not connected.
pub async fn disconnect(db: &dyn Db, issuer: &str, user_id: &str) -> Result<bool, DbError> {
    let sql = "delete from identity where issuer = ?1 and user_id = ?2 returning subject";
    Ok(!db.execute(sql, &[issuer.into(), user_id.into()]).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::testing;

    #[test]
    fn an_attempt_is_taken_once_in_time_and_by_its_own_browser() {
        let (db, _) = testing::claimed();
        let attempt = Attempt { user_id: None, invitation_sha256: None, next: "/".into() };
        block_on(begin(&db, Some(1), ("state", "browser"), &attempt)).unwrap();
        assert_eq!(block_on(take(&db, Some(2), "state", "another")), Ok(None));
        assert_eq!(block_on(take(&db, Some(2), "another", "browser")), Ok(None));
        assert_eq!(block_on(take(&db, Some(1 + ATTEMPT_MS), "state", "browser")), Ok(None));
        assert_eq!(block_on(take(&db, Some(2), "state", "browser")), Ok(Some(attempt)));
        assert_eq!(block_on(take(&db, Some(2), "state", "browser")), Ok(None));
    }

    #[test]
    fn a_subject_belongs_to_one_account() {
        let (db, home) = testing::claimed();
        block_on(crate::people::member::add(&db, 2, &testing::bob(&home, domain::Role::Editor))).unwrap();
        block_on(connect(&db, Some(1), ("https://id.example", "1"), "ada")).unwrap();
        let again = block_on(connect(&db, Some(1), ("https://id.example", "1"), "bob"));
        assert!(matches!(again, Err(DbError::Conflict(_))));
        assert_eq!(block_on(user_of(&db, "https://id.example", "1")), Ok(Some("ada".into())));
        assert_eq!(block_on(user_of(&db, "https://other.example", "1")), Ok(None));
    }
}
