//! Who stands in for whom, and for whom nobody does.

use domain::Content;
use futures::executor::block_on;
use ports::{HttpError, Response};
use serde_json::json;

use super::*;
use crate::canned::{Books, Canned, answer, model, post, post_task};
use crate::{Retry, Told};

type Wire = Result<Response, HttpError>;

fn good() -> Wire {
    let body = json!({
        "choices": [{ "finish_reason": "stop", "message": { "content": post().canonical() } }],
        "usage": { "prompt_tokens": 1000, "completion_tokens": 100 },
    });
    answer(200, &[], body.to_string())
}

fn fails(status: u16, headers: &[(&str, &str)]) -> Wire {
    answer(status, headers, json!({ "error": { "message": "no", "code": "no" } }).to_string())
}

/// Asks two providers, of which the second speaks Ollama's wire.
fn ask_two(wire: impl IntoIterator<Item = Wire>) -> (Result<Told<Content>, AskError>, Vec<&'static str>, Vec<String>) {
    let (http, books) = (Canned::new(wire), Books::with(i64::MAX));
    let (first, second) = (model("openai"), model("ollama"));
    let links = [
        Link { model: first.as_ref(), id: Some("1"), name: "First" },
        Link { model: second.as_ref(), id: Some("2"), name: "Second" },
    ];
    let told = block_on(ask_in_turn::<Content>(&links, &http, &books, &post_task()));
    let asked = http.sent.borrow().iter().map(|request| request.url.rsplit('/').next().unwrap().into()).collect();
    (told, books.outcomes(), asked)
}

fn ollama_good() -> Wire {
    let body = json!({ "message": { "content": post().canonical() }, "done": true, "done_reason": "stop",
        "prompt_eval_count": 1000, "eval_count": 100 });
    answer(200, &[], body.to_string())
}

#[test]
fn whoever_is_overloaded_or_silent_is_stood_in_for_and_both_calls_are_in_the_books() {
    for (trouble, outcome) in [
        (fails(429, &[("retry-after", "7")]), "rate_limited"),
        (fails(429, &[]), "rate_limited"),
        (fails(500, &[]), "overloaded"),
        (fails(503, &[]), "overloaded"),
        (fails(529, &[]), "overloaded"),
        (fails(504, &[]), "no_answer"),
        (Err(HttpError::Unknown("time-out".into())), "no_answer"),
        (Err(HttpError::NotSent("refused".into())), "unreachable"),
    ] {
        let (told, outcomes, asked) = ask_two([trouble, ollama_good()]);
        assert_eq!(told, Ok(Told { answer: post(), by: "ollama/m".into() }), "{outcome}");
        assert_eq!(outcomes, [outcome, "answered"]);
        assert_eq!(asked, ["completions", "chat"]);
    }
}

#[test]
fn nobody_stands_in_for_an_answer_that_is_not_liked() {
    let refusal = json!({ "choices": [{ "finish_reason": "stop", "message": { "refusal": "no" } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 1 } });
    let cut = json!({ "choices": [{ "finish_reason": "length", "message": { "content": "{" } }],
        "usage": { "prompt_tokens": 10, "completion_tokens": 1 } });
    let inside = json!({ "error": { "message": "late" } });
    let no_credit = json!({ "error": { "message": "no", "code": "insufficient_quota" } });
    for (trouble, outcome) in [
        (answer(200, &[], refusal.to_string()), "refused"),
        (answer(200, &[], cut.to_string()), "length"),
        (answer(200, &[], inside.to_string()), "unusable"),
        (answer(429, &[], no_credit.to_string()), "quota_spent"),
        (fails(401, &[]), "auth"),
        (fails(404, &[]), "bad_request"),
    ] {
        let (told, outcomes, asked) = ask_two([trouble]);
        assert!(told.is_err(), "{outcome}");
        assert_eq!((outcomes, asked.len()), (vec![outcome], 1));
    }
}

#[test]
fn an_answer_that_does_not_fit_is_asked_for_again_of_the_same() {
    let misfit = json!({ "message": { "content": "{}" }, "done": true, "prompt_eval_count": 9, "eval_count": 1 });
    let (told, outcomes, asked) = ask_two([fails(503, &[]), answer(200, &[], misfit.to_string()), ollama_good()]);
    assert_eq!(told.map(|told| told.by), Ok("ollama/m".into()));
    assert_eq!(outcomes, ["overloaded", "misfit", "answered"]);
    assert_eq!(asked, ["completions", "chat", "chat"]);
}

#[test]
fn when_all_are_away_the_job_waits_for_whoever_is_back_first() {
    let wait = |wire: [Wire; 2]| ask_two(wire).0.unwrap_err().retry();
    let limited = |after: &'static str| fails(429, &[("retry-after", after)]);
    assert_eq!(wait([limited("7"), limited("3")]), Retry::Wait { after_s: Some(3) });
    assert_eq!(wait([limited("3"), limited("7")]), Retry::Wait { after_s: Some(3) });
    assert_eq!(wait([limited("3"), fails(503, &[])]), Retry::Wait { after_s: Some(3) });
    assert_eq!(wait([fails(503, &[]), limited("3")]), Retry::Wait { after_s: Some(3) });
    assert_eq!(wait([fails(503, &[]), fails(529, &[])]), Retry::Attempt { after_s: None });
}

#[test]
fn a_full_bucket_is_used_and_an_empty_one_lets_the_provider_rest() {
    let rest = |headers: &[(&str, &str)], status: u16| {
        let mut response = if status == 200 { good().unwrap() } else { fails(status, &[]).unwrap() };
        response.headers.extend(headers.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        let (http, books) = (Canned::new([Ok(response)]), Books::with(i64::MAX));
        let _ = block_on(ask::<Content>(model("openai").as_ref(), &http, &books, &post_task()));
        let settled = books.settled.borrow();
        settled[0].1.rest_s
    };
    let tokens = |left| [("x-ratelimit-remaining-tokens", left), ("x-ratelimit-reset-tokens", "4s")];
    // The call took 1,100: another one like it does not fit into 1,000.
    assert_eq!(rest(&tokens("1000"), 200), Some(4));
    assert_eq!(rest(&tokens("1100"), 200), None);
    assert_eq!(rest(&[("retry-after", "9")], 429), Some(9));
    assert_eq!(rest(&[("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "8s")], 429), Some(8));
    assert_eq!(rest(&[], 429), Some(20));
}
