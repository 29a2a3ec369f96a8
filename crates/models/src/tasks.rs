//! What a step asks of a model: pure functions from what is known to a prompt and its schema.
//!
//! Prompts live in `prompts/`, each with its version in the first line; schemas in `schemas/`. Whatever a person
//! or a model wrote goes into the prompt as delimited, cleaned data.

use domain::brief::{Fact, Style};
use domain::calendar::Slot;
use domain::check::Limits;
use domain::memory::Remembered;
use domain::strategy::Entry;
use domain::{AgentRole, Brief, Content, Dimension, Finding, Image, Step, Strategy};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::remembered;
use crate::untrusted::{tagged, tagged_lines};
use crate::wording::Wording;

/// One question to a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Which step asks.
    pub step: Step,
    /// What whoever answers is reminded of; it is in the prompt, too.
    pub memory: Vec<Remembered>,
    /// What the task is about, from which the rehearsal model works and by which an answer is checked.
    pub input: Input,
    /// Name and number of the prompt.
    pub prompt_version: String,
    /// The system prompt.
    pub system: String,
    /// The talk so far; it begins and ends with ours.
    pub turns: Vec<Turn>,
    /// What the answer must look like.
    pub schema: Schema,
    /// Most tokens that the answer may have.
    pub output_tokens_max: u32,
}

/// One turn of the talk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// We say.
    Ours(String),
    /// The model said.
    Model(String),
}

/// A JSON schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// `[a-z_]`, for the wire.
    pub name: &'static str,
    /// JSON.
    pub text: &'static str,
}

impl Schema {
    /// What a [`Strategy`] looks like.
    pub const STRATEGY: Self = Self { name: "strategy", text: include_str!("../schemas/strategy.json") };
    /// What a [`Content`] looks like.
    pub const POST: Self = Self { name: "post", text: include_str!("../schemas/post.json") };
    /// What an [`Image`] looks like.
    pub const IMAGE: Self = Self { name: "image", text: include_str!("../schemas/image.json") };
    /// What a [`crate::Review`] looks like.
    pub const REVIEW: Self = Self { name: "review", text: include_str!("../schemas/review.json") };
    /// What [`crate::read::Facts`] look like.
    pub const FACTS: Self = Self { name: "facts", text: include_str!("../schemas/facts.json") };
    /// What a [`crate::Preferred`] looks like.
    pub const PREFERRED: Self = Self { name: "preferred", text: include_str!("../schemas/preferred.json") };

    /// What a [`crate::wording::Worded`] looks like.
    pub const WORDED: Self = Self { name: "worded", text: include_str!("../schemas/worded.json") };

    /// It, parsed.
    pub fn json(self) -> serde_json::Value {
        serde_json::from_str(self.text).expect("a test parses every schema")
    }
}

/// What a task is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Input {
    /// For [`strategize`].
    Strategize(Box<Planning>),
    /// For [`generate`].
    Generate(Box<Writing>),
    /// For [`picture`].
    Picture(Box<Picturing>),
    /// For [`review`].
    Review(Box<Reviewing>),
    /// For [`compare`].
    Compare(Box<Comparing>),
    /// For [`crate::wording::word`].
    Word(Box<Wording>),
    /// For [`crate::read::read`].
    Read(Box<domain::source::Source>),
}

/// What the strategist gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planning {
    /// The campaign's id; seeds the rehearsal model.
    pub campaign_id: String,
    /// The brief.
    pub brief: Brief,
    /// The calendar's slots.
    pub slots: Vec<Slot>,
    /// 0 for the first plan, then the number of times it came back.
    pub pass: u32,
    /// The plan that a person sent back.
    pub previous: Option<SentBack>,
}

/// A plan that a person sent back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SentBack {
    /// The plan.
    pub strategy: Strategy,
    /// What the person said.
    pub comment: String,
}

