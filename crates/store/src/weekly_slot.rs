//! Weekly slots of channels, and who holds them: a post holds a slot of its channel when it is due at that instant.

use std::collections::BTreeMap;

use domain::weekly::{self, Occurrence, WeeklySlot};
use ports::{Db, DbError, Row};

use crate::json::to_json;
use crate::now;

/// A slot as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id; one of a kind in its channel.
    pub id: String,
    /// When.
    pub slot: WeeklySlot,
    /// Whether it counts.
    pub enabled: bool,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

const COLUMNS: &str = "id, weekday, local_time, timezone, enabled, revision, created_at, updated_at";

fn slot(row: &Row<'_>) -> Result<WeeklySlot, DbError> {
    let wrong = |complaint: String| DbError::Column { column: "local_time".into(), complaint };
    let weekday = i8::try_from(row.int("weekday")?).map_err(|error| wrong(error.to_string()))?;
    WeeklySlot::parse(weekday, row.str("local_time")?, row.str("timezone")?)
        .map_err(|complaints| wrong(format!("{complaints:?}")))
}

fn kept(row: Row<'_>) -> Result<Kept, DbError> {
    Ok(Kept {
        id: row.text("id")?,
        slot: slot(&row)?,
        enabled: row.bool("enabled")?,
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

/// All of a channel's, through the week. There are never more than [`weekly::SLOTS_MAX`].
pub async fn list(db: &dyn Db, workspace_id: &str, channel_id: &str) -> Result<Vec<Kept>, DbError> {
    let sql = format!(
        "select {COLUMNS} from weekly_slot where workspace_id = ?1 and channel_id = ?2
        order by weekday, local_time, timezone"
    );
    db.execute(&sql, &[workspace_id.into(), channel_id.into()]).await?.iter().map(kept).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, channel_id: &str, id: &str) -> Result<Option<Kept>, DbError> {
    let sql = format!("select {COLUMNS} from weekly_slot where workspace_id = ?1 and channel_id = ?2 and id = ?3");
    db.execute(&sql, &[workspace_id.into(), channel_id.into(), id.into()]).await?.first().map(kept).transpose()
}

/// The slots of a channel that count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OfChannel {
    /// The channel's name.
    pub name: String,
    /// At least one.
    pub slots: Vec<WeeklySlot>,
}

/// Those of a workspace that count, by the ids of their channels; channels without are left out.
pub async fn by_channel(db: &dyn Db, workspace_id: &str) -> Result<BTreeMap<String, OfChannel>, DbError> {
    let sql = "select w.channel_id, ch.name, w.weekday, w.local_time, w.timezone
        from weekly_slot w join channel ch on ch.workspace_id = w.workspace_id and ch.id = w.channel_id
        where w.workspace_id = ?1 and w.enabled = 1";
    let mut found: BTreeMap<String, OfChannel> = BTreeMap::new();
    for row in db.execute(sql, &[workspace_id.into()]).await?.iter() {
        let of = found.entry(row.text("channel_id")?).or_default();
        of.name = row.text("name")?;
        of.slots.push(slot(&row)?);
    }
    Ok(found)
}

/// Adds a time to several days of the week; those that are there already stay as they are. Answers the new ids: none
/// where all were there, where there is no such channel, or where it would have too many. A slot's id is `id`, `-` and
/// its weekday.
pub async fn add(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, channel_id, id): (&str, &str, &str),
    new: &[WeeklySlot],
    actor: &str,
) -> Result<Vec<String>, DbError> {
    const ADD: &str = concat!(
        "insert into weekly_slot (workspace_id, channel_id, id, weekday, local_time, timezone, changed_by, created_at,
            updated_at)
        select ch.workspace_id, ch.id, ?4 || '-' || (e.value ->> '$.weekday'), e.value ->> '$.weekday',
            e.value ->> '$.local_time', e.value ->> '$.timezone', ?6, ",
        now!(),
        ", ",
        now!(),
        "
        from channel ch join json_each(?5) e
        where ch.workspace_id = ?2 and ch.id = ?3
          and ?7 >= json_array_length(?5) + (select count(*) from weekly_slot where workspace_id = ?2 and channel_id = ?3)
        on conflict do nothing
        returning id"
    );
    let all: Vec<_> = new
        .iter()
        .map(|one| serde_json::json!({ "weekday": one.weekday, "local_time": one.clock(), "timezone": one.timezone }))
        .collect();
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        channel_id.into(),
        id.into(),
        to_json(&all)?.into(),
        actor.into(),
        i64::try_from(weekly::SLOTS_MAX).unwrap_or(i64::MAX).into(),
    ];
    db.execute(ADD, &parameters).await?.iter().map(|row| row.text("id")).collect()
}

/// Lets one rest, or count again, if it is still at this revision. `false`: it is not, or there is none.
pub async fn set_enabled(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, channel_id, id, revision): (&str, &str, &str, i64),
    enabled: bool,
    actor: &str,
) -> Result<bool, DbError> {
    const SET: &str = concat!(
        "update weekly_slot set enabled = ?6, changed_by = ?7, revision = revision + 1, updated_at = ",
        now!(),
        " where workspace_id = ?2 and channel_id = ?3 and id = ?4 and revision = ?5 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        channel_id.into(),
        id.into(),
        revision.into(),
        enabled.into(),
        actor.into(),
    ];
    Ok(!db.execute(SET, &parameters).await?.is_empty())
}

