//! Numbers as plain decimal text.

/// Digits with separators as a plain decimal number; `None` where no reading is sure.
pub(super) fn decimal(raw: &str) -> Option<String> {
    let separators: Vec<char> = raw.chars().filter(|c| !c.is_ascii_digit()).collect();
    let groups: Vec<&str> = raw.split(|c: char| !c.is_ascii_digit()).collect();
    let thousands =
        |groups: &[&str]| groups[0].len() <= 3 && groups[0] != "0" && groups[1..].iter().all(|group| group.len() == 3);
    let last = *groups.last()?;
    match separators.as_slice() {
        [] => Some(canonical(raw, "")),
        all if all.iter().all(|c| *c == all[0]) && thousands(&groups) => Some(canonical(&groups.concat(), "")),
        ['.' | ','] => Some(canonical(groups[0], last)),
        [start @ .., end @ ('.' | ',')]
            if start.iter().all(|c| c == &start[0] && c != end) && thousands(&groups[..groups.len() - 1]) =>
        {
            Some(canonical(&groups[..groups.len() - 1].concat(), last))
        }
        _ => None,
    }
}

pub(super) fn canonical(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}") }
}

/// Moves the decimal point to the right (or, negative, to the left).
pub(super) fn shifted(value: &str, places: isize) -> String {
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let room = places.unsigned_abs();
    let digits = if places >= 0 {
        format!("{whole}{fraction}{}", "0".repeat(room))
    } else {
        format!("{}{whole}{fraction}", "0".repeat(room))
    };
    let point = if places >= 0 { whole.len() + room } else { whole.len() };
    canonical(&digits[..point], &digits[point..])
}
