//! The wire of images, against canned answers and bytes that mean harm.

use futures::executor::block_on;
use ports::{HttpError, Response};

use super::*;
use crate::canned::{Canned, KEY, answer};

fn painter(name: &str) -> Painter {
    let offer = Offer {
        kind: ProviderKind::OpenAi,
        base_url: "http://models.example/base".into(),
        key: Secret::new(KEY),
        model: name.into(),
        prices: crate::Prices::default(),
        timeouts: wire::TIMEOUTS,
        llm: std::rc::Rc::new(ports::NoLlm),
    };
    let price = if name.starts_with("gpt") {
        PicturePrice { each: MicroUsd(0), input: MicroUsd(5_000_000), output: MicroUsd(40_000_000) }
    } else {
        PicturePrice { each: MicroUsd(40_000), ..PicturePrice::default() }
    };
    Painter::of(offer, price).unwrap()
}

fn idea() -> Image {
    Image { prompt: "A tray of buns.".into(), alt: "Buns.".into(), drawn: None }
}

fn success(b64_json: &str) -> Result<Response, HttpError> {
    let body = json!({ "created": 1, "data": [{ "b64_json": b64_json }], "usage": { "input_tokens": 40, "output_tokens": 1056 } });
    answer(200, &[("x-request-id", "req-1")], body.to_string())
}

fn picture() -> Vec<u8> {
    placeholder::png("a tray")
}

fn ask(
    name: &str,
    answers: impl IntoIterator<Item = Result<Response, HttpError>>,
) -> (Result<Painting, ModelError>, Canned) {
    let http = Canned::new(answers);
    (block_on(painter(name).draw(&http, &idea())), http)
}

fn check(answer: Result<Response, HttpError>, expect: &ModelError) {
    let error = ask("gpt-image-1", [answer]).0.unwrap_err();
    assert_eq!(&error, expect);
    assert!(!error.to_string().contains(KEY), "{error}");
}

fn unusable(answer: Result<Response, HttpError>, part: &str) {
    let error = ask("gpt-image-1", [answer]).0.unwrap_err();
    assert!(matches!(&error, ModelError::Unusable { reason, .. } if reason.contains(part)), "{error}");
}

#[test]
fn a_picture_comes_with_what_it_is_and_what_it_took() {
    let bytes = picture();
    let (found, http) = ask("gpt-image-1", [success(&Base64::encode_string(&bytes))]);
    let found = found.unwrap();
    assert_eq!((found.drawn.model.as_str(), found.bytes == bytes), ("openai/gpt-image-1", true));
    assert_eq!(found.spent.unwrap().cost, MicroUsd(200 + 42_240));
    let sent = http.sent.borrow();
    assert_eq!(sent[0].url, "http://models.example/base/images/generations");
    assert!(sent[0].headers.contains(&("authorization".into(), format!("Bearer {KEY}"))));
    assert!(!String::from_utf8(sent[0].body.clone()).unwrap().contains(KEY));
    assert!(sent[0].response_bytes_max < 9 * 1024 * 1024);
}

#[test]
fn each_family_is_asked_as_it_understands_and_again_without_what_it_does_not() {
    let good = || success(&Base64::encode_string(&picture()));
    let (_, http) = ask("gpt-image-1", [good()]);
    assert!(http.bodies()[0]["response_format"].is_null() && http.bodies()[0]["output_format"] == "jpeg");
    assert_eq!((http.bodies()[0]["n"].clone(), http.bodies()[0]["size"].clone()), (json!(1), json!("1024x1024")));
    let (_, http) = ask("dall-e-3", [good()]);
    assert!(http.bodies()[0]["response_format"] == "b64_json" && http.bodies()[0]["quality"].is_null());
    let no = |part: &str| {
        answer(400, &[], json!({ "error": { "message": format!("Unknown parameter: '{part}'.") } }).to_string())
    };
    let (found, http) = ask("gpt-image-1", [no("output_format"), no("quality"), good()]);
    assert!(found.is_ok() && http.bodies()[2]["quality"].is_null());
    let (found, http) = ask("flux", [no("response_format"), no("response_format")]);
    assert!(matches!(found, Err(ModelError::BadRequest { .. })) && http.bodies().len() == 2, "not for ever");
}

