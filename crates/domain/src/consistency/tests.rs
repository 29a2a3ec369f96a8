//! Posts that disagree are found with both places; good ones of one campaign are left alone.

use super::*;
use crate::labelled::Suite;

const BAKERY: &str = include_str!("../../../../tests/fixtures/briefs/night-shift-bakery.toml");

fn found(texts: &[&str]) -> Vec<(Kind, String, String)> {
    let brief = Brief::parse(BAKERY).unwrap();
    let contents: Vec<Content> = texts
        .iter()
        .map(|text| Content { language: "en".into(), title: "A title".into(), text: (*text).into(), image: None })
        .collect();
    let said: Vec<Said<'_>> = contents
        .iter()
        .zip(1..)
        .map(|(content, slot)| Said { post_id: if slot == 1 { "c-1" } else { "c-2" }, slot, content })
        .collect();
    let found = across(&said, &brief);
    for one in &found {
        for place in [&one.one, &one.other] {
            let index = usize::try_from(place.slot - 1).unwrap();
            assert!(texts[index].contains(&place.quote) || one.kind == Kind::Url, "{one:?}");
        }
        assert!(one.one.slot < one.other.slot && !one.advice.is_empty());
    }
    found.into_iter().map(|one| (one.kind, one.one.quote, one.other.quote)).collect()
}

#[track_caller]
fn check(one: &str, other: &str, kind: Kind, quotes: (&str, &str)) {
    assert_eq!(found(&[one, other]), [(kind, quotes.0.to_string(), quotes.1.to_string())]);
}

#[track_caller]
fn agree(one: &str, other: &str) {
    assert_eq!(found(&[one, other]), []);
}

#[test]
fn two_prices_of_one_thing_disagree_unless_the_facts_hold_both() {
    check("A rye loaf costs 4.80 EUR.", "The rye loaf is 2.90 EUR tonight.", Kind::Price, ("4.80 EUR", "2.90 EUR"));
    check("Rye loaf: €4.80.", "Rye loaves? No: a rye loaf, 5 EUR.", Kind::Price, ("€4.80", "5 EUR"));
    agree("A night box costs 11.50 EUR.", "The night box is 9.50 EUR with a badge.");
    agree("Rye, 4.80 EUR. Buns, 2.90 EUR.", "Buns 2.90 EUR, rye 4,80 €.");
}

#[test]
fn two_dates_of_one_thing_disagree() {
    check(
        "The badge offer runs until 30 April 2027.",
        "Until 15 April the badge offer runs.",
        Kind::Date,
        ("30 April 2027", "15 April"),
    );
    agree("The badge offer runs until 30 April 2027.", "Until 30 April the badge offer runs.");
    agree("We open from 22:00 with rye.", "We sell out by 04:00, rye first.");
}

#[test]
fn a_name_spelled_in_two_ways_is_found() {
    check(
        "Ask at Night Shift Bakery tonight.",
        "Ask at Nightshift Bakery, it is warm.",
        Kind::Name,
        ("Night Shift Bakery", "Nightshift Bakery"),
    );
    check("We are at Canal Street.", "Walk along Canel Street.", Kind::Name, ("Canal Street", "Canel Street"));
    agree("One Night Box for you.", "Two Night Boxs for them.");
}

#[test]
fn an_address_written_in_two_ways_and_two_campaign_names_are_found() {
    check(
        "See https://nightshift.example/menu",
        "Go to http://nightshift.example/menu/",
        Kind::Url,
        ("https://nightshift.example/menu", "http://nightshift.example/menu/"),
    );
    let tagged = |name: &str| format!("https://nightshift.example/?utm_source=x&utm_medium=post&utm_campaign={name}");
    check(&tagged("boxes"), &tagged("nights"), Kind::Url, (&tagged("boxes"), &tagged("nights")));
    agree("See https://nightshift.example", "Go to https://nightshift.example");
}

#[test]
fn two_acts_at_one_address_disagree() {
    check(
        "Order at https://nightshift.example",
        "Register at https://nightshift.example",
        Kind::CallToAction,
        ("Order at https://nightshift.example", "Register at https://nightshift.example"),
    );
    agree("Order at https://nightshift.example", "Come and see: https://nightshift.example");
}

#[test]
fn posts_that_say_the_same_are_found() {
    let text = "You can't plan the night. You can plan the bun, though, and we plan it with you.";
    check(text, &text.replace("with you", "for you"), Kind::Same, (text, &text.replace("with you", "for you")));
}

#[test]
fn the_good_drafts_of_each_brief_agree_with_each_other() {
    for (name, brief, drafts) in [
        ("night-shift-bakery", BAKERY, include_str!("../../../../tests/fixtures/drafts/night-shift-bakery.good.toml")),
        (
            "ripgrep",
            include_str!("../../../../tests/fixtures/briefs/ripgrep.toml"),
            include_str!("../../../../tests/fixtures/drafts/ripgrep.good.toml"),
        ),
        (
            "wikipedia-editathon",
            include_str!("../../../../tests/fixtures/briefs/wikipedia-editathon.toml"),
            include_str!("../../../../tests/fixtures/drafts/wikipedia-editathon.good.toml"),
        ),
    ] {
        let mut suite = Suite::default();
        suite.add(name, brief, &[drafts]).unwrap();
        let contents: Vec<Content> = suite.drafts.iter().map(|(_, draft)| draft.content()).collect();
        let said: Vec<Said<'_>> =
            contents.iter().zip(1..).map(|(content, slot)| Said { post_id: "c", slot, content }).collect();
        assert_eq!(across(&said, &suite.briefs[0].1), [], "{name}");
    }
}
