//! The route table, the document and the permissions.

use domain::{Action, Role};
use serde_json::Value;
use serve::{Method, Request};

use super::world::{World, body};
use crate::routes::{Operation, RESOURCES, Resource, Run};

fn operations() -> impl Iterator<Item = (&'static Resource, &'static Operation)> {
    RESOURCES.iter().flat_map(|resource| resource.operations.iter().map(move |operation| (resource, operation)))
}

/// A path of this resource whose names name nothing.
fn path_of(resource: &Resource) -> String {
    resource.path.replace("{id}", "nothing").replace("{version}", "1").replace("{file}", "nothing")
}

#[test]
fn the_document_describes_every_route_and_no_other() {
    let document = body(&World::new().ok(&Request::new(Method::GET, "/api/v1/openapi.json").unwrap()));
    assert_eq!(document["openapi"], "3.1.0");
    let described: Vec<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().filter(|key| *key != "parameters");
            methods.map(move |method| format!("{} {path}", method.to_uppercase())).collect::<Vec<_>>()
        })
        .collect();
    let mut routed: Vec<String> =
        operations().map(|(resource, one)| format!("{} {}", one.method, resource.path)).collect();
    let mut described_sorted = described;
    described_sorted.sort();
    routed.sort();
    assert_eq!(described_sorted, routed);
}

#[test]
fn allow_lists_the_methods_of_its_path() {
    for resource in RESOURCES {
        let methods: Vec<&str> = resource.operations.iter().map(|operation| operation.method).collect();
        assert_eq!(resource.allow, methods.join(", "), "{}", resource.path);
    }
}

#[test]
fn every_reference_of_the_document_resolves_and_every_schema_is_one() {
    let document = crate::openapi::document().unwrap();
    let mut references = Vec::new();
    collect_references(&document, &mut references);
    assert!(references.len() > 100);
    for reference in &references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert!(jsonschema::meta::is_valid(schema), "{name} is no JSON Schema");
        let used = references.iter().any(|reference| reference == &format!("#/components/schemas/{name}"));
        assert!(used || name == "Event", "nobody uses {name}");
    }
}

fn collect_references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(text) if name == "$ref" => found.push(text.into()),
                    _ => collect_references(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect_references(value, found)),
        _ => {}
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let document = crate::openapi::document().unwrap();
    let mut ids: Vec<&str> = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| item.as_object().unwrap().values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), all), (operations().count(), operations().count()));
}

#[test]
fn without_a_token_only_what_is_open_answers() {
    let world = World::new();
    for (resource, operation) in operations() {
        let method = Method::from_bytes(operation.method.as_bytes()).unwrap();
        let request = Request::new(method, &format!("/api/v1{}", path_of(resource))).unwrap();
        let reply = world.send(&request);
        let is_open = matches!(operation.run, Run::Open(_));
        assert_eq!(reply.status.as_u16() == 401, !is_open, "{} {}", operation.method, resource.path);
        assert_eq!(reply.header("www-authenticate").is_some(), !is_open);
    }
}

#[test]
fn every_role_may_do_what_the_table_says_and_nothing_else() {
    let world = World::new();
    for (resource, operation) in operations() {
        let Run::Member(action, _) = operation.run else { continue };
        for role in Role::ALL {
            let request = world.request_by(*role, operation.method, &path_of(resource));
            let reply = world.send(&request);
            assert_eq!(
                reply.status.as_u16() == 403,
                !role.may(action),
                "{role}: {} {}",
                operation.method,
                resource.path
            );
        }
    }
}

#[test]
fn what_is_read_needs_only_reading_and_what_changes_something_needs_more() {
    for (resource, operation) in operations() {
        let Run::Member(action, _) = operation.run else { continue };
        if operation.method == "GET" {
            let looks_at_keys = matches!(action, Action::ManageTokens | Action::ManageMembers | Action::ManageAccount);
            assert!(action == Action::Read || looks_at_keys, "{}", resource.path);
        } else if !resource.path.starts_with("/notifications") {
            // What one was told oneself is read by having read it.
            assert_ne!(action, Action::Read, "{} {}", operation.method, resource.path);
        }
    }
}

#[test]
fn a_path_with_other_methods_says_which() {
    let world = World::new();
    for resource in RESOURCES {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            if resource.operations.iter().any(|operation| operation.method == method) {
                continue;
            }
            let reply = world.send(&world.request(method, &path_of(resource)));
            assert_eq!(reply.status.as_u16(), 405, "{method} {}", resource.path);
            assert_eq!(reply.header("allow"), Some(resource.allow));
        }
    }
}

#[test]
fn head_is_answered_like_get() {
    let world = World::new();
    let reply = world.send(&world.request("HEAD", "/campaigns"));
    assert_eq!(reply.status.as_u16(), 200);
}

#[test]
fn a_path_that_nothing_answers_is_not_found() {
    let world = World::new();
    for path in ["", "/", "/nothing", "/campaigns/", "/campaigns/x/nothing", "/events/stream/x"] {
        assert_eq!(world.slug(&world.request("GET", path)), "not-found", "{path}");
    }
}

#[test]
fn a_walk_through_every_list_ends() {
    let world = World::new();
    world.drafted();
    let is_paged = |resource: &&Resource| resource.operations.iter().any(|one| one.query.contains(&"cursor"));
    for resource in RESOURCES.iter().filter(|resource| !resource.path.contains('{')).filter(is_paged) {
        let mut path = format!("{}?limit=1", resource.path);
        let mut pages = 1;
        while let Some(cursor) = world.get(&path)["next"].as_str() {
            path = format!("{}?limit=1&cursor={cursor}", resource.path);
            pages += 1;
            assert!(pages < 100, "{path}");
        }
    }
}
