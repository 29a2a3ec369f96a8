//! Rubrics: what each reviewer scores, from 1 (poor) to 10, with the words of the post that the score rests on.

use serde::{Deserialize, Serialize};

use crate::agent::AgentRole;
use crate::review::Scores;
use crate::words::words;

words! {
    /// What a reviewer scores. No two rubrics share one, so that a dimension names its reviewer.
    pub enum Dimension {
        /// The editor's: does the first line make one of the audience read on?
        Hook = "hook",
        /// The editor's: is it understood at first reading?
        Clarity = "clarity",
        /// The editor's: does it sound like the brand?
        Voice = "voice",
        /// The editor's: does it rest on the facts?
        Evidence = "evidence",
        /// The editor's: is it plain what to do next?
        CallToAction = "call_to_action",
        /// The editor's: does it suit the channel?
        PlatformFit = "platform_fit",
        /// The brand's: names and words as the brand writes them.
        OnBrand = "on_brand",
        /// The brand's: the style guide and its examples.
        Style = "style",
        /// The brand's: does it speak to the audience?
        Audience = "audience",
        /// Compliance: can every statement be shown to be so?
        Truth = "truth",
        /// Compliance: required claims whole, banned ones in no form.
        Claims = "claims",
        /// Compliance: nobody misled, pressed or disparaged.
        Fairness = "fairness",
        /// Conversion: what does the reader get?
        Offer = "offer",
        /// Conversion: is there one step, and an easy one?
        Friction = "friction",
        /// Conversion: an honest reason to take it.
        Motive = "motive",
        /// Search: the words that people look for.
        SearchWords = "search_words",
        /// Search: does the title say what it is about?
        SearchTitle = "search_title",
        /// Search: does it stand on its own in a list of results?
        Findable = "findable",
    }
}

/// One score, with the words that it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mark {
    /// What is scored.
    pub dimension: Dimension,
    /// 1 to 10.
    pub score: u8,
    /// The words of the version that it rests on; empty where it rests on something that is missing.
    pub quote: String,
}

/// The roles that have a rubric, in the order in which a full chain asks them: whoever may say “never” first.
pub const REVIEWERS: [AgentRole; 5] =
    [AgentRole::Compliance, AgentRole::Brand, AgentRole::Editor, AgentRole::Conversion, AgentRole::Seo];

impl AgentRole {
    /// Whether it judges versions.
    pub const fn is_reviewer(self) -> bool {
        !self.rubric().is_empty()
    }

    /// What it scores as a reviewer; nothing where it is none.
    pub const fn rubric(self) -> &'static [Dimension] {
        use Dimension::{
            Audience, CallToAction, Claims, Clarity, Evidence, Fairness, Findable, Friction, Hook, Motive, Offer,
            OnBrand, PlatformFit, SearchTitle, SearchWords, Style, Truth, Voice,
        };
        match self {
            Self::Editor => &[Hook, Clarity, Voice, Evidence, CallToAction, PlatformFit],
            Self::Brand => &[OnBrand, Style, Audience],
            Self::Compliance => &[Truth, Claims, Fairness],
            Self::Conversion => &[Offer, Friction, Motive],
            Self::Seo => &[SearchWords, SearchTitle, Findable],
            Self::Strategist | Self::Copywriter | Self::Visual | Self::Publisher | Self::Analyst => &[],
        }
    }
}

impl Dimension {
    /// Whose rubric it is of.
    pub fn reviewer(self) -> AgentRole {
        REVIEWERS.into_iter().find(|role| role.rubric().contains(&self)).unwrap_or(AgentRole::Editor)
    }

    /// As people read it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hook => "Hook",
            Self::Clarity => "Clarity",
            Self::Voice => "Voice",
            Self::Evidence => "Evidence",
            Self::CallToAction => "Call to action",
            Self::PlatformFit => "Platform fit",
            Self::OnBrand => "On brand",
            Self::Style => "Style",
            Self::Audience => "Audience",
            Self::Truth => "Truth",
            Self::Claims => "Claims",
            Self::Fairness => "Fairness",
            Self::Offer => "Offer",
            Self::Friction => "Friction",
            Self::Motive => "Motive",
            Self::SearchWords => "Search words",
            Self::SearchTitle => "Search title",
            Self::Findable => "Findable",
        }
    }
}

/// The editor's six, where they are all there: what a post is measured by from pass to pass.
pub fn copy_scores(marks: &[Mark]) -> Option<Scores> {
    let of = |dimension| marks.iter().find(|mark| mark.dimension == dimension).map(|mark| mark.score);
    Some(Scores {
        hook: of(Dimension::Hook)?,
        clarity: of(Dimension::Clarity)?,
        voice: of(Dimension::Voice)?,
        evidence: of(Dimension::Evidence)?,
        call_to_action: of(Dimension::CallToAction)?,
        platform_fit: of(Dimension::PlatformFit)?,
    })
}

/// What is wrong with these marks as an answer to a question for these dimensions.
pub fn complaint(marks: &[Mark], asked: &[Dimension]) -> Option<String> {
    if let Some(mark) = marks.iter().find(|mark| !(1..=10).contains(&mark.score)) {
        return Some(format!("the score of {} is {}; it must be from 1 to 10", mark.dimension, mark.score));
    }
    let count = |dimension: &Dimension| marks.iter().filter(|mark| mark.dimension == *dimension).count();
    if let Some(dimension) = asked.iter().find(|dimension| count(dimension) != 1) {
        return Some(format!("scores must hold {dimension} exactly once"));
    }
    marks
        .iter()
        .find(|mark| !asked.contains(&mark.dimension))
        .map(|mark| format!("nobody asked for a score of {}", mark.dimension))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dimension_is_of_one_rubric() {
        for dimension in Dimension::ALL {
            let of: Vec<_> = AgentRole::ALL.iter().filter(|role| role.rubric().contains(dimension)).collect();
            assert_eq!(of, [&dimension.reviewer()], "{dimension}");
        }
        for role in AgentRole::ALL {
            assert_eq!(REVIEWERS.contains(role), !role.rubric().is_empty(), "{role}");
        }
    }

    #[test]
    fn marks_answer_exactly_what_was_asked() {
        let mark = |dimension, score| Mark { dimension, score, quote: String::new() };
        let asked = AgentRole::Seo.rubric();
        let all: Vec<Mark> = asked.iter().map(|dimension| mark(*dimension, 7)).collect();
        assert_eq!(complaint(&all, asked), None);
        assert!(complaint(&all[1..], asked).is_some());
        assert!(complaint(&[all.clone(), vec![mark(Dimension::Hook, 7)]].concat(), asked).is_some());
        assert!(complaint(&[vec![mark(asked[0], 11)], all[1..].to_vec()].concat(), asked).is_some());
        assert!(complaint(&[all.clone(), all].concat(), asked).is_some());
    }
}
