//! What a person's comment asks for, as far as a few words tell.

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
    comment: String,
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
            comment,
        }
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
        assert_eq!(Wish::of("fine"), Wish { comment: "fine".into(), ..Wish::default() });
    }
}
