//! From a Wasm file to machine code, which is kept on disk for the next start.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};
use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER,
};
use wasmtime::component::Component;
use wasmtime::{Config, Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};
use wit_component::ComponentEncoder;

/// How many instances may live at once: requests in progress, and streams that stay open.
const INSTANCES_MAX: u32 = 1000;

/// Memory that a slot keeps between two instances instead of giving it back to the system.
const KEPT_MEMORY_BYTES: usize = 2 * 1024 * 1024;
const KEPT_TABLE_BYTES: usize = 512 * 1024;

/// A guest that computes makes way for the others this often.
const TICK: Duration = Duration::from_millis(10);

/// Compiled components that no start has used for this long are deleted.
const CACHED_DAYS_MAX: u64 = 14;

const DIGEST_BYTES: usize = 32;

/// Wasm starts with a magic number, and then says whether it is a module or a component.
const WASM_MAGIC: &[u8] = b"\0asm";
const WASM_MODULE: &[u8] = &[1, 0, 0, 0];

/// The engine of the whole app. A fresh instance costs microseconds, because memory for it is
/// set aside.
pub fn engine() -> Result<Engine> {
    let mut pool = PoolingAllocationConfig::default();
    pool.total_component_instances(INSTANCES_MAX)
        .total_memories(INSTANCES_MAX)
        .total_stacks(INSTANCES_MAX)
        .total_tables(4 * INSTANCES_MAX)
        // A component is its module, the preview 1 adapter and two shims between them.
        .total_core_instances(8 * INSTANCES_MAX)
        .max_tables_per_module(4)
        .table_elements(100_000)
        .max_component_instance_size(10 << 20)
        .max_core_instance_size(10 << 20)
        .linear_memory_keep_resident(KEPT_MEMORY_BYTES)
        .table_keep_resident(KEPT_TABLE_BYTES)
        // Where the kernel can tell, only the pages that an instance wrote are cleared.
        .pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    config.epoch_interruption(true);
    let engine = Engine::new(&config)
        .map_err(anyhow::Error::from)
        .context("cannot set memory aside for the app's instances: is the address space limited (ulimit -v)?")?;
    tick(&engine)?;
    Ok(engine)
}

/// Counts time for the engine as long as it lives.
fn tick(engine: &Engine) -> Result<()> {
    let engine = engine.weak();
    let tick = move || {
        while let Some(engine) = engine.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(TICK);
        }
    };
    std::thread::Builder::new().name("epoch".into()).spawn(tick)?;
    Ok(())
}

/// Compiled components, in a folder of files named by what they were made from.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

/// A component on its way from the file to the engine.
pub struct Source {
    wasm: Vec<u8>,
    compiled: PathBuf,
}

impl Cache {
    pub fn open(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot make the cache folder {}", folder.display()))?;
        let cache = Self { folder: folder.to_owned() };
        cache.delete_unused();
        Ok(cache)
    }

    pub fn source(&self, engine: &Engine, path: &Path) -> Result<Source> {
        let wasm = std::fs::read(path)?;
        let mut compatible = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut compatible);
        let digest = Sha256::new()
            .chain_update(env!("CARGO_PKG_VERSION"))
            .chain_update(compatible.finish().to_le_bytes())
            .chain_update(WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER.len().to_le_bytes())
            .chain_update(&wasm)
            .finalize();
        let name: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Source { wasm, compiled: self.folder.join(format!("{name}.cwasm")) })
    }

    /// What cannot be deleted now is deleted at another start.
    fn delete_unused(&self) {
        let oldest = SystemTime::now() - Duration::from_secs(CACHED_DAYS_MAX * 24 * 60 * 60);
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let used = entry.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::now());
            let ours = entry.path().extension().is_some_and(|extension| extension == "cwasm");
            if ours && used < oldest {
                let _ = std::fs::remove_file(entry.path());
            }
        }
    }
}

impl Source {
    /// The component as an earlier start compiled it, if it did.
    pub fn cached(&self, engine: &Engine) -> Option<Component> {
        let file = std::fs::read(&self.compiled).ok()?;
        let (digest, code) = file.split_at_checked(DIGEST_BYTES)?;
        if Sha256::digest(code).as_slice() != digest {
            return None;
        }
        if let Ok(file) = std::fs::File::open(&self.compiled) {
            let _ = file.set_modified(SystemTime::now());
        }
        #[expect(
            unsafe_code,
            reason = "the bytes are what `compile` wrote: their name holds the hash of their source and of the engine, their first bytes the hash of the rest"
        )]
        let component = unsafe { Component::deserialize(engine, code) };
        component.ok()
    }

    pub fn compile(&self, engine: &Engine) -> Result<Component> {
        let componentized = componentize(&self.wasm)?;
        let component = Component::new(engine, componentized.as_deref().unwrap_or(&self.wasm))?;
        // Without a cache the app still runs; only the next start takes as long as this one.
        let _ = self.keep(&component);
        Ok(component)
    }

    fn keep(&self, component: &Component) -> Result<()> {
        let code = component.serialize()?;
        let digest = Sha256::digest(&code);
        let unfinished = self.compiled.with_extension(format!("{}.tmp", std::process::id()));
        std::fs::write(&unfinished, [digest.as_slice(), &code].concat())?;
        std::fs::rename(&unfinished, &self.compiled)?;
        Ok(())
    }
}

/// Makes a component of a core module, as Spin does: the module's own imports and exports are
/// kept, and an adapter turns its WASI preview 1 into preview 2. `None` if it is one already.
fn componentize(wasm: &[u8]) -> Result<Option<Vec<u8>>> {
    let Some(kind) = wasm.strip_prefix(WASM_MAGIC) else { bail!("it is no WebAssembly file") };
    if !kind.starts_with(WASM_MODULE) {
        return Ok(None);
    }
    let component = ComponentEncoder::default()
        .validate(true)
        .module(wasm)?
        .adapter(WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_REACTOR_ADAPTER)?
        .encode()
        .context("it cannot be made a component: was it built with spin-sdk for wasm32-wasip1?")?;
    Ok(Some(component))
}
