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

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use futures::executor::block_on;
    use ports::native::{NativeDb, SettableClock};

    use super::*;
    use crate::Method;

    /// Gives its batches one after the other, then nothing.
    struct Batches(Vec<Result<Vec<Event>, Problem>>);

    #[async_trait::async_trait(?Send)]
    impl EventSource for Batches {
        async fn next(&mut self, _: &dyn Db) -> Result<Vec<Event>, Problem> {
            if self.0.is_empty() { Ok(Vec::new()) } else { self.0.remove(0) }
        }
    }

    /// Streams to a client that goes after so many writes: what it got, and how long it took.
    fn play(batches: Vec<Result<Vec<Event>, Problem>>, writes_max: usize) -> (Vec<String>, i64) {
        let (db, clock) = (NativeDb::in_memory().unwrap(), SettableClock::at(0));
        let (got, left) = (RefCell::new(Vec::new()), Cell::new(writes_max));
        let write = async |text: String| {
            got.borrow_mut().push(text);
            left.set(left.get() - 1);
            left.get() > 0
        };
        let pause = async |pause_ms: u32| clock.advance(pause_ms.into());
        block_on(stream(&mut Batches(batches), &db, &clock, write, pause));
        (got.into_inner(), clock.now_ms())
    }

    fn event(id: i64, data: &str) -> Event {
        Event { id, name: "post.published".into(), data: data.into() }
    }

    #[test]
    fn events_go_out_in_order_with_the_id_to_resume_by() {
        let (got, _) =
            play(vec![Ok(vec![event(1, "a"), event(2, "b\nc\r\nd\re")]), Ok(vec![]), Ok(vec![event(3, "f")])], 3);
        assert_eq!(got[0], "retry: 500\n\n");
        assert_eq!(
            got[1],
            "id: 1\nevent: post.published\ndata: a\n\nid: 2\nevent: post.published\ndata: b\ndata: c\ndata: d\ndata: e\n\n"
        );
        assert_eq!(got[2], "id: 3\nevent: post.published\ndata: f\n\n");
    }

    #[test]
    fn a_silent_stream_is_kept_alive_and_ends_before_a_cloud_cuts_it() {
        let (got, took_ms) = play(vec![], 100);
        assert_eq!(got, ["retry: 500\n\n", ": still here\n\n", ": still here\n\n"]);
        assert!((STREAM_MS..30_000 - 2_000).contains(&took_ms), "{took_ms}");
    }

    #[test]
    fn a_client_that_has_gone_costs_nothing_more() {
        assert_eq!(play(vec![Ok(vec![event(1, "a")])], 1).1, 0);
        assert_eq!(play(vec![Ok(vec![event(1, "a")])], 2).1, 0);
    }

    #[test]
    fn a_source_that_fails_ends_the_stream_and_tells_the_client_nothing() {
        let (got, took_ms) = play(vec![Err(Problem::Internal(anyhow::anyhow!("secret cause")))], 100);
        assert_eq!((got.len(), took_ms), (1, 0));
    }

    #[test]
    fn a_client_resumes_where_it_stopped() {
        let get = |target| Request::new(Method::GET, target).unwrap();
        assert_eq!(resume(&get("/events")).unwrap(), None);
        assert_eq!(resume(&get("/events?after=7")).unwrap(), Some(7));
        assert_eq!(resume(&get("/events?after=7").with_header("last-event-id", "9")).unwrap(), Some(9));
        assert_eq!(resume(&get("/events?after=x")).unwrap_err().slug(), "invalid-cursor");
    }
}
