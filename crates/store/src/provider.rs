//! Providers of language models, a workspace's own. Their keys are sealed for their row, and opened only by whoever
//! makes the call.

use domain::{CheckVerdict, ProviderKind};
use ports::{Db, DbError, Entropy, Row};

use crate::envelope::{EnvelopeError, Envelopes, Place};
use crate::json::{json, to_json};
use crate::now;

/// A provider, without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its id.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Whose wire it speaks.
    pub kind: ProviderKind,
    /// Where it is.
    pub base_url: String,
    /// Its models; the first is the one that stands in for others.
    pub models: Vec<String>,
    /// Its model for pictures, where it draws any.
    pub image_model: Option<String>,
    /// When its key was set, Unix milliseconds; none: it has no key.
    pub key_at: Option<i64>,
    /// Who is asked first, and who stands in: 1 before 2.
    pub turn: u32,
    /// Most calls at a time.
    pub at_once_max: u32,
    /// Nobody asks it while it is.
    pub paused: bool,
    /// It asked us to wait until then, Unix milliseconds; 0 if it never did.
    pub blocked_until: i64,
    /// Somebody asked at this time whether it works, and nobody has tried yet.
    pub check_wanted_at: Option<i64>,
    /// What came of the last try.
    pub check: Option<Check>,
    /// Grows with every change of a person's: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// When a person last changed it, Unix milliseconds.
    pub updated_at: i64,
}

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Unix milliseconds.
    pub at: i64,
    /// In a word.
    pub verdict: CheckVerdict,
    /// In a sentence.
    pub says: String,
}

const COLUMNS: &str = "id, name, kind, base_url, models, image_model, key_at, turn, at_once_max, paused, blocked_until,
    check_wanted_at, checked_at, check_verdict, check_says, revision, created_at, updated_at";

fn provider(row: Row<'_>) -> Result<Provider, DbError> {
    let check = match row.opt_int("checked_at")? {
        Some(at) => Some(Check { at, verdict: row.parsed("check_verdict")?, says: row.text("check_says")? }),
        None => None,
    };
    Ok(Provider {
        id: row.text("id")?,
        name: row.text("name")?,
        kind: row.parsed("kind")?,
        base_url: row.text("base_url")?,
        models: json(&row, "models")?,
        image_model: row.opt_text("image_model")?,
        key_at: row.opt_int("key_at")?,
        turn: small(&row, "turn")?,
        at_once_max: small(&row, "at_once_max")?,
        paused: row.bool("paused")?,
        blocked_until: row.int("blocked_until")?,
        check_wanted_at: row.opt_int("check_wanted_at")?,
        check,
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

fn small(row: &Row<'_>, column: &str) -> Result<u32, DbError> {
    let number = row.int(column)?;
    u32::try_from(number)
        .map_err(|_| DbError::Column { column: column.into(), complaint: format!("{number} is out of range") })
}

/// Most providers of a workspace.
pub const PROVIDERS_MAX: u32 = 20;

/// What a key is sealed for: this row of this workspace, and no other.
fn place(row: &str) -> Place<'_> {
    Place { table: "provider", column: "sealed_key", row }
}

fn row_of(workspace_id: &str, id: &str) -> String {
    format!("{workspace_id}:{id}")
}

/// Seals a key for its row.
pub fn seal(
    envelopes: &Envelopes,
    entropy: &dyn Entropy,
    (workspace_id, id): (&str, &str),
    key: &str,
) -> Result<Vec<u8>, EnvelopeError> {
    envelopes.seal(entropy, place(&row_of(workspace_id, id)), key.as_bytes())
}

/// A workspace's, in their turn.
pub async fn list(db: &dyn Db, workspace_id: &str) -> Result<Vec<Provider>, DbError> {
    let sql = format!(
        "select {COLUMNS} from provider where workspace_id = ?1 and removed_at is null order by turn, name limit {PROVIDERS_MAX}"
    );
    db.execute(&sql, &[workspace_id.into()]).await?.iter().map(provider).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Provider>, DbError> {
    let sql = format!("select {COLUMNS} from provider where workspace_id = ?1 and id = ?2 and removed_at is null");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(provider).transpose()
}

/// One that is to be connected.
#[derive(Clone, Debug)]
pub struct NewProvider<'a> {
    /// A new id.
    pub id: &'a str,
    /// As people call it.
    pub name: &'a str,
    /// Whose wire it speaks.
    pub kind: ProviderKind,
    /// Where it is.
    pub base_url: &'a str,
    /// Its models.
    pub models: &'a [String],
    /// Its model for pictures.
    pub image_model: Option<&'a str>,
    /// Its key, sealed ([`seal`]).
    pub sealed_key: Option<Vec<u8>>,
    /// Who is asked first.
    pub turn: u32,
    /// Most calls at a time.
    pub at_once_max: u32,
}

/// Connects one. A name that is taken is a conflict; `false`: the workspace has as many as it may have.
pub async fn create(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    new: NewProvider<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CREATE: &str = concat!(
        "insert into provider (workspace_id, id, name, kind, base_url, models, sealed_key, key_at, turn, at_once_max,
                               changed_by, created_at, updated_at, image_model)
        select ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?8 is null, null, ",
        now!(),
        "), ?9, ?10, ?11, ",
        now!(),
        ", ",
        now!(),
        ", ?13 where (select count(*) from provider where workspace_id = ?2 and removed_at is null) < ?12 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        new.id.into(),
        new.name.into(),
        new.kind.as_str().into(),
        new.base_url.into(),
        to_json(&new.models)?.into(),
        new.sealed_key.into(),
        i64::from(new.turn).into(),
        i64::from(new.at_once_max).into(),
        actor.into(),
        i64::from(PROVIDERS_MAX).into(),
        new.image_model.into(),
    ];
    Ok(!db.execute(CREATE, &parameters).await?.is_empty())
}

/// What a person can change of one; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Change<'a> {
    /// Another name.
    pub name: Option<&'a str>,
    /// Another address.
    pub base_url: Option<&'a str>,
    /// Other models.
    pub models: Option<&'a [String]>,
    /// Another model for pictures; empty: it draws none.
    pub image_model: Option<&'a str>,
    /// Another key, sealed.
    pub sealed_key: Option<Vec<u8>>,
    /// Another turn.
    pub turn: Option<u32>,
    /// Another number of calls at a time.
    pub at_once_max: Option<u32>,
    /// Whether nobody is to ask it.
    pub paused: Option<bool>,
}

