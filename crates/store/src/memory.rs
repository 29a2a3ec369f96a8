//! Memory: what people decided, changed and published before. Triggers fill it; jobs are reminded of it.

pub mod vector;
mod words;

use std::collections::BTreeMap;

use domain::memory::Candidate;
use domain::{MemoryKind, Mode, Step};
use ports::{Db, DbError, Row, Rows};
use serde::Serialize;
use serde_json::json;

use crate::now;
use crate::page::{Key, limited, older_than};
use words::expression;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Where it comes from: `approval:<id>`, `version:<post>:<number>` …
    pub id: String,
    /// What it is.
    pub kind: MemoryKind,
    /// The campaign that it comes from.
    pub campaign_id: Option<String>,
    /// The post.
    pub post_id: Option<String>,
    /// Of the post, or of the plan.
    pub version: Option<i64>,
    /// Rehearsal or performance; none for the brand's.
    pub mode: Option<Mode>,
    /// Channel, pillar and angle.
    pub about: String,
    /// What was said; empty once it is forgotten.
    pub text: String,
    /// What an edit began from.
    pub before: Option<String>,
    /// The mean of a published post's scores, in tenths.
    pub mean_tenths: Option<i64>,
    /// Whose it is: a user's id, `brand`, `publisher`.
    pub by: String,
    /// Unix milliseconds.
    pub at: i64,
    /// When somebody had it forgotten.
    pub forgotten_at: Option<i64>,
    /// Who.
    pub forgotten_by: Option<String>,
    /// How many jobs were reminded of it.
    pub uses: i64,
}

impl Memory {
    /// Its place in a list that is sorted by time.
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.clone() }
    }
}

const COLUMNS: &str =
    "m.id, m.kind, m.campaign_id, m.post_id, m.version, m.mode, m.about, m.text, m.before, m.mean_tenths,
    m.by, m.at, m.forgotten_at, m.forgotten_by";
/// How many uses of an entry are counted in lists.
pub const USES_COUNTED_MAX: i64 = 50;

fn uses_column() -> String {
    format!(
        "(select count(*) from (select 1 from recalled u
        where u.workspace_id = m.workspace_id and u.memory_id = m.id limit {USES_COUNTED_MAX})) as uses"
    )
}

fn memory(row: Row<'_>) -> Result<Memory, DbError> {
    Ok(Memory {
        id: row.text("id")?,
        kind: row.parsed("kind")?,
        campaign_id: row.opt_text("campaign_id")?,
        post_id: row.opt_text("post_id")?,
        version: row.opt_int("version")?,
        mode: row.opt_parsed("mode")?,
        about: row.text("about")?,
        text: row.text("text")?,
        before: row.opt_text("before")?,
        mean_tenths: row.opt_int("mean_tenths")?,
        by: row.text("by")?,
        at: row.int("at")?,
        forgotten_at: row.opt_int("forgotten_at")?,
        forgotten_by: row.opt_text("forgotten_by")?,
        uses: row.int("uses")?,
    })
}

/// Most entries that are found by their words for one job.
const MATCHED_MAX: u32 = 40;
/// Most entries that are looked at because they are new.
const NEWEST_MAX: u32 = 40;

/// What a rehearsal published is no example for a performance, nor the other way round; people's words hold for both.
const FITS: &str = "m.workspace_id = ?1 and m.forgotten_at is null and (m.kind <> 'published'
    or m.mode = (select c.mode from campaign c where c.workspace_id = ?1 and c.id = ?2))";

/// What a job of this campaign may be reminded of: what these words find, the best first, and what is newest.
pub async fn candidates(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    words: &[String],
) -> Result<Vec<Candidate<Memory>>, DbError> {
    let newest = format!(
        "select * from (select {COLUMNS}, 0 as uses, null as distance from memory m where {FITS}
            order by m.at desc, m.id desc limit {NEWEST_MAX})"
    );
    let rows = match expression(workspace_id, words) {
        None => db.execute(&newest, &[workspace_id.into(), campaign_id.into()]).await?,
        Some(expression) => {
            // The workspace's own column weighs nothing: it is the same for all.
            let sql = format!(
                "select * from (select {COLUMNS}, 0 as uses, bm25(memory_words, 0.0, 1.0, 2.0) as distance
                    from memory_words join memory m on m.number = memory_words.rowid
                    where memory_words match ?3 and {FITS} order by distance, m.at desc, m.id desc limit {MATCHED_MAX})
                union all {newest}"
            );
            db.execute(&sql, &[workspace_id.into(), campaign_id.into(), expression.into()]).await?
        }
    };
    gathered(&rows)
}