/// What the copywriter gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writing {
    /// The campaign's id; seeds the rehearsal model.
    pub campaign_id: String,
    /// The brief.
    pub brief: Brief,
    /// The approved plan.
    pub strategy: Strategy,
    /// Its entry that this post is for.
    pub entry: Entry,
    /// BCP 47 tag; see [`language_of_slot`].
    pub language: String,
    /// What the channel can carry.
    pub limits: Limits,
    /// 0 for the first version, then the number of revisions.
    pub pass: u32,
    /// The version that came back.
    pub previous: Option<Previous>,
    /// What proved to help here: statements of [`domain::learning`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub learnings: Vec<String>,
}

/// A version that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// What it said.
    pub content: Content,
    /// What the checks and the reviewer found.
    pub findings: Vec<Finding>,
    /// What a person said; empty if none did.
    pub comment: String,
    /// What earlier passes tried, the oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<Tried>,
}

/// What the visual designer gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picturing {
    /// The brief.
    pub brief: Brief,
    /// The plan's entry that the post is for.
    pub entry: Entry,
    /// What the channel can carry.
    pub limits: Limits,
    /// 0 for the first version, then the number of revisions.
    pub pass: u32,
    /// The version that the picture is for, without one.
    pub content: Content,
    /// The picture that came back.
    pub previous: Option<PreviousImage>,
}

/// A picture that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviousImage {
    /// What it was to be.
    pub image: Image,
    /// What the checks and the reviewers found in it.
    pub findings: Vec<Finding>,
    /// What a person said of the post; empty if none did.
    pub comment: String,
}

/// A pass before the one that came back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tried {
    /// Its version's number.
    pub version: u32,
    /// The title that it had.
    pub title: String,
    /// How it opened.
    pub opening: String,
    /// What was found in it: rules, the gravest first.
    pub found: Vec<String>,
    /// The mean of its scores, where it was scored, in tenths.
    pub mean_tenths: Option<u32>,
}

/// How many characters of an earlier version's opening the copywriter is shown.
pub const OPENING_CHARS_MAX: usize = 160;

/// What reviewers get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reviewing {
    /// The campaign's id.
    pub campaign_id: String,
    /// The brief.
    pub brief: Brief,
    /// The plan's entry that the post is for.
    pub entry: Entry,
    /// BCP 47 tag that was asked for.
    pub language: String,
    /// What the channel can carry.
    pub limits: Limits,
    /// 0 for the first version, then the number of revisions.
    pub pass: u32,
    /// The version.
    pub content: Content,
    /// What the structural checks found before.
    pub findings: Vec<Finding>,
    /// Who is asked; several answer together.
    pub reviewers: Vec<AgentRole>,
}

/// What a judge of a pair gets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Comparing {
    /// The brief.
    pub brief: Brief,
    /// The plan's entry that both are for.
    pub entry: Entry,
    /// BCP 47 tag that was asked for.
    pub language: String,
    /// What the channel can carry.
    pub limits: Limits,
    /// The one that is read first.
    pub first: Content,
    /// The other.
    pub second: Content,
}

impl Reviewing {
    /// The dimensions that are to be scored.
    pub fn asked(&self) -> Vec<Dimension> {
        self.reviewers.iter().flat_map(|role| role.rubric()).copied().collect()
    }
}

/// The language that a slot's post is written in: the brief's languages take turns, the main one first.
pub fn language_of_slot(brief: &Brief, ordinal: u32) -> &str {
    let languages = brief.languages();
    languages[ordinal.saturating_sub(1) as usize % languages.len()]
}

/// Tokens that any answer may have; models that think before they write count that too.
const OUTPUT_TOKENS_BASE: u32 = 4_000;
/// Tokens that one entry of a calendar may have.
const ENTRY_TOKENS_MAX: u32 = 120;
/// Tokens that no answer may exceed.
const OUTPUT_TOKENS_MAX: u32 = 32_000;

