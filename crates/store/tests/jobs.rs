//! The job's life in SQL: who gets it, who may finish it, what arming asks, what runs out.

use std::collections::BTreeSet;

use domain::{Brief, Content, Decision, JobState, Mode, Step};
use futures::executor::block_on;
use ports::native::NativeDb;
use ports::{Db, DbError};
use store::job::{Arm, Claimed, Finish, NotArmed, arm, claim, finish, late_success, steps_with_work};
use store::sweep::{Swept, sweep};
use store::{approval, campaign, migrate};

const NOW: i64 = 1_803_888_000_000;
const LEASE_MS: i64 = 60_000;

fn database() -> NativeDb {
    let db = NativeDb::in_memory().unwrap();
    block_on(migrate::ensure(&db)).unwrap();
    db
}

fn ready_job(db: &NativeDb, workspace: &str, id: &str, run_at: i64) {
    db.run(
        "insert into workspace (id, name, slug, created_at) values (?1, ?1, ?1, 0) on conflict do nothing",
        &[workspace.into()],
    )
    .unwrap();
    db.run(
        "insert into job (workspace_id, id, step, run_at, created_at, updated_at) values (?1, ?2, 'generate', ?3, 0, 0)",
        &[workspace.into(), id.into(), run_at.into()],
    )
    .unwrap();
}

fn claim_at(db: &NativeDb, now: i64, step: Step, limit: u32) -> Vec<Claimed> {
    block_on(claim(db, Some(now), step, limit, LEASE_MS)).unwrap()
}

fn number(db: &NativeDb, sql: &str) -> i64 {
    db.run(sql, &[]).unwrap().first().unwrap().int("n").unwrap()
}

fn text(db: &NativeDb, sql: &str) -> String {
    db.run(sql, &[]).unwrap().first().unwrap().text("t").unwrap()
}

#[test]
fn the_migrations_hold_the_same_moves_as_the_diagram() {
    let sql = text(&database(), "select sql as t from sqlite_master where name = 'job_moves_as_drawn'");
    let in_sql: BTreeSet<&str> =
        sql.split('\'').filter(|word| word.contains('>') && !word.contains(' ') && word.len() > 3).collect();
    let drawn: BTreeSet<String> =
        JobState::ALL.iter().flat_map(|from| from.next().iter().map(move |to| format!("{from}>{to}"))).collect();
    assert_eq!(in_sql, drawn.iter().map(String::as_str).collect());
}

#[test]
fn a_move_that_is_not_drawn_is_refused() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    let error = db.run("update job set state = 'done' where id = 'j'", &[]).unwrap_err();
    assert!(error.is_refusal("illegal_move"), "{error}");
}

#[test]
fn the_grace_is_the_same_in_sql_as_in_the_domain() {
    assert_eq!(number(&database(), "select grace_ms as n from setting"), domain::calendar::GRACE_MS);
}

#[test]
fn workspaces_are_served_in_turn_however_long_their_queues() {
    let db = database();
    for index in 0..100 {
        ready_job(&db, "a", &format!("a{index:03}"), index);
    }
    for workspace in ["b", "c"] {
        for index in 0..3 {
            ready_job(&db, workspace, &format!("{workspace}{index}"), 50 + index);
        }
    }
    let first: Vec<String> = claim_at(&db, NOW, Step::Generate, 6).into_iter().map(|job| job.workspace_id).collect();
    for workspace in ["a", "b", "c"] {
        assert_eq!(first.iter().filter(|id| *id == workspace).count(), 2, "{first:?}");
    }
    // One at a time, each has its turn.
    let next: BTreeSet<String> =
        (0..3).flat_map(|_| claim_at(&db, NOW, Step::Generate, 1)).map(|job| job.workspace_id).collect();
    assert!(next.contains("a") && next.len() >= 2, "{next:?}");
}

#[test]
fn a_job_that_is_not_due_or_is_of_another_step_is_not_claimed() {
    let db = database();
    ready_job(&db, "a", "later", NOW + 1);
    assert!(claim_at(&db, NOW, Step::Generate, 5).is_empty());
    assert!(claim_at(&db, NOW + 1, Step::Review, 5).is_empty());
    assert_eq!(block_on(steps_with_work(&db, Some(NOW))).unwrap(), []);
    assert_eq!(block_on(steps_with_work(&db, Some(NOW + 1))).unwrap(), [Step::Generate]);
    assert_eq!(claim_at(&db, NOW + 1, Step::Generate, 5).len(), 1);
}

