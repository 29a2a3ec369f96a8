//! A campaign and its stages.
//!
//! ```text
//! planning ──▶ strategy_approval ──▶ producing ──▶ finished
//!     ▲               │
//!     └── sent back ──┘      any but finished ──▶ cancelled
//! ```

use crate::words::words;

words! {
    /// Whether what a campaign publishes leaves the building.
    pub enum Mode {
        /// The whole loop for real, to a stage that members alone see.
        Rehearsal = "rehearsal",
        /// To the public.
        Performance = "performance",
    }
}

words! {
    /// How far a campaign is. Posts have states of their own.
    pub enum Stage {
        /// The strategist is at work.
        Planning = "planning",
        /// A strategy waits for a person.
        StrategyApproval = "strategy_approval",
        /// Posts are written, reviewed, approved and published.
        Producing = "producing",
        /// Every post came to an end.
        Finished = "finished",
        /// A person stopped it.
        Cancelled = "cancelled",
    }
}

impl Stage {
    /// The stages that may follow.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Planning => &[Self::StrategyApproval, Self::Cancelled],
            Self::StrategyApproval => &[Self::Planning, Self::Producing, Self::Cancelled],
            Self::Producing => &[Self::Finished, Self::Cancelled],
            Self::Finished | Self::Cancelled => &[],
        }
    }
}
