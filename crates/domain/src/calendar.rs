//! When posts go out: slots in the campaign's own zone, right across both changes of the clock.
//!
//! A slot is a local date and time; its instant follows from the zone. In a gap (clocks go forward) it shifts
//! forward by the gap; in a fold (clocks go back) the first of the two instants counts (RFC 5545,
//! "compatible"). A slot is known by its ordinal, so a repeated hour never makes a second post.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::brief::Goal;

/// One place in the calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// Counted from 1, in order of time.
    pub ordinal: u32,
    /// Wall time in the campaign's zone.
    pub local: DateTime,
    /// The instant, Unix milliseconds UTC.
    pub due_at: i64,
}

/// A post later than this is `missed`, not published: 15 minutes, in milliseconds.
pub const GRACE_MS: i64 = 15 * 60 * 1000;

/// Times of day at which posts go out, taken in turn.
const TIMES_OF_DAY: [Time; 3] =
    [Time::constant(9, 30, 0, 0), Time::constant(12, 15, 0, 0), Time::constant(17, 45, 0, 0)];

/// What is wrong with a time.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeError {
    /// Not an IANA zone.
    #[error("`{0}` is no IANA time zone; try `Europe/Berlin`")]
    Zone(String),
    /// The clock jumps over this wall time.
    #[error("{local} does not exist in {zone}: the clock goes forward then; {suggestion} does")]
    Gap {
        /// What was asked for.
        local: DateTime,
        /// Where.
        zone: String,
        /// The wall time after the gap.
        suggestion: DateTime,
    },
    /// Before now.
    #[error("{0} is in the past; choose a later time")]
    Past(DateTime),
    /// Outside what a calendar can hold.
    #[error("{0} is outside the calendar")]
    Range(Date),
}

/// The instant of a wall time in a zone, shifted forward out of a gap. Unix milliseconds UTC.
pub fn instant(local: DateTime, zone: &str) -> Result<i64, TimeError> {
    let zone = TimeZone::get(zone).map_err(|_| TimeError::Zone(zone.into()))?;
    zone.to_timestamp(local).map(Timestamp::as_millisecond).map_err(|_| TimeError::Range(local.date()))
}

/// The instant of a wall time that a person chose: refused when the clock jumps over it or it has passed.
pub fn chosen_instant(local: DateTime, zone: &str, now_ms: i64) -> Result<i64, TimeError> {
    let due_at = instant(local, zone)?;
    let back = wall_time(due_at, zone)?;
    if back != local {
        return Err(TimeError::Gap { local, zone: zone.into(), suggestion: back });
    }
    if due_at <= now_ms { Err(TimeError::Past(local)) } else { Ok(due_at) }
}

/// The wall time of an instant in a zone.
pub fn wall_time(at_ms: i64, zone: &str) -> Result<DateTime, TimeError> {
    let zone = TimeZone::get(zone).map_err(|_| TimeError::Zone(zone.into()))?;
    let at = Timestamp::from_millisecond(at_ms).map_err(|_| TimeError::Range(Date::constant(1970, 1, 1)))?;
    Ok(at.to_zoned(zone).datetime())
}

/// By how many minutes the clocks of a zone go forward on a day; negative: back. None where they do not change.
pub fn clock_change(date: Date, zone: &str) -> Option<i64> {
    let zone = TimeZone::get(zone).ok()?;
    let begins = |date: Date| zone.to_timestamp(date.to_datetime(Time::midnight())).ok();
    let length_ms = begins(date.tomorrow().ok()?)?.as_millisecond() - begins(date)?.as_millisecond();
    let minutes = 24 * 60 - length_ms / 60_000;
    (minutes != 0).then_some(minutes)
}

/// When the days of a goal begin and end: midnight in its zone.
pub fn span(goal: &Goal) -> Result<(i64, i64), TimeError> {
    let range = |_| TimeError::Range(goal.start);
    let end = goal.start.checked_add(i64::from(goal.weeks * 7).days()).map_err(range)?;
    let midnight = |date: Date| instant(date.to_datetime(Time::midnight()), &goal.timezone);
    Ok((midnight(goal.start)?, midnight(end)?))
}

/// The slots of a goal: its posts spread evenly over the days of each week, at the usual times of day.
pub fn slots(goal: &Goal) -> Result<Vec<Slot>, TimeError> {
    let mut slots = Vec::new();
    for week in 0..goal.weeks {
        for index in 0..goal.posts_per_week {
            let day = week * 7 + index * 7 / goal.posts_per_week;
            let date = goal.start.checked_add(i64::from(day).days()).map_err(|_| TimeError::Range(goal.start))?;
            // Several posts on one day take the day's times in turn, so that they never coincide.
            let same_day_before =
                (0..index).filter(|other| other * 7 / goal.posts_per_week == index * 7 / goal.posts_per_week).count();
            let local = time_of_day(date, same_day_before, index as usize, goal.posts_per_week)?;
            slots.push((local, instant(local, &goal.timezone)?));
        }
    }
    Ok(slots.into_iter().zip(1..).map(|((local, due_at), ordinal)| Slot { ordinal, local, due_at }).collect())
}

