//! An idea for a picture: nobody has made it yet, so a frame stands where it would be.

use domain::Image;
use maud::{Markup, html};

/// The frame, with what is said to those who cannot see the picture.
pub fn frame(image: &Image) -> Markup {
    html! {
        div.picture-frame {
            p.label lang="en" {
                svg viewBox="0 0 24 18" aria-hidden="true" { path d="M1 1h22v16H1zM3 15l6-7 4 4 3-3 5 6zM17 4.500a1.500 1.500 0 1 1 0 3a1.500 1.500 0 1 1 0-3z" {} }
                "Picture: an idea, not made yet"
            }
            p.alt { (image.alt) }
        }
    }
}

/// What it is to show, for whoever makes it: it is approved with the words.
pub fn idea(image: &Image, language: &str) -> Markup {
    html! { p.picture-idea { b { "The picture is to show: " } span lang=(language) { (image.prompt) } } }
}

/// Why there is none although there was to be one.
pub fn missing(reason: Option<&str>) -> Markup {
    html! { @if let Some(reason) = reason { p.small.soft { "No picture: " (reason) "." } } }
}

/// What becomes of the idea on its channel.
pub fn sent(platform: &str) -> &'static str {
    match platform {
        "relay" => "Your endpoint is sent the idea and its alternative text with the post.",
        "stage" => "The stage carries words alone: the idea is approved with the post, and stays here.",
        _ => "This channel carries words alone: the idea is approved with the post, and stays here.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_says_what_is_to_be_seen_escaped() {
        let image = Image { prompt: "<b>Buns".into(), alt: "A <i>tray".into() };
        let shown = html! { (frame(&image)) (idea(&image, "en")) }.into_string();
        assert!(shown.contains("A &lt;i&gt;tray") && shown.contains("&lt;b&gt;Buns"), "{shown}");
        assert!(missing(None).into_string().is_empty());
    }
}
