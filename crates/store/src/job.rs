//! Jobs: claim, arm, finish. The states are drawn in `domain::job`.

use domain::{JobState, Step};
use ports::{Db, DbError, Row, Value};
use serde::Serialize;

use crate::now;

/// A job that this worker holds until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Its workspace.
    pub workspace_id: String,
    /// Its id: what it does.
    pub id: String,
    /// Which step it is of.
    pub step: Step,
    /// `leased`, or `reconciling`.
    pub state: JobState,
    /// The campaign, where it has one.
    pub campaign_id: Option<String>,
    /// The post, where it has one.
    pub post_id: Option<String>,
    /// The version: of the post, or of the strategy that was sent back.
    pub version: Option<i64>,
    /// Publish: the channel.
    pub channel_id: Option<String>,
    /// Publish: the approved content.
    pub content_sha256: Option<String>,
    /// Grows with every claim. Every write must carry it.
    pub fence: i64,
    /// Counted from 1.
    pub attempt: i64,
    /// After so many, it is dead.
    pub attempts_max: i64,
    /// How often in a row it was looked for and not found.
    pub looks: i64,
    /// Workspace or campaign is paused, or what would be sent again may not be sent now: give it back.
    pub paused: bool,
}

const CLAIMED: &str = "workspace_id, id, step, state, campaign_id, post_id, version, channel_id, content_sha256, fence,
    attempt, attempts_max, looks,
    (select w.paused from workspace w where w.id = job.workspace_id)
    or coalesce((select c.paused from campaign c where c.workspace_id = job.workspace_id and c.id = job.campaign_id), 0)
    or (state = 'reconciling' and (
        exists (select 1 from agent a where a.step = job.step and a.workspace_id = job.workspace_id and a.paused = 1)
        or exists (select 1 from campaign c join workspace w on w.id = c.workspace_id
                   where c.workspace_id = job.workspace_id and c.id = job.campaign_id and c.mode = 'performance'
                     and w.mode = 'rehearsal')))
    as paused";

/// An agent that is paused leaves its step's jobs where they are: they wait, and what has a time may miss it.
const AWAKE: &str = "workspace_id not in (select a.workspace_id from agent a where a.step = ?2 and a.paused = 1)";

fn claimed(row: Row<'_>) -> Result<Claimed, DbError> {
    Ok(Claimed {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        step: row.parsed("step")?,
        state: row.parsed("state")?,
        campaign_id: row.opt_text("campaign_id")?,
        post_id: row.opt_text("post_id")?,
        version: row.opt_int("version")?,
        channel_id: row.opt_text("channel_id")?,
        content_sha256: row.opt_text("content_sha256")?,
        fence: row.int("fence")?,
        attempt: row.int("attempt")?,
        attempts_max: row.int("attempts_max")?,
        looks: row.int("looks")?,
        paused: row.bool("paused")?,
    })
}

/// Claims up to `limit` due jobs of a step, workspaces in turn, for `lease_ms`.
///
/// The workspaces with ready jobs are found by hopping along the index, beginning after the one that was served
/// last; each offers its most overdue jobs, and they are taken in rounds.
pub async fn claim(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    step: Step,
    limit: u32,
    lease_ms: i64,
) -> Result<Vec<Claimed>, DbError> {
    let sql = format!(
        "with recursive
        after(id) as (
            select (select min(workspace_id) from job where state = 'ready' and step = ?2 and {AWAKE}
                      and workspace_id > (select workspace_id from turn where step = ?2))
            union all
            select (select min(workspace_id) from job where state = 'ready' and step = ?2 and {AWAKE}
                      and workspace_id > after.id)
            from after where after.id is not null limit {LANES_MAX}),
        before(id) as (
            select (select min(workspace_id) from job where state = 'ready' and step = ?2 and {AWAKE})
            union all
            select (select min(workspace_id) from job where state = 'ready' and step = ?2 and {AWAKE}
                      and workspace_id > before.id)
            from before where before.id < (select workspace_id from turn where step = ?2) limit {LANES_MAX}),
        lane(id, lap) as (
            select id, 0 from after where id is not null
            union all
            select id, 1 from before where id <= (select workspace_id from turn where step = ?2)),
        picked(workspace_id, id) as (
            select lane.id, due.value
            from lane join json_each((
                select json_group_array(id) from (
                    select id from job
                    where state = 'ready' and step = ?2 and workspace_id = lane.id and run_at <= {now}
                    order by run_at limit ?3))) due
            order by due.key, lane.lap, lane.id limit ?3)
        update job set state = 'leased', fence = fence + 1, attempt = attempt + 1,
            lease_until = {now} + ?4, updated_at = {now}
        where (workspace_id, id) in (select workspace_id, id from picked)
        returning {CLAIMED}",
        now = now!(),
    );
    let parameters = [pinned_ms.into(), step.as_str().into(), i64::from(limit).into(), lease_ms.into()];
    db.execute(&sql, &parameters).await?.iter().map(claimed).collect()
}

