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
        values (?2, ?3, ?4, ?5, ?6, ?7, ", now!(), ")"
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
pub async fn retry(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str, id: &str) -> Result<Option<String>, DbError> {
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
                select min(due) from (select (select min(run_at) from job where state = 'ready' and job.step = turn.step) as due
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
