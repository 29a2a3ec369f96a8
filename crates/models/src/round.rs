//! A campaign's way through writing, checks, review and revision, without a store: for measuring (`rondo eval`) and
//! for tests. The steps do the same with a job for each arrow.

use std::cell::Cell;

use domain::chain::{Rules, risk};
use domain::check::{self, Limits, Recent};
use domain::director::{self, Standing, decide, stuck};
use domain::review::REVISIONS_MAX;
use domain::{Brief, Content, Finding, Mark, MicroUsd, Mode, Scores, Severity, Strategy, Verdict};
use ports::Http;

use crate::answer::Review;
use crate::ask::{AskError, ask};
use crate::meter::{Call, CallId, Meter, MeterError, Settlement};
use crate::model::Model;
use crate::tasks::{self, OPENING_CHARS_MAX, Planning, Previous, Reviewing, Task, Tried, Writing};

/// Who plays.
#[derive(Clone, Copy)]
pub struct Players<'a> {
    /// Plans and writes.
    pub writer: &'a dyn Model,
    /// Reviews.
    pub editor: &'a dyn Model,
    /// Their network.
    pub http: &'a dyn Http,
    /// Their books.
    pub meter: &'a dyn Meter,
}

/// One version and what was said of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    /// The version.
    pub content: Content,
    /// What the checks and the editor found.
    pub findings: Vec<Finding>,
    /// What all reviewers of the chain scored.
    pub marks: Vec<Mark>,
    /// The editor's scores.
    pub scores: Scores,
    /// What counted.
    pub verdict: Verdict,
}

impl Pass {
    fn standing(&self) -> Standing {
        director::standing(&self.findings, &self.marks, &Rules::default())
    }

    /// What a later pass is told of this one.
    fn tried(&self, version: u32) -> Tried {
        tried(version, &self.content, &self.findings, Some(self.scores))
    }
}

/// What a later pass is told of one before it.
pub fn tried(version: u32, content: &Content, findings: &[Finding], scores: Option<Scores>) -> Tried {
    let mut found: Vec<&Finding> = findings.iter().filter(|finding| finding.severity != Severity::Minor).collect();
    found.sort_by_key(|finding| finding.severity);
    let mut rules: Vec<String> = found.into_iter().map(|finding| finding.rule.clone()).collect();
    rules.dedup();
    Tried {
        version,
        title: content.title.clone(),
        opening: content.text.chars().take(OPENING_CHARS_MAX).collect(),
        found: rules,
        mean_tenths: scores.map(|scores| scores.mean_tenths()),
    }
}

/// One post's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Played {
    /// Its versions, the first one first.
    pub passes: Vec<Pass>,
    /// Why a person must look, where nothing passed.
    pub person: Option<String>,
}

impl Played {
    /// The version that passed.
    pub fn passed(&self) -> Option<&Content> {
        let last = self.passes.last().filter(|_| self.person.is_none())?;
        Some(&last.content)
    }
}

/// Plans a campaign and plays each of its posts. An error is one of the plan; a post's lands with a person.
pub async fn campaign(
    players: Players<'_>,
    brief: &Brief,
    campaign_id: &str,
    limits: Limits,
) -> Result<Vec<Played>, AskError> {
    let slots =
        domain::calendar::slots(&brief.goal).map_err(|error| AskError::Unusable { complaint: error.to_string() })?;
    let planning = Planning { campaign_id: campaign_id.into(), brief: brief.clone(), slots, pass: 0, previous: None };
    let plan = tasks::strategize(planning);
    let strategy: Strategy = ask(players.writer, players.http, players.meter, &plan).await?;
    let mut played = Vec::new();
    let mut recent: Vec<Recent> = Vec::new();
    for entry in &strategy.calendar {
        let writing = Writing {
            campaign_id: campaign_id.into(),
            brief: brief.clone(),
            strategy: strategy.clone(),
            entry: entry.clone(),
            language: tasks::language_of_slot(brief, entry.slot).into(),
            limits,
            pass: 0,
            previous: None,
            learnings: Vec::new(),
        };
        let one = post(players, writing, &recent).await;
        recent.extend(
            one.passes.last().map(|pass| Recent { title: pass.content.title.clone(), text: pass.content.text.clone() }),
        );
        played.push(one);
    }
    Ok(played)
}