/// What people say when they decide.
const DECISIONS: [MemoryKind; 3] = [MemoryKind::SentBack, MemoryKind::Rejected, MemoryKind::Approved];
/// Most decisions of a kind that are looked at because they are new.
const NEWEST_DECISIONS_MAX: u32 = 15;

/// What a review may be reminded of: what people said when they decided, as far as these words find it, the best first,
/// and what is newest of each kind.
pub async fn decisions(db: &dyn Db, workspace_id: &str, words: &[String]) -> Result<Vec<Candidate<Memory>>, DbError> {
    let newest = DECISIONS.map(|kind| {
        format!(
            "select * from (select {COLUMNS}, 0 as uses, null as distance from memory m
                where m.workspace_id = ?1 and m.kind = '{kind}' and m.forgotten_at is null
                order by m.at desc, m.id desc limit {NEWEST_DECISIONS_MAX})"
        )
    });
    let newest = newest.join(" union all ");
    let Some(expression) = expression(workspace_id, words) else {
        return gathered(&db.execute(&newest, &[workspace_id.into()]).await?);
    };
    let kinds = DECISIONS.map(|kind| format!("'{kind}'")).join(", ");
    let sql = format!(
        "select * from (select {COLUMNS}, 0 as uses, bm25(memory_words, 0.0, 1.0, 2.0) as distance
            from memory_words join memory m on m.number = memory_words.rowid
            where memory_words match ?2 and m.workspace_id = ?1 and m.forgotten_at is null and m.kind in ({kinds})
            order by distance, m.at desc, m.id desc limit {MATCHED_MAX})
        union all {newest}"
    );
    gathered(&db.execute(&sql, &[workspace_id.into(), expression.into()]).await?)
}

/// What was found, each once.
fn gathered(rows: &Rows) -> Result<Vec<Candidate<Memory>>, DbError> {
    let mut found: BTreeMap<String, (Memory, Option<f64>)> = BTreeMap::new();
    for row in rows.iter() {
        let distance = row.opt_real("distance")?;
        let entry = memory(row)?;
        let known = found.entry(entry.id.clone()).or_insert((entry, None));
        known.1 = known.1.or(distance);
    }
    Ok(placed(found.into_values().collect()))
}

/// Each with its place by words and by age.
fn placed(mut all: Vec<(Memory, Option<f64>)>) -> Vec<Candidate<Memory>> {
    all.sort_by(|(one, _), (other, _)| (other.at, &other.id).cmp(&(one.at, &one.id)));
    let mut matched: Vec<(usize, f64)> =
        all.iter().enumerate().filter_map(|(at, (_, distance))| distance.map(|distance| (at, distance))).collect();
    // Stable: of equals the newest stands first.
    matched.sort_by(|(_, one), (_, other)| one.total_cmp(other));
    let place = |by_age: usize| matched.iter().position(|(at, _)| *at == by_age);
    let candidate = |(by_age, (entry, _)): (usize, (Memory, Option<f64>))| Candidate {
        kind: entry.kind,
        entry,
        by_words: place(by_age),
        by_meaning: None,
        by_age,
    };
    all.into_iter().enumerate().map(candidate).collect()
}

/// One entry that a job is reminded of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reminded {
    /// Which entry.
    #[serde(rename = "id")]
    pub memory_id: String,
    /// What put it where it stands, in millionths.
    pub score: u64,
    /// What it takes of the budget.
    pub tokens: usize,
}

/// What a job is reminded of.
#[derive(Clone, Debug, Serialize)]
pub struct Recall<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The job.
    pub job_id: &'a str,
    /// As claimed.
    pub fence: i64,
    /// The words that were looked for.
    pub query: &'a str,
    /// What the entries had to fit into.
    pub tokens_max: usize,
    /// The first one counts most.
    pub entries: &'a [Reminded],
    /// Which model looked for meanings as well.
    pub meaning: Option<&'a str>,
}

