//! Keep-alive clients that ask one thing again and again.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a load came to.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// Requests a second over all connections.
    pub per_second: f64,
    /// Half of the requests took no longer.
    pub p50: Duration,
    /// All but one in a hundred took no longer.
    pub p99: Duration,
}

/// Asks over so many connections for so long.
pub async fn load(address: SocketAddr, request: &str, connections: usize, length: Duration) -> Result<Measured> {
    let start = Instant::now();
    let clients: Vec<_> = (0..connections)
        .map(|_| {
            let request = request.to_string();
            tokio::spawn(async move { client(address, &request, start + length).await })
        })
        .collect();
    let mut times = Vec::new();
    for client in clients {
        times.extend(client.await??);
    }
    let seconds = start.elapsed().as_secs_f64();
    ensure!(!times.is_empty(), "no request was answered");
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    Ok(Measured { per_second: times.len() as f64 / seconds, p50: at(0.5), p99: at(0.99) })
}

async fn client(address: SocketAddr, request: &str, end: Instant) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut times = Vec::new();
    while Instant::now() < end {
        let start = Instant::now();
        stream.write_all(request.as_bytes()).await?;
        read_answer(&mut stream).await?;
        times.push(start.elapsed());
    }
    Ok(times)
}

/// One request on a connection of its own; gives the body.
pub async fn once(address: SocketAddr, request: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(request.as_bytes()).await?;
    let (head, body) = read_answer(&mut stream).await?;
    ensure!(head.starts_with("HTTP/1.1 2"), "{} {body}", head.lines().next().unwrap_or_default());
    Ok(body)
}

async fn read_answer(stream: &mut TcpStream) -> Result<(String, String)> {
    let mut bytes = Vec::with_capacity(8 * 1024);
    loop {
        ensure!(stream.read_buf(&mut bytes).await? > 0, "the connection was closed");
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length: usize = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .context("an answer without a length")?
            .trim()
            .parse()?;
        while bytes.len() < end + 4 + length {
            ensure!(stream.read_buf(&mut bytes).await? > 0, "the connection was closed");
        }
        ensure!(head.starts_with("http/1.1 2"), "{}", String::from_utf8_lossy(&bytes));
        return Ok((head.to_uppercase(), String::from_utf8_lossy(&bytes[end + 4..]).into()));
    }
}