#[test]
fn a_job_is_claimed_by_one_worker_alone() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    assert_eq!(claim_at(&db, NOW, Step::Generate, 5).len(), 1);
    assert!(claim_at(&db, NOW, Step::Generate, 5).is_empty());
}

#[test]
fn a_result_that_comes_after_the_lease_was_taken_over_changes_nothing_and_is_kept() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    let slow = claim_at(&db, NOW, Step::Generate, 1).remove(0);
    let later = NOW + LEASE_MS + 1;
    assert_eq!(block_on(sweep(&db, Some(later))).unwrap().leased, 1);
    let quick = claim_at(&db, later, Step::Generate, 1).remove(0);
    assert_eq!(quick.fence, slow.fence + 1);

    let late = Finish { ext_id: Some("x1".into()), ..Finish::of(&slow, JobState::Done) };
    assert!(block_on(finish(&db, Some(later), &[late])).unwrap().is_empty());
    assert_eq!(text(&db, "select state as t from job where id = 'j'"), "leased");
    assert_eq!(block_on(late_success(&db, &quick)).unwrap(), Some(("x1".into(), None)));
}

#[test]
fn an_outcome_with_an_old_fence_is_refused_by_the_table_itself() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    let job = claim_at(&db, NOW, Step::Generate, 1).remove(0);
    let insert = |fence: i64| {
        db.run(
            "insert into outcome (workspace_id, job_id, fence, state, at) values ('a', 'j', ?1, 'dead', 0)",
            &[fence.into()],
        )
    };
    assert!(insert(job.fence - 1).unwrap_err().is_refusal("fenced"));
    assert!(insert(job.fence).is_ok());
}

#[test]
fn a_snooze_does_not_use_an_attempt_and_a_retry_does() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    for (free, attempt) in [(true, 0), (false, 1)] {
        let job = claim_at(&db, NOW, Step::Generate, 1).remove(0);
        let again = Finish { free, after_ms: Some(0), ..Finish::of(&job, JobState::Ready) };
        block_on(finish(&db, Some(NOW), &[again])).unwrap();
        assert_eq!(number(&db, "select attempt as n from job where id = 'j'"), attempt);
    }
}

#[test]
fn a_lease_that_ends_on_the_last_attempt_is_the_end() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    db.run("update job set attempts_max = 2 where id = 'j'", &[]).unwrap();
    let mut now = NOW;
    for expected in ["ready", "dead"] {
        claim_at(&db, now, Step::Generate, 1);
        now += LEASE_MS + 1;
        block_on(sweep(&db, Some(now))).unwrap();
        assert_eq!(text(&db, "select state as t from job where id = 'j'"), expected);
    }
}

#[test]
fn several_results_are_written_by_one_statement_each_with_its_event() {
    let db = database();
    for index in 0..64 {
        ready_job(&db, "a", &format!("j{index}"), 0);
    }
    let jobs = claim_at(&db, NOW, Step::Generate, 64);
    let done: Vec<Finish> = jobs.iter().map(|job| Finish::of(job, JobState::Dead)).collect();
    assert_eq!(block_on(finish(&db, Some(NOW), &done)).unwrap().len(), 64);
    assert_eq!(number(&db, "select count(*) as n from event where kind = 'job.dead'"), 64);
}

/// A campaign with one post in a performance, approved, and its publish job.
struct Approved {
    db: NativeDb,
    workspace: String,
    due_at: i64,
}

