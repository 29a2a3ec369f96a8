//! Times: written in the campaign's zone; what they are for the reader is told on hover.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use maud::{Markup, html};

/// RFC 3339, UTC, whole seconds.
pub fn rfc3339(at_ms: i64) -> String {
    Timestamp::from_millisecond(at_ms)
        .map_or_else(|_| String::new(), |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// As HTTP headers have it.
pub fn http_date(at_ms: i64) -> String {
    let at = Timestamp::from_millisecond(at_ms).unwrap_or_default();
    strtime::format("%a, %d %b %Y %H:%M:%S GMT", &at.to_zoned(TimeZone::UTC)).unwrap_or_default()
}

/// A planned wall time of a campaign: `Mon 29 Mar 2027, 09:30`. What cannot be read is shown as it is.
pub fn planned(local: &str, due_at: i64, zone: &str) -> Markup {
    let text = local
        .parse::<DateTime>()
        .map_or_else(|_| local.into(), |local| local.strftime("%a %-d %b %Y, %H:%M").to_string());
    html! { time datetime=(rfc3339(due_at)) title={ (text) " in " (zone) } { (text) } }
}

/// An instant, as the clocks of this zone show it.
pub fn at(at_ms: i64, zone: &str) -> Markup {
    let text = in_zone(at_ms, zone).map_or_else(|| rfc3339(at_ms), |at| at.strftime("%-d %b %Y, %H:%M").to_string());
    html! { time datetime=(rfc3339(at_ms)) title={ (text) " in " (zone) } { (text) } }
}

/// The day of an instant, as calendars of this zone show it.
pub fn day(at_ms: i64, zone: &str) -> String {
    in_zone(at_ms, zone).map_or_else(|| rfc3339(at_ms), |at| at.strftime("%A, %-d %B %Y").to_string())
}

/// The time of day of an instant, as the clocks of this zone show it.
pub fn of_day(at_ms: i64, zone: &str) -> Markup {
    let (short, long) = in_zone(at_ms, zone).map_or_else(
        || (rfc3339(at_ms), rfc3339(at_ms)),
        |at| (at.strftime("%H:%M").to_string(), at.strftime("%-d %b %Y, %H:%M:%S").to_string()),
    );
    html! { time datetime=(rfc3339(at_ms)) title={ (long) " in " (zone) } { (short) } }
}

fn in_zone(at_ms: i64, zone: &str) -> Option<jiff::Zoned> {
    let zone = TimeZone::get(zone).ok()?;
    Some(Timestamp::from_millisecond(at_ms).ok()?.to_zoned(zone))
}

/// The clock time of a planned wall time: `09:30`; the day is told by what stands around it.
pub fn clock(local: &str, due_at: i64, zone: &str) -> Markup {
    let read = local.parse::<DateTime>();
    let text = read.as_ref().map_or_else(|_| local.into(), |local| local.strftime("%H:%M").to_string());
    let title = read.map_or_else(|_| local.into(), |local| local.strftime("%a %-d %b %Y, %H:%M").to_string());
    html! { time.figures datetime=(rfc3339(due_at)) title={ (title) " in " (zone) } { (text) } }
}

/// A planned wall time where markup cannot stand: `Mon 29 Mar, 09:30`.
pub fn plain(local: &str, due_at: i64) -> String {
    local.parse::<DateTime>().map_or_else(|_| rfc3339(due_at), |local| local.strftime("%a %-d %b, %H:%M").to_string())
}

/// How soon, roughly; the instant itself on hover.
pub fn until(at_ms: i64, now_ms: i64) -> Markup {
    let minutes = (at_ms - now_ms).max(0) / 60_000;
    let text = match minutes {
        0 => "now".into(),
        1..60 => format!("in {minutes} min"),
        60..2_880 => format!("in {} h", minutes / 60),
        _ => format!("in {} days", minutes / 1_440),
    };
    html! { time datetime=(rfc3339(at_ms)) title=(rfc3339(at_ms)) { (text) } }
}

/// How long ago, roughly, for lists of what has happened; the instant itself on hover.
pub fn ago(at_ms: i64, now_ms: i64) -> Markup {
    let minutes = (now_ms - at_ms).max(0) / 60_000;
    let text = match minutes {
        0 => "just now".into(),
        1..60 => format!("{minutes} min ago"),
        60..1_440 => format!("{} h ago", minutes / 60),
        1_440..2_880 => "yesterday".into(),
        _ => format!("{} days ago", minutes / 1_440),
    };
    html! { time datetime=(rfc3339(at_ms)) title=(rfc3339(at_ms)) { (text) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planned_time_is_the_campaigns_and_carries_its_instant() {
        let due_at = "2027-03-28T16:00:00Z".parse::<Timestamp>().unwrap().as_millisecond();
        let shown = planned("2027-03-29T09:30:00", due_at, "Australia/Lord_Howe").into_string();
        assert!(
            shown.contains("Mon 29 Mar 2027, 09:30") && shown.contains("datetime=\"2027-03-28T16:00:00Z\""),
            "{shown}"
        );
    }

    #[test]
    fn an_http_date_has_its_own_form() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
