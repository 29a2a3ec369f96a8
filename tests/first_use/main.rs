//! The first minutes: from a fresh install to a reviewed draft, at a browser without scripts and with no account
//! anywhere; and a forgotten password.

use std::time::{Duration, Instant};

use tests::app::{App, OPERATOR_TOKEN, SETUP_TOKEN, Setup};
use tests::brief::{ALL, Brief};
use tests::browser::{Browser, between, cookie};
use tests::build;
use tests::campaign::STAGE;
use tokio::process::Command;

/// What a person who tries it out has patience for.
const FIVE_MINUTES: Duration = Duration::from_secs(300);
const EMAIL: &str = "ada@nightshift.example";
const PASSWORD: &str = "four unrelated plain words";

#[tokio::test]
async fn a_fresh_install_has_a_reviewed_draft_within_five_minutes_and_needs_no_account() {
    let app = Setup::local().start().await;
    let began = Instant::now();
    let ada = signs_up(&app).await;
    let signed_up = began.elapsed();
    writes_the_brand(&ada, &Brief::read(ALL[0]).text).await;
    let brand = began.elapsed();
    let campaign = begins_a_campaign(&ada, "Sell 60 night boxes a week to hospital staff.").await;
    approves_the_plan(&ada, &campaign).await;
    let approved = began.elapsed();
    let draft = first_reviewed_draft(&ada, &campaign).await;
    let took = began.elapsed();
    println!(
        "signed up after {signed_up:.1?}, brand after {brand:.1?}, plan approved after {approved:.1?}, \
         first reviewed draft after {took:.1?}"
    );
    assert!(took < FIVE_MINUTES, "{took:?}");
    for needed in
        ["<h2 class=\"as-h3\">Editor</h2>", "Verdict", "rehearsal model", "name=\"decision\" value=\"approve\""]
    {
        assert!(draft.contains(needed), "the draft's page has no {needed}: {draft}");
    }
}

async fn signs_up(app: &App) -> Browser {
    let (stranger, path) = (Browser::new(&app.api, ""), format!("/setup/{SETUP_TOKEN}"));
    let page = stranger.open(&path).await;
    let typed = [("name", "Ada"), ("email", EMAIL), ("password", PASSWORD), ("workspace", "Night Shift Bakery")];
    let claimed = stranger.send(&page, &path, &typed).await.expect(303);
    Browser::new(&app.api, &cookie(&claimed))
}

/// Pastes a brief, is asked for what is missing, and saves what was understood.
async fn writes_the_brand(ada: &Browser, text: &str) {
    let page = ada.open("/brand").await;
    let mut page = ada.send(&page, "/brand/reading", &[("pasted", text), ("act", "read")]).await.expect(200).body;
    if page.contains("action=\"/brand/steps\"") {
        page = ada.send(&page, "/brand/steps", &[("act", "whole")]).await.expect(200).body;
    }
    ada.send(&page, "/brand", &[]).await.expect(303);
    assert!(ada.open("/brand").await.contains("14 Canal Street"), "a fact of the brief is in the brand");
}

/// With what the brand says, and a goal. Gives the campaign's page.
async fn begins_a_campaign(ada: &Browser, goal: &str) -> String {
    let page = ada.open("/campaigns/new").await;
    let typed = [("goal.text", goal), ("goal.timezone", "Europe/Berlin"), ("mode", "rehearsal")];
    let begun = ada.send(&page, "/campaigns", &typed).await.expect(303);
    begun.header("location").split('?').next().unwrap_or_default().to_owned()
}

async fn approves_the_plan(ada: &Browser, campaign: &str) {
    let action = format!("{campaign}/strategy/1/decision");
    let look = async |_: &_| Some(ada.open(campaign).await).filter(|page| page.contains(&action));
    let page = ada.api().until("a plan waits for approval", STAGE, look).await;
    ada.send(&page, &action, &[("decision", "approve")]).await.expect(303);
}

/// The page of the first post that passed review.
async fn first_reviewed_draft(ada: &Browser, campaign: &str) -> String {
    let of = campaign.trim_start_matches("/campaigns/");
    let look = async |_: &_| {
        let page = ada.open("/approvals?for=everyone").await;
        between(&page, &format!("item=post:{of}-"), "#").map(|slot| format!("/posts/{of}-{slot}"))
    };
    let post = ada.api().until("a draft passes review", STAGE, look).await;
    ada.open(&post).await
}

/// `rondo reset-password`: what it prints, and whether it went well.
async fn rondo_resets(url: &str, token: &str, more: &[&str]) -> Result<String, String> {
    let mut command = Command::new(build::rondo());
    command.arg("reset-password").args(more).args(["--url", url]).env_clear();
    command.env("SPIN_VARIABLE_OPERATOR_TOKEN", token);
    let output = command.output().await.expect("rondo can be started");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    let (said, complained) = (text(output.stdout), text(output.stderr));
    if output.status.success() { Ok(said.trim().to_owned()) } else { Err(complained) }
}

#[tokio::test]
async fn a_forgotten_password_is_chosen_anew_by_a_link_of_the_operators_once() {
    let app = Setup::local().start().await;
    let ada = signs_up(&app).await;
    let signs_in = async |password: &str| {
        let browser = Browser::new(&app.api, "");
        let page = browser.open("/sign-in").await;
        browser.send(&page, "/sign-in", &[("email", EMAIL), ("password", password)]).await.status
    };
    assert_eq!(signs_in(PASSWORD).await, 303);

    let refused = rondo_resets(&app.url, "not-the-token", &[EMAIL]).await.unwrap_err();
    assert!(refused.contains("token"), "{refused}");
    let unknown = rondo_resets(&app.url, OPERATOR_TOKEN, &["nobody@nightshift.example"]).await.unwrap_err();
    assert!(unknown.contains("nobody@nightshift.example"), "{unknown}");
    let nobody_there = rondo_resets("http://127.0.0.1:9", OPERATOR_TOKEN, &[EMAIL]).await.unwrap_err();
    assert!(nobody_there.contains("does not answer"), "{nobody_there}");

    let link = rondo_resets(&app.url, OPERATOR_TOKEN, &[EMAIL, "--lost-device"]).await.expect("a link");
    let path = link.strip_prefix(&app.url).unwrap_or_else(|| panic!("`{link}` leads elsewhere than to {}", app.url));
    let stranger = Browser::new(&app.api, "");
    let page = stranger.open(path).await;
    stranger.send(&page, path, &[("password", "short")]).await.expect(422);
    stranger.send(&page, path, &[("password", "four other plain words")]).await.expect(303);

    assert_eq!(ada.api().get("/settings").await.status, 303, "it signs out everywhere");
    assert_eq!(signs_in("four other plain words").await, 303);
    assert!(matches!(signs_in(PASSWORD).await, 400..=499));
    let again = stranger.api().get(path).await;
    assert!(matches!(again.status, 400..=499), "the link works once: {again:?}");
}
