//! A post, its immutable versions, and its states.
//!
//! ```text
//! writing ─▶ in_review ─▶ awaiting_approval ─▶ scheduled ─▶ publishing ─▶ published
//!    ▲          │  │              │                │             │
//!    └─ revise ─┘  └▶ needs_person┘ (a person      └▶ missed     └▶ needs_person
//!                                    edits or sends back)
//! any but publishing, published ─▶ rejected | cancelled
//! ```

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::brief::Complaint;
use crate::picture::{self, Drawn};
use crate::words::words;

words! {
    /// Where a post is.
    pub enum PostState {
        /// The copywriter is at work, or waits for its turn.
        Writing = "writing",
        /// Reviewers are at work.
        InReview = "in_review",
        /// A reviewed version waits for a person's approval.
        AwaitingApproval = "awaiting_approval",
        /// Approved; goes out at its time.
        Scheduled = "scheduled",
        /// Armed: it is being sent, or its outcome is being found out.
        Publishing = "publishing",
        /// It is out.
        Published = "published",
        /// Its time passed by more than the grace; it did not go out.
        Missed = "missed",
        /// A person must look: no verdict, the limit of revisions, or an outcome nobody can find out.
        NeedsPerson = "needs_person",
        /// A person dropped it.
        Rejected = "rejected",
        /// Its campaign was cancelled.
        Cancelled = "cancelled",
    }
}

impl PostState {
    /// Whether nothing more will happen by itself or by approval.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Published | Self::Missed | Self::Rejected | Self::Cancelled)
    }

    /// For a reader: what its time passed over, `… while it was {this}`.
    pub fn while_it_was(self) -> &'static str {
        match self {
            Self::Writing => "being written",
            Self::InReview => "under review",
            Self::AwaitingApproval => "waiting for approval",
            Self::Scheduled => "approved and waiting to be sent",
            Self::Publishing => "on its way",
            Self::Published => "out already",
            Self::Missed => "missed already",
            Self::NeedsPerson => "waiting for a person",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What a version says. Immutable once stored; its SHA-256 is what an approval binds to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// BCP 47 tag, `en`.
    pub language: String,
    /// One line; feeds and the stage show it above the text.
    pub title: String,
    /// Plain text; paragraphs are separated by an empty line.
    pub text: String,
    /// The picture beside it. Left out where there is none, so that such a version's hash is what it always was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
}

/// A picture: what it shows, what is said to those who cannot see it, and, once somebody drew it, which bytes it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What it is to show, in words for whoever makes it.
    pub prompt: String,
    /// Its alternative text, in the post's language.
    pub alt: String,
    /// What was drawn; none while it is an idea in words. Left out then, so that such a version's hash is what it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drawn: Option<Drawn>,
}

/// Longest words for whoever makes a picture, in characters.
pub const IMAGE_PROMPT_CHARS_MAX: usize = 1_000;
/// Longest alternative text in characters.
pub const ALT_CHARS_MAX: usize = 1_000;

impl Image {
    /// The idea alone.
    #[must_use]
    pub fn undrawn(&self) -> Self {
        Self { drawn: None, ..self.clone() }
    }

    /// What no picture's words can be, by the name of the field.
    pub fn complaints(&self) -> Vec<Complaint> {
        let fields = [("image.prompt", &self.prompt, IMAGE_PROMPT_CHARS_MAX), ("image.alt", &self.alt, ALT_CHARS_MAX)];
        let wrong = fields.into_iter().filter_map(|(field, text, max)| {
            let count = text.chars().count();
            let complaint = match count {
                _ if text.trim().is_empty() => "is empty; a picture has both its idea and its alternative text".into(),
                count if count > max => format!("has {count} characters; the most is {max}"),
                _ => return None,
            };
            Some(Complaint { field: field.into(), complaint })
        });
        let unnamed = self.drawn.as_ref().is_some_and(|drawn| !picture::is_name(&drawn.sha256));
        let unnamed = unnamed.then(|| Complaint {
            field: "image.drawn.sha256".into(),
            complaint: "names no picture: 64 lower-case hex digits".into(),
        });
        wrong.chain(unnamed).collect()
    }
}

/// Longest title in characters.
pub const TITLE_CHARS_MAX: usize = 200;
/// Longest text in bytes, whatever the channel.
pub const TEXT_BYTES_MAX: usize = 20_000;

impl Content {
    /// Without the picture that was drawn: what a model is told, which sees words alone.
    #[must_use]
    pub fn in_words(&self) -> Self {
        Self { image: self.image.as_ref().map(Image::undrawn), ..self.clone() }
    }