/// Writes down what a job is reminded of, once and for all its attempts. Refused when another worker may have the job
/// (`fenced`).
pub async fn recall(db: &dyn Db, pinned_ms: Option<i64>, new: &Recall<'_>) -> Result<(), DbError> {
    const RECALL: &str = concat!(
        "insert into recall (workspace_id, job_id, fence, query, tokens_max, entries, meaning, at)
        select r.value ->> 'workspace_id', r.value ->> 'job_id', r.value ->> 'fence', r.value ->> 'query',
               r.value ->> 'tokens_max', r.value -> 'entries', r.value ->> 'meaning', ",
        now!(),
        " from json_each(?2) r"
    );
    db.write(RECALL, pinned_ms, json!(new).to_string()).await
}

/// What this job was reminded of at its first attempt, without what was forgotten since; none if it never was.
pub async fn recalled(db: &dyn Db, workspace_id: &str, job_id: &str) -> Result<Option<Vec<Memory>>, DbError> {
    let sql = format!(
        "select {COLUMNS}, 0 as uses from recall r
        left join recalled u on u.workspace_id = r.workspace_id and u.job_id = r.job_id
        left join memory m on m.workspace_id = u.workspace_id and m.id = u.memory_id and m.forgotten_at is null
        where r.workspace_id = ?1 and r.job_id = ?2 order by u.rank"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), job_id.into()]).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut entries = Vec::new();
    for row in rows.iter() {
        if row.opt_str("id")?.is_some() {
            entries.push(memory(row)?);
        }
    }
    Ok(Some(entries))
}

/// What a list of memory is to hold.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter<'a> {
    /// Of this kind alone.
    pub kind: Option<MemoryKind>,
    /// What these words find.
    pub words: Option<&'a [String]>,
}

/// What is remembered: the newest first, or the best first where words are looked for. Pages are by time; what words
/// find has one page.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    filter: Filter<'_>,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Memory>, DbError> {
    let kind = filter.kind.map(MemoryKind::as_str);
    let rows = if let Some(words) = filter.words {
        let Some(expression) = expression(workspace_id, words) else { return Ok(Vec::new()) };
        let sql = format!(
            "select {COLUMNS}, {} from memory_words join memory m on m.number = memory_words.rowid
            where memory_words match ?2 and m.workspace_id = ?1 and m.forgotten_at is null and (?3 is null or m.kind = ?3)
            order by bm25(memory_words, 0.0, 1.0, 2.0), m.at desc, m.id desc limit ?4",
            uses_column()
        );
        db.execute(&sql, &[workspace_id.into(), expression.into(), kind.into(), limited(limit)]).await?
    } else {
        let of_kind = if kind.is_some() { "m.kind = ?2" } else { "?2 is null" };
        let sql = format!(
            "select {COLUMNS}, {} from memory m where m.workspace_id = ?1 and {of_kind} and m.forgotten_at is null
            and (m.at, m.id) < (?3, ?4) order by m.at desc, m.id desc limit ?5",
            uses_column()
        );
        let [at, id] = older_than(after);
        db.execute(&sql, &[workspace_id.into(), kind.into(), at, id, limited(limit)]).await?
    };
    rows.iter().map(memory).collect()
}

/// One entry, forgotten or not.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Memory>, DbError> {
    let sql = format!("select {COLUMNS}, {} from memory m where m.workspace_id = ?1 and m.id = ?2", uses_column());
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(memory).transpose()
}

/// Forgets an entry, its words and all. `false`: there is none, it is forgotten already, or it is the brand's.
pub async fn forget(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const FORGET: &str = concat!(
        "update memory set forgotten_at = ",
        now!(),
        ", forgotten_by = ?4, text = '', before = null
        where workspace_id = ?2 and id = ?3 and forgotten_at is null and kind not in ('good_example', 'bad_example')
        returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), actor.into()];
    Ok(!db.execute(FORGET, &parameters).await?.is_empty())
}

/// A job that was reminded of an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// The job.
    pub job_id: String,
    /// Its step.
    pub step: Step,
    /// Its campaign.
    pub campaign_id: Option<String>,
    /// Its post.
    pub post_id: Option<String>,
    /// The post's angle, or the campaign's name.
    pub about: Option<String>,
    /// How far in front it stood, counted from 1.
    pub rank: i64,
    /// What put it there, in millionths.
    pub score: i64,
    /// When.
    pub at: i64,
}

