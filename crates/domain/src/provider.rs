//! Providers of language models: what a workspace may connect, and where a model may be.

use std::net::IpAddr;

use url::{Host, Url};

use crate::words::words;

words! {
    /// Whose wire a provider speaks.
    pub enum ProviderKind {
        /// OpenAI's chat completions, and whatever speaks like them.
        OpenAi = "openai",
        /// Anthropic's Messages.
        Anthropic = "anthropic",
        /// Ollama's own API: models on a machine of one's own.
        Ollama = "ollama",
        /// Spin's own `llm`: models that the host of the app runs.
        SpinLlm = "spin_llm",
    }
}

words! {
    /// What came of trying a provider.
    pub enum CheckVerdict {
        /// It answered.
        Reached = "reached",
        /// It does not take the key.
        KeyWrong = "key_wrong",
        /// It has no such model.
        ModelUnknown = "model_unknown",
        /// The account is empty.
        Quota = "quota",
        /// It asks us to wait.
        Busy = "busy",
        /// No whole answer came in time.
        TimedOut = "timed_out",
        /// The request could not leave.
        Unreachable = "unreachable",
        /// It answered something else.
        Failed = "failed",
    }
}

impl ProviderKind {
    /// Whether it can turn texts into vectors of meaning.
    pub const fn has_embeddings(self) -> bool {
        matches!(self, Self::OpenAi | Self::Ollama | Self::SpinLlm)
    }

    /// As people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::OpenAi => "OpenAI, or what speaks like it",
            Self::Anthropic => "Anthropic",
            Self::Ollama => "Ollama, on a machine of your own",
            Self::SpinLlm => "Spin’s own models, of whoever runs Rondo",
        }
    }

    /// Where it is if no address is given.
    pub const fn own_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1",
            Self::Anthropic => "https://api.anthropic.com",
            Self::Ollama => "http://127.0.0.1:11434",
            Self::SpinLlm => HOSTS_OWN,
        }
    }

    /// Whether it is the host of the app itself: it has no address and no key.
    pub const fn is_the_host(self) -> bool {
        matches!(self, Self::SpinLlm)
    }

    /// Whether it costs nothing.
    pub const fn is_free(self) -> bool {
        matches!(self, Self::Ollama)
    }
}

/// Most models that a provider lists.
pub const MODELS_MAX: usize = 50;
/// Longest name of a model, in characters.
pub const MODEL_CHARS_MAX: usize = 120;
/// Longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 500;
/// Longest address, in bytes.
pub const URL_BYTES_MAX: usize = 300;
/// Most calls at a time that a provider can be set to.
pub const AT_ONCE_MAX: u32 = 64;
/// Calls at a time, unless set.
pub const AT_ONCE_DEFAULT: u32 = 8;
/// Last turn that a provider can be given.
pub const TURN_MAX: u32 = 99;

/// The variables by which the operator names hosts of models; each may name one pattern.
const HOST_VARIABLES: [&str; 3] = ["model_hosts", "model_hosts_second", "model_hosts_third"];
/// What stands there until the operator names one.
const NOWHERE: &str = "https://model.invalid";

/// Where the operator lets providers be, as patterns of hosts.
pub fn hosts(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    HOST_VARIABLES.iter().filter_map(|name| variable(name)).filter(|host| host != NOWHERE).collect()
}

/// What stands for the address of what has none.
const HOSTS_OWN: &str = "spin:llm";

/// The models of Spin's own `llm` that the operator lets workspaces ask: `spin_llm_models`, with commas between them.
pub fn hosts_models(variable: impl Fn(&str) -> Option<String>) -> Vec<String> {
    let named = variable("spin_llm_models").unwrap_or_default();
    named.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Into::into).collect()
}

/// Whether each of these is a model that the operator lets workspaces ask of the host.
pub fn allowed_of_host(models: &[String], allowed: &[String]) -> Result<(), String> {
    match models.iter().find(|model| !allowed.contains(model)) {
        None => Ok(()),
        Some(_) if allowed.is_empty() => {
            Err("are none: whoever runs Rondo names those of Spin’s own in `spin_llm_models`".into())
        }
        Some(model) => {
            Err(format!("hold `{model}`; whoever runs Rondo allows these of Spin’s own: {}", allowed.join(", ")))
        }
    }
}

