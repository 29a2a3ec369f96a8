//! Prices of models, from a day on, as a workspace's people say.

use ports::{Db, DbError, Row};

use crate::now;

/// What a model's tokens cost, in micro-USD per million.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Whose model.
    pub provider_id: String,
    /// The model.
    pub model: String,
    /// From then on, Unix milliseconds.
    pub since: i64,
    /// Read.
    pub input_micro_usd: i64,
    /// Read from the provider's cache.
    pub cached_micro_usd: i64,
    /// Written.
    pub output_micro_usd: i64,
    /// A picture, beside its tokens; none where the model draws none.
    pub picture_micro_usd: Option<i64>,
    /// Where it was found.
    pub source: String,
    /// Who said so.
    pub set_by: String,
    /// When, Unix milliseconds.
    pub at: i64,
}

fn price(row: Row<'_>) -> Result<Price, DbError> {
    Ok(Price {
        provider_id: row.text("provider_id")?,
        model: row.text("model")?,
        since: row.int("since")?,
        input_micro_usd: row.int("input_micro_usd")?,
        cached_micro_usd: row.int("cached_micro_usd")?,
        output_micro_usd: row.int("output_micro_usd")?,
        picture_micro_usd: row.opt_int("picture_micro_usd")?,
        source: row.text("source")?,
        set_by: row.text("set_by")?,
        at: row.int("at")?,
    })
}

/// Most prices that a list holds.
pub const PRICES_MAX: u32 = 200;

const SELECT: &str =
    "select provider_id, model, since, input_micro_usd, cached_micro_usd, output_micro_usd, picture_micro_usd, source,
    set_by, at from price";

/// Those that count now, of all the providers that are connected.
pub async fn current(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Vec<Price>, DbError> {
    let sql = format!(
        "{SELECT} where workspace_id = ?2 and since = (
            select max(q.since) from price q where q.workspace_id = price.workspace_id
              and q.provider_id = price.provider_id and q.model = price.model and q.since <= {})
          and exists (select 1 from provider p where p.workspace_id = price.workspace_id and p.id = price.provider_id
                        and p.removed_at is null)",
        now!()
    );
    db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?.iter().map(price).collect()
}

/// A provider's, by model, the newest first.
pub async fn list(db: &dyn Db, workspace_id: &str, provider_id: &str) -> Result<Vec<Price>, DbError> {
    let sql =
        format!("{SELECT} where workspace_id = ?1 and provider_id = ?2 order by model, since desc limit {PRICES_MAX}");
    db.execute(&sql, &[workspace_id.into(), provider_id.into()]).await?.iter().map(price).collect()
}

/// A price that holds from a time on.
#[derive(Clone, Copy, Debug)]
pub struct NewPrice<'a> {
    /// The model.
    pub model: &'a str,
    /// From then on, Unix milliseconds; none: from now on.
    pub since: Option<i64>,
    /// Read, micro-USD per million tokens.
    pub input_micro_usd: i64,
    /// Read from the cache.
    pub cached_micro_usd: i64,
    /// Written.
    pub output_micro_usd: i64,
    /// A picture, beside its tokens, where the model draws any.
    pub picture_micro_usd: Option<i64>,
    /// Where it was found.
    pub source: &'a str,
}

/// Sets one. `false`: the provider is not there, or has no such model. One of the same moment is a conflict.
pub async fn set(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, provider_id): (&str, &str),
    new: &NewPrice<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const SET: &str = concat!(
        "insert into price (workspace_id, provider_id, model, since, input_micro_usd, cached_micro_usd, output_micro_usd,
                            source, set_by, at, picture_micro_usd)
        select p.workspace_id, p.id, ?4, coalesce(?5, ", now!(), "), ?6, ?7, ?8, ?9, ?10, ", now!(), ", ?11
        from provider p where p.workspace_id = ?2 and p.id = ?3 and p.removed_at is null
          and (p.image_model = ?4 or exists (select 1 from json_each(p.models) m where m.value = ?4)) returning model"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        provider_id.into(),
        new.model.into(),
        new.since.into(),
        new.input_micro_usd.into(),
        new.cached_micro_usd.into(),
        new.output_micro_usd.into(),
        new.source.into(),
        actor.into(),
        new.picture_micro_usd.into(),
    ];
    Ok(!db.execute(SET, &parameters).await?.is_empty())
}
