//! What components may reach follows from the addresses that the app is given: `model_base_url` names the model's
//! host, so `model_hosts` need not say it again. Only here: plain Spin knows nothing of it.

use reqwest::Url;

use crate::manifest::Manifest;
use crate::settings::Settings;

/// An address, and what grants its host.
pub struct Grant {
    /// The variable with the address.
    pub address: &'static str,
    /// The variable with the host.
    pub hosts: &'static str,
    /// What it must hold.
    pub host: String,
}

/// Each variable with an address, and the one that grants its host.
const PAIRS: [(&str, &str); 4] = [
    ("model_base_url", "model_hosts"),
    ("relay_url", "relay_hosts"),
    ("redis_address", "redis_hosts"),
    ("wake_base", "wake_hosts"),
];

/// The grants that the addresses ask for and that nobody made by hand.
pub fn implied(manifest: &Manifest, settings: &Settings) -> Vec<Grant> {
    let known = PAIRS.into_iter().filter(|(_, hosts)| manifest.variables.contains_key(*hosts));
    known
        .filter(|(_, hosts)| settings.set_by_hand(hosts).is_none_or(|value| value.is_empty()))
        .filter_map(|(address, hosts)| Some(Grant { address, hosts, host: origin(&set(settings, address)?)? }))
        .collect()
}

fn set(settings: &Settings, address: &str) -> Option<String> {
    settings.get(address).or_else(|| match address {
        "model_base_url" => models::own_url(&settings.get("model_provider")?).map(Into::into),
        _ => None,
    })
}

/// Scheme, host and port of an address, and nothing else of it: it may hold a password. Nothing for what is no
/// address, and for the app's own components, which the manifest names.
fn origin(address: &str) -> Option<String> {
    let url = Url::parse(address.trim()).ok()?;
    let host = url.host_str().filter(|host| !host.is_empty() && !host.contains(['{', '%']))?;
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{}://{host}{port}", url.scheme()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], expect: &[(&str, &str)]) {
        let manifest = Manifest::find(Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../../spin.toml").as_ref())).unwrap();
        let given: Vec<_> = variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let grants = implied(&manifest, &Settings::gather(&manifest, &given).unwrap());
        let grants: Vec<_> = grants.iter().map(|grant| (grant.hosts, grant.host.as_str())).collect();
        assert_eq!(grants, expect, "{variables:?}");
    }

    #[test]
    fn an_address_grants_its_host_and_port_and_nothing_more() {
        check(&[("model_base_url", "http://127.0.0.1:11434/v1")], &[("model_hosts", "http://127.0.0.1:11434")]);
        check(&[("relay_url", "https://cms.example/hook/")], &[("relay_hosts", "https://cms.example")]);
        check(&[("redis_address", "redis://:secret@[::1]:6380/0")], &[("redis_hosts", "redis://[::1]:6380")]);
        check(&[("wake_base", "https://your.app")], &[("wake_hosts", "https://your.app")]);
    }

    #[test]
    fn a_provider_without_an_address_has_its_own() {
        check(&[("model_provider", "anthropic")], &[("model_hosts", "https://api.anthropic.com")]);
        check(&[("model_provider", "openai")], &[("model_hosts", "https://api.openai.com")]);
        check(&[("model_provider", "rehearsal")], &[]);
    }

    #[test]
    fn what_is_set_by_hand_wins() {
        check(&[("model_base_url", "http://a.example/v1"), ("model_hosts", "https://b.example")], &[]);
        check(&[("model_base_url", "http://a.example"), ("model_hosts", "")], &[("model_hosts", "http://a.example")]);
    }

    #[test]
    fn what_is_no_address_grants_nothing() {
        for value in ["", "off", "api.example", "http://{step}.spin.internal", "mailto:a@b.example"] {
            check(&[("wake_base", value)], &[]);
        }
    }
}
