//! `/calendar`: what was missed, and which day is today.

use futures::executor::block_on;
use serve::StatusCode;

use super::seed::World;
use super::{between, state};

#[test]
fn what_was_missed_is_moved_or_dropped_from_the_calendar() {
    let world = World::full();
    let page = world.get("/calendar?at=2027-03-15").text();
    assert!(
        page.contains("missed their time") && page.contains("Clocks go forward by 60 min in Europe/Berlin"),
        "{page}"
    );
    let post = block_on(store::post::find(&world.db, &world.workspace_id(), "bakery-5")).unwrap().unwrap();
    let moved =
        world.post("/posts/bakery-5/time", &[("local", "2027-05-03T09:30"), ("revision", &post.revision.to_string())]);
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    assert_eq!(state(&world, "bakery-5"), domain::PostState::AwaitingApproval);
    assert_eq!(world.post("/posts/bakery-4/drop", &[]).status, StatusCode::SEE_OTHER);
    assert_eq!(state(&world, "bakery-4"), domain::PostState::Rejected);
    assert_eq!(world.post("/posts/bakery-9/drop", &[]).status, StatusCode::CONFLICT);
}

#[test]
fn today_is_that_of_the_workspaces_zone() {
    let world = World::full();
    let half_past_eleven_in_the_evening = super::seed::NOW_MS + 15 * 3_600_000 + 1_800_000;
    world.clock.set(half_past_eleven_in_the_evening);
    let today = |page: &str| between(page, "data-key=\"t\" href=\"/calendar?view=month&amp;at=", "\"").unwrap();
    let page = world.get("/calendar").text();
    assert_eq!(today(&page), "2027-03-02", "in Berlin it is half past midnight");
    assert!(page.contains("Today is today in Europe/Berlin."));
    let mut book = domain::BrandBook::empty();
    book.timezone = "America/New_York".into();
    let of = (world.workspace_id(), 0);
    block_on(store::brand::save(&world.db, None, (&of.0, of.1), &book, "ada")).unwrap();
    assert_eq!(today(&world.get("/calendar").text()), "2027-03-01", "the brand's zone counts");
}
