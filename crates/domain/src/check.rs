//! Structural checks: deterministic, free, and before any model looks.
//!
//! They see what stands there, not what it means: that a number occurs in the facts, not that it counts the same
//! thing; that a required claim stands in the text, not that the sentence around it denies it. The rest is for
//! the reviewers. Where a check of what may be said cannot be sure it complains, for a false alarm costs one
//! revision; one of how it is said (language, reading level, tags, repetition) then keeps silent.
//!
//! | rule | what breaks it |
//! |---|---|
//! | `empty`, `too_long` | no text; more graphemes than the channel carries, or more bytes than a version may have |
//! | `title_missing`, `title_too_long`, `title_lines` | no title where the channel shows one; too long; several lines |
//! | `language`, `wrong_language` | a tag that is none of the brief's; a text that is surely in another language |
//! | `invisible_character` | zero-width, bidirectional and other control characters |
//! | `banned_claim`, `required_claim` | see `check/claims.rs` |
//! | `invented_number`, `invented_price`, `invented_date` | see `check/quantities.rs` and `check/facts.rs` |
//! | `unknown_url`, `unknown_mention` | a host or an account that neither the brand nor the facts name |
//! | `link_parameters`, `utm` | a link that carries more than campaign parameters; campaign parameters that cannot be counted, or name another channel or campaign ([`tracked`], asked apart) |
//! | `personal_data`, `secret` | an e-mail address, telephone number, bank account or payment card that is no fact; what looks like a token |
//! | `leaked_goal` | six words of the goal in a row |
//! | `hashtags`, `mentions` | too many of them, or one twice; see `check/tags.rs` |
//! | `reading_level` | a text that reads like a paper; see `check/reading.rs` |
//! | `repetition` | a near-duplicate of a recent post, see [`repeated`], which is asked apart |
//! | `picture_alt_missing`, `picture_alt_too_long`, `picture_idea_missing`, `picture_idea_too_long` | a picture without alternative text, or without words for whoever makes it; too many of either |
//!
//! All but `utm`, `hashtags`, `mentions` and `reading_level` are blockers. A picture's words are checked as the text is:
//! see `check/picture.rs`.

mod accounts;
mod characters;
mod claims;
mod facts;
mod fold;
mod foreign_numbers;
mod leak;
mod names;
mod number_words;
mod own_words;
mod parameters;
mod picture;
mod quantities;
mod reading;
mod repetition;
mod secrets;
mod stated;
mod tags;
mod tongue;
mod tracking;

pub(crate) use foreign_numbers::Tongues;
pub(crate) use own_words::BriefsWords;
pub(crate) use repetition::Own;
pub(crate) use stated::{Kind as StatedKind, Stated, singular, stated};

pub(crate) use fold::is_unseen;
pub use reading::{AMSTAD_MIN, FLESCH_MIN};
pub use repetition::{RECENT_DAYS, RECENT_MAX, REPEATED_PERCENT, Recent, Said, repeated};
pub use tags::{HASHTAGS_MAX, MENTIONS_MAX};
pub use tracking::{Tracking, slug, tracked};

use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::brief::{Brand, Brief, Claims, Fact, Goal, Style};
use crate::length::Platform;
use crate::post::{Content, TEXT_BYTES_MAX};
use crate::review::{Finding, Severity};

/// What a channel can carry; each platform counts in its own way, the stage in graphemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest text, in graphemes (what a reader counts).
    pub text_graphemes_max: usize,
    /// Longest title, in graphemes; 0 where the channel shows none.
    pub title_graphemes_max: usize,
}

/// Most findings of one check: a writer mends these first.
pub const FINDINGS_MAX: usize = 50;

/// Everything that a version breaks. A blocker among it means that it cannot pass.
pub fn check(content: &Content, brief: &Brief, limits: &Limits) -> Vec<Finding> {
    Checks::of(brief).check(content, limits)
}

