//! The reviewers' step, whole: chains, rejects, what happens when nobody answers, and what may pass.

use std::cell::RefCell;

use domain::chain::{Chain, Risk, Rules};
use domain::{AgentRole, Brief, Content, Decision, Dimension, MicroUsd, Mode, PostState, Severity, Verdict};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Input, Model, ModelError, Reply, Spent, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Http, NoHttp, NoWake, Ports};
use steps::{Channels, Generate, Models, Review, Strategize};
use store::review::Review as Kept;
use store::{campaign, migrate, people, post, review, review_rule, strategy};

const START_MS: i64 = 1_800_000_000_000;
const FIRST_BYTE_MS: u32 = 1_000;

type Judge = Box<dyn Fn(&mut serde_json::Value, &[AgentRole]) -> Result<(), ModelError>>;

/// The rehearsal model, whose reviews somebody changes.
struct Judging<'a> {
    change: Judge,
    /// Who was asked, call by call.
    asked: RefCell<Vec<Vec<AgentRole>>>,
    clock: &'a SettableClock,
    takes_ms: i64,
}

#[async_trait::async_trait(?Send)]
impl Model for Judging<'_> {
    fn provider(&self) -> &'static str {
        "double"
    }

    fn name(&self) -> &str {
        "judge"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let Input::Review(reviewing) = &task.input else { panic!("a judge judges") };
        self.asked.borrow_mut().push(reviewing.reviewers.clone());
        self.clock.advance(self.takes_ms);
        let mut answer = serde_json::from_str(&Rehearsal.answer(http, task).await?.text).unwrap();
        (self.change)(&mut answer, &reviewing.reviewers)?;
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
    /// A campaign whose posts wait to be written.
    fn begun(brief: &str, name: &str) -> Self {
        let (db, clock) = (NativeDb::in_memory().unwrap(), SettableClock::at(START_MS));
        block_on(migrate::ensure(&db)).unwrap();
        let workspace_id = block_on(people::workspace::first(&db)).unwrap().id;
        let channels = Channels::from_variables(|_| None);
        let stage = Self { db, clock, entropy: SeededEntropy::new(1), channels, workspace_id };
        let new = campaign::NewCampaign {
            workspace_id: &stage.workspace_id,
            id: name,
            name,
            mode: Mode::Rehearsal,
            time_lapse: true,
            budget_micro_usd: 1_000_000,
            brief: &Brief::parse(brief).unwrap(),
            actor: "ada",
        };
        block_on(campaign::create(&stage.db, Some(START_MS), &new)).unwrap();
        stage.drain(&Strategize { models: &Models::only(&Rehearsal), first_byte_ms: FIRST_BYTE_MS });
        let of = strategy::Version { workspace_id: &stage.workspace_id, campaign_id: name, version: 1 };
        assert!(block_on(strategy::decide(&stage.db, Some(START_MS), of, Decision::Approve, None, "ada")).unwrap());
        stage
    }

    fn drain(&self, work: &dyn engine::Work) -> usize {
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        block_on(engine::drain(&ports, work, engine::Limits::default())).unwrap().finished as usize
    }

    fn write(&self) -> usize {
        self.drain(&Generate {
            models: &Models::only(&Rehearsal),
            first_byte_ms: FIRST_BYTE_MS,
            channels: &self.channels,
        })
    }

    fn judge(&self, model: &dyn Model) -> usize {
        self.drain(&Review::new(&Models::only(model), FIRST_BYTE_MS, &self.channels))
    }

    fn double(&self, change: Judge) -> Judging<'_> {
        Judging { change, asked: RefCell::default(), clock: &self.clock, takes_ms: 10 }
    }

    fn set(&self, rules: &Rules) {
        assert!(rules.complaints(&["stage".into()]).is_empty());
        assert!(block_on(review_rule::set(&self.db, Some(START_MS), (&self.workspace_id, 0), rules, "ada")).unwrap());
    }

    fn posts(&self, name: &str) -> Vec<post::Post> {
        block_on(post::list(&self.db, &self.workspace_id, name, None, 100)).unwrap()
    }

    /// The current version's reviews.
    fn reviews(&self, post: &post::Post) -> Vec<Kept> {
        let all = block_on(review::list(&self.db, &self.workspace_id, &post.id, None, 100)).unwrap();
        all.into_iter().filter(|review| review.version == post.version).collect()
    }

    /// Writes and judges until nothing is left to do.
    fn play(&self, model: &dyn Model) {
        for _ in 0..200 {
            self.clock.advance(60_000);
            if self.write() + self.judge(model) == 0 {
                return;
            }
        }
        panic!("it never ends");
    }
}