/// Most workspaces that one claim looks at, on each side of the one served last.
const LANES_MAX: u32 = 256;

/// Claims up to `limit` publications whose outcome is unknown and whose quiet period is over.
pub async fn claim_unknown(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    limit: u32,
    lease_ms: i64,
) -> Result<Vec<Claimed>, DbError> {
    let sql = format!(
        "update job set state = 'reconciling', fence = fence + 1, lease_until = {now} + ?3, updated_at = {now}
        where (workspace_id, id) in (
            select workspace_id, id from job where state = 'unknown' and run_at <= {now} order by run_at limit ?2)
        returning {CLAIMED}",
        now = now!(),
    );
    let parameters = [pinned_ms.into(), i64::from(limit).into(), lease_ms.into()];
    db.execute(&sql, &parameters).await?.iter().map(claimed).collect()
}

/// What arming needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Arm<'a> {
    /// The job, as claimed.
    pub job: &'a Claimed,
    /// How long the one request may take; the lease must outlast it. Milliseconds.
    pub call_ms: i64,
    /// How long, from now on, the platform may still be at it; no look-up before that. Milliseconds.
    pub quiet_ms: i64,
}

/// Why a job could not be armed. Nothing was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotArmed {
    /// Another worker has the job, or it was cancelled.
    Fenced,
    /// Too little of the lease is left for the call.
    LeaseTooShort,
    /// No standing approval of exactly this content, channel and time.
    NotApproved,
    /// The workspace, the campaign, the channel or the publisher is paused, or the post is held.
    Paused,
    /// It is a performance's, and the workspace is in rehearsal.
    Rehearsing,
    /// The platform asked us to wait until this time, or another post is on its way there.
    ChannelBusy {
        /// Unix milliseconds.
        until: i64,
    },
    /// Later than the grace allows.
    TooLate,
    /// The clock went back since the claim: its time has not come.
    TooEarly,
}

/// The point of no return: commits that a byte may leave. All that must hold then is checked here, at once.
pub async fn arm(db: &dyn Db, pinned_ms: Option<i64>, arm: Arm<'_>) -> Result<Result<(), NotArmed>, DbError> {
    let sql = format!(
        "update job set state = 'armed', armed_at = {now}, lease_until = {now} + ?5, quiet_until = {now} + max(?5, ?6),
            looks = 0, updated_at = {now}
        where workspace_id = ?2 and id = ?3 and fence = ?4 and state = 'leased' and lease_until > {now} + ?5
          and run_at <= {now} and {APPROVED} and {UNPAUSED} and {NOT_REHEARSING} and {CHANNEL_FREE} and {IN_TIME}
        returning fence",
        now = now!(),
    );
    let Arm { job, call_ms, quiet_ms } = arm;
    let parameters: [Value; 6] = [
        pinned_ms.into(),
        job.workspace_id.as_str().into(),
        job.id.as_str().into(),
        job.fence.into(),
        call_ms.into(),
        quiet_ms.into(),
    ];
    if !db.execute(&sql, &parameters).await?.is_empty() {
        return Ok(Ok(()));
    }
    why_not(db, &parameters[..4]).await.map(Err)
}

const APPROVED: &str = "exists (
    select 1 from approval a join post p on p.workspace_id = a.workspace_id and p.id = a.post_id
    where a.workspace_id = job.workspace_id and a.id = job.approval_id and a.decision = 'approve' and a.revoked_at is null
      and a.content_sha256 = job.content_sha256 and a.channel_id = job.channel_id and a.version = p.version
      and a.due_at = p.due_at and p.state = 'scheduled'
      and (a.person < 'rule:' or a.person >= 'rule;' or exists (
        select 1 from autonomy_rule r where r.workspace_id = a.workspace_id and r.id = substr(a.person, 6)
          and r.revoked_at is null))
      and exists (select 1 from approved_post ok where ok.workspace_id = p.workspace_id and ok.post_id = p.id))";
