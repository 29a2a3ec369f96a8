//! OpenAI's chat completions, and whatever speaks like them: Ollama, vLLM, OpenRouter, LiteLLM.

use domain::MicroUsd;
use ports::{Http, Response, Timeouts};
use serde_json::{Value, json};

use crate::model::{Model, ModelError, Reply, Spent, Usage};
use crate::price::Prices;
use crate::settings::Secret;
use crate::tasks::{Task, Turn};
use crate::untrusted::excerpt;
use crate::wire;

/// A model behind `POST {base_url}/chat/completions`.
pub struct OpenAi {
    pub(crate) base_url: String,
    pub(crate) key: Secret,
    pub(crate) name: String,
    pub(crate) prices: Prices,
    pub(crate) dialect: Dialect,
    pub(crate) timeouts: Timeouts,
}

/// What the server understands. A server that says in a 400 which part it does not know is asked again without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    max_completion_tokens: bool,
    json_schema: bool,
}

impl Dialect {
    /// `max_completion_tokens` and `json_schema`.
    pub const OPENAI: Self = Self { max_completion_tokens: true, json_schema: true };
    /// `max_tokens` and `json_schema`: older servers, and those that pass over a field they do not know.
    pub const MAX_TOKENS: Self = Self { max_completion_tokens: false, json_schema: true };
    /// `max_tokens` and `json_object`, with the schema in the prompt.
    pub const JSON_OBJECT: Self = Self { max_completion_tokens: false, json_schema: false };

    /// What to try after a 400 that names a part of the request; `None` if it names none of ours.
    fn without(self, reason: &str) -> Option<Self> {
        if self.max_completion_tokens && reason.contains("max_completion_tokens") {
            return Some(Self { max_completion_tokens: false, ..self });
        }
        let names_format =
            ["response_format", "json_schema", "structured output"].iter().any(|name| reason.contains(name));
        (self.json_schema && names_format).then_some(Self { json_schema: false, ..self })
    }
}

#[async_trait::async_trait(?Send)]
impl Model for OpenAi {
    fn provider(&self) -> &'static str {
        "openai"
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn priced(&self) -> bool {
        self.prices.are_set()
    }

    fn cost_max(&self, task: &Task) -> MicroUsd {
        // The form that repeats the schema in the prompt is the longest.
        let longest = request_body(&self.name, task, Dialect::JSON_OBJECT);
        self.prices.cost_max(longest.to_string().len() + task.schema.text.len(), task.output_tokens_max)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let mut dialect = self.dialect;
        // A dialect only ever loses parts, so this ends after three requests; those turned down cost nothing.
        loop {
            let response = self.send(http, &request_body(&self.name, task, dialect)).await?;
            if response.status == 200 {
                return self.read(&response);
            }
            let error = wire::failure(&response, &self.key, quota_spent);
            match &error {
                ModelError::BadRequest { status: 400 | 422, reason } => match dialect.without(reason) {
                    Some(plainer) => dialect = plainer,
                    None => return Err(error),
                },
                _ => return Err(error),
            }
        }
    }

    async fn probe(&self, http: &dyn Http) -> Result<Option<Spent>, ModelError> {
        let body =
            |limit: &str| json!({ "model": self.name, "messages": wire::small_talk(), limit: wire::SMALL_TALK_TOKENS });
        let mut response = self.send(http, &body("max_completion_tokens")).await?;
        if response.status == 400 && String::from_utf8_lossy(&response.body).contains("max_completion_tokens") {
            response = self.send(http, &body("max_tokens")).await?;
        }
        if response.status != 200 {
            return Err(wire::failure(&response, &self.key, quota_spent));
        }
        let body = wire::body(&response, &self.key)?;
        Ok(self.spent(&body, &response))
    }
}

