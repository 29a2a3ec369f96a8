//! Who an agent is: name, colour, personality, instructions, level.

use domain::agent::{INSTRUCTIONS_CHARS_MAX, NAME_CHARS_MAX, PERSONALITY_CHARS_MAX, bounded};
use domain::brief::Complaint;
use domain::review::REVISIONS_MAX;
use domain::{Action, AgentRole, Autonomy, Colour};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::agent::{self, Change};
use store::channel;
use store::provider::{self, Provider};

use super::{Sight, render};
use crate::elements::badge;
use crate::elements::form::{self, Control, Field, Typed};
use crate::notice;
use crate::pages::conductor::role;
use crate::routes::Call;
use crate::visit::Visit;

/// The form; for those who may not change it, what it says.
pub(super) async fn form(sight: &Sight<'_>, typed: &Typed) -> Result<Markup, Problem> {
    let agent = &sight.standing.agent;
    if !sight.visit.may(Action::Administer) {
        return Ok(
            html! { section { h2 { "Instructions" } div.card.flat { @if agent.instructions.is_empty() { p.soft { "None." } } @else { p { (agent.instructions) } } (model(sight)) } } },
        );
    }
    // A command that came back shares the page, not the fields.
    let fresh = Typed::default();
    let typed = if typed.is_fresh() || typed.value("revision").is_empty() { &fresh } else { typed };
    let channels = channel::list(sight.app.ports.db, &sight.visit.workspace.id, None, channel::CHANNELS_MAX).await?;
    let providers = provider::list(sight.app.ports.db, &sight.visit.workspace.id).await?;
    let (threshold, revision) = (agent.threshold.to_string(), agent.revision.to_string());
    Ok(html! {
        section aria-labelledby="configure-title" {
            h2 #configure-title { "Configure" }
            form.card.flat.fields method="post" action=(sight.path()) {
                (form::csrf(&sight.visit.caller))
                input type="hidden" name="revision" value=(revision);
                (Field::new("name", "Name").initial(&agent.name).show(typed))
                (Field::new("personality", "Personality").hint("How it is, in a sentence.").control(Control::Text("")).initial(&agent.personality).optional().show(typed))
                (Field::new("instructions", "Instructions").hint("What it is to heed in all its work. They go into its prompts; the rules, facts and claims of the brief stand above them.").control(Control::Text("")).initial(&agent.instructions).optional().show(typed))
                (colours(agent.colour, typed))
                @if agent.role.decides_on_revisions() {
                    (level(sight, typed))
                    (Field::new("threshold", "Revisions without asking").hint("For the level in the middle.").control(Control::Number(1, REVISIONS_MAX)).initial(&threshold).show(typed))
                }
                @if agent.role.chooses_channels() { (on_channels(agent.role, &agent.channels, &channels, typed)) }
                (choose(sight, &providers, typed))
                div.acts { button.button.main-act type="submit" { "Save" } }
            }
        }
    })
}

fn colours(now: Colour, typed: &Typed) -> Markup {
    let chosen = typed.value_or("colour", now.as_str());
    html! {
        fieldset.colours {
            legend { "Colour" }
            @for colour in Colour::ALL {
                label {
                    input type="radio" name="colour" value=(colour) checked[chosen == colour.as_str()];
                    span.dot.{ "agent-" (colour) } {}
                    (colour)
                }
            }
            (typed.theirs("colour", (now.as_str(), now.as_str())))
        }
    }
}

fn level(sight: &Sight<'_>, typed: &Typed) -> Markup {
    let agent = &sight.standing.agent;
    let chosen = typed.value_or("autonomy", agent.autonomy.as_str());
    let choices = [
        (Autonomy::Ask, "Always ask", "You decide each time."),
        (Autonomy::Threshold, "Ask above a threshold", "It decides so many times, then you do."),
        (Autonomy::Act, "Act and report", "It acts, and history says so."),
    ];
    html! {
        fieldset.stack {
            legend.label { "How much it does without asking" }
            @for (one, label, hint) in choices {
                (form::choice("radio", ("autonomy", one.as_str()), (label, hint), chosen == one.as_str()))
                @if agent.autonomy == one { (typed.theirs("autonomy", (one.as_str(), label))) }
            }
        }
    }
}

fn on_channels(role: AgentRole, now: &[String], channels: &[channel::Channel], typed: &Typed) -> Markup {
    let has =
        |name: &str| if typed.is_fresh() { now.iter().any(|one| one == name) } else { typed.has("channels", name) };
    html! {
        fieldset {
            legend.label { "Channels" }
            p.soft.small {
                @if role == AgentRole::Visual { "None ticked: it is switched off. On each that is ticked, a version costs one more call to the model, within the campaign's budget." }
                @else { "None ticked: all. Posts on the others are yours to write; they are shown to you as needing a person." }
            }
            @for one in channels {
                label.check { input type="checkbox" name="channels" value=(one.name) checked[has(&one.name)]; (one.name) }
            }
        }
    }
}

