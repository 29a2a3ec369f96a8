//! Memory: what a workspace's people decided, changed and published before, and which of it an agent is reminded of.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// What an entry is.
    pub enum MemoryKind {
        /// What a person said when sending something back.
        SentBack = "sent_back",
        /// What a person said when dropping a post.
        Rejected = "rejected",
        /// What a person said when approving something.
        Approved = "approved",
        /// What a person made of the copywriter's words.
        Edited = "edited",
        /// A post as the brand wants them.
        GoodExample = "good_example",
        /// A post as the brand does not want them.
        BadExample = "bad_example",
        /// A post that went out.
        Published = "published",
    }
}

impl MemoryKind {
    /// In a prompt.
    pub const fn in_words(self) -> &'static str {
        match self {
            Self::SentBack => "sent back",
            Self::Rejected => "dropped",
            Self::Approved => "approved",
            Self::Edited => "edited by a person",
            Self::GoodExample => "a good example",
            Self::BadExample => "a bad example",
            Self::Published => "published",
        }
    }

    /// How much it counts beside its like: a person's no more than a machine's yes.
    const fn weight(self) -> u64 {
        match self {
            Self::SentBack | Self::Rejected | Self::Edited => 3,
            Self::Approved | Self::GoodExample | Self::BadExample => 2,
            Self::Published => 1,
        }
    }

    /// Whether it counts where nothing connects it with the task but that it is new: a person's wish may hold for all.
    pub const fn counts_unasked(self) -> bool {
        matches!(self, Self::SentBack | Self::Rejected | Self::Approved | Self::Edited)
    }

    /// Whether a person may have it forgotten. The brand's examples are taken out of the brand.
    pub const fn is_forgettable(self) -> bool {
        !matches!(self, Self::GoodExample | Self::BadExample)
    }
}

/// What an agent is reminded of, in a prompt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Remembered {
    /// What it is.
    pub kind: MemoryKind,
    /// What it was about: channel, pillar, angle.
    pub about: String,
    /// What was said.
    pub text: String,
}

/// Longest text of one entry in a prompt, in characters.
pub const TEXT_CHARS_MAX: usize = 400;
/// Longest note of what an entry is about, in a prompt, in characters.
pub const ABOUT_CHARS_MAX: usize = 120;
/// Most words that are looked for.
pub const QUERY_WORDS_MAX: usize = 24;
/// Shortest word that is looked for, in characters.
const WORD_CHARS_MIN: usize = 3;
/// Longest word that is looked for, in characters.
const WORD_CHARS_MAX: usize = 40;

impl Remembered {
    /// An entry, cut; of an edit only what is different.
    pub fn of(kind: MemoryKind, about: &str, text: &str, before: Option<&str>) -> Self {
        let text = match before {
            Some(before) => changed(before, text),
            None => cut(text, TEXT_CHARS_MAX),
        };
        Self { kind, about: cut(about, ABOUT_CHARS_MAX), text }
    }
}

/// What an edit took out and what it put there, by lines.
pub fn changed(before: &str, after: &str) -> String {
    let lines = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.trim().to_string()).filter(|line| !line.is_empty()).collect()
    };
    let (old, new) = (lines(before), lines(after));
    let only = |these: &[String], those: &[String]| -> String {
        let those: BTreeSet<&String> = those.iter().collect();
        let lines: Vec<&str> = these.iter().filter(|line| !those.contains(line)).map(String::as_str).collect();
        cut(&lines.join(" "), TEXT_CHARS_MAX / 2 - 10)
    };
    match (only(&old, &new).as_str(), only(&new, &old).as_str()) {
        ("", "") => "put the lines in another order".into(),
        ("", added) => format!("added “{added}”"),
        (gone, "") => format!("took out “{gone}”"),
        (gone, added) => format!("“{gone}” became “{added}”"),
    }
}

/// On one line, and no longer than so many characters.
pub fn cut(text: &str, chars_max: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= chars_max {
        return line;
    }
    line.chars().take(chars_max - 1).chain(['…']).collect()
}

/// The distinct words of these texts, in lower case, the first texts' first: what is looked for. Short ones say nothing.
pub fn query_words<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let words = texts.into_iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    for word in words {
        let chars = word.chars().count();
        if !(WORD_CHARS_MIN..=WORD_CHARS_MAX).contains(&chars) {
            continue;
        }
        let word = word.to_lowercase();
        if !found.contains(&word) {
            found.push(word);
            if found.len() == QUERY_WORDS_MAX {
                break;
            }
        }
    }
    found
}

/// An entry that may be worth a reminder: how far each way of looking put it from the front, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate<T> {
    /// Whatever it is.
    pub entry: T,
    /// What it is.
    pub kind: MemoryKind,
    /// By its words; none where they have nothing to do with the task.
    pub by_words: Option<usize>,
    /// By its meaning, where a provider knows of meanings.
    pub by_meaning: Option<usize>,
    /// By its age, the newest first.
    pub by_age: usize,
}

/// Softens the difference between first places, as reciprocal rank fusion has it.
const FUSION: u64 = 60;

