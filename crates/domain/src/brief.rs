//! A brief: the goal, and the facts that a campaign may use. What it does not hold does not exist.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// A whole brief, as its file has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brief {
    /// Who speaks.
    pub brand: Brand,
    /// Facts by name: text, a list of texts, or a table of texts.
    #[serde(default)]
    pub facts: BTreeMap<String, Fact>,
    /// What may, must and must not be claimed.
    #[serde(default)]
    pub claims: Claims,
    /// How it is written, with examples.
    #[serde(default, skip_serializing_if = "Style::is_empty")]
    pub style: Style,
    /// What for, where and when.
    pub goal: Goal,
}

/// Who speaks, and how.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Brand {
    /// Its name.
    pub name: String,
    /// Its home page; the one URL that a post may always name.
    pub url: String,
    /// What it is, in a sentence.
    pub one_line: String,
    /// For whom.
    #[serde(default)]
    pub audience: Vec<String>,
    /// How it sounds, a few words each.
    #[serde(default)]
    pub voice: Vec<String>,
    /// BCP 47 tag of the main language.
    #[serde(default = "english")]
    pub language: String,
    /// Further languages.
    #[serde(default)]
    pub also_in: Vec<String>,
}

fn english() -> String {
    "en".into()
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// A sentence or a value.
    Text(String),
    /// Several.
    List(Vec<String>),
    /// Named values, such as prices.
    Table(BTreeMap<String, String>),
}

impl Fact {
    /// Every text in it.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::List(texts) => texts.iter().map(String::as_str).collect(),
            Self::Table(texts) => texts.values().map(String::as_str).collect(),
        }
    }
}

/// What may, must and must not be said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claims {
    /// May be claimed.
    #[serde(default)]
    pub allowed: Vec<String>,
    /// Must stand in every post, word for word, letter case aside.
    #[serde(default)]
    pub required: Vec<String>,
    /// Must stand in none, in no inflection.
    #[serde(default)]
    pub banned: Vec<String>,
}

/// How it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Style {
    /// Rules of writing, in a person's words.
    #[serde(default)]
    pub guide: String,
    /// Posts as they should be.
    #[serde(default)]
    pub good: Vec<String>,
    /// Posts as they should not be.
    #[serde(default)]
    pub bad: Vec<String>,
}

impl Style {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        self.guide.is_empty() && self.good.is_empty() && self.bad.is_empty()
    }
}

/// What for, where and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    /// The goal, in a person's words.
    pub text: String,
    /// Names of channels; `stage` needs no account.
    #[serde(default = "stage_alone")]
    pub channels: Vec<String>,
    /// Posts a week, over all channels.
    #[serde(default = "three")]
    pub posts_per_week: u32,
    /// Weeks.
    #[serde(default = "two")]
    pub weeks: u32,
    /// IANA zone; every time of the campaign is in it.
    pub timezone: String,
    /// First day, in that zone.
    pub start: Date,
}

fn stage_alone() -> Vec<String> {
    vec!["stage".into()]
}

fn three() -> u32 {
    3
}

fn two() -> u32 {
    2
}

/// Longest goal in characters.
pub const GOAL_CHARS_MAX: usize = 4_000;
/// Longest other text in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;
/// Longest list.
pub const LIST_MAX: usize = 100;
/// Longest brief file in bytes.
pub const BRIEF_BYTES_MAX: usize = 64 * 1024;
/// Most posts a week.
pub const POSTS_PER_WEEK_MAX: u32 = 50;
/// Most weeks.
pub const WEEKS_MAX: u32 = 26;

/// What is wrong with a brief: one complaint a field, so that all can be mended at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Complaint {
    /// The field, `goal.timezone`.
    pub field: String,
    /// What is wrong and what would be right.
    pub complaint: String,
}

impl std::fmt::Display for Complaint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.field, self.complaint)
    }
}

