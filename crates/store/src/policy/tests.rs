//! Policies: nothing is scheduled, and nothing armed, before everybody has approved exactly this.

use domain::policy::Round;
use domain::{Decision, PostState, Step};
use futures::executor::block_on;

use super::*;
use crate::job::{self, NotArmed};
use crate::play::{FIRST_DUE_MS, Play, START_MS, content};
use crate::{approval, post};

/// Posts wait; Ann owns the workspace, Ben, Cyd and Dan may approve, Edd writes.
fn play() -> Play {
    let play = Play::drafted(false);
    for (user, role) in
        [("ann", "owner"), ("ben", "approver"), ("cyd", "approver"), ("dan", "admin"), ("edd", "editor")]
    {
        play.member(user, role);
    }
    play
}

fn policy(kind: PolicyKind, rounds: &[(u32, &[&str])]) -> Policy {
    let round = |(needed, people): &(u32, &[&str])| Round {
        needed: *needed,
        people: people.iter().map(ToString::to_string).collect(),
    };
    Policy { kind, rounds: rounds.iter().map(round).collect(), ..Policy::default() }
}

fn set_for(play: &Play, campaign_id: Option<&str>, policy: &Policy, actor: &str) -> Result<bool, DbError> {
    let revision = block_on(find(&play.db, &play.workspace_id, campaign_id))?.map_or(0, |kept| kept.revision);
    block_on(set(&play.db, Some(START_MS), (&play.workspace_id, campaign_id, revision), policy, actor))
}

fn by(play: &Play, actor: &str) -> Result<PostState, String> {
    match play.decide_by(actor, &play.post("c-1"), Decision::Approve) {
        Ok(_) => Ok(play.post("c-1").state),
        Err(DbError::Refused(reason)) => Err(reason),
        Err(error) => panic!("{error}"),
    }
}

const WAITS: Result<PostState, String> = Ok(PostState::AwaitingApproval);
const SCHEDULED: Result<PostState, String> = Ok(PostState::Scheduled);

fn refused(reason: &str) -> Result<PostState, String> {
    Err(reason.into())
}

#[test]
fn a_group_needs_so_many_different_people_of_it() {
    let play = play();
    set_for(&play, None, &policy(PolicyKind::Group, &[(2, &["ann", "ben", "cyd"])]), "ann").unwrap();
    assert_eq!(by(&play, "dan"), refused("not_an_approver"), "not of the group");
    assert_eq!(by(&play, "operator"), refused("not_an_approver"), "the operator has no name");
    assert_eq!(by(&play, "ben"), WAITS);
    assert_eq!((play.post("c-1").given, play.post("c-1").needed), (1, 2));
    assert_eq!(by(&play, "ben"), refused("already_decided"), "nobody counts twice");
    assert_eq!(play.count("select count(*) as n from job where step = 'publish'"), 0);
    assert_eq!(by(&play, "cyd"), SCHEDULED);
    assert_eq!(by(&play, "ann"), refused("already_decided"));
    assert_eq!(play.count("select count(*) as n from job where step = 'publish'"), 1);
}

#[test]
fn a_program_counts_for_whoever_made_it() {
    let play = play();
    set_for(&play, None, &policy(PolicyKind::Group, &[(2, &[])]), "ann").unwrap();
    let token = "insert into api_token (workspace_id, id, name, sha256, role, created_by, created_at)
        values (?1, 't', 'T', 'x', 'approver', 'ben', 1)";
    play.db.0.run(token, &[(&play.workspace_id).into()]).unwrap();
    assert_eq!(by(&play, "ben"), WAITS);
    assert_eq!(by(&play, "token:t"), refused("already_decided"));
    assert_eq!(by(&play, "ann"), SCHEDULED);
}

#[test]
fn the_client_decides_after_ours_and_nobody_for_both() {
    let play = play();
    set_for(&play, Some("c"), &policy(PolicyKind::InternalThenClient, &[(1, &["ann", "ben"]), (1, &["cyd"])]), "ann")
        .unwrap();
    assert_eq!(by(&play, "cyd"), refused("not_an_approver"), "not yet the client's turn");
    assert_eq!(by(&play, "ben"), WAITS);
    assert_eq!(by(&play, "ann"), refused("not_an_approver"), "no longer ours");
    assert_eq!(by(&play, "cyd"), SCHEDULED);
}

