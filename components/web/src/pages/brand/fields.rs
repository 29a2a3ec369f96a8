//! The fields of a brand, group by group: in the wizard, in the whole form, and in a new campaign.

use domain::brand::Group;
use maud::{Markup, html};

use crate::elements::form::{Control, Field, Typed};

/// Names and labels of all fields.
pub const LABELS: &[(&str, &str)] = &[
    ("brand.name", "Brand"),
    ("brand.url", "Home page"),
    ("brand.one_line", "In a sentence"),
    ("brand.language", "Language"),
    ("brand.also_in", "Also in"),
    ("timezone", "Time zone"),
    ("brand.audience", "For whom"),
    ("brand.voice", "Voice"),
    ("style.guide", "Style guide"),
    ("facts", "Facts"),
    ("claims.allowed", "May be claimed"),
    ("claims.required", "Must be in every post"),
    ("claims.banned", "Must be in none"),
    ("style.good", "Good posts"),
    ("style.bad", "Bad posts"),
];

/// What a field is called.
pub fn label(field: &str) -> &'static str {
    LABELS.iter().find(|(name, _)| *name == field).map_or("", |(_, label)| label)
}

/// What a group is called.
pub fn title(group: Group) -> &'static str {
    match group {
        Group::Who => "Who speaks",
        Group::Voice => "For whom, and how it sounds",
        Group::Facts => "Facts",
        Group::Claims => "Claims",
        Group::Examples => "Examples",
    }
}

/// Which fields a group has.
pub fn names(group: Group) -> &'static [&'static str] {
    match group {
        Group::Who => &["brand.name", "brand.url", "brand.one_line", "brand.language", "brand.also_in", "timezone"],
        Group::Voice => &["brand.audience", "brand.voice", "style.guide"],
        Group::Facts => &["facts"],
        Group::Claims => &["claims.allowed", "claims.required", "claims.banned"],
        Group::Examples => &["style.good", "style.bad"],
    }
}

/// A group, to be filled in. A campaign has its time zone elsewhere.
pub fn group(group: Group, typed: &Typed, with_zone: bool) -> Markup {
    match group {
        Group::Who => who(typed, with_zone),
        Group::Voice => voice(typed),
        Group::Facts => {
            html! { (text(typed, "facts", "One a line, name = value. Numbers, prices, dates and links come from here and nowhere else. “prices.rye = 4.80 EUR” makes a table.", "code")) }
        }
        Group::Claims => html! {
            div.fields.pair {
                (text(typed, "claims.allowed", "What posts may promise. One a line.", ""))
                (text(typed, "claims.required", "Word for word, one a line.", ""))
                (text(typed, "claims.banned", "In no inflection, one a line.", ""))
            }
        },
        Group::Examples => html! {
            div.fields.pair {
                (text(typed, "style.good", "Posts as they should be. A line of three hyphens, ---, parts two of them.", ""))
                (text(typed, "style.bad", "Posts as they should not be, parted alike.", ""))
            }
        },
    }
}

fn text(typed: &Typed, name: &'static str, hint: &str, class: &str) -> Markup {
    Field::new(name, label(name)).hint(hint).control(Control::Text(class)).optional().show(typed)
}

fn who(typed: &Typed, with_zone: bool) -> Markup {
    html! {
        div.fields.pair {
            (Field::new("brand.name", "Brand").complete("organization").show(typed))
            (Field::new("brand.url", "Home page").control(Control::Input("url")).complete("url").show(typed))
        }
        (Field::new("brand.one_line", "In a sentence").hint("What it is, as you would tell a neighbour.").show(typed))
        div.fields.pair {
            (Field::new("brand.language", "Language").hint("A tag such as en or de.").initial("en").show(typed))
            (text(typed, "brand.also_in", "Further languages, one a line.", ""))
        }
        @if with_zone { (zone("timezone", false, typed)) }
    }
}

fn voice(typed: &Typed) -> Markup {
    html! {
        div.fields.pair {
            (text(typed, "brand.audience", "One a line.", ""))
            (text(typed, "brand.voice", "How it sounds, a few words a line: kind, dry, short sentences.", ""))
        }
        (text(typed, "style.guide", "Rules of writing, in your own words: no exclamation marks, one thought a post.", ""))
    }
}

/// A time zone: every one there is, offered while one types.
pub fn zone(name: &str, required: bool, typed: &Typed) -> Markup {
    let (error, id) = (typed.complaint(name), name.replace('.', "-"));
    html! {
        div.field {
            label for=(id) { "Time zone" @if !required { " " span.soft.small { "(optional)" } } }
            input.control id=(id) name=(name) list="zones" required[required] data-own-zone autocomplete="off"
                value=(typed.value(name)) placeholder="Europe/Berlin" aria-describedby={ (id) "-error" }
                aria-invalid=[error.map(|_| "true")];
            datalist #zones { @for name in jiff::tz::db().available() { option value=(name) {} } }
            p id={ (id) "-error" } .error[error.is_some()] { @if let Some(error) = error { span { (error) "." } } }
        }
    }
}
