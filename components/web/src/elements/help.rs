//! Help that is at hand on every page: what it is, and the keys that work on it.

use maud::{Markup, html};

use crate::layout::Nav;

/// What a page is, in two or three sentences.
fn about(nav: Nav) -> &'static str {
    match nav {
        Nav::Conductor => {
            "The whole workspace at a glance, as it happens: the agents and what they are at, what was and is due, what \
             needs you, and what came of it. The switch decides whether a performance goes out at all."
        }
        Nav::Approvals => {
            "What waits for a decision. You approve exactly what you see: these words, this channel, this time. Sending \
             back needs a comment; a new version is written with it. Whatever is not approved never goes out."
        }
        Nav::Calendar => {
            "What goes out when, in each campaign's own time zone. Another time needs another approval. What missed its \
             time never goes out late by itself: give it another time, or drop it. Dashed places are weekly slots that \
             no post has taken; a channel's slots are in its settings."
        }
        Nav::Campaigns => {
            "A campaign is one goal with its plan, its posts and their times. Open one to approve its plan, to read and \
             approve its posts, and to follow what happens. Nothing goes out that nobody approved."
        }
        Nav::Agents => {
            "The personas that do the work. Say how each is and what it is to heed, let it rest, or tell it to do something \
             again. Whatever their level, nothing goes out that nobody approved."
        }
        Nav::Brand => {
            "What the workspace speaks for: facts, claims, voice, examples. A new campaign begins with it and keeps the \
             version that it began with. What is not here does not exist for the writers."
        }
        Nav::Stage => "What was published, as its readers meet it.",
        Nav::History => {
            "Every change of state, by whom, and what it was before and after. It is written together with the change \
             itself, so it cannot disagree with it; the seal shows if anybody changed it later. Search it, and take it \
             along as CSV or JSON."
        }
        Nav::Settings => "What belongs to the workspace: who may do what, keys for programs, and what is connected.",
        Nav::Elsewhere => "Rondo plans, writes, reviews and publishes, and asks you before anything goes out.",
    }
}

/// Keys of a page's own, each with what it does; its links and buttons carry them as `data-key`.
fn keys(nav: Nav) -> &'static [(&'static str, &'static str)] {
    match nav {
        Nav::Conductor | Nav::Campaigns => &[("n", "New campaign")],
        Nav::Approvals => &[
            ("j", "The next one"),
            ("k", "The one before"),
            ("a", "Approve"),
            ("r", "Send back"),
            ("e", "Edit"),
            ("h", "Hold, or release"),
            ("c", "Comment"),
            ("x", "Tick all"),
        ],
        Nav::Calendar => &[("j", "Later"), ("k", "Earlier"), ("t", "Today")],
        Nav::Agents => &[("t", "Tell it something")],

        Nav::Brand | Nav::Stage | Nav::History | Nav::Settings | Nav::Elsewhere => &[],
    }
}

/// The panel behind the question mark.
pub fn panel(nav: Nav) -> Markup {
    html! {
        details.drop.help id="help" {
            summary.button.slim aria-label="Help: what this page is, and its keys" { "?" }
            div.panel {
                h2.as-h3 { "What is this?" }
                p { (about(nav)) }
                h2.as-h3 { "Keys" }
                dl.keys {
                    (key("?", "This help"))
                    (key("Esc", "Close what is open"))
                    @for (pressed, does) in keys(nav) { (key(pressed, does)) }
                    @for one in Nav::BAR { (key(&format!("g {}", one.entry().2), one.entry().0)) }
                }
                key-switch { p.soft.small { "Keys need scripts; everything can be reached with Tab and Enter as well." } }
                p.small { a href="/problems" { "What messages mean" } }
            }
        }
    }
}

fn key(pressed: &str, does: &str) -> Markup {
    html! {
        div {
            dt { @for one in pressed.split(' ') { kbd { (one) } " " } }
            dd { (does) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_entries_of_the_bar_have_the_same_key() {
        let keys: BTreeSet<char> = Nav::BAR.iter().map(|one| one.entry().2).collect();
        assert_eq!(keys.len(), Nav::BAR.len());
    }

    #[test]
    fn the_help_names_every_entry_of_the_bar_with_its_key() {
        let help = panel(Nav::Campaigns).into_string();
        for one in Nav::BAR {
            let (label, _, key) = one.entry();
            assert!(help.contains(&format!("<kbd>{key}</kbd> </dt><dd>{label}</dd>")), "{label}: {help}");
        }
    }
}
