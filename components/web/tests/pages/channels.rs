//! `/settings/channels`.

use futures::executor::block_on;
use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn a_channel_is_connected_tried_paused_and_renamed_from_its_page() {
    let world = World::full();
    let connected = world.post("/settings/channels", &[("name", "Company blog"), ("platform", "relay")]);
    assert_eq!(connected.header("location"), Some("/settings/channels?done=connected"));
    let page = || world.get("/settings/channels").text();
    let id = between(&page(), "id=\"channel-0", "\"").map(|rest| format!("0{rest}")).expect("it is on the page");
    let tried = world.post(&format!("/settings/channels/{id}/check"), &[]);
    assert_eq!(tried.wakes, [domain::Step::Publish]);
    assert!(page().contains("Waits for the publisher"));
    let act = |act: &str, fields: &[(&str, &str)]| world.post(&format!("/settings/channels/{id}/{act}"), fields).status;
    assert_eq!(act("pause", &[("paused", "1"), ("seen", "1")]), StatusCode::SEE_OTHER);
    assert_eq!(
        act("pause", &[("paused", "0"), ("seen", "1")]),
        StatusCode::PRECONDITION_FAILED,
        "seen before the pause"
    );
    assert_eq!(act("name", &[("name", "News <b>"), ("seen", "2")]), StatusCode::SEE_OTHER);
    let shown = page();
    assert!(shown.contains("News &lt;b&gt;") && !shown.contains("News <b>") && shown.contains("Paused"));
    let resumed = world.post(&format!("/settings/channels/{id}/pause"), &[("paused", "0"), ("seen", "3")]);
    assert_eq!(resumed.wakes, [domain::Step::Publish], "what waited goes on");
}

#[test]
fn a_channel_that_cannot_be_connected_comes_back_with_what_was_typed() {
    let world = World::full();
    for (name, complaint) in [("stage", "is taken"), ("", "must have 1 to 60 characters")] {
        let reply = world.post("/settings/channels", &[("name", name), ("platform", "relay")]);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = reply.text();
        assert!(page.contains(complaint) && page.contains(&format!("value=\"{name}\"")), "{page}");
    }
    assert_eq!(world.post("/settings/channels/nothing/check", &[]).status, StatusCode::NOT_FOUND);
    assert_eq!(world.post("/settings/channels/nothing/pause", &[("paused", "1")]).status, StatusCode::NOT_FOUND);
}

#[test]
fn weekly_slots_are_added_let_rest_and_removed_by_forms() {
    let world = World::full();
    let here = "/settings/channels/stage/slots";
    assert!(world.get(here).text().contains("No weekly slots yet"));
    let fields = [("weekday", "1"), ("weekday", "3"), ("local_time", "09:30"), ("timezone", "America/New_York")];
    let added = world.post(here, &fields);
    assert_eq!(added.header("location"), Some("/settings/channels/stage/slots?done=slots-added&count=2&skipped=0"));
    let page = world.get(here).text();
    assert!(
        page.contains("Monday <span class=\"figures\">09:30</span>") && page.contains("America/New_York"),
        "{page}"
    );
    let again = world.post(here, &fields);
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text().contains("is there already"));
    let wrong = world.post(here, &[("local_time", "half past"), ("timezone", "Mars/Olympus")]);
    let text = wrong.text();
    assert!(
        text.contains("Days are none") && text.contains("is no time of day") && text.contains("is no IANA time zone")
    );
    assert!(text.contains("value=\"half past\""), "what was typed is still there");
    let slots = block_on(store::weekly_slot::list(&world.db, &world.workspace_id(), "stage")).unwrap();
    let path = |act: &str| format!("{here}/{}/{act}", slots[0].id);
    assert_eq!(world.post(&path("rest"), &[("enabled", "0"), ("seen", "1")]).status, StatusCode::SEE_OTHER);
    assert_eq!(world.post(&path("rest"), &[("enabled", "1"), ("seen", "1")]).status, StatusCode::PRECONDITION_FAILED);
    assert!(world.get(here).text().contains("Let it count again"));
    assert_eq!(world.post(&path("removal"), &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(world.post(&path("removal"), &[]).status, StatusCode::NOT_FOUND);
    assert_eq!(world.get("/settings/channels/nowhere/slots").status, StatusCode::NOT_FOUND);
    let history = world.get("/history?kind=channel").text();
    assert!(history.contains("added Monday 09:30 America/New_York to the channel “stage”"), "{history}");
}

#[test]
fn a_post_by_hand_and_one_for_another_channel_take_the_next_free_slot() {
    let world = World::full();
    let form = world.get("/campaigns/bakery/posts/new").text();
    assert!(form.contains("Add it to the next free slot"), "{form}");
    let when = |id: &str| {
        let post = block_on(store::post::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap();
        (post.channel_name, post.planned_local)
    };
    let by_hand = world.post("/campaigns/bakery/posts", &[("channel", "blog"), ("slot", "next"), ("angle", "Rye")]);
    assert_eq!(by_hand.header("location"), Some("/posts/bakery-11?done=post-added"), "{}", by_hand.text());
    let elsewhere = world.post("/posts/bakery-9/elsewhere", &[("channel", "blog"), ("slot", "next")]);
    assert_eq!(elsewhere.header("location"), Some("/posts/bakery-12?done=post-added"), "{}", elsewhere.text());
    let (one, other) = (when("bakery-11"), when("bakery-12"));
    assert!(one.0 == "blog" && other.0 == "blog" && one.1 < other.1, "{one:?} {other:?}");
    let none = world.post("/campaigns/bakery/posts", &[("channel", "stage"), ("slot", "next"), ("angle", "Rye")]);
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("The next free slot is none: the channel has no weekly slots"), "{}", none.text());
}
