//! What a text states: each price, date and time, with the words that say of what.

use std::collections::BTreeSet;

use super::fold::{fold, folded_text, quote};
use super::foreign_numbers::Tongues;
pub(crate) use super::quantities::Kind;
use super::quantities::{Value, quantities};

/// One price or date.
#[derive(Clone, Debug)]
pub(crate) struct Stated {
    pub(crate) kind: Kind,
    /// What it may mean; two that share a meaning agree.
    pub(crate) meanings: BTreeSet<String>,
    /// The word before it: `until`, `from` …
    pub(crate) role: String,
    /// The words it is about: for a price those beside it, for a date those of its sentence.
    pub(crate) subject: BTreeSet<String>,
    pub(crate) quote: String,
}

/// Most words beside a price that say of what.
const BESIDE: usize = 2;

/// Words that are about nothing.
const EMPTY_WORDS: &str = "a an the and or but is are was costs cost for at only just with your you our we it its of to \
    in on by from until till this that now here there instead than per each takes down go goes get one two price \
    der die das ein eine und oder ist sind kostet kosten fur mit nur jetzt von bis ab am um im in zu zum zur den dem \
    eur euro euros usd instead again then when uhr pm ab";

/// Every price and date of a text.
pub(crate) fn stated(text: &str, tongues: &Tongues) -> Vec<Stated> {
    let glyphs = fold(text);
    let all = quantities(&glyphs, tongues);
    let is_end = |at: usize| {
        matches!(glyphs[at].c, '!' | '?' | ';' | '\n')
            || (glyphs[at].c == '.' && glyphs.get(at + 1).is_none_or(|glyph| glyph.c.is_whitespace()))
    };
    let words = |from: usize, to: usize| -> Vec<String> {
        let line: String = glyphs[from.min(to)..to].iter().map(|glyph| glyph.c).collect();
        let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().any(char::is_alphabetic));
        words.map(singular).collect()
    };
    let is_about = |word: &String| word.len() > 2 && !EMPTY_WORDS.split_whitespace().any(|empty| empty == word);
    let mut found = Vec::new();
    for (index, quantity) in all.iter().enumerate() {
        if quantity.kind == Kind::Number {
            continue;
        }
        let start = (0..quantity.from).rev().find(|at| is_end(*at)).map_or(0, |at| at + 1);
        let end = (quantity.to..glyphs.len()).find(|at| is_end(*at)).unwrap_or(glyphs.len());
        let before = words(start, quantity.from);
        let subject: BTreeSet<String> = if quantity.kind == Kind::Price {
            let since = index.checked_sub(1).map_or(start, |before| all[before].to.max(start));
            let until = all.get(index + 1).map_or(end, |next| next.from.min(end));
            let near: Vec<String> = words(since, quantity.from).into_iter().filter(is_about).collect();
            let near = if near.is_empty() {
                words(quantity.to, until).into_iter().filter(is_about).take(BESIDE).collect()
            } else {
                near
            };
            near.into_iter().rev().take(BESIDE).collect()
        } else {
            before.iter().cloned().chain(words(quantity.to, end)).filter(is_about).collect()
        };
        found.push(Stated {
            kind: quantity.kind,
            meanings: quantity.readings.iter().map(meaning).collect(),
            role: before.last().cloned().unwrap_or_default(),
            subject,
            quote: quote(text, &glyphs[quantity.from..quantity.to]).into(),
        });
    }
    found
}

/// Without the year: a date that leaves it out says the same.
fn meaning(value: &Value) -> String {
    match value {
        Value::Date { month, day, .. } => format!("{month}-{day}"),
        Value::MonthOf(_, month) => format!("{month}"),
        other => format!("{other:?}"),
    }
}

/// A word as its singular, roughly: enough to compare with itself.
pub(crate) fn singular(word: &str) -> String {
    let word = folded_text(word);
    match word.strip_suffix("es").or_else(|| word.strip_suffix('s')) {
        Some(stem) if stem.len() >= 3 => stem.into(),
        _ => word,
    }
}
