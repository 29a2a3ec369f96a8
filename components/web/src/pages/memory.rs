//! `/memory`: what agents are reminded of, searched; what each entry was used for; and to have one forgotten.

use domain::memory::{cut, query_words};
use domain::{Action, Content, MemoryKind, Step};
use maud::{Markup, html};
use serve::{App, Problem, Reply};
use store::memory::{self, Filter, Memory, Shown, Use};

use crate::elements::badge::{self, Tone};
use crate::elements::form::act;
use crate::elements::{diff, empty, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Longest search in characters.
const WORDS_CHARS_MAX: usize = 200;
/// Most jobs that an entry's page tells of.
const USES_MAX: u32 = 50;
/// Longest text in a list, in characters.
const EXCERPT_CHARS_MAX: usize = 200;

/// What is remembered: all of it or a kind, the newest first; or what `?q=` finds.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let typed: String = request.query("q").unwrap_or_default().trim().chars().take(WORDS_CHARS_MAX).collect();
    let kind = request.query("kind").and_then(|word| word.parse::<MemoryKind>().ok());
    let (wanted, after) = paged::by_time(request)?;
    let words = (!typed.is_empty()).then(|| query_words([typed.as_str()]));
    let filter = Filter { kind, words: words.as_deref() };
    let mut entries = memory::list(db, workspace_id, filter, after.as_ref(), wanted.limit + 1).await?;
    let next = paged::cut(&mut entries, wanted.limit, |one| paged::of_key(one.key())).filter(|_| words.is_none());
    let names = Names::of(app, workspace_id).await?;
    let now_ms = app.ports.clock.now_ms();
    let of_kind = kind.map_or(String::new(), |kind| format!("kind={kind}&"));
    let tab = |one: Option<MemoryKind>| {
        let href = one.map_or("/memory".into(), |one| format!("/memory?kind={one}"));
        html! { a href=(href) aria-current=[(one == kind).then_some("page")] { (one.map_or("Everything", heading)) } }
    };
    let body = html! {
        div.head { div {
            p.crumb { a href="/agents" { "Agents" } }
            h1 { "Memory" }
            p.lead { "What people decided, changed and published before. Strategist, copywriter and reviewers are reminded of what fits their task, within a limit, and it is written down which job was reminded of what." }
        } }
        (notice::done(request))
        form.find method="get" action="/memory" role="search" {
            label.unseen for="q" { "Search" }
            @if let Some(kind) = kind { input type="hidden" name="kind" value=(kind); }
            input.control #q type="search" name="q" value=(typed) placeholder="Words, a channel, a pillar" maxlength=(WORDS_CHARS_MAX);
            button.button type="submit" { "Search" }
        }
        nav.tabs aria-label="Kind" {
            (tab(None))
            @for kind in MemoryKind::ALL { (tab(Some(*kind))) }
        }
        @if entries.is_empty() && typed.is_empty() {
            (empty::state("Nothing is remembered yet", "When somebody sends a post back with a comment, changes its words or approves it with a remark, it is kept here, and agents are reminded of it when they do something like it again.", None))
        } @else if entries.is_empty() { (empty::state("Nothing holds these words", "Try fewer words, or a single one of three letters or more.", Some(("All of it", "/memory")))) }
        ol.stack.section role="list" { @for one in &entries { li { (card(one, &names, now_ms)) } } }
        (paged::more(&format!("/memory?{of_kind}cursor="), next.as_deref(), "Older entries"))
    };
    Ok(page(layout::page(visit, Nav::Agents, "Memory", &body)))
}

/// What a kind is called over a list of its entries.
fn heading(kind: MemoryKind) -> &'static str {
    match kind {
        MemoryKind::SentBack => "Sent back",
        MemoryKind::Rejected => "Dropped",
        MemoryKind::Approved => "Approved",
        MemoryKind::Edited => "Edited",
        MemoryKind::GoodExample => "Good examples",
        MemoryKind::BadExample => "Bad examples",
        MemoryKind::Published => "Published",
    }
}

