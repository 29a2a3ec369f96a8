//! Drawing a picture of an idea: one metered call, kept and settled in one statement. A job that is repeated finds what
//! it drew. Whatever fails leaves the idea in words.

use domain::{Drawn, Image};
use engine::Outcome;
use models::drawing::{PROMPT_VERSION, Painting};
use models::{CallId, Meter, MeterError, ModelError, Retry, Settlement};
use store::picture::{self, NewPicture};

use crate::asking::{Asked, JobMeter, stored};
use crate::picturing::{Asking, CLAIMS_MAX};

/// What came of it.
pub(crate) enum Drawing {
    /// It is drawn.
    Is(Drawn),
    /// Nobody draws here.
    Nobody,
    /// It is not, and why.
    Failed(String),
}

/// Whoever has no room is asked again so much later, in milliseconds, unless they say when.
const BUSY_MS: i64 = 20_000;

impl Asking<'_> {
    /// The picture of an idea. An error: the job comes back, and finds what it has so far in the books.
    pub(crate) async fn drawn(&self, idea: &Image) -> Result<Drawing, Outcome> {
        let (painter, provider_id) = match self.models.painter(self.ports, self.job).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(Drawing::Nobody),
            Err(reason) => return Ok(Drawing::Failed(reason)),
        };
        let sha256 = painter.sha256(idea);
        let known = picture::of_job(self.ports.db, &self.job.workspace_id, &self.job.id, &sha256).await;
        if let Some(drawn) = known.map_err(|error| stored(&error))? {
            return Ok(Drawing::Is(drawn));
        }
        if self.ports.clock.monotonic_ms() >= self.deadline_ms {
            let reason = "the idea is there; its picture comes next".into();
            return Err(Outcome::Wait { reason, after_ms: 0, blocked_until: None });
        }
        let meter = JobMeter { ports: self.ports, job: self.job, lease_ms: self.lease_ms };
        let cost_max = painter.cost_max(idea);
        let asked = Asked {
            provider: painter.provider(),
            model: painter.name(),
            provider_id: provider_id.as_deref(),
            stands_in_for: None,
            cost_max,
            input_sha256: &sha256,
            prompt: PROMPT_VERSION,
        };
        let call = match meter.reserve_for(&asked).await {
            Ok(call) => call,
            Err(MeterError::Busy { why, after_s }) => return self.later(why, after_s),
            Err(MeterError::BudgetSpent(reason)) => return Ok(Drawing::Failed(reason)),
            Err(error) => return Err(lost(&error)),
        };
        match painter.draw(self.ports.http, idea).await {
            Ok(painting) => self.kept(&call, painting, cost_max.0).await,
            Err(error) => {
                let settled = meter.settle(call, &Settlement::of_failure(&error, cost_max)).await;
                settled.map_err(|error| lost(&error))?;
                self.failed(&error)
            }
        }
    }

    async fn kept(&self, call: &CallId, painting: Painting, cost_max: i64) -> Result<Drawing, Outcome> {
        let Painting { drawn, bytes, spent } = painting;
        let tokens = |count: u64| i64::try_from(count).ok().filter(|count| *count > 0);
        let new = NewPicture {
            workspace_id: &self.job.workspace_id,
            cost_id: &call.0,
            drawn: &drawn,
            bytes,
            spent_micro_usd: spent.as_ref().map_or(cost_max, |spent| spent.cost.0),
            input_tokens: spent.as_ref().and_then(|spent| tokens(spent.usage.input_tokens)),
            output_tokens: spent.as_ref().and_then(|spent| tokens(spent.usage.output_tokens)),
            request_id: spent.as_ref().and_then(|spent| spent.request_id.as_deref()),
        };
        let kept = picture::keep(self.ports.db, self.ports.clock.pinned_ms(), new).await;
        kept.map_err(|error| stored(&error))?;
        Ok(Drawing::Is(drawn))
    }

    fn failed(&self, error: &ModelError) -> Result<Drawing, Outcome> {
        match error.retry() {
            Retry::Wait { after_s } => self.later(error.to_string(), after_s),
            // A second try would be a second bill: a person may ask for it.
            Retry::Attempt { .. } | Retry::Never => Ok(Drawing::Failed(error.to_string())),
        }
    }

    /// A few times; then the version goes on with its idea in words.
    fn later(&self, reason: String, after_s: Option<u32>) -> Result<Drawing, Outcome> {
        if self.job.fence >= CLAIMS_MAX {
            return Ok(Drawing::Failed(reason));
        }
        let after_ms = after_s.map_or(BUSY_MS, |seconds| i64::from(seconds) * 1000);
        let jitter_ms = i64::try_from(self.ports.entropy.below(2_000)).unwrap_or(0);
        Err(Outcome::Wait { reason, after_ms: after_ms + jitter_ms, blocked_until: None })
    }
}

fn lost(error: &MeterError) -> Outcome {
    match error {
        MeterError::Lost => Outcome::Lost,
        other => Outcome::Retry { reason: other.to_string(), after_ms: None },
    }
}
