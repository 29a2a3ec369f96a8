//! `/brand`: what the workspace speaks for. Versions of it, and the wizard that makes one.

pub mod by_model;
mod copied;
mod fields;
pub mod typed;
mod wizard;

pub use fields::{LABELS, group, title, zone};
pub use wizard::{reading, save, step};

use domain::brief::Fact;
use domain::{Action, BrandBook};
use maud::{Markup, html};
use serve::cursor::Page;
use serve::{Problem, Reply};
use store::brand::{self, Version};

use self::wizard::{Sheet, begin};
use crate::elements::form::Typed;
use crate::elements::time;
use crate::layout::{self, Nav};
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Most versions that the page lists at once.
const VERSIONS_MAX: u32 = 20;

/// The brand as it is, or as it was at `?version=`; the wizard where there is none yet.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let Some(current) = brand::current(db, workspace_id).await? else {
        return Ok(page(if visit.may(Action::Write) {
            wizard::render(visit, Sheet::Paste, &Typed::default(), &html! {})
        } else {
            nothing(visit)
        }));
    };
    let shown = match request.query("version") {
        None => current.clone(),
        Some(text) => {
            let missing = || Problem::NotFound { what: "version", id: text.into() };
            brand::find(db, workspace_id, text.parse().map_err(|_| missing())?).await?.ok_or_else(missing)?
        }
    };
    let wanted = Page::of(request, 1)?;
    let number = |key: &Vec<String>| key[0].parse().map_err(|_| Problem::InvalidCursor);
    let before = wanted.after.as_ref().map(number).transpose()?;
    let mut versions = brand::list(db, workspace_id, before, VERSIONS_MAX + 1).await?;
    let next = paged::cut(&mut versions, VERSIONS_MAX, |one| vec![one.version.to_string()]);
    let names = Names::of(app, workspace_id).await?;
    let body = html! {
        div.head {
            div { h1 { (shown.book.brand.name) } p.lead { (shown.book.brand.one_line) } }
            @if visit.may(Action::Write) { div.acts {
                a.button.main-act href="/campaigns/new" { "Begin a campaign" }
                a.button href={ "/brand/edit?version=" (shown.version) } { @if shown.version == current.version { "Edit" } @else { "Take this version up again" } }
                a.button href="/brand/edit?from=text" { "Paste a new text" }
            } }
        }
        (notice::done(request))
        @if shown.version != current.version {
            p.notice.wait { "This is version " (shown.version) ", an older one. " a href="/brand" { "To version " (current.version) ", the current one" } }
        }
        div.columns {
            div { (missing(visit, &shown.book)) (whole(&shown.book)) }
            div.aside { (history(&versions, &shown, &names)) (paged::more("/brand?cursor=", next.as_deref(), "Older versions")) }
        }
    };
    Ok(page(layout::page(visit, Nav::Brand, "Brand", &body)))
}

fn nothing(visit: &Visit) -> String {
    let body = html! {
        div.head { h1 { "Brand" } }
        p.card { "Nobody has said yet what this workspace speaks for. Whoever may write campaigns can do it here." }
    };
    layout::page(visit, Nav::Brand, "Brand", &body)
}

fn missing(visit: &Visit, book: &BrandBook) -> Markup {
    let missing = book.missing();
    html! {
        @if !missing.is_empty() {
            section.section aria-labelledby="missing-title" {
                div.top { h2 #missing-title { "What is missing" } }
                ul.asked { @for one in &missing { li { b { (fields::label(one.field)) } ": " (one.why) "." } } }
                @if visit.may(Action::Write) { p { a href="/brand/edit" { "Add it" } } }
            }
        }
    }
}

fn whole(book: &BrandBook) -> Markup {
    let BrandBook { brand, facts, claims, style, timezone } = book;
    let list = |name: &str, texts: &[String]| {
        html! { @if !texts.is_empty() { dt { (name) } dd { ul.plain { @for text in texts { li { (text) } } } } } }
    };
    html! {
        section.section aria-labelledby="all-title" {
            div.top { h2 #all-title { "All of it" } }
            dl.facts.card {
                dt { "Home page" } dd { a href=(brand.url) rel="noreferrer" { (brand.url) } }
                dt { "Language" } dd { (brand.language) @for more in &brand.also_in { ", " (more) } }
                @if !timezone.is_empty() { dt { "Time zone" } dd { (timezone) } }
                (list("For whom", &brand.audience))
                (list("Voice", &brand.voice))
                @if !style.guide.is_empty() { dt { "Style guide" } dd.lines { (style.guide) } }
                @for (name, fact) in facts {
                    dt { (name) }
                    dd { @match fact {
                        Fact::Text(text) => (text),
                        Fact::List(texts) => ul.plain { @for text in texts { li { (text) } } },
                        Fact::Table(texts) => ul.plain { @for (name, text) in texts { li { (name) ": " (text) } } },
                    } }
                }
                (list("May be claimed", &claims.allowed))
                (list("In every post", &claims.required))
                (list("In none", &claims.banned))
                @for example in &style.good { dt { "Good post" } dd.lines { (example) } }
                @for example in &style.bad { dt { "Bad post" } dd.lines { (example) } }
            }
        }
    }
}

fn history(versions: &[Version], shown: &Version, names: &Names) -> Markup {
    let zone = if shown.book.timezone.is_empty() { "UTC" } else { &shown.book.timezone };
    html! {
        section aria-labelledby="versions-title" {
            h2 #versions-title { "Versions" }
            ol.history role="list" {
                @for one in versions {
                    li {
                        @if one.version == shown.version { b { "Version " (one.version) } } @else { a href={ "/brand?version=" (one.version) } { "Version " (one.version) } }
                        br;
                        span.by { (names.name(&one.author)) " · " (time::at(one.created_at, zone)) }
                    }
                }
            }
        }
    }
}

/// The whole form with this version in it, or the wizard's first page.
pub async fn edit(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let current = brand::current(db, workspace_id).await?;
    let base = current.as_ref().map_or(0, |found| found.version);
    let wanted = match request.query("version").and_then(|text| text.parse().ok()) {
        Some(version) => brand::find(db, workspace_id, version).await?,
        None => current,
    };
    let book = wanted.map_or_else(BrandBook::empty, |found| found.book);
    let sheet = if request.query("from") == Some("text") { Sheet::Paste } else { Sheet::Whole };
    let typed = Typed::with(begin(&book, &base.to_string(), &[]), &[]);
    Ok(page(wizard::render(visit, sheet, &typed, &html! {})))
}
