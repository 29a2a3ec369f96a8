//! A text as a picture that a phone reads, drawn in SVG.

use std::fmt::Write;

use maud::{Markup, html};
use qrcodegen::{QrCode, QrCodeEcc};

/// Blank modules around it, as the standard asks for.
const QUIET: i32 = 4;

/// The picture; nothing where the text is too long for one.
pub fn picture(text: &str, label: &str) -> Markup {
    let Ok(code) = QrCode::encode_text(text, QrCodeEcc::Medium) else { return html! {} };
    let side = code.size() + 2 * QUIET;
    let mut path = String::new();
    for y in 0..code.size() {
        for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
            // Writing to a String cannot fail.
            let _ = write!(path, "M{},{}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    html! {
        svg.qr viewBox={ "0 0 " (side) " " (side) } role="img" aria-label=(label) shape-rendering="crispEdges" {
            // Black on white in dark mode, too: not every camera reads it the other way round.
            rect width=(side) height=(side) fill="#fff" {}
            path d=(path) fill="#000" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_becomes_a_picture_with_three_corners_and_a_label() {
        let svg = picture("otpauth://totp/Rondo:ada?secret=ABC&issuer=Rondo", "a \"label\"").into_string();
        assert!(svg.contains("aria-label=\"a &quot;label&quot;\"") && svg.contains("M4,4h1"));
        assert!(picture(&"x".repeat(5_000), "").into_string().is_empty());
    }
}
