//! The stage and its feeds, and what is labelled a rehearsal.

use serve::StatusCode;

use super::between;
use super::seed::World;

#[test]
fn the_rehearsal_label_and_the_rehearsal_model_are_named_wherever_they_are() {
    let world = World::full();
    for target in ["/campaigns/bakery", "/posts/bakery-3", "/posts/bakery-1", "/rehearsal/home"] {
        assert!(world.get(target).text().contains("REHEARSAL"), "{target}");
    }
    for target in ["/campaigns/bakery", "/posts/bakery-3", "/settings"] {
        assert!(world.get(target).text().contains("rehearsal model"), "{target}");
    }
    assert!(!world.get("/stage/home").text().contains("REHEARSAL"));
}

#[test]
fn the_rehearsal_stage_and_its_feeds_do_not_exist_for_strangers() {
    let world = World::full();
    let page = world.get("/rehearsal/home").text();
    let entry = between(&page, "<h2><a href=\"", "\"").unwrap();
    assert_eq!(world.get(&entry).status, StatusCode::OK);
    for target in
        ["/rehearsal/home", "/rehearsal/home/atom.xml", "/rehearsal/home/feed.json", entry.as_str(), "/rehearsal/other"]
    {
        assert_eq!(world.stranger_gets(target).status, StatusCode::NOT_FOUND, "{target}");
    }
    // Nor does a rehearsal's entry stand on the public stage.
    assert_eq!(world.stranger_gets(&entry.replace("/rehearsal/", "/stage/")).status, StatusCode::NOT_FOUND);
    assert!(page.contains("Planned for"));
}

#[test]
fn an_idea_for_a_picture_is_shown_in_a_rehearsal_and_never_to_readers() {
    let world = World::full();
    let alt = "A small paper box on an empty tram seat at night.";
    assert!(world.get("/rehearsal/home").text().contains(alt));
    let page = world.get("/posts/finished-1").text();
    assert!(page.contains(alt), "the control: it has one");
    let address = between(&page, "href=\"/stage/home/", "\"").unwrap();
    for target in ["/stage/home".into(), format!("/stage/home/{address}"), "/stage/home/feed.json".into()] {
        assert!(!world.stranger_gets(&target).text().contains(alt), "{target}");
    }
}

#[test]
fn a_published_post_says_where_it_can_be_seen() {
    let world = World::full();
    let page = world.get("/posts/finished-1").text();
    let address = between(&page, "href=\"/stage/home/", "\"").expect("an address");
    assert_eq!(world.stranger_gets(&format!("/stage/home/{address}")).status, StatusCode::OK);
}
