//! What the conductor sees of the whole workspace: its timeline, its figures and its alerts.

use domain::{Mode, PostState};
use serde::Serialize;
use serve::{Problem, Reply, StatusCode};
use store::conductor::{self, Alert, Moment};

use crate::call::Call;
use crate::instant::rfc3339;

#[derive(Serialize)]
struct MomentView {
    post_id: String,
    campaign_id: String,
    campaign: String,
    mode: Mode,
    channel: String,
    title: String,
    state: PostState,
    held: bool,
    planned_local: String,
    due_at: String,
    timezone: String,
}

impl From<Moment> for MomentView {
    fn from(moment: Moment) -> Self {
        Self {
            post_id: moment.post_id,
            campaign_id: moment.campaign_id,
            campaign: moment.campaign,
            mode: moment.mode,
            channel: moment.channel,
            title: moment.title,
            state: moment.state,
            held: moment.held,
            planned_local: moment.planned_local,
            due_at: rfc3339(moment.due_at),
            timezone: moment.timezone,
        }
    }
}

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
}

/// How many posts the timeline has of those whose time has come, and of those to come.
const PAST_MAX: u32 = 50;
const DUE_MAX: u32 = 100;

/// `GET /workspace/timeline`: what was due last and what is due next, over all campaigns or in one.
pub async fn timeline(call: Call<'_>) -> Result<Reply, Problem> {
    let limits = (PAST_MAX, DUE_MAX);
    let campaign = call.request.query("campaign");
    if let Some(id) = campaign {
        let found = store::campaign::find(call.db(), call.workspace_id(), id).await?;
        found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
    }
    let moments = conductor::timeline(call.db(), call.pinned_ms(), (call.workspace_id(), campaign), limits).await?;
    Reply::json(StatusCode::OK, &Items { items: moments.into_iter().map(MomentView::from).collect() })
}

#[derive(Serialize)]
struct FiguresView {
    days: i64,
    published: i64,
    on_time: i64,
    timed: i64,
    missed: i64,
    waiting: i64,
    mean: Option<f64>,
    reviews: i64,
    revisions: i64,
    spent_micro_usd: i64,
    budget_micro_usd: i64,
}

/// `GET /workspace/figures`: what came of it.
pub async fn figures(call: Call<'_>) -> Result<Reply, Problem> {
    let found = conductor::figures(call.db(), call.pinned_ms(), call.workspace_id()).await?;
    let view = FiguresView {
        days: conductor::DAYS,
        published: found.published,
        on_time: found.on_time,
        timed: found.timed,
        missed: found.missed,
        waiting: found.waiting,
        mean: found.mean_tenths.map(|tenths| tenths as f64 / 10.0),
        reviews: found.reviews,
        revisions: found.revisions,
        spent_micro_usd: found.spent_micro_usd,
        budget_micro_usd: found.budget_micro_usd,
    };
    Reply::json(StatusCode::OK, &view)
}

#[derive(Serialize)]
struct AlertView {
    kind: String,
    campaign_id: String,
    campaign: String,
    post_id: Option<String>,
    title: Option<String>,
    reason: Option<String>,
    at: String,
}

/// `GET /workspace/alerts`: all that needs a person, the gravest kind first.
pub async fn alerts(call: Call<'_>) -> Result<Reply, Problem> {
    let view = |alert: Alert| AlertView {
        kind: alert.kind,
        campaign_id: alert.campaign_id,
        campaign: alert.campaign,
        post_id: alert.post_id,
        title: alert.title,
        reason: alert.reason,
        at: rfc3339(alert.at),
    };
    let found = conductor::alerts(call.db(), call.pinned_ms(), call.workspace_id()).await?;
    Reply::json(StatusCode::OK, &Items { items: found.into_iter().map(view).collect() })
}
