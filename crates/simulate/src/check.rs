//! The rules that every run is held to, whatever went wrong in it (reliability: one post, none lost, none stuck,
//! nothing unapproved, books that agree).

use std::collections::BTreeMap;

use domain::JobState;
use ports::{DbError, Row};

use crate::people::open_states;
use crate::play::{Report, Run};

/// Every rule; the first that is broken, in words.
pub(crate) fn rules(run: &Run) -> Result<(), String> {
    nothing_went_out_twice(run)?;
    let checks: [(&str, &str); 17] = [
        ("a job is left open", "select id as what from job where state in (OPEN)"),
        (
            "a job is done but has no publication, or the other way round",
            "select j.id as what from job j where j.step = 'publish' and (j.state = 'done') <>
                exists (select 1 from publication p where p.workspace_id = j.workspace_id and p.job_id = j.id)",
        ),
        (
            "a post is published but the ledger does not hold exactly one publication of it",
            "select p.id as what from post p where (p.state = 'published') <> ((select count(*) from publication u
                where u.workspace_id = p.workspace_id and u.post_id = p.id) = 1)",
        ),
        (
            "a publication was not approved as it was, when it was armed",
            UNAPPROVED,
        ),
        ("a publication went out without everybody's approval that its policy asked for", SHORT_OF_ITS_POLICY),
        ("a rule that was earned had a publication armed after a fault in its scope", AFTER_A_FAULT),
        ("a rule that was earned approved more in a day than its cap", OVER_ITS_CAP),
        (
            "a publication was armed later than the grace allows",
            "select u.job_id as what from publication u join post p on p.workspace_id = u.workspace_id and p.id = u.post_id
                join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
                where c.time_lapse = 0 and u.armed_at > p.due_at + (select grace_ms from setting)",
        ),
        (
            "a publication was armed before its time",
            "select u.job_id as what from publication u join post p on p.workspace_id = u.workspace_id and p.id = u.post_id
                join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
                where c.time_lapse = 0 and u.armed_at < p.due_at",
        ),
        (
            "a rehearsal left the building, or a performance went to the rehearsal stage",
            "select s.key as what from stage_entry s join campaign c on c.workspace_id = s.workspace_id
                and c.id = s.campaign_id where c.mode <> s.mode",
        ),
        (
            "a performance's post was armed while its workspace was in rehearsal",
            "select a.subject as what from event a
                join campaign c on c.workspace_id = a.workspace_id and c.id = a.campaign_id
                where a.kind = 'job.armed' and c.mode = 'performance' and 'workspace.rehearsal' = (
                    select kind from event m where m.workspace_id = a.workspace_id and m.seq < a.seq
                      and m.kind in ('workspace.rehearsal', 'workspace.performance') order by m.seq desc limit 1)",
        ),
        ("a reservation was never settled", "select id as what from cost where state = 'reserved'"),
        (
            "a campaign spent more than its budget",
            "select c.id as what from campaign c where c.budget_micro_usd < (select coalesce(sum(spent_micro_usd), 0)
                from cost k where k.workspace_id = c.workspace_id and k.campaign_id = c.id)",
        ),
        ("a trial is left open, though its job is over", "select id as what from learning_trial where result is null"),
        (
            "a learning is told of other pairs than it has",
            "select l.id as what from learning l where (l.wins, l.losses, l.ties) is not (
                select coalesce(sum(result = 'win'), 0), coalesce(sum(result = 'loss'), 0), coalesce(sum(result = 'tie'), 0)
                from learning_trial t where t.workspace_id = l.workspace_id and t.learning_id = l.id and t.edition = l.edition)",
        ),
        (
            "what was written for a trial became a version",
            "select v.post_id as what from post_version v
                where v.author = 'copywriter' and not exists (select 1 from job j where j.workspace_id = v.workspace_id
                    and j.post_id = v.post_id and j.step = 'generate' and j.state = 'done')",
        ),
        (
            "a job's history does not end where the job is",
            "select j.id as what from job j where 'job.' || j.state <> (select kind from event e
                where e.workspace_id = j.workspace_id and e.subject = 'job:' || j.id order by seq desc limit 1)",
        ),
    ];
    for (complaint, sql) in checks {
        let rows = run.db.run(&sql.replace("OPEN", &open_states()), &[]).map_err(|error| error.to_string())?;
        if let Some(row) = rows.first() {
            return Err(format!("{complaint}: {}", row.str("what").unwrap_or("?")));
        }
    }
    every_move_is_drawn(run)?;
    books_agree(run)?;
    file_is_sound(run)
}

