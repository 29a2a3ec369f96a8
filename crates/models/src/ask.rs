//! Asks a model and gets a type: money first, then the call, then the books, then the strict reading, and one
//! more try for an answer that does not fit. What a job that was cut off was told before is not asked again.

use ports::Http;

use crate::answer::Answer;
use crate::meter::{Call, Meter, MeterError, Outcome, Settlement};
use crate::model::{Model, ModelError, Retry};
use crate::tasks::Task;
use crate::untrusted::excerpt;

/// Longest complaint that is handed back to a model, in characters.
const COMPLAINT_CHARS_MAX: usize = 500;

/// Why there is no answer.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum AskError {
    /// A budget forbids the call; it was not made.
    #[error("{0}")]
    BudgetSpent(String),
    /// The books could not be written. The answer, if there was one, is not used.
    #[error("{0}")]
    Books(MeterError),
    /// The call failed.
    #[error(transparent)]
    Model(ModelError),
    /// Two answers, and neither fits.
    #[error("the model's answer does not fit, at the second try either: {complaint}")]
    Unusable {
        /// What is wrong with the second.
        complaint: String,
    },
}

impl AskError {
    /// Whether and when a retry makes sense.
    pub fn retry(&self) -> Retry {
        match self {
            Self::BudgetSpent(_) => Retry::Never,
            Self::Books(_) | Self::Unusable { .. } => Retry::Attempt { after_s: None },
            Self::Model(error) => error.retry(),
        }
    }
}

impl From<MeterError> for AskError {
    fn from(error: MeterError) -> Self {
        match error {
            MeterError::BudgetSpent(why) => Self::BudgetSpent(why),
            error @ MeterError::Failed(_) => Self::Books(error),
        }
    }
}

/// Asks, and reads the answer as `T`. Length, refusal and misfit are different outcomes; only the last is tried
/// again here.
pub async fn ask<T: Answer>(model: &dyn Model, http: &dyn Http, meter: &dyn Meter, task: &Task) -> Result<T, AskError> {
    let again = match recall(meter, task).await? {
        Known::Fits(answer) => return Ok(answer),
        Known::Misfit(again) => again,
        Known::Nothing => match call(model, http, meter, task).await? {
            Ok(answer) => return Ok(answer),
            Err(misfit) => task.again(&misfit.text, &misfit.complaint),
        },
    };
    match call(model, http, meter, &again).await? {
        Ok(answer) => Ok(answer),
        Err(Misfit { complaint, .. }) => Err(AskError::Unusable { complaint }),
    }
}

/// What the job was told before it was cut off.
enum Known<T> {
    /// What it needs.
    Fits(T),
    /// An answer that does not fit; this is to be asked next.
    Misfit(Task),
    /// Nothing, or two answers of which neither fits: it is asked from the beginning.
    Nothing,
}

async fn recall<T: Answer>(meter: &dyn Meter, task: &Task) -> Result<Known<T>, AskError> {
    let Some(text) = meter.known(task).await? else { return Ok(Known::Nothing) };
    let again = match read::<T>(&text, task) {
        Ok(answer) => return Ok(Known::Fits(answer)),
        Err(complaint) => task.again(&text, &complaint),
    };
    let Some(second) = meter.known(&again).await? else { return Ok(Known::Misfit(again)) };
    Ok(read(&second, &again).map_or(Known::Nothing, Known::Fits))
}

struct Misfit {
    text: String,
    complaint: String,
}

/// One metered call.
async fn call<T: Answer>(
    model: &dyn Model,
    http: &dyn Http,
    meter: &dyn Meter,
    task: &Task,
) -> Result<Result<T, Misfit>, AskError> {
    let cost_max = model.cost_max(task);
    let call = Call { provider: model.provider(), model: model.name(), priced: model.priced(), task, cost_max };
    let id = meter.reserve(&call).await?;
    match model.answer(http, task).await {
        Ok(reply) => {
            let read = read::<T>(&reply.text, task);
            let outcome = if read.is_ok() { Outcome::Answered } else { Outcome::Misfit };
            let mut settlement = Settlement::new(outcome, reply.spent.as_ref(), cost_max);
            settlement.answer = Some(reply.text.clone());
            meter.settle(id, &settlement).await?;
            Ok(read.map_err(|complaint| Misfit { text: reply.text, complaint }))
        }
        Err(error) => {
            meter.settle(id, &Settlement::of_failure(&error, cost_max)).await?;
            Err(AskError::Model(error))
        }
    }
}

fn read<T: Answer>(text: &str, task: &Task) -> Result<T, String> {
    let answer: T = serde_json::from_str(text)
        .map_err(|error| excerpt(&format!("it is no JSON of the schema: {error}"), COMPLAINT_CHARS_MAX))?;
    answer.fit(&task.input).map_err(|complaint| excerpt(&complaint, COMPLAINT_CHARS_MAX))
}

#[cfg(test)]
mod tests;