impl<T> Candidate<T> {
    /// Reciprocal ranks, summed and weighed by kind, in millionths. Words and meaning count twice what age does.
    fn score(&self) -> u64 {
        let of = |place: usize, weight: u64| 1_000_000 * weight / (FUSION + 1 + place as u64);
        let found = self.by_words.map_or(0, |place| of(place, 2)) + self.by_meaning.map_or(0, |place| of(place, 2));
        (found + of(self.by_age, 1)) * self.kind.weight()
    }
}

/// The best first, with their scores; of equals the newest. What nothing connects with the task is left out, unless a
/// person's word.
pub fn ranked<T>(candidates: Vec<Candidate<T>>) -> Vec<(T, u64)> {
    let counts = |one: &Candidate<T>| one.by_words.is_some() || one.by_meaning.is_some() || one.kind.counts_unasked();
    let mut kept: Vec<Candidate<T>> = candidates.into_iter().filter(counts).collect();
    kept.sort_by_key(|one| (std::cmp::Reverse(one.score()), one.by_age));
    kept.into_iter().map(|one| (one.score(), one)).map(|(score, one)| (one.entry, score)).collect()
}

/// Cosine of the angle between two vectors; 0 where one of them has no direction or they do not fit.
pub fn cosine(one: &[f32], other: &[f32]) -> f32 {
    if one.len() != other.len() {
        return 0.0;
    }
    let dot = |a: &[f32], b: &[f32]| -> f32 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
    let length = (dot(one, one) * dot(other, other)).sqrt();
    if length.is_normal() { dot(one, other) / length } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(entry: u32, kind: MemoryKind, by_words: Option<usize>, by_age: usize) -> Candidate<u32> {
        Candidate { entry, kind, by_words, by_meaning: None, by_age }
    }

    fn order(candidates: Vec<Candidate<u32>>) -> Vec<u32> {
        ranked(candidates).into_iter().map(|(entry, _)| entry).collect()
    }

    #[test]
    fn what_fits_stands_before_what_is_new_and_a_persons_no_before_a_post_that_went_out() {
        use MemoryKind::{Published, SentBack};
        assert_eq!(order(vec![candidate(1, SentBack, None, 0), candidate(2, SentBack, Some(3), 9)]), [2, 1]);
        assert_eq!(order(vec![candidate(1, Published, Some(0), 0), candidate(2, SentBack, Some(5), 9)]), [2, 1]);
    }

    #[test]
    fn what_nothing_connects_with_the_task_counts_only_as_a_persons_word() {
        use MemoryKind::{GoodExample, Published, SentBack};
        let all = [Published, SentBack, GoodExample]
            .iter()
            .zip(0..)
            .map(|(kind, at)| candidate(at, *kind, None, at as usize));
        assert_eq!(order(all.collect()), [1]);
    }

    #[test]
    fn of_equals_the_newest_stands_first_however_they_come() {
        // Two places that give the same score: none has words, and age alone tells them apart.
        let two = |first: u32, second: u32| {
            vec![
                candidate(first, MemoryKind::SentBack, None, first as usize),
                candidate(second, MemoryKind::SentBack, None, second as usize),
            ]
        };
        assert_eq!(order(two(2, 1)), order(two(1, 2)));
        assert_eq!(order(two(2, 1)), [1, 2]);
    }

    #[test]
    fn of_an_edit_only_the_difference_is_told() {
        assert_eq!(changed("A\nOld line\nC", "A\nNew line\nC"), "“Old line” became “New line”");
        assert_eq!(changed("A\nB", "A"), "took out “B”");
        assert_eq!(changed("A", "A\n\nB"), "added “B”");
        assert_eq!(changed("A\nB", "B\nA"), "put the lines in another order");
        assert!(changed(&"x ".repeat(900), &"y ".repeat(900)).chars().count() <= TEXT_CHARS_MAX);
    }

    #[test]
    fn words_are_looked_for_once_in_lower_case_and_without_signs() {
        let words = query_words(["Rye, RYE & the “bread”!", "bread AND NEAR(x) * ^ a-b"]);
        assert_eq!(words, ["rye", "the", "bread", "and", "near"]);
        assert_eq!(query_words(["a b c"]), Vec::<String>::new());
        let many: Vec<String> = (100..200).map(|number| number.to_string()).collect();
        assert_eq!(query_words(many.iter().map(String::as_str)).len(), QUERY_WORDS_MAX);
    }

    #[test]
    fn vectors_that_point_the_same_way_are_alike_and_broken_ones_are_not() {
        assert!((cosine(&[1.0, 2.0], &[2.0, 4.0]) - 1.0).abs() < 1e-6);
        assert!(cosine(&[1.0, 0.0], &[0.0, 1.0]).abs() < 1e-6);
        assert_eq!(cosine(&[0.0, 0.0], &[1.0, 1.0]), 0.0);
        assert_eq!(cosine(&[1.0], &[1.0, 1.0]), 0.0);
        assert_eq!(cosine(&[f32::NAN], &[1.0]), 0.0);
    }
}
