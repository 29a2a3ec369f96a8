//! Which component answers a path, and the headers that tell it how it was reached.

use std::net::SocketAddr;

use anyhow::{Result, anyhow};
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

use crate::manifest::HttpTrigger;

/// Finds the component of a path: exact before wildcard, the longest first.
#[derive(Default)]
pub struct Router {
    table: routefinder::Router<Entry>,
}

struct Entry {
    component: String,
    /// As the manifest has it.
    route: String,
}

/// A path's component, and how the path fits its route.
pub struct Matched<'a> {
    pub component: &'a str,
    pub route: &'a str,
    /// What the trailing wildcard stands for, from its `/` on.
    pub rest: String,
    /// What each `:name` stands for.
    pub named: Vec<(String, String)>,
}

impl Router {
    /// Builds the table. Private routes are not in it, so nothing from outside finds them.
    pub fn build(triggers: &[HttpTrigger]) -> Result<Self> {
        let mut router = Self::default();
        for trigger in triggers {
            let Some(route) = &trigger.route else { continue };
            let entry = Entry { component: trigger.component.clone(), route: route.clone() };
            router
                .table
                .add(pattern(route).as_str(), entry)
                .map_err(|error| anyhow!("the route {route:?} cannot be used: {error}"))?;
        }
        Ok(router)
    }

