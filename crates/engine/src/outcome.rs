//! What a step says when it stops. Only the runner changes the job's state.

use domain::JobState;
use ports::Entropy;
use serde_json::{Value, json};
use store::job::{Claimed, Finish};

use crate::backoff_ms;

/// What came of one attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Finished; this is what the step made.
    Done(Value),
    /// It is out, and this is how we know.
    Published {
        /// The platform's id.
        ext_id: String,
        /// Where it can be seen.
        ext_url: Option<String>,
        /// How we know.
        known_by: KnownBy,
    },
    /// Try again later; uses up an attempt. The last attempt's failure is the end.
    Retry {
        /// Why.
        reason: String,
        /// Not sooner than this; else by backoff.
        after_ms: Option<i64>,
    },
    /// Not our fault (a rate limit, a pause): try again later, for free.
    Wait {
        /// Why.
        reason: String,
        /// In so many milliseconds.
        after_ms: i64,
        /// The platform asked for it: until then, Unix milliseconds, nothing is sent to this channel.
        blocked_until: Option<i64>,
    },
    /// No retry can help; a person must look.
    GiveUp {
        /// Why.
        reason: String,
    },
    /// It may be out, and it may not.
    Unknown {
        /// What happened.
        reason: String,
        /// How many looks in a row did not find it.
        looks: i64,
        /// The next look, after the quiet period and so many milliseconds more.
        after_ms: i64,
    },
    /// Nobody but a person can find out whether it is out.
    NeedsHuman {
        /// What to look for.
        reason: String,
    },
    /// It surely is not out; it may be sent.
    SendAgain {
        /// How we know.
        reason: String,
    },
    /// No longer wanted.
    Cancelled {
        /// Why.
        reason: String,
    },
    /// Another worker has the job now: say nothing.
    Lost,
}

/// How we know that something is out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownBy {
    /// The platform said so when it was sent.
    Answer,
    /// It was found afterwards.
    Reconciliation,
}

impl Outcome {
    /// As the store writes it. `None`: nothing is to be written.
    pub(crate) fn finish(self, job: &Claimed, entropy: &dyn Entropy) -> Option<Finish> {
        let to = |state| Finish::of(job, state);
        Some(match self {
            Self::Done(artifact) => Finish { artifact: Some(artifact), ..to(JobState::Done) },
            Self::Published { ext_id, ext_url, known_by } => {
                let known_by = match known_by {
                    KnownBy::Answer => "answer",
                    KnownBy::Reconciliation => "reconciliation",
                };
                let artifact = Some(json!({ "known_by": known_by }));
                Finish { ext_id: Some(ext_id), ext_url, artifact, ..to(JobState::Done) }
            }
            Self::Retry { reason, .. } if job.attempt >= job.attempts_max => {
                Finish { reason: Some(format!("{reason} (after {} attempts)", job.attempt)), ..to(JobState::Dead) }
            }
            Self::Retry { reason, after_ms } => {
                let after_ms = backoff_ms(job.attempt, entropy).max(after_ms.unwrap_or(0));
                Finish { reason: Some(reason), after_ms: Some(after_ms), ..to(JobState::Ready) }
            }
            Self::Wait { reason, after_ms, blocked_until } => Finish {
                reason: Some(reason),
                after_ms: Some(after_ms),
                free: true,
                blocked_until,
                ..to(JobState::Ready)
            },
            Self::GiveUp { reason } => Finish { reason: Some(reason), ..to(JobState::Dead) },
            Self::Unknown { reason, looks, after_ms } => {
                Finish { reason: Some(reason), looks, after_ms: Some(after_ms), ..to(JobState::Unknown) }
            }
            Self::NeedsHuman { reason } => Finish { reason: Some(reason), ..to(JobState::NeedsHuman) },
            Self::SendAgain { reason } => Finish { reason: Some(reason), after_ms: Some(0), ..to(JobState::Ready) },
            Self::Cancelled { reason } => Finish { reason: Some(reason), ..to(JobState::Cancelled) },
            Self::Lost => return None,
        })
    }
}
