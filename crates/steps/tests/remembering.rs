//! What people say once is heeded in the next campaign, and what is forgotten is not; by the rehearsal model, over the
//! whole way from a brief to its posts.

use std::cell::RefCell;

use domain::{Brief, Decision, MicroUsd, Mode, PostState, Step};
use engine::Work;
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::remembered::REVIEWERS_MEMORY_TOKENS_MAX;
use models::{Model, ModelError, Reply, Spent, Task, Turn};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Db, DbError, Http, NoHttp, NoWake, Ports, Rows, Value};
use steps::{Channels, Generate, Models, Review, Strategize};
use store::memory::{self, Memory};
use store::{approval, campaign, migrate, people, post, strategy};

const START_MS: i64 = 1_800_000_000_000;
const FIRST_BYTE_MS: u32 = 1_000;
const COMMENT: &str = "Never open with a question, please.";

/// The rehearsal model, and all that it was told.
#[derive(Default)]
struct Listening {
    told: RefCell<Vec<(Step, String)>>,
}

#[async_trait::async_trait(?Send)]
impl Model for Listening {
    fn provider(&self) -> &'static str {
        "rehearsal"
    }

    fn name(&self) -> &str {
        models::rehearsal::NAME
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(10)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let Some(Turn::Ours(text)) = task.turns.first() else { panic!("a talk begins with ours") };
        self.told.borrow_mut().push((task.step, text.clone()));
        let reply = Rehearsal.answer(http, task).await?;
        Ok(Reply { spent: Some(Spent { cost: MicroUsd(10), ..Spent::default() }), ..reply })
    }
}

impl Listening {
    /// The reminders in the prompts of this step, a text for each call.
    fn reminders(&self, step: Step) -> Vec<String> {
        let section = |text: &str| {
            let inside = text.split_once("<memory>\n").and_then(|(_, rest)| rest.split_once("</memory>"));
            inside.map_or(String::new(), |(inside, _)| inside.to_string())
        };
        self.told.borrow().iter().filter(|(one, _)| *one == step).map(|(_, text)| section(text)).collect()
    }
}

struct Stage {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
    model: Listening,
}

impl Stage {
    fn new() -> Self {
        let (db, clock) = (NativeDb::in_memory().unwrap(), SettableClock::at(START_MS));
        block_on(migrate::ensure(&db)).unwrap();
        let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
        let channels = Channels::from_variables(|_| None);
        Self { db, clock, entropy: SeededEntropy::new(1), channels, workspace_id, model: Listening::default() }
    }

    fn drain_over(&self, db: &dyn Db, work: &dyn Work) -> Result<usize, DbError> {
        let ports = Ports { db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        Ok(block_on(engine::drain(&ports, work, engine::Limits::default()))?.finished)
    }

    fn write_over(&self, db: &dyn Db) -> Result<usize, DbError> {
        let models = Models::only(&self.model);
        self.drain_over(db, &Generate { models: &models, first_byte_ms: FIRST_BYTE_MS, channels: &self.channels })
    }

    fn write(&self) -> usize {
        self.write_over(&self.db).unwrap()
    }

    fn review(&self) -> usize {
        let models = Models::only(&self.model);
        let work = Review::new(&models, FIRST_BYTE_MS, &self.channels);
        self.drain_over(&self.db, &work).unwrap()
    }

    /// A campaign of this workspace, planned and approved.
    fn begin(&self, id: &str) {
        self.begin_in(&self.workspace_id, id);
    }

    fn begin_in(&self, workspace_id: &str, id: &str) {
        let brief = std::fs::read_to_string("../../tests/fixtures/briefs/night-shift-bakery.toml").unwrap();
        let new = campaign::NewCampaign {
            workspace_id,
            id,
            name: id,
            mode: Mode::Rehearsal,
            time_lapse: true,
            budget_micro_usd: 1_000_000,
            brief: &Brief::parse(&brief).unwrap(),
            actor: "ada",
        };
        block_on(campaign::create(&self.db, Some(self.tick()), &new)).unwrap();
        let models = Models::only(&self.model);
        self.drain_over(&self.db, &Strategize { models: &models, first_byte_ms: FIRST_BYTE_MS }).unwrap();
        let of = strategy::Version { workspace_id, campaign_id: id, version: 1 };
        assert!(block_on(strategy::decide(&self.db, Some(self.tick()), of, Decision::Approve, None, "ada")).unwrap());
    }

    fn tick(&self) -> i64 {
        self.clock.advance(60_000);
        ports::Clock::now_ms(&self.clock)
    }

    /// Writes and reviews until nothing is left to do.
    fn play(&self) {
        for _ in 0..200 {
            self.tick();
            if self.write() + self.review() == 0 {
                return;
            }
        }
        panic!("it never ends");
    }

    fn posts(&self, id: &str) -> Vec<post::Post> {
        block_on(post::list(&self.db, &self.workspace_id, id, None, 200)).unwrap()
    }

    fn send_back(&self, post: &post::Post, comment: &str) {
        let new = approval::NewApproval {
            workspace_id: &self.workspace_id,
            id: &format!("a-{}", post.id),
            post_id: &post.id,
            version: post.version,
            content_sha256: &post.current.as_ref().unwrap().sha256,
            channel_id: &post.channel_id,
            due_at: post.due_at,
            decision: Decision::SendBack,
            comment: Some(comment),
            actor: "ada",
        };
        assert!(block_on(approval::decide(&self.db, Some(self.tick()), &new)).unwrap());
    }

    /// The first post that waits is sent back with this comment.
    fn send_one_back(&self, id: &str, comment: &str) {
        let posts = self.posts(id);
        self.send_back(posts.iter().find(|post| post.state == PostState::AwaitingApproval).unwrap(), comment);
    }

    fn all(&self) -> Vec<Memory> {
        block_on(memory::list(&self.db, &self.workspace_id, memory::Filter::default(), None, 100)).unwrap()
    }

    /// The first versions of a campaign that ask something.
    fn questions(&self, id: &str) -> Vec<String> {
        let first = |post: &post::Post| {
            let version = block_on(post::version(&self.db, &self.workspace_id, &post.id, 1)).unwrap().unwrap();
            format!("{}\n{}", version.content.title, version.content.text)
        };
        self.posts(id).iter().map(first).filter(|text| text.contains('?')).collect()
    }
}

#[test]
fn a_comment_given_once_is_heeded_in_the_next_campaign_and_one_that_is_forgotten_is_not() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    assert!(stage.questions("one").len() > 1, "there must be something to complain of");
    stage.send_one_back("one", COMMENT);
    stage.play();