fn approved() -> Approved {
    let db = database();
    let workspace = text(&db, "select id as t from workspace");
    let switched = store::people::workspace::set_mode(&db, Some(NOW), &workspace, Mode::Performance, "u");
    assert_eq!(block_on(switched).unwrap().unwrap().mode, Mode::Performance);
    let brief = Brief::parse(
        "[brand]\nname = \"B\"\nurl = \"https://b.example\"\none_line = \"A bakery.\"\n\
        [goal]\ntext = \"Sell bread.\"\nposts_per_week = 1\nweeks = 1\ntimezone = \"UTC\"\nstart = \"2027-03-02\"\n",
    )
    .unwrap();
    let due_at = domain::calendar::slots(&brief.goal).unwrap()[0].due_at;
    let new = campaign::NewCampaign {
        workspace_id: &workspace,
        id: "c",
        name: "C",
        mode: Mode::Performance,
        time_lapse: false,
        budget_micro_usd: 0,
        brief: &brief,
        actor: "u",
    };
    block_on(campaign::create(&db, Some(NOW), &new)).unwrap();
    let done = |step, artifact: serde_json::Value| {
        let job = claim_at(&db, NOW, step, 1).remove(0);
        let finished = Finish { artifact: Some(artifact), ..Finish::of(&job, JobState::Done) };
        assert_eq!(block_on(finish(&db, Some(NOW), &[finished])).unwrap().len(), 1);
    };
    let entry = serde_json::json!({"slot": 1, "channel": "stage", "pillar": "p", "angle": "a"});
    done(
        Step::Strategize,
        serde_json::json!({
            "strategy": {"calendar": [entry]}, "sha256": "0",
            "slots": [{"ordinal": 1, "local": "x", "due_at": due_at, "expires_at": due_at + 900_000, "language": "en"}],
        }),
    );
    let of = store::strategy::Version { workspace_id: &workspace, campaign_id: "c", version: 1 };
    block_on(store::strategy::decide(&db, Some(NOW), of, Decision::Approve, None, "u")).unwrap();
    let content = Content { language: "en".into(), title: "T".into(), text: "Bread.".into(), image: None };
    done(Step::Generate, serde_json::json!({"content": content.canonical(), "sha256": content.sha256()}));
    done(
        Step::Review,
        serde_json::json!({"verdict": "approve", "reason": "", "revisions_max": 3,
            "reviews": [{"reviewer": "editor", "verdict": "approve", "scores": null, "findings": []}]}),
    );
    let decision = approval::NewApproval {
        workspace_id: &workspace,
        id: "ap1",
        post_id: "c-1",
        version: 1,
        content_sha256: &content.sha256(),
        channel_id: "stage",
        due_at,
        decision: Decision::Approve,
        comment: None,
        actor: "u",
    };
    assert!(block_on(approval::decide(&db, Some(NOW), &decision)).unwrap());
    Approved { db, workspace, due_at }
}

impl Approved {
    fn claim(&self) -> Claimed {
        claim_at(&self.db, self.due_at, Step::Publish, 1).remove(0)
    }

    fn arm(&self, job: &Claimed, now: i64) -> Result<(), NotArmed> {
        block_on(arm(&self.db, Some(now), Arm { job, call_ms: 5_000, quiet_ms: 30_000 })).unwrap()
    }

    fn run(&self, sql: &str) {
        self.db.run(sql, &[]).unwrap();
    }
}

#[test]
fn what_is_approved_is_armed_once_and_its_post_is_publishing() {
    let case = approved();
    let job = case.claim();
    assert_eq!(case.arm(&job, case.due_at), Ok(()));
    assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::Fenced));
    assert_eq!(text(&case.db, "select state as t from post"), "publishing");
}

#[test]
fn nothing_is_armed_before_its_time_because_nothing_is_claimed() {
    let case = approved();
    assert!(claim_at(&case.db, case.due_at - 1, Step::Publish, 1).is_empty());
}

#[test]
fn a_revoked_approval_another_text_or_another_time_is_not_armed() {
    for sql in [
        "update approval set revoked_at = 1 where id = 'ap1'",
        "update job set content_sha256 = 'other' where step = 'publish'",
        "update job set channel_id = 'other' where step = 'publish'",
        "update job set approval_id = 'other' where step = 'publish'",
    ] {
        let case = approved();
        let job = case.claim();
        case.run(sql);
        assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::NotApproved), "{sql}");
    }
}

#[test]
fn an_edit_voids_the_approval_and_takes_the_job_away_from_a_worker_that_has_it() {
    let case = approved();
    let job = case.claim();
    let edited = Content { language: "en".into(), title: "T".into(), text: "Fresh bread.".into(), image: None };
    block_on(store::post::edit(&case.db, Some(case.due_at), (&case.workspace, "c-1", 1), &edited, "u")).unwrap();
    assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::Fenced));
    assert_eq!(text(&case.db, "select state as t from job where step = 'publish'"), "cancelled");
}

#[test]
fn nothing_is_armed_while_the_workspace_the_campaign_the_channel_or_the_post_is_stopped() {
    for sql in [
        "update workspace set paused = 1",
        "update campaign set paused = 1",
        "update channel set paused = 1",
        "update agent set paused = 1 where id = 'publisher'",
        "update post set held = 1",
    ] {
        let case = approved();
        let job = case.claim();
        case.run(sql);
        assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::Paused), "{sql}");
    }
}

