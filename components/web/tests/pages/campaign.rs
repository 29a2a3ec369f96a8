//! `/campaigns/{id}`: deciding on plans and posts, pausing, cancelling.

use serve::StatusCode;

use super::as_role;
use super::between;
use super::seed::World;

#[test]
fn a_plan_is_sent_back_with_a_comment_and_only_with_one() {
    let world = World::full();
    let path = "/campaigns/open/strategy/1/decision";
    let reply = world.post(path, &[("decision", "send_back"), ("comment", " ")]);
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().contains("Your comment is missing"));
    let reply = world.post(path, &[("decision", "send_back"), ("comment", "More about <allergens>")]);
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert!(world.get("/campaigns/open").text().contains("More about &lt;allergens&gt;"));
    // Too late: somebody decided. What was typed is still there.
    let reply = world.post(path, &[("decision", "send_back"), ("comment", "And the hours")]);
    assert_eq!(reply.status, StatusCode::CONFLICT);
    assert!(reply.text().contains("And the hours"));
}

#[test]
fn an_approved_plan_wakes_the_writers() {
    let world = World::full();
    let reply = world.post("/campaigns/open/strategy/1/decision", &[("decision", "approve")]);
    assert_eq!((reply.status, reply.wakes), (StatusCode::SEE_OTHER, vec![domain::Step::Generate]));
    assert!(world.get("/campaigns/open").text().contains("Being written"));
}

#[test]
fn all_reviewed_posts_are_approved_at_once_and_what_changed_is_left_out() {
    let world = World::full();
    let page = world.get("/campaigns/bakery").text();
    let form = between(&page, "action=\"/campaigns/bakery/approvals\"", "</form>").unwrap();
    let seen: Vec<&str> =
        form.split("name=\"seen\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert!(page.contains(&format!("Approve all {} reviewed posts", seen.len())));
    let edit = [("base", "1"), ("title", "Mine"), ("text", "Other words.")];
    world.post("/posts/bakery-9/versions", &edit);
    let fields: Vec<(&str, &str)> = seen.iter().map(|one| ("seen", *one)).collect();
    let reply = world.post("/campaigns/bakery/approvals", &fields);
    let location = reply.header("location").unwrap().to_string();
    assert!(location.contains(&format!("count={}&skipped=1", seen.len() - 1)), "{location}");
}

#[test]
fn a_campaign_is_paused_resumed_given_another_budget_and_cancelled() {
    let world = World::full();
    let revision = || between(&world.get("/campaigns/bakery").text(), "name=\"revision\" value=\"", "\"").unwrap();
    assert_eq!(
        world.post("/campaigns/bakery/pause", &[("paused", "1"), ("revision", &revision())]).status,
        StatusCode::SEE_OTHER
    );
    assert!(world.get("/campaigns/bakery").text().contains("Paused"));
    assert_eq!(
        world.post("/campaigns/bakery/pause", &[("paused", "0"), ("revision", "1")]).status,
        StatusCode::PRECONDITION_FAILED
    );
    assert_eq!(
        world.post("/campaigns/bakery/budget", &[("budget_usd", "7.5"), ("revision", &revision())]).status,
        StatusCode::SEE_OTHER
    );
    assert!(world.get("/campaigns/bakery").text().contains("$7.50"));
    assert_eq!(world.post("/campaigns/bakery/cancellation", &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(world.post("/campaigns/bakery/cancellation", &[]).status, StatusCode::CONFLICT);
}

#[test]
fn the_page_leads_to_who_must_approve_for_those_who_may_say_so() {
    let world = World::full();
    let link = "href=\"/campaigns/bakery/policy\"";
    assert!(world.get("/campaigns/bakery").text().contains(link));
    let page = as_role(world, "editor").get("/campaigns/bakery").text();
    assert!(page.contains("id=\"ask-copy\"") && !page.contains(link), "{page}");
}
