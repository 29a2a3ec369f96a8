//! Briefs that cannot be used.

use serde_json::{Value, json};
use tests::brief::Brief;

use super::Kept;

/// A good brief with one thing replaced.
fn spoilt(from: &str, to: &str) -> Value {
    let good = Brief::read("ripgrep").text;
    assert!(good.contains(from), "the brief has no `{from}`");
    json!({ "brief_toml": good.replacen(from, to, 1), "time_lapse": true })
}

#[tokio::test]
async fn every_field_of_a_brief_that_is_wrong_is_named() {
    let kept = Kept::start().await;
    let cases = [
        ("America/New_York", "Mars/Olympus", "goal.timezone"),
        ("posts_per_week = 4", "posts_per_week = 0", "goal.posts_per_week"),
        ("posts_per_week = 4", "posts_per_week = 51", "goal.posts_per_week"),
        ("weeks = 2", "weeks = 27", "goal.weeks"),
        ("https://github.com/BurntSushi/ripgrep", "javascript:alert(1)", "brand.url"),
        ("https://github.com/BurntSushi/ripgrep", "ripgrep", "brand.url"),
        ("name = \"ripgrep\"", "name = \" \"", "brand.name"),
        ("required = []", "required = [\"blazing speed\"]", "claims.required"),
        ("channels = [\"stage\"]", "channels = []", "goal.channels"),
        ("channels = [\"stage\"]", "channels = [\"stage\", \"myspace\"]", "myspace"),
    ];
    for (from, to, word) in cases {
        kept.refuses_campaign(&spoilt(from, to), 422, "invalid", &[word]).await;
    }
}

#[tokio::test]
async fn a_brief_that_is_no_toml_or_has_another_field_says_where() {
    let kept = Kept::start().await;
    kept.refuses_campaign(&spoilt("[brand]", "[brand"), 422, "invalid", &["brief", "line"]).await;
    kept.refuses_campaign(&spoilt("weeks = 2", "weeks = \"two\""), 422, "invalid", &["weeks"]).await;
    kept.refuses_campaign(&spoilt("weeks = 2", "wekks = 2"), 422, "invalid", &["wekks"]).await;
    kept.refuses_campaign(&spoilt("2027-03-08", "2027-02-30"), 422, "invalid", &["brief"]).await;
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let kept = Kept::start().await;
    let mut body = spoilt("America/New_York", "Mars/Olympus");
    let text = body["brief_toml"].as_str().expect("a text").replacen("weeks = 2", "weeks = 0", 1);
    body["brief_toml"] = json!(text);
    kept.refuses_campaign(&body, 422, "invalid", &["goal.timezone", "goal.weeks"]).await;
}

#[tokio::test]
async fn a_brief_that_is_too_long_is_refused() {
    let kept = Kept::start().await;
    let long = format!("text = \"{}", "x".repeat(4_001));
    kept.refuses_campaign(&spoilt("text = \"", &long), 422, "invalid", &["goal.text", "4000"]).await;
    let padded = format!("{}\n# {}", Brief::read("ripgrep").text, "x".repeat(70_000));
    kept.refuses_campaign(&json!({ "brief_toml": padded }), 422, "invalid", &["brief", "65536"]).await;
}

#[tokio::test]
async fn a_start_in_the_past_is_refused_unless_it_is_rehearsed_in_time_lapse() {
    let kept = Kept::start().await;
    let mut body = spoilt("2027-03-08", "2001-03-08");
    body["time_lapse"] = json!(false);
    kept.refuses_campaign(&body, 422, "invalid", &["goal.start", "past"]).await;
    body["time_lapse"] = json!(true);
    kept.app.api.post("/api/v1/campaigns", &body).await.expect(201);
}

#[tokio::test]
async fn a_performance_in_time_lapse_and_a_budget_below_nothing_are_refused() {
    let kept = Kept::start().await;
    let mut body = spoilt("weeks = 2", "weeks = 1");
    body["mode"] = json!("performance");
    kept.refuses_campaign(&body, 422, "invalid", &["time_lapse"]).await;
    let mut body = spoilt("weeks = 2", "weeks = 1");
    body["budget_micro_usd"] = json!(-1);
    kept.refuses_campaign(&body, 422, "invalid", &["budget_micro_usd"]).await;
}

#[tokio::test]
async fn a_brief_twice_or_not_at_all_is_refused() {
    let kept = Kept::start().await;
    let mut body = spoilt("weeks = 2", "weeks = 1");
    body["brief"] = json!({
        "brand": { "name": "B", "url": "https://b.example", "one_line": "B." },
        "goal": { "text": "Sell", "timezone": "UTC", "start": "2027-03-08" },
    });
    kept.refuses_campaign(&body, 422, "invalid", &["not both"]).await;
}
