//! `allowed_outbound_hosts`: where a component may connect.

use anyhow::{Context, Result, bail};
use url::Host;

use crate::networks::Network;
use crate::variables::Variables;

/// The domain of the app's own components: `http://<component>.spin.internal`.
const CHAINING_SUFFIX: &str = ".spin.internal";

/// What stands for the app itself where a URL must name a host.
const SELF: &str = "self.alt";

/// All that one component may reach.
#[derive(Clone, Debug, Default)]
pub struct AllowedHosts(Vec<AllowedHost>);

#[derive(Clone, Debug, PartialEq)]
struct AllowedHost {
    /// `None` is any scheme.
    scheme: Option<String>,
    host: HostPattern,
    ports: Ports,
}

#[derive(Clone, Debug, PartialEq)]
enum HostPattern {
    Any,
    /// The app itself.
    Itself,
    /// With its leading dot.
    Below(String),
    Exactly(Host),
    Within(Network),
}

#[derive(Clone, Debug, PartialEq)]
enum Ports {
    Any,
    /// The end is not part of it, as in Spin.
    Range(u16, u16),
    One(u16),
}

impl AllowedHosts {
    /// Reads the list of one component. `components` are those a chaining wildcard stands for.
    pub fn parse(list: &[String], variables: &Variables, components: &[&str]) -> Result<Self> {
        let mut hosts = Vec::new();
        for entry in list {
            let filled = variables.fill(entry)?;
            // A variable may be empty to say "no such endpoint".
            if filled != *entry && ["", "http://", "https://"].contains(&filled.as_str()) {
                continue;
            }
            let host =
                AllowedHost::parse(&filled).with_context(|| format!("allowed_outbound_hosts cannot hold {entry:?}"))?;
            match &host.host {
                HostPattern::Below(suffix) if suffix == CHAINING_SUFFIX => {
                    hosts.extend(components.iter().map(|id| AllowedHost {
                        host: HostPattern::Exactly(Host::Domain(format!("{id}{CHAINING_SUFFIX}"))),
                        ..host.clone()
                    }));
                }
                _ => hosts.push(host),
            }
        }
        Ok(Self(hosts))
    }

    /// May it connect there? A port of `None` is the scheme's own.
    pub fn allows(&self, scheme: &str, host: &str, port: Option<u16>) -> bool {
        let Ok(host) = Host::parse(host) else { return false };
        let port = port.or_else(|| default_port(scheme));
        self.0
            .iter()
            .any(|allowed| allowed.allows_scheme(scheme) && allowed.host.matches(&host) && allowed.ports.matches(port))
    }

    /// May it send requests to the app itself?
    pub fn allows_self(&self) -> bool {
        self.0.iter().any(|allowed| {
            matches!(allowed.host, HostPattern::Itself | HostPattern::Any)
                && (allowed.allows_scheme("http") || allowed.allows_scheme("https"))
        })
    }
}

impl AllowedHost {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let Some((scheme, rest)) = text.split_once("://") else {
            bail!("{text:?} is not <scheme>://<host>[:<port>]; each part may be `*`, and *://*:* allows everything");
        };
        if scheme != "*" && !scheme.chars().all(char::is_alphabetic) {
            bail!("the scheme {scheme:?} must be a word or `*`");
        }
        let (host, port) = split_port(rest)?;
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: HostPattern::parse(host)?,
            ports: Ports::parse(port, scheme)?,
        })
    }

    fn allows_scheme(&self, scheme: &str) -> bool {
        self.scheme.as_ref().is_none_or(|own| own == scheme)
    }
}

fn split_port(rest: &str) -> Result<(&str, &str)> {
    let Some((host, port)) = rest.rsplit_once(':') else { return Ok((rest, "")) };
    // The colons of an IPv6 address are none before a port.
    if !port.is_empty() && HostPattern::parse(rest).is_ok() {
        return Ok((rest, ""));
    }
    let port = port.strip_suffix('/').unwrap_or(port);
    if port.contains('/') {
        bail!("it has a path; a grant covers a whole host");
    }
    Ok((host, port))
}

impl HostPattern {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        match text {
            "*" => return Ok(Self::Any),
            "self" | SELF => return Ok(Self::Itself),
            _ => {}
        }
        if let Ok(network) = Network::parse(text) {
            return Ok(Self::Within(network));
        }
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.contains('/') {
            bail!("it has a path; a grant covers a whole host");
        }
        match text.strip_prefix("*.") {
            Some(domain) if !domain.contains('*') => match Host::parse(domain)? {
                Host::Domain(domain) => Ok(Self::Below(format!(".{domain}"))),
                _ => bail!("only a domain has subdomains"),
            },
            None if !text.contains('*') => Ok(Self::Exactly(Host::parse(text)?)),
            _ => bail!("a `*` may stand for the whole host or its first labels only"),
        }
    }

    fn matches(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Itself, _) => false,
            (Self::Below(suffix), Host::Domain(domain)) => domain.ends_with(suffix.as_str()),
            (Self::Exactly(own), host) => own == host,
            (Self::Within(network), Host::Ipv4(address)) => network.contains((*address).into()),
            (Self::Within(network), Host::Ipv6(address)) => network.contains((*address).into()),
            (Self::Below(_) | Self::Within(_), _) => false,
        }
    }
}

