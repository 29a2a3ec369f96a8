//! A channel's weekly slots: a weekday and a time of day in a zone, week after week, right across both changes of the
//! clock; and where a plan's posts fall on them.
//!
//! The zone is the slot's own. Campaigns of several zones share a channel, so it cannot be theirs; the form offers the
//! workspace's, and a later change of that moves nothing in silence.

use std::collections::BTreeMap;

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

use crate::calendar::{Slot, TimeError, instant, wall_time};

/// Most weekly slots of a channel.
pub const SLOTS_MAX: usize = 60;
/// How far ahead a free slot is looked for: 26 weeks, in milliseconds.
pub const AHEAD_MS: i64 = 26 * 7 * 24 * 3_600_000;

/// A weekday and a time of day in a zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeeklySlot {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: i8,
    /// Wall time in the zone.
    pub local_time: Time,
    /// IANA zone.
    pub timezone: String,
}

/// A weekly slot in one week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The instant, Unix milliseconds UTC.
    pub at: i64,
    /// The wall time in the slot's zone.
    pub local: DateTime,
    /// The wall time that it would have, where the clock jumps over that.
    pub jumped: Option<DateTime>,
    /// Which of the slots it is of, counted from 0.
    pub index: usize,
}

impl WeeklySlot {
    /// As a person wrote it, with all that is wrong, by field.
    pub fn parse(weekday: i8, local_time: &str, timezone: &str) -> Result<Self, Vec<(&'static str, String)>> {
        let mut wrong = Vec::new();
        if !(1..=7).contains(&weekday) {
            wrong.push(("weekday", format!("is {weekday}; 1 is Monday, 7 is Sunday")));
        }
        let is_minute = |time: &Time| time.second() == 0 && time.subsec_nanosecond() == 0;
        let time = local_time.trim().parse::<Time>().ok().filter(is_minute).filter(|_| local_time.contains(':'));
        if time.is_none() {
            wrong.push(("local_time", format!("`{local_time}` is no time of day; write it like `09:30`")));
        }
        let timezone = timezone.trim();
        if TimeZone::get(timezone).is_err() {
            wrong.push(("timezone", format!("`{timezone}` is no IANA time zone; try `Europe/Berlin`")));
        }
        match time {
            Some(local_time) if wrong.is_empty() => Ok(Self { weekday, local_time, timezone: timezone.into() }),
            _ => Err(wrong),
        }
    }

    /// `09:30`.
    pub fn clock(&self) -> String {
        self.local_time.strftime("%H:%M").to_string()
    }

    /// `Monday`.
    pub fn day(&self) -> &'static str {
        DAYS[usize::try_from(self.weekday - 1).unwrap_or(0).min(6)]
    }
}

/// The days of the week, from Monday on.
pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// All of these slots after an instant and before another, in order. Where two fall together there is one.
pub fn occurrences(slots: &[WeeklySlot], after_ms: i64, until_ms: i64) -> Result<Vec<Occurrence>, TimeError> {
    let mut found = Vec::new();
    for (index, slot) in slots.iter().enumerate() {
        let zone = TimeZone::get(&slot.timezone).map_err(|_| TimeError::Zone(slot.timezone.clone()))?;
        // A day sooner: what the clock jumps over at midnight belongs to the day before.
        let first = wall_time(after_ms, &slot.timezone)?.date();
        let mut date = first.yesterday().map_err(|_| TimeError::Range(first))?;
        let weekday = Weekday::from_monday_one_offset(slot.weekday).map_err(|_| TimeError::Range(date))?;
        if date.weekday() != weekday {
            date = date.nth_weekday(1, weekday).map_err(|_| TimeError::Range(date))?;
        }
        loop {
            let (at, jumped) = instant_or_next(date.to_datetime(slot.local_time), &zone)?;
            if at >= until_ms {
                break;
            }
            if at > after_ms {
                found.push(Occurrence { at, local: wall_time(at, &slot.timezone)?, jumped, index });
            }
            date = date.checked_add(7.days()).map_err(|_| TimeError::Range(date))?;
        }
    }
    found.sort_by_key(|one| (one.at, one.jumped.is_some(), one.index));
    found.dedup_by_key(|one| one.at);
    Ok(found)
}

/// In a fold the first of the two instants; in a gap the first one after it, and what the clock jumped over.
fn instant_or_next(local: DateTime, zone: &TimeZone) -> Result<(i64, Option<DateTime>), TimeError> {
    let range = || TimeError::Range(local.date());
    let ambiguous = zone.to_ambiguous_timestamp(local);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { after, .. } => {
            let before_the_gap = after.to_timestamp(local).map_err(|_| range())?;
            let next = zone.following(before_the_gap).next().map(|change| change.timestamp());
            next.map(|at| (at.as_millisecond(), Some(local))).ok_or_else(range)
        }
        _ => ambiguous.compatible().map(|at: Timestamp| (at.as_millisecond(), None)).map_err(|_| range()),
    }
}

