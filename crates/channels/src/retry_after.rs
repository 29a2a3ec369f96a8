//! `Retry-After`: seconds, or a date (RFC 9110 §10.2.3).

use ports::Response;

/// Longest wait that we let a platform ask for: a day, in seconds. After that we ask again.
const RETRY_AFTER_S_MAX: u32 = 24 * 60 * 60;

/// Seconds to wait, at least one; `None` when the header is missing or cannot be read.
pub(crate) fn retry_after_s(response: &Response, now_ms: i64) -> Option<u32> {
    let value = response.header("retry-after")?.trim();
    let seconds = match value.parse::<u64>() {
        Ok(seconds) => i64::try_from(seconds).unwrap_or(i64::MAX),
        // More digits than any number has is still a number of seconds.
        Err(_) if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => i64::MAX,
        Err(_) => seconds_until(value, now_ms)?,
    };
    u32::try_from(seconds.clamp(1, i64::from(RETRY_AFTER_S_MAX))).ok()
}

fn seconds_until(date: &str, now_ms: i64) -> Option<i64> {
    let at_ms = jiff::fmt::rfc2822::parse(date).ok()?.timestamp().as_millisecond();
    // Rounded up: a second too late costs nothing, one too soon is another refusal.
    Some(at_ms.checked_sub(now_ms)?.saturating_add(999).div_euclid(1000))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_803_816_000_500; // Sat, 28 Feb 2027 12:00:00.5 UTC or so; only differences matter

    fn check(value: &str, expect: Option<u32>) {
        let headers = vec![("retry-after".to_string(), value.to_string())];
        assert_eq!(retry_after_s(&Response { status: 429, headers, body: vec![] }, NOW_MS), expect, "{value}");
    }

    fn date(at_ms: i64) -> String {
        let at = jiff::Timestamp::from_millisecond(at_ms).unwrap();
        jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&at).unwrap()
    }

    #[test]
    fn seconds_and_dates_are_both_read() {
        check("120", Some(120));
        check(" 7 ", Some(7));
        check(&date(NOW_MS + 30_000), Some(30));
    }

    #[test]
    fn a_date_that_has_passed_and_zero_wait_a_second() {
        check("0", Some(1));
        check(&date(NOW_MS - 60_000), Some(1));
    }

    #[test]
    fn an_absurd_wait_is_capped_at_a_day() {
        check("999999999999", Some(86_400));
        check("99999999999999999999999999", Some(86_400));
        check(&date(NOW_MS + 400 * 86_400_000), Some(86_400));
    }

    #[test]
    fn what_cannot_be_read_says_nothing() {
        for value in ["", "-5", "soon", "1.5", "Tue, 99 Foo 2027"] {
            check(value, None);
        }
    }
}
