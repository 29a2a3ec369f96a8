//! What a post is shown with.

use domain::{Content, Finding, Image, Scores, Severity};
use maud::html;

use super::{Part, sample};
use crate::elements::passes::{self, Pass};
use crate::elements::preview::{self, Poster};
use crate::elements::{diff, picture, scores, time, words};

const WEAK: Scores = Scores { hook: 5, clarity: 7, voice: 5, evidence: 4, call_to_action: 6, platform_fit: 7 };
const GOOD: Scores = Scores { hook: 8, clarity: 9, voice: 8, evidence: 9, call_to_action: 7, platform_fit: 8 };
/// 1 March 2027, 08:00 UTC.
const MARCH_MS: i64 = 1_803_888_000_000;

pub(super) fn parts(now_ms: i64) -> Vec<Part> {
    let older = content("Your shift ends at three. Join over 200 nurses who elevate their nights.");
    let newer = content("Your shift ends at three. A night box is 11.50 EUR: rye, two buns and something sweet.");
    let found = [
        finding(
            Severity::Blocker,
            "invented_number",
            "over 200 nurses",
            "No fact says so. Take it out, or ask for the fact.",
        ),
        finding(
            Severity::Major,
            "voice",
            "elevate their nights",
            "The brand is kind and wry, and does not elevate anything.",
        ),
        finding(Severity::Minor, "hook", "", "Good; keep it that short."),
    ];
    let judged = [pass(1, Some(WEAK), 3), pass(2, Some(GOOD), 1), pass(3, None, 0)];
    let words = html! {
        (sample("As its readers meet it", &words::preview(&newer)))
        (sample("What changed", &diff::words(&older, &newer)))
        (sample("What changed, side by side", &diff::sides(("Version 1", &older), ("Version 2", &newer))))
        (sample("What reviewers found", &words::findings(&found)))
        (sample("Nothing found", &words::findings([])))
    };
    let marks = html! {
        (sample("Scores that pass", &scores::bars(&GOOD)))
        (sample("Scores that do not", &scores::bars(&WEAK)))
        (sample("From version to version", &passes::strip("made-up", &judged, 2)))
    };
    let times = html! {
        (sample("Planned", &html! { p { (time::planned("2027-03-01T09:00:00", MARCH_MS, "Europe/Berlin")) } }))
        (sample("An instant", &html! { p { (time::at(MARCH_MS, "Europe/Berlin")) } }))
        (sample("How long ago", &html! {
            p { @for ago in [0, 240_000, 7_200_000, 100_000_000, 400_000_000] { (time::ago(now_ms - ago, now_ms)) " · " } }
        }))
    };
    let previews = html! {
        @for platform in domain::Platform::ALL {
            (sample(platform.name(), &preview::post(platform.as_str(), Poster { name: "Night Shift Bakery", when: "1 Mar, 09:00" }, &newer)))
        }
        (sample("Too long", &preview::counters(domain::Platform::X, &content(&"Your shift ends at three. ".repeat(12)))))
    };
    let image = Some(Image {
        prompt: "A paper box on a tram seat at night, seen from above, lit by the window.".into(),
        alt: "A small paper box on an empty tram seat at night.".into(),
        drawn: None,
    });
    let pictured = Content { image, ..newer.clone() };
    let pictures = html! {
        (sample("An idea for a picture", &words::preview(&pictured)))
        (sample("As Instagram shows it", &preview::post("instagram", Poster { name: "Night Shift Bakery", when: "1 Mar, 09:00" }, &pictured)))
        (sample("None, and why", &picture::missing(Some("the model gave no complete answer: reset"), None)))
    };
    vec![
        ("Words", words),
        ("As platforms show it", previews),
        ("Pictures", pictures),
        ("Scores", marks),
        ("Times", times),
    ]
}

fn content(text: &str) -> Content {
    Content {
        language: "en".into(),
        title: "What is in a night box, and what it costs".into(),
        text: format!("{text}\n\n14 Canal Street, Tuesday to Saturday, 22:00 to 04:00."),
        image: None,
    }
}

fn finding(severity: Severity, rule: &str, quote: &str, advice: &str) -> Finding {
    Finding::new(rule, severity, quote, advice)
}

fn pass(version: i64, scores: Option<Scores>, findings: usize) -> Pass {
    Pass { version, author: "copywriter".into(), scores, findings, marks: Vec::new(), verdict: None }
}
