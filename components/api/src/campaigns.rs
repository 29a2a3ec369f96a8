//! Campaigns: list, begin, look at, change, cancel.

mod copies;
mod new;

use std::collections::BTreeMap;

use domain::{Action, Brief, Mode, PostState, Stage, Step};
use serde::{Deserialize, Serialize};
use serve::fields::NAME_CHARS_MAX;
use serve::{Problem, Reply, StatusCode, revision};
use store::campaign::{self, Campaign, Change};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

pub use copies::{archive, copy, unarchive};
pub use new::create;

/// Largest budget: a million dollars.
const BUDGET_MICRO_USD_MAX: i64 = 1_000_000_000_000;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    mode: Mode,
    stage: Stage,
    time_lapse: bool,
    paused: bool,
    timezone: String,
    goal: String,
    /// Left out of lists: a brief may be long.
    #[serde(skip_serializing_if = "Option::is_none")]
    brief: Option<Brief>,
    budget_micro_usd: i64,
    spent_micro_usd: i64,
    reserved_micro_usd: i64,
    reason: Option<String>,
    posts: BTreeMap<PostState, i64>,
    revision: i64,
    created_at: String,
    updated_at: String,
    finished_at: Option<String>,
    archived_at: Option<String>,
}

fn view(campaign: Campaign, brief: Option<Brief>) -> View {
    View {
        id: campaign.id,
        name: campaign.name,
        mode: campaign.mode,
        stage: campaign.stage,
        time_lapse: campaign.time_lapse,
        paused: campaign.paused,
        timezone: campaign.timezone,
        goal: campaign.goal,
        brief,
        budget_micro_usd: campaign.budget_micro_usd,
        spent_micro_usd: campaign.spent_micro_usd,
        reserved_micro_usd: campaign.reserved_micro_usd,
        reason: campaign.reason,
        posts: campaign.posts.into_iter().collect(),
        revision: campaign.revision,
        created_at: rfc3339(campaign.created_at),
        updated_at: rfc3339(campaign.updated_at),
        finished_at: opt_rfc3339(campaign.finished_at),
        archived_at: opt_rfc3339(campaign.archived_at),
    }
}

/// `GET /campaigns`: those that are not put away, or those that are.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let (db, workspace_id, limit) = (call.db(), call.workspace_id(), page.limit + 1);
    let campaigns = match call.request.query("archived") {
        None | Some("false") => campaign::list(db, workspace_id, after.as_ref(), limit).await?,
        Some("true") => campaign::archived(db, workspace_id, after.as_ref(), limit).await?,
        Some(_) => return Err(Problem::invalid("archived", "must be true or false")),
    };
    list::reply(campaigns, &page, |campaign| list::of_key(campaign.key()), |campaign| view(campaign, None))
}

/// `GET /campaigns/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = campaign::find_with_brief(call.db(), call.workspace_id(), id).await?;
    let (campaign, brief) = found.ok_or_else(|| call.not_found("campaign"))?;
    let revision = campaign.revision;
    Ok(Reply::json(status, &view(campaign, Some(brief)))?.with_revision(revision))
}

/// A list of what belongs to a campaign may be empty; a list of what belongs to none is not.
pub async fn must_exist_if_empty<T>(call: &Call<'_>, rows: &[T]) -> Result<(), Problem> {
    if !rows.is_empty() || campaign::find(call.db(), call.workspace_id(), call.id()).await?.is_some() {
        return Ok(());
    }
    Err(call.not_found("campaign"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    paused: Option<bool>,
    budget_micro_usd: Option<i64>,
    mode: Option<Mode>,
}

/// `PATCH /campaigns/{id}`: to the revision that the caller saw.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Patch = call.request.json()?;
    let name = sent.name.as_deref().map(valid_name).transpose()?;
    sent.budget_micro_usd.map_or(Ok(()), valid_budget)?;
    if sent.mode.is_some() {
        call.caller.may(Action::Administer)?;
    }
    if name.is_none() && sent.paused.is_none() && sent.budget_micro_usd.is_none() && sent.mode.is_none() {
        return Err(Problem::invalid(
            "the body",
            "changes nothing; name, paused, budget_micro_usd and mode can be changed",
        ));
    }
    let change = Change { name, paused: sent.paused, budget_micro_usd: sent.budget_micro_usd, mode: sent.mode };
    let of = (call.workspace_id(), call.id(), revision);
    if !campaign::change(call.db(), call.pinned_ms(), of, &change, call.actor()).await? {
        return Err(why_unchanged(&call, revision, sent.mode).await?);
    }
    // What was held up, or out of money, may have work now.
    let may_go_on = sent.paused == Some(false) || sent.budget_micro_usd.is_some();
    Ok(shown(&call, call.id(), StatusCode::OK).await?.waking(if may_go_on { Step::ALL } else { &[] }))
}

async fn why_unchanged(call: &Call<'_>, revision: i64, mode: Option<Mode>) -> Result<Problem, Problem> {
    let found = campaign::find(call.db(), call.workspace_id(), call.id()).await?;
    Ok(match found {
        None => call.not_found("campaign"),
        Some(found) if found.finished_at.is_some() => Problem::WrongState,
        Some(found) if found.revision == revision && found.time_lapse && mode == Some(Mode::Performance) => {
            Problem::invalid("mode", "cannot be `performance`: only a rehearsal is played in time-lapse")
        }
        Some(_) => Problem::Stale,
    })
}

/// `PUT /campaigns/{id}/cancellation`. Repeating it changes nothing. An `If-Match` is heeded, and not required.
pub async fn cancel(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = call.request.header("if-match").map(|_| revision::if_match(call.request)).transpose()?;
    let of = (call.workspace_id(), call.id());
    let cancelled = campaign::cancel(call.db(), call.pinned_ms(), of, revision, call.actor()).await?;
    if !cancelled {
        let found = campaign::find(call.db(), call.workspace_id(), call.id()).await?;
        match found.map(|found| found.stage) {
            None => return Err(call.not_found("campaign")),
            Some(Stage::Cancelled) => {}
            Some(Stage::Finished) => return Err(Problem::WrongState),
            Some(_) => return Err(Problem::Stale),
        }
    }
    shown(&call, call.id(), StatusCode::OK).await
}

fn valid_name(name: &str) -> Result<&str, Problem> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::invalid("name", format!("must have 1 to {NAME_CHARS_MAX} characters")));
    }
    Ok(name)
}

fn valid_budget(micro_usd: i64) -> Result<(), Problem> {
    if (0..=BUDGET_MICRO_USD_MAX).contains(&micro_usd) {
        return Ok(());
    }
    Err(Problem::invalid(
        "budget_micro_usd",
        format!("must be from 0 to {BUDGET_MICRO_USD_MAX}; 1000000 is one dollar"),
    ))
}
