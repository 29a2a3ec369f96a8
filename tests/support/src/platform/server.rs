//! The platform as a real HTTP server on a port of its own.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::{SystemTime, UNIX_EPOCH};

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::journal::Journal;
use super::logic::HUGE_BYTES;
use super::{Accepted, Answer, Call, Fault, Options, Reaction, Seen};

/// A running platform; it stops when it is dropped.
pub struct Platform {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
}

struct Shared {
    journal: Mutex<Journal>,
    /// Counts the releases.
    released: watch::Sender<u64>,
}

impl Shared {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Platform {
    /// Starts it on a free port of this machine.
    pub async fn start(options: Options) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("this machine has a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (released, _) = watch::channel(0);
        let shared = Arc::new(Shared { journal: Mutex::new(Journal::open(options)), released });
        let server = tokio::spawn(listen(listener, shared.clone()));
        Self { address, shared, server }
    }

    /// What a relay has as its `relay_url`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every post that was taken until now.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.shared.journal().accepted(now_ms())
    }

    /// Every request that arrived.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.journal().logic.seen().to_vec()
    }

    /// What happens to the next POSTs, one each; chance decides again after that.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.journal().logic.script(faults);
    }

    /// What happens to the next look-ups, one each.
    pub fn script_look_ups(&self, faults: impl IntoIterator<Item = Fault>) {
        self.shared.journal().logic.script_look_ups(faults);
    }

    /// Lets every stalled request go on.
    pub fn release(&self) {
        self.shared.released.send_modify(|count| *count += 1);
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Serves until it is aborted; the connections are its own and end with it.
async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        // Ended ones are let go, so that a long run does not collect them.
        while connections.try_join_next().is_some() {}
        connections.spawn(connection(stream, shared.clone()));
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) {
    let service = service_fn(move |request| answer(request, shared.clone()));
    // A client that hangs up, and a reset that a fault asked for, end a connection with an error.
    let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// Ends the connection without an answer.
#[derive(Debug)]
struct Reset;

impl std::fmt::Display for Reset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reset, as the script says")
    }
}

impl std::error::Error for Reset {}

async fn answer(request: hyper::Request<Incoming>, shared: Arc<Shared>) -> Result<hyper::Response<Reply>, Reset> {
    let header =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_string();
    let mut call = Call {
        method: request.method().as_str().into(),
        path: request.uri().path().into(),
        authorization: header("authorization"),
        idempotency_key: header("idempotency-key"),
        body: Vec::new(),
    };
    let mut released = shared.released.subscribe();
    // A request that did not arrive whole is taken by nobody.
    call.body = request.into_body().collect().await.map_err(|_| Reset)?.to_bytes().to_vec();
    let reaction = shared.journal().react(&call, now_ms());
    let whole = |answer: Answer| {
        let body = Reply::Whole(Some(Bytes::from(answer.body.clone())));
        Ok(respond(answer, body))
    };
    match reaction {
        Reaction::Answer(answer) => whole(answer),
        Reaction::Cut(answer) => {
            let half = Bytes::from(answer.body.clone()).slice(..answer.body.len() / 2);
            Ok(respond(answer, Reply::Cut(Some(half))))
        }
        Reaction::Huge => Ok(hyper::Response::new(Reply::Huge { left: HUGE_BYTES })),
        Reaction::Reset | Reaction::Unreachable => Err(Reset),
        Reaction::StallThenServe => {
            released.changed().await.map_err(|_| Reset)?;
            let answer = shared.journal().serve(&call, now_ms());
            whole(answer)
        }
        Reaction::StallThenAnswer(answer) => {
            released.changed().await.map_err(|_| Reset)?;
            whole(answer)
        }
    }
}

fn respond(answer: Answer, body: Reply) -> hyper::Response<Reply> {
    let mut builder = hyper::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        builder = builder.header(name, value);
    }
    builder.body(body).expect("a fault has a valid status and headers")
}

/// A body that ends as it should, too soon, or not for a long time.
enum Reply {
    Whole(Option<Bytes>),
    Cut(Option<Bytes>),
    Huge { left: u64 },
}

const CHUNK: &[u8] = &[b' '; 64 * 1024];

impl Body for Reply {
    type Data = Bytes;
    type Error = Reset;

    fn poll_frame(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Reset>>> {
        Poll::Ready(match self.get_mut() {
            Self::Whole(bytes) => bytes.take().map(|bytes| Ok(Frame::data(bytes))),
            Self::Cut(bytes) => Some(bytes.take().map(Frame::data).ok_or(Reset)),
            Self::Huge { left: 0 } => None,
            Self::Huge { left } => {
                *left = left.saturating_sub(CHUNK.len() as u64);
                Some(Ok(Frame::data(Bytes::from_static(CHUNK))))
            }
        })
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(bytes) => hyper::body::SizeHint::with_exact(bytes.as_ref().map_or(0, Bytes::len) as u64),
            Self::Cut(_) | Self::Huge { .. } => hyper::body::SizeHint::default(),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }
}

fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
