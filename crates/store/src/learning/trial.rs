//! Trials of learnings: pairs of one task, written with and without. A row makes its job, and the job's outcome completes
//! it; nothing of it is a version of a post.

use domain::learning::{Preference, TRIALS_A_DAY, TrialResult, USES_BETWEEN_TRIALS};
use domain::{Brief, Content};
use ports::{Db, DbError, Row};

use crate::job::Claimed;
use crate::json::{json, opt_json};
use crate::learning::Told;
use crate::now;
use crate::step_input::{Persona, entry};

/// What a trial's job is called by: its id begins so.
pub const PREFIX: &str = "trial:";

/// Whether a job of the review step is a trial.
pub fn is_trial(job: &Claimed) -> bool {
    job.id.starts_with(PREFIX)
}

/// A learning whose next trial may begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The workspace.
    pub workspace_id: String,
    /// The learning.
    pub learning_id: String,
}

/// Learnings that are to be tried next, where their workspaces' limits have room. A read, and a cheap one where nothing
/// is open: whoever is yet to be proved, and adopted ones that were used often enough since.
pub async fn due(db: &dyn Db, pinned_ms: Option<i64>, limit: u32) -> Result<Vec<Due>, DbError> {
    let now = now!();
    let sql = format!(
        "with open(workspace_id, id) as (
            select workspace_id, id from learning where state = 'trying'
            union all select workspace_id, id from learning where state = 'proposed'
            union all select workspace_id, id from learning
                where state = 'adopted' and uses >= uses_tried + {USES_BETWEEN_TRIALS})
        select open.workspace_id, open.id from open
        join workspace w on w.id = open.workspace_id and w.paused = 0
        left join learning_limit m on m.workspace_id = open.workspace_id
        where not exists (select 1 from learning_trial t where t.workspace_id = open.workspace_id
                            and t.learning_id = open.id and t.result is null)
          and (select count(*) from learning_trial t where t.workspace_id = open.workspace_id
                 and t.started_at > {now} - 86400000) < coalesce(m.trials_a_day, {TRIALS_A_DAY})
          and exists (select 1 from post p join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
                      where p.workspace_id = open.workspace_id and p.version > 0 and {PAST})
        limit ?2"
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), i64::from(limit).into()]).await?;
    let due = |row: Row<'_>| Ok(Due { workspace_id: row.text("workspace_id")?, learning_id: row.text("id")? });
    rows.iter().map(due).collect()
}

/// Campaigns whose tasks may be repeated: they are over, so that a trial takes nothing from work that is yet to be done.
const PAST: &str = "c.stage = 'finished' and c.archived_at is null and c.paused = 0";

/// Newest campaigns whose posts are repeated.
const CAMPAIGNS_MAX: u32 = 20;

/// Begins the next trial of a learning, on the task that was repeated least for it; of those, the newest campaign's.
/// Gives its id; none where there is nothing to repeat, one is under way, or the day's limit is reached: all asked once
/// more, by the same statement.
pub async fn begin(db: &dyn Db, pinned_ms: Option<i64>, due: &Due) -> Result<Option<String>, DbError> {
    let now = now!();
    let sql = format!(
        "insert into learning_trial (workspace_id, id, learning_id, edition, n, campaign_id, post_id, started_at)
        select l.workspace_id, '{PREFIX}' || l.id || ':' || next.n, l.id, l.edition, next.n, p.campaign_id, p.id, {now}
        from learning l
        join (select 1 + count(*) as n from learning_trial t where t.workspace_id = ?2 and t.learning_id = ?3) next
        cross join (select c.id, c.created_at from campaign c where c.workspace_id = ?2 and {PAST}
                    order by c.created_at desc limit {CAMPAIGNS_MAX}) c
        cross join post p on p.workspace_id = l.workspace_id and p.campaign_id = c.id and p.version > 0
            and (l.channel_id is null or p.channel_id = l.channel_id)
        where l.workspace_id = ?2 and l.id = ?3
          and (l.state in ('proposed', 'trying') or l.state = 'adopted' and l.uses >= l.uses_tried + {USES_BETWEEN_TRIALS})
          and not exists (select 1 from learning_trial t where t.workspace_id = ?2 and t.learning_id = ?3 and t.result is null)
          and (select count(*) from learning_trial t where t.workspace_id = ?2 and t.started_at > {now} - 86400000)
              < coalesce((select trials_a_day from learning_limit where workspace_id = ?2), {TRIALS_A_DAY})
        order by (select count(*) from learning_trial t where t.workspace_id = ?2 and t.learning_id = ?3 and t.post_id = p.id),
            c.created_at desc, p.slot limit 1
        on conflict do nothing returning id"
    );
    let parameters = [pinned_ms.into(), due.workspace_id.as_str().into(), due.learning_id.as_str().into()];
    db.execute(&sql, &parameters).await?.first().map(|row| row.text("id")).transpose()
}

