//! Learnings: for which posts one holds, and what trying may cost.

use domain::learning::MICRO_USD_A_DAY_MAX;
use serde_json::json;

use super::world::{World, body};

#[test]
fn a_learning_holds_for_all_channels_or_for_one_of_the_workspace() {
    let world = World::new();
    let write = |channel: serde_json::Value| {
        world.post_json("/learnings", &json!({ "statement": "Name the street first.", "channel": channel }))
    };
    assert_eq!(body(&world.send(&write(json!("nowhere"))))["errors"][0]["field"], "channel");
    let one = body(&world.ok(&write(json!("stage"))));
    assert_eq!(one["channel"], "stage");
    assert_eq!(body(&world.ok(&write(json!(null))))["channel"], json!(null));
    let path = format!("/learnings/{}", one["id"].as_str().unwrap());
    let words = json!({ "statement": "Name the street last." });
    let changed = world.ok(&world.put_json(&path, &words).with_header("if-match", "\"1\""));
    assert_eq!(body(&changed)["channel"], json!(null));
}

#[test]
fn what_trying_may_cost_has_a_most() {
    let world = World::new();
    let set = |micro_usd: i64| {
        let limits = json!({ "trials_a_day": 10, "micro_usd_a_day": micro_usd });
        world.put_json("/learning-limits", &limits).with_header("if-match", "\"0\"")
    };
    let refused = body(&world.send(&set(MICRO_USD_A_DAY_MAX + 1)));
    assert_eq!(refused["errors"][0]["field"], "micro_usd_a_day");
    assert_eq!(body(&world.ok(&set(MICRO_USD_A_DAY_MAX)))["micro_usd_a_day"], MICRO_USD_A_DAY_MAX);
}
