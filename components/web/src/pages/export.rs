//! `/export`: everything of the workspace or of a campaign, to take away: as CSV for spreadsheets, as JSON for programs.

use std::borrow::Cow;

use domain::spreadsheet;
use maud::html;
use serde_json::{Map, Value, json};
use serve::{Problem, Reply, StatusCode};
use store::campaign;
use store::export::{self, Page, TABLES, Table};

use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Most rows of one file; what is left is in the next, which its `Link` names.
const FILE_ROWS_MAX: usize = 10_000;
/// The file that holds every table.
const EVERYTHING: &str = "everything";

/// What can be taken away.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let campaign = named_campaign(call, visit).await?;
    let query = campaign.as_ref().map_or_else(String::new, |campaign| format!("?campaign={}", campaign.id));
    let tables = TABLES.iter().filter(|table| campaign.is_none() || table.is_of_campaigns());
    let body = html! {
        div.head { div {
            p.crumb { a href="/campaigns" { "Campaigns" } @if let Some(campaign) = &campaign { " / " a href={ "/campaigns/" (campaign.id) } { (campaign.name) } } }
            h1 { "Export" }
            p.lead { @match &campaign {
                Some(campaign) => { "All of “" (campaign.name) "”. " a href="/export" { "Or of the whole workspace" } "." },
                None => "All of this workspace. No secret is in it: no passwords, tokens or keys.",
            } }
        } }
        div.acts { a.button.main-act href={ "/export/" (EVERYTHING) ".json" (query) } download { "Everything, as JSON" } }
        div.sheet.gap tabindex="0" role="region" aria-label="Tables" { table {
            thead { tr { th scope="col" { "Table" } th scope="col" { "What is in it" } th scope="col" { "Take away" } } }
            tbody { @for table in tables { tr {
                th scope="row" { (table.name) }
                td { (table.about) }
                td { a href={ "/export/" (table.name) ".csv" (query) } download { "CSV" } " · " a href={ "/export/" (table.name) ".json" (query) } download { "JSON" } }
            } } }
        } }
        p.soft.small { "A file holds up to " (FILE_ROWS_MAX) " rows; programs find the way to the rest in it. Cells that a spreadsheet would take for a formula begin with an apostrophe. The posts can be " a href="/imports" { "imported" } " elsewhere." }
    };
    Ok(page(layout::page(visit, Nav::Campaigns, "Export", &body)))
}

async fn named_campaign(call: Call<'_>, visit: &Visit) -> Result<Option<campaign::Campaign>, Problem> {
    let Some(id) = call.request.query("campaign") else { return Ok(None) };
    let found = campaign::find(call.app.ports.db, &visit.workspace.id, id).await?;
    found.map(Some).ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })
}

/// A file: a table as CSV or JSON, or everything as JSON.
pub async fn download(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let missing = || Problem::NotFound { what: "file", id: call.id().into() };
    let (name, kind) = call.id().rsplit_once('.').ok_or_else(missing)?;
    let campaign = named_campaign(call, visit).await?.map(|campaign| campaign.id);
    if (name, kind) == (EVERYTHING, "json") {
        return everything(call, visit, campaign.as_deref()).await;
    }
    let table = export::table(name).filter(|_| matches!(kind, "csv" | "json")).ok_or_else(missing)?;
    let page = rows(call, visit, table, campaign.as_deref(), call.request.query("after"), FILE_ROWS_MAX).await?;
    let next = page.next.as_deref();
    let reply = if kind == "csv" {
        let cells = page.rows.iter().map(|row| Page::texts(row).into_iter().map(Cow::Owned).collect());
        Reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", spreadsheet::write(&page.columns, cells))
    } else {
        let rows: Vec<Value> = page.rows.iter().map(|row| page.json(row)).collect();
        Reply::json(StatusCode::OK, &json!({ "table": name, "rows": rows, "next": next }))?
    };
    let file = format!("rondo-{name}.{kind}");
    Ok(attached(reply, &file, next.map(|next| address(call.id(), campaign.as_deref(), next))))
}

async fn rows(
    call: Call<'_>,
    visit: &Visit,
    table: &Table,
    campaign: Option<&str>,
    after: Option<&str>,
    rows_max: usize,
) -> Result<Page, Problem> {
    let pages = export::pages(call.app.ports.db, &visit.workspace.id, table, campaign, after, rows_max).await?;
    pages.ok_or(Problem::InvalidCursor)
}

/// Every table, until the file is full; the next one begins where this one ends, `?after=<table>:<place>`.
async fn everything(call: Call<'_>, visit: &Visit, campaign: Option<&str>) -> Result<Reply, Problem> {
    let tables: Vec<&Table> = TABLES.iter().filter(|table| campaign.is_none() || table.is_of_campaigns()).collect();
    let begin =
        call.request.query("after").map(|after| after.split_once(':').ok_or(Problem::InvalidCursor)).transpose()?;
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
        let page = rows(call, visit, table, campaign, after.take(), left).await?;
        left = left.saturating_sub(page.rows.len());
        found.insert(table.name.into(), page.rows.iter().map(|row| page.json(row)).collect());
        if let Some(place) = page.next {
            next = Some(format!("{}:{place}", table.name));
            break;
        }
    }
    let document = json!({
        "format": "rondo-export", "format_version": 1,
        "workspace": { "name": visit.workspace.name, "slug": visit.workspace.slug },
        "campaign": campaign, "tables": found, "next": next,
    });
    let link = next.map(|next| address(call.id(), campaign, &next));
    Ok(attached(Reply::json(StatusCode::OK, &document)?, "rondo-everything.json", link))
}

fn address(file: &str, campaign: Option<&str>, next: &str) -> String {
    let pairs = campaign.map(|id| ("campaign", id)).into_iter().chain([("after", next)]);
    format!("/export/{file}?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
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
