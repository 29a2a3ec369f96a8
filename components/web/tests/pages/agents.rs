//! `/agents/{id}`: who an agent is, its work, and what it is told.

use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn an_agents_page_shows_its_work_and_changes_who_it_is() {
    let world = World::full();
    for role in [
        "strategist",
        "copywriter",
        "visual",
        "editor",
        "brand",
        "compliance",
        "conversion",
        "seo",
        "publisher",
        "analyst",
    ] {
        assert_eq!(world.get(&format!("/agents/{role}")).status, StatusCode::OK, "{role}");
    }
    assert!(world.get("/agents").text().contains("Has no work yet"));
    let page = world.get("/agents/copywriter").text();
    assert!(page.contains("You, always") && page.contains("rehearsal model") && page.contains("name=\"channels\""));
    for role in ["strategist", "publisher", "analyst"] {
        let page = world.get(&format!("/agents/{role}")).text();
        assert!(!page.contains("name=\"autonomy\"") && !page.contains("name=\"channels\""), "{role}: without effect");
        let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
        let fields = [("name", "Clara"), ("colour", "olive"), ("revision", revision.as_str())];
        assert_eq!(world.post(&format!("/agents/{role}"), &fields).status, StatusCode::SEE_OTHER, "{role}");
    }
    let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let save = |name: &str, revision: &str| {
        let fields = [
            ("name", name),
            ("personality", "<dry>"),
            ("instructions", "No exclamation marks"),
            ("colour", "olive"),
            ("autonomy", "threshold"),
            ("threshold", "2"),
            ("channels", "stage"),
            ("revision", revision),
        ];
        world.post("/agents/copywriter", &fields)
    };
    let nameless = save(" ", &revision);
    assert_eq!(nameless.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(nameless.text().contains("No exclamation marks") && nameless.text().contains("must have 1 to 60"));
    assert_eq!(save("Anna", &revision).status, StatusCode::SEE_OTHER);
    let page = world.get("/agents/copywriter").text();
    assert!(page.contains("Anna") && page.contains("&lt;dry&gt;") && page.contains("Alone, 2 times"));
    let late = save("Berta", &revision);
    assert_eq!(late.status, StatusCode::PRECONDITION_FAILED);
    assert!(late.text().contains("Berta"), "what was typed is still there");
    assert_eq!(world.get("/agents/copywriter/fragment/work").status, StatusCode::OK);
    assert_eq!(world.get("/agents/drummer").status, StatusCode::NOT_FOUND);
}

#[test]
fn the_visual_designer_is_switched_on_by_a_channel() {
    let world = World::full();
    let page = world.get("/agents/visual").text();
    assert!(page.contains("Switched off") && page.contains("name=\"channels\"") && page.contains("one more call"));
    let revision = between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let fields = [("name", "Lili"), ("colour", "violet"), ("channels", "stage"), ("revision", revision.as_str())];
    assert_eq!(world.post("/agents/visual", &fields).status, StatusCode::SEE_OTHER);
    let page = world.get("/agents/visual").text();
    assert!(page.contains("Works for stage") && !page.contains("Switched off"), "{page}");
}

#[test]
fn a_command_sends_the_post_back_that_its_words_or_its_choice_mean() {
    let world = World::full();
    let tell =
        |text: &str, target: &str| world.post("/agents/copywriter/commands", &[("text", text), ("target", target)]);
    let unclear = tell("Make it shorter", "");
    assert_eq!(unclear.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unclear.text().contains("do not say which one") && unclear.text().contains("Make it shorter"));
    assert_eq!(tell(" ", "bakery-9@1").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(tell("Shorter", "bakery-9@7").status, StatusCode::CONFLICT, "another version than was seen");
    // Post 6 is approved, for a Tuesday; post 9 waits, on a Saturday.
    let told = tell("Rewrite Tuesday's post shorter", "");
    assert_eq!(
        (told.status, told.wakes.clone()),
        (StatusCode::SEE_OTHER, vec![domain::Step::Generate]),
        "{}",
        told.text()
    );
    assert!(world.get("/posts/bakery-6").text().contains("Being written"));
    assert!(
        world.get("/agents/copywriter").text().contains("Rewrite Tuesday&#39;s post shorter")
            || world.get("/agents/copywriter").text().contains("Rewrite Tuesday's post shorter")
    );
    assert_eq!(tell("Kinder", "bakery-9@1").status, StatusCode::SEE_OTHER);
    let publisher = world.post("/agents/publisher/commands", &[("text", "Faster")]);
    assert_eq!(publisher.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.get("/agents/publisher").text().contains("takes no commands"));
    let planned = world.post("/agents/strategist/commands", &[("text", "More about the price")]);
    assert_eq!(planned.wakes, [domain::Step::Strategize]);
    assert!(world.get("/campaigns/open").text().contains("Planning"));
}
