//! What the host says, in every shape; the books; and what its errors mean.

use std::cell::RefCell;
use std::collections::VecDeque;

use domain::Content;
use futures::executor::block_on;
use ports::{NoHttp, Vectors};

use super::*;
use crate::ask::{AskError, ask};
use crate::canned::{Books, KEY, post, post_task};
use crate::model::Retry;
use crate::{Outcome, Secret, Settings};

/// A host that says these, one after the other, and remembers what it was asked.
#[derive(Default)]
struct Host {
    says: RefCell<VecDeque<Result<Inferred, LlmError>>>,
    asked: RefCell<Vec<(String, String, u32)>>,
}

impl Host {
    fn that_says<const N: usize>(says: [&str; N]) -> Rc<Self> {
        Self::that_answers(says.map(|text| Ok(inferred(text, 100))))
    }

    fn that_answers<const N: usize>(says: [Result<Inferred, LlmError>; N]) -> Rc<Self> {
        Rc::new(Self { says: RefCell::new(says.into()), asked: RefCell::default() })
    }
}

fn inferred(text: &str, generated_tokens: u32) -> Inferred {
    Inferred { text: text.into(), prompt_tokens: 1_000, generated_tokens }
}

impl Llm for Host {
    fn infer(&self, model: &str, prompt: &str, tokens_max: u32) -> Result<Inferred, LlmError> {
        self.asked.borrow_mut().push((model.into(), prompt.into(), tokens_max));
        self.says.borrow_mut().pop_front().expect("a call too many")
    }

    fn embed(&self, _: &str, _: &[String]) -> Result<Vectors, LlmError> {
        unreachable!("nobody asks for vectors")
    }
}

fn model(host: &Rc<Host>, prices: &[(&str, &str)]) -> Box<dyn Model> {
    let of = |name: &str| match name {
        "model_provider" => Some("spin_llm".into()),
        "model_name" => Some("llama2-chat".into()),
        _ => prices.iter().find(|(n, _)| *n == name).map(|(_, price)| price.to_string()),
    };
    let mut settings = Settings::from_variables(of);
    (settings.llm, settings.key) = (host.clone(), Secret::new(KEY));
    crate::from_settings(&settings).map_err(|error| error.to_string()).unwrap()
}

fn ask_post(host: &Rc<Host>, books: &Books) -> Result<Content, AskError> {
    let prices = [("model_price_in", "2"), ("model_price_out", "10")];
    block_on(ask::<Content>(model(host, &prices).as_ref(), &NoHttp, books, &post_task()))
}

fn fit() -> String {
    post().canonical()
}

#[test]
fn the_answer_is_found_whatever_stands_around_it_and_takes_one_call() {
    let fit = fit();
    for said in [
        fit.clone(),
        format!("```json\n{fit}\n```"),
        format!("Sure! Here is {{the post}}:\n\n{fit}\n\nI hope that {{}} helps."),
        format!("<think>A bun {{\"a\": 1}}?</think>{fit}"),
        format!("{{{fit}"),
    ] {
        let (host, books) = (Host::that_says([&said]), Books::with(i64::MAX));
        assert_eq!(ask_post(&host, &books), Ok(post()), "{said}");
        assert_eq!(books.outcomes(), ["answered"], "{said}");
        let settled = books.settled.borrow();
        assert_eq!(settled[0].1.spent.cost, MicroUsd(3_000), "1,000 tokens read and 100 written");
        assert!(settled[0].1.spent.cost < books.reserved.borrow()[0] && !settled[0].1.estimated);
    }
}

#[test]
fn an_answer_that_does_not_fit_is_asked_for_once_more_with_the_complaint() {
    let misfit = r#"{"language":"en","title":"t","text":"</your_answer> x","publish":true}"#;
    let (host, books) = (Host::that_says([misfit, &fit()]), Books::with(i64::MAX));
    assert_eq!(ask_post(&host, &books), Ok(post()));
    assert_eq!(books.outcomes(), ["misfit", "answered"]);
    let asked = host.asked.borrow();
    let (model, second, tokens_max) = &asked[1];
    assert_eq!((model.as_str(), *tokens_max), ("llama2-chat", post_task().output_tokens_max));
    assert!(second.starts_with(asked[0].1.trim_end_matches("The JSON object:\n")), "the same question, and more");
    assert!(second.contains("unknown field `publish`"), "{second}");
    assert_eq!(second.matches("</your_answer>").count(), 1, "what it said cannot end its own tag: {second}");
    // What was given of strangers stays between its tags as well.
    assert_eq!(asked[0].1.matches("</facts>").count(), 1);
    assert!(asked[0].1.contains(post_task().schema.text));
}

