//! SQLite, one statement a call.

/// A value that goes into or comes out of a statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// 64-bit integer.
    Integer(i64),
    /// 64-bit float.
    Real(f64),
    /// UTF-8 text.
    Text(String),
    /// Bytes.
    Blob(Vec<u8>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Integer(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

impl From<&String> for Value {
    fn from(value: &String) -> Self {
        Self::Text(value.clone())
    }
}

impl From<Vec<u8>> for Value {
    fn from(value: Vec<u8>) -> Self {
        Self::Blob(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// What went wrong in the database. Hosts give text only, so the text is classified here and nowhere else.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum DbError {
    /// Another writer held the lock for longer than the busy time-out (5 s).
    #[error("the database is busy")]
    Busy,
    /// A `RAISE(ABORT, …)` of ours; the text is the reason.
    #[error("{0}")]
    Refused(String),
    /// A UNIQUE or PRIMARY KEY constraint; the text names the columns.
    #[error("already there: {0}")]
    Conflict(String),
    /// The disk is full: nothing was written.
    #[error("the disk is full")]
    Full,
    /// Anything else: a fault of ours or of the file.
    #[error("database: {0}")]
    Other(String),
    /// A column is missing or has another type than the code expects.
    #[error("column `{column}`: {complaint}")]
    Column {
        /// Its name.
        column: String,
        /// What is wrong.
        complaint: String,
    },
}

/// Marks the text of every `RAISE(ABORT, …)` in our migrations, so that no other error is taken for one.
const REFUSAL_MARK: &str = "rondo:";

impl DbError {
    /// Classifies a host's error text.
    pub fn from_text(text: &str) -> Self {
        if let Some((_, reason)) = text.split_once(REFUSAL_MARK) {
            let end = reason.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(reason.len());
            return Self::Refused(reason[..end].into());
        }
        let lower = text.to_ascii_lowercase();
        if lower.contains("database is locked")
            || lower.contains("database table is locked")
            || lower.contains("sqlite_busy")
        {
            Self::Busy
        } else if lower.contains("unique constraint failed") || lower.contains("primary key constraint failed") {
            Self::Conflict(text.into())
        } else if lower.contains("database or disk is full") {
            Self::Full
        } else {
            Self::Other(text.into())
        }
    }

    /// Whether this is a refusal of ours for this reason.
    pub fn is_refusal(&self, reason: &str) -> bool {
        matches!(self, Self::Refused(found) if found == reason)
    }
}

/// The rows of an answer.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Column names.
    pub columns: Vec<String>,
    /// Values, a vector a row.
    pub values: Vec<Vec<Value>>,
}

impl Rows {
    /// Each row, with its columns' names.
    pub fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.values.iter().map(|values| Row { columns: &self.columns, values })
    }

    /// The first row, if any.
    pub fn first(&self) -> Option<Row<'_>> {
        self.iter().next()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// One row; columns are asked for by name, and a missing or ill-typed one is an error.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    columns: &'a [String],
    values: &'a [Value],
}

impl<'a> Row<'a> {
    /// The value of a column.
    pub fn value(&self, column: &str) -> Result<&'a Value, DbError> {
        self.columns
            .iter()
            .position(|name| name == column)
            .and_then(|index| self.values.get(index))
            .ok_or_else(|| wrong(column, "is not in the answer"))
    }

    /// Text, as a slice.
    pub fn str(&self, column: &str) -> Result<&'a str, DbError> {
        self.opt_str(column)?.ok_or_else(|| wrong(column, "is null"))
    }

    /// Text or NULL, as a slice.
    pub fn opt_str(&self, column: &str) -> Result<Option<&'a str>, DbError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            _ => Err(wrong(column, "is not text")),
        }
    }

    /// Text.
    pub fn text(&self, column: &str) -> Result<String, DbError> {
        self.str(column).map(Into::into)
    }

    /// Text or NULL.
    pub fn opt_text(&self, column: &str) -> Result<Option<String>, DbError> {
        Ok(self.opt_str(column)?.map(Into::into))
    }

    /// An integer.
    pub fn int(&self, column: &str) -> Result<i64, DbError> {
        self.opt_int(column)?.ok_or_else(|| wrong(column, "is null"))
    }

    /// An integer that counts something: none is negative.
    pub fn count(&self, column: &str) -> Result<u32, DbError> {
        u32::try_from(self.int(column)?).map_err(|error| wrong(column, &error.to_string()))
    }

    /// An integer or NULL.
    pub fn opt_int(&self, column: &str) -> Result<Option<i64>, DbError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Integer(number) => Ok(Some(*number)),
            _ => Err(wrong(column, "is not an integer")),
        }
    }

    /// A 0-or-1 integer.
    pub fn bool(&self, column: &str) -> Result<bool, DbError> {
        Ok(self.int(column)? != 0)
    }

    /// A float, or an integer as one.
    pub fn opt_real(&self, column: &str) -> Result<Option<f64>, DbError> {
        match self.value(column)? {
            Value::Null => Ok(None),
            Value::Real(number) => Ok(Some(*number)),
            Value::Integer(number) => Ok(Some(*number as f64)),
            _ => Err(wrong(column, "is not a number")),
        }
    }

    /// Bytes.
    pub fn blob(&self, column: &str) -> Result<&'a [u8], DbError> {
        match self.value(column)? {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(wrong(column, "is not a blob")),
        }
    }

    /// Text parsed into a type of ours (a stage, say).
    pub fn parsed<T: std::str::FromStr>(&self, column: &str) -> Result<T, DbError>
    where
        T::Err: std::fmt::Display,
    {
        self.opt_parsed(column)?.ok_or_else(|| wrong(column, "is null"))
    }

    /// The same, or NULL.
    pub fn opt_parsed<T: std::str::FromStr>(&self, column: &str) -> Result<Option<T>, DbError>
    where
        T::Err: std::fmt::Display,
    {
        let parse = |text: &str| text.parse().map_err(|error: T::Err| wrong(column, &error.to_string()));
        self.opt_str(column)?.map(parse).transpose()
    }
}

