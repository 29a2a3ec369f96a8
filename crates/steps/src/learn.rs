//! A trial of a learning, a job of the reviewers' step: a past task written once with it and once without, by the
//! copywriter's model, and a judge that reads the two in both orders and is not told which is which. Nothing of it
//! becomes a version of a post. What a rule proposed is put into a model's words first: see [`crate::wording`].

use domain::learning::{Preference, TrialResult, judged};
use domain::{AgentRole, Content, Severity, check};
use engine::Outcome;
use models::{Comparing, Preferred, Told, Writing, tasks};
use ports::Ports;
use serde_json::{Value, json};
use store::job::Claimed;
use store::learning::trial::{self, TrialInput};

use crate::asking::{heeding, model_lease_ms, moved_on, put_to, put_to_judge, stored};
use crate::choosing::Judged;
use crate::review::Review;
use crate::wording;

/// Works a trial. What cannot be tried is a trial that failed, not a job that a person must look at.
pub(crate) async fn work(review: &Review<'_>, ports: &Ports<'_>, job: &Claimed, deadline_ms: i64) -> Outcome {
    let input = match trial::input(ports.db, job).await {
        Ok(Some(input)) => input,
        Ok(None) => return moved_on(),
        Err(error) => return stored(&error),
    };
    let began_ms = ports.clock.monotonic_ms();
    let lease_ms = model_lease_ms(review.first_byte_ms);
    let statement = match wording::statement(review.models, ports, (job, lease_ms), &input).await {
        Ok(statement) => statement,
        Err(outcome) => return outcome,
    };
    let trying = Trying { review, ports, job, input: &input, statement: &statement, began_ms, deadline_ms };
    match trying.pair().await {
        Ok(artifact) => Outcome::Done(artifact),
        Err(Outcome::GiveUp { reason }) => Outcome::Done(failed(&reason)),
        Err(Outcome::Retry { reason, .. }) if job.attempt >= job.attempts_max => Outcome::Done(failed(&reason)),
        Err(outcome) => outcome,
    }
}

fn failed(reason: &str) -> Value {
    json!({ "result": TrialResult::Failed, "reason": reason })
}

/// One pair.
struct Trying<'a> {
    review: &'a Review<'a>,
    ports: &'a Ports<'a>,
    job: &'a Claimed,
    input: &'a TrialInput,
    statement: &'a str,
    began_ms: i64,
    deadline_ms: i64,
}

impl Trying<'_> {
    async fn pair(&self) -> Result<Value, Outcome> {
        if self.input.is_to_be_worded {
            self.in_time()?;
        }
        let without = self.write(None).await?;
        self.in_time()?;
        let with = self.write(Some(self.statement)).await?;
        let artifact = |result: TrialResult, said: Option<(Preference, Preference)>, judge: &str, reason: &str| {
            json!({
                "result": result, "with_first": said.map(|said| said.0), "with_second": said.map(|said| said.1),
                "with": with.answer.canonical(), "without": without.answer.canonical(),
                "writer": with.by, "judge": judge, "reason": reason,
            })
        };
        if let Some((result, reason)) = self.by_structure(&with.answer, &without.answer)? {
            return Ok(artifact(result, None, STRUCTURE, reason));
        }
        self.in_time()?;
        let with_first = self.judge(&with.answer, &without.answer, &with.by).await?;
        self.in_time()?;
        let with_second = self.judge(&without.answer, &with.answer, &with.by).await?;
        let (one, other) = (with_first.answer.better, with_second.answer.better);
        let result = judged(one, other);
        let reason = match result {
            TrialResult::Tie if one == other && one != Preference::Neither => "the judge went by the order",
            TrialResult::Loss => with_second.answer.why.as_str(),
            _ => with_first.answer.why.as_str(),
        };
        Ok(artifact(result, Some((one, other)), &with_second.by, reason))
    }

    /// What was answered is in the books: the job goes on from there under a new lease.
    fn in_time(&self) -> Result<(), Outcome> {
        let now_ms = self.ports.clock.monotonic_ms();
        let is_late = now_ms >= self.deadline_ms || now_ms - self.began_ms > model_lease_ms(self.review.first_byte_ms);
        if is_late {
            let reason = "the pair is not complete yet".into();
            return Err(Outcome::Wait { reason, after_ms: 0, blocked_until: None });
        }
        Ok(())
    }

    /// The task, with what the copywriter is told anyway, and with the learning where it is given.
    async fn write(&self, learning: Option<&str>) -> Result<Told<Content>, Outcome> {
        let (input, job) = (self.input, self.job);
        let told = input.told.iter().map(|one| one.statement.as_str());
        let writing = Writing {
            // Not the campaign's: each pair is to be a task of its own, and the same one for both.
            campaign_id: job.id.clone(),
            brief: input.brief.clone(),
            strategy: input.strategy.clone().holding(&input.entry),
            entry: input.entry.clone(),
            language: input.language.clone(),
            limits: self.limits()?,
            pass: 0,
            previous: None,
            learnings: told.chain(learning).map(Into::into).collect(),
        };
        let task = heeding(tasks::generate(writing), &input.writer);
        put_to(self.review.models, self.ports, (job, AgentRole::Copywriter), self.lease_ms(), &task).await
    }

    async fn judge(&self, first: &Content, second: &Content, writer: &str) -> Result<Told<Preferred>, Outcome> {
        let input = self.input;
        let task = tasks::compare(Comparing {
            brief: input.brief.clone(),
            entry: input.entry.clone(),
            language: input.language.clone(),
            limits: self.limits()?,
            first: first.clone(),
            second: second.clone(),
        });
        let asked = (self.job, AgentRole::Editor);
        // Proof needs another judge, whomever people chose to review with.
        let of = Judged { writer, choice_counts: false };
        put_to_judge(self.review.models, self.ports, asked, self.lease_ms(), (&task, of)).await
    }

    /// What needs no judge: the two are the same, or the checks stop one of them.
    fn by_structure(&self, with: &Content, without: &Content) -> Result<Option<(TrialResult, &'static str)>, Outcome> {
        if with == without {
            return Ok(Some((TrialResult::Tie, "both say the same")));
        }
        let limits = self.limits()?;
        let is_stopped = |content: &Content| {
            let found = check::check(content, &self.input.brief, &limits);
            found.iter().any(|finding| finding.severity == Severity::Blocker)
        };
        Ok(match (is_stopped(with), is_stopped(without)) {
            (true, false) => Some((TrialResult::Loss, "with it the checks stop the post")),
            (false, true) => Some((TrialResult::Win, "without it the checks stop the post")),
            _ => None,
        })
    }

    fn limits(&self) -> Result<check::Limits, Outcome> {
        let limits = self.review.channels.limits(&self.input.platform, &self.input.channel_config);
        limits.map_err(|reason| Outcome::GiveUp { reason })
    }

    fn lease_ms(&self) -> i64 {
        model_lease_ms(self.review.first_byte_ms)
    }
}

/// Who judged where no model was asked.
const STRUCTURE: &str = "structure";