/// Takes one away. Posts that hold it keep their time. `false`: there is none.
pub async fn remove(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, channel_id, id): (&str, &str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const REMOVE: &str = concat!(
        "insert into weekly_slot_end (workspace_id, channel_id, slot_id, weekday, local_time, timezone, user_id, at)
        select workspace_id, channel_id, id, weekday, local_time, timezone, ?5, ",
        now!(),
        " from weekly_slot where workspace_id = ?2 and channel_id = ?3 and id = ?4
        returning slot_id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), channel_id.into(), id.into(), actor.into()];
    Ok(!db.execute(REMOVE, &parameters).await?.is_empty())
}

/// Whether another post `q` of a channel holds an instant: one that may still go out then, or has. A time-lapse is not
/// played at its times, and what was put away goes out at none.
macro_rules! is_held {
    () => {
        "exists (select 1 from post q join campaign k on k.workspace_id = q.workspace_id and k.id = q.campaign_id
            where q.workspace_id = free.workspace_id and q.channel_id = free.channel_id and q.due_at = free.due_at
              and q.id <> free.post_id and q.state not in ('missed', 'rejected', 'cancelled')
              and k.time_lapse = 0 and k.archived_at is null)"
    };
}

/// The instant, and its wall time in the campaign's zone, that a post takes of those offered as JSON: the first that no
/// other post of its channel holds at the moment of the statement. Two posts at once take different ones: SQLite has
/// one writer at a time. Names the offer's parameter, and where workspace, channel and post come from.
macro_rules! first_free {
    ($offer:literal, $workspace:literal, $channel:literal, $post:literal) => {
        concat!(
            "(select free.local, free.due_at from (
                select e.value ->> '$[0]' as due_at, e.value ->> '$[1]' as local, ",
            $workspace,
            " as workspace_id, ",
            $channel,
            " as channel_id, ",
            $post,
            " as post_id from json_each(",
            $offer,
            ") e) free
            where free.due_at > ",
            $crate::now!(),
            " and not ",
            $crate::weekly_slot::is_held!(),
            " order by free.due_at limit 1)"
        )
    };
}
pub(crate) use {first_free, is_held};

/// Instants of a window that posts of these channels hold, except one; or that plans which wait for approval would give
/// them. By channel, in order.
async fn held(
    db: &dyn Db,
    workspace_id: &str,
    channel_ids: &[&str],
    (from_ms, until_ms): (i64, i64),
    except: Option<&str>,
) -> Result<BTreeMap<String, Vec<i64>>, DbError> {
    let sql = "select q.channel_id, q.due_at from post q
            join campaign k on k.workspace_id = q.workspace_id and k.id = q.campaign_id
            where q.workspace_id = ?1 and q.due_at > ?3 and q.due_at < ?4
              and q.channel_id in (select value from json_each(?2)) and q.id is not ?5
              and q.state not in ('missed', 'rejected', 'cancelled') and k.time_lapse = 0 and k.archived_at is null
        union all
        select ch.id, s.value ->> '$.due_at'
            from strategy p
            join campaign k on k.workspace_id = p.workspace_id and k.id = p.campaign_id
            join json_each(p.document, '$.calendar') e
            join json_each(p.slots) s on s.value ->> '$.ordinal' = e.value ->> '$.slot'
            join channel ch on ch.workspace_id = p.workspace_id and ch.name = e.value ->> '$.channel'
            where p.workspace_id = ?1 and p.state = 'proposed' and k.stage = 'strategy_approval'
              and k.time_lapse = 0 and k.archived_at is null
              and ch.id in (select value from json_each(?2))
              and s.value ->> '$.due_at' > ?3 and s.value ->> '$.due_at' < ?4
        order by 1, 2";
    let parameters =
        [workspace_id.into(), to_json(&channel_ids)?.into(), from_ms.into(), until_ms.into(), except.into()];
    let mut found: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in db.execute(sql, &parameters).await?.iter() {
        found.entry(row.text("channel_id")?).or_default().push(row.int("due_at")?);
    }
    Ok(found)
}

/// The slots of these channels that nobody holds, or this post alone, after an instant and before another; by channel,
/// in order.
pub async fn free(
    db: &dyn Db,
    workspace_id: &str,
    channels: &BTreeMap<String, OfChannel>,
    (after_ms, until_ms): (i64, i64),
    except: Option<&str>,
) -> Result<BTreeMap<String, Vec<Occurrence>>, DbError> {
    if channels.is_empty() {
        return Ok(BTreeMap::new());
    }
    let ids: Vec<&str> = channels.keys().map(String::as_str).collect();
    let held = held(db, workspace_id, &ids, (after_ms, until_ms), except).await?;
    let mut found = BTreeMap::new();
    for (channel_id, of) in channels {
        let mut all = weekly::occurrences(&of.slots, after_ms, until_ms)
            .map_err(|error| DbError::Column { column: "timezone".into(), complaint: error.to_string() })?;
        if let Some(held) = held.get(channel_id) {
            all.retain(|one| held.binary_search(&one.at).is_err());
        }
        found.insert(channel_id.clone(), all);
    }
    Ok(found)
}

/// What is offered to [`crate::post::move_to_free_slot`] and [`crate::added_post::add`]: instants, each with its wall
/// time in the campaign's zone.
pub(crate) fn offered(free: &[(i64, String)]) -> Result<String, DbError> {
    to_json(&free)
}

#[cfg(test)]
#[path = "weekly_slot/tests.rs"]
mod tests;
