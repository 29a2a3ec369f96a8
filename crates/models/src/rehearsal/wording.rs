//! A proposal's words, rehearsed: the first sentence of the rule, and how often people meant it.

use domain::learning::STATEMENT_CHARS_MAX;

use crate::wording::{Worded, Wording};

/// The sentence. The rule's own words where another would be too long.
pub fn word(about: &Wording) -> Worded {
    let end = about.rule.find(['.', '!', '?']).unwrap_or(about.rule.len());
    let first = about.rule[..end].trim();
    let why = match (about.comments.is_empty(), about.edits.is_empty()) {
        (false, _) => "people keep asking for it",
        (true, false) => "people keep changing it by hand",
        (true, true) => return Worded { statement: about.rule.clone() },
    };
    let statement = format!("{first}: {why}.");
    let fits = statement.chars().count() <= STATEMENT_CHARS_MAX;
    Worded { statement: if fits { statement } else { about.rule.clone() } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_rule_and_why_and_no_longer_than_a_statement() {
        let of = |rule: &str, comments: &[&str]| {
            let comments: Vec<String> = comments.iter().map(|&one| one.into()).collect();
            let edits = if comments.is_empty() { vec![("a".into(), "b".into())] } else { Vec::new() };
            word(&Wording { rule: rule.into(), edits, comments }).statement
        };
        assert_eq!(of("Use no emoji.", &[]), "Use no emoji: people keep changing it by hand.");
        assert_eq!(of("Warmer! And now.", &["Warmer! And now."]), "Warmer: people keep asking for it.");
        let long = "word ".repeat(46);
        assert_eq!(of(&long, &[]), long);
    }
}
