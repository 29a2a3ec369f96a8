//! Lists that come in pages: which page is wanted, and the way to the next.

use maud::{Markup, html};
use serve::cursor::{self, Page};
use serve::{Problem, Request};
use store::page::Key;

/// The page that is wanted of a list sorted by time, and the key that it begins after.
pub fn by_time(request: &Request) -> Result<(Page, Option<Key>), Problem> {
    let page = Page::of(request, 2)?;
    let key = page.after.as_deref().map(key).transpose()?;
    Ok((page, key))
}

/// The key that the second list of a page begins after, by a name of its own in the address.
pub fn second(request: &Request, name: &str) -> Result<Option<Key>, Problem> {
    request.query(name).map(|text| key(&cursor::decode(text, 2)?)).transpose()
}

fn key(columns: &[String]) -> Result<Key, Problem> {
    match columns {
        [at, id] => Ok(Key { at: at.parse().map_err(|_| Problem::InvalidCursor)?, id: id.clone() }),
        _ => Err(Problem::InvalidCursor),
    }
}

/// Cuts off the row that tells whether there are more, and answers the cursor of the next page, if there is one.
pub fn cut<T>(rows: &mut Vec<T>, limit: u32, key: impl Fn(&T) -> Vec<String>) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let key = rows.last().filter(|_| more).map(key)?;
    Some(cursor::encode(&key.iter().map(String::as_str).collect::<Vec<_>>()))
}

/// A key as a cursor holds it.
pub fn of_key(key: Key) -> Vec<String> {
    vec![key.at.to_string(), key.id]
}

/// The way to the next page: `start` is the address up to the cursor, `/settings/members?cursor=`.
pub fn more(start: &str, next: Option<&str>, label: &str) -> Markup {
    html! { @if let Some(next) = next { p.gap { a.button rel="next" href={ (start) (next) } { (label) } } } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_row_too_many_is_cut_off_and_told_as_a_cursor() {
        let key = |row: &i64| vec![row.to_string()];
        let mut rows = vec![1, 2, 3];
        let next = cut(&mut rows, 2, key).unwrap();
        assert_eq!((rows.as_slice(), cursor::decode(&next, 1).unwrap()), ([1, 2].as_slice(), vec!["2".to_string()]));
        assert_eq!(cut(&mut rows, 2, key), None);
        assert_eq!(more("/a?cursor=", None, "More").into_string(), "");
    }
}
