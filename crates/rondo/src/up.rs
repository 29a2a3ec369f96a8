//! `rondo up`: builds what is stale, and runs the app here.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use runner::{App, Options, Progress};
use tokio::net::TcpListener;

use crate::api::Api;
use crate::manifest::Manifest;
use crate::settings::{Settings, parse_variable};
use crate::tick::Ticker;
use crate::{stop, wasm};

/// Between two ticks.
const TICK_EVERY: Duration = Duration::from_secs(1);
/// The longest pause while ticking fails.
const TICK_PAUSE_MAX: Duration = Duration::from_secs(30);

/// The flags of `spin up` that matter here, by the same names.
#[derive(clap::Args, Clone, Debug)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest spin.toml, from here upwards]
    #[arg(short = 'f', long, visible_alias = "file", value_name = "PATH")]
    pub from: Option<PathBuf>,
    /// Where to answer HTTP; port 0 takes a free one
    #[arg(long, env = "SPIN_HTTP_LISTEN_ADDR", default_value = "127.0.0.1:3000", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,
    /// Where databases and logs are kept [default: .spin beside the manifest]
    #[arg(long, value_name = "FOLDER")]
    pub state_dir: Option<PathBuf>,
    /// Sets a variable of the manifest, name=value; may be repeated
    #[arg(long = "variable", value_name = "NAME=VALUE", value_parser = parse_variable)]
    pub variables: Vec<(String, String)>,
    /// The operator's settings, in Spin's runtime config format
    #[arg(long, env = "RUNTIME_CONFIG_FILE", value_name = "FILE")]
    pub runtime_config_file: Option<PathBuf>,
    /// Keeps the components' own output off the console; it is in the state folder's logs all the same
    #[arg(short, long)]
    pub quiet: bool,
    /// Runs the wasm that is there, stale or not
    #[arg(long)]
    pub no_build: bool,
}

impl Args {
    /// Where databases and logs are kept.
    pub fn state_dir(&self, manifest: &Manifest) -> PathBuf {
        self.state_dir.clone().unwrap_or_else(|| manifest.folder.join(".spin"))
    }
}

/// The app, loaded: its port is taken, and connections wait until it is served.
pub struct Local {
    app: App,
    settings: Settings,
}

impl Local {
    /// Builds and loads it.
    pub async fn load(args: &Args) -> Result<Self> {
        let manifest = Manifest::find(args.from.as_deref())?;
        let mut settings = Settings::gather(&manifest, &args.variables)?;
        settings.generate_secrets(&manifest)?;
        settings.grant_hosts(&manifest);
        let listen = if manifest.answers_http { free_address(args.listen).await? } else { args.listen };
        if !args.no_build {
            wasm::ensure_fresh(&manifest).await?;
        }
        let options = Options {
            manifest: manifest.path.clone(),
            listen,
            state_dir: Some(args.state_dir(&manifest)),
            variables: settings.given().to_vec(),
            runtime_config: args.runtime_config_file.clone(),
            cache_dir: manifest.folder.join("target/compiled"),
            quiet: args.quiet,
        };
        Ok(Self { app: App::load(options, &say_progress).await?, settings })
    }

    /// Where it answers HTTP, if it does.
    pub fn url(&self) -> Option<String> {
        self.app.address().map(|address| format!("http://{}", reachable(address)))
    }

    /// What the API takes from this process alone.
    pub fn operator_token(&self) -> Option<String> {
        self.settings.get("operator_token")
    }

    /// The key of the one-time setup page.
    fn setup_token(&self) -> Option<String> {
        self.settings.get("setup_token")
    }

    /// Serves until `shutdown` is ready, and ticks where there is something to tick.
    pub async fn serve(self, shutdown: impl Future) -> Result<()> {
        let Some(url) = self.url() else { return self.app.serve(shutdown).await };
        let secret = self.settings.get("wake_secret").unwrap_or_default();
        let ticker = Ticker::new(&url, secret, TICK_EVERY, TICK_PAUSE_MAX)?;
        // The tick ends first: what is served last should be what somebody waits for.
        let (stopping, stopped) = tokio::sync::oneshot::channel();
        let ticking = async {
            tokio::select! {
                () = ticker.run(|line| eprintln!("{line}")) => {}
                _ = shutdown => {}
            }
            let _ = stopping.send(());
        };
        let (served, ()) = tokio::join!(self.app.serve(stopped), ticking);
        served
    }
}

/// Runs the app until Ctrl-C or SIGTERM.
pub async fn run(args: Args) -> Result<()> {
    let local = Local::load(&args).await?;
    let Some(url) = local.url() else {
        // The runner says itself which channels it listens to.
        return local.serve(stop::asked()).await;
    };
    println!("Serving {url}");
    let (api, setup_token) = (Api::new(&url, None)?, local.setup_token());
    let shutdown = async {
        // One listener from first to last: a signal that comes while the other ends must not be lost.
        let mut asked = std::pin::pin!(stop::asked());
        tokio::select! {
            biased;
            () = &mut asked => {}
            () = begin(&api, setup_token) => asked.await,
        }
        eprintln!("Stopping: what is running may finish.");
    };
    local.serve(shutdown).await
}

/// Says how to begin.
async fn begin(api: &Api, setup_token: Option<String>) {
    let base = api.base();
    match (api.health().await, setup_token) {
        (Ok(health), Some(token)) if !health.claimed => {
            println!(
                "\n  Begin here: {base}/setup/{token}\n  Whoever opens it first owns this install; then the link is spent.\n"
            );
        }
        (Ok(_), _) => println!("\n  Sign in: {base}/sign-in\n"),
        (Err(error), _) => eprintln!("The app does not say how it is: {error}"),
    }
    println!("Ctrl-C stops it.");
}

/// Says early, before a build, that the port is taken; port 0 becomes a free one.
async fn free_address(listen: SocketAddr) -> Result<SocketAddr> {
    match TcpListener::bind(listen).await {
        Ok(listener) => listener.local_addr().context("cannot tell the port"),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(taken(listen)),
        Err(error) => Err(error).with_context(|| format!("cannot listen on {listen}")),
    }
}

/// What to do about a port that somebody has.
pub fn taken(listen: SocketAddr) -> String {
    let other = SocketAddr::new(listen.ip(), listen.port().checked_add(1).unwrap_or(3000));
    format!(
        "{listen} is taken by another program, perhaps by a Rondo that runs already: open http://{}, or stop it, \
         or choose another port with `--listen {other}`",
        reachable(listen)
    )
}

/// An address that a client on this machine can use.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        ip if !ip.is_unspecified() => ip,
        std::net::IpAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
        std::net::IpAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, address.port())
}

fn say_progress(progress: Progress) {
    if let Progress::Compiling { component, done, total } = progress {
        eprintln!("Compiling {component} for this machine ({} of {total}); later starts find it done.", done + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_port_is_said_with_what_to_do() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let error = free_address(listener.local_addr().unwrap()).await.unwrap_err().to_string();
        assert!(error.contains("is taken") && error.contains("--listen"), "{error}");
    }

    #[test]
    fn an_address_of_all_interfaces_is_shown_as_one_that_opens() {
        assert_eq!(reachable("0.0.0.0:3000".parse().unwrap()).to_string(), "127.0.0.1:3000");
        assert_eq!(reachable("[::]:3000".parse().unwrap()).to_string(), "[::1]:3000");
    }
}
