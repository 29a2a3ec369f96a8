//! Numbers, prices, percentages, dates and times in a text, however they are written.
//!
//! - `4.80 EUR`, `€4.80`, `4,80 €`, `4€80` are one price; `30 April 2027`, `April 30, 2027`, `2027-04-30` and
//!   `30.04.2027` one date; `22:00`, `10 pm`, `22 Uhr` one time; `sixty` and `60` one number.
//! - A dot or comma before exactly three digits parts thousands, any other a fraction. What can be read in two ways
//!   (`04/05/2027`) has two readings, and one that is a fact is enough.
//! - Number words up to ten are ordinary words, unless a unit, a currency or a percent sign follows: `two
//!   colleagues` claims nothing, `two hours` does. `one` claims nothing before a unit either. `first` to `tenth`,
//!   `half`, `twice` are words; `half price`, `half of`, `twice as`, `two thirds`, `thousands of` are claims.
//! - The numbers of a list (`1.`, `2.` … at the start of lines) claim nothing.
//! - A word with digits in it (`PCRE2`) is one thing and must be a fact as a whole.

use super::fold::Glyph;
use super::number_words::{MANY, SMALL_MAX, leading_number, scale};

/// What a quantity may mean; numbers are in decimal digits without needless zeros.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Number(String),
    Ordinal(u32),
    Percent(String),
    Money(&'static str, String),
    Date {
        year: Option<u32>,
        month: u32,
        day: u32,
    },
    MonthOf(u32, u32),
    Month(u32),
    /// Minutes after midnight.
    Time(u32),
    /// A word with digits in it, a vague number, a sign.
    Word(String),
}

/// Which rule a quantity breaks when it is invented.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Price,
    Date,
}

/// One quantity, by the glyphs that it stands on.
#[derive(Clone, Debug)]
pub(super) struct Quantity {
    pub(super) kind: Kind,
    pub(super) readings: Vec<Value>,
    pub(super) from: usize,
    pub(super) to: usize,
    /// An ordinary word that claims nothing, such as `two`.
    pub(super) ordinary: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Digits,
    Word,
    /// A number that is not made of digits: `½`, `Ⅷ`.
    Sign,
    Mark,
}

#[derive(Clone, Debug)]
struct Token {
    sort: Sort,
    text: String,
    from: usize,
    to: usize,
    /// White space stands before it.
    apart: bool,
    starts_line: bool,
    /// Its first letter was upper case.
    upper: bool,
}

/// A number at some place: what it is, and which token comes next.
struct Amount {
    value: String,
    next: usize,
    in_words: bool,
}

/// Every quantity of a folded text, in order.
pub(super) fn quantities(glyphs: &[Glyph], german: bool) -> Vec<Quantity> {
    let reader = Reader { tokens: tokens(glyphs), german };
    let mut found = Vec::new();
    let (mut at, mut list_number) = (0, 1);
    while at < reader.tokens.len() {
        if reader.is_list_number(at, list_number) {
            (at, list_number) = (at + 2, list_number + 1);
            continue;
        }
        match reader.quantity(at) {
            Some((kind, readings, next)) => {
                let (from, to) = (reader.tokens[at].from, reader.tokens[next - 1].to);
                let ordinary = kind == Kind::Number && reader.is_ordinary(at, &readings, next);
                found.push(Quantity { kind, readings, from, to, ordinary });
                at = next;
            }
            None => at += 1,
        }
    }
    found
}

fn tokens(glyphs: &[Glyph]) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut apart, mut starts_line) = (0, true, true);
    while at < glyphs.len() {
        let c = glyphs[at].c;
        if c.is_whitespace() {
            (apart, starts_line, at) = (true, starts_line || c == '\n', at + 1);
            continue;
        }
        let (sort, to) = match c {
            '0'..='9' => (Sort::Digits, end_of_digits(glyphs, at)),
            c if c.is_numeric() => (Sort::Sign, at + 1),
            c if c.is_alphabetic() => {
                let length =
                    glyphs[at..].iter().take_while(|glyph| glyph.c.is_alphabetic() && !glyph.c.is_numeric()).count();
                (Sort::Word, at + length.max(1))
            }
            _ => (Sort::Mark, at + 1),
        };
        let text = glyphs[at..to].iter().map(|glyph| glyph.c).collect();
        tokens.push(Token { sort, text, from: at, to, apart, starts_line, upper: glyphs[at].upper });
        (apart, starts_line, at) = (false, false, to);
    }
    tokens
}

