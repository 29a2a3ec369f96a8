//! What history tells, of whom, and by which index.

use domain::Decision;
use futures::executor::block_on;
use serde_json::json;

use super::*;
use crate::people::{self, member};
use crate::play::{FIRST_DUE_MS, Play, START_MS};
use crate::{campaign, post};

fn played() -> Play {
    let play = Play::drafted(false);
    play.decide("c-1", Decision::Approve).unwrap();
    let later = post::Change { planned: Some(("2027-01-16T09:00:00", FIRST_DUE_MS + 3_600_000)), ..Default::default() };
    let hold = post::Change { held: Some(true), ..Default::default() };
    for change in [later, hold] {
        let revision = play.post("c-2").revision;
        let at = (play.workspace_id.as_str(), "c-2", revision);
        assert_eq!(block_on(post::change(&play.db, Some(START_MS), at, &change, "bea")), Ok(true));
    }
    let changes = [
        campaign::Change { budget_micro_usd: Some(2_000), ..Default::default() },
        campaign::Change { paused: Some(true), ..Default::default() },
        campaign::Change { name: Some("Relaunch"), ..Default::default() },
    ];
    for change in changes {
        let revision = block_on(campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap().revision;
        let at = (play.workspace_id.as_str(), "c", revision);
        assert_eq!(block_on(campaign::change(&play.db, Some(START_MS), at, &change, "bea")), Ok(true));
    }
    play
}

fn found(play: &Play, filter: &Filter<'_>) -> Vec<Line> {
    block_on(newest(&play.db, &play.workspace_id, filter, None, 200)).unwrap()
}

// `Play::db` explains every statement and fails the test at a scan.
#[test]
fn whatever_is_asked_for_is_read_by_an_index_and_only_that() {
    let play = played();
    let neighbour = play.neighbour();
    let all = found(&play, &Filter { jobs: true, ..Filter::default() });
    assert_eq!(i64::try_from(all.len()), Ok(play.count("select count(*) as n from event where campaign_id = 'c'")));
    let (some, none) = (Some("c"), None);
    for bits in 0..128_u32 {
        let on = |bit: u32| bits & (1 << bit) != 0;
        let filter = Filter {
            actor: on(0).then_some(if on(6) { "worker" } else { "bea" }),
            kind: on(1).then_some(if on(5) { "post.held" } else { "post" }),
            campaign_id: if on(2) { some } else { none },
            post_id: on(3).then_some("c-2"),
            from: on(4).then_some(START_MS),
            to: on(5).then_some(START_MS + 1),
            jobs: on(6),
        };
        let wanted = |line: &&Line| {
            filter.actor.is_none_or(|actor| line.actor == actor)
                && filter.kind.is_none_or(|kind| line.kind == kind || line.kind.starts_with(&format!("{kind}.")))
                && filter.post_id.is_none_or(|id| line.post_id() == Some(id))
                && (filter.jobs || !line.kind.starts_with("job."))
        };
        let expect: Vec<&Line> = all.iter().filter(wanted).collect();
        let found = found(&play, &filter);
        assert_eq!(found.iter().collect::<Vec<_>>(), expect, "{filter:?}");
        let forwards = block_on(after(&play.db, &play.workspace_id, &filter, 0, 200)).unwrap();
        assert!(forwards.iter().rev().eq(found.iter()), "{filter:?}");
        if on(2) || on(3) {
            assert_eq!(block_on(newest(&play.db, &neighbour, &filter, None, 200)).unwrap(), [], "another workspace's");
        }
    }
}

#[test]
fn each_filter_has_its_own_index() {
    let play = played();
    let plan_of = |filter: &Filter<'_>| {
        let spy = Spy(&play, std::cell::RefCell::default());
        block_on(newest(&spy, &play.workspace_id, filter, None, 10)).unwrap();
        spy.1.into_inner()
    };
    let check = |filter: Filter<'_>, index: &str| {
        let plan = plan_of(&filter);
        assert!(plan.contains(&format!("SEARCH e USING INDEX {index} ")), "{filter:?}: {plan}");
        assert!(!plan.contains("TEMP B-TREE"), "it comes sorted: {plan}");
    };
    check(Filter::default(), "event_workspace");
    check(Filter { actor: Some("ada"), ..Default::default() }, "event_actor");
    check(Filter { kind: Some("approval"), ..Default::default() }, "event_area");
    check(Filter { campaign_id: Some("c"), kind: Some("approval"), ..Default::default() }, "event_campaign");
    check(
        Filter { post_id: Some("c-1"), actor: Some("ada"), campaign_id: Some("c"), ..Default::default() },
        "event_post",
    );
    let times = plan_of(&Filter { from: Some(1), to: Some(2), ..Default::default() });
    assert_eq!(times.matches("INDEX event_time ").count(), 2, "{times}");
}