fn kind_badge(kind: MemoryKind) -> Markup {
    let (tone, word) = match kind {
        MemoryKind::SentBack => (Tone::Wait, "Sent back"),
        MemoryKind::Rejected => (Tone::Bad, "Dropped"),
        MemoryKind::Approved => (Tone::Good, "Approved"),
        MemoryKind::Edited => (Tone::Busy, "Edited by a person"),
        MemoryKind::GoodExample => (Tone::Good, "Good example"),
        MemoryKind::BadExample => (Tone::Bad, "Bad example"),
        MemoryKind::Published => (Tone::Quiet, "Published"),
    };
    badge::badge(tone, word)
}

/// What was said, on one line; of an edit what is different.
fn said(one: &Memory) -> String {
    if one.forgotten_at.is_some() {
        return "Forgotten since.".into();
    }
    let text =
        one.before.as_ref().map_or_else(|| one.text.clone(), |before| domain::memory::changed(before, &one.text));
    cut(&text, EXCERPT_CHARS_MAX)
}

fn card(one: &Memory, names: &Names, now_ms: i64) -> Markup {
    html! {
        article.card {
            div.row { (kind_badge(one.kind)) @if let Some(mean) = one.mean_tenths { span.soft.small { "scored " b { (mean / 10) "." (mean % 10) } " of 10" } } }
            p.gap { a href={ "/memory/" (one.id) } { (said(one)) } }
            p.words-meta {
                @if !one.about.is_empty() { span { (one.about) } }
                span { (who(one, names)) " · " (time::ago(one.at, now_ms)) }
                span { @match one.uses { 0 => "not used yet", 1 => "used once", many => { "used " (many) " times" @if many >= memory::USES_COUNTED_MAX { " or more" } } } }
            }
        }
    }
}

fn who<'a>(one: &'a Memory, names: &'a Names) -> &'a str {
    match one.by.as_str() {
        "brand" => "the brand",
        "publisher" => "the publisher",
        actor => names.name(actor),
    }
}

async fn find(app: App<'_>, visit: &Visit, id: &str) -> Result<Memory, Problem> {
    let found = memory::find(app.ports.db, &visit.workspace.id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "memory", id: id.into() })
}

/// One entry.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let one = find(app, visit, call.id()).await?;
    let used = memory::uses(app.ports.db, &visit.workspace.id, &one.id, USES_MAX).await?;
    let names = Names::of(app, &visit.workspace.id).await?;
    let now_ms = app.ports.clock.now_ms();
    let body = html! {
        div.head { div {
            p.crumb { a href="/agents" { "Agents" } " / " a href="/memory" { "Memory" } }
            h1 { (heading(one.kind)) }
            p.soft { (who(&one, &names)) " · " (time::at(one.at, "UTC")) @if !one.about.is_empty() { " · " (one.about) } }
        } }
        div.columns {
            div {
                (words(&one, &names))
                section.section aria-labelledby="uses-title" {
                    div.top { h2 #uses-title { "What it was used for" } span.soft { @match used.len() { 1 => "1 job", many => { (many) " jobs" } } } }
                    @if used.is_empty() { p.soft { "No job was reminded of it yet." } }
                    @else { ol.tasks role="list" { @for one in &used { li { (used_for(one, now_ms)) } } } }
                }
            }
            div.aside { (from(&one)) (forgetting(visit, &one)) }
        }
    };
    Ok(page(layout::page(visit, Nav::Agents, heading(one.kind), &body)))
}

fn words(one: &Memory, names: &Names) -> Markup {
    let content = |text: &str| {
        let (title, text) = text.split_once('\n').unwrap_or(("", text));
        Content { language: String::new(), title: title.into(), text: text.into(), image: None }
    };
    html! {
        @if let Some(at) = one.forgotten_at {
            p.notice { (names.name(one.forgotten_by.as_deref().unwrap_or_default())) " had it forgotten: " (time::at(at, "UTC")) ". Its words are gone." }
        } @else if let Some(before) = &one.before {
            (diff::sides(("Before", &content(before)), ("After", &content(&one.text))))
        } @else { blockquote.card.lines { (one.text) } }
    }
}

