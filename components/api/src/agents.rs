//! Agents: who they are, how they stand, what waits for them, and commands.

mod commands;

use domain::agent::{INSTRUCTIONS_CHARS_MAX, NAME_CHARS_MAX, PERSONALITY_CHARS_MAX, bounded};
use domain::review::REVISIONS_MAX;
use domain::{AgentRole, Autonomy, Colour, JobState, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, revision};
use store::agent::{self, Change, Standing, Task};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

pub use commands::{create as command, list as commands};

/// Whom an agent asks first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Choice {
    provider_id: String,
    model: String,
}

#[derive(Serialize)]
struct View {
    id: AgentRole,
    step: Option<Step>,
    name: String,
    personality: String,
    instructions: String,
    channels: Vec<String>,
    colour: Colour,
    autonomy: Autonomy,
    threshold: u32,
    paused: bool,
    model: Option<Choice>,
    at_work: i64,
    task: Option<String>,
    queue: i64,
    next_at: Option<String>,
    done: i64,
    failed: i64,
    troubles: i64,
    revision: i64,
    updated_at: String,
}

impl From<Standing> for View {
    fn from(standing: Standing) -> Self {
        let agent = standing.agent;
        Self {
            id: agent.role,
            step: agent.role.step(),
            name: agent.name,
            personality: agent.personality,
            instructions: agent.instructions,
            channels: agent.channels,
            colour: agent.colour,
            autonomy: agent.autonomy,
            threshold: agent.threshold,
            paused: agent.paused,
            model: agent.model.map(|(provider_id, model)| Choice { provider_id, model }),
            at_work: standing.at_work,
            task: standing.task,
            queue: standing.queue,
            next_at: opt_rfc3339(standing.next_at),
            done: standing.done,
            failed: standing.failed,
            troubles: standing.troubles,
            revision: agent.revision,
            updated_at: rfc3339(agent.updated_at),
        }
    }
}

#[derive(Serialize)]
struct All {
    items: Vec<View>,
}

/// `GET /agents`: all of them.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let all = agent::standings(call.db(), call.workspace_id()).await?;
    Reply::json(StatusCode::OK, &All { items: all.into_iter().map(View::from).collect() })
}

fn role(call: &Call<'_>) -> Result<AgentRole, Problem> {
    call.id().parse().map_err(|_| call.not_found("agent"))
}

/// `GET /agents/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = agent::find(call.db(), call.workspace_id(), role(&call)?).await?;
    let found = found.ok_or_else(|| call.not_found("agent"))?;
    let revision = found.agent.revision;
    Ok(Reply::json(StatusCode::OK, &View::from(found))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    personality: Option<String>,
    instructions: Option<String>,
    channels: Option<Vec<String>>,
    colour: Option<Colour>,
    autonomy: Option<Autonomy>,
    threshold: Option<u32>,
    paused: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    model: Option<Option<Choice>>,
}

/// What is given, be it null.
fn given<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Option<Option<Choice>>, D::Error> {
    Option::deserialize(value).map(Some)
}

/// `PATCH /agents/{id}`: to the revision that the caller saw.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Patch = call.request.json()?;
    let role = role(&call)?;
    let change = Change {
        name: text("name", sent.name, (1, NAME_CHARS_MAX))?,
        personality: text("personality", sent.personality, (0, PERSONALITY_CHARS_MAX))?,
        instructions: text("instructions", sent.instructions, (0, INSTRUCTIONS_CHARS_MAX))?,
        channels: sent.channels,
        colour: sent.colour,
        autonomy: sent.autonomy,
        threshold: sent.threshold,
        paused: sent.paused,
        model: sent.model.map(|choice| choice.map(|choice| (choice.provider_id, choice.model))),
    };
    if change.threshold.is_some_and(|threshold| !(1..=REVISIONS_MAX).contains(&threshold)) {
        return Err(Problem::invalid("threshold", format!("must be from 1 to {REVISIONS_MAX}")));
    }
    if !role.decides_on_revisions() && (change.autonomy.is_some() || change.threshold.is_some()) {
        let field = if change.autonomy.is_some() { "autonomy" } else { "threshold" };
        return Err(Problem::invalid(field, "is not this agent's: what it decides alone is fixed"));
    }
    if !role.chooses_channels() && change.channels.as_ref().is_some_and(|channels| !channels.is_empty()) {
        return Err(Problem::invalid("channels", "are not this agent's to choose: it works for all of them"));
    }
    if let Some(channels) = &change.channels {
        known_channels(&call, channels).await?;
    }
    let of = (call.workspace_id(), role, revision);
    match agent::change(call.db(), call.pinned_ms(), of, &change, call.actor()).await {
        Ok(true) => {}
        Ok(false) => return Err(Problem::Stale),
        Err(error) if error.is_refusal("no_such_model") => {
            return Err(Problem::invalid("model", "is none that a provider of this workspace has"));
        }
        Err(error) => return Err(error.into()),
    }
    let reply = show(call).await?;
    Ok(if change.paused == Some(false) { reply.waking(role.step().as_slice()) } else { reply })
}

