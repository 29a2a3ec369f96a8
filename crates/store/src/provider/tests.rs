//! Keys stay where they belong, calls wait for their provider, and nobody who lost a job pays.

use domain::{AgentRole, Step};
use futures::executor::block_on;
use ports::native::SeededEntropy;

use super::*;
use crate::cost::{self, Reservation, Settlement};
use crate::play::{Play, START_MS};

const KEY: &str = "sk-canary-key";

fn envelopes() -> Envelopes {
    Envelopes::with(&"1".repeat(64)).unwrap()
}

fn connect(play: &Play, id: &str, turn: u32) {
    let models = ["large".to_string(), "small".to_string()];
    let key = seal(&envelopes(), &SeededEntropy::new(1), (&play.workspace_id, id), KEY).unwrap();
    let new = NewProvider {
        id,
        name: id,
        kind: ProviderKind::OpenAi,
        base_url: "https://models.example/v1",
        models: &models,
        image_model: None,
        sealed_key: Some(key),
        turn,
        at_once_max: 2,
    };
    assert_eq!(block_on(create(&play.db, Some(START_MS), &play.workspace_id, new, "ada")), Ok(true));
}

fn links(play: &Play, role: AgentRole) -> Vec<Link> {
    block_on(chain(&play.db.0, Some(START_MS), &play.workspace_id, role)).unwrap()
}

fn names(play: &Play, role: AgentRole) -> Vec<String> {
    links(play, role).into_iter().map(|link| format!("{}/{}", link.id, link.model)).collect()
}

/// A campaign whose plan is being made, by claim 1, with one provider.
fn planning() -> Play {
    let play = Play::begun("c", false);
    connect(&play, "first", 1);
    assert_eq!(play.claim(Step::Strategize, START_MS).fence, 1);
    play
}

fn reservation<'a>(play: &'a Play, id: &'a str, fence: i64) -> Reservation<'a> {
    Reservation {
        workspace_id: &play.workspace_id,
        id,
        campaign_id: Some("c"),
        job_id: "strategize:c:1",
        fence,
        step: Step::Strategize,
        provider: "openai",
        model: "large",
        provider_id: Some("first"),
        stands_in_for: None,
        micro_usd: 1,
        prompt: "planner-1",
        input_sha256: "question",
        for_ms: 60_000,
    }
}

fn reserve(play: &Play, at: i64, new: &Reservation<'_>) -> Result<(), DbError> {
    block_on(cost::reserve(&play.db, Some(at), new))
}

fn refused(reason: &str) -> Result<(), DbError> {
    Err(DbError::Refused(reason.into()))
}

#[test]
fn an_agent_asks_whom_it_chose_and_the_others_stand_in_in_their_turn() {
    let play = Play::new();
    assert!(links(&play, AgentRole::Copywriter).is_empty());
    connect(&play, "second", 2);
    connect(&play, "first", 1);
    assert_eq!(names(&play, AgentRole::Copywriter), ["first/large", "second/large"]);
    let choose = |provider: &str, model: &str| {
        let change = crate::agent::Change { model: Some(Some((provider.into(), model.into()))), ..Default::default() };
        let revision = block_on(crate::agent::find(&play.db.0, &play.workspace_id, AgentRole::Copywriter));
        let revision = revision.unwrap().unwrap().agent.revision;
        let of = (play.workspace_id.as_str(), AgentRole::Copywriter, revision);
        block_on(crate::agent::change(&play.db, Some(START_MS), of, &change, "ada"))
    };
    assert_eq!(choose("second", "small"), Ok(true));
    assert_eq!(names(&play, AgentRole::Copywriter), ["second/small", "first/large"]);
    assert_eq!(names(&play, AgentRole::Editor), ["first/large", "second/large"]);
    assert_eq!(choose("second", "unheard-of"), Err(DbError::Refused("no_such_model".into())));
    assert_eq!(choose("nobody", "small"), Err(DbError::Refused("no_such_model".into())));

    assert_eq!(block_on(remove(&play.db, Some(START_MS), (&play.workspace_id, "second"), "ada")), Ok(true));
    assert_eq!(names(&play, AgentRole::Copywriter), ["first/large"]);
    let agent = block_on(crate::agent::find(&play.db.0, &play.workspace_id, AgentRole::Copywriter)).unwrap().unwrap();
    assert_eq!(agent.agent.model, None);
    let keys = play.db.0.run("select 1 from provider where id = 'second' and sealed_key is not null", &[]).unwrap();
    assert!(keys.is_empty(), "whoever is disconnected leaves no key");
}

