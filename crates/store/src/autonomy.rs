//! Earned autonomy: what a workspace asks, what it could relax, and the rules that stand. See `domain::autonomy`.

use domain::Mode;
use domain::autonomy::AutonomyPolicy;
use ports::{Db, DbError, Row, Value};

use crate::approval::Ruled;
use crate::now;
use crate::page::limited;

/// A workspace's policy as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What it says; the default, which is off, where a workspace never had one.
    pub policy: AutonomyPolicy,
    /// Grows with every change; 0 where a workspace never had one.
    pub revision: i64,
    /// Who changed it last.
    pub changed_by: Option<String>,
    /// Unix milliseconds.
    pub updated_at: Option<i64>,
}

/// The one that holds.
pub async fn find(db: &dyn Db, workspace_id: &str) -> Result<Kept, DbError> {
    let sql = "select enabled, streak_needed, mean_tenths_min, cap_max, revision, changed_by, updated_at
        from autonomy_policy where workspace_id = ?1";
    let rows = db.execute(sql, &[workspace_id.into()]).await?;
    let Some(row) = rows.first() else { return Ok(Kept::default()) };
    Ok(Kept {
        policy: AutonomyPolicy {
            enabled: row.bool("enabled")?,
            streak_needed: row.count("streak_needed")?,
            mean_tenths_min: row.count("mean_tenths_min")?,
            cap_max: row.count("cap_max")?,
        },
        revision: row.int("revision")?,
        changed_by: row.opt_text("changed_by")?,
        updated_at: row.opt_int("updated_at")?,
    })
}

/// Sets it, if it is still at this revision. Turning it off ends every rule. `false`: it is at another.
pub async fn set(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, revision): (&str, i64),
    policy: &AutonomyPolicy,
    actor: &str,
) -> Result<bool, DbError> {
    const BEGIN: &str = concat!(
        "insert into autonomy_policy (workspace_id, enabled, streak_needed, mean_tenths_min, cap_max, changed_by, updated_at)
        select ?2, ?4, ?5, ?6, ?7, ?8, ",
        now!(),
        " where ?3 = 0 on conflict do nothing returning revision"
    );
    const CHANGE: &str = concat!(
        "update autonomy_policy set enabled = ?4, streak_needed = ?5, mean_tenths_min = ?6, cap_max = ?7,
            revision = revision + 1, changed_by = ?8, updated_at = ",
        now!(),
        " where workspace_id = ?2 and revision = ?3 returning revision"
    );
    let parameters: [Value; 8] = [
        pinned_ms.into(),
        workspace_id.into(),
        revision.into(),
        policy.enabled.into(),
        i64::from(policy.streak_needed).into(),
        i64::from(policy.mean_tenths_min).into(),
        i64::from(policy.cap_max).into(),
        actor.into(),
    ];
    Ok(!db.execute(if revision == 0 { BEGIN } else { CHANGE }, &parameters).await?.is_empty())
}

/// Where a rule counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The channel.
    pub channel_id: String,
    /// The kind of content: the plan's pillar.
    pub pillar: String,
    /// Rehearsal or performance.
    pub mode: Mode,
}

/// What could be relaxed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Where.
    pub scope: Scope,
    /// The channel's name.
    pub channel_name: String,
    /// Approvals in a row, none of them edited.
    pub streak: i64,
}

/// How many of a workspace's newest approvals a streak is counted over: it never needs more than a hundred.
const APPROVALS_MAX: u32 = 100;

/// The streaks of a workspace (`?1`), by scope: approvals by people since the last fault, and since the last one of a
/// version that was edited or scored too low.
fn streaks() -> String {
    format!(
        "recent as materialized (
            select a.post_id, a.version, a.at from approval a
            where a.workspace_id = ?1 and a.decision = 'approve' and a.revoked_at is null and a.person <> 'policy'
              and not (a.person >= 'rule:' and a.person < 'rule;')
            order by a.at desc limit {APPROVALS_MAX}),
        judged as materialized (
            select p.channel_id, p.pillar, c.mode, r.post_id, r.at, v.author = 'copywriter'
                and coalesce(((d.scores ->> '$.hook') + (d.scores ->> '$.clarity') + (d.scores ->> '$.voice')
                    + (d.scores ->> '$.evidence') + (d.scores ->> '$.call_to_action')
                    + (d.scores ->> '$.platform_fit')) * 10 / 6.0, 0) >= o.mean_tenths_min as good
            from autonomy_policy o
            join recent r
            join post p on p.workspace_id = o.workspace_id and p.id = r.post_id
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = r.version
            left join review d on d.workspace_id = p.workspace_id and d.post_id = p.id and d.version = r.version
                and d.counts = 1
            where o.workspace_id = ?1 and o.enabled = 1),
        broken as materialized (
            select s.channel_id, s.pillar, s.mode, max(s.at) filter (where not s.good) as poor_at,
                (select max(f.at) from autonomy_fault f where f.workspace_id = ?1 and f.channel_id = s.channel_id
                    and f.pillar = s.pillar and f.mode = s.mode) as fault_at
            from judged s group by s.channel_id, s.pillar, s.mode),
        streak as (
            select j.channel_id, j.pillar, j.mode, count(distinct j.post_id) as streak
            from judged j
            join broken b on b.channel_id = j.channel_id and b.pillar = j.pillar and b.mode = j.mode
            where j.good and j.at > max(coalesce(b.poor_at, -1), coalesce(b.fault_at, -1))
            group by j.channel_id, j.pillar, j.mode)"
    )
}

