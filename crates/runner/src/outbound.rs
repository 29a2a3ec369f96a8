//! Outbound HTTP: what a guest may send, to whom, and how failures are named.

use std::error::Error as _;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderName, Request, Response, Uri, header};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper_util::client::legacy;
use hyper_util::rt::TokioExecutor;
use tokio::time::Sleep;
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use crate::app::Shared;
use crate::console;
use crate::hosts;
use crate::instance::{Chaining, Guest};
use crate::networks::Blocked;
use crate::outbound::connect::{Connector, Failure, SETTINGS, Settings};
use crate::server;

pub mod connect;

/// What a request waits for where the guest set no time-out, as in Spin.
const TIMEOUT: Duration = Duration::from_secs(600);

/// The client of the whole app: connections are kept and shared.
pub struct Client {
    pool: legacy::Client<Connector, WasiBody>,
    blocked: Blocked,
}

impl Client {
    pub fn new(blocked: Blocked) -> Self {
        let pool = legacy::Client::builder(TokioExecutor::new()).build(Connector::new());
        Self { pool, blocked }
    }

    async fn send(&self, request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        let settings = Settings { blocked: self.blocked.clone(), timeout: options.connect_timeout.unwrap_or(TIMEOUT) };
        let response = SETTINGS.scope(settings, self.pool.request(request));
        let response = tokio::time::timeout(options.first_byte_timeout.unwrap_or(TIMEOUT), response)
            .await
            .map_err(|_| Error::ConnectionReadTimeout)?
            .map_err(name_failure)?;
        let timeout = options.between_bytes_timeout.unwrap_or(TIMEOUT);
        Ok(response.map(|body| TimedBody { body: Some(body), timeout, sleep: None }.boxed_unsync()))
    }
}

/// Tells a connection that never came about from one that broke.
fn name_failure(error: legacy::Error) -> Error {
    match error.source().and_then(|cause| cause.downcast_ref::<Failure>()) {
        Some(Failure::Dns(reason)) => Error::DnsError { rcode: Some((*reason).to_owned()), info_code: Some(0) },
        Some(Failure::Prohibited) => Error::DestinationIpProhibited,
        Some(Failure::Refused) => Error::ConnectionRefused,
        Some(Failure::Timeout) => Error::ConnectionTimeout,
        Some(Failure::Tls) => Error::TlsProtocolError,
        Some(Failure::Uri) => Error::HttpRequestUriInvalid,
        None => Error::HttpProtocolError,
    }
}

/// Gives up a body that stops arriving.
struct TimedBody {
    /// `None` once it was given up: that closes the connection.
    body: Option<hyper::body::Incoming>,
    timeout: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = &mut *self;
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        if let Poll::Ready(frame) = Pin::new(body).poll_frame(context) {
            this.sleep = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(Error::Hyper)));
        }
        let sleep = this.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(this.timeout)));
        ready!(sleep.as_mut().poll(context));
        this.body = None;
        Poll::Ready(Some(Err(Error::ConnectionReadTimeout)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(SizeHint::default, Body::size_hint)
    }
}

/// Sends the requests of one instance.
#[derive(Clone)]
pub struct Sender {
    app: Arc<Shared>,
    guest: Arc<Guest>,
    chaining: Chaining,
}

type Sent = Result<(Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>), Error>;

impl WasiHttpHooks for Sender {
    fn set_host_header(&mut self) -> bool {
        // The client derives it from the URI that the request really goes to.
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _failed_reading: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let sender = self.clone();
        Box::new(async move {
            let response = sender.send(request, options.unwrap_or_default()).await?;
            Ok((response, Box::new(async { Ok(()) }) as Box<dyn Future<Output = _> + Send>))
        })
    }
}

impl Sender {
    pub fn new(app: Arc<Shared>, guest: Arc<Guest>, chaining: Chaining) -> Self {
        Self { app, guest, chaining }
    }

    async fn send(&self, mut request: Request<WasiBody>, options: RequestOptions) -> Result<Response<WasiBody>, Error> {
        self.permit(request.uri())?;
        request.headers_mut().remove(header::HOST);
        let host = request.uri().host().unwrap_or_default();
        if hosts::is_self(host) {
            let uri = self.own_uri(request.uri())?;
            *request.uri_mut() = uri;
            return self.app.client.send(request, options).await;
        }
        match hosts::chained_component(host).map(str::to_owned) {
            Some(component) if self.chaining == Chaining::Possible => self.chain(&component, request).await,
            _ => self.app.client.send(request, options).await,
        }
    }

    fn permit(&self, uri: &Uri) -> Result<(), Error> {
        let scheme = uri.scheme_str().unwrap_or("https");
        let host = uri.host().unwrap_or_default();
        let (allowed, target) = if hosts::is_self(host) {
            (self.guest.hosts.allows_self(), "http://self".to_owned())
        } else {
            let authority = uri.authority().map_or(host, Authority::as_str);
            (self.guest.hosts.allows(scheme, host, uri.port_u16()), format!("{scheme}://{authority}"))
        };
        if allowed {
            return Ok(());
        }
        console::warn(format_args!(
            "component {} may not connect to {target}: add it to allowed_outbound_hosts of the component",
            self.guest.id
        ));
        Err(Error::HttpRequestDenied)
    }

    fn own_uri(&self, uri: &Uri) -> Result<Uri, Error> {
        let address = self.app.own_address().ok_or(Error::HttpRequestUriInvalid)?;
        Uri::builder()
            .scheme(Scheme::HTTP)
            .authority(address.to_string())
            .path_and_query(uri.path_and_query().map_or("/", PathAndQuery::as_str))
            .build()
            .map_err(|_| Error::HttpRequestUriInvalid)
    }

    /// Calls another component of the app, inside this process.
    async fn chain(&self, component: &str, mut request: Request<WasiBody>) -> Result<Response<WasiBody>, Error> {
        let Some(guest) = self.app.guests.get(component).filter(|guest| guest.http.is_some()) else {
            console::warn(format_args!(
                "component {} called {component}, which no HTTP trigger of the app starts",
                self.guest.id
            ));
            return Err(Error::DestinationNotFound);
        };
        for name in HOP_BY_HOP {
            request.headers_mut().remove(name);
        }
        Ok(server::answer_chained(&self.app, guest, request).await)
    }
}

/// Headers that belong to one connection; a call inside the process has none.
const HOP_BY_HOP: [HeaderName; 2] = [header::CONNECTION, header::TRANSFER_ENCODING];

/// The port that other components and the app itself are reached at, for any bound address.
pub fn reachable(bound: SocketAddr) -> SocketAddr {
    let mut address = bound;
    if address.ip().is_unspecified() {
        match address {
            SocketAddr::V4(_) => address.set_ip(std::net::Ipv4Addr::LOCALHOST.into()),
            SocketAddr::V6(_) => address.set_ip(std::net::Ipv6Addr::LOCALHOST.into()),
        }
    }
    address
}
