//! Claims that must stand in a post, and claims that must not.
//!
//! A required claim must stand there word for word; letter case, white space and the shape of apostrophes,
//! quotation marks and dashes aside.
//!
//! A banned claim must not stand there in any letter case, nor
//! - in a simple inflection of any of its words: -s, -es, -ed, -d, -ing, -ly, -ally, -er, -est, y → ies, ied, ily,
//!   ier, iest, the German -e, -en, -em, -n and superlatives in -ste; and, for words that end in -s, -ed or -ing, what they are made from
//!   (`blazing` bans `blaze`). Comparatives are not undone: `cheapest` does not ban `cheap`;
//! - with its words run together, hyphenated, or apart (`gluten-free`, `gluten free`, `#GlutenFree`);
//! - with letters pulled apart (`b-l-a-z-i-n-g`, `b l a z i n g`), look-alikes, invisible characters, or a few
//!   digits for letters (`h3althy`).
//!
//! It starts and ends where a word does: `paid` does not hit `repaid` or `unpaid`, but does hit `pre-paid`. In a
//! hashtag, which has no words, five letters or more count anywhere.

use std::ops::Range;

use super::blocker;
use super::fold::{Glyph, folded_text, quote};
use crate::brief::Brief;
use crate::post::Content;
use crate::review::Finding;

/// Each required claim that is missing.
pub(super) fn required(content: &Content, brief: &Brief) -> Vec<Finding> {
    let texts = [even(&content.title), even(&content.text)];
    let missing = |claim: &&String| {
        let claim = even(claim);
        !claim.is_empty() && !texts.iter().any(|text| holds(text, &claim))
    };
    let finding = |claim: &String| {
        blocker(
            "required_claim",
            "",
            format!("A required claim is missing; put in, word for word: \"{}\".", claim.trim()),
        )
    };
    brief.claims.required.iter().filter(missing).map(finding).collect()
}

/// Lower case, one space for any white space, plain apostrophes, quotation marks and dashes.
fn even(text: &str) -> String {
    let shape = |c: char| match c {
        '\u{2018}' | '\u{2019}' | '\u{2bc}' => '\'',
        '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        c => c,
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase().chars().map(shape).collect()
}

/// Whether the claim stands there as words of its own.
fn holds(text: &str, claim: &str) -> bool {
    let inside = |c: Option<char>, edge: Option<char>| {
        c.is_some_and(char::is_alphanumeric) && edge.is_some_and(char::is_alphanumeric)
    };
    text.match_indices(claim).any(|(at, _)| {
        let (before, after) = (text[..at].chars().next_back(), text[at + claim.len()..].chars().next());
        !inside(before, claim.chars().next()) && !inside(after, claim.chars().next_back())
    })
}

/// Each banned claim that stands there, by its bytes.
pub(super) fn banned(text: &str, glyphs: &[Glyph], claims: &[Pattern]) -> Vec<(Range<usize>, Finding)> {
    let mut found = Vec::new();
    for pattern in claims {
        let places = pattern.places(glyphs).into_iter().chain(pattern.spelled_out(glyphs));
        found.extend(places.map(|(from, to)| {
            let advice = format!("\"{}\" is a banned claim; say it differently or leave it out.", pattern.claim.trim());
            let bytes = glyphs[from].start..glyphs[to - 1].end;
            (bytes, blocker("banned_claim", quote(text, &glyphs[from..to]), advice))
        }));
    }
    found
}

/// A banned claim: for each of its words, every form that counts.
pub(super) struct Pattern<'a> {
    claim: &'a str,
    words: Vec<Vec<Vec<char>>>,
    joined: Vec<char>,
}

/// Shortest claim that is looked for without its word boundaries, in letters.
const FREE_LETTERS_MIN: usize = 5;
/// Most characters between two words of a claim.
const GAP_MAX: usize = 4;
/// Most marks between two letters of a word.
const MARKS_MAX: usize = 2;

impl<'a> Pattern<'a> {
    pub(super) fn of(claim: &'a str) -> Self {
        let folded = folded_text(claim);
        let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
        Self {
            claim,
            words: words.iter().map(|word| forms(word)).collect(),
            joined: words.iter().flat_map(|word| word.chars()).collect(),
        }
    }

