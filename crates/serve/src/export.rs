//! Everything of a workspace or of a campaign, to take away: as CSV for spreadsheets, as JSON for programs. The pages
//! and the API give the same files.

use std::borrow::Cow;

use domain::spreadsheet;
use serde_json::{Map, Value, json};
use store::campaign;
use store::export::{self, Page, TABLES, Table};
use store::people::workspace::Workspace;

use crate::{App, Problem, Reply, StatusCode};

/// Most rows of one file; what is left is in the next, which its `Link` names.
pub const FILE_ROWS_MAX: usize = 10_000;
/// The file that holds every table.
pub const EVERYTHING: &str = "everything";

/// A file that is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// Of what.
    pub workspace: &'a Workspace,
    /// The path under which files are asked for, which links to the rest begin with.
    pub base: &'a str,
    /// A table's name and `.csv` or `.json`, or `everything.json`.
    pub file: &'a str,
    /// Of one campaign alone.
    pub campaign: Option<&'a str>,
    /// Where it begins: what the file before said.
    pub after: Option<&'a str>,
}

/// The file. One that does not exist, or a campaign that does not, is told by its name.
pub async fn file(app: App<'_>, wanted: Wanted<'_>) -> Result<Reply, Problem> {
    let missing = || Problem::NotFound { what: "file", id: wanted.file.into() };
    let (name, kind) = wanted.file.rsplit_once('.').ok_or_else(missing)?;
    let table = export::table(name).filter(|_| matches!(kind, "csv" | "json"));
    if table.is_none() && (name, kind) != (EVERYTHING, "json") {
        return Err(missing());
    }
    if let Some(id) = wanted.campaign {
        let found = campaign::find(app.ports.db, &wanted.workspace.id, id).await?;
        found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
    }
    let Some(table) = table else { return everything(app, wanted).await };
    let page = rows(app, wanted, table, wanted.after, FILE_ROWS_MAX).await?;
    let next = page.next.as_deref();
    let reply = if kind == "csv" {
        let cells = page.rows.iter().map(|row| Page::texts(row).into_iter().map(Cow::Owned).collect());
        Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", spreadsheet::write(&page.columns, cells))
    } else {
        let rows: Vec<Value> = page.rows.iter().map(|row| page.json(row)).collect();
        Reply::json(StatusCode::OK, &json!({ "table": name, "rows": rows, "next": next }))?
    };
    Ok(attached(reply, &format!("rondo-{name}.{kind}"), next.map(|next| address(wanted, next))))
}

async fn rows(
    app: App<'_>,
    wanted: Wanted<'_>,
    table: &Table,
    after: Option<&str>,
    rows_max: usize,
) -> Result<Page, Problem> {
    let pages = export::pages(app.ports.db, &wanted.workspace.id, table, wanted.campaign, after, rows_max).await?;
    pages.ok_or(Problem::InvalidCursor)
}

/// Every table, until the file is full; the next one begins where this one ends, `?after=<table>:<place>`.
async fn everything(app: App<'_>, wanted: Wanted<'_>) -> Result<Reply, Problem> {
    let tables: Vec<&Table> =
        TABLES.iter().filter(|table| wanted.campaign.is_none() || table.is_of_campaigns()).collect();
    let begin = wanted.after.map(|after| after.split_once(':').ok_or(Problem::InvalidCursor)).transpose()?;
    let first = match begin {
        None => 0,
        Some((name, _)) => tables.iter().position(|table| table.name == name).ok_or(Problem::InvalidCursor)?,
    };
    let mut after = begin.map(|(_, place)| place).filter(|place| !place.is_empty());
    let (mut found, mut left, mut next) = (Map::new(), FILE_ROWS_MAX, None);
    for table in &tables[first..] {
        if left == 0 {
            next = Some(format!("{}:", table.name));
            break;
        }
        let page = rows(app, wanted, table, after.take(), left).await?;
        left = left.saturating_sub(page.rows.len());
        found.insert(table.name.into(), page.rows.iter().map(|row| page.json(row)).collect());
        if let Some(place) = page.next {
            next = Some(format!("{}:{place}", table.name));
            break;
        }
    }
    let document = json!({
        "format": "rondo-export", "format_version": 1,
        "workspace": { "name": wanted.workspace.name, "slug": wanted.workspace.slug },
        "campaign": wanted.campaign, "tables": found, "next": next,
    });
    let link = next.map(|next| address(wanted, &next));
    Ok(attached(Reply::json(StatusCode::OK, &document)?, "rondo-everything.json", link))
}

fn address(wanted: Wanted<'_>, next: &str) -> String {
    let pairs = wanted.campaign.map(|id| ("campaign", id)).into_iter().chain([("after", next)]);
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{}/{}?{query}", wanted.base, wanted.file)
}

fn attached(reply: Reply, file: &str, next: Option<String>) -> Reply {
    let reply = reply
        .with_header("content-disposition", &format!("attachment; filename=\"{file}\""))
        .with_header("cache-control", "no-store");
    match next {
        Some(next) => reply.with_header("link", &format!("<{next}>; rel=\"next\"")),
        None => reply,
    }
}
