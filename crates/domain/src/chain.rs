//! Review chains: which reviewers read a version, in which order, for which channel and risk, and what a version
//! must reach. They are data, a workspace's own; without any these defaults hold.
//!
//! The defaults keep the cost moderate: what is at low risk is read by editor, brand and compliance in **one** call;
//! what is at high risk by all five, each in a call of its own, compliance first, and nobody is asked after a reject.
//! High is whatever may reach the public (a performance), or speaks of health, money, law or children.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::agent::AgentRole;
use crate::brief::Complaint;
use crate::campaign::Mode;
use crate::post::Content;
use crate::review::{MEAN_TENTHS_MIN, SCORE_MIN};
use crate::rubric::{Dimension, REVIEWERS};
use crate::words::words;

words! {
    /// How much harm a version could do.
    pub enum Risk {
        /// A rehearsal about nothing delicate.
        Low = "low",
        /// A performance, or a delicate matter.
        High = "high",
    }
}

/// Who reads a version, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chain {
    /// The channel's name; empty: every channel that has no chain of its own.
    #[serde(default)]
    pub channel: String,
    /// For versions at this risk.
    pub risk: Risk,
    /// In this order.
    pub reviewers: Vec<AgentRole>,
    /// Asked together, in one call.
    #[serde(default)]
    pub combined: bool,
}

/// A workspace's rules of review.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// The chains; the first that fits is taken, a channel's own before all others.
    pub chains: Vec<Chain>,
    /// What a version must reach in each dimension; [`SCORE_MIN`] where nothing is said.
    #[serde(default)]
    pub thresholds: BTreeMap<Dimension, u8>,
    /// What the mean of the editor's six must reach, in tenths.
    pub mean_tenths_min: u32,
}

/// Most chains of a workspace.
pub const CHAINS_MAX: usize = 20;
/// Whatever a workspace says, nothing passes under this.
pub const THRESHOLD_MIN: u8 = 4;
/// A threshold that hardly anything reaches would send everything to a person.
pub const THRESHOLD_MAX: u8 = 9;

impl Default for Rules {
    fn default() -> Self {
        let quick = vec![AgentRole::Editor, AgentRole::Brand, AgentRole::Compliance];
        Self {
            chains: vec![
                Chain { channel: String::new(), risk: Risk::Low, reviewers: quick, combined: true },
                Chain { channel: String::new(), risk: Risk::High, reviewers: REVIEWERS.into(), combined: false },
            ],
            thresholds: BTreeMap::new(),
            mean_tenths_min: MEAN_TENTHS_MIN,
        }
    }
}

impl Rules {
    /// What a dimension must reach.
    pub fn threshold(&self, dimension: Dimension) -> u8 {
        self.thresholds.get(&dimension).copied().unwrap_or(SCORE_MIN)
    }

    /// The chain for a version: the channel's own, else everybody's, else the default's.
    pub fn chain(&self, channel: &str, risk: Risk) -> Chain {
        let of = |channel: &str| self.chains.iter().find(|chain| chain.channel == channel && chain.risk == risk);
        let found = of(channel).or_else(|| of("")).cloned();
        found.unwrap_or_else(|| {
            let default = Self::default();
            default.chains.into_iter().find(|chain| chain.risk == risk).expect("the default has one for every risk")
        })
    }

    /// Everything that is wrong with them at once; `channels` are the names that there are.
    pub fn complaints(&self, channels: &[String]) -> Vec<Complaint> {
        let mut found = Vec::new();
        let mut say = |field: String, complaint: String| found.push(Complaint { field, complaint });
        if self.chains.len() > CHAINS_MAX {
            say("chains".into(), format!("has {} entries; the most is {CHAINS_MAX}", self.chains.len()));
        }
        for (at, chain) in self.chains.iter().enumerate() {
            let field = format!("chains.{at}");
            if !chain.channel.is_empty() && !channels.contains(&chain.channel) {
                say(format!("{field}.channel"), format!("names no channel: `{}`", chain.channel));
            }
            let before = &self.chains[..at];
            if before.iter().any(|other| (&other.channel, other.risk) == (&chain.channel, chain.risk)) {
                say(field.clone(), "is there already for this channel and risk".into());
            }
            if let Some(role) = chain.reviewers.iter().find(|role| role.rubric().is_empty()) {
                say(format!("{field}.reviewers"), format!("names {role}, who reviews nothing"));
            }
            let twice = |role: &&AgentRole| chain.reviewers.iter().filter(|other| other == role).count() > 1;
            if let Some(role) = chain.reviewers.iter().find(twice) {
                say(format!("{field}.reviewers"), format!("names {role} twice"));
            }
            if !chain.reviewers.contains(&AgentRole::Editor) {
                say(
                    format!("{field}.reviewers"),
                    "must name the editor, whose six scores a post is measured by".into(),
                );
            }
        }
        for (dimension, score) in &self.thresholds {
            if !(THRESHOLD_MIN..=THRESHOLD_MAX).contains(score) {
                say(format!("thresholds.{dimension}"), format!("must be from {THRESHOLD_MIN} to {THRESHOLD_MAX}"));
            }
        }
        let means = u32::from(THRESHOLD_MIN) * 10..=u32::from(THRESHOLD_MAX) * 10;
        if !means.contains(&self.mean_tenths_min) {
            say("mean_tenths_min".into(), format!("must be from {} to {}", means.start(), means.end()));
        }
        found
    }
}

