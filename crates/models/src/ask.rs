//! Asks a model and gets a type: money first, then the call, then the books, then the strict reading, and one
//! more try for an answer that does not fit. What a job that was cut off was told before is not asked again.

use ports::Http;

use crate::answer::Answer;
use crate::meter::{self, Call, CallId, Meter, MeterError, Outcome, Settlement};
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
    /// The provider, or each of them, has no room for the call now; it was not made.
    #[error("{why}")]
    Busy {
        /// Which of them, and why.
        why: String,
        /// When to try again, in seconds.
        after_s: Option<u32>,
    },
    /// Another worker has the job: nothing more was asked.
    #[error("another worker has the job")]
    Lost,
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
            Self::BudgetSpent(_) | Self::Lost => Retry::Never,
            Self::Busy { after_s, .. } => Retry::Wait { after_s: *after_s },
            Self::Books(_) | Self::Unusable { .. } => Retry::Attempt { after_s: None },
            Self::Model(error) => error.retry(),
        }
    }
}

impl From<MeterError> for AskError {
    fn from(error: MeterError) -> Self {
        match error {
            MeterError::BudgetSpent(why) => Self::BudgetSpent(why),
            MeterError::Busy { why, after_s } => Self::Busy { why, after_s },
            MeterError::Lost => Self::Lost,
            error @ MeterError::Failed(_) => Self::Books(error),
        }
    }
}

/// Somebody who can be asked.
#[derive(Clone, Copy)]
pub struct Link<'a> {
    /// The model.
    pub model: &'a dyn Model,
    /// The workspace's own provider; none: the operator's.
    pub id: Option<&'a str>,
    /// What people call the provider.
    pub name: &'a str,
}

/// An answer, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told<T> {
    /// The answer.
    pub answer: T,
    /// Who gave it: `provider/model`.
    pub by: String,
}

/// Asks one model, and reads the answer as `T`. Length, refusal and misfit are different outcomes; only the last is
/// tried again here.
pub async fn ask<T: Answer>(model: &dyn Model, http: &dyn Http, meter: &dyn Meter, task: &Task) -> Result<T, AskError> {
    let link = Link { model, id: None, name: model.provider() };
    Ok(ask_in_turn(&[link], http, meter, task).await?.answer)
}

/// Asks the first; where it has no room or gives no answer in time, the next stands in. Never because of what one
/// said: a refusal and an answer that does not fit are not carried to another.
pub async fn ask_in_turn<T: Answer>(
    links: &[Link<'_>],
    http: &dyn Http,
    meter: &dyn Meter,
    task: &Task,
) -> Result<Told<T>, AskError> {
    let asking = Asking { links, http, meter };
    let (again, from) = match recall(meter, task).await? {
        Recalled::Fits(told) => return Ok(told),
        Recalled::Misfit(again) => (again, 0),
        Recalled::Nothing => match asking.from(0, task).await? {
            (_, Ok(told)) => return Ok(told),
            (at, Err(misfit)) => (task.again(&misfit.text, &misfit.complaint), at),
        },
    };
    match asking.from(from, &again).await? {
        (_, Ok(told)) => Ok(told),
        (_, Err(Misfit { complaint, .. })) => Err(AskError::Unusable { complaint }),
    }
}

/// What the job was told before it was cut off.
enum Recalled<T> {
    /// What it needs.
    Fits(Told<T>),
    /// An answer that does not fit; this is to be asked next.
    Misfit(Task),
    /// Nothing, or two answers of which neither fits: it is asked from the beginning.
    Nothing,
}

async fn recall<T: Answer>(meter: &dyn Meter, task: &Task) -> Result<Recalled<T>, AskError> {
    let Some(first) = meter.known(task).await? else { return Ok(Recalled::Nothing) };
    let told = |known: meter::Known| move |answer| Recalled::Fits(Told { answer, by: known.by });
    let again = match read::<T>(&first.text, task) {
        Ok(answer) => return Ok(told(first)(answer)),
        Err(complaint) => task.again(&first.text, &complaint),
    };
    let Some(second) = meter.known(&again).await? else { return Ok(Recalled::Misfit(again)) };
    Ok(read(&second.text, &again).map_or(Recalled::Nothing, told(second)))
}

struct Misfit {
    text: String,
    complaint: String,
}

/// What came of one link.
enum Came<T> {
    Fits(Told<T>),
    Misfit(Misfit),
    /// Another may stand in for it.
    Away(AskError),
}

struct Asking<'a> {
    links: &'a [Link<'a>],
    http: &'a dyn Http,
    meter: &'a dyn Meter,
}

