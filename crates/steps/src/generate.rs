//! The copywriter's step: one version of one post, and the visual designer's idea for its picture.

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
use crate::picturing::{Asking, Wanted, picturing, text_stands};
use crate::publish::Channels;
use crate::remembering::{About, Whom, reminders};

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

    /// The text, then the idea for its picture, then the picture.
    fn lease_ms(&self) -> i64 {
        3 * model_lease_ms(self.first_byte_ms)
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, deadline_ms: i64) -> Outcome {
        let input = match step_input::generate(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        if !input.is_theirs && !input.draws_alone {
            return Outcome::GiveUp { reason: not_theirs(&input.persona.name, &input.entry.channel) };
        }
        let (wanted, standing) = (Wanted::of(&input), standing(&input));
        // Whoever is not asked need not be reminded.
        let memory = match &standing {
            Some(_) => Vec::new(),
            None => match reminders(Whom::Maker(self.models), ports, job, &about(&input)).await {
                Ok(memory) => memory,
                Err(outcome) => return outcome,
            },
        };
        let (persona, author) = (input.persona.clone(), author(&input));
        let told = match learning::told(ports.db, &job.workspace_id, &input.entry.channel, None).await {
            Ok(told) => told,
            Err(error) => return stored(&error),
        };
        let learnings = told.iter().map(|one| one.statement.clone()).collect();
        let writing = match writing(self.channels, job, input, learnings) {
            Ok(writing) => writing,
            Err(reason) => return Outcome::GiveUp { reason },
        };
        let lease_ms = model_lease_ms(self.first_byte_ms);
        let (text, by, used) = match standing {
            Some(text) => (text, None, Vec::new()),
            None => {
                let task = heeding(tasks::generate(writing.clone()), &persona).remembering(memory);
                match put::<Content>(self.models, ports, job, lease_ms, &task).await {
                    Ok(Told { answer, by }) => (answer, Some(by), told.iter().map(|one| one.id.as_str()).collect()),
                    Err(outcome) => return outcome,
                }
            }
        };
        let asking = Asking { models: self.models, ports, job, lease_ms, deadline_ms };
        let (image, no_picture) = match asking.picture(wanted, picturing(&writing, &text)).await {
            Ok(pictured) => pictured,
            Err(outcome) => return outcome,
        };
        let content = Content { image, ..text };
        Outcome::Done(json!({
            "content": content.canonical(), "sha256": content.sha256(), "model": by, "learnings": used,
            "no_picture": no_picture, "author": author,
        }))
    }
}

/// The text that came back for its picture alone.
fn standing(input: &GenerateInput) -> Option<Content> {
    let previous = input.previous.as_ref().filter(|_| text_stands(input))?;
    Some(Content { image: None, ..previous.content.clone() })
}

/// Whose words they stay: who has a picture drawn wrote none of them, and may be the one who approves.
fn author(input: &GenerateInput) -> Option<String> {
    input.previous.as_ref().filter(|_| input.draws_alone).map(|previous| previous.author.clone())
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
    let entry = input.entry;
    let strategy = input.strategy.holding(&entry);
    let comment = input.comment.unwrap_or_default();
    let pass = input.previous.as_ref().map_or(0, |previous| u32::try_from(previous.version).unwrap_or(0));
    // The copywriter neither sees nor mends the picture.
    let previous = input.previous.map(|previous| Previous {
        content: Content { image: None, ..previous.content },
        findings: previous.findings.into_iter().filter(|finding| !finding.is_about_the_picture()).collect(),
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
    let of_the_text = before.findings.iter().filter(|finding| !finding.is_about_the_picture());
    models::round::tried(version, &before.content, &of_the_text.cloned().collect::<Vec<_>>(), before.scores)
}
