//! That of an answer nothing but text came from data, whatever was asked.

use futures::executor::block_on;
use serve::{Body, Reply};

use super::hostile_text::{MARK, PAYLOADS};
use super::{World, browser};

/// What is wrong with an answer, whatever was asked.
pub(super) fn check(reply: &Reply) -> Result<(), String> {
    if reply.status.is_server_error() {
        return Err(format!("it broke: {}", reply.status));
    }
    only_text(reply)
}

/// That nothing of it but text is not ours.
pub(super) fn only_text(reply: &Reply) -> Result<(), String> {
    browser::headers_are_whole(reply)?;
    let kind = reply.header("content-type").unwrap_or_default();
    match &reply.body {
        Body::Bytes(bytes) if kind.starts_with("text/html") => {
            let found = browser::not_ours(std::str::from_utf8(bytes).map_err(|error| error.to_string())?, MARK);
            if found.is_empty() { Ok(()) } else { Err(found.join("; ")) }
        }
        Body::Bytes(bytes) if kind.starts_with("application/json") => {
            serde_json::from_slice::<serde_json::Value>(bytes).map(drop).map_err(|error| error.to_string())
        }
        Body::Bytes(bytes) if kind.starts_with("text/csv") => cells_are_text(&String::from_utf8_lossy(bytes)),
        Body::Bytes(bytes) if kind.contains("atom") || kind.contains("feed") => {
            feed_rs::parser::parse(&bytes[..]).map(drop).map_err(|error| error.to_string())
        }
        Body::Bytes(_) | Body::Events(_) | Body::Pieces(_) => Ok(()),
    }
}

/// That no cell of a CSV file is a formula.
fn cells_are_text(csv: &str) -> Result<(), String> {
    let (mut begins, mut quoted, mut rest) = (true, false, csv.trim_start_matches('\u{feff}').chars().peekable());
    while let Some(letter) = rest.next() {
        if begins {
            let first = if letter == '"' { rest.peek().copied().unwrap_or('"') } else { letter };
            let number = |text: &str| text.parse::<f64>().is_ok();
            let cell: String = rest.clone().take_while(|c| !matches!(c, ',' | '\r' | '\n' | '"')).collect();
            if matches!(first, '=' | '+' | '@' | '\t') || (first == '-' && !number(&cell)) || (first == '\r' && quoted)
            {
                return Err(format!("a cell begins with {first:?}: {cell}"));
            }
        }
        if letter == '"' {
            quoted = !quoted;
        }
        begins = !quoted && matches!(letter, ',' | '\n');
    }
    Ok(())
}

/// All of an answer, as text: what is sent in pieces as well.
pub(super) fn whole(world: &World, reply: Reply) -> Reply {
    let Reply { status, headers, body, .. } = reply;
    let bytes = match body {
        Body::Bytes(bytes) => bytes,
        Body::Events(_) => Vec::new(),
        Body::Pieces(mut source) => {
            let mut all = Vec::new();
            while let Some(piece) = block_on(source.next(&world.db)).unwrap() {
                all.extend(piece);
            }
            all
        }
    };
    Reply { headers, ..Reply::bytes(status, "", bytes) }
}

#[test]
fn text_that_is_not_escaped_is_found_out() {
    let contexts: &[fn(&str) -> String] = &[
        |text| format!("<p>{text}</p>"),
        |text| format!("<input value=\"{text}\">"),
        |text| format!("<input value='{text}'>"),
        |text| format!("<input value={text}>"),
        |text| format!("<a href=\"{}\">x</a>", text.replace('"', "&quot;")),
        |text| format!("<textarea>{text}</textarea>"),
        |text| format!("<title>{text}</title>"),
        |text| format!("<style>{text}</style>"),
        |text| format!("<script src=/static/a.js></script><script>var a = '{text}'</script>"),
        |text| format!("<!-- {text} -->"),
        |text| format!("<svg><text>{text}</text></svg>"),
    ];
    for (at, context) in contexts.iter().enumerate() {
        let caught = PAYLOADS.iter().filter(|(_, payload)| !browser::not_ours(&context(payload), MARK).is_empty());
        assert!(caught.count() > 0, "the unescaped rendering {at} is not seen");
        let harmless = context("Anna &amp; Bertolt");
        assert!(at == 8 || browser::not_ours(&harmless, MARK).is_empty(), "{harmless} is ours");
    }
    assert!(cells_are_text("a,b\n1,\"=zqx7\"\n").is_err() && cells_are_text("a,b\n1,+1\n").is_err());
    assert!(cells_are_text("a,b\n-1,\"'=zqx7, +1\"\n").is_ok());
    let split = Reply::html(serve::StatusCode::OK, "").with_header("location", "/a\r\nb: c");
    assert!(browser::headers_are_whole(&split).is_err());
}
