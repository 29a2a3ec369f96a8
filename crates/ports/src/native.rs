//! The native side: rusqlite, reqwest, the system's clock or a settable one, a seeded source.

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::{Clock, Db, DbError, Entropy, Http, HttpError, Request, Response, Rows, Value};

/// SQLite by rusqlite, set as Spin sets it: foreign keys on, synchronous FULL, a busy time-out of 5 s.
pub struct NativeDb(rusqlite::Connection);

impl NativeDb {
    /// Opens a file.
    pub fn open(path: &Path) -> Result<Self, DbError> {
        Self::set_up(rusqlite::Connection::open(path))
    }

    /// Opens a file that must be there and stays as it is.
    pub fn open_read_only(path: &Path) -> Result<Self, DbError> {
        Self::set_up(rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY))
    }

    /// A fresh database in memory.
    pub fn in_memory() -> Result<Self, DbError> {
        Self::set_up(rusqlite::Connection::open_in_memory())
    }

    fn set_up(connection: rusqlite::Result<rusqlite::Connection>) -> Result<Self, DbError> {
        let connection = connection.map_err(|error| classify(&error))?;
        connection.busy_timeout(Duration::from_secs(5)).map_err(|error| classify(&error))?;
        connection.set_prepared_statement_cache_capacity(256);
        // Bundled SQLite has STAT4, which prepares a statement anew for every value that is bound to it; with our
        // triggers that costs more than running it.
        connection
            .set_db_config(rusqlite::config::DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .map_err(|error| classify(&error))?;
        connection
            .execute_batch("PRAGMA foreign_keys = ON; PRAGMA synchronous = FULL")
            .map_err(|error| classify(&error))?;
        Ok(Self(connection))
    }

    /// Runs one statement, without the port's future.
    pub fn run(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        self.run_counted(sql, parameters).map(|(rows, _)| rows)
    }

    /// The same, and how many steps SQLite's machine took for it: unlike time, the same on every machine.
    pub fn run_counted(&self, sql: &str, parameters: &[Value]) -> Result<(Rows, u64), DbError> {
        let mut statement = self.0.prepare_cached(sql).map_err(|error| classify(&error))?;
        let columns: Vec<String> = statement.column_names().map(Into::into).collect();
        let mut rows = statement.query(rusqlite::params_from_iter(parameters)).map_err(|error| classify(&error))?;
        let mut values = Vec::new();
        while let Some(row) = rows.next().map_err(|error| classify(&error))? {
            let one = (0..columns.len())
                .map(|index| row.get_ref(index).map_err(|error| classify(&error)).and_then(from_sqlite))
                .collect::<Result<Vec<_>, _>>()?;
            values.push(one);
        }
        drop(rows);
        let steps = statement.reset_status(rusqlite::StatementStatus::VmStep);
        Ok((Rows { columns, values }, u64::try_from(steps).unwrap_or_default()))
    }
}

fn classify(error: &rusqlite::Error) -> DbError {
    DbError::from_text(&error.to_string())
}

fn from_sqlite(value: rusqlite::types::ValueRef<'_>) -> Result<Value, DbError> {
    use rusqlite::types::ValueRef;
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => {
            Value::Text(String::from_utf8(text.into()).map_err(|_| DbError::Other("text that is not UTF-8".into()))?)
        }
        ValueRef::Blob(bytes) => Value::Blob(bytes.into()),
    })
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<rusqlite::types::ToSqlOutput<'_>> {
        use rusqlite::types::{ToSqlOutput, ValueRef};
        Ok(ToSqlOutput::Borrowed(match self {
            Self::Null => ValueRef::Null,
            Self::Integer(number) => ValueRef::Integer(*number),
            Self::Real(number) => ValueRef::Real(*number),
            Self::Text(text) => ValueRef::Text(text.as_bytes()),
            Self::Blob(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

#[async_trait::async_trait(?Send)]
impl Db for NativeDb {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        self.run(sql, parameters)
    }
}

/// HTTP by reqwest: no redirects followed, every phase timed.
pub struct NativeHttp(reqwest::Client);

impl NativeHttp {
    /// A client with a pool of its own.
    pub fn new() -> Result<Self, HttpError> {
        // A second call finds the provider in place, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map(Self)
            .map_err(|error| HttpError::NotSent(error.to_string()))
    }
}

#[async_trait::async_trait(?Send)]
impl Http for NativeHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let method = reqwest::Method::from_bytes(request.method.as_bytes())
            .map_err(|error| HttpError::NotSent(error.to_string()))?;
        let limit = request.response_bytes_max;
        let mut builder = self
            .0
            .request(method, &request.url)
            .timeout(Duration::from_millis(request.timeouts.total_ms().into()))
            .body(request.body);
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let mut answer = builder.send().await.map_err(not_sent_or_unknown)?;
        let status = answer.status().as_u16();
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().into(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect();
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| HttpError::Unknown(error.to_string()))? {
            if body.len() + chunk.len() > limit {
                return Err(HttpError::TooLarge { status, limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Response { status, headers, body })
    }
}

fn not_sent_or_unknown(error: reqwest::Error) -> HttpError {
    // The URL may hold what a log must not.
    let error = error.without_url();
    if error.is_connect() || error.is_builder() {
        HttpError::NotSent(error.to_string())
    } else {
        HttpError::Unknown(error.to_string())
    }
}

/// The system's clock. SQL uses the database's.
pub struct SystemClock(Instant);

impl SystemClock {
    /// A clock whose monotonic reading starts now.
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn pinned_ms(&self) -> Option<i64> {
        None
    }

    fn monotonic_ms(&self) -> i64 {
        i64::try_from(self.0.elapsed().as_millis()).unwrap_or(i64::MAX)
    }
}

/// A clock that a test sets. SQL uses it too. Its monotonic reading starts at 0, so that whoever mixes up the two
/// clocks is found out.
pub struct SettableClock {
    now_ms: Cell<i64>,
    elapsed_ms: Cell<i64>,
}

impl SettableClock {
    /// A clock that stands at this Unix time in milliseconds.
    pub fn at(now_ms: i64) -> Self {
        Self { now_ms: Cell::new(now_ms), elapsed_ms: Cell::new(0) }
    }

    /// Sets it.
    pub fn set(&self, now_ms: i64) {
        self.advance(now_ms - self.now_ms.get());
    }

    /// Moves it on, or back.
    pub fn advance(&self, by_ms: i64) {
        self.now_ms.set(self.now_ms.get() + by_ms);
        self.elapsed_ms.set(self.elapsed_ms.get() + by_ms.max(0));
    }
}

impl Clock for SettableClock {
    fn now_ms(&self) -> i64 {
        self.now_ms.get()
    }

    fn pinned_ms(&self) -> Option<i64> {
        Some(self.now_ms.get())
    }

    fn monotonic_ms(&self) -> i64 {
        self.elapsed_ms.get()
    }
}

/// A seeded source: the same bytes for the same seed, on every machine.
pub struct SeededEntropy(RefCell<ChaCha12Rng>);

impl SeededEntropy {
    /// A source with this seed.
    pub fn new(seed: u64) -> Self {
        Self(RefCell::new(ChaCha12Rng::seed_from_u64(seed)))
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill_bytes(bytes);
    }
}
