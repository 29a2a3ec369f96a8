//! Channels: what can be connected, and how it may be called.

/// Longest name, in characters.
pub const NAME_CHARS_MAX: usize = 60;

/// The platform that every workspace has from the beginning; it is never connected.
pub const STAGE: &str = "stage";

/// Platforms that a person can connect, each with what it is.
pub const CONNECTABLE: [(&str, &str); 1] = [("relay", "Relay: posts are handed to an endpoint of your own")];

/// A channel's name as it is kept: briefs name channels, so it is one plain line.
pub fn name(text: &str) -> Result<&str, String> {
    let name = text.trim();
    let chars = name.chars().count();
    if !(1..=NAME_CHARS_MAX).contains(&chars) {
        return Err(format!("must have 1 to {NAME_CHARS_MAX} characters; it has {chars}"));
    }
    if name.chars().any(|c| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    }) {
        return Err("holds a character that nobody can see".into());
    }
    Ok(name)
}

/// A platform that can be connected.
pub fn connectable(text: &str) -> Result<&'static str, String> {
    let known = CONNECTABLE.iter().map(|(name, _)| *name).find(|name| *name == text);
    known.ok_or_else(|| {
        let names: Vec<&str> = CONNECTABLE.iter().map(|(name, _)| *name).collect();
        match text {
            STAGE => "cannot be `stage`: every workspace has one already".into(),
            _ => format!("must be one of: {}", names.join(", ")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_line() {
        assert_eq!(name("  Company blog "), Ok("Company blog"));
        assert_eq!(name(&"ä".repeat(60)).map(str::len), Ok(120));
        for wrong in ["", "  ", &"x".repeat(61), "two\nlines", "hid\u{200b}den", "\u{202e}rtl"] {
            assert!(name(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn only_what_can_be_connected_is_a_platform() {
        assert_eq!(connectable("relay"), Ok("relay"));
        assert!(connectable("stage").unwrap_err().contains("already"));
        assert!(connectable("myspace").unwrap_err().contains("relay"));
    }
}
