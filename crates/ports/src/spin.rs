//! The Spin side: `fermyon:spin/*@2.0.0` and wasi:http, through spin-sdk.

use std::future::poll_fn;
use std::task::Poll;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use spin_executor::push_waker_and_get_token;
use spin_sdk::http::{IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme};
use spin_sdk::wit::wasi::http0_2_0::outgoing_handler;
use spin_sdk::wit::wasi::http0_2_0::types::{ErrorCode, Headers, IncomingBody, RequestOptions};
use spin_sdk::{llm, sqlite};
use wasi::io::streams::StreamError;

use crate::{
    Clock, Db, DbError, Entropy, Http, HttpError, HttpWake, Inferred, Llm, LlmError, Request, Response, Rows, Timeouts,
    Value, Vectors, Wake,
};

/// The component's `default` database, one connection.
pub struct SpinDb(sqlite::Connection);

impl SpinDb {
    /// Opens it. One a request: opening is what a read costs.
    pub fn open() -> Result<Self, DbError> {
        sqlite::Connection::open_default().map(Self).map_err(|error| classify(&error))
    }
}

fn classify(error: &sqlite::Error) -> DbError {
    match error {
        sqlite::Error::Io(text) => DbError::from_text(text),
        other => DbError::from_text(&other.to_string()),
    }
}

#[async_trait::async_trait(?Send)]
impl Db for SpinDb {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        let parameters: Vec<sqlite::Value> = parameters.iter().map(to_spin).collect();
        let answer = self.0.execute(sql, &parameters).map_err(|error| classify(&error))?;
        let values = answer.rows.into_iter().map(|row| row.values.into_iter().map(from_spin).collect()).collect();
        Ok(Rows { columns: answer.columns, values })
    }
}

fn to_spin(value: &Value) -> sqlite::Value {
    match value {
        Value::Null => sqlite::Value::Null,
        Value::Integer(number) => sqlite::Value::Integer(*number),
        Value::Real(number) => sqlite::Value::Real(*number),
        Value::Text(text) => sqlite::Value::Text(text.clone()),
        Value::Blob(bytes) => sqlite::Value::Blob(bytes.clone()),
    }
}

fn from_spin(value: sqlite::Value) -> Value {
    match value {
        sqlite::Value::Null => Value::Null,
        sqlite::Value::Integer(number) => Value::Integer(number),
        sqlite::Value::Real(number) => Value::Real(number),
        sqlite::Value::Text(text) => Value::Text(text),
        sqlite::Value::Blob(bytes) => Value::Blob(bytes),
    }
}

/// wasi:http, with every phase timed.
pub struct SpinHttp;

#[async_trait::async_trait(?Send)]
impl Http for SpinHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let limit = request.response_bytes_max;
        let outgoing = outgoing(&request)?;
        let body = outgoing.body().map_err(|()| HttpError::NotSent("the request has no body".into()))?;
        // A small body goes out with the head; the rest follows once the host reads it.
        let written = write_some(&body, &request.body)?;
        let (handle, body) = if written == request.body.len() {
            OutgoingBody::finish(body, None).map_err(|error| not_sent_or_unknown(&error))?;
            (outgoing_handler::handle(outgoing, Some(options(request.timeouts))), None)
        } else {
            (outgoing_handler::handle(outgoing, Some(options(request.timeouts))), Some(body))
        };
        let pending = handle.map_err(|error| not_sent_or_unknown(&error))?;
        if let Some(body) = body {
            write_rest(body, &request.body[written..]).await?;
        }
        let response = poll_fn(|context| match pending.get() {
            Some(answer) => Poll::Ready(answer),
            None => {
                // The executor drops the registration when the pollable is ready.
                std::mem::forget(push_waker_and_get_token(pending.subscribe(), context.waker().clone()));
                Poll::Pending
            }
        })
        .await
        .map_err(|()| HttpError::Unknown("the answer was taken twice".into()))?
        .map_err(|error| not_sent_or_unknown(&error))?;
        read(response, limit).await
    }
}

