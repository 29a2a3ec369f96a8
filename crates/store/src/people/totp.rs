//! Second factors (RFC 6238): the sealed secret, the newest period whose code was taken, and the recovery codes.

use ports::{Db, DbError, Row};

use crate::json::to_json;
use crate::now;

/// A person's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totp {
    /// The secret, as `store::envelope` makes it.
    pub sealed: Vec<u8>,
    /// Whether a code has confirmed it: only then it counts.
    pub is_confirmed: bool,
    /// Recovery codes that were not used yet.
    pub codes_left: i64,
}

fn totp(row: Row<'_>) -> Result<Totp, DbError> {
    Ok(Totp {
        sealed: row.blob("sealed")?.to_vec(),
        is_confirmed: row.bool("is_confirmed")?,
        codes_left: row.int("codes_left")?,
    })
}

/// A user's, confirmed or not.
pub async fn find(db: &dyn Db, user_id: &str) -> Result<Option<Totp>, DbError> {
    let rows = db
        .execute(
            "select sealed, confirmed_at is not null as is_confirmed,
                (select count(*) from recovery_code c where c.user_id = totp.user_id and c.used_at is null) as codes_left
            from totp where user_id = ?1",
            &[user_id.into()],
        )
        .await?;
    rows.first().map(totp).transpose()
}

/// Begins to enrol; what was begun before and not confirmed goes. `false`: there is a confirmed one.
pub async fn enrol(db: &dyn Db, pinned_ms: Option<i64>, user_id: &str, sealed: Vec<u8>) -> Result<bool, DbError> {
    const ENROL: &str = concat!(
        "insert into totp (user_id, sealed, created_at) values (?2, ?3, ",
        now!(),
        ") on conflict (user_id) do update set sealed = excluded.sealed, created_at = excluded.created_at, last_step = 0
        where confirmed_at is null returning user_id"
    );
    Ok(!db.execute(ENROL, &[pinned_ms.into(), user_id.into(), sealed.into()]).await?.is_empty())
}

/// Confirms it by the period of a right code, with the hashes of the recovery codes. `false`: nothing waits for it,
/// or somebody was quicker.
pub async fn confirm(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    user_id: &str,
    (sealed, step): (&[u8], i64),
    code_sha256s: &[String],
) -> Result<bool, DbError> {
    const CONFIRM: &str = concat!(
        "update totp set confirmed_at = ",
        now!(),
        ", last_step = ?4, code_sha256s = ?5
        where user_id = ?2 and sealed = ?3 and confirmed_at is null returning user_id"
    );
    let parameters =
        [pinned_ms.into(), user_id.into(), sealed.to_vec().into(), step.into(), to_json(&code_sha256s)?.into()];
    Ok(!db.execute(CONFIRM, &parameters).await?.is_empty())
}

/// Takes the code of a period: each once, and none older than the newest taken. `false`: it was taken.
pub async fn take_step(db: &dyn Db, user_id: &str, step: i64) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "update totp set last_step = ?2
            where user_id = ?1 and last_step < ?2 and confirmed_at is not null returning user_id",
            &[user_id.into(), step.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// Takes a recovery code: each once. `false`: there is none such, or it was taken.
pub async fn take_code(db: &dyn Db, pinned_ms: Option<i64>, user_id: &str, sha256: &str) -> Result<bool, DbError> {
    const TAKE: &str = concat!(
        "update recovery_code set used_at = ",
        now!(),
        " where user_id = ?2 and sha256 = ?3 and used_at is null returning user_id"
    );
    Ok(!db.execute(TAKE, &[pinned_ms.into(), user_id.into(), sha256.into()]).await?.is_empty())
}

/// Turns it off. `false`: there was none.
pub async fn remove(db: &dyn Db, pinned_ms: Option<i64>, user_id: &str, actor: &str) -> Result<bool, DbError> {
    const REMOVE: &str =
        concat!("update totp set removed_by = ?3, removed_at = ", now!(), " where user_id = ?2 returning user_id");
    Ok(!db.execute(REMOVE, &[pinned_ms.into(), user_id.into(), actor.into()]).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::testing;

    #[test]
    fn it_counts_once_confirmed_and_each_code_is_taken_once() {
        let (db, home) = testing::claimed();
        assert_eq!(block_on(enrol(&db, Some(1), "ada", vec![1])), Ok(true));
        assert_eq!(block_on(enrol(&db, Some(1), "ada", vec![2])), Ok(true), "begun anew");
        assert_eq!(block_on(take_step(&db, "ada", 5)), Ok(false), "not confirmed yet");
        assert_eq!(block_on(confirm(&db, Some(2), "ada", (&[1], 5), &[])), Ok(false), "that secret is gone");
        assert_eq!(block_on(confirm(&db, Some(2), "ada", (&[2], 5), &["a".into(), "b".into()])), Ok(true));
        assert_eq!(block_on(enrol(&db, Some(3), "ada", vec![3])), Ok(false), "nobody replaces a confirmed one");
        for (step, taken) in [(5, false), (6, true), (6, false), (4, false), (7, true)] {
            assert_eq!(block_on(take_step(&db, "ada", step)), Ok(taken), "{step}");
        }
        for (code, taken) in [("c", false), ("a", true), ("a", false)] {
            assert_eq!(block_on(take_code(&db, Some(4), "ada", code)), Ok(taken), "{code}");
        }
        assert_eq!(block_on(take_code(&db, Some(4), "bob", "b")), Ok(false));
        assert_eq!(block_on(find(&db, "ada")).unwrap().unwrap().codes_left, 1);
        assert_eq!(block_on(remove(&db, Some(5), "ada", "ada")), Ok(true));
        assert_eq!(block_on(find(&db, "ada")), Ok(None));
        assert_eq!(block_on(take_code(&db, Some(6), "ada", "b")), Ok(false));
        let expect = ["member.joined by ada", "member.second_factor_on by ada", "member.second_factor_off by ada"];
        assert_eq!(testing::history(&db, &home), expect);
    }
}
