//! Jobs as people see them: lists, resolutions, second chances. What workers do with them is in [`crate::job`].

use domain::{JobState, Step};
use ports::{Db, DbError, Row, Value};

use crate::now;
use crate::page::{Key, limited, older_than};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id: what it does.
    pub id: String,
    /// Of which step.
    pub step: Step,
    /// Where it is.
    pub state: JobState,
    /// Its run.
    pub run_id: Option<String>,
    /// Its campaign.
    pub campaign_id: Option<String>,
    /// Its post.
    pub post_id: Option<String>,
    /// The version: of the post, or of the strategy that was sent back.
    pub version: Option<i64>,
    /// How often it was tried.
    pub attempt: i64,
    /// After so many, it is dead.
    pub attempts_max: i64,
    /// When it is due, Unix milliseconds.
    pub run_at: i64,
    /// When something last may have left, Unix milliseconds.
    pub armed_at: Option<i64>,
    /// Where what it sent can be seen.
    pub ext_url: Option<String>,
    /// What last went wrong.
    pub last_error: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

impl Job {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.id.clone() }
    }
}

const COLUMNS: &str = "id, step, state, run_id, campaign_id, post_id, version, attempt, attempts_max, run_at, armed_at,
    ext_url, last_error, created_at, updated_at";

fn job(row: Row<'_>) -> Result<Job, DbError> {
    Ok(Job {
        id: row.text("id")?,
        step: row.parsed("step")?,
        state: row.parsed("state")?,
        run_id: row.opt_text("run_id")?,
        campaign_id: row.opt_text("campaign_id")?,
        post_id: row.opt_text("post_id")?,
        version: row.opt_int("version")?,
        attempt: row.int("attempt")?,
        attempts_max: row.int("attempts_max")?,
        run_at: row.int("run_at")?,
        armed_at: row.opt_int("armed_at")?,
        ext_url: row.opt_text("ext_url")?,
        last_error: row.opt_text("last_error")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

/// Which jobs to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this campaign.
    pub campaign_id: Option<&'a str>,
    /// In this state.
    pub state: Option<JobState>,
}

/// The newest first.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    filter: Filter<'_>,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Job>, DbError> {
    // The state stands in the text, not among the parameters, so that its partial index is found.
    let of_state = filter.state.map_or(String::new(), |state| format!("and state = '{state}'"));
    let of_campaign = if filter.campaign_id.is_some() { "and campaign_id = ?5" } else { "" };
    let sql = format!(
        "select {COLUMNS} from job where workspace_id = ?1 {of_campaign} {of_state} and (created_at, id) < (?2, ?3)
        order by created_at desc, id desc limit ?4"
    );
    let [at, id] = older_than(after);
    let mut parameters = vec![workspace_id.into(), at, id, limited(limit)];
    parameters.extend(filter.campaign_id.map(Value::from));
    db.execute(&sql, &parameters).await?.iter().map(job).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Job>, DbError> {
    let sql = format!("select {COLUMNS} from job where workspace_id = ?1 and id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(job).transpose()
}

/// What a person found out about a job whose outcome nobody else can know.
#[derive(Clone, Copy, Debug)]
pub struct Resolution<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The job.
    pub job_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// It is out there; or it is not, and may be sent again.
    pub is_live: bool,
    /// Where it can be seen.
    pub ext_url: Option<&'a str>,
    /// Who says so.
    pub actor: &'a str,
}

/// Resolves it. Refused (`already_decided`) unless it waits for a person.
pub async fn resolve(db: &dyn Db, pinned_ms: Option<i64>, new: &Resolution<'_>) -> Result<(), DbError> {
    const RESOLVE: &str = concat!(
        "insert into resolution (workspace_id, job_id, id, answer, ext_url, user_id, at)
        values (?2, ?3, ?4, ?5, ?6, ?7, ",
        now!(),
        ")"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.job_id.into(),
        new.id.into(),
        if new.is_live { "live" } else { "not_live" }.into(),
        new.ext_url.into(),
        new.actor.into(),
    ];
    db.execute(RESOLVE, &parameters).await.map(|_| ())
}

/// Gives a dead job's work another chance, as a new job: planning that failed, a text or a verdict that nobody gave.
/// A post that could not be published is approved again instead. `None`: it is not dead, or no longer what is wanted,
/// or somebody was quicker; else the new job's id.
pub async fn retry(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    id: &str,
) -> Result<Option<String>, DbError> {
    const RETRY: &str = concat!(
        "insert into job (workspace_id, id, step, run_id, campaign_id, post_id, version, run_at, created_at, updated_at)
        select j.workspace_id, j.id || ':again', j.step, j.run_id, j.campaign_id, j.post_id, j.version,
            ", now!(), ", ", now!(), ", ", now!(), "
        from job j
        join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
        left join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
        where j.workspace_id = ?2 and j.id = ?3 and j.state = 'dead'
          and case j.step
              when 'strategize' then c.stage = 'planning'
              when 'generate' then p.state = 'needs_person' and p.version = coalesce(j.version, 0) and c.stage = 'producing'
              when 'review' then p.state = 'needs_person' and p.version = j.version and c.stage = 'producing'
              else 0 end
        on conflict do nothing returning id"
    );
    let rows = db.execute(RETRY, &[pinned_ms.into(), workspace_id.into(), id.into()]).await?;
    rows.first().map(|row| row.text("id")).transpose()
}

/// How the queues of all workspaces are: for whoever watches over the install.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// By how much the most overdue job is late, in milliseconds; 0 when none is.
    pub oldest_due_ms: i64,
    /// How many jobs wait for a person, at most [`HEALTH_COUNT_MAX`].
    pub needs_human: i64,
    /// How many migrations were applied.
    pub schema: i64,
}

/// Counting stops here.
pub const HEALTH_COUNT_MAX: u32 = 1_000;

/// How the queues are.
pub async fn health(db: &dyn Db, pinned_ms: Option<i64>) -> Result<Health, DbError> {
    let sql = format!(
        "select max(0, {now} - coalesce((
                select min(due) from (select (select min(run_at) from job where state = 'ready' and job.step = turn.step
                                          and not exists (select 1 from agent a where a.step = job.step
                                            and a.workspace_id = job.workspace_id and a.paused = 1)) as due
                                      from turn)), {now})) as oldest_due_ms,
            (select count(*) from (select 1 from job where state = 'needs_human' limit {HEALTH_COUNT_MAX})) as needs_human,
            (select max(number) from schema_migration) as schema",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into()]).await?;
    let row = rows.first().ok_or_else(|| DbError::Other("no row".into()))?;
    Ok(Health {
        oldest_due_ms: row.int("oldest_due_ms")?,
        needs_human: row.int("needs_human")?,
        schema: row.int("schema")?,
    })
}

