//! Agents: who they are, how they stand, and what people tell them to do.

use domain::agent::revisions_alone;
use domain::{AgentRole, Autonomy, Colour, JobState, Scores, Step};
use ports::{Db, DbError, Row};

use crate::json::{json, opt_json, to_json};
use crate::now;
use crate::page::{Key, limited, older_than};

/// An agent of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agent {
    /// What it is, and its id.
    pub role: AgentRole,
    /// As people call it.
    pub name: String,
    /// How it is; goes into its prompts.
    pub personality: String,
    /// What it is to heed; goes into its prompts.
    pub instructions: String,
    /// The channels that it works for; none named: all.
    pub channels: Vec<String>,
    /// Its colour.
    pub colour: Colour,
    /// How much it does without asking.
    pub autonomy: Autonomy,
    /// With `threshold`: how many revisions it does without asking.
    pub threshold: u32,
    /// Nothing of its step is claimed.
    pub paused: bool,
    /// The provider and the model that it asks first; none: whoever's turn is first.
    pub model: Option<(String, String)>,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

impl Agent {
    /// How often a post may be revised without a person, as far as this agent is concerned.
    pub fn revisions_alone(&self) -> u32 {
        revisions_alone(self.autonomy, self.threshold)
    }
}

/// How an agent stands: what it does now, what waits for it, and how the last of its jobs came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Who.
    pub agent: Agent,
    /// Jobs under way.
    pub at_work: i64,
    /// What the one that moved last is about: a campaign's name, and a post's title where it has one.
    pub task: Option<String>,
    /// Its post.
    pub task_post: Option<String>,
    /// Jobs that wait, due or not.
    pub queue: i64,
    /// When the next of them is due, Unix milliseconds.
    pub next_at: Option<i64>,
    /// Of its last [`RECENT_MAX`] jobs, how many were done …
    pub done: i64,
    /// … and how many failed for good.
    pub failed: i64,
    /// Failures that still wait for a person.
    pub troubles: i64,
}

/// How many of an agent's jobs its success is counted over.
pub const RECENT_MAX: u32 = 100;

const COLUMNS: &str =
    "a.id, a.name, a.personality, a.instructions, a.channels, a.colour, a.autonomy, a.threshold, a.paused,
    a.provider_id, a.model, a.revision, a.updated_at";
/// As the partial index has it, word by word.
const AT_WORK: &str = "j.state in ('leased', 'armed', 'reconciling')";

fn agent(row: Row<'_>) -> Result<Agent, DbError> {
    Ok(Agent {
        role: row.parsed("id")?,
        name: row.text("name")?,
        personality: row.text("personality")?,
        instructions: row.text("instructions")?,
        channels: json(&row, "channels")?,
        colour: row.parsed("colour")?,
        autonomy: row.parsed("autonomy")?,
        threshold: u32::try_from(row.int("threshold")?).unwrap_or(1),
        paused: row.bool("paused")?,
        model: row.opt_text("provider_id")?.zip(row.opt_text("model")?),
        revision: row.int("revision")?,
        updated_at: row.int("updated_at")?,
    })
}

fn standing(row: Row<'_>) -> Result<Standing, DbError> {
    Ok(Standing {
        at_work: row.int("at_work")?,
        task: row.opt_text("task")?,
        task_post: row.opt_text("task_post")?,
        queue: row.int("queue")?,
        next_at: row.opt_int("next_at")?,
        done: row.int("done")?,
        failed: row.int("failed")?,
        troubles: row.int("troubles")?,
        agent: agent(row)?,
    })
}

/// How all of them stand, in the order of the work. One statement.
pub async fn standings(db: &dyn Db, workspace_id: &str) -> Result<Vec<Standing>, DbError> {
    let mut all: Vec<Standing> =
        db.execute(&standing_sql(""), &[workspace_id.into()]).await?.iter().map(standing).collect::<Result<_, _>>()?;
    all.sort_by_key(|one| one.agent.role);
    Ok(all)
}

/// How one of them stands.
pub async fn find(db: &dyn Db, workspace_id: &str, role: AgentRole) -> Result<Option<Standing>, DbError> {
    let rows = db.execute(&standing_sql("and a.id = ?2"), &[workspace_id.into(), role.as_str().into()]).await?;
    rows.first().map(standing).transpose()
}

