//! Spin's own `llm`: models that the host of the app runs. It takes one text and knows no schema, so the answer is
//! looked for in what it says; an answer that is none gets its second try as everybody's does.

use std::rc::Rc;

use domain::MicroUsd;
use ports::{Http, Inferred, Llm, LlmError};
use serde::de::IgnoredAny;

use crate::model::{Model, ModelError, Reply, Spent, Usage};
use crate::price::Prices;
use crate::tasks::{Task, Turn};
use crate::untrusted::{excerpt, tagged};
use crate::wire::{RESPONSE_BYTES_MAX, SMALL_TALK_TOKENS};

/// A model of the host.
pub struct SpinLlm {
    pub(crate) llm: Rc<dyn Llm>,
    pub(crate) name: String,
    pub(crate) prices: Prices,
}

/// Longest excerpt of the host's words, in characters.
const REASON_CHARS_MAX: usize = 300;

#[async_trait::async_trait(?Send)]
impl Model for SpinLlm {
    fn provider(&self) -> &'static str {
        "spin_llm"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn priced(&self) -> bool {
        self.prices.are_set()
    }

    fn cost_max(&self, task: &Task) -> MicroUsd {
        self.prices.cost_max(prompt(task).len(), task.output_tokens_max)
    }

    async fn answer(&self, _: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let said = self.llm.infer(&self.name, &prompt(task), task.output_tokens_max).map_err(failure)?;
        let spent = self.spent(&said);
        let unusable = |reason: String| Err(ModelError::Unusable { reason, spent: spent.clone() });
        if said.text.len() > RESPONSE_BYTES_MAX {
            return unusable(format!("it has {} bytes; the most is {RESPONSE_BYTES_MAX}", said.text.len()));
        }
        match object(&said.text) {
            Some(json) => Ok(Reply::new(json, spent)),
            // It does not say why it ended.
            None if said.generated_tokens >= task.output_tokens_max => Err(ModelError::Length { spent }),
            None if said.text.trim().is_empty() => unusable("it holds no text".into()),
            // What is wrong with it, whoever reads it says.
            None => Ok(Reply::new(said.text.trim(), spent)),
        }
    }

    async fn probe(&self, _: &dyn Http) -> Result<Option<Spent>, ModelError> {
        self.llm.infer(&self.name, "Say ok.", SMALL_TALK_TOKENS).map(|said| self.spent(&said)).map_err(failure)
    }
}

impl SpinLlm {
    fn spent(&self, said: &Inferred) -> Option<Spent> {
        let usage = Usage {
            input_tokens: said.prompt_tokens.into(),
            cached_tokens: 0,
            output_tokens: said.generated_tokens.into(),
        };
        crate::wire::is_told(usage)?;
        Some(Spent { usage, cost: self.prices.cost(usage), request_id: None })
    }
}

/// All of a task in one text: it has no roles, so the model's own words are data between tags like everybody's.
pub fn prompt(task: &Task) -> String {
    let mut text = format!(
        "{}\n\nThe JSON object must fit this JSON schema:\n{}\n\nAnswer with that JSON object alone: no word before or \
        after it, no code fence.\n\n",
        task.system, task.schema.text
    );
    for turn in &task.turns {
        match turn {
            Turn::Ours(ours) => text += ours,
            Turn::Model(answer) => text += &tagged("your_answer", answer),
        }
        text += "\n\n";
    }
    text + "The JSON object:\n"
}

/// Most beginnings of an object that are tried.
const BEGINNINGS_MAX: usize = 64;

/// The largest whole JSON object of a text, whatever stands around it: a fence, a sentence, thoughts.
fn object(text: &str) -> Option<&str> {
    let mut largest: Option<&str> = None;
    let mut at = 0;
    for _ in 0..BEGINNINGS_MAX {
        let Some(begin) = text[at..].find('{').map(|found| at + found) else { break };
        let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<IgnoredAny>();
        let end = match values.next() {
            Some(Ok(_)) => begin + values.byte_offset(),
            _ => begin + 1,
        };
        if end > begin + 1 && largest.is_none_or(|found| end - begin > found.len()) {
            largest = Some(&text[begin..end]);
        }
        at = end;
    }
    largest
}

/// What the host's words mean. It tells by text alone whether it had no room.
pub(crate) fn failure(error: LlmError) -> ModelError {
    let reason = |text: &str| excerpt(&without_addresses(text), REASON_CHARS_MAX);
    match error {
        LlmError::NotSupported => {
            ModelError::BadRequest { status: 0, reason: "the host of the app has no such model".into() }
        }
        LlmError::Refused(text) => ModelError::BadRequest { status: 0, reason: reason(&text) },
        LlmError::Failed(text) => {
            let words = text.to_lowercase();
            let holds = |these: &[&str]| these.iter().any(|one| words.contains(one));
            if holds(&["rate limit", "rate-limit", "too many requests"]) {
                ModelError::RateLimited { after_s: None }
            } else if holds(&["not supported", "not set up"]) {
                ModelError::Unreachable { reason: reason(&text) }
            } else {
                // It may have run all the same.
                ModelError::NoAnswer { reason: reason(&text) }
            }
        }
    }
}

/// Where the host asks in its turn is its operator's business.
fn without_addresses(text: &str) -> String {
    let word = |word: &str| if word.contains("://") { "[address]".into() } else { word.to_string() };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
