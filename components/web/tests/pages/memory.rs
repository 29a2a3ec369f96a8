//! `/memory`, and where else people see what agents are reminded of.

use serve::StatusCode;

use super::World;

const COMMENT: &str = "No exclamation marks, please";

#[test]
fn what_agents_are_reminded_of_is_found_by_its_words_and_by_its_kind() {
    let world = World::full();
    assert!(world.get("/memory").text().contains(COMMENT));
    assert!(world.get("/memory?q=exclamation").text().contains(COMMENT));
    assert!(world.get("/memory?kind=sent_back").text().contains(COMMENT));
    assert!(!world.get("/memory?kind=edited").text().contains(COMMENT));
    let nothing = world.get("/memory?q=elephants").text();
    assert!(!nothing.contains(COMMENT) && nothing.contains("Nothing holds these words"));
    for hostile in ["%22", "*", "%22+OR+workspace_id:", "NEAR(", "%F0%9F%98%80", "a"] {
        assert_eq!(world.get(&format!("/memory?q={hostile}")).status, StatusCode::OK, "{hostile}");
    }
}

#[test]
fn a_post_and_its_writer_show_what_it_was_written_with() {
    let world = World::full();
    let post = world.get("/posts/bakery-9").text();
    assert!(post.contains("What the copywriter was reminded of") && post.contains(COMMENT));
    assert!(world.get("/agents/copywriter").text().contains(COMMENT));
    let entry = world.get("/memory/approval:remembered").text();
    assert!(entry.contains("What it was used for") && entry.contains("href=\"/posts/bakery-9\""));
}

#[test]
fn what_a_person_has_forgotten_is_gone_from_every_page_and_history_says_so() {
    let world = World::full();
    let done = world.post("/memory/approval:remembered/forgetting", &[]);
    assert_eq!(done.header("location"), Some("/memory?done=forgotten"));
    for page in
        ["/memory", "/memory?q=exclamation", "/posts/bakery-9", "/agents/copywriter", "/memory/approval:remembered"]
    {
        assert!(!world.get(page).text().contains(COMMENT), "{page}");
    }
    assert!(world.get("/posts/bakery-9").text().contains("Forgotten since."));
    assert!(world.get("/history?kind=memory").text().contains("had something forgotten"));
    assert_eq!(
        world.post("/memory/approval:remembered/forgetting", &[]).status,
        StatusCode::SEE_OTHER,
        "twice is once"
    );
    assert_eq!(world.get("/memory/approval:none").status, StatusCode::NOT_FOUND);
}
