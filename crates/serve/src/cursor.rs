//! Cursors: where the next page begins, opaque to the client.

use base64ct::{Base64UrlUnpadded, Encoding};

use crate::{Problem, Request};

/// Entries of a page, unless the client says otherwise.
pub const LIMIT_DEFAULT: u32 = 50;
/// Most entries of a page.
pub const LIMIT_MAX: u32 = 200;
/// Longest cursor in bytes.
const CURSOR_BYTES_MAX: usize = 1_000;

/// Which page a request wants, by `?cursor=` and `?limit=`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The key of the last entry of the page before; `None`: begin.
    pub after: Option<Vec<String>>,
    /// How many entries. Ask the store for one more, to know whether there is a next page.
    pub limit: u32,
}

impl Page {
    /// Reads it. `columns`: how many the list's key has.
    pub fn of(request: &Request, columns: usize) -> Result<Self, Problem> {
        let limit = match request.query("limit") {
            None => LIMIT_DEFAULT,
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=LIMIT_MAX).contains(limit))
                .ok_or_else(|| Problem::invalid("limit", format!("must be a number from 1 to {LIMIT_MAX}")))?,
        };
        let after = request.query("cursor").map(|text| decode(text, columns)).transpose()?;
        Ok(Self { after, limit })
    }
}

/// The cursor after the entry with this key.
pub fn encode(key: &[&str]) -> String {
    Base64UrlUnpadded::encode_string(serde_json::json!(key).to_string().as_bytes())
}

/// The key in a cursor.
pub fn decode(cursor: &str, columns: usize) -> Result<Vec<String>, Problem> {
    if cursor.len() > CURSOR_BYTES_MAX {
        return Err(Problem::InvalidCursor);
    }
    let json = Base64UrlUnpadded::decode_vec(cursor).map_err(|_| Problem::InvalidCursor)?;
    let key: Vec<String> = serde_json::from_slice(&json).map_err(|_| Problem::InvalidCursor)?;
    if key.len() == columns { Ok(key) } else { Err(Problem::InvalidCursor) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    #[test]
    fn a_cursor_comes_back_as_it_was_made() {
        let cursor = encode(&["1800000000000", "01j…"]);
        assert!(cursor.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
        assert_eq!(decode(&cursor, 2).unwrap(), ["1800000000000", "01j…"]);
    }

    #[test]
    fn a_cursor_of_another_list_or_a_made_up_one_is_refused() {
        for wrong in [encode(&["1"]), "!".into(), "e30".into(), "A".repeat(CURSOR_BYTES_MAX + 1), String::new()] {
            assert_eq!(decode(&wrong, 2).unwrap_err().slug(), "invalid-cursor", "{wrong}");
        }
    }

    #[test]
    fn a_page_has_a_bounded_limit() {
        let page = |target| Page::of(&Request::new(Method::GET, target).unwrap(), 1);
        assert_eq!(page("/").unwrap(), Page { after: None, limit: LIMIT_DEFAULT });
        assert_eq!(page("/?limit=200").unwrap().limit, 200);
        for wrong in ["/?limit=0", "/?limit=201", "/?limit=x", "/?limit=-1"] {
            assert_eq!(page(wrong).unwrap_err().slug(), "invalid", "{wrong}");
        }
    }
}