const OFFERED: &str = "from streak s
    join autonomy_policy o on o.workspace_id = ?1 and o.enabled = 1 and s.streak >= o.streak_needed
    join channel ch on ch.workspace_id = o.workspace_id and ch.id = s.channel_id
    where not exists (select 1 from autonomy_rule r where r.workspace_id = o.workspace_id and r.agent_id = 'copywriter'
        and r.channel_id = s.channel_id and r.pillar = s.pillar and r.mode = s.mode and r.revoked_at is null)";

/// What a workspace could relax now.
pub async fn offers(db: &dyn Db, workspace_id: &str) -> Result<Vec<Offer>, DbError> {
    let sql = format!(
        "with {} select s.channel_id, ch.name as channel_name, s.pillar, s.mode, s.streak {OFFERED}
        order by s.streak desc, s.channel_id, s.pillar, s.mode",
        streaks()
    );
    let offer = |row: Row<'_>| -> Result<Offer, DbError> {
        Ok(Offer { scope: scope(&row)?, channel_name: row.text("channel_name")?, streak: row.int("streak")? })
    };
    db.execute(&sql, &[workspace_id.into()]).await?.iter().map(offer).collect()
}

fn scope(row: &Row<'_>) -> Result<Scope, DbError> {
    Ok(Scope { channel_id: row.text("channel_id")?, pillar: row.text("pillar")?, mode: row.parsed("mode")? })
}

/// A rule, standing or ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id.
    pub id: String,
    /// Where it counts.
    pub scope: Scope,
    /// The channel's name.
    pub channel_name: String,
    /// Most approvals a day.
    pub cap_per_day: i64,
    /// What it was earned by.
    pub streak: i64,
    /// Who accepted it.
    pub accepted_by: String,
    /// Unix milliseconds.
    pub accepted_at: i64,
    /// When it ended, Unix milliseconds.
    pub revoked_at: Option<i64>,
    /// Who ended it; `conductor` where a fault did.
    pub revoked_by: Option<String>,
    /// What ended it.
    pub reason: Option<String>,
    /// What it approved in all.
    pub approved: i64,
    /// Of that, within the last day.
    pub approved_today: i64,
}

/// Most rules that are listed.
pub const RULES_MAX: u32 = 100;

fn rules_sql(which: &str) -> String {
    let by = "select count(*) from approval a where a.workspace_id = r.workspace_id and a.person = 'rule:' || r.id
        and a.person >= 'rule:' and a.person < 'rule;'";
    let now = now!();
    format!(
        "select r.id, r.channel_id, ch.name as channel_name, r.pillar, r.mode, r.cap_per_day, r.streak, r.accepted_by,
            r.accepted_at, r.revoked_at, r.revoked_by, r.reason, ({by}) as approved,
            ({by} and a.at > {now} - 86400000) as approved_today
        from autonomy_rule r join channel ch on ch.workspace_id = r.workspace_id and ch.id = r.channel_id
        where r.workspace_id = ?2 {which} order by r.revoked_at is not null, r.accepted_at desc, r.id limit ?3"
    )
}

fn rule(row: Row<'_>) -> Result<Rule, DbError> {
    Ok(Rule {
        id: row.text("id")?,
        scope: scope(&row)?,
        channel_name: row.text("channel_name")?,
        cap_per_day: row.int("cap_per_day")?,
        streak: row.int("streak")?,
        accepted_by: row.text("accepted_by")?,
        accepted_at: row.int("accepted_at")?,
        revoked_at: row.opt_int("revoked_at")?,
        revoked_by: row.opt_text("revoked_by")?,
        reason: row.opt_text("reason")?,
        approved: row.int("approved")?,
        approved_today: row.int("approved_today")?,
    })
}

/// A workspace's rules: those that stand, then those that ended, the newest first.
pub async fn rules(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Vec<Rule>, DbError> {
    let parameters = [pinned_ms.into(), workspace_id.into(), limited(RULES_MAX)];
    db.execute(&rules_sql(""), &parameters).await?.iter().map(rule).collect()
}

/// The one with this id.
pub async fn rule_of(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
) -> Result<Option<Rule>, DbError> {
    let parameters = [pinned_ms.into(), workspace_id.into(), limited(1), id.into()];
    db.execute(&rules_sql("and r.id = ?4"), &parameters).await?.first().map(rule).transpose()
}

/// What history calls these rules (`rule:<id>`), each with a name for it: only of those that there are.
pub async fn names(db: &dyn Db, workspace_id: &str, actors: &[&str]) -> Result<Vec<(String, String)>, DbError> {
    let rows = db
        .execute(
            "select 'rule:' || r.id as actor, 'the rule that ' || coalesce(u.name, 'a former member') || ' accepted' as name
            from json_each(?2) shown
            cross join autonomy_rule r on r.workspace_id = ?1 and r.id = substr(shown.value, length('rule:') + 1)
            left join user u on u.id = coalesce(
                (select t.created_by from api_token t where t.workspace_id = r.workspace_id and 'token:' || t.id = r.accepted_by),
                r.accepted_by)",
            &[workspace_id.into(), serde_json::json!(actors).to_string().into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("actor")?, row.text("name")?))).collect()
}

