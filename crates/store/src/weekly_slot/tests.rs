//! Who holds a slot, and that two never hold the same.

use domain::{Decision, PostState};
use futures::executor::block_on;
use ports::Db;
use ports::native::NativeDb;

use super::*;
use crate::added_post::{NewPost, When, add as add_post};
use crate::play::{Play, START_MS};
use crate::{campaign, post};

const DAY_MS: i64 = 86_400_000;

/// Daily at noon, on the stage.
fn daily() -> Vec<WeeklySlot> {
    (1..=7).map(|weekday| WeeklySlot::parse(weekday, "12:00", "UTC").unwrap()).collect()
}

fn with_slots(play: Play) -> Play {
    let of = (play.workspace_id.as_str(), "stage", "s");
    assert_eq!(block_on(add(&play.db, Some(START_MS), of, &daily(), "ada")).unwrap().len(), 7);
    play
}

/// The free slots of the stage in the days to come, as they are offered.
fn offer(db: &dyn Db, workspace_id: &str, except: Option<&str>) -> Vec<(i64, String)> {
    let channels = block_on(by_channel(db, workspace_id)).unwrap();
    let window = (START_MS, START_MS + 9 * DAY_MS);
    let mut free = block_on(free(db, workspace_id, &channels, window, except)).unwrap();
    free.remove("stage").unwrap_or_default().into_iter().map(|one| (one.at, one.local.to_string())).collect()
}

fn instants(play: &Play) -> Vec<i64> {
    offer(&play.db, &play.workspace_id, None).into_iter().map(|(at, _)| at).collect()
}

fn move_it(play: &Play, id: &str, free: &[(i64, String)]) -> Result<bool, DbError> {
    let of = (play.workspace_id.as_str(), id, play.post(id).revision);
    block_on(post::move_to_free_slot(&play.db, Some(START_MS), of, free, "ada"))
}

#[test]
fn slots_are_added_let_rest_and_taken_away_in_their_own_workspace_alone_and_that_is_history() {
    let play = with_slots(Play::new());
    let (db, at, us, neighbour) = (&play.db, Some(START_MS), play.workspace_id.as_str(), play.neighbour());
    block_on(async {
        assert_eq!(add(db, at, (us, "stage", "t"), &daily(), "ada").await, Ok(vec![]), "all are there");
        assert_eq!(add(db, at, (us, "nowhere", "t"), &daily(), "ada").await, Ok(vec![]));
        assert_eq!(list(db, us, "stage").await.unwrap().len(), 7);
        assert_eq!(list(db, &neighbour, "stage").await, Ok(vec![]));
        assert_eq!(find(db, &neighbour, "stage", "s-1").await, Ok(None));
        assert_eq!(set_enabled(db, at, (&neighbour, "stage", "s-1", 1), false, "eve").await, Ok(false));
        assert_eq!(remove(db, at, (&neighbour, "stage", "s-1"), "eve").await, Ok(false));
        assert_eq!(set_enabled(db, at, (us, "stage", "s-1", 1), false, "ada").await, Ok(true));
        assert_eq!(set_enabled(db, at, (us, "stage", "s-1", 1), true, "ada").await, Ok(false), "an older revision");
        assert_eq!(by_channel(db, us).await.unwrap()["stage"].slots.len(), 6);
        assert_eq!(by_channel(db, &neighbour).await.unwrap().len(), 0);
        assert_eq!(remove(db, at, (us, "stage", "s-1"), "ada").await, Ok(true));
        assert_eq!(remove(db, at, (us, "stage", "s-1"), "ada").await, Ok(false));
    });
    let events = "select count(*) as n from event where actor = 'ada' and subject = 'channel:stage'
        and kind in ('channel.slot_added', 'channel.slot_rested', 'channel.slot_removed')";
    assert_eq!(play.count(events), 9);
}

#[test]
fn a_channel_has_only_so_many_slots() {
    let play = Play::new();
    let minute = |minute: usize| WeeklySlot::parse(1, &format!("10:{minute:02}"), "UTC").unwrap();
    for number in 0..weekly::SLOTS_MAX {
        let of = (play.workspace_id.as_str(), "stage", &*format!("m{number}"));
        assert_eq!(block_on(add(&play.db, None, of, &[minute(number)], "ada")).unwrap().len(), 1);
    }
    let of = (play.workspace_id.as_str(), "stage", "more");
    assert_eq!(block_on(add(&play.db, None, of, &daily(), "ada")), Ok(vec![]));
}

#[test]
fn a_post_takes_the_first_slot_that_no_other_post_of_its_channel_holds_and_needs_another_approval() {
    let play = with_slots(Play::drafted(false));
    play.decide("c-1", Decision::Approve).unwrap();
    let noon = instants(&play)[0];
    assert_eq!(noon, START_MS + 4 * 3_600_000);
    let free = offer(&play.db, &play.workspace_id, Some("c-1"));
    assert_eq!(move_it(&play, "c-1", &free), Ok(true));
    let post = play.post("c-1");
    assert_eq!((post.due_at, &*post.planned_local, post.approval), (noon, "2027-01-15T12:00:00", None));
    assert_eq!(post.state, PostState::AwaitingApproval);
    assert_eq!(instants(&play)[0], noon + DAY_MS, "it is held");
    let seen = (play.workspace_id.as_str(), "c-2", 1);
    assert_eq!(block_on(post::move_to_free_slot(&play.db, Some(START_MS), seen, &free, "ada")), Ok(false), "stale");
    assert_eq!(move_it(&play, "c-2", &free[..1]), Ok(false), "nothing that was offered is free");
    assert_eq!(move_it(&play, "c-1", &free), Ok(true), "its own slot is free for it");
    assert_eq!(play.post("c-1").due_at, noon);
    let over = [(START_MS, "2027-01-15T08:00:00".to_string())];
    assert_eq!(move_it(&play, "c-2", &over), Ok(false), "what is now is over");
}