    /// Where the claim stands, as ranges of glyphs that do not overlap.
    fn places(&self, glyphs: &[Glyph]) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        let mut at = 0;
        while at < glyphs.len() && !self.words.is_empty() {
            let in_tag = self.joined.len() >= FREE_LETTERS_MIN && is_in_hashtag(glyphs, at);
            let end = if is_start(glyphs, at) || in_tag { self.end(glyphs, at, 0, in_tag) } else { None };
            if let Some(end) = end {
                places.push((at, end));
                at = end;
            } else {
                at += 1;
            }
        }
        places
    }

    /// Where the claim ends if its word of this number starts here.
    fn end(&self, glyphs: &[Glyph], at: usize, word: usize, in_tag: bool) -> Option<usize> {
        let is_last = word + 1 == self.words.len();
        self.words[word].iter().filter_map(|form| end_of_word(glyphs, at, form)).find_map(|(end, dotted)| {
            if is_last {
                return (in_tag || is_end(glyphs, end)).then_some(end);
            }
            let gap = gap(glyphs, end, dotted)?;
            self.end(glyphs, end + gap, word + 1, in_tag)
        })
    }

    /// Where it stands with white space between all its letters.
    fn spelled_out(&self, glyphs: &[Glyph]) -> Vec<(usize, usize)> {
        let mut places = Vec::new();
        if self.joined.len() < FREE_LETTERS_MIN - 1 {
            return places;
        }
        for run in single_letters(glyphs) {
            for start in 0..run.len().saturating_sub(self.joined.len() - 1) {
                let letters = &run[start..start + self.joined.len()];
                if letters.iter().zip(&self.joined).all(|(index, c)| same(glyphs[*index], *c)) {
                    places.push((letters[0], letters[letters.len() - 1] + 1));
                }
            }
        }
        places
    }
}

/// Runs of letters that stand alone, each run by the letters' places.
fn single_letters(glyphs: &[Glyph]) -> Vec<Vec<usize>> {
    let is_word = |index: usize| glyphs.get(index).is_some_and(|glyph| glyph.c.is_alphanumeric());
    let mut runs: Vec<Vec<usize>> = vec![Vec::new()];
    for index in (0..glyphs.len()).filter(|index| is_word(*index)) {
        let alone = !(is_word(index + 1) || index > 0 && is_word(index - 1));
        let last = runs.len() - 1;
        let near = runs[last].last().is_none_or(|before| index - before <= GAP_MAX);
        match (alone, near) {
            (true, true) => runs[last].push(index),
            (true, false) => runs.push(vec![index]),
            (false, _) => runs.push(Vec::new()),
        }
    }
    runs
}

/// Where a word ends that starts here, and whether dots stand between its letters. Marks between letters count
/// as nothing.
fn end_of_word(glyphs: &[Glyph], mut at: usize, form: &[char]) -> Option<(usize, bool)> {
    let (mut letters, mut dotted) = (0, false);
    for (index, expected) in form.iter().enumerate() {
        let marks = if index == 0 { 0 } else { glyphs[at..].iter().take_while(|glyph| is_mark(glyph.c)).count() };
        let marks = if marks <= MARKS_MAX { marks } else { return None };
        let found = *glyphs.get(at + marks)?;
        // A mark may stand for a letter itself: `p@id`.
        if marks > 0 && same(glyphs[at], *expected) {
            at += 1;
            continue;
        }
        if !same(found, *expected) {
            return None;
        }
        dotted |= glyphs[at..at + marks].iter().any(|glyph| glyph.c == '.');
        letters += usize::from(found.c == *expected);
        at += marks + 1;
    }
    (letters * 2 > form.len()).then_some((at, dotted))
}

/// How many glyphs lie between two words of a claim, if no more than may. A full stop with a space behind it ends
/// a sentence, unless the word before it is one with dots.
fn gap(glyphs: &[Glyph], at: usize, dotted: bool) -> Option<usize> {
    let between = |c: char| c.is_whitespace() || is_mark(c) || matches!(c, '"' | '(' | ')' | '[' | ']' | '#');
    let gap = glyphs[at..].iter().take_while(|glyph| between(glyph.c)).count();
    let stop = glyphs[at..at + gap].windows(2).any(|pair| pair[0].c == '.' && pair[1].c.is_whitespace());
    (gap <= GAP_MAX && (!stop || dotted)).then_some(gap)
}

