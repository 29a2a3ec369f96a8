//! What cannot be is refused, each with a problem that says what to do, and nothing is lost by it.

mod brief;
mod decision;

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, Setup};
use tests::database::Database;

/// The app, and what was in it before: after every refusal it must be there unchanged.
struct Kept {
    app: App,
    before: String,
}

/// All rows that a refused request could have touched.
const EVERYTHING: &str = "select group_concat(line, '|') from (
    select id || revision || stage as line from campaign
    union all select id || revision || state || version from post
    union all select id || state || fence from job
    union all select id from approval
    union all select id from api_token
    union all select campaign_id || version || state from strategy order by 1)";

impl Kept {
    async fn start() -> Self {
        let app = Setup::local().set("wake_base", "off").start().await;
        app.api.get("/api/v1/health").await.expect(200);
        let before = Self::everything(&app);
        Self { app, before }
    }

    fn everything(app: &App) -> String {
        Database::open(app.state()).text(&format!("select coalesce(({EVERYTHING}), '')"))
    }

    /// From here on this is what must stay.
    fn remember(&mut self) {
        self.before = Self::everything(&self.app);
    }

    /// The request is refused so, its problem names these words, and nothing has changed.
    async fn refuses(&self, answer: tests::http::Answer, status: u16, slug: &str, words: &[&str]) {
        let (found, kind, text) = answer.problem();
        assert_eq!((found, kind.as_str()), (status, slug), "{text}");
        for word in words {
            assert!(text.contains(word), "`{word}` is not in {text}");
        }
        assert_eq!(Self::everything(&self.app), self.before, "the refused request left something behind: {text}");
        Database::open(self.app.state()).assert_whole();
    }

    async fn refuses_campaign(&self, body: &Value, status: u16, slug: &str, words: &[&str]) {
        let answer = self.app.api.post("/api/v1/campaigns", body).await;
        self.refuses(answer, status, slug, words).await;
    }
}

#[tokio::test]
async fn a_body_that_is_no_json_is_refused_with_its_place() {
    let kept = Kept::start().await;
    let send = async |content_type: &str, body: &[u8]| {
        kept.app.api.send(Method::POST, "/api/v1/campaigns", content_type, body.to_vec()).await
    };
    let json = "application/json";
    kept.refuses(send(json, b"{\"name\": }").await, 400, "not-json", &["line 1", "column"]).await;
    kept.refuses(send(json, b"").await, 400, "no-body", &[]).await;
    kept.refuses(send(json, b"{\"name\": \"\xff\xfe\"}").await, 400, "not-utf8", &["UTF-8"]).await;
    kept.refuses(send("text/plain", b"{}").await, 415, "wrong-content-type", &["application/json"]).await;
    kept.refuses(send(json, "[".repeat(50_000).as_bytes()).await, 422, "wrong-type", &["sequence"]).await;
    let deep = format!("{{\"brief\": {}", "{\"facts\": ".repeat(50_000));
    kept.refuses(send(json, deep.as_bytes()).await, 400, "not-json", &[]).await;
    let huge = format!("{{\"name\": \"{}\"}}", "x".repeat(11_000_000));
    kept.refuses(send(json, huge.as_bytes()).await, 413, "too-large", &["bytes"]).await;
}

#[tokio::test]
async fn a_field_that_nobody_knows_or_of_another_type_is_named() {
    let kept = Kept::start().await;
    kept.refuses_campaign(&json!({ "bugdet_micro_usd": 5 }), 422, "unknown-field", &["bugdet_micro_usd"]).await;
    kept.refuses_campaign(&json!({ "time_lapse": "yes" }), 422, "wrong-type", &["time_lapse"]).await;
    kept.refuses_campaign(&json!({ "mode": "dress rehearsal" }), 422, "invalid", &["mode", "performance"]).await;
    kept.refuses_campaign(&json!({}), 422, "invalid", &["brief"]).await;
}

