//! The copywriter's step: one version of one post.

use domain::{Content, Step};
use engine::{Outcome, Work};
use models::{Previous, Told, Tried, Writing, tasks};
use ports::Ports;
use serde_json::json;
use store::job::Claimed;
use store::learning;
use store::step_input::{self, Before, GenerateInput};

use crate::asking::{campaign_id, heeding, model_lease_ms, moved_on, put, stored};
use crate::choosing::Models;
use crate::publish::Channels;
use crate::remembering::{About, reminders};

/// Writes posts.
pub struct Generate<'a> {
    /// Who writes.
    pub models: &'a Models<'a>,
    /// How long the model's first byte may take, in milliseconds.
    pub first_byte_ms: u32,
    /// What each channel can carry.
    pub channels: &'a Channels,
}

#[async_trait::async_trait(?Send)]
impl Work for Generate<'_> {
    fn step(&self) -> Step {
        Step::Generate
    }

    fn lease_ms(&self) -> i64 {
        model_lease_ms(self.first_byte_ms)
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, _deadline_ms: i64) -> Outcome {
        let input = match step_input::generate(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        if !input.is_theirs {
            return Outcome::GiveUp { reason: not_theirs(&input.persona.name, &input.entry.channel) };
        }
        let memory = match reminders(self.models, ports, job, &about(&input)).await {
            Ok(memory) => memory,
            Err(outcome) => return outcome,
        };
        let persona = input.persona.clone();
        let told = match learning::told(ports.db, &job.workspace_id, &input.entry.channel, None).await {
            Ok(told) => told,
            Err(error) => return stored(&error),
        };
        let learnings = told.iter().map(|one| one.statement.clone()).collect();
        let task = match writing(self.channels, job, input, learnings) {
            Ok(writing) => heeding(tasks::generate(writing), &persona).remembering(memory),
            Err(reason) => return Outcome::GiveUp { reason },
        };
        match put::<Content>(self.models, ports, job, self.lease_ms(), &task).await {
            Ok(Told { answer: content, by }) => Outcome::Done(json!({
                "content": content.canonical(), "sha256": content.sha256(), "model": by,
                "learnings": told.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(),
            })),
            Err(outcome) => outcome,
        }
    }
}

/// What a person reads of a post on a channel for which nobody writes.
fn not_theirs(name: &str, channel: &str) -> String {
    format!("{name} does not write for {channel}: write it yourself, or let {name} work for that channel and try again")
}

fn about(input: &GenerateInput) -> About<'_> {
    let (entry, brief) = (&input.entry, &input.brief);
    let mut texts = vec![entry.angle.as_str(), &entry.pillar, &entry.channel, &brief.goal.text];
    texts.extend(brief.brand.audience.iter().map(String::as_str));
    About { texts, comment: input.comment.as_deref().unwrap_or_default(), style: &brief.style }
}

fn writing(
    channels: &Channels,
    job: &Claimed,
    input: GenerateInput,
    learnings: Vec<String>,
) -> Result<Writing, String> {
    let limits = channels.limits(&input.platform, &input.channel_config)?;
    let (entry, mut strategy) = (input.entry, input.strategy);
    if !strategy.calendar.iter().any(|planned| planned.slot == entry.slot) {
        // A person added it to the plan.
        strategy.calendar.push(entry.clone());
    }
    let comment = input.comment.unwrap_or_default();
    let pass = input.previous.as_ref().map_or(0, |previous| u32::try_from(previous.version).unwrap_or(0));
    let previous = input.previous.map(|previous| Previous {
        content: previous.content,
        findings: previous.findings,
        comment,
        tried: previous.before.iter().map(tried).collect(),
    });
    Ok(Writing {
        campaign_id: campaign_id(job),
        brief: input.brief,
        strategy,
        entry,
        language: input.language,
        limits,
        pass,
        previous,
        learnings,
    })
}

fn tried(before: &Before) -> Tried {
    let version = u32::try_from(before.version).unwrap_or(0);
    models::round::tried(version, &before.content, &before.findings, before.scores)
}