/// Asks for a [`Strategy`].
pub fn strategize(planning: Planning) -> Task {
    let brief = &planning.brief;
    let mut prompt = brief_sections(brief);
    prompt += &tagged_lines("channels", brief.goal.channels.iter().map(|channel| ("", channel.as_str())));
    let slots: Vec<(String, String)> = planning
        .slots
        .iter()
        .map(|slot| (slot.ordinal.to_string(), format!("{} {}", slot.local, language_of_slot(brief, slot.ordinal))))
        .collect();
    prompt += &tagged_lines("slots", slots.iter().map(|(ordinal, text)| (ordinal.as_str(), text.as_str())));
    if let Some(previous) = &planning.previous {
        prompt += &tagged("previous_plan", &json(&previous.strategy));
        prompt += &tagged("comment", &previous.comment);
    }
    prompt += "\nPlan this campaign.";
    let entries = u32::try_from(planning.slots.len()).unwrap_or(u32::MAX);
    let output_tokens_max = OUTPUT_TOKENS_BASE.saturating_add(entries.saturating_mul(ENTRY_TOKENS_MAX));
    let system = include_str!("../prompts/strategist.md");
    task(Step::Strategize, Input::Strategize(Box::new(planning)), system, prompt, Schema::STRATEGY, output_tokens_max)
}

/// Asks for a [`Content`].
pub fn generate(writing: Writing) -> Task {
    let mut prompt = brief_sections(&writing.brief);
    let pillars = writing.strategy.pillars.iter().map(|pillar| (pillar.name.as_str(), pillar.why.as_str()));
    prompt +=
        &tagged_lines("plan", std::iter::once(("positioning", writing.strategy.positioning.as_str())).chain(pillars));
    prompt += &post_section(&writing.entry, &writing.language);
    prompt += &limits_section(&writing.limits);
    if !writing.learnings.is_empty() {
        prompt += &tagged_lines("learnings", writing.learnings.iter().map(|learning| ("", learning.as_str())));
    }
    if let Some(previous) = &writing.previous {
        prompt += &tagged("previous_version", &json(&previous.content));
        prompt += &tagged("findings", &unplaced(&previous.findings));
        if !previous.tried.is_empty() {
            prompt += &tagged("tried", &json(&previous.tried));
        }
        if !previous.comment.trim().is_empty() {
            prompt += &tagged("comment", &previous.comment);
        }
    }
    prompt += "\nWrite this post.";
    let text_tokens = u32::try_from(writing.limits.text_graphemes_max).unwrap_or(u32::MAX);
    let output_tokens_max = OUTPUT_TOKENS_BASE.saturating_add(text_tokens);
    let system = include_str!("../prompts/copywriter.md");
    task(Step::Generate, Input::Generate(Box::new(writing)), system, prompt, Schema::POST, output_tokens_max)
}

/// Asks for an [`Image`].
pub fn picture(picturing: Picturing) -> Task {
    let mut prompt = brief_sections(&picturing.brief);
    prompt += &post_section(&picturing.entry, &picturing.content.language);
    prompt += &tagged("version", &json(&picturing.content.in_words()));
    if let Some(previous) = &picturing.previous {
        prompt += &tagged("previous_picture", &json(&previous.image.undrawn()));
        prompt += &tagged("findings", &unplaced(&previous.findings));
        if !previous.comment.trim().is_empty() {
            prompt += &tagged("comment", &previous.comment);
        }
    }
    prompt += "\nThink of this post's picture.";
    let system = include_str!("../prompts/visual.md");
    task(Step::Generate, Input::Picture(Box::new(picturing)), system, prompt, Schema::IMAGE, OUTPUT_TOKENS_BASE)
}

/// Asks for a [`crate::Review`].
pub fn review(reviewing: Reviewing) -> Task {
    let mut prompt = brief_sections(&reviewing.brief);
    prompt += &post_section(&reviewing.entry, &reviewing.language);
    prompt += &limits_section(&reviewing.limits);
    prompt += &tagged("version", &json(&reviewing.content.in_words()));
    if !reviewing.findings.is_empty() {
        prompt += &tagged("findings", &unplaced(&reviewing.findings));
    }
    prompt += "\nReview this version.";
    // What all of them are told, then each one's own part.
    let common = include_str!("../prompts/reviewing.md");
    let parts = std::iter::once(common).chain(reviewing.reviewers.iter().filter_map(|role| rubric_prompt(*role)));
    let (versions, texts): (Vec<&str>, Vec<&str>) = parts.map(versioned).unzip();
    let mut asked =
        task(Step::Review, Input::Review(Box::new(reviewing)), common, prompt, Schema::REVIEW, OUTPUT_TOKENS_BASE);
    asked.prompt_version = versions.join("+");
    asked.system = texts.join("\n\n");
    asked
}

