//! The one shell of all components: reads a request, runs a handler, sends the answer, wakes who has work.

use std::cell::OnceCell;
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use domain::Step;
use futures::future::join_all;
use http::{Method, StatusCode};
use ports::spin::{SpinClock, SpinDb, SpinEntropy, SpinHttp, SpinWake};
use ports::{Db, DbError, HttpWake, Ports, Rows, Value, Wake};
use spin_executor::push_waker_and_get_token;
use spin_sdk::http::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::io::poll::Pollable;
use wasi::io::streams::{OutputStream, StreamError};

use crate::events::{self, EventSource};
use crate::pieces::{self, Pieces};
use crate::request::client_addr;
use crate::{App, BODY_BYTES_MAX, Body, Problem, Reply, Request, Settings, secured, wake};

/// Answers one request; problems go out as JSON. The handler may be an async function
/// `(App<'_>, &Request) -> Result<Reply, Problem>`.
pub async fn answer(
    incoming: IncomingRequest,
    out: ResponseOutparam,
    handler: impl AsyncFnOnce(App<'_>, &Request) -> Result<Reply, Problem>,
) {
    answer_with(incoming, out, Problem::into_reply, handler).await;
}

/// The same, with problems shown in the component's own way: as pages.
pub async fn answer_with(
    incoming: IncomingRequest,
    out: ResponseOutparam,
    show: impl FnOnce(Problem) -> Reply,
    handler: impl AsyncFnOnce(App<'_>, &Request) -> Result<Reply, Problem>,
) {
    let world = World::new();
    let app = world.app();
    let is_head = matches!(incoming.method(), spin_sdk::http::Method::Head);
    let outcome = match read(incoming, &world.settings).await {
        Ok(request) => handler(app, &request).await,
        Err(problem) => Err(problem),
    };
    let mut reply = secured(outcome.unwrap_or_else(show), &world.settings);
    let mut wakes = std::mem::take(&mut reply.wakes);
    match std::mem::replace(&mut reply.body, Body::Bytes(Vec::new())) {
        // The host leaves the body of a HEAD out, and keeps its length.
        Body::Bytes(bytes) => send(out, &reply, &bytes).await,
        Body::Events(_) | Body::Pieces(_) if is_head => send(out, &reply, &[]).await,
        Body::Events(mut source) => send_events(out, &reply, source.as_mut(), app).await,
        Body::Pieces(mut source) => send_pieces(out, &reply, source.as_mut(), app).await,
    }
    wakes.sort_unstable();
    wakes.dedup();
    join_all(wakes.iter().map(|step| app.ports.wake.wake(step.as_str()))).await;
}

/// Answers the wake-up of a step, `POST /wake/<step>`: checks the secret, says 202 at once, then drains the queue.
pub async fn step(incoming: IncomingRequest, out: ResponseOutparam, step: Step, drain: impl AsyncFnOnce(App<'_>)) {
    let world = World::new();
    let app = world.app();
    let outcome = match read(incoming, &world.settings).await {
        Ok(request) => woken(app, &request, step).await,
        Err(problem) => Err(problem),
    };
    let wanted = outcome.is_ok();
    let reply = secured(outcome.unwrap_or_else(Problem::into_reply), &world.settings);
    send(out, &reply, &[]).await;
    if wanted {
        drain(app).await;
    }
}

/// Works without a request: what a message on Redis wakes.
pub async fn run(work: impl AsyncFnOnce(App<'_>)) {
    let world = World::new();
    work(world.app()).await;
}

async fn woken(app: App<'_>, request: &Request, step: Step) -> Result<Reply, Problem> {
    if request.segments() != ["wake", step.as_str()] {
        return Err(request.no_route());
    }
    if request.method != Method::POST {
        return Err(request.not_allowed("POST"));
    }
    wake::authorize(app, request).await?;
    Ok(Reply::bytes(StatusCode::ACCEPTED, "text/plain", Vec::new()))
}

/// The settings from Spin's variables. One that the component was not given counts as not set.
pub fn settings() -> Settings {
    Settings::new(|name| spin_sdk::variables::get(name).ok())
}

/// The world outside, for one request.
struct World {
    settings: Settings,
    db: LazyDb,
    clock: SpinClock,
}

impl World {
    fn new() -> Self {
        Self { settings: settings(), db: LazyDb(OnceCell::new()), clock: SpinClock::start() }
    }

    fn app(&self) -> App<'_> {
        let ports = Ports { db: &self.db, http: &SpinHttp, clock: &self.clock, entropy: &SpinEntropy, wake: self };
        App { ports, settings: &self.settings }
    }
}

/// Wakes with the secret, which is read when it is needed.
#[async_trait::async_trait(?Send)]
impl Wake for World {
    async fn wake(&self, step: &str) {
        let secret = match wake::secret(&self.db, &self.settings).await {
            Ok(secret) => secret,
            Err(problem) => return eprintln!("could not wake `{step}`: {problem}; the next tick finds the work"),
        };
        let http = HttpWake { http: &SpinHttp, base: self.settings.wake_base(), secret };
        SpinWake { http, redis: self.settings.redis_address() }.wake(step).await;
    }
}

/// The database, opened and migrated at its first use: a static file does without. One connection a request.
struct LazyDb(OnceCell<SpinDb>);

#[async_trait::async_trait(?Send)]
impl Db for LazyDb {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        if self.0.get().is_none() {
            let db = SpinDb::open()?;
            store::migrate::ensure(&db).await?;
            // Set already: two first uses at once; either will do.
            let _ = self.0.set(db);
        }
        match self.0.get() {
            Some(db) => db.execute(sql, parameters).await,
            None => Err(DbError::Other("the database is not open".into())),
        }
    }
}

/// Reads a request; a body over the limit is refused before all of it is here.
async fn read(incoming: IncomingRequest, settings: &Settings) -> Result<Request, Problem> {
    let method = Method::from_bytes(incoming.method().to_string().as_bytes()).unwrap_or_default();
    let target = incoming.path_with_query().unwrap_or_else(|| "/".into());
    let mut request = Request::new(method, &target)?;
    request.headers = incoming
        .headers()
        .entries()
        .into_iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), String::from_utf8_lossy(&value).into_owned()))
        .collect();
    // Hosts take `Host` out of the headers.
    if let (None, Some(authority)) = (request.header("host"), incoming.authority()) {
        request.headers.push(("host".into(), authority));
    }
    request.client_addr = client_addr(settings, &request);
    let too_large = || Problem::TooLarge { bytes_max: BODY_BYTES_MAX };
    let announced = request.header("content-length").and_then(|text| text.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    let broken = |_| Problem::Internal(anyhow::anyhow!("the request's body broke off"));
    let body = incoming.consume().map_err(broken)?;
    let stream = body.stream().map_err(broken)?;
    loop {
        match stream.read(READ_BYTES) {
            Ok(chunk) if chunk.is_empty() => ready(|| stream.subscribe()).await,
            Ok(chunk) if request.body.len() + chunk.len() > BODY_BYTES_MAX => return Err(too_large()),
            Ok(chunk) => request.body.extend_from_slice(&chunk),
            Err(StreamError::Closed) => return Ok(request),
            Err(StreamError::LastOperationFailed(_)) => return Err(broken(())),
        }
    }
}