#[test]
fn nothing_of_a_performance_is_armed_while_the_workspace_is_in_rehearsal() {
    let case = approved();
    let job = case.claim();
    let switch = |mode| {
        let switched = store::people::workspace::set_mode(&case.db, Some(case.due_at), &case.workspace, mode, "u");
        block_on(switched).unwrap().unwrap();
    };
    switch(Mode::Rehearsal);
    assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::Rehearsing));
    // The control: what holds it back is that switch alone.
    switch(Mode::Performance);
    assert_eq!(case.arm(&job, case.due_at), Ok(()));
    assert_eq!(number(&case.db, "select count(*) as n from event where kind = 'workspace.rehearsal'"), 1);

    let case = approved();
    let job = case.claim();
    case.run("update workspace set mode = 'rehearsal'");
    case.run("update campaign set mode = 'rehearsal' where 1 = 0");
    case.run("drop trigger mode_voids_approvals");
    case.run("update campaign set mode = 'rehearsal'");
    assert_eq!(case.arm(&job, case.due_at), Ok(()), "a rehearsal is rehearsed");
}

#[test]
fn what_waited_for_the_rehearsal_to_end_does_not_become_a_burst() {
    let case = approved();
    case.run("update workspace set mode = 'rehearsal'");
    let late = case.due_at + domain::calendar::GRACE_MS + 1;
    let job = case.claim();
    let waits = Finish { run_at: Some(late), free: true, ..Finish::of(&job, JobState::Ready) };
    block_on(finish(&case.db, Some(case.due_at), &[waits])).unwrap();
    assert_eq!(text(&case.db, "select state as t from post"), "scheduled", "it waits, it is not lost");
    case.run("update workspace set mode = 'performance'");
    let job = claim_at(&case.db, late, Step::Publish, 1).remove(0);
    assert_eq!(case.arm(&job, late), Err(NotArmed::TooLate));
    case.run("update workspace set mode = 'rehearsal'");
    assert_eq!(block_on(sweep(&case.db, Some(late))).unwrap().missed, 1);
    let reason = text(&case.db, "select reason as t from post");
    assert_eq!(reason, "its time passed while it was approved and waiting to be sent, and the workspace in rehearsal");
}

#[test]
fn a_paused_agents_jobs_wait_and_those_of_other_steps_and_workspaces_do_not() {
    let db = database();
    for workspace in ["a", "b", "c"] {
        ready_job(&db, workspace, "j", 0);
    }
    let claimed =
        || -> Vec<String> { claim_at(&db, NOW, Step::Generate, 9).into_iter().map(|job| job.workspace_id).collect() };
    let pause = |workspace: &str, paused| {
        let agent = (workspace, domain::AgentRole::Copywriter);
        assert!(block_on(store::agent::set_paused(&db, Some(NOW), agent, paused, "u")).unwrap());
    };
    pause("b", true);
    pause("b", true);
    assert_eq!(
        number(&db, "select count(*) as n from event where kind = 'agent.paused'"),
        1,
        "repeating it changes nothing"
    );
    assert_eq!(claimed(), ["a", "c"]);
    assert_eq!(block_on(steps_with_work(&db, Some(NOW))).unwrap(), [], "nobody is woken for it");
    assert_eq!(
        number(&db, "select count(*) as n from job where state = 'ready' and attempt = 0"),
        1,
        "nothing is lost"
    );
    // The control: the same job, once the agent goes on.
    pause("b", false);
    assert_eq!(block_on(steps_with_work(&db, Some(NOW))).unwrap(), [Step::Generate]);
    assert_eq!(claimed(), ["b"]);
}

#[test]
fn nothing_is_armed_with_a_stale_fence_too_short_a_lease_too_early_or_too_late() {
    let case = approved();
    let job = case.claim();
    let stale = Claimed { fence: job.fence - 1, ..job.clone() };
    assert_eq!(case.arm(&stale, case.due_at), Err(NotArmed::Fenced));
    assert_eq!(case.arm(&job, case.due_at - 1), Err(NotArmed::TooEarly));
    assert_eq!(case.arm(&job, case.due_at + LEASE_MS - 5_000), Err(NotArmed::LeaseTooShort));
    let grace = domain::calendar::GRACE_MS;
    case.run("update job set lease_until = lease_until + 10000000 where step = 'publish'");
    assert_eq!(case.arm(&job, case.due_at + grace + 1), Err(NotArmed::TooLate));
    assert_eq!(case.arm(&job, case.due_at + grace), Ok(()));
}

