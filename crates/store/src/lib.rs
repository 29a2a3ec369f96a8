//! The only crate with SQL: migrations, and one file for each table's queries.
//!
//! Conventions: one statement a call; every change of state is one guarded statement, and no row back means that
//! somebody else was quicker; `?1` is the pinned time in the statements that decide by the clock, null in
//! production, where the database's own clock counts.

pub mod job;
pub mod migrate;

/// The time, in SQL: pinned by tests as `?1`, else the database's own. Unix milliseconds.
macro_rules! now {
    () => {
        "coalesce(?1, cast(unixepoch('subsec') * 1000 as integer))"
    };
}
pub(crate) use now;
