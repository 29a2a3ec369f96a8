//! An agent: its face, how it stands, and its card.

use domain::{AgentRole, Colour};
use maud::{Markup, html};
use store::agent::Standing;

use super::badge::{self, Tone};
use super::time;

/// What an agent is, in a word.
pub fn role(role: AgentRole) -> &'static str {
    match role {
        AgentRole::Strategist => "Strategist",
        AgentRole::Copywriter => "Copywriter",
        AgentRole::Visual => "Visual designer",
        AgentRole::Editor => "Editor",
        AgentRole::Brand => "Brand",
        AgentRole::Compliance => "Compliance",
        AgentRole::Conversion => "Conversion",
        AgentRole::Seo => "Search",
        AgentRole::Publisher => "Publisher",
        AgentRole::Analyst => "Analyst",
    }
}

/// What it does; of those without a step, that they have none.
pub fn does(role: AgentRole) -> &'static str {
    match role {
        AgentRole::Strategist => "Plans each campaign: positioning, themes, calendar. You approve every plan.",
        AgentRole::Copywriter => "Writes each post, and writes it again when it comes back.",
        AgentRole::Editor => "Scores each version by rubric, and sends weak ones back with findings.",
        AgentRole::Publisher => "Sends what you approved, at its time, once.",
        AgentRole::Visual => {
            "Thinks of a picture for each post on the channels that it is given: what it is to show, and its alternative text. Where a model for pictures is set up, it is drawn."
        }
        AgentRole::Brand => "Scores whether a version could be by nobody else: names, style, audience.",
        AgentRole::Compliance => "Reads every statement as a lawyer of the other side would, and may reject.",
        AgentRole::Conversion => "Scores whether an interested reader takes the next step.",
        AgentRole::Seo => "Scores whether those who look for this would find it.",
        AgentRole::Analyst => "Has no work yet: nothing is measured after publishing so far.",
    }
}

/// Its face: its shape says the role, its colour is its own, its letter is its name's.
pub fn avatar(role: AgentRole, name: &str, colour: Colour) -> Markup {
    // In a square of forty: circle, square, diamond, hexagon, star, shield, hill, lens, arrow, bars.
    let shape = match role {
        AgentRole::Strategist => "M20 1l18 19-18 19L2 20z",
        AgentRole::Copywriter => "M20 2a18 18 0 1 0 0 36a18 18 0 1 0 0-36z",
        AgentRole::Visual => "M8 3h24a5 5 0 0 1 5 5v24a5 5 0 0 1-5 5H8a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5z",
        AgentRole::Editor => "M11 3h18l9 17-9 17H11L2 20z",
        AgentRole::Brand => "M20 1l5 13 14 1-11 9 4 14-12-8-12 8 4-14L1 15l14-1z",
        AgentRole::Compliance => "M20 1l16 6v13c0 9-7 15-16 19C11 35 4 29 4 20V7z",
        AgentRole::Conversion => "M20 2l17 32a3 3 0 0 1-3 4H6a3 3 0 0 1-3-4z",
        AgentRole::Seo => "M17 2a15 15 0 1 0 9 27l9 9 4-4-9-9A15 15 0 0 0 17 2z",
        AgentRole::Publisher => "M3 5h21l14 15-14 15H3z",
        AgentRole::Analyst => "M20 2l18 13-7 22H9L2 15z",
    };
    let letter = name.chars().find(|c| c.is_alphanumeric()).map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    html! {
        svg.avatar.{ "agent-" (colour) } viewBox="0 0 40 40" aria-hidden="true" {
            path d=(shape) fill="currentColor" {}
            text x="20" y="26" text-anchor="middle" { (letter) }
        }
    }
}

/// How it stands, in a word with a mark.
pub fn state(standing: &Standing, stopped: bool) -> Markup {
    let agent = &standing.agent;
    if !agent.role.rubric().is_empty() && agent.role.step().is_none() {
        badge::badge(Tone::Busy, "Reviewer")
    } else if agent.role == AgentRole::Visual && agent.channels.is_empty() {
        badge::badge(Tone::Quiet, "Switched off")
    } else if agent.role.step().is_none() && agent.role != AgentRole::Visual {
        badge::badge(Tone::Quiet, "No work yet")
    } else if agent.paused {
        badge::badge(Tone::Wait, "Paused")
    } else if standing.troubles > 0 {
        badge::badge(Tone::Bad, "Error")
    } else if stopped {
        badge::badge(Tone::Wait, "Stopped")
    } else if standing.at_work > 0 {
        badge::badge(Tone::Good, "Performing")
    } else {
        badge::badge(Tone::Busy, "Ready")
    }
}

/// How many of its last jobs were done; a dash before the first.
pub fn success(standing: &Standing) -> String {
    match standing.done + standing.failed {
        0 => "–".into(),
        all => format!("{} %", standing.done * 100 / all),
    }
}

/// Its card. `acts`: what the viewer may do with it.
pub fn card(standing: &Standing, stopped: bool, now_ms: i64, acts: &Markup) -> Markup {
    let agent = &standing.agent;
    html! {
        article.agent {
            (avatar(agent.role, &agent.name, agent.colour))
            div.who {
                h3 { a href={ "/agents/" (agent.role) } { (agent.name) } }
                span.soft.small { (role(agent.role)) }
            }
            (state(standing, stopped))
            @if agent.role.step().is_some() {
                p.task {
                    @match (&standing.task, &standing.task_post) {
                        (Some(task), Some(post)) => { "At " a href={ "/posts/" (post) } { (task) } },
                        (Some(task), None) => { "At " (task) },
                        (None, _) if standing.queue > 0 => {
                            @match standing.next_at {
                                Some(at) if at > now_ms => { "Next " (time::until(at, now_ms)) },
                                _ => "Has work that is due",
                            }
                        },
                        (None, _) => span.soft { "Nothing waits for it" },
                    }
                }
                dl.mini {
                    div { dt { "Queue" } dd { (standing.queue) } }
                    div { dt { "Success" } dd { (success(standing)) } }
                    @if standing.troubles > 0 { div.bad { dt { "To mend" } dd { (standing.troubles) } } }
                }
                (acts)
            } @else {
                p.task.soft { (does(agent.role)) }
            }
        }
    }
}
