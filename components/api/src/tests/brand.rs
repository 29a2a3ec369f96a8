//! The brand, and campaigns that begin with it.

use serde_json::json;

use super::world::{World, body};

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
