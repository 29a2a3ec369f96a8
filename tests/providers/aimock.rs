//! aimock, which speaks as the models' providers do and which nobody here wrote; and what it is to say.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::output::Output;
use tokio::process::{Child, Command};

/// The key that it takes, and that must stand nowhere else.
pub const KEY: &str = "sk-providers-1";

/// Node starts sooner.
const START: Duration = Duration::from_secs(60);

/// The running server; it ends when this is dropped.
pub struct Aimock {
    _process: Child,
    _fixtures: TempDir,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Aimock {
    /// Starts it with these fixtures.
    pub async fn start(program: &Path, fixtures: Vec<Value>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("fixtures.json");
        std::fs::write(&file, json!({ "fixtures": fixtures }).to_string()).expect("a file can be written");
        let mut process = Command::new("node")
            .arg(program)
            .args(["-p", "0", "-h", "127.0.0.1", "--strict", "-f"])
            .arg(&file)
            .env("AIMOCK_API_KEYS", KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let output = Output::of(&mut process);
        let listens =
            |line: &str| line.split_once("listening on http://").map(|(_, address)| address.trim().to_owned());
        let address = output.find(listens, START).await;
        let Some(address) = address else { panic!("aimock does not listen; it said:\n{}", output.text()) };
        Self { _process: process, _fixtures: folder, address: address.parse().expect("an address") }
    }
}

/// Which agent a request is for, by its system prompt.
#[derive(Clone, Copy)]
pub enum Agent {
    Strategist,
    Copywriter,
    Editor,
}

/// A fixture for an agent's request that holds these words.
pub fn says(agent: Agent, words: &str, response: Value) -> Value {
    json!({ "match": { "systemMessage": system(agent), "userMessage": words }, "response": response })
}

/// The same for the first such request alone.
pub fn says_first(agent: Agent, words: &str, response: Value) -> Value {
    let mut fixture = says(agent, words, response);
    fixture["match"]["sequenceIndex"] = 0.into();
    fixture
}

/// The first such request meets trouble on its way.
pub fn chaos_first(agent: Agent, words: &str, chaos: Value) -> Value {
    let mut fixture = says_first(agent, words, answer(&json!({})));
    fixture["chaos"] = chaos;
    fixture
}

fn system(agent: Agent) -> &'static str {
    match agent {
        Agent::Strategist => "You are the strategist",
        Agent::Copywriter => "You are the copywriter",
        Agent::Editor => "You review one version of a post",
    }
}

/// An answer that is this JSON, with tokens as both providers count them.
pub fn answer(content: &Value) -> Value {
    ends(&content.to_string(), "stop")
}

/// An answer of this text that ends for this reason.
pub fn ends(content: &str, reason: &str) -> Value {
    let usage = json!({ "prompt_tokens": 1000, "completion_tokens": 100, "input_tokens": 1000, "output_tokens": 100 });
    json!({ "content": content, "finishReason": reason, "usage": usage })
}

/// An error, as the providers word it.
pub fn error(status: u16, kind: &str, message: &str) -> Value {
    json!({ "error": { "message": message, "type": kind, "code": kind }, "status": status, "retryAfter": 1 })
}
