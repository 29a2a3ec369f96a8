//! Words for a proposal of a learning: from what people wrote to a sentence that a copywriter can be told.

use domain::Step;
use domain::learning::wording::wording;
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::tasks::{Input, Schema, Task, task};
use crate::untrusted::{excerpt, tagged, tagged_lines};

/// What is to be worded, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// What the rule that saw it says.
    pub rule: String,
    /// What was written, and what people made of it.
    pub edits: Vec<(String, String)>,
    /// What people said when they sent posts back.
    pub comments: Vec<String>,
}

/// Longest piece of evidence in a prompt, in characters.
pub const EVIDENCE_CHARS_MAX: usize = 600;
/// Tokens that the answer may have; models that think before they write count that too.
const OUTPUT_TOKENS_MAX: u32 = 2_000;

/// A sentence for a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worded {
    /// What the copywriter is to heed.
    pub statement: String,
}

impl Answer for Worded {
    fn fit(self, input: &Input) -> Result<Self, String> {
        let Input::Word(about) = input else { return Err("no words were asked for".into()) };
        Ok(Self { statement: wording(&self.statement, &about.known())? })
    }
}

impl Wording {
    /// What may be repeated: the rule, and what people wrote.
    fn known(&self) -> Vec<&str> {
        let edits = self.edits.iter().flat_map(|(before, after)| [before.as_str(), after]);
        std::iter::once(self.rule.as_str()).chain(edits).chain(self.comments.iter().map(String::as_str)).collect()
    }
}

/// Asks for a [`Worded`].
pub fn word(about: Wording) -> Task {
    let mut prompt = tagged("rule", &about.rule);
    for (before, after) in &about.edits {
        prompt += &tagged("before", &excerpt(before, EVIDENCE_CHARS_MAX));
        prompt += &tagged("after", &excerpt(after, EVIDENCE_CHARS_MAX));
    }
    if !about.comments.is_empty() {
        let comments: Vec<String> = about.comments.iter().map(|one| excerpt(one, EVIDENCE_CHARS_MAX)).collect();
        prompt += &tagged_lines("comments", comments.iter().map(|one| ("", one.as_str())));
    }
    prompt += "\nPut the reason into one sentence.";
    let system = include_str!("../prompts/analyst.md");
    task(Step::Review, Input::Word(Box::new(about)), system, prompt, Schema::WORDED, OUTPUT_TOKENS_MAX)
}
