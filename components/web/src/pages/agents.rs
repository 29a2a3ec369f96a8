//! `/agents` and `/agents/{id}`: who they are, what waits for them, what they did, and what they are told.

mod command;
mod configure;
mod record;
mod work;

pub use command::command;
pub use configure::configure;

use domain::agent::Held;
use domain::{Action, AgentRole, Autonomy, Step};
use maud::{Markup, html};
use serve::{App, Problem, Reply, StatusCode};
use store::agent::{self, Standing};
use store::{event, memory};

use crate::elements::agent as element;
use crate::elements::badge::{self, Tone};
use crate::elements::form::Typed;
use crate::layout::{self, Nav};
use crate::notice;
use crate::pages::conductor::{acts, role};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// An agent that somebody looks at.
struct Sight<'a> {
    app: App<'a>,
    visit: &'a Visit,
    standing: Standing,
    now_ms: i64,
}

impl<'a> Sight<'a> {
    async fn of(app: App<'a>, visit: &'a Visit, role: AgentRole) -> Result<Self, Problem> {
        let found = agent::find(app.ports.db, &visit.workspace.id, role).await?;
        let standing = found.ok_or_else(|| Problem::NotFound { what: "agent", id: role.to_string() })?;
        Ok(Self { app, visit, standing, now_ms: app.ports.clock.now_ms() })
    }

    fn role(&self) -> AgentRole {
        self.standing.agent.role
    }

    fn path(&self) -> String {
        format!("/agents/{}", self.role())
    }
}

/// All of them.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let all = agent::standings(call.app.ports.db, &visit.workspace.id).await?;
    let now_ms = call.app.ports.clock.now_ms();
    let body = html! {
        (notice::done(call.request))
        div.head { div {
            h1 { "Agents" }
            p.lead { "Each does one part of the work, as you tell it to. Whatever its level, no plan is carried out and no post goes out that a person did not approve." }
        } div.acts { a.button href="/memory" { "What they remember" } a.button href="/learnings" { "What they learned" } a.button href="/review" { "Who reviews what" } } }
        h2.unseen { "All of them" }
        ul.agents.wide role="list" {
            @for one in &all { li { (element::card(one, visit.workspace.paused, now_ms, &acts(visit, one, "/agents"))) } }
        }
    };
    Ok(page(layout::page(visit, Nav::Agents, "Agents", &body)))
}

/// One of them.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sight = Sight::of(call.app, visit, role(&call)?).await?;
    Ok(page(render(&sight, &notice::done(call.request), &Typed::default()).await?))
}

/// The parts of the page that can be asked for again.
async fn part(sight: &Sight<'_>, name: &str) -> Result<Markup, Problem> {
    match name {
        "head" => Ok(head(sight)),
        "work" => work::part(sight).await,
        other => Err(Problem::NotFound { what: "part", id: other.into() }),
    }
}

/// One part of it, without a page around.
pub async fn fragment(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sight = Sight::of(call.app, visit, role(&call)?).await?;
    Ok(Reply::html(StatusCode::OK, part(&sight, call.second()).await?.into_string()))
}

async fn render(sight: &Sight<'_>, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let seq = event::last_seq(sight.app.ports.db, &sight.visit.workspace.id).await?;
    let live = async |name: &str| -> Result<Markup, Problem> {
        let shown = part(sight, name).await?;
        Ok(html! { live-part id=(name) src={ (sight.path()) "/fragment/" (name) } { (shown) } })
    };
    let draws = match sight.role() {
        AgentRole::Visual => Some(serve::pictures::are_drawn(sight.app, &sight.visit.workspace.id).await?),
        _ => None,
    };
    let body = html! {
        live-page events={ "/events?after=" (seq) } {
            (said)
            (live("head").await?)
            div.columns.broad {
                div {
                    (command::form(sight, typed).await?)
                    @if record::has(sight.role()) { (record::section(sight).await?) }
                    @if is_reminded(sight.role()) { (reminded(sight).await?) }
                    @if sight.role().step().is_some() { (live("work").await?) }
                    @else if let Some(draws) = draws { (pictures(sight, draws)) }
                    @else if !record::has(sight.role()) { section.section { (crate::elements::empty::state("No work yet", element::does(sight.role()), None)) } }
                }
                div.aside { (decides(sight)) @if sight.role() == AgentRole::Copywriter { p { a href="/autonomy" { "What its posts have earned" } } } (configure::form(sight, typed).await?) }
            }
        }
    };
    Ok(layout::page(sight.visit, Nav::Agents, &sight.standing.agent.name, &body))
}

