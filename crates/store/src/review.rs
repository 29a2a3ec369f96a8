//! Reviews: what reviewers said of versions.

use std::collections::BTreeMap;

use domain::rubric::copy_scores;
use domain::{Dimension, Finding, Mark, Scores, Verdict};
use ports::{Db, DbError, Row};

use crate::json::{json, opt_json};
use crate::page::limited;

/// One reviewer's verdict on one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The version, counted from 1.
    pub version: i64,
    /// `structure`, a reviewer's role, or `director`.
    pub reviewer: String,
    /// What it came to.
    pub verdict: Verdict,
    /// The editor's six, where it is a review that has them.
    pub scores: Option<Scores>,
    /// By the reviewer's rubric, each with the words that it rests on.
    pub marks: Vec<Mark>,
    /// With their quotes.
    pub findings: Vec<Finding>,
    /// A reviewer's: quotes that the version does not hold. The director's: why it is no approval.
    pub notes: Vec<String>,
    /// Whether this is the verdict that counts.
    pub counts: bool,
    /// Which prompt asked, with its version.
    pub prompt: Option<String>,
    /// Provider and model, where one judged.
    pub model: Option<String>,
    /// Who judged wrote it as well.
    pub by_the_writer: bool,
    /// Unix milliseconds.
    pub at: i64,
}

/// Whether the model that judged is the one that wrote.
const BY_THE_WRITER: &str = "coalesce(model = (select v.model from post_version v
    where v.workspace_id = review.workspace_id and v.post_id = review.post_id and v.version = review.version), 0)
    as by_the_writer";

/// Scores and quotes as they are kept, together.
fn marks(scores: Option<BTreeMap<Dimension, u8>>, evidence: &BTreeMap<Dimension, String>) -> Vec<Mark> {
    let quote = |dimension| evidence.get(&dimension).cloned().unwrap_or_default();
    let scores = scores.unwrap_or_default().into_iter();
    scores.map(|(dimension, score)| Mark { dimension, score, quote: quote(dimension) }).collect()
}

fn review(row: Row<'_>) -> Result<Review, DbError> {
    let marks = marks(opt_json(&row, "scores")?, &json(&row, "evidence")?);
    Ok(Review {
        version: row.int("version")?,
        reviewer: row.text("reviewer")?,
        verdict: row.parsed("verdict")?,
        scores: copy_scores(&marks),
        marks,
        notes: json(&row, "notes")?,
        counts: row.bool("counts")?,
        prompt: row.opt_text("prompt")?,
        findings: json(&row, "findings")?,
        model: row.opt_text("model")?,
        by_the_writer: row.bool("by_the_writer")?,
        at: row.int("at")?,
    })
}

/// A review in a reviewer's record.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// Of this post.
    pub post_id: String,
    /// What was said.
    pub review: Review,
}

/// A reviewer's last, the newest first. `director`: the verdicts that count.
pub async fn record(db: &dyn Db, workspace_id: &str, reviewer: &str, limit: u32) -> Result<Vec<Recorded>, DbError> {
    let rows = db
        .execute(
            &format!("select post_id, version, reviewer, verdict, scores, evidence, findings, notes, counts, prompt, model,
                {BY_THE_WRITER}, at
            from review where workspace_id = ?1 and reviewer = ?2 order by at desc, post_id desc, version desc limit ?3"),
            &[workspace_id.into(), reviewer.into(), limited(limit)],
        )
        .await?;
    rows.iter().map(|row| Ok(Recorded { post_id: row.text("post_id")?, review: review(row)? })).collect()
}

/// What writing and judging each version of a post cost, in millionths of a US dollar.
pub async fn costs(db: &dyn Db, workspace_id: &str, post_id: &str) -> Result<BTreeMap<i64, i64>, DbError> {
    // The copywriter's job names the version that it began from.
    let rows = db
        .execute(
            "select coalesce(j.version, 0) + (j.step = 'generate') as version, sum(k.spent_micro_usd) as spent
            from job j join cost k on k.workspace_id = j.workspace_id and k.job_id = j.id
            where j.workspace_id = ?1 and j.post_id = ?2 and j.step in ('generate', 'review')
              and k.spent_micro_usd is not null group by 1",
            &[workspace_id.into(), post_id.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.int("version")?, row.int("spent")?))).collect()
}

/// A post's, the newest version first, before this (version, reviewer).
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    post_id: &str,
    after: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<Review>, DbError> {
    let (version, reviewer) = after.unwrap_or((i64::MAX, ""));
    let rows = db
        .execute(
            &format!(
                "select version, reviewer, verdict, scores, evidence, findings, notes, counts, prompt, model,
                {BY_THE_WRITER}, at
            from review where workspace_id = ?1 and post_id = ?2 and (version, reviewer) < (?3, ?4)
            order by version desc, reviewer desc limit ?5"
            ),
            &[workspace_id.into(), post_id.into(), version.into(), reviewer.into(), limited(limit)],
        )
        .await?;
    rows.iter().map(review).collect()
}
