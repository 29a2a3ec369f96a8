//! `/settings/channels`.

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