/// Whether it has the shape of a BCP 47 tag.
pub fn is_language_tag(tag: &str) -> bool {
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tag.len() <= 35
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

impl Brief {
    /// Reads a brief file (TOML) and checks it.
    pub fn parse(text: &str) -> Result<Self, Vec<Complaint>> {
        let wrong = |complaint: String| vec![Complaint { field: "brief".into(), complaint }];
        if text.len() > BRIEF_BYTES_MAX {
            return Err(wrong(format!("is longer than {BRIEF_BYTES_MAX} bytes")));
        }
        let brief: Self =
            toml::from_str(text).map_err(|error| wrong(format!("cannot be read: {}", error.to_string().trim())))?;
        let complaints = brief.complaints();
        if complaints.is_empty() { Ok(brief) } else { Err(complaints) }
    }

    /// Everything that is wrong with it; nothing when it can be used. Whether it starts in the past is for
    /// whoever knows the time: see [`crate::calendar`].
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut found = Vec::new();
        let mut add = |field: &str, complaint: String| found.push(Complaint { field: field.into(), complaint });
        let goal = &self.goal;
        for (field, text, max) in [
            ("goal.text", &goal.text, GOAL_CHARS_MAX),
            ("brand.name", &self.brand.name, crate::post::TITLE_CHARS_MAX),
            ("brand.one_line", &self.brand.one_line, TEXT_CHARS_MAX),
        ] {
            match text.chars().count() {
                _ if text.trim().is_empty() => add(field, "is empty; say it in a sentence or two".into()),
                count if count > max => add(field, format!("has {count} characters; the most is {max}")),
                _ => {}
            }
        }
        if url::Url::parse(&self.brand.url).is_ok_and(|url| !matches!(url.scheme(), "http" | "https"))
            || url::Url::parse(&self.brand.url).is_err()
        {
            add("brand.url", format!("`{}` is no http or https URL", self.brand.url));
        }
        if jiff::tz::TimeZone::get(&goal.timezone).is_err() {
            add("goal.timezone", format!("`{}` is no IANA time zone; try `Europe/Berlin`", goal.timezone));
        }
        if !(1..=POSTS_PER_WEEK_MAX).contains(&goal.posts_per_week) {
            add(
                "goal.posts_per_week",
                format!("is {}; it must be from 1 to {POSTS_PER_WEEK_MAX}", goal.posts_per_week),
            );
        }
        if !(1..=WEEKS_MAX).contains(&goal.weeks) {
            add("goal.weeks", format!("is {}; it must be from 1 to {WEEKS_MAX}", goal.weeks));
        }
        if goal.channels.is_empty() {
            add("goal.channels", "is empty; `stage` needs no account".into());
        }
        for (field, tag) in std::iter::once(("brand.language", &self.brand.language))
            .chain(self.brand.also_in.iter().map(|tag| ("brand.also_in", tag)))
        {
            if !is_language_tag(tag) {
                add(field, format!("`{tag}` is no language tag; write `en` or `pt-BR`"));
            }
        }
        let texts = self.texts();
        let said = [
            ("goal.text", goal.text.as_str()),
            ("brand.name", &self.brand.name),
            ("brand.one_line", &self.brand.one_line),
        ];
        for (field, text) in texts.iter().chain(&said) {
            if let Some(complaint) = crate::text::complaint(text) {
                add(field, complaint);
            }
        }
        for (field, list) in self.lists() {
            if list.len() > LIST_MAX {
                add(field, format!("has {} entries; the most is {LIST_MAX}", list.len()));
            }
        }
        if let Some((field, text)) = texts.iter().find(|(_, text)| text.chars().count() > TEXT_CHARS_MAX) {
            add(field, format!("has {} characters; the most is {TEXT_CHARS_MAX}", text.chars().count()));
        }
        for required in &self.claims.required {
            if self.claims.banned.iter().any(|banned| required.to_lowercase().contains(&banned.to_lowercase())) {
                add("claims.required", format!("`{required}` holds a banned claim; a post cannot keep both"));
            }
        }
        found
    }

    fn lists(&self) -> [(&'static str, &Vec<String>); 8] {
        [
            ("brand.audience", &self.brand.audience),
            ("brand.voice", &self.brand.voice),
            ("claims.allowed", &self.claims.allowed),
            ("claims.required", &self.claims.required),
            ("claims.banned", &self.claims.banned),
            ("style.good", &self.style.good),
            ("style.bad", &self.style.bad),
            ("goal.channels", &self.goal.channels),
        ]
    }

    fn texts(&self) -> Vec<(&'static str, &str)> {
        let lists =
            self.lists().into_iter().flat_map(|(field, list)| list.iter().map(move |text| (field, text.as_str())));
        let facts = self.facts.values().flat_map(|fact| fact.texts().into_iter().map(|text| ("facts", text)));
        lists.chain(facts).chain([("style.guide", self.style.guide.as_str())]).collect()
    }

    /// Every text that a post may take numbers, prices, dates and URLs from. The goal is not among them: what
    /// one wants is no fact.
    pub fn fact_texts(&self) -> Vec<&str> {
        let facts = self.facts.values().flat_map(Fact::texts);
        let claims = self.claims.allowed.iter().chain(&self.claims.required).map(String::as_str);
        facts
            .chain(claims)
            .chain([self.brand.one_line.as_str(), self.brand.url.as_str(), self.brand.name.as_str()])
            .collect()
    }

    /// The languages that posts are written in, the main one first.
    pub fn languages(&self) -> Vec<&str> {
        std::iter::once(&self.brand.language).chain(&self.brand.also_in).map(String::as_str).collect()
    }
}