    pub fn find(&self, path: &str) -> Option<Matched<'_>> {
        let found = self.table.best_match(path)?;
        let captures = found.captures();
        let entry = found.handler();
        Some(Matched {
            component: &entry.component,
            route: &entry.route,
            rest: captures.wildcard().map_or_else(String::new, |rest| wildcard(rest, path)),
            named: captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }
}

impl<'a> Matched<'a> {
    /// A call from one component to another: its whole path is the wildcard's.
    pub fn chained(component: &'a str, path: &str) -> Self {
        Self { component, route: "/...", rest: path.to_owned(), named: Vec::new() }
    }
}

/// A manifest's route in the router's words.
fn pattern(route: &str) -> String {
    let absolute = if route.starts_with('/') { route.to_owned() } else { format!("/{route}") };
    let trimmed = absolute.strip_suffix('/').unwrap_or(&absolute);
    match trimmed.strip_suffix("/...") {
        Some(start) => format!("{start}/*"),
        None => trimmed.to_owned(),
    }
}

/// The router drops the slashes around a wildcard; components have always seen them.
fn wildcard(rest: &str, path: &str) -> String {
    match (rest.is_empty(), path.ends_with('/')) {
        (true, false) => String::new(),
        (true, true) => "/".into(),
        (false, false) => format!("/{rest}"),
        (false, true) => format!("/{rest}/"),
    }
}

/// The headers by which a component learns how it was reached. A client's own are dropped.
pub fn set_spin_headers(headers: &mut HeaderMap, uri: &Uri, matched: &Matched, client: SocketAddr) {
    drop_forged(headers);
    let host = headers.get(http::header::HOST).map_or(b"localhost".as_slice(), HeaderValue::as_bytes);
    let scheme = uri.scheme_str().unwrap_or("http");
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let full_url = [scheme.as_bytes(), b"://", host, path.as_bytes()].concat();
    let prefix = matched.route.strip_suffix("/...").unwrap_or(matched.route);

    let mut set = |name: HeaderName, value: &[u8]| {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    };
    set(FULL_URL, &full_url);
    set(PATH_INFO, matched.rest.as_bytes());
    set(MATCHED_ROUTE, matched_route(matched.route).as_bytes());
    set(BASE_PATH, b"/");
    set(RAW_COMPONENT_ROUTE, matched.route.as_bytes());
    set(COMPONENT_ROUTE, prefix.as_bytes());
    set(CLIENT_ADDR, client.to_string().as_bytes());
    for (name, value) in &matched.named {
        let name = format!("{PATH_MATCH}{}", name.replace('_', "-").to_ascii_lowercase());
        if let Ok(name) = HeaderName::try_from(name) {
            set(name, value.as_bytes());
        }
    }
}

const FULL_URL: HeaderName = HeaderName::from_static("spin-full-url");
const PATH_INFO: HeaderName = HeaderName::from_static("spin-path-info");
const MATCHED_ROUTE: HeaderName = HeaderName::from_static("spin-matched-route");
const BASE_PATH: HeaderName = HeaderName::from_static("spin-base-path");
const RAW_COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-raw-component-route");
const COMPONENT_ROUTE: HeaderName = HeaderName::from_static("spin-component-route");
const CLIENT_ADDR: HeaderName = HeaderName::from_static("spin-client-addr");
const PATH_MATCH: &str = "spin-path-match-";

/// Spin reports the route with its base path in front, which eats a trailing slash.
fn matched_route(route: &str) -> String {
    let absolute = if route.starts_with('/') { route.to_owned() } else { format!("/{route}") };
    absolute.strip_suffix('/').unwrap_or(&absolute).to_owned()
}

fn drop_forged(headers: &mut HeaderMap) {
    let ours = [FULL_URL, PATH_INFO, MATCHED_ROUTE, BASE_PATH, RAW_COMPONENT_ROUTE, COMPONENT_ROUTE, CLIENT_ADDR];
    let forged: Vec<HeaderName> =
        (headers.keys()).filter(|name| ours.contains(name) || name.as_str().starts_with(PATH_MATCH)).cloned().collect();
    for name in forged {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[(&str, &str)]) -> Router {
        let triggers: Vec<_> = routes
            .iter()
            .map(|(component, route)| HttpTrigger {
                component: component.to_string(),
                route: (*route != "private").then(|| route.to_string()),
            })
            .collect();
        Router::build(&triggers).unwrap()
    }

    #[track_caller]
    fn check(router: &Router, path: &str, component: &str, rest: &str) {
        let matched = router.find(path).unwrap_or_else(|| panic!("{path} finds nothing"));
        assert_eq!((matched.component, matched.rest.as_str()), (component, rest), "{path}");
    }

    #[test]
    fn exact_goes_before_named_before_wildcard_and_longer_before_shorter() {
        let router = router(&[
            ("all", "/..."),
            ("deep", "/a/b/..."),
            ("shallow", "/a/..."),
            ("exact", "/a/b/c"),
            ("named", "/users/:id"),
            ("me", "/users/me"),
        ]);
        check(&router, "/a/b/c", "exact", "");
        check(&router, "/a/b/d", "deep", "/d");
        check(&router, "/a/x", "shallow", "/x");
        check(&router, "/zzz", "all", "/zzz");
        check(&router, "/users/me", "me", "");
        check(&router, "/users/7", "named", "");
        assert_eq!(router.find("/users/7").unwrap().named, [("id".to_owned(), "7".to_owned())]);
    }

    #[test]
    fn a_trailing_slash_belongs_to_the_wildcard() {
        let router = router(&[("foo", "/foo/..."), ("root", "/")]);
        check(&router, "/foo", "foo", "");
        check(&router, "/foo/", "foo", "/");
        check(&router, "/foo/bar", "foo", "/bar");
        check(&router, "/foo/bar/", "foo", "/bar/");
        check(&router, "/", "root", "");
        assert!(router.find("/fo").is_none());
    }

    #[test]
    fn a_private_route_is_found_by_no_path() {
        let router = router(&[("hidden", "private"), ("seen", "/seen")]);
        check(&router, "/seen", "seen", "");
        for path in ["/", "/hidden", "/private", ""] {
            assert!(router.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn forged_headers_make_way_for_the_real_ones() {
        let router = router(&[("users", "/users/:user_id/...")]);
        let matched = router.find("/users/7/edit").unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("app.example"));
        for forged in ["spin-path-info", "spin-client-addr", "spin-path-match-admin"] {
            headers.append(forged, HeaderValue::from_static("forged"));
            headers.append(forged, HeaderValue::from_static("forged"));
        }
        let uri = Uri::from_static("http://app.example/users/7/edit?x=1");
        set_spin_headers(&mut headers, &uri, &matched, "127.0.0.1:9".parse().unwrap());
        let expect = [
            ("spin-full-url", "http://app.example/users/7/edit?x=1"),
            ("spin-path-info", "/edit"),
            ("spin-matched-route", "/users/:user_id/..."),
            ("spin-base-path", "/"),
            ("spin-raw-component-route", "/users/:user_id/..."),
            ("spin-component-route", "/users/:user_id"),
            ("spin-client-addr", "127.0.0.1:9"),
            ("spin-path-match-user-id", "7"),
        ];
        for (name, value) in expect {
            assert_eq!(headers.get_all(name).iter().collect::<Vec<_>>(), [value], "{name}");
        }
        assert!(!headers.contains_key("spin-path-match-admin"));
    }
}
