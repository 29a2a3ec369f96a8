//! What a post must not give away: the goal behind it. The goal is told to the writer, not to the public.

use std::cell::LazyCell;

use super::blocker;
use super::fold::{Glyph, fold, quote};
use crate::brief::Brief;
use crate::review::Finding;

/// So many of the goal's words in a row are no chance.
const WORDS_MIN: usize = 6;

/// Each run of the goal's words that no fact holds.
pub(super) fn leaked(text: &str, glyphs: &[Glyph], brief: &Brief) -> Vec<Finding> {
    let texts = |text: &str| -> Vec<String> { words(&fold(text)).into_iter().map(|word| word.text).collect() };
    let goal = texts(&brief.goal.text);
    // Few texts say anything of the goal's, so that the facts need not be read.
    let facts = LazyCell::new(|| brief.fact_texts().into_iter().map(texts).collect::<Vec<_>>());
    let said = words(glyphs);
    let mut found = Vec::new();
    let mut at = 0;
    while at + WORDS_MIN <= said.len() {
        let length = longest(&goal, &said[at..]);
        if length < WORDS_MIN || facts.iter().any(|fact| longest(fact, &said[at..]) >= WORDS_MIN) {
            at += 1;
            continue;
        }
        let (from, to) = (said[at].from, said[at + length - 1].to);
        let advice = "These are words of the goal, which is for us and not for readers; say what is in it for them.";
        found.push(blocker("leaked_goal", quote(text, &glyphs[from..to]), advice.into()));
        at += length;
    }
    found
}

struct Word {
    text: String,
    from: usize,
    to: usize,
}

fn words(glyphs: &[Glyph]) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    for (index, glyph) in glyphs.iter().enumerate().filter(|(_, glyph)| glyph.c.is_alphanumeric()) {
        match found.last_mut() {
            Some(word) if word.to == index => {
                word.text.push(glyph.c);
                word.to = index + 1;
            }
            _ => found.push(Word { text: glyph.c.into(), from: index, to: index + 1 }),
        }
    }
    found
}

/// How many of the words from the start on stand somewhere in the other text in a row.
fn longest(text: &[String], said: &[Word]) -> usize {
    let run = |start: usize| text[start..].iter().zip(said).take_while(|(one, other)| **one == other.text).count();
    (0..text.len()).map(run).max().unwrap_or(0)
}
