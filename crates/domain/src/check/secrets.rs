//! What looks like a token, a key or a password. Such a thing never belongs into a post, whoever put it there.

use std::ops::Range;

use super::blocker;
use crate::brief::Brief;
use crate::review::Finding;

/// How the tokens of well-known issuers begin, and the fewest characters behind that.
const PREFIXES: [(&str, usize); 24] = [
    ("sk-", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("pk_live_", 8),
    ("whsec_", 8),
    ("ghp_", 16),
    ("gho_", 16),
    ("ghs_", 16),
    ("ghu_", 16),
    ("github_pat_", 16),
    ("glpat-", 12),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xapp-", 8),
    ("AKIA", 12),
    ("ASIA", 12),
    ("AIza", 24),
    ("ya29.", 16),
    ("hf_", 16),
    ("npm_", 16),
    ("SG.", 16),
    ("eyJ", 24),
    ("-----BEGIN", 0),
];

/// Names behind which a value is a secret.
const NAMES: [&str; 9] =
    ["password", "passwort", "passwd", "api_key", "apikey", "api-key", "secret", "access_token", "bearer"];

/// Shortest run of letters and digits that can only be a key.
const RANDOM_CHARS_MIN: usize = 28;
/// How much of a secret is quoted: enough to find it, not enough to use it.
const QUOTE_CHARS: usize = 6;

/// Every piece of a text that looks like a secret, by its bytes. The quote is its beginning alone.
pub(super) fn secrets(text: &str, brief: &Brief) -> Vec<(Range<usize>, Finding)> {
    let mut found = Vec::new();
    let mut named = false;
    for piece in
        text.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ',' | ';'))
    {
        if piece.is_empty() {
            continue;
        }
        let (name, value) = piece.split_once(['=', ':']).filter(|(name, _)| is_name(name)).unwrap_or(("", piece));
        let value = value.trim_end_matches(['.', '!', '?']);
        let is_secret = has_prefix(value) || is_random(value) || ((named || !name.is_empty()) && is_value(value));
        named = is_name(piece.trim_end_matches([':', '=']));
        if is_secret && !brief.fact_texts().iter().any(|fact| fact.contains(value)) {
            let end = value.char_indices().nth(QUOTE_CHARS).map_or(value.len(), |(index, _)| index);
            let advice = "This looks like a password, a key or a token; take it out, and renew it if it is real.";
            let start = value.as_ptr().addr() - text.as_ptr().addr();
            found.push((start..start + value.len(), blocker("secret", &value[..end], advice.into())));
        }
    }
    found
}

fn is_name(text: &str) -> bool {
    NAMES.contains(&text.to_ascii_lowercase().as_str())
}

/// A value behind a name: eight characters or more, with a digit among them.
fn is_value(value: &str) -> bool {
    value.chars().count() >= 8 && value.chars().any(|c| c.is_ascii_digit()) && !value.contains("//")
}

fn has_prefix(value: &str) -> bool {
    PREFIXES.iter().any(|(prefix, rest_min)| value.strip_prefix(prefix).is_some_and(|rest| rest.len() >= *rest_min))
}

/// One long run of letters and digits, well mixed, or of hexadecimal digits. Addresses have their own check.
fn is_random(value: &str) -> bool {
    let is_run = |part: &str| {
        let count = |is: fn(&char) -> bool| part.chars().filter(is).count();
        let (digits, upper, lower) =
            (count(char::is_ascii_digit), count(char::is_ascii_uppercase), count(char::is_ascii_lowercase));
        let is_hex = part.chars().all(|c| c.is_ascii_hexdigit());
        part.len() >= RANDOM_CHARS_MIN && digits >= 4 && ((upper >= 4 && lower >= 4) || is_hex)
    };
    !value.contains("://")
        && value.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+'))).any(is_run)
}