fn is_mark(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | '*' | '\'' | '~' | '|' | '/' | '\\' | '·' | '•' | '+' | '=' | '^' | '@' | '$' | '!')
}

/// Whether this could be read as that letter.
fn same(found: Glyph, expected: char) -> bool {
    found.c == expected
        || (found.c == 'i' && found.upper && expected == 'l')
        || matches!(
            (found.c, expected),
            ('0', 'o')
                | ('1', 'i' | 'l')
                | ('3', 'e')
                | ('4', 'a')
                | ('5', 's')
                | ('7', 't')
                | ('8', 'b')
                | ('@', 'a')
                | ('$', 's')
                | ('€', 'e')
                | ('£', 'l')
                | ('!' | '|', 'i' | 'l')
        )
}

fn is_start(glyphs: &[Glyph], at: usize) -> bool {
    let this = glyphs[at];
    let Some(before) = at.checked_sub(1).map(|index| glyphs[index]) else { return true };
    !before.c.is_alphanumeric() || (this.upper && !before.upper) || before.c.is_ascii_digit() != this.c.is_ascii_digit()
}

fn is_end(glyphs: &[Glyph], end: usize) -> bool {
    end >= glyphs.len() || !glyphs[end].c.is_alphanumeric() || is_start(glyphs, end)
}

fn is_in_hashtag(glyphs: &[Glyph], at: usize) -> bool {
    let start = glyphs[..at].iter().rposition(|glyph| !(glyph.c.is_alphanumeric() || glyph.c == '_'));
    start.is_some_and(|index| glyphs[index].c == '#')
}

/// A word and its simple inflections. Short words have few: three letters plus an ending are another word.
fn forms(word: &str) -> Vec<Vec<char>> {
    let mut forms = vec![word.to_string()];
    let letters = word.chars().count();
    if letters >= 3 && word.chars().all(char::is_alphabetic) {
        inflect(word, &mut forms);
        for ending in ["er", "est", "e", "en", "em", "n", "ste", "sten", "ster", "stes", "este", "esten", "ester"] {
            forms.push(format!(
                "{}{ending}",
                word.strip_suffix('e').filter(|_| ending.starts_with('e')).unwrap_or(word)
            ));
        }
        if let Some(stem) = word.strip_suffix('y') {
            forms.extend(["ily", "ier", "iest"].map(|ending| format!("{stem}{ending}")));
        }
        for base in bases(word) {
            inflect(&base, &mut forms);
            forms.push(base);
        }
    }
    forms.sort();
    forms.dedup();
    forms.into_iter().map(|form| form.chars().collect()).collect()
}

/// Plural, past, participle and adverb.
fn inflect(word: &str, forms: &mut Vec<String>) {
    forms.extend(["s", "es", "d", "ed", "ing", "ly", "ally"].map(|ending| format!("{word}{ending}")));
    if let Some(stem) = word.strip_suffix('e') {
        forms.extend(["ing", "y"].map(|ending| format!("{stem}{ending}")));
    } else if let Some(stem) = word.strip_suffix('y') {
        forms.extend(["ies", "ied"].map(|ending| format!("{stem}{ending}")));
    } else if let Some(last) = word.chars().next_back().filter(|c| !"aeiouy".contains(*c)) {
        forms.extend(["ed", "ing"].map(|ending| format!("{word}{last}{ending}")));
    }
}

/// Shortest word that an ending is taken from, in letters: `girls` gives `girl`, `news` does not give `new`.
const BASE_LETTERS_MIN: usize = 4;