/// Names of models, as they are kept: each once.
pub fn models<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Vec<String>, String> {
    let mut kept: Vec<String> = Vec::new();
    for name in names.into_iter().map(str::trim).filter(|name| !name.is_empty()) {
        if name.chars().count() > MODEL_CHARS_MAX || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err(format!("must be names as the provider has them, {MODEL_CHARS_MAX} characters at most"));
        }
        if !kept.iter().any(|one| one == name) {
            kept.push(name.into());
        }
    }
    match kept.len() {
        0 => Err("must name at least one".into()),
        1..=MODELS_MAX => Ok(kept),
        many => Err(format!("are {many}; the most is {MODELS_MAX}")),
    }
}

/// A key that a header can carry.
pub fn key(text: &str) -> Result<&str, String> {
    let key = text.trim();
    if !(1..=KEY_BYTES_MAX).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(format!("must be 1 to {KEY_BYTES_MAX} visible ASCII characters without spaces"));
    }
    Ok(key)
}

/// Where a workspace's provider is, as it is kept: within what the operator allows (`allowed`: patterns as
/// `allowed_outbound_hosts` has them). By plain http only on this very machine; an address that names no public host
/// only where the operator names just that.
pub fn base_url<'a>(
    kind: ProviderKind,
    text: &str,
    allowed: impl IntoIterator<Item = &'a str>,
) -> Result<String, String> {
    let text = if text.trim().is_empty() { kind.own_url() } else { text.trim() };
    if kind.is_the_host() {
        return if text == HOSTS_OWN {
            Ok(HOSTS_OWN.into())
        } else {
            Err("must be empty: Spin itself is asked".into())
        };
    }
    if text.len() > URL_BYTES_MAX {
        return Err(format!("has {} bytes; the most is {URL_BYTES_MAX}", text.len()));
    }
    let url = Url::parse(text).map_err(|_| format!("is no URL; try `{}`", kind.own_url()))?;
    let Some(host) = url.host() else { return Err("names no host".into()) };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("holds more than host, port and path; the key has its own field".into());
    }
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&host) => {}
        _ => return Err("must begin with `https://`; only what runs on this very machine may have `http://`".into()),
    }
    let grant = allowed.into_iter().map(|pattern| granted(pattern, &url)).max().unwrap_or(Grant::No);
    match grant {
        Grant::ByName => {}
        Grant::ByWildcard if is_public(&host) => {}
        Grant::ByWildcard => {
            return Err("is no public host; whoever runs Rondo must name just it in `model_hosts`".into());
        }
        Grant::No => {
            return Err(format!(
                "is not among the hosts that whoever runs Rondo allows; `model_hosts` must hold `{}`",
                url.origin().ascii_serialization()
            ));
        }
    }
    Ok(url.as_str().trim_end_matches('/').into())
}

/// How far a pattern grants a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Grant {
    No,
    ByWildcard,
    ByName,
}

