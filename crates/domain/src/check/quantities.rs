//! Numbers, prices, percentages, dates and times in a text, however they are written.
//!
//! - `4.80 EUR`, `€4.80`, `4,80 €`, `4€80` are one price; `30 April 2027`, `April 30, 2027`, `2027-04-30` and
//!   `30.04.2027` one date; `22:00`, `10 pm`, `22 Uhr` one time; `sixty` and `60` one number.
//! - A dot or comma before exactly three digits parts thousands, any other a fraction. What can be read in two ways
//!   (`04/05/2027`) has two readings, and one that is a fact is enough.
//! - Number words up to ten are ordinary words, unless a unit, a currency or a percent sign follows: `two
//!   colleagues` claims nothing, `two hours` does. `one` claims nothing before a unit either. `first` to `tenth`,
//!   `half`, `twice` are words; `half price`, `half of`, `twice as`, `two thirds`, `thousands of` are claims.
//! - A number word of a language that the brief does not list counts, unless it is an ordinary word there.
//! - The numbers of a list (`1.`, `2.` … at the start of lines) claim nothing.
//! - A word with digits in it (`PCRE2`) is one thing and must be a fact as a whole.

use super::fold::Glyph;
use super::foreign_numbers::Tongues;
use super::number_words::{MANY, SMALL_MAX, leading_number, scale};
use decimal::{decimal, shifted};
use money::currencies;
use tokens::{Sort, Token, tokens};

mod dates;
mod decimal;
mod money;
mod tokens;

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

/// A number at some place: what it is, and which token comes next.
struct Amount {
    value: String,
    next: usize,
    in_words: bool,
}

/// Every quantity of a folded text, in order.
pub(super) fn quantities(glyphs: &[Glyph], tongues: &Tongues) -> Vec<Quantity> {
    let reader = Reader { tokens: tokens(glyphs), tongues };
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

struct Reader<'a> {
    tokens: Vec<Token>,
    tongues: &'a Tongues,
}

impl Reader<'_> {
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

    fn skip_tight(&self, at: usize, texts: &[&str]) -> usize {
        if self.is_tight(at) && texts.contains(&self.text(at)) { at + 1 } else { at }
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
                let (number, count) = leading_number(&texts, self.tongues)?;
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
            && leading_number(&[stem], self.tongues).is_some_and(|(number, _)| number > 1)
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

#[cfg(test)]
mod tests;
