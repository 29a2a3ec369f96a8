//! A version's picture: what was drawn, or, while nobody drew it, a frame where it would be.

use domain::{Drawn, Image, MicroUsd};
use maud::{Markup, html};

/// The picture, or the frame with what is said to those who cannot see it.
pub fn frame(image: &Image) -> Markup {
    html! {
        @match &image.drawn {
            Some(drawn) => div.picture-drawn {
                @if drawn.is_rehearsed() { p.label lang="en" { "REHEARSAL: a placeholder, nobody drew it" } }
                img src=(path(drawn)) alt=(image.alt) width=(drawn.width) height=(drawn.height) loading="lazy" decoding="async";
            },
            None => div.picture-frame {
                p.label lang="en" {
                    svg viewBox="0 0 24 18" aria-hidden="true" { path d="M1 1h22v16H1zM3 15l6-7 4 4 3-3 5 6zM17 4.500a1.500 1.500 0 1 1 0 3a1.500 1.500 0 1 1 0-3z" {} }
                    "Picture: an idea, not drawn"
                }
                p.alt { (image.alt) }
            },
        }
    }
}

/// Where its bytes are.
fn path(drawn: &Drawn) -> String {
    format!("/pictures/{}", drawn.sha256)
}

/// What it is to show, for whoever draws it, and what is said to those who cannot see it: both are approved with the words.
pub fn idea(image: &Image, language: &str) -> Markup {
    html! {
        @if image.drawn.is_some() { p.picture-idea { b { "Alternative text: " } span lang=(language) { (image.alt) } } }
        p.picture-idea { b { "The picture is to show: " } span lang=(language) { (image.prompt) } }
    }
}

/// How large it is, who drew it, and what that cost.
pub fn about(image: Option<&Image>, cost: Option<i64>) -> Markup {
    html! {
        @if let Some(drawn) = image.and_then(|image| image.drawn.as_ref()) {
            p.words-meta {
                span { "Picture: " (drawn.width) " × " (drawn.height) " pixels, " (size(drawn.bytes)) }
                span { (drawn.media_type.as_str().trim_start_matches("image/").to_uppercase()) }
                @if drawn.is_rehearsed() { span { "A placeholder of the rehearsal, for nothing" } }
                @else {
                    span { "Drawn by " (drawn.model) }
                    @if let Some(cost) = cost { span { (MicroUsd(cost)) } }
                }
                span title=(drawn.sha256) { "SHA-256 " code { (drawn.sha256.get(..12).unwrap_or_default()) } }
            }
        }
    }
}

/// `312 KB`
fn size(bytes: u32) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

/// Why there is none although there was to be one.
pub fn missing(reason: Option<&str>, image: Option<&Image>) -> Markup {
    let what = match image {
        None => "No picture: ",
        Some(Image { drawn: None, .. }) => "The picture was not drawn: ",
        Some(_) => "The picture was not drawn again: ",
    };
    html! { @if let Some(reason) = reason { p.small.soft { (what) (reason) "." } } }
}

/// What becomes of it on its channel.
pub fn sent(platform: &str) -> &'static str {
    match platform {
        "relay" => {
            "Your endpoint is sent the idea, its alternative text and the picture’s SHA-256 with the post, not the picture itself."
        }
        "stage" => {
            "The stage takes no pictures: the words go out alone. The picture is approved with the post, and stays here."
        }
        _ => {
            "This channel takes no pictures: the words go out alone. The picture is approved with the post, and stays here."
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::picture::MediaType;

    use super::*;

    fn image(model: Option<&str>) -> Image {
        let drawn = model.map(|model| Drawn {
            sha256: "0a".repeat(32),
            media_type: MediaType::Jpeg,
            width: 1_024,
            height: 768,
            bytes: 312_345,
            model: model.into(),
        });
        Image { prompt: "<b>Buns".into(), alt: "A <i>\"tray\"".into(), drawn }
    }

    #[test]
    fn a_frame_says_what_is_to_be_seen_escaped() {
        let shown =
            html! { (frame(&image(None))) (idea(&image(None), "en")) (about(Some(&image(None)), None)) }.into_string();
        assert!(shown.contains("A &lt;i&gt;") && shown.contains("&lt;b&gt;Buns") && !shown.contains("<img"), "{shown}");
        assert!(missing(None, None).into_string().is_empty());
    }

    #[test]
    fn a_drawn_one_is_shown_by_its_hash_with_its_text_its_size_and_its_cost() {
        let image = image(Some("openai/gpt-image-1"));
        let shown = html! { (frame(&image)) (idea(&image, "en")) (about(Some(&image), Some(42_400))) }.into_string();
        assert!(shown.contains(&format!("src=\"/pictures/{}\"", "0a".repeat(32))), "{shown}");
        assert!(shown.contains("alt=\"A &lt;i&gt;&quot;tray&quot;\""), "{shown}");
        assert!(shown.contains("1024 × 768 pixels, 312 KB") && shown.contains("$0.0424"), "{shown}");
        assert!(!shown.contains("REHEARSAL"), "{shown}");
    }

    #[test]
    fn a_placeholder_is_called_one_wherever_it_stands() {
        let image = image(Some("rehearsal/rehearsal-1"));
        let [shown, about] = [frame(&image), about(Some(&image), Some(0))].map(Markup::into_string);
        assert!(shown.contains("REHEARSAL") && about.contains("placeholder"), "{shown} {about}");
    }
}
