//! The rehearsal stage's feeds, as a member's feed reader takes them.

use atom_syndication::Feed;
use serde_json::Value;
use tests::campaign::text;
use tests::http::Api;

/// The workspace that every install begins with.
const STAGE: &str = "/rehearsal/home";

/// Both feeds hold every published post, for members alone.
pub async fn hold(owner: &Api, operator: &Api, posts: &[Value]) {
    let atom = owner.get(&format!("{STAGE}/atom.xml")).await.expect(200);
    assert!(atom.header("content-type").starts_with("application/atom+xml"), "{atom:?}");
    let feed: Feed = atom.body.parse().unwrap_or_else(|error| panic!("{error} in {}", atom.body));
    is_valid_atom(&feed);
    same_posts(feed.entries().iter().map(|entry| entry.title().as_str().to_owned()), posts);

    let json = owner.get(&format!("{STAGE}/feed.json")).await.expect(200);
    assert!(json.header("content-type").starts_with("application/feed+json"), "{json:?}");
    let feed = json.json();
    is_valid_json_feed(&feed);
    let titles = feed["items"].as_array().expect("items").iter().map(|item| text(&item["title"]).to_owned());
    same_posts(titles, posts);

    let nobody = operator.anonymous();
    for path in ["", "/atom.xml", "/feed.json"] {
        let answer = nobody.get(&format!("{STAGE}{path}")).await;
        assert_eq!(answer.status, 404, "a rehearsal is nobody else's: {}", answer.body);
    }
    let public = nobody.get("/stage/home/feed.json").await.expect(200).json();
    assert_eq!(public["items"].as_array().map(Vec::len), Some(0), "a rehearsal came to the public stage");
}

fn same_posts(titles: impl Iterator<Item = String>, posts: &[Value]) {
    let mut titles: Vec<_> = titles.collect();
    let mut expected: Vec<_> = posts.iter().map(|post| text(&post["title"]).to_owned()).collect();
    titles.sort_unstable();
    expected.sort_unstable();
    assert_eq!(titles, expected);
}

/// What RFC 4287 asks for beyond what a parser refuses.
fn is_valid_atom(feed: &Feed) {
    assert!(!feed.id().is_empty() && !feed.title().as_str().is_empty());
    assert!(feed.title().as_str().contains("REHEARSAL"), "a rehearsal says that it is one");
    assert!(feed.links().iter().any(|link| link.rel() == "self"), "a feed names itself");
    let mut ids: Vec<_> = feed.entries().iter().map(|entry| entry.id()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), feed.entries().len(), "two entries share an id");
    for entry in feed.entries() {
        assert!(entry.updated() <= feed.updated(), "the feed is older than its entry");
        assert!(!entry.authors().is_empty() || !feed.authors().is_empty(), "nobody wrote {}", entry.id());
        assert!(entry.content().is_some() || entry.links().iter().any(|link| link.rel() == "alternate"));
    }
}

/// What jsonfeed.org/version/1.1 asks for.
fn is_valid_json_feed(feed: &Value) {
    assert_eq!(feed["version"], "https://jsonfeed.org/version/1.1");
    assert!(!text(&feed["title"]).is_empty());
    for item in feed["items"].as_array().expect("items") {
        assert!(!text(&item["id"]).is_empty());
        assert!(item["content_text"].is_string() || item["content_html"].is_string(), "{item}");
        let published = text(&item["date_published"]);
        assert!(
            published.contains('T') && (published.ends_with('Z') || published.rfind(['+', '-']) > Some(10)),
            "{item}"
        );
    }
}
