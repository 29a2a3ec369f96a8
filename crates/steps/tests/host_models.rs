//! Spin's own models as a workspace's provider: asked only where the operator lets them be, stood in for by the next,
//! and in the books like everybody else.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use bakery::{START_MS, brief};
use domain::{ProviderKind, Stage};
use futures::executor::block_on;
use models::Model;
use models::rehearsal::Rehearsal;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Inferred, Llm, LlmError, NoHttp, NoWake, Ports, Vectors};
use steps::{Models, StepSettings, Strategize};
use store::provider::{self, NewProvider};

/// A host that answers these in turn, and remembers which model was asked.
#[derive(Clone, Default)]
struct Host {
    says: Rc<RefCell<VecDeque<Result<String, LlmError>>>>,
    asked: Rc<RefCell<Vec<String>>>,
}

impl Llm for Host {
    fn infer(&self, model: &str, _: &str, _: u32) -> Result<Inferred, LlmError> {
        self.asked.borrow_mut().push(model.into());
        let text = self.says.borrow_mut().pop_front().expect("a call too many")?;
        Ok(Inferred { text, prompt_tokens: 1_000, generated_tokens: 100 })
    }

    fn embed(&self, _: &str, _: &[String]) -> Result<Vectors, LlmError> {
        Err(LlmError::NotSupported)
    }
}

struct World {
    db: NativeDb,
    workspace_id: String,
    host: Host,
    models: Models<'static>,
}

/// A workspace with these providers of the kind, in their turn, and a campaign to plan.
fn world(allowed: &str, providers: &[(&str, &str)]) -> World {
    let (db, workspace_id) = bakery::install();
    let host = Host::default();
    let variable = |name: &str| (name == "spin_llm_models").then(|| allowed.to_string());
    let models = Models::from_variables(variable, 15_000, host.clone());
    for (turn, (id, model)) in (1..).zip(providers) {
        let new = NewProvider {
            id,
            name: id,
            kind: ProviderKind::SpinLlm,
            base_url: ProviderKind::SpinLlm.own_url(),
            models: &[model.to_string()],
            image_model: None,
            sealed_key: None,
            turn,
            at_once_max: 8,
        };
        assert!(block_on(provider::create(&db, Some(START_MS), &workspace_id, new, "ada")).unwrap());
    }
    bakery::begin(&db, &workspace_id);
    World { db, workspace_id, host, models }
}

impl World {
    fn drain<const N: usize>(&self, says: [Result<String, LlmError>; N]) -> Vec<String> {
        *self.host.says.borrow_mut() = says.into();
        self.host.asked.borrow_mut().clear();
        let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &clock, entropy: &entropy, wake: &NoWake };
        let work = Strategize { models: &self.models, first_byte_ms: 15_000 };
        block_on(engine::drain(&ports, &work, engine::Limits::default())).unwrap();
        block_on(self.models.try_wanted(&ports)).unwrap();
        self.host.asked.borrow().clone()
    }

    fn texts(&self, sql: &str) -> Vec<String> {
        self.db.run(sql, &[]).unwrap().iter().map(|row| row.text("it").unwrap()).collect()
    }

    fn stage(&self) -> Stage {
        block_on(store::campaign::find(&self.db, &self.workspace_id, "c")).unwrap().unwrap().stage
    }
}

/// A plan that fits the brief, as a talkative model gives it.
fn plan() -> String {
    let slots = domain::calendar::slots(&brief().goal).unwrap();
    let planning = models::Planning { campaign_id: "c".into(), brief: brief(), slots, pass: 0, previous: None };
    let task = models::tasks::strategize(planning);
    let text = block_on(Rehearsal.answer(&NoHttp, &task)).unwrap().text;
    format!("Of course! Here is the plan:\n\n```json\n{text}\n```\nGood luck!")
}

const COSTS: &str =
    "select provider || ' ' || model || ' ' || provider_id || ' ' || outcome || ' ' || spent_micro_usd as it
    from cost order by stands_in_for is not null";

#[test]
fn a_talkative_model_plans_in_one_call_that_is_in_the_books() {
    let world = world("llama2-chat", &[("ours", "llama2-chat")]);
    assert_eq!(world.drain([Ok(plan())]), ["llama2-chat"]);
    assert_eq!(world.stage(), Stage::StrategyApproval);
    assert_eq!(world.texts(COSTS), ["spin_llm llama2-chat ours answered 0"]);
}

#[test]
fn who_answers_twice_what_does_not_fit_is_asked_exactly_twice() {
    let world = world("llama2-chat", &[("ours", "llama2-chat"), ("theirs", "llama2-chat")]);
    assert_eq!(world.drain([Ok("A plan? Gladly.".into()), Ok("{\"positioning\": 1}".into())]).len(), 2);
    let costs = world.texts(COSTS);
    assert_eq!(costs, ["spin_llm llama2-chat ours misfit 0", "spin_llm llama2-chat ours misfit 0"]);
    assert_eq!(world.texts("select state as it from job"), ["ready"], "it is tried again later, as of everybody");
}

#[test]
fn the_next_stands_in_for_a_host_that_has_no_room_and_for_one_that_breaks() {
    let limited = LlmError::Failed("Rate limit reached".into());
    let broken = LlmError::Failed("POST /infer request error: gone".into());
    for (error, outcome) in [(limited, "rate_limited"), (broken, "no_answer")] {
        let world = world("first,second", &[("one", "first"), ("two", "second")]);
        assert_eq!(world.drain([Err(error), Ok(plan())]), ["first", "second"]);
        let second = "spin_llm second two answered 0".to_string();
        assert_eq!(world.texts(COSTS), [format!("spin_llm first one {outcome} 0"), second]);
        assert_eq!(world.stage(), Stage::StrategyApproval);
    }
}

#[test]
fn a_model_that_the_operator_no_longer_allows_is_not_asked() {
    for allowed in ["", "another"] {
        let world = world(allowed, &[("ours", "llama2-chat")]);
        assert!(world.drain([]).is_empty());
        let reason = world.texts("select last_error as it from job");
        assert!(reason[0].contains("ours cannot be asked: its models"), "{reason:?}");
    }
}

#[test]
fn a_try_says_what_the_host_says() {
    let refused = LlmError::Refused("The component does not have access to use 'x'; see 'ai_models'".into());
    let cases = [
        (Ok("Ok.".to_string()), "reached", "It answered, as llama2-chat. The try took 1100 tokens"),
        (Err(LlmError::NotSupported), "model_unknown", "It has no model llama2-chat"),
        (Err(refused), "model_unknown", "'ai_models'"),
        (Err(LlmError::Failed("models are not set up".into())), "unreachable", "not set up"),
    ];
    for (said, verdict, words) in cases {
        let world = world("llama2-chat", &[("ours", "llama2-chat")]);
        assert!(block_on(provider::want_check(&world.db, Some(START_MS), (&world.workspace_id, "ours"))).unwrap());
        world.drain([Ok(plan()), said]);
        let came = world.texts("select check_verdict || ': ' || check_says as it from provider");
        assert!(came[0].starts_with(verdict) && came[0].contains(words), "{came:?}");
    }
}

#[test]
fn what_blocks_is_worked_one_by_one() {
    let batch = |name: &'static str, value: &'static str| {
        StepSettings::from_variables(|asked| (asked == name).then(|| value.into())).limits.batch
    };
    assert_eq!((batch("model_provider", "spin_llm"), batch("spin_llm_models", "llama2-chat")), (1, 1));
    assert_eq!((batch("model_provider", "openai"), batch("spin_llm_models", "")), (8, 8));
}
