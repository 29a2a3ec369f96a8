//! The HTTP trigger: accepts connections, finds the component, and runs a fresh instance of it.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body::Body;
use http_body_util::{BodyExt, Empty, Full};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{oneshot, watch};
use wasmtime::PoolConcurrencyLimitError;
use wasmtime_wasi_http::p2::bindings::http::types::{ErrorCode, Scheme as WasiScheme};
use wasmtime_wasi_http::{Error, WasiBody, WasiHttpView};

use crate::app::Shared;
use crate::console;
use crate::hosts;
use crate::instance::{Chaining, Guest, Instance};
use crate::request_body::RequestBody;
use crate::routes::{Matched, set_spin_headers};

/// How long a stop waits for requests that are running.
const GRACE: Duration = Duration::from_secs(3);

/// How long accepting rests when the system is out of sockets.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

const WELL_KNOWN: &str = "/.well-known/spin/";

/// What other components see as the client of a chained call, as in Spin.
const CHAINED_CLIENT: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED), 0);

/// Serves until `shutdown` is ready; then lets what is running finish.
pub async fn serve(app: Arc<Shared>, listener: Option<TcpListener>, shutdown: impl Future) {
    let mut shutdown = pin!(shutdown);
    let stopping = watch::Sender::new(false);
    match listener {
        Some(listener) => loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, client)) => {
                        tokio::spawn(serve_connection(app.clone(), stream, client, stopping.subscribe()));
                    }
                    Err(error) => {
                        console::warn(format_args!("cannot accept a connection: {error}"));
                        tokio::time::sleep(ACCEPT_PAUSE).await;
                    }
                },
                _ = &mut shutdown => break,
            }
        },
        None => {
            shutdown.await;
        }
    }
    stopping.send_replace(true);
    if tokio::time::timeout(GRACE, app.running.finished()).await.is_err() {
        app.running.end();
    }
}

async fn serve_connection(
    app: Arc<Shared>,
    stream: TcpStream,
    client: SocketAddr,
    mut stopping: watch::Receiver<bool>,
) {
    let work = app.running.begin();
    // Without it, an answer whose head leaves first waits for the client to acknowledge it.
    let _ = stream.set_nodelay(true);
    let served = app.clone();
    let service = service_fn(move |request| {
        let app = served.clone();
        async move { Ok::<_, Infallible>(answer(&app, request.map(RequestBody::from), client).await) }
    });
    let connection = http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // A client that goes away, or an answer that breaks off, ends the connection: nothing to say.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stopping| *stopping) => connection.as_mut().graceful_shutdown(),
    }
    tokio::select! {
        _ = connection => {}
        () = app.running.ended() => {}
    }
    drop(work);
}

