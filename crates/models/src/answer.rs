//! What a step gets out of an answer: a type, its schema's twin, with rules that a schema cannot say.

use domain::director::Opinion;
use domain::learning::Preference;
use domain::post::{TEXT_BYTES_MAX, TITLE_CHARS_MAX};
use domain::review::{SCORE_MIN, Span};
use domain::{AgentRole, Content, Dimension, Finding, Image, Mark, Part, Scores, Severity, Strategy, Verdict};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::tasks::Input;
use crate::untrusted::{excerpt, is_hidden};

/// A type of answer. Its serde form denies unknown fields.
pub trait Answer: DeserializeOwned {
    /// The answer, if it fits what was asked; else what is wrong with it, in words for whoever wrote it.
    fn fit(self, input: &Input) -> Result<Self, String>;
}

/// What a reviewer says of a version. What counts is [`domain::director::decide`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its scores.
    pub scores: Vec<Mark>,
    /// Why, the gravest first.
    pub findings: Vec<Finding>,
    /// Quotes that the version does not hold: thrown away, and noted here.
    #[serde(skip)]
    pub discarded: Vec<String>,
}

impl Review {
    /// The editor's six; none where the editor was not asked.
    pub fn copy_scores(&self) -> Option<Scores> {
        domain::rubric::copy_scores(&self.scores)
    }

    /// What each of those who were asked said. Who answer together are told apart by their dimensions: a finding belongs
    /// to whose rubric its rule is of, any other to the first of them; the verdict is the first one's word, and of the
    /// others what their own scores and blockers come to.
    pub fn opinions(&self, asked: &[AgentRole]) -> Vec<Opinion> {
        let of =
            |rule: &str| rule.parse::<Dimension>().map(Dimension::reviewer).ok().filter(|role| asked.contains(role));
        let first = asked.first().copied();
        let opinion = |reviewer: &AgentRole| {
            let mine = |finding: &&Finding| of(&finding.rule).or(first) == Some(*reviewer);
            let findings: Vec<Finding> = self.findings.iter().filter(mine).cloned().collect();
            let marks: Vec<Mark> =
                self.scores.iter().filter(|mark| reviewer.rubric().contains(&mark.dimension)).cloned().collect();
            let objects = findings.iter().any(|finding| finding.severity == Severity::Blocker)
                || marks.iter().any(|mark| mark.score < SCORE_MIN);
            let verdict = match (first == Some(*reviewer), objects) {
                (true, _) => self.verdict,
                (false, true) => Verdict::Revise,
                (false, false) => Verdict::Approve,
            };
            Opinion { reviewer: *reviewer, verdict, marks, findings }
        };
        asked.iter().map(opinion).collect()
    }
}

/// Which of two a judge holds for better.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preferred {
    /// Which.
    pub better: Preference,
    /// Why, in a sentence.
    pub why: String,
}

/// Longest reason that is kept, in characters.
const WHY_CHARS_MAX: usize = 300;

impl Answer for Preferred {
    fn fit(self, input: &Input) -> Result<Self, String> {
        let Input::Compare(_) = input else { return Err("no comparison was asked for".into()) };
        Ok(Self { why: excerpt(&self.why, WHY_CHARS_MAX), ..self })
    }
}

impl Answer for Strategy {
    fn fit(self, input: &Input) -> Result<Self, String> {
        let Input::Strategize(planning) = input else { return Err("no strategy was asked for".into()) };
        self.check(&planning.slots, &planning.brief.goal.channels)?;
        let percent: u32 = self.channel_mix.iter().map(|share| u32::from(share.percent)).sum();
        if percent != 100 {
            return Err(format!("channel_mix adds up to {percent} percent; it must be 100"));
        }
        Ok(self)
    }
}

impl Answer for Content {
    fn fit(self, input: &Input) -> Result<Self, String> {
        let Input::Generate(writing) = input else { return Err("no post was asked for".into()) };
        if !self.language.eq_ignore_ascii_case(&writing.language) {
            return Err(format!("language must be `{}`", writing.language));
        }
        if self.image.is_some() {
            return Err("image was not asked for".into());
        }
        visible("title", &self.title)?;
        visible("text", &self.text)?;
        if self.title.contains('\n') {
            return Err("title has more than one line".into());
        }
        let chars = self.title.chars().count();
        if chars > TITLE_CHARS_MAX {
            return Err(format!("title has {chars} characters; the most is {TITLE_CHARS_MAX}"));
        }
        if self.text.len() > TEXT_BYTES_MAX {
            return Err(format!("text has {} bytes; the most is {TEXT_BYTES_MAX}", self.text.len()));
        }
        // How long the channel lets it be is for the checks: that is a finding, not a misfit.
        let (title, text) = (self.title.trim().into(), self.text.trim().into());
        Ok(Self { language: writing.language.clone(), title, text, image: None })
    }
}

impl Answer for Image {
    fn fit(self, input: &Input) -> Result<Self, String> {
        let Input::Picture(_) = input else { return Err("no picture was asked for".into()) };
        visible("prompt", &self.prompt)?;
        visible("alt", &self.alt)?;
        if self.drawn.is_some() {
            return Err("drawn was not asked for".into());
        }
        let fits = Self { prompt: self.prompt.trim().into(), alt: self.alt.trim().into(), drawn: None };
        match fits.complaints().first() {
            Some(complaint) => Err(format!("{} {}", complaint.field, complaint.complaint)),
            None => Ok(fits),
        }
    }
}

/// Something that a reader sees: not nothing, and no character that hides.
fn visible(field: &str, text: &str) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("{field} is empty"));
    }
    match text.chars().find(|c| (c.is_control() && *c != '\n') || (is_hidden(*c) && !is_joiner(*c))) {
        Some(c) => Err(format!("{field} holds the character U+{:04X}, which nobody can see", u32::from(c))),
        None => Ok(()),
    }
}

fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Most findings.
const FINDINGS_MAX: usize = 50;

impl Answer for Review {
    fn fit(mut self, input: &Input) -> Result<Self, String> {
        let Input::Review(reviewing) = input else { return Err("no review was asked for".into()) };
        if let Some(complaint) = domain::rubric::complaint(&self.scores, &reviewing.asked()) {
            return Err(complaint);
        }
        if self.findings.len() > FINDINGS_MAX {
            return Err(format!("findings has {} entries; the most is {FINDINGS_MAX}", self.findings.len()));
        }
        if self.verdict != Verdict::Approve && self.findings.is_empty() {
            return Err(format!("the verdict is `{}`, and no finding says why", self.verdict));
        }
        for finding in &mut self.findings {
            if finding.advice.trim().is_empty() {
                return Err(format!("the finding `{}` has no advice", finding.rule));
            }
            // Where it stands is ours to say.
            finding.at = None;
            disprove(&mut finding.quote, &reviewing.content, &mut self.discarded);
            finding.at = Span::of(&finding.quote, &reviewing.content);
        }
        for mark in &mut self.scores {
            disprove(&mut mark.quote, &reviewing.content, &mut self.discarded);
        }
        Ok(self)
    }
}

/// Longest note of a quote that was thrown away, in characters.
const DISCARDED_CHARS_MAX: usize = 200;

/// Words that the version does not hold are no evidence.
fn disprove(quote: &mut String, content: &Content, discarded: &mut Vec<String>) {
    let holds = |part: &Part| part.of(content).is_some_and(|text| text.contains(quote.as_str()));
    if !Part::ALL.iter().any(holds) {
        discarded.push(excerpt(quote, DISCARDED_CHARS_MAX));
        quote.clear();
    }
}
