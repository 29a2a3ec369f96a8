//! How quantities are read.

use super::super::fold::fold;
use super::*;

fn read(text: &str) -> Vec<Value> {
    let claims = |quantity: &Quantity| !quantity.ordinary;
    quantities(&fold(text), &Tongues::listed(&["en", "de"]))
        .into_iter()
        .filter(claims)
        .flat_map(|quantity| quantity.readings)
        .collect()
}

#[track_caller]
fn check(texts: &[&str], expect: &Value) {
    for text in texts {
        let found = read(text);
        assert!(found.contains(expect), "{text}: {found:?}");
    }
}

#[track_caller]
fn nothing(texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text), [], "{text}");
    }
}

fn number(value: &str) -> Value {
    Value::Number(value.into())
}

#[test]
fn one_price_is_read_however_it_is_written() {
    let texts = [
        "4.80 EUR",
        "€4.80",
        "4,80 €",
        "4.80€",
        "EUR 4.80",
        "EUR4.80",
        "4€80",
        "4.80 euros",
        "€ 4,80",
        "4.80-euro loaf",
        "４.８０ €",
        "4.8\u{200b}0 EUR",
        "480 cents",
    ];
    check(&texts, &Value::Money("EUR", "4.8".into()));
    check(&["5,- €", "5 €", "€5", "five euros", "5-euro"], &Value::Money("EUR", "5".into()));
    check(&["$1,200", "1.200 dollars", "US$1200", "USD 1,200.00", "$1.2k"], &Value::Money("USD", "1200".into()));
    check(&["A$9.50"], &Value::Money("AUD", "9.5".into()));
    check(&["50 pence"], &Value::Money("GBP", "0.5".into()));
    check(&["half price", "half-price", "half off"], &Value::Word("half price".into()));
}

#[test]
fn one_date_is_read_however_it_is_written() {
    let texts = [
        "30 April 2027",
        "April 30, 2027",
        "2027-04-30",
        "30.04.2027",
        "30th of April, 2027",
        "April 30th 2027",
        "30. April 2027",
        "30 Apr. 2027",
        "04/30/2027",
        "30/04/2027",
        "30-April-2027",
        "thirtieth of April 2027",
    ];
    check(&texts, &Value::Date { year: Some(2027), month: 4, day: 30 });
    check(&["30 April", "April 30", "by the 30th of April"], &Value::Date { year: None, month: 4, day: 30 });
    check(&["April 2027"], &Value::MonthOf(2027, 4));
    check(&["until April", "in April", "early April"], &Value::Month(4));
    nothing(&["you may come", "they march on", "April is a kind name"]);
}

#[test]
fn one_time_is_read_however_it_is_written() {
    let texts = [
        "22:00",
        "10 pm",
        "10pm",
        "10:00 p.m.",
        "22 Uhr",
        "22.00 Uhr",
        "10 o'clock",
        "10 o\u{2019}clock",
        "22h",
        "ten pm",
        "ten o'clock",
        "zweiundzwanzig Uhr",
    ];
    check(&texts, &Value::Time(22 * 60));
    check(&["04:00", "4 am", "4:00 AM", "4 Uhr", "4 a.m."], &Value::Time(4 * 60));
    check(&["12 am"], &Value::Time(0));
    check(&["12 pm"], &Value::Time(12 * 60));
    assert_eq!(read("22:00\u{2013}04:00"), [Value::Time(22 * 60), Value::Time(4 * 60)]);
}

#[test]
fn numbers_are_read_in_digits_and_in_words() {
    check(&["60", "sixty", "SIXTY", "6\u{200b}0", "６０", "٦٠", "sechzig"], &number("60"));
    check(&["1,000", "1.000", "1'000", "1\u{a0}000", "a thousand", "1k", "1 thousand", "tausend"], &number("1000"));
    check(&["3.5", "3,5", "3.50"], &number("3.5"));
    check(&["2.5 million", "2,500,000"], &number("2500000"));
    check(&["twenty-five"], &number("25"));
    check(&["20%", "20 %", "20 percent", "twenty per cent", "20-percent", "20 Prozent"], &Value::Percent("20".into()));
    check(&["five percent"], &Value::Percent("5".into()));
    check(&["21st"], &Value::Ordinal(21));
    check(&["½"], &Value::Word("½".into()));
    check(&["thousands of people"], &Value::Word("thousands".into()));
    check(&["two hours", "a two-hour walk, two hours"], &number("2"));
}

#[test]
fn ordinary_words_claim_nothing() {
    nothing(&[
        "one",
        "a loaf",
        "the first",
        "two colleagues",
        "one hour",
        "zero effort",
        "twice",
        "half the night",
        "zwei Leute",
        "no one",
        "one of us",
        "B2B",
        "Second, third and fourth",
    ]);
}

#[test]
fn the_numbers_of_a_list_claim_nothing_but_only_in_order() {
    nothing(&["1. Come.\n2. Eat.\n3. Go.", "1) Come.\n2) Eat."]);
    assert_eq!(read("60. boxes"), [number("60")]);
    assert_eq!(read("buy\n1.50 more"), [number("1.5")]);
}

#[test]
fn a_word_with_digits_is_one_thing() {
    assert_eq!(read("PCRE2"), [Value::Word("pcre2".into())]);
    assert_eq!(read("6O boxes"), [Value::Word("6o".into())]);
    assert_eq!(read("500g"), [number("500")]);
    assert_eq!(read("x86_64"), [Value::Word("x86".into()), number("64")]);
}

#[test]
fn no_text_breaks_the_reader() {
    // Every pair of these, in any order: none may panic, and every range must lie in the text.
    let pieces = [
        "4",
        ".",
        ",",
        ":",
        "-",
        "€",
        "$",
        "April",
        "May",
        "pm",
        "a",
        ".m",
        "million",
        "hundred",
        "and",
        "%",
        "½",
        "\u{200b}",
        " ",
        "\n",
        "2027",
        "99999999999999999999",
        "k",
        "ß",
        "İ",
        "half",
        "price",
        "'",
        "o",
        "clock",
        "of",
        "1.",
        "/",
        "th",
    ];
    for one in pieces {
        for two in pieces {
            for three in pieces {
                let text = format!("{one}{two}{three}{one} {two}");
                let glyphs = fold(&text);
                for quantity in quantities(&glyphs, &Tongues::listed(&["en", "de"])) {
                    assert!(quantity.from < quantity.to && quantity.to <= glyphs.len(), "{text:?}");
                }
            }
        }
    }
}
