//! History, its exports and its seal, by the API.

use domain::Role;
use domain::seal::{Chain, Seal, Sealed};
use futures::executor::block_on;
use serde_json::Value;
use serve::{Body, Request, pieces};

use super::world::{START_MS, World};

fn items(page: &Value) -> &Vec<Value> {
    page["items"].as_array().unwrap()
}

fn whole(world: &World, request: &Request) -> String {
    let Body::Pieces(mut source) = world.ok(request).body else { panic!("no pieces") };
    let mut all = Vec::new();
    let write = async |piece: Vec<u8>| {
        all.extend(piece);
        true
    };
    assert!(block_on(pieces::stream(source.as_mut(), &world.db, write)));
    String::from_utf8(all).unwrap()
}

#[test]
fn history_is_searched_by_who_what_and_where_and_read_from_both_ends() {
    let world = World::new();
    let id = world.drafted();
    let first = world.get(&format!("/events?campaign={id}&kind=version"));
    assert_eq!(items(&first).len(), 2);
    assert!(items(&first).iter().all(|line| line["told"] == "wrote version 1" && line["who"] == "copywriter"));
    let mine = world.get(&format!("/events?post={id}-1&jobs=false&order=newest&limit=1"));
    assert_eq!(items(&mine)[0]["post_id"], format!("{id}-1"));
    let older = world.get(&format!("/events?post={id}-1&order=newest&before={}", mine["next"]));
    assert!(items(&older)[0]["seq"].as_i64() < items(&mine)[0]["seq"].as_i64());
    let decided = world.get("/events?kind=strategy.approved");
    assert_eq!(items(&decided)[0]["who"], "a script", "a program is told by its name");
    for wrong in ["order=best", "before=3", "order=newest&after=1", "jobs=1", "from=2027-01-15", "from=yesterday"] {
        assert_eq!(world.slug(&world.request("GET", &format!("/events?{wrong}"))), "invalid", "{wrong}");
    }
    let neighbour = world.neighbour();
    for path in ["/events", "/events/export.csv", "/events/export.json", "/events/stream"] {
        let theirs = world.request_of(&neighbour, "GET", &format!("{path}?campaign={id}"));
        assert_eq!(world.slug(&theirs), "not-found", "{path}");
    }
    assert_eq!(world.slug(&world.request_of(&neighbour, "GET", &format!("/events?post={id}-1"))), "not-found");
}

#[test]
fn a_change_is_told_before_and_after() {
    let world = World::new();
    let id = world.begin();
    let campaign = world.get(&format!("/campaigns/{id}"));
    let more = serde_json::json!({ "budget_micro_usd": 7_000_000 });
    world.ok(&world.patch_json(&format!("/campaigns/{id}"), &campaign["revision"], &more));
    let changed = world.get("/events?kind=campaign.changed");
    let expect = serde_json::json!([{ "what": "budget", "before": "$1.0000", "after": "$7.0000" }]);
    assert_eq!(items(&changed)[0]["changes"], expect);
}

#[test]
fn an_export_holds_what_the_list_does() {
    let world = World::new();
    let id = world.drafted();
    let listed = world.get(&format!("/events?campaign={id}&limit=200"));
    let json = whole(&world, &world.request("GET", &format!("/events/export.json?campaign={id}")));
    assert_eq!(&serde_json::from_str::<Vec<Value>>(&json).unwrap(), items(&listed));
    let csv = whole(&world, &world.request_by(Role::Analyst, "GET", "/events/export.csv?kind=version"));
    assert_eq!(csv.lines().count(), 3, "{csv}");
}

#[test]
fn the_chain_can_be_followed_with_what_the_api_gives() {
    let world = World::new();
    world.drafted();
    world.neighbour();
    block_on(store::seal::seal(&world.db, START_MS)).unwrap();
    let seals = world.get("/seals?limit=1");
    let workspace_id = seals["workspace_id"].as_str().unwrap();
    let seal: Seal = serde_json::from_value(items(&seals)[0].clone()).unwrap();
    let mut events = Vec::new();
    let mut after = String::new();
    loop {
        let page = world.get(&format!("/seals/lines?limit=7{after}"));
        for line in items(&page) {
            let (seq, text) = (line["seq"].as_i64().unwrap(), line["line"].as_str().unwrap());
            events.push(Sealed::of_text(workspace_id, seq, text).unwrap());
        }
        let Some(next) = page["next"].as_i64() else { break };
        after = format!("&after={next}");
    }
    let mut chain = Chain::begin(workspace_id);
    chain.follow(&seal, &events).unwrap();
    assert_eq!(chain.events, i64::try_from(events.len()).unwrap());
    assert_eq!(seals["sealed_to"].as_i64(), Some(world.state()));
}
