//! A folded text in words, runs of digits and marks.

use super::Glyph;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Digits,
    Word,
    /// A number that is not made of digits: `½`, `Ⅷ`.
    Sign,
    Mark,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) sort: Sort,
    pub(super) text: String,
    pub(super) from: usize,
    pub(super) to: usize,
    /// White space stands before it.
    pub(super) apart: bool,
    pub(super) starts_line: bool,
    /// Its first letter was upper case.
    pub(super) upper: bool,
}

pub(super) fn tokens(glyphs: &[Glyph]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut apart, mut starts_line) = (0, true, true);
    while at < glyphs.len() {
        let c = glyphs[at].c;
        if c.is_whitespace() {
            (apart, starts_line, at) = (true, starts_line || c == '\n', at + 1);
            continue;
        }
        let (sort, to) = match c {
            '0'..='9' => (Sort::Digits, end_of_digits(glyphs, at)),
            c if c.is_numeric() => (Sort::Sign, at + 1),
            c if c.is_alphabetic() => {
                let length =
                    glyphs[at..].iter().take_while(|glyph| glyph.c.is_alphabetic() && !glyph.c.is_numeric()).count();
                (Sort::Word, at + length.max(1))
            }
            _ => (Sort::Mark, at + 1),
        };
        let text = glyphs[at..to].iter().map(|glyph| glyph.c).collect();
        tokens.push(Token { sort, text, from: at, to, apart, starts_line, upper: glyphs[at].upper });
        (apart, starts_line, at) = (false, false, to);
    }
    tokens
}

/// Digits with single separators between them; a space or an apostrophe parts groups of three only.
fn end_of_digits(glyphs: &[Glyph], from: usize) -> usize {
    let digits = |at: usize| glyphs[at.min(glyphs.len())..].iter().take_while(|glyph| glyph.c.is_ascii_digit()).count();
    let mut to = from + digits(from);
    while let Some(separator) = glyphs.get(to).map(|glyph| glyph.c) {
        let group = digits(to + 1);
        let joins = match separator {
            '.' | ',' => group > 0,
            '\'' | '\u{a0}' => group == 3,
            _ => false,
        };
        if !joins {
            break;
        }
        to += 1 + group;
    }
    to
}