/// The checks for the posts of one brief, which is read once for all of them.
pub struct Checks<'a> {
    brief: &'a Brief,
    facts: facts::Facts,
    known: Vec<names::Named>,
    banned: Vec<claims::Pattern<'a>>,
    briefs_words: BriefsWords,
}

impl<'a> Checks<'a> {
    /// The checks of this brief.
    pub fn of(brief: &'a Brief) -> Self {
        Self {
            brief,
            facts: facts::Facts::of(brief),
            known: names::known(brief),
            banned: brief.claims.banned.iter().map(|claim| claims::Pattern::of(claim)).collect(),
            briefs_words: BriefsWords::of(brief),
        }
    }

    /// Everything that a version breaks. A blocker among it means that it cannot pass.
    pub fn check(&self, content: &Content, limits: &Limits) -> Vec<Finding> {
        let brief = self.brief;
        let mut found = shape(content, limits);
        found.extend(language(content, brief));
        let own = self.briefs_words.cut_from(&content.text);
        found.extend(tongue::tongue(content, &own));
        found.extend(claims::required(content, brief));
        for text in [content.title.as_str(), content.text.as_str()] {
            found.extend(self.text(text));
        }
        found.extend(tags::tags(content));
        found.extend(reading::reading(content, &own));
        let mut found: Vec<Finding> =
            without_repeats(found).into_iter().map(|finding| finding.anchored(content)).collect();
        found.extend(self.picture(content));
        found.truncate(FINDINGS_MAX);
        found
    }

    /// What the title, the text or a picture's words alone break.
    fn text(&self, text: &str) -> Vec<Finding> {
        let brief = self.brief;
        let folded = fold::fold(text);
        let mut found = characters::invisible(text);
        found.extend(leak::leaked(text, &folded, brief));
        let banned = claims::banned(text, &folded, &self.banned);
        let secrets = secrets::secrets(text, brief);
        let accounts = accounts::accounts(text, &folded, brief);
        // The digits of a token or an account are not complained of twice, and never quoted in full.
        let private: Vec<Range<usize>> = secrets.iter().chain(&accounts).map(|(bytes, _)| bytes.clone()).collect();
        let named = names::check(text, &folded, brief, &self.known, &private);
        let taken: Vec<Range<usize>> =
            private.into_iter().chain(banned.iter().map(|(bytes, _)| bytes.clone())).collect();
        let invented = self.facts.invented(text, &folded, &taken);
        let apart = |finding: &Finding| !named.iter().any(|other| other.quote.contains(&finding.quote));
        found.extend(banned.into_iter().map(|(_, finding)| finding));
        found.extend(invented.into_iter().filter(apart));
        found.extend(secrets.into_iter().chain(accounts).map(|(_, finding)| finding));
        found.extend(named);
        found
    }
}

/// What a line says that none of these texts holds: numbers, addresses, accounts, secrets.
pub(crate) fn beyond(line: &str, texts: &[&str]) -> Vec<Finding> {
    let brand = Brand {
        name: String::new(),
        url: String::new(),
        one_line: String::new(),
        audience: Vec::new(),
        voice: Vec::new(),
        language: "en".into(),
        // Whatever can be a number is one.
        also_in: vec!["de".into()],
    };
    let goal = Goal {
        text: String::new(),
        channels: Vec::new(),
        posts_per_week: 1,
        weeks: 1,
        timezone: "UTC".into(),
        start: jiff::civil::Date::constant(2000, 1, 1),
    };
    let held = Fact::List(texts.iter().map(|&text| text.into()).collect());
    let facts = BTreeMap::from([("held".to_string(), held)]);
    let (claims, style) = (Claims::default(), Style::default());
    Checks::of(&Brief { brand, facts, claims, style, goal }).text(line)
}

/// As a reader hears it: in lower case, without accents and look-alikes.
pub(crate) fn plain(text: &str) -> String {
    fold::folded_text(text)
}