/// For which channels pictures are thought of, and whether anybody draws them.
fn pictures(sight: &Sight<'_>, draws: bool) -> Markup {
    let (agent, says) = (&sight.standing.agent, element::does(sight.role()));
    html! {
        section.section {
            @if agent.channels.is_empty() { (crate::elements::empty::state("Switched off", "It is asked for no channel. Tick one under “Configure” to have it think of pictures: one more call to the model for each version, within the campaign's budget.", None)) }
            @else { (crate::elements::empty::state(&format!("Works for {}", agent.channels.join(", ")), says, None)) }
            p.soft.small.gap {
                @if draws { "What it thinks of is drawn: one more call for each, at the price under " a href="/settings/providers" { "Models" } "; in a rehearsal without any provider, a placeholder." }
                @else { "What it thinks of stays in words: nobody draws them. Name a model for pictures under " a href="/settings/providers" { "Models" } "." }
            }
        }
    }
}

fn head(sight: &Sight<'_>) -> Markup {
    let (agent, standing) = (&sight.standing.agent, &sight.standing);
    html! {
        div.head {
            div.agent-head {
                (element::avatar(agent.role, &agent.name, agent.colour))
                div {
                    p.crumb { a href="/agents" { "Agents" } }
                    h1 { (agent.name) }
                    div.row { span.soft { (element::role(agent.role)) } (element::state(standing, sight.visit.workspace.paused)) }
                    p.lead { (element::does(agent.role)) }
                    @if !agent.personality.is_empty() { p.lead { q { (agent.personality) } } }
                }
            }
            @if agent.role.step().is_some() { (acts(sight.visit, standing, "")) }
        }
    }
}

/// Whether it is reminded of anything before it begins.
fn is_reminded(role: AgentRole) -> bool {
    matches!(role, AgentRole::Strategist | AgentRole::Copywriter) || role.is_reviewer()
}

/// How many entries the page shows.
const REMINDED_MAX: u32 = 8;

async fn reminded(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let role = sight.role();
    let reviews = role.is_reviewer().then_some(Step::Review);
    let Some(step) = role.step().or(reviews) else { return Ok(html! {}) };
    let entries = memory::of_step(sight.app.ports.db, &sight.visit.workspace.id, step, REMINDED_MAX).await?;
    Ok(super::memory::lately(&entries))
}

/// What it decides, and who decides it in truth.
fn decides(sight: &Sight<'_>) -> Markup {
    let agent = &sight.standing.agent;
    let by_level = || match agent.autonomy {
        Autonomy::Ask => badge::badge(Tone::Wait, "Asks you"),
        Autonomy::Threshold => badge::badge(Tone::Good, &format!("Alone, {} times", agent.threshold)),
        Autonomy::Act => badge::badge(Tone::Good, &format!("Alone, {} times", agent.revisions_alone())),
    };
    html! {
        @if !agent.role.matters().is_empty() {
            section aria-labelledby="decides-title" {
                h2 #decides-title { "Who decides" }
                ul.card.flat.matters role="list" {
                    @for matter in agent.role.matters() {
                        li {
                            span { (matter.what) }
                            @match matter.held {
                                Held::Alone => (badge::badge(Tone::Good, "Alone")),
                                Held::Person => (badge::badge(Tone::Wait, "You, always")),
                                Held::Rule => (badge::badge(Tone::Quiet, "A fixed rule")),
                                Held::ByLevel => (by_level()),
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether the viewer may tell it something: that is a decision about a post or a plan.
fn may_command(visit: &Visit) -> bool {
    visit.may(Action::Approve)
}
