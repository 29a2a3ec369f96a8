//! Server-sent events: a source that is asked again and again, for as long as the client stays.

use std::fmt::Write;

use ports::{Clock, Db};

use crate::{Problem, Request};

/// How often a source is asked, in milliseconds.
pub const POLL_MS: u32 = 300;
/// A client hears something at least so often, in milliseconds.
pub const HEARTBEAT_MS: i64 = 10_000;
/// Clouds cut a request at 30 s; we end it before, in milliseconds, and the client comes back.
pub const STREAM_MS: i64 = 25_000;
/// When the client comes back, in milliseconds.
pub const RETRY_MS: u32 = 500;

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The client sends the last one back as `Last-Event-ID`.
    pub id: i64,
    /// What it is; no line break.
    pub name: String,
    /// What it carries.
    pub data: String,
}

/// Where events come from.
#[async_trait::async_trait(?Send)]
pub trait EventSource {
    /// What is new since the last call, at most some hundreds.
    async fn next(&mut self, db: &dyn Db) -> Result<Vec<Event>, Problem>;
}

/// Where the client stopped: `Last-Event-ID`, or `?after=` at its first call. `None`: it begins now.
pub fn resume(request: &Request) -> Result<Option<i64>, Problem> {
    let text = request.header("last-event-id").filter(|id| !id.is_empty()).or_else(|| request.query("after"));
    text.map(|text| text.parse().map_err(|_| Problem::InvalidCursor)).transpose()
}

/// An event as it goes over the wire.
fn frame(event: &Event) -> String {
    let mut text = format!("id: {}\nevent: {}\n", event.id, event.name.replace(['\r', '\n'], " "));
    // A lone CR ends a line too.
    for line in event.data.replace("\r\n", "\n").split(['\n', '\r']) {
        let _ = writeln!(text, "data: {line}"); // writing to a String cannot fail
    }
    text.push('\n');
    text
}

/// Streams until the client has gone, the time is over or the source fails. `write` says whether the client is there.
pub async fn stream(
    source: &mut dyn EventSource,
    db: &dyn Db,
    clock: &dyn Clock,
    mut write: impl AsyncFnMut(String) -> bool,
    pause: impl AsyncFn(u32),
) {
    let started = clock.monotonic_ms();
    let mut heard = started;
    if !write(format!("retry: {RETRY_MS}\n\n")).await {
        return;
    }
    loop {
        let text = match source.next(db).await {
            Ok(events) => events.iter().map(frame).collect::<String>(),
            // A busy database is asked again by the client's next request.
            Err(problem) => {
                drop(problem.into_reply()); // logs it, if it is ours
                return;
            }
        };
        let now = clock.monotonic_ms();
        let text = if text.is_empty() && now - heard >= HEARTBEAT_MS { ": still here\n\n".into() } else { text };
        if !text.is_empty() {
            if !write(text).await {
                return;
            }
            heard = now;
        }
        if now - started >= STREAM_MS {
            return;
        }
        pause(POLL_MS).await;
    }
}
