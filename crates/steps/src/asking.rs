//! Asking a model on behalf of a job: the books, the lease, and what a failure means for the job.

use domain::{AgentRole, Step};
use engine::Outcome;
use models::{Answer, AskError, Call, CallId, Known, Meter, MeterError, Retry, Settlement, Task, Told};
use ports::{DbError, Ports};
use store::cost;
use store::job::Claimed;
use store::step_input::Persona;

use crate::choosing::{Judged, Models};

/// A job's books.
pub(crate) struct JobMeter<'a> {
    pub(crate) ports: &'a Ports<'a>,
    pub(crate) job: &'a Claimed,
    /// How long a call may take before it counts as lost, in milliseconds.
    pub(crate) lease_ms: i64,
}

/// A call as the books want it.
pub(crate) struct Asked<'a> {
    pub(crate) provider: &'a str,
    pub(crate) model: &'a str,
    /// The workspace's own; none: the operator's.
    pub(crate) provider_id: Option<&'a str>,
    pub(crate) stands_in_for: Option<&'a str>,
    pub(crate) cost_max: domain::MicroUsd,
    pub(crate) input_sha256: &'a str,
    pub(crate) prompt: &'a str,
}

#[async_trait::async_trait(?Send)]
impl Meter for JobMeter<'_> {
    async fn known(&self, task: &Task) -> Result<Option<Known>, MeterError> {
        // Nobody has asked for a job that is claimed for the first time.
        if self.job.fence <= 1 {
            return Ok(None);
        }
        cost::answer_of(self.ports.db, &self.job.workspace_id, &self.job.id, &task.sha256())
            .await
            .map(|told| told.map(|told| Known { by: format!("{}/{}", told.provider, told.model), text: told.answer }))
            .map_err(|error| MeterError::Failed(error.to_string()))
    }

    async fn reserve(&self, call: &Call<'_>) -> Result<CallId, MeterError> {
        let asked = Asked {
            provider: call.provider,
            model: call.model,
            provider_id: call.link,
            stands_in_for: call.stands_in_for,
            cost_max: call.cost_max,
            input_sha256: &call.task.sha256(),
            prompt: &call.task.prompt_version,
        };
        self.reserve_for(&asked).await
    }

    async fn settle(&self, call: CallId, settlement: &Settlement) -> Result<(), MeterError> {
        let spent = &settlement.spent;
        // An estimate has no tokens: missing is not zero.
        let tokens = |count: u64| (!settlement.estimated).then(|| i64::try_from(count).unwrap_or(i64::MAX));
        let how = cost::Settlement {
            spent_micro_usd: spent.cost.0,
            input_tokens: tokens(spent.usage.input_tokens),
            cached_tokens: tokens(spent.usage.cached_tokens),
            output_tokens: tokens(spent.usage.output_tokens),
            outcome: settlement.outcome.as_str(),
            request_id: spent.request_id.as_deref(),
            answer: settlement.answer.as_deref(),
            rest_ms: settlement.rest_s.map(|seconds| i64::from(seconds) * 1000),
        };
        cost::settle(self.ports.db, self.ports.clock.pinned_ms(), (&self.job.workspace_id, &call.0), &how)
            .await
            .map_err(|error| MeterError::Failed(error.to_string()))
    }
}

impl JobMeter<'_> {
    /// Reserves what something that is asked can cost at most, be it a task or not.
    pub(crate) async fn reserve_for(&self, asked: &Asked<'_>) -> Result<CallId, MeterError> {
        let id = store::id::new(self.ports.clock, self.ports.entropy);
        let reservation = cost::Reservation {
            workspace_id: &self.job.workspace_id,
            id: &id,
            campaign_id: self.job.campaign_id.as_deref(),
            job_id: &self.job.id,
            fence: self.job.fence,
            step: self.job.step,
            provider: asked.provider,
            model: asked.model,
            provider_id: asked.provider_id,
            stands_in_for: asked.stands_in_for,
            micro_usd: asked.cost_max.0,
            input_sha256: asked.input_sha256,
            prompt: asked.prompt,
            for_ms: self.lease_ms,
        };
        match cost::reserve(self.ports.db, self.ports.clock.pinned_ms(), &reservation).await {
            Ok(()) => Ok(CallId(id)),
            Err(error) if error.is_refusal("budget_spent") => Err(MeterError::BudgetSpent(
                "the campaign's budget does not cover another call; raise it, or end the campaign".into(),
            )),
            Err(error) if error.is_refusal("trial_budget_spent") => {
                Err(MeterError::BudgetSpent("what learnings may cost in a day does not cover another call".into()))
            }
            Err(error) if error.is_refusal("reading_budget_spent") => Err(MeterError::BudgetSpent(
                "what readings by a model may cost in a day does not cover another call; whoever runs Rondo sets it in \
                `default_budget_usd`"
                    .into(),
            )),
            Err(error) if error.is_refusal("fenced") => Err(MeterError::Lost),
            Err(error) if error.is_refusal("provider_busy") => Err(MeterError::Busy {
                why: "the model's provider has as many calls as it may have".into(),
                after_s: Some(AT_ONCE_S),
            }),
            Err(error) if error.is_refusal("provider_blocked") || error.is_refusal("provider_gone") => {
                let after_s = self.rest_s(asked.provider_id).await;
                Err(MeterError::Busy { why: "the model's provider asked us to wait".into(), after_s })
            }
            Err(error) => Err(MeterError::Failed(error.to_string())),
        }
    }

    /// How long a provider is still to be let alone, in seconds.
    async fn rest_s(&self, provider_id: Option<&str>) -> Option<u32> {
        let found = store::provider::find(self.ports.db, &self.job.workspace_id, provider_id?).await.ok()??;
        let rest_ms = (found.blocked_until - self.ports.clock.now_ms()).max(0);
        u32::try_from(rest_ms / 1000 + 1).ok()
    }
}

