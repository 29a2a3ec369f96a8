//! The fields of a new campaign, as they stand on the page.

use maud::{Markup, html};

use crate::elements::form::{Control, Field, Typed, choice, csrf, summary};
use crate::visit::Visit;

/// Names and labels of all fields that can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("goal.text", "Goal"),
    ("brand.name", "Brand"),
    ("brand.url", "Home page"),
    ("brand.one_line", "In a sentence"),
    ("brand.audience", "For whom"),
    ("brand.voice", "Voice"),
    ("facts", "Facts"),
    ("claims.allowed", "May be claimed"),
    ("claims.required", "Must be in every post"),
    ("claims.banned", "Must be in none"),
    ("goal.channels", "Channels"),
    ("goal.posts_per_week", "Posts a week"),
    ("goal.weeks", "Weeks"),
    ("goal.timezone", "Time zone"),
    ("goal.start", "First day"),
    ("mode", "Performance"),
    ("budget_usd", "Budget"),
    ("brief", "The brief"),
];

/// The page's body.
pub fn page(visit: &Visit, typed: &Typed, from_file: bool, channels: &[&str], default_budget: &str) -> Markup {
    html! {
        div.head {
            div {
                p.crumb { a href="/campaigns" { "Campaigns" } }
                h1 { "New campaign" }
                @if from_file { p.lead { "A brief file holds the goal and every fact that a post may use. Or " a href="/campaigns/new" { "fill in a form" } "." } }
                @else { p.lead { "The goal, and the facts that may be used. What is not here does not exist for the writers. Or " a href="/campaigns/new?from=file" { "use a brief file" } "." } }
            }
        }
        (summary(typed, LABELS))
        form.fields method="post" action="/campaigns" enctype=[from_file.then_some("multipart/form-data")] {
            (csrf(&visit.caller))
            @if from_file { (file(typed)) } @else { (goal(typed)) (brand(typed)) (facts(typed)) (calendar(typed, channels)) }
            (playing(typed, default_budget))
            div.acts { button.button.main-act type="submit" { "Create and plan" } a.button href="/campaigns" { "Cancel" } }
            p.soft.small { "Creating it starts the planning. Nothing is written before you approve the plan, and nothing goes out before you approve each post." }
        }
    }
}

fn file(typed: &Typed) -> Markup {
    html! {
        input type="hidden" name="from" value="file";
        div.field {
            label for="brief_file" { "Brief file " span.soft.small { "(TOML)" } }
            input.control #brief_file type="file" name="brief_file" accept=".toml,application/toml,text/plain";
        }
        (Field::new("brief", "The brief").hint("Or paste it here. A chosen file counts instead.").control(Control::Text("tall code")).optional().show(typed))
    }
}

fn goal(typed: &Typed) -> Markup {
    html! {
        (Field::new("goal.text", "Goal").hint("What should be different afterwards, for whom, by when?").control(Control::Text("")).show(typed))
        (Field::new("name", "Name of the campaign").hint("As your team calls it. Left empty, it is named after brand and day.").optional().show(typed))
    }
}

fn brand(typed: &Typed) -> Markup {
    html! {
        fieldset {
            legend { "Brand" }
            div.fields.pair {
                (Field::new("brand.name", "Brand").complete("organization").show(typed))
                (Field::new("brand.url", "Home page").control(Control::Input("url")).complete("url").show(typed))
            }
            (Field::new("brand.one_line", "In a sentence").hint("What it is, as you would tell a neighbour.").show(typed))
            div.fields.pair {
                (Field::new("brand.audience", "For whom").hint("One a line.").control(Control::Text("")).optional().show(typed))
                (Field::new("brand.voice", "Voice").hint("How it sounds, a few words a line: kind, dry, short sentences.").control(Control::Text("")).optional().show(typed))
            }
            div.fields.pair {
                (Field::new("brand.language", "Language").hint("A tag such as en or de.").initial("en").show(typed))
                (Field::new("brand.also_in", "Also in").hint("Further languages, one a line.").control(Control::Text("")).optional().show(typed))
            }
        }
    }
}