pub(crate) fn quota_spent(error: &Value) -> bool {
    let names = |field: &str| {
        let text = error.get(field).and_then(Value::as_str).unwrap_or("");
        matches!(text, "insufficient_quota" | "billing_hard_limit_reached" | "billing_not_active")
    };
    names("code") || names("type")
}

/// The body of a request, in a dialect.
pub fn request_body(model: &str, task: &Task, dialect: Dialect) -> Value {
    let mut system = task.system.clone();
    if !dialect.json_schema {
        system += &format!("\n\nThe JSON object must fit this JSON schema:\n{}", task.schema.text);
    }
    let turn = |turn: &Turn| match turn {
        Turn::Ours(text) => json!({ "role": "user", "content": text }),
        Turn::Model(text) => json!({ "role": "assistant", "content": text }),
    };
    let mut messages = vec![json!({ "role": "system", "content": system })];
    messages.extend(task.turns.iter().map(turn));
    let response_format = if dialect.json_schema {
        json!({
            "type": "json_schema",
            "json_schema": { "name": task.schema.name, "strict": true, "schema": task.schema.json() },
        })
    } else {
        json!({ "type": "json_object" })
    };
    let limit = if dialect.max_completion_tokens { "max_completion_tokens" } else { "max_tokens" };
    json!({ "model": model, "messages": messages, "response_format": response_format, limit: task.output_tokens_max })
}

impl OpenAi {
    async fn send(&self, http: &dyn Http, body: &Value) -> Result<Response, ModelError> {
        let mut headers = Vec::new();
        if !self.key.is_empty() {
            headers.push(("authorization".into(), format!("Bearer {}", self.key.reveal())));
        }
        let url = format!("{}/chat/completions", self.base_url);
        wire::post(http, (url, &self.key), headers, body, self.timeouts).await
    }

    fn read(&self, response: &Response) -> Result<Reply, ModelError> {
        let body = wire::body(response, &self.key)?;
        let spent = self.spent(&body, response);
        let unusable = |reason: String| {
            Err(ModelError::Unusable { reason: self.key.scrub(&excerpt(&reason, 300)), spent: spent.clone() })
        };
        let Some(choice) = body.pointer("/choices/0") else { return unusable("it holds no choice".into()) };
        if let Some(error) = choice.get("error").filter(|error| !error.is_null()) {
            return unusable(format!("a success that holds an error: {}", wire::message(error)));
        }
        let text = |pointer: &str| choice.pointer(pointer).and_then(Value::as_str).unwrap_or("");
        let refusal = text("/message/refusal");
        if !refusal.is_empty() {
            return Err(ModelError::Refused { reason: excerpt(refusal, 300), spent });
        }
        match text("/finish_reason") {
            "length" => return Err(ModelError::Length { spent }),
            "content_filter" => {
                return Err(ModelError::Refused { reason: "the provider's filter stopped it".into(), spent });
            }
            "tool_calls" | "function_call" => return unusable("it calls a tool, and has none".into()),
            // Servers have several words for a normal end.
            _ => {}
        }
        match text("/message/content") {
            "" => unusable("it holds no text".into()),
            content => {
                let rest_s = wire::rest_s(response, wire::tokens(spent.as_ref()));
                Ok(Reply { text: content.into(), spent, rest_s })
            }
        }
    }

    fn spent(&self, body: &Value, response: &Response) -> Option<Spent> {
        body.get("usage").filter(|usage| usage.is_object())?;
        let usage = Usage {
            input_tokens: wire::count(body, "/usage/prompt_tokens"),
            cached_tokens: wire::count(body, "/usage/prompt_tokens_details/cached_tokens"),
            output_tokens: wire::count(body, "/usage/completion_tokens"),
        };
        wire::is_told(usage)?;
        let id = body.get("id").and_then(Value::as_str).map(|id| excerpt(id, 100));
        Some(Spent { usage, cost: self.prices.cost(usage), request_id: wire::request_id(response).or(id) })
    }
}

#[cfg(test)]
mod tests;
