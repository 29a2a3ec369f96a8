//! The rehearsal model: a writer, planner and editor without a network, a key or a price, so that a whole
//! campaign can be played before anybody has an account. It is no language model, and is labelled so wherever
//! it speaks.
//!
//! It composes from the brief alone: facts, allowed and required claims, the brand. Of the goal it takes no
//! word, only what kind of act it asks for (to buy, to try, to come …). The same input gives the same answer.
//!
//! **It makes honest mistakes, at a known rate**, so that review and revision have real work: of every five
//! consecutive slots, two get a first version ([`mistake::PER_FIVE_SLOTS`]) that is too long for the channel,
//! opens weakly, holds a banned claim, lacks a required claim or has no call to action, in turn, as far as the
//! brief has such a rule to break. A revision mends what the findings name; from the second revision on it mends
//! everything. What people said when they sent posts back before, it heeds as far as a few words tell ([`wish`]); a
//! learning that names a mistake keeps it from being made.
//! Its pictures are ideas that break no rule, and a placeholder with the word REHEARSAL on it.
//! It speaks English and German; for other languages it sets the facts' own words
//! without a frame, and a small brief then gives posts that are alike.

mod english;
mod german;
mod intent;
mod judge;
mod lexicon;
mod material;
pub mod mistake;
mod painter;
pub(crate) mod placeholder;
mod planner;
mod reviewer;
mod rules;
mod seed;
mod wish;
mod wording;
mod writer;

use domain::MicroUsd;
use domain::source::by_rules;
use ports::Http;

use crate::model::{Model, ModelError, Reply, Spent};
use crate::read::Facts;
use crate::tasks::{Input, Task};

/// The rehearsal model.
pub struct Rehearsal;

/// Its name, which says what it is.
pub const NAME: &str = "rehearsal-1";

#[async_trait::async_trait(?Send)]
impl Model for Rehearsal {
    fn provider(&self) -> &'static str {
        "rehearsal"
    }

    fn name(&self) -> &str {
        NAME
    }

    /// Its price is known: nothing.
    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, _: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let text = match &task.input {
            Input::Strategize(planning) => serde_json::to_string(&planner::plan(planning)),
            Input::Generate(writing) => serde_json::to_string(&writer::write(writing, &task.memory)),
            Input::Picture(picturing) => serde_json::to_string(&painter::paint(picturing)),
            Input::Review(reviewing) => serde_json::to_string(&reviewer::review(reviewing)),
            Input::Compare(comparing) => serde_json::to_string(&judge::compare(comparing)),
            Input::Word(about) => serde_json::to_string(&wording::word(about)),
            Input::Read(source) => serde_json::to_string(&Facts::of(by_rules(source))),
        };
        let text =
            text.map_err(|error| ModelError::Unusable { reason: error.to_string(), spent: Some(Spent::default()) })?;
        Ok(Reply::new(text, Some(Spent::default())))
    }
}
