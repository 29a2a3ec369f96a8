//! Every operation, asked for by everyone: held to `matrix.txt`, which a reviewer reads. Nobody gets at what is
//! another workspace's, and nothing that is only looked at changes.

#[expect(dead_code, reason = "the dashboard's tests need more of it")]
#[path = "../../../web/tests/matrix/browser.rs"]
mod browser;
#[path = "../../../web/tests/support/matrix.rs"]
mod everyone;
mod hostile;
#[expect(dead_code, reason = "the dashboard's tests need more of it")]
#[path = "../../../web/tests/support/hostile.rs"]
mod hostile_text;
mod places;
#[expect(dead_code, reason = "the dashboard's tests need more of it")]
#[path = "../../../web/tests/support/seed.rs"]
mod seed;

use everyone::{Caller, Worlds};
use futures::executor::block_on;
use seed::World;
use serde_json::{Value, json};
use serve::{Body, Method, Problem, Reply, Request};

use crate::routes::{Operation, RESOURCES, Resource, Run};

/// What a program asks for with an operation.
struct Ask {
    method: &'static str,
    path: String,
    body: Option<Value>,
    revision: Option<String>,
}

fn operations() -> impl Iterator<Item = (&'static Resource, &'static Operation)> {
    RESOURCES.iter().flat_map(|resource| resource.operations.iter().map(move |operation| (resource, operation)))
}

/// What the owner asks for, with success. A new path with a name in it, or a new body, needs its line here.
fn ask(world: &World, owner: &Caller, resource: &Resource, operation: &Operation) -> Ask {
    let job = |state: &str| text_of(world, "select id as it from job where state = ?1", state);
    let path = match (operation.method, resource.path) {
        (_, path) if path.starts_with("/members/{id}") => path.replace("{id}", "user-analyst"),
        (_, "/invitations/{id}") => "/invitations/invitation-1".into(),
        (_, "/me/sessions/{id}") => "/me/sessions/other-session-owner".into(),
        (_, "/tokens/{id}") => resource.path.replace("{id}", "token-editor"),
        (_, "/campaigns/{id}/strategies/{version}/decision" | "/campaigns/{id}/strategies/{version}/assignment") => {
            resource.path.replace("{id}", "open").replace("{version}", "1")
        }
        (_, path) if path.starts_with("/channels/{id}/") && path.contains("slots") => {
            path.replace("{id}", "blog").replace("{slot}", "s-2")
        }
        ("GET", "/channels/{id}") => "/channels/stage".into(),
        (_, path) if path.starts_with("/channels/{id}") => {
            connect_a_relay(world);
            path.replace("{id}", "relay")
        }
        (_, "/pictures/{sha256}") => format!(
            "/pictures/{}",
            text_of(world, "select sha256 as it from picture where model = ?1 limit 1", "openai/gpt-image-1")
        ),
        (_, "/posts/{id}/rejection") => "/posts/bakery-5/rejection".into(),
        // What nobody knows the outcome of must be known before another policy counts.
        (_, "/campaigns/{id}/approval-policy") => "/campaigns/open/approval-policy".into(),
        (_, "/calendar") => "/calendar?from=2027-03-01T00:00:00Z&until=2027-04-01T00:00:00Z".into(),
        (_, "/notifications/{id}") => {
            tell_everyone(world);
            "/notifications/told".into()
        }
        ("DELETE", "/notifications") => "/notifications?until=2027-04-01T00:00:00Z".into(),
        (_, "/campaigns/{id}/archive" | "/campaigns/{id}/copies") => resource.path.replace("{id}", "finished"),
        (_, "/memory/{id}") => "/memory/approval:remembered".into(),
        (_, path) if path.starts_with("/learnings/{id}") => path.replace("{id}", "moving"),
        (_, path) if path.starts_with("/templates/{id}") => path.replace("{id}", "offer"),
        (_, "/exports/{file}") => "/exports/posts.csv".into(),
        (_, path) if path.starts_with("/providers/{id}") => {
            connect_a_provider(world);
            path.replace("{id}", "provider")
        }
        (_, "/autonomy-rules/{id}") => format!("/autonomy-rules/{}", seed::RULE),
        (_, path) if path.starts_with("/agents/") => path.replace("{id}", "copywriter"),
        (_, "/jobs/{id}/retries") => resource.path.replace("{id}", &job("dead")),
        (_, path) if path.starts_with("/jobs/") => path.replace("{id}", &job("needs_human")),
        ("GET", "/brand/versions/{version}") => {
            write_a_brand(world);
            "/brand/versions/1".into()
        }
        ("POST", "/brand/readings") => {
            connect_a_provider(world);
            "/brand/readings".into()
        }
        (_, "/brand/readings/{id}") => {
            have_a_text_read(world);
            "/brand/readings/leaflet".into()
        }
        (_, path) if path.starts_with("/campaigns/") => path.replace("{id}", "bakery").replace("{version}", "1"),
        (_, path) if path.starts_with("/posts/") => path.replace("{id}", "bakery-9").replace("{version}", "1"),
        (_, path) => path.into(),
    };
    let read = || Ask { method: "GET", path: path.clone(), body: None, revision: None };
    let revision = operation.if_match.then(|| send(world, owner, &read()).header("etag").unwrap().to_owned());
    Ask { method: operation.method, path, body: operation.body.map(|schema| sample(world, schema)), revision }
}

