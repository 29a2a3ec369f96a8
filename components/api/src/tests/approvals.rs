//! Policies, several decisions at once, comments, and whoever was too late.

use domain::Role;
use serde_json::{Value, json};
use store::people::member::{self, NewMember};

use super::world::{World, body};

fn join(world: &World, user_id: &str, name: &str, role: Role) {
    let new = NewMember {
        workspace_id: futures::executor::block_on(store::people::workspace::first(&world.db)).unwrap().id,
        user_id: user_id.into(),
        email: format!("{user_id}@example.com"),
        name: name.into(),
        password_hash: "-".into(),
        role,
    };
    futures::executor::block_on(member::add(&world.db, 1, &new)).unwrap();
}

fn seen(world: &World) -> Vec<Value> {
    let waiting = world.get("/approvals?waiting_for=everyone");
    let keys = ["post_id", "version", "sha256", "channel_id", "due_at"];
    let item =
        |one: &Value| keys.iter().map(|key| (key.to_string(), one[*key].clone())).collect::<serde_json::Map<_, _>>();
    waiting["items"].as_array().unwrap().iter().map(|one| item(one).into()).collect()
}

#[test]
fn several_decisions_say_how_many_were_made_and_why_the_others_were_not() {
    let world = World::new();
    world.drafted();
    let mut items = seen(&world);
    let first = items[0]["post_id"].as_str().unwrap().to_string();
    world.ok(&world.post_json(&format!("/posts/{first}/approvals"), &json!({ "version": 1, "decision": "approve" })));
    items.push(json!({ "post_id": "nothing", "version": 1, "sha256": "", "channel_id": "stage", "due_at": "2027-01-15T08:00:00Z" }));
    let answer = body(&world.ok(&world.post_json("/approvals", &json!({ "decision": "approve", "items": items }))));
    assert_eq!((&answer["decided"], &answer["refused"]), (&json!(1), &json!(2)));
    let problems: Vec<&Value> = answer["items"].as_array().unwrap().iter().map(|fate| &fate["problem"]).collect();
    assert_eq!(problems, [&json!("already-decided"), &Value::Null, &json!("not-found")]);
    assert!(answer["items"][0]["detail"].as_str().unwrap().contains("approved version 1, at 2027-01-15T08:00:00Z"));
    assert_eq!(world.get("/approvals")["items"], json!([]));
}

#[test]
fn a_policy_is_read_and_changed_by_its_revision_and_then_kept() {
    let world = World::new();
    let id = world.drafted();
    join(&world, "ann", "Ann Lee", Role::Owner);
    join(&world, "ben", "Ben Ode", Role::Approver);
    let path = format!("/campaigns/{id}/approval-policy");
    assert_eq!(world.get("/approval-policy")["kind"], "one");
    assert_eq!(world.get(&path)["kind"], "inherit");
    let two = json!({ "kind": "group", "rounds": [{ "needed": 2, "people": ["ann", "ben"] }], "remind_after_h": 4 });
    let put = |revision: i64, policy: &Value| {
        world.put_json(&path, policy).with_header("if-match", &format!("\"{revision}\""))
    };
    assert_eq!(world.slug(&world.put_json(&path, &two)), "precondition-required");
    let made = body(&world.ok(&put(0, &two)));
    assert_eq!((&made["kind"], &made["revision"]), (&json!("group"), &json!(1)));
    assert_eq!(world.slug(&put(0, &two)), "stale");
    let three = json!({ "kind": "group", "rounds": [{ "needed": 3, "people": [] }] });
    assert_eq!(world.slug(&put(1, &three)), "invalid", "only two may approve");
    // The token's maker is nobody of the group.
    let post = &seen(&world)[0]["post_id"].as_str().unwrap().to_string();
    let approve = world.post_json(&format!("/posts/{post}/approvals"), &json!({ "version": 1, "decision": "approve" }));
    assert_eq!(world.slug(&approve), "not-an-approver");
    assert_eq!(world.get(&format!("/posts/{post}"))["approvals_needed"], 2);
    let none = json!({ "kind": "none" });
    assert_eq!(
        world.slug(&world.put_json("/approval-policy", &json!({ "kind": "inherit" })).with_header("if-match", "\"1\"")),
        "invalid"
    );
    assert_eq!(body(&world.ok(&put(1, &none)))["rounds"], json!([]));
}

#[test]
fn a_comment_tells_whom_it_mentions_and_a_long_one_is_refused() {
    let world = World::new();
    world.drafted();
    join(&world, "ben", "Ben Ode", Role::Approver);
    let post = &seen(&world)[0]["post_id"].as_str().unwrap().to_string();
    let path = format!("/posts/{post}/comments");
    let said = body(&world.ok(&world.post_json(&path, &json!({ "text": "@Ben Ode: is that the price?" }))));
    assert_eq!(said["mentions"], json!(["ben"]));
    assert_eq!(world.get(&path)["items"], json!([said]));
    assert_eq!(world.slug(&world.post_json(&path, &json!({ "text": "x".repeat(100 * 1024) }))), "invalid");
    assert_eq!(world.slug(&world.post_json(&path, &json!({ "text": " " }))), "invalid");
    assert_eq!(world.slug(&world.post_json("/posts/nothing/comments", &json!({ "text": "x" }))), "not-found");
}

#[test]
fn somebody_may_be_asked_to_decide() {
    let world = World::new();
    world.drafted();
    join(&world, "ben", "Ben Ode", Role::Approver);
    join(&world, "edd", "Edd Poe", Role::Editor);
    let post = &seen(&world)[0]["post_id"].as_str().unwrap().to_string();
    let assign = |to: Value| world.put_json(&format!("/posts/{post}/assignment"), &json!({ "user_id": to }));
    assert_eq!(body(&world.ok(&assign(json!("ben"))))["assigned_to"], "ben");
    assert_eq!(world.slug(&assign(json!("edd"))), "invalid", "who may not approve");
    let mine = world.get("/approvals?waiting_for=me");
    assert_eq!(mine["items"].as_array().unwrap().len(), 1, "the other one");
    assert_eq!(world.slug(&world.request("GET", "/approvals?waiting_for=nobody")), "invalid");
    world.ok(&assign(Value::Null));
    assert_eq!(world.get("/approvals?waiting_for=me")["items"].as_array().unwrap().len(), 2);
}

#[test]
fn the_calendar_is_asked_for_a_window_of_time() {
    let world = World::new();
    world.drafted();
    let of = |from: &str, until: &str| {
        world.get(&format!("/calendar?from={from}&until={until}"))["items"].as_array().unwrap().len()
    };
    assert_eq!(of("2027-01-16T00:00:00Z", "2027-02-01T00:00:00Z"), 2);
    assert_eq!(of("2027-01-17T00:00:00Z", "2027-02-01T00:00:00Z"), 1);
    assert_eq!(world.slug(&world.request("GET", "/calendar?from=2027-01-16")), "invalid");
    assert_eq!(world.get("/calendar")["items"].as_array().unwrap().len(), 2);
}