    /// The canonical JSON: the bytes that are stored, hashed, approved and sent.
    pub fn canonical(&self) -> String {
        serde_json::to_string(self).expect("strings are always JSON")
    }

    /// Lower-case hex SHA-256 of [`Self::canonical`].
    pub fn sha256(&self) -> String {
        hex(&Sha256::digest(self.canonical().as_bytes()))
    }

    /// What no post can be; whether it suits its channel and its brief is for the review.
    pub fn complaints(&self) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let mut add = |field: &str, complaint: String| complaints.push(Complaint { field: field.into(), complaint });
        match self.title.chars().count() {
            _ if self.title.trim().is_empty() => add("title", "is empty; feeds show it above the text".into()),
            count if count > TITLE_CHARS_MAX => {
                add("title", format!("has {count} characters; the most is {TITLE_CHARS_MAX}"));
            }
            _ if self.title.contains(['\n', '\r']) => add("title", "must be one line".into()),
            _ => {}
        }
        match self.text.len() {
            _ if self.text.trim().is_empty() => add("text", "is empty".into()),
            count if count > TEXT_BYTES_MAX => add("text", format!("has {count} bytes; the most is {TEXT_BYTES_MAX}")),
            _ => {}
        }
        if self.language.is_empty() || self.language.len() > LANGUAGE_BYTES_MAX {
            add("language", "must be a BCP 47 tag such as `en`".into());
        }
        complaints.extend(self.image.iter().flat_map(Image::complaints));
        complaints
    }
}

/// Longest tag of a language, in bytes.
pub const LANGUAGE_BYTES_MAX: usize = 35;

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(image: Option<Image>) -> Content {
        Content { language: "en".into(), title: "Buns".into(), text: "Come at night.".into(), image }
    }

    fn image(prompt: &str, alt: &str) -> Option<Image> {
        Some(Image { prompt: prompt.into(), alt: alt.into(), drawn: None })
    }

    #[test]
    fn a_version_without_a_picture_is_the_bytes_that_it_always_was() {
        let bare = content(None);
        assert_eq!(bare.canonical(), r#"{"language":"en","title":"Buns","text":"Come at night."}"#);
        assert_eq!(serde_json::from_str::<Content>(&bare.canonical()).unwrap(), bare);
    }

    #[test]
    fn a_change_of_the_picture_alone_is_another_hash() {
        let hashes = [None, image("Buns", "Buns."), image("Buns", "Warm buns."), image("Rolls", "Buns.")]
            .map(|one| content(one).sha256());
        let different: std::collections::BTreeSet<&String> = hashes.iter().collect();
        assert_eq!(different.len(), 4);
    }

    #[test]
    fn what_was_drawn_is_part_of_the_hash_and_an_idea_is_the_bytes_that_it_always_was() {
        let idea = image("Buns", "Warm buns.").unwrap();
        let drawn = |sha256: &str| Drawn {
            sha256: sha256.repeat(32),
            media_type: picture::MediaType::Png,
            width: 64,
            height: 64,
            bytes: 100,
            model: "openai/m".into(),
        };
        let with = |sha256: &str| content(Some(Image { drawn: Some(drawn(sha256)), ..idea.clone() }));
        assert!(content(Some(idea.clone())).canonical().ends_with(r#""image":{"prompt":"Buns","alt":"Warm buns."}}"#));
        assert_ne!(with("0a").sha256(), with("0b").sha256());
        assert_ne!(with("0a").sha256(), content(Some(idea.clone())).sha256());
        assert_eq!(with("0a").in_words(), content(Some(idea.clone())));
        assert_eq!(serde_json::from_str::<Content>(&with("0a").canonical()).unwrap(), with("0a"));
        assert_eq!(with("..").complaints()[0].field, "image.drawn.sha256");
    }

    #[test]
    fn a_picture_without_its_alternative_text_is_no_version() {
        assert!(content(image("Buns", "Buns.")).complaints().is_empty());
        let complaint = |image| content(image).complaints().into_iter().map(|one| one.field).collect::<Vec<_>>();
        assert_eq!(complaint(image("Buns", " ")), ["image.alt"]);
        assert_eq!(complaint(image("", "Buns.")), ["image.prompt"]);
        assert_eq!(complaint(image("Buns", &"x".repeat(ALT_CHARS_MAX + 1))), ["image.alt"]);
    }
}
