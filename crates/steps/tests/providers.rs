//! A workspace's own providers, from the sealed key to the call: who is asked, who stands in, when a job waits, and
//! that neither key nor words of a prompt stand anywhere else.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::RefCell;
use std::collections::VecDeque;

use bakery::{START_MS, brief};
use domain::{ProviderKind, Stage};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Model, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, HttpError, NoLlm, NoWake, Ports, Request, Response, Value};
use serde_json::json;
use steps::{Models, Strategize};
use store::envelope::Envelopes;
use store::provider::{self, NewProvider};
use store::{agent, campaign};

const KEY: &str = "sk-canary-of-a-key";
const SECRET_WORDS: &str = "the canary of the instructions";
const SEAL_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";

/// What a host does when it is asked.
#[derive(Clone)]
enum Does {
    /// Plans, in the words of its wire.
    Plans,
    /// Answers this.
    Says(u16, Vec<(&'static str, &'static str)>, &'static str),
    /// Breaks off.
    Breaks,
    /// Makes vectors: what holds this word means what is asked for, and nothing else does.
    Embeds(&'static str),
}

/// Hosts that do what they are told, in turn, and remember who asked.
struct Hosts {
    does: RefCell<VecDeque<Does>>,
    asked: RefCell<Vec<Request>>,
}

impl Hosts {
    fn new(does: impl IntoIterator<Item = Does>) -> Self {
        Self { does: RefCell::new(does.into_iter().collect()), asked: RefCell::default() }
    }

    fn urls(&self) -> Vec<String> {
        self.asked.borrow().iter().map(|request| request.url.clone()).collect()
    }
}

#[async_trait::async_trait(?Send)]
impl Http for Hosts {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let url = request.url.clone();
        let inputs = serde_json::from_slice::<serde_json::Value>(&request.body).unwrap()["input"].clone();
        self.asked.borrow_mut().push(request);
        let answer = |status, headers: &[(&str, &str)], body: String| {
            let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
            Ok(Response { status, headers, body: body.into_bytes() })
        };
        let does = self.does.borrow_mut().pop_front().expect("a call too many");
        match does {
            Does::Breaks => Err(HttpError::Unknown("reset".into())),
            Does::Says(status, headers, body) => answer(status, &headers, body.into()),
            Does::Embeds(word) => {
                let vector = |(at, text): (usize, &serde_json::Value)| {
                    let alike = at == 0 || text.as_str().unwrap().contains(word);
                    json!({ "index": at, "embedding": if alike { [1.0, 0.1] } else { [0.0, 1.0] } })
                };
                let data: Vec<_> = inputs.as_array().unwrap().iter().enumerate().map(vector).collect();
                answer(200, &[], json!({ "data": data, "usage": { "prompt_tokens": 50 } }).to_string())
            }
            Does::Plans => {
                let plan = plan().await;
                let body = match url.rsplit('/').next() {
                    Some("messages") => {
                        json!({ "content": [{ "type": "text", "text": plan }], "stop_reason": "end_turn",
                        "usage": { "input_tokens": 400, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 600,
                                   "output_tokens": 100 } })
                    }
                    Some("chat") => json!({ "message": { "content": plan }, "done": true, "done_reason": "stop",
                        "prompt_eval_count": 1000, "eval_count": 100 }),
                    _ => json!({ "choices": [{ "finish_reason": "stop", "message": { "content": plan } }],
                        "usage": { "prompt_tokens": 1000, "completion_tokens": 100 } }),
                };
                answer(200, &[], body.to_string())
            }
        }
    }
}

/// A plan that fits the brief, as the rehearsal model makes it.
async fn plan() -> String {
    let slots = domain::calendar::slots(&brief().goal).unwrap();
    let planning = models::Planning { campaign_id: "c".into(), brief: brief(), slots, pass: 0, previous: None };
    let task: Task = models::tasks::strategize(planning);
    Rehearsal.answer(&Hosts::new([]), &task).await.unwrap().text
}

struct World {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    workspace_id: String,
    models: Models<'static>,
}

impl World {
    fn new() -> Self {
        let (db, workspace_id) = bakery::install();
        let models = Models::from_variables(
            |name| match name {
                "seal_key" => Some(SEAL_KEY.into()),
                "model_hosts" => Some("https://one.example".into()),
                "model_hosts_second" => Some("https://two.example".into()),
                "model_hosts_third" => Some("http://127.0.0.1:11434".into()),
                _ => None,
            },
            15_000,
            NoLlm,
        );
        let clock = SettableClock::at(START_MS);
        Self { db, clock, entropy: SeededEntropy::new(1), workspace_id, models }
    }

