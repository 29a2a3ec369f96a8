//! What changed between two versions, word by word.

use domain::Content;
use maud::{Markup, html};
use similar::{ChangeTag, TextDiff};

/// The newer one, with what is new underlined and what is gone struck out.
pub fn words(older: &Content, newer: &Content) -> Markup {
    let (older, newer) = (joined(older), joined(newer));
    let diff = TextDiff::from_words(&older, &newer);
    html! {
        div.diff {
            @for change in diff.iter_all_changes() {
                @match change.tag() {
                    ChangeTag::Equal => (change.value()),
                    ChangeTag::Insert => ins { (change.value()) },
                    ChangeTag::Delete => del { (change.value()) },
                }
            }
        }
    }
}

/// Both side by side: what is gone is struck out at the left, what is new underlined at the right.
pub fn sides((older_name, older): (&str, &Content), (newer_name, newer): (&str, &Content)) -> Markup {
    let (before, after) = (joined(older), joined(newer));
    let diff = TextDiff::from_words(&before, &after);
    html! {
        div.sides {
            div { p.soft.small { (older_name) }
                div.diff { @for change in diff.iter_all_changes() {
                    @match change.tag() { ChangeTag::Equal => (change.value()), ChangeTag::Delete => del { (change.value()) }, ChangeTag::Insert => {} }
                } }
            }
            div { p.soft.small { (newer_name) }
                div.diff { @for change in diff.iter_all_changes() {
                    @match change.tag() { ChangeTag::Equal => (change.value()), ChangeTag::Insert => ins { (change.value()) }, ChangeTag::Delete => {} }
                } }
            }
        }
    }
}

fn joined(content: &Content) -> String {
    let words = format!("{}\n\n{}", content.title, content.text);
    match &content.image {
        Some(image) => {
            let drawn = image.drawn.as_ref().map_or_else(String::new, |drawn| {
                format!("\n\nThe picture: {} × {} pixels, SHA-256 {}", drawn.width, drawn.height, drawn.sha256)
            });
            format!("{words}\n\nAlternative text: {}\n\nThe picture is to show: {}{drawn}", image.alt, image.prompt)
        }
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_words_are_marked_as_new_gone_ones_as_gone_and_both_are_escaped() {
        let content = |text: &str| Content { language: "en".into(), title: "T".into(), text: text.into(), image: None };
        let shown = words(&content("a <b> loaf"), &content("a warm loaf")).into_string();
        assert!(shown.contains("<del>&lt;b&gt;</del>") && shown.contains("<ins>warm</ins>"), "{shown}");
        let image = |alt: &str| Some(domain::Image { prompt: "A tray.".into(), alt: alt.into(), drawn: None });
        let (older, newer) =
            (Content { image: image("cold"), ..content("a") }, Content { image: image("warm"), ..content("a") });
        let shown = words(&older, &newer).into_string();
        assert!(shown.contains("<del>cold</del>") && shown.contains("<ins>warm</ins>"), "{shown}");
        assert!(words(&older, &content("a")).into_string().contains("<del>"), "that it is gone");
        let both = sides(("1", &content("a <b> loaf")), ("2", &content("a warm loaf"))).into_string();
        let (left, right) = both.split_once("<p class=\"soft small\">2</p>").unwrap();
        assert!(left.contains("<del>&lt;b&gt;</del>") && !left.contains("warm"), "{left}");
        assert!(right.contains("<ins>warm</ins>") && !right.contains("<del>"), "{right}");
    }
}
