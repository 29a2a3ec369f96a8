//! What happened, the newest first. Triggers write it, so it cannot disagree with what is.

use maud::{Markup, html};
use serve::Problem;
use store::event::{self, Event};

use super::Sight;
use crate::elements::{badge, time};

/// How many lines the page reads; jobs' own lines among them are left out.
const EVENTS_MAX: u32 = 120;
/// How many it shows at once; the rest opens.
const LINES_SHOWN: usize = 8;
/// How many in all.
const LINES_MAX: usize = 60;

/// The newest lines.
pub async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let events =
        event::newest(sight.app.ports.db, &campaign.workspace_id, Some(&campaign.id), None, EVENTS_MAX).await?;
    let actors = events.iter().map(|event| event.actor.as_str());
    let names = sight.names.clone().with_rules(sight.app, &campaign.workspace_id, actors).await?;
    let now_ms = sight.app.ports.clock.now_ms();
    let told: Vec<(&Event, String)> =
        events.iter().filter_map(|event| Some((event, told(event)?))).take(LINES_MAX).collect();
    let line = |(event, text): &(&Event, String)| {
        html! {
            li {
                (about(event)) (text)
                @if let Some(reason) = event.data["reason"].as_str() { ": " (badge::in_words(reason)) }
                br;
                span.by { (names.name(&event.actor)) } " · " (time::ago(event.at, now_ms))
            }
        }
    };
    let (shown, rest) = told.split_at(told.len().min(LINES_SHOWN));
    Ok(html! {
        section aria-labelledby="history-title" {
            h2 #history-title { "History" }
            ol.history role="list" { @for one in shown { (line(one)) } }
            @if !rest.is_empty() {
                details.more id="history-rest" { summary { "Earlier" } ol.history role="list" { @for one in rest { (line(one)) } } }
            }
            p.small { a href={ "/history?campaign=" (campaign.id) } { "All of it, to search and to export" } }
        }
    })
}

/// `Post 3 `, with the way to it.
fn about(event: &Event) -> Markup {
    let post = event.subject.strip_prefix("post:");
    let slot = post.and_then(|id| id.rsplit_once('-')).map(|(_, slot)| slot);
    html! { @if let (Some(id), Some(slot)) = (post, slot) { a href={ "/posts/" (id) } { "Post " (slot) } " " } }
}

/// In words; `None` for what only a developer wants to know.
fn told(event: &Event) -> Option<String> {
    let version = || event.data["version"].as_i64().map(|version| format!(" (version {version})")).unwrap_or_default();
    Some(match event.kind.as_str() {
        // The editor's verdict follows, and says it for both.
        "review.approve" if event.actor == "structure" => return None,
        "campaign.created" => "Campaign created".into(),
        "campaign.changed" => "Campaign changed".into(),
        "campaign.producing" => "Production began".into(),
        "campaign.finished" => "Campaign finished".into(),
        "campaign.cancelled" => "Campaign cancelled".into(),
        "strategy.proposed" => format!("Plan proposed{}", version()),
        "strategy.approved" => format!("Plan approved{}", version()),
        "strategy.sent_back" => format!("Plan sent back{}", version()),
        "version.written" => format!("written{}", version()),
        "review.approve" => format!("passed review{}", version()),
        "review.revise" => format!("to be revised{}", version()),
        "review.reject" => format!("rejected by review{}", version()),
        "approval.approve" => format!("approved{}", version()),
        "approval.send_back" => format!("sent back{}", version()),
        "approval.reject" => format!("rejected{}", version()),
        "approval.void" => format!("approval void{}", version()),
        "post.publishing" => "is being sent".into(),
        "post.published" => "published".into(),
        "post.missed" => "missed its time".into(),
        "post.needs_person" => "needs a person".into(),
        "post.rescheduled" => "moved to another time".into(),
        "post.picture_wanted" => "has its picture drawn".into(),
        "post.held" => "held".into(),
        "post.released" => "released".into(),
        "job.unknown" => "An outcome is not known".into(),
        "job.dead" => "A step failed for good".into(),
        _ => return None,
    })
}
