//! The passes of a post: each version with its mean score, and the line that rises through them.

use std::collections::BTreeMap;

use domain::chain::Rules;
use domain::review::MEAN_TENTHS_MIN;
use domain::{Dimension, Mark, Scores, Verdict};
use maud::{Markup, html};

use super::scores::mean;

/// One version of a post.
#[derive(Clone, Debug)]
pub struct Pass {
    /// Counted from 1.
    pub version: i64,
    /// Who wrote it.
    pub author: String,
    /// The editor's, if it judged this one.
    pub scores: Option<Scores>,
    /// Findings of all reviewers.
    pub findings: usize,
    /// What all reviewers scored.
    pub marks: Vec<Mark>,
    /// The director's.
    pub verdict: Option<Verdict>,
}

/// Every dimension from pass to pass, as a line and in figures; and what each pass cost. The oldest pass first.
pub fn dimensions(passes: &[Pass], rules: &Rules, costs: &BTreeMap<i64, i64>) -> Markup {
    let judged: Vec<&Pass> = passes.iter().filter(|pass| !pass.marks.is_empty()).collect();
    let score = |pass: &Pass, dimension| {
        let mark = pass.marks.iter().find(|mark| mark.dimension == dimension)?;
        Some(mark.score)
    };
    let scored = Dimension::ALL.iter().copied().filter(|one| judged.iter().any(|pass| score(pass, *one).is_some()));
    let money = passes.iter().any(|pass| costs.get(&pass.version).is_some_and(|spent| *spent > 0));
    html! {
        @if !judged.is_empty() {
            div.scroll tabindex="0" role="region" aria-label="Scores from pass to pass" {
                table.pass-table {
                    caption.unseen { "Scores by dimension, from version to version" }
                    thead { tr {
                        th scope="col" { "Dimension" }
                        @if judged.len() > 1 { th scope="col" { span.unseen { "Course" } } }
                        @for pass in &judged { th.figure scope="col" { abbr title={ "Version " (pass.version) } { "v" (pass.version) } } }
                        th.figure scope="col" { "Needs" }
                    } }
                    tbody {
                        @for dimension in scored {
                            @let scores: Vec<Option<u8>> = judged.iter().map(|pass| score(pass, dimension)).collect();
                            tr {
                                th scope="row" { (dimension.label()) " " span.soft.small { (dimension.reviewer()) } }
                                @if judged.len() > 1 { td { (course(&scores, rules.threshold(dimension))) } }
                                @for score in &scores {
                                    @match score {
                                        Some(score) => td.figure.under[*score < rules.threshold(dimension)] { (score) @if *score < rules.threshold(dimension) { span.unseen { " too low" } } },
                                        None => td.figure { "–" span.unseen { " not asked" } },
                                    }
                                }
                                td.figure.soft { (rules.threshold(dimension)) }
                            }
                        }
                        tr.total {
                            th scope="row" { "Verdict" } @if judged.len() > 1 { td {} }
                            @for pass in &judged { td.figure { @match pass.verdict { Some(verdict) => (super::badge::verdict(verdict)), None => "–" } } }
                            td {}
                        }
                        @if money { tr.total {
                            th scope="row" { "Cost" } @if judged.len() > 1 { td {} }
                            @for pass in &judged { td.figure { (super::cost::dollars(costs.get(&pass.version).copied().unwrap_or(0))) } }
                            td {}
                        } }
                    }
                }
            }
        }
    }
}

/// One dimension's way through the passes; the table has its figures.
fn course(scores: &[Option<u8>], threshold: u8) -> Markup {
    let last = scores.len().max(2) - 1;
    let place = |at: usize, score: u8| (4 + at * 72 / last, 20 - usize::from(score.min(10)) * 18 / 10);
    let points: Vec<(usize, usize)> =
        scores.iter().enumerate().filter_map(|(at, score)| score.map(|score| place(at, score))).collect();
    let line: Vec<String> = points.iter().map(|(x, y)| format!("{x},{y}")).collect();
    let needed = place(0, threshold).1;
    html! {
        svg.course viewBox="0 0 80 22" aria-hidden="true" {
            line.threshold x1="0" x2="80" y1=(needed) y2=(needed) {}
            polyline points=(line.join(" ")) fill="none" stroke="currentColor" stroke-width="1.5" {}
            @for (x, y) in &points { circle cx=(x) cy=(y) r="2.2" fill="currentColor" {} }
        }
    }
}

/// The strip, the oldest first. `shown`: the version on the page.
pub fn strip(post_id: &str, passes: &[Pass], shown: i64) -> Markup {
    html! {
        @if passes.iter().filter(|pass| pass.scores.is_some()).count() > 1 { (rise(passes)) }
        ol.passes role="list" aria-label="Versions" {
            @for pass in passes {
                li {
                    a href={ "/posts/" (post_id) "?version=" (pass.version) "#words" } aria-current=[(pass.version == shown).then_some("true")] {
                        span { "Version " (pass.version) }
                        @match &pass.scores {
                            Some(scores) => b { (mean(scores)) span.unseen { " mean score" } },
                            None => b { "–" span.unseen { " not scored" } },
                        }
                        span { (findings(pass.findings)) }
                        span { (pass.author) }
                    }
                }
            }
        }
    }
}

/// `3 findings`
pub fn findings(count: usize) -> String {
    match count {
        0 => "no findings".into(),
        1 => "1 finding".into(),
        more => format!("{more} findings"),
    }
}

/// Mean scores from pass to pass, against what is needed to pass.
fn rise(passes: &[Pass]) -> Markup {
    let points: Vec<(usize, u32)> =
        passes.iter().enumerate().filter_map(|(at, pass)| Some((at, pass.scores.as_ref()?.mean_tenths()))).collect();
    let last = passes.len().saturating_sub(1).max(1);
    // From a mean of 2 at the foot to 10 at the top of a field of 300 by 60.
    let place = |(at, tenths): (usize, u32)| (10 + at * 280 / last, 56 - tenths.saturating_sub(20).min(80) * 52 / 80);
    let line: Vec<String> = points.iter().map(|point| place(*point)).map(|(x, y)| format!("{x},{y}")).collect();
    let needed = place((0, MEAN_TENTHS_MIN)).1;
    let said: Vec<String> = points.iter().map(|(_, tenths)| format!("{}.{}", tenths / 10, tenths % 10)).collect();
    html! {
        svg.rise viewBox="0 0 300 60" role="img" aria-label={ "Mean score from version to version: " (said.join(", ")) } {
            line.threshold x1="0" x2="300" y1=(needed) y2=(needed) {}
            polyline points=(line.join(" ")) fill="none" stroke="currentColor" stroke-width="2" {}
            @for (x, y) in points.iter().map(|point| place(*point)) { circle cx=(x) cy=(y) r="4" fill="currentColor" {} }
        }
    }
}
