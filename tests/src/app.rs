//! The app as a child process, under the local runner or under Spin.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::http::Api;
use crate::output::Output;
use crate::{build, peer, repository};

/// The first start on a machine compiles the wasm for it.
const START: Duration = Duration::from_secs(300);

/// What the API takes from a test.
pub const OPERATOR_TOKEN: &str = "the-operator-of-a-test";
/// What claims a fresh install in a test.
pub const SETUP_TOKEN: &str = "the-setup-of-a-test";
/// What wakes a step in a test.
pub const WAKE_SECRET: &str = "the-wake-secret-of-a-test";

/// What runs the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// `rondo up`.
    Local,
    /// `spin up`, by the file of `spin`.
    Spin(PathBuf),
}

impl Runner {
    /// Every runner that this machine has; the local one is always there.
    pub fn all() -> Vec<Self> {
        [Self::Local].into_iter().chain(peer::or_skip("spin").map(Self::Spin)).collect()
    }
}

/// What to start, and how.
#[derive(Clone, Debug)]
pub struct Setup {
    runner: Runner,
    manifest: PathBuf,
    variables: Vec<(String, String)>,
    runtime_config: Option<String>,
}

impl Setup {
    /// The app under the local runner, with nothing set but the tokens.
    pub fn local() -> Self {
        Self::under(Runner::Local)
    }

    /// The same under another runner.
    pub fn under(runner: Runner) -> Self {
        let tokens = [("operator_token", OPERATOR_TOKEN), ("setup_token", SETUP_TOKEN), ("wake_secret", WAKE_SECRET)];
        let variables = tokens.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        Self { runner, manifest: repository::root().join("spin.toml"), variables, runtime_config: None }
    }

    /// The operator's settings, in Spin's runtime config format.
    pub fn runtime_config(mut self, text: impl Into<String>) -> Self {
        self.runtime_config = Some(text.into());
        self
    }

    /// Another manifest of the root.
    pub fn manifest(mut self, name: &str) -> Self {
        self.manifest = repository::root().join(name);
        self
    }

    /// Sets a variable.
    pub fn set(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Starts it over a state folder of its own.
    pub async fn start(&self) -> App {
        let state = tempfile::tempdir().expect("a folder for the state");
        let mut app = self.start_over(state.path()).await;
        app.own_state = Some(state);
        app
    }

    /// Starts it over a state that is there, and waits until it listens.
    pub async fn start_over(&self, state: &Path) -> App {
        let mut command = self.command(state);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?} cannot start: {error}"));
        let output = Output::of(&mut child);
        let url = output.find(listens, START).await;
        let Some(url) = url else { panic!("{:?} did not begin to listen; it said:\n{}", self.runner, output.text()) };
        let (api, leads_a_group) = (Api::new(&url).with_token(OPERATOR_TOKEN), self.leads_a_group());
        App { child, output, api, url, state: state.into(), own_state: None, leads_a_group }
    }

    /// Spin has a child for each kind of trigger, and must not leave it behind.
    fn leads_a_group(&self) -> bool {
        self.runner != Runner::Local
    }

    fn command(&self, state: &Path) -> Command {
        let rondo = build::rondo();
        let mut command = match &self.runner {
            Runner::Local => {
                let mut command = Command::new(rondo);
                command.args(["up", "--no-build"]);
                command
            }
            Runner::Spin(spin) => {
                let mut command = Command::new(spin);
                command.arg("up");
                command
            }
        };
        command.arg("--from").arg(&self.manifest).args(["--listen", "127.0.0.1:0"]).arg("--state-dir").arg(state);
        for (name, value) in &self.variables {
            command.arg("--variable").arg(format!("{name}={value}"));
        }
        if let Some(text) = &self.runtime_config {
            let file = state.join("runtime-config.toml");
            std::fs::write(&file, text).expect("a file can be written");
            command.arg("--runtime-config-file").arg(file);
        }
        // Nothing of whoever runs the tests may leak in: no `.env`, no variables.
        command.current_dir(state);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("SPIN_") {
                command.env_remove(name);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if self.leads_a_group() {
            command.process_group(0);
        }
        command
    }
}

/// Both runners say `Serving <URL>`; an app without HTTP says which Redis it listens to.
fn listens(line: &str) -> Option<String> {
    if line.starts_with("Listening to Redis") {
        return Some(String::new());
    }
    line.trim().strip_prefix("Serving ").map(|url| url.trim().to_owned())
}

/// A running app. It is killed when it is dropped.
pub struct App {
    child: Child,
    /// What it says.
    pub output: Output,
    /// Its API, as the operator.
    pub api: Api,
    /// Where it is.
    pub url: String,
    state: PathBuf,
    own_state: Option<TempDir>,
    leads_a_group: bool,
}

impl App {
    /// Claims the install; gives the API as its owner's browser.
    pub async fn claim(&self) -> Api {
        let owner = serde_json::json!({
            "setup_token": SETUP_TOKEN, "email": "owner@rondo.example", "name": "Olga Owner",
            "password": "three unrelated words", "workspace": "Tests",
        });
        let answer = self.api.anonymous().post("/api/v1/setup", &owner).await.expect(201);
        let cookie = answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned();
        self.api.anonymous().with("cookie", &cookie)
    }

    /// Its state folder.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// SIGKILL, and waits until it is gone. Its state stays, for the next start.
    pub async fn kill(mut self) -> Option<TempDir> {
        assert!(self.signal("-KILL"));
        self.child.wait().await.expect("a child can be waited for");
        self.own_state.take()
    }

    /// SIGTERM; gives the exit code when it is gone.
    pub async fn stop(&mut self) -> Option<i32> {
        assert!(self.signal("-TERM"));
        self.child.wait().await.expect("a child can be waited for").code()
    }

    /// Gives whether there was anybody to hear it.
    fn signal(&self, signal: &str) -> bool {
        let Some(id) = self.child.id() else { return false };
        let whom = if self.leads_a_group { format!("-{id}") } else { id.to_string() };
        let sent = std::process::Command::new("kill").args([signal, "--", &whom]).status();
        sent.is_ok_and(|status| status.success())
    }

    /// Whether it is still there.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().expect("a child can be asked").is_none()
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.signal("-KILL");
    }
}
