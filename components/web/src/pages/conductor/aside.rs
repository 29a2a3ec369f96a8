//! What needs a person, and what came of it.

use domain::review::MEAN_TENTHS_MIN;
use maud::{Markup, html};
use serve::Problem;
use store::conductor::{self, Alert, Figures};

use super::Sight;
use crate::elements::badge::{self, Tone};
use crate::elements::{chart, cost, time};

/// How many alerts are shown at once; the rest opens.
const SHOWN_MAX: usize = 6;

/// All that needs a person, the gravest first.
pub(super) async fn attention(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let (db, pinned_ms) = (sight.app.ports.db, sight.app.ports.clock.pinned_ms());
    let alerts = conductor::alerts(db, pinned_ms, &sight.visit.workspace.id).await?;
    let (shown, rest) = alerts.split_at(alerts.len().min(SHOWN_MAX));
    Ok(html! {
        section.panel aria-labelledby="attention-title" {
            h2.as-h3 #attention-title { "Needs attention" @if !alerts.is_empty() { " " span.badge.bad { (alerts.len()) } } }
            @if alerts.is_empty() { p.soft { "Nothing waits for you." } }
            ul.alerts role="list" { @for one in shown { (alert(one, sight.now_ms)) } }
            @if !rest.is_empty() {
                details.more id="alerts-rest" {
                    summary { (rest.len()) " more" }
                    ul.alerts role="list" { @for one in rest { (alert(one, sight.now_ms)) } }
                }
            }
        }
    })
}

fn alert(one: &Alert, now_ms: i64) -> Markup {
    let (tone, word) = match one.kind.as_str() {
        "unknown" => (Tone::Bad, "Did it go out?"),
        "stuck" => (Tone::Bad, "Needs a person"),
        "planning" => (Tone::Bad, "Planning failed"),
        "missed" => (Tone::Bad, "Missed"),
        "plan" => (Tone::Wait, "Plan to approve"),
        "approval" => (Tone::Wait, "Post to approve"),
        _ => (Tone::Busy, "Budget nearly spent"),
    };
    let href = match (&one.post_id, one.kind.as_str()) {
        (_, "unknown") => format!("/campaigns/{}#alerts", one.campaign_id),
        (Some(post), _) => format!("/posts/{post}"),
        (None, "plan") => format!("/campaigns/{}#strategy", one.campaign_id),
        (None, "budget") => format!("/campaigns/{}#cost", one.campaign_id),
        (None, _) => format!("/campaigns/{}#alerts", one.campaign_id),
    };
    html! {
        li {
            (badge::badge(tone, word))
            a href=(href) { (one.title.as_deref().unwrap_or(&one.campaign)) }
            p.soft.small {
                @if one.title.is_some() { (one.campaign) " · " }
                (time::ago(one.at, now_ms))
            }
        }
    }
}

/// What came of it.
pub(super) async fn figures(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let (db, pinned_ms) = (sight.app.ports.db, sight.app.ports.clock.pinned_ms());
    let found = conductor::figures(db, pinned_ms, &sight.visit.workspace.id).await?;
    Ok(html! {
        section.panel aria-labelledby="figures-title" {
            h2.as-h3 #figures-title { "Figures " span.soft.small { "last " (conductor::DAYS) " days" } }
            (sheet(&found))
        }
    })
}

/// The sheet of figures; what is not known yet is a dash, not a nought.
pub fn sheet(found: &Figures) -> Markup {
    let percent = |part: i64, all: i64| if all == 0 { "–".into() } else { format!("{} %", part * 100 / all) };
    let mean = found.mean_tenths.map_or_else(|| "–".into(), |tenths| format!("{}.{}", tenths / 10, tenths % 10));
    let share = |amount: i64| (amount.saturating_mul(100) / found.budget_micro_usd.max(1)).clamp(0, 100);
    html! {
        dl.figures-sheet {
            div.wide { dt { "Published" } dd { (found.published) } dd { (chart::days(&found.by_day, conductor::DAYS)) } }
            div { dt { "On time" } dd { (percent(found.on_time, found.timed)) } }
            div { dt { "On their way" } dd { (found.waiting) } }
            div.bad[found.missed > 0] { dt { "Missed" } dd { (found.missed) } }
            div { dt { "Sent back" } dd { (found.revisions) } }
            div.wide {
                dt { "Mean score" } dd { (mean) @if found.reviews > 0 { span.soft.small { " of " (found.reviews) " reviews" } } }
                dd { (chart::scores(&found.means, i64::from(MEAN_TENTHS_MIN))) }
            }
            div.wide {
                dt { "Cost of open campaigns" } dd { (cost::dollars(found.spent_micro_usd)) span.soft.small { " of " (cost::dollars(found.budget_micro_usd)) } }
                dd.progress {
                    svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" { rect.published width=(share(found.spent_micro_usd)) height="8" {} }
                }
            }
        }
    }
}
