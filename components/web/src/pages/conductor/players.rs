//! The agents as players: each with its state, its task, and what one may do with it.

use domain::{Action, AgentRole};
use maud::{Markup, html};
use serve::Problem;
use store::agent::{self, Standing};

use super::Sight;
use crate::elements::{agent as element, form};
use crate::visit::Visit;

/// All seven: those with work first.
pub(super) async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let visit = sight.visit;
    let mut all = agent::standings(sight.app.ports.db, &visit.workspace.id).await?;
    all.sort_by_key(|one| one.agent.role.step().is_none());
    Ok(html! {
        ul.agents role="list" {
            @for one in all.iter().filter(|one| one.agent.role.step().is_some()) {
                li { (element::card(one, visit.workspace.paused, sight.now_ms, &acts(visit, one, "/"))) }
            }
        }
        details.more id="resting" {
            summary { "Those without work yet" }
            ul.agents role="list" {
                @for one in all.iter().filter(|one| one.agent.role.step().is_none()) {
                    li { (element::card(one, visit.workspace.paused, sight.now_ms, &html! {})) }
                }
            }
        }
    })
}

/// Pause, run now, configure: those that the viewer may.
pub fn acts(visit: &Visit, standing: &Standing, back: &str) -> Markup {
    let agent = &standing.agent;
    let path = |act: &str| format!("/agents/{}/{act}", agent.role);
    let (label, value) = if agent.paused { ("Resume", "0") } else { ("Pause", "1") };
    html! {
        div.acts {
            @if visit.may(Action::Administer) {
                (form::act(&visit.caller, &path("pause"), "slim", label, &[("paused", value), ("back", back)]))
            }
            // What goes out keeps its time: the publisher is not to be hurried.
            @if visit.may(Action::Write) && !agent.paused && standing.queue > 0 && agent.role != AgentRole::Publisher {
                (form::act(&visit.caller, &path("wake"), "slim", "Run now", &[("back", back)]))
            }
            @if !back.is_empty() { a.button.slim href={ "/agents/" (agent.role) } { @if visit.may(Action::Administer) { "Configure" } @else { "Look" } span.unseen { " " (agent.name) } } }
        }
    }
}
