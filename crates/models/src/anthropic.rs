//! Anthropic's Messages, with structured output by `output_config.format`.

use domain::MicroUsd;
use ports::{Http, Response, Timeouts};
use serde_json::{Value, json};

use crate::model::{Model, ModelError, Reply, Spent, Usage};
use crate::price::Prices;
use crate::settings::Secret;
use crate::tasks::{Task, Turn};
use crate::untrusted::excerpt;
use crate::wire;

/// The version of the wire that this file speaks.
const VERSION: &str = "2023-06-01";

/// A model behind `POST {base_url}/v1/messages`.
pub struct Anthropic {
    pub(crate) base_url: String,
    pub(crate) key: Secret,
    pub(crate) name: String,
    pub(crate) prices: Prices,
    pub(crate) timeouts: Timeouts,
}

#[async_trait::async_trait(?Send)]
impl Model for Anthropic {
    fn provider(&self) -> &'static str {
        "anthropic"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn priced(&self) -> bool {
        self.prices.are_set()
    }

    fn cost_max(&self, task: &Task) -> MicroUsd {
        let body = request_body(&self.name, task).to_string();
        // The provider turns the schema into a prompt of its own, and what is written to its cache costs a quarter more.
        let bytes = body.len() + task.schema.text.len();
        self.prices.cost_max(bytes, task.output_tokens_max)
            + MicroUsd::for_tokens((bytes as u64).div_ceil(4), self.prices.input)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let response = self.send(http, &request_body(&self.name, task)).await?;
        self.read(&response)
    }

    async fn probe(&self, http: &dyn Http) -> Result<Option<Spent>, ModelError> {
        let body = json!({ "model": self.name, "max_tokens": wire::SMALL_TALK_TOKENS, "messages": wire::small_talk() });
        let response = self.send(http, &body).await?;
        let body = wire::body(&response, &self.key)?;
        Ok(self.spent(&body, &response))
    }
}

/// An empty account is a `billing_error`, or an `invalid_request_error` that only its words tell apart.
fn quota_spent(error: &Value) -> bool {
    error.get("type").and_then(Value::as_str) == Some("billing_error")
        || wire::message(error).contains("credit balance is too low")
}

/// The body of a request.
pub fn request_body(model: &str, task: &Task) -> Value {
    let turn = |turn: &Turn| match turn {
        Turn::Ours(text) => json!({ "role": "user", "content": text }),
        Turn::Model(text) => json!({ "role": "assistant", "content": text }),
    };
    json!({
        "model": model,
        "max_tokens": task.output_tokens_max,
        // Who the agent is and what it heeds is the same for every post: the provider keeps it, at a tenth of the price.
        "system": [{ "type": "text", "text": task.system, "cache_control": { "type": "ephemeral" } }],
        "messages": task.turns.iter().map(turn).collect::<Vec<_>>(),
        "output_config": { "format": { "type": "json_schema", "schema": task.schema.json() } },
    })
}

impl Anthropic {
    async fn send(&self, http: &dyn Http, body: &Value) -> Result<Response, ModelError> {
        let headers =
            vec![("x-api-key".into(), self.key.reveal().into()), ("anthropic-version".into(), VERSION.into())];
        let url = format!("{}/v1/messages", self.base_url);
        let response = wire::post(http, (url, &self.key), headers, body, self.timeouts).await?;
        if response.status == 200 { Ok(response) } else { Err(wire::failure(&response, &self.key, quota_spent)) }
    }

    fn read(&self, response: &Response) -> Result<Reply, ModelError> {
        let body = wire::body(response, &self.key)?;
        let spent = self.spent(&body, response);
        let blocks = body.get("content").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let text: String = blocks
            .iter()
            .filter(|block| block.get("type").and_then(Value::as_str) == Some("text"))
            .filter_map(|block| block.get("text").and_then(Value::as_str))
            .collect();
        match body.get("stop_reason").and_then(Value::as_str).unwrap_or("") {
            "max_tokens" | "model_context_window_exceeded" => Err(ModelError::Length { spent }),
            "refusal" => {
                let reason = if text.is_empty() { "it gave no reason".into() } else { excerpt(&text, 300) };
                Err(ModelError::Refused { reason, spent })
            }
            "end_turn" | "stop_sequence" if !text.is_empty() => {
                let rest_s = wire::rest_s(response, wire::tokens(spent.as_ref()));
                Ok(Reply { text, spent, rest_s })
            }
            "end_turn" | "stop_sequence" => Err(ModelError::Unusable { reason: "it holds no text".into(), spent }),
            other => {
                let reason = excerpt(&format!("it stopped for the reason `{other}`"), 300);
                Err(ModelError::Unusable { reason, spent })
            }
        }
    }

    /// Input comes in three kinds: fresh, written to the cache (at five quarters of the price), and read from it.
    fn spent(&self, body: &Value, response: &Response) -> Option<Spent> {
        body.get("usage").filter(|usage| usage.is_object())?;
        let fresh = wire::count(body, "/usage/input_tokens");
        let written = wire::count(body, "/usage/cache_creation_input_tokens");
        let cached_tokens = wire::count(body, "/usage/cache_read_input_tokens");
        let output_tokens = wire::count(body, "/usage/output_tokens");
        let usage = Usage { input_tokens: fresh + written + cached_tokens, cached_tokens, output_tokens };
        wire::is_told(usage)?;
        let cost = self.prices.cost(usage) + MicroUsd::for_tokens(written.div_ceil(4), self.prices.input);
        let id = body.get("id").and_then(Value::as_str).map(|id| excerpt(id, 100));
        Some(Spent { usage, cost, request_id: wire::request_id(response).or(id) })
    }
}

#[cfg(test)]
mod tests;
