//! The wire of OpenAI and its like, against canned answers.

use domain::MicroUsd;
use futures::executor::block_on;
use ports::{HttpError, Response};
use serde_json::{Value, json};

use super::*;
use crate::canned::{Canned, KEY, answer, model, model_with, plan_task, post_task, review_task};

fn success(change: impl Fn(&mut Value)) -> Result<Response, HttpError> {
    let mut body = json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "choices": [{ "index": 0, "finish_reason": "stop", "message": { "role": "assistant", "content": "{}", "refusal": null } }],
        "usage": {
            "prompt_tokens": 1000, "completion_tokens": 100, "total_tokens": 1100,
            "prompt_tokens_details": { "cached_tokens": 400 },
        },
    });
    change(&mut body);
    answer(200, &[("x-request-id", "req-1")], body.to_string())
}

fn ask(response: Result<Response, HttpError>) -> Result<Reply, ModelError> {
    block_on(model("openai").answer(&Canned::new([response]), &post_task()))
}

fn check(response: Result<Response, HttpError>, expect: &ModelError) {
    let error = ask(response).unwrap_err();
    assert_eq!(&error, expect);
    assert!(!error.to_string().contains(KEY), "{error}");
}

fn spent() -> Option<Spent> {
    let usage = Usage { input_tokens: 1_000, cached_tokens: 400, output_tokens: 100 };
    Some(Spent { usage, cost: MicroUsd(1_200 + 200 + 1_000), request_id: Some("req-1".into()) })
}

#[test]
fn an_answer_comes_with_its_tokens_and_their_price() {
    let reply = ask(success(|_| {})).unwrap();
    assert_eq!(reply, Reply::new("{}", spent()));
}

#[test]
fn a_server_that_counts_nothing_is_not_believed() {
    let reply = ask(success(|body| body["usage"] = json!({ "prompt_tokens": 0, "completion_tokens": 0 }))).unwrap();
    assert_eq!(reply.spent, None);
    assert_eq!(ask(success(|body| body["usage"] = Value::Null)).unwrap().spent, None);
}

#[test]
fn length_refusal_and_filter_are_told_apart_and_keep_what_they_took() {
    check(
        success(|body| body["choices"][0]["finish_reason"] = json!("length")),
        &ModelError::Length { spent: spent() },
    );
    let refused = |reason: &str| ModelError::Refused { reason: reason.into(), spent: spent() };
    check(
        success(|body| body["choices"][0]["message"] = json!({ "content": null, "refusal": "I will not." })),
        &refused("I will not."),
    );
    let filtered = success(|body| body["choices"][0]["finish_reason"] = json!("content_filter"));
    check(filtered, &refused("the provider's filter stopped it"));
}

