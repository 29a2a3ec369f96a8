//! Where a body takes a text, as the document says it.

use serde_json::{Map, Value, json};

/// The name of what has none of its own: a key of a table.
const KEY: &str = "zqx7";

/// A text in a body: the way to it. A `0` is the first of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place(pub Vec<String>);

impl Place {
    /// As complaints name it: `brief.goal.text`, without the numbers of lists.
    pub fn dotted(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(String::as_str).filter(|name| *name != "0").collect();
        names.join(".")
    }

    /// Puts a text there, and makes what leads to it.
    pub fn put(&self, body: &mut Value, text: &str) {
        let mut at = body;
        for name in &self.0 {
            if name == "0" {
                if at.as_array().is_none_or(Vec::is_empty) {
                    *at = json!([null]);
                }
                at = &mut at[0];
            } else {
                if !at.is_object() {
                    *at = Value::Object(Map::new());
                }
                at = &mut at[name.as_str()];
            }
        }
        *at = text.into();
    }
}

/// All of them, of a schema of this name.
pub fn texts(document: &Value, schema: &str) -> Vec<Place> {
    let mut found = Vec::new();
    walk(document, &document["components"]["schemas"][schema], &mut Vec::new(), &mut found);
    found
}

/// The names that exclude each other, one list each.
pub fn alternatives(document: &Value, schema: &str) -> Vec<Vec<String>> {
    let all = document["components"]["schemas"][schema]["oneOf"].as_array().cloned().unwrap_or_default();
    let names = |one: &Value| serde_json::from_value(one["required"].clone()).unwrap_or_default();
    all.iter().map(names).collect()
}

/// Deeper than any body is.
const DEPTH_MAX: usize = 12;

fn walk(document: &Value, schema: &Value, at: &mut Vec<String>, found: &mut Vec<Place>) {
    assert!(at.len() < DEPTH_MAX, "{at:?} goes on without end");
    if let Some(reference) = schema["$ref"].as_str() {
        let known = document.pointer(reference.trim_start_matches('#')).unwrap();
        return walk(document, known, at, found);
    }
    let is =
        |kind: &str| schema["type"] == kind || schema["type"].as_array().is_some_and(|all| all.contains(&kind.into()));
    let is_word = schema["enum"].as_array().is_some_and(|all| all.iter().any(Value::is_string));
    let here = Place(at.clone());
    if (is("string") || is_word) && !found.contains(&here) {
        found.push(here);
    }
    let mut step = |name: &str, inner: &Value| {
        at.push(name.into());
        walk(document, inner, at, found);
        at.pop();
    };
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        step(name, inner);
    }
    if schema["additionalProperties"].is_object() {
        let names = &schema["propertyNames"];
        let known = names["$ref"].as_str().and_then(|reference| document.pointer(reference.trim_start_matches('#')));
        let word = known.unwrap_or(names)["enum"][0].as_str().unwrap_or(KEY);
        step(word, &schema["additionalProperties"]);
    }
    if schema["items"].is_object() {
        step("0", &schema["items"]);
    }
    for kind in ["oneOf", "anyOf", "allOf"] {
        for inner in schema[kind].as_array().into_iter().flatten() {
            walk(document, inner, at, found);
        }
    }
}
