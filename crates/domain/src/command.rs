//! What a command to an agent is about: a post that was chosen, or the only one that its words can mean. Plain rules
//! and no guess: where several fit, a person chooses.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;

use crate::agent::{AgentRole, INSTRUCTIONS_CHARS_MAX};

/// Something that a command may be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The day that it is planned for, in its campaign's zone.
    pub date: Option<Date>,
    /// The day that it is there.
    pub today: Option<Date>,
    /// Its channel's name.
    pub channel: &'a str,
}

impl<'a> Candidate<'a> {
    /// What is planned for this wall time in this zone.
    pub fn of(planned_local: Option<&str>, zone: &str, channel: &'a str, now_ms: i64) -> Self {
        let date = planned_local.and_then(|local| local.parse::<DateTime>().ok()).map(DateTime::date);
        let zone = TimeZone::get(zone).ok();
        let now = Timestamp::from_millisecond(now_ms).ok();
        let today = zone.zip(now).map(|(zone, now)| now.to_zoned(zone).date());
        Self { date, today, channel }
    }
}

/// What the words mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meant {
    /// This one, by its place in the list.
    One(usize),
    /// Several, or none: a person chooses.
    Unclear,
}

/// What an agent can be told, in a sentence; none where it cannot be commanded.
pub fn takes(role: AgentRole) -> Option<&'static str> {
    match role {
        AgentRole::Copywriter => Some("to write a post again: it goes back with your words, and its approval is void"),
        AgentRole::Strategist => Some("to plan again: a plan that waits for approval goes back with your words"),
        AgentRole::Visual
        | AgentRole::Editor
        | AgentRole::Brand
        | AgentRole::Compliance
        | AgentRole::Conversion
        | AgentRole::Seo
        | AgentRole::Publisher
        | AgentRole::Analyst => None,
    }
}

/// The words, trimmed; or what is wrong with them.
pub fn words(text: &str) -> Result<&str, String> {
    let text = text.trim();
    match text.chars().count() {
        0 => Err("is missing; say what is to be different".into()),
        count if count > INSTRUCTIONS_CHARS_MAX => {
            Err(format!("must have at most {INSTRUCTIONS_CHARS_MAX} characters"))
        }
        _ => Ok(text),
    }
}

/// The only candidate, or the only one that fits the days and channels that the words name.
pub fn meant(text: &str, candidates: &[Candidate<'_>]) -> Meant {
    if candidates.len() == 1 {
        return Meant::One(0);
    }
    let named: Vec<String> =
        text.to_lowercase().split(|c: char| !c.is_alphanumeric() && c != '-').map(Into::into).collect();
    let days: Vec<&str> = named.iter().map(String::as_str).filter(|word| is_day(word)).collect();
    let names_channel = |one: &Candidate<'_>| named.contains(&one.channel.to_lowercase());
    let any_channel = candidates.iter().any(names_channel);
    if days.is_empty() && !any_channel {
        return Meant::Unclear;
    }
    let fits = |one: &Candidate<'_>| {
        (days.is_empty() || one.date.is_some_and(|date| days.iter().any(|day| falls_on(day, date, one.today))))
            && (!any_channel || names_channel(one))
    };
    let mut fitting = candidates.iter().enumerate().filter(|(_, one)| fits(one));
    match (fitting.next(), fitting.next()) {
        (Some((at, _)), None) => Meant::One(at),
        _ => Meant::Unclear,
    }
}

/// Full names and what they are cut to, in English and German.
const WEEKDAYS: [(Weekday, [&str; 3]); 7] = [
    (Weekday::Monday, ["monday", "mon", "montag"]),
    (Weekday::Tuesday, ["tuesday", "tue", "dienstag"]),
    (Weekday::Wednesday, ["wednesday", "wed", "mittwoch"]),
    (Weekday::Thursday, ["thursday", "thu", "donnerstag"]),
    (Weekday::Friday, ["friday", "fri", "freitag"]),
    (Weekday::Saturday, ["saturday", "sat", "samstag"]),
    (Weekday::Sunday, ["sunday", "sun", "sonntag"]),
];
const TODAY: [&str; 2] = ["today", "heute"];
const TOMORROW: [&str; 2] = ["tomorrow", "morgen"];

fn is_day(word: &str) -> bool {
    TODAY.contains(&word) || TOMORROW.contains(&word) || WEEKDAYS.iter().any(|(_, names)| names.contains(&word))
}

fn falls_on(word: &str, date: Date, today: Option<Date>) -> bool {
    if TODAY.contains(&word) {
        return today == Some(date);
    }
    if TOMORROW.contains(&word) {
        return today.and_then(|today| today.tomorrow().ok()) == Some(date);
    }
    WEEKDAYS.iter().any(|(weekday, names)| names.contains(&word) && date.weekday() == *weekday)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Meant) {
        // 2 March 2027, 08:00 UTC.
        let of = |local, channel| Candidate::of(Some(local), "Europe/Berlin", channel, 1_803_974_400_000);
        let candidates = [
            of("2027-03-02T09:30:00", "stage"),    // a Tuesday, and today
            of("2027-03-04T09:30:00", "stage"),    // a Thursday
            of("2027-03-04T12:15:00", "mastodon"), // the same
            of("2027-03-11T09:30:00", "relay"),    // the Thursday after
        ];
        assert_eq!(meant(text, &candidates), expect, "{text}");
    }

    #[test]
    fn the_only_post_that_fits_the_words_is_meant_and_otherwise_a_person_chooses() {
        check("Rewrite Tuesday's post shorter", Meant::One(0));
        check("Rewrite Thursday's post shorter", Meant::Unclear);
        check("Thursday on mastodon: kinder", Meant::One(2));
        check("relay: shorter", Meant::One(3));
        check("make today's shorter", Meant::One(0));
        check("tomorrow, please", Meant::Unclear);
        check("make it shorter", Meant::Unclear);
        check("monday", Meant::Unclear);
    }

    #[test]
    fn where_there_is_but_one_it_is_meant() {
        assert_eq!(meant("again", &[Candidate::of(None, "UTC", "", 0)]), Meant::One(0));
        assert_eq!(meant("again", &[]), Meant::Unclear);
    }

    #[test]
    fn a_command_has_words_and_not_too_many() {
        assert_eq!(words("  shorter "), Ok("shorter"));
        assert!(words(" ").is_err() && words(&"x".repeat(INSTRUCTIONS_CHARS_MAX + 1)).is_err());
    }
}
