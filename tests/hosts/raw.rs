//! Requests that no well-behaved client sends, byte for byte.

use std::time::Duration;

use tests::app::{OPERATOR_TOKEN, Runner, Setup};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A host that says nothing for so long has hung up on us in its mind.
const ANSWER: Duration = Duration::from_secs(20);

/// Each request with the statuses that are right for it; `0` is a connection that ends without an answer.
const REQUESTS: &[(&str, &[u16])] = &[
    ("GET /api/v1/campaigns/%2e%2e/health HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
    ("GET /static/%2e%2e/spin.toml HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
    ("GET /static/../spin.toml HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
    ("GET /static/css/..%2f..%2fspin.toml HTTP/1.1\r\nhost: x\r\n", &[400, 404]),
    ("GET //api/v1/health HTTP/1.1\r\nhost: x\r\n", &[404]),
    ("GET /api/v1/health HTTP/1.1\r\nhost: x\r\n", &[200]),
    ("GET /api/v1/health HTTP/1.1\r\n", &[0, 400]),
    ("GET /api/v1/health HTTP/1.0\r\nhost: x\r\n", &[200]),
    ("GET /api/v1/health?limit=%zz HTTP/1.1\r\nhost: x\r\n", &[400, 422]),
    ("BREW /api/v1/health HTTP/1.1\r\nhost: x\r\n", &[405, 501]),
    ("GET /api/v1/health HTTP/1.1\r\nhost: conductor.spin.internal\r\n", &[0, 200, 400]),
    ("this is no request\r\n", &[0, 400]),
];

/// What is left when the head has been sent: nothing more, or a body.
const END: &str = "connection: close\r\n\r\n";

async fn status(address: &str, request: &[u8]) -> u16 {
    let exchange = async {
        let mut stream = TcpStream::connect(address).await.expect("the app listens");
        // It may hang up before it has read everything; then its answer, if any, is there to be read.
        let _ = stream.write_all(request).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        answer
    };
    let answer = tokio::time::timeout(ANSWER, exchange).await.expect("the host answers or hangs up");
    let answer = String::from_utf8_lossy(&answer);
    // An interim answer may come first.
    let last = answer.match_indices("HTTP/1.").filter_map(|(at, _)| answer[at..].split(' ').nth(1)?.parse().ok());
    last.filter(|status: &u16| *status >= 200).last().unwrap_or(0)
}

#[tokio::test]
async fn odd_requests_are_answered_alike_and_never_with_somebody_elses_file() {
    for runner in Runner::all() {
        let app = Setup::under(runner.clone()).start().await;
        let address = app.url.strip_prefix("http://").expect("a URL");
        for (head, right) in REQUESTS {
            let found = status(address, format!("{head}{END}").as_bytes()).await;
            assert!(right.contains(&found), "{head:?} under {runner:?}: {found}, right would be {right:?}");
        }
    }
}

#[tokio::test]
async fn a_body_in_pieces_is_read_whole_and_one_that_breaks_off_changes_nothing() {
    for runner in Runner::all() {
        let app = Setup::under(runner).start().await;
        let address = app.url.strip_prefix("http://").expect("a URL");
        let head = format!(
            "POST /api/v1/tokens HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {OPERATOR_TOKEN}\r\n\
             content-type: application/json\r\n"
        );
        let body = r#"{"name": "in pieces", "role": "analyst"}"#;
        let (first, second) = body.split_at(9);
        let pieces = format!(
            "{head}transfer-encoding: chunked\r\n{END}{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
            first.len(),
            second.len()
        );
        assert_eq!(status(address, pieces.as_bytes()).await, 201);
        let waits = format!("{head}expect: 100-continue\r\ncontent-length: {}\r\n{END}{body}", body.len());
        assert_eq!(status(address, waits.as_bytes()).await, 201);

        let mut stream = TcpStream::connect(address).await.expect("the app listens");
        let cut = format!("{head}content-length: 1000\r\n{END}{body}");
        stream.write_all(cut.as_bytes()).await.expect("it listens");
        drop(stream);
        let tokens = app.api.get("/api/v1/tokens").await.expect(200).json();
        assert_eq!(tokens["items"].as_array().map(Vec::len), Some(2), "{tokens}");
    }
}
