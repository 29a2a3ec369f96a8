//! Connecting providers of models: what a person may set, held to what the operator allows; a key is sealed here and
//! is never read again by whoever answers requests.

use domain::price::parse_usd;
use domain::provider::{AT_ONCE_DEFAULT, AT_ONCE_MAX, TURN_MAX, allowed_of_host, base_url, key, models};
use domain::{Step, channel};
use store::envelope::Envelopes;
use store::price::{self, NewPrice};
use store::provider::{self, Change, NewProvider, PROVIDERS_MAX, Provider};

use crate::{App, Caller, Problem, id};

/// Longest source of a price, in characters.
const SOURCE_CHARS_MAX: usize = 300;

/// Who tries a provider.
pub const TRIED_BY: &[Step] = &[Step::Strategize];

/// What a person says of a provider; what is none stays as it is, or as it comes.
#[derive(Clone, Debug, Default)]
pub struct Sent<'a> {
    /// As people call it.
    pub name: Option<&'a str>,
    /// Where it is; empty: where its kind is.
    pub base_url: Option<&'a str>,
    /// Its models.
    pub models: Option<Vec<&'a str>>,
    /// Its model for pictures; empty: it draws none.
    pub image_model: Option<&'a str>,
    /// Its key.
    pub key: Option<&'a str>,
    /// Who is asked first.
    pub turn: Option<u32>,
    /// Most calls at a time.
    pub at_once_max: Option<u32>,
    /// Whether nobody is to ask it.
    pub paused: Option<bool>,
}

/// Where the operator lets providers be, as patterns of hosts.
pub fn hosts(app: App<'_>) -> Vec<String> {
    domain::provider::hosts(|name| app.settings.get(name))
}

/// The models of Spin's own that the operator lets a workspace ask.
pub fn hosts_models(app: App<'_>) -> Vec<String> {
    domain::provider::hosts_models(|name| app.settings.get(name))
}

/// Spin itself has no key, and the models that the operator names.
fn of_the_host(app: App<'_>, read: &Read<'_>) -> Result<(), Problem> {
    if read.key.is_some() {
        return Err(Problem::invalid("key", "must be empty: Spin’s own models have none"));
    }
    let named = read.models.as_deref().unwrap_or_default();
    allowed_of_host(named, &hosts_models(app)).map_err(|complaint| Problem::invalid("models", complaint))
}

fn checked<T>(field: &str, read: Option<Result<T, String>>) -> Result<Option<T>, Problem> {
    read.transpose().map_err(|complaint| Problem::invalid(field, complaint))
}

fn within(field: &str, number: Option<u32>, max: u32) -> Result<Option<u32>, Problem> {
    match number {
        Some(number) if !(1..=max).contains(&number) => {
            Err(Problem::invalid(field, format!("must be from 1 to {max}")))
        }
        other => Ok(other),
    }
}

struct Read<'a> {
    name: Option<&'a str>,
    base_url: Option<String>,
    models: Option<Vec<String>>,
    image_model: Option<String>,
    key: Option<&'a str>,
    turn: Option<u32>,
    at_once_max: Option<u32>,
}

fn read<'a>(app: App<'_>, kind: domain::ProviderKind, sent: &Sent<'a>) -> Result<Read<'a>, Problem> {
    let hosts = hosts(app);
    let read = Read {
        name: checked("name", sent.name.map(channel::name))?,
        base_url: checked(
            "base_url",
            sent.base_url.map(|text| base_url(kind, text, hosts.iter().map(String::as_str))),
        )?,
        models: checked("models", sent.models.as_ref().map(|names| models(names.iter().copied())))?,
        image_model: checked("image_model", sent.image_model.map(|text| image_model(kind, text)))?,
        key: checked("key", sent.key.filter(|text| !text.trim().is_empty()).map(key))?,
        turn: within("turn", sent.turn, TURN_MAX)?,
        at_once_max: within("at_once_max", sent.at_once_max, AT_ONCE_MAX)?,
    };
    if kind.is_the_host() {
        of_the_host(app, &read)?;
    }
    Ok(read)
}

/// The name of a model for pictures; empty where it draws none.
fn image_model(kind: domain::ProviderKind, text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Ok(String::new()),
        _ if kind != domain::ProviderKind::OpenAi => {
            Err("is for a provider that speaks like OpenAI; this one draws no pictures".into())
        }
        name => models([name]).map(|mut names| names.swap_remove(0)),
    }
}

async fn seal(app: App<'_>, caller: &Caller, id: &str, key: Option<&str>) -> Result<Option<Vec<u8>>, Problem> {
    let Some(key) = key else { return Ok(None) };
    let envelopes = Envelopes::of(app.ports.db, app.settings.seal_key().as_deref()).await?;
    Ok(Some(provider::seal(&envelopes, app.ports.entropy, (&caller.workspace_id, id), key)?))
}

