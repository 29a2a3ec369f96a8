//! An HTTP client that sends what it is told, byte by byte.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A test fails rather than hangs.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Connection {
    pub fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the app listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time-out can be set");
        Self { stream, read: Vec::new() }
    }

    pub fn send(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).expect("the app reads");
    }

    /// Reads up to and with some text. `None` if the connection ends before.
    pub fn read_to(&mut self, end: &str) -> Option<String> {
        loop {
            let found = self.read.windows(end.len()).position(|window| window == end.as_bytes());
            if let Some(at) = found {
                let rest = self.read.split_off(at + end.len());
                let taken = std::mem::replace(&mut self.read, rest);
                return Some(String::from_utf8_lossy(&taken).into_owned());
            }
            let mut buffer = [0; 8192];
            match self.stream.read(&mut buffer) {
                Ok(0) => return None,
                Ok(count) => self.read.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => return None,
                Err(error) => panic!("waited for {end:?}, has {:?}: {error}", String::from_utf8_lossy(&self.read)),
            }
        }
    }

    /// Reads one reply. `None` if it is cut off.
    pub fn reply(&mut self, has_body: bool) -> Option<Reply> {
        let head = self.read_to("\r\n\r\n")?.to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next()?.parse().ok());
        let body = match length {
            _ if !has_body => String::new(),
            Some(length) => self.read_exactly(length)?,
            None if head.contains("transfer-encoding: chunked") => self.read_chunks()?,
            None => String::new(),
        };
        Some(Reply { status, head, body })
    }

    fn read_exactly(&mut self, length: usize) -> Option<String> {
        while self.read.len() < length {
            let mut buffer = [0; 65536];
            match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(count) => self.read.extend_from_slice(&buffer[..count]),
            }
        }
        let rest = self.read.split_off(length);
        Some(String::from_utf8_lossy(&std::mem::replace(&mut self.read, rest)).into_owned())
    }

    fn read_chunks(&mut self) -> Option<String> {
        let mut body = String::new();
        loop {
            let size = self.read_to("\r\n")?;
            let size = usize::from_str_radix(size.trim(), 16).expect("a chunk's size");
            let chunk = self.read_exactly(size + 2)?;
            if size == 0 {
                return Some(body);
            }
            body.push_str(&chunk[..size]);
        }
    }
}

pub fn request(address: SocketAddr, text: &str) -> Reply {
    let mut connection = Connection::open(address);
    connection.send(text);
    connection.reply(!text.starts_with("HEAD")).expect("a whole reply")
}
