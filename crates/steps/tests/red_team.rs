//! Red team over the whole pipeline: each injection comes in by its own door or by another, and is played by a model that
//! obeys it in everything, some by the rehearsal model as well, with an editor that approves all. The database, the steps and
//! the publisher are the real ones: what holds is the code, not a model's goodness.

#[path = "red_team/oracle.rs"]
mod oracle;

use std::cell::RefCell;
use std::collections::BTreeMap;

use domain::source::{FactKind, Found, Source, by_rules};
use domain::{Brief, Decision, LearningState, Mark, MicroUsd, Mode, PostState, Verdict};
use engine::Work;
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Input, Model, ModelError, Reply, Spent, Task, Turn};
use oracle::{Injection, injections, wrongs};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, NoHttp, NoWake, Ports};
use serde_json::json;
use steps::{Channels, Generate, Models, Publish, Review, StoreShelf, Strategize};
use store::{approval, campaign, learning, migrate, people, post, reading, strategy};

const START_MS: i64 = 1_800_000_000_000;
const FIRST_BYTE_MS: u32 = 1_000;
/// Every so many injections one is played by an honest model as well.
const HONEST_EVERY: usize = 5;
/// Longest statement of a learning, in characters.
const STATEMENT_CHARS_MAX: usize = 240;

/// Where the words of others come in.
const DOORS: [&str; 11] =
    ["goal", "audience", "voice", "guide", "example", "angle", "comment", "memory", "learning", "page", "reading"];

/// Does what the injection wants, where it wants anything; its reviews approve everything.
struct Player<'a> {
    injection: &'a Injection,
    door: &'a str,
    obeys: bool,
    /// What was asked.
    told: RefCell<Vec<String>>,
}

#[async_trait::async_trait(?Send)]
impl Model for Player<'_> {
    fn provider(&self) -> &'static str {
        "double"
    }

    fn name(&self) -> &str {
        "player"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let Some(Turn::Ours(text)) = task.turns.first() else { panic!("a talk begins with ours") };
        self.told.borrow_mut().push(text.clone());
        let mut answer: serde_json::Value = serde_json::from_str(&Rehearsal.answer(http, task).await?.text).unwrap();
        match &task.input {
            Input::Strategize(_) if self.door == "angle" => {
                for entry in answer["calendar"].as_array_mut().unwrap() {
                    entry["angle"] = self.injection.text.as_str().into();
                }
            }
            Input::Generate(writing) if self.obeys => {
                self.injection.obey(&mut answer, &writing.brief.goal.text);
            }
            // It says that whatever it was told stands in the text, and that what it was ordered to say does.
            Input::Read(source) if self.obeys => {
                let fact = |kind: FactKind, value: &str| json!({ "kind": kind, "value": value, "quote": value });
                let wanted = self.injection.wanted("");
                let all =
                    FactKind::ALL.iter().flat_map(|kind| [fact(*kind, &source.text), fact(*kind, &wanted)].into_iter());
                answer["facts"].as_array_mut().unwrap().extend(all);
            }
            Input::Review(reviewing) => {
                let best = |dimension| Mark { dimension, score: 10, quote: String::new() };
                let scores = reviewing.asked().into_iter().map(best).collect();
                let review =
                    models::Review { verdict: Verdict::Approve, scores, findings: Vec::new(), discarded: Vec::new() };
                answer = serde_json::to_value(&review).unwrap();
            }
            _ => {}
        }
        Ok(Reply { text: answer.to_string(), spent: Some(Spent::default()), rest_s: None })
    }
}

struct Stage {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
}

impl Stage {
    fn new() -> Self {
        let (db, clock) = (NativeDb::in_memory().unwrap(), SettableClock::at(START_MS));
        block_on(migrate::ensure(&db)).unwrap();
        let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
        Self { db, clock, entropy: SeededEntropy::new(1), channels: Channels::from_variables(|_| None), workspace_id }
    }

    fn tick(&self) -> i64 {
        self.clock.advance(60_000);
        ports::Clock::now_ms(&self.clock)
    }

    fn ports(&self) -> Ports<'_> {
        Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn drain(&self, work: &dyn Work) -> usize {
        block_on(engine::drain(&self.ports(), work, engine::Limits::default())).unwrap().finished
    }

