//! Numbers of bank accounts and payment cards. Both carry a check digit, so that a complaint is nearly never wrong;
//! a charity's account that the facts hold is fine.

use std::ops::Range;

use super::blocker;
use super::fold::{Glyph, folded_text, quote};
use crate::brief::Brief;
use crate::review::Finding;

/// Countries and the length of their IBANs, in characters.
const IBAN_CHARS: [(&str, usize); 34] = [
    ("ad", 24),
    ("at", 20),
    ("be", 16),
    ("bg", 22),
    ("ch", 21),
    ("cy", 28),
    ("cz", 24),
    ("de", 22),
    ("dk", 18),
    ("ee", 20),
    ("es", 24),
    ("fi", 18),
    ("fr", 27),
    ("gb", 22),
    ("gr", 27),
    ("hr", 21),
    ("hu", 28),
    ("ie", 22),
    ("is", 26),
    ("it", 27),
    ("li", 21),
    ("lt", 20),
    ("lu", 20),
    ("lv", 21),
    ("mc", 27),
    ("mt", 31),
    ("nl", 18),
    ("no", 15),
    ("pl", 28),
    ("pt", 25),
    ("ro", 24),
    ("se", 24),
    ("si", 19),
    ("sk", 24),
];

/// Fewest and most digits of a card's number.
const CARD_DIGITS: std::ops::RangeInclusive<usize> = 13..=19;
/// How much of it is quoted: enough to find it, not enough to use it.
const QUOTE_GLYPHS: usize = 6;

/// Every account and card that no fact holds, by its bytes.
pub(super) fn accounts(text: &str, glyphs: &[Glyph], brief: &Brief) -> Vec<(Range<usize>, Finding)> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < glyphs.len() {
        let starts = at == 0 || !glyphs[at - 1].c.is_alphanumeric();
        let here = if starts { iban(&glyphs[at..]).or_else(|| card(&glyphs[at..])) } else { None };
        let Some((what, number, length)) = here else {
            at += 1;
            continue;
        };
        if !is_fact(&number, brief) {
            let advice = format!("This is the number of a {what}; take it out, whoever's it is.");
            let end = at + length.min(QUOTE_GLYPHS);
            let bytes = glyphs[at].start..glyphs[at + length - 1].end;
            found.push((bytes, blocker("personal_data", quote(text, &glyphs[at..end]), advice)));
        }
        at += length;
    }
    found
}

fn is_fact(number: &str, brief: &Brief) -> bool {
    let plain = |text: &str| -> String { folded_text(text).chars().filter(|c| c.is_ascii_alphanumeric()).collect() };
    brief.fact_texts().iter().any(|fact| plain(fact).contains(number))
}

/// So many letters and digits from here on, single spaces and hyphens between them, and the glyphs they take.
fn run(glyphs: &[Glyph], most: usize, fits: fn(char) -> bool) -> (String, Vec<usize>) {
    let (mut number, mut ends) = (String::new(), Vec::new());
    let mut at = 0;
    while number.len() < most {
        let gap =
            usize::from(at > 0 && glyphs.get(at).is_some_and(|glyph| matches!(glyph.c, ' ' | '\u{a0}' | '-' | '.')));
        match glyphs.get(at + gap) {
            Some(glyph) if fits(glyph.c) => number.push(glyph.c),
            _ => break,
        }
        at += gap + 1;
        ends.push(at);
    }
    (number, ends)
}

fn iban(glyphs: &[Glyph]) -> Option<(&'static str, String, usize)> {
    let country: String = glyphs.iter().take(2).map(|glyph| glyph.c).collect();
    let (_, chars) = IBAN_CHARS.iter().find(|(known, _)| *known == country)?;
    let (number, ends) = run(glyphs, *chars, |c| c.is_ascii_alphanumeric());
    let end = *ends.get(chars - 1)?;
    let whole = !glyphs.get(end).is_some_and(|glyph| glyph.c.is_alphanumeric());
    let digits = number[2..4].bytes().all(|byte| byte.is_ascii_digit());
    (whole && digits && remainder(&number) == 1).then_some(("bank account", number, end))
}

/// ISO 7064, MOD 97-10: the first four behind the rest, letters as 10 to 35.
fn remainder(number: &str) -> u32 {
    number[4..].chars().chain(number[..4].chars()).fold(0, |sum, c| {
        let value = c.to_digit(36).unwrap_or(0);
        (sum * if value > 9 { 100 } else { 10 } + value) % 97
    })
}

fn card(glyphs: &[Glyph]) -> Option<(&'static str, String, usize)> {
    let (number, ends) = run(glyphs, *CARD_DIGITS.end(), |c| c.is_ascii_digit());
    let end = *ends.last()?;
    let whole = !glyphs.get(end).is_some_and(|glyph| glyph.c.is_alphanumeric());
    let issued = number.starts_with(['3', '4', '5', '6']) || ("22".."28").contains(&&number[..2.min(number.len())]);
    (whole && CARD_DIGITS.contains(&number.len()) && issued && luhn(&number)).then_some(("payment card", number, end))
}

fn luhn(number: &str) -> bool {
    let sum: u32 = number
        .bytes()
        .rev()
        .enumerate()
        .map(|(index, byte)| {
            let digit = u32::from(byte - b'0') * if index % 2 == 1 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    #[test]
    fn accounts_and_cards_are_told_by_their_check_digits() {
        for text in [
            "DE89 3704 0044 0532 0130 00",
            "DE89370400440532013000",
            "GB29 NWBK 6016 1331 9268 19",
            "AT611904300234573201",
        ] {
            assert!(iban(&fold(text)).is_some(), "{text}");
        }
        for text in ["DE88 3704 0044 0532 0130 00", "DE89 3704", "de la rue 12", "DE893704004405320130001"] {
            assert!(iban(&fold(text)).is_none(), "{text}");
        }
        for text in ["4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005"] {
            assert!(card(&fold(text)).is_some(), "{text}");
        }
        for text in ["4111 1111 1111 1112", "2027 04 30 22 00", "1234567890123", "4111"] {
            assert!(card(&fold(text)).is_none(), "{text}");
        }
    }
}