/// Changes one, if it is still as the caller saw it. `false`: it is not, or there is none. A key goes to the address
/// that it was given for: another address without another key forgets it.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    change: Change<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update provider set name = coalesce(?5, name), base_url = coalesce(?6, base_url), models = coalesce(?7, models),
            sealed_key = case when ?8 is not null then ?8 when ?6 <> base_url then null else sealed_key end,
            key_at = case when ?8 is not null then ", now!(), " when ?6 <> base_url then null else key_at end,
            turn = coalesce(?9, turn), at_once_max = coalesce(?10, at_once_max), paused = coalesce(?11, paused),
            image_model = iif(?13 is null, image_model, nullif(?13, '')),
            blocked_until = iif(?8 is null, blocked_until, 0),
            revision = revision + 1, changed_by = ?12, updated_at = ", now!(), "
        where workspace_id = ?2 and id = ?3 and revision = ?4 and removed_at is null returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        change.name.into(),
        change.base_url.into(),
        change.models.map(|models| to_json(&models)).transpose()?.into(),
        change.sealed_key.into(),
        change.turn.map(i64::from).into(),
        change.at_once_max.map(i64::from).into(),
        change.paused.map(i64::from).into(),
        actor.into(),
        change.image_model.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Disconnects one and forgets its key; agents that asked it ask whoever's turn is first. `false`: there is none.
pub async fn remove(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const REMOVE: &str = concat!(
        "update provider set removed_at = ",
        now!(),
        ", sealed_key = null, key_at = null, check_wanted_at = null, revision = revision + 1, changed_by = ?4,
            updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and removed_at is null returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), actor.into()];
    Ok(!db.execute(REMOVE, &parameters).await?.is_empty())
}

/// Asks that somebody try it. Asking again while it waits changes nothing. `false`: there is none.
pub async fn want_check(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
) -> Result<bool, DbError> {
    const WANT: &str = concat!(
        "update provider set check_wanted_at = coalesce(check_wanted_at, ",
        now!(),
        ") where workspace_id = ?2 and id = ?3 and removed_at is null returning id"
    );
    Ok(!db.execute(WANT, &[pinned_ms.into(), workspace_id.into(), id.into()]).await?.is_empty())
}

/// Somebody who can be asked, with the key as it is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The workspace.
    pub workspace_id: String,
    /// The provider.
    pub id: String,
    /// As people call it.
    pub name: String,
    /// Whose wire it speaks.
    pub kind: ProviderKind,
    /// Where it is.
    pub base_url: String,
    /// Which of its models.
    pub model: String,
    /// The agent chose it; else it has its turn.
    pub is_chosen: bool,
    sealed_key: Option<Vec<u8>>,
    /// What its tokens cost as the workspace's people say: read, read from the cache, written, in micro-USD per
    /// million.
    pub prices: Option<(i64, i64, i64)>,
    /// What a picture costs beside its tokens, where they say so.
    pub picture_micro_usd: Option<i64>,
}

impl Link {
    /// The key; none where it has none. Only whoever makes the call opens it.
    pub fn key(&self, envelopes: &Envelopes) -> Result<Option<String>, EnvelopeError> {
        let Some(sealed) = &self.sealed_key else { return Ok(None) };
        let opened = envelopes.open(place(&row_of(&self.workspace_id, &self.id)), sealed)?;
        String::from_utf8(opened).map(Some).map_err(|_| EnvelopeError::Broken)
    }

    /// Whether it has a key.
    pub fn has_key(&self) -> bool {
        self.sealed_key.is_some()
    }
}

