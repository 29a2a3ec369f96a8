//! Backups, and what a database that comes from one no longer knows: what went out since.

use ports::{Db, DbError, Value};

/// Notes in a copy when it was made.
pub async fn mark_backup(db: &dyn Db, now_ms: i64) -> Result<(), DbError> {
    const MARK: &str = "insert into backup (id, made_at) values (1, ?1)
        on conflict (id) do update set made_at = excluded.made_at";
    db.execute(MARK, &[now_ms.into()]).await.map(|_| ())
}

/// When the copy was made, Unix milliseconds; `None`: it is no backup, or an older one.
pub async fn made_at(db: &dyn Db) -> Result<Option<i64>, DbError> {
    let rows = db.execute("select made_at from backup where id = 1", &[]).await?;
    rows.first().map(|row| row.int("made_at")).transpose()
}

/// How many migrations were applied to a database.
pub async fn schema(db: &dyn Db) -> Result<i64, DbError> {
    let rows = db.execute("select coalesce(max(number), 0) as number from schema_migration", &[]).await?;
    rows.first().map_or(Ok(0), |row| row.int("number"))
}

/// What a restore did so that nothing goes out twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Campaigns in performance that stand still now.
    pub stopped: usize,
    /// Publications that were being sent: their outcome is unknown now.
    pub unknown: usize,
    /// Publications that were due since: a person is asked whether they went out.
    pub asked: usize,
}

/// Makes a restored database safe to run: whatever may have gone out since the backup does not go out again by
/// itself. All of it or nothing. `when`: the time of the backup, in words.
pub async fn make_safe(db: &dyn Db, now_ms: i64, made_at: Option<i64>, when: &str) -> Result<Restored, DbError> {
    db.execute("begin immediate", &[]).await?;
    let outcome = make_safe_within(db, now_ms, made_at, when).await;
    db.execute(if outcome.is_ok() { "commit" } else { "rollback" }, &[]).await?;
    outcome
}

async fn make_safe_within(db: &dyn Db, now_ms: i64, made_at: Option<i64>, when: &str) -> Result<Restored, DbError> {
    // First the switch, so that no statement after it leaves anything that could still go.
    const STOP: &str = "update campaign set paused = 1, changed_by = 'operator', revision = revision + 1, updated_at = ?1,
            reason = 'restored from ' || ?2 || '. What went out since then is not known here, so nothing goes out: look '
                || 'at each channel, answer for what may be out, then let the campaign go on'
        where mode = 'performance' and stage not in ('finished', 'cancelled') returning id";
    const UNKNOWN: &str = "update job set state = 'unknown', lease_until = null,
            run_at = max(coalesce(quiet_until, 0), ?1), updated_at = ?1,
            last_error = 'it was being sent when the backup was made'
        where state in ('armed', 'reconciling') returning id";
    // The stage is in the same database, so it knows.
    const ASK: &str = "update job set state = 'needs_human', lease_until = null, armed_at = run_at, updated_at = ?1,
            last_error = 'it was due after the backup that this was restored from, and may have gone out: look on the '
                || 'platform whether it is there'
        where step = 'publish' and state in ('ready', 'leased') and run_at <= ?1
          and exists (select 1 from campaign c where c.workspace_id = job.workspace_id and c.id = job.campaign_id
                        and c.mode = 'performance')
          and exists (select 1 from channel ch where ch.workspace_id = job.workspace_id and ch.id = job.channel_id
                        and ch.platform <> 'stage')
        returning id";
    const TELL: &str = "insert into event (workspace_id, at, subject, kind, actor, data)
        select id, ?1, 'workspace:' || id, 'workspace.restored', 'operator',
            json_object('backup_at', ?2, 'reason', 'restored from ' || ?3
                || '; what happened since then is not known here, and campaigns in performance stand still')
        from workspace";
    let now: Value = now_ms.into();
    let stopped = db.execute(STOP, &[now.clone(), when.into()]).await?.len();
    let unknown = db.execute(UNKNOWN, std::slice::from_ref(&now)).await?.len();
    let asked = db.execute(ASK, std::slice::from_ref(&now)).await?.len();
    db.execute(TELL, &[now, made_at.into(), when.into()]).await?;
    db.execute("delete from backup", &[]).await?;
    Ok(Restored { stopped, unknown, asked })
}

