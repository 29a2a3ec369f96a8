//! Long answers: made and sent piece by piece, each a bounded page of what the database holds.

use ports::Db;

use crate::Problem;

/// Where the pieces come from.
#[async_trait::async_trait(?Send)]
pub trait Pieces {
    /// The next piece; `None` after the last.
    async fn next(&mut self, db: &dyn Db) -> Result<Option<Vec<u8>>, Problem>;
}

/// Sends all of them. `write` says whether the client is there. `false`: it did not get all of it.
pub async fn stream(source: &mut dyn Pieces, db: &dyn Db, mut write: impl AsyncFnMut(Vec<u8>) -> bool) -> bool {
    loop {
        match source.next(db).await {
            Ok(Some(piece)) => {
                if !write(piece).await {
                    return false;
                }
            }
            Ok(None) => return true,
            Err(problem) => {
                drop(problem.into_reply()); // logs it, if it is ours
                return false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;

    /// Counts down; at zero it ends, or fails.
    struct Countdown(u8, bool);

    #[async_trait::async_trait(?Send)]
    impl Pieces for Countdown {
        async fn next(&mut self, _: &dyn Db) -> Result<Option<Vec<u8>>, Problem> {
            match (self.0, self.1) {
                (0, true) => Err(Problem::Internal(anyhow::anyhow!("the disk is gone"))),
                (0, false) => Ok(None),
                (left, _) => {
                    self.0 = left - 1;
                    Ok(Some(vec![left]))
                }
            }
        }
    }

    fn play(mut source: Countdown, reads: usize) -> (Vec<u8>, bool) {
        let mut got = Vec::new();
        let write = async |piece: Vec<u8>| {
            got.extend(piece);
            got.len() < reads
        };
        let whole = block_on(stream(&mut source, &NativeDb::in_memory().unwrap(), write));
        (got, whole)
    }

    #[test]
    fn all_pieces_go_out_in_order() {
        assert_eq!(play(Countdown(3, false), 9), (vec![3, 2, 1], true));
    }

    #[test]
    fn what_broke_off_is_never_taken_for_whole() {
        assert_eq!(play(Countdown(3, true), 9), (vec![3, 2, 1], false));
        assert_eq!(play(Countdown(3, false), 2), (vec![3, 2], false), "the client went");
    }
}