fn outgoing(request: &Request) -> Result<OutgoingRequest, HttpError> {
    let bad = |what: &str| HttpError::NotSent(format!("the request's {what} is not valid"));
    let (scheme, rest) = request.url.split_once("://").ok_or_else(|| bad("URL"))?;
    let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(path_at);
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, &value.clone().into_bytes()).map_err(|_| bad("header"))?;
    }
    if !request.body.is_empty() {
        let length = request.body.len().to_string().into_bytes();
        headers.append("content-length", &length).map_err(|_| bad("header"))?;
    }
    let outgoing = OutgoingRequest::new(headers);
    outgoing.set_method(&method(request.method)).map_err(|()| bad("method"))?;
    let scheme = if scheme == "https" { Scheme::Https } else { Scheme::Http };
    outgoing.set_scheme(Some(&scheme)).map_err(|()| bad("scheme"))?;
    outgoing.set_authority(Some(authority)).map_err(|()| bad("host"))?;
    let path = if path.starts_with('/') { path.to_string() } else { format!("/{path}") };
    outgoing.set_path_with_query(Some(&path)).map_err(|()| bad("path"))?;
    Ok(outgoing)
}

fn method(name: &str) -> Method {
    match name {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "PATCH" => Method::Patch,
        "HEAD" => Method::Head,
        other => Method::Other(other.into()),
    }
}

fn options(timeouts: Timeouts) -> RequestOptions {
    let nanoseconds = |ms: u32| Some(u64::from(ms) * 1_000_000);
    let options = RequestOptions::new();
    // A host that cannot limit a phase says so with an error; its own limits hold then.
    let _ = options.set_connect_timeout(nanoseconds(timeouts.connect_ms));
    let _ = options.set_first_byte_timeout(nanoseconds(timeouts.first_byte_ms));
    let _ = options.set_between_bytes_timeout(nanoseconds(timeouts.between_bytes_ms));
    options
}

fn write_some(body: &OutgoingBody, bytes: &[u8]) -> Result<usize, HttpError> {
    let broken = |_| HttpError::NotSent("the request's body could not be written".into());
    let stream = body.write().map_err(|()| broken(()))?;
    let room = stream.check_write().map_err(|_| broken(()))?;
    let count = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
    if count > 0 {
        stream.write(&bytes[..count]).map_err(|_| broken(()))?;
    }
    Ok(count)
}

async fn write_rest(body: OutgoingBody, mut bytes: &[u8]) -> Result<(), HttpError> {
    let broken = || HttpError::Unknown("the request's body broke off".into());
    let stream = body.write().map_err(|()| broken())?;
    while !bytes.is_empty() {
        let room = poll_fn(|context| match stream.check_write() {
            Ok(0) => {
                std::mem::forget(push_waker_and_get_token(stream.subscribe(), context.waker().clone()));
                Poll::Pending
            }
            other => Poll::Ready(other),
        })
        .await
        .map_err(|_| broken())?;
        let count = usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len());
        stream.write(&bytes[..count]).map_err(|_| broken())?;
        bytes = &bytes[count..];
    }
    drop(stream);
    OutgoingBody::finish(body, None).map_err(|error| not_sent_or_unknown(&error))
}

async fn read(response: IncomingResponse, limit: usize) -> Result<Response, HttpError> {
    let status = response.status();
    let headers = response
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into()))
        .collect();
    let broken = || HttpError::Unknown("the answer's body broke off".into());
    let incoming: IncomingBody = response.consume().map_err(|()| broken())?;
    let stream = incoming.stream().map_err(|()| broken())?;
    let mut body = Vec::new();
    loop {
        let chunk = poll_fn(|context| match stream.read(READ_BYTES) {
            Ok(chunk) if chunk.is_empty() => {
                std::mem::forget(push_waker_and_get_token(stream.subscribe(), context.waker().clone()));
                Poll::Pending
            }
            other => Poll::Ready(other),
        })
        .await;
        match chunk {
            Ok(chunk) if body.len() + chunk.len() > limit => return Err(HttpError::TooLarge { status, limit }),
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(Response { status, headers, body }),
            Err(StreamError::LastOperationFailed(_)) => return Err(broken()),
        }
    }
}