fn used_for(one: &Use, now_ms: i64) -> Markup {
    html! {
        div {
            @match (&one.post_id, &one.campaign_id) {
                (Some(post), _) => a href={ "/posts/" (post) } { (one.about.as_deref().unwrap_or("A post")) },
                (None, Some(campaign)) => a href={ "/campaigns/" (campaign) } { (one.about.as_deref().unwrap_or("A campaign")) },
                (None, None) => (one.job_id),
            }
            p.soft.small { @match one.step { Step::Review => "reviewing", Step::Strategize => "planning", _ => "writing" } ", number " (one.rank) " of what it was reminded of" }
        }
        span.when { (time::ago(one.at, now_ms)) }
    }
}

fn from(one: &Memory) -> Markup {
    html! {
        section aria-labelledby="from-title" {
            h2 #from-title { "Where it is from" }
            dl.facts.card.flat {
                @if let Some(post) = &one.post_id { dt { "Post" } dd { a href={ "/posts/" (post) } { "The post" @if let Some(version) = one.version { ", version " (version) } } } }
                @if let Some(campaign) = &one.campaign_id { dt { "Campaign" } dd { a href={ "/campaigns/" (campaign) } { "The campaign" } } }
                @if let Some(mode) = one.mode { dt { "Mode" } dd { (mode) } }
                @if !one.kind.is_forgettable() { dt { "Brand" } dd { a href="/brand" { "The brand's examples" } } }
                @if let Some(mean) = one.mean_tenths { dt { "Scored" } dd { (mean / 10) "." (mean % 10) " of 10" } }
            }
        }
    }
}

fn forgetting(visit: &Visit, one: &Memory) -> Markup {
    html! {
        @if one.forgotten_at.is_none() {
            section aria-labelledby="forget-title" {
                h2 #forget-title { "Forget it" }
                @if !one.kind.is_forgettable() { p.soft.small { "It is the brand's: take it out of the brand, and it is forgotten here." } }
                @else if visit.may(Action::Approve) {
                    p.soft.small { "No agent is reminded of it again, and its words are gone here for good. What was decided stays in the history." }
                    (act(&visit.caller, &format!("/memory/{}/forgetting", one.id), "grave", "Forget it", &[]))
                } @else { p.soft.small { "Those who approve may have it forgotten." } }
            }
        }
    }
}

/// Forgets it. What is forgotten already stays so.
pub async fn forget(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let one = find(app, visit, call.id()).await?;
    if !one.kind.is_forgettable() {
        return Err(Problem::invalid("id", "is an example of the brand; take it out of the brand"));
    }
    let of = (visit.workspace.id.as_str(), one.id.as_str());
    memory::forget(app.ports.db, app.ports.clock.pinned_ms(), of, &visit.caller.actor).await?;
    Ok(Reply::see_other("/memory?done=forgotten"))
}

/// What whoever does this step was reminded of for a version, beside what came of it. Nothing where there was nothing.
pub fn reminders(shown: &[Shown], (step, version): (Step, i64), title: &str) -> Markup {
    let of_it: Vec<&Shown> = shown.iter().filter(|one| one.step == step && one.version == version).collect();
    let id = format!("reminders-of-{step}");
    html! {
        @if !of_it.is_empty() {
            section aria-labelledby=(id) {
                h2 id=(id) { (title) }
                ol.history role="list" { @for one in of_it { li {
                    (kind_badge(one.memory.kind)) " "
                    a href={ "/memory/" (one.memory.id) } { (said(&one.memory)) }
                    @if !one.memory.about.is_empty() { br; span.by { (one.memory.about) } }
                } } }
            }
        }
    }
}

/// What an agent's last jobs were reminded of.
pub fn lately(entries: &[Memory]) -> Markup {
    html! {
        section.section aria-labelledby="reminded-title" {
            div.top { h2 #reminded-title { "What it is reminded of" } a href="/memory" { "All of memory" } }
            @if entries.is_empty() { (empty::state("Nothing yet", "What people say when they send something back, what they change, and what went out is brought to mind when it fits the next task.", None)) }
            @else {
                ol.tasks role="list" { @for one in entries { li {
                    div { (kind_badge(one.kind)) " " a href={ "/memory/" (one.id) } { (said(one)) } p.soft.small { (one.about) } }
                    span.when { @match one.uses { 1 => "1 job", many => { (many) " jobs" } } }
                } } }
            }
        }
    }
}
