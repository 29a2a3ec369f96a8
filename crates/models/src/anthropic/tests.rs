//! The wire of Anthropic's Messages, against canned answers.

use domain::MicroUsd;
use futures::executor::block_on;
use ports::{HttpError, Response};
use serde_json::{Value, json};

use super::*;
use crate::canned::{Canned, KEY, answer, model, plan_task, post_task, review_task};

fn success(change: impl Fn(&mut Value)) -> Result<Response, HttpError> {
    let mut body = json!({
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "content": [{ "type": "text", "text": "{\"a\":" }, { "type": "text", "text": "1}" }],
        "stop_reason": "end_turn",
        "usage": {
            "input_tokens": 500, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 400, "output_tokens": 100,
        },
    });
    change(&mut body);
    answer(200, &[("request-id", "req_1")], body.to_string())
}

fn ask(response: Result<Response, HttpError>) -> Result<Reply, ModelError> {
    block_on(model("anthropic").answer(&Canned::new([response]), &post_task()))
}

fn check(response: Result<Response, HttpError>, expect: &ModelError) {
    let error = ask(response).unwrap_err();
    assert_eq!(&error, expect);
    assert!(!error.to_string().contains(KEY), "{error}");
}

fn spent() -> Option<Spent> {
    let usage = Usage { input_tokens: 1_000, cached_tokens: 400, output_tokens: 100 };
    // 600 fresh or written at 2, a quarter more for the 100 written, 400 read at 0.50, 100 out at 10.
    Some(Spent { usage, cost: MicroUsd(1_200 + 50 + 200 + 1_000), request_id: Some("req_1".into()) })
}

fn error(status: u16, kind: &str, message: &str) -> Result<Response, HttpError> {
    answer(status, &[], json!({ "type": "error", "error": { "type": kind, "message": message } }).to_string())
}

#[test]
fn an_answer_is_all_its_texts_and_its_three_kinds_of_input() {
    assert_eq!(ask(success(|_| {})).unwrap(), Reply::new("{\"a\":1}", spent()));
}

#[test]
fn the_ways_to_stop_are_told_apart_and_keep_what_they_took() {
    let stop = |reason: &'static str| success(move |body| body["stop_reason"] = json!(reason));
    check(stop("max_tokens"), &ModelError::Length { spent: spent() });
    check(stop("model_context_window_exceeded"), &ModelError::Length { spent: spent() });
    check(stop("refusal"), &ModelError::Refused { reason: "{\"a\":1}".into(), spent: spent() });
    let unusable = |reason: &str| ModelError::Unusable { reason: reason.into(), spent: spent() };
    check(stop("tool_use"), &unusable("it stopped for the reason `tool_use`"));
    check(success(|body| body["content"] = json!([])), &unusable("it holds no text"));
    assert!(ask(stop("stop_sequence")).is_ok());
}

#[test]
fn every_error_has_its_meaning() {
    check(error(529, "overloaded_error", "Overloaded"), &ModelError::Overloaded { after_s: None });
    check(error(500, "api_error", "Internal"), &ModelError::Overloaded { after_s: None });
    check(error(429, "rate_limit_error", "slow"), &ModelError::RateLimited { after_s: None });
    check(error(401, "authentication_error", KEY), &ModelError::Auth { status: 401 });
    check(error(403, "permission_error", "no"), &ModelError::Auth { status: 403 });
    check(error(403, "billing_error", "pay"), &ModelError::QuotaSpent);
    let low = "Your credit balance is too low to access the API.";
    check(error(400, "invalid_request_error", low), &ModelError::QuotaSpent);
    let bad = |status: u16, reason: &str| ModelError::BadRequest { status, reason: reason.into() };
    check(error(400, "invalid_request_error", "max_tokens: too big"), &bad(400, "max_tokens: too big"));
    check(error(404, "not_found_error", "model: m"), &bad(404, "model: m"));
    check(error(413, "request_too_large", "big"), &bad(413, "big"));
    let inside = answer(200, &[], r#"{"type":"error","error":{"type":"api_error","message":"late"}}"#);
    check(inside, &ModelError::Unusable { reason: "a success that holds an error: late".into(), spent: None });
}

#[test]
fn the_request_has_its_version_its_key_and_its_schema() {
    let http = Canned::new([success(|_| {})]);
    block_on(model("anthropic").answer(&http, &post_task())).unwrap();
    let sent = http.sent.borrow();
    assert_eq!(sent[0].url, "http://models.example/base/v1/messages");
    for header in [("x-api-key", KEY), ("anthropic-version", "2023-06-01"), ("content-type", "application/json")] {
        assert!(sent[0].headers.contains(&(header.0.into(), header.1.into())), "{header:?}");
    }
    assert!(!String::from_utf8(sent[0].body.clone()).unwrap().contains(KEY));
}

/// The part of the provider's published request schema that concerns us, closed, so that a misspelt field fails.
const ACCEPTED: &str = r#"{
  "type": "object",
  "properties": {
    "model": { "type": "string", "minLength": 1 },
    "max_tokens": { "type": "integer", "minimum": 1 },
    "system": { "type": "array", "minItems": 1, "items": {
      "type": "object",
      "properties": { "type": { "const": "text" }, "text": { "type": "string", "minLength": 1 },
        "cache_control": { "type": "object", "properties": { "type": { "const": "ephemeral" } },
          "required": ["type"], "additionalProperties": false } },
      "required": ["type", "text"], "additionalProperties": false } },
    "messages": { "type": "array", "minItems": 1,
      "prefixItems": [{ "properties": { "role": { "const": "user" } } }],
      "items": {
        "type": "object",
        "properties": { "role": { "enum": ["user", "assistant"] }, "content": { "type": "string", "minLength": 1 } },
        "required": ["role", "content"] } },
    "output_config": { "type": "object", "properties": {
      "format": { "type": "object", "properties": { "type": { "const": "json_schema" }, "schema": { "type": "object" } },
        "required": ["type", "schema"], "additionalProperties": false } },
      "required": ["format"], "additionalProperties": false }
  },
  "required": ["model", "max_tokens", "messages", "output_config"],
  "additionalProperties": false
}"#;

#[test]
fn every_body_that_we_send_is_one_that_the_provider_accepts() {
    let accepted = jsonschema::validator_for(&serde_json::from_str(ACCEPTED).unwrap()).unwrap();
    for task in [plan_task(), post_task(), review_task(), post_task().again("{}", "it is empty")] {
        let body = request_body("m", &task);
        assert!(
            accepted.is_valid(&body),
            "{:?}",
            accepted.iter_errors(&body).map(|error| error.to_string()).collect::<Vec<_>>()
        );
        let roles: Vec<_> =
            body["messages"].as_array().unwrap().iter().map(|turn| turn["role"].as_str().unwrap()).collect();
        assert!(roles.windows(2).all(|pair| pair[0] != pair[1]) && roles.last() == Some(&"user"), "{roles:?}");
    }
}
