//! The main job: a brief goes in, a person decides twice, and published posts come out.

mod feeds;

use std::path::Path;

use serde_json::{Value, json};
use tests::app::{App, Setup};
use tests::brief::{ALL, Brief};
use tests::build;
use tests::campaign::{Campaign, STAGE, text};
use tests::database::Database;
use tests::http::Api;
use tokio::process::Command;

#[tokio::test]
async fn the_night_shift_bakery_comes_to_the_stage() {
    plays(ALL[0]).await;
}

#[tokio::test]
async fn ripgrep_comes_to_the_stage() {
    plays(ALL[1]).await;
}

#[tokio::test]
async fn the_wikipedia_edit_a_thon_comes_to_the_stage() {
    plays(ALL[2]).await;
}

/// Plays a brief from its file to the last published post, and holds every one of them against the brief.
async fn plays(name: &str) {
    let brief = Brief::read(name);
    let app = Setup::local().start().await;
    let owner = app.claim().await;
    let campaign = Campaign::rehearse(&app.api, &brief.text).await;

    let strategy = campaign.strategy().await;
    let calendar = strategy["strategy"]["calendar"].as_array().expect("a calendar");
    assert_eq!(calendar.len(), brief.posts(), "{strategy}");
    campaign.approve_strategy().await;

    a_person_sends_one_back(&campaign).await;
    campaign.to_the_end().await;

    let posts = campaign.posts().await;
    assert_eq!(posts.len(), brief.posts());
    every_post_keeps_to_the_brief(&brief, &posts);
    review_sent_some_back_and_they_passed(&app, &posts).await;
    history_agrees(&app, &posts);
    feeds::hold(&owner, &app.api, &posts).await;
}

/// The first post that passed review is sent back with a comment; another version of it must pass again.
async fn a_person_sends_one_back(campaign: &Campaign<'_>) {
    let waiting = async |_: &Api| campaign.posts().await.into_iter().find(|post| post["state"] == "awaiting_approval");
    let post = campaign.api.until("a post passes review", STAGE, waiting).await;
    campaign.decide(&post, "send_back", Some("Begin with what the reader gets.")).await.expect(201);
    let again = async |_: &Api| {
        let now = campaign.posts().await.into_iter().find(|one| one["id"] == post["id"]).expect("it is still there");
        (now["version"].as_i64() > post["version"].as_i64() && now["state"] == "awaiting_approval").then_some(now)
    };
    campaign.api.until("its next version passes review", STAGE, again).await;
    let late = campaign.decide(&post, "approve", None).await;
    assert_eq!(late.problem().1, "superseded", "an approval of what is no longer current counts for nothing");
}

fn every_post_keeps_to_the_brief(brief: &Brief, posts: &[Value]) {
    for post in posts {
        assert_eq!(post["state"], "published", "{post}");
        let said = format!("{}\n{}", text(&post["title"]), text(&post["text"]));
        assert!(said.trim().len() > 40, "slot {} says next to nothing: {said}", post["slot"]);
        assert_eq!(brief.wrongs(&said), [""; 0], "slot {}: {said}", post["slot"]);
    }
    let mut texts: Vec<_> = posts.iter().map(|post| text(&post["text"])).collect();
    texts.sort_unstable();
    texts.dedup();
    assert_eq!(texts.len(), posts.len(), "two posts say the same");
}

async fn review_sent_some_back_and_they_passed(app: &App, posts: &[Value]) {
    let mut revised = 0;
    for post in posts {
        let path = format!("/api/v1/posts/{}/reviews?limit=200", text(&post["id"]));
        let page = app.api.get(&path).await.expect(200).json();
        let reviews = page["items"].as_array().expect("a list");
        let of_version = |version: &Value, verdict: &str| {
            reviews.iter().any(|review| &review["version"] == version && review["verdict"] == verdict)
        };
        assert!(of_version(&post["version"], "approve"), "slot {} went out without passing review", post["slot"]);
        assert!(!of_version(&post["version"], "revise"), "slot {} went out although review sent it back", post["slot"]);
        revised += usize::from(reviews.iter().any(|review| review["verdict"] == "revise"));
    }
    assert!(revised > 0, "review has sent nothing back");
}

