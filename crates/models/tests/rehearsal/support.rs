//! Plays a campaign through the rehearsal model as the steps do: plan, write, check, review, revise.

use std::sync::LazyLock;

use domain::check::Limits;
use domain::review::REVISIONS_MAX;
use domain::strategy::Entry;
use domain::{Brief, Content, Strategy, Verdict};
use futures::executor::block_on;
use models::{Answer, Model, Planning, Previous, Review, Reviewing, Schema, Task, Writing, tasks};
use ports::{Http, HttpError, Request, Response};

/// No network at all.
pub struct NoHttp;

#[async_trait::async_trait(?Send)]
impl Http for NoHttp {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        panic!("the rehearsal model has no network")
    }
}

/// What a stage carries.
pub const LIMITS: Limits = Limits { text_graphemes_max: 3_000, title_graphemes_max: 120 };

static SCHEMAS: LazyLock<Vec<(Schema, jsonschema::Validator)>> = LazyLock::new(|| {
    let compiled = |schema: Schema| (schema, jsonschema::validator_for(&schema.json()).unwrap());
    [Schema::STRATEGY, Schema::POST, Schema::REVIEW].map(compiled).into()
});

/// The rehearsal model's answer, parsed and checked as every model's is.
pub fn answer<T: Answer>(task: &Task) -> T {
    let reply = block_on(models::rehearsal::Rehearsal.answer(&NoHttp, task)).unwrap();
    let json = serde_json::from_str(&reply.text).unwrap();
    let (_, schema) = SCHEMAS.iter().find(|(schema, _)| *schema == task.schema).unwrap();
    assert!(schema.is_valid(&json), "{json:#}");
    serde_json::from_str::<T>(&reply.text)
        .unwrap()
        .fit(&task.input)
        .unwrap_or_else(|complaint| panic!("{complaint}: {}", reply.text))
}

/// A post's way to its approval.
pub struct Played {
    pub entry: Entry,
    pub versions: Vec<(Content, Review)>,
    pub content: Content,
    pub passed: bool,
}

pub fn planning(brief: &Brief, campaign_id: &str) -> Planning {
    let slots = domain::calendar::slots(&brief.goal).unwrap();
    Planning { campaign_id: campaign_id.into(), brief: brief.clone(), slots, pass: 0, previous: None }
}

pub fn strategy(brief: &Brief, campaign_id: &str) -> Strategy {
    answer(&tasks::strategize(planning(brief, campaign_id)))
}

/// Every post of a campaign, revised until it passes.
pub fn play(brief: &Brief, campaign_id: &str) -> Vec<Played> {
    play_in(brief, campaign_id, LIMITS)
}

pub fn play_in(brief: &Brief, campaign_id: &str, limits: Limits) -> Vec<Played> {
    let strategy = strategy(brief, campaign_id);
    strategy.calendar.iter().map(|entry| play_slot(brief, campaign_id, &strategy, entry, limits)).collect()
}

pub fn writing(brief: &Brief, campaign_id: &str, strategy: &Strategy, entry: &Entry, limits: Limits) -> Writing {
    Writing {
        campaign_id: campaign_id.into(),
        brief: brief.clone(),
        strategy: strategy.clone(),
        entry: entry.clone(),
        language: tasks::language_of_slot(brief, entry.slot).into(),
        limits,
        pass: 0,
        previous: None,
        learnings: Vec::new(),
    }
}

fn play_slot(brief: &Brief, campaign_id: &str, strategy: &Strategy, entry: &Entry, limits: Limits) -> Played {
    let mut writing = writing(brief, campaign_id, strategy, entry, limits);
    let mut versions = Vec::new();
    let rules = domain::chain::Rules::default();
    let chain = rules.chain("", domain::chain::Risk::High);
    for pass in 0..=REVISIONS_MAX {
        writing.pass = pass;
        let content: Content = answer(&tasks::generate(writing.clone()));
        let mut findings = domain::check::check(&content, brief, &limits);
        let review: Review = answer(&tasks::review(Reviewing {
            campaign_id: campaign_id.into(),
            brief: brief.clone(),
            entry: entry.clone(),
            language: writing.language.clone(),
            limits,
            pass,
            content: content.clone(),
            findings: findings.clone(),
            reviewers: chain.reviewers.clone(),
        }));
        let opinions = review.opinions(&chain.reviewers);
        let verdict = domain::director::decide(&findings, &opinions, &chain, &rules).expect("everybody spoke").verdict;
        findings.extend(review.findings.clone());
        versions.push((content.clone(), Review { verdict, ..review }));
        if verdict == Verdict::Approve || pass == REVISIONS_MAX {
            return Played { entry: entry.clone(), versions, content, passed: verdict == Verdict::Approve };
        }
        writing.previous = Some(Previous { content, findings, comment: String::new(), tried: Vec::new() });
    }
    unreachable!("the last revision returns")
}

/// The briefs of real campaigns.
pub fn briefs() -> Vec<(&'static str, Brief)> {
    [
        ("night-shift-bakery", include_str!("../briefs/night-shift-bakery.toml")),
        ("ripgrep", include_str!("../briefs/ripgrep.toml")),
        ("wikipedia-editathon", include_str!("../briefs/wikipedia-editathon.toml")),
    ]
    .map(|(name, text)| (name, Brief::parse(text).unwrap()))
    .into()
}
