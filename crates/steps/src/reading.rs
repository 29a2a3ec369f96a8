//! A reading, a job of the strategist's step: a model without tools sees somebody else's text whole and answers typed
//! facts. Code looks each of them up in the text; what is left waits for a person, and goes into no prompt.

use domain::Step;
use domain::source::Source;
use engine::Outcome;
use models::Told;
use models::read::{Facts, read};
use ports::Ports;
use serde_json::{Value, json};
use store::job::Claimed;
use store::reading;

use crate::asking::{model_lease_ms, moved_on, put, stored};
use crate::strategize::Strategize;

/// Works a reading. What cannot be read is a reading that failed, not a job that a person must look at.
pub(crate) async fn work(strategize: &Strategize<'_>, ports: &Ports<'_>, job: &Claimed) -> Outcome {
    let (copied_from, text) = match reading::input(ports.db, job).await {
        Ok(Some(input)) => input,
        Ok(None) => return moved_on(),
        Err(error) => return stored(&error),
    };
    let source = match Source::copied(&copied_from, &text) {
        Ok(source) => source,
        Err(complaint) => return Outcome::Done(failed(&format!("the text {complaint}"))),
    };
    // Neither the agent's instructions nor what is remembered: a reader that knows nothing has nothing to tell.
    let task = read(Step::Strategize, source);
    let lease_ms = model_lease_ms(strategize.first_byte_ms);
    let told: Result<Told<Facts>, Outcome> = put(strategize.models, ports, job, lease_ms, &task).await;
    match told {
        Ok(Told { answer, by }) => {
            Outcome::Done(json!({ "facts": answer.standing(), "left_out": answer.dropped(), "model": by }))
        }
        Err(Outcome::GiveUp { reason }) => Outcome::Done(failed(&reason)),
        Err(Outcome::Retry { reason, .. }) if job.attempt >= job.attempts_max => Outcome::Done(failed(&reason)),
        Err(outcome) => outcome,
    }
}

fn failed(reason: &str) -> Value {
    json!({ "failed": reason })
}
