//! The loaded app: everything that its requests share.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use wasmtime::Engine;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime_wasi_http::p2::bindings::ProxyPre;

use crate::compile::{self, Cache};
use crate::console;
use crate::files::{self, Copies, Mount};
use crate::hosts::AllowedHosts;
use crate::instance::{Guest, Instance, linker};
use crate::interfaces::redis_handler::RedisHandlerPre;
use crate::key_value::Stores;
use crate::llm::Llm;
use crate::manifest::{self, Manifest};
use crate::networks::Blocked;
use crate::outbound::{Client, reachable};
use crate::output::Output;
use crate::routes::Router;
use crate::running::Running;
use crate::runtime_config::RuntimeConfig;
use crate::sqlite::Databases;
use crate::variables::{self, Sources, Variables};
use crate::{Options, Progress};

/// Everything that requests share.
pub struct Shared {
    pub engine: Engine,
    pub guests: BTreeMap<String, Arc<Guest>>,
    pub router: Router,
    pub databases: Databases,
    pub stores: Stores,
    pub client: Client,
    pub blocked: Blocked,
    pub llm: Llm,
    pub running: Running,
    bound: Option<SocketAddr>,
    _copies: Copies,
}

impl Shared {
    /// Where requests of the app to itself go.
    pub fn own_address(&self) -> Option<SocketAddr> {
        self.bound.map(reachable)
    }
}

/// Reads and compiles all that the manifest names.
pub async fn load(
    options: &Options,
    manifest: &Manifest,
    bound: Option<SocketAddr>,
    progress: &dyn Fn(Progress),
) -> Result<(Shared, Variables)> {
    let state_dir = options.state_dir.as_deref();
    let config = RuntimeConfig::read(options.runtime_config.as_deref(), state_dir)?;
    let databases = Databases::new(&config, state_dir)?;
    let stores = Stores::new(&config, state_dir)?;
    let variables = resolve_variables(options, manifest)?;
    let engine = compile::engine()?;
    let linker = linker(&engine).map_err(anyhow::Error::from)?;
    let cache = Cache::open(&options.cache_dir)?;
    let copies = Copies::new(&options.cache_dir);
    let loading = Loading {
        options,
        manifest,
        variables: &variables,
        databases: &databases,
        stores: &stores,
        linker: &linker,
        cache: &cache,
        copies: &copies,
    };
    let total = manifest.triggered().count();
    let mut guests = BTreeMap::new();
    for (done, (id, component)) in manifest.triggered().enumerate() {
        let powers = loading.powers(id, component)?;
        let (code, cached) = loading
            .compile(id, component, &|| {
                progress(Progress::Compiling { component: id, done, total });
            })
            .await?;
        let guest = loading.guest(id, &code, powers)?;
        guests.insert(id.clone(), Arc::new(guest));
        progress(Progress::Ready { component: id, cached, done: done + 1, total });
    }
    let client = Client::new(config.blocked.clone());
    let router = Router::build(&manifest.http)?;
    let running = Running::default();
    let RuntimeConfig { blocked, llm, .. } = config;
    let shared =
        Shared { engine, guests, router, databases, stores, client, blocked, llm, running, bound, _copies: copies };
    Ok((shared, variables))
}

fn resolve_variables(options: &Options, manifest: &Manifest) -> Result<Variables> {
    for (name, _) in &options.variables {
        if !manifest.variables.contains_key(name) {
            console::warn(format_args!("--variable {name}: the manifest declares no such variable"));
        }
    }
    let dotenv = variables::read_dotenv(Path::new(".env"))?;
    let sources = Sources { given: &options.variables, environment: &|key| std::env::var(key).ok(), dotenv: &dotenv };
    Variables::resolve(&manifest.variables, &sources)
}

struct Loading<'a> {
    options: &'a Options,
    manifest: &'a Manifest,
    variables: &'a Variables,
    databases: &'a Databases,
    stores: &'a Stores,
    linker: &'a Linker<Instance>,
    cache: &'a Cache,
    copies: &'a Copies,
}

/// What a component may use.
struct Powers {
    variables: BTreeMap<String, String>,
    environment: BTreeMap<String, String>,
    hosts: AllowedHosts,
    key_value_stores: BTreeSet<String>,
    sqlite_databases: BTreeSet<String>,
    ai_models: BTreeSet<String>,
    mounts: Vec<Mount>,
}