impl Asking<'_> {
    /// Asks this link, and those after it while one has to stand in. Gives which one answered.
    async fn from<T: Answer>(&self, from: usize, task: &Task) -> Result<(usize, Result<Told<T>, Misfit>), AskError> {
        let mut before: Option<String> = None;
        let mut away: Option<AskError> = None;
        for (at, link) in self.links.iter().enumerate().skip(from) {
            match self.one(link, before.as_deref(), task).await? {
                Came::Fits(told) => return Ok((at, Ok(told))),
                Came::Misfit(misfit) => return Ok((at, Err(misfit))),
                Came::Away(error) => {
                    before = Some(format!("{}: {}", link.name, word(&error)));
                    away = Some(sooner(away, error));
                }
            }
        }
        Err(away.unwrap_or_else(|| AskError::Busy { why: "there is nobody to ask".into(), after_s: None }))
    }

    /// One metered call.
    async fn one<T: Answer>(&self, link: &Link<'_>, before: Option<&str>, task: &Task) -> Result<Came<T>, AskError> {
        let (model, cost_max) = (link.model, link.model.cost_max(task));
        let call = Call {
            provider: model.provider(),
            model: model.name(),
            priced: model.priced(),
            task,
            cost_max,
            link: link.id,
            stands_in_for: before,
        };
        let id: CallId = match self.meter.reserve(&call).await {
            Ok(id) => id,
            Err(error @ MeterError::Busy { .. }) => return Ok(Came::Away(error.into())),
            Err(error) => return Err(error.into()),
        };
        let reply = match model.answer(self.http, task).await {
            Ok(reply) => reply,
            Err(error) => {
                self.meter.settle(id, &Settlement::of_failure(&error, cost_max)).await?;
                let stands_in = error.lets_another_stand_in();
                let error = AskError::Model(error);
                return if stands_in { Ok(Came::Away(error)) } else { Err(error) };
            }
        };
        let read = read::<T>(&reply.text, task);
        let outcome = if read.is_ok() { Outcome::Answered } else { Outcome::Misfit };
        let mut settlement = Settlement::new(outcome, reply.spent.as_ref(), cost_max);
        settlement.answer = Some(reply.text.clone());
        settlement.rest_s = reply.rest_s;
        self.meter.settle(id, &settlement).await?;
        Ok(match read {
            Ok(answer) => Came::Fits(Told { answer, by: format!("{}/{}", model.provider(), model.name()) }),
            Err(complaint) => Came::Misfit(Misfit { text: reply.text, complaint }),
        })
    }
}

/// Why somebody had to stand in, in a word.
fn word(error: &AskError) -> &'static str {
    match error {
        AskError::Model(error) => Outcome::from(error).as_str(),
        _ => "busy",
    }
}

/// Of several who are away, the job waits for whoever is back first; to wait costs no attempt.
fn sooner(one: Option<AskError>, other: AskError) -> AskError {
    let wait_s = |error: &AskError| match error.retry() {
        Retry::Wait { after_s } => Some(after_s.unwrap_or(u32::MAX)),
        _ => None,
    };
    match one {
        Some(one) if wait_s(&one).is_some_and(|s| wait_s(&other).is_none_or(|other| s <= other)) => one,
        _ => other,
    }
}

fn read<T: Answer>(text: &str, task: &Task) -> Result<T, String> {
    let answer: T = serde_json::from_str(text)
        .map_err(|error| excerpt(&format!("it is no JSON of the schema: {error}"), COMPLAINT_CHARS_MAX))?;
    answer.fit(&task.input).map_err(|complaint| excerpt(&complaint, COMPLAINT_CHARS_MAX))
}

#[cfg(test)]
mod in_turn_tests;
#[cfg(test)]
mod tests;
