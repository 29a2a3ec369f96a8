//! Agents: the personas that do the steps, and what each may do without asking.

use crate::job::Step;
use crate::review::REVISIONS_MAX;
use crate::words::words;

words! {
    /// What an agent is in a workspace; every workspace has one of each.
    pub enum AgentRole {
        /// Plans.
        Strategist = "strategist",
        /// Writes.
        Copywriter = "copywriter",
        /// Makes pictures.
        Visual = "visual",
        /// Judges.
        Editor = "editor",
        /// Reads claims.
        Compliance = "compliance",
        /// Sends.
        Publisher = "publisher",
        /// Measures and learns.
        Analyst = "analyst",
    }
}

words! {
    /// How much an agent does without asking. The rules of approval hold above it: nothing goes out unapproved, and
    /// no plan is carried out that nobody approved.
    pub enum Autonomy {
        /// A person decides each time.
        Ask = "ask",
        /// It decides so many times, then a person does.
        Threshold = "threshold",
        /// It acts, and history says so.
        Act = "act",
    }
}

words! {
    /// An agent's colour, by name: each has a shade for light and one for dark.
    pub enum Colour {
        /// Blue.
        Blue = "blue",
        /// Rose.
        Rose = "rose",
        /// Violet.
        Violet = "violet",
        /// Teal.
        Teal = "teal",
        /// Slate.
        Slate = "slate",
        /// Amber.
        Amber = "amber",
        /// Olive.
        Olive = "olive",
    }
}

/// Longest name in characters.
pub const NAME_CHARS_MAX: usize = 60;
/// Longest personality in characters.
pub const PERSONALITY_CHARS_MAX: usize = 1_000;
/// Longest instructions, and longest command, in characters.
pub const INSTRUCTIONS_CHARS_MAX: usize = 4_000;

impl AgentRole {
    /// The step that it does; none for those that have no work yet.
    pub fn step(self) -> Option<Step> {
        match self {
            Self::Strategist => Some(Step::Strategize),
            Self::Copywriter => Some(Step::Generate),
            Self::Editor => Some(Step::Review),
            Self::Publisher => Some(Step::Publish),
            Self::Visual | Self::Compliance | Self::Analyst => None,
        }
    }

    /// Who does a step.
    pub fn of(step: Step) -> Self {
        match step {
            Step::Strategize => Self::Strategist,
            Step::Generate => Self::Copywriter,
            Step::Review => Self::Editor,
            Step::Publish => Self::Publisher,
        }
    }

    /// Whether its level changes anything: it decides on revisions.
    pub fn decides_on_revisions(self) -> bool {
        matches!(self, Self::Copywriter | Self::Editor)
    }
}

/// How often a post may be revised without a person, as far as one agent is concerned. The loop stays bounded.
pub fn revisions_alone(autonomy: Autonomy, threshold: u32) -> u32 {
    match autonomy {
        Autonomy::Ask => 0,
        Autonomy::Threshold => threshold.min(REVISIONS_MAX),
        Autonomy::Act => REVISIONS_MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_its_agent() {
        for step in Step::ALL {
            assert_eq!(AgentRole::of(*step).step(), Some(*step));
        }
    }

    #[test]
    fn no_level_lets_a_post_be_revised_for_ever() {
        for autonomy in Autonomy::ALL {
            assert!(revisions_alone(*autonomy, u32::MAX) <= REVISIONS_MAX);
        }
        assert_eq!(revisions_alone(Autonomy::Ask, 3), 0);
        assert_eq!(revisions_alone(Autonomy::Threshold, 2), 2);
    }
}
