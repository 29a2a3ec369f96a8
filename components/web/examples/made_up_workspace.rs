//! Makes a workspace with campaigns in every stage and posts in every state, to look at:
//!
//! - `cargo run -p web --example made_up_workspace -- /tmp/made-up 3300` serves its pages natively on port 3300, with
//!   no wasm built: pages, forms, live parts and the files of `static/`, but nobody who works (no step runs). The
//!   clock goes on from the workspace's own time, March 2027. A folder that is there already is served as it is.
//! - `cargo run -p web --example made_up_workspace -- /tmp/fresh 3301 fresh` serves an install that nobody has claimed:
//!   `/setup/made-up-setup-token` is its door, and every page behind it is empty.
//! - `cargo run -p web --example made_up_workspace -- /tmp/made-up && rondo up --state-dir /tmp/made-up` is the real thing.
//!
//! Then sign in as `ada@nightshift.example` with `four unrelated plain words`, or send the cookie that it prints.

#[expect(dead_code, reason = "the tests need more of it")]
#[path = "../tests/support/seed.rs"]
mod seed;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use futures::executor::block_on;
use ports::native::{NativeDb, NativeHttp, SeededEntropy};
use ports::{Clock, NoWake, Ports};
use serve::{App, Body, Method, Request, Settings, events, pieces, secured};

fn main() {
    let mut words = std::env::args().skip(1);
    let folder = PathBuf::from(words.next().expect("name a folder for the state"));
    std::fs::create_dir_all(&folder).expect("the folder can be made");
    let (file, cookie) = (folder.join("sqlite_db.db"), folder.join("cookie"));
    let (port, is_fresh) = (words.next(), words.next().as_deref() == Some("fresh"));
    if !file.exists() && is_fresh {
        std::fs::write(&cookie, format!("\n{}", seed::NOW_MS)).expect("it can be written");
    } else if !file.exists() {
        let world = seed::World::full_in(NativeDb::open(&file).expect("the file can be made"));
        block_on(store::seal::seal(&world.db, world.clock.now_ms())).expect("history can be sealed");
        std::fs::write(&cookie, format!("{}\n{}", world.cookie, world.clock.now_ms())).expect("so can this");
    }
    let (cookie, began) = std::fs::read_to_string(&cookie)
        .ok()
        .and_then(|text| text.split_once('\n').map(|(cookie, began)| (cookie.to_string(), began.to_string())))
        .expect("the folder was made by this example");
    println!("{}: sign in as ada@nightshift.example with `{}`", file.display(), seed::PASSWORD);
    println!("or send the cookie {cookie}");
    let Some(port) = port else { return };
    let port: u16 = port.parse().expect("the second word is a port");
    let clock = Ticking { began: Instant::now(), from_ms: began.parse().expect("a time") };
    println!("http://localhost:{port}/");
    for stream in TcpListener::bind(("127.0.0.1", port)).expect("the port is free").incoming().flatten() {
        let file = file.clone();
        thread::spawn(move || answer(&file, &stream, &clock));
    }
}

/// Goes on from a time of the made-up world's.
#[derive(Clone, Copy)]
struct Ticking {
    began: Instant,
    from_ms: i64,
}

impl Clock for Ticking {
    fn now_ms(&self) -> i64 {
        self.from_ms + self.monotonic_ms()
    }
    fn pinned_ms(&self) -> Option<i64> {
        Some(self.now_ms())
    }
    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// One request a connection: enough to look at pages.
fn answer(file: &Path, stream: &TcpStream, clock: &Ticking) {
    let Some(request) = read(stream) else { return };
    let (db, settings) =
        (NativeDb::open(file).expect("it was opened before"), Settings::of(&[("setup_token", seed::SETUP_TOKEN)]));
    let http = NativeHttp::new().expect("a client can be made");
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let entropy = SeededEntropy::new(since.subsec_nanos().into());
    let app =
        App { ports: Ports { db: &db, http: &http, clock, entropy: &entropy, wake: &NoWake }, settings: &settings };
    block_on(async {
        store::migrate::ensure(&db).await.expect("the schema can be brought up to date");
        let reply = secured(web::answer(app, &request).await.unwrap_or_else(serve::Problem::into_reply), &settings);
        let mut head = format!("HTTP/1.1 {}\r\nconnection: close\r\n", reply.status);
        for (name, value) in &reply.headers {
            head += &format!("{name}: {value}\r\n");
        }
        let write = |bytes: &[u8]| (&mut &*stream).write_all(bytes).is_ok();
        match reply.body {
            Body::Bytes(bytes) => {
                let _ = write(format!("{head}content-length: {}\r\n\r\n", bytes.len()).as_bytes()) && write(&bytes);
            }
            Body::Pieces(mut source) => {
                let _ = write(format!("{head}\r\n").as_bytes());
                pieces::stream(source.as_mut(), &db, async |bytes| write(&bytes)).await;
            }
            Body::Events(mut source) => {
                let pause = async |pause_ms: u32| thread::sleep(Duration::from_millis(pause_ms.into()));
                let _ = write(format!("{head}\r\n").as_bytes());
                events::stream(source.as_mut(), &db, clock, async |text| write(text.as_bytes()), pause).await;
            }
        }
    });
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream);
    let mut line = String::new();
    lines.read_line(&mut line).ok()?;
    let (method, rest) = line.split_once(' ')?;
    let mut request = Request::new(Method::from_bytes(method.as_bytes()).ok()?, rest.split(' ').next()?).ok()?;
    loop {
        let mut line = String::new();
        lines.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        request = request.with_header(&name.to_ascii_lowercase(), value);
    }
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    lines.take(length).read_to_end(&mut request.body).ok()?;
    Some(request)
}