    stage.model.told.borrow_mut().clear();
    stage.begin("two");
    stage.play();
    for step in [Step::Strategize, Step::Generate, Step::Review] {
        let reminders = stage.model.reminders(step);
        assert!(!reminders.is_empty() && reminders.iter().all(|text| text.contains(COMMENT)), "{step}: {reminders:?}");
    }
    assert_eq!(stage.questions("two"), Vec::<String>::new());
    let kept = stage.all().into_iter().find(|one| one.text == COMMENT).unwrap();
    assert!(kept.uses > 1, "it is written down what it was used for");
    let post = &stage.posts("two")[0];
    let shown = block_on(memory::of_post(&stage.db, &stage.workspace_id, &post.id, 50)).unwrap();
    for step in [Step::Generate, Step::Review] {
        let is_told = |one: &memory::Shown| one.memory.text == COMMENT && (one.step, one.version) == (step, 1);
        assert!(shown.iter().any(is_told), "{step}");
    }

    let of = (stage.workspace_id.as_str(), kept.id.as_str());
    assert!(block_on(memory::forget(&stage.db, Some(stage.tick()), of, "ben")).unwrap());
    stage.model.told.borrow_mut().clear();
    stage.begin("three");
    stage.play();
    assert!(stage.model.told.borrow().iter().all(|(_, text)| !text.contains(COMMENT)));
    assert!(stage.questions("three").len() > 1);
}

#[test]
fn a_comment_of_another_workspace_is_in_no_prompt() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    stage.send_one_back("one", COMMENT);
    stage.play();
    let sql = "insert into workspace (id, name, slug, created_at) values ('next', 'Next door', 'next', 1)";
    stage.db.run(sql, &[]).unwrap();
    stage.model.told.borrow_mut().clear();
    stage.begin_in("next", "theirs");
    stage.play();
    assert!(stage.model.told.borrow().len() > 3);
    assert!(stage.model.told.borrow().iter().all(|(_, text)| !text.contains(COMMENT)));
}

#[test]
fn the_comment_that_a_post_came_back_with_is_not_told_twice() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    stage.model.told.borrow_mut().clear();
    stage.send_one_back("one", COMMENT);
    stage.write();
    let told = stage.model.told.borrow();
    assert_eq!(told[0].1.matches(COMMENT).count(), 1, "{}", told[0].1);
    assert!(stage.model.reminders(Step::Generate)[0].is_empty());
}

