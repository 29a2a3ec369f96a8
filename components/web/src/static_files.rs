//! `/static/…`: the files that Spin mounts for this component. Nothing outside that folder can be named.

use std::path::PathBuf;

use serve::{Problem, Reply, Request, StatusCode};
use store::secret;

use crate::assets::{SHEET, STYLES};
use crate::routes::Call;

/// Where the manifest mounts them.
#[cfg(target_arch = "wasm32")]
const ROOT: &str = "/static";
#[cfg(not(target_arch = "wasm32"))]
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../static");

/// A file whose URL bears a stamp of its content never changes under that URL.
const STAMPED: &str = "public, max-age=31536000, immutable";
/// Any other may be kept, and is asked for again by its ETag.
const UNSTAMPED: &str = "public, no-cache";

/// One file.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    file(call.request, call.names)
}

fn file(request: &Request, segments: &[&str]) -> Result<Reply, Problem> {
    let missing = || Problem::NotFound { what: "file", id: request.path.clone() };
    let content_type = segments.last().and_then(|name| content_type(name)).ok_or_else(missing)?;
    if !segments.iter().all(|segment| is_plain(segment)) {
        return Err(missing());
    }
    let path = segments.join("/");
    let bytes = if path == SHEET.path() { sheet().into_bytes() } else { read(&path).ok_or_else(missing)? };
    let etag = format!("\"{}\"", &secret::sha256_bytes(&bytes)[..32]);
    let cached = if request.query("v").is_some() { STAMPED } else { UNSTAMPED };
    Ok(fresh_or(request, &etag, || Reply::bytes(StatusCode::OK, content_type, bytes))
        .with_header("cache-control", cached))
}

fn read(path: &str) -> Option<Vec<u8>> {
    std::fs::read(PathBuf::from(ROOT).join(path)).ok()
}

/// Every style sheet in its order, without comments and indentation.
fn sheet() -> String {
    let files = STYLES.iter().filter_map(|style| String::from_utf8(read(style.path())?).ok());
    files.map(|text| plain(&text)).collect()
}

fn plain(css: &str) -> String {
    let mut rest = css;
    let mut text = String::with_capacity(css.len());
    while let Some((before, comment)) = rest.split_once("/*") {
        text += before;
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    text += rest;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// 304 where the client has this already, else the reply; with the ETag either way.
pub fn fresh_or(request: &Request, etag: &str, reply: impl FnOnce() -> Reply) -> Reply {
    let asked = request.header("if-none-match").unwrap_or_default();
    let has_it = asked.split(',').any(|tag| tag.trim().trim_start_matches("W/") == etag || tag.trim() == "*");
    let reply = if has_it { not_modified() } else { reply() };
    reply.with_header("etag", etag)
}

fn not_modified() -> Reply {
    let mut reply = Reply::no_content();
    reply.status = StatusCode::NOT_MODIFIED;
    reply
}

fn is_plain(segment: &str) -> bool {
    !segment.is_empty()
        && !segment.starts_with('.')
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

fn content_type(name: &str) -> Option<&'static str> {
    Some(match name.rsplit_once('.')?.1 {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "html" => "text/html; charset=utf-8",
        "txt" => "text/plain; charset=utf-8",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serve::Method;

    use super::*;

    fn get(target: &str) -> Result<Reply, Problem> {
        let request = Request::new(Method::GET, target)?;
        let segments = request.segments();
        file(&request, &segments[1..])
    }

    #[test]
    fn a_file_has_its_type_and_an_etag_that_saves_it_the_next_time() {
        let reply = get("/static/css/base.css?v=1").unwrap();
        assert_eq!(reply.header("content-type"), Some("text/css; charset=utf-8"));
        assert_eq!(reply.header("cache-control"), Some(STAMPED));
        let etag = reply.header("etag").unwrap();
        let again = Request::new(Method::GET, "/static/css/base.css").unwrap().with_header("if-none-match", etag);
        let again = file(&again, &["css", "base.css"]).unwrap();
        assert_eq!((again.status, again.text()), (StatusCode::NOT_MODIFIED, String::new()));
        assert_eq!(again.header("cache-control"), Some(UNSTAMPED));
    }

    #[test]
    fn the_sheet_holds_every_style_in_its_order_and_no_comment() {
        let text = get("/static/all.css?v=1").unwrap().text();
        assert!(text.starts_with("@layer reset, base, components, utilities;\n"));
        assert!(!text.contains("/*") && text.contains(".badge.good {") && text.contains(".unseen {"));
        assert_eq!(plain("/* a */ b { c: d }\n\n  /* e\n f */ g {}\n"), "b { c: d }\ng {}\n");
    }

    #[test]
    fn nothing_outside_the_folder_can_be_named() {
        for target in [
            "/static/../Cargo.toml",
            "/static/%2e%2e/Cargo.toml",
            "/static/css/..%2f..%2fCargo.toml",
            "/static/css/.hidden.css",
            "/static//etc/passwd.txt",
            "/static/css",
            "/static/css/base.toml",
            "/static/",
        ] {
            assert!(get(target).is_err(), "{target}");
        }
    }
}
