//! The strategist's step: from a brief to a plan that a person approves.

use domain::calendar::{GRACE_MS, slots};
use domain::{Step, Strategy};
use engine::{Outcome, Work};
use models::{Planning, SentBack, tasks};
use ports::Ports;
use serde_json::json;
use store::job::Claimed;
use store::step_input;

use crate::asking::{campaign_id, heeding, model_lease_ms, moved_on, put, stored};
use crate::choosing::Models;

/// Plans campaigns.
pub struct Strategize<'a> {
    /// Who plans.
    pub models: &'a Models<'a>,
    /// How long the model's first byte may take, in milliseconds.
    pub first_byte_ms: u32,
}

#[async_trait::async_trait(?Send)]
impl Work for Strategize<'_> {
    fn step(&self) -> Step {
        Step::Strategize
    }

    fn lease_ms(&self) -> i64 {
        model_lease_ms(self.first_byte_ms)
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, _deadline_ms: i64) -> Outcome {
        let input = match step_input::strategize(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        let slots = match slots(&input.brief.goal) {
            Ok(slots) => slots,
            Err(error) => return Outcome::GiveUp { reason: error.to_string() },
        };
        let planning = Planning {
            campaign_id: campaign_id(job),
            brief: input.brief.clone(),
            slots: slots.clone(),
            pass: u32::try_from(job.version.unwrap_or(0)).unwrap_or(0),
            previous: input.sent_back.map(|(strategy, comment)| SentBack { strategy, comment }),
        };
        let task = heeding(tasks::strategize(planning), &input.persona);
        let strategy: Strategy = match put(self.models, ports, job, self.lease_ms(), &task).await {
            Ok(told) => told.answer,
            Err(outcome) => return outcome,
        };
        // Times and languages are Rondo's, not the model's.
        let slots: Vec<_> = slots
            .iter()
            .map(|slot| {
                json!({
                    "ordinal": slot.ordinal, "local": slot.local, "due_at": slot.due_at,
                    "expires_at": slot.due_at + GRACE_MS,
                    "language": tasks::language_of_slot(&input.brief, slot.ordinal),
                })
            })
            .collect();
        let sha256 = store::secret::sha256(&json!({"strategy": strategy, "slots": slots}).to_string());
        Outcome::Done(json!({ "strategy": strategy, "slots": slots, "sha256": sha256 }))
    }
}
