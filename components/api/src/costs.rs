//! What campaigns cost.

use serde::Serialize;
use serve::{Problem, Reply, StatusCode};
use store::{campaign, cost};

use crate::call::Call;

#[derive(Serialize)]
struct Costs {
    campaign_id: String,
    budget_micro_usd: i64,
    spent_micro_usd: i64,
    reserved_micro_usd: i64,
    steps: Vec<StepCost>,
    /// By post; what belongs to none, such as planning, is left out. A campaign has at most 1,300 posts.
    items: Vec<PostCost>,
}

#[derive(Serialize)]
struct StepCost {
    step: domain::Step,
    calls: i64,
    spent_micro_usd: i64,
    reserved_micro_usd: i64,
    input_tokens: i64,
    output_tokens: i64,
    uncounted_calls: i64,
}

#[derive(Serialize)]
struct PostCost {
    post_id: String,
    calls: i64,
    spent_micro_usd: i64,
}

/// `GET /campaigns/{id}/costs`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let (db, workspace_id, id) = (call.db(), call.workspace_id(), call.id());
    let campaign = campaign::find(db, workspace_id, id).await?.ok_or_else(|| call.not_found("campaign"))?;
    let steps = cost::by_step(db, workspace_id, id).await?;
    let posts = cost::by_post(db, workspace_id, id).await?;
    let view = Costs {
        campaign_id: campaign.id,
        budget_micro_usd: campaign.budget_micro_usd,
        spent_micro_usd: steps.iter().map(|step| step.spent_micro_usd).sum(),
        reserved_micro_usd: steps.iter().map(|step| step.reserved_micro_usd).sum(),
        steps: steps.into_iter().map(step_cost).collect(),
        items: posts
            .into_iter()
            .map(|post| PostCost { post_id: post.post_id, calls: post.calls, spent_micro_usd: post.spent_micro_usd })
            .collect(),
    };
    Reply::json(StatusCode::OK, &view)
}

fn step_cost(cost: cost::StepCost) -> StepCost {
    StepCost {
        step: cost.step,
        calls: cost.calls,
        spent_micro_usd: cost.spent_micro_usd,
        reserved_micro_usd: cost.reserved_micro_usd,
        input_tokens: cost.input_tokens,
        output_tokens: cost.output_tokens,
        uncounted_calls: cost.uncounted_calls,
    }
}
