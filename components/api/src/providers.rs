//! Providers of models. A key goes in and never comes out.

use domain::ProviderKind;
use serde::{Deserialize, Serialize};
use serve::providers::{self, Sent, SentPrice, TRIED_BY};
use serve::{Problem, Reply, StatusCode, revision};
use store::price::{self, Price};
use store::provider::{self, Provider};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    kind: ProviderKind,
    base_url: String,
    models: Vec<String>,
    image_model: Option<String>,
    /// When its key was set; the key itself is never told.
    key_set_at: Option<String>,
    turn: u32,
    at_once_max: u32,
    paused: bool,
    /// It asked us to wait until then.
    blocked_until: Option<String>,
    check: CheckView,
    revision: i64,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct CheckView {
    /// `never`, `waiting`, or what came of it.
    state: &'static str,
    at: Option<String>,
    says: Option<String>,
}

fn view(provider: Provider, now_ms: i64) -> View {
    let state = match (&provider.check_wanted_at, &provider.check) {
        (Some(_), _) => "waiting",
        (None, None) => "never",
        (None, Some(check)) => check.verdict.as_str(),
    };
    let at = opt_rfc3339(provider.check.as_ref().map(|check| check.at));
    View {
        id: provider.id,
        name: provider.name,
        kind: provider.kind,
        base_url: provider.base_url,
        models: provider.models,
        image_model: provider.image_model,
        key_set_at: opt_rfc3339(provider.key_at),
        turn: provider.turn,
        at_once_max: provider.at_once_max,
        paused: provider.paused,
        blocked_until: opt_rfc3339(Some(provider.blocked_until).filter(|until| *until > now_ms)),
        check: CheckView { state, at, says: provider.check.map(|check| check.says) },
        revision: provider.revision,
        created_at: rfc3339(provider.created_at),
        updated_at: rfc3339(provider.updated_at),
    }
}

#[derive(Serialize)]
struct All<T> {
    items: Vec<T>,
}

/// `GET /providers`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let now_ms = call.app.ports.clock.now_ms();
    let all = provider::list(call.db(), call.workspace_id()).await?;
    Reply::json(StatusCode::OK, &All { items: all.into_iter().map(|one| view(one, now_ms)).collect() })
}

/// `GET /providers/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = providers::find(call.app, call.caller, id).await?;
    let revision = found.revision;
    Ok(Reply::json(status, &view(found, call.app.ports.clock.now_ms()))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    kind: String,
    base_url: Option<String>,
    models: Vec<String>,
    image_model: Option<String>,
    key: Option<String>,
    turn: Option<u32>,
    at_once_max: Option<u32>,
}

/// `POST /providers`.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let new: New = call.request.json()?;
    let sent = Sent {
        name: Some(&new.name),
        base_url: new.base_url.as_deref(),
        models: Some(new.models.iter().map(String::as_str).collect()),
        image_model: new.image_model.as_deref(),
        key: new.key.as_deref(),
        turn: new.turn,
        at_once_max: new.at_once_max,
        paused: None,
    };
    let id = providers::connect(call.app, call.caller, &new.kind, &sent).await?;
    shown(&call, &id, StatusCode::CREATED).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    name: Option<String>,
    base_url: Option<String>,
    models: Option<Vec<String>>,
    image_model: Option<String>,
    key: Option<String>,
    turn: Option<u32>,
    at_once_max: Option<u32>,
    paused: Option<bool>,
}

/// `PATCH /providers/{id}`: to the revision that the caller saw. Another address without another key forgets the key.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let patch: Patch = call.request.json()?;
    let sent = Sent {
        name: patch.name.as_deref(),
        base_url: patch.base_url.as_deref(),
        models: patch.models.as_ref().map(|names| names.iter().map(String::as_str).collect()),
        image_model: patch.image_model.as_deref(),
        key: patch.key.as_deref(),
        turn: patch.turn,
        at_once_max: patch.at_once_max,
        paused: patch.paused,
    };
    providers::change(call.app, call.caller, (call.id(), revision), &sent).await?;
    shown(&call, call.id(), StatusCode::OK).await
}

/// `DELETE /providers/{id}`: its key is forgotten; agents that asked it ask whoever's turn is first.
pub async fn remove(call: Call<'_>) -> Result<Reply, Problem> {
    providers::remove(call.app, call.caller, call.id()).await?;
    Ok(Reply::no_content())
}

/// `PUT /providers/{id}/check`: the strategist tries it with the smallest question there is.
pub async fn check(call: Call<'_>) -> Result<Reply, Problem> {
    providers::want_check(call.app, call.caller, call.id()).await?;
    Ok(shown(&call, call.id(), StatusCode::OK).await?.waking(TRIED_BY))
}

#[derive(Serialize)]
struct PriceView {
    model: String,
    since: String,
    input_micro_usd: i64,
    cached_micro_usd: i64,
    output_micro_usd: i64,
    picture_micro_usd: Option<i64>,
    source: String,
    set_by: String,
}

impl From<Price> for PriceView {
    fn from(price: Price) -> Self {
        Self {
            model: price.model,
            since: rfc3339(price.since),
            input_micro_usd: price.input_micro_usd,
            cached_micro_usd: price.cached_micro_usd,
            output_micro_usd: price.output_micro_usd,
            picture_micro_usd: price.picture_micro_usd,
            source: price.source,
            set_by: price.set_by,
        }
    }
}

/// `GET /providers/{id}/prices`.
pub async fn prices(call: Call<'_>) -> Result<Reply, Problem> {
    priced(&call, StatusCode::OK).await
}

async fn priced(call: &Call<'_>, status: StatusCode) -> Result<Reply, Problem> {
    let found = providers::find(call.app, call.caller, call.id()).await?;
    let all = price::list(call.db(), call.workspace_id(), &found.id).await?;
    Reply::json(status, &All { items: all.into_iter().map(PriceView::from).collect() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPrice {
    model: String,
    input_usd: String,
    cached_usd: Option<String>,
    output_usd: String,
    picture_usd: Option<String>,
    since: Option<jiff::Timestamp>,
    source: String,
}

/// `POST /providers/{id}/prices`: from a time on; what was before stays.
pub async fn set_price(call: Call<'_>) -> Result<Reply, Problem> {
    let new: NewPrice = call.request.json()?;
    let sent = SentPrice {
        model: &new.model,
        input_usd: &new.input_usd,
        cached_usd: new.cached_usd.as_deref().unwrap_or_default(),
        output_usd: &new.output_usd,
        picture_usd: new.picture_usd.as_deref().unwrap_or_default(),
        since: new.since.map(jiff::Timestamp::as_millisecond),
        source: &new.source,
    };
    providers::set_price(call.app, call.caller, call.id(), &sent).await?;
    priced(&call, StatusCode::CREATED).await
}

#[cfg(test)]
mod tests {
    use domain::CheckVerdict;

    #[test]
    fn no_verdict_is_called_as_a_try_that_was_not_made() {
        assert!(CheckVerdict::ALL.iter().all(|verdict| !["never", "waiting"].contains(&verdict.as_str())));
    }
}
