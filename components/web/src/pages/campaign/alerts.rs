//! What needs a person: unknown outcomes, posts that missed their time or that nobody passes, failed steps, the budget.

use domain::{Action, JobState, PostState, Step};
use maud::{Markup, html};
use serve::Problem;
use store::job_list::{self, Filter, Job};
use store::post::{self, Post};

use super::{Sight, post_acts};
use crate::elements::stage_strip::count;
use crate::elements::{badge, cost, form, time};

/// How the reason of a campaign begins that was stopped by a restore; `store::restoration` writes it.
const RESTORED: &str = "restored from ";
/// Most entries of one kind.
const ALERTS_MAX: u32 = 50;

/// All of them; nothing where all is well.
pub async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let jobs = async |state| {
        let filter = Filter { campaign_id: Some(&campaign.id), state: Some(state) };
        job_list::list(sight.app.ports.db, &campaign.workspace_id, filter, None, ALERTS_MAX).await
    };
    let asked = jobs(JobState::NeedsHuman).await?;
    let unsure = [jobs(JobState::Unknown).await?, jobs(JobState::Reconciling).await?].concat();
    let dead = jobs(JobState::Dead).await?;
    let troubled = if count(campaign, &[PostState::NeedsPerson, PostState::Missed]) > 0 {
        post::list(sight.app.ports.db, &campaign.workspace_id, &campaign.id, None, store::page::LIMIT_MAX).await?
    } else {
        Vec::new()
    };
    let spent_up = campaign.finished_at.is_none()
        && campaign.budget_micro_usd > 0
        && campaign.spent_micro_usd + campaign.reserved_micro_usd >= campaign.budget_micro_usd * 9 / 10;
    Ok(html! {
        @for job in &asked { (unknown(sight, job, &troubled)) }
        @for job in &unsure { (finding_out(job)) }
        @if let Some(reason) = &campaign.reason { (planning(sight, reason, &dead)) }
        @for post in troubled.iter().filter(|post| post.state == PostState::NeedsPerson) {
            @if !asked.iter().any(|job| job.post_id.as_deref() == Some(&post.id)) { (needs_person(sight, post, &dead)) }
        }
        @for post in troubled.iter().filter(|post| post.state == PostState::Missed) { (missed(post)) }
        @if spent_up { (budget(sight)) }
    })
}

fn title(post: &Post) -> Markup {
    let name = post.current.as_ref().map_or(post.angle.as_str(), |current| current.content.title.as_str());
    html! { a href={ "/posts/" (post.id) } { "#" (post.slot) " " (name) } }
}

/// It may have gone out; only a person can tell.
fn unknown(sight: &Sight<'_>, job: &Job, posts: &[Post]) -> Markup {
    let post = posts.iter().find(|post| job.post_id.as_deref() == Some(&post.id));
    html! {
        section.notice.bad role="alert" {
            h2.as-h3 { "Did it go out?" @if let Some(post) = post { " " (title(post)) } }
            p {
                "It was being sent when the connection broke off, and the platform does not say whether it arrived. "
                "It is never sent again on a guess. Look there, then say which it is."
                @if let Some(error) = &job.last_error { " Last word: " (error) "." }
            }
            @if sight.visit.may(Action::Approve) { (post_acts::resolve(sight.visit, &job.id)) }
        }
    }
}

fn finding_out(job: &Job) -> Markup {
    html! {
        section.notice.wait {
            p {
                "An outcome is not known yet"
                @if let Some(post_id) = &job.post_id { " (" a href={ "/posts/" (post_id) } { "post" } ")" }
                ". Rondo looks it up on the platform by itself; most cases resolve that way."
            }
        }
    }
}

fn retry(sight: &Sight<'_>, job: Option<&Job>) -> Markup {
    html! {
        @if let Some(job) = job { @if sight.may(Action::Write) {
            div.acts { (form::act(&sight.visit.caller, &format!("/jobs/{}/retry", job.id), "slim", "Try again", &[("campaign", &sight.campaign.id)])) }
        } }
    }
}

fn planning(sight: &Sight<'_>, reason: &str, dead: &[Job]) -> Markup {
    html! {
        section.notice.bad {
            h2.as-h3 { @if reason.starts_with(RESTORED) { "Restored from a backup" } @else { "Planning needs you" } }
            p { (crate::pages::sign_in::sentence(reason)) }
            (retry(sight, dead.iter().find(|job| job.step == Step::Strategize)))
        }
    }
}

fn needs_person(sight: &Sight<'_>, post: &Post, dead: &[Job]) -> Markup {
    let failed = dead.iter().find(|job| job.post_id.as_deref() == Some(&post.id) && job.step != Step::Publish);
    html! {
        section.notice.bad {
            h2.as-h3 { "Needs a person: " (title(post)) }
            @if let Some(reason) = &post.reason { p { (crate::pages::sign_in::sentence(&badge::in_words(reason))) } }
            @if failed.is_some() { (retry(sight, failed)) }
            @else { p { "Edit it or send it back with a comment; either makes a new version, which is reviewed." } }
        }
    }
}

fn missed(post: &Post) -> Markup {
    html! {
        section.notice.bad {
            h2.as-h3 { "Missed: " (title(post)) }
            p {
                "It was planned for " (time::planned(&post.planned_local, post.due_at, &post.timezone)) " and did not go out"
                @if let Some(reason) = &post.reason { ": " (badge::in_words(reason)) }
                ". Rondo never publishes late on its own. " a href={ "/posts/" (post.id) "#act" } { "Give it another time" } ", or leave it."
            }
        }
    }
}

fn budget(sight: &Sight<'_>) -> Markup {
    let campaign = &sight.campaign;
    html! {
        section.notice.wait {
            h2.as-h3 { "The budget is nearly spent" }
            p { (cost::dollars(campaign.spent_micro_usd)) " of " (cost::dollars(campaign.budget_micro_usd)) ". Work stops before it is overspent; raise it under “Cost” to go on." }
        }
    }
}
