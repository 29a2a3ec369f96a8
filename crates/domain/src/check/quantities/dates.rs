//! Dates and times.

use super::tokens::Sort;
use super::{Reader, Value};

const MONTHS: [&[&str]; 12] = [
    &["january", "jan", "januar", "janner"],
    &["february", "feb", "februar"],
    &["march", "mar", "marz", "maerz"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "jun", "juni"],
    &["july", "jul", "juli"],
    &["august", "aug"],
    &["september", "sep", "sept"],
    &["october", "oct", "oktober", "okt"],
    &["november", "nov"],
    &["december", "dec", "dezember", "dez"],
];

/// Words after which a month alone is a date.
const BEFORE_MONTH: [&str; 18] = [
    "in", "by", "until", "till", "since", "from", "of", "this", "next", "last", "early", "late", "mid", "im", "bis",
    "ab", "seit", "ende",
];

impl Reader<'_> {
    /// `2027-04-30`, `30.04.2027`, `30/04/2027`, `04/30/2027`.
    pub(super) fn numeric_date(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let full = |year: u32, month: u32, day: u32| {
            ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(Value::Date {
                year: Some(year),
                month,
                day,
            })
        };
        let token = self.token(at).filter(|token| token.sort == Sort::Digits)?;
        let parts: Vec<&str> = token.text.split('.').collect();
        if let [day, month, year] = parts.as_slice() {
            let year = if year.len() == 2 { format!("20{year}") } else { (*year).into() };
            let date = full(year.parse().ok().filter(|_| year.len() == 4)?, month.parse().ok()?, day.parse().ok()?)?;
            return Some((vec![date, Value::Word(token.text.clone())], at + 1));
        }
        let separator = self.text(at + 1);
        let in_a_row = (1..=4).all(|step| self.is_tight(at + step)) && separator == self.text(at + 3);
        let (first, second, third) = (self.whole(at, 4)?, self.whole(at + 2, 2)?, self.whole(at + 4, 4)?);
        let readings: Vec<Value> = match separator {
            _ if !in_a_row => return None,
            "-" if token.text.len() == 4 => full(first, second, third).into_iter().collect(),
            "/" | "-" if third > 1_000 => {
                full(third, second, first).into_iter().chain(full(third, first, second)).collect()
            }
            _ => return None,
        };
        (!readings.is_empty()).then_some((readings, at + 5))
    }

    pub(super) fn month(&self, at: usize) -> Option<u32> {
        let token = self.token(at).filter(|token| token.sort == Sort::Word)?;
        let index = MONTHS.iter().position(|names| names.contains(&token.text.as_str()))?;
        u32::try_from(index + 1).ok()
    }

    /// The year behind a day and month, with or without a comma.
    fn year_after(&self, at: usize) -> (Option<u32>, usize) {
        let at_year = if self.text(at) == "," { at + 1 } else { at };
        match self.whole(at_year, 4).filter(|year| (1_000..=9_999).contains(year)) {
            Some(year) => (Some(year), at_year + 1),
            None => (None, at),
        }
    }

    /// `30 April 2027`, `30th of April`, `30. April`, `thirtieth of April`.
    pub(super) fn day_and_month(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let amount = self.amount(at)?;
        let day: u32 = amount.value.parse().ok().filter(|day| (1..=31).contains(day))?;
        let mut next = self.skip_tight(amount.next, &["st", "nd", "rd", "th", "."]);
        next = self.skip_tight(next, &["-"]);
        if self.text(next) == "of" {
            next += 1;
        }
        let month = self.month(next)?;
        let next = self.skip_tight(next + 1, &[".", "-"]);
        let (year, next) = self.year_after(next);
        Some((vec![Value::Date { year, month, day }], next))
    }

    /// `April 30, 2027`, `April 2027`, `in April`.
    pub(super) fn month_first(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let month = self.month(at)?;
        if !self.token(at)?.upper {
            return None;
        }
        let next = self.skip_tight(at + 1, &["."]);
        if let Some(day) = self.whole(next, 2).filter(|day| (1..=31).contains(day)) {
            let next = self.skip_tight(next + 1, &["st", "nd", "rd", "th"]);
            let (year, next) = self.year_after(next);
            return Some((vec![Value::Date { year, month, day }], next));
        }
        match self.year_after(next) {
            (Some(year), next) => Some((vec![Value::MonthOf(year, month)], next)),
            (None, _) => {
                let before = at.checked_sub(1).map(|index| self.text(index)).unwrap_or_default();
                BEFORE_MONTH.contains(&before).then(|| (vec![Value::Month(month)], at + 1))
            }
        }
    }

    /// `22:00`, `10 pm`, `10:30 a.m.`, `22 Uhr`, `ten o'clock`, `22.30 Uhr`.
    pub(super) fn time(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let (hour, minute, next, by_colon) = self.hour_and_minute(at)?;
        if hour > 24 || minute > 59 {
            return None;
        }
        let at_minutes = |hour: u32| Value::Time((hour % 24) * 60 + minute);
        if let Some((is_pm, next)) = self.half_of_day(next).filter(|_| (1..=12).contains(&hour)) {
            let mut readings = vec![at_minutes(hour % 12 + if is_pm { 12 } else { 0 })];
            // `10 am Stand` is German for `10 at the booth`.
            readings.extend((self.tongues.german() && !is_pm).then(|| Value::Number(hour.to_string())));
            return Some((readings, next));
        }
        match self.text(next) {
            "uhr" => Some((vec![at_minutes(hour)], next + 1)),
            "h" if !by_colon => Some((vec![at_minutes(hour), Value::Number(hour.to_string())], next + 1)),
            "o" if self.text(next + 1) == "'" && self.text(next + 2) == "clock" => {
                Some((vec![at_minutes(hour), at_minutes(hour + 12)], next + 3))
            }
            _ if by_colon => Some((vec![at_minutes(hour)], next)),
            _ => None,
        }
    }

    /// Hour, minute, what comes next, and whether a colon says that it is a time.
    fn hour_and_minute(&self, at: usize) -> Option<(u32, u32, usize, bool)> {
        if let Some(hour) = self.whole(at, 2) {
            let minute = self.whole(at + 2, 2).filter(|_| self.text(at + 2).len() == 2 && self.is_tight(at + 2));
            return match minute {
                Some(minute) if self.text(at + 1) == ":" && self.is_tight(at + 1) => {
                    let seconds = self.text(at + 3) == ":" && self.is_tight(at + 4) && self.whole(at + 4, 2).is_some();
                    Some((hour, minute, if seconds { at + 5 } else { at + 3 }, true))
                }
                _ => Some((hour, 0, at + 1, false)),
            };
        }
        if self.is(at, Sort::Word) {
            let amount = self.amount(at)?;
            return Some((amount.value.parse().ok()?, 0, amount.next, false));
        }
        let (hour, minute) = self.text(at).split_once('.').filter(|_| self.is(at, Sort::Digits))?;
        Some((hour.parse().ok()?, minute.parse().ok().filter(|_| minute.len() == 2)?, at + 1, false))
    }

    /// Whether `am` or `pm` stands here, and what comes next.
    fn half_of_day(&self, at: usize) -> Option<(bool, usize)> {
        let letter = match self.text(at) {
            "am" | "pm" => return Some((self.text(at) == "pm", at + 1)),
            letter @ ("a" | "p") => letter,
            _ => return None,
        };
        let dotted = self.text(at + 1) == "." && self.text(at + 2) == "m" && self.is_tight(at + 2);
        dotted.then(|| (letter == "p", self.skip_tight(at + 3, &["."])))
    }
}