#[test]
fn an_edit_another_time_and_a_refusal_void_every_approval() {
    type Deed = fn(&Play);
    let edit: Deed = |play| {
        block_on(post::edit(&play.db, Some(START_MS), (&play.workspace_id, "c-1", 1), &content("Mine"), "edd"))
            .unwrap();
        play.review("approve");
    };
    let reschedule: Deed = |play| {
        let change = post::Change { planned: Some(("2027-01-20T08:00:00", FIRST_DUE_MS + 1)), ..Default::default() };
        let of = (play.workspace_id.as_str(), "c-1", play.post("c-1").revision);
        assert_eq!(block_on(post::change(&play.db, Some(START_MS), of, &change, "edd")), Ok(true));
    };
    let send_back: Deed = |play| {
        play.decide_by("dan", &play.post("c-1"), Decision::SendBack).unwrap();
        play.write();
        play.review("approve");
    };
    for deed in [edit, reschedule, send_back] {
        let play = play();
        set_for(&play, None, &policy(PolicyKind::Group, &[(2, &[])]), "ann").unwrap();
        assert_eq!(by(&play, "ben"), WAITS);
        deed(&play);
        assert_eq!(play.post("c-1").given, 0);
        assert_eq!(by(&play, "ann"), WAITS, "the first of two");
        assert_eq!(by(&play, "ben"), SCHEDULED);
    }
}

#[test]
fn nobody_approves_their_own_words_while_somebody_else_could() {
    let edited_by = |play: &Play, actor: &str| {
        let version = play.post("c-1").version;
        let of = (play.workspace_id.as_str(), "c-1", version);
        block_on(post::edit(&play.db, Some(START_MS), of, &content("Mine"), actor)).unwrap();
        play.review("approve");
    };
    let several = play();
    edited_by(&several, "ann");
    assert_eq!(by(&several, "ann"), refused("own_version"));
    assert_eq!(by(&several, "ben"), SCHEDULED);

    let allowed = play();
    set_for(&allowed, None, &Policy { author_may_approve: true, ..Policy::default() }, "ann").unwrap();
    edited_by(&allowed, "ann");
    assert_eq!(by(&allowed, "ann"), SCHEDULED);

    let alone = Play::drafted(false);
    alone.member("ann", "owner");
    alone.member("edd", "editor");
    edited_by(&alone, "ann");
    assert_eq!(by(&alone, "ann"), SCHEDULED, "nobody else could");
}

#[test]
fn words_stay_their_authors_when_only_the_picture_beside_them_is_another() {
    let play = play();
    let of = (play.workspace_id.as_str(), "c-1", play.post("c-1").version);
    block_on(post::edit(&play.db, Some(START_MS), of, &content("Mine"), "ann")).unwrap();
    play.picture_anew("c-1", r#"{"prompt":"A bun on a board.","alt":"A bun."}"#);
    play.review("approve");
    assert_eq!(by(&play, "ann"), refused("own_version"));
    assert_eq!(by(&play, "ben"), SCHEDULED);
}

#[test]
fn another_policy_needs_other_approvals() {
    let play = play();
    assert_eq!(by(&play, "ben"), SCHEDULED);
    set_for(&play, None, &policy(PolicyKind::Group, &[(2, &[])]), "ann").unwrap();
    assert_eq!((play.post("c-1").state, play.post("c-1").given), (PostState::AwaitingApproval, 0));
    assert_eq!(play.count("select count(*) as n from job where step = 'publish' and state = 'cancelled'"), 1);
    assert_eq!((by(&play, "ben"), by(&play, "cyd")), (WAITS, SCHEDULED));
    set_for(&play, Some("c"), &policy(PolicyKind::One, &[(1, &["dan"])]), "ann").unwrap();
    assert_eq!(play.post("c-1").state, PostState::AwaitingApproval);
    assert_eq!((by(&play, "ben"), by(&play, "dan")), (refused("not_an_approver"), SCHEDULED));
    set_for(&play, None, &Policy::default(), "ann").unwrap();
    assert_eq!(play.post("c-1").state, PostState::Scheduled, "it has a policy of its own");
    set_for(&play, Some("c"), &inherited(), "ann").unwrap();
    assert_eq!((play.post("c-1").state, play.post("c-1").given), (PostState::AwaitingApproval, 0));
}

#[test]
fn arming_asks_again_for_every_approval() {
    let armed = |forge: &str| {
        let play = play();
        set_for(&play, None, &policy(PolicyKind::Group, &[(2, &[])]), "ann").unwrap();
        assert_eq!((by(&play, "ben"), by(&play, "cyd")), (WAITS, SCHEDULED));
        if !forge.is_empty() {
            play.db.0.run(forge, &[]).unwrap();
        }
        let job = play.claim(Step::Publish, FIRST_DUE_MS);
        let arm = job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 };
        block_on(job::arm(&play.db.0, Some(FIRST_DUE_MS), arm)).unwrap()
    };
    assert_eq!(armed(""), Ok(()));
    // The one that completed them still stands; another does not.
    assert_eq!(armed("update approval set revoked_at = 1 where person = 'ben'"), Err(NotArmed::NotApproved));
    assert_eq!(armed("update approval set revoked_at = 1 where person = 'cyd'"), Err(NotArmed::NotApproved));
}

