//! What waits for an agent, and what it did last.

use domain::JobState;
use maud::{Markup, html};
use serve::Problem;
use store::agent::{self, Task};
use store::command;

use super::Sight;
use crate::elements::badge::{self, Tone};
use crate::elements::{cost, empty, scores, time};
use crate::visit::Names;

/// How much of each list is shown.
const SHOWN_MAX: u32 = 12;
/// How many commands.
const COMMANDS_MAX: u32 = 5;

/// Queue, last jobs, commands.
pub(super) async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let (db, workspace_id) = (sight.app.ports.db, &sight.visit.workspace.id);
    let Some(step) = sight.role().step() else { return Ok(html! {}) };
    let queue = agent::queue(db, workspace_id, step, SHOWN_MAX).await?;
    let last = agent::last(db, workspace_id, step, None, SHOWN_MAX).await?;
    let told = command::list(db, workspace_id, sight.role(), None, COMMANDS_MAX).await?;
    let names = if told.is_empty() { Names::default() } else { Names::of(sight.app, workspace_id).await? };
    Ok(html! {
        section.section aria-labelledby="queue-title" {
            div.top { h2 #queue-title { "Queue" } span.soft { (sight.standing.queue) " waiting" } }
            @if queue.is_empty() { (empty::state("Nothing waits", "Work arrives here by itself: a plan to make, a post to write, a version to judge, a time that comes.", None)) }
            @else {
                ol.tasks role="list" { @for task in &queue { li {
                    div { (about(task)) p.soft.small { (task.campaign.as_deref().unwrap_or("")) @if let Some(error) = &task.last_error { " · last time: " (badge::in_words(error)) } } }
                    span.when { @match &task.timezone { Some(zone) if task.run_at > sight.now_ms => (time::at(task.run_at, zone)), _ => "due now" } }
                } } }
            }
        }
        section.section aria-labelledby="last-title" {
            div.top { h2 #last-title { "Last jobs" } }
            @if last.is_empty() { (empty::state("Nothing yet", "What it does is listed here, with its scores and its cost.", None)) }
            @else {
                ol.tasks role="list" { @for task in &last { li {
                    div { (about(task)) p.soft.small {
                        (task.campaign.as_deref().unwrap_or(""))
                        @if let Some(found) = &task.scores { " · mean " b { (scores::mean(found)) } }
                        @if task.spent_micro_usd > 0 { " · " (cost::dollars(task.spent_micro_usd)) }
                        @if task.attempt > 1 { " · " (task.attempt) " attempts" }
                        " · " (time::ago(task.updated_at, sight.now_ms))
                        @if let (Some(error), true) = (&task.last_error, task.state != JobState::Done) { br; (badge::in_words(error)) }
                    } }
                    (state(task.state))
                } } }
            }
        }
        @if !told.is_empty() {
            section.section aria-labelledby="told-title" {
                div.top { h2 #told-title { "What it was told" } }
                ol.tasks role="list" { @for one in &told { li {
                    div {
                        q { (one.text) }
                        p.soft.small {
                            (names.name(&one.user_id)) " · " (time::ago(one.at, sight.now_ms)) " · "
                            @match &one.post_id {
                                Some(post) => a href={ "/posts/" (post) } { "post" },
                                None => a href={ "/campaigns/" (one.campaign_id) } { "campaign" },
                            }
                        }
                    }
                } } }
            }
        }
    })
}

fn about(task: &Task) -> Markup {
    let name = task.about.as_deref().or(task.campaign.as_deref()).unwrap_or(&task.job_id);
    html! {
        @match (&task.post_id, &task.campaign_id) {
            (Some(post), _) => a href={ "/posts/" (post) } { (name) },
            (None, Some(campaign)) => a href={ "/campaigns/" (campaign) } { (name) },
            (None, None) => (name),
        }
    }
}

/// Where a job is, in a person's words.
fn state(state: JobState) -> Markup {
    let (tone, word) = match state {
        JobState::Ready => (Tone::Busy, "Waits"),
        JobState::Leased => (Tone::Good, "At work"),
        JobState::Armed => (Tone::Good, "Being sent"),
        JobState::Unknown | JobState::Reconciling => (Tone::Busy, "Finding out"),
        JobState::NeedsHuman => (Tone::Bad, "Needs a person"),
        JobState::Done => (Tone::Good, "Done"),
        JobState::Dead => (Tone::Bad, "Failed"),
        JobState::Cancelled => (Tone::Quiet, "No longer wanted"),
    };
    badge::badge(tone, word)
}
