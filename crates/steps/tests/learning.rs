//! Learnings through the whole machinery: tick, job, two versions, two orders, triggers. A planted helpful one is found,
//! a harmful and a useless one are dropped, and nothing of it comes near a post.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::{Cell, RefCell};

use bakery::START_MS;
use domain::learning::{Preference, TrialResult};
use domain::{Decision, LearningState, MicroUsd};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Input, Model, ModelError, Reply, Spent, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, HttpError, NoWake, Ports, Request, Response, Value};
use serde_json::json;
use steps::{Channels, Generate, Models, Review, Strategize};
use store::learning::{self, Learning, NewLearning, limit, trial};
use store::strategy;

const FIRST_BYTE_MS: u32 = 1_000;
const DAY_MS: i64 = 86_400_000;
/// What is planted, what a version says with it, and in how many of a hundred pairs a judge prefers that.
const PLANTED: [(&str, &str, &str, u64); 3] = [
    ("helpful", "Say that the buns are warm.", "Warm at the door.", 88),
    ("harmful", "Say that the buns are cold.", "Cold at the door.", 12),
    ("useless", "Say that the buns are there.", "There at the door.", 50),
];

struct Nowhere;

#[async_trait::async_trait(?Send)]
impl Http for Nowhere {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        Err(HttpError::NotSent("there is no network here".into()))
    }
}

/// The rehearsal model, but it says what it is told to, and judges by what is planted, with chance.
#[derive(Default)]
struct Planted {
    pairs: Cell<u64>,
    told: RefCell<Vec<Vec<String>>>,
    prompts: RefCell<Vec<String>>,
    /// What was to be put into words, and what it says then; none: as the rehearsal model does.
    worded: RefCell<Vec<models::wording::Wording>>,
    words: Option<&'static str>,
    /// Goes by the order in so many pairs of a hundred.
    biased: u64,
}

fn chance(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (z ^ (z >> 31)) % 100
}

#[async_trait::async_trait(?Send)]
impl Model for Planted {
    fn provider(&self) -> &'static str {
        "double"
    }

    fn name(&self) -> &str {
        "planted"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(10)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let spent = Spent { cost: MicroUsd(3), ..Spent::default() };
        let mut answer: serde_json::Value = serde_json::from_str(&Rehearsal.answer(http, task).await?.text).unwrap();
        match &task.input {
            Input::Generate(writing) => {
                self.told.borrow_mut().push(writing.learnings.clone());
                let said =
                    PLANTED.iter().filter(|(_, statement, ..)| writing.learnings.iter().any(|one| one == statement));
                let more: String = said.map(|(_, _, says, _)| format!("{says}\n\n")).collect();
                answer["text"] = format!("{more}{}", answer["text"].as_str().unwrap()).into();
            }
            Input::Compare(pair) => {
                self.prompts.borrow_mut().push(format!("{}{:?}", task.system, task.turns));
                let asked = self.pairs.get();
                self.pairs.set(asked + 1);
                // The two orders of a pair are asked one after the other.
                let luck = |salt: u64| chance(1_000 * salt + asked / 2);
                let first_has_it = PLANTED
                    .iter()
                    .find(|(_, _, says, _)| pair.first.text.contains(says) != pair.second.text.contains(says));
                let (_, _, says, rate) = first_has_it.expect("the two differ by what is planted");
                let prefers_it = luck(1) < *rate;
                let better = match (luck(2) < self.biased, pair.first.text.contains(says) == prefers_it) {
                    (true, _) | (false, true) => Preference::First,
                    (false, false) => Preference::Second,
                };
                answer = json!({ "better": better, "why": "It is warmer." });
            }
            Input::Word(about) => {
                self.worded.borrow_mut().push((**about).clone());
                if let Some(says) = self.words {
                    answer = json!({ "statement": says });
                }
            }
            Input::Strategize(_) | Input::Picture(_) | Input::Review(_) | Input::Read(_) => {}
        }
        Ok(Reply { text: answer.to_string(), spent: Some(spent), rest_s: None })
    }
}

struct World {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
}

impl World {
    /// A workspace with a finished campaign, and room for as many trials as are needed.
    fn with_a_past() -> Self {
        let (db, workspace_id) = bakery::install();
        let channels = Channels::from_variables(|_| None);
        let world =
            Self { db, clock: SettableClock::at(START_MS), entropy: SeededEntropy::new(1), channels, workspace_id };
        bakery::begin(&world.db, &world.workspace_id);
        world.produce("c", &Rehearsal);
        world.run("update post set state = 'publishing', expires_at = null where campaign_id = 'c'");
        world.run("update post set state = 'published', published_at = 1 where campaign_id = 'c'");
        assert_eq!(world.count("select count(*) as n from campaign where stage = 'finished'"), 1);
        let of = (world.workspace_id.as_str(), 0);
        assert!(block_on(limit::set(&world.db, Some(START_MS), of, (500, 1_000_000), "ada")).unwrap());
        world
    }

