//! The seal over history: the tick makes it, anybody checks it. What is hashed is said in [`domain::seal`].
//!
//! SQLite has one writer, so events are committed in the order of their numbers. Whatever came between reading them
//! and sealing them, the sealing statement counts them once more, and gives way if another seal was made.

use std::collections::BTreeMap;

use domain::seal::{Break, Chain, Line, Seal, Sealed};
use ports::{Db, DbError, Row};
use serde_json::json;

use crate::json::to_json;
use crate::page::limited;

/// Most events that one statement seals.
pub const BATCH_EVENTS: u32 = 1_000;
/// Most batches that one tick seals.
pub const BATCHES_MAX: u32 = 10;

fn line<'a>(row: &Row<'a>) -> Result<Line<'a>, DbError> {
    Ok(Line {
        workspace_id: row.str("workspace_id")?,
        seq: row.int("seq")?,
        at: row.int("at")?,
        campaign_id: row.opt_str("campaign_id")?,
        subject: row.str("subject")?,
        kind: row.str("kind")?,
        actor: row.str("actor")?,
        data: row.str("data")?,
    })
}

/// Seals what is not sealed yet, of all workspaces, in order; answers how many events that were. One cheap statement
/// where there is nothing to seal. Any number may run at once.
pub async fn seal(db: &dyn Db, now_ms: i64) -> Result<u32, DbError> {
    let mut sealed = 0;
    for _ in 0..BATCHES_MAX {
        let some = seal_batch(db, now_ms).await?;
        sealed += some;
        if some < BATCH_EVENTS {
            break;
        }
    }
    Ok(sealed)
}

async fn seal_batch(db: &dyn Db, now_ms: i64) -> Result<u32, DbError> {
    const UNSEALED: &str = "select seq, workspace_id, at, campaign_id, subject, kind, actor, data,
            (select coalesce(max(seq_to), 0) from seal) as sealed_to
        from event where seq > (select coalesce(max(seq_to), 0) from seal) order by seq limit ?1";
    let rows = db.execute(UNSEALED, &[i64::from(BATCH_EVENTS).into()]).await?;
    let (Some(first), Some(last)) = (rows.first(), rows.iter().last()) else { return Ok(0) };
    let (sealed_to, seq_to) = (first.int("sealed_to")?, last.int("seq")?);
    let mut events: BTreeMap<&str, Vec<Sealed>> = BTreeMap::new();
    for row in rows.iter() {
        let line = line(&row)?;
        events.entry(line.workspace_id).or_default().push(line.sealed());
    }
    let heads = heads(db, &events.keys().copied().collect::<Vec<_>>()).await?;
    let seals: Vec<serde_json::Value> = events
        .iter()
        .map(|(workspace_id, events)| {
            let head = heads.get(*workspace_id).cloned().unwrap_or_else(|| Chain::begin(workspace_id));
            json!({ "workspace_id": workspace_id, "seal": Seal::after(&head, now_ms, events) })
        })
        .collect();
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    match record(db, &seals, (sealed_to, seq_to), count).await {
        // Somebody else was quicker, and goes on.
        Ok(0) => Ok(0),
        Err(error) if error.is_refusal("seal_out_of_order") => Ok(0),
        Ok(_) => Ok(u32::try_from(count).unwrap_or(BATCH_EVENTS)),
        Err(error) => Err(error),
    }
}

/// The last seal of each of these workspaces that has one.
async fn heads(db: &dyn Db, workspace_ids: &[&str]) -> Result<BTreeMap<String, Chain>, DbError> {
    const HEADS: &str = "select s.workspace_id, s.number, s.hash, s.seq_to from json_each(?1) w
        join seal s on s.workspace_id = w.value
            and s.number = (select max(number) from seal where workspace_id = w.value)";
    let rows = db.execute(HEADS, &[to_json(&workspace_ids)?.into()]).await?;
    rows.iter()
        .map(|row| {
            let workspace_id = row.text("workspace_id")?;
            let (number, hash, seq_to) = (row.int("number")?, row.text("hash")?, row.int("seq_to")?);
            Ok((workspace_id.clone(), Chain { number, hash, seq_to, ..Chain::begin(&workspace_id) }))
        })
        .collect()
}

