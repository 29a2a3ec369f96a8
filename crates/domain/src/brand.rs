//! The brand: what a workspace says of itself once, and every campaign begins with.

mod reading;
mod taking;

pub use reading::{Reading, read};

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Brief;
use crate::brief::{Brand, Claims, Complaint, Fact, Goal, Style};
use crate::words::words;

/// All that a campaign may take from the brand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrandBook {
    /// Who speaks.
    pub brand: Brand,
    /// Facts by name.
    #[serde(default)]
    pub facts: BTreeMap<String, Fact>,
    /// What may, must and must not be claimed.
    #[serde(default)]
    pub claims: Claims,
    /// How it is written, with examples.
    #[serde(default)]
    pub style: Style,
    /// IANA zone that campaigns begin with; empty where none was chosen.
    #[serde(default)]
    pub timezone: String,
}

words! {
    /// What is asked for together.
    pub enum Group {
        /// Name, home page, a sentence, language, time zone.
        Who = "who",
        /// For whom, voice, style guide.
        Voice = "voice",
        /// Facts.
        Facts = "facts",
        /// What may, must and must not be claimed.
        Claims = "claims",
        /// Good and bad posts.
        Examples = "examples",
    }
}

/// Something that nobody has said yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The field, `brand.url`.
    pub field: &'static str,
    /// What it is asked for with.
    pub group: &'static str,
    /// Whether a campaign cannot begin without it.
    pub required: bool,
    /// What it is good for.
    pub why: &'static str,
}

impl BrandBook {
    /// Nothing is known.
    pub fn empty() -> Self {
        let brand = Brand {
            name: String::new(),
            url: String::new(),
            one_line: String::new(),
            audience: Vec::new(),
            voice: Vec::new(),
            language: "en".into(),
            also_in: Vec::new(),
        };
        Self {
            brand,
            facts: BTreeMap::new(),
            claims: Claims::default(),
            style: Style::default(),
            timezone: String::new(),
        }
    }

    /// What nobody has said yet, in the order in which it is asked for.
    pub fn missing(&self) -> Vec<Missing> {
        let Self { brand, claims, style, .. } = self;
        let blank = |text: &str| text.trim().is_empty();
        let (who, voice) = (Group::Who.as_str(), Group::Voice.as_str());
        let (facts, said, examples) = (Group::Facts.as_str(), Group::Claims.as_str(), Group::Examples.as_str());
        let all = [
            (blank(&brand.name), "brand.name", who, true, "posts say who speaks"),
            (blank(&brand.url), "brand.url", who, true, "the one address that every post may name"),
            (blank(&brand.one_line), "brand.one_line", who, true, "what it is, for those who never heard of it"),
            (blank(&self.timezone), "timezone", who, false, "new campaigns begin with it"),
            (brand.audience.is_empty(), "brand.audience", voice, false, "posts speak to somebody, not to everybody"),
            (brand.voice.is_empty(), "brand.voice", voice, false, "else every brand sounds alike"),
            (blank(&style.guide), "style.guide", voice, false, "rules that reviewers hold posts to"),
            (self.facts.is_empty(), "facts", facts, false, "numbers, prices and dates come from here and nowhere else"),
            (claims.allowed.is_empty(), "claims.allowed", said, false, "what posts may promise"),
            (claims.required.is_empty(), "claims.required", said, false, "what must never be forgotten"),
            (claims.banned.is_empty(), "claims.banned", said, false, "what must never be said"),
            (style.good.is_empty(), "style.good", examples, false, "writers follow an example sooner than a rule"),
            (style.bad.is_empty(), "style.bad", examples, false, "what to keep away from"),
        ];
        let missing = all.into_iter().filter(|one| one.0);
        missing.map(|(_, field, group, required, why)| Missing { field, group, required, why }).collect()
    }

    /// Everything that is wrong with it; nothing when it can be saved.
    pub fn complaints(&self) -> Vec<Complaint> {
        let zone = Some(self.timezone.as_str()).filter(|zone| !zone.is_empty()).unwrap_or("UTC");
        let goal = Goal {
            text: "any".into(),
            channels: vec!["stage".into()],
            posts_per_week: 1,
            weeks: 1,
            timezone: zone.into(),
            start: Date::constant(2027, 1, 1),
        };
        let mut found = self.with_goal(goal).complaints();
        for one in &mut found {
            one.field = one.field.trim_start_matches("goal.").into();
        }
        found
    }

    /// A brief for this goal.
    pub fn with_goal(&self, goal: Goal) -> Brief {
        Brief {
            brand: self.brand.clone(),
            facts: self.facts.clone(),
            claims: self.claims.clone(),
            style: self.style.clone(),
            goal,
        }
    }

    /// A brief from a goal in a sentence: two weeks on the stage, three posts a week, from this day on.
    pub fn brief(&self, goal: &str, channels: Vec<String>, start: Date) -> Brief {
        let timezone = if self.timezone.is_empty() { "UTC".into() } else { self.timezone.clone() };
        self.with_goal(Goal { text: goal.into(), channels, posts_per_week: 3, weeks: 2, timezone, start })
    }

    /// The bytes that are stored and hashed.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("texts by name are always JSON")
    }

    /// Lower-case hex SHA-256 of [`Self::canonical`].
    pub fn sha256(&self) -> String {
        crate::post::hex(&Sha256::digest(self.canonical().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_asked_for_group_by_group_and_the_required_first() {
        let missing = BrandBook::empty().missing();
        assert_eq!(missing[0].field, "brand.name");
        let groups: Vec<&str> = missing.iter().map(|one| one.group).collect();
        assert!(groups.is_sorted_by_key(|group| Group::ALL.iter().position(|one| one.as_str() == *group)));
        assert_eq!(missing.iter().filter(|one| one.required).count(), 3);
    }

    #[test]
    fn what_is_wrong_is_named_and_a_whole_brand_is_a_brief_but_for_its_goal() {
        let mut book = BrandBook::empty();
        let fields: Vec<String> = book.complaints().into_iter().map(|one| one.field).collect();
        assert_eq!(fields, ["brand.name", "brand.one_line", "brand.url"]);
        book.brand.name = "Rondo".into();
        book.brand.url = "https://rondo.example".into();
        book.brand.one_line = "Campaigns that loop.".into();
        book.timezone = "Mars/Olympus".into();
        assert_eq!(book.complaints()[0].field, "timezone");
        book.timezone = "Europe/Berlin".into();
        assert_eq!(book.complaints(), []);
        let brief = book.brief("Win readers.", vec!["stage".into()], Date::constant(2027, 3, 1));
        assert_eq!(brief.complaints(), []);
    }
}