/// How much is read at once, in bytes.
const READ_BYTES: u64 = 64 * 1024;

/// Sends an answer of known length: the body before the head, so that both leave in one segment. A client that has
/// gone is nobody's fault.
async fn send(out: ResponseOutparam, reply: &Reply, bytes: &[u8]) {
    let mut headers = reply.headers.clone();
    if reply.status != StatusCode::NO_CONTENT {
        headers.push(("content-length".into(), bytes.len().to_string()));
    }
    let Some((response, body, stream)) = outgoing(reply.status, &headers) else { return };
    // As much as the host takes before anybody reads; waiting for more here would be waiting for ever.
    let room = usize::try_from(stream.check_write().unwrap_or(0)).unwrap_or(usize::MAX);
    let (at_once, rest) = bytes.split_at(room.min(bytes.len()));
    if !at_once.is_empty() && stream.write(at_once).is_err() {
        return;
    }
    if rest.is_empty() {
        drop(stream);
        let _ = OutgoingBody::finish(body, None);
        out.set(response);
    } else {
        out.set(response);
        let all = write(&stream, rest).await;
        drop(stream);
        if all {
            let _ = OutgoingBody::finish(body, None);
        }
    }
}

/// Sends the head, then events for as long as the client stays.
async fn send_events(out: ResponseOutparam, reply: &Reply, source: &mut dyn EventSource, app: App<'_>) {
    let Some((response, body, stream)) = outgoing(reply.status, &reply.headers) else { return };
    out.set(response);
    let to_client = async |text: String| write(&stream, text.as_bytes()).await;
    let pause = async |pause_ms: u32| {
        let nanoseconds = u64::try_from(Duration::from_millis(pause_ms.into()).as_nanos()).unwrap_or(u64::MAX);
        ready(|| wasi::clocks::monotonic_clock::subscribe_duration(nanoseconds)).await;
    };
    events::stream(source, app.ports.db, app.ports.clock, to_client, pause).await;
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

/// Sends the head, then piece after piece. One that cannot be made breaks the answer off, and the client can tell.
async fn send_pieces(out: ResponseOutparam, reply: &Reply, source: &mut dyn Pieces, app: App<'_>) {
    let Some((response, body, stream)) = outgoing(reply.status, &reply.headers) else { return };
    out.set(response);
    let to_client = async |bytes: Vec<u8>| write(&stream, &bytes).await;
    let whole = pieces::stream(source, app.ports.db, to_client).await;
    drop(stream);
    if whole {
        let _ = OutgoingBody::finish(body, None);
    }
}

fn outgoing(
    status: StatusCode,
    headers: &[(String, String)],
) -> Option<(OutgoingResponse, OutgoingBody, OutputStream)> {
    let fields = Fields::new();
    for (name, value) in headers {
        if fields.append(name, &value.clone().into_bytes()).is_err() {
            eprintln!("the header `{name}` cannot be sent; it is left out");
        }
    }
    let response = OutgoingResponse::new(fields);
    // Both hold for every status and body of ours.
    response.set_status_code(status.as_u16()).ok()?;
    let body = response.body().ok()?;
    let stream = body.write().ok()?;
    Some((response, body, stream))
}

/// Writes and flushes all of it. `false`: the client has gone.
async fn write(stream: &OutputStream, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match stream.check_write() {
            Ok(0) => ready(|| stream.subscribe()).await,
            Ok(room) => {
                let (now, rest) = bytes.split_at(usize::try_from(room).unwrap_or(usize::MAX).min(bytes.len()));
                if stream.write(now).is_err() {
                    return false;
                }
                bytes = rest;
            }
            Err(_) => return false,
        }
    }
    stream.flush().is_ok()
}

/// Waits until the host says that it is time.
async fn ready(subscribe: impl Fn() -> Pollable) {
    let mut registered = false;
    poll_fn(|context| {
        if registered {
            return Poll::Ready(());
        }
        registered = true;
        // The executor drops the registration when the pollable is ready.
        std::mem::forget(push_waker_and_get_token(subscribe(), context.waker().clone()));
        Poll::Pending
    })
    .await;
}
