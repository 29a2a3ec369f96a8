//! Text travels compressed where the browser takes it: a page of posts says most things ten times.
//!
//! Length tells something of what was compressed, and a page holds the form's token. Guessing it needs many requests
//! with the session's cookie and words of the guesser's in them (BREACH); the cookie is `SameSite`, so another site's
//! page can make none but by opening ours before the person's eyes. What shows a secret once is left as it is.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serve::{Body, Reply, Request};

/// Shorter bodies gain nothing.
const WORTH_BYTES: usize = 1024;
/// Of nine: higher ones take longer than they save.
const LEVEL: u32 = 5;

/// The reply as this browser takes it.
pub fn for_browser(request: &Request, reply: Reply) -> Reply {
    let Body::Bytes(bytes) = &reply.body else { return reply };
    if bytes.len() < WORTH_BYTES || !is_text(&reply) || reply.secret {
        return reply;
    }
    let packed = takes_gzip(request).then(|| pack(bytes)).flatten();
    let mut reply = reply.with_header("vary", "accept-encoding");
    let Some(packed) = packed else { return reply };
    // The same content in other bytes: the tag is a weak one now.
    for (name, value) in &mut reply.headers {
        if *name == "etag" && !value.starts_with("W/") {
            value.insert_str(0, "W/");
        }
    }
    reply.body = Body::Bytes(packed);
    reply.with_header("content-encoding", "gzip")
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(LEVEL));
    packer.write_all(bytes).ok()?;
    packer.finish().ok()
}

fn takes_gzip(request: &Request) -> bool {
    let accepted = request.header("accept-encoding").unwrap_or_default();
    accepted.split(',').any(|one| {
        let mut parts = one.split(';').map(str::trim);
        parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
    })
}

fn is_text(reply: &Reply) -> bool {
    let kind = reply.header("content-type").unwrap_or_default();
    kind.starts_with("text/") || kind.starts_with("image/svg+xml") || kind.contains("json") || kind.contains("xml")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;
    use serve::{Method, StatusCode};

    use super::*;

    fn answer(accepts: &str, reply: Reply) -> Reply {
        for_browser(&Request::new(Method::GET, "/").unwrap().with_header("accept-encoding", accepts), reply)
    }

    fn page() -> Reply {
        Reply::html(StatusCode::OK, "one and the same ".repeat(200)).with_header("etag", "\"a\"")
    }

    #[test]
    fn a_page_travels_compressed_to_who_takes_it_and_is_the_same() {
        let reply = answer("br;q=1, gzip;q=0.8", page());
        let Body::Bytes(bytes) = &reply.body else { panic!("bytes") };
        assert!(bytes.len() < 200, "{}", bytes.len());
        let mut text = String::new();
        GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
        assert_eq!(text, page().text());
        let headers = ["content-encoding", "vary", "etag"].map(|name| reply.header(name));
        assert_eq!(headers, [Some("gzip"), Some("accept-encoding"), Some("W/\"a\"")]);
    }

    #[test]
    fn others_get_it_as_it_is() {
        for accepts in ["", "br", "gzip;q=0", "identity"] {
            let reply = answer(accepts, page());
            assert_eq!((reply.header("content-encoding"), reply.text()), (None, page().text()), "{accepts}");
        }
    }

    #[test]
    fn what_is_short_or_secret_or_no_text_is_left_alone() {
        let picture = Reply::bytes(StatusCode::OK, "image/png", vec![0; 9_000]);
        for reply in [Reply::html(StatusCode::OK, "short"), page().with_secret(), picture] {
            assert_eq!(answer("gzip", reply).header("content-encoding"), None);
        }
    }
}