/// Every member was told something, and nobody next door.
fn tell_everyone(world: &World) {
    let sql = "insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
        select workspace_id, created_by, 'told', 'mention', 'post:bakery-9', 'bakery', 'ada', 0
        from api_token where workspace_id = (select id from workspace where slug = 'home') on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// The first version, unless there is one.
fn write_a_brand(world: &World) {
    let mut book = domain::BrandBook::empty();
    book.brand.name = "Night Shift".into();
    let (at, home) = (world.app().ports.clock.pinned_ms(), world.workspace_id());
    let saved = store::brand::save(&world.db, at, (&home, 0), &book, "ada");
    let _there_already = block_on(saved);
}

/// A channel of the owner's workspace alone: every workspace has a stage.
fn connect_a_relay(world: &World) {
    let sql = "insert into channel (workspace_id, id, name, platform, created_at)
        select id, 'relay', 'Relay', 'relay', 0 from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// Somebody else's text that a model is to read.
fn have_a_text_read(world: &World) {
    let sql = "insert into reading (workspace_id, id, copied_from, text, micro_usd_a_day, asked_by, asked_at)
        select id, 'leaflet', 'a leaflet', 'Open: 22:00 to 04:00', 0, 'ada', 0
        from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// A provider of models of the owner's workspace alone.
fn connect_a_provider(world: &World) {
    let sql =
        "insert into provider (workspace_id, id, name, kind, base_url, models, changed_by, created_at, updated_at)
        select id, 'provider', 'Ours', 'openai', 'https://models.example/v1', '[\"m\"]', 'ada', 0, 0
        from workspace where slug = 'home' on conflict do nothing";
    world.db.run(sql, &[]).unwrap();
}

/// A body of this schema that is good.
fn sample(world: &World, schema: &str) -> Value {
    match schema {
        "Claim" => json!({ "setup_token": seed::SETUP_TOKEN, "email": "a@b.example", "name": "Ada",
                           "password": "four plain words here", "workspace": "W" }),
        "NewDrawing" => json!({ "version": 1 }),
        "NewWorkspace" | "WorkspaceName" => json!({ "name": "Client" }),
        "Enter" => json!({ "workspace_id": "next-door" }),
        "NewPassword" => json!({ "old_password": seed::PASSWORD, "password": "four other plain words" }),
        "Code" => json!({ "code": "000000" }),
        "Password" => json!({ "password": seed::PASSWORD }),
        "NewOwner" => json!({ "user_id": "user-editor" }),
        "NewRole" => json!({ "role": "approver" }),
        "NewInvitation" => json!({ "role": "analyst" }),
        "NewPasswordReset" => json!({ "user_id": "user-analyst" }),
        "NewToken" => json!({ "name": "A script", "role": "analyst" }),
        "NewCampaign" => json!({ "brief": seed::brief("2027-05-08", 2, 1) }),
        "CampaignChange" => json!({ "name": "Another name" }),
        "StrategyDecision" => json!({ "decision": "approve" }),
        "PostChange" => json!({ "held": true }),
        "NewVersion" => json!({ "base_version": 1, "content": seed::content(9, 1) }),
        "NewApproval" => json!({ "version": 1, "decision": "approve" }),
        "Resolution" => json!({ "answer": "not_live" }),
        "WorkspaceMode" => json!({ "mode": "rehearsal" }),
        "AgentChange" => json!({ "name": "Bertolt" }),
        "NewChannel" => json!({ "name": "Company blog", "platform": "relay" }),
        "ChannelChange" => json!({ "name": "News", "paused": true }),
        "NewWeeklySlot" => json!({ "weekday": 1, "local_time": "09:30" }),
        "WeeklySlotChange" => json!({ "enabled": false }),
        "NewProvider" => json!({ "name": "Ours", "kind": "openai", "models": ["m"], "key": "sk-1",
                                 "base_url": "https://models.example/v1" }),
        "ProviderChange" => json!({ "paused": true }),
        "NewPrice" => json!({ "model": "m", "input_usd": "2", "output_usd": "10", "source": "their page" }),
        "NewComment" => json!({ "text": "Warmer, I think." }),
        "Assignment" => json!({ "user_id": "user-approver" }),
        "NewApprovals" => {
            let post = |at: &str| {
                text_of(world, &format!("select cast({at} as text) as it from post where id = ?1"), "bakery-9")
            };
            let due_at: jiff::Timestamp = jiff::Timestamp::from_millisecond(post("due_at").parse().unwrap()).unwrap();
            let sha256 =
                text_of(world, "select sha256 as it from post_version where version = 1 and post_id = ?1", "bakery-9");
            json!({ "decision": "approve", "items": [{ "post_id": "bakery-9", "version": 1, "sha256": sha256,
                                                      "channel_id": post("channel_id"), "due_at": due_at.to_string() }] })
        }
        "NewApprovalPolicy" => json!({ "kind": "one", "rounds": [{ "needed": 1, "people": [] }] }),
        "NewAutonomyPolicy" => json!({ "enabled": true, "streak_needed": 9, "mean_tenths_min": 80, "cap_max": 2 }),
        "NewAutonomyRule" => {
            json!({ "channel_id": "stage", "pillar": "Bread at night", "mode": "performance", "cap_per_day": 1 })
        }
        "NewReviewRules" => {
            json!({ "chains": [{ "risk": "low", "reviewers": ["editor"] }], "thresholds": { "truth": 8 }, "mean_tenths_min": 70 })
        }
        "BrandBook" => json!({ "brand": { "name": "A", "url": "https://a.example", "one_line": "It." } }),
        "PastedText" => json!({ "text": "Name: A", "copied_from": "a leaflet" }),
        "AcceptedInvitation" => json!({ "invitation": everyone::INVITATION_NEXT_DOOR }),
        "NewCopy" => json!({ "start": "2027-05-08" }),
        "NewPost" => json!({ "channel": "stage", "planned_local": "2027-05-03T09:30:00", "angle": "Rye" }),
        "NewTemplate" => json!({ "name": "Hours", "title": "Open", "text": "For {{product}}." }),
        "TemplateUse" => json!({ "campaign_id": "bakery", "channel": "stage", "planned_local": "2027-05-03T09:30:00" }),
        "NewImport" => json!({ "name": "old.csv", "text": "text,channel\nWe are open.,blog\n" }),
        "NewLearning" => json!({ "statement": "Name the street in the first line." }),
        "NewLearningState" => json!({ "state": "retired" }),
        "NewLearningLimits" => json!({ "trials_a_day": 10, "micro_usd_a_day": 20_000 }),
        "NewCommand" => json!({ "text": "Begin with the price.", "post_id": "bakery-9" }),
        other => panic!("let `sample` make a good {other}"),
    }
}

fn text_of(world: &World, sql: &str, with: &str) -> String {
    let rows = world.db.run(sql, &[with.into()]).unwrap();
    rows.first().unwrap_or_else(|| panic!("{sql}: nothing")).text("it").unwrap()
}

fn send(world: &World, caller: &Caller, ask: &Ask) -> Reply {
    let method = Method::from_bytes(ask.method.as_bytes()).unwrap();
    let mut request = Request::new(method, &format!("/api/v1{}", ask.path)).unwrap();
    if !caller.token.is_empty() {
        request = request.with_header("authorization", &format!("Bearer {}", caller.token));
    }
    if let Some(revision) = &ask.revision {
        request = request.with_header("if-match", revision);
    }
    if let Some(body) = &ask.body {
        request = request.with_body("application/json", body.to_string());
    }
    block_on(crate::route(world.app(), &request)).unwrap_or_else(Problem::into_reply)
}

/// An account, and what is as good as one, is a person's: a program is told to sign in.
fn is_for_people(resource: &Resource) -> bool {
    resource.path.starts_with("/me/") || ["/password-resets", "/workspace/owner"].contains(&resource.path)
}

#[test]
fn everyone_gets_what_the_matrix_says() {
    let worlds = Worlds::new("api-matrix");
    let mut found = format!(
        "# What the API answers, by whose token it is. The stranger owns another workspace.\n\
         # `RONDO_UPDATE_GOLDEN=1 cargo test -p api matrix` writes this file.\n{}",
        everyone::head(&worlds)
    );
    let looked_at = worlds.copy();
    let mut unanswered = Vec::new();
    for (resource, operation) in operations() {
        let cells: Vec<u16> = worlds
            .callers
            .iter()
            .map(|caller| {
                let changed = (operation.method != "GET").then(|| worlds.copy());
                let world = changed.as_ref().unwrap_or(&looked_at);
                let reply = send(world, caller, &ask(world, &worlds.callers[1], resource, operation));
                if caller.name == "owner"
                    && !reply.status.is_success()
                    && resource.path != "/setup"
                    && !is_for_people(resource)
                {
                    unanswered.push(format!("{} {}: {}", operation.method, resource.path, reply.text()));
                }
                let refused = reply.status.as_u16() == 403;
                if let (Run::Member(action, _), Ok(role)) = (operation.run, caller.name.parse::<domain::Role>()) {
                    assert_eq!(refused, !role.may(action), "{role}: {} {}", operation.method, resource.path);
                }
                reply.status.as_u16()
            })
            .collect();
        found += &everyone::line(operation.method, resource.path, &cells);
    }
    assert!(unanswered.is_empty(), "let `ask` say what the owner's program sends to\n{}", unanswered.join("\n"));
    everyone::hold(&found, "src/tests/matrix.txt", include_str!("matrix.txt"));
}

#[test]
fn looking_changes_nothing() {
    let worlds = Worlds::new("api-get");
    let world = worlds.copy();
    write_a_brand(&world);
    connect_a_provider(&world);
    have_a_text_read(&world);
    for (resource, operation) in operations().filter(|(_, operation)| operation.method == "GET") {
        for caller in &worlds.callers {
            let before = everyone::changes(&world);
            let reply = send(&world, caller, &ask(&world, &worlds.callers[1], resource, operation));
            match reply.body {
                Body::Bytes(_) => {}
                Body::Events(mut source) => drop(block_on(source.next(&world.db)).unwrap()),
                Body::Pieces(mut source) => while block_on(source.next(&world.db)).unwrap().is_some() {},
            }
            assert_eq!(
                everyone::changes(&world),
                before,
                "{}: looking at {} changed something",
                caller.name,
                resource.path
            );
            assert!(reply.wakes.is_empty(), "looking at {} wakes somebody", resource.path);
        }
    }
}

#[test]
fn nothing_of_another_workspace_is_there() {
    let worlds = Worlds::new("api-strangers");
    let stranger = worlds.callers.last().unwrap();
    let world = worlds.copy();
    let ids = everyone::ids_of_ours_alone(&world);
    assert!(ids.len() > 50, "the world is seeded: {ids:?}");
    for (resource, operation) in operations().filter(|(one, _)| one.path.contains('{') && !is_for_people(one)) {
        let good = ask(&world, &worlds.callers[1], resource, operation);
        let before = everyone::changes(&world);
        for id in &ids {
            let with = |id: &str| Ask {
                path: with_first_name(resource.path, &good.path, id),
                body: good.body.clone(),
                revision: good.revision.clone(),
                method: good.method,
            };
            let reply = send(&world, stranger, &with(id));
            assert_eq!(
                reply.status.as_u16(),
                404,
                "{} {} with {id}: {}",
                operation.method,
                resource.path,
                reply.text()
            );
            let never = send(&world, stranger, &with("0nothing")).text();
            assert_eq!(reply.text().replace(&format!("`{id}"), "`0nothing"), never, "{} tells of {id}", resource.path);
        }
        assert_eq!(everyone::changes(&world), before, "{} changed something", resource.path);
    }
}

#[test]
fn a_list_of_a_stranger_holds_nothing_of_ours() {
    let worlds = Worlds::new("api-lists");
    let stranger = worlds.callers.last().unwrap();
    let world = worlds.copy();
    let ids = everyone::ids_of_ours_alone(&world);
    // Words such as a step's name are everybody's.
    let told: Vec<_> = ids.iter().filter(|id| id.len() > 12 || id.contains('-')).collect();
    for (resource, operation) in operations().filter(|(resource, _)| !resource.path.contains('{')) {
        if operation.method != "GET" || matches!(operation.run, Run::Open(_)) {
            continue;
        }
        let mut text = String::new();
        match send(&world, stranger, &ask(&world, &worlds.callers[1], resource, operation)).body {
            Body::Bytes(bytes) => text += &String::from_utf8(bytes).unwrap(),
            Body::Events(mut source) => text += &format!("{:?}", block_on(source.next(&world.db)).unwrap()),
            Body::Pieces(mut source) => {
                while let Some(piece) = block_on(source.next(&world.db)).unwrap() {
                    text += &String::from_utf8(piece).unwrap();
                }
            }
        }
        for id in &told {
            assert!(!text.contains(&format!("\"{id}\"")), "{} tells of {id}", resource.path);
        }
    }
}

/// The same path, with another first name.
fn with_first_name(path: &str, target: &str, id: &str) -> String {
    let at = path.split('/').position(|part| part.starts_with('{')).unwrap();
    let parts = target.split('/').enumerate().map(|(index, part)| if index == at { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

#[test]
fn a_signed_in_person_accepts_an_invitation_and_is_there() {
    let worlds = Worlds::new("api-accepts");
    let (world, analyst) = (worlds.copy(), &worlds.callers[5]);
    let accept = |csrf: &str| {
        let request = World::request(Method::POST, "/api/v1/me/memberships");
        let request = request.with_header("cookie", &analyst.cookie).with_header("x-csrf-token", csrf);
        let sent = json!({ "invitation": everyone::INVITATION_NEXT_DOOR });
        let request = request.with_body("application/json", sent.to_string());
        block_on(crate::route(world.app(), &request)).unwrap_or_else(Problem::into_reply)
    };
    assert_eq!(accept("").status.as_u16(), 403, "a forged form");
    let reply = accept(&analyst.csrf);
    assert_eq!(reply.status.as_u16(), 201, "{}", reply.text());
    assert!(reply.text().contains("\"Next door\"") && reply.header("set-cookie").is_some(), "{}", reply.text());
    let members = "select cast(count(*) as text) as it from member where workspace_id = ?1";
    assert_eq!(text_of(&world, members, "next-door"), "2");
}
