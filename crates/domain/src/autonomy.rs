//! Earned autonomy: a rule that approves what people have approved again and again, so that they need not.
//!
//! It is earned in a scope: an agent, a channel, a kind of content and a mode. The kind is the plan's pillar, which
//! is what a person who plans calls it; the agent is the copywriter, for nobody else writes posts. What was earned in
//! rehearsal counts for no performance. Any fault in the scope ends the rule at once, and with it whatever it approved
//! that has not left; so much must be earned again. A version about something delicate ([`crate::chain::is_delicate`])
//! is never approved by a rule, in no mode. The store's triggers hold all of it.

use serde::{Deserialize, Serialize};

use crate::brief::Complaint;
use crate::words::words;

words! {
    /// What breaks a streak and ends a rule.
    pub enum Fault {
        /// A person sent a post of the scope back.
        SentBack = "sent_back",
        /// A person dropped one.
        Rejected = "rejected",
        /// A person changed the agent's words.
        Edited = "edited",
        /// Nobody knows whether one went out.
        Unknown = "unknown",
        /// One could not be published.
        Failed = "failed",
        /// A person took the rule back.
        TakenBack = "taken_back",
    }
}

impl Fault {
    /// As the end of a sentence that begins with “It ended because”.
    pub const fn told(self) -> &'static str {
        match self {
            Self::SentBack => "a post was sent back",
            Self::Rejected => "a post was dropped",
            Self::Edited => "a person changed a post",
            Self::Unknown => "nobody knew whether a post went out",
            Self::Failed => "a post could not be published",
            Self::TakenBack => "it was taken back",
        }
    }
}

/// What a workspace asks of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AutonomyPolicy {
    /// Whether there are rules at all. Off, until somebody turns it on.
    pub enabled: bool,
    /// So many approvals in a row, none of them edited.
    pub streak_needed: u32,
    /// Each of a version whose mean of the editor's six was at least this, in tenths; what a rule approves as well.
    pub mean_tenths_min: u32,
    /// Most approvals a day that one rule may have.
    pub cap_max: u32,
}

/// Fewest approvals in a row that a workspace may ask for.
pub const STREAK_MIN: u32 = 5;
/// Most of them.
pub const STREAK_MAX: u32 = 50;
/// Least mean that a workspace may ask for, in tenths: what any version must reach to pass.
pub const MEAN_TENTHS_MIN: u32 = crate::review::MEAN_TENTHS_MIN;
/// Most approvals a day that a workspace may allow one rule.
pub const CAP_MAX: u32 = 20;

impl Default for AutonomyPolicy {
    fn default() -> Self {
        Self { enabled: false, streak_needed: 10, mean_tenths_min: 80, cap_max: 3 }
    }
}

impl AutonomyPolicy {
    /// Everything that is wrong with it.
    pub fn complaints(&self) -> Vec<Complaint> {
        let range = |field: &str, value: u32, min: u32, max: u32| {
            let complaint = || Complaint { field: field.into(), complaint: format!("must be from {min} to {max}") };
            (!(min..=max).contains(&value)).then(complaint)
        };
        [
            range("streak_needed", self.streak_needed, STREAK_MIN, STREAK_MAX),
            range("mean_tenths_min", self.mean_tenths_min, MEAN_TENTHS_MIN, 100),
            range("cap_max", self.cap_max, 1, CAP_MAX),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_off_unless_somebody_turns_it_on_and_what_is_too_easy_is_refused() {
        let policy = AutonomyPolicy::default();
        assert!(!policy.enabled && policy.complaints().is_empty());
        let easy = AutonomyPolicy { enabled: true, streak_needed: 1, mean_tenths_min: 10, cap_max: 500 };
        assert_eq!(easy.complaints().len(), 3);
    }
}