/// By the order of history, for the clock may have gone back between an approval, its end and the arming.
const UNAPPROVED: &str = "with armed as (
        select u.*, (select max(seq) from event e where e.workspace_id = u.workspace_id and e.subject = 'job:' || u.job_id
            and e.kind = 'job.armed') as seq from publication u)
    select armed.job_id as what from armed where not exists (
        select 1 from job j join approval a on a.workspace_id = j.workspace_id and a.id = j.approval_id
        join event e on e.workspace_id = a.workspace_id and e.subject = 'post:' || a.post_id
            and e.kind = 'approval.approve' and e.actor = a.user_id and e.at = a.at and e.seq < armed.seq
        where j.workspace_id = armed.workspace_id and j.id = armed.job_id and a.decision = 'approve'
            and a.content_sha256 = armed.content_sha256 and a.version = armed.version and a.channel_id = armed.channel_id
            and not exists (select 1 from event v where v.workspace_id = e.workspace_id and v.subject = e.subject
                and v.kind = 'approval.void' and v.at = a.revoked_at and v.seq > e.seq and v.seq < armed.seq))";

/// The policy is the last one of its campaign, or where that inherits or never had one, of its workspace, before the
/// job was armed. Its approvals stood then, of exactly this, by as many different people in all, of those it names.
const SHORT_OF_ITS_POLICY: &str = "with armed as (
        select u.*, (select max(seq) from event e where e.workspace_id = u.workspace_id and e.subject = 'job:' || u.job_id
            and e.kind = 'job.armed') as seq from publication u),
    own as (select armed.*, (select max(seq) from event e where e.workspace_id = armed.workspace_id
        and e.subject = 'policy:' || armed.campaign_id and e.kind = 'policy.changed' and e.seq < armed.seq) as own_seq from armed),
    policy as (select own.*, (select max(seq) from event e where e.workspace_id = own.workspace_id and e.kind = 'policy.changed'
        and e.seq < own.seq and e.subject = iif(coalesce((select data ->> 'kind' from event where seq = own.own_seq), 'inherit')
            = 'inherit', 'policy:', 'policy:' || own.campaign_id)) as policy_seq from own),
    given as (select policy.*, a.person from policy join approval a on a.workspace_id = policy.workspace_id
        and a.post_id = policy.post_id and a.decision = 'approve' and a.content_sha256 = policy.content_sha256
        and a.version = policy.version and a.channel_id = policy.channel_id
        and exists (select 1 from event e where e.workspace_id = a.workspace_id and e.subject = 'post:' || a.post_id
            and e.kind = 'approval.approve' and e.actor = a.user_id and e.at = a.at and e.seq < policy.seq
            and not exists (select 1 from event v where v.workspace_id = e.workspace_id and v.subject = e.subject
                and v.kind = 'approval.void' and v.at = a.revoked_at and v.seq > e.seq and v.seq < policy.seq)))
    select policy.job_id as what from policy join event e on e.seq = policy.policy_seq join json_each(e.data, '$.rounds') r
    where (select count(distinct person) from given where given.workspace_id = policy.workspace_id and given.job_id = policy.job_id
        and (json_array_length(r.value, '$.people') = 0 or person in (select value from json_each(r.value, '$.people'))))
        < r.value ->> '$.needed'";