#[tokio::test]
async fn nobody_and_the_wrong_somebody_are_turned_away() {
    let kept = Kept::start().await;
    let nobody = kept.app.api.anonymous();
    kept.refuses(nobody.get("/api/v1/campaigns").await, 401, "unauthorized", &["token"]).await;
    let wrong = nobody.clone().with_token("not-the-token");
    kept.refuses(wrong.get("/api/v1/campaigns").await, 401, "unauthorized", &["token"]).await;
    let answer = nobody.send(Method::POST, "/wake/conductor", "", Vec::new()).await;
    kept.refuses(answer, 401, "unauthorized", &["wake secret"]).await;
    // A token in the URL is no token: it would stand in every log.
    let in_url = format!("/api/v1/campaigns?token={}", tests::app::OPERATOR_TOKEN);
    kept.refuses(nobody.get(&in_url).await, 401, "unauthorized", &[]).await;
}

#[tokio::test]
async fn a_reader_may_read_and_nothing_else() {
    let mut kept = Kept::start().await;
    let made = kept.app.api.post("/api/v1/tokens", &json!({ "name": "a reader", "role": "analyst" })).await.expect(201);
    kept.remember();
    let reader = kept.app.api.anonymous().with_token(made.json()["secret"].as_str().expect("a secret"));
    reader.get("/api/v1/campaigns").await.expect(200);
    let body = json!({ "brief_toml": tests::brief::Brief::read("ripgrep").text });
    kept.refuses(reader.post("/api/v1/campaigns", &body).await, 403, "forbidden", &["analyst"]).await;
    kept.refuses(reader.get("/api/v1/tokens").await, 403, "forbidden", &["analyst"]).await;
    kept.refuses(reader.put("/api/v1/workspace/pause", &json!({})).await, 403, "forbidden", &["analyst"]).await;
}

#[tokio::test]
async fn what_does_not_exist_is_not_found_and_other_methods_are_named() {
    let kept = Kept::start().await;
    let api = &kept.app.api;
    kept.refuses(api.get("/api/v1/campaigns/none").await, 404, "not-found", &["none"]).await;
    kept.refuses(api.get("/api/v1/posts/none").await, 404, "not-found", &["none"]).await;
    kept.refuses(api.get("/api/v1/nothing").await, 404, "not-found", &[]).await;
    let answer = api.send(Method::DELETE, "/api/v1/campaigns", "", Vec::new()).await;
    assert_eq!(answer.header("allow"), "GET, POST");
    kept.refuses(answer, 405, "method-not-allowed", &["GET, POST"]).await;
}

#[tokio::test]
async fn a_list_refuses_a_cursor_a_limit_and_a_filter_that_are_not_its_own() {
    let kept = Kept::start().await;
    let api = &kept.app.api;
    kept.refuses(api.get("/api/v1/campaigns?cursor=abc").await, 400, "invalid-cursor", &["next"]).await;
    kept.refuses(api.get("/api/v1/campaigns?limit=0").await, 422, "invalid", &["limit"]).await;
    kept.refuses(api.get("/api/v1/campaigns?limit=999999999").await, 422, "invalid", &["limit"]).await;
    kept.refuses(api.get("/api/v1/campaigns?stgae=finished").await, 422, "unknown-field", &["stgae"]).await;
    kept.refuses(api.get("/api/v1/jobs?state=lost").await, 422, "invalid", &["state"]).await;
}

#[tokio::test]
async fn hostile_texts_are_kept_as_texts() {
    let kept = Kept::start().await;
    let names =
        ["'; drop table campaign; --", "<script>alert(1)</script>", "{{ operator_token }}", "\u{202e}olleh", "a\u{0}b"];
    for name in names {
        let body = json!({ "brief_toml": tests::brief::Brief::read("ripgrep").text, "name": name, "time_lapse": true });
        let answer = kept.app.api.post("/api/v1/campaigns", &body).await;
        // It may be refused, with a reason; what is taken must come back as it was sent.
        match answer.status {
            201 => assert_eq!(answer.json()["name"], name),
            _ => assert_eq!(answer.problem().0, 422, "{}", answer.body),
        }
    }
    Database::open(kept.app.state()).assert_whole();
}
