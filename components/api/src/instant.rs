//! Times on the wire: RFC 3339 with a zone. Inside, they are Unix milliseconds.

use jiff::Timestamp;

/// A time, in UTC.
pub fn rfc3339(at_ms: i64) -> String {
    // Everything that the store holds came from a calendar, so it has a date.
    Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH).to_string()
}

/// A time, if there is one.
pub fn opt_rfc3339(at_ms: Option<i64>) -> Option<String> {
    at_ms.map(rfc3339)
}

/// Reads a time; one without a zone is refused.
pub fn parse(field: &str, text: &str) -> Result<i64, serve::Problem> {
    text.parse::<Timestamp>().map(Timestamp::as_millisecond).map_err(|_| {
        serve::Problem::invalid(field, format!("`{text}` is no time with a zone; write it like `2027-01-15T09:30:00Z`"))
    })
}
