//! The words of a proposal, before its first trial: a model puts what people changed or said into one sentence. What it
//! says is refused or kept; where it is refused, or nobody answers, the rule's own words stay.

use domain::AgentRole;
use engine::Outcome;
use models::Told;
use models::wording::{Worded, Wording, word};
use ports::Ports;
use store::job::Claimed;
use store::learning::trial::TrialInput;
use store::learning::wording::{self, Words};

use crate::asking::{put_to, stored};
use crate::choosing::Models;

/// What is to be tried: the statement, in a model's words where it was the first to have them.
pub(crate) async fn statement(
    models: &Models<'_>,
    ports: &Ports<'_>,
    (job, lease_ms): (&Claimed, i64),
    input: &TrialInput,
) -> Result<String, Outcome> {
    if !input.is_to_be_worded {
        return Ok(input.statement.clone());
    }
    let of = (job.workspace_id.as_str(), input.learning_id.as_str());
    let seen = wording::evidence(ports.db, of).await.map_err(|error| stored(&error))?;
    if seen.edits.is_empty() && seen.comments.is_empty() {
        return Ok(input.statement.clone());
    }
    let about = Wording { rule: input.statement.clone(), edits: seen.edits, comments: seen.comments };
    let told = put_to::<Worded>(models, ports, (job, AgentRole::Analyst), lease_ms, &word(about)).await;
    let (statement, by) = match &told {
        Ok(Told { answer, by }) => (answer.statement.as_str(), by.as_str()),
        Err(Outcome::GiveUp { .. } | Outcome::Retry { .. }) => (input.statement.as_str(), wording::RULES),
        Err(_) => return told.map(|told| told.answer.statement),
    };
    let words = Words { statement, by };
    let kept = wording::keep(ports.db, ports.clock.pinned_ms(), of, job, &words).await;
    match kept.map_err(|error| stored(&error))? {
        true => Ok(statement.into()),
        // Another says the same, or somebody was quicker.
        false => Ok(input.statement.clone()),
    }
}
