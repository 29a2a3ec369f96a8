//! `/settings/tokens`: API tokens, programs' keys to the workspace.

use domain::Action;
use maud::{Markup, html};
use serve::tokens::NewToken;
use serve::{Form, Problem, Reply};
use store::page::Key;
use store::people::api_token::{self, ApiToken};

use super::{Section, ZONE, frame, role_field, shown_once};
use crate::elements::form::{Field, Typed, act, csrf, summary};
use crate::elements::{empty, time};
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Lives that are offered, in days.
const LIVES_DAYS: &[i64] = &[30, 90, 365];
/// Milliseconds of a day.
const DAY_MS: i64 = 24 * 3_600_000;

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let said = notice::done(call.request);
    Ok(page(render(call, visit, &said, &Typed::default()).await?))
}

async fn render(call: Call<'_>, visit: &Visit, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let ports = call.app.ports;
    let (wanted, after) = paged::by_time(call.request)?;
    let key = |one: &ApiToken| Key { at: one.created_at, id: one.id.clone() };
    let mut tokens = api_token::list(ports.db, &visit.workspace.id, after.as_ref(), wanted.limit + 1).await?;
    let next = paged::cut(&mut tokens, wanted.limit, |one| paged::of_key(key(one)));
    let names = Names::of(call.app, &visit.workspace.id).await?;
    let body = html! {
        section.section {
            div.top { h2 { "API tokens" } }
            @if tokens.is_empty() {
                (empty::state("No token yet", "A token lets a program do by the API what a person of its role can do on these pages. It stops working when whoever made it leaves.", None))
            } @else { (list(visit, &tokens, &names, ports.clock.now_ms())) }
            (paged::more("/settings/tokens?cursor=", next.as_deref(), "Older tokens"))
        }
        section.section { div.top { h2 { "New token" } } (new(visit, typed)) }
    };
    Ok(frame(visit, Section::Tokens, said, &body))
}

fn list(visit: &Visit, tokens: &[ApiToken], names: &Names, now_ms: i64) -> Markup {
    html! {
        ul.people role="list" {
            @for token in tokens {
                li.card.person {
                    div {
                        p { strong { (token.name) } }
                        p.soft.small { (token.role) ": " (may(token)) }
                    }
                    p.soft.small {
                        "Made " (time::at(token.created_at, ZONE)) " by " (names.name(&token.created_by)) br;
                        @match token.used_at { Some(at) => { "Last used " (time::ago(at, now_ms)) } None => "Never used" }
                        @if let Some(at) = token.expires_at { " · " @if at <= now_ms { "expired " } @else { "until " } (time::at(at, ZONE)) }
                    }
                    @if let Some(at) = token.revoked_at { p.soft.small { "Revoked " (time::at(at, ZONE)) } }
                    @else { (act(&visit.caller, &format!("/settings/tokens/{}/revocation", token.id), "slim grave", "Revoke", &[])) }
                }
            }
        }
    }
}

fn may(token: &ApiToken) -> String {
    let words: Vec<&str> = Action::ALL
        .iter()
        .filter(|action| action.is_for_tokens() && token.may(**action))
        .map(|action| scope_words(*action).0)
        .collect();
    words.join(", ")
}

/// A scope's name, and what it lets a program do.
fn scope_words(action: Action) -> (&'static str, &'static str) {
    match action {
        Action::Read => ("read", "Look at everything in the workspace"),
        Action::Write => ("write", "Create and change campaigns and posts"),
        Action::Approve => ("approve", "Decide on strategies and posts"),
        Action::Discuss => ("discuss", "Comment, and say whose turn it is"),
        Action::Administer => ("administer", "Change channels and the workspace, stop everything, begin performances"),
        Action::ManageMembers => ("manage members", "Invite people, change roles, take people out"),
        Action::ManageTokens => ("manage tokens", "Make and revoke tokens"),
        Action::Own => ("own", "Make and unmake owners"),
        Action::ManageAccount => ("manage account", "Nothing: an account is a person's"),
    }
}

fn new(visit: &Visit, typed: &Typed) -> Markup {
    let scopes = Action::ALL.iter().copied().filter(|action| action.is_for_tokens() && visit.may(*action));
    html! {
        (summary(typed, &[("name", "Name"), ("role", "Role"), ("scopes", "What it may do")]))
        form.card.fields method="post" action="/settings/tokens" {
            (csrf(&visit.caller))
            div.fields.pair {
                (Field::new("name", "Name").hint("What it is for.").show(typed))
                (role_field(visit, "role", None, typed))
                div.field {
                    label for="days" { "Works for" }
                    select.control #days name="days" {
                        @for days in LIVES_DAYS { option value=(days) selected[typed.has("days", &days.to_string())] { (days) " days" } }
                        option value="" selected[typed.value_or("days", "30").is_empty()] { "as long as it is not revoked" }
                    }
                }
            }
            fieldset {
                legend.as-h3 { "What it may do" }
                p.hint.soft.small { "Nothing ticked: all that its role may." }
                @if let Some(error) = typed.complaint("scopes") { p.error { span { (error) } } }
                div.scopes {
                    @for action in scopes {
                        @let (name, does) = scope_words(action);
                        div.check {
                            input type="checkbox" id={ "scope-" (action) } name="scopes" value=(action) checked[typed.has("scopes", action.as_str())];
                            label for={ "scope-" (action) } { strong { (name) } " " span.soft.small { (does) } }
                        }
                    }
                }
            }
            div.acts { button.button.main-act type="submit" { "Make the token" } }
        }
    }
}

/// Makes a token and shows it, once.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let made = match read(&sent, call.app.ports.clock.now_ms()) {
        Ok(new) => serve::tokens::create(call.app, &visit.caller, new).await,
        Err(problem) => Err(problem),
    };
    match made {
        Ok((token, value)) => {
            let said = shown_once(&format!("“{}” is ready", token.name), "Copy it now.", &value);
            Ok(page(render(call, visit, &said, &Typed::default()).await?).with_secret())
        }
        Err(problem @ Problem::Invalid(_)) => {
            let again = render(call, visit, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

fn read(sent: &Form, now_ms: i64) -> Result<NewToken<'_>, Problem> {
    let role = sent.get("role").and_then(|word| word.parse().ok());
    let role = role.ok_or_else(|| Problem::invalid("role", "must be one of those offered"))?;
    let scopes: Result<Vec<Action>, _> = sent.all("scopes").into_iter().map(str::parse).collect();
    let scopes = scopes.map_err(|_| Problem::invalid("scopes", "must be of those offered"))?;
    let expires_at = match sent.get("days").unwrap_or_default() {
        "" => None,
        text => {
            let days = text.parse::<i64>().ok().filter(|days| LIVES_DAYS.contains(days));
            Some(now_ms + days.ok_or_else(|| Problem::invalid("days", "must be one of those offered"))? * DAY_MS)
        }
    };
    let scopes = if scopes.is_empty() { None } else { Some(scopes) };
    Ok(NewToken { name: sent.get("name").unwrap_or_default(), role, scopes, expires_at })
}

/// Ends a token for good.
pub async fn revoke(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let ports = call.app.ports;
    let (workspace_id, actor) = (&visit.workspace.id, &visit.caller.actor);
    let revoked = api_token::revoke(ports.db, ports.clock.pinned_ms(), workspace_id, call.id(), actor).await?;
    revoked.ok_or_else(|| Problem::NotFound { what: "token", id: call.id().into() })?;
    Ok(Reply::see_other("/settings/tokens?done=revoked"))
}
