//! What may be worth a try: read where triggers noted that something was seen, and written down as proposals.

use domain::Dimension;
use domain::learning::OPEN_MAX;
use domain::learning::signals::{Proposal, Seen, Source};
use domain::rubric::REVIEWERS;
use ports::{Db, DbError, Row};

use crate::json::{json, to_json};
use crate::{now, review_rule};

/// How far back is looked, in days.
const DAYS: u32 = 90;
/// Most edits, comments and reviews that are read.
const SEEN_MAX: u32 = 200;

/// Workspaces in which something was seen since they were last looked at.
pub async fn wanted(db: &dyn Db, limit: u32) -> Result<Vec<String>, DbError> {
    let sql = "select workspace_id from learning_wanted order by workspace_id limit ?1";
    let rows = db.execute(sql, &[i64::from(limit).into()]).await?;
    rows.iter().map(|row| row.text("workspace_id")).collect()
}

/// This workspace is about to be looked at; what comes later is noted anew.
pub async fn looked(db: &dyn Db, workspace_id: &str) -> Result<(), DbError> {
    db.execute("delete from learning_wanted where workspace_id = ?1", &[workspace_id.into()]).await.map(|_| ())
}

/// What was seen lately.
pub async fn seen(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Seen, DbError> {
    Ok(Seen {
        edits: edits(db, pinned_ms, workspace_id).await?,
        comments: comments(db, pinned_ms, workspace_id).await?,
        scores: scores(db, pinned_ms, workspace_id).await?,
    })
}

fn source(row: &Row<'_>) -> Result<Source, DbError> {
    Ok(Source {
        post_id: row.text("post_id")?,
        version: row.int("version")?,
        approval_id: row.opt_text("approval_id")?,
    })
}

type Edit = (Source, domain::Content, domain::Content);

async fn edits(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Vec<Edit>, DbError> {
    let sql = format!(
        "select v.post_id, v.version, null as approval_id, b.content as before, v.content as after
        from post_version v
        join post_version b on b.workspace_id = v.workspace_id and b.post_id = v.post_id and b.version = v.version - 1
            and b.author = 'copywriter'
        where v.workspace_id = ?2 and v.author <> 'copywriter' and v.created_at > {now} - {DAYS} * 86400000
        order by v.created_at desc limit {SEEN_MAX}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?;
    rows.iter().map(|row| Ok((source(&row)?, json(&row, "before")?, json(&row, "after")?))).collect()
}

async fn comments(db: &dyn Db, pinned_ms: Option<i64>, workspace_id: &str) -> Result<Vec<(Source, String)>, DbError> {
    let sql = format!(
        "select post_id, version, id as approval_id, comment from approval
        where workspace_id = ?2 and decision = 'send_back' and comment is not null and at > {now} - {DAYS} * 86400000
        order by at desc limit {SEEN_MAX}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into()]).await?;
    rows.iter().map(|row| Ok((source(&row)?, row.text("comment")?))).collect()
}

async fn scores(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
) -> Result<Vec<(Source, Dimension, bool)>, DbError> {
    let rules = review_rule::find(db, workspace_id).await?.rules;
    let sql = format!(
        "select r.post_id, r.version, null as approval_id, r.scores from json_each(?3) who
        cross join review r on r.workspace_id = ?2 and r.reviewer = who.value and r.at > {now} - {DAYS} * 86400000
        where r.version = 1 and r.scores is not null order by r.at desc limit {SEEN_MAX}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into(), to_json(&REVIEWERS)?.into()]).await?;
    let mut found = Vec::new();
    for row in rows.iter() {
        let scores: std::collections::BTreeMap<Dimension, u8> = json(&row, "scores")?;
        let source = source(&row)?;
        found.extend(
            scores
                .into_iter()
                .map(|(dimension, score)| (source.clone(), dimension, score < rules.threshold(dimension))),
        );
    }
    Ok(found)
}

/// Writes down what is worth a try and was not said before, while there is room. `false`: there is none, or it was.
pub async fn propose(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    proposal: &Proposal,
) -> Result<bool, DbError> {
    let sql = format!(
        "insert into learning (workspace_id, id, key, statement, rule_key, rule_statement, origin, sources, changed_by,
            created_at, updated_at)
        select ?2, ?3, ?4, ?5, ?4, ?5, ?6, ?7, 'analyst', {now}, {now}
        where (select count(*) from learning where workspace_id = ?2 and state = 'proposed')
            + (select count(*) from learning where workspace_id = ?2 and state = 'trying') < {OPEN_MAX}
          and not exists (select 1 from learning where workspace_id = ?2 and key = ?4)
          and not exists (select 1 from learning where workspace_id = ?2 and rule_key = ?4)
        on conflict do nothing returning id",
        now = now!()
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        proposal.key.as_str().into(),
        proposal.statement.as_str().into(),
        proposal.origin.as_str().into(),
        to_json(&proposal.sources)?.into(),
    ];
    Ok(!db.execute(&sql, &parameters).await?.is_empty())
}
