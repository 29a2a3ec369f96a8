//! `/imports`: posts from elsewhere. A file is tried out first, which shows exactly what would happen; then imported,
//! whole and once. What is imported is history: it can be searched and read, and cannot go out.

mod upload;

pub use upload::{create, show, trial};

use domain::Action;
use maud::{Markup, html};
use serve::cursor;
use serve::{Problem, Reply};
use store::import::{self, Import, ImportedPost};

use crate::elements::{empty, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Most files that the page lists at once.
const FILES_MAX: u32 = 20;
/// Longest search in characters.
const WORDS_CHARS_MAX: usize = 200;

/// What was imported, searched by `?q=`.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let words: String = request.query("q").unwrap_or_default().trim().chars().take(WORDS_CHARS_MAX).collect();
    let (wanted, after) = paged::by_time(request)?;
    let mut posts = import::search(db, workspace_id, &words, after.as_ref(), wanted.limit + 1).await?;
    let next = paged::cut(&mut posts, wanted.limit, |last| paged::of_key(last.key()));
    let before = request.query("files").map(|text| cursor::decode(text, 1)).transpose()?;
    let before = before.as_ref().map(|key| key[0].as_str());
    let mut files = import::list(db, workspace_id, before, FILES_MAX + 1).await?;
    let more_files = paged::cut(&mut files, FILES_MAX, |one| vec![one.id.clone()]);
    let names = Names::of(app, workspace_id).await?;
    let body = html! {
        div.head {
            div { p.crumb { a href="/campaigns" { "Campaigns" } } h1 { "Posts from elsewhere" } p.lead { "What was said before Rondo. It can be searched and read; it never goes out from here." } }
            @if visit.may(Action::Write) { a.button.main-act href="/imports/new" { "Import a file" } }
        }
        (notice::done(request))
        form.find method="get" action="/imports" role="search" {
            label.unseen for="q" { "Search" }
            input.control #q type="search" name="q" value=(words) placeholder="Words, a channel, a campaign" maxlength=(WORDS_CHARS_MAX);
            button.button type="submit" { "Search" }
        }
        div.columns {
            div {
                @if posts.is_empty() && words.is_empty() {
                    (empty::state("Nothing was imported yet", "Bring what you published elsewhere, as CSV or JSON: it can be searched here, and what Rondo writes does not repeat it. You see what would happen before anything does.", visit.may(Action::Write).then_some(("Import a file", "/imports/new"))))
                } @else if posts.is_empty() { (empty::state("Nothing holds these words", "Try fewer words, or a single one.", Some(("All posts from elsewhere", "/imports")))) }
                ol.stack role="list" { @for post in &posts { li { (card(post)) } } }
                @if let Some(next) = next { p.gap { a.button rel="next" href={ "/imports?cursor=" (next) "&q=" (encoded(&words)) } { "Older posts" } } }
            }
            div.aside { (imported(&files, &names)) (paged::more("/imports?files=", more_files.as_deref(), "Older files")) }
        }
    };
    Ok(page(layout::page(visit, Nav::Campaigns, "Posts from elsewhere", &body)))
}

fn encoded(words: &str) -> String {
    url::form_urlencoded::byte_serialize(words.as_bytes()).collect()
}

fn card(post: &ImportedPost) -> Markup {
    html! {
        article.card {
            h2.as-h3 { (post.title) }
            p.lines { (post.text) }
            p.words-meta {
                span { (post.channel) }
                @if let Some(campaign) = &post.campaign { span { (campaign) } }
                @if let Some(at) = post.published_at { span { (time::at(at, "UTC")) } } @else { span { "no time known" } }
                span { (post.language) }
                @if let Some(url) = &post.url { span { a href=(url) rel="noreferrer nofollow" { "See it there" } } }
            }
        }
    }
}

fn imported(files: &[Import], names: &Names) -> Markup {
    html! {
        section aria-labelledby="files-title" {
            h2 #files-title { "Files" }
            @if files.is_empty() { p.soft.small { "None yet." } }
            ol.history role="list" {
                @for file in files {
                    li { (file.name) ": " (file.posts) " of " (file.rows_read) " rows" br; span.by { (names.name(&file.user_id)) " · " (time::at(file.at, "UTC")) } }
                }
            }
        }
    }
}
