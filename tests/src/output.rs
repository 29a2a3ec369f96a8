//! What a child process says, line by line: the one thing that a test waits on.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Child;
use tokio::sync::watch;

/// Everything that a child has said, and will say.
#[derive(Clone)]
pub struct Output {
    lines: Arc<Mutex<Vec<String>>>,
    grown: watch::Receiver<usize>,
}

impl Output {
    /// Reads a child whose standard output and error are pipes.
    pub fn of(child: &mut Child) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (said, grown) = watch::channel(0);
        let said = Arc::new(said);
        let out = child.stdout.take().expect("standard output is a pipe");
        let err = child.stderr.take().expect("standard error is a pipe");
        tokio::spawn(read(out, lines.clone(), said.clone()));
        tokio::spawn(read(err, lines.clone(), said));
        Self { lines, grown }
    }

    /// Everything until now.
    pub fn text(&self) -> String {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// Waits for the first line that gives something. Nothing, if the child ends or the time is over before.
    pub async fn find<T>(&self, wanted: impl Fn(&str) -> Option<T>, patience: Duration) -> Option<T> {
        let mut grown = self.grown.clone();
        let search = async {
            let mut seen = 0;
            loop {
                let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
                if let Some(found) = lines[seen..].iter().find_map(|line| wanted(line)) {
                    return Some(found);
                }
                seen = lines.len();
                if grown.wait_for(|count| *count > seen).await.is_err() {
                    return None;
                }
            }
        };
        tokio::time::timeout(patience, search).await.ok().flatten()
    }
}

async fn read(pipe: impl AsyncRead + Unpin, lines: Arc<Mutex<Vec<String>>>, said: Arc<watch::Sender<usize>>) {
    let mut reader = BufReader::new(pipe).lines();
    while let Ok(Some(line)) = reader.next_line().await {
        let count = {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            lines.push(line);
            lines.len()
        };
        said.send_replace(count);
    }
}
