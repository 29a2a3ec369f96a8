//! Cookies and their rules, and the address of the site as links need it.

use url::Url;

use crate::{App, Request, Settings};

/// The cookie where the site is reached by https. `__Host-` binds it to this host, this path and https.
pub const COOKIE: &str = "__Host-sid";
/// The cookie on `http://localhost`, where browsers keep no `Secure` one.
pub const COOKIE_LOCAL: &str = "sid";
/// The one cookie that counts on this site.
pub fn cookie_name(settings: &Settings, request: &Request) -> &'static str {
    if is_plain_local(settings, request) { COOKIE_LOCAL } else { COOKIE }
}

/// Plain http on the machine itself: by the public URL, or where that is not set by the host that was asked for.
fn is_plain_local(settings: &Settings, request: &Request) -> bool {
    let origin =
        settings.public_url().unwrap_or_else(|| format!("http://{}", request.header("host").unwrap_or_default()));
    Url::parse(&origin)
        .is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
}

/// The session's `Set-Cookie`.
pub(crate) fn cookie(settings: &Settings, request: &Request, value: &str, max_age_s: i64) -> String {
    set_cookie(settings, request, "sid", value, max_age_s)
}

/// Whose cookie has this name here: `__Host-` and Secure, but on the machine itself.
pub(crate) fn named(settings: &Settings, request: &Request, name: &str) -> String {
    if is_plain_local(settings, request) { name.into() } else { format!("__Host-{name}") }
}

/// A `Set-Cookie`. An age of 0 clears it.
pub(crate) fn set_cookie(settings: &Settings, request: &Request, name: &str, value: &str, max_age_s: i64) -> String {
    let name = named(settings, request, name);
    let secure = if name.starts_with("__Host-") { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}")
}

/// The address of a page of ours, for people to open elsewhere.
pub fn link(app: App<'_>, request: &Request, path: &str) -> String {
    let base = app.settings.public_url().unwrap_or_else(|| {
        let scheme = if is_plain_local(app.settings, request) { "http" } else { "https" };
        format!("{scheme}://{}", request.header("host").unwrap_or_default())
    });
    format!("{base}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Method;

    #[test]
    fn the_cookie_is_bound_to_https_and_host_but_on_the_machine_itself() {
        let check = |public_url: &str, host: &str, expect: &str| {
            let settings = Settings::of(&[("public_url", public_url)]);
            let request = Request::new(Method::GET, "/").unwrap().with_header("host", host);
            assert_eq!(cookie_name(&settings, &request), expect, "{public_url} {host}");
            assert_eq!(cookie(&settings, &request, "x", 1).contains("; Secure"), expect == COOKIE);
            assert!(cookie(&settings, &request, "x", 1).contains("; HttpOnly; SameSite=Lax"));
        };
        check("", "localhost:3000", COOKIE_LOCAL);
        check("", "127.0.0.1:3000", COOKIE_LOCAL);
        check("", "[::1]:3000", COOKIE_LOCAL);
        check("", "rondo.example", COOKIE);
        check("", "localhost.evil.example", COOKIE);
        check("", "", COOKIE);
        check("https://rondo.example", "127.0.0.1:3000", COOKIE);
        check("http://localhost:3000", "rondo.example", COOKIE_LOCAL);
    }
}