/// Where the posts of a plan go: each to the first free slot of its channel on or after the day it was planned for;
/// where the campaign's days have none left, to the last one before; else to the first one after them. A post of a
/// channel without slots keeps its time. `free` holds, by channel, the instants that nobody has, in order; `end_ms` is
/// when the campaign's days end.
///
/// Answers the slots in the order of time, each with the place in `planned` that it comes from.
pub fn place(
    planned: &[(Slot, &str)],
    free: &mut BTreeMap<String, Vec<i64>>,
    end_ms: i64,
    zone: &str,
) -> Result<Vec<(usize, Slot)>, TimeError> {
    let mut placed = Vec::new();
    for (from, (slot, channel)) in planned.iter().enumerate() {
        let day_ms = instant(slot.local.date().to_datetime(Time::midnight()), zone)?;
        let taken = free.get_mut(*channel).and_then(|free| {
            let within = free.iter().position(|at| *at >= day_ms && *at < end_ms);
            let at = within.or_else(|| free.iter().rposition(|at| *at < day_ms));
            (!free.is_empty()).then(|| free.remove(at.unwrap_or(0)))
        });
        let due_at = taken.unwrap_or(slot.due_at);
        let local = if taken.is_some() { wall_time(due_at, zone)? } else { slot.local };
        placed.push((from, Slot { ordinal: 0, local, due_at }));
    }
    placed.sort_by_key(|(from, slot)| (slot.due_at, *from));
    for ((_, slot), ordinal) in placed.iter_mut().zip(1..) {
        slot.ordinal = ordinal;
    }
    Ok(placed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(weekday: i8, time: &str, zone: &str) -> WeeklySlot {
        WeeklySlot::parse(weekday, time, zone).unwrap()
    }

    fn ms(utc: &str) -> i64 {
        utc.parse::<Timestamp>().unwrap().as_millisecond()
    }

    /// The three occurrences from the day before a change of the clock on: instants, and what was jumped over.
    fn check(slot: &WeeklySlot, after: &str, expect: [(&str, Option<&str>); 3]) {
        let found = occurrences(std::slice::from_ref(slot), ms(after), ms(after) + 21 * 86_400_000).unwrap();
        let shown: Vec<(i64, Option<String>)> =
            found.iter().map(|one| (one.at, one.jumped.map(|local| local.to_string()))).collect();
        let expect: Vec<(i64, Option<String>)> =
            expect.iter().map(|(utc, jumped)| (ms(utc), jumped.map(Into::into))).collect();
        assert_eq!(shown, expect, "{slot:?}");
    }

    #[test]
    fn a_slot_keeps_its_wall_time_over_both_changes_of_the_clock() {
        check(
            &slot(1, "09:30", "Europe/Berlin"),
            "2027-03-21T12:00:00Z",
            [("2027-03-22T08:30:00Z", None), ("2027-03-29T07:30:00Z", None), ("2027-04-05T07:30:00Z", None)],
        );
        check(
            &slot(7, "18:00", "America/New_York"),
            "2027-10-31T12:00:00Z",
            [("2027-10-31T22:00:00Z", None), ("2027-11-07T23:00:00Z", None), ("2027-11-14T23:00:00Z", None)],
        );
        check(
            &slot(7, "12:00", "Australia/Lord_Howe"),
            "2026-09-27T00:00:00Z",
            [("2026-09-27T01:30:00Z", None), ("2026-10-04T01:00:00Z", None), ("2026-10-11T01:00:00Z", None)],
        );
    }

    #[test]
    fn a_slot_that_the_clock_jumps_over_is_at_the_first_time_after_and_says_so() {
        // 02:00 becomes 03:00; half past two does not exist, three o'clock is the first that does.
        check(
            &slot(7, "02:30", "Europe/Berlin"),
            "2027-03-20T12:00:00Z",
            [
                ("2027-03-21T01:30:00Z", None),
                ("2027-03-28T01:00:00Z", Some("2027-03-28T02:30:00")),
                ("2027-04-04T00:30:00Z", None),
            ],
        );
        check(
            &slot(7, "02:59", "America/New_York"),
            "2027-03-06T12:00:00Z",
            [
                ("2027-03-07T07:59:00Z", None),
                ("2027-03-14T07:00:00Z", Some("2027-03-14T02:59:00")),
                ("2027-03-21T06:59:00Z", None),
            ],
        );
        // On Lord Howe it jumps by half an hour.
        check(
            &slot(7, "02:15", "Australia/Lord_Howe"),
            "2026-09-26T10:00:00Z",
            [
                ("2026-09-26T15:45:00Z", None),
                ("2026-10-03T15:30:00Z", Some("2026-10-04T02:15:00")),
                ("2026-10-10T15:15:00Z", None),
            ],
        );
    }

    #[test]
    fn a_slot_in_the_hour_that_comes_twice_is_once_and_the_first() {
        check(
            &slot(7, "02:30", "Europe/Berlin"),
            "2027-10-23T12:00:00Z",
            [("2027-10-24T00:30:00Z", None), ("2027-10-31T00:30:00Z", None), ("2027-11-07T01:30:00Z", None)],
        );
        check(
            &slot(7, "01:30", "America/New_York"),
            "2027-10-30T12:00:00Z",
            [("2027-10-31T05:30:00Z", None), ("2027-11-07T05:30:00Z", None), ("2027-11-14T06:30:00Z", None)],
        );
        check(
            &slot(7, "01:45", "Australia/Lord_Howe"),
            "2027-03-27T10:00:00Z",
            [("2027-03-27T14:45:00Z", None), ("2027-04-03T14:45:00Z", None), ("2027-04-10T15:15:00Z", None)],
        );
    }

    #[test]
    fn two_slots_that_fall_together_are_one() {
        let slots = [slot(7, "03:00", "Europe/Berlin"), slot(7, "02:30", "Europe/Berlin"), slot(7, "01:00", "UTC")];
        let found = occurrences(&slots, ms("2027-03-27T12:00:00Z"), ms("2027-03-28T12:00:00Z")).unwrap();
        let shown: Vec<_> = found.iter().map(|one| (one.index, one.at, one.jumped)).collect();
        assert_eq!(shown, [(0, ms("2027-03-28T01:00:00Z"), None)], "the one that nothing was jumped over for");
    }

    #[test]
    fn what_is_now_is_over_and_the_end_is_not_within() {
        let at = ms("2027-03-22T08:30:00Z");
        let monday = [slot(1, "09:30", "Europe/Berlin")];
        let between = |after, until| occurrences(&monday, after, until).unwrap().len();
        assert_eq!((between(at, at + 1), between(at - 1, at), between(at - 1, at + 1)), (0, 0, 1));
    }

    #[test]
    fn a_slot_is_a_weekday_a_minute_and_a_zone() {
        for (weekday, time, zone, wrong) in [
            (0, "09:30", "UTC", vec!["weekday"]),
            (8, "09:30", "UTC", vec!["weekday"]),
            (1, "9.30", "UTC", vec!["local_time"]),
            (1, "24:00", "UTC", vec!["local_time"]),
            (1, "09:30:15", "UTC", vec!["local_time"]),
            (1, "", "Mars/Olympus", vec!["local_time", "timezone"]),
        ] {
            let fields: Vec<&str> =
                WeeklySlot::parse(weekday, time, zone).unwrap_err().iter().map(|(field, _)| *field).collect();
            assert_eq!(fields, wrong, "{weekday} {time} {zone}");
        }
        assert_eq!(slot(7, "09:05", "UTC").clock(), "09:05");
    }

    #[test]
    fn posts_of_a_plan_fall_on_their_channels_slots_and_are_counted_in_order_of_time() {
        let planned = |day: i8, at: &str| Slot {
            ordinal: 0,
            local: jiff::civil::date(2027, 3, day).at(9, 30, 0, 0),
            due_at: ms(at),
        };
        let plan = [
            (planned(1, "2027-03-01T09:30:00Z"), "blog"),
            (planned(2, "2027-03-02T09:30:00Z"), "stage"),
            (planned(3, "2027-03-03T09:30:00Z"), "blog"),
            (planned(5, "2027-03-05T09:30:00Z"), "blog"),
            (planned(6, "2027-03-06T09:30:00Z"), "blog"),
        ];
        let blog = ["2027-02-27T08:00:00Z", "2027-03-04T08:00:00Z", "2027-03-05T08:00:00Z", "2027-03-09T08:00:00Z"];
        let mut free = BTreeMap::from([("blog".to_string(), blog.iter().map(|at| ms(at)).collect())]);
        let placed = place(&plan, &mut free, ms("2027-03-08T00:00:00Z"), "UTC").unwrap();
        let shown: Vec<_> = placed.iter().map(|(from, slot)| (*from, slot.ordinal, slot.local.to_string())).collect();
        let expect = [
            (3, 1, "2027-02-27T08:00:00"), // nothing is left within: the last before
            (1, 2, "2027-03-02T09:30:00"), // its channel has no slots
            (0, 3, "2027-03-04T08:00:00"),
            (2, 4, "2027-03-05T08:00:00"),
            (4, 5, "2027-03-09T08:00:00"), // nothing before either: the first after
        ];
        assert_eq!(shown, expect.map(|(from, ordinal, local)| (from, ordinal, local.to_string())));
    }
}
