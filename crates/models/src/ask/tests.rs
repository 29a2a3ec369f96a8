//! Money, two tries, and the strict reading.

use domain::{Content, Image, MicroUsd, Strategy};
use futures::executor::block_on;
use ports::{HttpError, Response};
use serde_json::json;

use super::*;
use crate::canned::{Books, Canned, answer, model, plan_task, post, post_task, review_task};
use crate::{Outcome, Review, Settlement};

fn says(text: &str) -> Result<Response, HttpError> {
    let body = json!({
        "choices": [{ "finish_reason": "stop", "message": { "content": text } }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 100 },
    });
    answer(200, &[], body.to_string())
}

fn fit() -> String {
    post().canonical()
}

fn ask_post(http: &Canned, books: &Books) -> Result<Content, AskError> {
    block_on(ask::<Content>(model("openai").as_ref(), http, books, &post_task()))
}

#[test]
fn a_good_answer_takes_one_call_that_is_reserved_and_settled() {
    let (http, books) = (Canned::new([says(&fit())]), Books::with(i64::MAX));
    assert_eq!(ask_post(&http, &books), Ok(post()));
    assert_eq!(books.outcomes(), ["answered"]);
    assert_eq!(*books.reserved.borrow(), [model("openai").cost_max(&post_task())]);
    let settled = books.settled.borrow();
    assert_eq!(settled[0].1.spent.cost, MicroUsd(3_000));
    assert!(!settled[0].1.estimated && settled[0].1.spent.cost < books.reserved.borrow()[0]);
}

#[test]
fn an_answer_that_does_not_fit_is_asked_for_once_more_with_the_complaint() {
    let unknown = r#"{"language":"en","title":"t","text":"x","publish":true}"#;
    let (http, books) = (Canned::new([says(unknown), says(&fit())]), Books::with(i64::MAX));
    assert_eq!(ask_post(&http, &books), Ok(post()));
    assert_eq!(books.outcomes(), ["misfit", "answered"]);
    let messages = &http.bodies()[1]["messages"];
    assert_eq!(messages[2], json!({ "role": "assistant", "content": unknown }));
    assert!(messages[3]["content"].as_str().unwrap().contains("unknown field `publish`"), "{messages}");
    assert!(books.reserved.borrow()[1] > books.reserved.borrow()[0]);
}

#[test]
fn a_second_misfit_is_the_last() {
    let (http, books) = (Canned::new([says("not json"), says("```json\n{}\n```")]), Books::with(i64::MAX));
    let error = ask_post(&http, &books).unwrap_err();
    assert!(matches!(error, AskError::Unusable { .. }), "{error}");
    assert_eq!(error.retry(), Retry::Attempt { after_s: None });
    assert_eq!(books.outcomes(), ["misfit", "misfit"]);
}

#[test]
fn what_was_answered_before_the_job_was_cut_off_is_not_asked_again() {
    let books = Books::with(i64::MAX);
    assert_eq!(ask_post(&Canned::new([says(&fit())]), &books), Ok(post()));
    let nobody = Canned::default();
    assert_eq!(ask_post(&nobody, &books), Ok(post()));
    assert!(nobody.sent.borrow().is_empty() && books.outcomes() == ["answered"]);
    // The control: books that know of nothing pay again.
    let http = Canned::new([says(&fit())]);
    assert_eq!(ask_post(&http, &Books::with(i64::MAX)), Ok(post()));
    assert_eq!(http.sent.borrow().len(), 1);
}

#[test]
fn after_an_answer_that_did_not_fit_only_the_second_question_is_asked() {
    let books = Books::with(i64::MAX);
    let cut_off = Canned::new([says("not json"), Err(HttpError::Unknown("reset".into()))]);
    assert!(ask_post(&cut_off, &books).is_err());
    let http = Canned::new([says(&fit())]);
    assert_eq!(ask_post(&http, &books), Ok(post()));
    assert_eq!(http.bodies()[0]["messages"].as_array().map(Vec::len), Some(4));
    let nobody = Canned::default();
    assert_eq!(ask_post(&nobody, &books), Ok(post()), "both questions are known by now");
}