    fn connect(&self, id: &str, kind: ProviderKind, base_url: &str, turn: u32) {
        self.connect_with(id, kind, base_url, turn, &["m".to_string()]);
    }

    fn connect_with(&self, id: &str, kind: ProviderKind, base_url: &str, turn: u32, models: &[String]) {
        let envelopes = Envelopes::with(SEAL_KEY).unwrap();
        let sealed_key = provider::seal(&envelopes, &self.entropy, (&self.workspace_id, id), KEY).unwrap();
        let new = NewProvider {
            id,
            name: id,
            kind,
            base_url,
            models,
            sealed_key: Some(sealed_key),
            image_model: None,
            turn,
            at_once_max: 8,
        };
        assert!(block_on(provider::create(&self.db, Some(START_MS), &self.workspace_id, new, "ada")).unwrap());
    }

    fn begin(&self) {
        let change = agent::Change { instructions: Some(SECRET_WORDS.into()), ..Default::default() };
        let of = (self.workspace_id.as_str(), domain::AgentRole::Strategist, 1);
        assert!(block_on(agent::change(&self.db, Some(START_MS), of, &change, "ada")).unwrap());
        bakery::begin(&self.db, &self.workspace_id);
    }

    fn ports<'a>(&'a self, http: &'a Hosts) -> Ports<'a> {
        Ports { db: &self.db, http, clock: &self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn drain(&self, does: impl IntoIterator<Item = Does>) -> Hosts {
        let hosts = Hosts::new(does);
        let work = Strategize { models: &self.models, first_byte_ms: 15_000 };
        block_on(engine::drain(&self.ports(&hosts), &work, engine::Limits::default())).unwrap();
        hosts
    }

    fn stage(&self) -> Stage {
        block_on(campaign::find(&self.db, &self.workspace_id, "c")).unwrap().unwrap().stage
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        let rows = self.db.run(sql, &[]).unwrap();
        rows.iter().map(|row| row.text("it").unwrap()).collect()
    }

    fn job(&self) -> (String, i64, Option<String>) {
        let rows = self.db.run("select state, run_at, last_error, attempt from job", &[]).unwrap();
        let row = rows.first().unwrap();
        (row.text("state").unwrap(), row.int("run_at").unwrap() - START_MS, row.opt_text("last_error").unwrap())
    }

    fn outcomes(&self) -> Vec<String> {
        self.texts("select provider_id || ' ' || outcome as it from cost order by stands_in_for is not null")
    }

    /// Tables that hold a text anywhere.
    fn holding(&self, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        for table in self.texts("select name as it from sqlite_schema where type = 'table'") {
            let rows = self.db.run(&format!("select * from {table}"), &[]).unwrap();
            let holds = |value: &Value| match value {
                Value::Text(held) => held.contains(text),
                Value::Blob(held) => held.windows(text.len()).any(|part| part == text.as_bytes()),
                _ => false,
            };
            if rows.values.iter().flatten().any(holds) {
                found.push(table);
            }
        }
        found
    }
}

const OPENAI: (&str, ProviderKind, &str) = ("one", ProviderKind::OpenAi, "https://one.example/v1");
const ANTHROPIC: (&str, ProviderKind, &str) = ("two", ProviderKind::Anthropic, "https://two.example");

fn with_two() -> World {
    let world = World::new();
    world.connect(OPENAI.0, OPENAI.1, OPENAI.2, 1);
    world.connect(ANTHROPIC.0, ANTHROPIC.1, ANTHROPIC.2, 2);
    world.begin();
    world
}

#[test]
fn the_key_goes_to_its_provider_and_stands_nowhere_else() {
    let world = with_two();
    let hosts = world.drain([Does::Plans]);
    assert_eq!(world.stage(), Stage::StrategyApproval);
    let asked = hosts.asked.borrow();
    assert_eq!(asked[0].url, "https://one.example/v1/chat/completions");
    assert!(asked[0].headers.contains(&("authorization".into(), format!("Bearer {KEY}"))));
    let body = String::from_utf8(asked[0].body.clone()).unwrap();
    assert!(body.contains(SECRET_WORDS) && !body.contains(KEY));
    assert!(world.holding(KEY).is_empty());
    assert_eq!(world.holding(SECRET_WORDS), ["agent"], "no prompt in jobs, costs or events");
    // The control: what is there is found.
    assert!(world.holding("one.example").contains(&"provider".into()));
}

#[test]
fn whoever_has_no_room_is_stood_in_for_and_history_says_so() {
    let world = with_two();
    let busy = Does::Says(529, Vec::new(), r#"{"error":{"type":"overloaded_error","message":"busy"}}"#);
    let hosts = world.drain([busy, Does::Plans]);
    assert_eq!(hosts.urls(), ["https://one.example/v1/chat/completions", "https://two.example/v1/messages"]);
    assert!(hosts.asked.borrow()[1].headers.contains(&("x-api-key".into(), KEY.into())));
    assert_eq!(world.outcomes(), ["one overloaded", "two answered"]);
    let events = world.texts("select data ->> '$.for' as it from event where kind = 'model.stood_in'");
    assert_eq!(events, ["one: overloaded"]);
    assert_eq!(world.texts("select stands_in_for as it from cost where provider_id = 'two'"), ["one: overloaded"]);
    assert_eq!(world.texts("select cast(cached_tokens as text) as it from cost where provider_id = 'two'"), ["600"]);
}

#[test]
fn when_all_ask_to_wait_the_job_waits_for_free_and_nobody_is_asked_meanwhile() {
    let world = with_two();
    let limited = |after| Does::Says(429, vec![("retry-after", after)], r#"{"error":{"message":"slow down"}}"#);
    world.drain([limited("60"), limited("40")]);
    let (state, run_at, reason) = world.job();
    assert_eq!(state, "ready");
    assert!((40_000..46_000).contains(&run_at), "{run_at}");
    assert!(reason.unwrap().contains("limits the rate"));
    assert_eq!(world.texts("select cast(attempt as text) as it from job"), ["0"], "to wait costs no attempt");
    // Somebody wakes it too early: nobody is asked.
    world.db.run(&format!("update job set run_at = {START_MS}"), &[]).unwrap();
    assert!(world.drain([]).urls().is_empty());
    world.clock.advance(50_000);
    let hosts = world.drain([Does::Plans]);
    assert_eq!(hosts.urls(), ["https://two.example/v1/messages"], "the other is still to be let alone");
    assert_eq!(world.stage(), Stage::StrategyApproval);
}

#[test]
fn every_trouble_comes_out_right_and_is_in_the_books() {
    let cases = [
        // What nobody else may stand in for.
        (
            Does::Says(429, Vec::new(), r#"{"error":{"code":"insufficient_quota","message":"pay"}}"#),
            "dead",
            "quota_spent",
        ),
        (Does::Says(401, Vec::new(), r#"{"error":{"message":"no"}}"#), "dead", "auth"),
        (Does::Says(404, Vec::new(), r#"{"error":{"message":"no such model"}}"#), "dead", "bad_request"),
        (
            Does::Says(200, Vec::new(), r#"{"choices":[{"message":{"refusal":"no"}}],"usage":{"prompt_tokens":9}}"#),
            "dead",
            "refused",
        ),
        (
            Does::Says(
                200,
                Vec::new(),
                r#"{"choices":[{"finish_reason":"length","message":{"content":"{"}}],"usage":{"prompt_tokens":9}}"#,
            ),
            "dead",
            "length",
        ),
        (Does::Says(200, Vec::new(), r#"{"error":{"message":"late"}}"#), "ready", "unusable"),
        (Does::Says(200, Vec::new(), r#"{"choices":[{"mess"#), "ready", "unusable"),
        // What another would stand in for, were there one.
        (Does::Breaks, "ready", "no_answer"),
        (Does::Says(504, Vec::new(), ""), "ready", "no_answer"),
        (Does::Says(500, Vec::new(), ""), "ready", "overloaded"),
    ];
    for (does, state, outcome) in cases {
        let world = World::new();
        world.connect(OPENAI.0, OPENAI.1, OPENAI.2, 1);
        world.begin();
        world.drain([does]);
        assert_eq!(world.outcomes(), [format!("one {outcome}")]);
        assert_eq!(world.job().0, state, "{outcome}");
        assert_eq!(world.texts("select state as it from cost"), ["settled"], "{outcome}");
        assert!(world.holding(KEY).is_empty());
        if state == "dead" {
            let reason = world.texts("select reason as it from campaign");
            assert!(reason[0].contains("planning failed"), "a person is told: {reason:?}");
        }
    }
}

#[test]
fn a_provider_that_the_operator_no_longer_allows_is_not_asked() {
    let world = World::new();
    world.connect("else", ProviderKind::OpenAi, "https://else.example/v1", 1);
    world.connect("inside", ProviderKind::OpenAi, "http://publish.spin.internal/wake", 2);
    world.begin();
    assert!(world.drain([]).urls().is_empty());
    let (state, _, reason) = world.job();
    assert_eq!(state, "ready");
    assert!(reason.unwrap().contains("cannot be asked: its address"));
}

#[test]
fn a_local_model_costs_nothing_and_a_known_one_what_it_is_known_to_cost() {
    let world = World::new();
    world.connect("local", ProviderKind::Ollama, "http://127.0.0.1:11434", 1);
    world.begin();
    world.drain([Does::Plans]);
    let spent = "select spent_micro_usd || ' of ' || reserved_micro_usd || ', ' || input_tokens as it from cost";
    assert_eq!(world.texts(spent), ["0 of 0, 1000"]);
    let world = with_two();
    let new = store::price::NewPrice {
        model: "m",
        since: None,
        input_micro_usd: 2_000_000,
        cached_micro_usd: 200_000,
        output_micro_usd: 10_000_000,
        picture_micro_usd: None,
        source: "their page",
    };
    let of = (world.workspace_id.as_str(), "two");
    assert!(block_on(store::price::set(&world.db, Some(START_MS), of, &new, "ada")).unwrap());
    world.drain([Does::Breaks, Does::Plans]);
    // 400 fresh at 2, 600 from the cache at 0.2, 100 written at 10 dollars a million.
    let spent = "select cast(spent_micro_usd as text) as it from cost where provider_id = 'two'";
    assert_eq!(world.texts(spent), ["1920"]);
}

#[test]
fn a_try_says_in_a_word_what_is_amiss() {
    let error = |status, body| Does::Says(status, Vec::new(), body);
    let cases = [
        (Does::Plans, "reached"),
        (error(401, r#"{"error":{"message":"bad key sk-canary-of-a-key"}}"#), "key_wrong"),
        (error(404, r#"{"error":{"message":"no such model","code":"model_not_found"}}"#), "model_unknown"),
        (error(429, r#"{"error":{"code":"insufficient_quota","message":"pay"}}"#), "quota"),
        (error(429, r#"{"error":{"message":"slow"}}"#), "busy"),
        (error(422, r#"{"error":{"message":"sk-canary-of-a-key is odd"}}"#), "failed"),
        (Does::Breaks, "timed_out"),
    ];
    for (does, verdict) in cases {
        let world = World::new();
        world.connect(OPENAI.0, OPENAI.1, OPENAI.2, 1);
        let of = (world.workspace_id.as_str(), "one");
        assert!(block_on(provider::want_check(&world.db, Some(START_MS), of)).unwrap());
        let hosts = Hosts::new([does]);
        block_on(world.models.try_wanted(&world.ports(&hosts))).unwrap();
        let found = block_on(provider::find(&world.db, of.0, of.1)).unwrap().unwrap();
        let check = found.check.unwrap();
        assert_eq!(check.verdict.as_str(), verdict);
        assert_eq!(check.says.contains("The try took 1100 tokens and cost $"), verdict == "reached", "{}", check.says);
        assert_eq!(found.check_wanted_at, None);
        assert!(world.holding(KEY).is_empty(), "{verdict}");
        // Nobody wants it any more.
        block_on(world.models.try_wanted(&world.ports(&Hosts::new([])))).unwrap();
    }
}

/// Entries whose words have nothing to do with the brief, the newest last.
fn remember(world: &World, texts: &[&str]) {
    for (at, text) in (1_i64..).zip(texts) {
        let sql = "insert into memory (workspace_id, id, kind, text, by, at) values (?1, 'm' || ?2, 'sent_back', ?3, 'ada', ?2)";
        let parameters = [world.workspace_id.as_str().into(), at.into(), (*text).into()];
        world.db.run(sql, &parameters).unwrap();
    }
}

/// The reminders in a plan's prompt, the first one first.
fn reminders(hosts: &Hosts) -> Vec<String> {
    let asked = hosts.asked.borrow();
    let body: serde_json::Value = serde_json::from_slice(&asked.last().unwrap().body).unwrap();
    let prompt = body["messages"][1]["content"].as_str().unwrap();
    let Some((_, rest)) = prompt.split_once("<memory>\n") else { return Vec::new() };
    rest.split_once("</memory>")
        .unwrap()
        .0
        .lines()
        .map(|line| line.trim_start_matches("- sent back: ").into())
        .collect()
}

const TEXTS: [&str; 3] = ["Nobody wants to be shouted at.", "Too blue.", "Too green."];

#[test]
fn memory_is_found_by_meaning_where_a_provider_makes_vectors_and_the_call_is_in_the_books() {
    let world = World::new();
    let models = ["m".to_string(), "text-embedding-x".to_string()];
    world.connect_with("one", ProviderKind::OpenAi, "https://one.example/v1", 1, &models);
    remember(&world, &TEXTS);
    world.begin();
    let hosts = world.drain([Does::Embeds("shouted"), Does::Plans]);
    assert_eq!(hosts.urls(), ["https://one.example/v1/embeddings", "https://one.example/v1/chat/completions"]);
    assert_eq!(reminders(&hosts), ["Nobody wants to be shouted at.", "Too green.", "Too blue."]);
    let books =
        "select model || ' ' || outcome || ' ' || prompt || ' ' || input_tokens as it from cost order by input_tokens";
    assert_eq!(world.texts(books)[0], "text-embedding-x answered embedding-1 50");
    assert_eq!(world.texts("select meaning as it from recall"), ["openai/text-embedding-x"]);
    assert_eq!(world.texts("select memory_id as it from memory_vector order by 1"), ["m1", "m2", "m3"]);
    assert_eq!(world.holding(KEY), Vec::<String>::new());

    // The next plan needs a vector for what it asks alone.
    let new = campaign::NewCampaign {
        workspace_id: &world.workspace_id,
        id: "d",
        name: "D",
        mode: domain::Mode::Rehearsal,
        time_lapse: true,
        budget_micro_usd: 1_000_000,
        brief: &brief(),
        actor: "ada",
    };
    block_on(campaign::create(&world.db, Some(START_MS), &new)).unwrap();
    let hosts = world.drain([Does::Embeds("shouted"), Does::Plans]);
    let sent: serde_json::Value = serde_json::from_slice(&hosts.asked.borrow()[0].body).unwrap();
    assert_eq!(sent["input"].as_array().unwrap().len(), 1);
    assert_eq!(reminders(&hosts)[0], "Nobody wants to be shouted at.");
}

/// A world whose operator has a model for vectors, and one for everything else.
fn with_the_operators() -> World {
    let models = Models::from_variables(
        |name| match name {
            "seal_key" => Some(SEAL_KEY.into()),
            "model_hosts" => Some("https://one.example".into()),
            "model_provider" => Some("openai".into()),
            "model_base_url" => Some("https://operators.example/v1".into()),
            "model_name" => Some("m".into()),
            "model_embedding" => Some("text-embedding-o".into()),
            "model_price_embedding" => Some("0.02".into()),
            _ => None,
        },
        15_000,
        NoLlm,
    );
    World { models, ..World::new() }
}

#[test]
fn the_operators_model_makes_vectors_where_a_workspace_has_none_of_its_own() {
    let world = with_the_operators();
    remember(&world, &TEXTS);
    world.begin();
    let hosts = world.drain([Does::Embeds("shouted"), Does::Plans]);
    let chat = "https://operators.example/v1/chat/completions";
    assert_eq!(hosts.urls(), ["https://operators.example/v1/embeddings", chat]);
    assert_eq!(reminders(&hosts)[0], "Nobody wants to be shouted at.");
    // 50 tokens at 0.02 dollars a million.
    let books =
        "select model || ' ' || outcome || ' ' || spent_micro_usd || ' ' || coalesce(provider_id, 'the operator') as it
        from cost where prompt = 'embedding-1'";
    assert_eq!(world.texts(books), ["text-embedding-o answered 1 the operator"]);
    assert_eq!(world.texts("select meaning as it from recall"), ["openai/text-embedding-o"]);

    // Whoever does not answer leaves the words.
    let world = with_the_operators();
    remember(&world, &TEXTS);
    world.begin();
    let hosts = world.drain([Does::Says(500, vec![], "{}"), Does::Plans]);
    assert_eq!(reminders(&hosts), ["Too green.", "Too blue.", "Nobody wants to be shouted at."]);
    assert_eq!(world.stage(), Stage::StrategyApproval);

    // A workspace's own goes before it.
    let world = with_the_operators();
    let models = ["m".to_string(), "text-embedding-x".to_string()];
    world.connect_with("one", ProviderKind::OpenAi, "https://one.example/v1", 1, &models);
    remember(&world, &TEXTS);
    world.begin();
    assert_eq!(world.drain([Does::Embeds("shouted"), Does::Plans]).urls()[0], "https://one.example/v1/embeddings");
}

#[test]
fn a_provider_that_makes_no_vectors_now_leaves_the_search_by_words() {
    let broken = Does::Says(200, vec![], "{\"data\":[]}");
    for does in [Does::Says(500, vec![], "{}"), Does::Breaks, broken] {
        let world = World::new();
        let models = ["m".to_string(), "text-embedding-x".to_string()];
        world.connect_with("one", ProviderKind::OpenAi, "https://one.example/v1", 1, &models);
        remember(&world, &TEXTS);
        world.begin();
        let hosts = world.drain([does, Does::Plans]);
        assert_eq!(reminders(&hosts), ["Too green.", "Too blue.", "Nobody wants to be shouted at."]);
        assert_eq!(world.texts("select coalesce(meaning, 'none') as it from recall"), ["none"]);
        assert_eq!(world.stage(), Stage::StrategyApproval);
    }
}

#[test]
fn without_memory_or_without_a_model_for_it_nobody_is_asked_for_vectors() {
    let world = World::new();
    world.connect_with(
        "one",
        ProviderKind::OpenAi,
        "https://one.example/v1",
        1,
        &["m".into(), "text-embedding-x".into()],
    );
    world.begin();
    assert_eq!(world.drain([Does::Plans]).urls().len(), 1);
    let world = World::new();
    world.connect("one", ProviderKind::OpenAi, "https://one.example/v1", 1);
    remember(&world, &TEXTS);
    world.begin();
    assert_eq!(world.drain([Does::Plans]).urls().len(), 1);
}

#[test]
fn a_search_by_meaning_that_the_budget_does_not_hold_is_not_made() {
    let world = World::new();
    world.connect_with(
        "one",
        ProviderKind::OpenAi,
        "https://one.example/v1",
        1,
        &["m".into(), "text-embedding-x".into()],
    );
    let price = store::price::NewPrice {
        model: "text-embedding-x",
        since: None,
        input_micro_usd: 1_000_000_000_000,
        cached_micro_usd: 0,
        output_micro_usd: 0,
        picture_micro_usd: None,
        source: "a dream",
    };
    let of = (world.workspace_id.as_str(), "one");
    assert!(block_on(store::price::set(&world.db, Some(START_MS), of, &price, "ada")).unwrap());
    remember(&world, &TEXTS);
    world.begin();
    let hosts = world.drain([Does::Plans]);
    assert_eq!(hosts.urls(), ["https://one.example/v1/chat/completions"]);
    assert_eq!(world.texts("select model as it from cost"), ["m"]);
}
