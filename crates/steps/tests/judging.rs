//! Nobody judges their own words while there is another: trials of learnings, and reviews.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::RefCell;

use bakery::START_MS;
use domain::{AgentRole, Decision, ProviderKind};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, HttpError, NoWake, Ports, Request, Response};
use serde_json::{Value, json};
use steps::{Channels, Generate, Models, Review, Strategize};
use store::envelope::Envelopes;
use store::learning::{self, NewLearning, limit, trial};
use store::provider::{self, NewProvider};
use store::{agent, review, strategy};

const SEAL_KEY: &str = "1111111111111111111111111111111111111111111111111111111111111111";
const FIRST_BYTE_MS: u32 = 1_000;
const STATEMENT: &str = "Say that the buns are warm.";

/// Hosts that write, judge and review, and remember who was asked for what.
#[derive(Default)]
struct Hosts(RefCell<Vec<(String, String)>>);

impl Hosts {
    fn asked_for(&self, what: &str) -> Vec<String> {
        self.0.borrow().iter().filter(|(schema, _)| schema == what).map(|(_, host)| host.clone()).collect()
    }
}

#[async_trait::async_trait(?Send)]
impl Http for Hosts {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let sent: Value = serde_json::from_slice(&request.body).unwrap();
        let schema = sent["response_format"]["json_schema"]["name"].as_str().unwrap().to_string();
        let (_, rest) = request.url.split_once("://").unwrap();
        self.0.borrow_mut().push((schema.clone(), rest.split('.').next().unwrap().into()));
        let told = sent["messages"][1]["content"].as_str().unwrap().contains(STATEMENT);
        let answer = match schema.as_str() {
            "post" => json!({ "language": "en", "title": "Buns", "text": if told { "Warm buns." } else { "Buns." } }),
            "preferred" => json!({ "better": "first", "why": "It is warmer." }),
            // Nobody reviews today: what counts here is who is asked first.
            _ => return Ok(Response { status: 503, headers: Vec::new(), body: b"{}".to_vec() }),
        };
        let choice = json!({ "finish_reason": "stop", "message": { "content": answer.to_string() } });
        let body = json!({ "choices": [choice], "usage": { "prompt_tokens": 1000, "completion_tokens": 100 } });
        Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}

struct World {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
    models: Models<'static>,
}

impl World {
    /// A campaign whose posts wait for review, written by this model.
    fn written_by(writer: &str) -> Self {
        let (db, workspace_id) = bakery::install();
        let models = Models::from_variables(
            |name| match name {
                "seal_key" => Some(SEAL_KEY.into()),
                "model_hosts" => Some("https://one.example".into()),
                "model_hosts_second" => Some("https://two.example".into()),
                _ => None,
            },
            FIRST_BYTE_MS,
            ports::NoLlm,
        );
        let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
        let world = Self { db, clock, entropy, channels: Channels::from_variables(|_| None), workspace_id, models };
        bakery::begin(&world.db, &world.workspace_id);
        let rehearsal = Models::only(&Rehearsal);
        let nobody = Hosts::default();
        world.drain(&nobody, &Strategize { models: &rehearsal, first_byte_ms: FIRST_BYTE_MS });
        let of = strategy::Version { workspace_id: &world.workspace_id, campaign_id: "c", version: 1 };
        assert!(block_on(strategy::decide(&world.db, Some(START_MS), of, Decision::Approve, None, "ada")).unwrap());
        world.drain(&nobody, &Generate { models: &rehearsal, first_byte_ms: FIRST_BYTE_MS, channels: &world.channels });
        world.run("drop trigger version_is_never_changed");
        world.run(&format!("update post_version set model = '{writer}'"));
        world
    }

    /// The same, but the campaign is over, and a learning is to be tried on it.
    fn with_a_learning() -> Self {
        let world = Self::written_by("openai/m");
        world.run("update post set state = 'publishing', expires_at = null");
        world.run("update post set state = 'published', published_at = 1");
        let of = (world.workspace_id.as_str(), 0);
        assert!(block_on(limit::set(&world.db, Some(START_MS), of, (500, 1_000_000), "ada")).unwrap());
        let of = world.workspace_id.as_str();
        let new = NewLearning { workspace_id: of, id: "l", statement: STATEMENT, channel_id: None, actor: "ada" };
        block_on(learning::create(&world.db, Some(START_MS), &new)).unwrap();
        block_on(engine::tick(&world.ports(&Hosts::default()))).unwrap();
        world
    }

    fn connect(&self, id: &str, turn: u32, models: &[&str]) {
        let envelopes = Envelopes::with(SEAL_KEY).unwrap();
        let sealed_key = provider::seal(&envelopes, &self.entropy, (&self.workspace_id, id), "sk-a-key").unwrap();
        let (base_url, models) =
            (format!("https://{id}.example/v1"), models.iter().map(|&m| m.into()).collect::<Vec<_>>());
        let kind = ProviderKind::OpenAi;
        let new = NewProvider {
            id,
            name: id,
            kind,
            base_url: &base_url,
            models: &models,
            image_model: None,
            sealed_key: Some(sealed_key),
            turn,
            at_once_max: 8,
        };
        assert!(block_on(provider::create(&self.db, Some(START_MS), &self.workspace_id, new, "ada")).unwrap());
    }

