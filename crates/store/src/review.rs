//! Reviews: what reviewers said of versions.

use domain::{Finding, Scores, Verdict};
use ports::{Db, DbError, Row};

use crate::json::{json, opt_json};
use crate::page::limited;

/// One reviewer's verdict on one version.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// The version, counted from 1.
    pub version: i64,
    /// `structure`, `editor`.
    pub reviewer: String,
    /// What it came to.
    pub verdict: Verdict,
    /// By rubric, where the reviewer gives any.
    pub scores: Option<Scores>,
    /// With their quotes.
    pub findings: Vec<Finding>,
    /// Provider and model, where one judged.
    pub model: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
}

fn review(row: Row<'_>) -> Result<Review, DbError> {
    Ok(Review {
        version: row.int("version")?,
        reviewer: row.text("reviewer")?,
        verdict: row.parsed("verdict")?,
        scores: opt_json(&row, "scores")?,
        findings: json(&row, "findings")?,
        model: row.opt_text("model")?,
        at: row.int("at")?,
    })
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
            "select version, reviewer, verdict, scores, findings, model, at from review
            where workspace_id = ?1 and post_id = ?2 and (version, reviewer) < (?3, ?4)
            order by version desc, reviewer desc limit ?5",
            &[workspace_id.into(), post_id.into(), version.into(), reviewer.into(), limited(limit)],
        )
        .await?;
    rows.iter().map(review).collect()
}
