//! Texts as vectors of meaning, where a provider has a model for it: OpenAI and whatever speaks like it, Ollama by its
//! own API, and Spin itself. Anthropic has none, and neither has the rehearsal model: memory is then found by words alone.

use std::rc::Rc;

use domain::{MicroUsd, ProviderKind};
use ports::{Http, Llm, Timeouts};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::model::{ModelError, Spent, Usage};
use crate::price::Prices;
use crate::settings::Secret;
use crate::untrusted::clean;
use crate::{spin_llm, wire};

/// Most texts of one call: as many vectors as an answer of [`crate::RESPONSE_BYTES_MAX`] holds.
pub const TEXTS_MAX: usize = 16;
/// Longest text that is sent, in characters.
const TEXT_CHARS_MAX: usize = 1_000;
/// Most numbers of a vector.
const DIMENSIONS_MAX: usize = 4_096;
/// A search must not hold up the work that it is for: no longer to the first byte, in milliseconds.
pub const EMBED_FIRST_BYTE_MS: u32 = 6_000;
/// Nor between two pieces, in milliseconds.
const EMBED_BETWEEN_BYTES_MS: u32 = 2_000;

/// A provider's model for vectors.
#[derive(Clone)]
pub struct Embedder {
    kind: ProviderKind,
    base_url: String,
    key: Secret,
    name: String,
    prices: Prices,
    timeouts: Timeouts,
    llm: Rc<dyn Llm>,
}

/// Vectors in the order of their texts, and what they took.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// One for each text, all of one length.
    pub vectors: Vec<Vec<f32>>,
    /// Where the provider tells.
    pub spent: Option<Spent>,
}

impl Embedder {
    /// Behind an offer; none where such a provider has no vectors.
    pub fn of(offer: crate::Offer) -> Option<Self> {
        let crate::Offer { kind, base_url, key, model, prices, timeouts, llm } = offer;
        if !kind.has_embeddings() {
            return None;
        }
        let timeouts = Timeouts {
            first_byte_ms: timeouts.first_byte_ms.min(EMBED_FIRST_BYTE_MS),
            between_bytes_ms: timeouts.between_bytes_ms.min(EMBED_BETWEEN_BYTES_MS),
            ..timeouts
        };
        Some(Self { kind, base_url, key, name: model, prices, timeouts, llm })
    }

    /// Who runs it.
    pub fn provider(&self) -> &'static str {
        self.kind.as_str()
    }

    /// Its name at the provider.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The most that these texts can cost.
    pub fn cost_max(&self, texts: &[String]) -> MicroUsd {
        match self.kind {
            ProviderKind::Ollama => MicroUsd(0),
            _ => self.prices.cost_max(self.body(texts).to_string().len(), 0),
        }
    }

    /// Lower-case hex SHA-256 of what is asked.
    pub fn sha256(&self, texts: &[String]) -> String {
        domain::post::hex(&Sha256::digest(self.body(texts).to_string().as_bytes()))
    }

    fn body(&self, texts: &[String]) -> Value {
        let cleaned = cleaned(texts);
        match self.kind {
            ProviderKind::Ollama => json!({ "model": self.name, "input": cleaned }),
            _ => json!({ "model": self.name, "input": cleaned, "encoding_format": "float" }),
        }
    }

    /// One call for all of them, at most [`TEXTS_MAX`].
    pub async fn embed(&self, http: &dyn Http, texts: &[String]) -> Result<Embedded, ModelError> {
        if self.kind == ProviderKind::SpinLlm {
            return self.embed_by_host(texts);
        }
        let mut headers = Vec::new();
        if !self.key.is_empty() {
            headers.push(("authorization".into(), format!("Bearer {}", self.key.reveal())));
        }
        let path = if self.kind == ProviderKind::Ollama { "/api/embed" } else { "/embeddings" };
        let url = format!("{}{path}", self.base_url);
        let response = wire::post(http, (url, &self.key), headers, &self.body(texts), self.timeouts).await?;
        if response.status != 200 {
            return Err(wire::failure(&response, &self.key, |_| false));
        }
        let body = wire::body(&response, &self.key)?;
        let spent = self.spent(&body);
        let vectors = if self.kind == ProviderKind::Ollama { of_ollama(&body) } else { of_openai(&body) };
        let vectors = vectors.filter(|vectors| are_sound(vectors, texts.len()));
        let unusable = || ModelError::Unusable { reason: NO_VECTORS.into(), spent: spent.clone() };
        Ok(Embedded { vectors: vectors.ok_or_else(unusable)?, spent })
    }

    fn embed_by_host(&self, texts: &[String]) -> Result<Embedded, ModelError> {
        let made = self.llm.embed(&self.name, &cleaned(texts)).map_err(spin_llm::failure)?;
        let usage = Usage { input_tokens: made.prompt_tokens.into(), ..Usage::default() };
        let spent = Some(Spent { usage, cost: self.prices.cost(usage), request_id: None });
        if are_sound(&made.vectors, texts.len()) {
            Ok(Embedded { vectors: made.vectors, spent })
        } else {
            Err(ModelError::Unusable { reason: NO_VECTORS.into(), spent })
        }
    }

    fn spent(&self, body: &Value) -> Option<Spent> {
        let place = if self.kind == ProviderKind::Ollama { "/prompt_eval_count" } else { "/usage/prompt_tokens" };
        body.pointer(place)?;
        let usage = Usage { input_tokens: wire::count(body, place), ..Usage::default() };
        let cost = if self.kind == ProviderKind::Ollama { MicroUsd(0) } else { self.prices.cost(usage) };
        Some(Spent { usage, cost, request_id: None })
    }
}

