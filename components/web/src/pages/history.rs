//! `/history`: who did what, before and after; searched by whom, what, where and when; as a file.

pub mod seal;

use domain::history::{AGENTS, AREAS, Change};
use maud::{Markup, html};
use serve::cursor::{self, Page};
use serve::history::{self as wire, Asked, Format};
use serve::{Problem, Reply, Request};
use store::campaign::{self, Campaign};
use store::history::{self, Line};

use crate::elements::{badge, empty, time};
use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Most campaigns that one can choose from; the newest.
const CAMPAIGNS_MAX: u32 = 200;
/// Where there is no campaign, and so no zone of its own.
const NO_ZONE: &str = "UTC";

/// What is asked for, and in whose days.
async fn asked(call: &Call<'_>, visit: &Visit) -> Result<(Asked, Option<Campaign>), Problem> {
    let db = call.app.ports.db;
    let found = match call.request.query("campaign").filter(|id| !id.is_empty()) {
        Some(id) => campaign::find(db, &visit.workspace.id, id).await?,
        None => None,
    };
    let zone = found.as_ref().map_or(NO_ZONE, |campaign| campaign.timezone.as_str());
    let asked = Asked::of(call.request, Some(zone), false)?;
    asked.check(db, &visit.workspace.id).await?;
    Ok((asked, found))
}

/// The newest lines first.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.app.ports.db, visit.workspace.id.as_str());
    let (asked, of_campaign) = asked(&call, visit).await?;
    let wanted = Page::of(call.request, 1)?;
    let before = wanted.after.as_ref().map(|key| key[0].parse().map_err(|_| Problem::InvalidCursor)).transpose()?;
    let mut lines = history::newest(db, workspace_id, &asked.filter(), before, wanted.limit + 1).await?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let more = lines.len() > limit;
    lines.truncate(limit);
    let next = lines.last().filter(|_| more).map(|line| cursor::encode(&[&line.seq.to_string()]));
    let actors = history::actors(db, workspace_id).await?;
    let campaigns = campaign::names(db, workspace_id, true, CAMPAIGNS_MAX).await?;
    let chosen = query(call.request);
    let is_filtered = !chosen.is_empty();
    let body = html! {
        div.head {
            div {
                h1 { "History" }
                p.lead { "Who did what, before and after. Lines are only ever added, and a seal over them shows if anybody changed one." }
            }
            a.button href="/history/seal" { "The seal" }
        }
        (filters(&asked, &actors, &campaigns, of_campaign.as_ref(), call.request))
        section aria-labelledby="lines-title" {
            div.top.ledger-top {
                h2 #lines-title { @if is_filtered { "What was found" } @else { "What happened" } }
                p.row {
                    a.button.slim href={ "/history/export.csv" (with(&chosen, None)) } { "Export CSV" }
                    a.button.slim href={ "/history/export.json" (with(&chosen, None)) } { "Export JSON" }
                }
            }
            @if lines.is_empty() { (nothing(is_filtered)) }
            @for day in by_day(&lines) { (one_day(day)) }
            p.row.gap {
                @if before.is_some() { a.button href={ "/history" (with(&chosen, None)) } { "Newest" } }
                @if let Some(next) = &next { a.button href={ "/history" (with(&chosen, Some(next))) } rel="next" { "Older" } }
            }
        }
    };
    Ok(page(layout::page(visit, Nav::History, "History", &body)))
}

/// What was asked for as CSV.
pub async fn csv(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(wire::export(&visit.workspace.id, asked(&call, visit).await?.0, Format::Csv))
}

/// What was asked for as JSON.
pub async fn json(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(wire::export(&visit.workspace.id, asked(&call, visit).await?.0, Format::Json))
}