/// Plays one post until it passes, or until a person must look.
pub async fn post(players: Players<'_>, mut writing: Writing, recent: &[Recent]) -> Played {
    let mut played = Played { passes: Vec::new(), person: None };
    let most = writing.pass + REVISIONS_MAX;
    loop {
        match pass(players, &writing, recent).await {
            Ok(pass) => played.passes.push(pass),
            Err(error) => {
                played.person = Some(error.to_string());
                return played;
            }
        }
        let Some(last) = played.passes.last() else { return played };
        if last.verdict == Verdict::Approve {
            return played;
        }
        if last.verdict == Verdict::Reject || writing.pass >= most {
            let why = last.findings.iter().min_by_key(|finding| finding.severity);
            played.person = Some(why.map_or("its scores are too low".into(), |finding| finding.advice.clone()));
            return played;
        }
        if stuck(&played.passes.iter().map(Pass::standing).collect::<Vec<_>>()) {
            played.person = Some(format!("{} passes in a row were no better", director::STUCK_PASSES));
            return played;
        }
        let before = &played.passes[..played.passes.len() - 1];
        writing.previous = Some(Previous {
            content: last.content.clone(),
            findings: last.findings.clone(),
            comment: String::new(),
            tried: before.iter().zip(1..).map(|(pass, version)| pass.tried(version)).collect(),
        });
        writing.pass += 1;
    }
}

async fn pass(players: Players<'_>, writing: &Writing, recent: &[Recent]) -> Result<Pass, AskError> {
    let content: Content = ask(players.writer, players.http, players.meter, &tasks::generate(writing.clone())).await?;
    let mut findings = check::check(&content, &writing.brief, &writing.limits);
    findings.extend(check::repeated(&content, &writing.brief, recent));
    let rules = Rules::default();
    let chain = rules.chain(&writing.entry.channel, risk(Mode::Rehearsal, &content));
    let mut opinions = Vec::new();
    for reviewers in chain.questions() {
        let task = tasks::review(Reviewing {
            campaign_id: writing.campaign_id.clone(),
            brief: writing.brief.clone(),
            entry: writing.entry.clone(),
            language: writing.language.clone(),
            limits: writing.limits,
            pass: writing.pass,
            content: content.clone(),
            findings: findings.clone(),
            reviewers: reviewers.into(),
        });
        let review: Review = ask(players.editor, players.http, players.meter, &task).await?;
        opinions.extend(review.opinions(reviewers));
        if opinions.iter().any(director::ends) {
            break;
        }
    }
    let silent = || AskError::Unusable { complaint: "the chain came to no verdict".into() };
    let decision = decide(&findings, &opinions, &chain, &rules).ok_or_else(silent)?;
    let mut marks = Vec::new();
    for opinion in opinions {
        findings.extend(opinion.findings);
        marks.extend(opinion.marks);
    }
    // Somebody rejected before the editor had a word: nothing is scored.
    let scores = decision.scores.unwrap_or(UNSCORED);
    Ok(Pass { content, findings, marks, scores, verdict: decision.verdict })
}

const UNSCORED: Scores = Scores { hook: 1, clarity: 1, voice: 1, evidence: 1, call_to_action: 1, platform_fit: 1 };

/// Books of so much money, for whoever has no database.
pub struct Purse {
    left: Cell<i64>,
    spent: Cell<i64>,
    calls: Cell<u32>,
}

impl Purse {
    /// So much and no more.
    pub fn of(money: MicroUsd) -> Self {
        Self { left: Cell::new(money.0), spent: Cell::new(0), calls: Cell::new(0) }
    }

    /// What was spent, where providers told and prices are set.
    pub fn spent(&self) -> MicroUsd {
        MicroUsd(self.spent.get())
    }

    /// How many calls were made.
    pub fn calls(&self) -> u32 {
        self.calls.get()
    }
}

#[async_trait::async_trait(?Send)]
impl Meter for Purse {
    async fn known(&self, _: &Task) -> Result<Option<crate::Known>, MeterError> {
        Ok(None)
    }

    async fn reserve(&self, call: &Call<'_>) -> Result<CallId, MeterError> {
        let cost = call.cost_max.0;
        if cost > self.left.get() {
            return Err(MeterError::BudgetSpent("the purse does not cover another call".into()));
        }
        self.left.set(self.left.get() - cost);
        self.calls.set(self.calls.get() + 1);
        Ok(CallId(cost.to_string()))
    }

    async fn settle(&self, call: CallId, settlement: &Settlement) -> Result<(), MeterError> {
        let reserved: i64 = call.0.parse().unwrap_or(0);
        let spent = settlement.spent.cost.0;
        self.spent.set(self.spent.get() + spent);
        self.left.set(self.left.get() + reserved - spent);
        Ok(())
    }
}