const UNPAUSED: &str = "not exists (
    select 1 from post p
    join workspace w on w.id = p.workspace_id
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    where p.workspace_id = job.workspace_id and p.id = job.post_id and (p.held or w.paused or c.paused or ch.paused))
    and not exists (select 1 from agent a where a.step = 'publish' and a.workspace_id = job.workspace_id and a.paused = 1)";
const NOT_REHEARSING: &str = "not exists (
    select 1 from campaign c join workspace w on w.id = c.workspace_id
    where c.workspace_id = job.workspace_id and c.id = job.campaign_id and c.mode = 'performance' and w.mode = 'rehearsal')";
const CHANNEL_FREE: &str = concat!(
    "not exists (select 1 from job other where other.workspace_id = job.workspace_id
        and other.channel_id = job.channel_id and other.state = 'armed')
    and (select blocked_until from channel ch where ch.workspace_id = job.workspace_id and ch.id = job.channel_id) <= ",
    now!()
);
const IN_TIME: &str = concat!(
    "(select coalesce(p.expires_at, ",
    now!(),
    ") from post p where p.workspace_id = job.workspace_id and p.id = job.post_id) >= ",
    now!()
);

async fn why_not(db: &dyn Db, parameters: &[Value]) -> Result<NotArmed, DbError> {
    let sql = format!(
        "select run_at <= {now} as due, {APPROVED} as approved, {UNPAUSED} as unpaused, {NOT_REHEARSING} as performing,
            {CHANNEL_FREE} as channel_free, {IN_TIME} as in_time,
            max((select blocked_until from channel ch where ch.workspace_id = job.workspace_id and ch.id = job.channel_id),
                {now} + {CHANNEL_BUSY_MS}) as free_at
        from job where workspace_id = ?2 and id = ?3 and fence = ?4 and state = 'leased'",
        now = now!(),
    );
    let rows = db.execute(&sql, parameters).await?;
    let Some(row) = rows.first() else { return Ok(NotArmed::Fenced) };
    Ok(if !row.bool("in_time")? {
        NotArmed::TooLate
    } else if !row.bool("due")? {
        NotArmed::TooEarly
    } else if !row.bool("approved")? {
        NotArmed::NotApproved
    } else if !row.bool("unpaused")? {
        NotArmed::Paused
    } else if !row.bool("performing")? {
        NotArmed::Rehearsing
    } else if !row.bool("channel_free")? {
        NotArmed::ChannelBusy { until: row.int("free_at")? }
    } else {
        // What held a moment ago may hold again now; either way, another claim will tell.
        NotArmed::LeaseTooShort
    })
}

/// How long to wait for another post to be through, at least.
const CHANNEL_BUSY_MS: i64 = 250;

/// What an attempt came to, as it is written.
#[derive(Clone, Debug, Serialize)]
pub struct Finish {
    /// The job's workspace.
    pub workspace_id: String,
    /// The job.
    pub job_id: String,
    /// As claimed; with an older one the result is kept apart as late.
    pub fence: i64,
    /// The state that it goes to.
    pub state: JobState,
    /// When to try again: so many milliseconds from now …
    pub after_ms: Option<i64>,
    /// … or at this time, Unix milliseconds.
    pub run_at: Option<i64>,
    /// The attempt does not count.
    pub free: bool,
    /// How often in a row it was looked for and not found.
    pub looks: i64,
    /// The platform asked us to wait until then, Unix milliseconds.
    pub blocked_until: Option<i64>,
    /// In words.
    pub reason: Option<String>,
    /// The platform's id of the post.
    pub ext_id: Option<String>,
    /// Where it can be seen.
    pub ext_url: Option<String>,
    /// What the step made, JSON.
    pub artifact: Option<serde_json::Value>,
}

impl Finish {
    /// This job goes to this state; the rest is as the caller fills it in.
    pub fn of(job: &Claimed, state: JobState) -> Self {
        Self {
            workspace_id: job.workspace_id.clone(),
            job_id: job.id.clone(),
            fence: job.fence,
            state,
            after_ms: None,
            run_at: None,
            free: false,
            looks: 0,
            blocked_until: None,
            reason: None,
            ext_id: None,
            ext_url: None,
            artifact: None,
        }
    }
}

