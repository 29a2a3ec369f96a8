//! Channels: connected accounts.

use domain::{Step, channel as rules};
use serde::{Deserialize, Serialize};
use serve::cursor::Page;
use serve::{Problem, Reply, StatusCode, revision};
use store::channel::{self, CHANNELS_MAX, Change, Channel};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    platform: String,
    config: serde_json::Value,
    paused: bool,
    /// The platform asked us to wait until then.
    blocked_until: Option<String>,
    /// What went wrong last, until something goes out again.
    last_error: Option<String>,
    last_error_at: Option<String>,
    published_at: Option<String>,
    check: CheckView,
    revision: i64,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct CheckView {
    /// `never`, `waiting`, `passed` or `failed`.
    state: &'static str,
    /// Of the last one.
    at: Option<String>,
    says: Option<String>,
}

fn view(channel: Channel, now_ms: i64) -> View {
    let state = match (&channel.check_wanted_at, &channel.check) {
        (Some(_), _) => "waiting",
        (None, None) => "never",
        (None, Some(check)) if check.passed => "passed",
        (None, Some(_)) => "failed",
    };
    let check = CheckView {
        state,
        at: opt_rfc3339(channel.check.as_ref().map(|check| check.at)),
        says: channel.check.map(|check| check.says),
    };
    let (last_error, last_error_at) = channel.last_error.unzip();
    View {
        id: channel.id,
        name: channel.name,
        platform: channel.platform,
        config: channel.config,
        paused: channel.paused,
        blocked_until: opt_rfc3339(Some(channel.blocked_until).filter(|until| *until > now_ms)),
        last_error,
        last_error_at: opt_rfc3339(last_error_at),
        published_at: opt_rfc3339(channel.published_at),
        check,
        revision: channel.revision,
        created_at: rfc3339(channel.created_at),
        updated_at: rfc3339(channel.updated_at),
    }
}

/// `GET /channels`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let after = page.after.as_ref().map(|key| key[0].as_str());
    let channels = channel::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    let now_ms = call.app.ports.clock.now_ms();
    list::reply(channels, &page, |channel| vec![channel.name.clone()], |channel| view(channel, now_ms))
}

/// `GET /channels/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = channel::find(call.db(), call.workspace_id(), id).await?;
    let found = found.ok_or_else(|| call.not_found("channel"))?;
    let revision = found.revision;
    Ok(Reply::json(status, &view(found, call.app.ports.clock.now_ms()))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    platform: String,
}

/// `POST /channels`. Addresses and secrets are the operator's variables, and no part of it.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let name = rules::name(&sent.name).map_err(|complaint| Problem::invalid("name", complaint))?;
    let platform = rules::connectable(&sent.platform).map_err(|complaint| Problem::invalid("platform", complaint))?;
    let id = serve::id(call.app);
    let new = (id.as_str(), name, platform);
    if !channel::create(call.db(), call.pinned_ms(), call.workspace_id(), new, call.actor()).await? {
        return Err(Problem::invalid("the body", format!("cannot be connected: {CHANNELS_MAX} channels are the most")));
    }
    shown(&call, &id, StatusCode::CREATED).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    paused: Option<bool>,
}

/// `PATCH /channels/{id}`: to the revision that the caller saw.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Patch = call.request.json()?;
    if sent.name.is_none() && sent.paused.is_none() {
        return Err(Problem::invalid("the body", "changes nothing; name and paused can be changed"));
    }
    let name = sent.name.as_deref().map(rules::name).transpose();
    let name = name.map_err(|complaint| Problem::invalid("name", complaint))?;
    let of = (call.workspace_id(), call.id(), revision);
    let change = Change { name, paused: sent.paused };
    if !channel::change(call.db(), call.pinned_ms(), of, change, call.actor()).await? {
        let found = channel::find(call.db(), call.workspace_id(), call.id()).await?;
        return Err(found.map_or_else(|| call.not_found("channel"), |_| Problem::Stale));
    }
    Ok(shown(&call, call.id(), StatusCode::OK).await?.waking(woken(sent.paused)))
}

/// What waited for a paused channel goes on.
fn woken(paused: Option<bool>) -> &'static [Step] {
    if paused == Some(false) { &[Step::Publish] } else { &[] }
}

/// `PUT /channels/{id}/check`: the publisher tries it and says what came of it. Nothing is published by it, and
/// asking again while it waits changes nothing.
pub async fn check(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id());
    if !channel::want_check(call.db(), call.pinned_ms(), of).await? {
        return Err(call.not_found("channel"));
    }
    Ok(shown(&call, call.id(), StatusCode::OK).await?.waking(&[Step::Publish]))
}
