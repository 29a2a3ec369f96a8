//! Both manifests grant the same component the same powers, and no more than its work needs.

use tests::repository::read;
use toml::{Table, Value};

fn manifest(path: &str) -> Table {
    read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn components(manifest: &Table) -> &Table {
    manifest["component"].as_table().expect("a manifest has components")
}

#[test]
fn a_component_has_the_same_powers_in_both_manifests() {
    let (http, redis) = (manifest("spin.toml"), manifest("spin.redis.toml"));
    let by_redis = components(&redis);
    assert!(!by_redis.is_empty());
    for (name, component) in by_redis {
        let same = components(&http).get(name).unwrap_or_else(|| panic!("spin.toml has no component `{name}`"));
        assert_eq!(component, same, "`{name}` differs between spin.toml and spin.redis.toml");
    }
}

#[test]
fn both_manifests_have_the_same_variables_and_only_redis_itself_differs() {
    let (http, redis) = (manifest("spin.toml"), manifest("spin.redis.toml"));
    let variables = |manifest: &Table| {
        let mut variables = manifest["variables"].as_table().expect("a manifest has variables").clone();
        variables.retain(|name, _| !name.starts_with("redis_"));
        variables
    };
    assert_eq!(variables(&http), variables(&redis));
}

#[test]
fn every_redis_trigger_has_its_http_twin() {
    let (http, redis) = (manifest("spin.toml"), manifest("spin.redis.toml"));
    let routes: Vec<_> = triggers(&http, "http").iter().map(|trigger| trigger["route"].clone()).collect();
    for trigger in triggers(&redis, "redis") {
        let component = trigger["component"].as_str().expect("a trigger names its component");
        assert_eq!(trigger["channel"].as_str(), Some(format!("rondo.{component}").as_str()));
        assert!(routes.contains(&Value::String(format!("/wake/{component}"))), "spin.toml has no /wake/{component}");
    }
}

fn triggers(manifest: &Table, kind: &str) -> Vec<Table> {
    let list = manifest["trigger"][kind].as_array().expect("a list of triggers");
    list.iter().map(|trigger| trigger.as_table().expect("a trigger is a table").clone()).collect()
}

fn grants(component: &Value, key: &str) -> Vec<String> {
    let list = component.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a component is given the value of this variable.
fn is_given(component: &Value, variable: &str) -> bool {
    component.get("variables").and_then(|variables| variables.get(variable)).is_some()
}

#[test]
fn the_publisher_alone_holds_the_relays_token_and_reaches_it() {
    for path in ["spin.toml", "spin.redis.toml"] {
        for (name, component) in components(&manifest(path)) {
            let is_publisher = name == "publish";
            assert_eq!(is_given(component, "relay_token"), is_publisher, "{path}: {name}");
            let hosts = grants(component, "allowed_outbound_hosts");
            assert_eq!(hosts.contains(&"{{ relay_hosts }}".to_owned()), is_publisher, "{path}: {name}");
        }
    }
}

#[test]
fn whoever_asks_the_model_alone_holds_its_key_and_reaches_it() {
    for path in ["spin.toml", "spin.redis.toml"] {
        for (name, component) in components(&manifest(path)) {
            let asks = ["strategize", "generate", "review"].contains(&name.as_str());
            assert_eq!(is_given(component, "model_key"), asks, "{path}: {name}");
            let hosts = grants(component, "allowed_outbound_hosts");
            for variable in ["model_hosts", "model_hosts_second", "model_hosts_third"] {
                assert_eq!(hosts.contains(&format!("{{{{ {variable} }}}}")), asks, "{path}: {name}");
            }
        }
    }
}

#[test]
fn whoever_asks_the_model_alone_may_ask_spins_own() {
    for path in ["spin.toml", "spin.redis.toml"] {
        for (name, component) in components(&manifest(path)) {
            let asks = ["strategize", "generate", "review"].contains(&name.as_str());
            let models = grants(component, "ai_models");
            assert_eq!(!models.is_empty(), asks, "{path}: {name} may ask {models:?}");
            // The pages and the API say which of them a workspace may name.
            let names = asks || ["api", "web"].contains(&name.as_str());
            assert_eq!(is_given(component, "spin_llm_models"), names, "{path}: {name}");
        }
    }
}

#[test]
fn what_opens_sealed_secrets_is_held_by_those_who_seal_or_use_them_alone() {
    // The pages and the API seal what a person types; the steps that ask a model open its key.
    let holders = ["api", "web", "strategize", "generate", "review"];
    for path in ["spin.toml", "spin.redis.toml"] {
        for (name, component) in components(&manifest(path)) {
            assert_eq!(is_given(component, "seal_key"), holders.contains(&name.as_str()), "{path}: {name}");
        }
    }
}

#[test]
fn nobody_reaches_hosts_by_wildcard() {
    for path in ["spin.toml", "spin.redis.toml"] {
        for (name, component) in components(&manifest(path)) {
            for host in grants(component, "allowed_outbound_hosts") {
                assert!(!host.contains('*'), "{path}: {name} may reach `{host}`");
            }
        }
    }
}

#[test]
fn every_secret_is_marked_as_one() {
    for path in ["spin.toml", "spin.redis.toml"] {
        let manifest = manifest(path);
        for (name, variable) in manifest["variables"].as_table().expect("variables") {
            let is_secret = ["_token", "_secret", "_key"].iter().any(|ending| name.ends_with(ending));
            let marked = variable.get("secret").and_then(Value::as_bool).unwrap_or(false);
            assert_eq!(marked, is_secret, "{path}: {name}");
        }
    }
}