fn link(row: Row<'_>) -> Result<Link, DbError> {
    let prices = match row.opt_int("input_micro_usd")? {
        Some(input) => Some((input, row.int("cached_micro_usd")?, row.int("output_micro_usd")?)),
        None => None,
    };
    Ok(Link {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        name: row.text("name")?,
        kind: row.parsed("kind")?,
        base_url: row.text("base_url")?,
        model: row.text("model")?,
        is_chosen: row.bool("is_chosen")?,
        sealed_key: match row.value("sealed_key")? {
            ports::Value::Null => None,
            _ => Some(row.blob("sealed_key")?.to_vec()),
        },
        prices,
        picture_micro_usd: row.opt_int("picture_micro_usd")?,
    })
}

const LINK: &str = concat!(
    "select p.workspace_id, p.id, p.name, p.kind, p.base_url, p.sealed_key, p.asked as model, p.is_chosen,
        price.input_micro_usd, price.cached_micro_usd, price.output_micro_usd, price.picture_micro_usd
    from asked p
    left join price on price.workspace_id = p.workspace_id and price.provider_id = p.id and price.model = p.asked
        and price.since = (select max(q.since) from price q where q.workspace_id = p.workspace_id
                           and q.provider_id = p.id and q.model = p.asked and q.since <= ",
    now!(),
    ")"
);

/// Most providers that are asked for one answer.
pub const LINKS_MAX: u32 = 4;

/// Whom the agent of a step asks, the one it chose first, then the others in their turn, each with its first model.
/// Empty: the workspace has none, and the operator's model answers.
pub async fn chain(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    role: domain::AgentRole,
) -> Result<Vec<Link>, DbError> {
    let sql = format!(
        "with chosen as (select provider_id, model from agent where workspace_id = ?2 and id = ?3),
        asked as (
            select p.*, coalesce(p.id = (select provider_id from chosen), 0) as is_chosen,
                iif(p.id = (select provider_id from chosen)
                        and exists (select 1 from json_each(p.models) m where m.value = (select model from chosen)),
                    (select model from chosen), p.models ->> '$[0]') as asked
            from provider p where p.workspace_id = ?2 and p.removed_at is null and p.paused = 0)
        {LINK} order by p.is_chosen desc, p.turn, p.name limit {LINKS_MAX}"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), role.as_str().into()];
    db.execute(&sql, &parameters).await?.iter().map(link).collect()
}

/// Whoever turns texts into vectors of meaning: the first in its turn that has a model whose name says so: `…embed…`, or
/// the one that Spin itself has for it.
pub async fn embedder(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Option<Link>, DbError> {
    let sql = format!(
        "with asked as (
            select p.*, (select m.value from json_each(p.models) m where m.value like '%embed%'
                         or (p.kind = 'spin_llm' and m.value like '%minilm%') limit 1) as asked, 0 as is_chosen
            from provider p where p.workspace_id = ?2 and p.removed_at is null and p.paused = 0
              and p.kind in ('openai', 'ollama', 'spin_llm'))
        {LINK} where p.asked is not null order by p.turn, p.name limit 1"
    );
    db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?.first().map(link).transpose()
}

/// Whoever draws pictures: the first in its turn that has a model for it.
pub async fn painter(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Option<Link>, DbError> {
    let sql = format!(
        "with asked as (
            select p.*, p.image_model as asked, 0 as is_chosen from provider p
            where p.workspace_id = ?2 and p.removed_at is null and p.paused = 0 and p.kind = 'openai')
        {LINK} where p.asked is not null order by p.turn, p.name limit 1"
    );
    db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?.first().map(link).transpose()
}

/// Those that somebody wants tried, the first come first, each with its first model.
pub async fn wanted(db: &dyn Db, pinned_ms: Option<i64>, limit: u32) -> Result<Vec<Link>, DbError> {
    let sql = format!(
        "with asked as (
            select p.*, p.models ->> '$[0]' as asked, 0 as is_chosen from provider p where p.check_wanted_at is not null
            order by p.check_wanted_at limit ?2)
        {LINK}"
    );
    db.execute(&sql, &[pinned_ms.into(), i64::from(limit).into()]).await?.iter().map(link).collect()
}

/// Says what came of a try.
pub async fn checked(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    link: &Link,
    (verdict, says): (CheckVerdict, &str),
) -> Result<(), DbError> {
    const CHECKED: &str = concat!(
        "update provider set check_wanted_at = null, checked_at = ",
        now!(),
        ", check_model = ?4, check_verdict = ?5, check_says = ?6
        where workspace_id = ?2 and id = ?3 and check_wanted_at is not null and removed_at is null"
    );
    let parameters = [
        pinned_ms.into(),
        link.workspace_id.as_str().into(),
        link.id.as_str().into(),
        link.model.as_str().into(),
        verdict.as_str().into(),
        says.into(),
    ];
    db.execute(CHECKED, &parameters).await.map(|_| ())
}

#[cfg(test)]
mod tests;
