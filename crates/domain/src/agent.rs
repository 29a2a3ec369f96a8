//! Agents: the personas that do the steps, and what each may do without asking.

use crate::brief::Complaint;
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
        /// Thinks of pictures.
        Visual = "visual",
        /// Judges.
        Editor = "editor",
        /// Reads for the brand.
        Brand = "brand",
        /// Reads claims.
        Compliance = "compliance",
        /// Reads for what the reader is to do.
        Conversion = "conversion",
        /// Reads for who searches.
        Seo = "seo",
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
            Self::Visual | Self::Brand | Self::Compliance | Self::Conversion | Self::Seo | Self::Analyst => None,
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

    /// Whether it can be told to work for some channels alone. The copywriter works for all where none is named: posts
    /// on the others are then a person's to write. The visual designer works for those that are named and no others, so
    /// that nobody pays for pictures whom nobody asked for. Plans are for the brief's channels, every version is judged,
    /// and a channel that is to rest is paused itself.
    pub fn chooses_channels(self) -> bool {
        matches!(self, Self::Copywriter | Self::Visual)
    }

    /// Whether it chooses a model of its own: it is asked in a call of its own.
    pub fn chooses_a_model(self) -> bool {
        self.step().is_some() || self == Self::Visual
    }
}

/// A text of an agent's, trimmed, if its length is allowed; else what is wrong with it.
pub fn bounded(field: &str, text: &str, (min, max): (usize, usize)) -> Result<String, Complaint> {
    let text = text.trim();
    if (min..=max).contains(&text.chars().count()) {
        return Ok(text.into());
    }
    Err(Complaint { field: field.into(), complaint: format!("must have {min} to {max} characters") })
}

/// Something that an agent decides in the course of its work, and who decides it in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matter {
    /// What is decided.
    pub what: &'static str,
    /// Who decides.
    pub held: Held,
}

/// Who decides a matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// The agent, at every level.
    Alone,
    /// A person, at every level: a rule.
    Person,
    /// A fixed rule, from everything that was said.
    Rule,
    /// The agent or a person, as the level says.
    ByLevel,
}

const fn of(what: &'static str, held: Held) -> Matter {
    Matter { what, held }
}

impl AgentRole {
    /// What it decides.
    pub fn matters(self) -> &'static [Matter] {
        match self {
            Self::Strategist => {
                const {
                    &[
                        of("What a plan says", Held::Alone),
                        of("Whether a plan is carried out", Held::Person),
                        of("What is done when a budget is nearly spent", Held::Person),
                    ]
                }
            }
            Self::Copywriter => {
                const {
                    &[
                        of("What a post says, on the channels that it works for", Held::Alone),
                        of("Whether a post that the editor sent back is written again", Held::ByLevel),
                        of("Whether a post goes out", Held::Person),
                    ]
                }
            }
            Self::Editor => {
                const {
                    &[
                        of("Scores and findings", Held::Alone),
                        of("Whether a weak version goes back to the copywriter", Held::ByLevel),
                        of("Whether a version that passes goes out", Held::Person),
                    ]
                }
            }
            Self::Publisher => {
                const {
                    &[
                        of("Sending what was approved, at its time", Held::Alone),
                        of("Trying again what surely did not go out", Held::Alone),
                        of("Sending again what may have gone out", Held::Person),
                        of("Sending what missed its time", Held::Person),
                    ]
                }
            }
            Self::Brand | Self::Compliance | Self::Conversion | Self::Seo => {
                const {
                    &[
                        of("Scores and findings by its rubric", Held::Alone),
                        of("Whether a version passes", Held::Rule),
                        of("Whether a version that passes goes out", Held::Person),
                    ]
                }
            }
            Self::Visual => {
                const {
                    &[
                        of("What a post's picture is to show, and its alternative text", Held::Alone),
                        of("Whether a version passes", Held::Rule),
                        of("Whether a post goes out", Held::Person),
                    ]
                }
            }
            Self::Analyst => &[],
        }
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
