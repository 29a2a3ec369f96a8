//! JSON bodies: every way in which one can be wrong has its own problem, with the field's path.

use domain::brief::Complaint;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::{Problem, Request};

/// Reads the body as JSON of this type.
pub fn read<T: DeserializeOwned>(request: &Request) -> Result<T, Problem> {
    if request.body.is_empty() {
        return Err(Problem::NoBody);
    }
    // A form that another site makes a browser send cannot have this type.
    if request.content_type().as_deref() != Some("application/json") {
        return Err(Problem::WrongContentType { needed: "application/json" });
    }
    let text = std::str::from_utf8(&request.body).map_err(|_| Problem::NotUtf8)?;
    let value = parse(text)?;
    match unwritable(text) {
        None => Ok(value),
        Some(complaint) => {
            let place = unwritable_place(&parse(text)?, "").unwrap_or_else(|| named(""));
            Err(Problem::invalid(&place, complaint))
        }
    }
}

/// The path to the first text that holds what nothing can show, or to what a name that does is in.
fn unwritable_place(value: &Value, at: &str) -> Option<String> {
    match value {
        Value::String(text) => text.contains(domain::text::is_unwritable).then(|| named(at)),
        Value::Array(all) => {
            all.iter().enumerate().find_map(|(place, one)| unwritable_place(one, &format!("{at}[{place}]")))
        }
        Value::Object(all) => all.iter().find_map(|(name, one)| {
            if name.contains(domain::text::is_unwritable) {
                return Some(named(at));
            }
            unwritable_place(one, &if at.is_empty() { name.clone() } else { format!("{at}.{name}") })
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// What is wrong with a text that holds, as an escape or as it is, what nothing can show.
fn unwritable(body: &str) -> Option<String> {
    if let found @ Some(_) = domain::text::complaint(body) {
        return found;
    }
    let mut rest = body;
    while let Some((_, escape)) = rest.split_once('\\') {
        let letter = match escape.as_bytes().first() {
            Some(b'b') => Some('\u{8}'),
            Some(b'f') => Some('\u{c}'),
            Some(b'u') => escape.get(1..5).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32),
            _ => None,
        };
        if letter.is_some_and(domain::text::is_unwritable) {
            let code = u32::from(letter.unwrap_or_default());
            return Some(format!("holds a character that nothing can show (U+{code:04X}); take it out"));
        }
        rest = escape.get(1..).unwrap_or_default();
    }
    None
}

/// Reads a JSON text of this type.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        problem(&path, error.inner())
    })?;
    deserializer.end().map_err(|error| problem("", &error))?;
    Ok(value)
}

/// serde gives its reasons as text only; here, and nowhere else, it is told apart.
fn problem(path: &str, error: &serde_json::Error) -> Problem {
    let text = error.to_string();
    let complaint = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before).to_string();
    if matches!(error.classify(), Category::Syntax | Category::Eof | Category::Io) {
        return Problem::NotJson { line: error.line(), column: error.column(), complaint };
    }
    let field = if path == "." { "" } else { path };
    let quoted = || complaint.split('`').nth(1).unwrap_or_default();
    if complaint.starts_with("unknown field") {
        Problem::UnknownField { field: within(field, quoted()), complaint }
    } else if complaint.starts_with("invalid type") {
        Problem::WrongType { field: named(field), complaint }
    } else if complaint.starts_with("missing field") {
        Problem::Invalid(vec![Complaint { field: within(field, quoted()), complaint: "is missing".into() }])
    } else {
        Problem::Invalid(vec![Complaint { field: named(field), complaint }])
    }
}

fn named(path: &str) -> String {
    if path.is_empty() { "the body".into() } else { path.into() }
}

fn within(path: &str, name: &str) -> String {
    match path {
        "" => name.into(),
        _ if path == name || path.ends_with(&format!(".{name}")) => path.into(),
        _ => format!("{path}.{name}"),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::Method;

    #[test]
    fn what_nothing_can_show_is_found_in_every_spelling() {
        for body in [r#""\u0000""#, r#""a\b""#, r#""\f""#, r#""\\\u001B""#, r#""\uFFFF""#, "\"\u{ffff}\""] {
            assert!(unwritable(body).is_some(), "{body}");
        }
        let place = |body: &str| unwritable_place(&parse(body).unwrap(), "");
        assert_eq!(place(r#"{"a":[{"b":"x"},{"b":"\u0000"}]}"#).as_deref(), Some("a[1].b"));
        assert_eq!(place(r#"{"a":{"\u0000":"x"}}"#).as_deref(), Some("a"));
        for body in [r#""\\u0000 \n\t\r \u00e9 \ud83d\ude00 \\b""#, "{}", r#""\"#, r#""\é"#] {
            assert_eq!(unwritable(body), None, "{body}");
        }
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u8,
    }

    fn check(body: impl Into<Vec<u8>>, slug: &str, detail: &str) {
        let request = Request::new(Method::POST, "/").unwrap().with_body("application/json; charset=utf-8", body);
        let problem = request.json::<Outer>().unwrap_err();
        assert_eq!((problem.slug(), problem.to_string().as_str()), (slug, detail));
    }

    #[test]
    fn each_way_to_be_wrong_has_its_problem_and_names_the_field() {
        check("", "no-body", "the request has no body; send JSON");
        check(b"\xff{}", "not-utf8", "the body is not UTF-8");
        check("{", "not-json", "the body is not JSON: EOF while parsing an object (line 1, column 1)");
        check("{\"inner\":[]} x", "not-json", "the body is not JSON: trailing characters (line 1, column 14)");
        check(
            "{\"inner\":[{\"count\":1,\"kount\":2}]}",
            "unknown-field",
            "`inner[0].kount` is not known here: unknown field `kount`, expected `count`",
        );
        check(
            "{\"inner\":[{\"count\":\"1\"}]}",
            "wrong-type",
            "`inner[0].count` has the wrong type: invalid type: string \"1\", expected u8",
        );
        check("{\"inner\":[{}]}", "invalid", "inner[0].count is missing");
        check("{\"inner\":[{\"count\":300}]}", "invalid", "inner[0].count invalid value: integer `300`, expected u8");
        check("[]", "invalid", "the body invalid length 0, expected struct Outer with 1 element");
        check("7", "wrong-type", "`the body` has the wrong type: invalid type: integer `7`, expected struct Outer");
    }

    #[test]
    fn json_under_another_content_type_is_refused() {
        let body = "{\"inner\":[{\"count\":1}]}";
        for wrong in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
            let request = Request::new(Method::POST, "/").unwrap().with_body(wrong, body);
            assert_eq!(request.json::<Outer>().unwrap_err().slug(), "wrong-content-type", "{wrong}");
        }
        let right = Request::new(Method::POST, "/").unwrap().with_body("Application/JSON", body);
        assert_eq!(right.json::<Outer>().unwrap().inner[0].count, 1);
    }

    #[test]
    fn a_body_that_is_nested_too_deep_is_refused() {
        let request = Request::new(Method::POST, "/").unwrap().with_body("application/json", "[".repeat(100_000));
        assert_eq!(request.json::<Value>().unwrap_err().slug(), "not-json");
    }
}