/// Keeps the plan of what it is asked.
struct Spy<'a>(&'a Play, std::cell::RefCell<String>);

#[async_trait::async_trait(?Send)]
impl Db for Spy<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<ports::Rows, DbError> {
        for row in self.0.db.0.run(&format!("explain query plan {sql}"), parameters)?.iter() {
            self.1.borrow_mut().push_str(&format!("{}\n", row.str("detail")?));
        }
        self.0.db.execute(sql, parameters).await
    }
}

#[test]
fn a_range_of_times_is_exact() {
    let play = Play::begun("c", false);
    let times = [5_000, 7_000, 6_000, 9_000].map(|after| START_MS + after);
    for at in times {
        let sql =
            "insert into event (workspace_id, at, subject, kind, actor) values (?1, ?2, 'post:x', 'post.held', 'ada')";
        play.db.0.run(sql, &[play.workspace_id.as_str().into(), at.into()]).unwrap();
    }
    let between = |from: i64, to: i64| {
        let filter = Filter { from: Some(START_MS + from), to: Some(START_MS + to), ..Default::default() };
        found(&play, &filter).iter().map(|line| line.at - START_MS).collect::<Vec<_>>()
    };
    assert_eq!(between(6_000, 9_000), [6_000, 7_000], "the clock went back between them");
    assert_eq!(between(5_000, 5_001), [5_000]);
    assert_eq!(between(10_000, 20_000), [0_i64; 0]);
}

#[test]
fn what_changed_is_told_before_and_after() {
    let play = played();
    let of = |kind: &str| {
        let lines = found(&play, &Filter { kind: Some(kind), ..Default::default() });
        lines.into_iter().map(|line| (line.data["before"].clone(), line.data["after"].clone())).collect::<Vec<_>>()
    };
    let due = |at: i64, local: &str| json!({ "due_at": at, "planned_local": local });
    assert_eq!(
        of("post.rescheduled"),
        [(due(FIRST_DUE_MS + 86_400_000, "2027-01-17T08:00:00"), due(FIRST_DUE_MS + 3_600_000, "2027-01-16T09:00:00"))]
    );
    assert_eq!(of("post.held"), [(json!({ "held": 0 }), json!({ "held": 1 }))]);
    assert_eq!(
        of("campaign.changed"),
        [
            (json!({ "name": "Launch" }), json!({ "name": "Relaunch" })),
            (json!({ "paused": 0 }), json!({ "paused": 1 })),
            (json!({ "budget_micro_usd": 1_000 }), json!({ "budget_micro_usd": 2_000 })),
        ]
    );
}

#[test]
fn a_line_has_the_names_of_who_and_what() {
    let play = played();
    let new = member::NewMember {
        workspace_id: play.workspace_id.clone(),
        user_id: "bea".into(),
        email: "bea@example.com".into(),
        name: "Bea".into(),
        password_hash: "-".into(),
        role: domain::Role::Editor,
    };
    block_on(member::add(&play.db.0, START_MS, &new)).unwrap();
    let line = found(&play, &Filter { kind: Some("post.held"), ..Default::default() }).remove(0);
    assert_eq!((line.who(), line.told().as_str(), line.slot), ("Bea", "held the post back", Some(2)));
    assert_eq!((line.campaign_name.as_deref(), line.timezone.as_deref()), (Some("Relaunch"), Some("UTC")));
    let line = found(&play, &Filter { kind: Some("version.written"), ..Default::default() }).remove(0);
    assert_eq!((line.who(), line.told().as_str()), ("copywriter", "wrote version 1"));
    let line = found(&play, &Filter { kind: Some("approval.approve"), ..Default::default() }).remove(0);
    assert_eq!(line.who(), "a former member", "nobody of that id is known");
    assert!(block_on(actors(&play.db, &play.workspace_id)).unwrap().contains(&("bea".into(), "Bea".into())));
    assert!(block_on(people::workspace::find(&play.db, &play.workspace_id)).unwrap().is_some());
}
