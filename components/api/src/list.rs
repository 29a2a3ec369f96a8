//! Lists: a page and the cursor of the next one.

use serde::Serialize;
use serve::cursor::{self, Page};
use serve::{Problem, Reply, StatusCode};
use store::page::Key;

use crate::call::Call;

#[derive(Serialize)]
struct Items<T> {
    items: Vec<T>,
    /// To be sent as `cursor`; none on the last page.
    next: Option<String>,
}

/// Answers a page. `rows` has one more than the page holds when there is another.
pub fn reply<R, T: Serialize>(
    mut rows: Vec<R>,
    page: &Page,
    key: impl Fn(&R) -> Vec<String>,
    view: impl Fn(R) -> T,
) -> Result<Reply, Problem> {
    let limit = page.limit as usize;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| more).map(key);
    let next = last.map(|key| cursor::encode(&key.iter().map(String::as_str).collect::<Vec<_>>()));
    Reply::json(StatusCode::OK, &Items { items: rows.into_iter().map(view).collect(), next })
}

#[derive(Serialize)]
struct Whole<T> {
    items: Vec<T>,
}

/// Answers a list that is short enough to be whole.
pub fn whole<R, T: Serialize>(rows: Vec<R>, view: impl Fn(R) -> T) -> Result<Reply, Problem> {
    Reply::json(StatusCode::OK, &Whole { items: rows.into_iter().map(view).collect() })
}

/// The page that is wanted of a list sorted by time, and the key that it begins after.
pub fn by_time(call: &Call<'_>) -> Result<(Page, Option<Key>), Problem> {
    let page = Page::of(call.request, 2)?;
    let key = match page.after.as_deref() {
        Some([at, id]) => Some(Key { at: integer(at)?, id: id.clone() }),
        _ => None,
    };
    Ok((page, key))
}

/// The page that is wanted of a list sorted by a number, and the number that it begins after.
pub fn by_number(call: &Call<'_>) -> Result<(Page, Option<i64>), Problem> {
    let page = Page::of(call.request, 1)?;
    let number = page.after.as_ref().map(|key| integer(&key[0])).transpose()?;
    Ok((page, number))
}

/// A number in a cursor.
pub fn integer(text: &str) -> Result<i64, Problem> {
    text.parse().map_err(|_| Problem::InvalidCursor)
}

/// A key as a cursor holds it.
pub fn of_key(key: Key) -> Vec<String> {
    vec![key.at.to_string(), key.id]
}
