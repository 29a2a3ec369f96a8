//! Outbound requests, with short time-outs so that a test sees them.

use std::future;
use std::task::Poll;

use futures::StreamExt;
use spin_executor::CancelOnDropToken;
use spin_sdk::http::{Fields, IncomingResponse, Request, Response};
use spin_sdk::wit::wasi::http0_2_0::outgoing_handler;
use spin_sdk::wit::wasi::http0_2_0::types::{
    ErrorCode, FutureIncomingResponse, Method, OutgoingRequest, RequestOptions, Scheme,
};

const CONNECT_MS: u64 = 500;
const FIRST_BYTE_MS: u64 = 500;
const BETWEEN_BYTES_MS: u64 = 500;

/// The status and the body, or what went wrong.
pub async fn get(url: &str) -> String {
    match send(url).await {
        Err(error) => format!("error {error:?}"),
        Ok(response) => {
            let mut text = format!("{} ", response.status());
            let mut pieces = std::pin::pin!(response.take_body_stream());
            while let Some(piece) = pieces.next().await {
                match piece {
                    Ok(piece) => text.push_str(&String::from_utf8_lossy(&piece)),
                    Err(error) => text.push_str(&format!("broken {}", error.to_debug_string())),
                }
            }
            text
        }
    }
}

/// A request that names no host, in the SDK's own way.
pub async fn own(path: &str) -> String {
    let response: Result<Response, _> = spin_sdk::http::send(Request::get(path).build()).await;
    match response {
        Ok(response) => format!("{} {}", response.status(), String::from_utf8_lossy(response.body())),
        Err(error) => format!("error {error:?}"),
    }
}

async fn send(url: &str) -> Result<IncomingResponse, ErrorCode> {
    let (scheme, rest) = url.split_once(":/").unwrap_or(("http", url));
    let rest = rest.trim_start_matches('/');
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let request = OutgoingRequest::new(Fields::new());
    let _ = request.set_method(&Method::Get);
    let scheme = match scheme {
        "https" => Scheme::Https,
        "http" => Scheme::Http,
        other => Scheme::Other(other.into()),
    };
    let _ = request.set_scheme(Some(&scheme));
    let _ = request.set_authority(Some(authority));
    let _ = request.set_path_with_query(Some(&format!("/{path}")));
    let options = RequestOptions::new();
    let _ = options.set_connect_timeout(Some(CONNECT_MS * 1_000_000));
    let _ = options.set_first_byte_timeout(Some(FIRST_BYTE_MS * 1_000_000));
    let _ = options.set_between_bytes_timeout(Some(BETWEEN_BYTES_MS * 1_000_000));
    wait(outgoing_handler::handle(request, Some(options))?).await
}

async fn wait(response: FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    let mut token = None;
    future::poll_fn(|context| match response.get() {
        Some(result) => Poll::Ready(result.expect("it is taken once")),
        None => {
            let waker = context.waker().clone();
            let pushed = spin_executor::push_waker_and_get_token(response.subscribe(), waker);
            token = Some(CancelOnDropToken::from(pushed));
            Poll::Pending
        }
    })
    .await
}
