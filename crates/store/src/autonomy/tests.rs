//! Earned autonomy: when a rule is offered, what it approves, and what ends it.

use domain::autonomy::AutonomyPolicy;
use domain::{Decision, PostState, Step};
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::approval::{self, NewApproval};
use crate::job::{self, Arm, Finish, NotArmed};
use crate::play::{FIRST_DUE_MS, Play, START_MS, content, plan};
use crate::{post, strategy};

const DAY_MS: i64 = 86_400_000;

/// A workspace that asks for three approvals in a row, with campaigns of two posts each in one scope.
struct Earning {
    play: Play,
    campaigns: u32,
}

impl Earning {
    fn new() -> Self {
        let play = Play::new();
        play.member("olga", "owner");
        play.member("ben", "approver");
        let earning = Self { play, campaigns: 0 };
        earning.ask(0, true);
        earning
    }

    fn of(&self) -> &str {
        &self.play.workspace_id
    }

    fn ask(&self, revision: i64, enabled: bool) {
        let policy = AutonomyPolicy { enabled, streak_needed: 3, mean_tenths_min: 75, cap_max: 2 };
        let at = (self.of(), revision);
        assert!(block_on(set(&self.play.db, Some(START_MS), at, &policy, "olga")).unwrap());
    }

    /// Two more posts wait for approval, with this score and perhaps about something delicate.
    fn draft(&mut self, score: u32, delicate: Option<bool>) -> [String; 2] {
        self.campaigns += 1;
        let id = format!("c{}", self.campaigns);
        self.play.begin(self.of(), &id, false);
        self.play.work(Step::Strategize, plan());
        let of = strategy::Version { workspace_id: self.of(), campaign_id: &id, version: 1 };
        block_on(strategy::decide(&self.play.db, Some(START_MS), of, Decision::Approve, None, "olga")).unwrap();
        for _ in 0..2 {
            self.play.write();
            self.review(score, delicate);
        }
        [format!("{id}-1"), format!("{id}-2")]
    }

    fn review(&self, score: u32, delicate: Option<bool>) {
        let scores = json!({ "hook": score, "clarity": score, "voice": score, "evidence": score,
            "call_to_action": score, "platform_fit": score });
        let director = json!({ "reviewer": "director", "verdict": "approve", "scores": scores, "findings": [],
            "model": null, "counts": 1 });
        let mut artifact = json!({ "verdict": "approve", "reason": "", "revisions_max": 3, "reviews": [director] });
        if let Some(delicate) = delicate {
            artifact["delicate"] = delicate.into();
        }
        self.play.work(Step::Review, artifact);
    }

    fn approve(&self, actor: &str, post_id: &str, at: i64) -> Result<bool, DbError> {
        self.decide(actor, post_id, Decision::Approve, at)
    }

    fn decide(&self, actor: &str, post_id: &str, decision: Decision, at: i64) -> Result<bool, DbError> {
        let seen = self.play.post(post_id);
        let new = NewApproval {
            workspace_id: self.of(),
            id: &format!("{actor} {post_id} {decision} {at}"),
            post_id,
            version: seen.version,
            content_sha256: &seen.current.as_ref().unwrap().sha256,
            channel_id: &seen.channel_id,
            due_at: seen.due_at,
            decision,
            comment: Some("So."),
            actor,
        };
        block_on(approval::decide(&self.play.db, Some(at), &new))
    }

    /// Four posts are approved, one after the other.
    fn earned() -> Self {
        let mut earning = Self::new();
        for round in 0..2 {
            for (at, post_id) in earning.draft(9, Some(false)).iter().enumerate() {
                earning.approve("ben", post_id, START_MS + round * 10 + at as i64).unwrap();
            }
        }
        earning
    }

    fn offers(&self) -> Vec<Offer> {
        block_on(offers(&self.play.db, self.of())).unwrap()
    }

