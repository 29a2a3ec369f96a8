//! The reviewers' step: structural checks, then the workspace's chain of reviewers, then the director's rule. No
//! verdict, no approval. Trials of learnings are judged here as well: see [`crate::learn`].

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::brief::Brief;
use domain::chain::{Chain, Rules, is_delicate, risk};
use domain::check::{Recent, Said, Tracking};
use domain::director::{self, Decision, Opinion, Standing, decide, stuck};
use domain::memory::Remembered;
use domain::{AgentRole, Content, Dimension, Finding, Mark, Platform, Severity, Step, Verdict, check};
use engine::{Outcome, Work};
use models::{Reviewing, tasks};
use ports::Ports;
use serde_json::{Value, json};
use store::job::Claimed;
use store::learning::trial;
use store::step_input::{self, ReviewInput, ReviewedPass};
use store::{recent, review_rule};

use crate::asking::{campaign_id, heeding, model_lease_ms, moved_on, put_to_judge, stored};
use crate::choosing::{Judged, Models};
use crate::learn;
use crate::publish::Channels;
use crate::remembering::{About, Whom, reminders};

/// Judges posts.
pub struct Review<'a> {
    pub(crate) models: &'a Models<'a>,
    pub(crate) first_byte_ms: u32,
    pub(crate) channels: &'a Channels,
    /// What the posts of the last campaign said, and its brief.
    said: RefCell<Option<(Brief, Said)>>,
}

impl<'a> Review<'a> {
    /// By these models, whose first byte may take so long, of what each channel can carry.
    pub fn new(models: &'a Models<'a>, first_byte_ms: u32, channels: &'a Channels) -> Self {
        Self { models, first_byte_ms, channels, said: RefCell::default() }
    }
}

#[async_trait::async_trait(?Send)]
impl Work for Review<'_> {
    fn step(&self) -> Step {
        Step::Review
    }

    /// One question, and another that may follow it. Who is still to be asked then is asked under a new lease.
    fn lease_ms(&self) -> i64 {
        2 * model_lease_ms(self.first_byte_ms)
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, deadline_ms: i64) -> Outcome {
        if trial::is_trial(job) {
            return learn::work(self, ports, job, deadline_ms).await;
        }
        let input = match step_input::review(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) => return stored(&error),
        };
        let rules = match review_rule::find(ports.db, &job.workspace_id).await {
            Ok(kept) => kept.rules,
            Err(error) => return stored(&error),
        };
        let structural = match self.checked(ports, job, &input).await {
            Ok(structural) => structural,
            Err(outcome) => return outcome,
        };
        let chain = shortened(rules.chain(&input.channel, risk(input.mode, &input.content)), &structural);
        // Once for all of them.
        let memory = match reminders(Whom::Reviewers, ports, job, &about(&input)).await {
            Ok(memory) => memory,
            Err(outcome) => return outcome,
        };
        let asking =
            Asking { review: self, ports, job, input: &input, structural: &structural, memory: &memory, deadline_ms };
        let heard = match asking.hear(&chain).await {
            Ok(heard) => heard,
            Err(outcome) => return outcome,
        };
        let opinions: Vec<Opinion> = heard.iter().map(|one| one.opinion.clone()).collect();
        match decide(&structural, &opinions, &chain, &rules) {
            Some(decision) => Outcome::Done(artifact(&input, &structural, &heard, decision, &rules)),
            None => Outcome::GiveUp { reason: "the reviewers came to no verdict".into() },
        }
    }
}

