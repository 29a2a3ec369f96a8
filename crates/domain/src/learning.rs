//! A learning: a statement that the copywriter is told once it has proved that posts are better with it.
//!
//! ```text
//!              first trial            proved
//! proposed ──────────────▶ trying ──────────────▶ adopted ──▶ dropped (stopped helping)
//!   ▲ │ │                    │ └─▶ dropped (harmful, or no proof in time)
//!   │ │ └─ by hand ──▶ adopted ◀── by hand ── trying, dropped, retired
//!   │ └──▶ retired ◀── a person: proposed, trying, adopted, dropped
//!   └───── a person edits it, or wants it tried again: the evidence begins anew
//! ```
//!
//! A trial is a pair: the same task written with and without it. What the pairs come to is [`proof`]'s to say; what may
//! be worth a try is [`signals`]', and in which words a model may put it, [`wording`]'s.

use crate::words::words;

pub mod proof;
pub mod signals;
pub mod wording;

words! {
    /// Where a learning is.
    pub enum LearningState {
        /// Waits for its first trial.
        Proposed = "proposed",
        /// Is being tried, pair by pair.
        Trying = "trying",
        /// The copywriter is told it.
        Adopted = "adopted",
        /// It did not prove itself, or stopped helping.
        Dropped = "dropped",
        /// A person does not want it.
        Retired = "retired",
    }
}

words! {
    /// Where a learning comes from.
    pub enum Origin {
        /// What people changed in what was written.
        Edits = "edits",
        /// What people said when they sent posts back.
        Comments = "comments",
        /// What reviewers kept scoring low.
        Reviews = "reviews",
        /// Somebody wrote it.
        Person = "person",
    }
}

words! {
    /// Which of two a judge holds for better.
    pub enum Preference {
        /// The one that it read first.
        First = "first",
        /// The one that it read second.
        Second = "second",
        /// Neither.
        Neither = "neither",
    }
}

words! {
    /// What a pair came to, seen from the learning.
    pub enum TrialResult {
        /// With it was better.
        Win = "win",
        /// Without it was better.
        Loss = "loss",
        /// Neither, or the judge went by the order.
        Tie = "tie",
        /// There was no pair to judge; it does not count.
        Failed = "failed",
    }
}

impl LearningState {
    /// The states that may follow. The migrations hold the same table; a test compares them.
    pub fn next(self) -> &'static [Self] {
        match self {
            Self::Proposed => &[Self::Trying, Self::Adopted, Self::Retired],
            Self::Trying => &[Self::Proposed, Self::Adopted, Self::Dropped, Self::Retired],
            Self::Adopted => &[Self::Proposed, Self::Dropped, Self::Retired],
            Self::Dropped => &[Self::Proposed, Self::Adopted, Self::Retired],
            Self::Retired => &[Self::Proposed, Self::Adopted],
        }
    }

    /// Whether it is yet to be proved.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Proposed | Self::Trying)
    }

    /// What a person may make of it.
    pub fn by_hand(self) -> impl Iterator<Item = Self> {
        let allowed = [Self::Adopted, Self::Proposed, Self::Retired];
        allowed.into_iter().filter(move |to| self.next().contains(to) && !(*to == Self::Proposed && self.is_open()))
    }
}

/// What a pair comes to: a judge read it twice, with the two in both orders, and prefers one only if it did so both
/// times. Whoever goes by the order comes to a tie.
pub fn judged(with_first: Preference, with_second: Preference) -> TrialResult {
    match (with_first, with_second) {
        (Preference::First, Preference::Second) => TrialResult::Win,
        (Preference::Second, Preference::First) => TrialResult::Loss,
        _ => TrialResult::Tie,
    }
}

/// Shortest statement in characters.
pub const STATEMENT_CHARS_MIN: usize = 8;
/// Longest statement in characters.
pub const STATEMENT_CHARS_MAX: usize = 240;
/// Most learnings that wait for proof; more are not proposed.
pub const OPEN_MAX: u32 = 10;
/// Most learnings that the copywriter is told.
pub const TOLD_MAX: u32 = 5;
/// Longest block of learnings in a prompt, in tokens, at four characters a token.
pub const TOLD_TOKENS_MAX: usize = 200;
/// An adopted learning is tried again after it was used so often.
pub const USES_BETWEEN_TRIALS: u32 = 10;
/// How many trials a workspace may begin in 24 hours, unless it says otherwise.
pub const TRIALS_A_DAY: u32 = 24;
/// Most that it may say.
pub const TRIALS_A_DAY_MAX: u32 = 500;

/// Most that it may allow them to cost in 24 hours, in millionths of a US dollar.
pub const MICRO_USD_A_DAY_MAX: i64 = 1_000_000_000;

/// A statement as it is kept: one line, trimmed, if its length is allowed; else what is wrong with it.
pub fn statement(text: &str) -> Result<String, String> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if (STATEMENT_CHARS_MIN..=STATEMENT_CHARS_MAX).contains(&text.chars().count()) {
        return Ok(text);
    }
    Err(format!("must have {STATEMENT_CHARS_MIN} to {STATEMENT_CHARS_MAX} characters"))
}

/// What makes two statements the same: their words, whatever their case and punctuation.
pub fn key(statement: &str) -> String {
    let words = statement.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

/// Of several statements, as many as the prompt has room for, the first ones first.
pub fn told<T>(mut all: Vec<T>, statement: impl Fn(&T) -> &str) -> Vec<T> {
    let mut left = 4 * TOLD_TOKENS_MAX;
    all.truncate(TOLD_MAX as usize);
    all.retain(|one| {
        let length = statement(one).chars().count() + LIST_MARK_CHARS;
        let fits = length <= left;
        left -= if fits { length } else { 0 };
        fits
    });
    all
}

/// What a line of a list has besides its text.
const LIST_MARK_CHARS: usize = 3;

#[cfg(test)]
mod tests;