/// What a word in -s, -ed or -ing may be made from.
fn bases(word: &str) -> Vec<String> {
    let mut bases = Vec::new();
    for (ending, restored) in
        [("ies", "y"), ("es", ""), ("s", ""), ("ied", "y"), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e")]
    {
        let Some(stem) = word.strip_suffix(ending) else { continue };
        if stem.chars().count() >= BASE_LETTERS_MIN && !(ending == "s" && stem.ends_with(['s', 'u', 'i'])) {
            bases.push(format!("{stem}{restored}"));
            let mut letters = stem.chars().rev();
            if restored.is_empty() && letters.next() == letters.next() {
                bases.push(stem[..stem.len() - stem.chars().next_back().map_or(0, char::len_utf8)].into());
            }
        }
    }
    bases
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    fn stands_in(claim: &str, text: &str) -> bool {
        let glyphs = fold(text);
        let pattern = Pattern::of(claim);
        !pattern.places(&glyphs).is_empty() || !pattern.spelled_out(&glyphs).is_empty()
    }

    #[track_caller]
    fn hits(claim: &str, texts: &[&str]) {
        for text in texts {
            assert!(stands_in(claim, text), "`{claim}` must hit `{text}`");
        }
    }

    #[track_caller]
    fn spares(claim: &str, texts: &[&str]) {
        for text in texts {
            assert!(!stands_in(claim, text), "`{claim}` must spare `{text}`");
        }
    }

    #[test]
    fn a_banned_claim_is_found_in_any_case_and_with_any_hyphen() {
        hits(
            "gluten-free",
            &[
                "GLUTEN-FREE",
                "gluten free",
                "Gluten\u{2011}Free",
                "glutenfree",
                "gluten\nfree",
                "#GlutenFree",
                "#glutenfreebread",
                "gluten_free",
                "gluten – free",
                "*gluten*-*free*",
            ],
        );
    }

    #[test]
    fn a_banned_claim_is_found_in_simple_inflections() {
        hits("healthy", &["healthily", "Healthier", "the healthiest"]);
        hits("guaranteed", &["guarantee", "we guarantees", "guaranteeing"]);
        hits("fix Wikipedia", &["fixing Wikipedia", "fixed Wikipedia", "Fixes Wikipedia"]);
        hits("replaces grep entirely", &["replace grep entirely", "replacing grep entirely"]);
        hits("girls", &["girl", "a girl's"]);
        hits("blazing", &["blazed", "blazingly", "ablaze? no: blaze"]);
        hits("viral", &["virally", "Viral!"]);
        hits("plan", &["planned", "planning", "plans"]);
        hits("organic", &["organically"]);
        hits("kostenlos", &["kostenlose", "kostenlosen"]);
    }

    #[test]
    fn a_banned_claim_does_not_hit_inside_another_word() {
        spares("paid", &["repaid", "unpaid", "spaid", "Pa ID", "p. aid"]);
        spares("cheapest", &["cheap", "cheaper"]);
        spares("viral", &["antiviral", "spirals"]);
        spares("news", &["new"]);
        spares("free delivery", &["It is free. Delivery takes a day.", "free, and delivery"]);
        spares("girls", &["girlhood"]);
        spares("AI-powered", &["said: powered by hand", "rai powered"]);
    }

    #[test]
    fn a_banned_claim_in_disguise_is_found() {
        hits(
            "healthy",
            &[
                "h e a l t h y",
                "H-E-A-L-T-H-Y",
                "h.e.a.l.t.h.y",
                "heal\u{200b}thy",
                "heal\u{ad}thy",
                "hеаlthу",
                "ｈｅａｌｔｈｙ",
                "𝗵𝗲𝗮𝗹𝘁𝗵𝘆",
                "h3althy",
                "he@lthy",
                "heal-thy",
                "h*ealthy",
                "HealthyNights",
                "so he\u{2060}althy!",
            ],
        );
        hits("blazing", &["bIazing", "b1azing"]);
        hits("cheapest", &["ch€apest"]);
        hits("paid", &["p@id", "P-A-I-D", "pre-paid", "paid-for"]);
        hits("AI-powered", &["A.I. powered", "AI powered", "aipowered", "a.i.-powered"]);
        hits("free delivery", &["f r e e  d e l i v e r y", "free-delivery", "free deliveries"]);
    }

    #[test]
    fn digits_alone_are_no_word() {
        spares("as", &["45"]);
        spares("list", &["1157"]);
    }

    #[test]
    fn a_required_claim_is_asked_for_word_for_word() {
        assert!(holds(&even("UNTIL  30\nApril 2027, yes"), &even("Until 30 April 2027")));
        assert!(holds(&even("it’s free"), &even("It's free")));
        assert!(!holds(&even("Until 30 April 20271"), &even("Until 30 April 2027")));
        assert!(!holds(&even("bring your laptop"), &even("bring a laptop")));
        assert!(!holds(&even("bring a laptops"), &even("bring a laptop")));
    }
}