impl Review<'_> {
    async fn checked(&self, ports: &Ports<'_>, job: &Claimed, input: &ReviewInput) -> Result<Vec<Finding>, Outcome> {
        let limits = self.channels.limits(&input.platform, &input.channel_config);
        let limits = limits.map_err(|reason| Outcome::GiveUp { reason })?;
        let recent = recent::texts(ports.db, ports.clock.pinned_ms(), job).await.map_err(|error| stored(&error))?;
        let mut found = check::check(&input.content, &input.brief, &limits);
        if !found.iter().any(|finding| finding.rule == "too_long") {
            let platform = Platform::of(&input.platform);
            found.extend(platform.and_then(|platform| check::carried(&input.content, platform)));
        }
        let (platform, channel, campaign) = (&input.platform, &input.channel, &input.campaign);
        found.extend(check::tracked(&input.content, &input.brief, &Tracking { platform, channel, campaign }));
        found.extend(self.repeated(&input.content, &input.brief, &recent));
        Ok(found)
    }

    fn repeated(&self, content: &Content, brief: &Brief, recent: &[Recent]) -> Option<Finding> {
        let mut last = self.said.borrow_mut();
        let (of, said) = last.get_or_insert_with(|| (brief.clone(), Said::under(brief)));
        if of != brief {
            (*of, *said) = (brief.clone(), Said::under(brief));
        }
        said.again(content, recent)
    }
}

/// What is written again anyway is read by all of them in one call: so many calls would only cost.
fn shortened(chain: Chain, structural: &[Finding]) -> Chain {
    let blocked = structural.iter().any(|finding| finding.severity == Severity::Blocker);
    Chain { combined: chain.combined || blocked, ..chain }
}

/// What one reviewer said, and how it was asked.
struct Heard {
    opinion: Opinion,
    prompt: String,
    model: String,
    discarded: Vec<String>,
}

/// A chain's questions about one version.
struct Asking<'a> {
    review: &'a Review<'a>,
    ports: &'a Ports<'a>,
    job: &'a Claimed,
    input: &'a ReviewInput,
    structural: &'a [Finding],
    memory: &'a [Remembered],
    deadline_ms: i64,
}

fn about(input: &ReviewInput) -> About<'_> {
    let (entry, content) = (&input.entry, &input.content);
    let texts = vec![entry.angle.as_str(), &entry.pillar, &entry.channel, &content.title, &content.text];
    About { texts, comment: "", style: &input.brief.style }
}

impl Asking<'_> {
    /// Asks one after the other, until all have spoken or one rejects. What was answered before the time ran out is in
    /// the books, so that the job goes on from there: a claim begins with half the budget left, and what the books hold
    /// takes none of it.
    async fn hear(&self, chain: &Chain) -> Result<Vec<Heard>, Outcome> {
        let (now_ms, question_ms) = (|| self.ports.clock.monotonic_ms(), model_lease_ms(self.review.first_byte_ms));
        let began_ms = now_ms();
        let mut heard: Vec<Heard> = Vec::new();
        for reviewers in chain.questions() {
            let is_late = now_ms() >= self.deadline_ms || now_ms() - began_ms > question_ms;
            if is_late && !heard.is_empty() {
                let reason = format!("{} of {} reviewers have spoken", heard.len(), chain.reviewers.len());
                return Err(Outcome::Wait { reason, after_ms: 0, blocked_until: None });
            }
            heard.extend(self.put(reviewers).await?);
            if heard.iter().any(|one| director::ends(&one.opinion)) {
                break;
            }
        }
        Ok(heard)
    }

    /// One question to those who answer it together.
    async fn put(&self, reviewers: &[AgentRole]) -> Result<Vec<Heard>, Outcome> {
        let (review, input, job) = (self.review, self.input, self.job);
        let limits = review.channels.limits(&input.platform, &input.channel_config);
        let task = tasks::review(Reviewing {
            campaign_id: campaign_id(job),
            brief: input.brief.clone(),
            entry: input.entry.clone(),
            language: input.language.clone(),
            limits: limits.map_err(|reason| Outcome::GiveUp { reason })?,
            pass: u32::try_from(job.version.unwrap_or(1) - 1).unwrap_or(0),
            content: input.content.clone(),
            findings: self.structural.to_vec(),
            reviewers: reviewers.into(),
        });
        let task = reviewers
            .iter()
            .filter_map(|role| input.personas.get(role))
            .fold(task, heeding)
            .remembering(self.memory.to_vec());
        let prompt = task.prompt_version.clone();
        // Who answer together are asked by the first one's choice of a model.
        let role = reviewers.first().copied().unwrap_or(AgentRole::Editor);
        let lease_ms = model_lease_ms(review.first_byte_ms);
        let of = Judged { writer: &input.writer, choice_counts: true };
        let told =
            put_to_judge::<models::Review>(review.models, self.ports, (job, role), lease_ms, (&task, of)).await?;
        let (answer, model) = (told.answer, told.by);
        let heard = answer.opinions(reviewers).into_iter().enumerate().map(|(at, opinion)| Heard {
            opinion,
            prompt: prompt.clone(),
            model: model.clone(),
            // Who answered together share what was thrown away; the first of them keeps the note.
            discarded: if at == 0 { answer.discarded.clone() } else { Vec::new() },
        });
        Ok(heard.collect())
    }
}

