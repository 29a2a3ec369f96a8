//! `/settings`: the workspace's name, the others one belongs to, the model in use, how steps are woken.

use domain::{Action, Role};
use maud::{Markup, html};
use serve::{App, Problem, Reply, fields, session};
use store::people::workspace::{self, Workspace};

use super::{Section, frame};
use crate::elements::badge;
use crate::elements::form::{Field, Typed, act, csrf, summary};
use crate::mend;
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(call, visit, &Typed::default()).await?))
}

async fn render(call: Call<'_>, visit: &Visit, typed: &Typed) -> Result<String, Problem> {
    let Call { app, request, .. } = call;
    let mine = match visit.caller.person() {
        Ok(user_id) => workspace::of_user(app.ports.db, user_id).await?,
        Err(_) => Vec::new(),
    };
    let administers = visit.may(Action::Administer);
    let body = html! {
        @if administers { section.section { div.top { h2 { "Name" } } (name(visit, typed)) } }
        section.section #workspaces {
            div.top { h2 { "Your workspaces" } }
            (list(visit, &mine))
            @if administers { (new(visit, typed)) }
        }
        section.section { div.top { h2 { "Model" } } (model(app)) }
        section.section { div.top { h2 { "Waking and ticking" } } (waking(app)) }
    };
    Ok(frame(visit, Section::Workspace, &notice::done(request), &body))
}

fn name(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        form.card.fields method="post" action="/workspace/name" {
            (csrf(&visit.caller))
            input type="hidden" name="revision" value=(visit.workspace.revision);
            (Field::new("name", "Workspace name").hint("As members and readers of the stage see it. Addresses stay as they are.").initial(&visit.workspace.name).show(typed))
            div.acts { button.button type="submit" { "Rename" } }
        }
    }
}

fn list(visit: &Visit, mine: &[(Workspace, Role)]) -> Markup {
    html! {
        ul.people role="list" {
            @for (one, role) in mine {
                li.card.person {
                    div { p { strong { (one.name) } } p.soft.small { (role) @if one.paused { ", stopped" } } }
                    @if one.id == visit.workspace.id { p.soft { "You are here" } }
                    @else { (act(&visit.caller, &format!("/workspaces/{}/entry", one.id), "slim", &format!("Open {}", one.name), &[])) }
                }
            }
        }
    }
}

fn new(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        details.ask.gap open[typed.complaint("new_name").is_some()] {
            summary.button { "New workspace" }
            form method="post" action="/workspaces" {
                (csrf(&visit.caller))
                (summary(typed, &[("new_name", "Its name")]))
                p { "For another brand or client. It shares nothing with this one: no campaign, channel, member or token." }
                (Field::new("new_name", "Its name").show(typed))
                div.acts { button.button.main-act type="submit" { "Create and open it" } }
            }
        }
    }
}

/// Gives it another name.
pub async fn rename(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let name = match fields::check_name("name", sent.get("name").unwrap_or_default()) {
        Ok(name) => name.to_string(),
        Err(problem) => {
            let again = render(call, visit, &Typed::with(sent, problem.complaints())).await?;
            return Ok(problem.into_reply_with("text/html; charset=utf-8", again));
        }
    };
    let revision = sent.required("revision")?.parse().map_err(|_| Problem::Stale)?;
    let ports = call.app.ports;
    let (workspace_id, actor) = (&visit.workspace.id, &visit.caller.actor);
    let renamed = workspace::rename(ports.db, ports.clock.pinned_ms(), workspace_id, revision, &name, actor).await?;
    match renamed {
        Some(_) => Ok(Reply::see_other("/settings?done=renamed")),
        None => Ok(mend::stale(call.request, visit, &[("name", &visit.workspace.name)]).await),
    }
}

/// Makes another one and opens it.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let name = match fields::check_name("new_name", sent.get("new_name").unwrap_or_default()) {
        Ok(name) => name.to_string(),
        Err(problem) => {
            let again = render(call, visit, &Typed::with(sent, problem.complaints())).await?;
            return Ok(problem.into_reply_with("text/html; charset=utf-8", again));
        }
    };
    let id = serve::workspaces::create(app, &visit.caller, &name).await?.id;
    let cookie = session::enter(app, &visit.caller, request, &id).await?;
    Ok(Reply::see_other("/settings?done=workspace").with_cookie(&cookie))
}

/// Opens another one of the person's.
pub async fn enter(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let cookie = session::enter(call.app, &visit.caller, call.request, call.id()).await?;
    Ok(Reply::see_other("/").with_cookie(&cookie))
}

fn model(app: App<'_>) -> Markup {
    let provider = app.settings.get("model_provider").unwrap_or_else(|| "rehearsal".into());
    html! {
        div.card {
            @if provider == "rehearsal" {
                p { (badge::model("rehearsal")) }
                p { "Built in: no network, no key, no cost. It composes from the brand's facts and makes honest mistakes, so that review and revision have work. Its words are not a language model's, and are labelled wherever they stand." }
                p.soft.small { "For a real one, connect a provider under " a href="/settings/providers" { "Models" } ", or set " code { "model_provider" } ", " code { "model_name" } " and " code { "model_key" } ". Local ones count: Ollama, vLLM, anything that speaks like OpenAI." }
            } @else {
                p { strong { (provider) } @if let Some(name) = app.settings.get("model_name") { ", " (name) } }
                @if let Some(url) = app.settings.get("model_base_url") { p.soft { "At " (url) } }
            }
        }
    }
}

fn waking(app: App<'_>) -> Markup {
    html! {
        div.card {
            p { "Steps are woken as soon as they have work. What no wake-up reaches, the tick finds: something must call it, such as " code { "rondo daemon" } " or a cron job." }
            @if app.settings.wake_secret().is_some() { p { "The wake secret is the one that the operator set (" code { "wake_secret" } ")." } }
            @else { p { "The wake secret was made at the first start and lies in the database; set the variable " code { "wake_secret" } " to have one of your own. It is never shown here." } }
        }
    }
}
