//! `/approvals`: the inbox, several at once, who must approve.

use futures::executor::block_on;
use serve::StatusCode;

use super::as_role;
use super::seed::World;
use super::{history, seen, state};

/// Ada is not alone any more.
fn ben_joins(world: &World) -> String {
    let new = store::people::member::NewMember {
        workspace_id: world.workspace_id(),
        user_id: "ben".into(),
        email: "ben@nightshift.example".into(),
        name: "Ben Lund".into(),
        password_hash: "-".into(),
        role: domain::Role::Approver,
    };
    block_on(store::people::member::add(&world.db, 1, &new)).unwrap()
}

#[test]
fn a_link_to_the_inbox_decides_nothing_and_shows_all_that_a_decision_needs() {
    let world = World::full();
    let before = history(&world);
    let page = world.get("/approvals?for=everyone&item=post:bakery-9&decision=approve").text();
    assert_eq!(history(&world), before);
    for needed in
        ["What the reviewers found", "Scores", "of 3000 characters", "Send back", "data-key=\"a\"", "data-key=\"j\""]
    {
        assert!(page.contains(needed), "{needed}");
    }
    assert_eq!(world.get("/posts/bakery-9/decision").status, StatusCode::METHOD_NOT_ALLOWED);
}

#[test]
fn several_are_approved_each_for_itself_and_who_was_too_late_is_told_who_won() {
    let world = World::full();
    let ben = ben_joins(&world);
    let [nine, ten] = ["bakery-9", "bakery-10"].map(|id| seen(&world, id));
    let post = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-9")).unwrap().unwrap();
    let quicker = store::approval::NewApproval {
        workspace_id: &world.workspace_id(),
        id: "quicker",
        post_id: "bakery-9",
        version: post.version,
        content_sha256: &post.current.unwrap().sha256,
        channel_id: &post.channel_id,
        due_at: post.due_at,
        decision: domain::Decision::Approve,
        comment: None,
        actor: &ben,
    };
    block_on(store::approval::decide(&world.db, Some(super::seed::NOW_MS), &quicker)).unwrap();
    let page = world.post("/approvals", &[("seen", &nine), ("seen", &ten)]).text();
    assert!(page.contains("1 post is approved.") && page.contains("1 was not:"), "{page}");
    assert!(page.contains("Ben Lund was quicker: approved version 1, at 2027-03-01T08:00:00Z"), "{page}");
    assert_eq!(state(&world, "bakery-10"), domain::PostState::Scheduled);
    let alone = world.post("/posts/bakery-9/decision", &[("seen", &nine), ("decision", "approve")]);
    assert_eq!(alone.status, StatusCode::CONFLICT);
    assert!(alone.text().contains("Ben Lund was quicker"));
}

#[test]
fn a_policy_of_two_needs_two_and_the_page_says_who_is_missing() {
    let world = World::full();
    ben_joins(&world);
    let two = [("kind", "group"), ("needed", "2"), ("revision", "0")];
    let refused = world.post("/campaigns/bakery/policy", &two);
    assert_eq!(refused.status, StatusCode::CONFLICT, "nobody knows whether its second post went out");
    let asked = world.db.run("select id from job where state = 'needs_human'", &[]).unwrap();
    let job = asked.first().unwrap().text("id").unwrap();
    world.post(&format!("/jobs/{job}/resolution"), &[("answer", "live")]);
    let set = world.post("/campaigns/bakery/policy", &[("kind", "group"), ("needed", "2"), ("revision", "0")]);
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.text());
    let nine = seen(&world, "bakery-9");
    world.post("/posts/bakery-9/decision", &[("seen", &nine), ("decision", "approve")]);
    assert_eq!(state(&world, "bakery-9"), domain::PostState::AwaitingApproval);
    assert!(world.get("/posts/bakery-9").text().contains("1 of 2 approvals."));
    let three = world.post("/campaigns/bakery/policy", &[("kind", "group"), ("needed", "3"), ("revision", "1")]);
    assert!(three.status == StatusCode::UNPROCESSABLE_ENTITY && three.text().contains("only 2 may approve"));
}

#[test]
fn an_analyst_says_that_what_they_were_told_is_read() {
    let world = as_role(World::full(), "analyst");
    let sql = "insert into notification (workspace_id, user_id, id, kind, subject, campaign_id, actor, at)
        select workspace_id, user_id, 'told', 'mention', 'post:bakery-9', 'bakery', user_id, 1 from member";
    world.db.run(sql, &[]).unwrap();
    assert!(world.get("/approvals").text().contains("Mark as read"));
    assert_eq!(world.post("/notifications/read", &[("until", "1")]).status, StatusCode::SEE_OTHER);
    assert!(!world.get("/approvals").text().contains("Mark as read"));
}

#[test]
fn what_is_put_away_is_not_in_the_inbox() {
    let world = World::full();
    let listed = || world.get("/approvals?for=everyone").text().contains("item=strategy:open:1");
    assert!(listed());
    block_on(store::campaign::archive(&world.db, None, (&world.workspace_id(), "open"), None, "ada")).unwrap();
    assert!(!listed());
}
