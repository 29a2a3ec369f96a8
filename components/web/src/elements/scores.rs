//! Scores by dimension: a small bar and its figure each. What falls short says so in words.

use domain::chain::Rules;
use domain::review::{MEAN_TENTHS_MIN, SCORE_MIN};
use domain::{Mark, Scores};
use maud::{Markup, html};

/// A dimension's name, as people read it.
pub fn dimension(name: &str) -> String {
    let mut text = name.replace('_', " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

/// `8.3`
pub fn mean(scores: &Scores) -> String {
    let tenths = scores.mean_tenths();
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// A reviewer's, each with the words that it rests on.
pub fn marks(marks: &[Mark], rules: &Rules) -> Markup {
    html! {
        dl.scores.with-quotes {
            @for mark in marks {
                @let threshold = rules.threshold(mark.dimension);
                div.under[mark.score < threshold] {
                    dt { (mark.dimension.label()) @if !mark.quote.is_empty() { br; q.soft.small { (mark.quote) } } }
                    dd {
                        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect.ground width="100" height="8" {}
                            rect.bar-fill width=(u32::from(mark.score) * 10) height="8" {}
                            line.threshold x1=(threshold * 10) x2=(threshold * 10) y1="0" y2="8" {}
                        }
                    }
                    dd.figure { (mark.score) span.soft { " / 10" } @if mark.score < threshold { " low" } }
                }
            }
        }
    }
}

/// All of them.
pub fn bars(scores: &Scores) -> Markup {
    let threshold = SCORE_MIN * 10;
    html! {
        dl.scores {
            @for (name, score) in scores.named() {
                div.under[score < SCORE_MIN] {
                    dt { (dimension(name)) }
                    dd {
                        svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                            rect.ground width="100" height="8" {}
                            rect.bar-fill width=(u32::from(score) * 10) height="8" {}
                            line.threshold x1=(threshold) x2=(threshold) y1="0" y2="8" {}
                        }
                    }
                    dd.figure { (score) span.soft { " / 10" } @if score < SCORE_MIN { " low" } }
                }
            }
        }
        p.soft.small {
            "Mean " strong { (mean(scores)) } ". To pass: a mean of " (MEAN_TENTHS_MIN / 10) "." (MEAN_TENTHS_MIN % 10)
            ", and no score under " (SCORE_MIN) "."
        }
    }
}