    fn accept(&self, cap: u32, actor: &str) -> Result<bool, DbError> {
        let scope = Scope { channel_id: "stage".into(), pillar: "Proof".into(), mode: Mode::Rehearsal };
        block_on(accept(&self.play.db.0, Some(START_MS + 100), (self.of(), "r1"), (&scope, cap), actor))
    }

    /// With a rule that stands.
    fn ruled() -> Self {
        let earning = Self::earned();
        assert_eq!(earning.accept(1, "olga"), Ok(true));
        earning
    }

    /// What the tick would do.
    fn tick(&self, at: i64) -> Vec<String> {
        let all = block_on(approvable(&self.play.db, Some(at), 10)).unwrap();
        let approved =
            |(actor, ruled): &(String, Ruled)| self.approve(actor, &ruled.post_id, at).is_ok_and(|done| done);
        all.iter().filter(|one| approved(one)).map(|(_, ruled)| ruled.post_id.clone()).collect()
    }

    fn rule(&self) -> Rule {
        block_on(rule_of(&self.play.db, Some(START_MS), (self.of(), "r1"))).unwrap().unwrap()
    }
}

fn refused(outcome: Result<bool, DbError>) {
    assert_eq!(outcome, Err(DbError::Refused("not_an_approver".into())));
}

#[test]
fn what_was_approved_often_enough_is_offered_and_nothing_is_unless_it_is_turned_on() {
    let earning = Earning::earned();
    let offers = earning.offers();
    assert_eq!((offers.len(), offers[0].streak, offers[0].scope.pillar.as_str()), (1, 4, "Proof"));
    earning.ask(1, false);
    assert!(earning.offers().is_empty());
    let mut fresh = Earning::new();
    for post_id in fresh.draft(9, Some(false)) {
        fresh.approve("ben", &post_id, START_MS).unwrap();
    }
    assert!(fresh.offers().is_empty(), "two are not enough");
}

#[test]
fn a_streak_is_broken_by_whatever_was_not_simply_approved() {
    type Fault = fn(&Earning, &str);
    let faults: [(&str, Fault); 4] = [
        ("a low score", |earning, post_id| {
            earning.approve("ben", post_id, START_MS + 20).unwrap();
        }),
        ("sent back", |earning, post_id| {
            earning.decide("ben", post_id, Decision::SendBack, START_MS + 20).unwrap();
        }),
        ("rejected", |earning, post_id| {
            earning.decide("ben", post_id, Decision::Reject, START_MS + 20).unwrap();
        }),
        ("edited", |earning, post_id| {
            let of = (earning.of(), post_id, 1);
            block_on(post::edit(&earning.play.db, Some(START_MS + 20), of, &content("Mine"), "ben")).unwrap();
        }),
    ];
    for (name, fault) in faults {
        let mut earning = Earning::earned();
        let score = if name == "a low score" { 7 } else { 9 };
        let [post_id, _] = earning.draft(score, Some(false));
        assert_eq!(earning.offers().len(), 1, "{name}");
        fault(&earning, &post_id);
        assert!(earning.offers().is_empty(), "{name}");
    }
}

#[test]
fn only_owners_and_admins_accept_and_only_what_is_offered() {
    let earning = Earning::earned();
    assert_eq!(earning.accept(1, "ben"), Err(DbError::Refused("illegal_move".into())));
    assert_eq!(earning.accept(3, "olga"), Ok(false), "more than the workspace allows");
    assert_eq!(earning.accept(2, "olga"), Ok(true));
    assert!(earning.offers().is_empty());
    assert_eq!(earning.accept(2, "olga"), Ok(false), "it stands already");
    assert_eq!(earning.rule().streak, 4);
}

#[test]
fn a_rule_approves_by_the_same_door_as_people_and_no_more_than_its_cap_in_a_day() {
    let mut earning = Earning::ruled();
    let [first, second] = earning.draft(9, Some(false));
    assert_eq!(earning.tick(START_MS + 200), [first.as_str()]);
    let approval = earning.play.post(&first).approval.unwrap();
    assert_eq!(approval.user_id, "rule:r1");
    assert_eq!(earning.play.post(&first).state, PostState::Scheduled);
    refused(earning.approve("rule:r1", &second, START_MS + 300));
    assert!(earning.tick(START_MS + DAY_MS).is_empty());
    assert_eq!(earning.tick(START_MS + 200 + DAY_MS), [second]);
    assert_eq!(earning.rule().approved, 2);
}