#[cfg(test)]
mod tests {
    use domain::{Decision, JobState, PostState, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::job::{self, Finish};
    use crate::job_list::{self, Resolution};
    use crate::play::{FIRST_DUE_MS, Play, START_MS};

    /// `c-1` and `c-2` are approved, for a channel outside, in performance.
    fn scheduled() -> Play {
        let play = Play::drafted(false);
        for statement in [
            "update campaign set mode = 'performance'",
            "update workspace set mode = 'performance'",
            "update channel set platform = 'relay'",
        ] {
            play.db.0.run(statement, &[]).unwrap();
        }
        for post in ["c-1", "c-2"] {
            play.decide(post, Decision::Approve).unwrap();
        }
        play
    }

    fn restore(play: &Play, now_ms: i64) -> Restored {
        block_on(make_safe(&play.db.0, now_ms, Some(START_MS), "the backup of then")).unwrap()
    }

    #[test]
    fn what_was_being_sent_is_unknown_and_the_campaign_stands_still_with_its_reason() {
        let play = scheduled();
        let job = play.claim(Step::Publish, FIRST_DUE_MS);
        block_on(job::arm(&play.db.0, Some(FIRST_DUE_MS), job::Arm { job: &job, call_ms: 10, quiet_ms: 10 }))
            .unwrap()
            .unwrap();
        assert_eq!(restore(&play, FIRST_DUE_MS + 5), Restored { stopped: 1, unknown: 1, asked: 0 });
        assert_eq!(play.count("select count(*) as n from job where state = 'unknown'"), 1);
        let campaign = block_on(crate::campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap();
        assert!(
            campaign.paused && campaign.reason.as_deref().unwrap().starts_with("restored from the backup of then.")
        );
        let told = "select count(*) as n from event where kind = 'workspace.restored' and data ->> '$.backup_at' = 1800000000000";
        assert_eq!(play.count(told), 1);
        let stopped =
            "select count(*) as n from event where kind = 'campaign.changed' and data ->> '$.reason' like 'restored%'";
        assert_eq!(play.count(stopped), 1);
        assert!(
            block_on(job::claim(&play.db.0, Some(FIRST_DUE_MS + 90_000_000), Step::Publish, 9, 60_000))
                .unwrap()
                .iter()
                .all(|job| job.paused)
        );
    }

    #[test]
    fn what_was_due_since_asks_a_person_and_is_never_sent_by_itself() {
        let play = scheduled();
        let leased = play.claim(Step::Publish, FIRST_DUE_MS);
        assert_eq!(restore(&play, FIRST_DUE_MS + 86_400_000), Restored { stopped: 1, unknown: 0, asked: 2 });
        for post in ["c-1", "c-2"] {
            assert_eq!(play.post(post).state, PostState::NeedsPerson);
        }
        let late = Finish::of(&leased, JobState::Ready);
        let result = block_on(job::finish(&play.db.0, Some(FIRST_DUE_MS), &[late]));
        assert_eq!(result, Ok(Vec::new()), "a worker of before has nothing to say");
        // A person says that it is out: then it is.
        let answer = Resolution {
            workspace_id: &play.workspace_id,
            job_id: &leased.id,
            id: "r",
            is_live: true,
            ext_url: None,
            actor: "ada",
        };
        block_on(job_list::resolve(&play.db.0, Some(FIRST_DUE_MS + 86_400_001), &answer)).unwrap();
        assert_eq!(play.post("c-1").state, PostState::Published);
        assert_eq!(play.count("select count(*) as n from publication where known_by = 'person'"), 1);
    }

    #[test]
    fn what_is_due_later_only_waits_and_what_is_on_the_stage_is_known() {
        let play = scheduled();
        assert_eq!(restore(&play, FIRST_DUE_MS - 1), Restored { stopped: 1, unknown: 0, asked: 0 });
        assert_eq!(play.post("c-1").state, PostState::Scheduled);
        let play = scheduled();
        play.db.0.run("update channel set platform = 'stage'", &[]).unwrap();
        assert_eq!(restore(&play, FIRST_DUE_MS), Restored { stopped: 1, unknown: 0, asked: 0 });
    }

    #[test]
    fn a_rehearsal_goes_on_and_whoever_lets_a_performance_go_on_has_read_why_it_stood_still() {
        let play = Play::drafted(false);
        assert_eq!(restore(&play, FIRST_DUE_MS), Restored::default());
        assert_eq!(play.count("select count(*) as n from campaign where paused"), 0);
        let play = scheduled();
        restore(&play, START_MS);
        let of = |play: &Play| block_on(crate::campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap();
        let resume = crate::campaign::Change { paused: Some(false), ..Default::default() };
        let at = (play.workspace_id.as_str(), "c", of(&play).revision);
        assert_eq!(block_on(crate::campaign::change(&play.db, Some(START_MS), at, &resume, "ada")), Ok(true));
        assert_eq!((of(&play).paused, of(&play).reason), (false, None));
    }

    #[test]
    fn a_copy_says_when_it_was_made_until_it_is_restored() {
        let play = Play::drafted(false);
        assert_eq!(block_on(made_at(&play.db.0)), Ok(None));
        for at in [1, 2] {
            block_on(mark_backup(&play.db.0, at)).unwrap();
        }
        assert_eq!(block_on(made_at(&play.db.0)), Ok(Some(2)));
        restore(&play, START_MS);
        assert_eq!(block_on(made_at(&play.db.0)), Ok(None));
    }
}
