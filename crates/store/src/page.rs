//! Paging by key: a page begins after the last row of the one before, so that rows which come or go between two
//! pages are neither shown twice nor skipped.

use ports::Value;

/// The place of a row in a list that is sorted by time: its time, then its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Unix milliseconds.
    pub at: i64,
    /// Tells rows of one millisecond apart.
    pub id: String,
}

/// Most rows of one page.
pub const LIMIT_MAX: u32 = 200;

/// The parameters of "older than this key", for a list with the newest first.
pub(crate) fn older_than(after: Option<&Key>) -> [Value; 2] {
    after.map_or([i64::MAX.into(), "".into()], |key| [key.at.into(), (&key.id).into()])
}

/// The parameters of "newer than this key", for a list with the oldest first.
pub(crate) fn newer_than(after: Option<&Key>) -> [Value; 2] {
    after.map_or([i64::MIN.into(), "".into()], |key| [key.at.into(), (&key.id).into()])
}

/// The parameter of LIMIT; never more than [`LIMIT_MAX`] and the one row that tells whether there are more.
pub(crate) fn limited(limit: u32) -> Value {
    i64::from(limit.min(LIMIT_MAX + 1)).into()
}
