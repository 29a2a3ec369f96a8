//! `/`: what it shows, what can be done there, and its streams.

use futures::executor::block_on;
use serve::{Body, StatusCode};

use super::seed::World;
use super::{between, seen};

#[test]
fn everything_can_be_stopped_and_let_go_on() {
    let world = World::full();
    assert_eq!(world.post("/workspace/pause", &[("paused", "1")]).status, StatusCode::SEE_OTHER);
    assert!(world.get("/campaigns").text().contains("Everything is stopped"));
    assert!(!world.post("/workspace/pause", &[("paused", "0")]).wakes.is_empty());
    assert!(!world.get("/campaigns").text().contains("Everything is stopped"));
}

#[test]
fn the_stream_tells_once_what_changed() {
    let world = World::full();
    let reply = world.get("/campaigns/bakery/events");
    let Body::Events(mut source) = reply.body else { panic!("no stream") };
    assert!(block_on(source.next(&world.db)).unwrap().is_empty(), "it begins now");
    let now = seen(&world, "bakery-9");
    world.post("/posts/bakery-9/decision", &[("seen", &now), ("decision", "approve")]);
    let told = block_on(source.next(&world.db)).unwrap();
    assert_eq!((told.len(), told[0].name.as_str()), (1, "changed"));
    assert!(block_on(source.next(&world.db)).unwrap().is_empty());
}

#[test]
fn the_conductor_shows_players_times_figures_and_what_needs_a_person() {
    let world = World::full();
    let page = world.get("/").text();
    for shown in ["Clara", "Performance", "Needs attention", "Did it go out?", "Figures", "Now", "Stop everything"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert_eq!(page.matches(">Stop everything<").count(), 1, "one switch");
    let (below, timeline) = (page.find("class=\"quick\""), page.find("id=\"timeline\""));
    assert!(below.is_some() && below > timeline, "quick actions are below");
    assert!(world.get("/campaigns").text().contains("action=\"/workspace/pause\""), "elsewhere it is in the head");
    for part in ["switch", "players", "timeline", "attention", "figures"] {
        assert_eq!(world.get(&format!("/conductor/fragment/{part}")).status, StatusCode::OK, "{part}");
    }
    assert_eq!(world.get("/conductor/fragment/other").status, StatusCode::NOT_FOUND);
}

#[test]
fn before_the_first_campaign_the_conductor_says_how_to_begin() {
    let page = World::claimed().get("/").text();
    assert!(
        page.contains("Begin with one goal") && page.contains("Nothing waits for you") && page.contains("Rehearsal")
    );
}

#[test]
fn who_begins_a_performance_is_told_what_goes_out_within_the_hour() {
    let world = World::full();
    let switch = |mode: &str| world.post("/workspace/mode", &[("mode", mode)]);
    assert_eq!(switch("rehearsal").status, StatusCode::SEE_OTHER);
    let workspace_id = world.workspace_id();
    let now_ms = ports::Clock::now_ms(&world.clock);
    for trigger in ["mode_change_is_allowed", "mode_voids_approvals"] {
        world.db.run(&format!("drop trigger {trigger}"), &[]).unwrap();
    }
    world.db.run("update campaign set mode = 'performance' where id = 'bakery'", &[]).unwrap();
    world
        .db
        .run(
            "update post set due_at = ?2 where workspace_id = ?1 and id = 'bakery-6'",
            &[workspace_id.as_str().into(), (now_ms + 600_000).into()],
        )
        .unwrap();
    let asked = between(&world.get("/").text(), "id=\"ask-perform\"", "</form>").unwrap();
    // Its approval was for another time: it is not scheduled any more, so it is not named.
    assert!(asked.contains("Nothing goes out within the next hour"), "{asked}");
    world.db.run("update post set state = 'scheduled' where id = 'bakery-6'", &[]).unwrap();
    let asked = between(&world.get("/").text(), "id=\"ask-perform\"", "</form>").unwrap();
    assert!(asked.contains("this goes out to the public") && asked.contains("/posts/bakery-6"), "{asked}");
    assert_eq!(switch("performance").wakes, [domain::Step::Publish]);
    assert_eq!(switch("encore").status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.get("/").text().contains("Back to rehearsal"));
}

#[test]
fn an_agent_is_paused_resumed_and_woken_from_its_card() {
    let world = World::full();
    assert_eq!(
        world.post("/agents/editor/pause", &[("paused", "1"), ("back", "/")]).header("location"),
        Some("/?done=agent-paused")
    );
    assert!(world.get("/").text().contains("Paused"));
    assert_eq!(world.post("/agents/editor/pause", &[("paused", "0")]).wakes, [domain::Step::Review]);
    assert_eq!(world.post("/agents/copywriter/wake", &[]).wakes, [domain::Step::Generate]);
    assert_eq!(world.post("/agents/drummer/wake", &[]).status, StatusCode::NOT_FOUND);
}

#[test]
fn the_workspaces_stream_tells_of_every_change_in_it() {
    let world = World::full();
    let Body::Events(mut source) = world.get("/events").body else { panic!("no stream") };
    assert!(block_on(source.next(&world.db)).unwrap().is_empty(), "it begins now");
    world.post("/agents/editor/pause", &[("paused", "1")]);
    assert_eq!(block_on(source.next(&world.db)).unwrap().len(), 1);
}

#[test]
fn a_person_chooses_whose_timeline_it_is_and_the_address_alone_remembers() {
    let world = World::full();
    let all = world.get("/").text();
    assert!(all.contains("<option value=\"\">All</option>"), "{all}");
    let sql = "select id from campaign where id <> 'bakery' and finished_at is null limit 1";
    let other: String = world.db.run(sql, &[]).unwrap().first().unwrap().text("id").unwrap();
    let of = |campaign: &str| world.get(&format!("/?campaign={campaign}")).text();
    let bakery = of("bakery");
    let fragment = "src=\"/conductor/fragment/timeline?campaign=bakery\"";
    assert!(bakery.contains(fragment) && bakery.contains("<option value=\"bakery\" selected>"), "{bakery}");
    let timeline = |campaign: &str| world.get(&format!("/conductor/fragment/timeline?campaign={campaign}")).text();
    assert!(timeline("bakery").contains("/posts/bakery-"));
    assert!(!timeline(&other).contains("/posts/bakery-"), "of {other} alone");
    assert!(!world.get("/").text().contains("fragment/timeline?campaign"), "nothing remembers it");
    assert_eq!(world.get("/?campaign=nothing").status, StatusCode::NOT_FOUND);
}

#[test]
fn what_missed_its_time_was_not_on_time() {
    let world = World::full();
    let at = world.app().ports.clock.pinned_ms();
    let found = block_on(store::conductor::figures(&world.db, at, &world.workspace_id())).unwrap();
    assert!(found.missed > 0 && found.on_time > 0, "{found:?}");
    assert!(found.timed >= found.on_time + found.missed, "{found:?}");
    assert!(!between(&world.get("/").text(), "<dt>On time</dt><dd>", "</dd>").unwrap().contains("100"));
}
