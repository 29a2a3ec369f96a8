//! Learnings in the database: what triggers decide, and what they refuse.

use domain::learning::proof::{PAIRS_MAX, Ruling, Tally, WINDOW, WINDOW_MIN, wins_to_adopt};
use domain::learning::signals::proposals;
use domain::learning::{TRIALS_A_DAY, TrialResult, USES_BETWEEN_TRIALS};
use domain::{Decision, JobState, Step};
use futures::executor::block_on;
use serde_json::json as value;

use super::trial::{Due, begin, due};
use super::*;
use crate::cost;
use crate::job::{self, Finish};
use crate::learning::limit;
use crate::play::{Play, START_MS, content};

const DAY_MS: i64 = 86_400_000;

/// A workspace with a finished campaign of two posts, and a learning.
fn learned() -> Play {
    let play = Play::drafted(true);
    for post in ["c-1", "c-2"] {
        assert_eq!(play.decide(post, Decision::Approve), Ok(true));
    }
    for sql in [
        "update post set state = 'publishing', expires_at = null",
        "update post set state = 'published', published_at = 1",
    ] {
        play.db.0.run(sql, &[]).unwrap();
    }
    assert_eq!(play.count("select count(*) as n from campaign where stage = 'finished'"), 1);
    write_down(&play, "l", "Use no exclamation marks.").unwrap();
    play
}

fn write_down(play: &Play, id: &str, statement: &str) -> Result<(), DbError> {
    let new = NewLearning { workspace_id: &play.workspace_id, id, statement, channel_id: None, actor: "ada" };
    block_on(create(&play.db, Some(START_MS), &new))
}

fn the(play: &Play, id: &str) -> Learning {
    block_on(find(&play.db, &play.workspace_id, id)).unwrap().unwrap()
}

fn one(play: &Play) -> Due {
    Due { workspace_id: play.workspace_id.clone(), learning_id: "l".into() }
}

/// Its next trial comes to this, on a day of its own so that no limit is in the way.
fn tried(play: &Play, day: i64, result: TrialResult) {
    let at = START_MS + day * DAY_MS;
    block_on(begin(&play.db, Some(at), &one(play))).unwrap().expect("a trial begins");
    let mut job = play.claim(Step::Review, at);
    while !trial::is_trial(&job) {
        job = play.claim(Step::Review, at);
    }
    let artifact = value!({ "result": result, "with_first": "first", "with_second": "second", "judge": "a/b",
        "writer": "c/d", "with": content("With").canonical(), "without": content("Without").canonical() });
    let done = Finish { artifact: Some(artifact), ..Finish::of(&job, JobState::Done) };
    assert_eq!(block_on(job::finish(&play.db.0, Some(at), &[done])).unwrap().len(), 1);
}

#[test]
fn the_database_decides_as_the_domain_says_whatever_the_order_of_pairs() {
    let rows = learned().db.0.run("select decided, wins from learning_proof order by decided", &[]).unwrap();
    let kept: Vec<(u32, u32)> =
        rows.iter().map(|row| (row.int("decided").unwrap() as u32, row.int("wins").unwrap() as u32)).collect();
    let expect: Vec<(u32, u32)> = (1..=PAIRS_MAX).filter_map(|n| wins_to_adopt(n).map(|wins| (n, wins))).collect();
    assert_eq!(kept, expect);
    use TrialResult::{Loss, Tie, Win};
    for pattern in [
        &[Win][..],
        &[Loss],
        &[Tie],
        &[Win, Loss],
        &[Win, Win, Win, Loss],
        &[Win, Tie, Loss, Tie, Tie],
        &[Loss, Loss, Win],
    ] {
        let (play, mut tally) = (learned(), Tally::default());
        for (result, day) in pattern.iter().cycle().zip(0..) {
            tried(&play, day, *result);
            match result {
                Win => tally.wins += 1,
                Loss => tally.losses += 1,
                _ => tally.ties += 1,
            }
            let found = the(&play, "l");
            assert_eq!(found.tally, tally);
            let expect = match tally.ruling() {
                Ruling::GoOn => LearningState::Trying,
                Ruling::Adopt => LearningState::Adopted,
                Ruling::DropHarmful | Ruling::DropUnproved => LearningState::Dropped,
            };
            assert_eq!(found.state, expect, "{tally:?}");
            if !found.state.is_open() {
                break;
            }
        }
    }
}