/// What an entry was used for, the newest first.
pub async fn uses(db: &dyn Db, workspace_id: &str, memory_id: &str, limit: u32) -> Result<Vec<Use>, DbError> {
    let rows = db
        .execute(
            "select u.job_id, j.step, j.campaign_id, j.post_id, coalesce(p.angle, c.name) as about, u.rank, u.score, u.at
            from recalled u
            join job j on j.workspace_id = u.workspace_id and j.id = u.job_id
            left join post p on p.workspace_id = j.workspace_id and p.id = j.post_id
            left join campaign c on c.workspace_id = j.workspace_id and c.id = j.campaign_id
            where u.workspace_id = ?1 and u.memory_id = ?2 order by u.at desc, u.job_id desc limit ?3",
            &[workspace_id.into(), memory_id.into(), limited(limit)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Use {
                job_id: row.text("job_id")?,
                step: row.parsed("step")?,
                campaign_id: row.opt_text("campaign_id")?,
                post_id: row.opt_text("post_id")?,
                about: row.opt_text("about")?,
                rank: row.int("rank")?,
                score: row.int("score")?,
                at: row.int("at")?,
            })
        })
        .collect()
}

/// What a job was reminded of, as people are shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The job.
    pub job_id: String,
    /// Its step.
    pub step: Step,
    /// Which version it wrote or judged, counted from 1; of the plan where it planned.
    pub version: i64,
    /// How far in front it stood, counted from 1.
    pub rank: i64,
    /// What put it there, in millionths.
    pub score: i64,
    /// What it took of the budget.
    pub tokens: i64,
    /// The entry; without words where it was forgotten since.
    pub memory: Memory,
}

fn shown(row: Row<'_>) -> Result<Shown, DbError> {
    Ok(Shown {
        job_id: row.text("job_id")?,
        step: row.parsed("step")?,
        version: row.int("job_version")?,
        rank: row.int("rank")?,
        score: row.int("score")?,
        tokens: row.int("tokens")?,
        memory: memory(row)?,
    })
}

/// What copywriter and reviewers were reminded of for a post, the newest version first.
pub async fn of_post(db: &dyn Db, workspace_id: &str, post_id: &str, limit: u32) -> Result<Vec<Shown>, DbError> {
    of_jobs(db, workspace_id, ("j.post_id = ?2 and j.step in ('generate', 'review')", post_id), limit).await
}

/// What the strategist was reminded of for a campaign, the newest plan first.
pub async fn of_campaign(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    limit: u32,
) -> Result<Vec<Shown>, DbError> {
    of_jobs(db, workspace_id, ("j.campaign_id = ?2 and j.step = 'strategize'", campaign_id), limit).await
}

async fn of_jobs(
    db: &dyn Db,
    workspace_id: &str,
    (which, id): (&str, &str),
    limit: u32,
) -> Result<Vec<Shown>, DbError> {
    let sql = format!(
        "select {COLUMNS}, u.job_id, j.step, coalesce(j.version, 0) + (j.step <> 'review') as job_version, u.rank, u.score, u.tokens, 0 as uses
        from job j
        cross join recalled u on u.workspace_id = j.workspace_id and u.job_id = j.id
        join memory m on m.workspace_id = u.workspace_id and m.id = u.memory_id
        where j.workspace_id = ?1 and {which}
        order by job_version desc, j.step, u.job_id desc, u.rank limit ?3"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), id.into(), limited(limit)]).await?;
    rows.iter().map(shown).collect()
}

/// How many of a step's last jobs [`of_step`] goes by.
const LAST_JOBS_MAX: u32 = 50;

/// What the last jobs of a step were reminded of, the most often first; `uses` counts these jobs alone.
pub async fn of_step(db: &dyn Db, workspace_id: &str, step: Step, limit: u32) -> Result<Vec<Memory>, DbError> {
    let sql = format!(
        "select {COLUMNS}, count(*) as uses from (
            select r.workspace_id, r.job_id from recall r
            join job j on j.workspace_id = r.workspace_id and j.id = r.job_id
            where r.workspace_id = ?1 and j.step = ?2 order by r.at desc limit {LAST_JOBS_MAX}) recent
        join recalled u on u.workspace_id = recent.workspace_id and u.job_id = recent.job_id
        join memory m on m.workspace_id = u.workspace_id and m.id = u.memory_id
        where m.forgotten_at is null
        group by m.number order by uses desc, m.at desc, m.id desc limit ?3"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), step.as_str().into(), limited(limit)]).await?;
    rows.iter().map(memory).collect()
}

#[cfg(test)]
mod tests;