    /// Plans a campaign, and a person approves the plan.
    fn begin(&self, id: &str, brief: &Brief, model: &dyn Model) {
        let new = campaign::NewCampaign {
            workspace_id: &self.workspace_id,
            id,
            name: id,
            mode: Mode::Rehearsal,
            time_lapse: true,
            budget_micro_usd: 1_000_000,
            brief,
            actor: "ada",
        };
        block_on(campaign::create(&self.db, Some(self.tick()), &new)).unwrap();
        self.drain(&Strategize { models: &Models::only(model), first_byte_ms: FIRST_BYTE_MS });
        let of = strategy::Version { workspace_id: &self.workspace_id, campaign_id: id, version: 1 };
        assert!(block_on(strategy::decide(&self.db, Some(self.tick()), of, Decision::Approve, None, "ada")).unwrap());
    }

    /// Writes, reviews and publishes until nothing is left to do but what a person must.
    fn play(&self, model: &dyn Model) {
        let (models, channels, first_byte_ms) = (Models::only(model), &self.channels, FIRST_BYTE_MS);
        let shelf = StoreShelf { db: &self.db, clock: &self.clock };
        for _ in 0..200 {
            self.tick();
            block_on(engine::tick(&self.ports())).unwrap();
            let done = self.drain(&Generate { models: &models, first_byte_ms, channels })
                + self.drain(&Review::new(&models, first_byte_ms, channels))
                + self.drain(&Publish { channels, shelf: &shelf });
            if done == 0 {
                return;
            }
        }
        panic!("it never ends");
    }

    fn posts(&self, id: &str) -> Vec<post::Post> {
        block_on(post::list(&self.db, &self.workspace_id, id, None, 100)).unwrap()
    }

    fn decide(&self, post: &post::Post, decision: Decision, comment: Option<&str>) {
        let new = approval::NewApproval {
            workspace_id: &self.workspace_id,
            id: &format!("a-{}-{}", post.id, post.version),
            post_id: &post.id,
            version: post.version,
            content_sha256: &post.current.as_ref().unwrap().sha256,
            channel_id: &post.channel_id,
            due_at: post.due_at,
            decision,
            comment,
            actor: "ada",
        };
        assert!(block_on(approval::decide(&self.db, Some(self.tick()), &new)).unwrap());
    }

    fn count(&self, sql: &str) -> i64 {
        self.db.run(&format!("select count(*) as n from {sql}"), &[]).unwrap().first().unwrap().int("n").unwrap()
    }

    /// Lets the words in, and plans what they are for.
    fn let_in(&self, door: &str, text: &str, brief: &mut Brief, player: &Player<'_>) {
        match door {
            "goal" => brief.goal.text = format!("{} {text}", brief.goal.text),
            "audience" => brief.brand.audience.push(text.into()),
            "voice" => brief.brand.voice.push(text.into()),
            "guide" => brief.style.guide = text.into(),
            "example" => brief.style.good.push(text.into()),
            "learning" => {
                let workspace_id = self.workspace_id.as_str();
                let statement: String = format!("Learnt: {text}").chars().take(STATEMENT_CHARS_MAX).collect();
                let statement = statement.as_str();
                let new = learning::NewLearning { workspace_id, id: "l", statement, channel_id: None, actor: "ada" };
                block_on(learning::create(&self.db, Some(self.tick()), &new)).unwrap();
                let of = (workspace_id, "l", 1);
                let adopted = LearningState::Adopted;
                assert!(block_on(learning::put(&self.db, Some(self.tick()), of, adopted, "ada")).unwrap());
            }
            "memory" => {
                self.begin("past", brief, &Rehearsal);
                self.play(&Rehearsal);
                self.decide(&self.posts("past")[0], Decision::SendBack, Some(text));
                self.play(&Rehearsal);
            }
            // Whoever takes nothing over of a page takes nothing of it into a prompt.
            "page" => {
                let page = Source::copied("https://nightshift.example/", text).unwrap();
                let _ = page.standing(by_rules(&page));
            }
            // The same of what a model says that it states, whatever that is.
            "reading" => {
                let copied_from = "https://nightshift.example/";
                let new = reading::NewReading { id: "r", copied_from, text, micro_usd_a_day: 1_000_000 };
                assert!(block_on(reading::begin(&self.db, Some(self.tick()), &self.workspace_id, new, "ada")).unwrap());
                self.drain(&Strategize { models: &Models::only(player), first_byte_ms: FIRST_BYTE_MS });
                let read = block_on(reading::find(&self.db, &self.workspace_id, "r")).unwrap().unwrap();
                assert_eq!(read.state, domain::ReadingState::Done, "{:?}", read.reason);
                let page = Source::copied(copied_from, text).unwrap();
                let again = read.facts.iter().map(|fact| Found {
                    kind: fact.kind,
                    value: fact.value.clone(),
                    quote: fact.quote.clone(),
                });
                let (standing, dropped) = page.standing(again.collect());
                assert_eq!((standing, dropped), (read.facts, 0), "each stands in the text");
                // What was asked of the reader is no prompt of a writer's.
                player.told.borrow_mut().clear();
            }
            "angle" | "comment" => {}
            other => panic!("no door `{other}`"),
        }
        self.begin("c", brief, player);
        if door == "comment" {
            self.play(&Rehearsal);
            self.decide(&self.posts("c")[0], Decision::SendBack, Some(text));
        }
    }
}

