//! `/calendar`: what was missed, what is flagged, where there is room, and which day is today.

use futures::executor::block_on;
use serve::StatusCode;

use super::seed::World;
use super::{between, state};

fn sql(world: &World, sql: &str) {
    world.db.run(sql, &[]).unwrap();
}

fn post_of(world: &World, id: &str) -> store::post::Post {
    block_on(store::post::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap()
}

/// What the calendar shows of a post, up to its end.
fn chip(page: &str, id: &str) -> Option<String> {
    between(page, &format!("href=\"/posts/{id}\" data-post"), "</a>")
}

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

#[test]
fn what_is_too_close_on_its_channel_or_says_nearly_the_same_is_flagged_in_every_view() {
    let world = World::full();
    let clean = world.get("/calendar?view=week&at=2027-03-09").text();
    assert!(!clean.contains("too close"), "the control");
    let other = post_of(&world, "bakery-9");
    // Ten minutes apart is too close, on one channel.
    let near = format!("update post set due_at = {} where id = 'bakery-6'", other.due_at + 600_000);
    sql(&world, "drop trigger if exists post_change_is_allowed");
    sql(&world, &near);
    sql(&world, &format!("update post set planned_local = '{}' where id = 'bakery-6'", other.planned_local));
    for view in ["week", "month"] {
        let page = world.get(&format!("/calendar?view={view}&at=2027-03-09")).text();
        for id in ["bakery-6", "bakery-9"] {
            assert!(chip(&page, id).unwrap().contains("too close"), "{view}: {id}");
        }
    }
    let list = world.get("/calendar?view=list&at=2027-03-02").text();
    assert!(list.contains("Within half an hour of: "), "{list}");
    // On another channel they are not in each other's way.
    sql(&world, "update post set channel_id = 'blog' where id = 'bakery-6'");
    let page = world.get("/calendar?view=week&at=2027-03-09").text();
    assert!(!page.contains("too close"));
}

#[test]
fn two_posts_that_say_nearly_the_same_are_flagged_by_how_much() {
    let world = World::full();
    let words = "select content as it from post_version where post_id = 'bakery-9' and version = 1";
    let content = world.db.run(words, &[]).unwrap().first().unwrap().text("it").unwrap();
    let page = |world: &World| world.get("/calendar?view=month&at=2027-03-09").text();
    sql(&world, "drop trigger if exists version_is_never_rewritten");
    let triggers =
        world.db.run("select name from sqlite_schema where type = 'trigger' and tbl_name = 'post_version'", &[]);
    for row in triggers.unwrap().iter() {
        sql(&world, &format!("drop trigger {}", row.text("name").unwrap()));
    }
    let other = r#"{"language":"en","title":"Else","text":"Nothing in these few words is in any other post of ours: quarks, lepton, boson."}"#;
    let set = |content: &str| {
        let sql = "update post_version set content = ?1 where post_id = 'bakery-10'";
        world.db.run(sql, &[content.into()]).unwrap();
    };
    set(other);
    assert!(!chip(&page(&world), "bakery-10").unwrap().contains("alike"), "the control");
    set(&content);
    let page = page(&world);
    assert!(chip(&page, "bakery-10").unwrap().contains("alike") && page.contains("(100 %)"));
}

#[test]
fn what_is_put_away_is_not_in_the_calendar_unless_it_is_asked_for() {
    let world = World::full();
    let revision =
        block_on(store::campaign::find(&world.db, &world.workspace_id(), "finished")).unwrap().unwrap().revision;
    let shown = |target: &str| world.get(target).text().contains("href=\"/posts/finished-1\"");
    assert!(shown("/calendar?at=2027-03-02"), "the control");
    let put_away = world.post("/campaigns/finished/archive", &[("archived", "1"), ("revision", &revision.to_string())]);
    assert_eq!(put_away.status, StatusCode::SEE_OTHER);
    for view in ["month", "week", "list"] {
        assert!(!shown(&format!("/calendar?view={view}&at=2027-03-02")), "{view}");
        assert!(shown(&format!("/calendar?view={view}&at=2027-03-02&archived=true")), "{view}");
    }
    assert!(world.get("/calendar?at=2027-03-02").text().contains("With what is put away"));
}

#[test]
fn what_was_missed_is_one_line_that_opens_and_goes_to_the_next_free_slot_by_one_click() {
    let world = World::full();
    sql(&world, "update post set channel_id = 'blog' where id = 'bakery-5'");
    let page = world.get("/calendar?at=2027-03-15").text();
    let missed = between(&page, "<details class=\"missed-line\"", "</details>").unwrap();
    assert!(missed.contains("missed their time") && !missed.starts_with(" open"), "{missed}");
    assert!(missed.contains("Move to the next free slot, ") && missed.contains("Drop it"), "{missed}");
    // A channel without slots offers the same time of day, as ever.
    let stages = world.get("/calendar?at=2027-03-15");
    assert!(stages.text().contains("/posts/bakery-4/time"));
    let post = post_of(&world, "bakery-5");
    let moved = world.post("/posts/bakery-5/time", &[("slot", "next"), ("revision", &post.revision.to_string())]);
    assert_eq!(moved.status, StatusCode::SEE_OTHER);
    let now = post_of(&world, "bakery-5");
    assert_eq!(now.state, domain::PostState::AwaitingApproval);
    assert!(now.due_at > world.app().ports.clock.now_ms() && now.planned_local.ends_with("T12:15:00"), "{now:?}");
    let again = world.post("/posts/bakery-5/time", &[("slot", "next"), ("revision", &post.revision.to_string())]);
    assert_eq!(again.status, StatusCode::PRECONDITION_FAILED, "an older revision");
    let without = post_of(&world, "bakery-9");
    let none = world.post("/posts/bakery-9/time", &[("slot", "next"), ("revision", &without.revision.to_string())]);
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(none.text().contains("has no weekly slots"));
}

#[test]
fn free_slots_are_quiet_places_until_a_post_holds_them_and_days_of_a_clock_change_are_marked() {
    let world = World::full();
    let at = |world: &World| world.get("/calendar?view=week&at=2027-03-23").text();
    let page = at(&world);
    // Tuesdays and Thursdays at a quarter past twelve; Sundays in the night, which the clock jumps over; Fridays rest.
    assert!(page.contains("data-slot=\"2027-03-23T12:15:00\"") && page.contains("data-slot=\"2027-03-25T12:15:00\""));
    assert!(page.contains("data-slot=\"2027-03-28T03:00:00\""), "{page}");
    assert!(page.contains("the clock jumps over 02:30"));
    assert!(!page.contains("data-slot=\"2027-03-26"), "it rests");
    assert!(page.contains("class=\"turns\"") && page.contains("Clocks go forward by 60 min in Europe/Berlin"));
    let due_at = domain::calendar::instant("2027-03-23T12:15:00".parse().unwrap(), "Europe/Berlin").unwrap();
    sql(&world, &format!("update post set channel_id = 'blog', due_at = {due_at} where id = 'bakery-9'"));
    assert!(!at(&world).contains("data-slot=\"2027-03-23T12:15:00\""), "it is held");
    assert!(!world.get("/calendar?view=week&at=2027-03-23&channel=stage").text().contains("data-slot"));
}
