//! History as a person searches it, takes it along, and sees its seal.

#[expect(dead_code, reason = "the other tests need more of it")]
#[path = "support/seed.rs"]
mod seed;

use futures::executor::block_on;
use seed::World;
use serve::{Body, Method, Problem, Reply, pieces};

impl World {
    fn get(&self, target: &str) -> Reply {
        let request = Self::request(Method::GET, target).with_header("cookie", &self.cookie);
        block_on(web::answer(self.app(), &request)).unwrap_or_else(Problem::into_reply)
    }

    fn whole(&self, target: &str) -> String {
        let Body::Pieces(mut source) = self.get(target).body else { panic!("{target}: no file") };
        let mut all = Vec::new();
        let write = async |piece: Vec<u8>| {
            all.extend(piece);
            true
        };
        assert!(block_on(pieces::stream(source.as_mut(), self.app().ports.db, write)));
        String::from_utf8(all).unwrap()
    }
}

#[test]
fn history_tells_who_did_what_by_name_and_is_searched() {
    let world = World::full();
    let all = world.get("/history").text();
    assert!(all.contains("<b>Ada Lindqvist</b>") || all.contains("<b>Ada"), "people by name: {all}");
    assert!(!all.contains("a former member"));
    let approvals = world.get("/history?kind=approval&campaign=bakery").text();
    assert!(approvals.contains("approved version"), "{approvals}");
    assert!(!approvals.contains("wrote version"));
    assert!(world.get("/history?actor=copywriter").text().contains("Copywriter</b> wrote version"));
    let none = world.get("/history?to=1999-01-01").text();
    assert!(none.contains("Nothing like that happened"));
}

#[test]
fn pages_of_history_follow_each_other_and_keep_the_search() {
    let world = World::full();
    let (mut target, mut lines) = ("/history?jobs=true&limit=200".to_string(), 0);
    loop {
        let page = world.get(&target).text();
        lines += page.matches("<span class=\"when\">").count();
        let Some((before, _)) = page.split_once("\" rel=\"next\"") else { break };
        target = before.rsplit_once("href=\"").unwrap().1.replace("&amp;", "&");
        assert!(target.contains("jobs=true"), "{target}");
    }
    let json: serde_json::Value = serde_json::from_str(&world.whole("/history/export.json?jobs=true")).unwrap();
    assert_eq!(lines, json.as_array().unwrap().len());
}

#[test]
fn an_export_holds_what_was_searched_for() {
    let world = World::full();
    let csv = world.whole("/history/export.csv?kind=campaign.created");
    assert!(csv.starts_with("seq,at,local,who,") && csv.lines().count() > 1, "{csv}");
    assert!(csv.lines().skip(1).all(|line| line.contains("began the campaign")), "{csv}");
}

#[test]
fn a_post_and_a_campaign_lead_to_their_part_of_history() {
    let world = World::full();
    assert!(world.get("/campaigns/bakery").text().contains("href=\"/history?campaign=bakery\""));
    assert!(world.get("/posts/bakery-1").text().contains("href=\"/history?post=bakery-1\""));
    let of_post = world.get("/history?post=bakery-1").text();
    assert!(of_post.contains("/posts/bakery-1") && !of_post.contains("/posts/bakery-2"));
    assert_eq!(world.get("/history?post=elsewhere-1").status.as_u16(), 404);
    assert_eq!(world.get("/history?campaign=elsewhere").status.as_u16(), 404);
    assert_eq!(world.get("/history?from=yesterday").status.as_u16(), 422);
}

#[test]
fn the_seal_says_how_far_it_goes_and_whether_it_fits() {
    let world = World::full();
    assert!(world.get("/history/seal").text().contains("Nothing is sealed yet"));
    let db = world.app().ports.db;
    block_on(store::seal::seal(db, world.app().ports.clock.now_ms())).unwrap();
    let page = world.get("/history/seal").text();
    assert!(page.contains("It fits") && page.contains("rondo audit verify --url"), "{page}");
    for sql in ["drop trigger event_is_never_changed", "update event set actor = 'eve' where seq = 4"] {
        block_on(db.execute(sql, &[])).unwrap();
    }
    let page = world.get("/history/seal").text();
    assert!(page.contains("History was changed") && page.contains("event 4 is not what was sealed"), "{page}");
}