/// Asks for a [`crate::Preferred`]: nothing says who wrote which, or why there are two.
pub fn compare(comparing: Comparing) -> Task {
    let mut prompt = brief_sections(&comparing.brief);
    prompt += &post_section(&comparing.entry, &comparing.language);
    prompt += &limits_section(&comparing.limits);
    prompt += &tagged("first", &json(&comparing.first.in_words()));
    prompt += &tagged("second", &json(&comparing.second.in_words()));
    prompt += "\nSay which is the better post.";
    let system = include_str!("../prompts/judge.md");
    task(Step::Review, Input::Compare(Box::new(comparing)), system, prompt, Schema::PREFERRED, OUTPUT_TOKENS_BASE)
}

/// A reviewer's own part of the prompt.
fn rubric_prompt(role: AgentRole) -> Option<&'static str> {
    match role {
        AgentRole::Editor => Some(include_str!("../prompts/editor.md")),
        AgentRole::Brand => Some(include_str!("../prompts/brand.md")),
        AgentRole::Compliance => Some(include_str!("../prompts/compliance.md")),
        AgentRole::Conversion => Some(include_str!("../prompts/conversion.md")),
        AgentRole::Seo => Some(include_str!("../prompts/seo.md")),
        AgentRole::Strategist
        | AgentRole::Copywriter
        | AgentRole::Visual
        | AgentRole::Publisher
        | AgentRole::Analyst => None,
    }
}

/// A prompt's version, which is its first line, and the rest.
fn versioned(prompt: &'static str) -> (&'static str, &'static str) {
    let (version, text) = prompt.split_once('\n').expect("a test reads every prompt's first line");
    (version.trim_start_matches("version: "), text.trim())
}

pub(crate) fn task(
    step: Step,
    input: Input,
    system: &'static str,
    prompt: String,
    schema: Schema,
    output_tokens_max: u32,
) -> Task {
    let (version, system) = versioned(system);
    Task {
        step,
        memory: Vec::new(),
        input,
        prompt_version: version.into(),
        system: system.into(),
        turns: vec![Turn::Ours(prompt)],
        schema,
        output_tokens_max: output_tokens_max.min(OUTPUT_TOKENS_MAX),
    }
}

impl Task {
    /// Lower-case hex SHA-256 of everything that a model is told: the same hash, the same question.
    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |who: &str, text: &str| {
            hash.update(who.as_bytes());
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        };
        add("system", &self.system);
        add("schema", self.schema.text);
        for turn in &self.turns {
            match turn {
                Turn::Ours(text) => add("ours", text),
                Turn::Model(text) => add("model", text),
            }
        }
        // The rehearsal model works from the input; two inputs are two questions.
        add("input", &json(&self.input));
        domain::post::hex(&hash.finalize())
    }

    /// This task, done by an agent whom the workspace's people told who it is and what to heed. What they wrote is data
    /// as everything else: the system prompt says that no rule gives way to it. The rehearsal model does not heed it.
    #[must_use]
    pub fn heeding(mut self, name: &str, personality: &str, instructions: &str) -> Self {
        if personality.trim().is_empty() && instructions.trim().is_empty() {
            return self;
        }
        let mut told = tagged_lines("agent", [("name", name), ("personality", personality)]);
        if !instructions.trim().is_empty() {
            told += &tagged("instructions", instructions);
        }
        if let Some(Turn::Ours(text)) = self.turns.first_mut() {
            text.insert_str(0, &told);
        }
        self
    }

    /// This task, done by somebody who is reminded of what people decided before. It stands last, just before what is to
    /// be done: what comes before it is the same for many tasks, so that a provider may keep it. Reviewers are told what
    /// it is only where there is something, so that without it they are asked what they always were.
    #[must_use]
    pub fn remembering(mut self, memory: Vec<Remembered>) -> Self {
        if self.step == Step::Review && !memory.is_empty() {
            let (version, text) = versioned(include_str!("../prompts/reminded.md"));
            self.prompt_version += &format!("+{version}");
            self.system += &format!("\n\n{text}");
        }
        let section = remembered::section(&memory);
        if let Some(Turn::Ours(text)) = self.turns.first_mut() {
            let end = text.rfind('\n').unwrap_or(0);
            text.insert_str(end, &section);
        }
        self.memory = memory;
        self
    }

    /// This task, with an answer that does not fit and the reason.
    pub(crate) fn again(&self, answer: &str, complaint: &str) -> Self {
        let mut next = self.clone();
        next.turns.push(Turn::Model(answer.into()));
        next.turns.push(Turn::Ours(format!(
            "{}\nYour answer does not fit, for the reason in <complaint>. Answer again, with the JSON object alone.",
            tagged("complaint", complaint)
        )));
        next
    }
}

