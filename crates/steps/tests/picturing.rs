//! Pictures beside texts: who is asked for one and who is not, what it costs, and that a text is never lost with one.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::{Cell, RefCell};

use bakery::START_MS;
use domain::{AgentRole, Decision, Image, MicroUsd, PostState};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Input, Model, ModelError, Picturing, Reply, Spent, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, NoHttp, NoWake, Ports};
use steps::{Channels, Generate, Models, Review, Strategize};
use store::{agent, approval, post, strategy};

const COST: MicroUsd = MicroUsd(60);

type Designer = Box<dyn Fn(&Picturing) -> Result<Image, ModelError>>;

/// The rehearsal model with a price; its pictures are somebody else's.
struct Studio {
    designs: Designer,
    texts: Cell<u32>,
    pictures: RefCell<Vec<Picturing>>,
    /// What a call may cost at most.
    cost_max: Cell<i64>,
}

#[async_trait::async_trait(?Send)]
impl Model for Studio {
    fn provider(&self) -> &'static str {
        "priced"
    }

    fn name(&self) -> &str {
        "studio"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, task: &Task) -> MicroUsd {
        MicroUsd(if matches!(task.input, Input::Picture(_)) { self.cost_max.get() } else { 100 })
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let text = match &task.input {
            Input::Picture(picturing) => {
                self.pictures.borrow_mut().push((**picturing).clone());
                serde_json::to_string(&(self.designs)(picturing)?).unwrap()
            }
            other => {
                self.texts.set(self.texts.get() + u32::from(matches!(other, Input::Generate(_))));
                Rehearsal.answer(http, task).await?.text
            }
        };
        Ok(Reply::new(text, Some(Spent { cost: COST, ..Spent::default() })))
    }
}

fn image(alt: &str) -> Image {
    Image { prompt: "Buns on a tray.".into(), alt: alt.into(), drawn: None }
}

fn good() -> Designer {
    Box::new(|_| Ok(image("A tray of buns.")))
}

struct World {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
    studio: Studio,
}

impl World {
    /// Two posts wait to be written, for a designer who works for these channels.
    fn new(designs: Designer, channels: &[&str]) -> Self {
        let (db, workspace_id) = bakery::install();
        bakery::begin(&db, &workspace_id);
        let studio = Studio { designs, texts: Cell::new(0), pictures: RefCell::default(), cost_max: Cell::new(100) };
        let clock = SettableClock::at(START_MS);
        let world = Self {
            db,
            clock,
            entropy: SeededEntropy::new(1),
            channels: Channels::from_variables(|_| None),
            workspace_id,
            studio,
        };
        let names = channels.iter().map(ToString::to_string).collect();
        let change = agent::Change {
            channels: Some(names),
            instructions: Some("No people in it.".into()),
            ..agent::Change::default()
        };
        let of = (world.workspace_id.as_str(), AgentRole::Visual, 1);
        assert!(block_on(agent::change(&world.db, Some(START_MS), of, &change, "ada")).unwrap());
        world.drain(&Strategize { models: &Models::only(&Rehearsal), first_byte_ms: 1_000 });
        let of = strategy::Version { workspace_id: &world.workspace_id, campaign_id: "c", version: 1 };
        assert!(block_on(strategy::decide(&world.db, Some(START_MS), of, Decision::Approve, None, "ada")).unwrap());
        world
    }

    fn drain(&self, work: &dyn engine::Work) -> usize {
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        block_on(engine::drain(&ports, work, engine::Limits::default())).unwrap().finished as usize
    }

    fn write(&self) -> usize {
        let models = Models::only(&self.studio);
        self.drain(&Generate { models: &models, first_byte_ms: 1_000, channels: &self.channels })
    }

    fn judge(&self) -> usize {
        self.drain(&Review::new(&Models::only(&Rehearsal), 1_000, &self.channels))
    }

    /// Writes and judges until nothing is left to do.
    fn play(&self) {
        for _ in 0..50 {
            self.clock.advance(60_000);
            if self.write() + self.judge() == 0 {
                return;
            }
        }
        panic!("it never ends");
    }

    fn post(&self, id: &str) -> post::Post {
        block_on(post::find(&self.db, &self.workspace_id, id)).unwrap().unwrap()
    }

    fn picture(&self, id: &str) -> (Option<Image>, Option<String>) {
        let current = self.post(id).current.unwrap();
        (current.content.image, current.no_picture)
    }

    /// What was paid for pictures: how often, and how much.
    fn paid(&self) -> (i64, i64) {
        let sql =
            "select count(*) as n, coalesce(sum(spent_micro_usd), 0) as spent from cost where prompt = 'visual-1'";
        let rows = self.db.run(sql, &[]).unwrap();
        let row = rows.first().unwrap();
        (row.int("n").unwrap(), row.int("spent").unwrap())
    }

    fn send_back(&self, id: &str, comment: &str) {
        let seen = self.post(id);
        let new = approval::NewApproval {
            workspace_id: &self.workspace_id,
            id: comment,
            post_id: id,
            version: seen.version,
            content_sha256: &seen.current.as_ref().unwrap().sha256,
            channel_id: &seen.channel_id,
            due_at: seen.due_at,
            decision: Decision::SendBack,
            comment: Some(comment),
            actor: "ada",
        };
        assert!(block_on(approval::decide(&self.db, Some(self.clock_ms()), &new)).unwrap());
    }

    fn clock_ms(&self) -> i64 {
        ports::Clock::now_ms(&self.clock)
    }
}

