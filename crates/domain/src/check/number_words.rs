//! Numbers in words, in English and German. Of other languages what a brief does not list: `foreign_numbers.rs`.

use super::foreign_numbers::Tongues;

/// Up to this a number word is ordinary English ("two colleagues", "one more") and is no claim by itself.
pub(super) const SMALL_MAX: u64 = 10;

const UNITS: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];

/// Ordinals count as their numbers: from `eleventh` alone, below that only after a ten (`twenty-first`).
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];

const TENTHS: [&str; 8] =
    ["twentieth", "thirtieth", "fortieth", "fiftieth", "sixtieth", "seventieth", "eightieth", "ninetieth"];

/// Words that claim a number without saying which.
pub(super) const MANY: [&str; 13] = [
    "dozens",
    "hundreds",
    "thousands",
    "millions",
    "billions",
    "dutzende",
    "dutzenden",
    "hunderte",
    "hunderten",
    "tausende",
    "tausenden",
    "millionen",
    "milliarden",
];

/// The number that a sequence of folded words starts with, and of how many words it consists.
pub(super) fn leading_number(words: &[&str], tongues: &Tongues) -> Option<(u64, usize)> {
    let english = english(words);
    let german = if tongues.german() { german(words) } else { None };
    // The longer reading is the right one; `hundert` is no English word and `ten` no German one.
    english.into_iter().chain(german).chain(tongues.foreign(words)).max_by_key(|(_, count)| *count)
}

/// The multiplier of a word such as `million`, in powers of ten.
pub(super) fn scale(word: &str) -> Option<usize> {
    Some(match word {
        "hundred" | "hundert" => 2,
        "thousand" | "tausend" | "tsd" => 3,
        "million" | "millions" | "millionen" | "mio" | "mn" | "mln" => 6,
        "billion" | "billions" | "milliarde" | "milliarden" | "bn" | "mrd" => 9,
        _ => return None,
    })
}

fn position(list: &[&str], word: &str) -> Option<u64> {
    list.iter().position(|one| *one == word).and_then(|index| u64::try_from(index).ok())
}

/// `twentyfive`, which ought to have a hyphen.
fn run_together(word: &str) -> Option<u64> {
    let (index, ten) = TENS.iter().enumerate().find(|(_, ten)| word.starts_with(**ten))?;
    let unit = position(&UNITS[..10], &word[ten.len()..]).filter(|n| *n > 0)?;
    Some((u64::try_from(index).ok()? + 2) * 10 + unit)
}

fn english(words: &[&str]) -> Option<(u64, usize)> {
    let (mut total, mut group, mut count): (u64, u64, usize) = (0, 0, 0);
    // What may still be added to the group: a number below this.
    let mut room = 1_000;
    for (index, word) in words.iter().enumerate() {
        let is_first = index == 0;
        let unit =
            position(&UNITS, word).or_else(|| position(&ORDINALS, word).filter(|n| *n > SMALL_MAX || room == 10));
        let ten = position(&TENS, word).or_else(|| position(&TENTHS, word)).map(|n| (n + 2) * 10);
        match *word {
            _ if unit.is_some_and(|n| n < room && (n > 0 || is_first)) => {
                group += unit?;
                room = 0;
            }
            _ if run_together(word).is_some_and(|n| n < room) => {
                group += run_together(word)?;
                room = 0;
            }
            _ if ten.is_some_and(|n| n < room) => {
                group += ten?;
                room = 10;
            }
            "dozen" if room == 1_000 || group <= SMALL_MAX => {
                group = group.max(1) * 12;
                room = 0;
            }
            "hundred" | "hundredth" if group < 100 && (room < 100 || is_first || group == 0) => {
                group = group.max(1) * 100;
                room = 100;
            }
            "thousand" | "million" | "billion" if group < 1_000 && (group > 0 || is_first || words[0] == "a") => {
                let factor = 10_u64.pow(u32::try_from(scale(word)?).ok()?);
                total = total.checked_add(group.max(1) * factor)?;
                (group, room) = (0, 1_000);
            }
            "a" if is_first
                && words
                    .get(1)
                    .is_some_and(|next| matches!(*next, "hundred" | "thousand" | "million" | "billion" | "dozen")) =>
            {
                continue;
            }
            "and" if count == index && index > 0 && matches!(words[index - 1], "hundred" | "thousand" | "million") => {
                continue;
            }
            _ => break,
        }
        count = index + 1;
    }
    (count > 0).then_some((total + group, count))
}

