//! A campaign's head: name, badges, stage strip, pause and cancel; and its goal and brief beside.

use domain::brief::Fact;
use domain::{Action, Brief};
use maud::{Markup, html};

use super::{Sight, put_away};
use crate::elements::{badge, form, stage_strip, time};

/// The head.
pub fn part(sight: &Sight<'_>) -> Markup {
    let campaign = &sight.campaign;
    html! {
        div.head {
            div {
                p.crumb { a href="/campaigns" { "Campaigns" } }
                h1 { (campaign.name) }
                div.row.gap { (badge::mode(campaign.mode, campaign.time_lapse)) (badge::stage(campaign.stage, campaign.paused)) }
            }
            div.acts {
                @if sight.may(Action::Write) { @if campaign.archived_at.is_none() { (pause(sight)) } (cancel(sight)) }
                @if sight.may(Action::Administer) { a.button.slim href={ (sight.path()) "/policy" } { "Who must approve" } }
                (put_away::acts(sight))
            }
        }
        @if let Some(at) = campaign.archived_at {
            p.notice.wait { "Put away " (time::at(at, &campaign.timezone)) ": lists leave it out, and nothing of it runs." }
        }
        (stage_strip::strip(campaign))
    }
}

fn pause(sight: &Sight<'_>) -> Markup {
    let (label, value) = if sight.campaign.paused { ("Resume", "0") } else { ("Pause", "1") };
    let revision = sight.campaign.revision.to_string();
    let hidden = [("paused", value), ("revision", revision.as_str())];
    form::act(&sight.visit.caller, &format!("{}/pause", sight.path()), "slim", label, &hidden)
}

fn cancel(sight: &Sight<'_>) -> Markup {
    html! {
        details.ask id="ask-cancel" {
            summary.button.slim { "Cancel campaign" }
            form method="post" action={ (sight.path()) "/cancellation" } {
                p { "Everything that is not out is dropped: plans, drafts, approvals. What is published stays. This cannot be undone." }
                (form::csrf(&sight.visit.caller))
                button.button.grave type="submit" { "Cancel it for good" }
            }
        }
    }
}

/// The goal, and what the brief holds.
pub fn brief(sight: &Sight<'_>) -> Markup {
    let (brief, goal) = (&sight.brief, &sight.brief.goal);
    html! {
        section aria-labelledby="goal-title" {
            h2 #goal-title { "Goal" }
            div.card.flat {
                p { (goal.text) }
                dl.facts {
                    dt { "Brand" } dd { (brief.brand.name) }
                    dt { "Channels" } dd { (goal.channels.join(", ")) }
                    dt { "Cadence" } dd { (goal.posts_per_week) " a week, " (goal.weeks) @if goal.weeks == 1 { " week" } @else { " weeks" } }
                    dt { "Starts" } dd { (goal.start) }
                    dt { "Time zone" } dd { (goal.timezone) }
                }
                details.more { summary { "Facts and claims" } (facts(brief)) }
            }
        }
    }
}

fn facts(brief: &Brief) -> Markup {
    let row = |name: &str, list: &[String]| {
        html! { @if !list.is_empty() { dt { (name) } dd { (list.join(" · ")) } } }
    };
    html! {
        dl.facts {
            dt { "In a sentence" } dd { (brief.brand.one_line) }
            (row("For whom", &brief.brand.audience))
            (row("Voice", &brief.brand.voice))
            @for (name, fact) in &brief.facts {
                dt { (name) }
                dd {
                    @match fact {
                        Fact::Text(text) => (text),
                        Fact::List(texts) => (texts.join(" · ")),
                        Fact::Table(texts) => { ul { @for (name, text) in texts { li { (name) ": " (text) } } } },
                    }
                }
            }
            (row("May be claimed", &brief.claims.allowed))
            (row("In every post", &brief.claims.required))
            (row("In none", &brief.claims.banned))
        }
    }
}
