//! Both feeds, read by readers that are not ours.
//!
//! `RONDO_FEED_CHECK` names a command that is called as `<command> atom|json <file>` and fails on an invalid feed,
//! such as a few lines around the W3C feed validator and the JSON Feed schema. Without it that test says that it
//! was skipped.

#[path = "support/seed.rs"]
mod seed;

use std::process::Command;

use feed_rs::parser;
use futures::executor::block_on;
use seed::World;
use serve::{Method, Reply, Request, StatusCode};

fn get(world: &World, target: &str, header: Option<(&str, &str)>) -> Reply {
    let request = Request::new(Method::GET, target).unwrap().with_header("host", "rondo.example");
    let request = header.map_or(request.clone(), |(name, value)| request.with_header(name, value));
    block_on(web::answer(world.app(), &request)).unwrap()
}

#[test]
fn both_feeds_are_read_by_an_independent_reader_and_say_the_same() {
    let world = World::full();
    let atom = parser::parse(get(&world, "/stage/home/atom.xml", None).text().as_bytes()).unwrap();
    let json = parser::parse(get(&world, "/stage/home/feed.json", None).text().as_bytes()).unwrap();
    assert_eq!(atom.title.unwrap().content, "Night Shift Bakery");
    assert_eq!(atom.entries.len(), 2);
    let told = |entry: &feed_rs::model::Entry| {
        (
            entry.id.clone(),
            entry.title.as_ref().map(|title| title.content.clone()),
            entry.published,
            entry.links[0].href.clone(),
        )
    };
    assert_eq!(atom.entries.iter().map(told).collect::<Vec<_>>(), json.entries.iter().map(told).collect::<Vec<_>>());
    assert!(atom.id.starts_with("tag:rondo.example,2026:/stage/home"));
    assert!(atom.links.iter().any(|link| link.rel.as_deref() == Some("self") && link.href == "https://rondo.example/stage/home/atom.xml"));
    assert_eq!(atom.authors[0].name, "Night Shift Bakery");
    // The link leads to the entry's page.
    let path = json.entries[0].links[0].href.strip_prefix("https://rondo.example").unwrap();
    assert_eq!(get(&world, path, None).status, StatusCode::OK);
}

#[test]
fn a_reader_that_has_the_newest_feed_is_told_so() {
    let world = World::full();
    for target in ["/stage/home/atom.xml", "/stage/home/feed.json"] {
        let reply = get(&world, target, None);
        assert!(reply.header("last-modified").unwrap().ends_with(" GMT"));
        let again = get(&world, target, Some(("if-none-match", reply.header("etag").unwrap())));
        assert_eq!((again.status, again.text()), (StatusCode::NOT_MODIFIED, String::new()));
        let other = get(&world, target, Some(("if-none-match", "\"another\"")));
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[test]
fn an_empty_stage_has_feeds_too() {
    let world = World::claimed();
    assert!(parser::parse(get(&world, "/stage/home/atom.xml", None).text().as_bytes()).unwrap().entries.is_empty());
    assert!(parser::parse(get(&world, "/stage/home/feed.json", None).text().as_bytes()).unwrap().entries.is_empty());
    assert_eq!(get(&world, "/stage/nobody/atom.xml", None).status, StatusCode::NOT_FOUND);
}

#[test]
fn both_feeds_are_valid_by_real_validators() {
    let Ok(command) = std::env::var("RONDO_FEED_CHECK") else {
        println!("skipped: RONDO_FEED_CHECK names no validator");
        return;
    };
    let world = World::full();
    let folder = std::env::temp_dir().join(format!("rondo-feeds-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (kind, name) in [("atom", "atom.xml"), ("json", "feed.json")] {
        let file = folder.join(name);
        std::fs::write(&file, get(&world, &format!("/stage/home/{name}"), None).text()).unwrap();
        let said = Command::new(&command).arg(kind).arg(&file).output().unwrap();
        assert!(
            said.status.success(),
            "{}{}",
            String::from_utf8_lossy(&said.stdout),
            String::from_utf8_lossy(&said.stderr)
        );
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
