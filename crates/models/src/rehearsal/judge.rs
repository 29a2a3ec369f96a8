//! A pair, rehearsed: the one that the rehearsed reviewers score higher, whichever is read first.

use domain::learning::Preference;
use domain::rubric::REVIEWERS;
use domain::{Content, Severity};

use super::reviewer;
use crate::answer::Preferred;
use crate::tasks::Comparing;

/// What a blocker weighs against scores from 1 to 10.
const BLOCKER: i32 = 10;

/// Which of the two is better.
pub fn compare(comparing: &Comparing) -> Preferred {
    let (first, second) = (score(comparing, &comparing.first), score(comparing, &comparing.second));
    let better = match first.cmp(&second) {
        std::cmp::Ordering::Greater => Preference::First,
        std::cmp::Ordering::Less => Preference::Second,
        std::cmp::Ordering::Equal => Preference::Neither,
    };
    Preferred { better, why: format!("By what can be counted, the first comes to {first} and the second to {second}.") }
}

fn score(comparing: &Comparing, content: &Content) -> i32 {
    let review = reviewer::judge(content, &comparing.brief, &comparing.limits, &[], &REVIEWERS);
    let blockers = review.findings.iter().filter(|finding| finding.severity == Severity::Blocker).count();
    let scores: i32 = review.scores.iter().map(|mark| i32::from(mark.score)).sum();
    scores - BLOCKER * i32::try_from(blockers).unwrap_or(i32::MAX / BLOCKER)
}