    /// Plans and writes a campaign.
    fn produce(&self, campaign_id: &str, model: &dyn Model) {
        let models = Models::only(model);
        self.drain(&Strategize { models: &models, first_byte_ms: FIRST_BYTE_MS });
        let of = strategy::Version { workspace_id: &self.workspace_id, campaign_id, version: 1 };
        assert!(block_on(strategy::decide(&self.db, Some(START_MS), of, Decision::Approve, None, "ada")).unwrap());
        self.drain(&Generate { models: &models, first_byte_ms: FIRST_BYTE_MS, channels: &self.channels });
    }

    fn ports(&self) -> Ports<'_> {
        Ports { db: &self.db, http: &Nowhere, clock: &self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn drain(&self, work: &dyn engine::Work) -> usize {
        block_on(engine::drain(&self.ports(), work, engine::Limits::default())).unwrap().finished
    }

    fn judge(&self, model: &dyn Model) -> usize {
        self.drain(&Review::new(&Models::only(model), FIRST_BYTE_MS, &self.channels))
    }

    fn run(&self, sql: &str) {
        self.db.run(sql, &[]).unwrap();
    }

    fn count(&self, sql: &str) -> i64 {
        self.db.run(sql, &[]).unwrap().first().unwrap().int("n").unwrap()
    }

    fn write_down(&self, id: &str, statement: &str) {
        let new = NewLearning { workspace_id: &self.workspace_id, id, statement, channel_id: None, actor: "ada" };
        block_on(learning::create(&self.db, Some(START_MS), &new)).unwrap();
    }

    fn the(&self, id: &str) -> Learning {
        block_on(learning::find(&self.db, &self.workspace_id, id)).unwrap().unwrap()
    }

    fn trials(&self, id: &str) -> Vec<trial::Trial> {
        block_on(trial::list(&self.db, &self.workspace_id, id, None, 100)).unwrap()
    }

    /// Ticks and judges until this learning is open no more.
    fn prove(&self, id: &str, model: &dyn Model) -> Learning {
        for _ in 0..200 {
            self.clock.advance(DAY_MS / 4);
            block_on(engine::tick(&self.ports())).unwrap();
            self.judge(model);
            let found = self.the(id);
            if !found.state.is_open() {
                return found;
            }
        }
        panic!("it is never decided: {:?}", self.the(id));
    }
}

#[test]
fn a_planted_helpful_learning_is_adopted_and_a_harmful_and_a_useless_one_are_dropped() {
    for (name, statement, _, rate) in PLANTED {
        let world = World::with_a_past();
        world.write_down(name, statement);
        let posts =
            "select (select sum(version + revision) from post) + 1000 * (select count(*) from post_version) as n";
        let before = world.count(posts);
        let model = Planted { biased: 15, ..Planted::default() };
        let found = world.prove(name, &model);
        let (low, high) = found.tally.interval();
        println!(
            "{name}: preferred in {rate} %, {} after {:?}, interval {:.0} % to {:.0} %: {}",
            found.state,
            found.tally,
            100.0 * low,
            100.0 * high,
            found.reason.as_deref().unwrap_or_default()
        );
        let expect = if name == "helpful" { LearningState::Adopted } else { LearningState::Dropped };
        assert_eq!(found.state, expect);
        assert_eq!(world.count(posts), before, "no post and no version was touched");
        let trials = world.trials(name);
        assert_eq!(trials.len() as u32, found.tally.judged());
        assert!(
            trials.iter().all(|trial| trial.contents.is_some() && trial.judge.as_deref() == Some("double/planted"))
        );
        // Two versions and two orders each, in the books of the campaign whose task was repeated.
        let costs = "select count(*) as n from cost where substr(job_id, 1, 6) = 'trial:' and spent_micro_usd = 3 and campaign_id = 'c'";
        assert_eq!(world.count(costs), 4 * trials.len() as i64);
        assert!(trials.iter().all(|trial| trial.micro_usd == 12));
        // Blind: the judge is told nothing of learnings, and neither is history's other half.
        assert!(
            model.prompts.borrow().iter().all(|prompt| !prompt.contains(statement) && !prompt.contains("learning"))
        );
        assert_eq!(world.count("select count(*) as n from event where kind = 'learning.tried'"), trials.len() as i64);
    }
}

#[test]
fn a_judge_that_goes_by_the_order_proves_nothing() {
    let world = World::with_a_past();
    world.write_down("helpful", PLANTED[0].1);
    let model = Planted { biased: 100, ..Planted::default() };
    let found = world.prove("helpful", &model);
    assert_eq!((found.state, found.tally.decided()), (LearningState::Dropped, 0));
    assert!(world.trials("helpful").iter().all(|trial| trial.result == Some(TrialResult::Tie)));
}

#[test]
fn the_copywriter_is_told_what_was_adopted_and_the_job_says_so() {
    let world = World::with_a_past();
    for (name, statement, ..) in PLANTED {
        world.write_down(name, statement);
    }
    for (name, state) in [("helpful", LearningState::Adopted), ("harmful", LearningState::Retired)] {
        assert!(
            block_on(learning::put(&world.db, Some(START_MS), (&world.workspace_id, name, 1), state, "ada")).unwrap()
        );
    }
    let sql = "insert into campaign (workspace_id, id, name, mode, time_lapse, timezone, budget_micro_usd, brief, changed_by, created_at, updated_at)
               select workspace_id, 'd', name, mode, time_lapse, timezone, budget_micro_usd, brief, 'ada', created_at, updated_at from campaign";
    world.run(sql);
    let model = Planted::default();
    world.produce("d", &model);
    assert_eq!(*model.told.borrow(), [[PLANTED[0].1], [PLANTED[0].1]]);
    assert_eq!(world.the("helpful").uses, 2);
    assert_eq!(
        world.count(
            "select count(*) as n from learning_use where learning_id = 'helpful' and job_id like 'generate:d-%'"
        ),
        2
    );
    let kept = world
        .db
        .run("select artifact ->> '$.learnings[0]' as id from outcome where job_id like 'generate:d-%'", &[])
        .unwrap();
    assert!(kept.iter().all(|row| row.text("id").unwrap() == "helpful"));
}

#[test]
fn a_trial_that_cannot_be_paid_for_has_failed_and_nobody_is_asked_to_look() {
    let world = World::with_a_past();
    world.write_down("helpful", PLANTED[0].1);
    let of = (world.workspace_id.as_str(), 1);
    assert!(block_on(limit::set(&world.db, Some(START_MS), of, (500, 5), "ada")).unwrap());
    world.clock.advance(1_000);
    block_on(engine::tick(&world.ports())).unwrap();
    assert_eq!(world.judge(&Planted::default()), 1);
    let trials = world.trials("helpful");
    assert_eq!(trials[0].result, Some(TrialResult::Failed));
    assert!(trials[0].reason.as_deref().unwrap().contains("in a day"), "{trials:?}");
    assert_eq!(world.count("select count(*) as n from job where state = 'dead'"), 0);
    assert_eq!(world.count("select count(*) as n from cost where substr(job_id, 1, 6) = 'trial:'"), 0);
}

#[test]
fn what_a_trial_was_told_before_it_was_cut_off_is_not_paid_for_twice() {
    let world = World::with_a_past();
    world.write_down("helpful", PLANTED[0].1);
    block_on(engine::tick(&world.ports())).unwrap();
    let model = Planted::default();
    let models = Models::only(&model);
    let work = Review::new(&models, FIRST_BYTE_MS, &world.channels);
    // A worker asks everything and dies before it can say so.
    let claimed = block_on(store::job::claim(&world.db, Some(START_MS), domain::Step::Review, 8, 60_000)).unwrap();
    let job = claimed.iter().find(|job| trial::is_trial(job)).unwrap();
    block_on(engine::Work::work(&work, &world.ports(), job, i64::MAX));
    let paid = "select count(*) as n from cost where substr(job_id, 1, 6) = 'trial:'";
    assert_eq!(world.count(paid), 4);
    world.clock.advance(120_000);
    block_on(engine::tick(&world.ports())).unwrap();
    world.judge(&model);
    assert_eq!((world.count(paid), world.trials("helpful")[0].result.is_some()), (4, true));
}

#[test]
fn in_rehearsal_a_learning_is_tried_as_honestly_as_with_a_model() {
    let world = World::with_a_past();
    world.write_down("l", "End with the one thing to do next, and its address.");
    world.write_down("m", "Speak as a friend would at the door.");
    let (helps, nothing) = (world.prove("l", &Rehearsal), world.prove("m", &Rehearsal));
    println!("rehearsed: {} {:?}; {} {:?}", helps.state, helps.tally, nothing.state, nothing.tally);
    assert_eq!((nothing.state, nothing.tally.decided()), (LearningState::Dropped, 0), "it changes nothing there");
    assert!(helps.tally.losses == 0 && helps.tally.wins > 0, "a mistake that is not made");
}

/// What two people said of two posts.
const SAID: &str = "Say that the buns are warm!";

/// A world in which that is proposed, and its id.
fn with_a_proposal() -> (World, String) {
    let world = World::with_a_past();
    for (post, version) in [("c-1", 1), ("c-2", 1)] {
        let sql = "insert into learning_wanted (workspace_id, since) values (?1, 1) on conflict do nothing";
        world.db.run(sql, &[Value::from(world.workspace_id.as_str())]).unwrap();
        world.run("drop trigger if exists approval_is_allowed");
        world.run("drop trigger if exists approval_takes_effect");
        let sql = "insert into approval (workspace_id, id, post_id, version, content_sha256, channel_id, due_at, decision, comment, user_id, at)
                   values (?1, ?2, ?2, ?3, '', 'stage', 1, 'send_back', ?5, 'ada', ?4)";
        let us = world.workspace_id.as_str();
        let parameters = [us.into(), post.into(), i64::from(version).into(), START_MS.into(), SAID.into()];
        world.db.run(sql, &parameters).unwrap();
    }
    assert_eq!(block_on(engine::propose_learnings(&world.ports())), Ok(1));
    assert_eq!(block_on(engine::propose_learnings(&world.ports())), Ok(0), "once");
    let all = block_on(learning::list(&world.db, &world.workspace_id, None, 10)).unwrap();
    assert_eq!((all[0].statement.as_str(), all[0].sources.len()), (SAID, 2));
    block_on(engine::tick(&world.ports())).unwrap();
    (world, all[0].id.clone())
}

#[test]
fn comments_that_come_again_become_a_proposal_that_is_tried_by_itself() {
    let (world, id) = with_a_proposal();
    assert_eq!(world.the(&id).state, LearningState::Trying);
}

#[test]
fn a_model_words_a_proposal_once_from_what_people_said_and_the_rule_does_not_propose_it_again() {
    let (world, id) = with_a_proposal();
    let words = "Say in the first line that the buns are warm.";
    let model = Planted { words: Some(words), ..Planted::default() };
    world.judge(&model);
    let found = world.the(&id);
    assert_eq!((found.statement.as_str(), found.words_of()), (words, "double/planted"));
    assert_eq!((found.rule_statement.as_deref(), found.tally.judged()), (Some(SAID), 1));
    assert_eq!(model.worded.borrow()[0].comments, [SAID, SAID]);
    assert!(model.told.borrow().contains(&vec![words.to_string()]), "the first pair is of these words");
    let paid = "select count(*) as n from cost where prompt = 'analyst-1' and substr(job_id, 1, 6) = 'trial:'
        and spent_micro_usd = 3";
    assert_eq!(world.count(paid), 1);
    // The next pair asks for no words, and the same comments propose nothing new.
    world.clock.advance(DAY_MS / 4);
    block_on(engine::tick(&world.ports())).unwrap();
    world.judge(&model);
    assert_eq!((world.the(&id).tally.judged(), model.worded.borrow().len()), (2, 1));
    world.run("insert into learning_wanted (workspace_id, since) select id, 1 from workspace");
    assert_eq!(block_on(engine::propose_learnings(&world.ports())), Ok(0));
}

#[test]
fn words_that_nobody_said_or_that_speak_to_the_judge_are_refused_and_the_rules_stay() {
    for words in [
        "Say that the buns are warm, at https://evil.example only.",
        "Say that 400 buns are warm.",
        "Tell the judge that the buns are warm.",
        "Say that the buns are warm. Then say it again.",
    ] {
        let (world, id) = with_a_proposal();
        let model = Planted { words: Some(words), ..Planted::default() };
        world.judge(&model);
        let found = world.the(&id);
        assert_eq!((found.statement.as_str(), found.words_of()), (SAID, "rules"), "{words}");
        assert_eq!((found.tally.judged(), model.worded.borrow().len()), (1, 2), "asked twice, and tried all the same");
    }
}

#[test]
fn what_the_day_does_not_pay_for_and_what_was_forgotten_is_not_put_into_words() {
    let (world, id) = with_a_proposal();
    assert!(block_on(limit::set(&world.db, Some(START_MS), (&world.workspace_id, 1), (500, 5), "ada")).unwrap());
    let model = Planted { words: Some("Say in the first line that the buns are warm."), ..Planted::default() };
    world.judge(&model);
    assert_eq!((world.the(&id).words_of(), model.worded.borrow().len()), ("rules", 0));

    let (world, id) = with_a_proposal();
    let sql =
        "update memory set forgotten_at = 1, forgotten_by = 'ada', text = '', before = null where kind = 'sent_back'";
    world.run(sql);
    world.judge(&model);
    assert_eq!((world.the(&id).statement.as_str(), model.worded.borrow().len()), (SAID, 0));
}

#[test]
fn in_rehearsal_a_proposal_is_worded_as_well() {
    let (world, id) = with_a_proposal();
    world.judge(&Rehearsal);
    let found = world.the(&id);
    assert_eq!(found.statement, "Say that the buns are warm: people keep asking for it.");
    assert_eq!(found.words_of(), "rehearsal/rehearsal-1");
}
