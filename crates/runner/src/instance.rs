//! One fresh instance of a component: what it is made from, and what it holds while it runs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use wasmtime::component::{HasSelf, Linker, ResourceTable};
use wasmtime::error::Context;
use wasmtime::{Engine, Result, Store};
use wasmtime_wasi::{FsPerms, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::p2::bindings::ProxyPre;
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::app::Shared;
use crate::files::Mount;
use crate::hosts::AllowedHosts;
use crate::interfaces::imports;
use crate::interfaces::redis_handler::RedisHandlerPre;
use crate::outbound::Sender;
use crate::output::Output;

/// A component with its powers, ready to be instantiated.
pub struct Guest {
    pub id: String,
    pub http: Option<ProxyPre<Instance>>,
    pub redis: Option<RedisHandlerPre<Instance>>,
    pub variables: BTreeMap<String, String>,
    pub environment: BTreeMap<String, String>,
    pub hosts: AllowedHosts,
    pub key_value_stores: BTreeSet<String>,
    pub sqlite_databases: BTreeSet<String>,
    pub ai_models: BTreeSet<String>,
    pub mounts: Vec<Mount>,
    pub output: Output,
}

/// What one instance holds. It lives as long as its request, and nobody else sees it.
pub struct Instance {
    pub table: ResourceTable,
    pub guest: Arc<Guest>,
    pub app: Arc<Shared>,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    sender: Sender,
}

/// May the instance call the app's other components?
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Chaining {
    /// It was started by HTTP.
    Possible,
    /// It was started by Redis, where Spin has no chaining.
    Absent,
}

impl Instance {
    /// A store for one run of the guest.
    pub fn store(app: &Arc<Shared>, guest: &Arc<Guest>, chaining: Chaining) -> Result<Store<Self>> {
        let mut wasi = WasiCtx::builder();
        wasi.stdout(guest.output.out.open()).stderr(guest.output.err.open());
        // The files of a mount are small and local: a thread of their own costs more than they do.
        wasi.allow_blocking_current_thread(true);
        for (name, value) in &guest.environment {
            wasi.env(name, value);
        }
        for mount in &guest.mounts {
            wasi.preopened_dir(&mount.folder, &mount.path, FsPerms::ReadOnly)
                .with_context(|| format!("cannot mount {}", mount.folder.display()))?;
        }
        let instance = Self {
            table: ResourceTable::new(),
            guest: guest.clone(),
            app: app.clone(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            sender: Sender::new(app.clone(), guest.clone(), chaining),
        };
        let mut store = Store::new(&app.engine, instance);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }
}

impl WasiView for Instance {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Instance {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.sender }
    }
}

/// All that a guest may import.
pub fn linker(engine: &Engine) -> Result<Linker<Instance>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    imports::Guest::add_to_linker::<_, HasSelf<_>>(&mut linker, |instance| instance)?;
    Ok(linker)
}
