//! Channels: connecting, changing, trying.

use domain::{Role, Step};
use serde_json::{Value, json};

use super::world::{World, body};

fn connect(world: &World, name: &str) -> Value {
    body(&world.ok(&world.post_json("/channels", &json!({ "name": name, "platform": "relay" }))))
}

fn path(channel: &Value) -> String {
    format!("/channels/{}", channel["id"].as_str().unwrap())
}

#[test]
fn a_channel_is_connected_paused_renamed_and_each_act_has_its_line_of_history() {
    let world = World::new();
    let channel = connect(&world, " Company blog ");
    assert_eq!((&channel["name"], &channel["check"]["state"]), (&json!("Company blog"), &json!("never")));
    let change = |revision: &Value, change: Value| world.ok(&world.patch_json(&path(&channel), revision, &change));
    let paused = body(&change(&channel["revision"], json!({ "paused": true })));
    assert_eq!((&paused["paused"], &paused["revision"]), (&json!(true), &json!(2)));
    let resumed = change(&json!(2), json!({ "name": "News", "paused": false }));
    assert_eq!(resumed.wakes, [Step::Publish], "what waited goes on");
    assert_eq!(world.get(&path(&channel))["name"], "News");
    let events = world.get("/events?limit=200");
    let events = events["items"].as_array().unwrap();
    for kind in ["channel.connected", "channel.paused", "channel.resumed", "channel.renamed"] {
        let said = events.iter().find(|one| one["kind"] == kind);
        assert!(said.is_some_and(|one| one["actor"].as_str().unwrap().starts_with("token:")), "{kind}: {said:?}");
    }
}

#[test]
fn what_cannot_be_connected_is_refused_with_the_reason() {
    let world = World::new();
    let refused = |json: Value| world.slug(&world.post_json("/channels", &json));
    assert_eq!(refused(json!({ "name": "x", "platform": "stage" })), "invalid");
    assert_eq!(refused(json!({ "name": "x", "platform": "myspace" })), "invalid");
    assert_eq!(refused(json!({ "name": " ", "platform": "relay" })), "invalid");
    assert_eq!(refused(json!({ "name": "x", "platform": "relay", "config": {} })), "unknown-field");
    assert_eq!(refused(json!({ "name": "x", "platform": "relay", "token": "secret" })), "unknown-field");
    connect(&world, "Blog");
    assert_eq!(refused(json!({ "name": "Blog", "platform": "relay" })), "already-exists");
}

#[test]
fn a_change_needs_the_revision_and_says_something() {
    let world = World::new();
    let channel = connect(&world, "Blog");
    let change =
        |revision: i64, change: Value| world.slug(&world.patch_json(&path(&channel), &json!(revision), &change));
    assert_eq!(change(7, json!({ "paused": true })), "stale");
    assert_eq!(change(1, json!({})), "invalid");
    assert_eq!(change(1, json!({ "name": "" })), "invalid");
    let without = world.request("PATCH", &path(&channel)).with_body("application/json", "{\"paused\":true}");
    assert_eq!(world.slug(&without), "precondition-required");
}

#[test]
fn a_channel_that_a_plan_names_keeps_its_name_until_the_plan_is_approved() {
    let world = World::new();
    world.planned();
    let rename = world.patch_json("/channels/stage", &json!(1), &json!({ "name": "Scene" }));
    assert_eq!(world.slug(&rename), "channel-in-use");
}

#[test]
fn trying_a_channel_wakes_the_publisher_and_asking_twice_is_asking_once() {
    let world = World::new();
    let channel = connect(&world, "Blog");
    let check = || world.ok(&world.request("PUT", &format!("{}/check", path(&channel))));
    assert_eq!(check().wakes, [Step::Publish]);
    assert_eq!(body(&check())["check"], json!({ "state": "waiting", "at": null, "says": null }));
}

#[test]
fn another_workspace_and_a_lesser_role_get_nowhere() {
    let world = World::new();
    let channel = connect(&world, "Blog");
    let neighbour = world.neighbour();
    let check = format!("{}/check", path(&channel));
    for (method, path) in [("GET", path(&channel)), ("PUT", check.clone())] {
        assert_eq!(world.slug(&world.request_of(&neighbour, method, &path)), "not-found", "{method}");
    }
    assert_eq!(world.slug(&world.request_by(Role::Editor, "PUT", &check)), "forbidden");
    let change = world.request_of(&neighbour, "PATCH", &path(&channel)).with_header("if-match", "\"1\"");
    let change = change.with_body("application/json", "{\"paused\":true}");
    assert_eq!(world.slug(&change), "not-found");
    assert_eq!(world.get(&path(&channel))["paused"], false);
}