#[test]
fn the_states_move_as_drawn_and_nothing_is_adopted_without_proof_but_by_hand() {
    let play = learned();
    let run = |sql: &str| play.db.0.run(sql, &[]);
    for from in LearningState::ALL {
        for to in LearningState::ALL.iter().filter(|to| *to != from) {
            run("begin").unwrap();
            let guards = run("select name, sql from sqlite_schema where name in ('learning_moves_as_drawn', 'learning_is_adopted_by_proof')").unwrap();
            for guard in guards.iter() {
                run(&format!("drop trigger {}", guard.str("name").unwrap())).unwrap();
            }
            run(&format!("update learning set state = '{from}'")).unwrap();
            for guard in guards.iter() {
                run(guard.str("sql").unwrap()).unwrap();
            }
            let by_hand = i64::from(*to == LearningState::Adopted);
            let moved = run(&format!("update learning set state = '{to}', by_hand = {by_hand}")).is_ok();
            assert_eq!(moved, from.next().contains(to), "{from} > {to}");
            run("rollback").unwrap();
        }
    }
    let refused = play.db.0.run("update learning set state = 'adopted'", &[]);
    assert!(refused.unwrap_err().is_refusal("unproved"));
    let put =
        |revision, state| block_on(put(&play.db, Some(START_MS), (&play.workspace_id, "l", revision), state, "ada"));
    assert_eq!(put(1, LearningState::Adopted), Ok(true));
    assert_eq!(put(1, LearningState::Retired), Ok(false), "somebody was quicker");
    assert!(the(&play, "l").by_hand);
    let told = block_on(told(&play.db, &play.workspace_id, "stage", None)).unwrap();
    assert_eq!(told.len(), 1);
}

#[test]
fn what_is_said_of_pairs_is_what_they_say_and_nobody_changes_a_pair() {
    let play = learned();
    tried(&play, 0, TrialResult::Win);
    for sql in [
        "update learning set wins = 40",
        "update learning_trial set result = 'loss'",
        "update learning_trial set post_id = 'x'",
        "delete from learning_trial",
        "delete from learning",
        "insert into learning (workspace_id, id, key, statement, origin, state, changed_by, created_at, updated_at) select workspace_id, 'm', 'm', 'Say it better.', 'person', 'adopted', 'x', 1, 1 from learning",
    ] {
        assert!(play.db.0.run(sql, &[]).is_err(), "{sql}");
    }
}

#[test]
fn an_edit_begins_the_evidence_anew_and_a_pair_of_before_does_not_count() {
    let play = learned();
    tried(&play, 0, TrialResult::Win);
    block_on(begin(&play.db, Some(START_MS), &one(&play))).unwrap().unwrap();
    let job = play.claim(Step::Review, START_MS);
    let of = (play.workspace_id.as_str(), "l", the(&play, "l").revision);
    assert_eq!(
        block_on(edit(&play.db, Some(START_MS), of, ("Use one exclamation mark at most.", None), "ada")),
        Ok(true)
    );
    let found = the(&play, "l");
    assert_eq!((found.state, found.tally, found.edition), (LearningState::Proposed, Tally::default(), 2));
    assert!(block_on(trial::input(&play.db, &job)).unwrap().is_none(), "what is tried is no longer said");
    let done = Finish { artifact: Some(value!({ "result": "win" })), ..Finish::of(&job, JobState::Done) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[done])).unwrap();
    assert_eq!(the(&play, "l").tally, Tally::default());
    let trials = block_on(trial::list(&play.db, &play.workspace_id, "l", None, 10)).unwrap();
    assert_eq!(trials.iter().map(|trial| trial.edition).collect::<Vec<_>>(), [1, 1]);
}

#[test]
fn a_trial_touches_no_post_and_no_version() {
    let play = learned();
    let all = || {
        play.db.0.run("select (select group_concat(state || revision || version) from post) || (select count(*) from post_version) || (select count(*) from review) as n", &[]).unwrap().first().unwrap().text("n").unwrap()
    };
    let before = all();
    for result in [TrialResult::Win, TrialResult::Loss, TrialResult::Failed] {
        tried(&play, 0, result);
    }
    assert_eq!(all(), before);
    let trials = block_on(trial::list(&play.db, &play.workspace_id, "l", None, 10)).unwrap();
    assert_eq!(trials[0].result, Some(TrialResult::Failed));
    assert_eq!(the(&play, "l").tally.judged(), 2, "what failed does not count");
    assert_eq!(
        trials.iter().map(|trial| trial.post_id.as_str()).collect::<Vec<_>>(),
        ["c-1", "c-2", "c-1"],
        "tasks take turns"
    );
    // Its worker gives up: it counts as failed, and nothing waits for it.
    block_on(begin(&play.db, Some(START_MS), &one(&play))).unwrap().unwrap();
    play.fail(Step::Review);
    assert_eq!(all(), before);
    assert_eq!(
        block_on(trial::list(&play.db, &play.workspace_id, "l", None, 1)).unwrap()[0].result,
        Some(TrialResult::Failed)
    );
}

