//! The strategist's step: from a brief to a plan that a person approves.

use std::collections::BTreeMap;

use domain::calendar::{GRACE_MS, Slot, TimeError, slots, span};
use domain::strategy::Entry;
use domain::weekly::{self, place};
use domain::{Brief, Step, Strategy};
use engine::{Outcome, Work};
use models::{Planning, SentBack, tasks};
use ports::{DbError, Ports};
use serde_json::json;
use store::job::Claimed;
use store::step_input::{self, StrategizeInput};
use store::weekly_slot;

use crate::asking::{campaign_id, heeding, model_lease_ms, moved_on, put, stored};
use crate::choosing::Models;
use crate::reading;
use crate::remembering::{About, Whom, reminders};

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
        if store::reading::is_reading(job) {
            return reading::work(self, ports, job).await;
        }
        let input = match step_input::strategize(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        let slots = match slots(&input.brief.goal) {
            Ok(slots) => slots,
            Err(error) => return Outcome::GiveUp { reason: error.to_string() },
        };
        let memory = match reminders(Whom::Maker(self.models), ports, job, &about(&input)).await {
            Ok(memory) => memory,
            Err(outcome) => return outcome,
        };
        let planning = Planning {
            campaign_id: campaign_id(job),
            brief: input.brief.clone(),
            slots: slots.clone(),
            pass: u32::try_from(job.version.unwrap_or(0)).unwrap_or(0),
            previous: input.sent_back.map(|(strategy, comment)| SentBack { strategy, comment }),
        };
        let task = heeding(tasks::strategize(planning), &input.persona).remembering(memory);
        let mut strategy: Strategy = match put(self.models, ports, job, self.lease_ms(), &task).await {
            Ok(told) => told.answer,
            Err(outcome) => return outcome,
        };
        // Times and languages are Rondo's, not the model's.
        let free = match free(ports, job, &input.brief).await {
            Ok(free) => free,
            Err(error) => return stored(&error),
        };
        let placed = match placed(&slots, &strategy, free, &input.brief) {
            Ok(placed) => placed,
            Err(error) => return Outcome::GiveUp { reason: error.to_string() },
        };
        strategy.calendar = placed
            .iter()
            .map(|(from, slot)| Entry { slot: slot.ordinal, ..strategy.calendar[*from].clone() })
            .collect();
        let slots: Vec<_> = placed
            .iter()
            .map(|(from, slot)| {
                json!({
                    "ordinal": slot.ordinal, "local": slot.local, "due_at": slot.due_at,
                    "expires_at": slot.due_at + GRACE_MS,
                    // The one that the model planned it in.
                    "language": tasks::language_of_slot(&input.brief, slots[*from].ordinal),
                })
            })
            .collect();
        let sha256 = store::secret::sha256(&json!({"strategy": strategy, "slots": slots}).to_string());
        Outcome::Done(json!({ "strategy": strategy, "slots": slots, "sha256": sha256 }))
    }
}

/// The free weekly slots of the campaign's channels from its first day on, by the channel's name; channels without
/// slots are left out.
async fn free(ports: &Ports<'_>, job: &Claimed, brief: &Brief) -> Result<BTreeMap<String, Vec<i64>>, DbError> {
    let mut channels = weekly_slot::by_channel(ports.db, &job.workspace_id).await?;
    channels.retain(|_, of| brief.goal.channels.contains(&of.name));
    let (begin_ms, end_ms) = span(&brief.goal).unwrap_or_default();
    let after_ms = ports.clock.now_ms().max(begin_ms - 1);
    let window = (after_ms, after_ms.max(end_ms) + weekly::AHEAD_MS);
    let mut free = weekly_slot::free(ports.db, &job.workspace_id, &channels, window, None).await?;
    let named = channels
        .into_iter()
        .map(|(id, of)| (of.name, free.remove(&id).unwrap_or_default().into_iter().map(|one| one.at).collect()));
    Ok(named.collect())
}

/// Where the plan's posts go, by the channel that the strategist chose for each.
fn placed(
    slots: &[Slot],
    strategy: &Strategy,
    mut free: BTreeMap<String, Vec<i64>>,
    brief: &Brief,
) -> Result<Vec<(usize, Slot)>, TimeError> {
    let planned: Vec<(Slot, &str)> =
        slots.iter().cloned().zip(strategy.calendar.iter().map(|entry| entry.channel.as_str())).collect();
    let (_, end_ms) = span(&brief.goal)?;
    place(&planned, &mut free, end_ms, &brief.goal.timezone)
}

fn about(input: &StrategizeInput) -> About<'_> {
    let brief = &input.brief;
    let mut texts = vec!["plan", brief.goal.text.as_str()];
    texts.extend(brief.goal.channels.iter().chain(&brief.brand.audience).map(String::as_str));
    let comment = input.sent_back.as_ref().map_or("", |(_, comment)| comment.as_str());
    About { texts, comment, style: &brief.style }
}
