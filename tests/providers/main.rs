//! Whole campaigns through the built app against a model's server that nobody here wrote, with every trouble that
//! such a server makes: each ends published or with a person, each call is accounted for, and nothing goes out
//! that nobody approved.
//!
//! The server is aimock: `npm install --prefix $RONDO_PEERS @copilotkit/aimock@1.43.0`.

mod aimock;
mod spin_llm;
mod troubles;
mod wire;

use std::path::Path;

use aimock::{Agent, Aimock, KEY, answer, says};
use serde_json::Value;
use tests::app::{App, Setup};
use tests::campaign::{Campaign, STAGE, text};
use tests::database::Database;
use tests::http::Api;
use tests::peer;
use troubles::Trouble;
use wire::Wire;

/// A model's first byte may take three quarters of it: a server that sleeps is found out within seconds.
const STEP_BUDGET_MS: &str = "8000";

#[tokio::test]
async fn a_campaign_survives_every_trouble_of_a_server_that_speaks_like_openai() {
    survives("openai", "/v1").await;
}

#[tokio::test]
async fn a_campaign_survives_every_trouble_of_a_server_that_speaks_like_anthropic() {
    survives("anthropic", "").await;
}

/// The app with a model at this address, and nothing said of the hosts that it may reach.
fn setup(provider: &str, base_url: String, key: &str) -> Setup {
    Setup::local()
        .set("model_provider", provider)
        .set("model_base_url", base_url)
        .set("model_key", key)
        .set("model_name", "model-of-a-test")
        .set("model_price_in", "2")
        .set("model_price_out", "10")
        .set("step_budget_ms", STEP_BUDGET_MS)
}

async fn survives(provider: &str, path: &str) {
    let Some(program) = peer::aimock_or_skip() else { return };
    let server = Aimock::start(&program, troubles::fixtures()).await;
    let wire = Wire::to(server.address).await;
    let app = setup(provider, format!("http://{}{path}", wire.address), KEY).start().await;
    app.claim().await;
    let campaign = Campaign::rehearse(&app.api, &troubles::brief()).await;
    campaign.approve_strategy().await;
    a_person_goes_through_it(&campaign).await;

    let database = Database::open(app.state());
    database.assert_whole();
    for (trouble, slot) in troubles::ALL.iter().zip(1..) {
        came_out_as_it_must(&database, trouble, slot, provider);
    }
    assert_eq!(outcomes(&database, "strategize", 0), troubles::PLANNING);
    every_call_is_in_the_books(&database, &wire);
    only_what_was_approved_went_out(&database);
    the_key_is_nowhere(&app);
}

/// Approves what passed review, and sends back what needs a person, once the reason was read.
async fn a_person_goes_through_it(campaign: &Campaign<'_>) {
    let round = async |_: &Api| {
        for post in campaign.posts().await {
            match text(&post["state"]) {
                "awaiting_approval" => campaign.decide(&post, "approve", None).await.expect(201),
                "needs_person" => {
                    let trouble =
                        troubles::ALL.iter().find(|trouble| post["angle"] == trouble.angle).expect("a trouble");
                    let reason = trouble.reason.unwrap_or_else(|| panic!("nobody should be needed for {post}"));
                    assert!(text(&post["reason"]).contains(reason), "{post}");
                    campaign.decide(&post, "send_back", Some("Shorter, please.")).await.expect(201)
                }
                _ => continue,
            };
        }
        (campaign.now().await["stage"] == "finished").then_some(())
    };
    campaign.api.until("every post is published", 4 * STAGE, round).await;
}

/// What came of the calls of a step for a slot, in their order; slot 0 is the campaign itself.
fn outcomes(database: &Database, step: &str, slot: usize) -> Vec<String> {
    database.texts(&format!(
        "select k.outcome from cost k join job j on j.workspace_id = k.workspace_id and j.id = k.job_id
        left join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
        where j.step = '{step}' and coalesce(p.slot, 0) = {slot} order by k.started_at, k.id"
    ))
}

fn came_out_as_it_must(database: &Database, trouble: &Trouble, slot: usize, provider: &str) {
    let Trouble { angle, .. } = trouble;
    assert_eq!(outcomes(database, "generate", slot), trouble.writing, "writing the post with {angle}");
    assert_eq!(outcomes(database, "review", slot), trouble.review, "reviewing the post with {angle}");
    let out = database.texts(&format!(
        "select v.content from publication b join post p on p.workspace_id = b.workspace_id and p.id = b.post_id
        join post_version v on v.workspace_id = b.workspace_id and v.post_id = b.post_id and v.version = b.version
        where p.slot = {slot} and v.model = '{provider}/model-of-a-test'"
    ));
    assert_eq!(out.len(), 1, "the post with {angle} is published once, as the model wrote it");
    let out: Value = serde_json::from_str(&out[0]).expect("content is JSON");
    assert_eq!(out["title"], troubles::written(angle)["title"]);
}