fn model(sight: &Sight<'_>) -> Markup {
    let settings = sight.app.settings;
    let provider = settings.get("model_provider").unwrap_or_else(|| "rehearsal".into());
    html! {
        p.small {
            b { "Model: " }
            @if provider == "rehearsal" { (badge::model("rehearsal")) }
            @else { (provider) @if let Some(name) = settings.get("model_name") { ", " (name) } }
            span.soft { ". One for all agents; " a href="/settings/providers" { "Settings" } " say which." }
        }
    }
}

/// Whom it asks first. Without a provider of the workspace's own there is no choice.
fn choose(sight: &Sight<'_>, providers: &[Provider], typed: &Typed) -> Markup {
    if providers.is_empty() || !sight.standing.agent.role.chooses_a_model() {
        return model(sight);
    }
    let now = sight.standing.agent.model.as_ref().map(|(provider, model)| format!("{provider}/{model}"));
    let chosen = typed.value_or("model", now.as_deref().unwrap_or_default());
    html! {
        div.field {
            label for="model" { "Model" }
            p.hint #model-hint { "Whom it asks first; the others stand in when that one has no room. " a href="/settings/providers" { "Settings" } " list them." }
            @if let Some(error) = typed.complaint("model") { p.error { span { "Model " (error) "." } } }
            select.control #model name="model" aria-describedby="model-hint" {
                option value="" selected[chosen.is_empty()] { "Whoever’s turn is first" }
                @for one in providers { @for model in &one.models {
                    @let value = format!("{}/{model}", one.id);
                    option value=(value) selected[chosen == value] { (one.name) ": " (model) }
                } }
            }
        }
    }
}

/// Saves it, to the revision that was seen.
pub async fn configure(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let role = role(&call)?;
    let sent = call.request.form().await?;
    let saved = match read(role, &sent) {
        Ok((change, revision)) => {
            let of = (visit.workspace.id.as_str(), role, revision);
            let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
            match agent::change(db, pinned_ms, of, &change, &visit.caller.actor).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(Problem::Stale),
                Err(error) if error.is_refusal("no_such_model") => {
                    Err(Problem::invalid("model", "is no longer there; choose another"))
                }
                Err(error) => Err(error.into()),
            }
        }
        Err(problem) => Err(problem),
    };
    match saved {
        Ok(()) => Ok(Reply::see_other(&format!("/agents/{role}?done=agent-changed"))),
        Err(problem) => {
            let sight = Sight::of(call.app, visit, role).await?;
            let said = notice::failed(&problem.to_string());
            let page = render(&sight, &said, &Typed::of(sent, &problem)).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", page))
        }
    }
}

fn read(role: AgentRole, sent: &Form) -> Result<(Change, i64), Problem> {
    let mut complaints: Vec<Complaint> = Vec::new();
    let mut text = |field: &str, limits| {
        bounded(field, sent.get(field).unwrap_or_default(), limits).map_err(|one| complaints.push(one)).ok()
    };
    let (name, personality) = (text("name", (1, NAME_CHARS_MAX)), text("personality", (0, PERSONALITY_CHARS_MAX)));
    let instructions = text("instructions", (0, INSTRUCTIONS_CHARS_MAX));
    if !complaints.is_empty() {
        return Err(complaints.into());
    }
    let threshold = match sent.get("threshold").filter(|_| role.decides_on_revisions()) {
        None => None,
        Some(text) => match text.parse::<u32>() {
            Ok(number) if (1..=REVISIONS_MAX).contains(&number) => Some(number),
            _ => return Err(Problem::invalid("threshold", format!("must be from 1 to {REVISIONS_MAX}"))),
        },
    };
    let colour = sent.required("colour")?.parse().map_err(|_| Problem::invalid("colour", "is none of ours"))?;
    let autonomy = match sent.get("autonomy").filter(|_| role.decides_on_revisions()) {
        Some(text) => Some(text.parse().map_err(|_| Problem::invalid("autonomy", "is no level"))?),
        None => None,
    };
    let revision = sent.required("revision")?.parse().map_err(|_| Problem::Stale)?;
    let channels = role.chooses_channels().then(|| sent.all("channels").into_iter().map(Into::into).collect());
    let model = sent.get("model").map(|text| text.split_once('/').map(|(id, model)| (id.into(), model.into())));
    let colour = Some(colour);
    let change = Change { name, personality, instructions, channels, colour, autonomy, threshold, paused: None, model };
    Ok((change, revision))
}