fn time_of_day(date: Date, same_day_before: usize, index: usize, posts_per_week: u32) -> Result<DateTime, TimeError> {
    if posts_per_week <= 7 {
        return Ok(date.to_datetime(TIMES_OF_DAY[index % TIMES_OF_DAY.len()]));
    }
    // More than one a day: every 90 minutes from 09:30 on.
    let minutes = i64::try_from(same_day_before).unwrap_or(0) * 90;
    date.to_datetime(TIMES_OF_DAY[0]).checked_add(minutes.minutes()).map_err(|_| TimeError::Range(date))
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;

    fn check(zone: &str, local: DateTime, utc: &str) {
        let expect: Timestamp = utc.parse().unwrap();
        assert_eq!(instant(local, zone), Ok(expect.as_millisecond()), "{local} {zone}");
    }

    #[test]
    fn wall_times_become_the_right_instants_across_both_changes_of_the_clock() {
        check("America/New_York", datetime(2027, 3, 14, 2, 30, 0, 0), "2027-03-14T07:30:00Z");
        check("America/New_York", datetime(2026, 11, 1, 1, 30, 0, 0), "2026-11-01T05:30:00Z");
        check("Europe/London", datetime(2027, 3, 28, 1, 30, 0, 0), "2027-03-28T01:30:00Z");
        check("Europe/London", datetime(2026, 10, 25, 1, 30, 0, 0), "2026-10-25T00:30:00Z");
        check("Australia/Lord_Howe", datetime(2026, 10, 4, 2, 15, 0, 0), "2026-10-03T15:45:00Z");
        check("Pacific/Apia", datetime(2011, 12, 30, 0, 0, 0, 0), "2011-12-30T10:00:00Z");
        check("Asia/Kolkata", datetime(2026, 1, 1, 9, 0, 0, 0), "2026-01-01T03:30:00Z");
    }

    #[test]
    fn a_time_that_the_clock_jumps_over_is_refused_with_the_next_one_that_exists() {
        let error = chosen_instant(datetime(2027, 3, 28, 2, 30, 0, 0), "Europe/Berlin", 0).unwrap_err();
        assert!(error.to_string().contains("2027-03-28T03:30:00"), "{error}");
    }

    #[test]
    fn a_day_on_which_the_clocks_change_says_by_how_much() {
        let check = |date: (i16, i8, i8), zone: &str, expect: Option<i64>| {
            assert_eq!(clock_change(Date::constant(date.0, date.1, date.2), zone), expect, "{date:?} {zone}");
        };
        check((2027, 3, 28), "Europe/Berlin", Some(60));
        check((2027, 10, 31), "Europe/Berlin", Some(-60));
        check((2027, 3, 29), "Europe/Berlin", None);
        check((2026, 10, 4), "Australia/Lord_Howe", Some(30));
        check((2027, 3, 28), "UTC", None);
    }

    #[test]
    fn a_time_in_the_past_is_refused() {
        let local = datetime(2027, 1, 1, 9, 0, 0, 0);
        let due_at = instant(local, "UTC").unwrap();
        assert_eq!(chosen_instant(local, "UTC", due_at), Err(TimeError::Past(local)));
        assert_eq!(chosen_instant(local, "UTC", due_at - 1), Ok(due_at));
    }

    fn goal(posts_per_week: u32, weeks: u32, timezone: &str) -> Goal {
        Goal {
            text: "Sell".into(),
            channels: vec!["stage".into()],
            posts_per_week,
            weeks,
            timezone: timezone.into(),
            start: Date::constant(2027, 3, 8),
        }
    }

    #[test]
    fn a_slot_keeps_its_wall_time_when_the_clock_changes() {
        let slots = slots(&goal(4, 2, "America/New_York")).unwrap();
        assert_eq!(slots.len(), 8);
        let week_ms = 7 * 24 * 3_600_000;
        assert_eq!(slots[4].local.time(), slots[0].local.time());
        // Summer time begins on 14 March: the second week's slots come an hour sooner.
        assert_eq!(slots[4].due_at - slots[0].due_at, week_ms - 3_600_000);
    }

    #[test]
    fn slots_are_in_order_and_never_coincide_however_many_there_are() {
        for posts_per_week in 1..=crate::brief::POSTS_PER_WEEK_MAX {
            let slots = slots(&goal(posts_per_week, 3, "Australia/Lord_Howe")).unwrap();
            assert_eq!(slots.len() as u32, posts_per_week * 3);
            assert!(slots.windows(2).all(|pair| pair[0].due_at < pair[1].due_at), "{posts_per_week} a week");
        }
    }
}