async fn record(
    db: &dyn Db,
    seals: &[serde_json::Value],
    (sealed_to, seq_to): (i64, i64),
    count: i64,
) -> Result<usize, DbError> {
    const SEAL: &str = "insert into seal (workspace_id, number, previous, seq_from, seq_to, count, at, hash, marks)
        select f.value ->> '$.workspace_id', f.value ->> '$.seal.number', f.value ->> '$.seal.previous',
            f.value ->> '$.seal.seq_from', f.value ->> '$.seal.seq_to', f.value ->> '$.seal.count',
            f.value ->> '$.seal.at', f.value ->> '$.seal.hash', f.value ->> '$.seal.marks'
        from json_each(?1) f
        where (select coalesce(max(seq_to), 0) from seal) = ?2
          and (select count(*) from event where seq > ?2 and seq <= ?3) = ?4
        returning number";
    let parameters = [to_json(&seals)?.into(), sealed_to.into(), seq_to.into(), count.into()];
    Ok(db.execute(SEAL, &parameters).await?.len())
}

const COLUMNS: &str = "number, previous, seq_from, seq_to, count, at, hash, marks";

fn seal_row(row: Row<'_>) -> Result<Seal, DbError> {
    Ok(Seal {
        number: row.int("number")?,
        previous: row.text("previous")?,
        seq_from: row.int("seq_from")?,
        seq_to: row.int("seq_to")?,
        count: row.int("count")?,
        at: row.int("at")?,
        hash: row.text("hash")?,
        marks: row.text("marks")?,
    })
}

/// Seals of a workspace in order, after this one.
pub async fn after(db: &dyn Db, workspace_id: &str, number: i64, limit: u32) -> Result<Vec<Seal>, DbError> {
    let sql = format!("select {COLUMNS} from seal where workspace_id = ?1 and number > ?2 order by number limit ?3");
    db.execute(&sql, &[workspace_id.into(), number.into(), limited(limit)]).await?.iter().map(seal_row).collect()
}

/// The newest seals of a workspace, the newest first.
pub async fn newest(db: &dyn Db, workspace_id: &str, limit: u32) -> Result<Vec<Seal>, DbError> {
    let sql = format!("select {COLUMNS} from seal where workspace_id = ?1 order by number desc limit ?2");
    db.execute(&sql, &[workspace_id.into(), limited(limit)]).await?.iter().map(seal_row).collect()
}

/// A line of an event as it is hashed, and its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The event's number.
    pub seq: i64,
    /// What is hashed.
    pub line: String,
}

/// What is hashed of a workspace's events, in order, after this one.
pub async fn lines(db: &dyn Db, workspace_id: &str, seq: i64, limit: u32) -> Result<Vec<Text>, DbError> {
    let rows = events(db, workspace_id, (seq, i64::MAX), limit.min(crate::page::LIMIT_MAX + 1)).await?;
    rows.iter().map(|row| line(&row).map(|line| Text { seq: line.seq, line: line.text() })).collect()
}

async fn events(db: &dyn Db, workspace_id: &str, (after, to): (i64, i64), limit: u32) -> Result<ports::Rows, DbError> {
    const EVENTS: &str = "select seq, workspace_id, at, campaign_id, subject, kind, actor, data from event
        where workspace_id = ?1 and seq > ?2 and seq <= ?3 order by seq limit ?4";
    db.execute(EVENTS, &[workspace_id.into(), after.into(), to.into(), i64::from(limit).into()]).await
}

/// How far events are sealed, of all workspaces.
pub async fn sealed_to(db: &dyn Db) -> Result<i64, DbError> {
    let rows = db.execute("select coalesce(max(seq_to), 0) as seq from seal", &[]).await?;
    rows.first().map_or(Ok(0), |row| row.int("seq"))
}

/// What a workspace has that is not sealed yet: how many events (at most a thousand are counted), and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unsealed {
    /// How many.
    pub events: i64,
    /// The oldest one's time, Unix milliseconds.
    pub since: Option<i64>,
}

/// What came after this event of a workspace.
pub async fn unsealed(db: &dyn Db, workspace_id: &str, seq: i64) -> Result<Unsealed, DbError> {
    const UNSEALED: &str = "select count(*) as events, min(at) as since from (
        select at from event where workspace_id = ?1 and seq > ?2 order by seq limit 1000)";
    let rows = db.execute(UNSEALED, &[workspace_id.into(), seq.into()]).await?;
    rows.first().map_or(Ok(Unsealed::default()), |row| {
        Ok(Unsealed { events: row.int("events")?, since: row.opt_int("since")? })
    })
}

/// How a chain is: how far it holds, and where it breaks, if it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// It holds up to here.
    pub chain: Chain,
    /// And there it does not.
    pub broken: Option<Break>,
    /// Whether the hash that somebody kept was met.
    pub met: bool,
    /// What is not sealed yet.
    pub unsealed: Unsealed,
}

