//! Posts from elsewhere, out of a CSV or JSON file: each row is a post, or is told what is wrong with it.

mod row;
mod table;

pub use row::{Draft, Row};

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::words::words;

/// Longest file in bytes.
pub const FILE_BYTES_MAX: usize = 512 * 1024;
/// Most rows of a file.
pub const ROWS_MAX: usize = 2_000;
/// Most columns of a file.
pub const COLUMNS_MAX: usize = 100;
/// Longest name of a file in characters.
pub const FILE_NAME_CHARS_MAX: usize = 200;
/// Longest name of a channel or campaign in characters.
pub const NAME_CHARS_MAX: usize = 60;

words! {
    /// What a file is.
    pub enum Kind {
        /// Comma, semicolon or tab separated, with a line of names.
        Csv = "csv",
        /// A list of objects, or an object with one in `posts`, `items` or `rows`.
        Json = "json",
    }
}

words! {
    /// What a column can mean.
    pub enum Field {
        /// What the post says. There must be one.
        Text = "text",
        /// Its title; made of the text's first line where there is none.
        Title = "title",
        /// Where it was.
        Channel = "channel",
        /// BCP 47 tag.
        Language = "language",
        /// RFC 3339, with its zone.
        PublishedAt = "published_at",
        /// Where it can be seen.
        Url = "url",
        /// What it was part of.
        Campaign = "campaign",
    }
}

impl Field {
    /// Names of columns that are taken for it, in lower case.
    fn names(self) -> &'static [&'static str] {
        match self {
            Self::Text => &["text", "post", "content", "body", "message", "caption", "copy"],
            Self::Title => &["title", "headline", "subject", "name"],
            Self::Channel => &["channel", "platform", "network", "profile", "account"],
            Self::Language => &["language", "lang", "locale"],
            Self::PublishedAt => &[
                "published_at",
                "published at",
                "published",
                "date",
                "posted_at",
                "posted at",
                "time",
                "created_at",
                "created at",
            ],
            Self::Url => &["url", "link", "permalink", "ext_url", "address"],
            Self::Campaign => &["campaign", "campaign_name", "campaign name", "series"],
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// Too long.
    #[error("is longer than {FILE_BYTES_MAX} bytes; split it")]
    TooLong,
    /// Too many rows.
    #[error("has more than {ROWS_MAX} rows; split it")]
    TooManyRows,
    /// Nothing in it.
    #[error("has no rows")]
    Empty,
    /// No column for the text.
    #[error("has no column for the text; say which one it is. Its columns are {0}")]
    NoText(String),
    /// Somebody named a column that is not there.
    #[error("has no column `{0}`")]
    NoColumn(String),
    /// Not what it is said to be.
    #[error("cannot be read: {0}")]
    Unreadable(String),
}

/// What a file is read with.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Columns that a person chose; the others are known by their names.
    pub columns: BTreeMap<Field, String>,
    /// Where rows were that name no channel; empty: such a row is an error.
    pub channel: String,
    /// What rows are written in that name no language; empty: English.
    pub language: String,
}

/// A column of the file, and what it is taken for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// As the file names it.
    pub name: String,
    /// Nothing: it is left out.
    pub field: Option<Field>,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, in order.
    pub rows: Vec<Row>,
}

/// Reads a file. Rows that cannot be posts are in the answer, each with all that is wrong with it.
pub fn parse(kind: Kind, bytes: &[u8], choices: &Choices) -> Result<Parsed, FileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(FileError::TooLong);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let table = match kind {
        Kind::Csv => table::of_csv(bytes)?,
        Kind::Json => table::of_json(bytes)?,
    };
    if table.rows.is_empty() {
        return Err(FileError::Empty);
    }
    let columns = columns(&table.names, &choices.columns)?;
    let rows = table.rows.into_iter().map(|cells| row::read(&columns, cells, choices)).collect();
    let mut parsed = Parsed { columns, rows };
    row::mark_repeated(&mut parsed.rows);
    Ok(parsed)
}

fn columns(names: &[String], chosen: &BTreeMap<Field, String>) -> Result<Vec<Column>, FileError> {
    if let Some(missing) = chosen.values().find(|name| !names.contains(name)) {
        return Err(FileError::NoColumn(missing.clone()));
    }
    let mut columns: Vec<Column> = names.iter().map(|name| Column { name: name.clone(), field: None }).collect();
    for field in Field::ALL {
        let at = match chosen.get(field) {
            Some(name) => names.iter().position(|one| one == name),
            None => field.names().iter().find_map(|known| {
                names
                    .iter()
                    .position(|name| name.trim().to_lowercase() == *known && !chosen.values().any(|one| one == name))
            }),
        };
        if let Some(column) = at.and_then(|at| columns.get_mut(at)).filter(|column| column.field.is_none()) {
            column.field = Some(*field);
        }
    }
    if columns.iter().any(|column| column.field == Some(Field::Text)) {
        return Ok(columns);
    }
    Err(FileError::NoText(names.join(", ")))
}

/// A file's text as it is read and known: forms and systems end lines each in their own way.
pub fn normal(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// What a file is known by: the same text, read the same way.
pub fn file_sha256(text: &str, choices: &Choices) -> String {
    let mut hash = Sha256::new();
    hash.update(text.as_bytes());
    for (field, column) in &choices.columns {
        hash.update(format!("\n{field}={column}").as_bytes());
    }
    if !choices.channel.is_empty() || !choices.language.is_empty() {
        hash.update(format!("\n{} {}", choices.channel, choices.language).as_bytes());
    }
    crate::post::hex(&hash.finalize())
}

/// A file's name as it may be stored and shown: its last part, without anything that is no text.
pub fn file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_text = |c: &char| !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last.trim().chars().filter(is_text).take(FILE_NAME_CHARS_MAX).collect();
    if clean.trim_matches('.').is_empty() { "file".into() } else { clean }
}

#[cfg(test)]
mod tests;
