//! oidc-provider, a certified provider of sign-in that nobody here wrote, as a process on a free port of the loopback.
//! npm puts it below the folder that `RONDO_PEERS` names; where it is missing, whoever asks is skipped, unless
//! `RONDO_REQUIRE_PEERS` names `oidc-provider` (or is `1`).

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// What it calls its one client.
pub const CLIENT_ID: &str = "rondo";
/// What proves that client.
pub const CLIENT_SECRET: &str = "a secret: with a colon";

/// It ends when it is dropped. Everybody may sign in there, as `name`, whose address is `name@example.com`; only
/// `eve`'s is not verified.
pub struct OidcProvider {
    process: Child,
    /// Where it is.
    pub issuer: String,
}

impl Drop for OidcProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl OidcProvider {
    /// Starts it for a client that people are sent back to at this address; without a port, at any port of it.
    pub fn start_or_skip(return_to: &str) -> Option<Self> {
        match Self::start(return_to) {
            Ok(started) => Some(started),
            Err(why) => {
                let required = std::env::var("RONDO_REQUIRE_PEERS").unwrap_or_default();
                let is_required = required == "1" || required.split(',').any(|name| name.trim() == "oidc-provider");
                assert!(!is_required, "oidc-provider is required: {why}");
                println!("skipped: {why}");
                None
            }
        }
    }

    fn start(return_to: &str) -> Result<Self, &'static str> {
        let peers = std::env::var_os("RONDO_PEERS").map(PathBuf::from);
        let peers = peers.ok_or("RONDO_PEERS does not name a folder with node_modules")?;
        if !peers.join("node_modules/oidc-provider").is_dir() {
            return Err("oidc-provider is not installed in RONDO_PEERS");
        }
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/oidc_provider.mjs");
        let mut command = Command::new("node");
        let command = command.args([script, return_to, CLIENT_ID, CLIENT_SECRET]).env("RONDO_PEERS", &peers);
        let mut process = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| "node is not on PATH")?;
        let mut lines = BufReader::new(process.stdout.take().expect("it is piped")).lines();
        let issuer = lines.by_ref().map_while(Result::ok).find(|line| line.starts_with("http://127.0.0.1:"));
        let issuer = issuer.expect("the provider says where it is");
        std::thread::spawn(move || lines.for_each(drop)); // so that it never waits to be read
        Ok(Self { process, issuer })
    }
}
