//! What a post says in its own words: without the brief's sentences, addresses and commands. How those read is the
//! brief's affair, and every post of a campaign may repeat them.

use crate::brief::Brief;

/// What a brief says itself, in sentences.
pub(crate) struct BriefsWords(Vec<String>);

impl BriefsWords {
    pub(crate) fn of(brief: &Brief) -> Self {
        let mut known: Vec<String> = brief.fact_texts().into_iter().flat_map(sentences).collect();
        // The longest first: a shorter one may be a part of it.
        known.sort_by_key(|sentence| std::cmp::Reverse(sentence.len()));
        known.dedup();
        Self(known)
    }

    /// The text in lower case, one line a line, the brief's own sentences cut out.
    pub(crate) fn cut_from(&self, text: &str) -> String {
        let mut own: String = text.lines().filter(|line| !is_command(line)).map(|line| even(line) + "\n").collect();
        for sentence in &self.0 {
            if own.contains(sentence.as_str()) {
                own = own.replace(sentence, " ");
            }
        }
        own
    }
}

/// White space as one space, lower case, without web addresses and code in backticks.
fn even(line: &str) -> String {
    let outside = line.split('`').step_by(2).collect::<Vec<_>>().join(" ").to_lowercase();
    let words = outside.split_whitespace().filter(|word| !is_address(word));
    words.collect::<Vec<_>>().join(" ")
}

fn is_address(word: &str) -> bool {
    word.contains("://") || (word.contains('.') && word.contains('/')) || word.starts_with("www.")
}

/// A line that one types into a terminal.
fn is_command(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("$ ") || line.starts_with("> ") || line.starts_with("    ")
}

/// A fact's sentences of two words and more, evened. One word is anybody's.
fn sentences(fact: &str) -> Vec<String> {
    let whole = even(fact);
    let parts = whole.split_inclusive(". ").flat_map(|part| part.split_inclusive("; "));
    let plain = |text: &str| text.trim().trim_end_matches(['.', ';', '!']).to_string();
    let mut found: Vec<String> = parts.map(plain).chain([plain(&whole)]).collect();
    found.retain(|sentence| sentence.contains(' '));
    found
}
