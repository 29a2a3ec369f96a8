//! The plan: positioning, pillars, calendar; approve it, or send it back with a comment.

use domain::{Action, Stage};
use maud::{Markup, html};
use serve::Problem;
use store::strategy::{self, Proposal};

use super::{Sight, plan_diff};
use crate::elements::form::{Typed, csrf};
use crate::elements::{badge, time};

/// Most versions of a plan that the page lists.
const PLANS_MAX: u32 = 20;

/// The newest plan, open while it waits; the older ones beneath.
pub async fn part(sight: &Sight<'_>, typed: &Typed) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let plans = strategy::list(sight.app.ports.db, &campaign.workspace_id, &campaign.id, None, PLANS_MAX).await?;
    let waits = campaign.stage == Stage::StrategyApproval;
    Ok(html! {
        section.section aria-labelledby="plan-title" {
            div.top { h2 #plan-title { "Plan" } @if let Some(newest) = plans.first() { (badge::plan(&newest.state)) } }
            @if campaign.stage == Stage::Planning && campaign.reason.is_none() {
                p.card { "The strategist is at work on "
                    @if plans.is_empty() { "the plan" } @else { "the next version of the plan, with your comment" }
                    ". It appears here by itself." }
            }
            @if let Some(newest) = plans.first() {
                div.card {
                    @if waits { (document(sight, newest)) @if sight.visit.may(Action::Approve) { (decide(sight, newest, typed)) } }
                    @else {
                        p.positioning { (newest.document.positioning) }
                        details.more id={ "plan-" (newest.version) } { summary { "Pillars, calendar and measures" } (document(sight, newest)) }
                    }
                    (decision(sight, newest))
                }
            }
            @for (older, newer) in plans.iter().skip(1).zip(&plans) {
                details.more id={ "plan-" (older.version) } {
                    summary { "Version " (older.version) ", sent back" }
                    div.card.flat {
                        (decision(sight, older))
                        h3 { "What version " (newer.version) " changed" }
                        (plan_diff::lines(&older.document, &newer.document))
                        details.more id={ "plan-all-" (older.version) } { summary { "All of version " (older.version) } (document(sight, older)) }
                    }
                }
            }
        }
    })
}

/// A plan that waits, and the decision on it.
pub async fn to_decide(sight: &Sight<'_>, version: i64) -> Result<Markup, Problem> {
    let (db, campaign) = (sight.app.ports.db, &sight.campaign);
    let found = strategy::find(db, &campaign.workspace_id, &campaign.id, version).await?;
    let plan = found.ok_or_else(|| Problem::NotFound { what: "plan", id: version.to_string() })?;
    Ok(html! {
        div.card {
            @if sight.visit.may(Action::Approve) { (decide(sight, &plan, &Typed::default())) }
            (document(sight, &plan))
        }
    })
}

fn decision(sight: &Sight<'_>, plan: &Proposal) -> Markup {
    html! {
        @if let (Some(by), Some(at)) = (&plan.decided_by, plan.decided_at) {
            p.soft.small {
                @if plan.state == "approved" { "Approved" } @else { "Sent back" }
                " by " (sight.names.name(by)) ", " (time::at(at, &sight.campaign.timezone)) "."
                @if let Some(comment) = &plan.comment { " “" (comment) "”" }
            }
        }
    }
}

fn document(sight: &Sight<'_>, plan: &Proposal) -> Markup {
    let document = &plan.document;
    html! {
        div.plan {
            div { h3 { "Positioning" } p.positioning { (document.positioning) } }
            div {
                h3 { "Pillars" }
                ul.pillars role="list" { @for pillar in &document.pillars { li { b { (pillar.name) } span { (pillar.why) } } } }
            }
            div {
                h3 { "Calendar" }
                p.soft.small { (document.cadence) " Times are those of " (sight.campaign.timezone) "." }
                (calendar(sight, plan))
            }
            div {
                h3 { "Channels" }
                ul { @for share in &document.channel_mix { li { b { (share.channel) } ", " (share.percent) " %: " (share.why) } } }
            }
            div { h3 { "How we will know that it worked" } ul { @for measure in &document.measures { li { (measure) } } } }
        }
    }
}

fn calendar(sight: &Sight<'_>, plan: &Proposal) -> Markup {
    html! {
        div.sheet.gap tabindex="0" role="region" aria-label="Calendar" {
            table.calendar {
                thead { tr { th scope="col" { "When" } th scope="col" { "About" } th scope="col" { "Pillar" } th scope="col" { "Channel" } } }
                tbody {
                    @for entry in &plan.document.calendar {
                        tr {
                            td {
                                @match plan.slots.iter().find(|slot| slot.ordinal == i64::from(entry.slot)) {
                                    Some(slot) => (time::planned(&slot.local, slot.due_at, &sight.campaign.timezone)),
                                    None => { "slot " (entry.slot) },
                                }
                            }
                            td { (entry.angle) }
                            td data-label="Pillar" { (entry.pillar) }
                            td data-label="Channel" { (entry.channel) }
                        }
                    }
                }
            }
        }
    }
}

fn decide(sight: &Sight<'_>, plan: &Proposal, typed: &Typed) -> Markup {
    let action = format!("{}/strategy/{}/decision", sight.path(), plan.version);
    let posts = plan.document.calendar.len();
    let error = typed.complaint("comment");
    html! {
        div.acts #decide-plan {
            form method="post" action=(action) {
                (csrf(&sight.visit.caller))
                input type="hidden" name="decision" value="approve";
                button.button.main-act type="submit" { "Approve the plan for " (posts) " posts" }
            }
            details.ask id="ask-plan" open[error.is_some()] {
                summary.button { "Send back" }
                form method="post" action=(action) {
                    (csrf(&sight.visit.caller))
                    input type="hidden" name="decision" value="send_back";
                    div.field {
                        label for="plan-comment" { "What should be different?" }
                        textarea.control #plan-comment name="comment" required aria-invalid=[error.map(|_| "true")] { "\n" (typed.value("comment")) }
                        @if let Some(error) = error { p.error { span { "Your comment " (error) "." } } }
                    }
                    button.button.main-act type="submit" { "Send back with this comment" }
                }
            }
        }
    }
}