#[test]
fn nobody_is_asked_for_pictures_until_somebody_ticks_a_channel() {
    for channels in [&[][..], &["blog"]] {
        let world = World::new(good(), channels);
        world.play();
        assert_eq!(world.picture("c-1"), (None, None));
        assert_eq!((world.paid(), world.studio.pictures.borrow().len()), ((0, 0), 0));
    }
}

#[test]
fn each_version_gets_its_picture_in_a_call_of_its_own_with_a_row_of_its_own() {
    let world = World::new(good(), &["stage"]);
    assert_eq!(world.write(), 2);
    assert_eq!(world.picture("c-1"), (Some(image("A tray of buns.")), None));
    assert_eq!(world.paid(), (2, 2 * COST.0));
    let asked = world.studio.pictures.borrow();
    let post = world.post("c-1").current.unwrap();
    assert!(asked.iter().any(|one| one.content.text == post.content.text && one.content.image.is_none()));
    assert_eq!(post.sha256, post.content.sha256());
}

#[test]
fn the_rehearsal_model_has_an_idea_that_breaks_no_rule() {
    let world = World::new(good(), &["stage"]);
    let models = Models::only(&Rehearsal);
    world.drain(&Generate { models: &models, first_byte_ms: 1_000, channels: &world.channels });
    let of = |id: &str| world.picture(id).0.unwrap();
    assert!(of("c-1").alt.contains("A bakery.") && of("c-1") != of("c-2"), "{:?}", of("c-1"));
    world.judge();
    let rows = world.db.run("select findings from review where reviewer = 'structure'", &[]).unwrap();
    assert!(rows.iter().all(|row| !row.text("findings").unwrap().contains("\"alt\"")));
}

#[test]
fn a_text_is_never_lost_with_its_picture() {
    let broken: [fn() -> ModelError; 4] = [
        || ModelError::NoAnswer { reason: "reset".into() },
        || ModelError::Refused { reason: "no".into(), spent: None },
        || ModelError::Auth { status: 401 },
        || ModelError::RateLimited { after_s: Some(1) },
    ];
    for error in broken {
        let world = World::new(Box::new(move |_| Err(error())), &["stage"]);
        world.play();
        let post = world.post("c-1");
        assert_eq!(post.state, PostState::AwaitingApproval, "{:?}: {:?}", error(), post.reason);
        let (picture, why) = world.picture("c-1");
        assert!(picture.is_none() && why.is_some(), "{:?}", error());
    }
}

#[test]
fn who_has_no_room_is_asked_again_a_few_times_and_the_text_is_paid_for_once() {
    let world = World::new(Box::new(|_| Err(ModelError::RateLimited { after_s: Some(1) })), &["stage"]);
    world.play();
    let first_versions = world.db.run("select count(*) as n from post_version where version = 1", &[]).unwrap();
    assert_eq!(first_versions.first().unwrap().int("n").unwrap(), 2);
    let rows =
        world.db.run("select job_id, count(*) as n from cost where prompt like 'copywriter%' group by job_id", &[]);
    assert!(rows.unwrap().iter().all(|row| row.int("n").unwrap() == 1), "from the books");
}

#[test]
fn a_budget_that_is_nearly_spent_gives_a_text_and_no_picture() {
    let world = World::new(good(), &["stage"]);
    world.studio.cost_max.set(2_000_000);
    world.write();
    let (picture, why) = world.picture("c-1");
    assert!(picture.is_none() && why.unwrap().contains("budget"));
    assert_eq!(world.paid(), (0, 0));
}

#[test]
fn a_picture_that_breaks_a_rule_goes_back_to_its_designer_and_the_text_stands() {
    let designs: Designer = Box::new(|picturing| {
        let mended = picturing.previous.as_ref().is_some_and(|back| !back.findings.is_empty());
        Ok(image(if mended { "A tray of buns." } else { "A sign: 987 buns for $ 3." }))
    });
    let world = World::new(designs, &["stage"]);
    world.write();
    // The rehearsal model planned a mistake for the first post's text, and none for the second's.
    let first = |id: &str| world.post(id).current.unwrap().content.text;
    let before = [first("c-1"), first("c-2")];
    world.play();
    let post = world.post("c-1");
    assert_eq!(post.state, PostState::AwaitingApproval, "{:?}", post.reason);
    assert_eq!(post.current.unwrap().content.image, Some(image("A tray of buns.")));
    assert_eq!((first("c-1") == before[0], first("c-2") == before[1]), (false, true));
    assert_eq!((world.studio.texts.get(), world.studio.pictures.borrow().len()), (3, 4));
}

#[test]
fn what_people_did_to_a_picture_stands_until_they_ask_for_another() {
    let world = World::new(
        Box::new(|picturing| {
            let warmer = picturing.previous.as_ref().is_some_and(|back| back.comment == "Warmer!");
            Ok(image(if warmer { "Warm buns." } else { "A tray of buns." }))
        }),
        &["stage"],
    );
    world.play();
    world.send_back("c-1", "Warmer!");
    world.play();
    assert_eq!(world.picture("c-1").0, Some(image("Warm buns.")));
    // A person takes it out, and another sends the post back: it stays out.
    let seen = world.post("c-1");
    let without = domain::Content { image: None, ..seen.current.unwrap().content };
    let of = (world.workspace_id.as_str(), "c-1", seen.version);
    assert!(block_on(post::edit(&world.db, Some(world.clock_ms()), of, &without, "ada")).unwrap().is_some());
    world.play();
    world.send_back("c-1", "Shorter.");
    world.play();
    assert_eq!(world.picture("c-1"), (None, None));
}
