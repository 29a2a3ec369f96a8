//! Whether a text says again what a recent post said: the share of word sequences that the two have in common.
//!
//! The brief's own sentences do not count: every post of a campaign may give the address and the offer.

use std::collections::HashMap;

use super::own_words::BriefsWords;
use super::remark;
use crate::brief::Brief;
use crate::post::Content;
use crate::review::{Finding, Severity};
use crate::similarity::Shingles;

/// How far back the caller looks, in days: longer than that nobody remembers a post.
pub const RECENT_DAYS: u32 = 90;
/// Most recent posts that a text is held against.
pub const RECENT_MAX: u32 = 100;
/// Posts that are kept worked out.
const KNOWN_MAX: usize = 4 * RECENT_MAX as usize;
/// From here on it is the same post again, in percent of all word sequences of the two …
pub const REPEATED_PERCENT: u32 = 60;
/// … or so much of the shorter one stands in the other.
const CONTAINED_PERCENT: u32 = 80;
/// Fewest words of its own by which a text can be told to say something again.
const WORDS_MIN: usize = 8;

/// A post of the last weeks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recent {
    /// How a person finds it: its title.
    pub title: String,
    /// What it says.
    pub text: String,
}

/// What a text says in its own words, ready to be compared.
pub(crate) struct Own {
    shingles: Shingles,
    words: usize,
}

impl Own {
    /// Of a text, without what its brief says.
    pub(crate) fn of(text: &str, briefs_words: &BriefsWords) -> Self {
        let own = briefs_words.cut_from(text);
        Self { shingles: Shingles::of(&own), words: own.split_whitespace().count() }
    }

    /// Whether the two are near-duplicates. A few words say nothing.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        self.words >= WORDS_MIN
            && other.words >= WORDS_MIN
            && (self.shingles.percent(&other.shingles) >= REPEATED_PERCENT
                || self.shingles.contained_percent(&other.shingles) >= CONTAINED_PERCENT)
    }
}

/// What recent posts say in their own words, worked out once: a batch of versions is held against nearly the same posts.
pub struct Said {
    briefs_words: BriefsWords,
    known: HashMap<String, Own>,
}

impl Said {
    /// Nothing yet, by the campaigns of this brief.
    pub fn under(brief: &Brief) -> Self {
        Self { briefs_words: BriefsWords::of(brief), known: HashMap::new() }
    }

    /// A blocker where a text says again what one of these said, at its first line.
    pub fn again(&mut self, content: &Content, recent: &[Recent]) -> Option<Finding> {
        if self.known.len() > KNOWN_MAX {
            self.known.clear();
        }
        let own = Own::of(&content.text, &self.briefs_words);
        let other = recent.iter().find(|other| own.repeats(self.own(&other.text)))?;
        let first = content.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let advice =
            format!("This says again what the post \"{}\" says; open differently, and use another fact.", other.title);
        Some(remark("repetition", Severity::Blocker, first, advice).anchored(content))
    }

    fn own(&mut self, text: &str) -> &Own {
        self.known.entry(text.into()).or_insert_with(|| Own::of(text, &self.briefs_words))
    }
}

/// A blocker where a text says again what one of these said, at its first line.
pub fn repeated(content: &Content, brief: &Brief, recent: &[Recent]) -> Option<Finding> {
    Said::under(brief).again(content, recent)
}
