//! What the conductor sees of a whole workspace: what was and is due, what came of it, what needs attention.

use domain::{Mode, PostState};
use ports::{Db, DbError, Row};

use crate::json::json;
use crate::now;
use crate::page::limited;

/// A post on the timeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The post.
    pub post_id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// The campaign's name.
    pub campaign: String,
    /// Rehearsal or performance.
    pub mode: Mode,
    /// The campaign is paused.
    pub paused: bool,
    /// Its channel's name.
    pub channel: String,
    /// Its title, or its angle before it has one.
    pub title: String,
    /// Where it is.
    pub state: PostState,
    /// A person holds it back.
    pub held: bool,
    /// Wall time in the campaign's zone.
    pub planned_local: String,
    /// Unix milliseconds.
    pub due_at: i64,
    /// IANA zone.
    pub timezone: String,
}

const MOMENT: &str = "select p.id, p.campaign_id, c.name as campaign, c.mode, c.paused, ch.name as channel,
    coalesce(v.content ->> '$.title', p.angle) as title, p.state, p.held, p.planned_local, p.due_at, c.timezone
    from post p
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version";

fn moment(row: Row<'_>) -> Result<Moment, DbError> {
    Ok(Moment {
        post_id: row.text("id")?,
        campaign_id: row.text("campaign_id")?,
        campaign: row.text("campaign")?,
        mode: row.parsed("mode")?,
        paused: row.bool("paused")?,
        channel: row.text("channel")?,
        title: row.text("title")?,
        state: row.parsed("state")?,
        held: row.bool("held")?,
        planned_local: row.text("planned_local")?,
        due_at: row.int("due_at")?,
        timezone: row.text("timezone")?,
    })
}

/// The last posts whose time has come, and the next ones, of all campaigns or of one: in the order of their times. What
/// was dropped is left out; of all campaigns, so are those that were put away.
pub async fn timeline(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, campaign_id): (&str, Option<&str>),
    (past_max, due_max): (u32, u32),
) -> Result<Vec<Moment>, DbError> {
    let which = match campaign_id {
        Some(_) => "m.campaign_id = ?5",
        None => {
            "?5 is null and not exists (select 1 from campaign a
            where a.workspace_id = m.workspace_id and a.id = m.campaign_id and a.archived_at is not null)"
        }
    };
    // Which posts, before anything is joined: SQLite would read every campaign and channel to filter by.
    let sql = format!(
        "{MOMENT} where p.workspace_id = ?2 and p.id in (
            select m.id from post m where m.workspace_id = ?2 and {which} and m.due_at <= {now}
              and m.state not in ('rejected', 'cancelled') order by m.due_at desc limit ?3)
        union all
        {MOMENT} where p.workspace_id = ?2 and p.id in (
            select m.id from post m where m.workspace_id = ?2 and {which} and m.due_at > {now}
              and m.state not in ('rejected', 'cancelled') order by m.due_at limit ?4)",
        now = now!(),
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), limited(past_max), limited(due_max), campaign_id.into()];
    let mut moments: Vec<Moment> = db.execute(&sql, &parameters).await?.iter().map(moment).collect::<Result<_, _>>()?;
    moments.sort_by(|one, other| (one.due_at, &one.post_id).cmp(&(other.due_at, &other.post_id)));
    Ok(moments)
}

/// What would go out to the public from now on for so long, and what is due already and within its grace.
pub async fn outgoing(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    for_ms: i64,
) -> Result<Vec<Moment>, DbError> {
    let sql = format!(
        "{MOMENT} where p.workspace_id = ?2 and p.due_at <= {now} + ?3 and p.due_at >= {now} - (select grace_ms from setting)
            and p.state = 'scheduled' and c.mode = 'performance' and not p.held and not c.paused and not ch.paused
        order by p.due_at limit ?4",
        now = now!(),
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), for_ms.into(), limited(OUTGOING_MAX)];
    db.execute(&sql, &parameters).await?.iter().map(moment).collect()
}

