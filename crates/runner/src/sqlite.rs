//! `fermyon:spin/sqlite`: each `open` of a guest has a connection for itself. One that was left as it was is used
//! again, since SQLite reads the whole schema at the first statement of a new one; what `last_insert_rowid()` says
//! before the first insert is all that tells.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result};
use rusqlite::config::DbConfig;
use rusqlite::fallible_iterator::FallibleIterator;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Batch, Row, Statement, params_from_iter};
use wasmtime::component::Resource;

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::sqlite::{Error, Host, HostConnection, QueryResult, RowResult, Value};
use crate::runtime_config::RuntimeConfig;

/// What one call may hold in memory, as in Spin.
const RESULT_BYTES_MAX: usize = 128 * 1024 * 1024;

/// Connections that wait for the next guest: more than the processors of a small machine use at once.
const IDLE_MAX: usize = 8;

/// Statements that a connection keeps prepared. A statement with many triggers takes longer to prepare than to run.
const PREPARED_MAX: usize = 64;

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
    /// As new; the one used last is at the end.
    idle: Mutex<Vec<Session>>,
}

/// A connection of the operating system.
#[derive(Debug)]
struct Session {
    connection: rusqlite::Connection,
    /// Whether a guest set something that the next one would find: a pragma, a temporary table.
    altered: Arc<AtomicBool>,
}

/// A guest's connection. The file is opened by the first statement, like in Spin.
#[derive(Debug)]
pub struct Connection(Arc<Opened>);

#[derive(Debug)]
struct Opened {
    database: Arc<Database>,
    session: Mutex<Option<Session>>,
}

impl Drop for Opened {
    fn drop(&mut self) {
        if let Some(session) = self.session.get_mut().unwrap_or_else(PoisonError::into_inner).take() {
            self.database.put_back(session);
        }
    }
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
        let open = |path| Arc::new(Database { path, keeper: Mutex::default(), idle: Mutex::default() });
        Ok(Self(places.into_iter().map(|(label, path)| (label, open(path))).collect()))
    }

    pub fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }
}

impl Database {
    fn connect(&self) -> rusqlite::Result<Session> {
        let Some(path) = &self.path else { return Session::new(rusqlite::Connection::open_in_memory()?) };
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(session) = idle {
            return Ok(session);
        }
        // rusqlite itself sets the busy timeout of 5 s; its bundled SQLite keeps foreign keys
        // and writes with synchronous FULL, all as Spin has them.
        let session = Session::new(rusqlite::Connection::open(path)?)?;
        self.keep(false);
        Ok(session)
    }

    fn put_back(&self, session: Session) {
        if self.path.is_none() || !session.is_as_new() {
            return;
        }
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(session);
        }
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

impl Session {
    fn new(mut connection: rusqlite::Connection) -> rusqlite::Result<Self> {
        let altered = Arc::new(AtomicBool::new(false));
        let seen = altered.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| match context.action {
            // A guest may open what it was granted, not whatever lies on the disk. `VACUUM INTO` attaches its target,
            // so this covers it.
            AuthAction::Attach { filename } if !["", ":memory:"].contains(&filename) => Authorization::Deny,
            action => {
                if leaves_a_trace(&action) {
                    seen.store(true, Ordering::Relaxed);
                }
                Authorization::Allow
            }
        }))?;
        connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
        // Without it, this SQLite prepares a statement anew for each value that is bound to it, which Spin's, an older
        // one, does not.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(Self { connection, altered })
    }

    fn is_as_new(&self) -> bool {
        self.connection.is_autocommit() && !self.altered.load(Ordering::Relaxed)
    }
}

/// Whether the connection is another one afterwards.
fn leaves_a_trace(action: &AuthAction<'_>) -> bool {
    matches!(
        action,
        AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
            | AuthAction::Pragma { .. }
            | AuthAction::CreateTempTable { .. }
            | AuthAction::CreateTempIndex { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateTempView { .. }
    )
}

impl Opened {
    fn execute(&self, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
        let mut session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let session = match &mut *session {
            Some(session) => session,
            none => none.insert(self.database.connect().map_err(io)?),
        };
        let result = execute(&session.connection, sql, parameters);
        if sql.to_ascii_lowercase().contains("journal_mode") {
            self.database.keep(true);
        }
        result
    }
}

/// Runs the first statement of the text. The rest is dropped in silence, as Spin does.
fn execute(connection: &rusqlite::Connection, sql: &str, parameters: Vec<Value>) -> Result<QueryResult, Error> {
    if let Ok(mut statement) = connection.prepare_cached(sql) {
        return run(&mut statement, parameters);
    }
    match Batch::new(connection, sql).next().map_err(io)? {
        Some(mut statement) => run(&mut statement, parameters),
        // Nothing but blanks and comments: SQLite's own complaint comes with running it.
        None => run(&mut connection.prepare(sql).map_err(io)?, parameters),
    }
}

fn run(statement: &mut Statement<'_>, parameters: Vec<Value>) -> Result<QueryResult, Error> {
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
        let opened = Opened { database: database.clone(), session: Mutex::default() };
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

#[cfg(test)]
mod tests {
    use super::*;

    /// How many connections wait for the next guest after one that ran these.
    fn waiting_after(statements: &[&str]) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let databases = Databases::new(&RuntimeConfig::default(), Some(folder.path())).unwrap();
        let database = &databases.0[DEFAULT];
        let opened = Opened { database: database.clone(), session: Mutex::default() };
        for sql in statements {
            opened.execute(sql, Vec::new()).unwrap();
        }
        drop(opened);
        database.idle.lock().unwrap().len()
    }

    #[test]
    fn a_connection_is_used_again_unless_somebody_made_another_one_of_it() {
        assert_eq!(waiting_after(&["create table t (a)", "insert into t values (1)", "select * from t"]), 1);
        assert_eq!(waiting_after(&["begin", "create table t (a)", "commit"]), 1);
        for trace in [
            "begin",
            "savepoint s",
            "pragma foreign_keys = off",
            "create temp table t (a)",
            "create temp view v as select 1",
            "attach ':memory:' as other",
        ] {
            assert_eq!(waiting_after(&[trace]), 0, "{trace}");
        }
    }
}