/// What the database holds must say the same as the API: one publication a post, each approved by somebody.
fn history_agrees(app: &App, posts: &[Value]) {
    let database = Database::open(app.state());
    database.assert_whole();
    let count = i64::try_from(posts.len()).expect("few posts");
    assert_eq!(database.number("select count(*) from publication"), count);
    assert_eq!(database.number("select count(distinct post_id) from publication"), count);
    assert_eq!(database.number("select count(*) from stage_entry"), count);
    let approved = "select count(*) from publication p join approval a on a.post_id = p.post_id
        and a.version = p.version and a.content_sha256 = p.content_sha256 and a.decision = 'approve' and a.revoked_at is null";
    assert_eq!(database.number(approved), count);
    let unfinished = "select count(*) from job where state not in ('done', 'cancelled')";
    assert_eq!(database.number(unfinished), 0);
    let in_order = "select count(*) from publication p join post on post.id = p.post_id
        join publication later join post next on next.id = later.post_id
        where next.slot = post.slot + 1 and later.armed_at < p.armed_at";
    assert_eq!(database.number(in_order), 0, "a slot was played before the one in front of it");
}

#[tokio::test]
async fn the_command_line_takes_a_brief_to_the_stage() {
    let state = tempfile::tempdir().expect("a folder");
    let brief = tests::repository::root().join("tests/fixtures/briefs/ripgrep.toml");
    let (code, report) = goal(state.path(), &["--brief", brief.to_str().expect("UTF-8"), "--approve"]).await;
    assert!(matches!(code, Some(0 | 3)), "{report}");
    let posts = report["posts"].as_array().expect("posts");
    assert_eq!(posts.len(), Brief::read("ripgrep").posts(), "{report}");
    if code == Some(0) {
        assert_eq!(report["waits_for"], "nothing", "{report}");
        assert_eq!(report["totals"]["posts"], json!({ "published": posts.len() }), "{report}");
    }
    assert!(posts.iter().all(|post| post["state"] != "published" || post["mean"].as_f64() >= Some(7.0)), "{report}");
}

#[tokio::test]
async fn the_command_line_stops_where_a_person_decides_and_goes_on_from_there() {
    let state = tempfile::tempdir().expect("a folder");
    let (code, report) = goal(state.path(), &["Sell bread at night", "--posts-per-week", "2", "--weeks", "1"]).await;
    assert_eq!((code, &report["waits_for"]), (Some(0), &json!("strategy_approval")), "{report}");
    let id = text(&report["campaign"]["id"]).to_owned();
    let (_, report) = goal(state.path(), &["--campaign", &id, "--approve=strategy"]).await;
    assert_eq!(report["posts"].as_array().map(Vec::len), Some(2), "{report}");
    let states: Vec<_> = report["posts"].as_array().into_iter().flatten().map(|post| text(&post["state"])).collect();
    assert!(states.iter().all(|state| ["awaiting_approval", "needs_person"].contains(state)), "{report}");
}

#[tokio::test]
async fn the_command_line_never_approves_what_leaves_the_building() {
    let rondo = build::rondo();
    let answer = Command::new(rondo).args(["goal", "Sell bread", "--mode", "performance", "--approve"]).output().await;
    let answer = answer.expect("rondo runs");
    assert_eq!(answer.status.code(), Some(2));
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(said.contains("for a person to decide"), "{said}");
}

/// Runs `rondo goal --json` over a state; gives its exit code and its report.
async fn goal(state: &Path, arguments: &[&str]) -> (Option<i32>, Value) {
    let mut command = Command::new(build::rondo());
    command.args(["goal", "--json", "--no-build", "--state-dir"]).arg(state).args(arguments);
    command.arg("--from").arg(tests::repository::root()).current_dir(state).kill_on_drop(true);
    let answer = command.output().await.expect("rondo runs");
    let (said, noise) = (String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
    let report = serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error} in `{said}`; it said:\n{noise}"));
    (answer.status.code(), report)
}
