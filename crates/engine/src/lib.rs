//! Jobs at work: a step's runner claims what is due, works it within a time budget, records what came of it and
//! wakes whoever is next; the tick ends what has run out. Safe to run twice, in parallel, and to be cut off anywhere.

mod backoff;
mod drain;
mod group;
mod outcome;
mod tick;

pub use backoff::{BASE_MS, CAP_MS, backoff_ms};
pub use drain::{Drained, Limits, Work, drain};
pub use outcome::{KnownBy, Outcome};
pub use tick::{propose_learnings, tick};