#[test]
fn a_channel_that_asked_us_to_wait_is_waited_for() {
    let case = approved();
    let job = case.claim();
    let until = case.due_at + 7_000;
    case.db.run("update channel set blocked_until = ?1", &[until.into()]).unwrap();
    assert_eq!(case.arm(&job, case.due_at), Err(NotArmed::ChannelBusy { until }));
    assert_eq!(case.arm(&job, until), Ok(()));
}

#[test]
fn an_armed_job_whose_worker_stopped_is_unknown_until_the_quiet_period_is_over_and_never_ready() {
    let case = approved();
    let job = case.claim();
    case.arm(&job, case.due_at).unwrap();
    let swept = block_on(sweep(&case.db, Some(case.due_at + 5_001))).unwrap();
    assert_eq!((swept.armed, swept.leased), (1, 0));
    let unknown = |now| block_on(store::job::claim_unknown(&case.db, Some(now), 5, LEASE_MS)).unwrap();
    assert!(claim_at(&case.db, case.due_at + 10_000, Step::Publish, 5).is_empty());
    assert!(unknown(case.due_at + 29_999).is_empty());
    assert_eq!(unknown(case.due_at + 30_000).len(), 1);
}

#[test]
fn a_post_whose_time_has_passed_is_missed_and_its_job_is_cancelled() {
    let case = approved();
    let swept = block_on(sweep(&case.db, Some(case.due_at + domain::calendar::GRACE_MS + 1))).unwrap();
    assert_eq!(swept.missed, 1);
    assert_eq!(text(&case.db, "select state as t from post"), "missed");
    let reason = "its time passed while it was approved and waiting to be sent";
    assert_eq!(text(&case.db, "select reason as t from post"), reason);
    assert_eq!(text(&case.db, "select state as t from job where step = 'publish'"), "cancelled");
    assert_eq!(text(&case.db, "select stage as t from campaign"), "finished");
}

#[test]
fn a_second_approval_and_one_of_a_superseded_version_are_refused() {
    let case = approved();
    let again = |version: i64, sha256: &str| {
        let decision = approval::NewApproval {
            workspace_id: &case.workspace,
            id: "ap2",
            post_id: "c-1",
            version,
            content_sha256: sha256,
            channel_id: "stage",
            due_at: case.due_at,
            decision: Decision::Approve,
            comment: None,
            actor: "u",
        };
        block_on(approval::decide(&case.db, Some(NOW), &decision)).unwrap_err()
    };
    let sha256 = text(&case.db, "select sha256 as t from post_version");
    assert_eq!(again(1, &sha256), DbError::Refused("already_decided".into()));
    assert_eq!(again(1, "other"), DbError::Refused("superseded".into()));
}

/// Another writer holds the lock: whoever asks for it is told that the database is busy.
#[test]
fn a_sweep_that_finds_nothing_to_end_asks_for_no_lock() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rondo.db");
    let (db, other) = (NativeDb::open(&file).unwrap(), NativeDb::open(&file).unwrap());
    block_on(migrate::ensure(&db)).unwrap();
    db.run("pragma busy_timeout = 0", &[]).unwrap();
    other.run("begin immediate", &[]).unwrap();
    assert_eq!(block_on(sweep(&db, Some(NOW))), Ok(Swept::default()));
    other.run("rollback", &[]).unwrap();
    ready_job(&db, "a", "j", 0);
    claim_at(&db, NOW, Step::Generate, 1);
    other.run("begin immediate", &[]).unwrap();
    assert_eq!(block_on(sweep(&db, Some(NOW + LEASE_MS + 1))), Err(DbError::Busy));
}

#[test]
fn claiming_and_sweeping_use_an_index_for_every_search() {
    let db = database();
    ready_job(&db, "a", "j", 0);
    for sql in [
        "select id from job where state = 'ready' and step = 'generate' and workspace_id = 'a' and run_at <= 5 order by run_at limit 3",
        "select min(workspace_id) from job where state = 'ready' and step = 'generate' and workspace_id > 'a'",
        "select id from job where state = 'leased' and lease_until < 5 order by lease_until",
        "select id from job where state = 'armed' and lease_until < 5 order by lease_until",
        "select id from job where state = 'unknown' and run_at <= 5 order by run_at",
        "select id from post where expires_at < 5",
    ] {
        let plan = block_on(db.execute(&format!("explain query plan {sql}"), &[])).unwrap();
        for row in plan.iter() {
            let detail = row.text("detail").unwrap();
            assert!(detail.starts_with("SEARCH"), "{sql}: {detail}");
        }
    }
}