fn wrong(column: &str, complaint: &str) -> DbError {
    DbError::Column { column: column.into(), complaint: complaint.into() }
}

/// A database connection.
#[async_trait::async_trait(?Send)]
pub trait Db {
    /// Runs one statement. Hosts drop what follows the first `;` in silence: never put two in one text.
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError>;

    /// Writes one record, a JSON object, by a statement that takes an array of them as `?2`, and the pinned time as
    /// `?1`. Where several wait to write the same, one statement, and one commit, may carry them all; a refusal is
    /// told to whom it is meant for alone.
    async fn write(&self, sql: &'static str, pinned_ms: Option<i64>, record: String) -> Result<(), DbError> {
        self.execute(sql, &[pinned_ms.into(), format!("[{record}]").into()]).await.map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: DbError) {
        assert_eq!(DbError::from_text(text), expect, "{text}");
    }

    #[test]
    fn a_refusal_of_ours_is_told_from_any_other_error() {
        check("Error: rondo:fenced", DbError::Refused("fenced".into()));
        check("Io(\"rondo:budget_spent\")", DbError::Refused("budget_spent".into()));
        check("SQLite error: rondo:fenced (in trigger)", DbError::Refused("fenced".into()));
    }

    #[test]
    fn a_lock_a_conflict_and_a_full_disk_are_told_apart() {
        check("database is locked", DbError::Busy);
        check("UNIQUE constraint failed: job.id", DbError::Conflict("UNIQUE constraint failed: job.id".into()));
        check("database or disk is full", DbError::Full);
        check("no such table: x", DbError::Other("no such table: x".into()));
    }

    #[test]
    fn a_missing_or_ill_typed_column_is_an_error() {
        let rows = Rows { columns: vec!["a".into()], values: vec![vec![Value::Null]] };
        let row = rows.first().unwrap();
        assert!(row.int("b").is_err());
        assert!(row.text("a").is_err());
        assert_eq!(row.opt_int("a"), Ok(None));
    }
}
