//! Rondo's nouns, stages, allowed moves, rules and scores. No I/O, no clock, no Spin: whatever is decided here
//! is decided from its arguments.

pub mod agent;
pub mod approval;
pub mod brand;
pub mod brief;
pub mod calendar;
pub mod campaign;
pub mod channel;
pub mod check;
pub mod command;
pub mod comment;
pub mod consistency;
pub mod history;
pub mod import;
pub mod job;
pub mod labelled;
pub mod length;
pub mod money;
pub mod policy;
pub mod post;
pub mod price;
pub mod provider;
pub mod review;
pub mod role;
pub mod seal;
pub mod similarity;
pub mod spreadsheet;
pub mod strategy;
pub mod template;
pub mod text;
mod words;

pub use agent::{AgentRole, Autonomy, Colour};
pub use approval::Decision;
pub use brand::BrandBook;
pub use brief::Brief;
pub use campaign::{Mode, Stage};
pub use job::{JobState, Step};
pub use length::Platform;
pub use money::MicroUsd;
pub use policy::{Policy, PolicyKind};
pub use post::{Content, PostState};
pub use provider::{CheckVerdict, ProviderKind};
pub use review::{Finding, Scores, Severity, Verdict};
pub use role::{Action, Role, permission};
pub use strategy::Strategy;
