//! `rondo doctor`: looks what is amiss here, and says which command mends it.

mod database;
mod network;
mod tools;

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::hosts;
use crate::manifest::Manifest;
use crate::settings::{Settings, parse_variable};
use crate::up;
use crate::wasm::{self, Freshness};

/// Something is missing.
const MISSING: u8 = 1;

#[derive(clap::Args)]
#[command(
    after_help = "Exit code: 0 if nothing is missing, else 1. A note is about something that Rondo does without."
)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest spin.toml, from here upwards]
    #[arg(short = 'f', long, value_name = "PATH")]
    from: Option<std::path::PathBuf>,
    /// Where `rondo up` is to answer
    #[arg(long, env = "SPIN_HTTP_LISTEN_ADDR", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Where databases and logs are kept [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER")]
    state_dir: Option<std::path::PathBuf>,
    /// Sets a variable of the manifest, name=value; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = parse_variable)]
    variables: Vec<(String, String)>,
}

/// How one thing is.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Missing,
    /// Neither: Rondo does without.
    Note,
}

/// One line of the report.
#[derive(Debug)]
pub struct Finding {
    state: State,
    what: &'static str,
    says: String,
    mend: Option<String>,
}

impl Finding {
    /// It is well.
    pub fn ok(what: &'static str, says: impl Into<String>) -> Self {
        Self { state: State::Ok, what, says: says.into(), mend: None }
    }

    /// It is missing; this mends it.
    pub fn missing(what: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { state: State::Missing, what, says: says.into(), mend: Some(mend.into()) }
    }

    /// Worth knowing.
    pub fn note(what: &'static str, says: impl Into<String>) -> Self {
        Self { state: State::Note, what, says: says.into(), mend: None }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = match self.state {
            State::Ok => "ok",
            State::Missing => "missing",
            State::Note => "note",
        };
        write!(f, "{state:<8} {:<10} {}", self.what, self.says)?;
        self.mend.iter().try_for_each(|mend| write!(f, "\n{:20}→ {mend}", ""))
    }
}

/// Looks at everything, and says it.
pub async fn run(args: Args) -> Result<ExitCode> {
    let manifest = Manifest::find(args.from.as_deref())?;
    let settings = Settings::gather(&manifest, &args.variables)?;
    let state_dir = args.state_dir.unwrap_or_else(|| manifest.folder.join(".spin"));
    let mut findings = vec![tools::target(&manifest.folder).await, wasm_is_fresh(&manifest)?, port(args.listen).await];
    findings.extend(database::look(&state_dir).await);
    findings.push(variables(&manifest, &settings));
    findings.extend(granted(&manifest, &settings));
    findings.extend(network::look(&manifest, &settings).await);
    findings.push(tools::spin().await);
    for finding in &findings {
        println!("{finding}");
    }
    let amiss = findings.iter().any(|finding| finding.state == State::Missing);
    Ok(if amiss { ExitCode::from(MISSING) } else { ExitCode::SUCCESS })
}

fn wasm_is_fresh(manifest: &Manifest) -> Result<Finding> {
    let shown = |path: &Path| path.strip_prefix(&manifest.folder).unwrap_or(path).display().to_string();
    let mend = "rondo up (it builds first), or spin build";
    Ok(match wasm::freshness(manifest)? {
        Freshness::Fresh => {
            Finding::ok("wasm", format!("{} components are built and fresh", manifest.components.len()))
        }
        Freshness::Missing(path) => Finding::missing("wasm", format!("{} is not built", shown(&path)), mend),
        Freshness::Stale { wasm, source } => {
            Finding::missing("wasm", format!("{} is older than {}", shown(&wasm), shown(&source)), mend)
        }
    })
}

async fn port(listen: SocketAddr) -> Finding {
    match tokio::net::TcpListener::bind(listen).await {
        Ok(_) => Finding::ok("port", format!("{listen} is free")),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => {
            Finding::missing("port", format!("{listen} is taken"), up::taken(listen))
        }
        Err(error) => {
            Finding::missing("port", format!("cannot listen on {listen}: {error}"), "rondo up --listen ADDRESS:PORT")
        }
    }
}

fn variables(manifest: &Manifest, settings: &Settings) -> Finding {
    let missing = settings.missing(manifest);
    match missing.first() {
        None => Finding::ok("variables", format!("all {} of the manifest have a value", manifest.variables.len())),
        Some(first) => Finding::missing(
            "variables",
            format!("without a value: {}", missing.join(", ")),
            format!(
                "rondo up --variable {first}=…, or SPIN_VARIABLE_{} in the environment or .env",
                first.to_uppercase()
            ),
        ),
    }
}

/// What `rondo up` grants by itself and Spin does not.
fn granted(manifest: &Manifest, settings: &Settings) -> Vec<Finding> {
    let implied = hosts::implied(manifest, settings).into_iter();
    let say = |grant: hosts::Grant| {
        let (hosts, host, set) = (grant.hosts, grant.host, grant.hosts.to_uppercase());
        let says = format!("{host}, as {} has it; `spin up` wants SPIN_VARIABLE_{set}={host} as well", grant.address);
        Finding::note(hosts, says)
    };
    implied.map(say).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_said_with_what_mends_it() {
        let line = Finding::missing("port", "it is taken", "choose another").to_string();
        assert_eq!(line, "missing  port       it is taken\n                    → choose another");
    }

    #[tokio::test]
    async fn a_taken_port_is_missing_and_a_free_one_is_ok() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let listen = listener.local_addr().unwrap();
        assert_eq!(port(listen).await.state, State::Missing);
        drop(listener);
        assert_eq!(port(listen).await.state, State::Ok);
    }
}