    /// People have the editor ask this one.
    fn choose(&self, provider_id: &str, model: &str) {
        let model = Some(Some((provider_id.to_string(), model.to_string())));
        let change = agent::Change { model, ..Default::default() };
        let of = (self.workspace_id.as_str(), AgentRole::Editor, 1);
        assert!(block_on(agent::change(&self.db, Some(START_MS), of, &change, "ada")).unwrap());
    }

    fn ports<'a>(&'a self, http: &'a Hosts) -> Ports<'a> {
        Ports { db: &self.db, http, clock: &self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn drain(&self, http: &Hosts, work: &dyn engine::Work) {
        block_on(engine::drain(&self.ports(http), work, engine::Limits::default())).unwrap();
    }

    fn judge(&self) -> Hosts {
        let hosts = Hosts::default();
        self.drain(&hosts, &Review::new(&self.models, FIRST_BYTE_MS, &self.channels));
        hosts
    }

    fn run(&self, sql: &str) {
        self.db.run(sql, &[]).unwrap();
    }

    /// Who wrote and who judged the pair.
    fn pair(&self) -> (String, String) {
        let trials = block_on(trial::list(&self.db, &self.workspace_id, "l", None, 10)).unwrap();
        (trials[0].writer.clone().unwrap(), trials[0].judge.clone().unwrap())
    }
}

#[test]
fn a_pair_is_judged_by_another_provider_than_wrote_it_where_there_are_two() {
    let world = World::with_a_learning();
    world.connect("one", 1, &["m"]);
    world.connect("two", 2, &["n"]);
    let hosts = world.judge();
    assert_eq!(
        (hosts.asked_for("post"), hosts.asked_for("preferred")),
        (vec!["one".to_string(); 2], vec!["two".into(); 2])
    );
    assert_eq!(world.pair(), ("openai/m".into(), "openai/n".into()));
}

#[test]
fn a_pair_is_judged_by_another_even_if_people_chose_the_writer_to_review_with() {
    let world = World::with_a_learning();
    world.connect("one", 1, &["m"]);
    world.connect("two", 2, &["n"]);
    world.choose("one", "m");
    assert_eq!(world.judge().asked_for("preferred"), ["two", "two"]);
}

#[test]
fn a_pair_is_judged_by_another_model_of_the_only_provider_where_the_editor_has_one() {
    let world = World::with_a_learning();
    world.connect("one", 1, &["m", "n"]);
    world.choose("one", "n");
    world.judge();
    assert_eq!(world.pair(), ("openai/m".into(), "openai/n".into()));
}

#[test]
fn the_only_model_judges_what_it_wrote_and_the_pair_says_so() {
    let world = World::with_a_learning();
    world.connect("one", 1, &["m"]);
    world.judge();
    assert_eq!(world.pair(), ("openai/m".into(), "openai/m".into()));
}

#[test]
fn a_version_is_reviewed_by_another_than_wrote_it_unless_people_chose_that_one() {
    let first = |world: &World| {
        world.connect("one", 1, &["m"]);
        world.connect("two", 2, &["n"]);
        world.judge().asked_for("review")[0].clone()
    };
    assert_eq!(first(&World::written_by("openai/m")), "two");
    // The controls: whoever has the first turn, where somebody else wrote; and a choice is a choice.
    assert_eq!(first(&World::written_by("openai/n")), "one");
    assert_eq!(first(&World::written_by("somebody/else")), "one");
    let chosen = World::written_by("openai/m");
    chosen.connect("one", 1, &["m"]);
    chosen.connect("two", 2, &["n"]);
    chosen.choose("one", "m");
    assert_eq!(chosen.judge().asked_for("review")[0], "one");
}

#[test]
fn a_review_by_whoever_wrote_says_so() {
    let world = World::written_by("rehearsal/rehearsal-1");
    let judge = Models::only(&Rehearsal);
    world.drain(&Hosts::default(), &Review::new(&judge, FIRST_BYTE_MS, &world.channels));
    let by_the_writer = |of: &str| {
        let all = block_on(review::list(&world.db, &world.workspace_id, of, None, 50)).unwrap();
        all.iter().filter(|one| one.by_the_writer).map(|one| one.reviewer.clone()).collect::<Vec<_>>()
    };
    let found = by_the_writer("c-1");
    assert!(found.contains(&"editor".to_string()) && !found.contains(&"structure".to_string()), "{found:?}");
    world.run("update post_version set model = 'openai/m'");
    assert!(by_the_writer("c-1").is_empty());
}