/// Seals that are read at once.
const SEALS_A_PAGE: u32 = 50;
/// Events that are read at once, at least.
const EVENTS_A_PAGE: u32 = 2_000;

/// Follows the chain of a workspace from its beginning. `kept`: a hash that should be met.
pub async fn verify(db: &dyn Db, workspace_id: &str, kept: Option<&str>) -> Result<Verdict, DbError> {
    verify_from(db, Chain::begin(workspace_id), kept).await
}

/// Follows the newest part of a chain: at most so many seals, and the one before them taken as it is.
pub async fn verify_newest(db: &dyn Db, workspace_id: &str, seals: u32) -> Result<Verdict, DbError> {
    let newest = newest(db, workspace_id, seals + 1).await?;
    let oldest = newest.last().filter(|_| newest.len() > seals as usize);
    verify_from(db, oldest.map_or_else(|| Chain::begin(workspace_id), |seal| Chain::from(workspace_id, seal)), None)
        .await
}

async fn verify_from(db: &dyn Db, mut chain: Chain, kept: Option<&str>) -> Result<Verdict, DbError> {
    let workspace_id = chain.workspace_id.clone();
    let through = sealed_to(db).await?;
    let mut met = kept.is_some_and(|kept| kept == chain.hash);
    let mut broken = None;
    'chain: loop {
        let seals = after(db, &workspace_id, chain.number, SEALS_A_PAGE).await?;
        if seals.is_empty() {
            break;
        }
        let mut read = Reader { db, workspace_id: &workspace_id, after: chain.after(), ahead: Vec::new() };
        for seal in &seals {
            let events = read.up_to(seal.seq_to, seal.count).await?;
            if let Err(found) = chain.follow(seal, &events) {
                broken = Some(found);
                break 'chain;
            }
            met |= kept == Some(&chain.hash);
        }
    }
    // All up to `through` was sealed, whoever's it was: what stands there without a seal was put there, or lost it.
    if broken.is_none() {
        let rest = events(db, &workspace_id, (chain.after(), through), 1).await?;
        broken = rest.first().map(|row| row.int("seq").map(|seq| Break::Inserted { seq })).transpose()?;
    }
    if broken.is_none() && kept.is_some() && !met {
        broken = Some(Break::HeadMissing);
    }
    let unsealed = unsealed(db, &workspace_id, chain.seq_to).await?;
    Ok(Verdict { chain, broken, met, unsealed })
}

/// Reads events in bounded pages, and gives them seal by seal.
struct Reader<'a> {
    db: &'a dyn Db,
    workspace_id: &'a str,
    after: i64,
    ahead: Vec<Sealed>,
}

impl Reader<'_> {
    /// The events up to this one. Where there are many more than the seal should have, not all of them.
    async fn up_to(&mut self, seq_to: i64, count: i64) -> Result<Vec<Sealed>, DbError> {
        let wanted = usize::try_from(count).unwrap_or(0).saturating_add(1);
        while self.ahead.last().is_none_or(|event| event.seq <= seq_to) && self.ahead.len() <= wanted {
            let rows = events(self.db, self.workspace_id, (self.after, i64::MAX), EVENTS_A_PAGE).await?;
            for row in rows.iter() {
                self.ahead.push(line(&row)?.sealed());
            }
            let Some(last) = self.ahead.last() else { break };
            self.after = last.seq;
            if rows.len() < EVENTS_A_PAGE as usize {
                break;
            }
        }
        let end = self.ahead.partition_point(|event| event.seq <= seq_to);
        let rest = self.ahead.split_off(end);
        Ok(std::mem::replace(&mut self.ahead, rest))
    }
}

/// Whose chains there are: the ids and names of all workspaces.
pub async fn workspaces(db: &dyn Db) -> Result<Vec<(String, String)>, DbError> {
    let rows = db.execute("select id, name from workspace order by created_at, id", &[]).await?;
    rows.iter().map(|row| Ok((row.text("id")?, row.text("name")?))).collect()
}

/// Numbers are given out once and events never go, so the last number given is the last event's. `Some`: it is not,
/// and this one was given last.
pub async fn lost_tail(db: &dyn Db) -> Result<Option<i64>, DbError> {
    const TAIL: &str = "select given.seq from sqlite_sequence given
        where given.name = 'event' and given.seq > (select coalesce(max(seq), 0) from event)";
    db.execute(TAIL, &[]).await?.first().map(|row| row.int("seq")).transpose()
}

#[cfg(test)]
mod tests;