/// A job whose provider has as many calls as it may have waits so long, in seconds, plus jitter.
const AT_ONCE_S: u32 = 2;

/// A call that nobody limits in words waits so long, in milliseconds, plus jitter.
const RATE_LIMITED_MS: i64 = 30_000;

/// What a failed question means for the job.
pub(crate) fn failed(error: &AskError, ports: &Ports<'_>) -> Outcome {
    if *error == AskError::Lost {
        return Outcome::Lost;
    }
    let reason = error.to_string();
    let after_ms = |after_s: Option<u32>| after_s.map(|seconds| i64::from(seconds) * 1000);
    match error.retry() {
        Retry::Never => Outcome::GiveUp { reason },
        Retry::Attempt { after_s } => Outcome::Retry { reason, after_ms: after_ms(after_s) },
        Retry::Wait { after_s } => {
            // Those that were turned away together must not return together.
            let jitter_ms = i64::try_from(ports.entropy.below(5_000)).unwrap_or(0);
            let after_ms = after_ms(after_s).unwrap_or(RATE_LIMITED_MS) + jitter_ms;
            Outcome::Wait { reason, after_ms, blocked_until: None }
        }
    }
}

/// A database error in the middle of a job: nothing was done, try again.
pub(crate) fn stored(error: &DbError) -> Outcome {
    Outcome::Retry { reason: error.to_string(), after_ms: None }
}

/// The job's subject has moved on.
pub(crate) fn moved_on() -> Outcome {
    Outcome::Cancelled { reason: "no longer wanted".into() }
}

/// Two calls (an answer that does not fit gets a second one), and some to spare. Milliseconds.
pub(crate) fn model_lease_ms(first_byte_ms: u32) -> i64 {
    2 * (i64::from(models::CONNECT_MS) + i64::from(first_byte_ms) + i64::from(models::BETWEEN_BYTES_MS)) + 20_000
}

/// The task as this workspace's agent does it.
pub(crate) fn heeding(task: Task, persona: &Persona) -> Task {
    task.heeding(&persona.name, &persona.personality, &persona.instructions)
}

/// The campaign's id; every job of these steps has one.
pub(crate) fn campaign_id(job: &Claimed) -> String {
    debug_assert!(matches!(job.step, Step::Strategize | Step::Generate | Step::Review));
    job.campaign_id.clone().unwrap_or_default()
}

/// Asks whoever the agent of the job's step asks, and the others where they have to stand in. What failed is already
/// what it means for the job.
pub(crate) async fn put<T: Answer>(
    models: &Models<'_>,
    ports: &Ports<'_>,
    job: &Claimed,
    lease_ms: i64,
    task: &Task,
) -> Result<Told<T>, Outcome> {
    put_to(models, ports, (job, AgentRole::of(job.step)), lease_ms, task).await
}

/// The same, of whoever this agent asks: a judge may have another model than the writer.
pub(crate) async fn put_to<T: Answer>(
    models: &Models<'_>,
    ports: &Ports<'_>,
    (job, role): (&Claimed, AgentRole),
    lease_ms: i64,
    task: &Task,
) -> Result<Told<T>, Outcome> {
    put_to_judge(models, ports, (job, role), lease_ms, (task, Judged { writer: "", choice_counts: true })).await
}

/// The same, of whoever judges these words: see [`crate::choosing::Chain::judges`].
pub(crate) async fn put_to_judge<T: Answer>(
    models: &Models<'_>,
    ports: &Ports<'_>,
    (job, role): (&Claimed, AgentRole),
    lease_ms: i64,
    (task, of): (&Task, Judged<'_>),
) -> Result<Told<T>, Outcome> {
    let chain = models.chain(ports, job, role).await?;
    let meter = JobMeter { ports, job, lease_ms };
    models::ask_in_turn(&chain.judges(of), ports.http, &meter, task).await.map_err(|error| failed(&error, ports))
}
