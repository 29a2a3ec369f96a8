//! Jobs: what is under way, what is stuck, and what a person can do about it.

use domain::{JobState, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode};
use store::job_list::{self, Filter, Job};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    step: Step,
    state: JobState,
    run_id: Option<String>,
    campaign_id: Option<String>,
    post_id: Option<String>,
    version: Option<i64>,
    attempt: i64,
    attempts_max: i64,
    run_at: String,
    armed_at: Option<String>,
    ext_url: Option<String>,
    last_error: Option<String>,
    created_at: String,
    updated_at: String,
}

impl From<Job> for View {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            step: job.step,
            state: job.state,
            run_id: job.run_id,
            campaign_id: job.campaign_id,
            post_id: job.post_id,
            version: job.version,
            attempt: job.attempt,
            attempts_max: job.attempts_max,
            run_at: rfc3339(job.run_at),
            armed_at: opt_rfc3339(job.armed_at),
            ext_url: job.ext_url,
            last_error: job.last_error,
            created_at: rfc3339(job.created_at),
            updated_at: rfc3339(job.updated_at),
        }
    }
}

/// `GET /jobs?campaign=&state=`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let state = call.request.query("state").map(|word| {
        word.parse::<JobState>().map_err(|_| {
            let states: Vec<&str> = JobState::ALL.iter().map(|state| state.as_str()).collect();
            Problem::invalid("state", format!("`{word}` is no state of a job; there are: {}", states.join(", ")))
        })
    });
    let filter = Filter { campaign_id: call.request.query("campaign"), state: state.transpose()? };
    let jobs = job_list::list(call.db(), call.workspace_id(), filter, after.as_ref(), page.limit + 1).await?;
    list::reply(jobs, &page, |job| list::of_key(job.key()), View::from)
}

async fn find(call: &Call<'_>, id: &str) -> Result<Job, Problem> {
    let found = job_list::find(call.db(), call.workspace_id(), id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "job", id: id.into() })
}

/// `GET /jobs/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    Reply::json(StatusCode::OK, &View::from(find(&call, call.id()).await?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Resolution {
    answer: Answer,
    ext_url: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Live,
    NotLive,
}

/// `PUT /jobs/{id}/resolution`: a person says what nobody else can find out. Repeating `live` changes nothing.
pub async fn resolve(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Resolution = call.request.json()?;
    let is_live = sent.answer == Answer::Live;
    if let Some(text) = &sent.ext_url {
        let is_web = url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        if !is_web || !is_live {
            return Err(Problem::invalid("ext_url", "must be an http or https URL, and goes with `live` alone"));
        }
    }
    let job = find(&call, call.id()).await?;
    let id = serve::id(call.app);
    let new = job_list::Resolution {
        workspace_id: call.workspace_id(),
        job_id: &job.id,
        id: &id,
        is_live,
        ext_url: sent.ext_url.as_deref(),
        actor: call.actor(),
    };
    let resolved = job_list::resolve(call.db(), call.pinned_ms(), &new).await;
    let job = find(&call, call.id()).await?;
    match resolved {
        Ok(()) => Ok(Reply::json(StatusCode::OK, &View::from(job))?.waking(&[Step::Publish])),
        Err(error) if error.is_refusal("already_decided") && is_live && job.state == JobState::Done => {
            Reply::json(StatusCode::OK, &View::from(job))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /jobs/{id}/retries`: planning that failed, a text or a verdict that nobody gave, once more.
pub async fn retry(call: Call<'_>) -> Result<Reply, Problem> {
    let job = find(&call, call.id()).await?;
    let again = job_list::retry(call.db(), call.pinned_ms(), call.workspace_id(), &job.id).await?;
    let again = find(&call, &again.ok_or(Problem::WrongState)?).await?;
    let location = format!("/api/v1/jobs/{}", again.id);
    let step = again.step;
    let reply = Reply::json(StatusCode::CREATED, &View::from(again))?;
    Ok(reply.with_header("location", &location).waking(&[step]))
}