#[test]
fn a_day_has_so_many_trials_and_so_much_money_and_none_where_they_are_off() {
    let play = learned();
    let allow = |revision, trials, money| {
        block_on(limit::set(&play.db, Some(START_MS), (&play.workspace_id, revision), (trials, money), "ada")).unwrap()
    };
    let is_due = |at| !block_on(due(&play.db, Some(at), 8)).unwrap().is_empty();
    assert!(is_due(START_MS));
    assert!(allow(0, 0, 0));
    assert!(!is_due(START_MS), "off");
    assert_eq!(block_on(begin(&play.db, Some(START_MS), &one(&play))), Ok(None));
    assert!(allow(1, 2, 100) && !allow(1, 2, 100));
    tried(&play, 0, TrialResult::Win);
    block_on(begin(&play.db, Some(START_MS), &one(&play))).unwrap().unwrap();
    assert!(!is_due(START_MS), "one is under way");
    let job = play.claim(Step::Review, START_MS);
    let reserve = |id: &str, micro_usd| {
        let new = cost::Reservation {
            workspace_id: &play.workspace_id,
            id,
            campaign_id: Some("c"),
            job_id: &job.id,
            fence: job.fence,
            step: job.step,
            provider: "p",
            model: "m",
            provider_id: None,
            stands_in_for: None,
            micro_usd,
            input_sha256: "q",
            prompt: "judge-1",
            for_ms: 60_000,
        };
        block_on(cost::reserve(&play.db, Some(START_MS), &new))
    };
    assert_eq!(reserve("k1", 60), Ok(()));
    assert!(reserve("k2", 41).unwrap_err().is_refusal("trial_budget_spent"));
    assert_eq!(reserve("k3", 40), Ok(()));
    let now = block_on(limit::find(&play.db, Some(START_MS), &play.workspace_id)).unwrap();
    assert_eq!((now.trials, now.spent_micro_usd, now.trials_a_day), (2, 100, 2));
    let done = Finish { artifact: Some(value!({ "result": "win" })), ..Finish::of(&job, JobState::Done) };
    block_on(job::finish(&play.db.0, Some(START_MS), &[done])).unwrap();
    assert!(!is_due(START_MS + 1) && is_due(START_MS + DAY_MS + 1), "tomorrow");
    assert_eq!(TRIALS_A_DAY, 24);
}

#[test]
fn without_a_word_from_an_admin_only_what_costs_nothing_is_tried() {
    let play = learned();
    block_on(begin(&play.db, Some(START_MS), &one(&play))).unwrap().unwrap();
    let job = play.claim(Step::Review, START_MS);
    let reserve = |id: &str, micro_usd| {
        let new = cost::Reservation {
            workspace_id: &play.workspace_id,
            id,
            campaign_id: Some("c"),
            job_id: &job.id,
            fence: job.fence,
            step: job.step,
            provider: "p",
            model: "m",
            provider_id: None,
            stands_in_for: None,
            micro_usd,
            input_sha256: "q",
            prompt: "judge-1",
            for_ms: 60_000,
        };
        block_on(cost::reserve(&play.db, Some(START_MS), &new))
    };
    assert_eq!(reserve("k1", 0), Ok(()));
    assert!(reserve("k2", 1).unwrap_err().is_refusal("trial_budget_spent"));
}

#[test]
fn an_adopted_learning_is_tried_again_after_so_many_uses_and_dropped_when_it_stops_helping() {
    let play = learned();
    let mut day = 0;
    while the(&play, "l").state != LearningState::Adopted {
        tried(&play, day, TrialResult::Win);
        day += 1;
    }
    let proved = the(&play, "l").tally.wins;
    assert_eq!(block_on(begin(&play.db, Some(START_MS + 90 * DAY_MS), &one(&play))), Ok(None), "it was not used since");
    let use_it = |times: u32| {
        for _ in 0..times {
            let sql = "insert into learning_use (workspace_id, learning_id, job_id, edition, at)
                       select workspace_id, id, 'j' || uses, edition, 1 from learning";
            play.db.0.run(sql, &[]).unwrap();
        }
    };
    use_it(USES_BETWEEN_TRIALS - 1);
    assert_eq!(block_on(due(&play.db, Some(START_MS + 90 * DAY_MS), 8)).unwrap(), []);
    use_it(1);
    let mut lost = 0;
    while the(&play, "l").state == LearningState::Adopted {
        tried(&play, 100 + i64::from(lost), TrialResult::Loss);
        use_it(USES_BETWEEN_TRIALS);
        lost += 1;
        assert!(lost <= WINDOW, "it is dropped");
    }
    let newest_first = std::iter::repeat_n(false, lost as usize).chain(std::iter::repeat_n(true, proved as usize));
    assert!(!domain::learning::proof::still_helps(newest_first) && proved + lost >= WINDOW_MIN);
    assert_eq!(the(&play, "l").reason.as_deref(), Some("it stopped helping"));
}