/// What the query asks for, without where the page begins.
fn query(request: &Request) -> String {
    let known = ["actor", "kind", "campaign", "post", "from", "to", "jobs"];
    let pairs = request.query_pairs().iter();
    let pairs = pairs.filter(|(name, value)| known.contains(&name.as_str()) && !value.is_empty());
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn with(chosen: &str, cursor: Option<&str>) -> String {
    match (chosen, cursor) {
        ("", None) => String::new(),
        ("", Some(cursor)) => format!("?cursor={cursor}"),
        (chosen, None) => format!("?{chosen}"),
        (chosen, Some(cursor)) => format!("?{chosen}&cursor={cursor}"),
    }
}

fn nothing(is_filtered: bool) -> Markup {
    if is_filtered {
        let teaches = "Widen the search: take away a person, a kind, or a day.";
        empty::state("Nothing like that happened", teaches, Some(("Show everything", "/history")))
    } else {
        let teaches = "As soon as a campaign begins, everything that anybody does is written here.";
        empty::state("Nothing has happened yet", teaches, None)
    }
}

fn filters(
    asked: &Asked,
    actors: &[(String, String)],
    campaigns: &[(String, String)],
    of_campaign: Option<&Campaign>,
    request: &Request,
) -> Markup {
    let is = |chosen: &Option<String>, value: &str| chosen.as_deref() == Some(value);
    let is_listed = campaigns.iter().any(|(id, _)| is(&asked.campaign_id, id));
    let other_kind = asked.kind.as_deref().filter(|kind| !AREAS.iter().any(|(area, _)| area == kind));
    let zone = of_campaign.map_or(NO_ZONE, |campaign| campaign.timezone.as_str());
    html! {
        form.card.flat.search method="get" action="/history" aria-label="Search history" {
            div.field {
                label for="actor" { "Who" }
                select.control id="actor" name="actor" {
                    option value="" { "Everybody" }
                    optgroup label="People and programs" {
                        @for (id, name) in actors { option value=(id) selected[is(&asked.actor, id)] { (name) } }
                    }
                    optgroup label="Agents" {
                        @for (id, name) in AGENTS { option value=(id) selected[is(&asked.actor, id)] { (name) } }
                    }
                }
            }
            div.field {
                label for="kind" { "What" }
                select.control id="kind" name="kind" {
                    option value="" { "Everything" }
                    @for (area, name) in AREAS { option value=(area) selected[is(&asked.kind, area)] { (name) } }
                    @if let Some(kind) = other_kind { option value=(kind) selected { (kind.replace(['.', '_'], " ")) } }
                }
            }
            div.field {
                label for="campaign" { "Campaign" }
                select.control id="campaign" name="campaign" {
                    option value="" { "All" }
                    @if let Some(one) = of_campaign.filter(|_| !is_listed) { option value=(one.id) selected { (one.name) } }
                    @for (id, name) in campaigns { option value=(id) selected[is(&asked.campaign_id, id)] { (name) } }
                }
            }
            div.field {
                label for="from" { "From" }
                input.control id="from" name="from" type="date" value=[request.query("from")];
            }
            div.field {
                label for="to" { "To" }
                input.control id="to" name="to" type="date" value=[request.query("to")];
            }
            div.act {
                label.check { input type="checkbox" name="jobs" value="true" checked[asked.jobs]; "Every move of jobs" }
                @if let Some(id) = &asked.post_id {
                    label.check { input type="checkbox" name="post" value=(id) checked; "Only this post" }
                }
                button.button.main-act type="submit" { "Search" }
                span.soft.small { "Days are those of " (zone) ", the last one included." }
                @if !query(request).is_empty() { a href="/history" { "Clear" } }
            }
        }
    }
}

/// Lines of the same day, in each line's own zone, together.
fn by_day(lines: &[Line]) -> Vec<&[Line]> {
    lines.chunk_by(|one, next| day(one) == day(next)).collect()
}

fn zone(line: &Line) -> &str {
    line.timezone.as_deref().unwrap_or(NO_ZONE)
}

fn day(line: &Line) -> String {
    time::day(line.at, zone(line))
}

fn one_day(lines: &[Line]) -> Markup {
    html! {
        h3.ledger-day { (lines.first().map(day).unwrap_or_default()) }
        ol.ledger role="list" { @for line in lines { (one_line(line)) } }
    }
}

fn one_line(line: &Line) -> Markup {
    html! {
        li {
            span.when { (time::of_day(line.at, zone(line))) }
            div.what {
                p {
                    b { (capital(line.who())) } " " (line.told())
                    (about(line))
                }
                @for change in line.changes() { (before_and_after(&change)) }
                @if let Some(reason) = line.reason() { p.why { "“" (badge::in_words(reason)) "”" } }
            }
        }
    }
}

/// Where it happened, with the way there.
fn about(line: &Line) -> Markup {
    html! {
        span.where {
            @if let (Some(id), Some(slot)) = (line.post_id(), line.slot) { " · " a href={ "/posts/" (id) } { "Post " (slot) } }
            @if let (Some(id), Some(name)) = (&line.campaign_id, &line.campaign_name) { " · " a href={ "/campaigns/" (id) } { (name) } }
        }
    }
}

fn before_and_after(change: &Change) -> Markup {
    html! {
        p.change {
            span.soft { (change.what) ": " }
            @if let Some(before) = &change.before { del { span.unseen { "before: " } (before) } }
            @else { span.soft { "nothing" } }
            span aria-hidden="true" { " → " }
            @if let Some(after) = &change.after { ins { span.unseen { "after: " } (after) } }
            @else { span.soft { "nothing" } }
        }
    }
}

/// A line begins with a capital, an agent's too.
fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