/// What the platform of its channel would refuse of a version, by that platform's own count.
pub fn carried(content: &Content, platform: Platform) -> Option<Finding> {
    let measure = platform.refused(content)?;
    let (used, what, max) = (measure.used, measure.what, measure.max);
    let advice = format!(
        "It has {used} {what} as {} counts, which carries {max}; shorten it by {}.",
        platform.name(),
        used - max
    );
    Some(blocker("too_long", "", advice))
}

/// How long a text is for a reader: its extended grapheme clusters.
pub fn graphemes(text: &str) -> usize {
    unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count()
}

fn shape(content: &Content, limits: &Limits) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |rule, quote: &str, advice| found.push(blocker(rule, quote, advice));
    let length = graphemes(&content.text);
    if content.text.trim().is_empty() {
        add("empty", "", "The text is empty; write it.".into());
    } else if length > limits.text_graphemes_max {
        let max = limits.text_graphemes_max;
        let advice =
            format!("The text has {length} characters and the channel carries {max}; shorten it by {}.", length - max);
        add("too_long", tail(&content.text, max), advice);
    } else if content.text.len() > TEXT_BYTES_MAX {
        add(
            "too_long",
            "",
            format!("The text has {} bytes and a version may have {TEXT_BYTES_MAX}; shorten it.", content.text.len()),
        );
    }
    if content.title.contains(['\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}']) {
        add("title_lines", &content.title, "The title has several lines; write it as one.".into());
    }
    let max = limits.title_graphemes_max;
    let length = graphemes(&content.title);
    if max == 0 {
        return found;
    }
    if content.title.trim().is_empty() {
        add("title_missing", "", "The title is empty; write one line that makes one read on.".into());
    } else if length > max {
        let advice = format!("The title has {length} characters and may have {max}; shorten it by {}.", length - max);
        add("title_too_long", tail(&content.title, max), advice);
    }
    found
}

/// What stands beyond the limit, cut to a length that fits a prompt.
fn tail(text: &str, graphemes_max: usize) -> &str {
    const QUOTE_GRAPHEMES: usize = 80;
    let starts: Vec<usize> =
        unicode_segmentation::UnicodeSegmentation::grapheme_indices(text, true).map(|(start, _)| start).collect();
    let from = starts.get(graphemes_max).copied().unwrap_or(text.len());
    let to = starts.get(graphemes_max + QUOTE_GRAPHEMES).copied().unwrap_or(text.len());
    &text[from..to]
}

/// `en` in the brief covers `en-GB` in a version (RFC 4647 §3.3.1), not the other way round.
fn language(content: &Content, brief: &Brief) -> Option<Finding> {
    let tag = content.language.to_ascii_lowercase();
    let covers = |range: &str| {
        let range = range.to_ascii_lowercase();
        tag.strip_prefix(&range).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    let languages = brief.languages();
    if languages.iter().any(|range| !range.is_empty() && covers(range)) {
        return None;
    }
    let advice = format!("The language is `{}`; the brief wants {}.", content.language, languages.join(" or "));
    Some(blocker("language", "", advice))
}

fn blocker(rule: &str, quote: &str, advice: String) -> Finding {
    Finding::new(rule, Severity::Blocker, quote, advice)
}

fn remark(rule: &str, severity: Severity, quote: &str, advice: String) -> Finding {
    Finding::new(rule, severity, quote, advice)
}

fn without_repeats(found: Vec<Finding>) -> Vec<Finding> {
    let mut kept: Vec<Finding> = Vec::new();
    for finding in found {
        if kept.len() == FINDINGS_MAX {
            break;
        }
        if !kept.iter().any(|other| other.rule == finding.rule && other.quote == finding.quote)
            || finding.quote.is_empty()
        {
            kept.push(finding);
        }
    }
    kept
}

#[cfg(test)]
mod tests;