#[test]
fn two_posts_that_saw_the_same_slot_free_take_different_ones() {
    let play = with_slots(Play::drafted(false));
    let free = offer(&play.db, &play.workspace_id, None);
    assert_eq!((move_it(&play, "c-1", &free), move_it(&play, "c-2", &free)), (Ok(true), Ok(true)));
    assert_eq!((play.post("c-1").due_at, play.post("c-2").due_at), (free[0].0, free[1].0));

    // The control: by a statement that does not ask, both have the one.
    let play = with_slots(Play::drafted(false));
    let to = post::Change { planned: Some((&free[0].1, free[0].0)), held: None };
    for id in ["c-1", "c-2"] {
        let of = (play.workspace_id.as_str(), id, play.post(id).revision);
        assert_eq!(block_on(post::change(&play.db, Some(START_MS), of, &to, "ada")), Ok(true));
    }
    assert_eq!(play.post("c-1").due_at, play.post("c-2").due_at);
}

#[test]
fn many_writers_at_once_never_take_one_slot_twice() {
    const WRITERS: usize = 6;
    let folder = std::env::temp_dir().join(format!("rondo-slots-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("db");
    let _ = std::fs::remove_file(&file);
    let play = with_slots(Play::drafted(false));
    play.db.0.run(&format!("vacuum into '{}'", file.display()), &[]).unwrap();
    let free = offer(&play.db, &play.workspace_id, None);
    let begin = std::sync::Barrier::new(WRITERS);
    std::thread::scope(|scope| {
        for number in 0..WRITERS {
            let (file, free, begin, workspace_id) = (&file, &free, &begin, play.workspace_id.as_str());
            scope.spawn(move || {
                let db = NativeDb::open(file).unwrap();
                begin.wait();
                let angle = format!("By hand {number}");
                block_on(add_post(&db, Some(START_MS), &by_hand(workspace_id, &angle, free))).unwrap().unwrap();
            });
        }
    });
    let db = NativeDb::open(&file).unwrap();
    let rows = db.run("select count(distinct due_at) as n from post where angle like 'By hand%'", &[]).unwrap();
    assert_eq!(rows.first().unwrap().int("n"), Ok(WRITERS as i64));
    std::fs::remove_dir_all(&folder).unwrap();
}

fn by_hand<'a>(workspace_id: &'a str, angle: &'a str, free: &'a [(i64, String)]) -> NewPost<'a> {
    NewPost {
        workspace_id,
        campaign_id: "c",
        channel: "stage",
        when: When::FirstFree(free),
        language: "en",
        pillar: "Proof",
        angle,
        from_post_id: None,
        content: None,
        actor: "ada",
    }
}

#[test]
fn a_new_post_takes_the_first_free_slot() {
    let play = with_slots(Play::drafted(false));
    let free = offer(&play.db, &play.workspace_id, None);
    let add_it = || block_on(add_post(&play.db, Some(START_MS), &by_hand(&play.workspace_id, "By hand", &free)));
    assert_eq!((add_it(), add_it()), (Ok(Some("c-3".into())), Ok(Some("c-4".into()))));
    assert_eq!((play.post("c-3").due_at, play.post("c-4").due_at), (free[0].0, free[1].0));
    let late = by_hand(&play.workspace_id, "By hand", &free[..1]);
    assert_eq!(block_on(add_post(&play.db, Some(START_MS), &late)), Ok(None), "nothing that was offered is free");
}

#[test]
fn what_will_not_go_out_then_holds_no_slot() {
    let play = with_slots(Play::drafted(false));
    let first = instants(&play)[0];
    let hold = || {
        let sql = "update post set state = 'awaiting_approval', due_at = ?1 where id = 'c-1'";
        play.db.0.run(sql, &[first.into()]).unwrap();
        assert_ne!(instants(&play)[0], first, "the control: it holds it");
    };
    for state in ["missed", "rejected", "cancelled"] {
        hold();
        play.db.0.run("update post set expires_at = null, state = ?1 where id = 'c-1'", &[state.into()]).unwrap();
        assert_eq!(instants(&play)[0], first, "{state}");
        let free = [(first, "2027-01-15T12:00:00".to_string())];
        assert_eq!(move_it(&play, "c-2", &free), Ok(true), "{state}: nor for the statement");
        play.db.0.run("update post set due_at = due_at + 1 where id = 'c-2'", &[]).unwrap();
    }
    hold();
    block_on(campaign::archive(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada")).unwrap();
    assert_eq!(instants(&play)[0], first, "put away");
    let lapse = with_slots(Play::drafted(true));
    lapse.db.0.run("update post set due_at = ?1 where id = 'c-1'", &[first.into()]).unwrap();
    assert_eq!(instants(&lapse)[0], first, "a time-lapse is not played at its times");
}

#[test]
fn a_plan_that_waits_for_approval_holds_its_slots() {
    let play = Play::planned("c", false);
    // Its posts are planned for eight in the morning of two days.
    let morning: Vec<WeeklySlot> = (1..=7).map(|weekday| WeeklySlot::parse(weekday, "08:00", "UTC").unwrap()).collect();
    block_on(add(&play.db, None, (&play.workspace_id, "stage", "m"), &morning, "ada")).unwrap();
    assert_eq!(instants(&play)[0], START_MS + 3 * DAY_MS);
    play.db.0.run("update strategy set state = 'sent_back', decided_at = 1, decided_by = 'ada'", &[]).unwrap();
    assert_eq!(instants(&play)[0], START_MS + DAY_MS, "the control: one that was sent back does not");
}
