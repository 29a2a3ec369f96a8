//! Whole campaigns by Spin's own `llm`, under every host that this machine has. The operator's runtime config says
//! where models run: here, at a server that speaks Spin's protocol for it and answers like a talkative model.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{App, Runner, Setup, WAKE_SECRET};
use tests::campaign::{Campaign, STAGE};
use tests::database::Database;
use tests::http::Api;
use tokio::task::JoinHandle;

use crate::troubles::{brief_of, plan, review, written};

const TOKEN: &str = "the-token-of-the-models-server";
const MODEL: &str = "llama2-chat";
const ANGLES: &[&str] = &["the oven", "the night", "the way home"];

/// The server; it ends with the process. What it was asked, in its order.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = asked.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let noted = noted.clone();
                std::thread::spawn(move || answer(stream, &noted));
            }
        });
        Self { address, asked }
    }

    fn asked(&self) -> Vec<Value> {
        self.asked.lock().expect("nobody panicked").clone()
    }

    fn config(&self) -> String {
        format!("[llm_compute]\ntype = \"remote_http\"\nurl = \"http://{}\"\nauth_token = \"{TOKEN}\"\n", self.address)
    }
}

/// Answers one request and hangs up.
fn answer(mut stream: TcpStream, noted: &Mutex<Vec<Value>>) {
    let Some((head, body)) = read(&mut stream) else { return };
    let granted = head.to_lowercase().contains(&format!("authorization: bearer {TOKEN}"));
    let (status, said) = match serde_json::from_slice::<Value>(&body) {
        Ok(question) if granted && head.starts_with("POST /infer ") => {
            let mut noted = noted.lock().expect("nobody panicked");
            noted.push(question);
            let text = says(&noted);
            let usage = json!({ "promptTokenCount": 1000, "generatedTokenCount": 100 });
            ("200 OK", json!({ "text": text, "usage": usage }))
        }
        _ => ("401 Unauthorized", json!({ "error": "who are you?" })),
    };
    let body = said.to_string();
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let (mut bytes, mut buffer) = (Vec::new(), [0; 8192]);
    loop {
        let count = stream.read(&mut buffer).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&buffer[..count]);
        let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
        let line = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length:").map(str::to_owned));
        let length: usize = line?.trim().parse().ok()?;
        if bytes.len() >= at + 4 + length {
            return Some((head, bytes[at + 4..at + 4 + length].to_vec()));
        }
    }
}

/// What the model says to the last question; to the very first one no JSON at all.
fn says(asked: &[Value]) -> String {
    let prompt = asked.last().and_then(|question| question["prompt"].as_str()).unwrap_or_default();
    let data = if prompt.contains("You are the strategist") {
        if asked.len() == 1 {
            return "A plan for a bakery? What a lovely idea. Let me think about it.".into();
        }
        plan(ANGLES)
    } else if prompt.contains("You are the copywriter") {
        let angle = ANGLES.iter().find(|angle| prompt.contains(&format!("- angle: {angle}\n")));
        written(angle.unwrap_or_else(|| panic!("a post of no plan: {prompt}")))
    } else {
        review("approve", 8, Vec::new())
    };
    format!("Sure! Here you are:\n```json\n{data}\n```\nLet me know if {{anything}} is amiss.")
}

#[tokio::test]
async fn a_campaign_is_planned_written_and_judged_by_spins_own_models_on_every_host() {
    for runner in Runner::all() {
        let server = Server::start();
        let setup = Setup::under(runner.clone()).runtime_config(server.config());
        let app = setup.set("model_provider", "spin_llm").set("model_name", MODEL).start().await;
        app.claim().await;
        let _ticks = Ticks::of(&app, &runner);
        let campaign = Campaign::rehearse(&app.api, &brief_of(ANGLES.len())).await;
        campaign.approve_strategy().await;
        assert_eq!(campaign.to_the_end().await, 0, "{runner:?}");
        it_is_in_the_books(&Database::open(app.state()), &server, &runner);
        assert!(!app.output.text().contains(TOKEN), "{runner:?}");
    }
}

fn it_is_in_the_books(database: &Database, server: &Server, runner: &Runner) {
    database.assert_whole();
    let asked = server.asked();
    let calls = database.number("select count(*) from cost");
    assert_eq!(calls, i64::try_from(asked.len()).expect("few calls"), "{runner:?}");
    let wrong = "select count(*) from cost where provider <> 'spin_llm' or model <> 'llama2-chat' or state <> 'settled'
        or spent_micro_usd <> 0 or input_tokens <> 1000 or output_tokens <> 100";
    assert_eq!(database.number(wrong), 0, "{runner:?}");
    let planning = database.texts("select outcome from cost where step = 'strategize' order by started_at, id");
    assert_eq!(planning, ["misfit", "answered"], "{runner:?}: what held no JSON is asked for once more");
    let posts = i64::try_from(ANGLES.len()).expect("few posts");
    assert_eq!(database.number("select count(*) from publication"), posts, "{runner:?}");
    let by = "select count(*) from post_version where model = 'spin_llm/llama2-chat'";
    assert_eq!(database.number(by), posts, "{runner:?}");
    assert!(asked.iter().all(|question| question["model"] == MODEL), "{runner:?}");
}

#[tokio::test]
async fn a_model_that_the_manifest_does_not_grant_leaves_the_campaign_to_a_person_on_every_host() {
    for runner in Runner::all() {
        let server = Server::start();
        let setup = Setup::under(runner.clone()).runtime_config(server.config());
        let app = setup.set("model_provider", "spin_llm").set("model_name", "another").start().await;
        app.claim().await;
        let _ticks = Ticks::of(&app, &runner);
        let reason = stops(&app).await;
        assert!(reason.contains("'another'") && reason.contains("'ai_models'"), "{runner:?}: {reason}");
        assert!(server.asked().is_empty(), "{runner:?}");
    }
}

/// The ticks of an app: `rondo up` makes its own, Spin has none. They end when this is dropped.
struct Ticks(Option<JoinHandle<()>>);

impl Ticks {
    fn of(app: &App, runner: &Runner) -> Self {
        let conductor = app.api.clone().with("authorization", &format!("Bearer {WAKE_SECRET}"));
        let ticks = async move {
            let mut every = tokio::time::interval(Duration::from_secs(1));
            loop {
                every.tick().await;
                conductor.send(Method::POST, "/wake/conductor", "", Vec::new()).await;
            }
        };
        Self((*runner != Runner::Local).then(|| tokio::spawn(ticks)))
    }
}

impl Drop for Ticks {
    fn drop(&mut self) {
        self.0.iter().for_each(JoinHandle::abort);
    }
}

/// Waits until the campaign says why it needs a person.
async fn stops(app: &App) -> String {
    let campaign = Campaign::rehearse(&app.api, &brief_of(ANGLES.len())).await;
    let reason = async |_: &Api| campaign.now().await["reason"].as_str().map(str::to_owned);
    campaign.api.until("the campaign says what is amiss", STAGE, reason).await
}
