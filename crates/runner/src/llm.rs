//! `fermyon:spin/llm`: models that run elsewhere, behind the protocol that Spin has for it (`remote_http`).

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::{HeaderValue, Request, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::llm::{
    EmbeddingsResult, EmbeddingsUsage, Error, Host, InferencingParams, InferencingResult, InferencingUsage,
};
use crate::networks::Blocked;
use crate::outbound::connect::{Connector, SETTINGS, Settings};

/// What runs models for the app.
#[derive(Clone, Debug, Default)]
pub enum Llm {
    /// Nobody: this runner has no models of its own.
    #[default]
    Nobody,
    /// A server of the operator's.
    Remote(Arc<Remote>),
}

/// A server that runs models.
pub struct Remote {
    url: Url,
    authorization: HeaderValue,
    pool: legacy::Client<Connector, Full<Bytes>>,
}

/// Without the token.
impl fmt::Debug for Remote {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.debug_tuple("Remote").finish_non_exhaustive()
    }
}

/// How long a server may take to answer. Spin waits for ever.
const TIMEOUT: Duration = Duration::from_secs(600);
/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
/// Most bytes of an answer, as in Spin.
const ANSWER_BYTES_MAX: usize = 128 * 1024 * 1024;

impl Remote {
    pub fn new(url: &str, token: &str) -> Result<Self> {
        let url = Url::parse(url).context("llm_compute has a url that is none")?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            bail!("llm_compute has a url that is neither http nor https");
        }
        let mut authorization = HeaderValue::from_str(&format!("bearer {token}"))
            .context("llm_compute has an auth_token that no header can carry")?;
        authorization.set_sensitive(true);
        Ok(Self { url, authorization, pool: legacy::Client::builder(TokioExecutor::new()).build(Connector::new()) })
    }

    /// Posts a question to a path of the server.
    async fn ask<T: DeserializeOwned>(&self, path: &str, question: &impl Serialize) -> Result<T, Error> {
        let failed = |why: &dyn fmt::Display| Error::RuntimeError(format!("POST {path} request error: {why}"));
        let body = serde_json::to_vec(question).map_err(|error| failed(&error))?;
        let url = self.url.join(path).map_err(|error| failed(&error))?;
        let uri: Uri = url.as_str().parse().map_err(|error| failed(&error))?;
        let request = Request::post(uri)
            .header(header::AUTHORIZATION, self.authorization.clone())
            .body(Full::new(Bytes::from(body)))
            .map_err(|error| failed(&error))?;
        // The operator's own server: what guests may reach does not bind it.
        let settings = Settings { blocked: Blocked::default(), timeout: CONNECT_TIMEOUT };
        let answer = async {
            let response =
                SETTINGS.scope(settings, self.pool.request(request)).await.map_err(|error| failed(&error))?;
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect().await;
            body.map(http_body_util::Collected::to_bytes).map_err(|error| failed(&error))
        };
        let bytes = tokio::time::timeout(TIMEOUT, answer).await.map_err(|_| failed(&"no answer in time"))??;
        serde_json::from_slice(&bytes).map_err(|error| {
            Error::RuntimeError(format!("Failed to deserialize response for \"POST {path}\": {error}"))
        })
    }
}

#[derive(Serialize)]
struct Infer<'a> {
    model: &'a str,
    prompt: &'a str,
    options: InferOptions,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct InferOptions {
    max_tokens: u32,
    repeat_penalty: f32,
    repeat_penalty_last_n_token_count: u32,
    temperature: f32,
    top_k: u32,
    top_p: f32,
}

#[derive(Deserialize)]
struct Inferred {
    text: String,
    usage: InferUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InferUsage {
    prompt_token_count: u32,
    generated_token_count: u32,
}

#[derive(Serialize)]
struct Embed<'a> {
    model: &'a str,
    input: &'a [String],
}

#[derive(Deserialize)]
struct Embedded {
    embeddings: Vec<Vec<f32>>,
    usage: EmbedUsage,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct EmbedUsage {
    prompt_token_count: u32,
}

/// What Spin takes where a guest names nothing.
const PARAMETERS: InferencingParams = InferencingParams {
    max_tokens: 100,
    repeat_penalty: 1.1,
    repeat_penalty_last_n_token_count: 64,
    temperature: 0.8,
    top_k: 40,
    top_p: 0.9,
};

impl Instance {
    /// The server, if the manifest grants the component this model.
    fn server_of(&self, model: &str) -> Result<Arc<Remote>, Error> {
        if !self.guest.ai_models.contains(model) {
            return Err(Error::InvalidInput(format!(
                "The component does not have access to use '{model}'. To give the component access, add '{model}' to \
                the 'ai_models' key for the component in your spin.toml manifest"
            )));
        }
        match &self.app.llm {
            Llm::Remote(remote) => Ok(remote.clone()),
            Llm::Nobody => Err(Error::RuntimeError(
                "models are not set up: add [llm_compute] with type = \"remote_http\" to the runtime config".into(),
            )),
        }
    }
}

impl Host for Instance {
    async fn infer(
        &mut self,
        model: String,
        prompt: String,
        parameters: Option<InferencingParams>,
    ) -> wasmtime::Result<Result<InferencingResult, Error>> {
        let remote = match self.server_of(&model) {
            Ok(remote) => remote,
            Err(error) => return Ok(Err(error)),
        };
        let InferencingParams {
            max_tokens,
            repeat_penalty,
            repeat_penalty_last_n_token_count,
            temperature,
            top_k,
            top_p,
        } = parameters.unwrap_or(PARAMETERS);
        let options =
            InferOptions { max_tokens, repeat_penalty, repeat_penalty_last_n_token_count, temperature, top_k, top_p };
        let answer: Result<Inferred, Error> =
            remote.ask("/infer", &Infer { model: &model, prompt: &prompt, options }).await;
        Ok(answer.map(|Inferred { text, usage }| {
            let usage = InferencingUsage {
                prompt_token_count: usage.prompt_token_count,
                generated_token_count: usage.generated_token_count,
            };
            InferencingResult { text, usage }
        }))
    }

    async fn generate_embeddings(
        &mut self,
        model: String,
        texts: Vec<String>,
    ) -> wasmtime::Result<Result<EmbeddingsResult, Error>> {
        let remote = match self.server_of(&model) {
            Ok(remote) => remote,
            Err(error) => return Ok(Err(error)),
        };
        let answer: Result<Embedded, Error> = remote.ask("/embed", &Embed { model: &model, input: &texts }).await;
        Ok(answer.map(|Embedded { embeddings, usage }| {
            let usage = EmbeddingsUsage { prompt_token_count: usage.prompt_token_count };
            EmbeddingsResult { embeddings, usage }
        }))
    }
}
