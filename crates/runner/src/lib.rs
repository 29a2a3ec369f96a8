//! The local runner: runs a Spin manifest natively, so that a machine with only Rust can run
//! the app. It offers what the app uses, over the state files that Spin itself keeps.
//!
//! It answers as Spin does, except where Spin's answer would hide the cause:
//! - `spin-*` headers that a client sends are dropped. Spin hands them on, in front of its own.
//! - A request without one clear `Host` answers 400. Spin closes the connection.
//! - Calling a component that is not there is `DestinationNotFound`. Spin stops the caller.
//! - A Redis server that is lost is tried again, while the rest goes on. Spin ends the app.
//! - TEXT that is not UTF-8 is an error that says so. Spin's says "internal runtime error".
//! - An import that nothing offers stops the request that calls it, not the start.
//!
//! Absent, because the app has no use for it: TLS and HTTP/2 on the listening side, HTTP/2
//! outbound, raw sockets, `rediss://`, Wagi, static responses, preview 3, composed dependencies,
//! variables from vaults, stores other than type `spin`, models in this very process, and components fetched by URL.

mod app;
mod compile;
mod console;
mod files;
mod guest_variables;
mod hosts;
mod instance;
mod interfaces;
mod key_value;
mod llm;
mod manifest;
mod networks;
mod outbound;
mod output;
mod redis_client;
mod redis_trigger;
mod request_body;
mod routes;
mod running;
mod runtime_config;
mod server;
mod sqlite;
mod variables;

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use tokio::net::TcpListener;

use crate::app::Shared;
use crate::manifest::Manifest;
use crate::redis_trigger::Subscription;

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The path of `spin.toml`.
    pub manifest: PathBuf,
    /// Where to answer HTTP. Port 0 takes a free one: see [`App::address`].
    pub listen: SocketAddr,
    /// Where databases and logs lie. `None` keeps all in memory, like Spin: every `open` of a
    /// database is then a fresh and empty one.
    pub state_dir: Option<PathBuf>,
    /// Values for variables. They win over `SPIN_VARIABLE_X` in the environment, which wins
    /// over `.env` in the current folder, which wins over the manifest's default.
    pub variables: Vec<(String, String)>,
    /// The operator's settings, in Spin's runtime config format.
    pub runtime_config: Option<PathBuf>,
    /// Where compiled components are kept for the next start.
    pub cache_dir: PathBuf,
    /// Keeps the guests' output off the console. The log files have it all the same.
    pub quiet: bool,
}

/// What happens while an app loads.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A component is new or changed, and compiling it takes a while.
    Compiling {
        /// Its id in the manifest.
        component: &'a str,
        /// How many components are ready.
        done: usize,
        /// How many there are.
        total: usize,
    },
    /// A component is ready.
    Ready {
        /// Its id in the manifest.
        component: &'a str,
        /// Whether an earlier start had compiled it.
        cached: bool,
        /// How many components are ready, with this one.
        done: usize,
        /// How many there are.
        total: usize,
    },
}

/// A loaded app: its manifest is checked, its components are compiled, its port is bound.
pub struct App {
    shared: Arc<Shared>,
    listener: Option<TcpListener>,
    routes: Vec<(Option<String>, String)>,
    subscriptions: Vec<Subscription>,
}

impl App {
    /// Loads the app. From here on its port is taken, and connections wait for [`App::serve`].
    pub async fn load(options: Options, progress: &dyn Fn(Progress)) -> Result<Self> {
        let manifest = Manifest::read(&options.manifest)?;
        let listener = bind(&options, &manifest).await?;
        let bound = listener.as_ref().map(TcpListener::local_addr).transpose()?;
        let (shared, variables) = app::load(&options, &manifest, bound, progress).await?;
        let subscriptions = redis_trigger::subscriptions(&manifest, &variables)?;
        let routes = manifest.http.into_iter().map(|trigger| (trigger.route, trigger.component));
        Ok(Self { shared: Arc::new(shared), listener, routes: routes.collect(), subscriptions })
    }

    /// Where the app answers HTTP. `None` if it has no HTTP trigger.
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.as_ref().and_then(|listener| listener.local_addr().ok())
    }

    /// The routes with their components, in the manifest's order. `None` is a private route.
    pub fn routes(&self) -> impl Iterator<Item = (Option<&str>, &str)> {
        self.routes.iter().map(|(route, component)| (route.as_deref(), component.as_str()))
    }

    /// Serves until `shutdown` is ready. Then it accepts nothing more, gives the requests that
    /// are running a few seconds to finish, and returns.
    pub async fn serve(self, shutdown: impl Future) -> Result<()> {
        let listening: Vec<_> = (self.subscriptions.into_iter())
            .map(|subscription| tokio::spawn(subscription.listen(self.shared.clone())))
            .collect();
        let stop = async {
            shutdown.await;
            for task in &listening {
                task.abort();
            }
        };
        server::serve(self.shared, self.listener, stop).await;
        Ok(())
    }
}

async fn bind(options: &Options, manifest: &Manifest) -> Result<Option<TcpListener>> {
    if manifest.http.is_empty() {
        return Ok(None);
    }
    let address = options.listen;
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}: if another program has it, stop that one or choose another port")
    })?;
    Ok(Some(listener))
}