/// Most posts that are named before a performance begins.
pub const OUTGOING_MAX: u32 = 50;
/// What the figures are counted over, in days.
pub const DAYS: i64 = 30;
/// Published within this of its time is on time, in milliseconds.
pub const ON_TIME_MS: i64 = 60_000;
/// Most reviews that the mean is taken over.
const REVIEWS_MAX: u32 = 100;
const DAY_MS: i64 = 86_400_000;

/// What came of it: the last thirty days, and what is open now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Posts that went out, thirty days.
    pub published: i64,
    /// … of them within a minute of their time; time-lapses aside.
    pub on_time: i64,
    /// … of how many whose time came: those that went out, and those that missed it.
    pub timed: i64,
    /// Posts that missed their time, thirty days.
    pub missed: i64,
    /// Posts on their way: written, reviewed, waiting, scheduled.
    pub waiting: i64,
    /// The editor's mean score in tenths, over its last reviews; none: it gave no score.
    pub mean_tenths: Option<i64>,
    /// How many reviews the mean is of.
    pub reviews: i64,
    /// How many of them sent a version back.
    pub revisions: i64,
    /// What the open campaigns spent.
    pub spent_micro_usd: i64,
    /// What they may spend.
    pub budget_micro_usd: i64,
    /// Posts that went out on each of the last thirty days, by how many days ago it was; days without one are left out.
    pub by_day: Vec<(i64, i64)>,
    /// Mean scores of the last reviews in tenths, the oldest first.
    pub means: Vec<i64>,
}