/// By the order of history: between the rule's beginning and the arming nobody sent back, dropped or changed a post of
/// its scope, and no outcome there was unknown or lost. Says nothing of how a rule ends.
const AFTER_A_FAULT: &str = "with armed as (
        select u.*, a.person, (select max(seq) from event e where e.workspace_id = u.workspace_id
            and e.subject = 'job:' || u.job_id and e.kind = 'job.armed') as seq
        from publication u join job j on j.workspace_id = u.workspace_id and j.id = u.job_id
        join approval a on a.workspace_id = j.workspace_id and a.id = j.approval_id where a.person like 'rule:%')
    select armed.job_id as what from armed
    join event b on b.workspace_id = armed.workspace_id and b.kind = 'autonomy.accepted' and b.subject = armed.person
    join post p on p.workspace_id = armed.workspace_id and p.id = armed.post_id
    join event f on f.workspace_id = armed.workspace_id and f.seq > b.seq and f.seq < armed.seq
    left join job fj on f.subject = 'job:' || fj.id and fj.workspace_id = f.workspace_id and fj.step = 'publish'
    join post fp on fp.workspace_id = f.workspace_id and f.subject in ('post:' || fp.id, 'job:' || fj.id)
        and fp.id = coalesce(fj.post_id, fp.id) and fp.channel_id = p.channel_id and fp.pillar = p.pillar
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join campaign fc on fc.workspace_id = fp.workspace_id and fc.id = fp.campaign_id and fc.mode = c.mode
    where f.kind in ('approval.send_back', 'approval.reject', 'job.unknown', 'job.needs_human', 'job.dead')
       or (f.kind = 'version.written' and f.actor <> 'copywriter' and f.data ->> 'version' > 1)";

/// In any stretch of 24 hours, by the times that it approved at.
const OVER_ITS_CAP: &str = "select r.id as what from autonomy_rule r join approval a on a.workspace_id = r.workspace_id
        and a.person = 'rule:' || r.id
    where r.cap_per_day < (select count(*) from approval b join event be on be.workspace_id = b.workspace_id
            and be.subject = 'post:' || b.post_id and be.kind = 'approval.approve' and be.actor = b.user_id and be.at = b.at
        join event ae on ae.workspace_id = a.workspace_id and ae.subject = 'post:' || a.post_id
            and ae.kind = 'approval.approve' and ae.actor = a.user_id and ae.at = a.at
        where b.workspace_id = a.workspace_id and b.person = a.person and be.seq <= ae.seq and b.at > a.at - 86400000)";

fn nothing_went_out_twice(run: &Run) -> Result<(), String> {
    let text = |error: DbError| error.to_string();
    let mut by_post: BTreeMap<String, u32> = BTreeMap::new();
    for accepted in run.platform.accepted.borrow().iter() {
        let rows = run
            .db
            .run(
                "select j.post_id, j.content_sha256, j.state, j.ext_id, a.decision from job j join approval a
                on a.workspace_id = j.workspace_id and a.id = j.approval_id where j.id = ?1",
                &[accepted.key.as_str().into()],
            )
            .map_err(text)?;
        let Some(row) = rows.first() else { return Err(format!("{} went out without a job", accepted.key)) };
        if row.str("content_sha256").map_err(text)? != accepted.content_sha256 {
            return Err(format!("{} went out with words that nobody approved", accepted.key));
        }
        if row.str("state").map_err(text)? != "done" {
            return Err(format!("{} went out, but its job is {}", accepted.key, row.str("state").map_err(text)?));
        }
        *by_post.entry(row.text("post_id").map_err(text)?).or_default() += 1;
    }
    let rows = run.db.run("select post_id from stage_entry", &[]).map_err(text)?;
    for row in rows.iter() {
        *by_post.entry(row.text("post_id").map_err(text)?).or_default() += 1;
    }
    match by_post.iter().find(|(_, count)| **count > 1) {
        Some((post, count)) => Err(format!("{post} went out {count} times")),
        None => Ok(()),
    }
}