#[test]
fn a_success_without_a_usable_text_is_unusable() {
    let unusable = |reason: &str| ModelError::Unusable { reason: reason.into(), spent: spent() };
    check(success(|body| body["choices"][0]["message"]["content"] = json!("")), &unusable("it holds no text"));
    check(success(|body| body["choices"] = json!([])), &unusable("it holds no choice"));
    let inner = success(|body| body["choices"][0]["error"] = json!({ "message": format!("broken {KEY}") }));
    check(inner, &unusable("a success that holds an error: broken [key]"));
    let outer = answer(200, &[], r#"{"error":{"message":"upstream failed"}}"#);
    check(
        outer,
        &ModelError::Unusable { reason: "a success that holds an error: upstream failed".into(), spent: None },
    );
    for cut_off in ["", "{\"choices\":[{\"mess", "<html>", "[]", "null", "\u{0}"] {
        assert!(matches!(ask(answer(200, &[], cut_off)), Err(ModelError::Unusable { .. })), "{cut_off:?}");
    }
}

#[test]
fn a_rate_limit_says_when_to_come_back_if_the_provider_does() {
    let limited = |after_s| ModelError::RateLimited { after_s };
    let body = r#"{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}"#;
    check(answer(429, &[], body), &limited(None));
    check(answer(429, &[("retry-after", "7")], body), &limited(Some(7)));
    check(answer(429, &[("retry-after", "0.2")], body), &limited(Some(1)));
    check(answer(429, &[("retry-after-ms", "1500"), ("retry-after", "9")], body), &limited(Some(2)));
    check(answer(429, &[("retry-after", "soon")], body), &limited(None));
    check(answer(429, &[("retry-after", "-5")], body), &limited(None));
    check(answer(429, &[("retry-after", "1e99")], body), &limited(Some(24 * 3600)));
    let date = [("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), ("date", "Fri, 31 Dec 1999 23:59:29 GMT")];
    check(answer(429, &date, body), &limited(Some(30)));
    check(answer(429, &date[..1], body), &limited(None));
}

#[test]
fn an_empty_account_is_no_rate_limit() {
    let body = r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    check(answer(429, &[("retry-after", "1")], body), &ModelError::QuotaSpent);
    check(answer(402, &[], "{}"), &ModelError::QuotaSpent);
}

#[test]
fn every_status_has_its_meaning() {
    let error = format!(r#"{{"error":{{"message":"no such model {KEY}"}}}}"#);
    check(answer(401, &[], error.clone()), &ModelError::Auth { status: 401 });
    check(answer(403, &[], error.clone()), &ModelError::Auth { status: 403 });
    check(answer(404, &[], error), &ModelError::BadRequest { status: 404, reason: "no such model [key]".into() });
    check(answer(500, &[], "oops"), &ModelError::Overloaded { after_s: None });
    check(answer(503, &[("retry-after", "2")], ""), &ModelError::Overloaded { after_s: Some(2) });
    check(answer(502, &[], ""), &ModelError::NoAnswer { reason: "status 502".into() });
    check(answer(504, &[], ""), &ModelError::NoAnswer { reason: "status 504".into() });
    let moved = ModelError::BadRequest { status: 301, reason: "it is somewhere else; set `model_base_url`".into() };
    check(answer(301, &[("location", "https://evil.example")], ""), &moved);
}

#[test]
fn what_was_not_sent_is_told_from_what_got_no_answer() {
    check(Err(HttpError::NotSent("dns".into())), &ModelError::Unreachable { reason: "dns".into() });
    check(Err(HttpError::Unknown("reset".into())), &ModelError::NoAnswer { reason: "reset".into() });
    let too_large = HttpError::TooLarge { status: 200, limit: 1 };
    assert!(matches!(ask(Err(too_large)), Err(ModelError::Unusable { spent: None, .. })));
}

#[test]
fn a_server_is_asked_again_without_the_part_that_it_does_not_know() {
    let no_tokens =
        answer(400, &[], r#"{"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}}"#);
    let no_schema = answer(
        400,
        &[],
        r#"{"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported"}}"#,
    );
    let http = Canned::new([no_tokens, no_schema, success(|_| {})]);
    block_on(model("openai").answer(&http, &post_task())).unwrap();
    let bodies = http.bodies();
    assert!(bodies[0]["max_completion_tokens"].is_u64() && bodies[0]["max_tokens"].is_null());
    assert!(bodies[1]["max_tokens"].is_u64() && bodies[1]["max_completion_tokens"].is_null());
    assert_eq!(bodies[1]["response_format"]["type"], "json_schema");
    assert_eq!(bodies[2]["response_format"], json!({ "type": "json_object" }));
    assert!(bodies[2]["messages"][0]["content"].as_str().unwrap().contains(post_task().schema.text));
}

#[test]
fn a_server_that_only_repeats_itself_is_not_asked_for_ever() {
    let no = || answer(400, &[], r#"{"error":{"message":"response_format and max_completion_tokens are wrong"}}"#);
    let http = Canned::new([no(), no(), no()]);
    let error = block_on(model("openai").answer(&http, &post_task())).unwrap_err();
    assert!(matches!(error, ModelError::BadRequest { status: 400, .. }), "{error}");
    assert_eq!(http.sent.borrow().len(), 3);
}

#[test]
fn a_dialect_can_be_set_so_that_nothing_has_to_be_found_out() {
    for (dialect, limit, format) in [
        ("openai", "max_completion_tokens", "json_schema"),
        ("max_tokens", "max_tokens", "json_schema"),
        ("json_object", "max_tokens", "json_object"),
    ] {
        let http = Canned::new([success(|_| {})]);
        block_on(model_with("openai", &[("model_dialect", dialect)]).answer(&http, &post_task())).unwrap();
        assert!(http.bodies()[0][limit].is_u64(), "{dialect}");
        assert_eq!(http.bodies()[0]["response_format"]["type"], format);
    }
}

#[test]
fn the_key_goes_into_its_header_and_nowhere_else() {
    let http = Canned::new([success(|_| {})]);
    block_on(model("openai").answer(&http, &post_task())).unwrap();
    let sent = http.sent.borrow();
    assert_eq!(sent[0].url, "http://models.example/base/chat/completions");
    assert!(sent[0].headers.contains(&("authorization".into(), format!("Bearer {KEY}"))));
    assert!(!String::from_utf8(sent[0].body.clone()).unwrap().contains(KEY));
    assert_eq!(sent[0].timeouts, wire::TIMEOUTS);
    assert_eq!(sent[0].response_bytes_max, 1024 * 1024);
}

/// The part of the provider's published request schema that concerns us, closed, so that a misspelt field fails.
const ACCEPTED: &str = r#"{
  "type": "object",
  "properties": {
    "model": { "type": "string", "minLength": 1 },
    "messages": { "type": "array", "minItems": 2, "items": {
      "type": "object",
      "properties": { "role": { "enum": ["system", "user", "assistant"] }, "content": { "type": "string", "minLength": 1 } },
      "required": ["role", "content"], "additionalProperties": false } },
    "max_completion_tokens": { "type": "integer", "minimum": 1 },
    "max_tokens": { "type": "integer", "minimum": 1 },
    "response_format": { "oneOf": [
      { "type": "object", "properties": { "type": { "const": "json_object" } }, "required": ["type"], "additionalProperties": false },
      { "type": "object", "properties": {
          "type": { "const": "json_schema" },
          "json_schema": { "type": "object", "properties": {
            "name": { "type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$" },
            "strict": { "const": true },
            "schema": { "type": "object", "properties": { "type": { "const": "object" } }, "required": ["type"] } },
            "required": ["name", "strict", "schema"], "additionalProperties": false } },
        "required": ["type", "json_schema"], "additionalProperties": false } ] }
  },
  "required": ["model", "messages", "response_format"],
  "additionalProperties": false
}"#;

#[test]
fn every_body_that_we_send_is_one_that_the_provider_accepts() {
    let accepted = jsonschema::validator_for(&serde_json::from_str(ACCEPTED).unwrap()).unwrap();
    for task in [plan_task(), post_task(), review_task(), post_task().again("{}", "it is empty")] {
        for dialect in [Dialect::OPENAI, Dialect::MAX_TOKENS, Dialect::JSON_OBJECT] {
            let body = request_body("m", &task, dialect);
            assert!(
                accepted.is_valid(&body),
                "{:?}",
                accepted.iter_errors(&body).map(|error| error.to_string()).collect::<Vec<_>>()
            );
        }
    }
}

#[test]
fn the_reservation_covers_the_longest_question_and_the_longest_answer() {
    let task = post_task();
    let cost_max = model("openai").cost_max(&task);
    let longest = request_body("m", &task, Dialect::JSON_OBJECT).to_string().len() as u64;
    let least = MicroUsd::for_tokens(longest, MicroUsd(2_000_000))
        + MicroUsd::for_tokens(task.output_tokens_max.into(), MicroUsd(10_000_000));
    assert!(cost_max >= least, "{cost_max} {least}");
    assert_eq!(
        model_with("openai", &[("model_price_in", "0"), ("model_price_cached", "0"), ("model_price_out", "0")])
            .cost_max(&task),
        MicroUsd(0)
    );
}
