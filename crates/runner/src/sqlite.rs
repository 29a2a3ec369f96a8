//! `fermyon:spin/sqlite`: one connection of the operating system for each `open` of a guest.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Row, params_from_iter};
use wasmtime::component::Resource;

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::sqlite::{Error, Host, HostConnection, QueryResult, RowResult, Value};
use crate::runtime_config::RuntimeConfig;

/// What one call may hold in memory, as in Spin.
const RESULT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// The label that needs no runtime config.
const DEFAULT: &str = "default";

/// The databases of the app, by label.
#[derive(Debug)]
pub struct Databases(BTreeMap<String, Arc<Database>>);

#[derive(Debug)]
struct Database {
    /// `None` is in memory: fresh at every `open`.
    path: Option<PathBuf>,
    /// Stays open while the app runs. Without it, the end of each request would close the last
    /// connection, and SQLite would write back and delete a write-ahead log every time.
    keeper: Mutex<Option<rusqlite::Connection>>,
}

/// A guest's connection. The file is opened by the first statement, like in Spin.
#[derive(Debug)]
pub struct Connection(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    database: Arc<Database>,
    connection: Mutex<Option<rusqlite::Connection>>,
}

impl Databases {
    pub fn new(config: &RuntimeConfig, state_dir: Option<&Path>) -> Result<Self> {
        let mut places = config.sqlite.clone();
        let default = || state_dir.map(|state_dir| state_dir.join("sqlite_db.db"));
        places.entry(DEFAULT.into()).or_insert_with(default);
        for path in places.values().flatten() {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .with_context(|| format!("cannot make the folder {}", folder.display()))?;
            }
        }
        let open = |path| Arc::new(Database { path, keeper: Mutex::default() });
        Ok(Self(places.into_iter().map(|(label, path)| (label, open(path))).collect()))
    }

    pub fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }
}

impl Database {
    fn connect(&self) -> rusqlite::Result<rusqlite::Connection> {
        let Some(path) = &self.path else {
            let connection = rusqlite::Connection::open_in_memory()?;
            return forbid_other_files(connection);
        };
        // rusqlite itself sets the busy timeout of 5 s; its bundled SQLite keeps foreign keys
        // and writes with synchronous FULL, all as Spin has them.
        let connection = forbid_other_files(rusqlite::Connection::open(path)?)?;
        self.keep(false);
        Ok(connection)
    }

    /// Holds the file open. A connection that has not read yet does not hold the log, so it
    /// reads once, and `again` after the journal's mode may have changed.
    fn keep(&self, again: bool) {
        let Some(path) = &self.path else { return };
        let mut keeper = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if keeper.is_none() {
            *keeper = rusqlite::Connection::open(path).ok();
        } else if !again {
            return;
        }
        if let Some(keeper) = &*keeper {
            // It may be locked right now; then the next change of mode or start succeeds.
            let _ = keeper.query_row("select 1 from sqlite_schema limit 1", [], |_| Ok(()));
        }
    }
}

/// A guest may open what it was granted, not whatever lies on the disk. `VACUUM INTO` attaches
/// its target, so this covers it.
fn forbid_other_files(mut connection: rusqlite::Connection) -> rusqlite::Result<rusqlite::Connection> {
    connection.authorizer(Some(|context: AuthContext<'_>| match context.action {
        AuthAction::Attach { filename } if !["", ":memory:"].contains(&filename) => Authorization::Deny,
        _ => Authorization::Allow,
    }))?;
    Ok(connection)
}

impl Opened {
    fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let mut connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let connection = match &mut *connection {
            Some(connection) => connection,
            none => none.insert(self.database.connect().map_err(io)?),
        };
        let result = execute(connection, sql, parameters);
        if sql.to_ascii_lowercase().contains("journal_mode") {
            self.database.keep(true);
        }
        result
    }
}

/// Runs the first statement of the text. The rest is dropped in silence, as Spin does.
fn execute(connection: &rusqlite::Connection, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
    let mut statement = match Batch::new(connection, sql).next().map_err(io)? {
        Some(statement) => statement,
        // Nothing but blanks and comments: SQLite's own complaint comes with running it.
        None => connection.prepare(sql).map_err(io)?,
    };
    let columns = statement.column_names().map(str::to_owned).collect();
    let width = statement.column_count();
    let parameters = params_from_iter(parameters.into_iter().map(to_sql));
    let mut found = statement.query(parameters).map_err(io)?;
    let mut rows = Vec::new();
    let mut bytes = size_of::<QueryResult>();
    while let Some(row) = found.next().map_err(io)? {
        let values = read_row(row, width)?;
        bytes += values.iter().map(size).sum::<usize>();
        if bytes > RESULT_BYTES_MAX {
            return Err(Error::Io(format!("query result exceeds limit of {RESULT_BYTES_MAX} bytes")));
        }
        rows.push(RowResult { values });
    }
    Ok(QueryResult { columns, rows })
}

fn read_row(row: &Row, width: usize) -> Result<Vec<Value>, Error> {
    (0..width)
        .map(|column| match row.get_ref(column).map_err(io)? {
            ValueRef::Null => Ok(Value::Null),
            ValueRef::Integer(value) => Ok(Value::Integer(value)),
            ValueRef::Real(value) => Ok(Value::Real(value)),
            ValueRef::Blob(value) => Ok(Value::Blob(value.to_vec())),
            ValueRef::Text(value) => match str::from_utf8(value) {
                Ok(value) => Ok(Value::Text(value.to_owned())),
                Err(_) => Err(Error::Io("a TEXT column holds bytes that are not UTF-8".into())),
            },
        })
        .collect()
}

fn to_sql(value: Value) -> rusqlite::types::Value {
    match value {
        Value::Integer(value) => value.into(),
        Value::Real(value) => value.into(),
        Value::Text(value) => value.into(),
        Value::Blob(value) => value.into(),
        Value::Null => rusqlite::types::Null.into(),
    }
}

fn size(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::Text(value) => value.len(),
            Value::Blob(value) => value.len(),
            Value::Integer(_) | Value::Real(_) | Value::Null => 0,
        }
}

fn io(error: rusqlite::Error) -> Error {
    Error::Io(error.to_string())
}

impl Host for Instance {}

impl HostConnection for Instance {
    async fn open(&mut self, label: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        if !self.guest.sqlite_databases.contains(&label) {
            return Ok(Err(Error::AccessDenied));
        }
        let Some(database) = self.app.databases.0.get(&label) else {
            return Ok(Err(Error::NoSuchDatabase));
        };
        let opened = Opened { database: database.clone(), connection: Mutex::default() };
        Ok(Ok(self.table.push(Connection(Arc::new(opened)))?))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> wasmtime::Result<Result<QueryResult, Error>> {
        let opened = self.table.get(&connection)?.0.clone();
        Ok(tokio::task::spawn_blocking(move || opened.execute(&statement, parameters)).await?)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}