/// The same in German alone.
pub(super) fn german(words: &[&str]) -> Option<(u64, usize)> {
    let first = german_word(words.first()?)?;
    match words.get(1).and_then(|word| scale(word)).filter(|power| *power >= 6) {
        Some(power) => Some((first.checked_mul(10_u64.pow(u32::try_from(power).ok()?))?, 2)),
        None => Some((first, 1)),
    }
}

/// One word, which in German is the whole number below a million.
fn german_word(word: &str) -> Option<u64> {
    if let Some((thousands, rest)) = word.split_once("tausend") {
        return Some(below_thousand(thousands, 1)? * 1_000 + below_thousand(rest, 0)?);
    }
    if word.is_empty() { None } else { below_thousand(word, 0) }
}

fn below_thousand(word: &str, if_empty: u64) -> Option<u64> {
    if word.is_empty() {
        return Some(if_empty);
    }
    match word.split_once("hundert") {
        Some((hundreds, rest)) => {
            let hundreds = if hundreds.is_empty() { 1 } else { below_hundred(hundreds)? };
            let rest = rest.strip_prefix("und").filter(|rest| !rest.is_empty()).unwrap_or(rest);
            Some(hundreds * 100 + if rest.is_empty() { 0 } else { below_hundred(rest)? })
        }
        None => below_hundred(word),
    }
}

fn below_hundred(word: &str) -> Option<u64> {
    const UNITS: [&str; 20] = [
        "null", "ein", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwolf",
        "dreizehn", "vierzehn", "funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn",
    ];
    const TENS: [&str; 8] = ["zwanzig", "dreissig", "vierzig", "funfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
    let word = word.replace("fuenf", "funf").replace("zwoelf", "zwolf");
    let ten = |word: &str| position(&TENS, word).map(|n| (n + 2) * 10);
    if let Some(n) = position(&UNITS, &word).or_else(|| ten(&word)) {
        return Some(n);
    }
    if matches!(word.as_str(), "eins" | "eine" | "einen" | "einem" | "einer" | "eines") {
        return Some(1);
    }
    if word == "dutzend" {
        return Some(12);
    }
    let (unit, tens) = word.split_once("und")?;
    Some(position(&UNITS[..SMALL_MAX as usize], unit)? + ten(tens)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Option<(u64, usize)>) {
        let words: Vec<&str> = text.split([' ', '-']).collect();
        assert_eq!(leading_number(&words, &Tongues::listed(&["en", "de"])), expect, "{text}");
    }

    #[test]
    fn english_number_words_are_read_as_far_as_they_go() {
        check("sixty", Some((60, 1)));
        check("sixty boxes", Some((60, 1)));
        check("twenty-five", Some((25, 2)));
        check("twentyfive", Some((25, 1)));
        check("two hundred and fifty people", Some((250, 4)));
        check("a hundred", Some((100, 2)));
        check("a thousand", Some((1_000, 2)));
        check("three thousand two hundred", Some((3_200, 4)));
        check("one hundred thousand", Some((100_000, 3)));
        check("a dozen", Some((12, 2)));
        check("two three", Some((2, 1)));
        check("twenty-first", Some((21, 2)));
        check("thirtieth", Some((30, 1)));
        check("twenty and more", Some((20, 1)));
        check("hundred and counting", Some((100, 1)));
    }

    #[test]
    fn german_number_words_are_read() {
        check("fünfundzwanzig".replace('ü', "u").as_str(), Some((25, 1)));
        check("zweihundertdreissig", Some((230, 1)));
        check("dreitausendfunfhundert", Some((3_500, 1)));
        check("hundert", Some((100, 1)));
        check("zwei millionen", Some((2_000_000, 2)));
    }

    #[test]
    fn ordinary_words_are_no_numbers() {
        for text in
            ["a", "first", "second", "and", "bakery", "wunder", "tausendschon", "hundertmal so", "a loaf", "none"]
        {
            check(text, None);
        }
    }
}
