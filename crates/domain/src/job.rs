//! A job: one execution of one step, and its states.
//!
//! ```text
//!          claim            arm             finish
//! ready ─────────▶ leased ─────────▶ armed ─────────▶ done
//!   ▲ ▲              │ │               │ └──────────▶ dead | ready (surely not sent)
//!   │ └─ lease over ─┘ └▶ done | dead  │ lease over, or outcome not known
//!   │    retry, snooze     cancelled   ▼
//!   │                               unknown ◀──────── lease over, not yet sure ─┐
//!   │                                  │ claim, after the quiet period          │
//!   │                                  ▼                                        │
//!   └──────── surely not there ── reconciling ──────────────────────────────────┘
//!                                      └▶ done | needs_human
//! ready, leased ─▶ cancelled      needs_human ─▶ done | ready (a person says which)
//! ready, leased ─▶ needs_human    only by a restore: it may have gone out after the backup was made
//! ```

use crate::words::words;

words! {
    /// A step of the pipeline; each has its own component and its own queue.
    pub enum Step {
        /// Plans.
        Strategize = "strategize",
        /// Writes.
        Generate = "generate",
        /// Judges.
        Review = "review",
        /// Sends.
        Publish = "publish",
    }
}

words! {
    /// Where a job is.
    pub enum JobState {
        /// Waits for its time and for a worker.
        Ready = "ready",
        /// A worker has it until the lease ends; nothing has left the building, so it is safe to run again.
        Leased = "leased",
        /// The point of no return: a byte may have left. Never run again on a guess.
        Armed = "armed",
        /// Armed, and nobody knows what came of it. Waits for the quiet period.
        Unknown = "unknown",
        /// A worker is finding out.
        Reconciling = "reconciling",
        /// Nobody can find out but a person.
        NeedsHuman = "needs_human",
        /// Done.
        Done = "done",
        /// Out of attempts, or refused for good.
        Dead = "dead",
        /// No longer wanted.
        Cancelled = "cancelled",
    }
}

impl JobState {
    /// The states that may follow. The migrations hold the same table; a test compares them.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Ready => &[Self::Leased, Self::NeedsHuman, Self::Cancelled],
            Self::Leased => &[Self::Ready, Self::Armed, Self::NeedsHuman, Self::Done, Self::Dead, Self::Cancelled],
            Self::Armed => &[Self::Ready, Self::Unknown, Self::Done, Self::Dead],
            Self::Unknown => &[Self::Reconciling],
            Self::Reconciling => &[Self::Ready, Self::Unknown, Self::Done, Self::NeedsHuman],
            Self::NeedsHuman => &[Self::Ready, Self::Done],
            Self::Done | Self::Dead | Self::Cancelled => &[],
        }
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        self.next().is_empty()
    }
}
