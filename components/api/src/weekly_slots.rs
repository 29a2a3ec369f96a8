//! Weekly slots of a channel, and which of them are free.

use std::collections::BTreeMap;

use domain::brief::Complaint;
use domain::weekly::{Occurrence, SLOTS_MAX, WeeklySlot};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, revision};
use store::weekly_slot::{self, Kept, OfChannel};
use store::{brand, channel};

use crate::call::Call;
use crate::instant::{self, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    /// 1 is Monday.
    weekday: i8,
    local_time: String,
    timezone: String,
    enabled: bool,
    revision: i64,
    created_at: String,
    updated_at: String,
}

fn view(kept: Kept) -> View {
    View {
        id: kept.id,
        weekday: kept.slot.weekday,
        local_time: kept.slot.clock(),
        timezone: kept.slot.timezone,
        enabled: kept.enabled,
        revision: kept.revision,
        created_at: rfc3339(kept.created_at),
        updated_at: rfc3339(kept.updated_at),
    }
}

async fn must_exist(call: &Call<'_>) -> Result<(), Problem> {
    let found = channel::find(call.db(), call.workspace_id(), call.id()).await?;
    found.map(|_| ()).ok_or_else(|| call.not_found("channel"))
}

/// `GET /channels/{id}/slots`: all; there are never many.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    must_exist(&call).await?;
    list::whole(weekly_slot::list(call.db(), call.workspace_id(), call.id()).await?, view)
}

fn slot_id<'a>(call: &Call<'a>) -> &'a str {
    call.names.get(1).copied().unwrap_or_default()
}

/// Which of the two is not there: the channel, or its slot.
async fn no_slot(call: &Call<'_>) -> Problem {
    let missing = || Problem::NotFound { what: "slot", id: slot_id(call).into() };
    must_exist(call).await.err().unwrap_or_else(missing)
}

/// `GET /channels/{id}/slots/{slot}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, slot_id(&call), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = weekly_slot::find(call.db(), call.workspace_id(), call.id(), id).await?;
    let Some(found) = found else { return Err(no_slot(call).await) };
    let revision = found.revision;
    Ok(Reply::json(status, &view(found))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    weekday: i8,
    local_time: String,
    timezone: Option<String>,
}

/// `POST /channels/{id}/slots`. The zone is the workspace's where none is said.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    must_exist(&call).await?;
    let timezone = match sent.timezone {
        Some(timezone) => timezone,
        None => brand::timezone(call.db(), call.workspace_id()).await?,
    };
    let slot = WeeklySlot::parse(sent.weekday, &sent.local_time, &timezone).map_err(|complaints| {
        let named = |(field, complaint): (&str, String)| Complaint { field: field.into(), complaint };
        Problem::Invalid(complaints.into_iter().map(named).collect())
    })?;
    let before = weekly_slot::list(call.db(), call.workspace_id(), call.id()).await?;
    if before.iter().any(|kept| kept.slot == slot) {
        return Err(Problem::AlreadyExists);
    }
    let id = serve::id(call.app);
    let of = (call.workspace_id(), call.id(), id.as_str());
    let added = weekly_slot::add(call.db(), call.pinned_ms(), of, &[slot], call.actor()).await?;
    let Some(id) = added.first() else {
        return Err(Problem::invalid("the body", format!("is one too many: {SLOTS_MAX} slots are the most")));
    };
    let location = format!("/api/v1/channels/{}/slots/{id}", call.id());
    Ok(shown(&call, id, StatusCode::CREATED).await?.with_header("location", &location))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    enabled: bool,
}

/// `PATCH /channels/{id}/slots/{slot}`: to the revision that the caller saw.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Patch = call.request.json()?;
    let of = (call.workspace_id(), call.id(), slot_id(&call), revision);
    if !weekly_slot::set_enabled(call.db(), call.pinned_ms(), of, sent.enabled, call.actor()).await? {
        let found = weekly_slot::find(call.db(), call.workspace_id(), call.id(), slot_id(&call)).await?;
        return Err(if found.is_some() { Problem::Stale } else { no_slot(&call).await });
    }
    show(call).await
}

/// `DELETE /channels/{id}/slots/{slot}`. Posts that hold it keep their time.
pub async fn remove(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id(), slot_id(&call));
    if !weekly_slot::remove(call.db(), call.pinned_ms(), of, call.actor()).await? {
        return Err(no_slot(&call).await);
    }
    Ok(Reply::no_content())
}

#[derive(Serialize)]
struct FreeView {
    at: String,
    local: String,
    timezone: String,
    jumped: Option<String>,
    slot_id: String,
}

/// How long a window is that does not say when it ends, and the longest: 31 days, in milliseconds.
const WINDOW_MS: i64 = 31 * 86_400_000;

/// `GET /channels/{id}/free-slots`: from a time on (else from now), before another.
pub async fn free(call: Call<'_>) -> Result<Reply, Problem> {
    must_exist(&call).await?;
    let time = |name: &'static str| call.request.query(name).map(|text| instant::parse(name, text)).transpose();
    let now_ms = call.app.ports.clock.now_ms();
    let from_ms = time("from")?.unwrap_or(now_ms).max(now_ms);
    let until_ms = time("until")?.unwrap_or(from_ms + WINDOW_MS).min(from_ms + WINDOW_MS);
    let mut all = weekly_slot::list(call.db(), call.workspace_id(), call.id()).await?;
    all.retain(|kept| kept.enabled);
    let slots = all.iter().map(|kept| kept.slot.clone()).collect();
    let channels = BTreeMap::from([(call.id().to_string(), OfChannel { name: String::new(), slots })]);
    let free = weekly_slot::free(call.db(), call.workspace_id(), &channels, (from_ms, until_ms), None).await?;
    let view = |one: Occurrence| FreeView {
        at: rfc3339(one.at),
        local: one.local.to_string(),
        timezone: all[one.index].slot.timezone.clone(),
        jumped: one.jumped.map(|local| local.to_string()),
        slot_id: all[one.index].id.clone(),
    };
    list::whole(free.into_values().flatten().collect(), view)
}
