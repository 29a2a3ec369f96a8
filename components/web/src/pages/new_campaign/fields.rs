//! The fields of a new campaign, as they stand on the page.

use domain::brand::Group;
use maud::{Markup, html};

use crate::elements::form::{Control, Field, Typed, choice, csrf, summary};
use crate::pages::brand::{self, title};
use crate::visit::Visit;

/// Names and labels of all fields that can be wrong.
const LABELS: &[(&str, &str)] = &[
    ("goal.text", "Goal"),
    ("name", "Name of the campaign"),
    ("goal.channels", "Channels"),
    ("goal.posts_per_week", "Posts a week"),
    ("goal.weeks", "Weeks"),
    ("goal.timezone", "Time zone"),
    ("goal.start", "First day"),
    ("mode", "Performance"),
    ("budget_usd", "Budget"),
    ("brief", "The brief"),
];

/// What the form offers before anybody typed.
pub struct Offer<'a> {
    /// Names of channels.
    pub channels: &'a [&'a str],
    /// In words.
    pub default_budget: &'a str,
    /// The brand that it begins with.
    pub brand_version: Option<i64>,
}

/// The page's body.
pub fn page(visit: &Visit, typed: &Typed, from_file: bool, offer: &Offer<'_>) -> Markup {
    html! {
        div.head {
            div {
                p.crumb { a href="/campaigns" { "Campaigns" } }
                h1 { "New campaign" }
                @if from_file { p.lead { "A brief file holds the goal and every fact that a post may use. Or " a href="/campaigns/new" { "fill in a form" } "." } }
                @else { p.lead { "The goal, and the facts that may be used. What is not here does not exist for the writers. Or " a href="/campaigns/new?from=file" { "use a brief file" } "." } }
            }
        }
        (summary(typed, &[LABELS, brand::LABELS].concat()))
        form.fields.beside method="post" action="/campaigns" enctype=[from_file.then_some("multipart/form-data")] {
            (csrf(&visit.caller))
            @if from_file { (file(typed)) } @else { (goal(typed)) (brand(typed, offer.brand_version)) (calendar(typed, offer.channels)) }
            (playing(typed, offer.default_budget))
            div.acts { button.button.main-act type="submit" { "Create and plan" } a.button href="/campaigns" { "Cancel" } }
            p.soft.small { "Creating it starts the planning. Nothing is written before you approve the plan, and nothing goes out before you approve each post." }
        }
    }
}

fn file(typed: &Typed) -> Markup {
    html! {
        fieldset {
            legend { "The brief" }
            input type="hidden" name="from" value="file";
            div.field {
                label for="brief_file" { "Brief file " span.soft.small { "(TOML)" } }
                input.control #brief_file type="file" name="brief_file" accept=".toml,application/toml,text/plain";
            }
            (Field::new("brief", "The brief").hint("Or paste it here. A chosen file counts instead.").control(Control::Text("tall code")).optional().show(typed))
        }
    }
}

fn goal(typed: &Typed) -> Markup {
    html! {
        fieldset {
            legend { "What it is for" }
            (Field::new("goal.text", "Goal").hint("What should be different afterwards, for whom, by when?").control(Control::Text("")).show(typed))
            (Field::new("name", "Name of the campaign").hint("As your team calls it. Left empty, it is named after brand and day.").optional().show(typed))
        }
    }
}

/// What the brand says, which may be changed for this campaign alone.
fn brand(typed: &Typed, brand_version: Option<i64>) -> Markup {
    let all = html! {
        @for one in Group::ALL { fieldset { legend { (title(*one)) } (brand::group(*one, typed, false)) } }
    };
    let wrong = |one: &domain::brief::Complaint| brand::LABELS.iter().any(|(name, _)| *name == one.field);
    html! {
        @match brand_version {
            Some(version) => details.more id="from-brand" open[typed.complaints().iter().any(wrong)] {
                summary { "From the brand, version " (version) ": look, or change it for this campaign alone" }
                div.fields.gap { (all) }
            },
            None => {
                p.notice { "This workspace has no brand yet. " a href="/brand" { "Tell Rondo what it speaks for" } ", and a goal is all that a campaign needs." }
                (all)
            },
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
                (brand::zone("goal.timezone", true, typed))
            }
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
