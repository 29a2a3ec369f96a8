//! The headers that every answer carries.

use crate::{Reply, Settings};

/// Nothing inline, nothing from elsewhere, in nobody's frame.
const ALWAYS: &[(&str, &str)] = &[
    (
        "content-security-policy",
        "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    // Not `no-referrer`: forms would then come with `Origin: null`, which looks like another site's.
    ("referrer-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // Whoever may be cached (files, feeds) says so.
    ("cache-control", "no-store"),
];

/// A year, once the operator says that the site is reached by https.
const HSTS: (&str, &str) = ("strict-transport-security", "max-age=31536000");

/// Adds what is missing; what a reply sets itself stands.
pub fn secured(mut reply: Reply, settings: &Settings) -> Reply {
    let hsts = settings.is_https().then_some(&HSTS);
    for (name, value) in ALWAYS.iter().chain(hsts) {
        if reply.header(name).is_none() {
            reply = reply.with_header(name, value);
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatusCode;

    #[test]
    fn every_answer_forbids_inline_code_and_foreign_frames() {
        let reply = secured(Reply::html(StatusCode::OK, ""), &Settings::of(&[]));
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'"));
        assert!(!policy.contains("unsafe"));
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("strict-transport-security"), None);
    }

    #[test]
    fn https_is_kept_once_it_is_known() {
        let settings = Settings::of(&[("public_url", "https://rondo.example")]);
        assert!(secured(Reply::no_content(), &settings).header("strict-transport-security").is_some());
    }

    #[test]
    fn what_a_reply_sets_itself_stands() {
        let reply = Reply::no_content().with_header("cache-control", "max-age=60");
        let reply = secured(reply, &Settings::of(&[]));
        assert_eq!(reply.headers.iter().filter(|(name, _)| name == "cache-control").count(), 1);
        assert_eq!(reply.header("cache-control"), Some("max-age=60"));
    }
}
