//! The only crate with SQL: migrations, and one file for each table's queries.
//!
//! Conventions: one statement a call; every change of state is one guarded statement, and no row back means that
//! somebody else was quicker; `?1` is the pinned time in the statements that decide by the clock, null in
//! production, where the database's own clock counts.

pub mod added_post;
pub mod agent;
pub mod approval;
pub mod autonomy;
pub mod brand;
pub mod campaign;
pub mod channel;
pub mod command;
pub mod comment;
pub mod conductor;
pub mod cost;
pub mod envelope;
pub mod event;
pub mod export;
pub mod history;
pub mod id;
pub mod idempotency;
pub mod import;
pub mod inbox;
pub mod job;
pub mod job_list;
mod json;
pub mod learning;
pub mod memory;
pub mod migrate;
pub mod notification;
pub mod page;
pub mod people;
pub mod picture;
#[cfg(test)]
mod play;
pub mod policy;
pub mod post;
pub mod price;
pub mod provider;
pub mod reading;
pub mod recent;
pub mod reminder;
pub mod restoration;
pub mod review;
pub mod review_rule;
pub mod run;
pub mod seal;
pub mod secret;
pub mod stage;
pub mod step_input;
pub mod strategy;
pub mod sweep;
pub mod template;
pub mod weekly_slot;

/// The time, in SQL: pinned by tests as `?1`, else the database's own. Unix milliseconds.
macro_rules! now {
    () => {
        "coalesce(?1, cast(unixepoch('subsec') * 1000 as integer))"
    };
}
pub(crate) use now;
