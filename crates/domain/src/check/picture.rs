//! What a picture's words break. Its alternative text is read out to whoever cannot see it, so it is checked as the
//! text is. What it is to show is for whoever makes it, who may count people and lenses: numbers and dates that the
//! facts do not hold are no fault there, a price is.

use super::{Checks, blocker, tongue, without_repeats};
use crate::post::{ALT_CHARS_MAX, Content, IMAGE_PROMPT_CHARS_MAX, Image};
use crate::review::{Finding, Part, Span};

impl Checks<'_> {
    /// Everything that a version's picture breaks, each where it stands; nothing where there is none.
    pub(super) fn picture(&self, content: &Content) -> Vec<Finding> {
        let Some(image) = &content.image else { return Vec::new() };
        let mut found = shape(image);
        let alone = Content { text: image.alt.clone(), image: None, ..content.clone() };
        let alt = self.text(&image.alt).into_iter().chain(tongue::tongue(&alone, &image.alt.to_lowercase()));
        let idea = self
            .text(&image.prompt)
            .into_iter()
            .filter(|finding| !matches!(finding.rule.as_str(), "invented_number" | "invented_date"));
        found.extend(alt.map(|finding| placed(finding, content, Part::Alt)));
        found.extend(idea.map(|finding| placed(finding, content, Part::Picture)));
        without_repeats(found)
    }
}

fn placed(finding: Finding, content: &Content, part: Part) -> Finding {
    Finding { at: Span::among(&finding.quote, content, &[part]), ..finding }
}

fn shape(image: &Image) -> Vec<Finding> {
    let mut found = Vec::new();
    if image.alt.trim().is_empty() {
        let advice = "The picture has no alternative text; say in a sentence what is to be seen.";
        found.push(blocker("picture_alt_missing", "", advice.into()));
    }
    if image.prompt.trim().is_empty() {
        found.push(blocker("picture_idea_missing", "", "Nothing says what the picture is to show; say it.".into()));
    }
    for (rule, what, text, max) in [
        ("picture_alt_too_long", "The alternative text", &image.alt, ALT_CHARS_MAX),
        ("picture_idea_too_long", "What the picture is to show", &image.prompt, IMAGE_PROMPT_CHARS_MAX),
    ] {
        let count = text.chars().count();
        if count > max {
            let advice = format!("{what} has {count} characters and may have {max}; shorten it.");
            found.push(blocker(rule, "", advice));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brief::Brief;
    use crate::check::{Limits, check};

    const LIMITS: Limits = Limits { text_graphemes_max: 500, title_graphemes_max: 100 };

    fn brief() -> Brief {
        Brief::parse(include_str!("../../../../tests/fixtures/briefs/night-shift-bakery.toml")).unwrap()
    }

    fn found(prompt: &str, alt: &str) -> Vec<(String, Option<Part>)> {
        let image = Some(Image { prompt: prompt.into(), alt: alt.into(), drawn: None });
        let content = Content { language: "en".into(), title: "Buns".into(), text: "Come at night.".into(), image };
        let bare = Content { image: None, ..content.clone() };
        let (brief, without) = (brief(), check(&bare, &brief(), &LIMITS));
        let all = check(&content, &brief, &LIMITS).into_iter().filter(|finding| !without.contains(finding));
        all.map(|finding| {
            assert!(finding.is_about_the_picture(), "{finding:?}");
            if let Some(at) = finding.at {
                assert_eq!(at.words(&content), Some(finding.quote.as_str()));
            }
            (finding.rule, finding.at.map(|at| at.part))
        })
        .collect()
    }

    #[test]
    fn a_picture_that_breaks_nothing_adds_no_finding() {
        assert_eq!(found("Warm buns on a tray, seen from above.", "A tray of warm buns."), []);
    }

    #[test]
    fn a_picture_needs_alternative_text_and_an_idea() {
        assert_eq!(found("Warm buns on a tray.", " "), [("picture_alt_missing".into(), None)]);
        assert_eq!(found("", "A tray of buns."), [("picture_idea_missing".into(), None)]);
        let long = "bun ".repeat(ALT_CHARS_MAX / 4 + 1);
        assert!(found("Buns.", &long).contains(&("picture_alt_too_long".into(), None)));
        assert!(found(&long, "Buns.").contains(&("picture_idea_too_long".into(), None)));
    }

    #[test]
    fn what_a_text_may_not_say_its_picture_may_not_either() {
        let rules = |prompt: &str, alt: &str| found(prompt, alt);
        let alt = Some(Part::Alt);
        assert_eq!(rules("Buns.", "Healthy buns."), [("banned_claim".into(), alt)]);
        assert_eq!(rules("Healthy buns.", "Buns."), [("banned_claim".into(), Some(Part::Picture))]);
        assert_eq!(rules("Buns.", "A sign: 987 buns."), [("invented_number".into(), alt)]);
        assert_eq!(rules("Buns.", "A sign: $ 987."), [("invented_price".into(), alt)]);
        assert_eq!(rules("A sign: $ 987.", "Buns."), [("invented_price".into(), Some(Part::Picture))]);
        assert_eq!(rules("Buns.", "Warm\u{200b} buns."), [("invisible_character".into(), alt)]);
        assert_eq!(rules("Buns.", "See evil.example.com/x"), [("unknown_url".into(), alt)]);
        assert_eq!(rules("Ask ada@evil.example.com", "Buns.")[0].0, "personal_data");
        assert_eq!(rules("Buns, sk-abcdefghijklmnop1234", "Buns.")[0].0, "secret");
    }

    #[test]
    fn whoever_makes_a_picture_may_be_told_of_lenses_and_people() {
        assert_eq!(found("987 buns, a 35 mm lens.", "Buns."), []);
    }

    #[test]
    fn an_alternative_text_is_in_the_posts_language() {
        let german = "Ein Blech mit Brot, das auf dem Tisch steht, und die Hand einer Frau, die es mit dem Tuch von der Wand nimmt.";
        assert_eq!(found("Brot.", german).first().map(|one| one.0.as_str()), Some("wrong_language"));
    }
}