/// `scheme://host:port` as Spin reads it: `*` for any scheme, host or port, `*.suffix`, `from..to` for ports.
fn granted(pattern: &str, url: &Url) -> Grant {
    let Some((scheme, rest)) = pattern.trim().split_once("://") else { return Grant::No };
    if scheme != "*" && !scheme.eq_ignore_ascii_case(url.scheme()) {
        return Grant::No;
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let (host, port) = match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => (&authority[..at], Some(&authority[at + 1..])),
        _ => (authority, None),
    };
    let asked = url.port_or_known_default();
    let port_fits = match port {
        None => asked == Some(if url.scheme() == "https" { 443 } else { 80 }),
        Some("*") => true,
        Some(text) => match text.split_once("..") {
            Some((from, to)) => match (from.parse::<u16>(), to.parse::<u16>()) {
                (Ok(from), Ok(to)) => asked.is_some_and(|port| (from..to).contains(&port)),
                _ => false,
            },
            None => text.parse::<u16>().ok() == asked,
        },
    };
    let named = url.host_str().unwrap_or_default();
    match host {
        _ if !port_fits => Grant::No,
        "*" => Grant::ByWildcard,
        host => match host.strip_prefix('*') {
            Some(suffix) if suffix.starts_with('.') && named.ends_with(&suffix.to_ascii_lowercase()) => {
                Grant::ByWildcard
            }
            None if host.eq_ignore_ascii_case(named) => Grant::ByName,
            _ => Grant::No,
        },
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// A name with a dot that is not one of those which only a network of one's own knows; never a bare address.
fn is_public(host: &Host<&str>) -> bool {
    let Host::Domain(name) = host else { return false };
    let name = name.trim_end_matches('.');
    let private = ["localhost", "local", "internal", "lan", "home", "intranet", "corp", "arpa"];
    let last = name.rsplit('.').next().unwrap_or_default();
    name.contains('.') && !private.contains(&last) && name.parse::<IpAddr>().is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, allowed: &[&str], expect: Result<&str, &str>) {
        let found = base_url(ProviderKind::OpenAi, text, allowed.iter().copied());
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert_eq!(found, expect),
            (Err(found), Err(part)) => assert!(found.contains(part), "{text}: {found}"),
            (found, _) => panic!("{text}: {found:?}"),
        }
    }

    #[test]
    fn a_provider_is_where_the_operator_allows_it() {
        check("", &["https://api.openai.com"], Ok("https://api.openai.com/v1"));
        check("https://Gate.example/v1/", &["https://gate.example"], Ok("https://gate.example/v1"));
        check("https://gate.example:8443", &["https://gate.example:8443"], Ok("https://gate.example:8443"));
        check("https://gate.example:8443", &["https://gate.example:8000..9000"], Ok("https://gate.example:8443"));
        check("https://eu.gate.example", &["https://*.gate.example"], Ok("https://eu.gate.example"));
        check("https://any.example", &["https://model.invalid", "https://*:443"], Ok("https://any.example"));
        check("http://127.0.0.1:11434/v1", &["http://127.0.0.1:11434"], Ok("http://127.0.0.1:11434/v1"));
        check("https://10.0.0.5/v1", &["https://10.0.0.5"], Ok("https://10.0.0.5/v1"));
    }

    #[test]
    fn what_the_operator_does_not_allow_is_refused_with_what_would_be_needed() {
        check("https://other.example/v1", &["https://gate.example"], Err("`https://other.example`"));
        check("https://gate.example:444", &["https://gate.example"], Err("model_hosts"));
        check("https://evilgate.example", &["https://*.gate.example"], Err("model_hosts"));
        check("https://gate.example.evil.example", &["https://gate.example"], Err("model_hosts"));
        check("https://api.openai.com/v1", &[], Err("model_hosts"));
        check("https://api.openai.com/v1", &["nonsense", "https://x:y:z"], Err("model_hosts"));
    }

    #[test]
    fn a_wildcard_opens_no_network_of_ones_own() {
        let all = &["*://*:*"];
        for inside in [
            "https://10.0.0.5",
            "https://169.254.169.254/latest",
            "https://[::1]",
            "https://[::ffff:10.0.0.1]",
            "https://2130706433",
            "https://0x7f.1",
            "https://localhost",
            "https://intranet",
            "https://db.internal",
            "https://publish.spin.internal",
            "https://printer.local.",
            "http://127.0.0.1:3000",
        ] {
            check(inside, all, Err("no public host"));
        }
        for plain in ["http://gate.example", "http://10.0.0.5", "http://publish.spin.internal", "ftp://gate.example"] {
            check(plain, all, Err("https://"));
        }
        for more in ["https://user:key@gate.example", "https://gate.example?key=x", "https://gate.example/#x"] {
            check(more, all, Err("the key has its own field"));
        }
    }

    #[test]
    fn the_host_has_no_address_and_the_models_that_the_operator_names() {
        let of_the_host = |text| base_url(ProviderKind::SpinLlm, text, ["https://*:443"]);
        assert_eq!((of_the_host(""), of_the_host("spin:llm")), (Ok("spin:llm".into()), Ok("spin:llm".into())));
        assert!(of_the_host("https://gate.example").is_err());
        check("spin:llm", &["*://*:*"], Err("names no host"));
        let allowed = hosts_models(|_| Some("llama2-chat, all-minilm-l6-v2,".into()));
        assert_eq!(allowed, ["llama2-chat", "all-minilm-l6-v2"]);
        assert_eq!(allowed_of_host(&["llama2-chat".into()], &allowed), Ok(()));
        assert!(allowed_of_host(&["other".into()], &allowed).is_err_and(|told| told.contains("all-minilm-l6-v2")));
        assert!(allowed_of_host(&["other".into()], &[]).is_err_and(|told| told.contains("`spin_llm_models`")));
    }

    #[test]
    fn models_and_keys_are_what_a_wire_can_carry() {
        assert_eq!(models([" a ", "b", "", "a"]), Ok(vec!["a".into(), "b".into()]));
        assert!(models([""]).is_err() && models(["two words"]).is_err() && models(["x"; 1]).is_ok());
        assert_eq!(key(" sk-1 "), Ok("sk-1"));
        for wrong in ["", "two words", "line\nbreak", "schlüssel", &"x".repeat(501)] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
