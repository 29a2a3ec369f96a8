//! Decisions that do not count: on what is not there, on what has changed, twice.

use serde_json::{Value, json};
use tests::app::Setup;
use tests::brief::Brief;
use tests::campaign::{Campaign, STAGE, text};
use tests::http::Api;

use super::Kept;

#[tokio::test]
async fn a_strategy_that_is_not_there_cannot_be_decided_on() {
    let mut kept = Kept::start().await;
    let campaign = Campaign::rehearse(&kept.app.api, &Brief::read("ripgrep").text).await.id;
    kept.remember();
    let decide = async |version: &str, body: &Value| {
        kept.app.api.put(&format!("/api/v1/campaigns/{campaign}/strategies/{version}/decision"), body).await
    };
    kept.refuses(decide("1", &json!({ "decision": "approve" })).await, 404, "not-found", &["strategy"]).await;
    kept.refuses(decide("one", &json!({ "decision": "approve" })).await, 404, "not-found", &["one"]).await;
    kept.refuses(decide("1", &json!({ "decision": "maybe" })).await, 422, "invalid", &["decision", "send_back"]).await;
    kept.refuses(decide("1", &json!({ "decision": "send_back" })).await, 422, "invalid", &["comment"]).await;
    kept.refuses(decide("1", &json!({ "decision": "reject" })).await, 422, "invalid", &["send_back"]).await;
}

#[tokio::test]
async fn a_change_without_or_with_an_old_revision_is_refused() {
    let mut kept = Kept::start().await;
    let campaign = Campaign::rehearse(&kept.app.api, &Brief::read("ripgrep").text).await.id;
    kept.remember();
    let change = async |api: Api| {
        let body = json!({ "name": "Another" }).to_string();
        let path = format!("/api/v1/campaigns/{campaign}");
        api.send(reqwest::Method::PATCH, &path, "application/json", body.into()).await
    };
    let api = &kept.app.api;
    kept.refuses(change(api.clone()).await, 428, "precondition-required", &["ETag"]).await;
    kept.refuses(change(api.clone().with("if-match", "\"999\"")).await, 412, "stale", &["read it again"]).await;
}

#[tokio::test]
async fn a_key_that_stood_for_another_request_is_refused_and_the_same_request_is_answered_as_before() {
    let mut kept = Kept::start().await;
    let api = kept.app.api.clone().with("idempotency-key", "a-key-of-a-test");
    let body = json!({ "brief_toml": Brief::read("ripgrep").text, "time_lapse": true });
    let first = api.post("/api/v1/campaigns", &body).await.expect(201);
    kept.remember();
    let second = api.post("/api/v1/campaigns", &body).await.expect(201);
    assert_eq!(first.json()["id"], second.json()["id"]);
    let other = json!({ "brief_toml": Brief::read("night-shift-bakery").text, "time_lapse": true });
    kept.refuses(api.post("/api/v1/campaigns", &other).await, 422, "idempotency-mismatch", &["new one"]).await;
}

/// A rehearsal with its posts waiting for approval.
async fn waiting(api: &Api) -> (Campaign<'_>, Vec<Value>) {
    let campaign = Campaign::rehearse(api, &Brief::read("ripgrep").text).await;
    campaign.approve_strategy().await;
    let settled = async |_: &Api| {
        let posts = campaign.posts().await;
        let at_work = posts.iter().any(|post| ["writing", "in_review"].contains(&text(&post["state"])));
        (!posts.is_empty() && !at_work).then_some(posts)
    };
    let posts = api.until("every post is reviewed", STAGE, settled).await;
    (campaign, posts)
}

#[tokio::test]
async fn a_post_is_decided_on_once_and_only_as_it_is_now() {
    let app = Setup::local().start().await;
    let (campaign, posts) = waiting(&app.api).await;
    // The last one, which in time-lapse is not published before the others.
    let post = posts.iter().rfind(|post| post["state"] == "awaiting_approval").expect("one that passed review");
    let id = text(&post["id"]);
    let decide = async |body: &Value| app.api.post(&format!("/api/v1/posts/{id}/approvals"), body).await.problem();

    let version = post["version"].as_i64().expect("a version");
    let superseded = decide(&json!({ "version": version + 1, "decision": "approve" })).await;
    assert_eq!((superseded.0, superseded.1.as_str()), (409, "superseded"), "{}", superseded.2);
    let other = decide(&json!({ "version": version, "decision": "approve", "sha256": "0".repeat(64) })).await;
    assert_eq!((other.0, other.1.as_str()), (409, "superseded"), "{}", other.2);
    let moved = decide(&json!({ "version": version, "decision": "approve", "due_at": "2031-01-01T00:00:00Z" })).await;
    assert_eq!((moved.0, moved.1.as_str()), (409, "rescheduled"), "{}", moved.2);
    let no_zone = decide(&json!({ "version": version, "decision": "approve", "due_at": "2031-01-01T00:00:00" })).await;
    assert_eq!((no_zone.0, no_zone.1.as_str()), (422, "invalid"), "{}", no_zone.2);
    let silent = decide(&json!({ "version": version, "decision": "send_back" })).await;
    assert_eq!((silent.0, silent.1.as_str()), (422, "invalid"), "{}", silent.2);

    campaign.decide(post, "approve", None).await.expect(201);
    let twice = campaign.decide(post, "approve", None).await.problem();
    assert_eq!((twice.0, twice.1.as_str()), (409, "already-decided"), "{}", twice.2);
}

#[tokio::test]
async fn a_time_that_does_not_exist_or_has_passed_is_refused() {
    let app = Setup::local().start().await;
    let (_, posts) = waiting(&app.api).await;
    let id = text(&posts[0]["id"]);
    let shown = app.api.get(&format!("/api/v1/posts/{id}")).await.expect(200);
    let api = app.api.clone().with("if-match", shown.header("etag"));
    let give = async |local: &str| {
        let body = json!({ "planned_local": local }).to_string();
        let path = format!("/api/v1/posts/{id}");
        api.send(reqwest::Method::PATCH, &path, "application/json", body.into()).await.problem()
    };
    // New York's clocks go forward over it.
    assert_eq!(give("2027-03-14T02:30:00").await.1, "time-gap");
    assert_eq!(give("2001-03-14T02:30:00").await.1, "past");
    assert_eq!(give("2027-03-14T02:30:00Z").await.1, "invalid");
    assert_eq!(give("tomorrow").await.1, "invalid");
}