fn standing_sql(which: &str) -> String {
    // By the index of the few that are in this state: left to itself, SQLite goes through all that was ever done.
    let jobs_by = |index: &str| {
        format!("from job j indexed by {index} where j.workspace_id = a.workspace_id and j.step = a.step")
    };
    let (at_work, ready) = (jobs_by("job_at_work"), jobs_by("job_ready"));
    let (jobs, needs_human, dead) = (jobs_by("job_step"), jobs_by("job_needs_human"), jobs_by("job_dead"));
    let current = format!("(select j.id {at_work} and {AT_WORK} order by j.updated_at desc limit 1)");
    let recent = |state: &str| {
        format!(
            "(select count(*) from (select j.state {jobs} order by j.created_at desc limit {RECENT_MAX}) recent
              where recent.state = '{state}')"
        )
    };
    format!(
        "select {COLUMNS},
            (select count(*) {at_work} and {AT_WORK}) as at_work,
            (select coalesce(v.content ->> '$.title', p.angle, c.name) from job j
                left join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
                left join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
                left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
             where j.workspace_id = a.workspace_id and j.id = {current}) as task,
            (select j.post_id from job j where j.workspace_id = a.workspace_id and j.id = {current}) as task_post,
            (select count(*) {ready} and j.state = 'ready') as queue,
            (select min(j.run_at) {ready} and j.state = 'ready') as next_at,
            {done} as done, {failed} as failed,
            (select count(*) {needs_human} and j.state = 'needs_human')
            + (select count(*) {dead} and j.state = 'dead' and (
                exists (select 1 from post p where p.workspace_id = j.workspace_id and p.id = j.post_id
                          and p.state = 'needs_person')
                or (j.post_id is null and exists (select 1 from campaign c where c.workspace_id = j.workspace_id
                          and c.id = j.campaign_id and c.reason is not null and c.finished_at is null)))) as troubles
        from agent a where a.workspace_id = ?1 {which}",
        done = recent("done"),
        failed = recent("dead"),
    )
}

/// What may be changed of an agent.
#[derive(Clone, Debug, Default)]
pub struct Change {
    /// Its name.
    pub name: Option<String>,
    /// How it is.
    pub personality: Option<String>,
    /// What it is to heed.
    pub instructions: Option<String>,
    /// The channels that it works for.
    pub channels: Option<Vec<String>>,
    /// Its colour.
    pub colour: Option<Colour>,
    /// How much it does without asking.
    pub autonomy: Option<Autonomy>,
    /// How many revisions it does without asking, with `threshold`.
    pub threshold: Option<u32>,
    /// Whether its step rests.
    pub paused: Option<bool>,
    /// The provider and the model that it asks first; inside, none: whoever's turn is first. Refused
    /// (`no_such_model`) where the workspace has no such provider, or that no such model.
    pub model: Option<Option<(String, String)>>,
}

/// Changes it, unless somebody was quicker. `false`: it has another revision, or there is none.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, role, revision): (&str, AgentRole, i64),
    change: &Change,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update agent set name = coalesce(?5, name), personality = coalesce(?6, personality),
            instructions = coalesce(?7, instructions), channels = coalesce(?8, channels), colour = coalesce(?9, colour),
            autonomy = coalesce(?10, autonomy), threshold = coalesce(?11, threshold), paused = coalesce(?12, paused),
            provider_id = iif(?14, ?15, provider_id), model = iif(?14, ?16, model), revision = revision + 1, changed_by = ?13, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let channels = change.channels.as_ref().map(to_json).transpose()?;
    let (provider_id, model) = change.model.as_ref().and_then(Option::as_ref).cloned().unzip();
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        role.as_str().into(),
        revision.into(),
        change.name.as_deref().into(),
        change.personality.as_deref().into(),
        change.instructions.as_deref().into(),
        channels.into(),
        change.colour.map(Colour::as_str).into(),
        change.autonomy.map(Autonomy::as_str).into(),
        change.threshold.map(i64::from).into(),
        change.paused.map(i64::from).into(),
        actor.into(),
        i64::from(change.model.is_some()).into(),
        provider_id.into(),
        model.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Lets an agent's step rest, or go on. Repeating it changes nothing. `false`: there is no such agent.
