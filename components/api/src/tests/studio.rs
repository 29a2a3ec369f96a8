//! What once only pages could do: templates, posts by hand, copies, putting away, imports, exports.

use domain::{Role, Step};
use serde_json::{Value, json};

use super::world::{World, body};

fn template(world: &World) -> Value {
    let words = json!({ "name": "Offer", "title": "{{product}} on {{date}}", "text": "At {{time}}, on {{channel}}." });
    body(&world.ok(&world.post_json("/templates", &words)))
}

#[test]
fn a_template_is_made_changed_filled_in_and_deleted() {
    let world = World::new();
    let campaign = world.drafted();
    let made = template(&world);
    let path = format!("/templates/{}", made["id"].as_str().unwrap());
    assert_eq!(
        world.slug(&world.post_json("/templates", &json!({ "name": "Offer", "title": "a", "text": "b" }))),
        "already-exists"
    );
    let wrong = json!({ "name": "", "title": "{{nothing}}", "text": "b" });
    let refused = body(&world.send(&world.post_json("/templates", &wrong)));
    let fields: Vec<&str> =
        refused["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["name", "title"]);

    let wanted = json!({ "campaign_id": campaign, "channel": "stage", "planned_local": "2027-01-20T09:30:00" });
    let before = world.state();
    let filled = body(&world.ok(&world.post_json(&format!("{path}/fillings"), &wanted)));
    assert_eq!(filled, json!({ "title": "Rondo on 2027-01-20", "text": "At 09:30, on stage." }));
    assert_eq!(world.state(), before, "filling in stores nothing");

    let words = json!({ "name": "Sale", "title": "Sale", "text": "{{fact.rent}}" });
    let put = |etag: &str| world.put_json(&path, &words).with_header("if-match", etag);
    assert_eq!(world.slug(&world.put_json(&path, &words)), "precondition-required");
    assert_eq!(body(&world.ok(&put("\"1\"")))["revision"], 2);
    assert_eq!(world.slug(&put("\"1\"")), "stale");
    assert_eq!(world.slug(&world.post_json(&format!("{path}/fillings"), &wanted)), "invalid", "no such fact");
    assert_eq!(world.get("/templates")["items"][0]["name"], "Sale");
    world.ok(&world.request("DELETE", &path));
    assert_eq!(world.slug(&world.request("DELETE", &path)), "not-found");
}

#[test]
fn a_post_by_hand_is_reviewed_and_one_without_words_is_the_copywriters() {
    let world = World::new();
    let campaign = world.drafted();
    let path = format!("/campaigns/{campaign}/posts");
    let with = |more: Value| {
        let mut sent = json!({ "channel": "stage", "planned_local": "2027-01-20T09:30:00" });
        sent.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.post_json(&path, &sent)
    };
    let mine = world.ok(&with(json!({ "title": "Mine", "text": "My words." })));
    assert_eq!((mine.wakes.as_slice(), body(&mine)["state"].as_str()), ([Step::Review].as_slice(), Some("in_review")));
    assert_eq!(mine.header("location").unwrap(), format!("/api/v1/posts/{}", body(&mine)["id"].as_str().unwrap()));
    let theirs = world.ok(&with(json!({ "angle": "The price" })));
    assert_eq!(
        (theirs.wakes.as_slice(), body(&theirs)["state"].as_str()),
        ([Step::Generate].as_slice(), Some("writing"))
    );
    let id = template(&world)["id"].clone();
    let filled = body(&world.ok(&with(json!({ "template_id": id }))));
    assert_eq!(filled["text"], "At 09:30, on stage.");

    for (more, field) in [
        (json!({}), "angle"),
        (json!({ "title": "Only a title" }), "text"),
        (json!({ "template_id": id, "text": "x" }), "template_id"),
        (json!({ "template_id": "nothing" }), "template_id"),
        (json!({ "from_post_id": "nothing" }), "from_post_id"),
        (json!({ "from_post_id": format!("{campaign}-1"), "angle": "x" }), "from_post_id"),
        (json!({ "from_post_id": format!("{campaign}-1") }), "channel"),
        (json!({ "angle": "x", "channel": "nowhere" }), "channel"),
        (json!({ "angle": "x", "planned_local": "2027-01-20T09:30:00Z" }), "planned_local"),
    ] {
        let refused = body(&world.send(&with(more.clone())));
        assert_eq!(refused["errors"][0]["field"], field, "{more}: {refused}");
    }
    assert_eq!(world.slug(&with(json!({ "angle": "x", "planned_local": "2026-01-20T09:30:00" }))), "past");
    let planning = world.begin();
    let early = json!({ "channel": "stage", "planned_local": "2027-01-20T09:30:00", "angle": "x" });
    assert_eq!(world.slug(&world.post_json(&format!("/campaigns/{planning}/posts"), &early)), "wrong-state");
}

#[test]
fn a_key_sent_twice_adds_one_post() {
    let world = World::new();
    let campaign = world.drafted();
    let sent = json!({ "channel": "stage", "planned_local": "2027-01-20T09:30:00", "angle": "x" });
    let request =
        || world.post_json(&format!("/campaigns/{campaign}/posts"), &sent).with_header("idempotency-key", "k");
    let first = body(&world.ok(&request()));
    assert_eq!(body(&world.ok(&request()))["id"], first["id"]);
    assert_eq!(world.get(&format!("/campaigns/{campaign}/posts"))["items"].as_array().unwrap().len(), 3);
}

#[test]
fn a_campaign_is_put_away_and_taken_back() {
    let world = World::new();
    let id = world.drafted();
    let path = format!("/campaigns/{id}/archive");
    assert_eq!(world.slug(&world.request("PUT", &path).with_header("if-match", "\"999\"")), "stale");
    let away = body(&world.ok(&world.request("PUT", &path)));
    assert!(away["archived_at"].is_string() && away["paused"] == true);
    let seq = world.state();
    world.ok(&world.request("PUT", &path));
    assert_eq!(world.state(), seq, "twice changes nothing");
    assert_eq!(world.get("/campaigns")["items"], json!([]));
    assert_eq!(world.get("/campaigns?archived=true")["items"][0]["id"], *id);
    assert_eq!(world.slug(&world.request("GET", "/campaigns?archived=perhaps")), "invalid");
    let back = body(&world.ok(&world.request("DELETE", &path)));
    assert!(back["archived_at"].is_null() && back["paused"] == true, "a person lets it go on");
    world.ok(&world.request("DELETE", &path));
}

#[test]
fn a_copy_begins_anew_on_another_day() {
    let world = World::new();
    let id = world.drafted();
    let path = format!("/campaigns/{id}/copies");
    let copy = world.ok(&world.post_json(&path, &json!({ "start": "2027-03-29" })));
    assert_eq!(copy.wakes, [Step::Strategize]);
    let copy = body(&copy);
    assert_eq!(
        (copy["brief"]["goal"]["start"].as_str(), copy["stage"].as_str()),
        (Some("2027-03-29"), Some("planning"))
    );
    assert!(copy["name"].as_str().unwrap().ends_with(", again"));
    for start in ["tomorrow", "2026-03-29"] {
        assert_eq!(world.slug(&world.post_json(&path, &json!({ "start": start }))), "invalid", "{start}");
    }
    let name = "x".repeat(201);
    assert_eq!(world.slug(&world.post_json(&path, &json!({ "start": "2027-03-29", "name": name }))), "invalid");
}

const OLD: &str =
    "text,channel,date\nWe are open.,blog,2025-01-02T09:00:00Z\nWe are open.,blog,\n,blog,\nx,blog,yesterday\n";

#[test]
fn a_file_is_tried_out_row_by_row_and_imported_once() {
    let world = World::new();
    let sent = json!({ "name": "../../old.csv", "text": OLD });
    let before = world.state();
    let trial = body(&world.ok(&world.post_json("/imports/trials", &sent)));
    assert_eq!(world.state(), before, "a trial stores nothing");
    let fates: Vec<&str> = trial["rows"].as_array().unwrap().iter().map(|row| row["fate"].as_str().unwrap()).collect();
    assert_eq!(fates, ["new", "repeated", "wrong", "wrong"]);
    assert_eq!(trial["rows"][1]["same_as"], 1);
    assert_eq!(trial["rows"][3]["complaints"][0]["field"], "published_at");
    assert_eq!(trial["import_id"], Value::Null);

    let report = body(&world.ok(&world.post_json("/imports", &sent)));
    assert_eq!((report["new"].as_i64(), report["wrong"].as_i64()), (Some(1), Some(2)));
    assert_eq!(world.slug(&world.post_json("/imports", &sent)), "already-exists");
    let again = body(&world.ok(&world.post_json("/imports/trials", &sent)));
    assert_eq!(again["imported_before"], report["import_id"]);
    let files = world.get("/imports");
    assert_eq!((files["items"][0]["name"].as_str(), files["items"][0]["posts"].as_i64()), (Some("old.csv"), Some(1)));
    assert_eq!(world.get("/imported-posts?q=OPEN")["items"][0]["published_at"], "2025-01-02T09:00:00Z");
    assert_eq!(world.get("/imported-posts?q=closed")["items"], json!([]));

    let json_file = json!({ "name": "old.json", "text": "[{\"words\": \"Hello.\"}]", "columns": { "text": "words" },
                            "channel": "blog", "language": "de" });
    assert_eq!(body(&world.ok(&world.post_json("/imports", &json_file)))["new"], 1);
    for (text, columns) in [("", json!({})), ("a,b\n1,2\n", json!({})), ("text\nx\n", json!({ "text": "no" }))] {
        let sent = json!({ "name": "x.csv", "text": text, "columns": columns });
        assert_eq!(world.slug(&world.post_json("/imports/trials", &sent)), "invalid", "{text}");
    }
}

#[test]
fn what_was_written_is_taken_away_as_csv_and_json_and_can_be_imported_again() {
    let world = World::new();
    let id = world.drafted();
    let names = world.get("/exports");
    assert!(names["items"].as_array().unwrap().iter().any(|one| one["name"] == "versions"));
    let csv = world.ok(&world.request("GET", &format!("/exports/posts.csv?campaign={id}")));
    assert!(csv.header("content-disposition").unwrap().contains("rondo-posts.csv"));
    assert!(csv.text().contains("A hook"), "{}", csv.text());
    let file = body(&world.ok(&world.request("GET", "/exports/everything.json")));
    assert_eq!(file["tables"]["campaigns"][0]["id"], *id);
    for path in ["/exports/nothing.csv", "/exports/posts", "/exports/everything.csv", "/exports/posts.csv?campaign=x"] {
        assert_eq!(world.slug(&world.request("GET", path)), "not-found", "{path}");
    }
    assert_eq!(world.slug(&world.request("GET", "/exports/posts.json?after=x")), "invalid-cursor");

    let next = world.neighbour();
    let sent = json!({ "name": "posts.csv", "text": csv.text() });
    let theirs = world.request_of(&next, "POST", "/imports").with_body("application/json", sent.to_string());
    assert_eq!(body(&world.ok(&theirs))["known"], 0, "what is known elsewhere is not known here");
    assert_eq!(body(&world.ok(&world.post_json("/imports/trials", &sent)))["new"], 0, "here it is known");
}

#[test]
fn whoever_was_told_something_can_say_that_it_was_read() {
    let world = World::new();
    let id = world.drafted();
    for (at, told) in [(1, "a"), (2_000, "b")] {
        let sql = "insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
            select workspace_id, 'ada', ?1, 'mention', 'post:' || ?2 || '-1', ?2, 'ben', ?3 from campaign where id = ?2";
        world.db.db.run(sql, &[told.into(), id.as_str().into(), at.into()]).unwrap();
    }
    let read = |path: &str| world.send(&world.request_by(Role::Analyst, "DELETE", path)).status.as_u16();
    assert_eq!(read("/notifications"), 422, "up to when?");
    assert_eq!(read("/notifications?until=1970-01-01T00:00:01Z"), 204);
    assert_eq!(world.get("/notifications")["items"].as_array().unwrap().len(), 1);
    assert_eq!(read("/notifications/b"), 204);
    assert_eq!(read("/notifications/b"), 404);
}