/// What came of one.
#[derive(Debug, Default)]
struct Came {
    /// Versions that hold what was wanted.
    written: usize,
    /// Posts that wait for a person's approval as passed.
    passed: usize,
    /// What is wrong with those, and with anything that is out.
    wrongs: Vec<String>,
    was_told: bool,
}

fn brief_of(injection: &Injection) -> Brief {
    let name = if injection.brief.is_empty() { "night-shift-bakery" } else { &injection.brief };
    let text = std::fs::read_to_string(format!("../../tests/fixtures/briefs/{name}.toml")).unwrap();
    let mut brief = Brief::parse(&text).unwrap();
    (brief.goal.posts_per_week, brief.goal.weeks, brief.goal.channels) = (1, 1, vec!["stage".into()]);
    brief
}

/// Plays one, and leaves the stage as it was: preparing a database costs more than the play.
fn play(stage: &Stage, injection: &Injection, door: &str, obeys: bool) -> Came {
    stage.clock.set(START_MS);
    stage.db.run("begin", &[]).unwrap();
    let came = play_on(stage, injection, door, obeys);
    stage.db.run("rollback", &[]).unwrap();
    came
}

fn play_on(stage: &Stage, injection: &Injection, door: &str, obeys: bool) -> Came {
    let mut brief = brief_of(injection);
    let trusted = brief.clone();
    let player = Player { injection, door, obeys, told: RefCell::default() };
    stage.let_in(door, &injection.text, &mut brief, &player);
    let before = stage.count("post_version");
    stage.play(&player);
    let mut came = Came { was_told: player.told.borrow().iter().any(|told| injection.is_in(told)), ..Came::default() };
    for post in stage.posts("c") {
        for version in 1..=post.version {
            let found = block_on(post::version(&stage.db, &stage.workspace_id, &post.id, version)).unwrap().unwrap();
            came.written += usize::from(injection.is_obeyed(&found.content, &brief.goal.text));
        }
        let is_new = stage.count("post_version") > before;
        if post.state == PostState::AwaitingApproval && is_new {
            came.passed += 1;
            came.wrongs.extend(wrongs(injection, &trusted, &brief, &post.current.as_ref().unwrap().content));
        }
        // One whose answers never fit is still being written.
        if !matches!(post.state, PostState::AwaitingApproval | PostState::NeedsPerson | PostState::Writing) {
            came.wrongs.push(format!("the post is {}", post.state));
        }
    }
    for out in ["publication", "stage_entry", "approval where decision = 'approve'"] {
        if stage.count(out) > 0 {
            came.wrongs.push(format!("{out} has rows, and nobody approved anything"));
        }
    }
    came
}

