//! Percent-decoding that refuses what it cannot read, for paths, queries and forms alike.

use percent_encoding::percent_decode_str;

use crate::Problem;

/// Decodes one piece of a URL. Malformed escapes, bytes that are no UTF-8, and zero bytes are refused.
pub fn decode(text: &str) -> Result<String, Problem> {
    let decoded = decode_text(text)?;
    if decoded.contains('\0') {
        return Err(Problem::MalformedUrl { complaint: "it holds a zero byte".into() });
    }
    Ok(decoded)
}

fn decode_text(text: &str) -> Result<String, Problem> {
    let malformed = |complaint: &str| Problem::MalformedUrl { complaint: complaint.into() };
    let escapes_hold = text.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    });
    if !escapes_hold {
        return Err(malformed("a `%` must be followed by two hexadecimal digits"));
    }
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| malformed("its escapes are not UTF-8"))?;
    Ok(decoded.into_owned())
}

/// The segments of a path, decoded: none for `/`. One that could be taken for another path, such as `..` or one
/// with a slash in it, is refused.
pub fn segments(path: &str) -> Result<Vec<String>, Problem> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    if inner.is_empty() {
        return Ok(Vec::new());
    }
    inner
        .split('/')
        .map(|segment| {
            let segment = decode(segment)?;
            if matches!(segment.as_str(), "." | "..") || segment.contains(['/', '\\']) {
                return Err(Problem::MalformedUrl { complaint: "a segment stands for another path".into() });
            }
            Ok(segment)
        })
        .collect()
}

/// The pairs of a query, decoded.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    pairs_by(text, decode)
}

/// The pairs of an urlencoded form, decoded. Which characters may be in it, the form says field by field.
pub fn form_pairs(text: &str) -> Result<Vec<(String, String)>, Problem> {
    pairs_by(text, decode_text)
}

fn pairs_by(text: &str, decode: fn(&str) -> Result<String, Problem>) -> Result<Vec<(String, String)>, Problem> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(&name.replace('+', " "))?, decode(&value.replace('+', " "))?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expect: Option<&[&str]>) {
        assert_eq!(
            segments(path).ok().as_deref(),
            expect.map(|s| s.iter().map(ToString::to_string).collect::<Vec<_>>()).as_deref(),
            "{path}"
        );
    }

    #[test]
    fn segments_are_decoded_after_the_path_is_cut() {
        check("/", Some(&[]));
        check("/api/v1", Some(&["api", "v1"]));
        check("/api/", Some(&["api", ""]));
        check("/caf%C3%A9/a+b", Some(&["café", "a+b"]));
    }

    #[test]
    fn malformed_escapes_are_refused() {
        for path in ["/%", "/%4", "/%zz", "/%c3%28", "/%ff", "/a%00b", "/%+1", "/%é0"] {
            check(path, None);
        }
    }

    #[test]
    fn segments_that_stand_for_another_path_are_refused() {
        for path in ["/static/..", "/%2e%2E/x", "/static/..%2fetc", "/a%5cb", "/./a"] {
            check(path, None);
        }
        check("/...", Some(&["..."]));
    }

    #[test]
    fn pairs_keep_their_order_and_a_plus_is_a_space() {
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(
            pairs("a=1&b=x+y%2B&a=2&c").unwrap(),
            [pair("a", "1"), pair("b", "x y+"), pair("a", "2"), pair("c", "")]
        );
        assert!(pairs("a=%e4").is_err());
    }
}