const READ_BYTES: u64 = 64 * 1024;

/// Surely not sent: DNS, refused, connect time-out, TLS, prohibited. All else may have been acted on.
fn not_sent_or_unknown(error: &ErrorCode) -> HttpError {
    let text = format!("{error:?}");
    match error {
        ErrorCode::DnsTimeout
        | ErrorCode::DnsError(_)
        | ErrorCode::DestinationNotFound
        | ErrorCode::DestinationUnavailable
        | ErrorCode::DestinationIpProhibited
        | ErrorCode::DestinationIpUnroutable
        | ErrorCode::ConnectionRefused
        | ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionLimitReached
        | ErrorCode::TlsProtocolError
        | ErrorCode::TlsCertificateError
        | ErrorCode::TlsAlertReceived(_)
        | ErrorCode::HttpRequestDenied
        | ErrorCode::HttpRequestUriInvalid => HttpError::NotSent(text),
        _ => HttpError::Unknown(text),
    }
}

/// The host's clock. SQL uses the database's.
pub struct SpinClock(Instant);

impl SpinClock {
    /// A clock whose monotonic reading starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SpinClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn pinned_ms(&self) -> Option<i64> {
        None
    }

    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// The host's randomness.
pub struct SpinEntropy;

impl Entropy for SpinEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("WASI always has randomness");
    }
}

/// Wakes over HTTP and, where an address is configured, on Redis as well.
pub struct SpinWake<'a> {
    /// The way over HTTP.
    pub http: HttpWake<'a>,
    /// `redis://host:port`, if any.
    pub redis: Option<String>,
}

#[async_trait::async_trait(?Send)]
impl Wake for SpinWake<'_> {
    async fn wake(&self, step: &str) {
        if let Some(address) = &self.redis {
            let channel = format!("rondo.{step}");
            let published = spin_sdk::redis::Connection::open(address)
                .and_then(|connection| connection.publish(&channel, step.as_bytes()));
            if let Err(error) = published {
                eprintln!("could not wake `{step}` on Redis: {error}; the next tick finds the work");
            }
        }
        self.http.wake(step).await;
    }
}

/// `fermyon:spin/llm`. Only what is linked into a component is asked of its host: who never names this has no models.
pub struct SpinLlm;

/// How freely words are chosen: an answer that is data wants little of it.
const TEMPERATURE: f32 = 0.4;
/// JSON repeats its own marks; a penalty for that breaks it.
const REPEAT_PENALTY: f32 = 1.0;

impl Llm for SpinLlm {
    fn infer(&self, model: &str, prompt: &str, tokens_max: u32) -> Result<Inferred, LlmError> {
        let parameters = llm::InferencingParams {
            max_tokens: tokens_max,
            repeat_penalty: REPEAT_PENALTY,
            temperature: TEMPERATURE,
            ..llm::InferencingParams::default()
        };
        let said = llm::infer_with_options(llm::InferencingModel::Other(model), prompt, parameters).map_err(of_llm)?;
        Ok(Inferred {
            text: said.text,
            prompt_tokens: said.usage.prompt_token_count,
            generated_tokens: said.usage.generated_token_count,
        })
    }

    fn embed(&self, model: &str, texts: &[String]) -> Result<Vectors, LlmError> {
        let made = llm::generate_embeddings(llm::EmbeddingModel::Other(model), texts).map_err(of_llm)?;
        Ok(Vectors { vectors: made.embeddings, prompt_tokens: made.usage.prompt_token_count })
    }
}

fn of_llm(error: llm::Error) -> LlmError {
    match error {
        llm::Error::ModelNotSupported => LlmError::NotSupported,
        llm::Error::RuntimeError(text) => LlmError::Failed(text),
        llm::Error::InvalidInput(text) => LlmError::Refused(text),
    }
}