impl Ports {
    fn parse(text: &str, scheme: &str) -> Result<Self> {
        if text == "*" {
            return Ok(Self::Any);
        }
        if text.is_empty() {
            let port =
                default_port(scheme).with_context(|| format!("the scheme {scheme:?} has no usual port: add one"))?;
            return Ok(Self::One(port));
        }
        let number = |text: &str| text.parse::<u16>().with_context(|| format!("the port {text:?} is not a number"));
        match text.split_once("..") {
            Some((start, end)) => Ok(Self::Range(number(start)?, number(end)?)),
            None => Ok(Self::One(number(text)?)),
        }
    }

    fn matches(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(own), Some(port)) => *own == port,
            (Self::Range(start, end), Some(port)) => (*start..*end).contains(&port),
            (_, None) => false,
        }
    }
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        "redis" => Some(6379),
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "mqtt" => Some(1883),
        _ => None,
    }
}

/// Does a request to this host go to the app itself? The SDK sends one without a host so.
pub fn is_self(host: &str) -> bool {
    host.is_empty() || host == SELF
}

/// The component that a host stands for, if it is one of the app's own names.
pub fn chained_component(host: &str) -> Option<&str> {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    host.strip_suffix(CHAINING_SUFFIX).filter(|id| !id.is_empty() && !id.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(list: &[&str]) -> AllowedHosts {
        let list: Vec<_> = list.iter().map(|entry| entry.to_string()).collect();
        AllowedHosts::parse(&list, &Variables::default(), &["one", "two"]).unwrap()
    }

    #[track_caller]
    fn check(list: &[&str], yes: &[(&str, &str, Option<u16>)], no: &[(&str, &str, Option<u16>)]) {
        let hosts = allowed(list);
        for (scheme, host, port) in yes {
            assert!(hosts.allows(scheme, host, *port), "{list:?} must allow {scheme}://{host}:{port:?}");
        }
        for (scheme, host, port) in no {
            assert!(!hosts.allows(scheme, host, *port), "{list:?} must refuse {scheme}://{host}:{port:?}");
        }
    }

    #[test]
    fn nothing_is_allowed_by_default() {
        check(&[], &[], &[("https", "example.com", None)]);
        assert!(!allowed(&[]).allows_self());
    }

    #[test]
    fn a_host_is_allowed_with_its_own_scheme_and_port_only() {
        check(
            &["https://example.com", "http://other.com:8080", "http://third.com:*"],
            &[
                ("https", "example.com", None),
                ("https", "EXAMPLE.com", Some(443)),
                ("http", "other.com", Some(8080)),
                ("http", "third.com", Some(1)),
            ],
            &[
                ("http", "example.com", None),
                ("https", "example.com", Some(8443)),
                ("https", "www.example.com", None),
                ("http", "other.com", None),
            ],
        );
    }

    #[test]
    fn wildcards_stand_for_schemes_subdomains_hosts_and_port_ranges() {
        check(
            &["*://*.example.com:80..82"],
            &[("http", "a.example.com", None), ("x", "a.b.example.com", Some(81))],
            &[
                ("http", "example.com", None),
                ("http", "badexample.com", None),
                ("x", "a.example.com", Some(82)),
                ("x", "a.example.com", None),
            ],
        );
        check(&["*://*:*"], &[("http", "x.y", Some(9)), ("https", "[::1]", None)], &[]);
        check(&["https://*:443"], &[("https", "x.y", None)], &[("http", "x.y", None)]);
    }

    #[test]
    fn addresses_match_literally_and_by_range() {
        check(
            &["http://127.0.0.1:3000", "http://[::1]:3000", "http://10.0.0.0/8:80"],
            &[("http", "127.0.0.1", Some(3000)), ("http", "[::1]", Some(3000)), ("http", "10.9.9.9", None)],
            &[("http", "127.0.0.1", None), ("http", "11.0.0.1", None), ("http", "localhost", Some(3000))],
        );
    }

    #[test]
    fn a_chaining_wildcard_means_the_apps_own_components() {
        check(
            &["http://*.spin.internal"],
            &[("http", "one.spin.internal", None), ("http", "two.spin.internal", None)],
            &[("http", "three.spin.internal", None), ("https", "one.spin.internal", None)],
        );
        assert_eq!(chained_component("one.spin.internal:80"), Some("one"));
        assert_eq!(chained_component("a.one.spin.internal"), None);
        assert_eq!(chained_component("spin.internal"), None);
    }

    #[test]
    fn requests_to_the_app_itself_need_self_or_any_host() {
        assert!(allowed(&["http://self"]).allows_self());
        assert!(allowed(&["*://*:*"]).allows_self());
        assert!(!allowed(&["https://example.com", "redis://*"]).allows_self());
        check(&["http://self"], &[], &[("http", "self", None)]);
    }

    #[test]
    fn unusable_entries_are_refused_with_the_reason() {
        for (entry, reason) in [
            ("*", "<scheme>"),
            ("example.com", "<scheme>"),
            ("https://example.com/path", "path"),
            ("https://example.com:80/path", "path"),
            ("https://a.*.com", "first labels"),
            ("https://example.com:http", "not a number"),
            ("gopher://example.com", "no usual port"),
        ] {
            let list = [entry.to_owned()];
            let error = AllowedHosts::parse(&list, &Variables::default(), &[]).unwrap_err();
            assert!(format!("{error:#}").contains(reason), "{entry}: {error:#}");
        }
    }
}
