//! Pictures that are drawn: once, for what was reserved, and never at a text's expense.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::{Cell, RefCell};

use bakery::START_MS;
use domain::price::PicturePrice;
use domain::{AgentRole, Content, Decision, Image, MicroUsd, PostState, ProviderKind, Step};
use engine::{Outcome, Work};
use futures::executor::block_on;
use models::drawing::Painter;
use models::rehearsal::Rehearsal;
use models::{Input, Model, ModelError, Offer, Prices, Reply, Secret, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, HttpError, NoWake, Ports, Request, Response, Timeouts};
use steps::{Channels, Generate, Models, Review, Strategize};
use store::{agent, approval, job, picture, post, strategy, sweep};

/// A gray square of 32 pixels, as anybody's encoder writes it, in base64.
const PICTURE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAFklEQVR42mNoIAAYRhWMKhhVMFIVAABCAAAfN5c2AAAAAABJRU5ErkJggg==";
const KEY: &str = "sk-canary-of-a-key";

/// A host that draws, or does what it is told, and counts.
struct Studio {
    says: RefCell<(u16, String)>,
    asked: Cell<u32>,
}

impl Studio {
    fn saying(status: u16, body: &str) -> Self {
        Self { says: RefCell::new((status, body.into())), asked: Cell::new(0) }
    }

    fn good() -> Self {
        Self::saying(200, &format!(r#"{{"data":[{{"b64_json":"{PICTURE}"}}]}}"#))
    }
}

#[async_trait::async_trait(?Send)]
impl Http for Studio {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        assert!(request.url.ends_with("/images/generations"), "{}", request.url);
        self.asked.set(self.asked.get() + 1);
        let (status, body) = self.says.borrow().clone();
        Ok(Response { status, headers: Vec::new(), body: body.into_bytes() })
    }
}

fn painter(each: i64) -> Painter {
    let timeouts = Timeouts { connect_ms: 100, first_byte_ms: 100, between_bytes_ms: 100 };
    let offer = Offer {
        kind: ProviderKind::OpenAi,
        base_url: "https://one.example/v1".into(),
        key: Secret::new(KEY),
        model: "flux".into(),
        prices: Prices::default(),
        timeouts,
        llm: std::rc::Rc::new(ports::NoLlm),
    };
    Painter::of(offer, PicturePrice { each: MicroUsd(each), ..PicturePrice::default() }).unwrap()
}

/// The rehearsal model, with a designer who has one idea.
struct OneIdea;

#[async_trait::async_trait(?Send)]
impl Model for OneIdea {
    fn provider(&self) -> &'static str {
        "studio"
    }