fn text(field: &str, text: Option<String>, limits: (usize, usize)) -> Result<Option<String>, Problem> {
    Ok(text.map(|text| bounded(field, &text, limits)).transpose().map_err(|complaint| vec![complaint])?)
}

async fn known_channels(call: &Call<'_>, names: &[String]) -> Result<(), Problem> {
    let known = store::channel::list(call.db(), call.workspace_id(), None, store::page::LIMIT_MAX).await?;
    match names.iter().find(|name| !known.iter().any(|one| one.name == **name)) {
        Some(name) => {
            Err(Problem::invalid("channels", format!("hold `{name}`, which is no channel of this workspace")))
        }
        None => Ok(()),
    }
}

/// `PUT /agents/{id}/pause`. Repeating it changes nothing.
pub async fn pause(call: Call<'_>) -> Result<Reply, Problem> {
    set_paused(call, true).await
}

/// `DELETE /agents/{id}/pause`. Repeating it changes nothing.
pub async fn resume(call: Call<'_>) -> Result<Reply, Problem> {
    let role = role(&call)?;
    Ok(set_paused(call, false).await?.waking(role.step().as_slice()))
}

async fn set_paused(call: Call<'_>, paused: bool) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), role(&call)?);
    if !agent::set_paused(call.db(), call.pinned_ms(), of, paused, call.actor()).await? {
        return Err(call.not_found("agent"));
    }
    show(call).await
}

/// `POST /agents/{id}/wake`: what waits for another attempt has it now. What goes out keeps its time.
pub async fn wake(call: Call<'_>) -> Result<Reply, Problem> {
    let role = role(&call)?;
    agent::run_now(call.db(), call.pinned_ms(), (call.workspace_id(), role)).await?;
    let step = role.step();
    Ok(show(call).await?.waking(step.as_slice()))
}

#[derive(Serialize)]
struct TaskView {
    job_id: String,
    state: JobState,
    campaign_id: Option<String>,
    post_id: Option<String>,
    about: Option<String>,
    run_at: String,
    updated_at: String,
    attempt: i64,
    last_error: Option<String>,
    mean: Option<f64>,
    spent_micro_usd: i64,
}

impl From<Task> for TaskView {
    fn from(task: Task) -> Self {
        Self {
            job_id: task.job_id,
            state: task.state,
            campaign_id: task.campaign_id,
            post_id: task.post_id,
            about: task.about.or(task.campaign),
            run_at: rfc3339(task.run_at),
            updated_at: rfc3339(task.updated_at),
            attempt: task.attempt,
            last_error: task.last_error,
            mean: task.scores.map(|scores| f64::from(scores.mean_tenths()) / 10.0),
            spent_micro_usd: task.spent_micro_usd,
        }
    }
}

#[derive(Serialize)]
struct Queue {
    items: Vec<TaskView>,
}

/// `GET /agents/{id}/queue`: what waits for it, the next first, at most two hundred.
pub async fn queue(call: Call<'_>) -> Result<Reply, Problem> {
    let tasks = match role(&call)?.step() {
        Some(step) => agent::queue(call.db(), call.workspace_id(), step, store::page::LIMIT_MAX).await?,
        None => Vec::new(),
    };
    Reply::json(StatusCode::OK, &Queue { items: tasks.into_iter().map(TaskView::from).collect() })
}

/// `GET /agents/{id}/jobs`: what it did, the newest first.
pub async fn jobs(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let tasks = match role(&call)?.step() {
        Some(step) => agent::last(call.db(), call.workspace_id(), step, after.as_ref(), page.limit + 1).await?,
        None => Vec::new(),
    };
    list::reply(tasks, &page, |task| list::of_key(task.key()), TaskView::from)
}