/// Digits with single separators between them; a space or an apostrophe parts groups of three only.
fn end_of_digits(glyphs: &[Glyph], from: usize) -> usize {
    let digits = |at: usize| glyphs[at.min(glyphs.len())..].iter().take_while(|glyph| glyph.c.is_ascii_digit()).count();
    let mut to = from + digits(from);
    while let Some(separator) = glyphs.get(to).map(|glyph| glyph.c) {
        let group = digits(to + 1);
        let joins = match separator {
            '.' | ',' => group > 0,
            '\'' | '\u{a0}' => group == 3,
            _ => false,
        };
        if !joins {
            break;
        }
        to += 1 + group;
    }
    to
}

/// Digits with separators as a plain decimal number; `None` where no reading is sure.
fn decimal(raw: &str) -> Option<String> {
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

fn canonical(whole: &str, fraction: &str) -> String {
    let whole = whole.trim_start_matches('0');
    let fraction = fraction.trim_end_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.into() } else { format!("{whole}.{fraction}") }
}

/// Moves the decimal point to the right (or, negative, to the left).
fn shifted(value: &str, places: isize) -> String {
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

/// Letters that may follow digits at once without making a word of them.
const TIGHT_UNITS: [&str; 42] = [
    "st", "nd", "rd", "th", "am", "pm", "h", "uhr", "k", "m", "mn", "mio", "bn", "mrd", "x", "kg", "g", "mg", "t",
    "km", "cm", "mm", "l", "ml", "min", "s", "sec", "ms", "gb", "mb", "kb", "tb", "px", "w", "kw", "kwh", "er", "ct",
    "c", "p", "pt", "percent",
];

/// Before these, a number word claims something however small it is.
const MEASURES: [&str; 30] = [
    "minute",
    "minutes",
    "hour",
    "hours",
    "day",
    "days",
    "week",
    "weeks",
    "month",
    "months",
    "year",
    "years",
    "second",
    "seconds",
    "times",
    "minuten",
    "stunden",
    "tage",
    "tagen",
    "wochen",
    "monate",
    "monaten",
    "jahre",
    "jahren",
    "sekunden",
    "kilometer",
    "km",
    "kg",
    "stars",
    "points",
];

/// Everyday words with a digit in them.
const EVERYDAY: [&str; 8] = ["b2b", "b2c", "co2", "h2o", "mp3", "mp4", "2d", "3d"];

struct Reader {
    tokens: Vec<Token>,
    german: bool,
}

impl Reader {
    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn text(&self, at: usize) -> &str {
        self.token(at).map_or("", |token| token.text.as_str())
    }

    /// Follows the token before it without white space.
    fn is_tight(&self, at: usize) -> bool {
        self.token(at).is_some_and(|token| !token.apart)
    }

    fn is(&self, at: usize, sort: Sort) -> bool {
        self.token(at).is_some_and(|token| token.sort == sort)
    }

    /// A whole number of at most this many digits, without separators.
    fn whole(&self, at: usize, digits_max: usize) -> Option<u32> {
        let token = self.token(at).filter(|token| token.sort == Sort::Digits && token.text.len() <= digits_max)?;
        token.text.parse().ok()
    }

    fn quantity(&self, at: usize) -> Option<(Kind, Vec<Value>, usize)> {
        let number = |found: (Vec<Value>, usize)| (Kind::Number, found.0, found.1);
        let date = |found: (Vec<Value>, usize)| (Kind::Date, found.0, found.1);
        let price = |found: (Vec<Value>, usize)| (Kind::Price, found.0, found.1);
        self.numeric_date(at)
            .or_else(|| self.day_and_month(at))
            .or_else(|| self.month_first(at))
            .or_else(|| self.time(at))
            .map(date)
            .or_else(|| self.price(at).or_else(|| self.half_price(at)).map(price))
            .or_else(|| self.mixed(at).or_else(|| self.share(at)).map(number))
            .or_else(|| self.plain(at).map(number))
    }

    fn amount(&self, at: usize) -> Option<Amount> {
        let token = self.token(at)?;
        let (value, next, in_words) = match token.sort {
            Sort::Digits => (decimal(&token.text)?, at + 1, false),
            Sort::Word => {
                let words = self.words_from(at);
                let texts: Vec<&str> = words.iter().map(|index| self.text(*index)).collect();
                let (number, count) = leading_number(&texts, self.german)?;
                (number.to_string(), words[count - 1] + 1, true)
            }
            Sort::Sign | Sort::Mark => return None,
        };
        let power = match self.text(next) {
            "k" if self.is_tight(next) => Some(3),
            "m" if self.is_tight(next) => Some(6),
            "k" | "m" => None,
            word => scale(word).filter(|_| !in_words),
        };
        match power {
            Some(power) => {
                Some(Amount { value: shifted(&value, isize::try_from(power).ok()?), next: next + 1, in_words })
            }
            None => Some(Amount { value, next, in_words }),
        }
    }

    /// The words from here on that a space or a hyphen parts.
    fn words_from(&self, at: usize) -> Vec<usize> {
        const NUMBER_WORDS_MAX: usize = 12;
        let mut words = vec![at];
        let mut next = at + 1;
        while words.len() < NUMBER_WORDS_MAX {
            if self.text(next) == "-" && self.is_tight(next) && self.is_tight(next + 1) {
                next += 1;
            }
            if !self.is(next, Sort::Word) {
                break;
            }
            words.push(next);
            next += 1;
        }
        words
    }

    /// `2027-04-30`, `30.04.2027`, `30/04/2027`, `04/30/2027`.
    fn numeric_date(&self, at: usize) -> Option<(Vec<Value>, usize)> {
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

    fn month(&self, at: usize) -> Option<u32> {
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

    fn skip_tight(&self, at: usize, texts: &[&str]) -> usize {
        if self.is_tight(at) && texts.contains(&self.text(at)) { at + 1 } else { at }
    }

    /// `30 April 2027`, `30th of April`, `30. April`, `thirtieth of April`.
    fn day_and_month(&self, at: usize) -> Option<(Vec<Value>, usize)> {
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
    fn month_first(&self, at: usize) -> Option<(Vec<Value>, usize)> {
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
    fn time(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let (hour, minute, next, by_colon) = self.hour_and_minute(at)?;
        if hour > 24 || minute > 59 {
            return None;
        }
        let at_minutes = |hour: u32| Value::Time((hour % 24) * 60 + minute);
        if let Some((is_pm, next)) = self.half_of_day(next).filter(|_| (1..=12).contains(&hour)) {
            let mut readings = vec![at_minutes(hour % 12 + if is_pm { 12 } else { 0 })];
            // `10 am Stand` is German for `10 at the booth`.
            readings.extend((self.german && !is_pm).then(|| Value::Number(hour.to_string())));
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

    /// `€4.80`, `EUR 4.80`, `4.80 EUR`, `4,80 €`, `4€80`, `4,- €`, `80 cents`, `nine euros`.
    fn price(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        if let Some((currencies, next)) = self.currency(at) {
            let amount = self.amount(next).filter(|amount| !amount.in_words)?;
            return Some((money(&currencies, &amount.value), amount.next));
        }
        let amount = self.amount(at)?;
        let mut next = amount.next;
        if self.text(next) == "," && self.text(next + 1) == "-" && self.is_tight(next + 1) {
            next += 2;
        } else {
            next = self.skip_tight(next, &["-"]);
        }
        let (currencies, after) = self.currency(next)?;
        let cents =
            self.whole(after, 2).filter(|_| self.is_tight(after) && self.is_tight(next) && self.text(after).len() == 2);
        match cents {
            Some(_) if !amount.value.contains('.') => {
                Some((money(&currencies, &canonical(&amount.value, self.text(after))), after + 1))
            }
            _ => Some((money(&currencies, &amount.value), after)),
        }
    }

    /// The currencies that stand here could mean, and what comes next.
    fn currency(&self, at: usize) -> Option<(Vec<&'static str>, usize)> {
        let token = self.token(at)?;
        let dollar = |prefix: &str| match prefix {
            "us" => Some("USD"),
            "a" | "au" => Some("AUD"),
            "c" | "ca" => Some("CAD"),
            "nz" => Some("NZD"),
            "hk" => Some("HKD"),
            "s" => Some("SGD"),
            _ => None,
        };
        if self.text(at + 1) == "$"
            && self.is_tight(at + 1)
            && let Some(code) = dollar(&token.text)
        {
            return Some((vec![code], at + 2));
        }
        currencies(&token.text, token.upper).map(|codes| (codes.to_vec(), at + 1))
    }

    fn half_price(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        if !matches!(self.text(at), "half" | "halber" | "halben" | "halbe") {
            return None;
        }
        let next = self.skip_tight(at + 1, &["-"]);
        matches!(self.text(next), "price" | "priced" | "off" | "preis")
            .then(|| (vec![Value::Word("half price".into())], next + 1))
    }

    /// `two thirds`, `half of`, `twice as`, `tenfold`, `dreimal so`: how much of something, or how many times.
    fn share(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let of = |next: usize| matches!(self.text(next), "of" | "der" | "des" | "aller" | "all");
        let claim = |text: &str, next: usize| Some((vec![Value::Word(text.into())], next));
        let word = self.text(at);
        match word {
            "half" | "halfte" if of(at + 1) => return claim("half of", at + 2),
            "twice" | "doppelt" if matches!(self.text(at + 1), "as" | "so") => return claim("twice as", at + 2),
            _ => {}
        }
        if self.is(at, Sort::Word)
            && let Some(stem) = ["fold", "fach", "mal"].iter().find_map(|ending| word.strip_suffix(ending))
            && leading_number(&[stem], self.german).is_some_and(|(number, _)| number > 1)
            && (!word.ends_with("mal") || self.text(at + 1) == "so")
        {
            return claim(word, at + 1 + usize::from(word.ends_with("mal")));
        }
        let (count, next) = match word {
            "a" => ("1".to_string(), at + 1),
            _ => self.amount(at).map(|amount| (amount.value, amount.next))?,
        };
        let parts = self.skip_tight(next, &["-"]);
        let is_part = matches!(
            self.text(parts),
            "third"
                | "thirds"
                | "quarter"
                | "quarters"
                | "fifth"
                | "fifths"
                | "tenth"
                | "tenths"
                | "drittel"
                | "viertel"
                | "funftel"
                | "zehntel"
        );
        // `a quarter past` is a time, `two thirds` never.
        (is_part && (count != "1" || of(parts + 1)))
            .then(|| (vec![Value::Word(format!("{count} {}", self.text(parts)))], parts + 1))
    }

    /// A run of letters and digits that is one word: `PCRE2`, `6O`.
    fn mixed(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let in_run = |index: usize| self.is(index, Sort::Word) || self.is(index, Sort::Digits);
        let length =
            1 + (at + 1..self.tokens.len()).take_while(|index| self.is_tight(*index) && in_run(*index)).count();
        let run = self.tokens.get(at..at + length).filter(|run| run.len() > 1 && in_run(at))?;
        if run.len() == 2 && run[0].sort == Sort::Digits && is_tight_unit(&run[1].text) {
            return None;
        }
        let word: String = run.iter().map(|token| token.text.as_str()).collect();
        Some((vec![Value::Word(word)], at + length))
    }

    /// A number by itself, an ordinal, a percentage, a vague number, a sign.
    fn plain(&self, at: usize) -> Option<(Vec<Value>, usize)> {
        let token = self.token(at)?;
        if token.sort == Sort::Sign || MANY.contains(&token.text.as_str()) {
            return Some((vec![Value::Word(token.text.clone())], at + 1));
        }
        let Some(amount) = self.amount(at) else {
            return (token.sort == Sort::Digits).then(|| (vec![Value::Word(token.text.clone())], at + 1));
        };
        let next = amount.next;
        let hyphen = self.skip_tight(next, &["-"]);
        match self.text(hyphen) {
            "%" | "percent" | "prozent" | "pct" => return Some((vec![Value::Percent(amount.value)], hyphen + 1)),
            "per" if self.text(hyphen + 1) == "cent" => return Some((vec![Value::Percent(amount.value)], hyphen + 2)),
            _ => {}
        }
        if self.is_tight(next) && matches!(self.text(next), "st" | "nd" | "rd" | "th") && !amount.in_words {
            return Some((vec![Value::Ordinal(amount.value.parse().ok()?)], next + 1));
        }
        Some((vec![Value::Number(amount.value)], next))
    }

    /// A small number in words with nothing behind it that one measures in.
    fn is_ordinary(&self, at: usize, readings: &[Value], next: usize) -> bool {
        if readings.iter().any(|reading| matches!(reading, Value::Word(word) if EVERYDAY.contains(&word.as_str()))) {
            return true;
        }
        let small = match readings {
            [Value::Number(value)] if self.is(at, Sort::Word) => value.parse().ok().filter(|n: &u64| *n <= SMALL_MAX),
            _ => None,
        };
        let measure = self.skip_tight(next, &["-"]);
        // `read it a thousand times` counts nothing, `a thousand times faster` does.
        if self.text(at) == "a" && self.text(next) == "times" {
            let then = self.text(next + 1);
            return !(matches!(then, "as" | "more" | "less" | "the") || then.ends_with("er"));
        }
        small.is_some_and(|number| number < 2 || !MEASURES.contains(&self.text(measure)))
    }

    /// `1.` or `1)` at the start of a line, when it is the next of its list.
    fn is_list_number(&self, at: usize, expected: u32) -> bool {
        self.whole(at, 2) == Some(expected)
            && self.token(at).is_some_and(|token| token.starts_line)
            && matches!(self.text(at + 1), "." | ")")
            && self.is_tight(at + 1)
            && !self.is_tight(at + 2)
            && self.month(at + 2).is_none()
    }
}

fn is_tight_unit(word: &str) -> bool {
    TIGHT_UNITS.contains(&word) || currencies(word, false).is_some() || scale(word).is_some()
}

const CENTS: [&str; 6] = ["EUR", "USD", "AUD", "CAD", "NZD", "SGD"];

/// The codes that a sign, a code or a name stands for. Codes that are words in lower case count in upper case alone.
fn currencies(word: &str, upper: bool) -> Option<&'static [&'static str]> {
    Some(match word {
        "€" | "eur" | "euro" | "euros" => &["EUR"],
        "$" | "usd" | "dollar" | "dollars" | "bucks" => &["USD"],
        "£" | "gbp" | "pound" | "pounds" | "quid" => &["GBP"],
        "¥" => &["JPY", "CNY"],
        "jpy" | "yen" => &["JPY"],
        "cny" | "yuan" => &["CNY"],
        "₹" | "inr" | "rupee" | "rupees" => &["INR"],
        "chf" | "franken" | "francs" => &["CHF"],
        "kr" | "kronor" | "kroner" => &["SEK", "NOK", "DKK"],
        "pln" | "zloty" | "zl" => &["PLN"],
        "czk" => &["CZK"],
        "huf" => &["HUF"],
        "aud" => &["AUD"],
        "nzd" => &["NZD"],
        "brl" => &["BRL"],
        "mxn" => &["MXN"],
        "zar" => &["ZAR"],
        "krw" | "₩" => &["KRW"],
        "₺" => &["TRY"],
        "₽" => &["RUB"],
        "₪" => &["ILS"],
        "₴" => &["UAH"],
        "₿" | "btc" => &["BTC"],
        "sek" if upper => &["SEK"],
        "nok" if upper => &["NOK"],
        "dkk" => &["DKK"],
        "cad" if upper => &["CAD"],
        "cent" | "cents" | "¢" | "ct" => &["cent"],
        "pence" => &["pence"],
        _ => return None,
    })
}

fn money(currencies: &[&'static str], value: &str) -> Vec<Value> {
    match currencies {
        ["cent"] => CENTS.iter().map(|code| Value::Money(code, shifted(value, -2))).collect(),
        ["pence"] => vec![Value::Money("GBP", shifted(value, -2))],
        codes => codes.iter().map(|code| Value::Money(code, value.into())).collect(),
    }
}

#[cfg(test)]
mod tests;
