//! Language models: what a step asks of one, and the rehearsal model that needs none. The only crate that talks
//! to them.
//!
//! A step builds a [`Task`] ([`tasks`]), which is pure, and gives it to [`ask()`], which reserves money, calls a
//! [`Model`], settles, and parses the answer strictly. What a model says is data: it names nothing that the
//! brief does not hold, and it publishes nothing. A provider is one file: [`openai`], [`anthropic`],
//! [`rehearsal`], [`spin_llm`].

mod answer;
pub mod anthropic;
mod ask;
#[cfg(test)]
mod canned;
pub mod drawing;
pub mod embedding;
mod meter;
mod model;
pub mod ollama;
pub mod openai;
mod price;
pub mod read;
pub mod rehearsal;
pub mod remembered;
pub mod round;
mod settings;
pub mod spin_llm;
pub mod tasks;
mod untrusted;
mod wire;
pub mod wording;

pub use answer::{Answer, Preferred, Review};
pub use ask::{AskError, Link, Told, ask, ask_in_turn};
pub use meter::{Call, CallId, Known, Meter, MeterError, Outcome, Settlement};
pub use model::{Model, ModelError, Reply, Retry, Spent, Usage};
pub use price::{Prices, tokens_max};
pub use settings::{Offer, Secret, Settings, SettingsError, embedder_from_settings, from_settings, offered, own_url};
pub use tasks::{
    Comparing, Input, Picturing, Planning, Previous, PreviousImage, Reviewing, Schema, SentBack, Task, Tried, Turn,
    Writing,
};
pub use wire::{BETWEEN_BYTES_MS, CONNECT_MS, FIRST_BYTE_MS, RESPONSE_BYTES_MAX};
