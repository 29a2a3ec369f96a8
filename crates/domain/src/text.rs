//! Characters that no page and no feed can hold.

/// Whether XML has no place for it, and HTML puts something else there: control characters other than tab and line
/// ends, and what is no character.
pub fn is_unwritable(letter: char) -> bool {
    matches!(letter, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

/// Whether it is a picture among letters, as people type them; arrows and signs of older alphabets are none.
pub fn is_emoji(letter: char) -> bool {
    matches!(letter, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

/// What is wrong with a text that holds one of them.
pub fn complaint(text: &str) -> Option<String> {
    let (at, letter) = text.chars().enumerate().find(|(_, letter)| is_unwritable(*letter))?;
    let code = u32::from(letter);
    Some(format!("holds a character that nothing can show (U+{code:04X}, at place {}); take it out", at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_that_nothing_can_show_is_named_with_its_place() {
        assert_eq!(complaint("Tab\tand\r\nlines, 🍞 and a\u{301}: \u{202e}all is well"), None);
        assert!(complaint("ab\0c").unwrap().contains("U+0000, at place 3"));
        for letter in ["\u{1b}", "\u{8}", "\u{ffff}"] {
            assert!(complaint(letter).is_some(), "{letter:?}");
        }
    }
}