/// Connects one; gives its id.
pub async fn connect(app: App<'_>, caller: &Caller, kind: &str, sent: &Sent<'_>) -> Result<String, Problem> {
    let kind = kind.parse().map_err(|_| Problem::invalid("kind", "must be one of those offered"))?;
    let with_address = Sent { base_url: Some(sent.base_url.unwrap_or_default()), ..sent.clone() };
    let read = read(app, kind, &with_address)?;
    let name = read.name.ok_or_else(|| Problem::invalid("name", "is missing"))?;
    let models = read.models.ok_or_else(|| Problem::invalid("models", "must name at least one"))?;
    let id = id(app);
    let new = NewProvider {
        id: &id,
        name,
        kind,
        base_url: &read.base_url.unwrap_or_default(),
        models: &models,
        image_model: read.image_model.as_deref().filter(|name| !name.is_empty()),
        sealed_key: seal(app, caller, &id, read.key).await?,
        turn: read.turn.unwrap_or(1),
        at_once_max: read.at_once_max.unwrap_or(AT_ONCE_DEFAULT),
    };
    let made =
        provider::create(app.ports.db, app.ports.clock.pinned_ms(), &caller.workspace_id, new, &caller.actor).await;
    match made.map_err(Problem::from) {
        Ok(true) => Ok(id),
        Ok(false) => Err(Problem::invalid("name", format!("is one too many: {PROVIDERS_MAX} providers are the most"))),
        Err(Problem::AlreadyExists) => Err(Problem::invalid("name", "is taken by another provider")),
        Err(problem) => Err(problem),
    }
}

/// The one with this id.
pub async fn find(app: App<'_>, caller: &Caller, id: &str) -> Result<Provider, Problem> {
    let found = provider::find(app.ports.db, &caller.workspace_id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "provider", id: id.into() })
}

/// Changes one, if it is still as the caller saw it.
pub async fn change(
    app: App<'_>,
    caller: &Caller,
    (id, revision): (&str, i64),
    sent: &Sent<'_>,
) -> Result<(), Problem> {
    let found = find(app, caller, id).await?;
    let read = read(app, found.kind, sent)?;
    let change = Change {
        name: read.name,
        base_url: read.base_url.as_deref(),
        models: read.models.as_deref(),
        image_model: read.image_model.as_deref(),
        sealed_key: seal(app, caller, id, read.key).await?,
        turn: read.turn,
        at_once_max: read.at_once_max,
        paused: sent.paused,
    };
    let of = (caller.workspace_id.as_str(), id, revision);
    let changed = provider::change(app.ports.db, app.ports.clock.pinned_ms(), of, change, &caller.actor).await;
    match changed.map_err(Problem::from) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::Stale),
        Err(Problem::AlreadyExists) => Err(Problem::invalid("name", "is taken by another provider")),
        Err(problem) => Err(problem),
    }
}

/// Disconnects one, and forgets its key.
pub async fn remove(app: App<'_>, caller: &Caller, id: &str) -> Result<(), Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let removed = provider::remove(db, pinned_ms, (&caller.workspace_id, id), &caller.actor).await?;
    if removed { Ok(()) } else { Err(Problem::NotFound { what: "provider", id: id.into() }) }
}

/// Asks that the strategist try one.
pub async fn want_check(app: App<'_>, caller: &Caller, id: &str) -> Result<(), Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let wanted = provider::want_check(db, pinned_ms, (&caller.workspace_id, id)).await?;
    if wanted { Ok(()) } else { Err(Problem::NotFound { what: "provider", id: id.into() }) }
}

/// What a person says of a price: US dollars per million tokens.
#[derive(Clone, Copy, Debug, Default)]
pub struct SentPrice<'a> {
    /// The model.
    pub model: &'a str,
    /// For what is read.
    pub input_usd: &'a str,
    /// For what is read from the provider's cache; empty: the same.
    pub cached_usd: &'a str,
    /// For what is written.
    pub output_usd: &'a str,
    /// For a picture, beside its tokens; empty where the model draws none.
    pub picture_usd: &'a str,
    /// From then on, Unix milliseconds; none: from now on.
    pub since: Option<i64>,
    /// Where it was found.
    pub source: &'a str,
}

/// Sets a price from a time on.
pub async fn set_price(app: App<'_>, caller: &Caller, id: &str, sent: &SentPrice<'_>) -> Result<(), Problem> {
    let found = find(app, caller, id).await?;
    if found.kind.is_free() {
        return Err(Problem::invalid("model", "is on a machine of your own and costs nothing"));
    }
    let amount = |field: &str, text: &str| {
        let read = parse_usd(text.trim());
        read.map(|amount| amount.0).ok_or_else(|| Problem::invalid(field, "must be US dollars, such as `2.50`"))
    };
    let source = sent.source.trim();
    if !(1..=SOURCE_CHARS_MAX).contains(&source.chars().count()) || source.chars().any(char::is_control) {
        return Err(Problem::invalid(
            "source",
            format!("must say where the price was found, in 1 to {SOURCE_CHARS_MAX} characters"),
        ));
    }
    let cached = if sent.cached_usd.trim().is_empty() { sent.input_usd } else { sent.cached_usd };
    let picture = match sent.picture_usd.trim() {
        "" => None,
        text => Some(amount("picture_usd", text)?),
    };
    let new = NewPrice {
        model: sent.model,
        since: sent.since,
        input_micro_usd: amount("input_usd", sent.input_usd)?,
        cached_micro_usd: amount("cached_usd", cached)?,
        output_micro_usd: amount("output_usd", sent.output_usd)?,
        picture_micro_usd: picture,
        source,
    };
    let (db, pinned_ms, of) = (app.ports.db, app.ports.clock.pinned_ms(), (caller.workspace_id.as_str(), id));
    match price::set(db, pinned_ms, of, &new, &caller.actor).await.map_err(Problem::from) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::invalid("model", "is none of this provider's")),
        Err(Problem::AlreadyExists) => Err(Problem::invalid("since", "is when another price began")),
        Err(problem) => Err(problem),
    }
}
