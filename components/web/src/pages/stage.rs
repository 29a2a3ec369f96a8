//! The stage: the public page of what was performed, and the rehearsal stage that members alone see; with feeds.

mod atom;
mod json_feed;

use std::collections::{BTreeMap, BTreeSet};

use domain::Mode;
use maud::{Markup, html};
use serve::cursor::{self, Page};
use serve::{App, Problem, Reply, Request, StatusCode};
use store::campaign;
use store::page::Key;
use store::people::workspace::{self, Workspace};
use store::secret;
use store::stage::{self, StageEntry};

use crate::elements::{badge, picture, time, words};
use crate::layout;
use crate::routes::Call;
use crate::static_files::fresh_or;
use crate::visit::Visit;

/// Entries of a feed.
const FEED_ENTRIES_MAX: u32 = 50;

/// A stage that somebody may look at.
pub struct Stage {
    workspace: Workspace,
    mode: Mode,
    /// Scheme and host, without a slash at the end.
    origin: String,
}

impl Stage {
    /// The public one; or the rehearsal's, which does not exist for anybody but the workspace's members.
    pub async fn find(app: App<'_>, request: &Request, mode: Mode, slug: &str) -> Result<Self, Problem> {
        let missing = || Problem::NotFound { what: "stage", id: slug.into() };
        let workspace = match mode {
            Mode::Performance => workspace::by_slug(app.ports.db, slug).await?.ok_or_else(missing)?,
            Mode::Rehearsal => match Visit::begin(app, request).await {
                Ok(visit) if visit.workspace.slug == slug => visit.workspace,
                Ok(_) | Err(Problem::Unauthorized { .. }) => return Err(missing()),
                Err(other) => return Err(other),
            },
        };
        Ok(Self { workspace, mode, origin: origin(app, request) })
    }

    fn path(&self) -> String {
        let folder = if self.mode == Mode::Rehearsal { "rehearsal" } else { "stage" };
        format!("/{folder}/{}", self.workspace.slug)
    }

    fn url(&self, rest: &str) -> String {
        format!("{}{}{rest}", self.origin, self.path())
    }

    fn entry_path(&self, entry: &StageEntry) -> String {
        // A key may hold what a path segment may not.
        let key: String = url::form_urlencoded::byte_serialize(entry.key.as_bytes()).collect();
        format!("/{}", key.replace('+', "%20"))
    }

    /// What the feeds are called; a rehearsal says so.
    fn title(&self) -> String {
        match self.mode {
            Mode::Rehearsal => format!("REHEARSAL: {}", self.workspace.name),
            Mode::Performance => self.workspace.name.clone(),
        }
    }

    /// RFC 4151, of the year in which the scheme of these tags was chosen.
    fn tag(&self, rest: &str) -> String {
        let host = self.origin.split_once("://").map_or("", |(_, host)| host);
        let host = host.split(':').next().unwrap_or_default();
        format!("tag:{host},2026:{}{rest}", self.path())
    }
}

/// How readers reach us: as the operator says, else as this one did.
fn origin(app: App<'_>, request: &Request) -> String {
    app.settings.public_url().unwrap_or_else(|| {
        let host = request.header("host").unwrap_or("localhost");
        let name = host.split(':').next().unwrap_or_default();
        let scheme = if matches!(name, "localhost" | "127.0.0.1" | "[") { "http" } else { "https" };
        format!("{scheme}://{host}")
    })
}

/// Zones of the campaigns, so that every time is shown in its own.
async fn zones(app: App<'_>, workspace_id: &str, entries: &[StageEntry]) -> Result<BTreeMap<String, String>, Problem> {
    let ids: BTreeSet<&str> = entries.iter().map(|entry| entry.campaign_id.as_str()).collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    Ok(campaign::zones(app.ports.db, workspace_id, &ids).await?.into_iter().collect())
}

/// The page of a stage, the newest first.
pub async fn show(call: Call<'_>, mode: Mode) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let stage = Stage::find(app, request, mode, call.id()).await?;
    let wanted = Page::of(request, 2)?;
    let after = match wanted.after.as_deref() {
        Some([at, id]) => Some(Key { at: at.parse().map_err(|_| Problem::InvalidCursor)?, id: id.clone() }),
        _ => None,
    };
    let (db, workspace_id) = (app.ports.db, &stage.workspace.id);
    let mut entries = stage::newest(db, workspace_id, mode, after.as_ref(), wanted.limit + 1).await?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    let more = entries.len() > limit;
    entries.truncate(limit);
    let next = entries.last().filter(|_| more).map(|last| cursor::encode(&[&last.planned_at.to_string(), &last.key]));
    let zones = zones(app, workspace_id, &entries).await?;
    let body = html! {
        (header(&stage))
        main #main {
            @if entries.is_empty() {
                p.soft { @if mode == Mode::Rehearsal { "Nothing was rehearsed yet. What a rehearsal publishes appears here." } @else { "Nothing yet. Come back soon." } }
            }
            @for entry in &entries { (article(&stage, entry, &zones, true)) }
            @if let Some(next) = next { p.gap { a rel="next" href={ (stage.path()) "?cursor=" (next) } { "Earlier" } } }
        }
        (footer(&stage))
    };
    Ok(cached(&stage, Reply::html(StatusCode::OK, layout::stage_page(&stage.title(), &feeds(&stage), &body))))
}

