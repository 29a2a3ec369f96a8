//! The rules that no finished post of the rehearsal model breaks, as it keeps them itself. Stricter than the
//! checks where that costs nothing: a frame too few is no loss.

use std::ops::Range;

use domain::check::{Checks, Limits};
use domain::{Brief, Content, Finding, Severity};

/// Endings that a word may change without becoming another.
const ENDINGS: &[&str] = &[
    "", "s", "es", "e", "d", "ed", "r", "er", "ers", "est", "y", "ies", "ier", "iest", "ily", "ly", "ally", "ness",
    "ing", "ings", "ingly", "ion", "ions", "ary", "ise", "ize", "ised", "ized", "ity", "able", "ful", "en", "em", "n",
    "er", "ste", "sten", "ster", "stes", "stem", "re", "ren", "rer", "res", "ment", "ments", "al", "ic", "ically",
];

/// Whether a text holds a banned claim, in any inflection that this knows.
pub fn holds_banned(text: &str, brief: &Brief) -> bool {
    brief.claims.banned.iter().any(|claim| !find_claim(text, claim).is_empty())
}

/// Where a text holds a claim, in any inflection, in bytes.
pub fn find_claim(text: &str, claim: &str) -> Vec<Range<usize>> {
    let claim: Vec<String> = words(claim).into_iter().map(|(_, word)| word).collect();
    let text = words(text);
    if claim.is_empty() {
        return Vec::new();
    }
    let held = text
        .windows(claim.len())
        .filter(|window| window.iter().zip(&claim).all(|((_, word), banned)| akin(word, banned)));
    held.map(|window| window[0].0.start..window[claim.len() - 1].0.end).collect()
}

/// Words in lower case with their places.
fn words(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.push((from..at, text[from..at].to_lowercase()));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// Whether two words differ by their endings alone.
fn akin(one: &str, other: &str) -> bool {
    let common = one
        .char_indices()
        .zip(other.chars())
        .take_while(|((_, a), b)| a == b)
        .map(|((at, a), _)| at + a.len_utf8())
        .last();
    let common = common.unwrap_or(0);
    if one == other {
        return true;
    }
    // Any split at or before the first difference will do: `healthy`, `healthier` differ after `health`.
    let long_enough = |at: usize| one[..at].chars().count() >= 3;
    (0..=common)
        .rev()
        .filter(|at| one.is_char_boundary(*at) && long_enough(*at))
        .any(|at| ENDINGS.contains(&&one[at..]) && ENDINGS.contains(&&other[at..]))
}

/// Numbers in a text: runs of digits with the separators between them.
pub fn numbers(text: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_numeric() || matches!(c, '.' | ',' | ':' | '/');
    let trimmed = text.split(|c| !is_part(c)).map(|run| run.trim_matches(|c: char| !c.is_numeric()));
    trimmed.filter(|run| !run.is_empty()).collect()
}

/// Whether every number of a text stands in the facts, word for word.
pub fn numbers_are_facts(text: &str, brief: &Brief) -> bool {
    let facts = brief.fact_texts();
    numbers(text).iter().all(|number| facts.iter().any(|fact| numbers(fact).contains(number)))
}

/// What looks like a URL.
pub fn urls(text: &str) -> Vec<&str> {
    let is_url = |word: &&str| word.contains("://") || word.starts_with("www.");
    let trim = |word: &'_ str| word.len() - word.trim_start_matches(|c: char| !c.is_alphanumeric()).len();
    text.split_whitespace()
        .filter(is_url)
        .map(|word| word[trim(word)..].trim_end_matches(['.', ',', ';', ')', '”', '“', '"']))
        .collect()
}

/// Whether every URL of a text is the brand's or a fact's.
pub fn urls_are_facts(text: &str, brief: &Brief) -> bool {
    urls(text)
        .iter()
        .all(|url| *url == brief.brand.url || brief.fact_texts().iter().any(|fact| urls(fact).contains(url)))
}

/// The required claims that a text lacks.
pub fn missing<'a>(text: &str, brief: &'a Brief) -> Vec<&'a str> {
    let text = text.to_lowercase();
    brief.claims.required.iter().map(String::as_str).filter(|claim| !text.contains(&claim.to_lowercase())).collect()
}

/// Whether a piece of a brief may stand in a post: by these rules, and by the checks that a post must pass.
pub fn is_safe(text: &str, brief: &Brief, checks: &Checks) -> bool {
    let keeps = !holds_banned(text, brief) && numbers_are_facts(text, brief) && urls_are_facts(text, brief);
    keeps && {
        let limits = Limits { text_graphemes_max: usize::MAX, title_graphemes_max: 0 };
        let content =
            Content { language: brief.brand.language.clone(), title: String::new(), text: text.into(), image: None };
        let of_the_whole = |finding: &Finding| matches!(finding.rule.as_str(), "required_claim" | "empty" | "too_long");
        checks
            .check(&content, &limits)
            .iter()
            .all(|finding| finding.severity != Severity::Blocker || of_the_whole(finding))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, claim: &str, held: bool) {
        assert_eq!(!find_claim(text, claim).is_empty(), held, "{claim:?} in {text:?}");
    }

    #[test]
    fn a_claim_is_found_in_every_inflection_and_not_inside_other_words() {
        check("It is healthier.", "healthy", true);
        check("HEALTHY", "healthy", true);
        check("a gluten free bun", "gluten-free", true);
        check("cheap", "cheapest", true);
        check("a girl", "girls", true);
        check("We guarantee it", "guaranteed", true);
        check("blazingly", "blazing", true);
        check("A revolution", "revolutionary", true);
        check("a wealthy man", "healthy", false);
        check("free of gluten", "gluten-free", false);
        check("an organ", "gluten", false);
        check("", "", false);
        check("günstigster", "günstig", true);
    }

    #[test]
    fn numbers_keep_their_separators_and_lose_the_sentence() {
        assert_eq!(numbers("4.80 EUR, until 04:00. CC BY-SA 4.0."), ["4.80", "04:00", "4.0"]);
    }

    #[test]
    fn urls_are_found_in_brackets_and_before_a_full_stop() {
        assert_eq!(urls("see (https://a.example/b). www.c.example, d"), ["https://a.example/b", "www.c.example"]);
    }
}
