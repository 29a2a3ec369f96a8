//! Failed sign-ins, by account and by address, so that guessing stays slow.
//!
//! An attempt is counted before the password is looked at, and taken back when it was right: a hundred guesses at
//! once are a hundred counted guesses.

use ports::{Db, DbError};

use crate::now;
use crate::secret;

/// What attempts are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key<'a> {
    /// An e-mail address, whether or not anybody has it.
    Account(&'a str),
    /// The client's network address.
    Address(&'a str),
    /// The second step of a user.
    SecondStep(&'a str),
}

/// Failures in a row that cost an account nothing.
pub const ACCOUNT_FREE: i64 = 5;
/// Failures that cost an address nothing: many people may share one.
pub const ADDRESS_FREE: i64 = 20;
/// Longest block: 15 minutes, in milliseconds.
pub const BLOCK_MS_MAX: i64 = 15 * 60_000;
/// Failures are forgotten after so long without one: a day, in milliseconds.
const FORGET_MS: i64 = 24 * 3_600_000;

impl Key<'_> {
    fn sha256(self) -> String {
        match self {
            Self::Account(email) => secret::sha256(&format!("account:{}", email.trim().to_lowercase())),
            Self::Address(address) => secret::sha256(&format!("address:{address}")),
            Self::SecondStep(user_id) => secret::sha256(&format!("second-step:{user_id}")),
        }
    }

    fn free(self) -> i64 {
        match self {
            Self::Account(_) | Self::SecondStep(_) => ACCOUNT_FREE,
            Self::Address(_) => ADDRESS_FREE,
        }
    }
}

/// Counts an attempt. `Some(ms)`: blocked for so long, and nothing was counted.
pub async fn attempt(db: &dyn Db, pinned_ms: Option<i64>, key: Key<'_>) -> Result<Option<i64>, DbError> {
    // `blocked_until` of a row that is not blocked is the time of its last failure.
    const COUNT: &str = concat!(
        "insert into sign_in_failure (key, count, blocked_until) values (?2, 1, ",
        now!(),
        ")
        on conflict (key) do update set
            count = iif(blocked_until + ?5 < ",
        now!(),
        ", 1, count + 1),
            blocked_until = ",
        now!(),
        " + iif(blocked_until + ?5 < ",
        now!(),
        " or count < ?3, 0,
                min(?4, 1000 << min(count - ?3, 20)))
        where blocked_until <= ",
        now!(),
        "
        returning count"
    );
    let hash = key.sha256();
    let parameters = [pinned_ms.into(), (&hash).into(), key.free().into(), BLOCK_MS_MAX.into(), FORGET_MS.into()];
    if !db.execute(COUNT, &parameters).await?.is_empty() {
        return Ok(None);
    }
    const LEFT: &str =
        concat!("select max(1, blocked_until - ", now!(), ") as left_ms from sign_in_failure where key = ?2");
    let rows = db.execute(LEFT, &[pinned_ms.into(), hash.into()]).await?;
    rows.first().map(|row| row.int("left_ms")).transpose()
}

/// The password was right: an account begins anew, an address gets its one attempt back.
pub async fn succeeded(db: &dyn Db, key: Key<'_>) -> Result<(), DbError> {
    let sql = match key {
        Key::Account(_) | Key::SecondStep(_) => "delete from sign_in_failure where key = ?1",
        Key::Address(_) => "update sign_in_failure set count = max(0, count - 1) where key = ?1",
    };
    db.execute(sql, &[key.sha256().into()]).await.map(|_| ())
}

/// Forgets old failures. For the tick.
pub async fn sweep(db: &dyn Db, pinned_ms: Option<i64>) -> Result<usize, DbError> {
    const SWEEP: &str = concat!(
        "delete from sign_in_failure where key in (
            select key from sign_in_failure where blocked_until + ?2 < ",
        now!(),
        " limit 500) returning key"
    );
    Ok(db.execute(SWEEP, &[pinned_ms.into(), FORGET_MS.into()]).await?.len())
}