fn facts(typed: &Typed) -> Markup {
    html! {
        fieldset {
            legend { "Facts and claims" }
            (Field::new("facts", "Facts").hint("One a line, name = value. Numbers, prices, dates and links come from here and nowhere else. “prices.rye = 4.80 EUR” makes a table.")
                .control(Control::Text("code")).optional().show(typed))
            div.fields.pair {
                (Field::new("claims.allowed", "May be claimed").hint("One a line.").control(Control::Text("")).optional().show(typed))
                (Field::new("claims.required", "Must be in every post").hint("Word for word, one a line.").control(Control::Text("")).optional().show(typed))
                (Field::new("claims.banned", "Must be in none").hint("In no inflection, one a line.").control(Control::Text("")).optional().show(typed))
            }
        }
    }
}

fn calendar(typed: &Typed, channels: &[&str]) -> Markup {
    let error = typed.complaint("goal.channels");
    html! {
        fieldset {
            legend { "Where and when" }
            fieldset.field aria-describedby="channels-hint" {
                legend.label { "Channels" }
                p.hint #channels-hint { "The stage is your own public page, with feeds; it needs no account." }
                div #goal-channels tabindex="-1" {
                    @for name in channels {
                        div.check {
                            input type="checkbox" id={ "channel-" (name) } name="goal.channels" value=(name)
                                checked[typed.has("goal.channels", name) || (typed.is_fresh() && *name == "stage")];
                            label for={ "channel-" (name) } { (name) }
                        }
                    }
                }
                @if let Some(error) = error { p.error { span { "Channels " (error) "." } } }
            }
            div.fields.pair {
                (Field::new("goal.posts_per_week", "Posts a week").control(Control::Number(1, domain::brief::POSTS_PER_WEEK_MAX)).initial("3").show(typed))
                (Field::new("goal.weeks", "Weeks").control(Control::Number(1, domain::brief::WEEKS_MAX)).initial("2").show(typed))
            }
            div.fields.pair {
                (Field::new("goal.start", "First day").control(Control::Input("date")).show(typed))
                (zone(typed))
            }
        }
    }
}

/// Every zone there is, offered while one types.
fn zone(typed: &Typed) -> Markup {
    let error = typed.complaint("goal.timezone");
    html! {
        div.field {
            label for="goal-timezone" { "Time zone" }
            input.control #goal-timezone name="goal.timezone" list="zones" required data-own-zone autocomplete="off"
                value=(typed.value("goal.timezone")) placeholder="Europe/Berlin" aria-describedby="goal-timezone-error"
                aria-invalid=[error.map(|_| "true")];
            datalist #zones { @for name in jiff::tz::db().available() { option value=(name) {} } }
            p #goal-timezone-error .error[error.is_some()] { @if let Some(error) = error { span { (error) "." } } }
        }
    }
}

fn playing(typed: &Typed, default_budget: &str) -> Markup {
    let performance = typed.value("mode") == "performance";
    html! {
        fieldset {
            legend { "How it is played" }
            fieldset.fields {
                legend.unseen { "Mode" }
                (choice("radio", ("mode", "rehearsal"), ("Rehearsal", "For real, but nothing leaves the building: posts go to a stage that only members see."), !performance))
                (choice("radio", ("mode", "performance"), ("Performance", "Approved posts go out to the public at their time. For owners and admins."), performance))
                @if let Some(error) = typed.complaint("mode") { p.field { span.error { span { "Performance " (error) "." } } } }
            }
            (choice("checkbox", ("time_lapse", "1"), ("Time-lapse", "Rehearsals only: slots come due as fast as the work allows, in order, with their planned times."), typed.has("time_lapse", "1")))
            (Field::new("budget_usd", "Budget in US dollars")
                .hint(&format!("For models. It stops before it is spent. Left empty: {default_budget}.")).optional().show(typed))
        }
    }
}
