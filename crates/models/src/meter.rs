//! Money is reserved before a call and settled after it; the store keeps the books.

use domain::MicroUsd;

use crate::model::{ModelError, Spent};
use crate::tasks::Task;

/// Keeps the books. One is made for each job, so it knows the workspace, the campaign and the step.
#[async_trait::async_trait(?Send)]
pub trait Meter {
    /// What this job was answered to this very task before it was cut off, if anything: it need not be paid again.
    async fn known(&self, task: &Task) -> Result<Option<Known>, MeterError>;

    /// Reserves what the call can cost at most, or refuses.
    async fn reserve(&self, call: &Call<'_>) -> Result<CallId, MeterError>;

    /// Says what came of a call. A call that is never settled counts as spent at its maximum.
    async fn settle(&self, call: CallId, settlement: &Settlement) -> Result<(), MeterError>;
}

/// What a job was told before it was cut off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The answer.
    pub text: String,
    /// Who gave it, as [`crate::Told::by`].
    pub by: String,
}

/// A call that is about to be made.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Who runs the model.
    pub provider: &'static str,
    /// Its name.
    pub model: &'a str,
    /// Whether its costs mean anything ([`crate::Model::priced`]).
    pub priced: bool,
    /// What it is asked; [`Task::sha256`] and [`Task::prompt_version`] belong into the journal.
    pub task: &'a Task,
    /// What it can cost at most.
    pub cost_max: MicroUsd,
    /// The workspace's own provider; none: the operator's.
    pub link: Option<&'a str>,
    /// Who was asked before, and what came of it.
    pub stands_in_for: Option<&'a str>,
}

/// The books' name for a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CallId(pub String);

/// Why the books say no.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum MeterError {
    /// The call could exceed a budget.
    #[error("{0}")]
    BudgetSpent(String),
    /// The provider asked us to wait, or has as many calls as it may have.
    #[error("{why}")]
    Busy {
        /// Which of them.
        why: String,
        /// When to try again, in seconds; none: nobody knows.
        after_s: Option<u32>,
    },
    /// Another worker has the job: nothing more may be paid for.
    #[error("another worker has the job")]
    Lost,
    /// The books cannot be written.
    #[error("the call could not be accounted for: {0}")]
    Failed(String),
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// In a word.
    pub outcome: Outcome,
    /// What it took; the reserved maximum where nobody knows.
    pub spent: Spent,
    /// Whether [`Self::spent`]'s cost is that maximum.
    pub estimated: bool,
    /// What the model said, where it said anything; for [`Meter::known`].
    pub answer: Option<String>,
    /// The provider is not to be asked again for so long, in seconds.
    pub rest_s: Option<u32>,
}

/// What came of a call, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A usable answer.
    Answered,
    /// An answer that does not fit its schema or its rules.
    Misfit,
    /// [`ModelError::RateLimited`].
    RateLimited,
    /// [`ModelError::Overloaded`].
    Overloaded,
    /// [`ModelError::QuotaSpent`].
    QuotaSpent,
    /// [`ModelError::Length`].
    Length,
    /// [`ModelError::Refused`].
    Refused,
    /// [`ModelError::Unusable`].
    Unusable,
    /// [`ModelError::Auth`].
    Auth,
    /// [`ModelError::BadRequest`].
    BadRequest,
    /// [`ModelError::Unreachable`].
    Unreachable,
    /// [`ModelError::NoAnswer`].
    NoAnswer,
}

impl Outcome {
    /// The word for it, in SQL and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Misfit => "misfit",
            Self::RateLimited => "rate_limited",
            Self::Overloaded => "overloaded",
            Self::QuotaSpent => "quota_spent",
            Self::Length => "length",
            Self::Refused => "refused",
            Self::Unusable => "unusable",
            Self::Auth => "auth",
            Self::BadRequest => "bad_request",
            Self::Unreachable => "unreachable",
            Self::NoAnswer => "no_answer",
        }
    }
}

impl From<&ModelError> for Outcome {
    fn from(error: &ModelError) -> Self {
        match error {
            ModelError::RateLimited { .. } => Self::RateLimited,
            ModelError::Overloaded { .. } => Self::Overloaded,
            ModelError::QuotaSpent => Self::QuotaSpent,
            ModelError::Length { .. } => Self::Length,
            ModelError::Refused { .. } => Self::Refused,
            ModelError::Unusable { .. } => Self::Unusable,
            ModelError::Auth { .. } => Self::Auth,
            ModelError::BadRequest { .. } => Self::BadRequest,
            ModelError::Unreachable { .. } => Self::Unreachable,
            ModelError::NoAnswer { .. } => Self::NoAnswer,
        }
    }
}

impl Settlement {
    /// A call's for which the provider charges: what it told, else the maximum as an estimate.
    pub fn new(outcome: Outcome, spent: Option<&Spent>, cost_max: MicroUsd) -> Self {
        match spent {
            Some(spent) => Self { outcome, spent: spent.clone(), estimated: false, answer: None, rest_s: None },
            None => {
                let spent = Spent { cost: cost_max, ..Spent::default() };
                Self { outcome, spent, estimated: true, answer: None, rest_s: None }
            }
        }
    }

    /// A failed call's; nothing where it cannot have cost anything.
    pub fn of_failure(error: &ModelError, cost_max: MicroUsd) -> Self {
        let outcome = Outcome::from(error);
        if error.may_have_cost() {
            Self::new(outcome, error.spent(), cost_max)
        } else {
            let rest_s = error.rest_s();
            Self { outcome, spent: Spent::default(), estimated: false, answer: None, rest_s }
        }
    }
}
