//! What a reviewer says of a version.

use serde::{Deserialize, Serialize};

use crate::words::words;

words! {
    /// A reviewer's verdict.
    pub enum Verdict {
        /// Good enough for a person to approve.
        Approve = "approve",
        /// Write it again with these findings.
        Revise = "revise",
        /// No revision can help; a person must look.
        Reject = "reject",
    }
}

words! {
    /// How much a finding weighs.
    pub enum Severity {
        /// Must be mended: the version cannot pass with it.
        Blocker = "blocker",
        /// Should be mended.
        Major = "major",
        /// A remark.
        Minor = "minor",
    }
}

/// One finding, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was broken: `banned_claim`, `too_long`, `invented_number`, `hook` …
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The words of the version that it is about; empty when something is missing.
    pub quote: String,
    /// What to do.
    pub advice: String,
}

/// Scores by rubric, 1 (poor) to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Does the first line make one read on?
    pub hook: u8,
    /// Is it understood at first reading?
    pub clarity: u8,
    /// Does it sound like the brand?
    pub voice: u8,
    /// Does it rest on the facts?
    pub evidence: u8,
    /// Is it plain what to do next?
    pub call_to_action: u8,
    /// Does it suit the channel?
    pub platform_fit: u8,
}

/// A version passes when no score is under this …
pub const SCORE_MIN: u8 = 6;
/// … and their mean, times ten, is at least this.
pub const MEAN_TENTHS_MIN: u32 = 70;
/// After so many revisions without passing, a person must look.
pub const REVISIONS_MAX: u32 = 3;

impl Scores {
    /// Each score with its name.
    pub fn named(&self) -> [(&'static str, u8); 6] {
        [
            ("hook", self.hook),
            ("clarity", self.clarity),
            ("voice", self.voice),
            ("evidence", self.evidence),
            ("call_to_action", self.call_to_action),
            ("platform_fit", self.platform_fit),
        ]
    }

    /// The mean, in tenths of a point.
    pub fn mean_tenths(&self) -> u32 {
        let sum: u32 = self.named().iter().map(|(_, score)| u32::from(*score)).sum();
        sum * 10 / 6
    }

    /// Complaint if a score is outside 1–10.
    pub fn check(&self) -> Result<(), String> {
        match self.named().iter().find(|(_, score)| !(1..=10).contains(score)) {
            Some((name, score)) => Err(format!("scores.{name} is {score}; it must be from 1 to 10")),
            None => Ok(()),
        }
    }

    /// Whether the thresholds are met.
    pub fn pass(&self) -> bool {
        self.named().iter().all(|(_, score)| *score >= SCORE_MIN) && self.mean_tenths() >= MEAN_TENTHS_MIN
    }
}

/// The verdict that counts, from the structural findings and the semantic review together. A reviewer's
/// word can only make it stricter: a blocker or a missed threshold never passes.
pub fn decide(findings: &[Finding], scores: &Scores, reviewer: Verdict) -> Verdict {
    if reviewer == Verdict::Reject {
        return Verdict::Reject;
    }
    let blocked = findings.iter().any(|finding| finding.severity == Severity::Blocker);
    if blocked || !scores.pass() || reviewer == Verdict::Revise { Verdict::Revise } else { Verdict::Approve }
}
