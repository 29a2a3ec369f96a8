//! A campaign from its goal to its last post, by the API.

use domain::{Action, JobState, Role, Step};
use futures::executor::block_on;
use serde_json::{Value, json};
use serve::events::EventSource;
use serve::{Body, Method, Request, StatusCode};
use store::job;

use super::world::{START_MS, World, body, created, new_campaign};

#[test]
fn a_campaign_is_created_with_its_place_its_tag_and_a_wake_up() {
    let world = World::new();
    let reply = world.ok(&world.post_json("/campaigns", &new_campaign()));
    let campaign = body(&reply);
    let id = campaign["id"].as_str().unwrap();
    assert_eq!(reply.header("location"), Some(format!("/api/v1/campaigns/{id}").as_str()));
    assert_eq!(reply.header("etag"), Some("\"1\""));
    assert_eq!(reply.wakes, [Step::Strategize]);
    assert_eq!((&campaign["mode"], &campaign["name"]), (&json!("rehearsal"), &json!("Win readers")));
    assert_eq!(campaign["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(world.get(&format!("/campaigns/{id}")), campaign);
}

#[test]
fn a_brief_may_be_sent_as_its_toml_file() {
    let world = World::new();
    let toml = "[brand]\nname = \"Rondo\"\nurl = \"https://rondo.example\"\none_line = \"Loops.\"\n\
        [goal]\ntext = \"Win readers\"\ntimezone = \"UTC\"\nstart = \"2027-02-01\"\n";
    let reply = world.ok(&world.post_json("/campaigns", &json!({ "brief_toml": toml, "name": "From a file" })));
    assert_eq!(body(&reply)["brief"]["brand"]["name"], "Rondo");
}

#[test]
fn looking_at_a_campaign_takes_four_statements_at_most() {
    let world = World::new();
    let id = world.drafted();
    let before = world.db.statements.get();
    world.get(&format!("/campaigns/{id}"));
    // The shell's look at the migrations comes on top.
    assert!(world.db.statements.get() - before < 4, "{}", world.db.statements.get() - before);
}

#[test]
fn a_campaign_goes_from_its_goal_to_scheduled_posts() {
    let world = World::new();
    let id = world.planned();
    let waiting = world.get("/approvals");
    assert_eq!((&waiting["items"][0]["kind"], &waiting["items"][0]["version"]), (&json!("strategy"), &json!(1)));
    let path = format!("/campaigns/{id}/strategies/1/decision");
    let decided = world.ok(&world.put_json(&path, &json!({ "decision": "approve" })));
    assert_eq!(decided.wakes, [Step::Generate]);
    let again = world.ok(&world.put_json(&path, &json!({ "decision": "approve" })));
    assert!(again.wakes.is_empty(), "repeating it changes nothing");

    let world = World::new();
    let id = world.drafted();
    let posts = world.get(&format!("/campaigns/{id}/posts"));
    assert_eq!((&posts["items"][0]["mean"], &posts["items"][0]["findings"]), (&json!(7.8), &json!(1)));
    let post = posts["items"][0]["id"].as_str().unwrap();
    let reply = world
        .ok(&world.post_json(&format!("/posts/{post}/approvals"), &json!({ "version": 1, "decision": "approve" })));
    assert!(created(&reply));
    assert_eq!(reply.wakes, [Step::Publish]);
    let detail = world.get(&format!("/posts/{post}"));
    assert_eq!((&detail["state"], &detail["reviews"][0]["reviewer"]), (&json!("scheduled"), &json!("editor")));
    assert_eq!(detail["approvals"][0]["due_at"], "2027-01-16T08:00:00Z");
    assert_eq!(world.get(&format!("/campaigns/{id}"))["posts"], json!({ "awaiting_approval": 1, "scheduled": 1 }));
    assert_eq!(world.get("/approvals")["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_edit_is_a_new_version_that_goes_to_review() {
    let world = World::new();
    let post = format!("{}-1", world.drafted());
    let content = json!({ "language": "en", "title": "Mine", "text": "Better." });
    let sent = json!({ "base_version": 1, "content": content });
    let reply = world.ok(&world.post_json(&format!("/posts/{post}/versions"), &sent));
    assert!(created(&reply));
    assert_eq!(reply.header("location"), Some(format!("/api/v1/posts/{post}/versions/2").as_str()));
    assert_eq!(reply.wakes, [Step::Review]);
    assert_eq!(world.get(&format!("/posts/{post}/versions/2"))["content"], content);
    assert_eq!(world.get(&format!("/posts/{post}/versions"))["items"][1]["author"], "copywriter");
    assert_eq!(world.get(&format!("/posts/{post}"))["state"], "in_review");
    assert_eq!(world.get(&format!("/posts/{post}/reviews"))["items"][0]["version"], 1);
}

#[test]
fn a_picture_has_both_its_idea_and_its_alternative_text_and_is_part_of_what_is_approved() {
    let world = World::new();
    let post = format!("{}-1", world.drafted());
    let path = format!("/posts/{post}/versions");
    let edit = |base: i64, image: Value| {
        let content = json!({ "language": "en", "title": "Mine", "text": "Better.", "image": image });
        world.post_json(&path, &json!({ "base_version": base, "content": content }))
    };
    let refused = body(&world.send(&edit(1, json!({ "prompt": "Buns.", "alt": " " }))));
    assert_eq!(refused["errors"][0]["field"], "content.image.alt", "{refused}");
    assert_eq!(world.slug(&edit(1, json!({ "prompt": "Buns.", "alt": "Buns.", "url": "x" }))), "unknown-field");
    let first = body(&world.ok(&edit(1, json!({ "prompt": "Buns.", "alt": "Buns." }))));
    let second = body(&world.ok(&edit(2, json!({ "prompt": "Buns.", "alt": "Warm buns." }))));
    assert_ne!(first["sha256"], second["sha256"]);
    assert_eq!(world.get(&format!("/posts/{post}"))["image"], json!({ "prompt": "Buns.", "alt": "Warm buns." }));
}

#[test]
fn a_picture_is_drawn_of_the_newest_idea_and_no_version_names_one_that_is_not_there() {
    let world = World::new();
    let post = format!("{}-1", world.drafted());
    let (versions, drawings) = (format!("/posts/{post}/versions"), format!("/posts/{post}/drawings"));
    let draw = |version: i64| world.post_json(&drawings, &json!({ "version": version }));
    assert_eq!(world.slug(&draw(1)), "wrong-state", "it has no idea");
    let drawn = json!({ "sha256": "0a".repeat(32), "media_type": "image/png", "width": 64, "height": 64, "bytes": 9, "model": "m" });
    let edit = |image: Value| {
        let content = json!({ "language": "en", "title": "Mine", "text": "Better.", "image": image });
        world.post_json(&versions, &json!({ "base_version": 1, "content": content }))
    };
    let refused = body(&world.send(&edit(json!({ "prompt": "Buns.", "alt": "Buns.", "drawn": drawn }))));
    assert_eq!(refused["errors"][0]["field"], "content.image.drawn", "{refused}");
    world.ok(&edit(json!({ "prompt": "Buns.", "alt": "Buns." })));
    assert_eq!(world.slug(&draw(1)), "superseded");
    let reply = world.ok(&draw(2));
    assert_eq!((reply.status, reply.wakes.as_slice()), (StatusCode::ACCEPTED, &[Step::Generate][..]));
    assert_eq!(body(&reply)["state"], "writing");
    assert_eq!(world.slug(&draw(2)), "wrong-state", "it is being drawn");
    assert_eq!(world.slug(&world.post_json("/posts/nobodys-1/drawings", &json!({ "version": 1 }))), "not-found");
}

#[test]
fn another_time_voids_the_approval_and_a_hold_does_not() {
    let world = World::new();
    let post = format!("{}-1", world.drafted());
    let path = format!("/posts/{post}");
    world.ok(&world.post_json(&format!("{path}/approvals"), &json!({ "version": 1, "decision": "approve" })));
    let seen = world.get(&path);
    let held = body(&world.ok(&world.patch_json(&path, &seen["revision"], &json!({ "held": true }))));
    assert_eq!((&held["held"], &held["state"]), (&json!(true), &json!("scheduled")));
    let change = json!({ "planned_local": "2027-02-01T18:00:00" });
    let moved = body(&world.ok(&world.patch_json(&path, &held["revision"], &change)));
    assert_eq!((&moved["state"], &moved["due_at"]), (&json!("awaiting_approval"), &json!("2027-02-01T17:00:00Z")));
    assert_eq!(moved["approval"], json!(null));
    let stale = json!({ "version": 1, "decision": "approve", "due_at": seen["due_at"] });
    assert_eq!(world.slug(&world.post_json(&format!("{path}/approvals"), &stale)), "rescheduled");
}

#[test]
fn a_campaign_is_paused_renamed_and_cancelled() {
    let world = World::new();
    let path = format!("/campaigns/{}", world.drafted());
    let seen = world.get(&path);
    let change = json!({ "paused": true, "name": "Later", "budget_micro_usd": 7 });
    let changed = body(&world.ok(&world.patch_json(&path, &seen["revision"], &change)));
    assert_eq!(
        (&changed["paused"], &changed["name"], &changed["budget_micro_usd"]),
        (&json!(true), &json!("Later"), &json!(7))
    );
    let resumed = world.ok(&world.patch_json(&path, &changed["revision"], &json!({ "paused": false })));
    assert_eq!(resumed.wakes, Step::ALL);
    for _ in 0..2 {
        let reply = world.ok(&world.request("PUT", &format!("{path}/cancellation")));
        assert_eq!(body(&reply)["stage"], "cancelled");
    }
    assert_eq!(world.get(&path)["posts"], json!({ "cancelled": 2 }));
}

#[test]
fn the_public_needs_an_administrator() {
    let world = World::new();
    let mut sent = new_campaign();
    sent["mode"] = json!("performance");
    let by = |role| world.request_by(role, "POST", "/campaigns").with_body("application/json", sent.to_string());
    assert_eq!(world.slug(&by(Role::Editor)), "forbidden");
    assert!(created(&world.ok(&by(Role::Admin))));
    assert!(!Role::Editor.may(Action::Administer));
}

#[test]
fn a_dead_job_gets_another_chance() {
    let world = World::new();
    let id = world.begin();
    let dead = world.finish(Step::Strategize, |finish| {
        finish.state = JobState::Dead;
        finish.reason = Some("the model is away".into());
    });
    assert_eq!(world.get(&format!("/campaigns/{id}"))["reason"], "planning failed: the model is away");
    assert_eq!(world.get("/jobs?state=dead")["items"][0]["id"], json!(dead));
    let reply = world.ok(&world.request("POST", &format!("/jobs/{dead}/retries")));
    assert_eq!(reply.wakes, [Step::Strategize]);
    assert_eq!(world.slug(&world.request("POST", &format!("/jobs/{dead}/retries"))), "wrong-state");
    assert_eq!(world.get(&format!("/jobs?campaign={id}"))["items"].as_array().unwrap().len(), 2);
    assert_eq!(world.get(&format!("/campaigns/{id}/runs"))["items"][0]["round"], 1);
}

#[test]
fn a_post_that_nobody_managed_to_write_is_sent_back_or_dropped_and_never_approved() {
    let world = World::new();
    let id = world.planned();
    world.ok(&world.put_json(&format!("/campaigns/{id}/strategies/1/decision"), &json!({ "decision": "approve" })));
    let dead = world.finish(Step::Generate, |finish| finish.state = JobState::Dead);
    let post = dead.trim_start_matches("generate:");
    let decide = |decision: &str| {
        let sent = json!({ "version": 0, "decision": decision, "comment": "Once more." });
        world.post_json(&format!("/posts/{post}/approvals"), &sent)
    };
    assert_eq!(world.slug(&decide("approve")), "wrong-state");
    assert_eq!(world.ok(&decide("send_back")).wakes, [Step::Generate]);
    assert_eq!(world.get(&format!("/posts/{post}"))["state"], "writing");
}

#[test]
fn a_person_resolves_what_nobody_else_can_find_out() {
    let world = World::new();
    let post = format!("{}-1", world.drafted());
    world.ok(&world.post_json(&format!("/posts/{post}/approvals"), &json!({ "version": 1, "decision": "approve" })));
    let at = Some(START_MS + 86_400_000);
    let claimed = block_on(job::claim(&world.db, at, Step::Publish, 1, 60_000)).unwrap().remove(0);
    let resolution = format!("/jobs/{}/resolution", claimed.id);
    assert_eq!(world.slug(&world.put_json(&resolution, &json!({ "answer": "live" }))), "already-decided");
    block_on(job::arm(&world.db, at, job::Arm { job: &claimed, call_ms: 1, quiet_ms: 1 })).unwrap().unwrap();
    block_on(job::finish(&world.db, at, &[job::Finish::of(&claimed, JobState::Unknown)])).unwrap();
    let later = Some(START_MS + 86_500_000);
    let looking = block_on(job::claim_unknown(&world.db, later, 1, 60_000)).unwrap().remove(0);
    block_on(job::finish(&world.db, later, &[job::Finish::of(&looking, JobState::NeedsHuman)])).unwrap();

    let evil = json!({ "answer": "live", "ext_url": "javascript:alert(1)" });
    assert_eq!(world.slug(&world.put_json(&resolution, &evil)), "invalid");
    let live = json!({ "answer": "live", "ext_url": "https://stage.example/1" });
    for _ in 0..2 {
        assert_eq!(body(&world.ok(&world.put_json(&resolution, &live)))["state"], "done");
    }
    assert_eq!(world.get(&format!("/posts/{post}"))["ext_url"], "https://stage.example/1");
    assert_eq!(world.slug(&world.put_json(&resolution, &json!({ "answer": "not_live" }))), "already-decided");
}

#[test]
fn history_is_read_in_order_and_as_it_happens() {
    let world = World::new();
    let id = world.begin();
    let first = world.get("/events?limit=1");
    let next = world.get(&format!("/events?after={}&campaign={id}", first["next"]));
    assert!(next["items"][0]["seq"].as_i64() > first["items"][0]["seq"].as_i64());
    assert_eq!(world.slug(&world.request("GET", "/events?campaign=other")), "not-found");

    let source_of = |request: Request| match world.ok(&request).body {
        Body::Events(source) => source,
        _ => panic!("no stream"),
    };
    let path = format!("/events/stream?campaign={id}");
    let mut from_now: Box<dyn EventSource> = source_of(world.request("GET", &path));
    assert!(block_on(from_now.next(&world.db)).unwrap().is_empty());
    let mut from_start = source_of(world.request("GET", &path).with_header("last-event-id", "0"));
    assert!(!block_on(from_start.next(&world.db)).unwrap().is_empty());
    assert!(block_on(from_start.next(&world.db)).unwrap().is_empty());
    world.ok(&world.request("PUT", &format!("/campaigns/{id}/cancellation")));
    let news = block_on(from_now.next(&world.db)).unwrap();
    assert!(news.iter().any(|event| event.name == "campaign.cancelled"), "{news:?}");
}

#[test]
fn lists_come_in_pages() {
    let world = World::new();
    let ids = [world.begin(), world.begin(), world.begin()];
    let page = world.get("/campaigns?limit=2");
    let rest = world.get(&format!("/campaigns?limit=2&cursor={}", page["next"].as_str().unwrap()));
    let all = [&page, &rest].map(|page| page["items"].as_array().unwrap().clone()).concat();
    let mut seen: Vec<&str> = all.iter().map(|campaign| campaign["id"].as_str().unwrap()).collect();
    seen.sort_unstable();
    let mut expect = ids.each_ref().map(String::as_str);
    expect.sort_unstable();
    assert_eq!((seen.as_slice(), &rest["next"]), (expect.as_slice(), &json!(null)));
    assert_eq!(world.slug(&world.request("GET", "/campaigns?limit=201")), "invalid");
    assert_eq!(world.slug(&world.request("GET", "/campaigns?cursor=x")), "invalid-cursor");
    assert_eq!(world.slug(&world.request("GET", "/jobs?stat=dead")), "unknown-field");
}

#[test]
fn an_install_is_claimed_once_by_its_token() {
    let world = World::new();
    let claim = |token: &str| {
        let sent = json!({ "setup_token": token, "email": "ada@example.com", "name": "Ada",
            "password": "correct horse battery", "workspace": "Hill & Sons" });
        let request = Request::new(Method::POST, "/api/v1/setup").unwrap();
        request.with_header("host", "localhost:3000").with_body("application/json", sent.to_string())
    };
    assert_eq!(world.get("/health")["claimed"], false);
    assert_eq!(world.slug(&claim("guess")), "not-found");
    let reply = world.ok(&claim("one-time-link"));
    assert!(reply.header("set-cookie").unwrap().starts_with("sid="));
    assert_eq!(world.slug(&claim("one-time-link")), "already-decided");
    let from_elsewhere = claim("one-time-link").with_header("origin", "https://evil.example");
    assert_eq!(world.slug(&from_elsewhere), "forged-request");
    assert_eq!(world.get("/health")["claimed"], true);
}

#[test]
fn a_token_is_made_shown_once_and_ended() {
    let world = World::new();
    let sent = json!({ "name": "CI", "role": "editor", "expires_at": "2027-06-01T00:00:00+02:00" });
    let reply = world.ok(&world.post_json("/tokens", &sent));
    assert!(reply.secret);
    let made = body(&reply);
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.starts_with("rondo_"));
    let me = body(&world.ok(&world.request_of(secret, "GET", "/me")));
    assert_eq!((&me["role"], &me["via"]), (&json!("editor"), &json!("token")));
    assert!(!world.ok(&world.request("GET", "/tokens")).text().contains(secret));
    let end = world.request("DELETE", &format!("/tokens/{}", made["id"].as_str().unwrap()));
    assert_eq!(world.ok(&end).status.as_u16(), 204);
    assert_eq!(world.ok(&end).status.as_u16(), 204, "repeating it changes nothing");
    assert_eq!(world.slug(&world.request_of(secret, "GET", "/me")), "unauthorized");
    let more = json!({ "name": "All", "role": "owner" }).to_string();
    let by_admin = world.request_by(Role::Admin, "POST", "/tokens").with_body("application/json", more);
    assert_eq!(world.slug(&by_admin), "invalid");
}

#[test]
fn the_workspace_stops_and_goes_on() {
    let world = World::new();
    assert_eq!(body(&world.ok(&world.request("PUT", "/workspace/pause")))["paused"], true);
    assert_eq!(world.get("/me")["workspace"]["paused"], true);
    assert_eq!(world.ok(&world.request("DELETE", "/workspace/pause")).wakes, Step::ALL);
    assert_eq!(world.get("/channels")["items"][0]["name"], "stage");
}

#[test]
fn what_a_campaign_cost_is_told_by_step_and_by_post() {
    let world = World::new();
    let id = world.planned();
    let path = format!("/campaigns/{id}/strategies/1/decision");
    world.ok(&world.put_json(&path, &json!({ "decision": "approve" })));
    let writing = block_on(job::claim(&world.db, Some(START_MS), Step::Generate, 1, 60_000)).unwrap();
    let me = world.get("/me");
    let workspace_id = me["workspace"]["id"].as_str().unwrap();
    for cost_id in ["k1", "k2"] {
        let new = store::cost::Reservation {
            workspace_id,
            id: cost_id,
            campaign_id: Some(&id),
            job_id: &writing[0].id,
            fence: writing[0].fence,
            step: Step::Generate,
            provider: "p",
            model: "m",
            provider_id: None,
            stands_in_for: None,
            micro_usd: 500,
            prompt: "editor-3",
            input_sha256: "x",
            for_ms: 1,
        };
        block_on(store::cost::reserve(&world.db, Some(START_MS), &new)).unwrap();
    }
    let how = store::cost::Settlement { spent_micro_usd: 300, outcome: "answered", ..Default::default() };
    block_on(store::cost::settle(&world.db, Some(START_MS), (workspace_id, "k2"), &how)).unwrap();
    let costs = world.get(&format!("/campaigns/{id}/costs"));
    assert_eq!((&costs["spent_micro_usd"], &costs["reserved_micro_usd"]), (&json!(300), &json!(500)));
    assert_eq!(costs["items"], json!([{ "post_id": format!("{id}-1"), "calls": 2, "spent_micro_usd": 300 }]));
}

#[test]
fn the_workspace_is_switched_to_performance_by_who_administers_it() {
    let world = World::new();
    assert_eq!(world.get("/workspace")["mode"], "rehearsal");
    let performance = json!({ "mode": "performance" });
    let by_editor =
        world.request_by(Role::Editor, "PUT", "/workspace/mode").with_body("application/json", performance.to_string());
    assert_eq!(world.slug(&by_editor), "forbidden");
    let reply = world.ok(&world.put_json("/workspace/mode", &performance));
    assert_eq!((&body(&reply)["mode"], reply.wakes.as_slice()), (&json!("performance"), &[Step::Publish][..]));
    assert_eq!(world.get("/me")["workspace"]["mode"], "performance");
    assert_eq!(world.slug(&world.put_json("/workspace/mode", &json!({ "mode": "encore" }))), "invalid");
}

#[test]
fn an_agent_is_changed_paused_and_woken() {
    let world = World::new();
    let all = world.get("/agents");
    assert_eq!(all["items"].as_array().unwrap().len(), 10);
    let seen = world.get("/agents/copywriter");
    assert_eq!((&seen["step"], &seen["queue"]), (&json!("generate"), &json!(0)));
    let change = json!({ "name": "Anna", "autonomy": "threshold", "threshold": 2, "channels": ["stage"] });
    let changed = body(&world.ok(&world.patch_json("/agents/copywriter", &seen["revision"], &change)));
    assert_eq!((&changed["name"], &changed["threshold"]), (&json!("Anna"), &json!(2)));
    assert_eq!(world.slug(&world.patch_json("/agents/copywriter", &seen["revision"], &change)), "stale");
    for wrong in
        [json!({ "threshold": 4 }), json!({ "name": " " }), json!({ "channels": ["fax"] }), json!({ "colour": "red" })]
    {
        assert_eq!(
            world.slug(&world.patch_json("/agents/copywriter", &changed["revision"], &wrong)),
            "invalid",
            "{wrong}"
        );
    }
    for (role, without_effect) in [
        ("strategist", json!({ "autonomy": "ask" })),
        ("publisher", json!({ "threshold": 2 })),
        ("editor", json!({ "channels": ["stage"] })),
    ] {
        let request = world.patch_json(&format!("/agents/{role}"), &json!(1), &without_effect);
        assert_eq!(world.slug(&request), "invalid", "{role}: {without_effect}");
    }
    for _ in 0..2 {
        assert_eq!(body(&world.ok(&world.request("PUT", "/agents/copywriter/pause")))["paused"], true);
    }
    assert_eq!(world.ok(&world.request("DELETE", "/agents/copywriter/pause")).wakes, [Step::Generate]);
    assert_eq!(world.ok(&world.request("POST", "/agents/editor/wake")).wakes, [Step::Review]);
    let designer = world.get("/agents/visual");
    assert_eq!((&designer["step"], &designer["channels"]), (&json!(null), &json!([])));
    let on = world.patch_json("/agents/visual", &designer["revision"], &json!({ "channels": ["stage"] }));
    assert_eq!(body(&world.ok(&on))["channels"], json!(["stage"]));
    assert_eq!(world.slug(&world.request("GET", "/agents/drummer")), "not-found");
}

#[test]
fn a_command_sends_a_post_back_with_its_words_and_voids_its_approval() {
    let world = World::new();
    let id = world.drafted();
    let first = format!("{id}-1");
    world.ok(&world.post_json(&format!("/posts/{first}/approvals"), &json!({ "version": 1, "decision": "approve" })));
    let unclear = json!({ "text": "Make it shorter" });
    assert_eq!(world.slug(&world.post_json("/agents/copywriter/commands", &unclear)), "invalid");
    let sent = json!({ "text": "Make it shorter", "post_id": first, "version": 1 });
    let reply = world.ok(&world.post_json("/agents/copywriter/commands", &sent));
    assert_eq!((reply.status.as_u16(), reply.wakes.as_slice()), (201, &[Step::Generate][..]));
    let post = world.get(&format!("/posts/{first}"));
    assert_eq!(
        (&post["state"], &post["comment"], &post["approval"]),
        (&json!("writing"), &json!("Make it shorter"), &json!(null))
    );
    assert_eq!(world.get("/agents/copywriter/commands")["items"][0]["text"], "Make it shorter");
    assert_eq!(world.get("/agents/copywriter/queue")["items"][0]["post_id"], json!(first));
    assert_eq!(
        world.slug(&world.post_json("/agents/copywriter/commands", &sent)),
        "wrong-state",
        "it is being written"
    );
    let stale = json!({ "text": "Shorter", "post_id": format!("{id}-2"), "version": 0 });
    assert_eq!(world.slug(&world.post_json("/agents/copywriter/commands", &stale)), "superseded");
    let nobodys = json!({ "text": "Shorter", "post_id": "elsewhere-1" });
    assert_eq!(world.slug(&world.post_json("/agents/copywriter/commands", &nobodys)), "not-found");
    assert_eq!(world.slug(&world.post_json("/agents/publisher/commands", &unclear)), "invalid");
}

#[test]
fn the_strategist_is_told_to_plan_again_while_its_plan_waits() {
    let world = World::new();
    let id = world.planned();
    let reply = world.ok(&world.post_json("/agents/strategist/commands", &json!({ "text": "More about the price" })));
    assert_eq!(reply.wakes, [Step::Strategize]);
    assert_eq!(world.get(&format!("/campaigns/{id}"))["stage"], "planning");
    let again = json!({ "text": "More", "campaign_id": id });
    assert_eq!(world.slug(&world.post_json("/agents/strategist/commands", &again)), "wrong-state");
}

#[test]
fn the_conductor_sees_what_is_due_what_came_of_it_and_what_needs_a_person() {
    let world = World::new();
    world.drafted();
    let timeline = world.get("/workspace/timeline");
    assert_eq!(
        (timeline["items"].as_array().unwrap().len(), &timeline["items"][0]["state"]),
        (2, &json!("awaiting_approval"))
    );
    let figures = world.get("/workspace/figures");
    assert_eq!((&figures["waiting"], &figures["mean"], &figures["reviews"]), (&json!(2), &json!(7.8), &json!(2)));
    assert_eq!(world.get("/workspace/alerts")["items"][0]["kind"], "approval");
}
