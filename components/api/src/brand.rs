//! The brand: what campaigns begin with, in versions; and what a pasted text says of one.

use domain::brand::{self as rules, Missing};
use domain::source::{Source, TypedFact, by_rules};
use domain::{BrandBook, ReadingState};
use serde::{Deserialize, Serialize};
use serve::readings::{self, READ_BY};
use serve::{Problem, Reply, StatusCode, revision};
use store::brand::{self, Version};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    version: i64,
    document: BrandBook,
    missing: Vec<Missing>,
    sha256: Option<String>,
    author: Option<String>,
    created_at: Option<String>,
}

fn view(found: Option<Version>) -> View {
    let missing = |book: &BrandBook| book.missing();
    match found {
        None => {
            let document = BrandBook::empty();
            View { version: 0, missing: missing(&document), document, sha256: None, author: None, created_at: None }
        }
        Some(Version { version, book, sha256, author, created_at }) => View {
            version,
            missing: missing(&book),
            document: book,
            sha256: Some(sha256),
            author: Some(author),
            created_at: opt_rfc3339(Some(created_at)),
        },
    }
}

/// `GET /brand`: version 0 before anybody wrote one.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = brand::current(call.db(), call.workspace_id()).await?;
    let version = found.as_ref().map_or(0, |found| found.version);
    Ok(Reply::json(StatusCode::OK, &view(found))?.with_revision(version))
}

/// `PUT /brand`: the version after the one that the caller saw.
pub async fn save(call: Call<'_>) -> Result<Reply, Problem> {
    let base = revision::if_match(call.request)?;
    let book: BrandBook = call.request.json()?;
    let complaints = book.complaints();
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let of = (call.workspace_id(), base);
    match brand::save(call.db(), call.pinned_ms(), of, &book, call.actor()).await {
        Err(error) if error.is_refusal("superseded") => Err(Problem::Stale),
        Err(error) => Err(error.into()),
        Ok(_) => show(call).await,
    }
}

#[derive(Serialize)]
struct VersionView {
    version: i64,
    document: BrandBook,
    sha256: String,
    author: String,
    created_at: String,
}

fn version_view(found: Version) -> VersionView {
    let Version { version, book, sha256, author, created_at } = found;
    VersionView { version, document: book, sha256, author, created_at: rfc3339(created_at) }
}

/// `GET /brand/versions`.
pub async fn versions(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_number(&call)?;
    let rows = brand::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    list::reply(rows, &page, |row| vec![row.version.to_string()], version_view)
}

/// `GET /brand/versions/{version}`.
pub async fn version(call: Call<'_>) -> Result<Reply, Problem> {
    let number = call.id().parse().map_err(|_| call.not_found("version"))?;
    let found = brand::find(call.db(), call.workspace_id(), number).await?;
    Reply::json(StatusCode::OK, &version_view(found.ok_or_else(|| call.not_found("version"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pasted {
    text: String,
    /// Where it is from, if it is not the caller's own.
    #[serde(default)]
    copied_from: String,
}

#[derive(Serialize)]
struct Proposal {
    document: BrandBook,
    missing: Vec<Missing>,
    /// Lines that fit nowhere.
    unread: Vec<String>,
    /// What somebody else's text states, to be taken over one by one.
    facts: Vec<TypedFact>,
    /// How much of it leads elsewhere.
    left_out: usize,
}

/// `POST /brand/proposals`: reads a text by plain rules; stores nothing. Of a text that somebody else wrote, the document
/// stays empty.
pub async fn propose(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Pasted = call.request.json()?;
    if !sent.copied_from.trim().is_empty() {
        let source = Source::copied(&sent.copied_from, &sent.text);
        let source = source.map_err(|complaint| Problem::invalid("text", complaint))?;
        let ((facts, left_out), document) = (source.standing(by_rules(&source)), BrandBook::empty());
        let missing = document.missing();
        let proposal = Proposal { document, missing, unread: Vec::new(), facts, left_out };
        return Reply::json(StatusCode::OK, &proposal);
    }
    let read = rules::read(&sent.text).map_err(|complaint| Problem::invalid("text", complaint))?;
    let missing = read.book.missing();
    Reply::json(
        StatusCode::OK,
        &Proposal { document: read.book, missing, unread: read.unread, facts: Vec::new(), left_out: 0 },
    )
}

#[derive(Serialize)]
struct ReadingView {
    id: String,
    state: ReadingState,
    /// What plain rules find, then what the model found besides; all of it stands in the text.
    facts: Vec<TypedFact>,
    left_out: usize,
    /// `provider/model`, once it has read.
    model: Option<String>,
    /// Why nothing came of it.
    reason: Option<String>,
    micro_usd: i64,
    asked_at: String,
    ended_at: Option<String>,
}

/// `POST /brand/readings`: has a model read somebody else's text; nothing is taken over.
pub async fn read(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Pasted = call.request.json()?;
    let id = readings::begin(call.app, call.caller, (&sent.copied_from, &sent.text)).await?;
    Ok(shown(&call, &id, StatusCode::CREATED).await?.waking(READ_BY))
}

/// `GET /brand/readings/{id}`.
pub async fn reading(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = readings::find(call.app, call.workspace_id(), id).await?;
    let (facts, left_out) = readings::facts(&found);
    let view = ReadingView {
        id: found.id,
        state: found.state,
        facts,
        left_out,
        model: found.model,
        reason: found.reason,
        micro_usd: found.micro_usd,
        asked_at: rfc3339(found.asked_at),
        ended_at: opt_rfc3339(found.ended_at),
    };
    Reply::json(status, &view)
}
