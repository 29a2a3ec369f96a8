//! Characters that nobody sees: they hide words from a filter, turn the order round, or mark a text.

use super::blocker;
use super::fold::is_unseen;
use crate::review::Finding;

/// One finding for each kind of unseen character, with the words around its first place.
pub(super) fn invisible(text: &str) -> Vec<Finding> {
    let mut seen: Vec<char> = Vec::new();
    let mut found = Vec::new();
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (index, (start, c)) in chars.iter().copied().enumerate() {
        if seen.contains(&c) || !is_out_of_place(&chars, index) {
            continue;
        }
        seen.push(c);
        let advice =
            format!("There is an invisible character, U+{:04X}; write the words again without it.", u32::from(c));
        found.push(blocker("invisible_character", word_around(text, start), advice));
    }
    found
}

fn is_out_of_place(chars: &[(usize, char)], index: usize) -> bool {
    let at = |index: Option<usize>| index.and_then(|index| chars.get(index)).map(|(_, c)| *c);
    let (before, after) = (at(index.checked_sub(1)), at(Some(index + 1)));
    match chars[index].1 {
        '\n' | '\t' => false,
        '\r' => after != Some('\n'),
        '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{fffd}' => true,
        // What makes one picture out of several, or a digit a key.
        '\u{fe0e}' | '\u{fe0f}' => !before.is_some_and(is_picture) && after != Some('\u{20e3}'),
        '\u{200c}' | '\u{200d}' if before.is_some_and(joins) && after.is_some_and(joins) => false,
        '\u{200d}' => !(before.is_some_and(is_picture) && after.is_some_and(is_picture)),
        // Flags of regions: a black flag, then tags.
        tag @ '\u{e0020}'..='\u{e007f}' => !before.is_some_and(|c| c == '\u{1f3f4}' || (is_tag(c) && is_tag(tag))),
        c => is_unseen(c),
    }
}

fn is_tag(c: char) -> bool {
    ('\u{e0020}'..='\u{e007f}').contains(&c)
}

fn is_picture(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}' | '\u{fe0f}')
        && !is_unseen_letter(c)
}

fn is_unseen_letter(c: char) -> bool {
    c != '\u{fe0f}' && is_unseen(c)
}

/// Scripts that are written with joiners: Arabic, the Indic ones, Khmer, Mongolian.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1780}'..='\u{18af}') && c.is_alphabetic()
        || matches!(
            c,
            '\u{93c}' | '\u{94d}' | '\u{9cd}' | '\u{acd}' | '\u{bcd}' | '\u{c4d}' | '\u{ccd}' | '\u{d4d}' | '\u{dca}'
        )
}

/// The character with what stands beside it up to the next white space.
fn word_around(text: &str, at: usize) -> &str {
    let is_end = |c: char| c.is_whitespace();
    let from =
        text[..at].rfind(is_end).map_or(0, |index| index + text[index..].chars().next().map_or(0, char::len_utf8));
    let to = text[at..].char_indices().skip(1).find(|(_, c)| is_end(*c)).map_or(text.len(), |(index, _)| at + index);
    &text[from..to]
}