/// Finishes several jobs in one statement; with each, its effects are committed. The fenced ones are kept as late
/// results and are not among the answer, which is the ids of those that counted.
pub async fn finish(db: &dyn Db, pinned_ms: Option<i64>, finishes: &[Finish]) -> Result<Vec<String>, DbError> {
    const FINISH: &str = concat!(
        "insert into outcome (workspace_id, job_id, fence, state, at, run_at, free, looks, blocked_until, reason,
                              ext_id, ext_url, artifact)
        select j.workspace_id, j.id, j.fence, f.value ->> 'state', ",
        now!(),
        ",
            case f.value ->> 'state'
                when 'unknown' then max(j.quiet_until, ",
        now!(),
        " + coalesce(f.value ->> 'after_ms', 0))
                else coalesce(f.value ->> 'run_at', ",
        now!(),
        " + (f.value ->> 'after_ms')) end,
            f.value ->> 'free', f.value ->> 'looks', f.value ->> 'blocked_until', f.value ->> 'reason',
            f.value ->> 'ext_id', f.value ->> 'ext_url', f.value -> 'artifact'
        from json_each(?2) f
        join job j on j.workspace_id = f.value ->> 'workspace_id' and j.id = f.value ->> 'job_id'
            and j.fence = f.value ->> 'fence' and j.state in ('leased', 'armed', 'reconciling')
        where true
        returning job_id"
    );
    let json = serde_json::to_string(finishes).map_err(|error| DbError::Other(error.to_string()))?;
    let rows = db.execute(FINISH, &[pinned_ms.into(), json.into()]).await?;
    let counted = rows.iter().map(|row| row.text("job_id")).collect::<Result<Vec<_>, _>>()?;
    if counted.len() < finishes.len() {
        let late: Vec<&Finish> = finishes.iter().filter(|finish| !counted.contains(&finish.job_id)).collect();
        keep_late(db, pinned_ms, &late).await?;
    }
    Ok(counted)
}

async fn keep_late(db: &dyn Db, pinned_ms: Option<i64>, late: &[&Finish]) -> Result<(), DbError> {
    const KEEP: &str = concat!(
        "insert into late_result (workspace_id, job_id, fence, state, reason, ext_id, ext_url, at)
        select f.value ->> 'workspace_id', f.value ->> 'job_id', f.value ->> 'fence', f.value ->> 'state',
            f.value ->> 'reason', f.value ->> 'ext_id', f.value ->> 'ext_url', ",
        now!(),
        "
        from json_each(?2) f where true on conflict do nothing"
    );
    let json = serde_json::to_string(late).map_err(|error| DbError::Other(error.to_string()))?;
    db.execute(KEEP, &[pinned_ms.into(), json.into()]).await.map(|_| ())
}

/// A result that came too late for its lease but names the post: (id, URL).
pub async fn late_success(db: &dyn Db, job: &Claimed) -> Result<Option<(String, Option<String>)>, DbError> {
    let rows = db
        .execute(
            "select ext_id, ext_url from late_result
            where workspace_id = ?1 and job_id = ?2 and state = 'done' and ext_id is not null order by fence limit 1",
            &[job.workspace_id.as_str().into(), job.id.as_str().into()],
        )
        .await?;
    rows.first().map(|row| Ok((row.text("ext_id")?, row.opt_text("ext_url")?))).transpose()
}

/// The steps that have work now.
pub async fn steps_with_work(db: &dyn Db, pinned_ms: Option<i64>) -> Result<Vec<Step>, DbError> {
    const DUE: &str = concat!(
        "select step from turn where exists (select 1 from job where state = 'ready' and job.step = turn.step and run_at <= ",
        now!(),
        " and not exists (select 1 from agent a where a.step = job.step and a.workspace_id = job.workspace_id and a.paused = 1))
            or (step = 'publish' and exists (select 1 from job where state = 'unknown' and run_at <= ",
        now!(),
        "))
            or (step = 'publish' and exists (select 1 from channel where check_wanted_at is not null))"
    );
    db.execute(DUE, &[pinned_ms.into()]).await?.iter().map(|row| row.parsed("step")).collect()
}