/// Accepts what is offered now: a rule stands from here on. `false`: it is not offered any more, or with a smaller cap.
pub async fn accept(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    (scope, cap_per_day): (&Scope, u32),
    actor: &str,
) -> Result<bool, DbError> {
    let sql = format!(
        "with {} insert into autonomy_rule (workspace_id, id, channel_id, pillar, mode, cap_per_day, streak, accepted_by, accepted_at)
        select ?1, ?3, s.channel_id, s.pillar, s.mode, ?7, s.streak, ?8, {} {OFFERED}
          and s.channel_id = ?4 and s.pillar = ?5 and s.mode = ?6 and ?7 <= o.cap_max
        returning id",
        streaks(),
        now!().replace("?1", "?2"),
    );
    let parameters: [Value; 8] = [
        workspace_id.into(),
        pinned_ms.into(),
        id.into(),
        scope.channel_id.as_str().into(),
        scope.pillar.as_str().into(),
        scope.mode.as_str().into(),
        i64::from(cap_per_day).into(),
        actor.into(),
    ];
    match db.execute(&sql, &parameters).await {
        Ok(rows) => Ok(!rows.is_empty()),
        // Somebody else was quicker.
        Err(DbError::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Takes a rule back; what it approved and has not left waits again. `false`: none such stands.
pub async fn take_back(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    // A fault like any other: so much must be earned again.
    const TAKE_BACK: &str = concat!(
        "insert into autonomy_fault (workspace_id, channel_id, pillar, mode, at, id, what, by)
        select workspace_id, channel_id, pillar, mode, ",
        now!(),
        ", 'rule:' || id, 'taken_back', ?4 from autonomy_rule
        where workspace_id = ?2 and id = ?3 and revoked_at is null returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), actor.into()];
    Ok(!db.execute(TAKE_BACK, &parameters).await?.is_empty())
}

/// What rules may approve now, of all workspaces, each with its rule's actor. The trigger asks the same once more.
pub async fn approvable(db: &dyn Db, pinned_ms: Option<i64>, limit: u32) -> Result<Vec<(String, Ruled)>, DbError> {
    const APPROVABLE: &str = concat!(
        "select 'rule:' || r.id as actor, p.workspace_id, p.id, p.version, v.sha256, p.channel_id, p.due_at
        from autonomy_rule r
        cross join autonomy_policy o on o.workspace_id = r.workspace_id and o.enabled = 1
        cross join post p on p.workspace_id = r.workspace_id and p.state = 'awaiting_approval' and p.channel_id = r.channel_id
            and p.pillar = r.pillar and p.assigned_to is null and p.held = 0
        join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id and c.mode = r.mode
        join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id and e.kind = 'one'
            and json_array_length(e.rounds, '$[0].people') = 0
        join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            and v.author = r.agent_id and v.content -> '$.image.drawn' is null
            and not exists (select 1 from words_of_a_person w where w.workspace_id = p.workspace_id and w.post_id = p.id
                              and w.version = p.version)
        join review d on d.workspace_id = p.workspace_id and d.post_id = p.id and d.version = p.version
            and d.counts = 1 and d.verdict = 'approve'
        join version_risk k on k.workspace_id = p.workspace_id and k.post_id = p.id and k.version = p.version
            and k.delicate = 0
        where r.revoked_at is null and (c.time_lapse or p.due_at > ",
        now!(),
        ")
          and (select avg(s.value) * 10 from json_each(d.scores) s) >= o.mean_tenths_min
          and (select count(*) from approval a where a.workspace_id = r.workspace_id and a.person = 'rule:' || r.id
                 and a.person >= 'rule:' and a.person < 'rule;' and a.at > ",
        now!(),
        " - 86400000) < r.cap_per_day
        order by p.due_at limit ?2"
    );
    let one = |row: Row<'_>| -> Result<(String, Ruled), DbError> {
        let ruled = Ruled {
            workspace_id: row.text("workspace_id")?,
            post_id: row.text("id")?,
            version: row.int("version")?,
            content_sha256: row.text("sha256")?,
            channel_id: row.text("channel_id")?,
            due_at: row.int("due_at")?,
        };
        Ok((row.text("actor")?, ruled))
    };
    db.execute(APPROVABLE, &[pinned_ms.into(), limited(limit)]).await?.iter().map(one).collect()
}

#[cfg(test)]
mod tests;
