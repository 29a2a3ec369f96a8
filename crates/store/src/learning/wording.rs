//! The words of a proposal: what people changed or said, and the sentence that came of it.

use ports::{Db, DbError};

use crate::job::Claimed;
use crate::now;

/// Who has the words where a model's were refused, or none was to be had.
pub const RULES: &str = "rules";
/// Who has them where a person wrote them.
pub const PERSON: &str = "person";
/// Most places that are read.
const EVIDENCE_MAX: u32 = 5;

/// Where a proposal was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What was written, and what people made of it.
    pub edits: Vec<(String, String)>,
    /// What people said when they sent posts back.
    pub comments: Vec<String>,
}

/// What a proposal comes from, without what somebody had forgotten since.
pub async fn evidence(db: &dyn Db, (workspace_id, id): (&str, &str)) -> Result<Evidence, DbError> {
    let sql = format!(
        "select a.comment, b.content ->> '$.text' as before, v.content ->> '$.text' as after
        from learning l cross join json_each(l.sources) s
        left join approval a on l.origin = 'comments' and a.workspace_id = l.workspace_id
            and a.id = s.value ->> '$.approval_id'
        left join post_version v on l.origin = 'edits' and v.workspace_id = l.workspace_id
            and v.post_id = s.value ->> '$.post_id' and v.version = s.value ->> '$.version'
        left join post_version b on b.workspace_id = v.workspace_id and b.post_id = v.post_id and b.version = v.version - 1
        where l.workspace_id = ?1 and l.id = ?2 and not exists (
            select 1 from memory m where m.workspace_id = l.workspace_id and m.forgotten_at is not null
              and m.id = coalesce('approval:' || a.id, 'version:' || v.post_id || ':' || v.version))
        limit {EVIDENCE_MAX}"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), id.into()]).await?;
    let mut seen = Evidence::default();
    for row in rows.iter() {
        seen.edits.extend(row.opt_text("before")?.zip(row.opt_text("after")?));
        seen.comments.extend(row.opt_text("comment")?);
    }
    Ok(seen)
}

/// A proposal's words, and whose they are.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// The sentence.
    pub statement: &'a str,
    /// `provider/model`, or [`RULES`].
    pub by: &'a str,
}

/// Keeps them, once, for whoever holds the job of the proposal's first trial. `false`: they are kept already, somebody
/// changed it, another learning says the same, or another worker has the job.
pub async fn keep(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    job: &Claimed,
    words: &Words<'_>,
) -> Result<bool, DbError> {
    const KEEP: &str = concat!(
        "update learning set statement = ?4, key = ?5, worded_by = ?6, revision = revision + 1, changed_by = 'analyst',
            updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and state = 'trying' and edition = 1 and worded_by is null
          and not exists (select 1 from learning other where other.workspace_id = ?2 and other.key = ?5 and other.id <> ?3
                            and coalesce(other.channel_id, '') = coalesce(learning.channel_id, ''))
          and exists (select 1 from job where workspace_id = ?2 and id = ?7 and fence = ?8 and state = 'leased')
        returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        words.statement.into(),
        domain::learning::key(words.statement).into(),
        words.by.into(),
        job.id.as_str().into(),
        job.fence.into(),
    ];
    Ok(!db.execute(KEEP, &parameters).await?.is_empty())
}
