//! What a language's frames are made of. A frame claims nothing: whatever is said of the brand comes from the
//! brief, between the placeholders.
//!
//! Placeholders: `{brand}`, `{one}` (the brand in a sentence), `{audience}` and `{Audience}`, `{topic}`,
//! `{Topic}` and `{Label}` (what the fact is about, in a sentence, at its start and before a colon), `{fact}`, `{claims}`, `{claim}`, `{url}`. A frame with a placeholder for
//! which the brief has nothing is not used. Frames hold no number, no date and no word about quality.

use super::intent::Intent;

/// What a post is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Says what it is.
    What,
    /// Shows a fact.
    Proof,
    /// Speaks to somebody.
    People,
    /// Helps to begin.
    Start,
    /// Answers a question.
    Answer,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::What, Self::Proof, Self::People, Self::Start, Self::Answer];
}

/// How a frame sounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// As one likes.
    Any,
    /// Plain, precise, wry.
    Dry,
    /// Kind, encouraging.
    Warm,
}

/// The first line, and what follows it.
pub struct Frame {
    /// What for.
    pub kind: Kind,
    /// How.
    pub tone: Tone,
    /// The first line.
    pub hook: &'static str,
    /// What follows; it holds `{fact}`.
    pub body: &'static str,
}

/// A pillar, by kind.
pub struct PillarWords {
    /// What for.
    pub kind: Kind,
    /// Its name.
    pub name: &'static str,
    /// What it rests on.
    pub why: &'static str,
    /// What a post of it is about; it may hold `{topic}`, `{audience}` and `{brand}`.
    pub angle: &'static str,
}

/// What a fact is about, by its name in the brief.
pub struct Topic {
    /// Names, in lower case, with spaces.
    pub names: &'static [&'static str],
    /// Before a colon.
    pub label: &'static str,
    /// In a sentence, as a subject or after a preposition.
    pub phrase: &'static str,
    /// How a bare value of it becomes a sentence, around `{value}`; empty where only the label fits.
    pub says: &'static str,
}

/// One language.
pub struct Lexicon {
    /// BCP 47, without a region.
    pub tag: &'static str,
    /// Its quotation marks.
    pub quotes: (&'static str, &'static str),
    /// The first lines and what follows them.
    pub frames: &'static [Frame],
    /// Titles.
    pub titles: &'static [&'static str],
    /// Before the last of several.
    pub and: &'static str,
    /// Ways to quote a fact in another language.
    pub sources: &'static [&'static str],
    /// Ways to add a fact; the bare one comes last.
    pub additions: &'static [&'static str],
    /// Ways to sum up allowed claims.
    pub summaries: &'static [&'static str],
    /// Ways to add a required claim that no fact holds.
    pub reminders: &'static [&'static str],
    /// Ways to say what to do next, by intent.
    pub calls: &'static [(Intent, &'static [&'static str])],
    /// Last words before the call, where the rest has been used up.
    pub closers: &'static [&'static str],
    /// Ends of a title whose words have been used before.
    pub echoes: &'static [&'static str],
    /// First lines that nobody reads on from: the mistake.
    pub weak_hooks: &'static [&'static str],
    /// Ways to fall for a banned claim: the mistake.
    pub boasts: &'static [&'static str],
    /// What only makes a text longer: the mistake.
    pub padding: &'static [&'static str],
    /// The pillars.
    pub pillars: &'static [PillarWords],
    /// What facts are about.
    pub topics: &'static [Topic],
    /// The rest of a strategy.
    pub plan: PlanWords,
}

/// The words of a strategy.
pub struct PlanWords {
    /// The positioning; holds `{one}`.
    pub positioning: &'static str,
    /// Its end where audiences are known.
    pub positioning_audience: &'static str,
    /// Why a channel has its share.
    pub share: &'static str,
    /// The cadence.
    pub cadence: &'static str,
    /// The measures.
    pub measures: &'static [&'static str],
    /// What is said of a comment that was taken up.
    pub taken_up: &'static str,
}

/// Fills placeholders. `None` if one has no value.
pub fn fill(frame: &str, values: &[(&str, Option<&str>)]) -> Option<String> {
    let mut text = String::new();
    let mut rest = frame;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        text += before;
        text += values.iter().find(|(known, _)| *known == name)?.1?;
        rest = after;
    }
    Some(text + rest)
}

/// With its first letter in upper case.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearsal::{english, german};

    #[test]
    fn a_frame_without_a_value_is_not_used_and_values_are_never_filled_again() {
        let values = [("fact", Some("a {url} b")), ("url", None)];
        assert_eq!(fill("x {fact} y", &values), Some("x a {url} b y".into()));
        assert_eq!(fill("{url}", &values), None);
        assert_eq!(fill("{unknown}", &values), None);
    }

    #[test]
    fn there_are_more_than_forty_frames_in_english_and_no_two_hooks_are_alike() {
        assert!(english::ENGLISH.frames.len() >= 40, "{}", english::ENGLISH.frames.len());
        for lexicon in [&english::ENGLISH, &german::GERMAN] {
            let mut hooks: Vec<_> = lexicon.frames.iter().map(|frame| frame.hook).collect();
            hooks.sort_unstable();
            hooks.dedup();
            assert_eq!(hooks.len(), lexicon.frames.len(), "{}", lexicon.tag);
            for kind in Kind::ALL {
                let plain =
                    |hook: &str| !hook.contains("{topic}") && !hook.contains("{Topic}") && !hook.contains("udience}");
                let of_kind = lexicon.frames.iter().filter(|frame| frame.kind == kind);
                assert!(of_kind.filter(|frame| plain(frame.hook)).count() >= 3, "{} {kind:?}", lexicon.tag);
            }
        }
    }

    #[test]
    fn a_frame_holds_no_digit() {
        for lexicon in [&english::ENGLISH, &german::GERMAN] {
            let calls = lexicon.calls.iter().flat_map(|(_, calls)| calls.iter());
            let frames = lexicon.frames.iter().flat_map(|frame| [&frame.hook, &frame.body]);
            let lists = [lexicon.titles, lexicon.additions, lexicon.summaries, lexicon.reminders].concat();
            for text in calls.chain(frames).chain(&lists) {
                assert!(!text.chars().any(|c| c.is_ascii_digit()), "{text}");
            }
        }
    }
}
