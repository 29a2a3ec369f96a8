//! What a model is, what it answers, and how it fails.

use domain::MicroUsd;
use ports::Http;

use crate::tasks::Task;

/// Something that answers tasks.
#[async_trait::async_trait(?Send)]
pub trait Model {
    /// Who runs it: `rehearsal`, `openai`, `spin_llm` …
    fn provider(&self) -> &'static str;

    /// Its name at the provider.
    fn name(&self) -> &str;

    /// Whether costs mean anything. `false` when no prices were set: costs then read zero, and no budget can
    /// stop it. Say so wherever a cost is shown.
    fn priced(&self) -> bool;

    /// The most that one call for this task can cost; what to reserve.
    fn cost_max(&self, task: &Task) -> MicroUsd;

    /// Answers a task with text that should be JSON of the task's schema. One call, in terms of money.
    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError>;

    /// Tries whether it can be asked at all, by the smallest question there is.
    async fn probe(&self, _http: &dyn Http) -> Result<Option<Spent>, ModelError> {
        Ok(None)
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// What it said.
    pub text: String,
    /// What it took, where the provider tells.
    pub spent: Option<Spent>,
    /// By its headers, the provider has no room for another such call for so long, in seconds.
    pub rest_s: Option<u32>,
}

impl Reply {
    /// An answer after which the provider may be asked again at once.
    pub fn new(text: impl Into<String>, spent: Option<Spent>) -> Self {
        Self { text: text.into(), spent, rest_s: None }
    }
}

/// What a call took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// In tokens.
    pub usage: Usage,
    /// In money; zero where no prices are set.
    pub cost: MicroUsd,
    /// The provider's name for the call, for its support.
    pub request_id: Option<String>,
}

/// Tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Everything that was read, the cached part included.
    pub input_tokens: u64,
    /// The part of it that came from the provider's cache.
    pub cached_tokens: u64,
    /// Everything that was written, thinking included.
    pub output_tokens: u64,
}

/// A provider that limits the rate and does not say until when is let alone for so long, in seconds.
const REST_S: u32 = 20;

/// How a call failed. Reasons are the provider's words, cleaned and cut, without the key.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum ModelError {
    /// Too many calls.
    #[error("the model's provider limits the rate{}", in_seconds(*.after_s))]
    RateLimited {
        /// When it said to come back, in seconds from now.
        after_s: Option<u32>,
    },
    /// The provider says that it cannot answer now.
    #[error("the model's provider is overloaded{}", in_seconds(*.after_s))]
    Overloaded {
        /// When it said to come back, in seconds from now.
        after_s: Option<u32>,
    },
    /// The account has no money left.
    #[error("the account at the model's provider has no credit left; a person must see to it")]
    QuotaSpent,
    /// Cut by the limit of tokens.
    #[error("the answer was cut at the limit of tokens")]
    Length {
        /// What it took.
        spent: Option<Spent>,
    },
    /// The model would not.
    #[error("the model refused: {reason}")]
    Refused {
        /// Its words.
        reason: String,
        /// What it took.
        spent: Option<Spent>,
    },
    /// An answer that is none: a broken body, no text, an error inside a success.
    #[error("the model's answer cannot be used: {reason}")]
    Unusable {
        /// What is wrong with it.
        reason: String,
        /// What it took, when it says so.
        spent: Option<Spent>,
    },
    /// The key is not accepted.
    #[error("the model's provider does not accept the key (status {status}); replace it, or set `model_key`")]
    Auth {
        /// 401 or 403.
        status: u16,
    },
    /// The provider does not accept the request.
    #[error("the model's provider does not accept the request{}: {reason}", by_status(*.status))]
    BadRequest {
        /// Its status; 0 where the provider speaks no HTTP.
        status: u16,
        /// Its words.
        reason: String,
    },
    /// The request surely never left.
    #[error("the model cannot be reached: {reason}")]
    Unreachable {
        /// Why.
        reason: String,
    },
    /// The request may have left, and no answer came.
    #[error("the model gave no complete answer: {reason}")]
    NoAnswer {
        /// Why.
        reason: String,
    },
}

fn in_seconds(after_s: Option<u32>) -> String {
    after_s.map(|seconds| format!("; it says to try again in {seconds} s")).unwrap_or_default()
}

fn by_status(status: u16) -> String {
    if status == 0 { String::new() } else { format!(" (status {status})") }
}

/// Whether to try again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// No retry can help; a person must look.
    Never,
    /// Nobody's fault; later, without using up an attempt.
    Wait {
        /// Not before, in seconds; the caller's own back-off otherwise.
        after_s: Option<u32>,
    },
    /// Later, and it uses up an attempt.
    Attempt {
        /// Not before, in seconds; the caller's own back-off otherwise.
        after_s: Option<u32>,
    },
}

impl ModelError {
    /// Whether and when a retry makes sense.
    pub fn retry(&self) -> Retry {
        match self {
            Self::RateLimited { after_s } => Retry::Wait { after_s: *after_s },
            Self::Overloaded { after_s } => Retry::Attempt { after_s: *after_s },
            Self::Unusable { .. } | Self::Unreachable { .. } | Self::NoAnswer { .. } => {
                Retry::Attempt { after_s: None }
            }
            // The same task would be cut, refused or turned down again.
            Self::Length { .. }
            | Self::Refused { .. }
            | Self::QuotaSpent
            | Self::Auth { .. }
            | Self::BadRequest { .. } => Retry::Never,
        }
    }

    /// Whether the provider may charge for the call.
    pub fn may_have_cost(&self) -> bool {
        match self {
            Self::Length { .. } | Self::Refused { .. } | Self::Unusable { .. } | Self::NoAnswer { .. } => true,
            Self::RateLimited { .. }
            | Self::Overloaded { .. }
            | Self::QuotaSpent
            | Self::Auth { .. }
            | Self::BadRequest { .. }
            | Self::Unreachable { .. } => false,
        }
    }

    /// Whether another provider may be asked in its place: it had no room, or gave no answer in time. Never where
    /// it did answer: what one refused is not carried to the next.
    pub fn lets_another_stand_in(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. } | Self::Overloaded { .. } | Self::Unreachable { .. } | Self::NoAnswer { .. }
        )
    }

    /// For how long the provider is not to be asked again, in seconds.
    pub fn rest_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited { after_s } => Some(after_s.unwrap_or(REST_S)),
            Self::Overloaded { after_s } => *after_s,
            _ => None,
        }
    }

    /// What it took, where the provider told.
    pub fn spent(&self) -> Option<&Spent> {
        match self {
            Self::Length { spent } | Self::Refused { spent, .. } | Self::Unusable { spent, .. } => spent.as_ref(),
            _ => None,
        }
    }
}
