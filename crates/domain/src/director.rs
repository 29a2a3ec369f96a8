//! The director: the verdict that counts, from everything that was said of a version. No model, a fixed rule:
//!
//! 1. Somebody rejects: **reject**, to a person with the reasons.
//! 2. A blocker, of the checks or of a reviewer; a reviewer who says revise; a score under its dimension's threshold;
//!    the mean of the editor's six under the workspace's: **revise**. A reviewer's word only ever makes it stricter.
//! 3. Somebody of the chain has not spoken: no verdict at all, so nothing passes. Only a reject ends a chain early.
//! 4. Else **approve**: it may go to a person.
//!
//! A version that is to be revised goes to a person instead when two passes in a row were no better than the best
//! before them ([`stuck`]), or when the limit of revisions is reached. Better is: fewer blockers, then a smaller
//! shortfall under the thresholds, then a higher mean. Each pass is scored alone, against
//! the rubric: no model is ever asked which of two versions is the better one, so no answer depends on which stood
//! first, and nothing has to be averaged. No dimension counts length for itself, and the prompt says so.

use crate::agent::AgentRole;
use crate::chain::{Chain, Rules};
use crate::review::{Finding, Scores, Severity, Verdict};
use crate::rubric::{Mark, copy_scores};

/// What one reviewer said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opinion {
    /// Who.
    pub reviewer: AgentRole,
    /// Its word.
    pub verdict: Verdict,
    /// Its scores.
    pub marks: Vec<Mark>,
    /// Why.
    pub findings: Vec<Finding>,
}

/// How good a pass was, the better the greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Standing {
    unblocked: i64,
    unshort: i64,
    mean_tenths: u32,
}

/// What it came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What counts.
    pub verdict: Verdict,
    /// The editor's six, where the chain got so far.
    pub scores: Option<Scores>,
    /// Why it is no approval, the gravest first.
    pub reasons: Vec<String>,
}

/// Passes without improvement after which a person must look.
pub const STUCK_PASSES: usize = 2;

/// Whether a chain may stop after this opinion.
pub fn ends(opinion: &Opinion) -> bool {
    opinion.verdict == Verdict::Reject
}

/// The verdict that counts; none while somebody of the chain has not spoken.
pub fn decide(structural: &[Finding], opinions: &[Opinion], chain: &Chain, rules: &Rules) -> Option<Decision> {
    let scores = opinions.iter().find_map(|opinion| copy_scores(&opinion.marks));
    if let Some(rejecting) = opinions.iter().find(|opinion| ends(opinion)) {
        let of = rejecting.findings.iter().map(|finding| finding.advice.clone());
        let mut reasons: Vec<String> = vec![format!("the {} rejected it", rejecting.reviewer)];
        reasons.extend(of);
        return Some(Decision { verdict: Verdict::Reject, scores, reasons });
    }
    let spoke = |role: &AgentRole| {
        let opinion = opinions.iter().find(|opinion| opinion.reviewer == *role);
        opinion.is_some_and(|opinion| crate::rubric::complaint(&opinion.marks, role.rubric()).is_none())
    };
    if chain.reviewers.is_empty() || !chain.reviewers.iter().all(spoke) {
        return None;
    }
    let mut reasons: Vec<(Severity, String)> = structural
        .iter()
        .chain(opinions.iter().flat_map(|opinion| &opinion.findings))
        .filter(|finding| finding.severity == Severity::Blocker)
        .map(|finding| (Severity::Blocker, finding.advice.clone()))
        .collect();
    for opinion in opinions {
        for mark in opinion.marks.iter().filter(|mark| mark.score < rules.threshold(mark.dimension)) {
            let (score, least) = (mark.score, rules.threshold(mark.dimension));
            let of_it = opinion.findings.iter().find(|finding| finding.rule == mark.dimension.as_str());
            let advice = of_it.map(|finding| format!(": {}", finding.advice)).unwrap_or_default();
            let name = mark.dimension.label().to_lowercase();
            reasons.push((Severity::Major, format!("{name} has {score} of 10 and needs {least}{advice}")));
        }
        if opinion.verdict == Verdict::Revise && reasons.is_empty() {
            let gravest = opinion.findings.iter().min_by_key(|finding| finding.severity);
            let why = gravest.map_or_else(String::new, |finding| format!(": {}", finding.advice));
            reasons.push((Severity::Major, format!("the {} wants it revised{why}", opinion.reviewer)));
        }
    }
    let mean = scores.map_or(0, |scores| scores.mean_tenths());
    if mean < rules.mean_tenths_min {
        let of = |tenths: u32| format!("{}.{}", tenths / 10, tenths % 10);
        reasons.push((Severity::Major, format!("the mean is {} and must be {}", of(mean), of(rules.mean_tenths_min))));
    }
    reasons.sort_by_key(|(severity, _)| *severity);
    let verdict = if reasons.is_empty() { Verdict::Approve } else { Verdict::Revise };
    Some(Decision { verdict, scores, reasons: reasons.into_iter().map(|(_, reason)| reason).collect() })
}