impl Chain {
    /// Who is asked in each of its calls of a model.
    pub fn questions(&self) -> impl Iterator<Item = &[AgentRole]> {
        self.reviewers.chunks(if self.combined { self.reviewers.len().max(1) } else { 1 })
    }

    /// How many calls a version costs, where every answer fits and nobody rejects.
    pub fn calls(&self) -> usize {
        self.questions().count()
    }
}

/// Beginnings of words about which a careless sentence does harm.
const DELICATE: &[&str] = &[
    "medic",
    "disease",
    "diagnos",
    "therap",
    "cancer",
    "vaccin",
    "pregnan",
    "allerg",
    "invest",
    "loan",
    "mortgage",
    "insur",
    "lawsuit",
    "attorney",
    "minors",
    "children",
    "gambl",
    "alcohol",
    "medizin",
    "krank",
    "schwanger",
    "kredit",
    "versicher",
    "geldanlage",
    "rendite",
    "anwalt",
    "kinder",
    "glücksspiel",
    "alkohol",
];

/// How much harm a version could do.
pub fn risk(mode: Mode, content: &Content) -> Risk {
    if mode == Mode::Performance || is_delicate(content) { Risk::High } else { Risk::Low }
}

/// Whether it speaks of health, money, law or children: whatever the mode, a person looks at it.
pub fn is_delicate(content: &Content) -> bool {
    let (prompt, alt) = content.image.as_ref().map_or(("", ""), |image| (&image.prompt, &image.alt));
    let text = format!("{} {} {alt} {prompt}", content.title, content.text).to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    words.any(|word| DELICATE.iter().any(|stem| word.starts_with(stem)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_sound_and_cost_one_call_at_low_risk() {
        let rules = Rules::default();
        assert!(rules.complaints(&[]).is_empty());
        assert_eq!((rules.chain("x", Risk::Low).calls(), rules.chain("x", Risk::High).calls()), (1, 5));
        assert_eq!(rules.threshold(Dimension::Truth), SCORE_MIN);
    }

    #[test]
    fn a_channels_own_chain_is_taken_before_everybodys() {
        let own =
            Chain { channel: "blog".into(), risk: Risk::Low, reviewers: vec![AgentRole::Editor], combined: false };
        let mut rules = Rules::default();
        rules.chains.push(own.clone());
        assert!(rules.complaints(&["blog".into()]).is_empty());
        assert_eq!(rules.chain("blog", Risk::Low), own);
        assert_ne!(rules.chain("stage", Risk::Low), own);
        let nothing = Rules { chains: Vec::new(), ..Rules::default() };
        assert_eq!(nothing.chain("blog", Risk::High).reviewers, REVIEWERS, "nothing said is the default, never nobody");
    }

    #[test]
    fn rules_that_would_let_anything_through_are_refused_with_every_reason() {
        let chain =
            |channel: &str, reviewers| Chain { channel: channel.into(), risk: Risk::Low, reviewers, combined: true };
        let rules = Rules {
            chains: vec![
                chain("nowhere", vec![AgentRole::Editor]),
                chain("", vec![AgentRole::Seo, AgentRole::Publisher]),
                chain("", vec![AgentRole::Editor, AgentRole::Editor]),
            ],
            thresholds: [(Dimension::Hook, 1), (Dimension::Voice, 10)].into(),
            mean_tenths_min: 10,
        };
        assert_eq!(rules.complaints(&["blog".into()]).len(), 8, "{:?}", rules.complaints(&[]));
    }

    #[test]
    fn what_goes_out_or_is_delicate_is_at_high_risk() {
        let content =
            |text: &str| Content { language: "en".into(), title: String::new(), text: text.into(), image: None };
        assert_eq!(risk(Mode::Rehearsal, &content("Buns at night.")), Risk::Low);
        assert_eq!(risk(Mode::Performance, &content("Buns at night.")), Risk::High);
        assert_eq!(risk(Mode::Rehearsal, &content("Our buns cure no disease.")), Risk::High);
        assert_eq!(risk(Mode::Rehearsal, &content("Für Kinder")), Risk::High);
    }
}
