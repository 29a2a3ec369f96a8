//! The wire between the app and a model's server: it counts what is asked, and does what the server cannot do by
//! itself. An answer that holds one of the marks below is spoilt on its way.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// The connection breaks in the middle of such an answer's body.
pub const CUT: &str = "(cut on the wire)";
/// Such an answer does not say when to come back.
pub const NO_RETRY_AFTER: &str = "(come back some time)";

/// Longest request or answer in bytes.
const MESSAGE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A running wire; it ends when this is dropped.
pub struct Wire {
    accepting: JoinHandle<()>,
    asked: Arc<AtomicUsize>,
    /// Where the app reaches it.
    pub address: SocketAddr,
}

impl Wire {
    /// Begins to listen, in front of this server.
    pub async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let counting = asked.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, server, counting.clone()));
            }
        });
        Self { accepting, asked, address }
    }

    /// How many requests have come by.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// One request and its answer; the connection is not kept.
async fn pass(mut client: TcpStream, server: SocketAddr, asked: Arc<AtomicUsize>) -> io::Result<()> {
    let request = read_request(&mut client).await?;
    asked.fetch_add(1, Ordering::SeqCst);
    let line = request.windows(2).position(|two| two == b"\r\n").map_or(0, |at| at + 2);
    let mut upstream = TcpStream::connect(server).await?;
    upstream.write_all(&[&request[..line], b"connection: close\r\n", &request[line..]].concat()).await?;
    let mut answer = Vec::new();
    // A client that has gone, for the server was too slow, ends the exchange.
    tokio::select! {
        read = upstream.read_to_end(&mut answer) => { read?; }
        _ = client.read_u8() => return Ok(()),
    }
    client.write_all(&spoilt(answer)).await?;
    client.shutdown().await
}

/// A whole request; every client of ours says how long its body is, or sends it in chunks.
async fn read_request(client: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    let mut piece = [0; 16 * 1024];
    while !is_whole(&request) && request.len() < MESSAGE_BYTES_MAX {
        match client.read(&mut piece).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => request.extend_from_slice(&piece[..read]),
        }
    }
    Ok(request)
}

fn is_whole(request: &[u8]) -> bool {
    let Some(head) = head_bytes(request) else { return false };
    let headers = String::from_utf8_lossy(&request[..head]).to_lowercase();
    if headers.contains("transfer-encoding: chunked") {
        return request.ends_with(b"0\r\n\r\n");
    }
    let length = headers.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    request.len() >= head + length.unwrap_or(0)
}

fn head_bytes(message: &[u8]) -> Option<usize> {
    message.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn spoilt(answer: Vec<u8>) -> Vec<u8> {
    let Some(head) = head_bytes(&answer) else { return answer };
    let body = String::from_utf8_lossy(&answer[head..]).into_owned();
    if body.contains(CUT) {
        return answer[..head + body.len() / 2].to_vec();
    }
    if body.contains(NO_RETRY_AFTER) {
        let headers = String::from_utf8_lossy(&answer[..head]).into_owned();
        let kept: Vec<_> =
            headers.split("\r\n").filter(|line| !line.to_lowercase().starts_with("retry-after")).collect();
        return [kept.join("\r\n").as_bytes(), &answer[head..]].concat();
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marked_answer_is_spoilt_and_another_is_not() {
        let limited = format!("HTTP/1.1 429 No\r\nRetry-After: 1\r\nX: y\r\n\r\n{NO_RETRY_AFTER}");
        let expect = format!("HTTP/1.1 429 No\r\nX: y\r\n\r\n{NO_RETRY_AFTER}");
        assert_eq!(String::from_utf8(spoilt(limited.into_bytes())).unwrap(), expect);
        let cut = spoilt(format!("HTTP/1.1 200 OK\r\n\r\n0123{CUT}6789").into_bytes());
        assert!(cut.starts_with(b"HTTP/1.1 200 OK\r\n\r\n0123(cut") && !cut.ends_with(b"6789"));
        let good = b"HTTP/1.1 200 OK\r\n\r\n{}".to_vec();
        assert_eq!(spoilt(good.clone()), good);
    }

    #[test]
    fn a_request_is_whole_when_its_body_is() {
        assert!(!is_whole(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{"));
        assert!(is_whole(b"POST / HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"));
        assert!(!is_whole(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"));
        assert!(is_whole(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"));
    }
}
