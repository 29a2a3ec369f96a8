//! A post on a channel that the copywriter does not work for: a person is told, and no model is asked.

#[path = "support/bakery.rs"]
mod bakery;

use bakery::START_MS;
use domain::{AgentRole, Decision, PostState};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use ports::native::{SeededEntropy, SettableClock};
use ports::{NoHttp, NoWake, Ports};
use steps::{Channels, Generate, Models, Strategize};
use store::agent::{self, Change};
use store::{cost, post, strategy};

/// The first post of a campaign on the stage, once the copywriter, who works for these channels, had its turn; and
/// how many calls of a model that took.
fn written_by_one_who_works_for(channels: &[&str]) -> (post::Post, i64) {
    let (db, workspace_id) = bakery::install();
    let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
    let at = Some(START_MS);
    bakery::begin(&db, &workspace_id);
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
