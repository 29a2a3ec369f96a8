//! One row of a file: a post, or all that is wrong with it.

use std::collections::HashMap;

use serde::Serialize;

use super::table::Cells;
use super::{Choices, Column, Field, NAME_CHARS_MAX};
use crate::Content;
use crate::brief::Complaint;
use crate::post::{LANGUAGE_BYTES_MAX, TEXT_BYTES_MAX, TITLE_CHARS_MAX};

/// Longest title that is made of a text's first line, in characters.
const MADE_TITLE_CHARS_MAX: usize = 80;

/// A row, read.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Counted from 1, without the line of names.
    pub row: usize,
    /// The post, or what is wrong.
    pub outcome: Result<Draft, Vec<Complaint>>,
    /// An earlier row of the file that says the same on the same channel.
    pub same_as: Option<usize>,
}

/// A post from elsewhere, as it will be stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Draft {
    /// Its row.
    pub row: usize,
    /// Where it was.
    pub channel: String,
    /// BCP 47 tag.
    pub language: String,
    /// One line.
    pub title: String,
    /// What it says.
    pub text: String,
    /// Of the content, as a version has it.
    pub sha256: String,
    /// Unix milliseconds.
    pub published_at: Option<i64>,
    /// Where it can be seen.
    pub url: Option<String>,
    /// What it was part of.
    pub campaign: Option<String>,
}

pub fn read(columns: &[Column], Cells { row, cells }: Cells, choices: &Choices) -> Row {
    let outcome = match cells {
        Ok(cells) => draft(columns, row, &cells, choices),
        Err(complaint) => Err(vec![Complaint { field: "row".into(), complaint }]),
    };
    Row { row, outcome, same_as: None }
}

fn draft(columns: &[Column], row: usize, cells: &[String], choices: &Choices) -> Result<Draft, Vec<Complaint>> {
    let cell = |field: Field| {
        let at = columns.iter().position(|column| column.field == Some(field));
        at.and_then(|at| cells.get(at)).map(|cell| cell.trim()).unwrap_or_default()
    };
    let or = |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_string() } else { text.to_string() };
    let mut complaints = Vec::new();
    let mut complain =
        |field: Field, complaint: String| complaints.push(Complaint { field: field.as_str().into(), complaint });
    let text = cell(Field::Text).replace("\r\n", "\n");
    match text.len() {
        0 => complain(Field::Text, "is empty".into()),
        count if count > TEXT_BYTES_MAX => {
            complain(Field::Text, format!("has {count} bytes; the most is {TEXT_BYTES_MAX}"))
        }
        _ => {}
    }
    let title = or(&cell(Field::Title).replace(['\r', '\n'], " "), &first_line(&text));
    let title_chars = title.chars().count();
    if title_chars > TITLE_CHARS_MAX {
        complain(Field::Title, format!("has {title_chars} characters; the most is {TITLE_CHARS_MAX}"));
    }
    let channel = or(cell(Field::Channel), &choices.channel);
    let channel_chars = channel.chars().count();
    if channel_chars == 0 || channel_chars > NAME_CHARS_MAX {
        complain(Field::Channel, format!("has {channel_chars} characters; it must have 1 to {NAME_CHARS_MAX}"));
    }
    let language = or(cell(Field::Language), &or(&choices.language, "en"));
    if language.len() > LANGUAGE_BYTES_MAX || !language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        complain(Field::Language, format!("`{}` is no tag such as `en`", short(&language)));
    }
    let published_at = published_at(cell(Field::PublishedAt)).unwrap_or_else(|complaint| {
        complain(Field::PublishedAt, complaint);
        None
    });
    let url = Some(cell(Field::Url)).filter(|url| !url.is_empty());
    if url.is_some_and(|url| !url::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))) {
        complain(Field::Url, format!("`{}` is no http or https address", short(url.unwrap_or_default())));
    }
    let campaign = Some(cell(Field::Campaign)).filter(|name| !name.is_empty());
    let campaign = campaign.map(|name| name.chars().take(TITLE_CHARS_MAX).collect());
    if !complaints.is_empty() {
        return Err(complaints);
    }
    let content = Content { language, title, text, image: None };
    let sha256 = content.sha256();
    let Content { language, title, text, .. } = content;
    Ok(Draft { row, channel, language, title, text, sha256, published_at, url: url.map(Into::into), campaign })
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().chars().take(MADE_TITLE_CHARS_MAX).collect::<String>().trim().into()
}

/// A time with its zone; without one nobody knows when it was.
fn published_at(text: &str) -> Result<Option<i64>, String> {
    if text.is_empty() {
        return Ok(None);
    }
    let at: Result<jiff::Timestamp, _> = text.parse();
    let zoned = || text.parse::<jiff::Zoned>().map(|zoned| zoned.timestamp());
    match at.or_else(|_| zoned()) {
        Ok(at) => Ok(Some(at.as_millisecond())),
        Err(_) if text.parse::<jiff::civil::DateTime>().is_ok() => {
            Err(format!("`{}` has no zone; write it like `2027-01-15T09:30:00+01:00`", short(text)))
        }
        Err(_) => Err(format!("`{}` is no time; write it like `2027-01-15T09:30:00+01:00`", short(text))),
    }
}

/// As much of a cell as a complaint repeats.
fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// Says of each row whether an earlier one says the same on the same channel.
pub fn mark_repeated(rows: &mut [Row]) {
    let mut seen: HashMap<(String, String), usize> = HashMap::new();
    for row in rows {
        let Ok(draft) = &row.outcome else { continue };
        let key = (draft.channel.clone(), draft.sha256.clone());
        match seen.get(&key) {
            Some(first) => row.same_as = Some(*first),
            None => drop(seen.insert(key, row.row)),
        }
    }
}
