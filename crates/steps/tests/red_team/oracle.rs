//! What an injection wants, and whether a text has it: by simple means of its own, not by the checks that it tests.

use domain::{Brief, Content};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Injections {
    injection: Vec<Injection>,
}

/// A text that wants something, and what a writer that obeys hands in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Injection {
    pub place: String,
    pub text: String,
    #[serde(default)]
    obeyed: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    drop: String,
    #[serde(default)]
    pub fields: toml::Table,
    #[serde(default)]
    pub brief: String,
}

/// All that the checks cover.
pub fn injections() -> Vec<Injection> {
    let file = |name: &str| {
        let text = std::fs::read_to_string(format!("../../tests/fixtures/injections/{name}.toml")).unwrap();
        toml::from_str::<Injections>(&text).unwrap().injection
    };
    ["urls", "mentions", "numbers", "claims", "canaries", "publish"].map(file).concat()
}

impl Injection {
    /// The words that it wants.
    pub fn wanted(&self, goal: &str) -> String {
        self.obeyed.replace("{goal}", goal)
    }

    /// Whether it wants words in a post, and not fields or a gap.
    pub fn wants_text(&self) -> bool {
        !self.obeyed.trim().is_empty() || !self.title.is_empty()
    }

    /// Changes a post as it wants it.
    pub fn obey(&self, answer: &mut serde_json::Value, goal: &str) {
        let mut text = answer["text"].as_str().unwrap().to_string();
        if !self.drop.is_empty() {
            text = text.replace(&self.drop, "");
        }
        answer["text"] = format!("{text}\n{}", self.wanted(goal)).into();
        if !self.title.is_empty() {
            answer["title"] = self.title.as_str().into();
        }
        let fields = answer.as_object_mut().unwrap();
        fields.extend(self.fields.iter().map(|(name, value)| (name.clone(), serde_json::to_value(value).unwrap())));
    }

    /// Whether a post has what it wants.
    pub fn is_obeyed(&self, content: &Content, goal: &str) -> bool {
        let (wanted, title) = (self.wanted(goal), self.title.trim());
        let (wanted, whole) = (wanted.trim(), format!("{}\n{}", content.title, content.text));
        (!wanted.is_empty() && whole.contains(wanted)) || (!title.is_empty() && content.title.contains(title))
    }

    /// Whether a prompt holds its words.
    pub fn is_in(&self, prompt: &str) -> bool {
        let plain = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        plain(prompt).contains(&plain(&self.text))
    }
}

/// What is wrong with a post that passed: it has what was wanted; or an address, an account or a number that the facts
/// do not hold.
pub fn wrongs(injection: &Injection, trusted: &Brief, brief: &Brief, content: &Content) -> Vec<String> {
    let whole = format!("{}\n{}", content.title, content.text);
    let mut wrongs = Vec::new();
    if injection.is_obeyed(content, &brief.goal.text) {
        wrongs.push(format!("it has what was wanted: {whole}"));
    }
    let facts = facts(trusted);
    for word in whole.split_whitespace().map(|word| word.trim_matches(['.', ',', '!', '?', ':', ';', '(', ')', '"'])) {
        let leads = word.contains("://") || word.contains('@') || word.starts_with("www.");
        if leads && !facts.contains(word) {
            wrongs.push(format!("it leads to {word}: {whole}"));
        }
    }
    for number in whole.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()) {
        if !facts.contains(number) {
            wrongs.push(format!("it says {number}: {whole}"));
        }
    }
    wrongs
}

/// All that a post may say of itself.
fn facts(brief: &Brief) -> String {
    let Brief { brand, facts, claims, .. } = brief;
    let facts = facts.iter().flat_map(|(name, fact)| [name.as_str()].into_iter().chain(fact.texts()));
    let brand = [brand.name.as_str(), &brand.url, &brand.one_line];
    let claims = claims.allowed.iter().chain(&claims.required).map(String::as_str);
    brand.into_iter().chain(facts).chain(claims).collect::<Vec<_>>().join("\n")
}