/// A row for each request that left, and none is open.
fn every_call_is_in_the_books(database: &Database, wire: &Wire) {
    let calls = database.number("select count(*) from cost");
    assert_eq!(calls, i64::try_from(wire.asked()).expect("few calls"), "a call is not in the books, or one never left");
    assert_eq!(database.number("select count(*) from cost where state <> 'settled'"), 0);
    // The server says 1,000 tokens in and 100 out: 2 and 10 dollars a million.
    let wrong = "select count(*) from cost where outcome in ('answered', 'misfit', 'length')
        and (spent_micro_usd <> 3000 or input_tokens <> 1000 or output_tokens <> 100)";
    assert_eq!(database.number(wrong), 0);
    let free = "select count(*) from cost where outcome in ('rate_limited', 'overloaded') and spent_micro_usd <> 0";
    assert_eq!(database.number(free), 0);
    // Nobody knows what these cost: the most that they can have.
    let unknown = "select count(*) from cost where outcome in ('no_answer', 'unusable')
        and (spent_micro_usd <> reserved_micro_usd or input_tokens is not null)";
    assert_eq!(database.number(unknown), 0);
}

fn only_what_was_approved_went_out(database: &Database) {
    let posts = i64::try_from(troubles::ALL.len()).expect("few posts");
    assert_eq!(database.number("select count(*) from publication"), posts);
    assert_eq!(database.number("select count(*) from stage_entry"), posts);
    let approved = "select count(*) from stage_entry s join publication b on b.workspace_id = s.workspace_id and b.job_id = s.key
        join approval a on a.workspace_id = b.workspace_id and a.post_id = b.post_id and a.version = b.version
        and a.content_sha256 = s.content_sha256 and a.decision = 'approve' and a.revoked_at is null and a.at <= b.armed_at";
    assert_eq!(database.number(approved), posts);
}

/// Neither in the state nor in what the app says.
fn the_key_is_nowhere(app: &App) {
    assert!(!app.output.text().contains(KEY), "{}", app.output.text());
    for file in files(app.state()) {
        let bytes = std::fs::read(&file).expect("a file of the state can be read");
        let held = bytes.windows(KEY.len()).any(|part| part == KEY.as_bytes());
        assert!(!held, "the key stands in {}", file.display());
    }
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).expect("a folder can be read").map(|entry| entry.expect("an entry").path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[tokio::test]
async fn a_wrong_key_stops_the_campaign_with_the_reason_and_costs_nothing() {
    let Some(program) = peer::aimock_or_skip() else { return };
    let server = Aimock::start(&program, troubles::fixtures()).await;
    for (provider, path) in [("openai", "/v1"), ("anthropic", "")] {
        let app = setup(provider, format!("http://{}{path}", server.address), "sk-wrong-key").start().await;
        app.claim().await;
        let reason = stops(&app).await;
        assert!(reason.contains("planning failed") && reason.contains("`model_key`"), "{provider}: {reason}");
        assert!(!reason.contains("sk-wrong-key"), "{provider}: {reason}");
        let database = Database::open(app.state());
        assert_eq!(database.texts("select outcome from cost where spent_micro_usd = 0"), ["auth"], "{provider}");
    }
}

#[tokio::test]
async fn a_model_that_will_not_plan_leaves_the_campaign_to_a_person() {
    let Some(program) = peer::aimock_or_skip() else { return };
    for (provider, path, reason) in [("openai", "/v1", "content_filter"), ("anthropic", "", "refusal")] {
        let fixtures = vec![says(Agent::Strategist, "Plan this campaign.", aimock::ends("I will not.", reason))];
        let server = Aimock::start(&program, fixtures).await;
        let app = setup(provider, format!("http://{}{path}", server.address), KEY).start().await;
        app.claim().await;
        let reason = stops(&app).await;
        assert!(reason.contains("planning failed: the model refused"), "{provider}: {reason}");
    }
}

#[tokio::test]
async fn a_host_that_the_operator_did_not_grant_is_not_reached() {
    let Some(program) = peer::aimock_or_skip() else { return };
    let server = Aimock::start(&program, vec![says(Agent::Strategist, "", answer(&Value::Null))]).await;
    let wire = Wire::to(server.address).await;
    let setup = setup("openai", format!("http://{}/v1", wire.address), KEY).set("model_hosts", "https://other.example");
    let app = setup.start().await;
    app.claim().await;
    let campaign = Campaign::rehearse(&app.api, &troubles::brief()).await;
    let database = Database::open(app.state());
    let tried =
        async |_: &Api| (database.number("select count(*) from cost where outcome = 'unreachable'") > 0).then_some(());
    campaign.api.until("the model is asked in vain", STAGE, tried).await;
    assert_eq!(wire.asked(), 0, "what is set by hand wins over what the address implies");
}

/// Waits until a campaign needs a person, and gives the reason.
async fn stops(app: &App) -> String {
    let campaign = Campaign::rehearse(&app.api, &troubles::brief()).await;
    let reason = async |_: &Api| campaign.now().await["reason"].as_str().map(str::to_owned);
    campaign.api.until("the campaign says what is amiss", STAGE, reason).await
}
