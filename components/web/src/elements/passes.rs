//! The passes of a post: each version with its mean score, and the line that rises through them.

use domain::Scores;
use domain::review::MEAN_TENTHS_MIN;
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