#[test]
fn what_is_delicate_unknown_poor_assigned_or_anothers_is_never_inside() {
    for (score, delicate) in [(9, Some(true)), (9, None), (7, Some(false))] {
        let mut earning = Earning::ruled();
        let [post_id, _] = earning.draft(score, delicate);
        assert!(earning.tick(START_MS + 200).is_empty(), "{score} {delicate:?}");
        refused(earning.approve("rule:r1", &post_id, START_MS + 200));
    }
    let mut earning = Earning::ruled();
    let [post_id, _] = earning.draft(9, Some(false));
    block_on(post::assign(&earning.play.db, Some(START_MS), (earning.of(), &post_id), Some("ben"), "olga")).unwrap();
    refused(earning.approve("rule:r1", &post_id, START_MS + 200));
    refused(earning.approve("rule:r2", &post_id, START_MS + 200));
    // Nobody calls themselves a rule, and a rule only approves.
    refused(earning.decide("rule:r1", &post_id, Decision::Reject, START_MS + 200));
}

#[test]
fn a_picture_that_nobody_looked_at_is_never_inside_and_neither_are_a_persons_words() {
    let mut earning = Earning::ruled();
    let [post_id, _] = earning.draft(9, Some(false));
    earning.play.db.0.run("drop trigger version_has_its_picture", &[]).unwrap();
    let drawn = r#"{"sha256":"x","media_type":"image/png","width":16,"height":16,"bytes":1,"model":"m"}"#;
    earning.play.picture_anew(&post_id, &format!(r#"{{"prompt":"A bun.","alt":"A bun.","drawn":{drawn}}}"#));
    earning.review(9, Some(false));
    assert!(!earning.tick(START_MS + 200).contains(&post_id));
    refused(earning.approve("rule:r1", &post_id, START_MS + 200 + DAY_MS));

    let mut earning = Earning::new();
    let [edited, _] = earning.draft(9, Some(false));
    let of = (earning.of(), edited.as_str(), 1);
    block_on(post::edit(&earning.play.db, Some(START_MS), of, &content("Mine"), "olga")).unwrap();
    earning.review(9, Some(false));
    for round in 0..2 {
        for (at, post_id) in earning.draft(9, Some(false)).iter().enumerate() {
            earning.approve("ben", post_id, START_MS + round * 10 + at as i64).unwrap();
        }
    }
    assert_eq!(earning.accept(1, "olga"), Ok(true));
    earning.play.picture_anew(&edited, r#"{"prompt":"A bun.","alt":"A bun."}"#);
    earning.review(9, Some(false));
    assert!(!earning.tick(START_MS + 200).contains(&edited));
    refused(earning.approve("rule:r1", &edited, START_MS + 200 + DAY_MS));
}

#[test]
fn where_several_must_approve_a_rule_is_none_of_them() {
    let mut earning = Earning::ruled();
    let [post_id, _] = earning.draft(9, Some(false));
    let sql =
        "update approval_policy set kind = 'group', rounds = '[{\"needed\":2,\"people\":[]}]' where campaign_id = ''";
    earning.play.db.0.run(sql, &[]).unwrap();
    assert!(earning.tick(START_MS + 200).is_empty());
    refused(earning.approve("rule:r1", &post_id, START_MS + 200));
}

/// The next publication, claimed.
fn leased(earning: &Earning) -> job::Claimed {
    earning.play.claim(Step::Publish, FIRST_DUE_MS)
}

#[test]
fn the_first_fault_ends_the_rule_and_what_it_approved_waits_for_a_person() {
    let mut earning = Earning::ruled();
    let [ours, other] = earning.draft(9, Some(false));
    assert_eq!(earning.tick(START_MS + 200), [ours.as_str()]);
    let claimed = {
        // Only the rule's own publication is on its way.
        earning
            .play
            .db
            .0
            .run("update job set run_at = run_at + 1 where step = 'publish' and approval_id not like 'rule:%'", &[])
            .unwrap();
        leased(&earning)
    };
    assert_eq!(claimed.post_id.as_deref(), Some(ours.as_str()));
    earning.decide("ben", &other, Decision::Reject, START_MS + 300).unwrap();
    let rule = earning.rule();
    assert_eq!((rule.reason.as_deref(), rule.revoked_by.as_deref()), (Some("rejected"), Some("conductor")));
    let post = earning.play.post(&ours);
    assert_eq!((post.state, post.approval), (PostState::AwaitingApproval, None));
    let arm = Arm { job: &claimed, call_ms: 1_000, quiet_ms: 0 };
    let armed = block_on(job::arm(&earning.play.db.0, Some(FIRST_DUE_MS), arm)).unwrap();
    assert_eq!(armed, Err(NotArmed::Fenced));
    assert!(earning.tick(START_MS + 400).is_empty());
    assert!(earning.offers().is_empty(), "it must be earned again");
    let ended = "select count(*) as n from event where kind = 'autonomy.ended' and subject = 'rule:r1'";
    assert_eq!(earning.play.count(ended), 1);
}

#[test]
fn arming_asks_whether_the_rule_still_stands() {
    // The second lock: the first, which voids the approval, is taken out.
    let mut earning = Earning::ruled();
    let [ours, other] = earning.draft(9, Some(false));
    assert_eq!(earning.tick(START_MS + 200), [ours]);
    let db = &earning.play.db.0;
    db.run("update job set run_at = run_at + 1 where step = 'publish' and approval_id not like 'rule:%'", &[]).unwrap();
    let claimed = leased(&earning);
    db.run("drop trigger end_of_a_rule_voids_its_approvals", &[]).unwrap();
    earning.decide("ben", &other, Decision::SendBack, START_MS + 300).unwrap();
    let arm = Arm { job: &claimed, call_ms: 1_000, quiet_ms: 0 };
    assert_eq!(block_on(job::arm(db, Some(FIRST_DUE_MS), arm)).unwrap(), Err(NotArmed::NotApproved));
}

#[test]
fn a_publication_whose_outcome_nobody_knows_ends_it_and_so_does_whoever_takes_it_back() {
    let mut earning = Earning::ruled();
    earning.draft(9, Some(false));
    earning.tick(START_MS + 200);
    let claimed = leased(&earning);
    let db = &earning.play.db.0;
    let arm = Arm { job: &claimed, call_ms: 1_000, quiet_ms: 0 };
    assert_eq!(block_on(job::arm(db, Some(FIRST_DUE_MS), arm)).unwrap(), Ok(()));
    let finish = Finish::of(&claimed, domain::JobState::Unknown);
    block_on(job::finish(db, Some(FIRST_DUE_MS), &[finish])).unwrap();
    assert_eq!(earning.rule().reason.as_deref(), Some("unknown"));

    let earning = Earning::ruled();
    let take = || block_on(take_back(&earning.play.db, Some(START_MS + 300), (earning.of(), "r1"), "ben")).unwrap();
    assert_eq!([take(), take()], [true, false]);
    assert_eq!(earning.rule().revoked_by.as_deref(), Some("ben"));
    assert!(earning.offers().is_empty());
    let sql = "update autonomy_rule set revoked_at = null, revoked_by = null, reason = null";
    assert_eq!(earning.play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()));
}

#[test]
fn turning_it_off_ends_every_rule() {
    let earning = Earning::ruled();
    earning.ask(1, false);
    assert_eq!(earning.rule().reason.as_deref(), Some("switched_off"));
    assert_eq!(block_on(rules(&earning.play.db, Some(START_MS), earning.of())).unwrap().len(), 1);
}