    fn name(&self) -> &str {
        "one-idea"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        match &task.input {
            Input::Picture(picturing) => {
                let alt = if picturing.previous.is_some() { "Warm buns." } else { "Buns." };
                Ok(Reply::new(format!(r#"{{"prompt":"Buns on a tray.","alt":"{alt}"}}"#), None))
            }
            _ => Rehearsal.answer(http, task).await,
        }
    }
}

struct World {
    db: NativeDb,
    clock: SettableClock,
    entropy: SeededEntropy,
    channels: Channels,
    workspace_id: String,
    studio: Studio,
    /// What a picture costs.
    each: i64,
}

impl World {
    /// Two posts wait to be written; the designer works for the stage.
    fn new(studio: Studio) -> Self {
        let (db, workspace_id) = bakery::install();
        bakery::begin(&db, &workspace_id);
        let (clock, channels) = (SettableClock::at(START_MS), Channels::from_variables(|_| None));
        let world = Self { db, clock, entropy: SeededEntropy::new(1), channels, workspace_id, studio, each: 40_000 };
        let change = agent::Change { channels: Some(vec!["stage".into()]), ..agent::Change::default() };
        let of = (world.workspace_id.as_str(), AgentRole::Visual, 1);
        assert!(block_on(agent::change(&world.db, Some(START_MS), of, &change, "ada")).unwrap());
        world.drain(&Strategize { models: &Models::only(&Rehearsal), first_byte_ms: 1_000 });
        let of = strategy::Version { workspace_id: &world.workspace_id, campaign_id: "c", version: 1 };
        assert!(block_on(strategy::decide(&world.db, Some(START_MS), of, Decision::Approve, None, "ada")).unwrap());
        world
    }

    fn ports(&self) -> Ports<'_> {
        Ports { db: &self.db, http: &self.studio, clock: &self.clock, entropy: &self.entropy, wake: &NoWake }
    }

    fn drain(&self, work: &dyn Work) -> usize {
        block_on(engine::drain(&self.ports(), work, engine::Limits::default())).unwrap().finished as usize
    }

    fn models(&self) -> Models<'static> {
        Models::only(&Rehearsal).drawing(painter(self.each))
    }

    fn write(&self) -> usize {
        self.drain(&Generate { models: &self.models(), first_byte_ms: 1_000, channels: &self.channels })
    }

    /// Writes and judges until nothing is left to do.
    fn play(&self) {
        for _ in 0..50 {
            self.clock.advance(60_000);
            let models = Models::only(&Rehearsal);
            let review = Review::new(&models, 1_000, &self.channels);
            if self.write() + self.drain(&review) == 0 {
                return;
            }
        }
        panic!("it never ends");
    }

    fn now_ms(&self) -> i64 {
        ports::Clock::now_ms(&self.clock)
    }

    fn post(&self, id: &str) -> post::Post {
        block_on(post::find(&self.db, &self.workspace_id, id)).unwrap().unwrap()
    }

    fn image(&self, id: &str) -> Option<Image> {
        self.post(id).current.unwrap().content.image
    }

    fn no_picture(&self, id: &str) -> Option<String> {
        self.post(id).current.unwrap().no_picture
    }

    fn number(&self, sql: &str) -> i64 {
        self.db.run(sql, &[]).unwrap().first().unwrap().int("n").unwrap()
    }

    /// What was paid for drawing: how often, and how much.
    fn paid(&self) -> (i64, i64) {
        (
            self.number("select count(*) as n from cost where prompt = 'drawing-1'"),
            self.number("select coalesce(sum(spent_micro_usd), 0) as n from cost where prompt = 'drawing-1'"),
        )
    }

    fn want(&self, post_id: &str) {
        let of = (self.workspace_id.as_str(), post_id, self.post(post_id).version);
        assert!(block_on(picture::want(&self.db, Some(self.now_ms()), of, &format!("d{}", of.2), "ada")).unwrap());
    }
}

#[test]
fn each_idea_is_drawn_once_and_a_revision_of_the_words_keeps_its_picture() {
    let world = World::new(Studio::good());
    world.play();
    for id in ["c-1", "c-2"] {
        let post = world.post(id);
        assert_eq!(post.state, PostState::AwaitingApproval, "{:?}", post.reason);
        let drawn = world.image(id).unwrap().drawn.unwrap();
        assert_eq!((drawn.width, drawn.height, drawn.model.as_str()), (32, 32, "openai/flux"));
        assert_eq!(post.current.unwrap().picture_micro_usd, Some(40_000));
    }
    assert!(world.number("select max(version) as n from post_version") > 1, "the rehearsal model makes mistakes");
    assert_eq!((world.studio.asked.get(), world.paid()), (2, (2, 80_000)));
    assert_eq!(world.number("select count(*) as n from cost where answer is not null and prompt = 'drawing-1'"), 0);
}

#[test]
fn a_job_that_was_cut_off_after_drawing_neither_draws_nor_pays_again() {
    let world = World::new(Studio::good());
    let models = world.models();
    let work = Generate { models: &models, first_byte_ms: 1_000, channels: &world.channels };
    let claimed = block_on(job::claim(&world.db, Some(START_MS), Step::Generate, 1, 60_000)).unwrap();
    let outcome = block_on(work.work(&world.ports(), &claimed[0], i64::MAX));
    assert!(matches!(outcome, Outcome::Done(_)));
    // It never got as far as saying so.
    assert_eq!((world.studio.asked.get(), world.number("select count(*) as n from post_version")), (1, 0));
    world.clock.advance(120_000);
    block_on(sweep::sweep(&world.db, Some(world.now_ms()))).unwrap();
    world.play();
    assert_eq!((world.studio.asked.get(), world.paid()), (2, (2, 80_000)), "one for each post");
    assert!(world.image("c-1").unwrap().drawn.is_some() && world.image("c-2").unwrap().drawn.is_some());
}

#[test]
fn a_budget_that_is_nearly_spent_leaves_the_idea_in_words() {
    let mut world = World::new(Studio::good());
    world.each = 2_000_000;
    world.play();
    assert_eq!(world.post("c-1").state, PostState::AwaitingApproval);
    assert_eq!(world.image("c-1").unwrap().drawn, None);
    let first = block_on(post::version(&world.db, &world.workspace_id, "c-1", 1)).unwrap().unwrap();
    assert!(first.no_picture.unwrap().contains("budget"));
    assert_eq!((world.studio.asked.get(), world.paid()), (0, (0, 0)));
}

#[test]
fn whatever_fails_the_version_goes_on_with_its_idea_and_says_why() {
    let svg = r#"{"data":[{"b64_json":"PHN2Zz48c2NyaXB0PmFsZXJ0KDEpPC9zY3JpcHQ+PC9zdmc+"}]}"#;
    for (status, body, says, paid) in [
        (200, svg, "neither PNG", 40_000),
        (200, r#"{"data":[{"url":"https://elsewhere.example/x.png"}]}"#, "no address is followed", 40_000),
        (200, r#"{"error":{"message":"late"}}"#, "late", 40_000),
        (400, r#"{"error":{"code":"moderation_blocked","message":"no"}}"#, "refused", 0),
        (401, "{}", "does not accept the key", 0),
        (429, r#"{"error":{"code":"insufficient_quota","message":"x"}}"#, "no credit", 0),
        (429, "{}", "limits the rate", 0),
        (500, "{}", "overloaded", 0),
        (504, "", "no complete answer", 40_000),
    ] {
        let world = World::new(Studio::saying(status, body));
        world.play();
        let post = world.post("c-2");
        assert_eq!(post.state, PostState::AwaitingApproval, "{says}: {:?}", post.reason);
        assert_eq!(world.image("c-2").unwrap().drawn, None);
        let why = world.no_picture("c-2").unwrap_or_default();
        let first = world.number("select count(*) as n from post_version where version = 1 and no_picture is not null");
        assert!(first == 2 && (post.version > 1 || why.contains(says)), "{says}: {why}");
        assert_eq!(world.number("select count(*) as n from cost where prompt = 'drawing-1' and state <> 'settled'"), 0);
        assert_eq!(world.paid().1, 2 * paid, "{says}");
        assert_eq!(world.number("select count(*) as n from picture"), 0);
    }
}

#[test]
fn a_person_has_it_drawn_again_and_everything_else_stays() {
    let world = World::new(Studio::good());
    world.play();
    let before = world.post("c-1");
    let edited = Content { text: "Come at night. 14 Canal Street.".into(), ..before.current.unwrap().content };
    let of = (world.workspace_id.as_str(), "c-1", before.version);
    block_on(post::edit(&world.db, Some(world.now_ms()), of, &edited, "ada")).unwrap();
    world.want("c-1");
    world.clock.advance(60_000);
    world.write();
    let after = world.post("c-1").current.unwrap();
    assert_eq!((after.content.text.as_str(), after.author.as_str()), (edited.text.as_str(), "ada"));
    assert_eq!((world.studio.asked.get(), world.paid().0), (3, 3), "a wish of its own is paid of its own");
    // It fails: the picture that was there stays, and the page says so.
    *world.studio.says.borrow_mut() = (401, "{}".into());
    world.want("c-1");
    world.clock.advance(60_000);
    world.write();
    let kept = world.post("c-1").current.unwrap();
    assert_eq!(kept.content.image, after.content.image);
    assert!(kept.no_picture.unwrap().contains("does not accept the key"));
}

#[test]
fn who_is_asked_again_and_has_the_same_idea_has_the_picture_that_was_drawn_of_it() {
    let world = World::new(Studio::good());
    let write = || {
        let models = Models::only(&OneIdea).drawing(painter(world.each));
        world.clock.advance(60_000);
        world.drain(&Generate { models: &models, first_byte_ms: 1_000, channels: &world.channels })
    };
    write();
    let before = world.post("c-2");
    // The review does not matter here.
    world.db.run("update post set state = 'needs_person' where id = 'c-2'", &[]).unwrap();
    let new = approval::NewApproval {
        workspace_id: &world.workspace_id,
        id: "a1",
        post_id: "c-2",
        version: 1,
        content_sha256: &before.current.as_ref().unwrap().sha256,
        channel_id: &before.channel_id,
        due_at: before.due_at,
        decision: Decision::SendBack,
        comment: Some("Warmer."),
        actor: "ada",
    };
    assert!(block_on(approval::decide(&world.db, Some(world.now_ms()), &new)).unwrap());
    assert_eq!((world.studio.asked.get(), write()), (2, 1));
    let (before, after) = (before.current.unwrap().content.image.unwrap(), world.image("c-2").unwrap());
    assert_eq!((after.alt.as_str(), after.drawn.is_some(), after.drawn == before.drawn), ("Warm buns.", true, true));
    assert_eq!((world.studio.asked.get(), world.paid().0), (2, 2), "nothing new was drawn");
}

#[test]
fn nothing_is_drawn_while_nobody_asked_for_pictures() {
    let world = World::new(Studio::good());
    let change = agent::Change { channels: Some(Vec::new()), ..agent::Change::default() };
    let of = (world.workspace_id.as_str(), AgentRole::Visual, 2);
    assert!(block_on(agent::change(&world.db, Some(START_MS), of, &change, "ada")).unwrap());
    world.play();
    assert_eq!((world.image("c-1"), world.studio.asked.get()), (None, 0));
}

#[test]
fn a_rehearsal_shows_a_placeholder_that_says_so_and_costs_nothing() {
    let world = World::new(Studio::saying(500, ""));
    let models = Models::only(&Rehearsal);
    world.drain(&Generate { models: &models, first_byte_ms: 1_000, channels: &world.channels });
    let drawn = world.image("c-1").unwrap().drawn.unwrap();
    assert!(drawn.is_rehearsed());
    assert_eq!((world.studio.asked.get(), world.paid()), (0, (2, 0)));
    let kept = block_on(picture::find(&world.db, &world.workspace_id, &drawn.sha256)).unwrap().unwrap();
    assert_eq!(domain::Drawn::of(&kept.data, &drawn.model), Ok(drawn));
}