#[cfg(test)]
mod tests {
    use domain::{Decision, PostState, Stage};
    use futures::executor::block_on;

    use super::*;
    use crate::job::{self, Finish};
    use crate::play::{Play, START_MS};
    use crate::{campaign, event};

    /// A time-lapse whose first post went out, or not: nobody can find out.
    fn unknown() -> (Play, String) {
        let play = Play::drafted(true);
        play.decide("c-1", Decision::Approve).unwrap();
        let claimed = play.claim(Step::Publish, START_MS);
        let arm = job::Arm { job: &claimed, call_ms: 1_000, quiet_ms: 1_000 };
        block_on(job::arm(&play.db.0, Some(START_MS), arm)).unwrap().unwrap();
        let lost = Finish::of(&claimed, JobState::Unknown);
        block_on(job::finish(&play.db.0, Some(START_MS), &[lost])).unwrap();
        let looking = block_on(job::claim_unknown(&play.db.0, Some(START_MS + 60_000), 1, 60_000)).unwrap().remove(0);
        let stuck = Finish::of(&looking, JobState::NeedsHuman);
        block_on(job::finish(&play.db.0, Some(START_MS + 60_000), &[stuck])).unwrap();
        assert_eq!(play.post("c-1").state, PostState::NeedsPerson);
        (play, claimed.id)
    }

    fn resolve_it(play: &Play, job_id: &str, id: &str, is_live: bool) -> Result<(), DbError> {
        let workspace_id = &play.workspace_id;
        let new = Resolution { workspace_id, job_id, id, is_live, ext_url: Some("https://x.example/1"), actor: "ada" };
        block_on(resolve(&play.db, Some(START_MS), &new))
    }

