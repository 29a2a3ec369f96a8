//! Everything to take away: which tables there are, and their files.

use serde::Serialize;
use serve::export::{self, Wanted};
use serve::{Problem, Reply};
use store::export::{TABLES, Table};
use store::people::workspace;

use crate::call::Call;
use crate::list;

#[derive(Serialize)]
struct View {
    name: &'static str,
    about: &'static str,
    of_campaigns: bool,
}

/// `GET /exports`.
pub async fn list(_call: Call<'_>) -> Result<Reply, Problem> {
    let view =
        |table: &'static Table| View { name: table.name, about: table.about, of_campaigns: table.is_of_campaigns() };
    list::whole(TABLES.iter().collect(), view)
}

/// `GET /exports/{file}`: a table as `.csv` or `.json`, or `everything.json`.
pub async fn download(call: Call<'_>) -> Result<Reply, Problem> {
    let found = workspace::find(call.db(), call.workspace_id()).await?;
    let workspace = found.ok_or_else(|| call.not_found("file"))?;
    let wanted = Wanted {
        workspace: &workspace,
        base: "/api/v1/exports",
        file: call.id(),
        campaign: call.request.query("campaign"),
        after: call.request.query("after"),
    };
    export::file(call.app, wanted).await
}