/// One entry's own page.
pub async fn entry(call: Call<'_>, mode: Mode) -> Result<Reply, Problem> {
    let (app, key) = (call.app, call.second());
    let stage = Stage::find(app, call.request, mode, call.id()).await?;
    let found = stage::find(app.ports.db, &stage.workspace.id, key).await?.filter(|entry| entry.mode == mode);
    let entry = found.ok_or_else(|| Problem::NotFound { what: "post", id: key.into() })?;
    let entries = [entry];
    let zones = zones(app, &stage.workspace.id, &entries).await?;
    let body = html! { (header(&stage)) main #main { (article(&stage, &entries[0], &zones, false)) } (footer(&stage)) };
    let title = format!("{} · {}", entries[0].title, stage.title());
    Ok(cached(&stage, Reply::html(StatusCode::OK, layout::stage_page(&title, &feeds(&stage), &body))))
}

/// A feed, in either form. Readers ask often; most are told that nothing has changed.
pub async fn feed(call: Call<'_>, mode: Mode, form: Form) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let stage = Stage::find(app, request, mode, call.id()).await?;
    let entries = stage::newest(app.ports.db, &stage.workspace.id, mode, None, FEED_ENTRIES_MAX).await?;
    let zones = zones(app, &stage.workspace.id, &entries).await?;
    let updated_at = entries.iter().map(|entry| entry.published_at).max();
    let (content_type, body) = match form {
        Form::Atom => ("application/atom+xml; charset=utf-8", atom::feed(&stage, &entries, &zones, updated_at)?),
        Form::Json => ("application/feed+json; charset=utf-8", json_feed::feed(&stage, &entries, &zones)),
    };
    let etag = format!("\"{}\"", &secret::sha256_bytes(body.as_bytes())[..32]);
    let mut reply = fresh_or(request, &etag, || Reply::bytes(StatusCode::OK, content_type, body));
    if let Some(at) = updated_at {
        reply = reply.with_header("last-modified", &time::http_date(at));
    }
    Ok(cached(&stage, reply))
}

/// Which feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Atom 1.0, RFC 4287.
    Atom,
    /// JSON Feed 1.1.
    Json,
}

/// What is public may be kept by anybody for a little while, and read by other sites; what is not, by nobody else.
fn cached(stage: &Stage, reply: Reply) -> Reply {
    match stage.mode {
        Mode::Performance => reply
            .with_header("cache-control", "public, max-age=60")
            .with_header("access-control-allow-origin", "*")
            .with_header("cross-origin-resource-policy", "cross-origin"),
        Mode::Rehearsal => reply.with_header("cache-control", "private, no-cache"),
    }
}

fn feeds(stage: &Stage) -> Markup {
    html! {
        link rel="alternate" type="application/atom+xml" title={ (stage.title()) " (Atom)" } href={ (stage.path()) "/atom.xml" };
        link rel="alternate" type="application/feed+json" title={ (stage.title()) " (JSON Feed)" } href={ (stage.path()) "/feed.json" };
        @if stage.mode == Mode::Rehearsal { meta name="robots" content="noindex"; }
    }
}

fn header(stage: &Stage) -> Markup {
    html! {
        header {
            @if stage.mode == Mode::Rehearsal {
                p.rehearsal-note { b { "REHEARSAL" } span { "Only members of this workspace see this page. " a href="/" { "Back to the conductor" } " · " a href={ "/stage/" (stage.workspace.slug) } { "The public stage" } } }
            }
            h1 { a href=(stage.path()) { (stage.workspace.name) } }
        }
    }
}

fn article(stage: &Stage, entry: &StageEntry, zones: &BTreeMap<String, String>, linked: bool) -> Markup {
    let zone = zones.get(&entry.campaign_id).map_or("UTC", String::as_str);
    let path = format!("{}{}", stage.path(), stage.entry_path(entry));
    html! {
        article.entry lang=(entry.language) {
            h2 { @if linked { a href=(path) { (entry.title) } } @else { (entry.title) } }
            p.when lang="en" {
                @match stage.mode {
                    Mode::Rehearsal => { (badge::mode(Mode::Rehearsal, false)) " Planned for " (time::at(entry.planned_at, zone)) " (" (zone) ")" },
                    Mode::Performance => (time::at(entry.published_at, zone)),
                }
            }
            div.text { (words::paragraphs(&entry.text)) }
            // Readers are shown what there is; an idea is for whoever rehearses.
            @if stage.mode == Mode::Rehearsal { @if let Some(image) = &entry.image {
                (picture::frame(image))
                p.small.soft lang="en" { "The public stage takes no pictures: there the words go out alone." }
            } }
        }
    }
}

fn footer(stage: &Stage) -> Markup {
    html! {
        footer {
            span { "Follow: " a href={ (stage.path()) "/atom.xml" } { "Atom" } " · " a href={ (stage.path()) "/feed.json" } { "JSON Feed" } }
            span { "Published with Rondo" }
        }
    }
}

/// For feeds: paragraphs as HTML, a rehearsal's with its planned time above.
fn content_html(stage: &Stage, entry: &StageEntry, zones: &BTreeMap<String, String>) -> String {
    let zone = zones.get(&entry.campaign_id).map_or("UTC", String::as_str);
    html! {
        @if stage.mode == Mode::Rehearsal { p { strong { "REHEARSAL" } ", planned for " (time::at(entry.planned_at, zone)) " (" (zone) ")" } }
        (words::paragraphs(&entry.text))
    }
    .into_string()
}
