//! A post on a channel that the copywriter does not work for: a person is told, and no model is asked.

use domain::{AgentRole, Brief, Decision, Mode, PostState};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{NoHttp, NoWake, Ports};
use steps::{Channels, Generate, Models, Strategize};
use store::agent::{self, Change};
use store::{campaign, cost, migrate, people, post, strategy};

const START_MS: i64 = 1_800_000_000_000;

const BRIEF: &str = r#"
    [brand]
    name = "B"
    url = "https://b.example"
    one_line = "A bakery."
    [facts]
    address = "14 Canal Street"
    [goal]
    text = "Sell."
    timezone = "UTC"
    start = "2027-03-29"
    posts_per_week = 2
    weeks = 1
"#;

/// The first post of a campaign on the stage, once the copywriter, who works for these channels, had its turn; and
/// how many calls of a model that took.
fn written_by_one_who_works_for(channels: &[&str]) -> (post::Post, i64) {
    let db = NativeDb::in_memory().unwrap();
    let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
    let at = Some(START_MS);
    block_on(migrate::ensure(&db)).unwrap();
    let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
    let new = campaign::NewCampaign {
        workspace_id: &workspace_id,
        id: "c",
        name: "C",
        mode: Mode::Rehearsal,
        time_lapse: true,
        budget_micro_usd: 1_000_000,
        brief: &Brief::parse(BRIEF).unwrap(),
        actor: "ada",
    };
    block_on(campaign::create(&db, at, &new)).unwrap();
    let change = Change { channels: Some(channels.iter().map(ToString::to_string).collect()), ..Default::default() };
    let of = (workspace_id.as_str(), AgentRole::Copywriter, 1);
    assert!(block_on(agent::change(&db, at, of, &change, "ada")).unwrap());
    let ports = Ports { db: &db, http: &NoHttp, clock: &clock, entropy: &entropy, wake: &NoWake };
    let models = Models::only(&Rehearsal);
    let plan = Strategize { models: &models, first_byte_ms: 15_000 };
    block_on(engine::drain(&ports, &plan, engine::Limits::default())).unwrap();
    let plan = strategy::Version { workspace_id: &workspace_id, campaign_id: "c", version: 1 };
    assert!(block_on(strategy::decide(&db, at, plan, Decision::Approve, None, "ada")).unwrap());
    let channels = Channels::from_variables(|_| None);
    let write = Generate { models: &models, first_byte_ms: 15_000, channels: &channels };
    block_on(engine::drain(&ports, &write, engine::Limits::default())).unwrap();
    let post = block_on(post::find(&db, &workspace_id, "c-1")).unwrap().unwrap();
    let steps = block_on(cost::by_step(&db, &workspace_id, "c")).unwrap();
    (post, steps.iter().filter(|one| one.step == domain::Step::Generate).map(|one| one.calls).sum())
}

#[test]
fn a_post_for_which_nobody_writes_is_shown_to_a_person_with_the_reason() {
    let (post, calls) = written_by_one_who_works_for(&["blog"]);
    assert_eq!((post.state, post.version, calls), (PostState::NeedsPerson, 0, 0));
    let reason = post.reason.unwrap();
    assert!(reason.contains("does not write for stage: write it yourself"), "{reason}");
}

#[test]
fn who_works_for_the_channel_or_for_all_writes() {
    for channels in [&["blog", "stage"][..], &[]] {
        let (post, calls) = written_by_one_who_works_for(channels);
        assert_eq!(
            (post.state, post.version, calls),
            (PostState::InReview, 1, 2),
            "one for each of two posts: {channels:?}"
        );
    }
}
