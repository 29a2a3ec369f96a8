//! What Rondo itself adds to a model's call: sixteen jobs at once through the built wasm, against a provider that
//! answers after a fixed time, which is taken off.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use ports::native::NativeDb;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::app::{self, TOKEN};
use crate::load::once;

/// How long the provider thinks: long enough that all sixteen wait for it together.
const THINKS: Duration = Duration::from_millis(150);
/// Jobs at a time.
const AT_ONCE: &str = "16";
/// What a call may take beside the provider's time, in milliseconds, at p99.
const OVERHEAD_MS_MAX: f64 = 50.0;
/// A whole multiple of [`AT_ONCE`] a week: the queue never runs dry in the middle.
const POSTS_PER_WEEK: usize = 48;
const WEEKS: usize = 6;
/// Between two looks at the state from outside.
const LOOK: Duration = Duration::from_millis(100);
/// All of it takes seconds.
const PATIENCE: Duration = Duration::from_secs(300);

/// Measures under one host, given how to start it. `floor_p50`: of a request to the floor, sixteen at once.
pub async fn measure(
    folder: &Path,
    manifest: &Path,
    (program, arguments): (&str, &[&str]),
    floor_p50: Duration,
) -> Result<()> {
    let provider = Provider::start().await?;
    let state = folder.join("calls");
    let base_url = format!("model_base_url=http://{}/v1", provider.address);
    let hosts = format!("model_hosts=http://{}", provider.address);
    let batch = format!("step_batch={AT_ONCE}");
    let variables = ["model_provider=openai", &base_url, &hosts, "model_key=bench", "model_name=bench", &batch];
    let started = app::start(&state, manifest, (program, arguments), &variables).await?;
    let (mut child, address, _) = started;
    campaign(address, &state).await?;
    app::stop(&mut child).await?;
    let db = NativeDb::open_read_only(&state.join("state/sqlite_db.db"))?;
    println!("  a call of a model, {AT_ONCE} at once, beside the provider's time");
    println!("                     calls   p50 ms   p99 ms   of the {OVERHEAD_MS_MAX} ms that it may take");
    for (step, what) in [("generate", "writing"), ("review", "review")] {
        let mut times = overheads(&db, step, &provider)?;
        ensure!(!times.is_empty(), "no call of {step} was measured");
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
        let (p50, p99) = (at(0.5), at(0.99));
        let against = p50 / (floor_p50.as_secs_f64() * 1e3);
        let share = p99 / OVERHEAD_MS_MAX * 100.0;
        println!(
            "  {what:<12} {:>10} {p50:>8.1} {p99:>8.1}   {share:.0} %; p50 {against:.1} times the floor's",
            times.len()
        );
    }
    Ok(())
}

/// From the claim of a job to its end, without the time that the provider had the call: of the jobs with one call.
fn overheads(db: &NativeDb, step: &str, provider: &Provider) -> Result<Vec<f64>> {
    let rows = db.run(
        "select max(k.request_id) as request, max(d.at) - max(l.at) as took
        from job j
        join cost k on k.workspace_id = j.workspace_id and k.job_id = j.id
        join event l on l.workspace_id = j.workspace_id and l.subject = 'job:' || j.id and l.kind = 'job.leased'
        join event d on d.workspace_id = j.workspace_id and d.subject = 'job:' || j.id and d.kind = 'job.done'
        where j.step = ?1 group by j.id having count(distinct k.id) = 1 and count(distinct l.seq) = 1",
        &[step.into()],
    )?;
    let held = provider.held.lock().unwrap_or_else(PoisonError::into_inner);
    rows.iter()
        .map(|row| {
            let theirs = held.get(row.str("request")?).context("a call that the provider never saw")?;
            Ok(row.int("took")? as f64 - theirs.as_secs_f64() * 1e3)
        })
        .collect()
}

/// A campaign up to the last review.
async fn campaign(address: SocketAddr, state: &Path) -> Result<()> {
    let brief = format!(
        "[brand]\nname = \"B\"\nurl = \"https://b.example\"\none_line = \"A bakery.\"\n[goal]\ntext = \"Sell.\"\n\
        posts_per_week = {POSTS_PER_WEEK}\nweeks = {WEEKS}\ntimezone = \"UTC\"\nstart = \"2030-01-01\"\n"
    );
    let body = json!({ "brief_toml": brief, "mode": "rehearsal" });
    let created: Value = serde_json::from_str(&once(address, &send("POST", "/api/v1/campaigns", &body)).await?)?;
    let id = created["id"].as_str().context("the campaign has no id")?;
    let db = NativeDb::open_read_only(&state.join("state/sqlite_db.db"))?;
    until(&db, "a strategy is proposed", "select count(*) as n from strategy").await?;
    let path = format!("/api/v1/campaigns/{id}/strategies/1/decision");
    once(address, &send("PUT", &path, &json!({ "decision": "approve" }))).await?;
    let over = "select count(*) > 0 and sum(state not in ('awaiting_approval', 'needs_person')) = 0 as n from post";
    until(&db, "every post is reviewed", over).await
}

