//! What guests print: to the console behind their name, and to files as Spin writes them.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use bytes::Bytes;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// One write of a guest is never held up, so any size will do.
const WRITE_BYTES_MAX: usize = 1024 * 1024;

/// A line longer than this is shown in pieces rather than kept in memory.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Where the two streams of a component go.
#[derive(Debug)]
pub struct Output {
    pub out: Arc<Stream>,
    pub err: Arc<Stream>,
}

#[derive(Debug)]
pub struct Stream {
    /// What stands before each line on the console. `None` keeps the console quiet.
    prefix: Option<String>,
    file: Option<Mutex<File>>,
}

impl Output {
    pub fn new(component: &str, state_dir: Option<&Path>, quiet: bool) -> Result<Self> {
        let stream = |name: &str| -> Result<Arc<Stream>> {
            let file = state_dir.map(|state_dir| log_file(state_dir, component, name)).transpose()?;
            let prefix = (!quiet).then(|| format!("{component} | "));
            Ok(Arc::new(Stream { prefix, file: file.map(Mutex::new) }))
        };
        Ok(Self { out: stream("stdout")?, err: stream("stderr")? })
    }
}

fn log_file(state_dir: &Path, component: &str, stream: &str) -> Result<File> {
    let folder = state_dir.join("logs");
    let path = folder.join(format!("{component}_{stream}.txt"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| File::options().create(true).append(true).open(&path))
        .with_context(|| format!("cannot write the log file {}", path.display()))
}

impl Stream {
    /// The stream as one instance sees it: lines of two requests do not mix.
    pub fn open(self: &Arc<Self>) -> Lines {
        Lines(Arc::new(Buffer { stream: self.clone(), line: Mutex::default() }))
    }

    fn show(&self, line: &[u8]) {
        if let Some(prefix) = &self.prefix {
            eprintln!("{prefix}{}", String::from_utf8_lossy(line));
        }
    }
}

/// Collects what one instance prints until a line is complete.
#[derive(Clone)]
pub struct Lines(Arc<Buffer>);

struct Buffer {
    stream: Arc<Stream>,
    line: Mutex<Vec<u8>>,
}

impl Buffer {
    fn print(&self, bytes: &[u8]) {
        if let Some(file) = &self.stream.file {
            // A full disk must not stop the request that only wanted to say something.
            let _ = file.lock().unwrap_or_else(PoisonError::into_inner).write_all(bytes);
        }
        let mut line = self.line.lock().unwrap_or_else(PoisonError::into_inner);
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            line.extend_from_slice(piece);
            if line.ends_with(b"\n") {
                line.pop();
            } else if line.len() < LINE_BYTES_MAX {
                continue;
            }
            self.stream.show(&line);
            line.clear();
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let line = self.line.get_mut().unwrap_or_else(PoisonError::into_inner);
        if !line.is_empty() {
            self.stream.show(line);
        }
    }
}

impl IsTerminal for Lines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        // Only preview 3 would ask for it.
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.0.print(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(WRITE_BYTES_MAX)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Lines {
    async fn ready(&mut self) {}
}