/// What is wrong with an answer that nobody can use.
const NO_VECTORS: &str = "it holds no vector for each text";

fn cleaned(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| clean(text).chars().take(TEXT_CHARS_MAX).collect()).collect()
}

/// Each says which text it is of.
fn of_openai(body: &Value) -> Option<Vec<Vec<f32>>> {
    let mut found: Vec<(u64, Vec<f32>)> = Vec::new();
    for (at, one) in (0..).zip(body.get("data")?.as_array()?) {
        found.push((one.get("index").and_then(Value::as_u64).unwrap_or(at), vector(one.get("embedding")?)?));
    }
    found.sort_by_key(|(index, _)| *index);
    let in_order = found.iter().zip(0..).all(|((index, _), at)| *index == at);
    in_order.then(|| found.into_iter().map(|(_, vector)| vector).collect())
}

fn of_ollama(body: &Value) -> Option<Vec<Vec<f32>>> {
    body.get("embeddings")?.as_array()?.iter().map(vector).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "vectors are made of single precision")]
fn vector(numbers: &Value) -> Option<Vec<f32>> {
    numbers.as_array()?.iter().map(|number| number.as_f64().map(|number| number as f32)).collect()
}

fn are_sound(vectors: &[Vec<f32>], texts: usize) -> bool {
    let length = vectors.first().map_or(0, Vec::len);
    let is_sound = |one: &Vec<f32>| one.len() == length && one.iter().all(|number| number.is_finite());
    vectors.len() == texts && (1..=DIMENSIONS_MAX).contains(&length) && vectors.iter().all(is_sound)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::{HttpError, Response};

    use super::*;
    use crate::canned::{Canned, answer};

    fn embedder(kind: ProviderKind) -> Option<Embedder> {
        let prices = Prices { input: MicroUsd(1_000_000), ..Prices::default() };
        Embedder::of(crate::Offer {
            kind,
            base_url: "http://models.example/base".into(),
            key: Secret::new("sk-1"),
            model: "m-embed".into(),
            prices,
            timeouts: wire::TIMEOUTS,
            llm: Rc::new(Host(Vec::new())),
        })
    }

    struct Host(Vec<Vec<f32>>);

    impl Llm for Host {
        fn infer(&self, _: &str, _: &str, _: u32) -> Result<ports::Inferred, ports::LlmError> {
            unreachable!("nobody asks for words")
        }

        fn embed(&self, model: &str, _: &[String]) -> Result<ports::Vectors, ports::LlmError> {
            assert_eq!(model, "m-embed");
            Ok(ports::Vectors { vectors: self.0.clone(), prompt_tokens: 7 })
        }
    }

    #[test]
    fn the_hosts_vectors_are_asked_of_it_and_held_to_the_same() {
        let mut embedder = embedder(ProviderKind::SpinLlm).unwrap();
        let texts = ["one".to_string(), "two".to_string()];
        let http = Canned::default();
        let found = block_on(embedder.embed(&http, &texts));
        assert!(matches!(found, Err(ModelError::Unusable { spent: Some(_), .. })), "{found:?}");
        embedder.llm = Rc::new(Host(vec![vec![1.0], vec![2.0]]));
        let found = block_on(embedder.embed(&http, &texts)).unwrap();
        assert_eq!((found.vectors, found.spent.unwrap().cost), (vec![vec![1.0], vec![2.0]], MicroUsd(7)));
        assert!(http.sent.borrow().is_empty(), "nothing goes over the wire");
    }

    fn ask(kind: ProviderKind, body: Value) -> (Result<Embedded, ModelError>, Canned) {
        let says: Result<Response, HttpError> = answer(200, &[], body.to_string());
        let http = Canned::new([says]);
        let texts = ["one".to_string(), "two".to_string()];
        (block_on(embedder(kind).unwrap().embed(&http, &texts)), http)
    }

    #[test]
    fn vectors_come_in_the_order_of_their_texts_and_are_paid_by_what_was_read() {
        let body = json!({ "data": [{ "index": 1, "embedding": [0.0, 1.0] }, { "index": 0, "embedding": [1.0, 0.5] }],
            "usage": { "prompt_tokens": 7, "total_tokens": 7 } });
        let (found, http) = ask(ProviderKind::OpenAi, body);
        let found = found.unwrap();
        assert_eq!(found.vectors, [vec![1.0, 0.5], vec![0.0, 1.0]]);
        assert_eq!(found.spent.unwrap().cost, MicroUsd(7));
        assert_eq!(http.sent.borrow()[0].url, "http://models.example/base/embeddings");
        assert_eq!(http.bodies()[0]["input"], json!(["one", "two"]));
    }

    #[test]
    fn ollamas_cost_nothing() {
        let body = json!({ "model": "m", "embeddings": [[1.0], [2.0]], "prompt_eval_count": 9 });
        let (found, http) = ask(ProviderKind::Ollama, body);
        let found = found.unwrap();
        assert_eq!((found.vectors.len(), found.spent.unwrap().cost), (2, MicroUsd(0)));
        assert_eq!(http.sent.borrow()[0].url, "http://models.example/base/api/embed");
        assert_eq!(embedder(ProviderKind::Ollama).unwrap().cost_max(&["x".repeat(500)]), MicroUsd(0));
    }

    #[test]
    fn an_answer_that_has_no_vector_for_each_text_is_not_used() {
        for body in [
            json!({}),
            json!({ "data": [] }),
            json!({ "data": [{ "index": 0, "embedding": [1.0] }] }),
            json!({ "data": [{ "index": 0, "embedding": [1.0] }, { "index": 0, "embedding": [1.0] }] }),
            json!({ "data": [{ "index": 0, "embedding": [1.0] }, { "index": 1, "embedding": [1.0, 2.0] }] }),
            json!({ "data": [{ "index": 0, "embedding": [] }, { "index": 1, "embedding": [] }] }),
            json!({ "data": [{ "index": 0, "embedding": ["a"] }, { "index": 1, "embedding": [1.0] }] }),
            json!({ "data": [{ "index": 0, "embedding": [1e300] }, { "index": 1, "embedding": [1.0] }] }),
            json!({ "error": { "message": "no" } }),
        ] {
            let (found, _) = ask(ProviderKind::OpenAi, body.clone());
            assert!(matches!(found, Err(ModelError::Unusable { .. })), "{body}: {found:?}");
        }
    }

    #[test]
    fn a_call_never_costs_more_than_was_reserved_and_some_providers_have_none() {
        let texts = vec!["Grüße 😀".to_string(); TEXTS_MAX];
        let bytes: usize = texts.iter().map(String::len).sum();
        let most = embedder(ProviderKind::OpenAi).unwrap().cost_max(&texts);
        assert!(most >= MicroUsd(i64::try_from(bytes).unwrap()), "a byte is at most a token");
        assert!(embedder(ProviderKind::Anthropic).is_none());
    }
}