/// What a trial needs.
#[derive(Clone, Debug)]
pub struct TrialInput {
    /// The learning.
    pub learning_id: String,
    /// What the learning says.
    pub statement: String,
    /// It is tried for the first time, and still in the words of the rule that saw what people wrote.
    pub is_to_be_worded: bool,
    /// What the copywriter is told besides, in both.
    pub told: Vec<Told>,
    /// The brief of the campaign whose task is repeated.
    pub brief: Brief,
    /// Its plan.
    pub strategy: domain::Strategy,
    /// The plan's entry.
    pub entry: domain::strategy::Entry,
    /// Language to write in.
    pub language: String,
    /// The channel's platform.
    pub platform: String,
    /// The channel's config, JSON.
    pub channel_config: String,
    /// Who writes.
    pub writer: Persona,
}

/// Reads it; none where the learning is no longer tried in this edition.
pub async fn input(db: &dyn Db, job: &Claimed) -> Result<Option<TrialInput>, DbError> {
    let rows = db
        .execute(
            "select l.id, l.statement,
                t.n = 1 and l.edition = 1 and l.origin in ('edits', 'comments') and l.worded_by is null as is_to_be_worded, c.brief, s.document, p.slot, p.pillar, p.angle, p.language, ch.name as channel,
                ch.platform, ch.config, a.name as agent_name, a.personality as agent_personality,
                a.instructions as agent_instructions
            from learning_trial t
            join learning l on l.workspace_id = t.workspace_id and l.id = t.learning_id and l.edition = t.edition
            join post p on p.workspace_id = t.workspace_id and p.id = t.post_id
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
            join strategy s on s.workspace_id = p.workspace_id and s.campaign_id = p.campaign_id and s.state = 'approved'
            join agent a on a.workspace_id = t.workspace_id and a.id = 'copywriter'
            where t.workspace_id = ?1 and t.id = ?2 and t.result is null and l.state in ('trying', 'adopted')",
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (learning_id, entry) = (row.text("id")?, entry(&row)?);
    Ok(Some(TrialInput {
        told: super::told(db, &job.workspace_id, &entry.channel, Some(&learning_id)).await?,
        learning_id,
        statement: row.text("statement")?,
        is_to_be_worded: row.bool("is_to_be_worded")?,
        brief: json(&row, "brief")?,
        strategy: json(&row, "document")?,
        entry,
        language: row.text("language")?,
        platform: row.text("platform")?,
        channel_config: row.text("config")?,
        writer: crate::step_input::persona(&row)?,
    }))
}

/// A pair, as it was judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trial {
    /// Its job's id.
    pub id: String,
    /// Its number among the learning's.
    pub n: i64,
    /// Of which edition of the learning it speaks.
    pub edition: i64,
    /// The post whose task was repeated.
    pub post_id: String,
    /// Unix milliseconds.
    pub started_at: i64,
    /// What it came to; none while it is under way.
    pub result: Option<TrialResult>,
    /// What the judge said of the pair, with the learning's version read first, and read second.
    pub said: Option<(Preference, Preference)>,
    /// What was written with the learning, and without.
    pub contents: Option<(Content, Content)>,
    /// Who wrote: `provider/model`.
    pub writer: Option<String>,
    /// Who judged: `provider/model`, or `structure`.
    pub judge: Option<String>,
    /// In words.
    pub reason: Option<String>,
    /// What its calls cost, or may yet cost.
    pub micro_usd: i64,
}

/// A learning's pairs, the newest first, before this number.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    learning_id: &str,
    before: Option<i64>,
    limit: u32,
) -> Result<Vec<Trial>, DbError> {
    let sql =
        "select t.id, t.n, t.edition, t.post_id, t.started_at, t.result, t.with_first, t.with_second, t.with_content,
            t.without_content, t.writer, t.judge, t.reason,
            (select coalesce(sum(coalesce(k.spent_micro_usd, k.reserved_micro_usd)), 0) from cost k
             where k.workspace_id = t.workspace_id and k.job_id = t.id) as micro_usd
        from learning_trial t where t.workspace_id = ?1 and t.learning_id = ?2 and t.n < ?3 order by t.n desc limit ?4";
    let parameters =
        [workspace_id.into(), learning_id.into(), before.unwrap_or(i64::MAX).into(), crate::page::limited(limit)];
    db.execute(sql, &parameters).await?.iter().map(trial).collect()
}

fn trial(row: Row<'_>) -> Result<Trial, DbError> {
    let said = |column: &str| row.opt_parsed::<Preference>(column);
    let (with, without): (Option<Content>, Option<Content>) =
        (opt_json(&row, "with_content")?, opt_json(&row, "without_content")?);
    Ok(Trial {
        id: row.text("id")?,
        n: row.int("n")?,
        edition: row.int("edition")?,
        post_id: row.text("post_id")?,
        started_at: row.int("started_at")?,
        result: row.opt_parsed("result")?,
        said: said("with_first")?.zip(said("with_second")?),
        contents: with.zip(without),
        writer: row.opt_text("writer")?,
        judge: row.opt_text("judge")?,
        reason: row.opt_text("reason")?,
        micro_usd: row.int("micro_usd")?,
    })
}