const SMALL: &str = r#"
    [brand]
    name = "Night Shift Bakery"
    url = "https://b.example"
    one_line = "A bakery that is open at night."
    audience = ["nurses"]
    [facts]
    address = "14 Canal Street"
    bun = "A cardamom bun costs 2.90 EUR."
    [goal]
    text = "Sell buns."
    timezone = "UTC"
    start = "2027-03-29"
    posts_per_week = 1
    weeks = 1
"#;

fn agreeing() -> Judge {
    Box::new(|_, _| Ok(()))
}

/// All five, one by one, for everything.
fn full() -> Rules {
    let chain = Rules::default().chain("", Risk::High);
    Rules { chains: vec![Chain { risk: Risk::Low, ..chain.clone() }, chain], ..Rules::default() }
}

#[test]
fn a_low_risk_version_costs_one_call_and_every_reviewer_has_its_own_row() {
    let stage = Stage::begun(SMALL, "c");
    let model = stage.double(agreeing());
    stage.play(&model);
    let post = &stage.posts("c")[0];
    assert!(model.asked.borrow().iter().all(|asked| asked.len() == 3), "{:?}", model.asked);
    let reviews = stage.reviews(post);
    let who: Vec<&str> = reviews.iter().map(|review| review.reviewer.as_str()).collect();
    assert_eq!(who, ["structure", "editor", "director", "compliance", "brand"]);
    for review in &reviews {
        assert_eq!(review.counts, review.reviewer == "director");
        let asked = !matches!(review.reviewer.as_str(), "structure" | "director");
        assert_eq!(review.prompt.is_some(), asked, "{}", review.reviewer);
    }
    let prompt = reviews[1].prompt.as_deref().unwrap();
    assert_eq!(prompt, "reviewing-2+editor-3+brand-1+compliance-1");
}

#[test]
fn a_full_chain_asks_one_by_one_and_stops_at_the_first_reject() {
    let stage = Stage::begun(SMALL, "c");
    stage.set(&full());
    let rejecting: Judge = Box::new(|answer, asked| {
        if asked == [AgentRole::Brand] {
            answer["verdict"] = "reject".into();
            answer["findings"] = serde_json::json!([
                { "rule": "on_brand", "severity": "major", "quote": "", "advice": "This is not ours to say." }]);
        }
        Ok(())
    });
    let model = stage.double(rejecting);
    // What the checks block is read by all in one call, and comes back better.
    stage.play(&model);
    assert!(
        model.asked.borrow().ends_with(&[vec![AgentRole::Compliance], vec![AgentRole::Brand]]),
        "{:?}",
        model.asked
    );
    let post = &stage.posts("c")[0];
    assert_eq!(post.state, PostState::NeedsPerson);
    assert!(post.reason.as_deref().unwrap().contains("not ours to say"), "{:?}", post.reason);
    // The control: whom nobody rejects is read by all five.
    let stage = Stage::begun(SMALL, "c");
    stage.set(&full());
    let model = stage.double(agreeing());
    stage.play(&model);
    assert!(model.asked.borrow().iter().rev().take(5).all(|asked| asked.len() == 1), "{:?}", model.asked);
    assert_eq!(stage.posts("c")[0].state, PostState::AwaitingApproval);
}

#[test]
fn a_judge_that_cannot_be_reached_lets_nothing_pass() {
    for failure in [0, 1] {
        let stage = Stage::begun(SMALL, "c");
        let away: Judge = Box::new(move |_, _| {
            Err(match failure {
                0 => ModelError::Unreachable { reason: "cut off".into() },
                _ => ModelError::Refused { reason: "no".into(), spent: None },
            })
        });
        let model = stage.double(away);
        for _ in 0..40 {
            stage.write();
            stage.judge(&model);
            stage.clock.advance(3_600_000);
        }
        let post = &stage.posts("c")[0];
        assert_eq!(post.state, PostState::NeedsPerson, "{post:?}");
        assert!(post.reason.as_deref().unwrap().starts_with("no verdict"), "{:?}", post.reason);
        assert!(stage.reviews(post).is_empty());
        let allowed = stage.db.run("select 1 from approval union all select 1 from publication", &[]).unwrap();
        assert!(allowed.is_empty());
    }
    // The control: the same post, with a judge that answers, waits for approval.
    let stage = Stage::begun(SMALL, "c");
    let model = stage.double(agreeing());
    stage.play(&model);
    assert_eq!(stage.posts("c")[0].state, PostState::AwaitingApproval);
}

