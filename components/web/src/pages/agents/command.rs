//! A direct command: words, and what they are about. It becomes a job by the same decision as sending something back.

use domain::brief::Complaint;
use domain::command::{Candidate, Meant, meant, takes, words};
use domain::{AgentRole, PostState, Step};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::command::{self, NewCommand, Target};

use super::{Sight, may_command, render};
use crate::elements::form::{self, Control, Field, Typed};
use crate::elements::time;
use crate::notice;
use crate::pages::conductor::role;
use crate::routes::Call;
use crate::visit::Visit;

/// The form; for those who take no commands, what does.
pub(super) async fn form(sight: &Sight<'_>, typed: &Typed) -> Result<Markup, Problem> {
    let agent = &sight.standing.agent;
    if !may_command(sight.visit) || agent.role.step().is_none() {
        return Ok(html! {});
    }
    let Some(takes) = takes(agent.role) else {
        return Ok(html! {
            section.section { div.notice { p { (agent.name) " takes no commands: what it does follows from what you approve. Tell " a href="/agents/copywriter" { "the copywriter" } " to write a post again, or " a href="/agents/strategist" { "the strategist" } " to plan again." } } }
        });
    };
    let targets = command::targets(sight.app.ports.db, &sight.visit.workspace.id, agent.role).await?;
    let example = if agent.role == AgentRole::Copywriter {
        "Rewrite Thursday's post shorter"
    } else {
        "More about the price, less about us"
    };
    Ok(html! {
        section.section aria-labelledby="tell-title" {
            div.top { h2 #tell-title { "Tell " (agent.name) } }
            div.card {
                @if targets.is_empty() {
                    p.soft { "You can tell it " (takes) ". There is none right now." }
                } @else {
                    form.fields method="post" action={ (sight.path()) "/commands" } {
                        (form::csrf(&sight.visit.caller))
                        p.soft { "You can tell it " (takes) "." }
                        (Field::new("text", "What is to be different").hint(&format!("In your words, for example: {example}")).control(Control::Text("")).show(typed))
                        (choose(&targets, typed))
                        div.acts { button.button.main-act type="submit" { "Tell " (agent.name) } }
                    }
                }
            }
        }
    })
}

fn choose(targets: &[Target], typed: &Typed) -> Markup {
    let error = typed.complaint("target");
    html! {
        div.field {
            label for="target" { "About" }
            p.hint id="target-hint" { "Left open, the words must say which: a weekday, a channel." }
            select.control id="target" name="target" aria-invalid=[error.map(|_| "true")]
                aria-describedby={ "target-hint" @if error.is_some() { " target-error" } } {
                option value="" { "As the words say" }
                @for one in targets {
                    @let value = key(one);
                    option value=(value) selected[typed.value("target") == value] { (label(one)) }
                }
            }
            @if let Some(error) = error { p.error id="target-error" { span { (error) } } }
        }
    }
}

/// What a choice holds: what it is about, and the version that the person saw.
fn key(target: &Target) -> String {
    format!("{}@{}", target.post_id.as_deref().unwrap_or(&target.campaign_id), target.version)
}

fn label(target: &Target) -> String {
    let Some(due_at) = target.due_at else { return target.campaign.clone() };
    let planned = target.planned_local.as_deref().unwrap_or_default();
    let note = if target.state == Some(PostState::Scheduled) { " (approved: that becomes void)" } else { "" };
    format!(
        "{} · {} · {}{note}",
        time::plain(planned, due_at),
        target.channel.as_deref().unwrap_or_default(),
        target.about.as_deref().unwrap_or_default()
    )
}

/// Gives the command. What cannot be done comes back with its words.
pub async fn command(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let role = role(&call)?;
    let sent = call.request.form().await?;
    let sight = Sight::of(call.app, visit, role).await?;
    match give(&call, visit, role, &sent).await {
        Ok(()) => {
            let step = if role == AgentRole::Copywriter { Step::Generate } else { Step::Strategize };
            Ok(Reply::see_other(&format!("/agents/{role}?done=told-{role}")).waking(&[step]))
        }
        Err(problem) => {
            let typed = Typed::with(sent, problem.complaints());
            let said = if problem.complaints().is_empty() {
                notice::failed(&problem.to_string())
            } else {
                html! {}
            };
            let page = render(&sight, &said, &typed).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", page))
        }
    }
}

async fn give(call: &Call<'_>, visit: &Visit, role: AgentRole, sent: &Form) -> Result<(), Problem> {
    if takes(role).is_none() {
        return Err(Problem::invalid("text", "cannot be told to this agent; tell the copywriter or the strategist"));
    }
    let text = words(sent.get("text").unwrap_or_default()).map_err(|complaint| Problem::invalid("text", complaint))?;
    let targets = command::targets(call.app.ports.db, &visit.workspace.id, role).await?;
    let asked = sent.get("target").unwrap_or_default();
    if let Some((id, _)) = asked.rsplit_once('@')
        && !command::exists(call.app.ports.db, &visit.workspace.id, id).await?
    {
        return Err(Problem::NotFound { what: "post", id: id.into() });
    }
    let (target, version) = chosen(&targets, asked, text, call.app.ports.clock.now_ms())?;
    let id = serve::id(call.app);
    let new = NewCommand {
        workspace_id: &visit.workspace.id,
        id: &id,
        role,
        text,
        campaign_id: &target.campaign_id,
        post_id: target.post_id.as_deref(),
        version,
        actor: &visit.caller.actor,
    };
    Ok(command::give(call.app.ports.db, call.app.ports.clock.pinned_ms(), &new).await?)
}

fn chosen<'a>(targets: &'a [Target], asked: &str, text: &str, now_ms: i64) -> Result<(&'a Target, i64), Problem> {
    if let Some((id, version)) = asked.rsplit_once('@') {
        let found = targets.iter().find(|one| one.post_id.as_deref().unwrap_or(&one.campaign_id) == id);
        // Another version than the one that was seen is refused by the row itself.
        return Ok((found.ok_or(Problem::WrongState)?, version.parse().map_err(|_| Problem::Superseded)?));
    }
    let of = |one: &'a Target| {
        Candidate::of(one.planned_local.as_deref(), &one.timezone, one.channel.as_deref().unwrap_or_default(), now_ms)
    };
    let candidates: Vec<Candidate<'_>> = targets.iter().map(of).collect();
    match meant(text, &candidates) {
        Meant::One(at) => Ok((&targets[at], targets[at].version)),
        Meant::Unclear if targets.is_empty() => Err(Problem::WrongState),
        Meant::Unclear => {
            let complaint = "The words do not say which one is meant: choose it, or name its day and channel.".into();
            Err(Problem::Invalid(vec![Complaint { field: "target".into(), complaint }]))
        }
    }
}