/// Most reasons that a person or the copywriter is given in a sentence.
const REASONS_MAX: usize = 3;

fn artifact(input: &ReviewInput, structural: &[Finding], heard: &[Heard], decision: Decision, rules: &Rules) -> Value {
    let structure = if structural.iter().any(|finding| finding.severity == Severity::Blocker) {
        Verdict::Revise
    } else {
        Verdict::Approve
    };
    let mut reason = decision.reasons.iter().take(REASONS_MAX).cloned().collect::<Vec<_>>().join("; ");
    let mut revisions_max = input.revisions_max;
    if decision.verdict == Verdict::Revise && is_stuck(input, structural, heard, rules) {
        // As if the limit were reached: a third try would be paid for without hope.
        revisions_max = 0;
        reason = format!("{} passes in a row were no better; {reason}", director::STUCK_PASSES);
    }
    let mut reviews = vec![json!({
        "reviewer": "structure", "verdict": structure, "scores": null, "findings": structural, "model": null, "counts": 0,
    })];
    reviews.extend(heard.iter().map(|one| {
        let marks = &one.opinion.marks;
        let scores: BTreeMap<Dimension, u8> = marks.iter().map(|mark| (mark.dimension, mark.score)).collect();
        let evidence: BTreeMap<Dimension, &str> = marks
            .iter()
            .filter(|mark| !mark.quote.is_empty())
            .map(|mark| (mark.dimension, mark.quote.as_str()))
            .collect();
        json!({
            "reviewer": one.opinion.reviewer, "verdict": one.opinion.verdict, "scores": scores, "evidence": evidence,
            "findings": one.opinion.findings, "notes": one.discarded, "model": one.model, "prompt": one.prompt,
            "counts": 0,
        })
    }));
    reviews.push(json!({
        "reviewer": "director", "verdict": decision.verdict, "scores": decision.scores, "findings": [],
        "notes": decision.reasons, "model": null, "counts": 1,
    }));
    json!({
        "verdict": decision.verdict, "reason": reason, "revisions_max": revisions_max, "reviews": reviews,
        "delicate": is_delicate(&input.content),
    })
}

fn is_stuck(input: &ReviewInput, structural: &[Finding], heard: &[Heard], rules: &Rules) -> bool {
    let marks: Vec<Mark> = heard.iter().flat_map(|one| one.opinion.marks.clone()).collect();
    let findings = structural.iter().chain(heard.iter().flat_map(|one| &one.opinion.findings));
    let now = director::standing(findings, &marks, rules);
    let before = input.passes.iter().map(|pass| standing(pass, rules));
    stuck(&before.chain([now]).collect::<Vec<Standing>>())
}

fn standing(pass: &ReviewedPass, rules: &Rules) -> Standing {
    let marks = pass.scores.iter().flatten();
    let marks: Vec<Mark> =
        marks.map(|(dimension, score)| Mark { dimension: *dimension, score: *score, quote: String::new() }).collect();
    director::standing(&pass.findings, &marks, rules)
}
