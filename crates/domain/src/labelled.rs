//! Drafts with labels: what the checks, and those who judge, are measured by. The files are in
//! `tests/fixtures/drafts`; `rondo eval` reads them as the tests do.

use serde::Deserialize;

use crate::brief::Brief;
use crate::check::{self, Limits, RECENT_MAX, Recent};
use crate::post::Content;
use crate::review::Finding;

/// A file of drafts for one brief.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Drafts {
    /// The brief's file, without its ending.
    brief: String,
    draft: Vec<Draft>,
}

/// One draft, with what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Its name, the same for ever.
    pub id: String,
    /// Title.
    pub title: String,
    /// Text.
    pub text: String,
    /// BCP 47 tag, where it is not English.
    #[serde(default = "english")]
    pub language: String,
    /// What its channel carries, in graphemes.
    #[serde(default = "text_max")]
    pub text_max: usize,
    /// The draft that was published before it, where that matters.
    #[serde(default)]
    pub after: Option<String>,
    /// The rule that it breaks; none in a good one.
    #[serde(default)]
    pub flaw: Option<String>,
    /// Words that the finding must be about.
    #[serde(default)]
    pub quote: String,
    /// The score that ought to be low, where only somebody who reads can tell.
    #[serde(default)]
    pub judged: Option<String>,
}

fn english() -> String {
    "en".into()
}

fn text_max() -> usize {
    600
}

/// What a draft came to, under the checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// The right rule found the right words, and nothing else was said.
    Right,
    /// The flaw was not found.
    Missed,
    /// Something was found that is not there.
    FalseAlarm(Finding),
}

/// Drafts, each with its brief.
#[derive(Clone, Debug, Default)]
pub struct Suite {
    /// Name and brief.
    pub briefs: Vec<(String, Brief)>,
    /// The draft, and which brief it is for.
    pub drafts: Vec<(usize, Draft)>,
}

impl Suite {
    /// Adds a brief and its files of drafts; complains in words.
    pub fn add(&mut self, name: &str, brief: &str, files: &[&str]) -> Result<(), String> {
        let brief = Brief::parse(brief).map_err(|complaints| format!("{name}: {}", complaints[0]))?;
        self.briefs.push((name.into(), brief));
        for file in files {
            let drafts: Drafts = toml::from_str(file).map_err(|error| format!("{name}: {error}"))?;
            if drafts.brief != name {
                return Err(format!("{name} has drafts for {}", drafts.brief));
            }
            self.drafts.extend(drafts.draft.into_iter().map(|draft| (self.briefs.len() - 1, draft)));
        }
        Ok(())
    }

    /// Everything that the checks find in a draft.
    pub fn findings(&self, index: usize) -> Vec<Finding> {
        let (brief, draft) = &self.drafts[index];
        let brief = &self.briefs[*brief].1;
        let content = draft.content();
        let mut found = check::check(&content, brief, &draft.limits());
        let before = self.drafts.iter().filter(|(_, other)| draft.after.as_ref() == Some(&other.id));
        let recent: Vec<Recent> =
            before.map(|(_, other)| Recent { title: other.title.clone(), text: other.text.clone() }).collect();
        found.extend(check::repeated(&content, brief, &recent));
        found
    }

    /// Whether a draft says again what the others of its brief say, as many as a post is held against.
    pub fn repeated(&self, index: usize) -> Option<Finding> {
        let (of, draft) = &self.drafts[index];
        let others = self.drafts.iter().filter(|(brief, other)| brief == of && other.id != draft.id);
        let recent = |(_, other): &(usize, Draft)| Recent { title: other.title.clone(), text: other.text.clone() };
        let recent: Vec<Recent> = others.map(recent).take(RECENT_MAX as usize).collect();
        check::repeated(&draft.content(), &self.briefs[*of].1, &recent)
    }

    /// What these findings say of it.
    pub fn came(&self, index: usize, found: &[Finding]) -> Came {
        let (_, draft) = &self.drafts[index];
        let is_the_flaw = |finding: &&Finding| {
            let touches = finding.quote.contains(&draft.quote) || draft.quote.contains(&finding.quote);
            Some(&finding.rule) == draft.flaw.as_ref() && (draft.quote.is_empty() || touches)
        };
        // What there is to say of a text that is not there at all is said by `empty`.
        let aside = |finding: &&Finding| draft.flaw.as_deref() == Some("empty") && finding.rule == "required_claim";
        match found.iter().find(|finding| !is_the_flaw(finding) && !aside(finding)) {
            _ if draft.flaw.is_some() && !found.iter().any(|finding| is_the_flaw(&finding)) => Came::Missed,
            Some(finding) => Came::FalseAlarm(finding.clone()),
            None => Came::Right,
        }
    }
}

impl Draft {
    /// As a version.
    pub fn content(&self) -> Content {
        Content { language: self.language.clone(), title: self.title.clone(), text: self.text.clone(), image: None }
    }

    /// What its channel carries.
    pub fn limits(&self) -> Limits {
        Limits { text_graphemes_max: self.text_max, title_graphemes_max: 80 }
    }
}
