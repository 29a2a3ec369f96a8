//! `/settings/providers`, and that a key which was typed there is on no page and in no export.

use serve::StatusCode;
use web::routes::{ROUTES, Run};

use super::between;
use super::seed::World;

const KEY: &str = "sk-canary-typed-by-a-person";
const HERE: &str = "/settings/providers";

fn connect(world: &World) -> String {
    let fields = [
        ("name", "Our account"),
        ("kind", "openai"),
        ("base_url", "https://models.example/v1"),
        ("models", "large\nsmall"),
        ("key", KEY),
    ];
    let connected = world.post(HERE, &fields);
    assert_eq!(connected.header("location"), Some("/settings/providers?done=provider-connected"));
    let page = world.get(HERE).text();
    between(&page, "id=\"provider-0", "\"").map(|rest| format!("0{rest}")).expect("it is on the page")
}

#[test]
fn a_provider_is_connected_tried_changed_priced_paused_and_disconnected_from_its_page() {
    let world = World::full();
    let id = connect(&world);
    let page = || world.get(HERE).text();
    assert!(page().contains("large, small") && page().contains("Not priced"));
    let act = |act: &str, fields: &[(&str, &str)]| world.post(&format!("{HERE}/{id}{act}"), fields);
    assert_eq!(act("/check", &[]).wakes, [domain::Step::Strategize]);
    assert!(page().contains("Waits for the strategist"));
    let price = [("model", "large"), ("input_usd", "2.50"), ("output_usd", "10"), ("source", "their page")];
    assert_eq!(act("/prices", &price).status, StatusCode::SEE_OTHER);
    assert!(page().contains("$2.50 read, $2.50 from the cache, $10.00 written"));
    let renamed = [("seen", "1"), ("name", "Theirs <b>"), ("models", "large")];
    assert_eq!(act("", &renamed).status, StatusCode::SEE_OTHER);
    assert!(page().contains("Theirs &lt;b&gt;") && page().contains("Set "), "the key stays");
    assert_eq!(act("/pause", &[("paused", "1"), ("seen", "1")]).status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(act("/pause", &[("paused", "1"), ("seen", "2")]).status, StatusCode::SEE_OTHER);
    assert!(page().contains("Paused"));
    let too_late = act("", &[("seen", "1"), ("name", "Mine"), ("models", "large"), ("key", KEY)]);
    assert_eq!(too_late.status, StatusCode::PRECONDITION_FAILED);
    assert!(!too_late.text().contains(KEY), "no key is sent back");
    assert_eq!(act("/removal", &[]).status, StatusCode::SEE_OTHER);
    assert!(!page().contains("Theirs"));
    assert_eq!(act("/removal", &[]).status, StatusCode::NOT_FOUND);
}

#[test]
fn an_address_that_nobody_allowed_comes_back_with_what_would_be_needed_and_without_the_key() {
    let world = World::full();
    for (base_url, complaint) in [
        ("https://other.example/v1", "model_hosts"),
        ("http://models.example/v1", "https://"),
        ("https://user@models.example/v1", "the key has its own field"),
        ("http://publish.spin.internal", "https://"),
    ] {
        let fields = [("name", "N"), ("kind", "openai"), ("base_url", base_url), ("models", "m"), ("key", KEY)];
        let reply = world.post(HERE, &fields);
        assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
        let page = reply.text();
        assert!(page.contains(complaint) && page.contains(base_url) && !page.contains(KEY), "{page}");
    }
}

#[test]
fn an_agent_is_given_a_model_of_its_own() {
    let world = World::full();
    let id = connect(&world);
    let page = || world.get("/agents/copywriter").text();
    let revision = between(&page(), "name=\"revision\" value=\"", "\"").expect("the form has it");
    let choice = format!("{id}/small");
    let sent = |model: &str| {
        let fields = [
            ("revision", revision.as_str()),
            ("name", "Wolf"),
            ("colour", "rose"),
            ("autonomy", "act"),
            ("model", model),
        ];
        world.post("/agents/copywriter", &fields).status
    };
    assert_eq!(sent(&format!("{id}/unheard-of")), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sent(&choice), StatusCode::SEE_OTHER);
    assert!(page().contains(&format!("value=\"{choice}\" selected")), "{}", page());
}

#[test]
fn a_key_that_was_typed_is_on_no_page_and_in_no_export() {
    let world = World::full();
    connect(&world);
    let mut looked = 0;
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !matches!(route.run, Run::Open(_))) {
        let target = route
            .path
            .replace("/agents/{id}", "/agents/copywriter")
            .replace("/campaigns/{id}", "/campaigns/bakery")
            .replace("/posts/{id}", "/posts/bakery-9");
        if target.contains('{') || target == "/events" || target.ends_with("/events") {
            continue;
        }
        let reply = world.get(&target);
        let text = match reply.body {
            serve::Body::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            serve::Body::Pieces(mut source) => {
                let mut all = String::new();
                while let Some(piece) = futures::executor::block_on(source.next(&world.db)).unwrap() {
                    all += &String::from_utf8_lossy(piece.as_ref());
                }
                all
            }
            serve::Body::Events(_) => continue,
        };
        assert!(!text.contains(KEY), "{target}");
        looked += 1;
    }
    assert!(looked > 20, "{looked} pages were looked at");
    // Nor anywhere in the database.
    let tables = world.db.run("select name from sqlite_schema where type = 'table'", &[]).unwrap();
    for table in tables.iter().map(|row| row.text("name").unwrap()) {
        let rows = world.db.run(&format!("select * from {table}"), &[]).unwrap();
        assert!(!format!("{:?}", rows.values).contains(KEY), "{table}");
    }
}