#[test]
fn reviewers_of_a_version_are_reminded_once_of_what_people_decided_and_of_nothing_else() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    stage.send_one_back("one", COMMENT);
    stage.play();
    stage.model.told.borrow_mut().clear();
    stage.begin("two");
    stage.write();
    let db = Counting { db: &stage.db, of_memory: RefCell::default() };
    let models = Models::only(&stage.model);
    let work = Review::new(&models, FIRST_BYTE_MS, &stage.channels);
    stage.tick();
    let reviewed = stage.drain_over(&db, &work).unwrap();
    // One to look, however many reviewers read the version, and one for all of a batch to write it down.
    let asked = db.of_memory.borrow();
    let count = |with: &str| asked.iter().filter(|sql| sql.starts_with(with)).count();
    assert!(reviewed > 1 && count("select") == reviewed, "{asked:#?}");
    assert!((1..reviewed).contains(&count("insert into recall")), "{asked:#?}");
    let published =
        "select count(*) as n from recalled u join job j on j.workspace_id = u.workspace_id and j.id = u.job_id
        join memory m on m.workspace_id = u.workspace_id and m.id = u.memory_id
        where j.step = 'review' and m.kind not in ('sent_back', 'rejected', 'approved')";
    assert_eq!(stage.db.run(published, &[]).unwrap().first().unwrap().int("n").unwrap(), 0);
    let all = stage.model.reminders(Step::Review);
    assert!(all.iter().all(|text| text.contains(COMMENT) && text.len() <= REVIEWERS_MEMORY_TOKENS_MAX), "{all:?}");
}

/// A database that notes what is asked of memory.
struct Counting<'a> {
    db: &'a NativeDb,
    of_memory: RefCell<Vec<String>>,
}

#[async_trait::async_trait(?Send)]
impl Db for Counting<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        if sql.contains("memory") || sql.contains("recall") {
            self.of_memory.borrow_mut().push(sql.into());
        }
        self.db.run(sql, parameters)
    }
}

/// A database that the worker is cut off from just before it records what it made.
struct CutOff<'a>(&'a NativeDb);

#[async_trait::async_trait(?Send)]
impl Db for CutOff<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        if sql.starts_with("insert into outcome") {
            return Err(DbError::Full);
        }
        self.0.run(sql, parameters)
    }
}

#[test]
fn a_job_that_is_repeated_is_reminded_of_the_same_and_asks_nothing_anew() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    stage.send_one_back("one", COMMENT);
    stage.play();
    stage.begin("two");
    stage.model.told.borrow_mut().clear();
    assert_eq!(stage.write_over(&CutOff(&stage.db)), Err(DbError::Full));
    let asked = stage.model.told.borrow().len();
    assert!(asked > 0);
    // Meanwhile somebody says something else, which the campaign after this one will hear.
    let posts = stage.posts("one");
    stage.send_back(posts.iter().rfind(|post| post.state == PostState::AwaitingApproval).unwrap(), "Much drier.");
    stage.clock.advance(3_600_000);
    let now_ms = ports::Clock::now_ms(&stage.clock);
    assert!(block_on(store::sweep::sweep(&stage.db, Some(now_ms))).unwrap().leased > 0);
    stage.play();
    let of_two = |text: &&String| !text.contains("<previous_version>");
    let told = stage.model.told.borrow();
    let written = told.iter().filter(|(step, _)| *step == Step::Generate);
    let texts: Vec<&String> = written.map(|(_, text)| text).filter(of_two).collect();
    let distinct: std::collections::BTreeSet<&&String> = texts.iter().collect();
    assert_eq!(distinct.len(), texts.len(), "nobody is asked the same twice");
    assert_eq!(texts.len(), stage.posts("two").len(), "and each post's first version is asked for once");
}

#[test]
fn what_is_forgotten_between_two_attempts_is_in_no_prompt() {
    let stage = Stage::new();
    stage.begin("one");
    stage.play();
    stage.send_one_back("one", COMMENT);
    stage.play();
    stage.begin("two");
    stage.model.told.borrow_mut().clear();
    assert_eq!(stage.write_over(&CutOff(&stage.db)), Err(DbError::Full));
    let kept = stage.all().into_iter().find(|one| one.text == COMMENT).unwrap();
    let of = (stage.workspace_id.as_str(), kept.id.as_str());
    assert!(block_on(memory::forget(&stage.db, Some(stage.tick()), of, "ben")).unwrap());
    stage.model.told.borrow_mut().clear();
    stage.clock.advance(3_600_000);
    block_on(store::sweep::sweep(&stage.db, Some(ports::Clock::now_ms(&stage.clock)))).unwrap();
    stage.play();
    assert!(!stage.model.told.borrow().is_empty());
    assert!(stage.model.told.borrow().iter().all(|(_, text)| !text.contains(COMMENT)));
}