#[test]
fn a_chain_that_runs_out_of_time_goes_on_where_it_was_and_asks_nobody_twice() {
    let stage = Stage::begun(SMALL, "c");
    stage.set(&full());
    let model = Judging { takes_ms: 15_000, ..stage.double(agreeing()) };
    stage.play(&model);
    assert_eq!(stage.posts("c")[0].state, PostState::AwaitingApproval);
    let asked = model.asked.borrow();
    let whole: Vec<_> = asked.iter().filter(|asked| asked.len() == 1).collect();
    let versions = whole.iter().filter(|asked| **asked == &[AgentRole::Compliance]).count();
    assert_eq!(whole.len(), 5 * versions, "{asked:?}");
}

#[test]
fn two_passes_that_are_no_better_go_to_a_person_before_the_limit() {
    let stage = Stage::begun(SMALL, "c");
    let never: Judge = Box::new(|answer, _| {
        for mark in answer["scores"].as_array_mut().unwrap() {
            mark["score"] = 4.into();
        }
        Ok(())
    });
    let model = stage.double(never);
    stage.play(&model);
    let post = &stage.posts("c")[0];
    assert_eq!(post.state, PostState::NeedsPerson);
    let reason = post.reason.as_deref().unwrap();
    assert!(post.revisions < i64::from(domain::review::REVISIONS_MAX) && reason.contains("no better"), "{post:?}");
}

#[test]
fn a_workspaces_threshold_counts_and_is_told() {
    let stage = Stage::begun(SMALL, "c");
    stage.set(&Rules { thresholds: [(Dimension::Truth, 9)].into(), ..Rules::default() });
    let model = stage.double(agreeing());
    stage.play(&model);
    let post = &stage.posts("c")[0];
    assert_eq!(post.state, PostState::NeedsPerson);
    assert!(post.reason.as_deref().unwrap().contains("truth has 8 of 10 and needs 9"), "{:?}", post.reason);
}

#[test]
fn every_finished_post_of_the_briefs_meets_the_thresholds_or_sits_with_a_person() {
    let (mut sent_back, mut passed_later) = (0, 0);
    for name in ["night-shift-bakery", "ripgrep", "wikipedia-editathon"] {
        let brief = std::fs::read_to_string(format!("../../tests/fixtures/briefs/{name}.toml")).unwrap();
        let stage = Stage::begun(&brief, name);
        stage.play(&Rehearsal);
        let rules = Rules::default();
        for post in stage.posts(name) {
            let reviews = stage.reviews(&post);
            let content: &Content = &post.current.as_ref().unwrap().content;
            for finding in reviews.iter().flat_map(|review| &review.findings) {
                assert_eq!(finding.at.is_some(), !finding.quote.is_empty(), "{finding:?}");
                assert!(finding.at.is_none_or(|at| at.words(content) == Some(&finding.quote)), "{finding:?}");
            }
            if post.state == PostState::NeedsPerson {
                assert!(post.reason.is_some());
                continue;
            }
            assert_eq!(post.state, PostState::AwaitingApproval, "{post:?}");
            let last = reviews.iter().find(|review| review.counts).unwrap();
            assert!(last.verdict == Verdict::Approve && last.scores.unwrap().mean_tenths() >= rules.mean_tenths_min);
            assert!(
                reviews
                    .iter()
                    .flat_map(|review| &review.marks)
                    .all(|mark| mark.score >= rules.threshold(mark.dimension))
            );
            let findings = reviews.iter().flat_map(|review| &review.findings);
            assert!(!findings.into_iter().any(|finding| finding.severity == Severity::Blocker));
            sent_back += usize::from(post.version > 1);
            passed_later += usize::from(post.version > 1);
        }
    }
    assert!(sent_back > 0 && passed_later > 0, "none was sent back and passed");
}