#[test]
fn what_people_do_twice_is_proposed_once() {
    let play = Play::drafted(false);
    assert_eq!(block_on(watch::wanted(&play.db, 4)).unwrap(), Vec::<String>::new());
    for post in ["c-1", "c-2"] {
        play.decide(post, Decision::SendBack).unwrap();
    }
    assert_eq!(block_on(watch::wanted(&play.db, 4)).unwrap().len(), 1);
    let seen = block_on(watch::seen(&play.db, Some(START_MS), &play.workspace_id)).unwrap();
    let found = proposals(&seen);
    assert_eq!(found.iter().map(|one| one.statement.as_str()).collect::<Vec<_>>(), ["So be it."]);
    assert_eq!(found[0].sources.len(), 2);
    block_on(watch::looked(&play.db, &play.workspace_id)).unwrap();
    let propose =
        |id: &str| block_on(watch::propose(&play.db, Some(START_MS), (&play.workspace_id, id), &found[0])).unwrap();
    assert_eq!([propose("l1"), propose("l2")], [true, false]);
    assert!(matches!(write_down(&play, "l3", "so be it"), Err(DbError::Conflict(_))), "whatever its case");
}

#[test]
fn another_workspace_has_learnings_of_its_own() {
    let play = learned();
    let next = play.neighbour();
    assert_eq!(block_on(find(&play.db, &next, "l")).unwrap(), None);
    assert_eq!(block_on(list(&play.db, &next, None, 10)).unwrap(), []);
    let of = (next.as_str(), "l", 1);
    assert_eq!(block_on(put(&play.db, Some(START_MS), of, LearningState::Retired, "ada")), Ok(false));
}

#[test]
fn words_are_kept_once_by_whoever_holds_the_first_trial_and_the_rules_stand_beside_them() {
    let play = learned();
    let (us, id) = (play.workspace_id.as_str(), "l");
    let sources = "update learning set origin = 'comments', rule_key = key, rule_statement = statement,
        sources = '[{\"post_id\":\"c-1\",\"version\":1,\"approval_id\":\"a\"}]'";
    play.db.0.run(sources, &[]).unwrap();
    block_on(begin(&play.db, Some(START_MS), &one(&play))).unwrap().expect("a trial begins");
    let mut job = play.claim(Step::Review, START_MS);
    while !trial::is_trial(&job) {
        job = play.claim(Step::Review, START_MS);
    }
    assert_eq!(block_on(wording::evidence(&play.db, (us, id))).unwrap(), wording::Evidence::default());
    assert!(block_on(trial::input(&play.db, &job)).unwrap().unwrap().is_to_be_worded);

    write_down(&play, "m", "Say it quietly.").unwrap();
    let keep = |statement: &str, job: &job::Claimed| {
        let words = wording::Words { statement, by: "a/b" };
        block_on(wording::keep(&play.db, Some(START_MS), (us, id), job, &words)).unwrap()
    };
    let other = job::Claimed { fence: job.fence + 1, ..job.clone() };
    assert!(!keep("Use commas.", &other), "another worker has the job");
    assert!(!keep("say it QUIETLY", &job), "another learning says so");
    assert!(keep("Use commas, not exclamation marks.", &job));
    assert!(!keep("Use full stops.", &job), "once");
    let found = the(&play, "l");
    assert_eq!((found.statement.as_str(), found.words_of()), ("Use commas, not exclamation marks.", "a/b"));
    assert_eq!((found.edition, found.rule_statement.as_deref()), (1, Some("Use no exclamation marks.")));
    assert!(!block_on(trial::input(&play.db, &job)).unwrap().unwrap().is_to_be_worded);
    let events = "select count(*) as n from event where kind = 'learning.changed' and data ->> '$.was' = 'Use no exclamation marks.'";
    assert_eq!(play.count(events), 1);

    let again = domain::learning::signals::Proposal {
        statement: "Use no exclamation marks.".into(),
        key: domain::learning::key("Use no exclamation marks."),
        origin: Origin::Edits,
        sources: Vec::new(),
    };
    assert_eq!(block_on(watch::propose(&play.db, Some(START_MS), (us, "n"), &again)), Ok(false), "it was proposed");
    let at = (us, id, found.revision);
    assert!(block_on(edit(&play.db, Some(START_MS), at, ("Write as people talk.", None), "ada")).unwrap());
    assert_eq!(the(&play, "l").words_of(), wording::PERSON);
    assert_eq!(block_on(watch::propose(&play.db, Some(START_MS), (us, "n"), &again)), Ok(false), "nor after an edit");
}