/// Answers a request from outside.
async fn answer(app: &Arc<Shared>, mut request: Request<RequestBody>, client: SocketAddr) -> Response<WasiBody> {
    strip_headers(request.headers_mut());
    let path = request.uri().path();
    if let Some(name) = path.strip_prefix(WELL_KNOWN) {
        return if name == "health" { text(StatusCode::OK, "OK") } else { empty(StatusCode::NOT_FOUND) };
    }
    let Some(matched) = app.router.find(path) else { return empty(StatusCode::NOT_FOUND) };
    let Some(guest) = app.guests.get(matched.component) else {
        return empty(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let Some(uri) = absolute(request.uri(), request.headers()) else {
        return text(StatusCode::BAD_REQUEST, "The request needs one Host header that names a host.");
    };
    set_spin_headers(request.headers_mut(), &uri, &matched, client);
    *request.uri_mut() = uri;
    run(app, guest, request).await
}

/// Answers a request of one component to another.
pub async fn answer_chained(
    app: &Arc<Shared>,
    guest: &Arc<Guest>,
    mut request: Request<WasiBody>,
) -> Response<WasiBody> {
    let matched = Matched::chained(&guest.id, request.uri().path());
    let uri = request.uri().clone();
    set_spin_headers(request.headers_mut(), &uri, &matched, CHAINED_CLIENT);
    run(app, guest, request).await
}

/// Nobody outside can pass for one of the app's components; and what concerns the connection
/// does not concern the guest.
fn strip_headers(headers: &mut HeaderMap) {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    if host.is_some_and(|host| hosts::chained_component(host).is_some()) {
        headers.remove(header::HOST);
    }
    headers.remove(header::CONNECTION);
}

/// The request's URI with the host that it was sent to. `None` if that is not clear.
fn absolute(uri: &Uri, headers: &HeaderMap) -> Option<Uri> {
    let host = headers.get(header::HOST).map(|host| Authority::try_from(host.as_bytes()).ok());
    let authority = match (host, uri.authority()) {
        (Some(host), None) => host?,
        (None, Some(authority)) => authority.clone(),
        (Some(host), Some(authority)) => host.filter(|host| host == authority)?,
        (None, None) => return None,
    };
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    Uri::from_parts(parts).ok()
}

/// Runs a fresh instance. It goes on after its answer, and after the client has gone.
async fn run<B>(app: &Arc<Shared>, guest: &Arc<Guest>, request: Request<B>) -> Response<WasiBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let (sender, receiver) = oneshot::channel();
    let (app, guest, id) = (app.clone(), guest.clone(), guest.id.as_str());
    let instance = tokio::spawn(async move {
        let _work = app.running.begin();
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let result = tokio::select! {
            result = call(&app, &guest, request, sender) => result,
            () = app.running.ended() => return Some(StatusCode::SERVICE_UNAVAILABLE),
        };
        result.err().map(|error| report(&guest, &method, &uri, &error))
    });
    match receiver.await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => empty(StatusCode::INTERNAL_SERVER_ERROR),
        // No answer came. The reason is on the console; it is not for the client.
        Err(_) => match instance.await {
            Ok(Some(StatusCode::SERVICE_UNAVAILABLE)) => busy(),
            Ok(None) => {
                console::warn(format_args!("component {id} returned without an answer"));
                empty(StatusCode::INTERNAL_SERVER_ERROR)
            }
            _ => empty(StatusCode::INTERNAL_SERVER_ERROR),
        },
    }
}

type Answer = Result<Response<WasiBody>, ErrorCode>;

async fn call<B>(
    app: &Arc<Shared>,
    guest: &Arc<Guest>,
    request: Request<B>,
    sender: oneshot::Sender<Answer>,
) -> wasmtime::Result<()>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Error>,
{
    let Some(ready) = &guest.http else { wasmtime::bail!("no HTTP trigger starts it") };
    let mut store = Instance::store(app, guest, Chaining::Possible)?;
    let proxy = ready.instantiate_async(&mut store).await?;
    let mut http = store.data_mut().http();
    let request = http.new_incoming_request(WasiScheme::Http, request)?;
    let out = http.new_response_outparam(sender)?;
    proxy.wasi_http_incoming_handler().call_handle(&mut store, request, out).await
}

/// Says on the console what stopped a guest, and gives the status for the client.
fn report(guest: &Guest, method: &Method, uri: &Uri, error: &wasmtime::Error) -> StatusCode {
    if error.is::<PoolConcurrencyLimitError>() {
        console::warn(format_args!("too many requests at once: {method} {} was turned away", uri.path()));
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    console::warn(format_args!("component {} failed at {method} {}: {error:#}", guest.id, uri.path()));
    StatusCode::INTERNAL_SERVER_ERROR
}

fn busy() -> Response<WasiBody> {
    let mut response = empty(StatusCode::SERVICE_UNAVAILABLE);
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}

fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Empty::new().map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

fn text(status: StatusCode, text: &'static str) -> Response<WasiBody> {
    let body = Full::new(Bytes::from_static(text.as_bytes()));
    let mut response = Response::new(body.map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}
