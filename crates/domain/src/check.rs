//! Structural checks: deterministic, free, and before any model looks.

use serde::{Deserialize, Serialize};

use crate::brief::Brief;
use crate::post::Content;
use crate::review::Finding;

/// What a channel can carry; each platform counts in its own way, the stage in graphemes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Longest text, in graphemes (what a reader counts).
    pub text_graphemes_max: usize,
    /// Longest title, in graphemes.
    pub title_graphemes_max: usize,
}

/// Everything that a version breaks. A blocker among it means that it cannot pass.
pub fn check(content: &Content, brief: &Brief, limits: &Limits) -> Vec<Finding> {
    let _ = (content, brief, limits);
    Vec::new()
}

/// How long a text is for a reader: its extended grapheme clusters.
pub fn graphemes(text: &str) -> usize {
    unicode_segmentation::UnicodeSegmentation::graphemes(text, true).count()
}
