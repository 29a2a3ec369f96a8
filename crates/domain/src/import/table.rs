//! Files as tables of texts.

use serde_json::Value;

use super::{COLUMNS_MAX, FileError, ROWS_MAX};

/// Names and rows.
pub struct Table {
    pub names: Vec<String>,
    pub rows: Vec<Cells>,
}

/// One row: its number in the file, counted from 1, and its cells, or why they cannot be read.
pub struct Cells {
    pub row: usize,
    pub cells: Result<Vec<String>, String>,
}

pub fn of_csv(bytes: &[u8]) -> Result<Table, FileError> {
    let unreadable = |error: csv::Error| FileError::Unreadable(error.to_string());
    let mut reader = csv::ReaderBuilder::new().flexible(true).delimiter(delimiter(bytes)).from_reader(bytes);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).map_err(|_| "is not UTF-8".to_string());
    let head = reader.byte_headers().map_err(unreadable)?.clone();
    let names = head.iter().map(text).collect::<Result<Vec<_>, _>>().map_err(FileError::Unreadable)?;
    if names.len() > COLUMNS_MAX {
        return Err(FileError::Unreadable(format!("it has more than {COLUMNS_MAX} columns")));
    }
    let mut rows = Vec::new();
    for (record, row) in reader.byte_records().zip(1..) {
        if row > ROWS_MAX {
            return Err(FileError::TooManyRows);
        }
        let record = record.map_err(unreadable)?;
        let cells = if record.len() == names.len() {
            record.iter().map(text).collect()
        } else {
            Err(format!("has {} cells; the first line names {}", record.len(), names.len()))
        };
        let cells = cells
            .map(|cells: Vec<String>| cells.iter().map(|cell| crate::spreadsheet::original(cell).into()).collect());
        rows.push(Cells { row, cells });
    }
    Ok(Table { names, rows })
}

/// Whichever the first line has most of.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |sign: u8| line.iter().filter(|byte| **byte == sign).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

pub fn of_json(bytes: &[u8]) -> Result<Table, FileError> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| FileError::Unreadable(error.to_string()))?;
    // A whole export has its posts among its tables.
    let object = value.get("tables").unwrap_or(&value);
    let named = || ["posts", "items", "rows"].iter().find_map(|name| object.get(*name)?.as_array());
    let needed = || FileError::Unreadable("it must be a list of objects, or an object with one in `posts`".into());
    let list = value.as_array().or_else(named).ok_or_else(needed)?;
    if list.len() > ROWS_MAX {
        return Err(FileError::TooManyRows);
    }
    let mut names: Vec<String> = Vec::new();
    for name in list.iter().filter_map(Value::as_object).flat_map(serde_json::Map::keys) {
        if !names.contains(name) && names.len() < COLUMNS_MAX {
            names.push(name.clone());
        }
    }
    let rows = list.iter().zip(1..).map(|(value, row)| Cells { row, cells: cells(&names, value) }).collect();
    Ok(Table { names, rows })
}

fn cells(names: &[String], value: &Value) -> Result<Vec<String>, String> {
    let object = value.as_object().ok_or("is no object")?;
    let cell = |name: &String| match object.get(name) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    Ok(names.iter().map(cell).collect())
}
