//! `/gallery`: every element of the pages in every state, with made-up data, so that one can see what one changes.

mod agents;
mod campaigns;
mod controls;
mod posts;

use maud::{Markup, html};
use serve::{Problem, Reply};

use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// One part: its name, and what it shows.
type Part = (&'static str, Markup);

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let parts: Vec<Part> = [
        colours(),
        controls::parts(visit),
        campaigns::parts(),
        agents::parts(visit, call.app.ports.clock.now_ms()),
        posts::parts(call.app.ports.clock.now_ms()),
    ]
    .concat();
    let body = html! {
        div.head { div {
            h1 { "Gallery" }
            p.lead { "Every element of these pages in every state. All of it is made up, and nothing on this page does anything." }
        } }
        nav.contents aria-label="Parts of the gallery" {
            ul role="list" { @for (name, _) in &parts { li { a href={ "#" (anchor(name)) } { (name) } } } }
        }
        @for (name, shown) in &parts {
            section.section aria-labelledby=(anchor(name)) {
                div.top { h2 id=(anchor(name)) { (name) } }
                div.samples { (shown) }
            }
        }
    };
    Ok(page(layout::page(visit, Nav::Elsewhere, "Gallery", &body)))
}

fn anchor(name: &str) -> String {
    name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// One sample under its name.
fn sample(name: &str, shown: &Markup) -> Markup {
    html! { figure.sample { figcaption { (name) } (shown) } }
}

fn colours() -> Vec<Part> {
    let swatches = [
        ("Blue and gold", vec!["blue", "gold"]),
        ("Grounds", vec!["paper", "surface", "sunk"]),
        ("Ink", vec!["ink", "soft", "link", "edge", "line"]),
        ("Performing, preparing, needs attention, at rest", vec!["good", "busy", "bad", "quiet"]),
        ("Rehearsal", vec!["play"]),
        (
            "Agents",
            vec!["agent-blue", "agent-rose", "agent-violet", "agent-teal", "agent-slate", "agent-amber", "agent-olive"],
        ),
    ];
    let sizes =
        [("--h1", "h1"), ("--h2", "h2"), ("--h3", "h3"), ("1rem", "text"), ("--small", "small"), ("--tiny", "tiny")];
    vec![
        (
            "Colours",
            html! {
                @for (name, colours) in &swatches {
                    (sample(name, &html! {
                        ul.swatches role="list" { @for one in colours { li { span.swatch.{ "of-" (one) } {} code { "--" (one) } } } }
                    }))
                }
            },
        ),
        (
            "Type and space",
            html! {
                @for (size, class) in sizes {
                    (sample(size, &html! { p.specimen.{ "of-" (class) } { "The theme that keeps coming back" } }))
                }
                (sample("--s1 to --s8", &html! {
                    ul.spaces role="list" { @for step in 1..=8 { li { span.space.{ "of-s" (step) } {} code { "--s" (step) } } } }
                }))
                (sample("Text", &html! {
                    p { "A paragraph with " a href="#text" { "a link" } ", " strong { "weight" } ", " code { "code" } ", a key " kbd { "?" } " and " small { "small print" } "." }
                }))
            },
        ),
    ]
}

#[cfg(test)]
mod tests {
    /// Each element's own function, as the gallery must call it.
    #[test]
    fn every_element_is_in_the_gallery() {
        let root = env!("CARGO_MANIFEST_DIR");
        let read = |path: &str| std::fs::read_to_string(format!("{root}/src/{path}")).unwrap();
        let gallery =
            ["gallery.rs", "gallery/agents.rs", "gallery/controls.rs", "gallery/campaigns.rs", "gallery/posts.rs"]
                .map(|file| read(&format!("pages/{file}")))
                .concat();
        for line in read("elements.rs").lines() {
            let Some(element) = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';')) else { continue };
            // The help is in the bar above it.
            assert!(
                element == "help" || gallery.contains(&format!("{element}::")),
                "show `{element}` in pages/gallery, in every state"
            );
        }
    }
}
