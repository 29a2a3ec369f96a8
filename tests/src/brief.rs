//! The briefs in `fixtures/briefs`, and what must hold for whatever is published from one. Written apart from the
//! product's own check, so that the two can disagree.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::repository;

/// The names of the briefs.
pub const ALL: [&str; 3] = ["night-shift-bakery", "ripgrep", "wikipedia-editathon"];

/// A brief, as text and as what it says.
pub struct Brief {
    /// The file.
    pub text: String,
    table: Table,
}

impl Brief {
    /// Reads one by its name.
    pub fn read(name: &str) -> Self {
        let text = repository::read(&format!("tests/fixtures/briefs/{name}.toml"));
        let table = text.parse().unwrap_or_else(|error| panic!("{name}: {error}"));
        Self { text, table }
    }

    /// How many posts it asks for.
    pub fn posts(&self) -> usize {
        let number = |name: &str| self.table["goal"][name].as_integer().expect("a number");
        usize::try_from(number("posts_per_week") * number("weeks")).expect("a small number")
    }

    fn claims(&self, name: &str) -> Vec<String> {
        let list = self.table["claims"][name].as_array().expect("a list");
        list.iter().map(|text| text.as_str().expect("a text").to_lowercase()).collect()
    }

    /// What is wrong with a published text; nothing, if all is well.
    pub fn wrongs(&self, text: &str) -> Vec<String> {
        let lower = text.to_lowercase();
        let banned = self.claims("banned").into_iter().filter(|claim| has_words(&lower, claim));
        let missing = self.claims("required").into_iter().filter(|claim| !lower.contains(claim));
        let allowed = self.numbers();
        let invented = numbers(text).into_iter().filter(|number| !allowed.contains(number));
        (banned.map(|claim| format!("says `{claim}`, which is banned")))
            .chain(missing.map(|claim| format!("does not say `{claim}`, which is required")))
            .chain(invented.map(|number| format!("says {number}, which no fact holds")))
            .collect()
    }

    /// Every number that the facts hold. The goal is no fact.
    fn numbers(&self) -> BTreeSet<String> {
        let mut texts = Vec::new();
        for part in ["brand", "facts"] {
            collect(&self.table[part], &mut texts);
        }
        for claims in ["allowed", "required"] {
            collect(&self.table["claims"][claims], &mut texts);
        }
        texts.iter().flat_map(|text| numbers(text)).collect()
    }
}

fn collect(value: &Value, texts: &mut Vec<String>) {
    match value {
        Value::String(text) => texts.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, texts)),
        Value::Table(table) => table.values().for_each(|value| collect(value, texts)),
        Value::Integer(number) => texts.push(number.to_string()),
        Value::Float(number) => texts.push(number.to_string()),
        Value::Datetime(time) => texts.push(time.to_string()),
        Value::Boolean(_) => {}
    }
}

/// Whether a text holds these words, whole.
fn has_words(text: &str, words: &str) -> bool {
    let letter_at = |found: Option<char>| found.is_some_and(char::is_alphanumeric);
    text.match_indices(words).any(|(at, _)| {
        !letter_at(text[..at].chars().next_back()) && !letter_at(text[at + words.len()..].chars().next())
    })
}

/// Every number in a text, digits with the points, commas and colons between them.
fn numbers(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for part in text.split(|letter: char| !(letter.is_ascii_digit() || matches!(letter, '.' | ',' | ':'))) {
        let number = part.trim_matches(|letter: char| !letter.is_ascii_digit());
        if !number.is_empty() {
            found.insert(number.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: &[&str]) {
        let wrongs = Brief::read("night-shift-bakery").wrongs(text);
        assert_eq!(wrongs, expect, "{text}");
    }

    #[test]
    fn a_text_that_keeps_to_the_facts_has_nothing_wrong() {
        check("Until 30 April 2027 a night box costs 9.50 EUR. Open from 22:00.", &[]);
    }

    #[test]
    fn an_invented_number_a_banned_and_a_missing_claim_are_found() {
        check("Until 30 April 2027: only 3.99 EUR!", &["says 3.99, which no fact holds"]);
        check("Until 30 April 2027: the cheapest box.", &["says `cheapest`, which is banned"]);
        check("A night box costs 9.50 EUR.", &["does not say `until 30 april 2027`, which is required"]);
    }

    #[test]
    fn a_number_from_the_goal_is_invented() {
        check("Until 30 April 2027: 60 boxes a week.", &["says 60, which no fact holds"]);
    }

    #[test]
    fn a_banned_word_inside_another_is_another_word() {
        check("Until 30 April 2027, for unhealthyish appetites.", &[]);
    }
}
