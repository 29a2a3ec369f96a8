//! A row's `revision` as its `ETag`: who changes something names what they saw.

use crate::{Problem, Request};

/// The tag of a revision.
pub fn etag(revision: i64) -> String {
    format!("\"{revision}\"")
}

/// The revision that the request is made to, by its `If-Match`: the guard of the statement that changes the row.
/// A missing one is refused; so is `*`, which names none.
pub fn if_match(request: &Request) -> Result<i64, Problem> {
    let tag =
        request.header("if-match").map(str::trim).filter(|tag| *tag != "*").ok_or(Problem::PreconditionRequired)?;
    // A proxy that compresses makes a tag weak; ours still names the row's revision.
    let number = tag.strip_prefix("W/").unwrap_or(tag).strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    // A tag that is none of ours matches nothing.
    number.and_then(|text| text.parse().ok()).ok_or(Problem::Stale)
}

/// [`Problem::Stale`], unless the request is made to this revision. For what no statement can guard.
pub fn matches(request: &Request, current: i64) -> Result<(), Problem> {
    if if_match(request)? == current { Ok(()) } else { Err(Problem::Stale) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    fn check(tag: Option<&str>, expect: Result<i64, &str>) {
        let request = Request::new(Method::PUT, "/").unwrap();
        let request = tag.map_or(request.clone(), |tag| request.with_header("if-match", tag));
        assert_eq!(if_match(&request).map_err(|problem| problem.slug()), expect, "{tag:?}");
    }

    #[test]
    fn a_change_must_name_the_revision_it_is_made_to() {
        check(Some(&etag(7)), Ok(7));
        check(Some("W/\"7\""), Ok(7));
        check(None, Err("precondition-required"));
        check(Some("*"), Err("precondition-required"));
        check(Some("\"abc\""), Err("stale"));
        check(Some("7"), Err("stale"));
        check(Some("\"1\", \"7\""), Err("stale"));
    }

    #[test]
    fn another_revision_is_stale() {
        let request = Request::new(Method::PUT, "/").unwrap().with_header("if-match", "\"6\"");
        assert!(matches(&request, 6).is_ok());
        assert_eq!(matches(&request, 7).unwrap_err().slug(), "stale");
    }
}
