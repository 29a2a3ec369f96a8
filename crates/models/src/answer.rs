//! What a step gets out of an answer: a type, its schema's twin, with rules that a schema cannot say.

use domain::post::{TEXT_BYTES_MAX, TITLE_CHARS_MAX};
use domain::{Content, Finding, Scores, Strategy, Verdict};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::tasks::Input;
use crate::untrusted::is_hidden;

/// A type of answer. Its serde form denies unknown fields.
pub trait Answer: DeserializeOwned {
    /// The answer, if it fits what was asked; else what is wrong with it, in words for whoever wrote it.
    fn fit(self, input: &Input) -> Result<Self, String>;
}

/// What a reviewer says of a version. What counts is [`domain::review::decide`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its scores.
    pub scores: Scores,
    /// Why, the gravest first.
    pub findings: Vec<Finding>,
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
        for (field, text) in [("title", &self.title), ("text", &self.text)] {
            if text.trim().is_empty() {
                return Err(format!("{field} is empty"));
            }
            if let Some(c) = text.chars().find(|c| (c.is_control() && *c != '\n') || (is_hidden(*c) && !is_joiner(*c)))
            {
                return Err(format!("{field} holds the character U+{:04X}, which nobody can see", u32::from(c)));
            }
        }
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
        Ok(Self { language: writing.language.clone(), title: self.title.trim().into(), text: self.text.trim().into() })
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
        self.scores.check()?;
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
            // Words that the version does not hold are no evidence.
            let held =
                [&reviewing.content.title, &reviewing.content.text].iter().any(|text| text.contains(&finding.quote));
            if !held {
                finding.quote.clear();
            }
        }
        Ok(self)
    }
}
