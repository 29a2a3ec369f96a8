//! Runs of the workflow.

use serde::Serialize;
use serve::{Problem, Reply};
use store::run::{self, Run};

use crate::call::Call;
use crate::campaigns;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    campaign_id: String,
    round: i64,
    created_at: String,
    finished_at: Option<String>,
}

/// `GET /campaigns/{id}/runs`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_number(&call)?;
    let runs = run::list(call.db(), call.workspace_id(), call.id(), after, page.limit + 1).await?;
    campaigns::must_exist_if_empty(&call, &runs).await?;
    let view = |run: Run| View {
        id: run.id,
        campaign_id: run.campaign_id,
        round: run.round,
        created_at: rfc3339(run.created_at),
        finished_at: opt_rfc3339(run.finished_at),
    };
    list::reply(runs, &page, |run| vec![run.round.to_string()], view)
}