#[test]
fn what_is_no_picture_is_not_kept_and_is_paid_all_the_same() {
    let whole = picture();
    let encoded = |bytes: &[u8]| success(&Base64::encode_string(bytes));
    let script = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>".as_slice();
    for bytes in [script, b"<!doctype html><script>", b"GIF89a", &[whole.as_slice(), script].concat(), &whole[..999]] {
        unusable(encoded(bytes), "what it drew");
    }
    let text = Base64::encode_string(&whole);
    for cut in [&text[..text.len() - 3], "not base64!", "data:image/png;base64,AAAA"] {
        unusable(success(cut), "no base64");
    }
    unusable(success(""), "no picture");
    unusable(answer(200, &[], r#"{"data":[]}"#), "no picture");
    unusable(answer(200, &[], r#"{"data":[{"url":"http://10.0.0.1/x"}]}"#), "no address is followed");
    let error = ask("gpt-image-1", [encoded(script)]).0.unwrap_err();
    assert_eq!(error.spent().map(|spent| spent.cost), Some(MicroUsd(42_440)));
}

#[test]
fn a_picture_without_end_is_refused_before_it_is_unpacked() {
    unusable(Err(HttpError::TooLarge { status: 200, limit: ANSWER_BYTES_MAX }), "");
    unusable(success(&"A".repeat(PICTURE_BYTES_MAX / 3 * 4 + 40)), "more than");
}

#[test]
fn failures_mean_what_they_mean_for_words() {
    let error =
        |code: &str| json!({ "error": { "message": format!("no {KEY}"), "type": "x", "code": code } }).to_string();
    check(
        answer(429, &[("retry-after", "7")], error("rate_limit_exceeded")),
        &ModelError::RateLimited { after_s: Some(7) },
    );
    check(answer(429, &[], error("insufficient_quota")), &ModelError::QuotaSpent);
    check(answer(400, &[], error("billing_hard_limit_reached")), &ModelError::QuotaSpent);
    let refused = ModelError::Refused { reason: "no [key]".into(), spent: Some(Spent::default()) };
    check(answer(400, &[], error("moderation_blocked")), &refused);
    check(answer(400, &[], error("content_policy_violation")), &refused);
    check(answer(401, &[], error("x")), &ModelError::Auth { status: 401 });
    check(answer(503, &[], ""), &ModelError::Overloaded { after_s: None });
    check(Err(HttpError::Unknown("reset".into())), &ModelError::NoAnswer { reason: "reset".into() });
    unusable(answer(200, &[], r#"{"error":{"message":"late"}}"#), "a success that holds an error: late");
    unusable(answer(200, &[], r#"{"data":[{"b64_json":"iVBOR"#), "no JSON");
}

#[test]
fn a_picture_never_costs_more_than_was_reserved() {
    let gpt = painter("gpt-image-1");
    let told = Usage { input_tokens: 60, output_tokens: 1_056, cached_tokens: 0 };
    let Painter::Model(model) = &gpt else { panic!("it is a model") };
    assert!(gpt.cost_max(&idea()) >= model.cost(told));
    let (found, _) = ask(
        "dall-e-3",
        [answer(200, &[], json!({ "data": [{ "b64_json": Base64::encode_string(&picture()) }] }).to_string())],
    );
    assert_eq!(found.unwrap().spent, None, "it costs what was reserved");
    assert_eq!(painter("dall-e-3").cost_max(&idea()), MicroUsd(40_000));
    assert_eq!(Painter::Rehearsal.cost_max(&idea()), MicroUsd(0));
}

#[test]
fn a_rehearsal_draws_the_same_placeholder_for_the_same_idea_without_a_wire() {
    let draw = |prompt: &str| {
        block_on(Painter::Rehearsal.draw(&Canned::default(), &Image { prompt: prompt.into(), ..idea() })).unwrap()
    };
    assert_eq!(draw("Buns"), draw("Buns"));
    assert_ne!(draw("Buns").drawn.sha256, draw("Rolls").drawn.sha256);
    assert!(draw("Buns").drawn.is_rehearsed());
}