/// History holds every move, from the first `ready` on, and each of them is one that is drawn.
fn every_move_is_drawn(run: &Run) -> Result<(), String> {
    for (from, to) in moves(run).map_err(|error| error.to_string())? {
        if !from.next().contains(&to) {
            return Err(format!("a job went from {from} to {to}"));
        }
    }
    Ok(())
}

fn moves(run: &Run) -> Result<Vec<(JobState, JobState)>, DbError> {
    let sql = "select distinct data ->> 'from' as was, substr(kind, 5) as now from event
        where kind like 'job.%' and data ->> 'from' is not null";
    run.db.run(sql, &[])?.iter().map(|row: Row<'_>| Ok((row.parsed("was")?, row.parsed("now")?))).collect()
}

/// Every call has its row, and every row that says so was a call.
fn books_agree(run: &Run) -> Result<(), String> {
    let text = |error: DbError| error.to_string();
    let rows = run
        .db
        .run(
            "select count(*) as n, coalesce(sum(state = 'settled' and outcome <> 'unreachable'), 0) as settled from cost",
            &[],
        )
        .map_err(text)?;
    let Some(row) = rows.first() else { return Ok(()) };
    let (rows, settled, calls) = (row.int("n").map_err(text)?, row.int("settled").map_err(text)?, run.calls.get());
    if calls > rows || settled > calls {
        return Err(format!("{calls} calls were made; the ledger has {rows} rows, {settled} of them settled as calls"));
    }
    Ok(())
}

fn file_is_sound(run: &Run) -> Result<(), String> {
    let text = |error: DbError| error.to_string();
    let rows = run.db.run("pragma foreign_key_check", &[]).map_err(text)?;
    if !rows.is_empty() {
        return Err("a foreign key points nowhere".into());
    }
    // Whether indexes agree with their tables is SQLite's affair; the suite that kills processes asks for that as well.
    let rows = run.db.run("pragma quick_check", &[]).map_err(text)?;
    match rows.first().map(|row| row.text("quick_check")) {
        Some(Ok(answer)) if answer == "ok" => Ok(()),
        other => Err(format!("the database is broken: {other:?}")),
    }
}

/// What is still open, for a complaint.
pub(crate) fn open_jobs(run: &Run) -> Result<String, DbError> {
    let sql = format!(
        "select coalesce(group_concat(what, '; '), 'nothing') as what from (
            select id || ' is ' || state || coalesce(' (' || last_error || ')', '') as what from job where state in ({})
            union all select id || ' is ' || state || coalesce(' (' || reason || ')', '') || coalesce((
                select ', last ' || j.id || ' ' || j.state || ': ' || coalesce(j.last_error, '') from job j
                where j.workspace_id = post.workspace_id and j.post_id = post.id order by j.updated_at desc limit 1), '') from post
                where state not in ('published', 'missed', 'rejected', 'cancelled')
            union all select id || ' is ' || stage from campaign where stage not in ('finished', 'cancelled'))",
        open_states()
    );
    run.db.run(&sql, &[])?.first().map_or(Ok(String::new()), |row| row.text("what"))
}

/// What the run did.
pub(crate) fn report(run: &Run) -> Result<Report, DbError> {
    let rows =
        run.db.run("select count(*) as posts, coalesce(sum(state = 'published'), 0) as published from post", &[])?;
    let count = |column: &str| {
        rows.first().map_or(Ok(0), |row| row.int(column).map(|number| u64::try_from(number).unwrap_or(0)))
    };
    Ok(Report {
        posts: count("posts")?,
        published: count("published")?,
        crashes: run.world.crashes.get(),
        moves: moves(run)?.into_iter().map(|(from, to)| format!("{from}>{to}")).collect(),
    })
}
