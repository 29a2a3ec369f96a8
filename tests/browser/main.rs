//! The dashboard in a real Chromium: each scene is a script beside this file, played against an app of its own.
//! Needs `chromium` and `node` on PATH, and playwright-core and axe-core below the folder that `RONDO_PEERS` names;
//! `.ci/run` installs all of it. A page that writes into the console or asks another site fails its scene.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use support::oidc_provider::{CLIENT_ID, CLIENT_SECRET, OidcProvider};
use tests::app::{OPERATOR_TOKEN, SETUP_TOKEN, Setup, WAKE_SECRET};
use tests::{peer, repository};
use tokio::process::Command;

/// Plays the scene of this name.
async fn plays(scene: &str) {
    plays_with(scene, Setup::local(), "").await;
}

/// Plays it against an app that is set up so, beside this provider of sign-in.
async fn plays_with(scene: &str, setup: Setup, issuer: &str) {
    let Some((chromium, peers)) = peer::browser_or_skip() else { return };
    let app = setup.start().await;
    let answer = Command::new("node")
        .arg(script(scene))
        .envs([("RONDO_URL", app.url.as_str()), ("RONDO_OPERATOR_TOKEN", OPERATOR_TOKEN)])
        .envs([("RONDO_SETUP_TOKEN", SETUP_TOKEN), ("RONDO_WAKE_SECRET", WAKE_SECRET)])
        .env("RONDO_ROUTES", routes())
        .env("RONDO_ISSUER", issuer)
        .env("RONDO_CHROMIUM", chromium)
        .env("RONDO_PEERS", peers)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("node starts");
    let (said, wrong) = (String::from_utf8_lossy(&answer.stdout), String::from_utf8_lossy(&answer.stderr));
    assert!(answer.status.success(), "{scene}:\n{said}{wrong}\nthe app said:\n{}", app.output.text());
    println!("{said}");
}

fn script(scene: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("browser").join(scene).with_extension("mjs")
}

/// The paths of the dashboard that are looked at, as JSON, from its route table.
fn routes() -> String {
    let table = repository::read("components/web/src/routes.rs");
    let rows = table.lines().filter_map(|line| line.trim().split_once("GET \"")?.1.split_once('"'));
    let paths: Vec<&str> = rows.map(|(path, _)| path).collect();
    assert!(paths.len() > 10, "the route table reads otherwise now: {paths:?}");
    serde_json::to_string(&paths).expect("texts")
}

#[tokio::test]
async fn a_person_comes_from_the_setup_link_to_published_posts() {
    plays("main_job").await;
}

#[tokio::test]
async fn a_post_is_approved_by_keyboard_alone() {
    plays("keyboard").await;
}

#[tokio::test]
async fn an_edit_voids_an_approval_and_of_two_who_approve_one_is_told() {
    plays("decisions").await;
}

#[tokio::test]
async fn nothing_leaves_while_everything_is_stopped() {
    plays("stop").await;
}

#[tokio::test]
async fn a_change_is_seen_without_a_reload() {
    plays("live").await;
}

#[tokio::test]
async fn everything_works_without_script() {
    plays("no_script").await;
}

#[tokio::test]
async fn what_somebody_writes_outlives_their_session() {
    plays("expiry").await;
}

#[tokio::test]
async fn hostile_words_are_words() {
    plays("hostile").await;
}

#[tokio::test]
async fn axe_finds_nothing_on_any_page_light_or_dark() {
    plays("pages").await;
}

#[tokio::test]
async fn a_post_is_moved_in_the_calendar_with_a_mouse_and_without() {
    plays("calendar").await;
}

#[tokio::test]
async fn signing_in_asks_for_the_second_factor() {
    plays("second_factor").await;
}

#[tokio::test]
async fn who_is_invited_signs_in_at_a_real_provider() {
    let Some(provider) = OidcProvider::start_or_skip("http://127.0.0.1/sign-in/oidc/callback") else { return };
    let setup = Setup::local()
        .set("oidc_issuer", &provider.issuer)
        .set("oidc_hosts", &provider.issuer)
        .set("oidc_client_id", CLIENT_ID)
        .set("oidc_client_secret", CLIENT_SECRET);
    plays_with("provider", setup, &provider.issuer).await;
}

#[tokio::test]
async fn of_two_tabs_that_edit_one_post_the_second_is_told_and_nothing_is_lost() {
    plays("two_tabs").await;
}

#[tokio::test]
async fn words_from_right_to_left_and_emoji_hold_the_layout() {
    plays("scripts").await;
}

#[tokio::test]
async fn the_first_view_is_light() {
    plays("weight").await;
}
