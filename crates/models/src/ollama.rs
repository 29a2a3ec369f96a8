//! Ollama's own API: models on a machine of one's own. They cost nothing, and say so.

use domain::MicroUsd;
use ports::{Http, Response, Timeouts};
use serde_json::{Value, json};

use crate::model::{Model, ModelError, Reply, Spent, Usage};
use crate::settings::Secret;
use crate::tasks::{Task, Turn};
use crate::untrusted::excerpt;
use crate::wire;

/// A model behind `POST {base_url}/api/chat`.
pub struct Ollama {
    pub(crate) base_url: String,
    /// For a proxy before it; Ollama itself has none.
    pub(crate) key: Secret,
    pub(crate) name: String,
    pub(crate) timeouts: Timeouts,
}

#[async_trait::async_trait(?Send)]
impl Model for Ollama {
    fn provider(&self) -> &'static str {
        "ollama"
    }

    fn name(&self) -> &str {
        &self.name
    }

    /// Its price is known: nothing.
    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let body = self.send(http, &request_body(&self.name, task)).await?;
        let spent = Some(spent(&body));
        let text = body.pointer("/message/content").and_then(Value::as_str).unwrap_or("");
        match body.get("done_reason").and_then(Value::as_str).unwrap_or("stop") {
            "length" => Err(ModelError::Length { spent }),
            _ if text.is_empty() => Err(ModelError::Unusable { reason: "it holds no text".into(), spent }),
            _ => Ok(Reply::new(text, spent)),
        }
    }

    async fn probe(&self, http: &dyn Http) -> Result<Option<Spent>, ModelError> {
        let options = json!({ "num_predict": wire::SMALL_TALK_TOKENS });
        let body = json!({ "model": self.name, "messages": wire::small_talk(), "stream": false, "options": options });
        Ok(Some(spent(&self.send(http, &body).await?)))
    }
}

/// The body of a request. Without `stream: false` it would answer line by line.
pub fn request_body(model: &str, task: &Task) -> Value {
    let turn = |turn: &Turn| match turn {
        Turn::Ours(text) => json!({ "role": "user", "content": text }),
        Turn::Model(text) => json!({ "role": "assistant", "content": text }),
    };
    let mut messages = vec![json!({ "role": "system", "content": task.system })];
    messages.extend(task.turns.iter().map(turn));
    json!({
        "model": model,
        "messages": messages,
        "stream": false,
        "format": task.schema.json(),
        "options": { "num_predict": task.output_tokens_max },
    })
}

impl Ollama {
    async fn send(&self, http: &dyn Http, body: &Value) -> Result<Value, ModelError> {
        let mut headers = Vec::new();
        if !self.key.is_empty() {
            headers.push(("authorization".into(), format!("Bearer {}", self.key.reveal())));
        }
        let url = format!("{}/api/chat", self.base_url);
        let response: Response = wire::post(http, (url, &self.key), headers, body, self.timeouts).await?;
        if response.status != 200 {
            return Err(wire::failure(&response, &self.key, |_| false));
        }
        let body = wire::body(&response, &self.key)?;
        match body.get("done").and_then(Value::as_bool) {
            Some(false) => Err(ModelError::NoAnswer { reason: excerpt("it stopped before its end", 300) }),
            _ => Ok(body),
        }
    }
}

/// What it counted; it leaves out what it had in its memory.
fn spent(body: &Value) -> Spent {
    let usage = Usage {
        input_tokens: wire::count(body, "/prompt_eval_count"),
        cached_tokens: 0,
        output_tokens: wire::count(body, "/eval_count"),
    };
    Spent { usage, cost: MicroUsd(0), request_id: None }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::HttpError;

    use super::*;
    use crate::canned::{Canned, answer, model, post_task};

    fn says(status: u16, body: Value) -> Result<Response, HttpError> {
        answer(status, &[], body.to_string())
    }

    fn ask(http: &Canned) -> Result<Reply, ModelError> {
        block_on(model("ollama").answer(http, &post_task()))
    }

    #[test]
    fn an_answer_is_counted_and_costs_nothing() {
        let body = json!({ "message": { "role": "assistant", "content": "{}" }, "done": true, "done_reason": "stop",
            "prompt_eval_count": 1000, "eval_count": 100 });
        let http = Canned::new([says(200, body)]);
        let spent = ask(&http).unwrap().spent.unwrap();
        assert_eq!((spent.usage.input_tokens, spent.usage.output_tokens, spent.cost), (1000, 100, MicroUsd(0)));
        let sent = &http.bodies()[0];
        assert_eq!((&sent["stream"], &sent["format"]), (&json!(false), &post_task().schema.json()));
        assert_eq!(http.sent.borrow()[0].url, "http://models.example/base/api/chat");
        let model = model("ollama");
        assert!(model.priced() && model.cost_max(&post_task()) == MicroUsd(0));
    }

    #[test]
    fn every_trouble_is_told_apart() {
        let check = |status, body, expect: &str| {
            let error = ask(&Canned::new([says(status, body)])).unwrap_err();
            assert_eq!(crate::Outcome::from(&error).as_str(), expect, "{error}");
        };
        check(404, json!({ "error": "model 'm' not found" }), "bad_request");
        check(503, json!({ "error": "server busy" }), "overloaded");
        check(429, json!({ "error": "too many" }), "rate_limited");
        check(200, json!({ "error": "ran out of memory" }), "unusable");
        check(200, json!({ "message": { "content": "{" }, "done": true, "done_reason": "length" }), "length");
        check(200, json!({ "message": { "content": "" }, "done": true }), "unusable");
        check(200, json!({ "message": { "content": "{" }, "done": false }), "no_answer");
    }
}
