//! Quick actions, and what is done with an agent from its card.

use domain::{Action, AgentRole};
use maud::{Markup, html};
use serve::{Problem, Reply};
use store::agent;

use crate::elements::form;
use crate::routes::Call;
use crate::visit::Visit;

/// The bar below all else: the ways that are taken most, and the switch that stops everything. This page has it here,
/// and not in its head as the others have.
pub(super) fn bar(visit: &Visit) -> Markup {
    html! {
        nav.quick aria-label="Quick actions" {
            @if visit.may(Action::Write) { a.button.main-act href="/campaigns/new" data-key="n" { "New campaign" } }
            a.button href="/campaigns" { "Campaigns" }
            a.button href="/agents" { "Agents" }
            a.button href={ "/rehearsal/" (visit.workspace.slug) } { "Rehearsal stage" }
            a.button href={ "/stage/" (visit.workspace.slug) } { "Public stage" }
            @if visit.may(Action::Administer) {
                @if visit.workspace.paused {
                    (form::act(&visit.caller, "/workspace/pause", "main-act", "Let everything go on", &[("paused", "0")]))
                } @else {
                    details.ask id="ask-stop" {
                        summary.button.grave { "Stop everything" }
                        form method="post" action="/workspace/pause" {
                            p { "Nothing more goes out from this workspace until somebody lets it go on. What is being sent at this moment cannot be called back." }
                            (form::csrf(&visit.caller))
                            input type="hidden" name="paused" value="1";
                            button.button.grave type="submit" { "Stop everything now" }
                        }
                    }
                }
            }
        }
    }
}

/// Lets an agent's step rest, or go on.
pub async fn pause_agent(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let role = role(&call)?;
    let form = call.request.form().await?;
    let paused = match form.required("paused")? {
        "1" => true,
        "0" => false,
        _ => return Err(Problem::invalid("paused", "must be 0 or 1")),
    };
    let of = (visit.workspace.id.as_str(), role);
    agent::set_paused(call.app.ports.db, call.app.ports.clock.pinned_ms(), of, paused, &visit.caller.actor).await?;
    let done = if paused { "agent-paused" } else { "agent-resumed" };
    let reply = Reply::see_other(&format!("{}?done={done}", back(form.get("back"), role)));
    Ok(if paused { reply } else { reply.waking(role.step().as_slice()) })
}

/// What waits for another attempt has it now.
pub async fn wake_agent(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let role = role(&call)?;
    let form = call.request.form().await?;
    let of = (visit.workspace.id.as_str(), role);
    agent::run_now(call.app.ports.db, call.app.ports.clock.pinned_ms(), of).await?;
    let reply = Reply::see_other(&format!("{}?done=agent-woken", back(form.get("back"), role)));
    Ok(reply.waking(role.step().as_slice()))
}

/// The agent that the path names.
pub fn role(call: &Call<'_>) -> Result<AgentRole, Problem> {
    call.id().parse().map_err(|_| Problem::NotFound { what: "agent", id: call.id().into() })
}

/// The page from which it was done: the conductor's, the list, or the agent's own.
fn back(asked: Option<&str>, role: AgentRole) -> String {
    match asked {
        Some(known @ ("/" | "/agents")) => known.into(),
        _ => format!("/agents/{role}"),
    }
}
