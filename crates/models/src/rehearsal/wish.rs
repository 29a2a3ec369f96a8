//! What a person's comment asks for, as far as a few words tell.

use domain::memory::Remembered;
use domain::text::is_emoji;
use domain::{Content, MemoryKind};

use super::lexicon::Tone;
use super::material::Material;

/// A wish.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Less of it.
    pub shorter: bool,
    /// More of it.
    pub longer: bool,
    /// Another tone.
    pub tone: Option<Tone>,
    /// Not one of these.
    without: Vec<Sign>,
    comment: String,
}

/// What a text may be asked to do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    Exclamation,
    Question,
    Dash,
    Emoji,
}

impl Sign {
    /// Each with the words that name it, English and German.
    const ALL: [(Self, &'static [&'static str]); 4] = [
        (Self::Exclamation, &["exclamation", "ausrufe"]),
        (Self::Question, &["question", "frage"]),
        (Self::Dash, &["dash", "gedankenstrich"]),
        (Self::Emoji, &["emoji"]),
    ];

    fn is_in(self, text: &str) -> bool {
        text.chars().any(|c| match self {
            Self::Exclamation => matches!(c, '!' | '¡' | '！'),
            Self::Question => matches!(c, '?' | '¿' | '？'),
            Self::Dash => matches!(c, '–' | '—'),
            Self::Emoji => is_emoji(c),
        })
    }
}

impl Wish {
    /// Reads a comment, English or German.
    pub fn of(comment: &str) -> Self {
        let comment = comment.to_lowercase();
        let any = |stems: &[&str]| stems.iter().any(|stem| comment.contains(stem));
        let tone = if any(&["warm", "friendl", "kinder", "freundlich", "herzlich"]) {
            Some(Tone::Warm)
        } else if any(&["dry", "sober", "plain", "formal", "sachlich", "nüchtern"]) {
            Some(Tone::Dry)
        } else {
            None
        };
        Self {
            shorter: any(&["short", "too long", "cut", "brief", "kürz", "zu lang", "knapp"])
                && !any(&["too short", "zu kurz"]),
            longer: any(&["longer", "more detail", "too short", "more about", "länger", "ausführlich", "zu kurz"]),
            tone,
            without: if any(&["no ", "not ", "without", "avoid", "drop", "never", "kein", "ohne", "nie"]) {
                Sign::ALL.iter().filter(|(_, names)| any(names)).map(|(sign, _)| *sign).collect()
            } else {
                Vec::new()
            },
            comment,
        }
    }

    /// What people asked for before: it holds where this comment does not say otherwise. Topics do not, for each post
    /// has its own.
    #[must_use]
    pub fn or_remembered(mut self, memory: &[Remembered]) -> Self {
        let no = |one: &&Remembered| matches!(one.kind, MemoryKind::SentBack | MemoryKind::Rejected);
        for earlier in memory.iter().filter(no).map(|one| Self::of(&one.text)) {
            self.tone = self.tone.or(earlier.tone);
            if !self.shorter && !self.longer {
                (self.shorter, self.longer) = (earlier.shorter, earlier.longer);
            }
            self.without.extend(earlier.without);
        }
        self
    }

    /// This wish, and what learnings ask for of length and tone; where the two differ, the comment holds.
    pub fn and(mut self, learnings: &[String]) -> Self {
        for learning in learnings.iter().map(|learning| Self::of(learning)) {
            self.shorter |= learning.shorter && !self.longer;
            self.longer |= learning.longer && !self.shorter;
            self.tone = self.tone.or(learning.tone);
            self.without.extend(learning.without);
        }
        self
    }

    /// Whether a version does without what it is to do without.
    pub fn is_kept_by(&self, content: &Content) -> bool {
        self.allows(&content.title) && self.allows(&content.text)
    }

    /// Whether a piece of it does.
    pub fn allows(&self, text: &str) -> bool {
        self.without.iter().all(|sign| !sign.is_in(text))
    }

    /// The fact that the comment names.
    pub fn item(&self, material: &Material) -> Option<usize> {
        if self.comment.is_empty() {
            return None;
        }
        let words: Vec<&str> =
            self.comment.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() > 3).collect();
        let named = |item: &super::material::Item| {
            let label = item.label.to_lowercase();
            words.iter().any(|word| label.contains(word.trim_end_matches('s')))
        };
        material.items.iter().position(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_tells_what_it_wants() {
        assert!(Wish::of("Please make it shorter").shorter);
        assert!(!Wish::of("This is too short").shorter && Wish::of("This is too short").longer);
        assert!(Wish::of("Mehr dazu, ausführlicher bitte").longer);
        assert_eq!(Wish::of("warmer, please").tone, Some(Tone::Warm));
        assert_eq!(Wish::of("No exclamation marks, please").without, [Sign::Exclamation]);
        assert_eq!(Wish::of("Bitte ohne Fragen").without, [Sign::Question]);
        assert_eq!(Wish::of("I question this"), Wish { comment: "i question this".into(), ..Wish::default() });
        assert_eq!(Wish::of("fine"), Wish { comment: "fine".into(), ..Wish::default() });
    }

    fn said(kind: MemoryKind, text: &str) -> Remembered {
        Remembered { kind, about: String::new(), text: text.into() }
    }

    #[test]
    fn what_was_asked_before_holds_where_nobody_says_otherwise_now() {
        let memory = [said(MemoryKind::SentBack, "Warmer, and shorter"), said(MemoryKind::SentBack, "Plain")];
        let wish = Wish::of("").or_remembered(&memory);
        assert_eq!((wish.tone, wish.shorter), (Some(Tone::Warm), true));
        let wish = Wish::of("longer and more sober, please").or_remembered(&memory);
        assert_eq!((wish.tone, wish.shorter, wish.longer), (Some(Tone::Dry), false, true));
        let praise = [said(MemoryKind::Approved, "No questions from me: short and warm")];
        assert_eq!(Wish::of("").or_remembered(&praise), Wish::of(""));
    }
}
