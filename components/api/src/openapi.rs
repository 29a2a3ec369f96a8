//! The OpenAPI 3.1 document, built from the route table and the schemas in `schemas.json`.

use serde_json::{Map, Value, json};
use serve::cursor::{LIMIT_DEFAULT, LIMIT_MAX};
use serve::{App, Problem, Reply, Request, StatusCode};

use crate::routes::{Operation, RESOURCES, Resource, Run};

const SCHEMAS: &str = include_str!("../schemas.json");

/// `GET /openapi.json`.
pub async fn show(_app: App<'_>, _request: &Request) -> Result<Reply, Problem> {
    Reply::json(StatusCode::OK, &document()?)
}

/// The whole document.
pub fn document() -> Result<Value, Problem> {
    let schemas: Value = serde_json::from_str(SCHEMAS).map_err(|error| Problem::Internal(error.into()))?;
    let paths: Map<String, Value> =
        RESOURCES.iter().map(|resource| (resource.path.to_string(), path_item(resource))).collect();
    Ok(json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Rondo",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Campaigns from a goal to what it brought: plan, approve, write, review, approve, publish. \
                Times are RFC 3339 with a zone; `*_local` is wall time in the campaign's zone. Lists come in pages: send \
                `next` as `cursor`. A POST with an `Idempotency-Key` is executed once. Problems are RFC 9457.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/api/v1" }],
        "security": [{ "token": [] }, { "session": [], "csrf": [] }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "session": { "type": "apiKey", "in": "cookie", "name": "__Host-sid" },
                "csrf": { "type": "apiKey", "in": "header", "name": "x-csrf-token" },
            },
            "responses": {
                "Problem": {
                    "description": "What went wrong, and what to do about it",
                    "content": { "application/problem+json": { "schema": reference("Problem") } },
                },
            },
        },
    }))
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn path_item(resource: &Resource) -> Value {
    let mut item: Map<String, Value> =
        resource.operations.iter().map(|one| (one.method.to_ascii_lowercase(), operation(resource, one))).collect();
    let names: Vec<Value> = resource
        .path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| {
            parameter("path", name, json!({ "type": if name == "version" { "integer" } else { "string" } }), true)
        })
        .collect();
    if !names.is_empty() {
        item.insert("parameters".into(), names.into());
    }
    item.into()
}

fn parameter(place: &str, name: &str, schema: Value, required: bool) -> Value {
    json!({ "in": place, "name": name, "schema": schema, "required": required })
}

fn operation(resource: &Resource, operation: &Operation) -> Value {
    let mut value = json!({
        "operationId": operation_id(resource, operation),
        "summary": operation.summary,
        "parameters": parameters(resource, operation),
        "responses": {
            operation.status.to_string(): success(resource, operation),
            "default": { "$ref": "#/components/responses/Problem" },
        },
    });
    match operation.run {
        Run::Open(_) => value["security"] = json!([]),
        Run::Member(action, _) => value["description"] = format!("For roles that may {action}.").into(),
    }
    if let Some(name) = operation.body {
        value["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": reference(name) } } });
    }
    value
}

/// `get_campaigns_id_posts`: stable, and unique because method and path are.
fn operation_id(resource: &Resource, operation: &Operation) -> String {
    let path = resource.path.replace(['/', '.'], "_").replace(['{', '}'], "");
    format!("{}{path}", operation.method.to_ascii_lowercase())
}

fn parameters(resource: &Resource, operation: &Operation) -> Vec<Value> {
    let mut parameters: Vec<Value> = operation
        .query
        .iter()
        .map(|name| {
            let schema = match *name {
                "limit" => json!({ "type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT_DEFAULT }),
                "after" if resource.path == "/exports/{file}" => json!({ "type": "string" }),
                "after" | "before" => json!({ "type": "integer" }),
                "archived" => json!({ "type": "boolean", "default": false }),
                "jobs" => json!({ "type": "boolean", "default": true }),
                "order" => json!({ "enum": ["oldest", "newest"], "default": "oldest" }),
                "from" | "to" | "until" => json!({ "type": "string", "format": "date-time" }),
                "state" => reference("JobState"),
                _ => json!({ "type": "string" }),
            };
            parameter("query", name, schema, false)
        })
        .collect();
    if operation.if_match {
        parameters.push(parameter("header", "If-Match", json!({ "type": "string" }), true));
    }
    if operation.method == "POST" && matches!(operation.run, Run::Member(..)) {
        parameters.push(parameter("header", "Idempotency-Key", json!({ "type": "string", "maxLength": 255 }), false));
    }
    parameters
}

fn success(resource: &Resource, operation: &Operation) -> Value {
    match operation.answer {
        Some(name) => {
            json!({ "description": operation.summary, "content": { "application/json": { "schema": reference(name) } } })
        }
        None if operation.status == 204 => json!({ "description": "Done" }),
        None if resource.path == "/exports/{file}" => json!({
            "description": "A file of up to 10,000 rows; its header `Link` leads to the rest",
            "content": {
                "text/csv": { "schema": { "type": "string" } },
                "application/json": { "schema": { "type": "object" } },
            },
        }),
        None => {
            let (media, description) = match resource.path.rsplit_once('.') {
                Some((_, "csv")) => ("text/csv", "A line of names, then a line for each event"),
                Some((_, "json")) => ("application/json", "An array of Events"),
                _ => {
                    ("text/event-stream", "Each event's `data` is an Event; its `id` is to be sent as `Last-Event-ID`")
                }
            };
            json!({ "description": description, "content": { media: { "schema": { "type": "string" } } } })
        }
    }
}
