//! The rules of review, and what a post's page shows of its passes.

use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn rules_of_review_are_set_by_an_admin_and_say_what_they_cost() {
    let world = World::full();
    let page = world.get("/review").text();
    assert!(page.contains("one call of a model for each version") && page.contains("up to 5 calls"), "{page}");
    let revision = &between(&page, "name=\"revision\" value=\"", "\"").unwrap();
    let set = |truth: &str, revision: &str| {
        let fields = [
            ("reviewers_low", "editor"),
            ("reviewers_high", "editor"),
            ("truth", truth),
            ("mean", "7.5"),
            ("revision", revision),
        ];
        world.post("/review", &fields)
    };
    assert_eq!(set("10", revision).status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(set("8", revision).status, StatusCode::SEE_OTHER);
    assert_eq!(set("7", revision).status, StatusCode::PRECONDITION_FAILED, "somebody was quicker");
    let page = world.get("/review").text();
    assert!(page.contains("value=\"7.5\"") && page.contains("Editor: one call"), "{page}");
}
