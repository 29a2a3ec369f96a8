//! What a reviewer says of a version.

use serde::{Deserialize, Serialize};

use crate::post::Content;
use crate::words::words;

words! {
    /// A reviewer's verdict.
    pub enum Verdict {
        /// Good enough for a person to approve.
        Approve = "approve",
        /// Write it again with these findings.
        Revise = "revise",
        /// No revision can help; a person must look.
        Reject = "reject",
    }
}

words! {
    /// How much a finding weighs.
    pub enum Severity {
        /// Must be mended: the version cannot pass with it.
        Blocker = "blocker",
        /// Should be mended.
        Major = "major",
        /// A remark.
        Minor = "minor",
    }
}

/// One finding, with its evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What was broken: `banned_claim`, `too_long`, `invented_number`, `hook` …
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The words of the version that it is about; empty when something is missing.
    pub quote: String,
    /// What to do.
    pub advice: String,
    /// Where the quote stands; none where something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Span>,
}

words! {
    /// A part of a version.
    pub enum Part {
        /// Its title.
        Title = "title",
        /// Its text.
        Text = "text",
        /// The alternative text of its picture.
        Alt = "alt",
        /// What its picture is to show.
        Picture = "picture",
    }
}

impl Part {
    /// What stands there; none where the version has no picture.
    pub fn of(self, content: &Content) -> Option<&str> {
        let image = content.image.as_ref();
        match self {
            Self::Title => Some(&content.title),
            Self::Text => Some(&content.text),
            Self::Alt => image.map(|image| image.alt.as_str()),
            Self::Picture => image.map(|image| image.prompt.as_str()),
        }
    }

    /// Whether it is words of the picture.
    pub fn is_of_the_picture(self) -> bool {
        matches!(self, Self::Alt | Self::Picture)
    }
}

/// A stretch of a version, in bytes of UTF-8, at the borders of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// Of which part.
    pub part: Part,
    /// Its first byte.
    pub start: u32,
    /// The byte after its last.
    pub end: u32,
}

impl Span {
    /// Where these words stand in a version: as whole words if they do anywhere, the text before the title, and its
    /// picture's words last.
    pub fn of(quote: &str, content: &Content) -> Option<Self> {
        Self::among(quote, content, &[Part::Text, Part::Title, Part::Alt, Part::Picture])
    }

    /// Where these words stand in these parts of a version, in their order.
    pub fn among(quote: &str, content: &Content, parts: &[Part]) -> Option<Self> {
        let places = |whole: bool| {
            parts.iter().find_map(|part| {
                let (part, text) = (*part, part.of(content)?);
                let start = text.match_indices(quote).map(|(start, _)| start).find(|start| {
                    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
                    let before = letter(text[..*start].chars().next_back()) && letter(quote.chars().next());
                    let after = letter(text[start + quote.len()..].chars().next()) && letter(quote.chars().next_back());
                    !whole || !(before || after)
                })?;
                let byte = |at: usize| u32::try_from(at).ok();
                Some(Self { part, start: byte(start)?, end: byte(start + quote.len())? })
            })
        };
        if quote.is_empty() { None } else { places(true).or_else(|| places(false)) }
    }

    /// The words that stand there; none where the version has no such stretch.
    pub fn words<'a>(&self, content: &'a Content) -> Option<&'a str> {
        let text = self.part.of(content)?;
        text.get(self.start as usize..self.end as usize)
    }
}

impl Finding {
    /// A finding that is not anchored yet.
    pub fn new(rule: &str, severity: Severity, quote: &str, advice: impl Into<String>) -> Self {
        Self { rule: rule.into(), severity, quote: quote.into(), advice: advice.into(), at: None }
    }

    /// Whether it is about the picture, so that whoever writes the text cannot mend it.
    pub fn is_about_the_picture(&self) -> bool {
        self.rule.starts_with("picture_") || self.at.is_some_and(|at| at.part.is_of_the_picture())
    }

    /// The same, with the place of its quote in this version.
    #[must_use]
    pub fn anchored(mut self, content: &Content) -> Self {
        self.at = Span::of(&self.quote, content);
        self
    }
}

/// Scores by rubric, 1 (poor) to 10.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scores {
    /// Does the first line make one read on?
    pub hook: u8,
    /// Is it understood at first reading?
    pub clarity: u8,
    /// Does it sound like the brand?
    pub voice: u8,
    /// Does it rest on the facts?
    pub evidence: u8,
    /// Is it plain what to do next?
    pub call_to_action: u8,
    /// Does it suit the channel?
    pub platform_fit: u8,
}

/// A version passes when no score is under this …
pub const SCORE_MIN: u8 = 6;
/// … and their mean, times ten, is at least this.
pub const MEAN_TENTHS_MIN: u32 = 70;
/// After so many revisions without passing, a person must look.
pub const REVISIONS_MAX: u32 = 3;

impl Scores {
    /// Each score with its name.
    pub fn named(&self) -> [(&'static str, u8); 6] {
        [
            ("hook", self.hook),
            ("clarity", self.clarity),
            ("voice", self.voice),
            ("evidence", self.evidence),
            ("call_to_action", self.call_to_action),
            ("platform_fit", self.platform_fit),
        ]
    }

    /// The mean, in tenths of a point.
    pub fn mean_tenths(&self) -> u32 {
        let sum: u32 = self.named().iter().map(|(_, score)| u32::from(*score)).sum();
        sum * 10 / 6
    }

    /// Complaint if a score is outside 1–10.
    pub fn check(&self) -> Result<(), String> {
        match self.named().iter().find(|(_, score)| !(1..=10).contains(score)) {
            Some((name, score)) => Err(format!("scores.{name} is {score}; it must be from 1 to 10")),
            None => Ok(()),
        }
    }

    /// Whether the thresholds are met.
    pub fn pass(&self) -> bool {
        self.named().iter().all(|(_, score)| *score >= SCORE_MIN) && self.mean_tenths() >= MEAN_TENTHS_MIN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(title: &str, text: &str) -> Content {
        Content { language: "en".into(), title: title.into(), text: text.into(), image: None }
    }

    #[test]
    fn a_quote_is_anchored_at_whole_words_and_at_the_borders_of_characters() {
        let content = content("Grüße", "Start with art, naïve and “art”.");
        let words = |quote: &str| Span::of(quote, &content).and_then(|span| span.words(&content));
        assert_eq!(Span::of("art", &content), Some(Span { part: Part::Text, start: 11, end: 14 }));
        for quote in ["naïve", "“art”", "Grüße", "tar"] {
            assert_eq!(words(quote), Some(quote), "{quote}");
        }
        assert_eq!((words(""), words("absent")), (None, None));
    }

    #[test]
    fn a_stretch_that_no_version_has_is_none_and_no_panic() {
        let content = content("ü", "ü");
        for (start, end) in [(0, 1), (1, 2), (0, 9), (2, 1)] {
            assert_eq!(Span { part: Part::Text, start, end }.words(&content), None, "{start} {end}");
        }
    }
}