#[test]
fn a_key_opens_in_its_own_row_and_stands_nowhere() {
    let play = Play::new();
    connect(&play, "first", 1);
    connect(&play, "second", 2);
    let [first, second] = links(&play, AgentRole::Editor).try_into().unwrap();
    assert_eq!(first.key(&envelopes()).unwrap().as_deref(), Some(KEY));
    // A sealed key that is put into another row, or into another workspace's, does not open.
    let moved = Link { sealed_key: first.sealed_key.clone(), ..second };
    assert_eq!(moved.key(&envelopes()), Err(EnvelopeError::Broken));
    let moved = Link { workspace_id: "another".into(), ..first };
    assert_eq!(moved.key(&envelopes()), Err(EnvelopeError::Broken));
    let events = play.db.0.run("select 1 from event where data like '%canary%'", &[]).unwrap();
    assert!(events.is_empty());
}

#[test]
fn another_address_without_another_key_forgets_the_key() {
    let play = Play::new();
    connect(&play, "first", 1);
    let change_to = |revision, change| {
        block_on(change_one(&play, revision, change)).unwrap();
        links(&play, AgentRole::Editor).remove(0).has_key()
    };
    async fn change_one(play: &Play, revision: i64, what: Change<'_>) -> Result<bool, DbError> {
        change(&play.db, Some(START_MS), (&play.workspace_id, "first", revision), what, "ada").await
    }
    assert!(change_to(1, Change { base_url: Some("https://models.example/v1"), ..Change::default() }));
    assert!(!change_to(2, Change { base_url: Some("https://evil.example/v1"), ..Change::default() }));
    assert_eq!(block_on(change_one(&play, 1, Change { paused: Some(true), ..Change::default() })), Ok(false), "stale");
}

#[test]
fn a_worker_past_its_lease_pays_for_nothing() {
    let play = planning();
    assert_eq!(reserve(&play, START_MS + 59_999, &reservation(&play, "k1", 1)), Ok(()));
    assert_eq!(reserve(&play, START_MS + 60_000, &reservation(&play, "k2", 1)), refused("fenced"));
    block_on(crate::sweep::sweep(&play.db.0, Some(START_MS + 60_001))).unwrap();
    let again = play.claim(Step::Strategize, START_MS + 120_000);
    assert_eq!(again.fence, 2);
    assert_eq!(reserve(&play, START_MS + 120_000, &reservation(&play, "k3", 1)), refused("fenced"), "not the other's");
    assert_eq!(reserve(&play, START_MS + 120_000, &reservation(&play, "k4", 2)), Ok(()));
    // The control: without the guard the worker past its lease pays.
    play.db.0.run("drop trigger cost_is_fenced", &[]).unwrap();
    let late = Reservation { provider_id: None, ..reservation(&play, "k5", 1) };
    assert_eq!(reserve(&play, START_MS + 120_000, &late), Ok(()));
}

#[test]
fn a_provider_has_no_more_calls_at_a_time_than_it_may_have() {
    let play = planning();
    for id in ["k1", "k2"] {
        assert_eq!(reserve(&play, START_MS, &reservation(&play, id, 1)), Ok(()));
    }
    assert_eq!(reserve(&play, START_MS, &reservation(&play, "k3", 1)), refused("provider_busy"));
    let elsewhere = Reservation { provider_id: None, ..reservation(&play, "k4", 1) };
    assert_eq!(reserve(&play, START_MS, &elsewhere), Ok(()), "the operator's is another");
    let how = Settlement { outcome: "answered", ..Settlement::default() };
    block_on(cost::settle(&play.db, Some(START_MS), (&play.workspace_id, "k1"), &how)).unwrap();
    assert_eq!(reserve(&play, START_MS, &reservation(&play, "k5", 1)), Ok(()));
}

