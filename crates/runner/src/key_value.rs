//! `fermyon:spin/key-value`, in the table that Spin itself keeps.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension, params};
use wasmtime::component::Resource;

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::key_value::{Error, Host, HostStore};
use crate::runtime_config::RuntimeConfig;

/// What one call may hold in memory, as in Spin.
const RESULT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// The label that needs no runtime config.
const DEFAULT: &str = "default";

/// Spin's own words, so that either program can read what the other wrote.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS spin_key_value (
                           store TEXT NOT NULL,
                           key   TEXT NOT NULL,
                           value BLOB NOT NULL,

                           PRIMARY KEY (store, key)
                        )";

/// The stores of the app, by label.
#[derive(Debug)]
pub struct Stores(BTreeMap<String, Arc<File>>);

/// One connection, shared by all: every call is one short statement.
#[derive(Debug)]
struct File {
    /// `None` is in memory, for as long as the app runs.
    path: Option<PathBuf>,
    connection: Mutex<Option<Connection>>,
}

/// A guest's open store.
#[derive(Clone, Debug)]
pub struct Store {
    file: Arc<File>,
    label: String,
}

impl Stores {
    pub fn new(config: &RuntimeConfig, state_dir: Option<&Path>) -> Result<Self> {
        let mut places = config.key_value.clone();
        let default = || state_dir.map(|state_dir| state_dir.join("sqlite_key_value.db"));
        places.entry(DEFAULT.into()).or_insert_with(default);
        for path in places.values().flatten() {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            }
        }
        let open = |path| Arc::new(File { path, connection: Mutex::default() });
        Ok(Self(places.into_iter().map(|(label, path)| (label, open(path))).collect()))
    }

    pub fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }
}

impl File {
    fn with<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> rusqlite::Result<T> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        match &*connection {
            Some(connection) => work(connection),
            None => work(connection.insert(self.connect()?)),
        }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let connection = match &self.path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.execute(CREATE, [])?;
        Ok(connection)
    }
}

impl Store {
    /// Runs a statement where waiting for the disk holds up nobody else.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, &str) -> rusqlite::Result<T> + Send + 'static,
    ) -> wasmtime::Result<Result<T, Error>> {
        let Self { file, label } = self.clone();
        let result = tokio::task::spawn_blocking(move || file.with(|connection| work(connection, &label)));
        Ok(result.await?.map_err(|error| Error::Other(error.to_string())))
    }
}

fn get(connection: &Connection, label: &str, key: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    connection
        .prepare_cached("SELECT value FROM spin_key_value WHERE store=?1 AND key=?2")?
        .query_row([label, key], |row| row.get(0))
        .optional()
}

fn set(connection: &Connection, label: &str, key: &str, value: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
               ON CONFLICT(store, key) DO UPDATE SET value=?3";
    connection.prepare_cached(sql)?.execute(params![label, key, value]).map(drop)
}

fn delete(connection: &Connection, label: &str, key: &str) -> rusqlite::Result<()> {
    let sql = "DELETE FROM spin_key_value WHERE store=?1 AND key=?2";
    connection.prepare_cached(sql)?.execute([label, key]).map(drop)
}

fn keys(connection: &Connection, label: &str) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT key FROM spin_key_value WHERE store=?1")?;
    statement.query_map([label], |row| row.get(0))?.collect()
}

fn within_limit<T>(value: T, bytes: usize) -> Result<T, Error> {
    if bytes > RESULT_BYTES_MAX {
        return Err(Error::Other(format!("query result exceeds limit of {RESULT_BYTES_MAX} bytes")));
    }
    Ok(value)
}

impl Host for Instance {}

impl HostStore for Instance {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Store>, Error>> {
        if !self.guest.key_value_stores.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        let Some(file) = self.app.stores.0.get(&label) else {
            return Ok(Err(Error::NoSuchStore));
        };
        let store = Store { file: file.clone(), label };
        Ok(Ok(self.table.push(store)?))
    }

    async fn get(&mut self, store: Resource<Store>, key: String) -> wasmtime::Result<Result<Option<Vec<u8>>, Error>> {
        let store = self.table.get(&store)?.clone();
        let found = store.run(move |connection, label| get(connection, label, &key)).await?;
        Ok(found.and_then(|value| {
            let bytes = value.as_ref().map_or(0, Vec::len);
            within_limit(value, bytes)
        }))
    }

    async fn set(
        &mut self,
        store: Resource<Store>,
        key: String,
        value: Vec<u8>,
    ) -> wasmtime::Result<Result<(), Error>> {
        let store = self.table.get(&store)?.clone();
        store.run(move |connection, label| set(connection, label, &key, &value)).await
    }

    async fn delete(&mut self, store: Resource<Store>, key: String) -> wasmtime::Result<Result<(), Error>> {
        let store = self.table.get(&store)?.clone();
        store.run(move |connection, label| delete(connection, label, &key)).await
    }

    async fn exists(&mut self, store: Resource<Store>, key: String) -> wasmtime::Result<Result<bool, Error>> {
        let store = self.table.get(&store)?.clone();
        store.run(move |connection, label| Ok(get(connection, label, &key)?.is_some())).await
    }

    async fn get_keys(&mut self, store: Resource<Store>) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let store = self.table.get(&store)?.clone();
        let found = store.run(keys).await?;
        Ok(found.and_then(|keys| {
            let bytes = keys.iter().map(|key| size_of::<String>() + key.len()).sum();
            within_limit(keys, bytes)
        }))
    }

    async fn drop(&mut self, store: Resource<Store>) -> wasmtime::Result<()> {
        self.table.delete(store)?;
        Ok(())
    }
}
