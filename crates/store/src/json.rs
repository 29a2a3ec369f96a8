//! Columns that hold JSON of ours.

use ports::{DbError, Row};
use serde::de::DeserializeOwned;

/// A JSON column as the type that was stored; anything else is a fault, never a default.
pub(crate) fn json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<T, DbError> {
    parse(column, row.str(column)?)
}

/// A JSON column, or NULL.
pub(crate) fn opt_json<T: DeserializeOwned>(row: &Row<'_>, column: &str) -> Result<Option<T>, DbError> {
    row.opt_str(column)?.map(|text| parse(column, text)).transpose()
}

fn parse<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::Column {
        column: column.into(),
        complaint: format!("is not the JSON expected: {error}"),
    })
}

/// JSON for a statement's parameter.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::Other(error.to_string()))
}
