//! What may be worth a try: what people keep changing, keep saying, and what reviewers keep scoring low. No model is
//! asked: the same history proposes the same.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::{Origin, key, statement};
use crate::text::is_emoji;
use crate::{Content, Dimension};

/// So many posts must show the same.
pub const SUPPORT_MIN: usize = 2;
/// So many first versions must have been scored low in a dimension …
pub const LOW_MIN: usize = 5;
/// … and so large a share of those that were scored in it, in percent.
pub const LOW_PERCENT_MIN: usize = 30;
/// Two comments say the same from this share of common words on, in percent.
const SAME_PERCENT: usize = 60;
/// Most places that a proposal names.
const SOURCES_MAX: usize = 10;
/// What counts as shorter or longer, in percent of what was written.
const SHORTER_PERCENT: usize = 80;
const LONGER_PERCENT: usize = 125;

/// Where something was seen.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// The post.
    pub post_id: String,
    /// Its version: the one that a person wrote, sent back, or that was scored.
    pub version: i64,
    /// The decision that the comment belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval_id: Option<String>,
}

/// What was seen lately in a workspace.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// What people made of what was written.
    pub edits: Vec<(Source, Content, Content)>,
    /// What they said when they sent a post back.
    pub comments: Vec<(Source, String)>,
    /// How first versions were scored, and whether that was too low.
    pub scores: Vec<(Source, Dimension, bool)>,
}

/// Something worth a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What the copywriter would be told.
    pub statement: String,
    /// What makes it the same as another.
    pub key: String,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it was seen.
    pub sources: Vec<Source>,
}

/// What is worth a try, the best supported first.
pub fn proposals(seen: &Seen) -> Vec<Proposal> {
    let mut found = from_edits(&seen.edits);
    found.extend(from_comments(&seen.comments));
    found.extend(from_scores(&seen.scores));
    found.sort_by_key(|proposal| std::cmp::Reverse(proposal.sources.len()));
    for proposal in &mut found {
        proposal.sources.truncate(SOURCES_MAX);
    }
    found
}

/// A proposal, if so many posts show it.
fn supported(text: &str, origin: Origin, mut sources: Vec<Source>, least: usize) -> Option<Proposal> {
    sources.sort();
    sources.dedup_by(|one, other| one.post_id == other.post_id);
    let statement = statement(text).ok().filter(|_| sources.len() >= least)?;
    Some(Proposal { key: key(&statement), statement, origin, sources })
}

/// A change that people make: what it says, and whether this edit is one.
type Change = (&'static str, fn(&Content, &Content) -> bool);

const CHANGES: [Change; 8] = [
    ("Keep posts shorter: say it in four fifths of the words.", |before, after| {
        length(after) * 100 <= length(before) * SHORTER_PERCENT
    }),
    ("Write more: a post may have another fact or sentence.", |before, after| {
        length(after) * 100 >= length(before) * LONGER_PERCENT
    }),
    ("Use no exclamation marks.", |before, after| before.text.contains('!') && !after.text.contains('!')),
    ("Use no hashtags.", |before, after| hashtags(before) > 0 && hashtags(after) == 0),
    ("Use fewer hashtags: two at most.", |before, after| hashtags(before) > 2 && (1..=2).contains(&hashtags(after))),
    ("Use no emoji.", |before, after| before.text.chars().any(is_emoji) && !after.text.chars().any(is_emoji)),
    ("Do not open with a question.", |before, after| opens_with_question(before) && !opens_with_question(after)),
    ("End with the one thing to do next, and its address.", |before, after| {
        !ends_with_address(before) && ends_with_address(after)
    }),
];

fn from_edits(edits: &[(Source, Content, Content)]) -> Vec<Proposal> {
    let of = |(says, is_one): &Change| {
        let sources = edits.iter().filter(|(_, before, after)| is_one(before, after));
        supported(says, Origin::Edits, sources.map(|(source, ..)| source.clone()).collect(), SUPPORT_MIN)
    };
    CHANGES.iter().filter_map(of).collect()
}

fn length(content: &Content) -> usize {
    content.text.graphemes(true).count()
}

fn hashtags(content: &Content) -> usize {
    let is_tag = |word: &&str| word.strip_prefix('#').is_some_and(|tag| tag.starts_with(char::is_alphabetic));
    content.text.split_whitespace().filter(is_tag).count()
}

fn opens_with_question(content: &Content) -> bool {
    content.text.trim().lines().next().is_some_and(|line| line.trim_end().ends_with('?'))
}

fn ends_with_address(content: &Content) -> bool {
    content.text.trim().lines().last().is_some_and(|line| line.contains("://"))
}

/// A comment that came more than once, in the words in which it came first.
fn from_comments(comments: &[(Source, String)]) -> Vec<Proposal> {
    let mut groups: Vec<(Vec<String>, &str, Vec<Source>)> = Vec::new();
    for (source, comment) in comments {
        let words = words(comment);
        match groups.iter_mut().find(|(theirs, ..)| says_the_same(theirs, &words)) {
            Some((.., sources)) => sources.push(source.clone()),
            None => groups.push((words, comment, vec![source.clone()])),
        }
    }
    let of = |(_, comment, sources): (_, &str, Vec<Source>)| supported(comment, Origin::Comments, sources, SUPPORT_MIN);
    groups.into_iter().filter_map(of).collect()
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = key(text).split(' ').filter(|word| word.len() > 1).map(Into::into).collect();
    words.sort();
    words.dedup();
    words
}

fn says_the_same(one: &[String], other: &[String]) -> bool {
    let common = one.iter().filter(|word| other.contains(word)).count();
    let all = one.len() + other.len() - common;
    all > 0 && common * 100 >= all * SAME_PERCENT
}

fn from_scores(scores: &[(Source, Dimension, bool)]) -> Vec<Proposal> {
    let of = |dimension: &Dimension| {
        let scored: Vec<_> = scores.iter().filter(|(_, theirs, _)| theirs == dimension).collect();
        let low: Vec<Source> = scored.iter().filter(|(.., low)| *low).map(|(source, ..)| source.clone()).collect();
        let often = low.len() * 100 >= scored.len() * LOW_PERCENT_MIN;
        often.then(|| supported(&advice(*dimension), Origin::Reviews, low, LOW_MIN)).flatten()
    };
    Dimension::ALL.iter().filter_map(of).collect()
}

/// What mends a dimension that is low again and again.
fn advice(dimension: Dimension) -> String {
    match dimension {
        Dimension::Hook => "Open with whom it is for, or with the fact itself, in a short first line.".into(),
        Dimension::Clarity => "Write short sentences with one idea each.".into(),
        Dimension::Voice => "Say what is so instead of selling; no superlatives.".into(),
        Dimension::Evidence => "Give at least one fact of the brief in its own words.".into(),
        Dimension::CallToAction => "End with the one thing to do next, and its address.".into(),
        Dimension::PlatformFit => "Stay well under the channel's limit, and leave out what is no fact.".into(),
        other => {
            format!("Mind this before all else, for reviewers keep scoring it low: {}.", other.label().to_lowercase())
        }
    }
}