#[test]
fn after_two_answers_that_did_not_fit_it_is_asked_from_the_beginning() {
    let books = Books::with(i64::MAX);
    assert!(ask_post(&Canned::new([says("not json"), says("nor this")]), &books).is_err());
    let http = Canned::new([says(&fit())]);
    assert_eq!(ask_post(&http, &books), Ok(post()));
    assert_eq!(http.bodies()[0]["messages"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_spent_budget_stops_the_call_before_it_is_made() {
    let (http, books) = (Canned::default(), Books::with(10));
    assert!(matches!(ask_post(&http, &books), Err(AskError::BudgetSpent(_))));
    assert!(http.sent.borrow().is_empty() && books.settled.borrow().is_empty());
}

#[test]
fn a_budget_for_one_call_stops_the_second() {
    let one = model("openai").cost_max(&post_task()).0;
    let (http, books) = (Canned::new([says("no")]), Books::with(one));
    assert!(matches!(ask_post(&http, &books), Err(AskError::BudgetSpent(_))));
    assert_eq!(http.sent.borrow().len(), 1);
}

fn settled_after(response: Result<Response, HttpError>) -> (AskError, Settlement, MicroUsd) {
    let (http, books) = (Canned::new([response]), Books::with(i64::MAX));
    let error = ask_post(&http, &books).unwrap_err();
    let settled = books.settled.borrow();
    assert_eq!((settled.len(), http.sent.borrow().len()), (1, 1), "no failed call is repeated here");
    (error, settled[0].1.clone(), books.reserved.borrow()[0])
}

#[test]
fn an_outcome_that_nobody_knows_is_settled_at_the_maximum() {
    let (error, settlement, reserved) = settled_after(Err(HttpError::Unknown("reset".into())));
    assert_eq!(error, AskError::Model(ModelError::NoAnswer { reason: "reset".into() }));
    assert_eq!((settlement.outcome, settlement.spent.cost, settlement.estimated), (Outcome::NoAnswer, reserved, true));
}

#[test]
fn what_surely_cost_nothing_is_settled_at_nothing() {
    for response in
        [Err(HttpError::NotSent("dns".into())), answer(429, &[], ""), answer(401, &[], ""), answer(500, &[], "")]
    {
        let (_, settlement, _) = settled_after(response);
        assert_eq!((settlement.spent.cost, settlement.estimated), (MicroUsd(0), false), "{settlement:?}");
    }
}

#[test]
fn a_cut_answer_is_settled_at_what_it_took_and_not_asked_for_again() {
    let body = r#"{"choices":[{"finish_reason":"length","message":{"content":"{"}}],"usage":{"prompt_tokens":1000,"completion_tokens":100}}"#;
    let (error, settlement, _) = settled_after(answer(200, &[], body));
    assert_eq!(error.retry(), Retry::Never);
    assert_eq!(
        (settlement.outcome, settlement.spent.cost, settlement.estimated),
        (Outcome::Length, MicroUsd(3_000), false)
    );
}

fn misfit<T: Answer + std::fmt::Debug>(task: &Task, text: &str, complaint: &str) {
    let error = read::<T>(text, task).unwrap_err();
    assert!(error.contains(complaint), "{error}");
}

#[test]
fn a_post_is_read_strictly() {
    let task = post_task();
    misfit::<Content>(&task, r#"{"language":"de","title":"t","text":"x"}"#, "language must be `en`");
    misfit::<Content>(&task, r#"{"language":"en","title":"t","text":" "}"#, "text is empty");
    misfit::<Content>(&task, r#"{"language":"en","title":"a\nb","text":"x"}"#, "more than one line");
    misfit::<Content>(&task, r#"{"language":"en","title":"t","text":"a\u202eb"}"#, "U+202E");
    misfit::<Content>(&task, r#"{"language":"en","title":"t","text":"a\u0000b"}"#, "U+0000");
    misfit::<Content>(&task, r#"{"language":"en","title":"t","text":"x"} and more"#, "trailing");
    misfit::<Content>(&task, r#"{"language":"en","title":"t","text":"x","text":"y"}"#, "duplicate field");
    let with_picture = r#"{"language":"en","title":"t","text":"x","image":{"prompt":"p","alt":"a"}}"#;
    misfit::<Content>(&task, with_picture, "image was not asked for");
    let long = json!({ "language": "en", "title": "t", "text": "x".repeat(20_001) }).to_string();
    misfit::<Content>(&task, &long, "the most is 20000");
    // Too long for the channel is a finding for the reviewer, not a misfit.
    assert!(
        read::<Content>(&json!({ "language": "EN", "title": "t", "text": "x".repeat(400) }).to_string(), &task).is_ok()
    );
    assert!(read::<Content>(r#"{"language":"en","title":"t","text":"👩‍🔬"}"#, &task).is_ok());
}

#[test]
fn a_picture_is_read_strictly() {
    let task = crate::canned::picture_task();
    let image = |prompt: &str, alt: &str| json!({ "prompt": prompt, "alt": alt }).to_string();
    let read_image = |text: &str| read::<Image>(text, &task);
    assert_eq!(read_image(&image(" Buns. ", "A tray of buns.")).unwrap().prompt, "Buns.");
    misfit::<Image>(&task, &image("Buns.", " "), "alt is empty");
    misfit::<Image>(&task, &image("", "A tray."), "prompt is empty");
    let drawn = r#"{"prompt":"Buns.","alt":"A tray.","drawn":{"sha256":"0","media_type":"image/png","width":1,"height":1,"bytes":1,"model":"m"}}"#;
    misfit::<Image>(&task, drawn, "drawn was not asked for");
    misfit::<Image>(&task, &image("Buns.", "A\u{200b} tray."), "alt holds the character U+200B");
    misfit::<Image>(&task, &image("Buns.", &"x".repeat(1_001)), "the most is 1000");
    misfit::<Image>(&post_task(), &image("Buns.", "A tray."), "no picture was asked for");
}

#[test]
fn a_strategy_is_read_against_its_slots_and_channels() {
    let task = plan_task();
    let plan = |slot: u32, percent: u8| {
        json!({
            "positioning": "p", "pillars": [{ "name": "a", "why": "b" }], "cadence": "c", "measures": [],
            "channel_mix": [{ "channel": "stage", "percent": percent, "why": "w" }],
            "calendar": [
                { "slot": 1, "channel": "stage", "pillar": "a", "angle": "x" },
                { "slot": slot, "channel": "stage", "pillar": "a", "angle": "y" },
            ],
        })
        .to_string()
    };
    assert!(read::<Strategy>(&plan(2, 100), &task).is_ok());
    misfit::<Strategy>(&task, &plan(3, 100), "slot 2 belongs");
    misfit::<Strategy>(&task, &plan(2, 90), "90 percent");
    misfit::<Strategy>(&post_task(), &plan(2, 100), "no strategy was asked for");
}

#[test]
fn a_review_is_read_with_its_reasons_and_without_made_up_quotes() {
    let task = review_task();
    let quoting = |verdict: &str, (hook, quote): (u8, &str), findings: serde_json::Value| {
        let mark =
            |dimension: &str, score: u8, quote: &str| json!({ "dimension": dimension, "score": score, "quote": quote });
        let others = ["clarity", "voice", "evidence", "call_to_action", "platform_fit"].map(|name| mark(name, 8, ""));
        let scores: Vec<_> = std::iter::once(mark("hook", hook, quote)).chain(others).collect();
        json!({ "verdict": verdict, "scores": scores, "findings": findings }).to_string()
    };
    let review = |verdict: &str, hook: u8, findings| quoting(verdict, (hook, ""), findings);
    misfit::<Review>(&task, &review("approve", 11, json!([])), "the score of hook is 11");
    misfit::<Review>(&task, &review("revise", 3, json!([])), "no finding says why");
    misfit::<Review>(&task, &review("splendid", 8, json!([])), "splendid");
    misfit::<Review>(&task, &review("approve", 8, json!([])).replace("clarity", "voice"), "clarity exactly once");
    misfit::<Review>(&task, &review("approve", 8, json!([])).replace("clarity", "findable"), "clarity exactly once");
    let finding =
        |quote: &str, advice: &str| json!([{ "rule": "hook", "severity": "major", "quote": quote, "advice": advice }]);
    misfit::<Review>(&task, &review("revise", 3, finding("", "")), "has no advice");
    let found = |text: &str| {
        let review = read::<Review>(&review("revise", 3, finding(text, "a")), &task).unwrap();
        (review.findings[0].quote.clone(), review.findings[0].at, review.discarded)
    };
    let at = domain::Span { part: domain::Part::Text, start: 3, end: 15 };
    assert_eq!(found("Canal Street"), ("Canal Street".into(), Some(at), vec![]));
    assert_eq!(found("words it never had"), (String::new(), None, vec!["words it never had".into()]));
    let marked = |quote: &str| {
        let review = read::<Review>(&quoting("approve", (8, quote), json!([])), &task).unwrap();
        (review.scores[0].quote.clone(), review.discarded.len())
    };
    assert_eq!(marked("14 Canal Street."), ("14 Canal Street.".into(), 0));
    assert_eq!(marked("15 Canal Street."), (String::new(), 1), "a score keeps no evidence that is made up");
}
