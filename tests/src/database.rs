//! The app's database, read from outside: what must hold in it, whatever happened.

use std::path::Path;

use rusqlite::{Connection, Params};

/// The database of a state folder, as Spin names it.
pub struct Database(Connection);

impl Database {
    /// Opens it.
    pub fn open(state: &Path) -> Self {
        let connection = Connection::open(state.join("sqlite_db.db")).expect("the database can be opened");
        connection.busy_timeout(std::time::Duration::from_secs(5)).expect("a time-out can be set");
        connection.execute_batch("pragma foreign_keys = on").expect("foreign keys can be on");
        Self(connection)
    }

    /// One number.
    pub fn number(&self, sql: &str) -> i64 {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// One text.
    pub fn text(&self, sql: &str) -> String {
        self.0.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Texts, one a row.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        let mut statement = self.0.prepare(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let rows = statement.query_map([], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"));
        rows.collect::<Result<_, _>>().unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Runs one statement.
    pub fn run(&self, sql: &str, parameters: impl Params) {
        self.0.execute(sql, parameters).unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// Runs statements as one transaction.
    pub fn run_all(&self, sql: &str) {
        self.0
            .execute_batch(&format!("begin immediate; {sql}; commit"))
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    /// The file is whole, and no row refers to one that is not there.
    pub fn assert_whole(&self) {
        assert_eq!(self.text("pragma integrity_check"), "ok");
        let mut dangling = self.0.prepare("pragma foreign_key_check").expect("it can be asked");
        assert!(!dangling.exists([]).expect("it can be asked"), "a row refers to one that is not there");
    }
}