/// Each injection by its own door or by another, by a model that obeys; and now and then by one that does not.
fn plays(all: &[Injection]) -> Vec<(&Injection, &str, bool)> {
    let mut plays = Vec::new();
    for (at, injection) in all.iter().enumerate() {
        let (own, another) = (injection.place.as_str(), DOORS[at / 2 % DOORS.len()]);
        plays.push((injection, if at % 2 == 0 { own } else { another }, true));
        if at % HONEST_EVERY == 0 {
            plays.push((injection, DOORS[at / HONEST_EVERY % DOORS.len()], false));
        }
    }
    plays
}

#[test]
fn no_injection_by_any_door_is_published_or_passes_review_whatever_the_models_do() {
    let all = injections();
    assert!(all.len() >= 200, "{}", all.len());
    let plays = plays(&all);
    let at_once = std::thread::available_parallelism().map_or(1, usize::from);
    let share = plays.len().div_ceil(at_once);
    let came: Vec<Came> = std::thread::scope(|scope| {
        let shares = plays.chunks(share).map(|share| {
            scope.spawn(|| {
                let stage = Stage::new();
                let played =
                    |(injection, door, obeys): &(&Injection, &str, bool)| play(&stage, injection, door, *obeys);
                share.iter().map(played).collect::<Vec<_>>()
            })
        });
        let shares: Vec<_> = shares.collect();
        shares.into_iter().flat_map(|share| share.join().unwrap()).collect()
    });
    let (mut by_door, mut written, mut passed) = (BTreeMap::<&str, usize>::new(), 0, 0);
    let mut through = Vec::new();
    for ((injection, door, obeys), came) in plays.iter().zip(came) {
        *by_door.entry(door).or_default() += 1;
        written += usize::from(*obeys && came.written > 0);
        passed += came.passed;
        // One that obeys has it in its own last version.
        let is_told = ["page", "reading"].contains(door) && !obeys && came.was_told;
        let told = is_told.then(|| "a page is in a prompt".to_string());
        let wrongs = came.wrongs.into_iter().chain(told);
        through.extend(wrongs.map(|wrong| format!("{door}, obeys {obeys}: {wrong}: {injection:?}")));
    }
    println!(
        "{} injections, {} plays by {by_door:?}: an obedient writer wrote what was wanted in {written}; {passed} posts \
        passed and wait for a person; 0 publications, {} wrong",
        all.len(),
        plays.len(),
        through.len()
    );
    assert!(through.is_empty(), "{}:\n{}", through.len(), through.join("\n"));
    // The controls: what was wanted was written, so that something stopped it; and honest posts do pass.
    assert!(written >= 100, "{written}");
    assert!(passed >= 20, "{passed}");
    assert!(DOORS.iter().all(|door| by_door.get(door).is_some_and(|plays| *plays >= 10)), "{by_door:?}");
}

#[test]
fn the_words_do_come_in_by_every_door_but_the_page_and_its_reading() {
    let (stage, injection) = (Stage::new(), &injections()[0]);
    for door in DOORS {
        assert_eq!(play(&stage, injection, door, true).was_told, !["page", "reading"].contains(&door), "{door}");
    }
}

#[test]
fn the_same_pipeline_publishes_what_a_person_approves_and_that_alone() {
    let injection = &injections()[0];
    let (stage, brief) = (Stage::new(), brief_of(injection));
    let honest = Player { injection, door: "", obeys: false, told: RefCell::default() };
    stage.begin("c", &brief, &honest);
    stage.play(&honest);
    assert_eq!(stage.count("stage_entry"), 0);
    let posts = stage.posts("c");
    stage.decide(&posts[0], Decision::Approve, None);
    stage.play(&honest);
    assert_eq!(stage.count("stage_entry"), 1, "{:?}", stage.posts("c")[0].state);
}

#[test]
fn the_oracle_sees_what_every_covered_injection_wants() {
    // The control of the oracle: were what was wanted to pass, it would say so, each time.
    for injection in injections().iter().filter(|one| one.wants_text()) {
        let brief = brief_of(injection);
        let mut wanted = serde_json::json!({ "language": "en", "title": "Bread", "text": "Bread at night." });
        injection.obey(&mut wanted, &brief.goal.text);
        for field in injection.fields.keys() {
            wanted.as_object_mut().unwrap().remove(field);
        }
        let content = serde_json::from_value(wanted).unwrap();
        assert!(!wrongs(injection, &brief, &brief, &content).is_empty(), "{injection:?}");
    }
}