    #[test]
    fn a_person_says_that_it_is_live_and_it_is_published() {
        let (play, id) = unknown();
        assert_eq!(play.decide("c-1", Decision::Approve), Err(DbError::Refused("outcome_unknown".into())));
        assert_eq!(resolve_it(&play, &id, "r1", true), Ok(()));
        let post = play.post("c-1");
        assert_eq!((post.state, post.ext_url.as_deref()), (PostState::Published, Some("https://x.example/1")));
        assert_eq!(play.count("select count(*) as n from publication where known_by = 'person'"), 1);
        assert_eq!(resolve_it(&play, &id, "r2", false), Err(DbError::Refused("already_decided".into())));
        assert_eq!(play.db.0.run("delete from publication", &[]).unwrap_err(), DbError::Refused("append_only".into()));
        assert_eq!(
            play.db.0.run("update outcome set reason = ''", &[]).unwrap_err(),
            DbError::Refused("append_only".into())
        );
    }

    #[test]
    fn a_person_says_that_it_is_not_and_it_waits_for_its_time_again() {
        let (play, id) = unknown();
        assert_eq!(resolve_it(&play, &id, "r1", false), Ok(()));
        assert_eq!(play.post("c-1").state, PostState::Scheduled);
        assert_eq!(block_on(find(&play.db, &play.workspace_id, &id)).unwrap().unwrap().state, JobState::Ready);
    }

    #[test]
    fn a_job_that_waits_for_nobody_cannot_be_resolved() {
        let play = Play::begun("c", false);
        let refused = Err(DbError::Refused("already_decided".into()));
        assert_eq!(resolve_it(&play, "strategize:c:1", "r1", true), refused);
        assert_eq!(resolve_it(&play, "no such job", "r1", true), refused);
    }

    fn retry_it(play: &Play, id: &str) -> Option<String> {
        block_on(retry(&play.db, Some(START_MS), &play.workspace_id, id)).unwrap()
    }

    #[test]
    fn planning_that_failed_gets_one_more_chance_at_a_time() {
        let play = Play::begun("c", false);
        assert_eq!(retry_it(&play, "strategize:c:1"), None, "it has not failed");
        let dead = play.fail(Step::Strategize);
        let reason = || block_on(campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap().reason;
        assert_eq!(reason().as_deref(), Some("planning failed: the model is away"));
        assert_eq!(retry_it(&play, &dead).as_deref(), Some("strategize:c:1:again"));
        assert_eq!(retry_it(&play, &dead), None, "somebody was quicker");
        assert_eq!(reason(), None);
        play.fail(Step::Strategize);
        assert!(retry_it(&play, "strategize:c:1:again").is_some());
    }

    #[test]
    fn a_text_and_a_verdict_that_nobody_gave_are_asked_for_again() {
        let play = Play::producing("c", false);
        let dead = play.fail(Step::Generate);
        let post = if dead.contains("c-1") { "c-1" } else { "c-2" };
        assert_eq!(play.post(post).state, PostState::NeedsPerson);
        assert!(retry_it(&play, &dead).is_some());
        assert_eq!(play.post(post).state, PostState::Writing);
        play.write();
        play.write();
        let dead = play.fail(Step::Review);
        assert!(retry_it(&play, &dead).is_some());
        assert_eq!(play.count("select count(*) as n from post where state = 'in_review'"), 2);
        block_on(campaign::cancel(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada")).unwrap();
        assert_eq!(retry_it(&play, &dead), None, "nobody wants it any more");
    }

    #[test]
    fn the_health_tells_by_how_much_the_queues_are_late() {
        let play = Play::begun("c", false);
        let health = block_on(health(&play.db, Some(START_MS + 5_000))).unwrap();
        assert_eq!((health.oldest_due_ms, health.needs_human), (5_000, 0));
        let campaign = block_on(campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap();
        assert_eq!(campaign.stage, Stage::Planning);
    }

    #[test]
    fn history_is_never_changed_or_deleted() {
        let play = Play::begun("c", false);
        let events = block_on(event::after(&play.db, &play.workspace_id, None, 0, 10)).unwrap();
        assert!(events.iter().any(|event| event.kind == "campaign.created" && event.actor == "ada"));
        for sql in ["update event set actor = 'eve'", "delete from event"] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
    }
}