pub async fn set_paused(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, role): (&str, AgentRole),
    paused: bool,
    actor: &str,
) -> Result<bool, DbError> {
    const PAUSE: &str = concat!(
        "update agent set paused = ?4, revision = revision + (paused <> ?4), changed_by = iif(paused <> ?4, ?5, changed_by),
            updated_at = iif(paused <> ?4, ",
        now!(),
        ", updated_at) where workspace_id = ?2 and id = ?3 returning id"
    );
    let parameters =
        [pinned_ms.into(), workspace_id.into(), role.as_str().into(), i64::from(paused).into(), actor.into()];
    Ok(!db.execute(PAUSE, &parameters).await?.is_empty())
}

/// Lets what waits for another attempt have it now. What goes out keeps its time: the publisher's jobs are not moved.
/// Gives how many.
pub async fn run_now(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, role): (&str, AgentRole),
) -> Result<usize, DbError> {
    let Some(step) = role.step().filter(|step| *step != Step::Publish) else { return Ok(0) };
    const NOW: &str = concat!(
        "update job set run_at = ",
        now!(),
        ", updated_at = ",
        now!(),
        "
        where workspace_id = ?2 and step = ?3 and state = 'ready' and run_at > ",
        now!(),
        " returning id"
    );
    let rows = db.execute(NOW, &[pinned_ms.into(), workspace_id.into(), step.as_str().into()]).await?;
    Ok(rows.len())
}

/// A job in an agent's queue, or one of its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// The job.
    pub job_id: String,
    /// Where it is.
    pub state: JobState,
    /// Its campaign.
    pub campaign_id: Option<String>,
    /// The campaign's name.
    pub campaign: Option<String>,
    /// Its post.
    pub post_id: Option<String>,
    /// What it is about: the post's title or angle.
    pub about: Option<String>,
    /// IANA zone of the campaign's times.
    pub timezone: Option<String>,
    /// Due, Unix milliseconds.
    pub run_at: i64,
    /// Created, Unix milliseconds.
    pub created_at: i64,
    /// Last moved, Unix milliseconds.
    pub updated_at: i64,
    /// How often it was tried.
    pub attempt: i64,
    /// What last went wrong.
    pub last_error: Option<String>,
    /// The editor's scores of what it made, or of what it judged.
    pub scores: Option<Scores>,
    /// What its calls cost.
    pub spent_micro_usd: i64,
}

impl Task {
    /// Its place in [`last`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.job_id.clone() }
    }
}

// What the copywriter made is the version after the one that it began from.
const TASK: &str = "select j.id, j.state, j.campaign_id, c.name as campaign, j.post_id,
    coalesce(v.content ->> '$.title', p.angle) as about, c.timezone, j.run_at, j.created_at, j.updated_at, j.attempt,
    j.last_error,
    (select r.scores from review r where r.workspace_id = j.workspace_id and r.post_id = j.post_id
       and r.version = coalesce(j.version, 0) + (j.step = 'generate') and r.counts = 1) as scores,
    (select coalesce(sum(k.spent_micro_usd), 0) from cost k
       where k.workspace_id = j.workspace_id and k.job_id = j.id) as spent_micro_usd
    from job j
    left join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
    left join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
    left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
    where j.workspace_id = ?1 and j.step = ?2";

fn task(row: Row<'_>) -> Result<Task, DbError> {
    Ok(Task {
        job_id: row.text("id")?,
        state: row.parsed("state")?,
        campaign_id: row.opt_text("campaign_id")?,
        campaign: row.opt_text("campaign")?,
        post_id: row.opt_text("post_id")?,
        about: row.opt_text("about")?,
        timezone: row.opt_text("timezone")?,
        run_at: row.int("run_at")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
        attempt: row.int("attempt")?,
        last_error: row.opt_text("last_error")?,
        scores: opt_json(&row, "scores")?,
        spent_micro_usd: row.int("spent_micro_usd")?,
    })
}

/// What waits for a step, the next first.
pub async fn queue(db: &dyn Db, workspace_id: &str, step: Step, limit: u32) -> Result<Vec<Task>, DbError> {
    let sql = format!("{TASK} and j.state = 'ready' order by j.run_at limit ?3");
    let rows = db.execute(&sql, &[workspace_id.into(), step.as_str().into(), limited(limit)]).await?;
    rows.iter().map(task).collect()
}

/// The last jobs of a step that came to something, or are at it, the newest first.
pub async fn last(
    db: &dyn Db,
    workspace_id: &str,
    step: Step,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Task>, DbError> {
    let sql = format!(
        "{TASK} and j.state <> 'ready' and (j.created_at, j.id) < (?3, ?4) order by j.created_at desc, j.id desc limit ?5"
    );
    let [at, id] = older_than(after);
    let rows = db.execute(&sql, &[workspace_id.into(), step.as_str().into(), at, id, limited(limit)]).await?;
    rows.iter().map(task).collect()
}
