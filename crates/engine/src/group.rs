//! Group commit: jobs that are worked side by side write the same at nearly the same time, and each commit waits for the
//! disk. What they want to write is gathered until none of them can go on, and then written by one statement.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Poll, ready};

use futures::channel::oneshot;
use futures::{FutureExt, Stream, StreamExt};
use ports::{Db, DbError, Rows, Value};

/// A database whose [`Db::write`] waits for the others.
pub(crate) struct Group<'a> {
    db: &'a dyn Db,
    waiting: RefCell<Vec<Waiting>>,
}

struct Waiting {
    sql: &'static str,
    pinned_ms: Option<i64>,
    record: String,
    told: oneshot::Sender<Result<(), DbError>>,
}

impl<'a> Group<'a> {
    pub(crate) fn new(db: &'a dyn Db) -> Self {
        Self { db, waiting: RefCell::default() }
    }

    /// The stream's next item. Whenever nothing in it can go on, what waits to be written is.
    pub(crate) async fn next<S: Stream + Unpin>(&self, stream: &mut S) -> Option<S::Item> {
        let mut writing: Option<Pin<Box<dyn Future<Output = ()> + '_>>> = None;
        poll_fn(|context| {
            loop {
                if let Some(write) = &mut writing {
                    ready!(write.poll_unpin(context));
                    writing = None;
                }
                if let Poll::Ready(item) = stream.poll_next_unpin(context) {
                    return Poll::Ready(item);
                }
                if self.waiting.borrow().is_empty() {
                    return Poll::Pending;
                }
                writing = Some(Box::pin(self.write_waiting()));
            }
        })
        .await
    }

    /// Writes all that waits with the first statement.
    async fn write_waiting(&self) {
        let waiting = self.waiting.take();
        let Some((sql, pinned_ms)) = waiting.first().map(|first| (first.sql, first.pinned_ms)) else { return };
        let (same, rest) = waiting.into_iter().partition(|one| one.sql == sql && one.pinned_ms == pinned_ms);
        *self.waiting.borrow_mut() = rest;
        let same: Vec<Waiting> = same;
        let records: Vec<&str> = same.iter().map(|one| one.record.as_str()).collect();
        match self.db.write(sql, pinned_ms, records.join(",")).await {
            // One of them is why; the others are not to suffer for it.
            Err(DbError::Refused(_)) if same.len() > 1 => {
                for one in same {
                    let _ = one.told.send(self.db.write(sql, pinned_ms, one.record).await);
                }
            }
            written => {
                for one in same {
                    // Whoever no longer listens was cut off.
                    let _ = one.told.send(written.clone());
                }
            }
        }
    }
}

#[async_trait::async_trait(?Send)]
impl Db for Group<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        self.db.execute(sql, parameters).await
    }

    async fn write(&self, sql: &'static str, pinned_ms: Option<i64>, record: String) -> Result<(), DbError> {
        let (told, written) = oneshot::channel();
        self.waiting.borrow_mut().push(Waiting { sql, pinned_ms, record, told });
        written.await.unwrap_or_else(|_| Err(DbError::Other("the write was given up".into())))
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use futures::stream::FuturesUnordered;
    use ports::native::NativeDb;

    use super::*;

    const INSERT: &str = "insert into t (at, n) select ?1, r.value ->> 'n' from json_each(?2) r";

    struct Counted {
        db: NativeDb,
        statements: RefCell<u32>,
    }

    #[async_trait::async_trait(?Send)]
    impl Db for Counted {
        async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
            *self.statements.borrow_mut() += 1;
            self.db.run(sql, parameters)
        }
    }

    fn database() -> Counted {
        let db = NativeDb::in_memory().unwrap();
        db.run("create table t (at integer, n integer unique) strict", &[]).unwrap();
        db.run(
            "create trigger t_is_small before insert on t when new.n > 9 begin select raise(abort, 'rondo:large'); end",
            &[],
        )
        .unwrap();
        Counted { db, statements: RefCell::default() }
    }

    /// Each writes its numbers one after the other, all of them side by side.
    fn written(db: &dyn Db, numbers: &[&[i64]]) -> Vec<Vec<Result<(), DbError>>> {
        let group = Group::new(db);
        let write = async |numbers: &[i64]| {
            let mut told = Vec::new();
            for n in numbers {
                told.push(group.write(INSERT, Some(5), format!("{{\"n\":{n}}}")).await);
            }
            (numbers.to_vec(), told)
        };
        let mut at_work: FuturesUnordered<_> = numbers.iter().map(|numbers| write(numbers)).collect();
        let mut told = Vec::new();
        while let Some(one) = block_on(group.next(&mut at_work)) {
            told.push(one);
        }
        told.sort_by(|one, other| one.0.cmp(&other.0));
        told.into_iter().map(|(_, told)| told).collect()
    }

    #[test]
    fn what_waits_together_is_written_by_one_statement() {
        let db = database();
        assert_eq!(written(&db, &[&[1, 4], &[2, 5], &[3, 6]]), vec![vec![Ok(()), Ok(())]; 3]);
        assert_eq!(*db.statements.borrow(), 2, "six by themselves");
        let rows = db.db.run("select count(*) as n from t where at = 5", &[]).unwrap();
        assert_eq!(rows.first().unwrap().int("n"), Ok(6));
    }

    #[test]
    fn what_is_refused_harms_no_other() {
        let db = database();
        let refused = Err(DbError::Refused("large".into()));
        assert_eq!(written(&db, &[&[1], &[2], &[30]]), [vec![Ok(())], vec![Ok(())], vec![refused]]);
        let rows = db.db.run("select count(*) as n from t", &[]).unwrap();
        assert_eq!(rows.first().unwrap().int("n"), Ok(2));
    }
}