impl Loading<'_> {
    fn powers(&self, id: &str, component: &manifest::Component) -> Result<Powers> {
        let check = |kind: &str, table: &str, labels: &[String], has: &dyn Fn(&str) -> bool| match labels
            .iter()
            .find(|label| !has(label))
        {
            Some(label) => bail!(
                "component {id} uses the {kind} {label:?}, which nothing defines: add [{table}.{label}] to the runtime config"
            ),
            None => Ok(labels.iter().cloned().collect()),
        };
        let mut variables = BTreeMap::new();
        for (name, template) in &component.variables {
            variables::check_name(name).map_err(anyhow::Error::msg)?;
            let value = self.variables.fill(template);
            variables.insert(name.clone(), value.with_context(|| format!("in [component.{id}.variables]"))?);
        }
        let components: Vec<_> = self.manifest.components.keys().map(String::as_str).collect();
        let hosts = AllowedHosts::parse(&component.allowed_outbound_hosts, self.variables, &components)
            .with_context(|| format!("in [component.{id}]"))?;
        Ok(Powers {
            variables,
            environment: component.environment.clone(),
            hosts,
            key_value_stores: check("key-value store", "key_value_store", &component.key_value_stores, &|label| {
                self.stores.has(label)
            })?,
            sqlite_databases: check("SQLite database", "sqlite_database", &component.sqlite_databases, &|label| {
                self.databases.has(label)
            })?,
            ai_models: component.ai_models.iter().cloned().collect(),
            mounts: files::mounts(self.manifest, id, component, self.copies)?,
        })
    }

    async fn compile(
        &self,
        id: &str,
        component: &manifest::Component,
        starting: &dyn Fn(),
    ) -> Result<(Component, bool)> {
        let path = self.manifest.wasm(id, component)?;
        let engine = self.linker.engine().clone();
        let source = self.cache.source(&engine, &path).with_context(|| {
            let build = component
                .build
                .as_ref()
                .map_or_else(String::new, |build| format!(": build it first with `{}`", build.command));
            format!("component {id} has no Wasm file at {}{build}", path.display())
        })?;
        if let Some(code) = source.cached(&engine) {
            return Ok((code, true));
        }
        starting();
        let compiled = tokio::task::spawn_blocking(move || source.compile(&engine)).await?;
        let code = compiled.with_context(|| format!("component {id} cannot be compiled from {}", path.display()))?;
        Ok((code, false))
    }

    fn guest(&self, id: &str, code: &Component, powers: Powers) -> Result<Guest> {
        let ready = self.link(id, code)?;
        let http = ProxyPre::new(ready.clone());
        let redis = RedisHandlerPre::new(ready);
        if self.manifest.http.iter().any(|trigger| trigger.component == id) && http.is_err() {
            bail!(
                "component {id} has an HTTP trigger but exports no wasi:http/incoming-handler@0.2: is its function marked #[http_component]?"
            );
        }
        if self.manifest.redis.iter().any(|trigger| trigger.component == id) && redis.is_err() {
            bail!(
                "component {id} has a Redis trigger but exports no fermyon:spin/inbound-redis: is its function marked #[redis_component]?"
            );
        }
        let Powers { variables, environment, hosts, key_value_stores, sqlite_databases, ai_models, mounts } = powers;
        Ok(Guest {
            id: id.to_owned(),
            http: http.ok().filter(|_| self.manifest.http.iter().any(|trigger| trigger.component == id)),
            redis: redis.ok(),
            variables,
            environment,
            hosts,
            key_value_stores,
            sqlite_databases,
            ai_models,
            mounts,
            output: Output::new(id, self.options.state_dir.as_deref(), self.options.quiet)?,
        })
    }

    /// Imports that this runner lacks stop only the request that calls them.
    fn link(&self, id: &str, code: &Component) -> Result<InstancePre<Instance>> {
        let lacking = match self.linker.instantiate_pre(code) {
            Ok(ready) => return Ok(ready),
            Err(lacking) => lacking,
        };
        console::warn(format_args!(
            "component {id} imports what this runner lacks; a request that calls it will fail: {lacking:#}"
        ));
        let mut linker = self.linker.clone();
        linker
            .define_unknown_imports_as_traps(code)
            .and_then(|()| linker.instantiate_pre(code))
            .map_err(anyhow::Error::from)
            .with_context(|| format!("component {id} does not fit this runner"))
    }
}
