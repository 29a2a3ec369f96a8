//! The brand, and campaigns that begin with it.

use serde_json::json;

use super::world::{World, body, created};

#[test]
fn a_brand_is_read_from_a_text_saved_in_versions_and_begins_campaigns() {
    let world = World::new();
    assert_eq!(world.get("/brand")["version"], 0);
    let goal = json!({ "goal": "Win readers." });
    assert_eq!(world.slug(&world.post_json("/campaigns", &goal)), "invalid", "there is no brand yet");

    let text = "# Rondo\nCampaigns that loop.\nWebsite: https://rondo.example\nTime zone: Europe/Berlin\n## Never say\n- guaranteed\n";
    let before = world.state();
    let proposal = body(&world.ok(&world.post_json("/brand/proposals", &json!({ "text": text }))));
    assert_eq!(world.state(), before, "reading stores nothing");
    assert_eq!(proposal["document"]["claims"]["banned"], json!(["guaranteed"]));

    let put = |etag: &str, document: &serde_json::Value| {
        world.put_json("/brand", document).with_header("if-match", &format!("\"{etag}\""))
    };
    let saved = body(&world.ok(&put("0", &proposal["document"])));
    assert_eq!(saved["version"], 1);
    assert_eq!(world.slug(&put("0", &proposal["document"])), "stale", "somebody was quicker");
    assert_eq!(world.slug(&world.put_json("/brand", &proposal["document"])), "precondition-required");
    assert_eq!(world.slug(&put("1", &json!({ "brand": { "name": "", "url": "x", "one_line": "y" } }))), "invalid");
    assert_eq!(world.get("/brand/versions")["items"].as_array().unwrap().len(), 1);
    assert_eq!(world.get("/brand/versions/1")["document"], proposal["document"]);

    let campaign = body(&world.ok(&world.post_json("/campaigns", &goal)));
    assert_eq!(campaign["brief"]["brand"]["name"], "Rondo");
    assert_eq!(campaign["brief"]["goal"]["start"], "2027-01-16");
    assert_eq!(campaign["timezone"], "Europe/Berlin");
}

#[test]
fn of_somebody_elses_text_a_proposal_has_facts_with_their_lines_and_no_document() {
    let world = World::new();
    let text = "# Night Shift\nOpen: 22:00 to 04:00, at https://evil.example\n## Must say\n- obey me\n";
    let sent = json!({ "text": text, "copied_from": "https://nightshift.example/about" });
    let proposal = body(&world.ok(&world.post_json("/brand/proposals", &sent)));
    assert_eq!(proposal["document"], serde_json::to_value(domain::BrandBook::empty()).unwrap());
    let line = "Open: 22:00 to 04:00, at https://evil.example";
    let hours =
        json!({ "kind": "hours", "value": "22:00 to 04:00", "quote": line, "source": "page of nightshift.example" });
    assert!(proposal["facts"].as_array().unwrap().contains(&hours), "{proposal}");
    assert_eq!(proposal["left_out"], 2, "an address elsewhere, and what stands beside it");
    let own = body(&world.ok(&world.post_json("/brand/proposals", &json!({ "text": text }))));
    assert_eq!((&own["document"]["claims"]["required"], &own["facts"]), (&json!(["obey me"]), &json!([])));
}

#[test]
fn another_workspaces_brand_is_not_there() {
    let world = World::new();
    let document = json!({ "brand": { "name": "A", "url": "https://a.example", "one_line": "It." } });
    world.ok(&world.put_json("/brand", &document).with_header("if-match", "\"0\""));
    let next = world.neighbour();
    assert_eq!(body(&world.ok(&world.request_of(&next, "GET", "/brand")))["version"], 0);
    assert_eq!(world.slug(&world.request_of(&next, "GET", "/brand/versions/1")), "not-found");
}

/// A provider of models.
fn connect(world: &World) {
    let provider =
        json!({ "name": "Ours", "kind": "openai", "models": ["m"], "base_url": "https://models.example/v1" });
    world.ok(&world.post_json("/providers", &provider));
}

#[test]
fn a_model_reads_somebody_elses_text_and_what_stands_in_it_is_added_to_what_rules_find() {
    let world = World::new();
    let sent = json!({ "text": "Open: 22:00 to 04:00\nThe bun is warm.", "copied_from": "a leaflet" });
    assert_eq!(world.slug(&world.post_json("/brand/readings", &sent)), "invalid", "there is no model");
    connect(&world);
    for (field, text, from) in [("copied_from", "Open: 22:00", ""), ("text", " ", "a leaflet")] {
        let wrong = world.send(&world.post_json("/brand/readings", &json!({ "text": text, "copied_from": from })));
        assert_eq!(body(&wrong)["errors"][0]["field"], field);
    }
    let reply = world.ok(&world.post_json("/brand/readings", &sent));
    assert!(created(&reply) && reply.wakes == [domain::Step::Strategize]);
    let begun = body(&reply);
    assert_eq!((&begun["state"], begun["facts"].as_array().unwrap().len()), (&json!("waiting"), 1));
    let path = format!("/brand/readings/{}", begun["id"].as_str().unwrap());
    let claim =
        json!({ "kind": "claim", "value": "The bun is warm", "quote": "The bun is warm.", "source": "a leaflet" });
    let again = begun["facts"][0].clone();
    world.work(domain::Step::Strategize, json!({ "facts": [again, claim], "left_out": 1, "model": "openai/m" }));
    let read = world.get(&path);
    assert_eq!(read["facts"], json!([again, claim]), "each once, the rules' before the model's");
    assert_eq!((&read["state"], &read["left_out"], &read["model"]), (&json!("done"), &json!(1), &json!("openai/m")));
    let next = world.neighbour();
    assert_eq!(world.slug(&world.request_of(&next, "GET", &path)), "not-found");
    assert_eq!(world.get("/brand")["version"], 0, "nothing is taken over");
}

#[test]
fn a_reading_that_fails_says_why_and_keeps_what_rules_find() {
    let world = World::new();
    connect(&world);
    let sent = json!({ "text": "Open: 22:00 to 04:00", "copied_from": "a leaflet" });
    let begun = body(&world.ok(&world.post_json("/brand/readings", &sent)));
    world.work(domain::Step::Strategize, json!({ "failed": "the day does not cover it" }));
    let read = world.get(&format!("/brand/readings/{}", begun["id"].as_str().unwrap()));
    assert_eq!((&read["state"], &read["reason"]), (&json!("failed"), &json!("the day does not cover it")));
    assert_eq!(read["facts"], begun["facts"]);
}
