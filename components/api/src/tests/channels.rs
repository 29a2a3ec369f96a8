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

#[test]
fn weekly_slots_are_added_rested_removed_and_told_which_are_free() {
    let world = World::new();
    let slots = "/channels/stage/slots";
    assert_eq!(world.get(slots)["items"], json!([]));
    let new = json!({ "weekday": 7, "local_time": "02:30", "timezone": "Europe/Berlin" });
    let added = world.ok(&world.post_json(slots, &new));
    let slot = body(&added);
    let path = format!("{slots}/{}", slot["id"].as_str().unwrap());
    assert_eq!(added.header("location"), Some(&*format!("/api/v1{path}")));
    assert_eq!((&slot["enabled"], &slot["local_time"]), (&json!(true), &json!("02:30")));
    assert_eq!(world.slug(&world.post_json(slots, &new)), "already-exists");
    for wrong in [
        json!({ "weekday": 8, "local_time": "02:30" }),
        json!({ "weekday": 1, "local_time": "2:3" }),
        json!({ "weekday": 1, "local_time": "02:30", "timezone": "Mars/Olympus" }),
    ] {
        assert_eq!(world.slug(&world.post_json(slots, &wrong)), "invalid", "{wrong}");
    }
    let zoned = body(&world.ok(&world.post_json(slots, &json!({ "weekday": 1, "local_time": "09:30" }))));
    assert_eq!(zoned["timezone"], "UTC", "the workspace's");
    let free = world.get("/channels/stage/free-slots?from=2027-03-27T00:00:00Z&until=2027-03-29T00:00:00Z");
    let expect = json!([{ "at": "2027-03-28T01:00:00Z", "local": "2027-03-28T03:00:00", "timezone": "Europe/Berlin",
                          "jumped": "2027-03-28T02:30:00", "slot_id": slot["id"] }]);
    assert_eq!(free["items"], expect, "the clock jumps over it, and it says so");
    let rest = |revision: i64| world.patch_json(&path, &json!(revision), &json!({ "enabled": false }));
    assert_eq!(body(&world.ok(&rest(1)))["enabled"], json!(false));
    assert_eq!(world.slug(&rest(1)), "stale");
    let items = world.get("/channels/stage/free-slots")["items"].clone();
    assert!(items.as_array().unwrap().iter().all(|one| one["slot_id"] == zoned["id"]), "{items}");
    world.ok(&world.request("DELETE", &path));
    assert_eq!(world.slug(&world.request("DELETE", &path)), "not-found");
    assert_eq!(world.slug(&world.request("GET", "/channels/nowhere/slots")), "not-found");
    let analyst = world.request_by(Role::Analyst, "POST", slots).with_body("application/json", new.to_string());
    assert_eq!(world.slug(&analyst), "forbidden");
}

#[test]
fn a_post_goes_to_the_next_free_slot_and_a_new_one_to_the_next() {
    let world = World::new();
    let campaign = world.drafted();
    let id = format!("{campaign}-1");
    let next = json!({ "next_free_slot": true });
    let revision = || world.get(&format!("/posts/{id}"))["revision"].clone();
    let to_slot = |sent: &Value| world.patch_json(&format!("/posts/{id}"), &revision(), sent);
    assert_eq!(world.slug(&to_slot(&next)), "invalid", "the channel has no slots");
    for day in 1..=7 {
        world.ok(&world.post_json("/channels/stage/slots", &json!({ "weekday": day, "local_time": "12:00" })));
    }
    assert_eq!(world.slug(&to_slot(&json!({ "next_free_slot": true, "held": true }))), "invalid");
    let stale = world.patch_json(&format!("/posts/{id}"), &json!(1), &next);
    assert_eq!(world.slug(&stale), "stale");
    assert_eq!(body(&world.ok(&to_slot(&next)))["planned_local"], "2027-01-15T12:00:00");
    let add = |sent: Value| world.post_json(&format!("/campaigns/{campaign}/posts"), &sent);
    let new = body(&world.ok(&add(json!({ "channel": "stage", "next_free_slot": true, "angle": "Rye" }))));
    assert_eq!(new["due_at"], "2027-01-16T11:00:00Z", "the slot is in Berlin");
    let both =
        json!({ "channel": "stage", "next_free_slot": true, "planned_local": "2027-02-01T09:00:00", "angle": "x" });
    assert_eq!(world.slug(&add(both)), "invalid");
    assert_eq!(world.slug(&add(json!({ "channel": "stage", "angle": "x" }))), "invalid", "neither");
    assert_eq!(world.slug(&add(json!({ "channel": "nowhere", "next_free_slot": true, "angle": "x" }))), "invalid");
}

#[test]
fn what_is_put_away_is_in_the_calendar_only_when_it_is_asked_for() {
    let world = World::new();
    let campaign = world.drafted();
    let count = |query: &str| {
        let found = world.get(&format!("/calendar?from=2027-01-01T00:00:00Z&until=2027-03-01T00:00:00Z{query}"));
        found["items"].as_array().unwrap().len()
    };
    assert!(count("") > 0, "the control");
    world.ok(&world.request("PUT", &format!("/campaigns/{campaign}/archive")));
    assert!(count("") == 0 && count("&archived=false") == 0 && count("&archived=true") > 0);
    assert_eq!(world.slug(&world.request("GET", "/calendar?archived=perhaps")), "invalid");
}