async fn until(db: &NativeDb, what: &str, sql: &str) -> Result<()> {
    let began = Instant::now();
    loop {
        if db.run(sql, &[])?.first().is_some_and(|row| row.int("n").is_ok_and(|n| n > 0)) {
            return Ok(());
        }
        ensure!(began.elapsed() < PATIENCE, "{what}: not within {} s", PATIENCE.as_secs());
        tokio::time::sleep(LOOK).await;
    }
}

fn send(method: &str, path: &str, body: &Value) -> String {
    let body = body.to_string();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n\
        content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A provider that speaks as OpenAI does, and always says what is wanted.
struct Provider {
    address: SocketAddr,
    /// How long it had each call, by the id that it gave it.
    held: Arc<Mutex<HashMap<String, Duration>>>,
}

impl Provider {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let held = Arc::new(Mutex::new(HashMap::new()));
        let books = held.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let books = books.clone();
                tokio::spawn(async move {
                    if let Err(error) = serve(stream, &books).await {
                        eprintln!("the provider: {error:#}");
                    }
                });
            }
        });
        Ok(Self { address, held })
    }
}

async fn serve(mut stream: TcpStream, books: &Mutex<HashMap<String, Duration>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut bytes = Vec::new();
    loop {
        let (begin, body) = loop {
            if let Some((body, length)) = whole(&bytes) {
                bytes.drain(..length);
                break (Instant::now(), body);
            }
            if stream.read_buf(&mut bytes).await? == 0 {
                return Ok(());
            }
        };
        let said = answer(&serde_json::from_slice(&body).context("a question that is no JSON")?);
        tokio::time::sleep(THINKS).await;
        let id = format!("call-{}", books.lock().unwrap_or_else(PoisonError::into_inner).len());
        let body = json!({
            "id": id, "usage": { "prompt_tokens": 1_000, "completion_tokens": 100 },
            "choices": [{ "message": { "content": said.to_string() }, "finish_reason": "stop" }],
        })
        .to_string();
        // The books first: whoever reads the answer may look at once.
        books.lock().unwrap_or_else(PoisonError::into_inner).insert(id, begin.elapsed());
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
    }
}

/// The body of a whole request, and how long the request is.
fn whole(bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let head = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let headers = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    if !headers.contains("transfer-encoding: chunked") {
        let length: usize =
            headers.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok())?;
        return Some((bytes.get(head..head + length)?.to_vec(), head + length));
    }
    let (mut body, mut at) = (Vec::new(), head);
    loop {
        let line = bytes[at..].windows(2).position(|two| two == b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..at + line]).ok()?.trim(), 16).ok()?;
        let chunk = at + line + 2;
        body.extend_from_slice(bytes.get(chunk..chunk + size)?);
        at = chunk + size + 2;
        bytes.get(at - 1)?;
        if size == 0 {
            return Some((body, at));
        }
    }
}

/// What it is asked for, by its prompt.
fn answer(question: &Value) -> Value {
    let said = |at: usize| question.pointer(&format!("/messages/{at}/content")).and_then(Value::as_str).unwrap_or("");
    let (system, asked) = (said(0), said(1));
    if system.contains("You are the strategist") {
        return plan();
    }
    if system.contains("You are the copywriter") {
        let angle = asked.split("- angle: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or("none");
        return json!({ "language": "en", "title": format!("Bread, {angle}"), "text": format!("{angle}.\n\nhttps://b.example") });
    }
    let best = |dimension: &&str| json!({ "dimension": dimension, "score": 9, "quote": "" });
    // At low risk these are asked together.
    let asked = [
        "hook",
        "clarity",
        "voice",
        "evidence",
        "call_to_action",
        "platform_fit",
        "on_brand",
        "style",
        "audience",
        "truth",
        "claims",
        "fairness",
    ];
    json!({ "verdict": "approve", "scores": asked.iter().map(best).collect::<Vec<_>>(), "findings": [] })
}

fn plan() -> Value {
    let entry =
        |slot: usize| json!({ "slot": slot, "channel": "stage", "pillar": "Bread", "angle": words(slot as u64) });
    json!({
        "positioning": "Bread.", "pillars": [{ "name": "Bread", "why": "There is an oven." }],
        "channel_mix": [{ "channel": "stage", "percent": 100, "why": "It is there." }], "cadence": "Often.",
        "calendar": (1..=POSTS_PER_WEEK * WEEKS).map(entry).collect::<Vec<_>>(), "measures": ["Loaves sold"],
    })
}

/// Words that no other slot has, so that no post repeats another.
fn words(slot: u64) -> String {
    const SYLLABLES: [&str; 16] =
        ["ba", "de", "fi", "go", "hu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "wu", "za"];
    let mut seed = slot.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut word = || {
        let mut text = String::new();
        for _ in 0..3 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text += SYLLABLES[(seed >> 60) as usize];
        }
        text
    };
    (0..10).map(|_| word()).collect::<Vec<_>>().join(" ")
}
