//! Trying a channel: the publisher asks, and nothing goes out.

use std::cell::RefCell;

use futures::executor::block_on;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, HttpError, NoWake, Ports, Request, Response};
use steps::{Channels, StoreShelf};
use store::channel::{self, Check};
use store::{migrate, people};

const START_MS: i64 = 1_800_000_000_000;

/// A relay that has never heard of any post.
#[derive(Default)]
struct Empty(RefCell<Vec<Request>>);

#[async_trait::async_trait(?Send)]
impl Http for Empty {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        self.0.borrow_mut().push(request);
        Ok(Response { status: 404, headers: Vec::new(), body: br#"{"code":"not_found"}"#.to_vec() })
    }
}

/// Connects a channel, wants it tried, tries it twice with these variables, and gives what is known of it then.
fn tried(platform: &str, variables: &[(&str, &str)], http: &Empty) -> Check {
    let db = NativeDb::in_memory().unwrap();
    let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
    block_on(migrate::ensure(&db)).unwrap();
    let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
    let id = match platform {
        "stage" => "stage",
        _ => {
            block_on(channel::create(&db, Some(START_MS), &workspace_id, ("r", "Blog", platform), "ada")).unwrap();
            "r"
        }
    };
    assert_eq!(block_on(channel::want_check(&db, Some(START_MS), (&workspace_id, id))), Ok(true));
    let channels = Channels::from_variables(|name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_string())
    });
    let shelf = StoreShelf { db: &db, clock: &clock };
    let ports = Ports { db: &db, http, clock: &clock, entropy: &entropy, wake: &NoWake };
    for _ in 0..2 {
        block_on(channels.try_wanted(&ports, &shelf)).unwrap();
    }
    let rows = db.run("select 1 from stage_entry union all select 1 from publication", &[]).unwrap();
    assert!(rows.is_empty(), "nothing is published");
    block_on(channel::find(&db, &workspace_id, id)).unwrap().unwrap().check.expect("it was tried")
}

#[test]
fn a_relay_is_asked_once_for_a_post_that_never_was() {
    let http = Empty::default();
    let variables = [("relay_url", "https://cms.example/hook"), ("relay_oracle", "search"), ("relay_token", "t0ken")];
    let check = tried("relay", &variables, &http);
    assert!(check.passed && check.at == START_MS, "{check:?}");
    let asked: Vec<_> = http.0.borrow().iter().map(|request| (request.method, request.url.clone())).collect();
    assert_eq!(asked, [("GET", "https://cms.example/hook/posts/rondo-check".to_string())]);
}

#[test]
fn a_relay_that_the_operator_did_not_set_up_is_said_to_be_none() {
    let http = Empty::default();
    let check = tried("relay", &[], &http);
    assert!(!check.passed && check.says.contains("not set up here"), "{check:?}");
    let check = tried("relay", &[("relay_url", "https://cms.example"), ("relay_oracle", "keyed")], &http);
    assert!(!check.passed && check.says.contains("relay_token"), "{check:?}");
    assert!(http.0.borrow().is_empty());
}

#[test]
fn the_stage_is_always_there() {
    assert!(tried("stage", &[], &Empty::default()).passed);
}