/// The figures, in one statement.
pub async fn figures(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Figures, DbError> {
    // An index for each part; counts of posts by state never touch the rows.
    let sql = format!(
        "with
        out as materialized (
            select u.published_at, u.published_at - p.due_at as late_ms, c.time_lapse
            from publication u
            join post p on p.workspace_id = u.workspace_id and p.id = u.post_id
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            where u.workspace_id = ?2 and u.published_at > {now} - {DAYS} * {DAY_MS}),
        judged as materialized (
            select verdict, at, (select round(avg(value) * 10) from json_each(scores)) as tenths from review
            where workspace_id = ?2 and counts = 1 order by at desc limit {REVIEWS_MAX}),
        open as materialized (
            select c.id, c.budget_micro_usd,
                (select coalesce(sum(spent_micro_usd), 0) from cost k
                 where k.workspace_id = c.workspace_id and k.campaign_id = c.id) as spent
            from campaign c where c.workspace_id = ?2 and c.finished_at is null)
        select (select count(*) from out) as published,
            (select count(*) from out where not time_lapse) + (select count(*) from post where workspace_id = ?2
                and due_at > {now} - {DAYS} * {DAY_MS} and due_at <= {now} and state = 'missed') as timed,
            (select count(*) from out where not time_lapse and late_ms <= {ON_TIME_MS}) as on_time,
            (select count(*) from post where workspace_id = ?2 and due_at > {now} - {DAYS} * {DAY_MS} and due_at <= {now}
                and state = 'missed') as missed,
            (select count(*) from open join post p on p.workspace_id = ?2 and p.campaign_id = open.id
                and p.state in ('writing', 'in_review', 'awaiting_approval', 'scheduled', 'publishing', 'needs_person'))
                as waiting,
            (select cast(round(avg(tenths)) as integer) from judged) as mean_tenths,
            (select count(*) from judged) as reviews,
            (select count(*) from judged where verdict = 'revise') as revisions,
            (select coalesce(sum(spent), 0) from open) as spent_micro_usd,
            (select coalesce(sum(budget_micro_usd), 0) from open) as budget_micro_usd,
            (select json_group_array(json_array(ago, n)) from (
                select ({now} - published_at) / {DAY_MS} as ago, count(*) as n from out group by 1 order by 1)) as by_day,
            (select json_group_array(cast(tenths as integer)) from (
                select tenths from judged where tenths is not null order by at)) as means",
        now = now!(),
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?;
    let row = rows.first().ok_or_else(|| DbError::Other("no row".into()))?;
    Ok(Figures {
        published: row.int("published")?,
        on_time: row.int("on_time")?,
        timed: row.int("timed")?,
        missed: row.int("missed")?,
        waiting: row.int("waiting")?,
        mean_tenths: row.opt_int("mean_tenths")?,
        reviews: row.int("reviews")?,
        revisions: row.int("revisions")?,
        spent_micro_usd: row.int("spent_micro_usd")?,
        budget_micro_usd: row.int("budget_micro_usd")?,
        by_day: json(&row, "by_day")?,
        means: json(&row, "means")?,
    })
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alert {
    /// What: `unknown`, `stuck`, `planning`, `plan`, `approval`, `missed` or `budget`.
    pub kind: String,
    /// Its campaign.
    pub campaign_id: String,
    /// The campaign's name.
    pub campaign: String,
    /// Its post.
    pub post_id: Option<String>,
    /// The post's title or angle.
    pub title: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// Since when, Unix milliseconds.
    pub at: i64,
}

/// Most alerts of one kind.
const ALERTS_MAX: u32 = 20;
/// How long a missed post is told of, in days.
const MISSED_DAYS: i64 = 7;

/// All that needs a person, the gravest kind first. One statement.
pub async fn alerts(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Vec<Alert>, DbError> {
    // By the index of those that are in such a state: left to itself, SQLite goes through every campaign.
    let post = |kind: &str, index: &str, which: &str| {
        format!(
            "select * from (select '{kind}' as kind, p.campaign_id, c.name as campaign, p.id as post_id,
                coalesce(v.content ->> '$.title', p.angle) as title, p.reason, p.updated_at as at
            from post p indexed by {index}
            cross join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where p.workspace_id = ?2 and c.archived_at is null and {which} limit {ALERTS_MAX})"
        )
    };
    let campaign = |kind: &str, which: &str| {
        format!(
            "select * from (select '{kind}' as kind, c.id, c.name, null, null, c.reason, c.updated_at
            from campaign c indexed by campaign_open
            where c.workspace_id = ?2 and c.finished_at is null and c.archived_at is null and {which} limit {ALERTS_MAX})"
        )
    };
    let unknown = "exists (select 1 from job j where j.workspace_id = p.workspace_id and j.post_id = p.id
        and j.state = 'needs_human')";
    let parts = [
        post("unknown", "post_stuck", &format!("p.state = 'needs_person' and {unknown}")),
        post("stuck", "post_stuck", &format!("p.state = 'needs_person' and not {unknown}")),
        campaign("planning", "c.reason is not null"),
        campaign("plan", "c.stage = 'strategy_approval'"),
        post("approval", "post_waiting", "p.state = 'awaiting_approval'"),
        post(
            "missed",
            "post_timeline",
            &format!(
                "p.state = 'missed' and p.due_at > {now} - {MISSED_DAYS} * {DAY_MS} and p.due_at <= {now} + {DAY_MS}
                 and c.finished_at is null",
                now = now!()
            ),
        ),
        campaign(
            "budget",
            "c.budget_micro_usd > 0 and (select coalesce(sum(coalesce(spent_micro_usd, reserved_micro_usd)), 0) from cost k
                where k.workspace_id = c.workspace_id and k.campaign_id = c.id) >= c.budget_micro_usd * 9 / 10",
        ),
    ];
    let rows = db.execute(&parts.join("\nunion all\n"), &[pinned_ms.into(), workspace_id.into()]).await?;
    let alert = |row: Row<'_>| {
        Ok(Alert {
            kind: row.text("kind")?,
            campaign_id: row.text("campaign_id")?,
            campaign: row.text("campaign")?,
            post_id: row.opt_text("post_id")?,
            title: row.opt_text("title")?,
            reason: row.opt_text("reason")?,
            at: row.int("at")?,
        })
    };
    rows.iter().map(alert).collect()
}