#[test]
fn a_policy_cannot_change_while_something_it_counts_for_is_being_sent() {
    let play = play();
    assert_eq!(by(&play, "ben"), SCHEDULED);
    let job = play.claim(Step::Publish, FIRST_DUE_MS);
    let arm = job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 };
    block_on(job::arm(&play.db.0, Some(FIRST_DUE_MS), arm)).unwrap().unwrap();
    let two = policy(PolicyKind::Group, &[(2, &[])]);
    for campaign in [None, Some("c")] {
        assert_eq!(set_for(&play, campaign, &two, "ann"), Err(DbError::Refused("outcome_unknown".into())));
    }
    let reminders = Policy { remind_after_h: None, escalate_after_h: None, ..Policy::default() };
    assert_eq!(set_for(&play, None, &reminders, "ann"), Ok(true), "that changes nobody's approval");
}

#[test]
fn where_nobody_need_look_the_standing_rule_approves_and_it_is_recorded_as_such() {
    let play = play();
    let none = policy(PolicyKind::None, &[]);
    for stranger in ["ben", "edd", "nobody"] {
        assert_eq!(set_for(&play, None, &none, stranger), Err(DbError::Refused("illegal_move".into())), "{stranger}");
    }
    let rule = |play: &Play| block_on(approval::ruled(&play.db.0, Some(START_MS), 9)).unwrap();
    assert!(rule(&play).is_empty());
    assert_eq!(by(&play, approval::RULE), refused("not_an_approver"));
    assert_eq!(set_for(&play, Some("c"), &none, "dan"), Ok(true));
    let ids = |play: &Play| rule(play).into_iter().map(|one| one.post_id).collect::<Vec<_>>();
    assert_eq!(ids(&play), ["c-1", "c-2"]);
    assert_eq!(by(&play, approval::RULE), SCHEDULED);
    assert_eq!(play.post("c-1").approval.unwrap().user_id, "policy");
    assert_eq!(ids(&play), ["c-2"]);
    assert_eq!(by(&play, approval::RULE), refused("already_decided"));
    let said = "select count(*) as n from event where kind = 'policy.changed' and actor = 'dan'
        and data ->> 'kind' = 'none'";
    assert_eq!(play.count(said), 1);
    assert_eq!(block_on(waiting_under(&play.db, &play.workspace_id, Some("c"))), Ok(1));
}

#[test]
fn a_post_of_a_campaign_without_a_policy_is_never_scheduled() {
    let play = play();
    play.db.0.run("drop trigger policy_is_never_deleted", &[]).unwrap();
    play.db.0.run("delete from approval_policy", &[]).unwrap();
    assert_eq!(by(&play, "ann"), WAITS);
}

#[test]
fn a_failed_publication_voids_every_approval_that_allowed_it() {
    let play = play();
    set_for(&play, None, &policy(PolicyKind::Group, &[(2, &[])]), "ann").unwrap();
    assert_eq!((by(&play, "ben"), by(&play, "cyd")), (WAITS, SCHEDULED));
    let job = play.claim(Step::Publish, FIRST_DUE_MS);
    let finish = job::Finish { reason: Some("refused".into()), ..job::Finish::of(&job, domain::JobState::Dead) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[finish])).unwrap();
    assert_eq!((play.post("c-1").state, play.post("c-1").given), (PostState::NeedsPerson, 0));
    assert_eq!(by(&play, "ann"), WAITS);
    assert_eq!(by(&play, "ben"), SCHEDULED);
}

#[test]
fn a_change_to_an_older_policy_changes_nothing() {
    let play = play();
    let at = |revision| {
        let two = policy(PolicyKind::Group, &[(2, &[])]);
        block_on(set(&play.db, Some(START_MS), (&play.workspace_id, None, revision), &two, "ann"))
    };
    assert_eq!((at(1), at(1), at(0)), (Ok(true), Ok(false), Ok(false)));
    assert_eq!(play.count("select count(*) as n from event where kind = 'policy.changed'"), 1);
}
