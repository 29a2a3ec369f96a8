//! Posts from elsewhere: trying a file out, importing it, and what was imported.

use std::collections::BTreeMap;

use domain::brief::Complaint;
use domain::import::{Choices, Field, Kind, Row};
use serde::{Deserialize, Serialize};
use serve::cursor::Page;
use serve::importing::{self, Trial, Upload};
use serve::{Problem, Reply, StatusCode};
use store::import::{self, Fate, Import, ImportedPost};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

/// Longest search in characters.
const WORDS_CHARS_MAX: usize = 200;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    kind: Kind,
    sha256: String,
    rows_read: i64,
    posts: i64,
    user_id: String,
    at: String,
}

fn view(found: Import) -> View {
    let Import { id, sha256, name, kind, rows_read, posts, user_id, at } = found;
    View { id, name, kind, sha256, rows_read, posts, user_id, at: rfc3339(at) }
}

/// `GET /imports`: files, the newest first.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let after = page.after.as_ref().map(|key| key[0].as_str());
    let rows = import::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    list::reply(rows, &page, |row| vec![row.id.clone()], view)
}

#[derive(Serialize)]
struct PostView {
    id: String,
    import_id: String,
    row: i64,
    channel: String,
    language: String,
    title: String,
    text: String,
    sha256: String,
    published_at: Option<String>,
    url: Option<String>,
    campaign: Option<String>,
}

fn post_view(found: ImportedPost) -> PostView {
    PostView {
        id: found.id,
        import_id: found.import_id,
        row: found.row,
        channel: found.channel,
        language: found.language,
        title: found.title,
        text: found.text,
        sha256: found.sha256,
        published_at: opt_rfc3339(found.published_at),
        url: found.url,
        campaign: found.campaign,
    }
}

/// `GET /imported-posts`: the newest first, those alone that hold the words of `q`.
pub async fn posts(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let words = call.request.query("q").unwrap_or_default().trim();
    if words.chars().count() > WORDS_CHARS_MAX {
        return Err(Problem::invalid("q", format!("must have at most {WORDS_CHARS_MAX} characters")));
    }
    let rows = import::search(call.db(), call.workspace_id(), words, after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), post_view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    text: String,
    /// Which column means what, where its name does not say so.
    #[serde(default)]
    columns: BTreeMap<Field, String>,
    /// Of rows that name none.
    #[serde(default)]
    channel: String,
    /// Of rows that name none.
    #[serde(default)]
    language: String,
}

fn upload(call: &Call<'_>) -> Result<Upload, Problem> {
    let sent: New = call.request.json()?;
    let choices =
        Choices { columns: sent.columns, channel: sent.channel.trim().into(), language: sent.language.trim().into() };
    Ok(Upload::new(&sent.name, &sent.text, choices))
}

#[derive(Serialize)]
struct ColumnView {
    name: String,
    field: Option<Field>,
}

#[derive(Serialize)]
struct RowView {
    row: usize,
    fate: Fate,
    title: Option<String>,
    channel: Option<String>,
    published_at: Option<String>,
    /// The earlier row that says the same.
    same_as: Option<usize>,
    complaints: Vec<Complaint>,
}

fn row_view((row, fate): (&Row, &Fate)) -> RowView {
    let (draft, complaints) = match &row.outcome {
        Ok(draft) => (Some(draft), vec![]),
        Err(complaints) => (None, complaints.clone()),
    };
    RowView {
        row: row.row,
        fate: *fate,
        title: draft.map(|draft| draft.title.clone()),
        channel: draft.map(|draft| draft.channel.clone()),
        published_at: opt_rfc3339(draft.and_then(|draft| draft.published_at)),
        same_as: row.same_as,
        complaints,
    }
}

#[derive(Serialize)]
struct Report {
    /// None: nothing was imported.
    import_id: Option<String>,
    /// The import of the same file, if there was one before.
    imported_before: Option<String>,
    new: usize,
    repeated: usize,
    known: usize,
    wrong: usize,
    columns: Vec<ColumnView>,
    rows: Vec<RowView>,
}

fn report(trial: &Trial, import_id: Option<String>) -> Report {
    let columns = trial.parsed.columns.iter();
    Report {
        import_id,
        imported_before: trial.before.as_ref().map(|before| before.id.clone()),
        new: trial.count(Fate::New),
        repeated: trial.count(Fate::Repeated),
        known: trial.count(Fate::Known),
        wrong: trial.count(Fate::Wrong),
        columns: columns.map(|one| ColumnView { name: one.name.clone(), field: one.field }).collect(),
        rows: trial.parsed.rows.iter().zip(&trial.fates).map(row_view).collect(),
    }
}

/// A form calls it a file; a body calls it a text.
fn in_body(problem: Problem) -> Problem {
    match problem {
        Problem::Invalid(mut complaints) => {
            for one in complaints.iter_mut().filter(|one| one.field == "file") {
                one.field = "text".into();
            }
            Problem::Invalid(complaints)
        }
        other => other,
    }
}

/// `POST /imports/trials`: what importing this file would do, row by row; stores nothing.
pub async fn trial(call: Call<'_>) -> Result<Reply, Problem> {
    let trial = importing::try_out(call.app, call.workspace_id(), &upload(&call)?).await.map_err(in_body)?;
    Reply::json(StatusCode::OK, &report(&trial, None))
}

/// `POST /imports`: imports what is new in it. The same file again is a conflict, and changes nothing.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let (trial, id) = importing::bring(call.app, call.caller, &upload(&call)?).await.map_err(in_body)?;
    let id = id.ok_or(Problem::AlreadyExists)?;
    Reply::json(StatusCode::CREATED, &report(&trial, Some(id)))
}
