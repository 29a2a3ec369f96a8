//! An agent's record: what it scored, or how what it wrote was scored, as lines and in figures.

use domain::{AgentRole, Dimension, Verdict};
use maud::{Markup, html};
use serve::Problem;
use store::review::{self, Recorded};

use super::Sight;
use crate::elements::{chart, empty};

/// Over how many of the last reviews.
const REVIEWS_MAX: u32 = 60;

/// Whether it has one: reviewers, and whoever is reviewed.
pub(super) fn has(role: AgentRole) -> bool {
    role == AgentRole::Copywriter || !role.rubric().is_empty()
}

/// A chart for each dimension, and the same as a table.
pub(super) async fn section(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let role = sight.role();
    let is_writer = role == AgentRole::Copywriter;
    // What the copywriter wrote is measured by the verdicts that count.
    let whose = if is_writer { "director" } else { role.as_str() };
    let mut last = review::record(sight.app.ports.db, &sight.visit.workspace.id, whose, REVIEWS_MAX).await?;
    last.reverse();
    let dimensions = if is_writer { AgentRole::Editor.rubric() } else { role.rubric() };
    Ok(html! {
        section.section aria-labelledby="record-title" {
            div.top { h2 #record-title { "Record" } span.soft { @match last.len() { 1 => "1 review", many => { (many) " reviews" } } } }
            @if last.is_empty() { (empty::state("No record yet", "How versions are scored is drawn here, dimension by dimension.", None)) }
            @else {
                p { (verdicts(&last, is_writer)) }
                div.scroll tabindex="0" role="region" aria-label="Scores by dimension" {
                    table.pass-table {
                        caption.unseen { "Scores by dimension, over the last reviews" }
                        thead { tr {
                            th scope="col" { "Dimension" } th scope="col" { "Course" }
                            th.figure scope="col" { "First" } th.figure scope="col" { "Last" } th.figure scope="col" { "Mean" } th.figure scope="col" { "Too low" }
                        } }
                        tbody { @for dimension in dimensions { (row(*dimension, &last)) } }
                    }
                }
            }
        }
    })
}

fn verdicts(last: &[Recorded], is_writer: bool) -> String {
    let count = |verdict| last.iter().filter(|one| one.review.verdict == verdict).count();
    let (passed, back, rejected) = (count(Verdict::Approve), count(Verdict::Revise), count(Verdict::Reject));
    let thrown: usize = if is_writer { 0 } else { last.iter().map(|one| one.review.notes.len()).sum() };
    let mut said = format!("{passed} passed, {back} went back, {rejected} rejected.");
    if thrown > 0 {
        said += &format!(" {thrown} quotes were thrown away, for no version said them.");
    }
    said
}

fn row(dimension: Dimension, last: &[Recorded]) -> Markup {
    let of = |one: &Recorded| one.review.marks.iter().find(|mark| mark.dimension == dimension).map(|mark| mark.score);
    let scores: Vec<i64> = last.iter().filter_map(of).map(i64::from).collect();
    let least = i64::from(domain::review::SCORE_MIN);
    let tenths: Vec<i64> = scores.iter().map(|score| score * 10).collect();
    let low = scores.iter().filter(|score| **score < least).count();
    html! {
        @if let (Some(first), Some(newest)) = (scores.first(), scores.last()) {
            @let mean = tenths.iter().sum::<i64>() / i64::try_from(scores.len()).unwrap_or(1).max(1);
            tr {
                th scope="row" { (dimension.label()) }
                td { (chart::scores(&tenths, least * 10)) }
                td.figure { (first) } td.figure { (newest) } td.figure { (mean / 10) "." (mean % 10) }
                td.figure.under[low > 0] { (low) }
            }
        }
    }
}
