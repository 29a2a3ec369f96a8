//! What one presses and fills in, and what Rondo says.

use domain::brief::Complaint;
use maud::html;
use serve::Form;
use store::comment::Comment;

use super::{Part, sample};
use crate::elements::form::{self, Control, Field, Typed};
use crate::elements::{comments, device, empty, qr};
use crate::notice;
use crate::visit::{Names, Visit};

pub(super) fn parts(visit: &Visit) -> Vec<Part> {
    vec![
        ("Buttons", buttons(visit)),
        ("Fields", fields()),
        ("Messages", messages()),
        ("Nothing yet", nothing()),
        ("Settings", settings(visit)),
        ("Comments", said(visit)),
    ]
}

fn buttons(visit: &Visit) -> maud::Markup {
    html! {
        (sample("The main act, an act, a grave one, a slim one, one that cannot be done now", &html! {
            div.acts {
                a.button.main-act href="#buttons" { "Approve" }
                a.button href="#buttons" { "Send back" }
                a.button.grave href="#buttons" { "Reject" }
                a.button.slim href="#buttons" { "Pause" }
                button.button type="button" disabled { "Approve" }
            }
        }))
        (sample("A form of one button", &form::act(&visit.caller, "/gallery", "slim", "Does nothing", &[])))
        (sample("An act that asks first", &html! {
            details.ask {
                summary.button.slim { "Cancel campaign" }
                div.asked { p { "Everything that is not out is dropped. This cannot be undone." } button.button.grave type="button" { "Cancel it for good" } }
            }
        }))
    }
}

fn settings(visit: &Visit) -> maud::Markup {
    html! {
        (sample("Somebody, or something, in a list", &html! {
            ul.people role="list" {
                li.card.person {
                    div { p { strong { "Ada Okafor" } } p.soft.small { "ada@nightshift.example" } }
                    p.small { strong { "owner" } ": everything, and hands the workspace on" }
                    (form::act(&visit.caller, "/gallery", "slim grave", "Remove Ada Okafor", &[]))
                }
                li.card.person {
                    div { p { strong { (device::name("Firefox/140.0 Linux")) } } p.soft.small { "From 192.0.2.1" } }
                    p.soft.small { "Last seen 5 min ago" }
                    p.soft { "This browser" }
                }
            }
        }))
        (sample("A secret for an authenticator app", &qr::picture("otpauth://totp/Rondo:made-up?secret=MADEUP", "A made-up secret")))
    }
}

fn said(visit: &Visit) -> maud::Markup {
    let comment = Comment {
        id: "made-up".into(),
        post_id: "made-up".into(),
        version: 2,
        text: "@Ada Okafor, is 11.50 still the price?\nI thought we had said 12.".into(),
        mentions: vec!["ada".into()],
        author: "operator".into(),
        at: 1_803_888_000_000,
    };
    let people = [("ada".to_string(), "Ada Okafor".to_string())];
    let names = Names::default();
    html! {
        (sample("What was said, and the form to say more", &comments::thread(visit, "made-up", &[comment], &people, &names, "Europe/Berlin")))
    }
}

fn fields() -> maud::Markup {
    let wrong = Complaint {
        field: "sample-zone".into(),
        complaint: "is no IANA time zone; write it like Europe/Berlin".into(),
    };
    let typed = Typed::with(Form::default(), &[wrong]);
    let fresh = Typed::default();
    html! {
        (sample("A line, with a hint", &Field::new("sample-name", "Name").hint("As people call it.").initial("Sixty night boxes").show(&fresh)))
        (sample("With what is wrong", &Field::new("sample-zone", "Time zone").initial("Mars/Olympus").show(&typed)))
        (sample("A number", &Field::new("sample-number", "Posts a week").control(Control::Number(1, 21)).initial("5").show(&fresh)))
        (sample("Several lines, optional", &Field::new("sample-text", "Voice").control(Control::Text("")).optional().show(&fresh)))
        (sample("A choice, taken and not", &html! {
            (form::choice("radio", ("sample-mode", "rehearsal"), ("Rehearsal", "Nothing leaves the building."), true))
            (form::choice("radio", ("sample-mode", "performance"), ("Performance", "To the public."), false))
        }))
        (sample("What is wrong, above a form", &form::summary(&typed, &[("sample-zone", "Time zone")])))
    }
}

fn messages() -> maud::Markup {
    html! {
        (sample("Done", &html! { div.notice.good { p { "Approved: exactly these words, for this channel and time." } } }))
        (sample("Wants attention", &html! { div.notice.wait { h3 { "The budget is nearly spent" } p { "$4.60 of $5.00. Raise it under “Cost” to go on." } } }))
        (sample("Could not be done", &notice::failed("somebody decided before you; look at what they decided")))
        (sample("A remark", &html! { div.notice { p { "Rondo never publishes late on its own." } } }))
    }
}

fn nothing() -> maud::Markup {
    let way = Some(("Write a goal", "/campaigns/new"));
    html! {
        (sample("With a way on", &empty::state("No campaign yet", "A campaign turns one goal into a month of posts. Begin with a rehearsal: nothing leaves the building.", way)))
        (sample("All is well", &empty::state("Nothing waits for you", "What needs a decision appears here by itself, and by nothing else.", None)))
    }
}
