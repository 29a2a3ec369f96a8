//! The editor's step: structural checks, then a scored verdict. No verdict, no approval.

use domain::review::decide;
use domain::{Finding, Platform, Step, Verdict, check};
use engine::{Outcome, Work};
use models::{Reviewing, tasks};
use ports::Ports;
use serde_json::{Value, json};
use store::job::Claimed;
use store::{recent, step_input};

use crate::asking::{campaign_id, heeding, model_lease_ms, moved_on, put, stored};
use crate::choosing::Models;
use crate::publish::Channels;

/// Judges posts.
pub struct Review<'a> {
    /// Who judges.
    pub models: &'a Models<'a>,
    /// How long the model's first byte may take, in milliseconds.
    pub first_byte_ms: u32,
    /// What each channel can carry.
    pub channels: &'a Channels,
}

#[async_trait::async_trait(?Send)]
impl Work for Review<'_> {
    fn step(&self) -> Step {
        Step::Review
    }

    fn lease_ms(&self) -> i64 {
        model_lease_ms(self.first_byte_ms)
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, _deadline_ms: i64) -> Outcome {
        let input = match step_input::review(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        let limits = match self.channels.limits(&input.platform, &input.channel_config) {
            Ok(limits) => limits,
            Err(reason) => return Outcome::GiveUp { reason },
        };
        let recent = match recent::texts(ports.db, ports.clock.pinned_ms(), job).await {
            Ok(recent) => recent,
            Err(error) => return stored(&error),
        };
        let mut structural = check::check(&input.content, &input.brief, &limits);
        if !structural.iter().any(|finding| finding.rule == "too_long") {
            let platform = Platform::of(&input.platform);
            structural.extend(platform.and_then(|platform| check::carried(&input.content, platform)));
        }
        structural.extend(check::repeated(&input.content, &input.brief, &recent));
        let (persona, revisions_max) = (input.persona, input.revisions_max);
        let task = tasks::review(Reviewing {
            campaign_id: campaign_id(job),
            brief: input.brief,
            entry: input.entry,
            language: input.language,
            limits,
            pass: u32::try_from(job.version.unwrap_or(1) - 1).unwrap_or(0),
            content: input.content,
            findings: structural.clone(),
        });
        let task = heeding(task, &persona);
        match put::<models::Review>(self.models, ports, job, self.lease_ms(), &task).await {
            Ok(told) => Outcome::Done(artifact(&structural, &told.answer, &told.by, revisions_max)),
            Err(outcome) => outcome,
        }
    }
}

fn artifact(structural: &[Finding], review: &models::Review, model: &str, revisions_max: u32) -> Value {
    let all: Vec<Finding> = structural.iter().chain(&review.findings).cloned().collect();
    let verdict = decide(&all, &review.scores, review.verdict);
    let structure = if structural.iter().any(|finding| finding.severity == domain::Severity::Blocker) {
        Verdict::Revise
    } else {
        Verdict::Approve
    };
    // The editor's row says what counted: its own word can only be made stricter.
    json!({
        "verdict": verdict,
        "reason": reason(verdict, &all),
        "revisions_max": revisions_max,
        "reviews": [
            {"reviewer": "structure", "verdict": structure, "scores": null, "findings": structural, "model": null},
            {"reviewer": "editor", "verdict": verdict, "scores": review.scores, "findings": review.findings, "model": model},
        ],
    })
}

fn reason(verdict: Verdict, findings: &[Finding]) -> String {
    let gravest = findings.iter().min_by_key(|finding| finding.severity);
    match (verdict, gravest) {
        (Verdict::Approve, _) => String::new(),
        (Verdict::Reject, Some(finding)) => format!("the editor rejected it: {}", finding.advice),
        (Verdict::Reject, None) => "the editor rejected it".into(),
        (Verdict::Revise, Some(finding)) => finding.advice.clone(),
        (Verdict::Revise, None) => "its scores are too low".into(),
    }
}
