//! Memory: what people decided, changed and published before, and which job was reminded of what.

use domain::memory::query_words;
use domain::{AgentRole, MemoryKind, Mode, Step};
use serde::Serialize;
use serve::{Problem, Reply, StatusCode};
use store::memory::{self, Filter, Memory, Shown, Use};
use store::{campaign, post};

use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;

/// Most jobs that an entry's page, and most reminders that a post's, tells of.
const ROWS_MAX: u32 = 200;

#[derive(Serialize)]
struct View {
    id: String,
    kind: MemoryKind,
    campaign_id: Option<String>,
    post_id: Option<String>,
    version: Option<i64>,
    mode: Option<Mode>,
    about: String,
    text: String,
    before: Option<String>,
    /// The mean of a published post's scores, in tenths.
    mean_tenths: Option<i64>,
    by: String,
    at: String,
    forgotten_at: Option<String>,
    forgotten_by: Option<String>,
}

fn view(found: Memory) -> View {
    let Memory { id, kind, campaign_id, post_id, version, mode, about, text, before, mean_tenths, by, at, .. } = found;
    let forgotten_at = found.forgotten_at.map(rfc3339);
    let (forgotten_by, at) = (found.forgotten_by, rfc3339(at));
    View {
        id,
        kind,
        campaign_id,
        post_id,
        version,
        mode,
        about,
        text,
        before,
        mean_tenths,
        by,
        at,
        forgotten_at,
        forgotten_by,
    }
}

#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    memory: View,
    /// How many jobs were reminded of it.
    uses: i64,
}

fn listed(found: Memory) -> Listed {
    Listed { uses: found.uses, memory: view(found) }
}

/// `GET /memory`: the newest first; the best first where `q` looks for words, on one page.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let kind = call.request.query("kind").filter(|text| !text.is_empty()).map(str::parse::<MemoryKind>).transpose();
    let kind = kind.map_err(|_| Problem::invalid("kind", "is not known"))?;
    let words = call.request.query("q").filter(|text| !text.trim().is_empty()).map(|text| query_words([text]));
    let filter = Filter { kind, words: words.as_deref() };
    let mut rows = memory::list(call.db(), call.workspace_id(), filter, after.as_ref(), page.limit + 1).await?;
    if words.is_some() {
        rows.truncate(page.limit as usize);
    }
    list::reply(rows, &page, |row| list::of_key(row.key()), listed)
}

async fn find(call: &Call<'_>) -> Result<Memory, Problem> {
    let found = memory::find(call.db(), call.workspace_id(), call.id()).await?;
    found.ok_or_else(|| call.not_found("memory"))
}

#[derive(Serialize)]
struct UseView {
    job_id: String,
    step: Step,
    campaign_id: Option<String>,
    post_id: Option<String>,
    /// How far in front it stood, counted from 1.
    rank: i64,
    /// What put it there, in millionths.
    score: i64,
    at: String,
}

fn use_view(one: Use) -> UseView {
    let Use { job_id, step, campaign_id, post_id, about: _, rank, score, at } = one;
    UseView { job_id, step, campaign_id, post_id, rank, score, at: rfc3339(at) }
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    memory: View,
    /// The newest first.
    used_for: Vec<UseView>,
}

/// `GET /memory/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = find(&call).await?;
    let used = memory::uses(call.db(), call.workspace_id(), &found.id, ROWS_MAX).await?;
    let detail = Detail { memory: view(found), used_for: used.into_iter().map(use_view).collect() };
    Reply::json(StatusCode::OK, &detail)
}

/// `DELETE /memory/{id}`: its words are gone for good; what is forgotten already stays so.
pub async fn forget(call: Call<'_>) -> Result<Reply, Problem> {
    let found = find(&call).await?;
    if !found.kind.is_forgettable() {
        return Err(Problem::invalid("id", "is an example of the brand; take it out of the brand"));
    }
    memory::forget(call.db(), call.pinned_ms(), (call.workspace_id(), &found.id), call.actor()).await?;
    Ok(Reply::no_content())
}

#[derive(Serialize)]
struct Reminder {
    job_id: String,
    step: Step,
    /// Which version was written or judged with it, of the post or of the plan.
    for_version: i64,
    rank: i64,
    score: i64,
    /// What it took of the budget of the prompt.
    tokens: i64,
    memory: View,
}

fn reminder(one: Shown) -> Reminder {
    let Shown { job_id, step, version, rank, score, tokens, memory } = one;
    Reminder { job_id, step, for_version: version, rank, score, tokens, memory: view(memory) }
}

/// `GET /posts/{id}/reminders`: what copywriter and reviewers were reminded of, the newest version first.
pub async fn of_post(call: Call<'_>) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.db(), call.workspace_id());
    post::find(db, workspace_id, call.id()).await?.ok_or_else(|| call.not_found("post"))?;
    list::whole(memory::of_post(db, workspace_id, call.id(), ROWS_MAX).await?, reminder)
}

/// How many entries an agent's list has.
const LATELY_MAX: u32 = 50;

/// `GET /agents/{id}/reminders`: of those that are reminded of anything; others have an empty list.
pub async fn of_agent(call: Call<'_>) -> Result<Reply, Problem> {
    let role: AgentRole = call.id().parse().map_err(|_| call.not_found("agent"))?;
    let rows = match role.step().or(role.is_reviewer().then_some(Step::Review)) {
        Some(step) => memory::of_step(call.db(), call.workspace_id(), step, LATELY_MAX).await?,
        None => Vec::new(),
    };
    list::whole(rows, listed)
}

/// `GET /campaigns/{id}/reminders`: what the strategist was reminded of, the newest plan first.
pub async fn of_campaign(call: Call<'_>) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.db(), call.workspace_id());
    campaign::find(db, workspace_id, call.id()).await?.ok_or_else(|| call.not_found("campaign"))?;
    list::whole(memory::of_campaign(db, workspace_id, call.id(), ROWS_MAX).await?, reminder)
}