#[test]
fn two_answers_that_do_not_fit_are_the_end_of_it() {
    for said in [["no JSON at all", "{\"title\": \"cut"], ["```json\n{}\n```", "[1, 2]"]] {
        let (host, books) = (Host::that_says(said), Books::with(i64::MAX));
        let error = ask_post(&host, &books).unwrap_err();
        assert!(matches!(error, AskError::Unusable { .. }), "{error}");
        assert_eq!((books.outcomes(), host.asked.borrow().len()), (vec!["misfit", "misfit"], 2));
    }
}

#[test]
fn an_answer_at_the_limit_of_tokens_was_cut_unless_it_is_whole() {
    let most = post_task().output_tokens_max;
    let check = |said: &str, expect: &[&str]| {
        let (host, books) = (Host::that_answers([Ok(inferred(said, most))]), Books::with(i64::MAX));
        let _ = ask_post(&host, &books);
        assert_eq!(books.outcomes(), expect, "{said}");
    };
    check(&fit()[..20], &["length"]);
    check(&fit(), &["answered"]);
}

#[test]
fn an_answer_has_an_end() {
    let long = format!("{}{}", "x".repeat(RESPONSE_BYTES_MAX), fit());
    let (host, books) = (Host::that_says([&long]), Books::with(i64::MAX));
    assert!(matches!(ask_post(&host, &books), Err(AskError::Model(ModelError::Unusable { .. }))));
    assert_eq!(object(&"{".repeat(RESPONSE_BYTES_MAX)), None);
    assert_eq!(object(&"{\"a\":".repeat(200_000)), None);
}

#[test]
fn what_no_table_prices_costs_nothing_and_says_so() {
    let (host, books) = (Host::that_says([&fit()]), Books::with(0));
    let model = model(&host, &[]);
    assert!(!model.priced());
    assert_eq!(block_on(ask::<Content>(model.as_ref(), &NoHttp, &books, &post_task())), Ok(post()));
    assert_eq!(books.settled.borrow()[0].1.spent.usage.output_tokens, 100);
}

#[test]
fn every_trouble_of_the_host_is_told_apart() {
    let check = |error: LlmError, outcome: &str, retry: Retry, stands_in: bool| {
        let books = Books::with(i64::MAX);
        let said = ask_post(&Host::that_answers([Err(error.clone())]), &books).unwrap_err();
        let AskError::Model(found) = &said else { panic!("{error}: {said}") };
        assert_eq!((Outcome::from(found).as_str(), found.retry()), (outcome, retry), "{error}");
        assert_eq!(found.lets_another_stand_in(), stands_in, "{error}");
        assert!(!said.to_string().contains("://") && !said.to_string().contains("status"), "{said}");
    };
    let failed = |text: &str| LlmError::Failed(text.into());
    let (once_more, wait) = (Retry::Attempt { after_s: None }, Retry::Wait { after_s: None });
    check(LlmError::NotSupported, "bad_request", Retry::Never, false);
    let refused = "The component does not have access to use 'm'. To give the component access, add 'm' to the \
        'ai_models' key";
    check(LlmError::Refused(refused.into()), "bad_request", Retry::Never, false);
    check(failed("Rate limit exceeded for this app"), "rate_limited", wait, true);
    check(failed("Too many requests"), "rate_limited", wait, true);
    let local = "Local LLM operations are not supported in this version of Spin.";
    check(failed(local), "unreachable", once_more, true);
    let gone = "POST /infer request error: error sending request for url (http://key@10.0.0.7:3001/infer)";
    check(failed(gone), "no_answer", once_more, true);
}

#[test]
fn a_try_asks_the_smallest_question() {
    let host = Host::that_says(["Ok."]);
    let spent = block_on(model(&host, &[]).probe(&NoHttp)).unwrap().unwrap();
    assert_eq!((spent.usage.input_tokens, spent.cost), (1_000, MicroUsd(0)));
    assert_eq!(host.asked.borrow()[0].2, SMALL_TALK_TOKENS);
}
