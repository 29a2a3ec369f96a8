//! Opens connections: names are looked up, closed networks left out, and `https` gets its TLS.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tower_service::Service;

use crate::networks::Blocked;

tokio::task_local! {
    /// The client's pool calls the connector itself, with no room for a request's own settings.
    pub static SETTINGS: Settings;
}

#[derive(Clone)]
pub struct Settings {
    pub blocked: Blocked,
    pub timeout: Duration,
}

/// Why there is no connection. In all of these cases nothing was sent.
#[derive(Clone, Copy, Debug)]
pub enum Failure {
    Dns(&'static str),
    Prohibited,
    Refused,
    Timeout,
    Tls,
    Uri,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        write!(formatter, "cannot connect: {self:?}")
    }
}

impl std::error::Error for Failure {}

#[derive(Clone)]
pub struct Connector {
    tls: TlsConnector,
}

impl Connector {
    pub fn new() -> Self {
        let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        // Named, because a second provider in the build would make the default one ambiguous.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("ring has every protocol version")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { tls: TlsConnector::from(Arc::new(config)) }
    }

    async fn connect(self, uri: Uri, settings: Settings) -> Result<Stream, Failure> {
        let secure = uri.scheme() == Some(&Scheme::HTTPS);
        let host = uri.host().ok_or(Failure::Uri)?;
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let tcp = connect_tcp(bare, port, &settings).await?;
        if !secure {
            return Ok(Stream::new(tcp));
        }
        let name = ServerName::try_from(bare.to_owned()).map_err(|_| Failure::Dns("invalid dns name"))?;
        let stream = self.tls.connect(name, tcp).await.map_err(|_| Failure::Tls)?;
        Ok(Stream::new(stream))
    }
}

async fn connect_tcp(host: &str, port: u16, settings: &Settings) -> Result<TcpStream, Failure> {
    let unavailable = Failure::Dns("address not available");
    let found: Vec<_> = tokio::net::lookup_host((host, port)).await.map_err(|_| unavailable)?.collect();
    let open = settings.blocked.filter(found).ok_or(Failure::Prohibited)?;
    let stream = tokio::time::timeout(settings.timeout, TcpStream::connect(&*open))
        .await
        .map_err(|_| Failure::Timeout)?
        .map_err(|error| match error.kind() {
            io::ErrorKind::AddrNotAvailable => unavailable,
            _ => Failure::Refused,
        })?;
    // Without it, a small body waits for the peer to acknowledge the head.
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, Failure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // Read now: the pool may finish connecting in a task of its own.
        Box::pin(self.clone().connect(uri, SETTINGS.get()))
    }
}

trait Socket: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Socket for T {}

/// A connection, with or without TLS.
pub struct Stream(TokioIo<Box<dyn Socket>>);

impl Stream {
    fn new(socket: impl Socket + 'static) -> Self {
        Self(TokioIo::new(Box::new(socket)))
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl Read for Stream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context, buffer: ReadBufCursor) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        pieces: &[io::IoSlice],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.0.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
