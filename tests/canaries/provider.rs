//! A provider of models that repeats what it was sent: first questions fail, with the key and a marker in every place
//! that an answer has.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Stands beside each key that is repeated, and is no secret.
pub const MARKER: &str = "marker-beside-the-key";

/// The running server.
pub struct Provider {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    /// How often whom, by path and agent.
    times: Mutex<BTreeMap<String, usize>>,
    repeated: AtomicUsize,
}

impl Provider {
    /// Begins to listen.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let asked = Arc::new(Asked::default());
        let books = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let books = books.clone();
                tokio::spawn(async move { serve(stream, &books).await });
            }
        });
        Self { address, asked }
    }

    /// How often it has repeated a key.
    pub fn repeated(&self) -> usize {
        self.asked.repeated.load(Ordering::SeqCst)
    }
}

/// One request a connection.
async fn serve(mut stream: TcpStream, asked: &Asked) {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        if let Some(whole) = whole(&bytes) {
            break whole;
        }
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return;
        }
    };
    let (status, body) = answer(&head, &body, asked);
    let key = key(&head);
    let answer = format!(
        "HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\nx-request-id: {MARKER} {key}\r\n\
        connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
}

fn whole(bytes: &[u8]) -> Option<(String, String)> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let lower = head.to_lowercase();
    let rest = &bytes[end..];
    if lower.contains("transfer-encoding: chunked") {
        let text = String::from_utf8_lossy(rest).into_owned();
        let is_over = text.ends_with("0\r\n\r\n");
        let json = text.find('{').zip(text.rfind('}')).map(|(from, to)| text[from..=to].to_owned());
        return is_over.then(|| (head, json.unwrap_or_default()));
    }
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    let length = length.unwrap_or(0);
    (rest.len() >= length).then(|| (head, String::from_utf8_lossy(&rest[..length]).into_owned()))
}

fn key(head: &str) -> String {
    let bearer = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("authorization").then(|| value.trim().trim_start_matches("Bearer ").to_owned())
    });
    bearer.unwrap_or_default()
}

fn answer(head: &str, body: &str, asked: &Asked) -> (u16, String) {
    let key = key(head);
    let question: Value = serde_json::from_str(body).unwrap_or_default();
    let said = |at: usize| question.pointer(&format!("/messages/{at}/content")).and_then(Value::as_str).unwrap_or("");
    let (system, task) = (said(0), said(1));
    let path = head.split(' ').nth(1).unwrap_or_default();
    let agents = [("the", "strategist"), ("the", "copywriter"), ("a", "reader")];
    let agent = agents.into_iter().find(|(article, name)| system.contains(&format!("You are {article} {name}")));
    let agent = agent.map(|(_, name)| name);
    let who = format!("{path} {}", agent.unwrap_or("others"));
    let mut times = asked.times.lock().unwrap_or_else(PoisonError::into_inner);
    let time = times.entry(who).or_default();
    *time += 1;
    let complaint = format!("{MARKER}: the key {key} is not good enough; you sent Bearer {key}");
    let error =
        json!({ "error": { "message": complaint, "type": "invalid_request_error", "code": complaint } }).to_string();
    let good = |text: String| {
        let choice = json!({ "message": { "content": text }, "finish_reason": "stop" });
        let usage = json!({ "prompt_tokens": 1000, "completion_tokens": 100 });
        json!({ "id": complaint, "choices": [choice], "usage": usage }).to_string()
    };
    // The workspace's own refuses to be tried, and is overloaded for good; the operator's breaks down once, and each agent's first
    // answer is none.
    let failure = match (agent, *time) {
        _ if path.contains("/relay") => Some((500, error)),
        (None, _) if path.contains("/own/") => Some((400, error)),
        _ if path.contains("/own/") => Some((503, error)),
        (Some("strategist"), 1) => Some((500, error)),
        (Some("strategist"), 2) => Some((200, good(complaint.clone()))),
        (_, 1) => Some((200, good(json!({ "nonsense": complaint }).to_string()))),
        _ => None,
    };
    asked.repeated.fetch_add(usize::from(failure.is_some()), Ordering::SeqCst);
    failure.unwrap_or_else(|| (200, good(content(agent, task).to_string())))
}

fn content(agent: Option<&str>, task: &str) -> Value {
    let angles = ["Warm bread at three", "Who bakes while you work", "A loaf on the way home"];
    match agent {
        Some("strategist") => json!({
            "positioning": "Bread for those who work at night.", "pillars": [{ "name": "Bread", "why": "There is an oven." }],
            "channel_mix": [{ "channel": "stage", "percent": 100, "why": "It is there." }], "cadence": "Often.",
            "calendar": angles.iter().zip(1..).map(|(angle, slot)| json!({ "slot": slot, "channel": "stage", "pillar": "Bread", "angle": angle })).collect::<Vec<_>>(),
            "measures": ["Loaves sold"],
        }),
        Some("reader") => {
            let hours = json!({ "kind": "hours", "value": "22:00 to 04:00", "quote": "Open: 22:00 to 04:00" });
            json!({ "facts": [hours] })
        }
        Some(_) => {
            let angle = task.split("- angle: ").nth(1).and_then(|rest| rest.lines().next()).unwrap_or("Bread");
            json!({ "language": "en", "title": format!("Night bread: {angle}"), "text": format!("{angle}.\n\nhttps://nightshift.example") })
        }
        None => {
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
            let marks: Vec<Value> =
                asked.iter().map(|one| json!({ "dimension": one, "score": 9, "quote": "" })).collect();
            json!({ "verdict": "approve", "scores": marks, "findings": [] })
        }
    }
}
