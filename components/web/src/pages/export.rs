//! `/export`: everything of the workspace or of a campaign, to take away: as CSV for spreadsheets, as JSON for programs.

use maud::html;
use serve::export::{self, EVERYTHING, FILE_ROWS_MAX, Wanted};
use serve::{Problem, Reply};
use store::campaign;
use store::export::TABLES;

use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

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
        div.sheet.stacking.gap tabindex="0" role="region" aria-label="Tables" { table {
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
    let wanted = Wanted {
        workspace: &visit.workspace,
        base: "/export",
        file: call.id(),
        campaign: call.request.query("campaign"),
        after: call.request.query("after"),
    };
    export::file(call.app, wanted).await
}