#[test]
fn a_provider_that_asks_us_to_wait_is_not_asked_until_then() {
    let play = planning();
    assert_eq!(reserve(&play, START_MS, &reservation(&play, "k1", 1)), Ok(()));
    let how = Settlement { outcome: "rate_limited", rest_ms: Some(7_000), ..Settlement::default() };
    block_on(cost::settle(&play.db, Some(START_MS), (&play.workspace_id, "k1"), &how)).unwrap();
    assert_eq!(reserve(&play, START_MS + 6_999, &reservation(&play, "k2", 1)), refused("provider_blocked"));
    assert_eq!(reserve(&play, START_MS + 7_000, &reservation(&play, "k2", 1)), Ok(()));
    let stood_in = Reservation { stands_in_for: Some("second: overloaded"), ..reservation(&play, "k3", 1) };
    assert_eq!(reserve(&play, START_MS + 7_000, &stood_in), Ok(()));
    let rows = play.db.0.run("select data ->> '$.for' as was from event where kind = 'model.stood_in'", &[]).unwrap();
    assert_eq!(rows.iter().map(|row| row.text("was").unwrap()).collect::<Vec<_>>(), ["second: overloaded"]);
}

#[test]
fn of_a_hundred_calls_that_begin_at_once_only_those_are_made_that_the_budget_holds() {
    let play = planning();
    let wide = Change { at_once_max: Some(64), ..Change::default() };
    assert_eq!(block_on(change(&play.db, Some(START_MS), (&play.workspace_id, "first", 1), wide, "ada")), Ok(true));
    // The campaign's budget is 1,000: one unit is left.
    let most = Reservation { micro_usd: 999, ..reservation(&play, "most", 1) };
    assert_eq!(reserve(&play, START_MS, &most), Ok(()));
    let made = (0..100).filter(|n| reserve(&play, START_MS, &reservation(&play, &format!("k{n}"), 1)).is_ok()).count();
    assert_eq!(made, 1);
}

#[test]
fn the_newest_price_that_has_begun_counts() {
    let play = Play::new();
    connect(&play, "first", 1);
    let set = |model: &str, since: i64, input: i64| {
        let new = crate::price::NewPrice {
            model,
            since: Some(since),
            input_micro_usd: input,
            cached_micro_usd: 1,
            output_micro_usd: 9,
            picture_micro_usd: None,
            source: "https://models.example/pricing",
        };
        block_on(crate::price::set(&play.db, Some(START_MS), (&play.workspace_id, "first"), &new, "ada"))
    };
    assert_eq!(links(&play, AgentRole::Editor)[0].prices, None);
    assert_eq!((set("large", START_MS - 10, 5), set("large", START_MS + 10, 7)), (Ok(true), Ok(true)));
    assert_eq!(links(&play, AgentRole::Editor)[0].prices, Some((5, 1, 9)));
    let current = || block_on(crate::price::current(&play.db, Some(START_MS), &play.workspace_id)).unwrap();
    assert_eq!(current().iter().map(|price| price.input_micro_usd).collect::<Vec<_>>(), [5]);
    let later = block_on(chain(&play.db.0, Some(START_MS + 10), &play.workspace_id, AgentRole::Editor)).unwrap();
    assert_eq!(later[0].prices, Some((7, 1, 9)));
    assert_eq!(set("unheard-of", START_MS, 1), Ok(false));
    assert!(matches!(set("large", START_MS + 10, 8), Err(DbError::Conflict(_))));
    assert_eq!(block_on(crate::price::list(&play.db, &play.workspace_id, "first")).unwrap()[0].since, START_MS + 10);
}

#[test]
fn spins_own_model_for_vectors_is_known_by_its_name() {
    let play = planning();
    let models = ["llama2-chat".to_string(), "all-minilm-l6-v2".to_string()];
    let new = NewProvider {
        id: "host",
        name: "host",
        kind: ProviderKind::SpinLlm,
        base_url: ProviderKind::SpinLlm.own_url(),
        models: &models,
        image_model: None,
        sealed_key: None,
        turn: 1,
        at_once_max: 1,
    };
    assert_eq!(block_on(create(&play.db, Some(START_MS), &play.workspace_id, new, "ada")), Ok(true));
    let found = block_on(embedder(&play.db.0, Some(START_MS), &play.workspace_id)).unwrap().unwrap();
    assert_eq!((found.id.as_str(), found.model.as_str()), ("host", "all-minilm-l6-v2"));
}