/// How good a pass was.
pub fn standing<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    marks: impl IntoIterator<Item = &'a Mark>,
    rules: &Rules,
) -> Standing {
    let blockers = findings.into_iter().filter(|finding| finding.severity == Severity::Blocker).count();
    let marks: Vec<Mark> = marks.into_iter().cloned().collect();
    let short = |mark: &Mark| i64::from(rules.threshold(mark.dimension).saturating_sub(mark.score));
    Standing {
        unblocked: -i64::try_from(blockers).unwrap_or(i64::MAX),
        unshort: -marks.iter().map(short).sum::<i64>(),
        mean_tenths: copy_scores(&marks).map_or(0, |scores| scores.mean_tenths()),
    }
}

/// Whether the last [`STUCK_PASSES`] were no better than the best before them. The oldest first.
pub fn stuck(passes: &[Standing]) -> bool {
    let Some(first_of_last) = passes.len().checked_sub(STUCK_PASSES).filter(|at| *at > 0) else { return false };
    let (before, last) = passes.split_at(first_of_last);
    last.iter().max() <= before.iter().max()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::Risk;
    use crate::rubric::Dimension;

    fn opinion(reviewer: AgentRole, score: u8, verdict: Verdict) -> Opinion {
        let mark = |dimension: &Dimension| Mark { dimension: *dimension, score, quote: String::new() };
        Opinion { reviewer, verdict, marks: reviewer.rubric().iter().map(mark).collect(), findings: Vec::new() }
    }

    fn all(score: u8) -> Vec<Opinion> {
        crate::rubric::REVIEWERS.into_iter().map(|role| opinion(role, score, Verdict::Approve)).collect()
    }

    fn verdict(structural: &[Finding], opinions: &[Opinion]) -> Option<Verdict> {
        let rules = Rules::default();
        decide(structural, opinions, &rules.chain("", Risk::High), &rules).map(|decision| decision.verdict)
    }

    fn blocker() -> Finding {
        Finding::new("secret", Severity::Blocker, "", "Take it out.")
    }

    #[test]
    fn a_version_passes_only_when_everybody_of_the_chain_has_spoken_and_nobody_objects() {
        assert_eq!(verdict(&[], &all(8)), Some(Verdict::Approve));
        for at in 0..5 {
            let mut fewer = all(8);
            fewer.remove(at);
            assert_eq!(verdict(&[], &fewer), None, "without {at}");
            let mut one_objects = all(8);
            one_objects[at].verdict = Verdict::Revise;
            assert_eq!(verdict(&[], &one_objects), Some(Verdict::Revise));
            let mut one_blocks = all(8);
            one_blocks[at].findings.push(blocker());
            assert_eq!(verdict(&[], &one_blocks), Some(Verdict::Revise));
            let mut one_is_low = all(8);
            one_is_low[at].marks[1].score = 5;
            assert_eq!(verdict(&[], &one_is_low), Some(Verdict::Revise));
            let mut marks_are_missing = all(8);
            marks_are_missing[at].marks.pop();
            assert_eq!(verdict(&[], &marks_are_missing), None);
        }
        assert_eq!(verdict(&[blocker()], &all(10)), Some(Verdict::Revise));
        assert_eq!(verdict(&[], &all(6)), Some(Verdict::Revise), "each is just enough, their mean is not");
        assert_eq!(verdict(&[], &[]), None);
    }

    #[test]
    fn the_first_reject_ends_a_chain() {
        let rejected = opinion(AgentRole::Compliance, 9, Verdict::Reject);
        assert!(ends(&rejected));
        assert_eq!(verdict(&[], &[rejected]), Some(Verdict::Reject));
    }

    #[test]
    fn a_workspaces_thresholds_count() {
        let mut rules = Rules::default();
        rules.thresholds.insert(Dimension::Truth, 9);
        let decided = decide(&[], &all(8), &rules.chain("", Risk::High), &rules).unwrap();
        assert_eq!((decided.verdict, decided.reasons.len()), (Verdict::Revise, 1));
        assert!(decided.reasons[0].contains("truth has 8 of 10 and needs 9"), "{:?}", decided.reasons);
    }

    #[test]
    fn two_passes_that_are_no_better_are_enough() {
        let rules = Rules::default();
        let pass = |score, blockers: usize| {
            let opinions = all(score);
            standing(&vec![blocker(); blockers], opinions.iter().flat_map(|one| &one.marks), &rules)
        };
        assert!(pass(9, 0) > pass(8, 0) && pass(5, 0) > pass(9, 1) && pass(6, 0) > pass(5, 0));
        assert!(!stuck(&[pass(5, 1), pass(5, 1)]), "one more pass is worth its price");
        assert!(stuck(&[pass(5, 1), pass(5, 1), pass(4, 1)]));
        assert!(!stuck(&[pass(5, 1), pass(4, 2), pass(5, 0)]));
        assert!(stuck(&[pass(5, 0), pass(6, 0), pass(6, 0), pass(5, 0)]));
    }
}