fn brief_sections(brief: &Brief) -> String {
    let brand = [
        ("name", brief.brand.name.as_str()),
        ("url", &brief.brand.url),
        ("in a sentence", &brief.brand.one_line),
        ("main language", &brief.brand.language),
    ];
    let unnamed = |tag: &str, texts: &[String]| tagged_lines(tag, texts.iter().map(|text| ("", text.as_str())));
    let claims = |name: &'static str, texts: &[String]| -> Vec<(&'static str, String)> {
        texts.iter().map(|text| (name, text.clone())).collect()
    };
    let claims = [
        claims("allowed", &brief.claims.allowed),
        claims("required", &brief.claims.required),
        claims("banned", &brief.claims.banned),
    ]
    .concat();
    let facts: Vec<(String, &str)> = brief.facts.iter().flat_map(|(name, fact)| fact_lines(name, fact)).collect();
    [
        tagged_lines("brand", brand),
        unnamed("audience", &brief.brand.audience),
        unnamed("voice", &brief.brand.voice),
        tagged_lines("facts", facts.iter().map(|(name, text)| (name.as_str(), *text))),
        tagged_lines("claims", claims.iter().map(|(name, text)| (*name, text.as_str()))),
        style_sections(&brief.style),
        tagged("goal", &brief.goal.text),
    ]
    .concat()
}

/// Nothing where nothing is said, so that a brief without a style asks what it always asked.
fn style_sections(style: &Style) -> String {
    let mut text = String::new();
    if !style.guide.is_empty() {
        text += &tagged("style_guide", &style.guide);
    }
    for (tag, examples) in [("good_example", &style.good), ("bad_example", &style.bad)] {
        text += &examples.iter().map(|example| tagged(tag, example)).collect::<String>();
    }
    text
}

fn fact_lines<'a>(name: &'a str, fact: &'a Fact) -> Vec<(String, &'a str)> {
    match fact {
        Fact::Text(text) => vec![(name.into(), text)],
        Fact::List(texts) => texts.iter().map(|text| (name.into(), text.as_str())).collect(),
        Fact::Table(texts) => texts.iter().map(|(key, text)| (format!("{name}, {key}"), text.as_str())).collect(),
    }
}

fn post_section(entry: &Entry, language: &str) -> String {
    let lines = [
        ("channel", entry.channel.as_str()),
        ("pillar", &entry.pillar),
        ("angle", &entry.angle),
        ("language", language),
    ];
    tagged_lines("post", lines)
}

fn limits_section(limits: &Limits) -> String {
    let title = match limits.title_graphemes_max {
        0 => "the channel shows no title; give a short one to work with".into(),
        max => max.to_string(),
    };
    let text = limits.text_graphemes_max.to_string();
    tagged_lines("limits", [("characters of the title", title.as_str()), ("characters of the text", &text)])
}

/// A model finds a quote by its words; places in bytes would only cost.
fn unplaced(findings: &[Finding]) -> String {
    let findings: Vec<Finding> = findings.iter().map(|finding| Finding { at: None, ..finding.clone() }).collect();
    json(&findings)
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("our own types are always JSON")
}

#[cfg(test)]
mod tests;
