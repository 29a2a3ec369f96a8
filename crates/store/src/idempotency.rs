//! Answers to requests that carried an `Idempotency-Key`.

use ports::{Db, DbError, Value};

use crate::now;

/// A stored answer is kept for 48 hours, in milliseconds.
pub const KEPT_MS: i64 = 48 * 3_600_000;
/// A request that has not ended by then was cut off; the next one with its key takes over. Milliseconds.
pub const UNDER_WAY_MS: i64 = 60_000;

/// A key of a workspace, and what was asked under it.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The client's key.
    pub key: &'a str,
    /// What identifies the request: caller, method, target and body.
    pub request_sha256: &'a str,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// JSON: `[[name, value], …]`.
    pub headers: String,
    /// The body.
    pub body: String,
}

/// What to do with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// It is the first: execute it, then [`finish`] or [`release`].
    First {
        /// Names this execution; another one that took over has another.
        until_ms: i64,
    },
    /// The same request is being executed.
    UnderWay,
    /// The key was used for another request.
    Mismatch,
    /// It was executed; this is what was answered.
    Done(Answer),
}

/// Begins a request under its key: one guarded insert, so that one of two wins.
pub async fn begin(db: &dyn Db, pinned_ms: Option<i64>, key: Key<'_>) -> Result<Begun, DbError> {
    const BEGIN: &str = concat!(
        "insert into idempotency (workspace_id, key, request_sha256, expires_at) values (?2, ?3, ?4, ",
        now!(),
        " + ?5)
        on conflict (workspace_id, key) do update set
            request_sha256 = excluded.request_sha256, status = null, headers = null, body = null,
            expires_at = excluded.expires_at
        where idempotency.expires_at <= ",
        now!(),
        "
          and (idempotency.status is not null or idempotency.request_sha256 = excluded.request_sha256)
        returning expires_at"
    );
    let at: [Value; 3] = [key.workspace_id.into(), key.key.into(), key.request_sha256.into()];
    let [workspace_id, name, sha256] = at.clone();
    let rows = db.execute(BEGIN, &[pinned_ms.into(), workspace_id, name, sha256, UNDER_WAY_MS.into()]).await?;
    if let Some(row) = rows.first() {
        return Ok(Begun::First { until_ms: row.int("expires_at")? });
    }
    let rows = db
        .execute(
            "select request_sha256 = ?3 as same, status, headers, body from idempotency where workspace_id = ?1 and key = ?2",
            &at,
        )
        .await?;
    // Gone: it was released in this moment. The client's next try begins it.
    let Some(row) = rows.first() else { return Ok(Begun::UnderWay) };
    if !row.bool("same")? {
        return Ok(Begun::Mismatch);
    }
    let Some(status) = row.opt_int("status")? else { return Ok(Begun::UnderWay) };
    Ok(Begun::Done(Answer {
        status: u16::try_from(status).map_err(|error| DbError::Other(error.to_string()))?,
        headers: row.text("headers")?,
        body: row.text("body")?,
    }))
}

/// Keeps what was answered. `until_ms` is from [`Begun::First`].
pub async fn finish(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    key: Key<'_>,
    until_ms: i64,
    answer: &Answer,
) -> Result<(), DbError> {
    const FINISH: &str = concat!(
        "update idempotency set status = ?6, headers = ?7, body = ?8, expires_at = ",
        now!(),
        " + ?9
        where workspace_id = ?2 and key = ?3 and request_sha256 = ?4 and expires_at = ?5 and status is null"
    );
    let parameters = [
        pinned_ms.into(),
        key.workspace_id.into(),
        key.key.into(),
        key.request_sha256.into(),
        until_ms.into(),
        i64::from(answer.status).into(),
        (&answer.headers).into(),
        (&answer.body).into(),
        KEPT_MS.into(),
    ];
    db.execute(FINISH, &parameters).await.map(|_| ())
}

/// Nothing was done under this key: it is free again.
pub async fn release(db: &dyn Db, key: Key<'_>, until_ms: i64) -> Result<(), DbError> {
    db.execute(
        "delete from idempotency
        where workspace_id = ?1 and key = ?2 and request_sha256 = ?3 and expires_at = ?4 and status is null",
        &[key.workspace_id.into(), key.key.into(), key.request_sha256.into(), until_ms.into()],
    )
    .await
    .map(|_| ())
}

/// Forgets what is too old. For the tick.
pub async fn sweep(db: &dyn Db, pinned_ms: Option<i64>) -> Result<usize, DbError> {
    const SWEEP: &str = concat!(
        "delete from idempotency where (workspace_id, key) in (
            select workspace_id, key from idempotency where expires_at <= ",
        now!(),
        " limit 500) returning key"
    );
    Ok(db.execute(SWEEP, &[pinned_ms.into()]).await?.len())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;

    /// A database in a file, for several connections; gone with its folder.
    fn in_file(name: &str, work: impl Fn(&std::path::Path)) {
        let folder = std::env::temp_dir().join(format!("rondo-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        block_on(crate::migrate::ensure(&NativeDb::open(&folder.join("db")).unwrap())).unwrap();
        work(&folder.join("db"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn of_many_that_begin_at_once_one_is_the_first() {
        in_file("begin", |file| {
            let workspace = block_on(crate::people::workspace::first(&NativeDb::open(file).unwrap())).unwrap().id;
            let begun: Vec<Begun> = std::thread::scope(|scope| {
                let begin = || {
                    let key = Key { workspace_id: &workspace, key: "k", request_sha256: "s" };
                    block_on(begin(&NativeDb::open(file).unwrap(), None, key)).unwrap()
                };
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(begin)).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).collect()
            });
            assert_eq!(begun.iter().filter(|one| matches!(one, Begun::First { .. })).count(), 1);
            assert_eq!(begun.iter().filter(|one| **one == Begun::UnderWay).count(), 7);
        });
    }

    #[test]
    fn who_was_taken_over_neither_keeps_an_answer_nor_frees_the_key() {
        let db = NativeDb::in_memory().unwrap();
        block_on(crate::migrate::ensure(&db)).unwrap();
        let workspace = block_on(crate::people::workspace::first(&db)).unwrap().id;
        let key = Key { workspace_id: &workspace, key: "k", request_sha256: "s" };
        let late = UNDER_WAY_MS + 1;
        let answer = |body: &str| Answer { status: 200, headers: "[]".into(), body: body.into() };
        let Begun::First { until_ms: old } = block_on(begin(&db, Some(1), key)).unwrap() else { panic!() };
        let Begun::First { until_ms: new } = block_on(begin(&db, Some(late), key)).unwrap() else { panic!() };
        block_on(finish(&db, Some(late), key, old, &answer("old"))).unwrap();
        block_on(release(&db, key, old)).unwrap();
        assert_eq!(block_on(begin(&db, Some(late), key)), Ok(Begun::UnderWay));
        block_on(finish(&db, Some(late), key, new, &answer("new"))).unwrap();
        assert_eq!(block_on(begin(&db, Some(late), key)), Ok(Begun::Done(answer("new"))));
        let elsewhere = Key { request_sha256: "other", ..key };
        assert_eq!(block_on(begin(&db, Some(late), elsewhere)), Ok(Begun::Mismatch));
    }
}
