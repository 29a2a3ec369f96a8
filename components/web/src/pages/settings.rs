//! `/settings`: members, API tokens, the model in use, how steps are woken.

use domain::{Action, Role};
use maud::{Markup, html};
use serve::{App, Problem, Reply};
use store::people::api_token::{self, ApiToken};
use store::people::member::{self, Member};
use store::{channel, secret};

use crate::elements::form::{Field, Typed, act, csrf, summary};
use crate::elements::{badge, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Times on this page are not a campaign's.
const ZONE: &str = "UTC";
/// Longest name of a token, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Before every token, so that a leaked one is known for what it is.
const TOKEN_MARK: &str = "rondo_";

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    Ok(page(render(app, visit, &notice::done(request), &Typed::default()).await?))
}

/// Makes a token and shows it, once.
pub async fn create_token(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let (name, role) = match read(visit, sent.get("name"), sent.get("role")) {
        Ok(read) => read,
        Err(problem) => {
            let again = render(app, visit, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            return Ok(problem.into_reply_with("text/html; charset=utf-8", again));
        }
    };
    let value = format!("{TOKEN_MARK}{}", secret::new(app.ports.entropy));
    let token = ApiToken {
        workspace_id: visit.workspace.id.clone(),
        id: serve::id(app),
        name,
        role,
        created_by: visit.caller.actor.clone(),
        created_at: app.ports.clock.now_ms(),
        expires_at: None,
        revoked_at: None,
    };
    api_token::create(app.ports.db, &token, &secret::sha256(&value)).await?;
    let shown = html! {
        div.notice.good role="status" {
            h2 { "“" (token.name) "” is ready" }
            p { "Copy it now. It is shown this once; only its hash is kept." }
            div.row { code #new-token { (value) } copy-button for="new-token" {} }
        }
    };
    Ok(page(render(app, visit, &shown, &Typed::default()).await?).with_secret())
}

fn read(visit: &Visit, name: Option<&str>, role: Option<&str>) -> Result<(String, Role), Problem> {
    let name = name.unwrap_or_default().trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX {
        return Err(Problem::invalid("name", format!("must have 1 to {NAME_CHARS_MAX} characters")));
    }
    let role = role.and_then(|word| word.parse::<Role>().ok()).filter(|role| offered(visit).contains(role));
    role.map(|role| (name.into(), role)).ok_or_else(|| Problem::invalid("role", "must be one of those offered"))
}

/// Nobody gives away more than they have.
fn offered(visit: &Visit) -> Vec<Role> {
    let least_first = Role::ALL.iter().rev().copied();
    least_first.filter(|role| *role != Role::Owner || visit.caller.role == Role::Owner).collect()
}

/// Ends a token for good.
pub async fn revoke_token(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let id = call.id();
    let revoked = api_token::revoke(app.ports.db, app.ports.clock.pinned_ms(), &visit.workspace.id, id).await?;
    revoked.ok_or_else(|| Problem::NotFound { what: "token", id: id.into() })?;
    Ok(Reply::see_other("/settings?done=revoked"))
}

async fn render(app: App<'_>, visit: &Visit, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let (db, workspace_id) = (app.ports.db, visit.workspace.id.as_str());
    let members = member::list(db, workspace_id).await?;
    let channels = channel::list(db, workspace_id, None, channel::CHANNELS_MAX).await?;
    let administers = visit.may(Action::Administer);
    let tokens = if administers { api_token::list(db, workspace_id).await? } else { Vec::new() };
    let body = html! {
        div.head { h1 { "Settings" } }
        (said)
        section.section {
            div.top { h2 { "Members" } }
            (people(&members))
        }
        @if administers { section.section { div.top { h2 { "API tokens" } } (token_list(visit, &tokens, &members)) (new_token(visit, typed)) } }
        section.section { div.top { h2 { "Channels" } a href="/settings/channels" { "Connect, pause or try channels" } }
            ul.card role="list" { @for one in &channels { li { strong { (one.name) } @if one.platform != one.name { " (" (one.platform) ")" } @if one.paused { ", paused" } } } }
        }
        section.section { div.top { h2 { "Model" } } (model(app)) }
        section.section { div.top { h2 { "Waking and ticking" } } (waking(app)) }
    };
    Ok(layout::page(visit, Nav::Settings, "Settings", &body))
}

fn people(members: &[Member]) -> Markup {
    html! {
        div.sheet tabindex="0" role="region" aria-label="Members" {
            table {
                thead { tr { th scope="col" { "Name" } th scope="col" { "E-mail" } th scope="col" { "Role" } th scope="col" { "Since" } } }
                tbody { @for one in members { tr { td { (one.name) } td { (one.email) } td { (one.role) } td { (time::at(one.created_at, ZONE)) } } } }
            }
        }
    }
}

fn token_list(visit: &Visit, tokens: &[ApiToken], members: &[Member]) -> Markup {
    let by = |id: &str| {
        members.iter().find(|one| one.user_id == id).map_or("a former member", |one| one.name.as_str()).to_string()
    };
    html! {
        @if tokens.is_empty() { p.soft { "None yet. A token lets a program do what a person of its role can do, by the API." } }
        @else {
            div.sheet tabindex="0" role="region" aria-label="API tokens" {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Made" } th scope="col" { "State" } } }
                    tbody {
                        @for token in tokens {
                            tr {
                                td { (token.name) } td { (token.role) }
                                td { (time::at(token.created_at, ZONE)) " by " (by(&token.created_by)) }
                                td {
                                    @if let Some(at) = token.revoked_at { "Revoked " (time::at(at, ZONE)) }
                                    @else { (act(&visit.caller, &format!("/settings/tokens/{}/revocation", token.id), "slim grave", "Revoke", &[])) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn new_token(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        (summary(typed, &[("name", "Name"), ("role", "Role")]))
        form.fields.gap method="post" action="/settings/tokens" {
            (csrf(&visit.caller))
            div.fields.pair {
                (Field::new("name", "Name of the new token").hint("What it is for.").show(typed))
                div.field {
                    label for="role" { "Role" }
                    p.hint { "As little as will do." }
                    select.control #role name="role" { @for role in offered(visit) { option value=(role) selected[typed.has("role", role.as_str())] { (role) } } }
                }
            }
            div.acts { button.button type="submit" { "Create a token" } }
        }
    }
}

fn model(app: App<'_>) -> Markup {
    let provider = app.settings.get("model_provider").unwrap_or_else(|| "rehearsal".into());
    html! {
        div.card {
            @if provider == "rehearsal" {
                p { (badge::model("rehearsal")) }
                p { "Built in: no network, no key, no cost. It composes from the brand's facts and makes honest mistakes, so that review and revision have work. Its words are not a language model's, and are labelled wherever they stand." }
                p.soft.small { "For a real one, set " code { "model_provider" } ", " code { "model_name" } " and " code { "model_key" } ". Local ones count: Ollama, vLLM, anything that speaks like OpenAI." }
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
