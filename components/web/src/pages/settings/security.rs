//! `/settings/security`: one's own password, second factor, sign-in elsewhere, and sessions.

use maud::{Markup, html};
use serve::oidc::{self, Purpose};
use serve::{Problem, Reply, Via, session as sign_in};
use store::people::identity;
use store::people::session::{self, Session};
use store::people::totp::{self, Totp};

use super::{Section, ZONE, frame};
use crate::elements::form::{Field, Secret, Typed, act, csrf, summary};
use crate::elements::{device, time};
use crate::notice;
use crate::pages::elsewhere;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let said = notice::done(call.request);
    Ok(page(render(call, visit, &said, &Typed::default()).await?))
}

/// The page, with something said on top, and a form as it was typed.
pub async fn render(call: Call<'_>, visit: &Visit, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let (ports, me) = (call.app.ports, visit.caller.person()?);
    let sessions = session::list(ports.db, ports.clock.pinned_ms(), me).await?;
    let factor = totp::find(ports.db, me).await?.filter(|found| found.is_confirmed);
    let issuers = identity::issuers_of(ports.db, me).await?;
    let body = html! {
        section.section { div.top { h2 { "Password" } } (password(visit, typed)) }
        section.section { div.top { h2 { "Second factor" } } (second(visit, factor.as_ref(), typed)) }
        @if let Some(name) = oidc::name(call.app) {
            section.section { div.top { h2 { "Sign-in elsewhere" } } (connection(visit, &name, !issuers.is_empty())) }
        }
        section.section {
            div.top { h2 { "Where you are signed in" } @if sessions.len() > 1 { (act(&visit.caller, "/settings/security/sessions/revocation", "slim", "Sign out everywhere else", &[])) } }
            (list(visit, &sessions, ports.clock.now_ms()))
        }
    };
    Ok(frame(visit, Section::Security, said, &body))
}

fn password(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        (summary(typed, &[("old_password", "Present password"), ("password", "New password")]))
        form.card.fields method="post" action="/settings/security/password" {
            (csrf(&visit.caller))
            (Field::secret(Secret::OldPassword).show(typed))
            (Field::secret(Secret::Password).label("New password").hint("At least 12 characters. Three or four unrelated words will do.").show(typed))
            p.soft.small { "It signs you out everywhere but here." }
            div.acts { button.button type="submit" { "Change the password" } }
        }
    }
}

fn second(visit: &Visit, factor: Option<&Totp>, typed: &Typed) -> Markup {
    html! {
        @if let Some(factor) = factor {
            div.card {
                p { strong { "On." } " Signing in asks for a code of your authenticator app as well." }
                p.soft.small { (factor.codes_left) " of " (serve::second_step::RECOVERY_CODES) " recovery codes are left." @if factor.codes_left < 3 { " Turn it off and on again for new ones." } }
                details.ask open[typed.complaint("off_password").is_some()] {
                    summary.button.slim.grave { "Turn it off" }
                    form method="post" action="/settings/security/second-factor/removal" {
                        (csrf(&visit.caller))
                        (Field::secret(Secret::OffPassword).show(typed))
                        div.acts { button.button.grave type="submit" { "Turn the second factor off" } }
                    }
                }
            }
        } @else {
            div.card {
                p { strong { "Off." } " With it, a stolen password alone opens nothing: signing in asks for a code of an authenticator app as well." }
                (act(&visit.caller, "/settings/security/second-factor", "", "Turn it on", &[]))
            }
        }
    }
}

fn connection(visit: &Visit, name: &str, is_connected: bool) -> Markup {
    html! {
        div.card {
            @if is_connected {
                p { "Your account is connected with " strong { (name) } ": you can sign in there." }
                (act(&visit.caller, "/settings/security/elsewhere/removal", "slim grave", "Disconnect it", &[]))
            } @else {
                p { "Connect your account with " strong { (name) } " to sign in there from now on." }
                (act(&visit.caller, "/settings/security/elsewhere", "", &format!("Connect with {name}"), &[]))
            }
        }
    }
}

fn list(visit: &Visit, sessions: &[Session], now_ms: i64) -> Markup {
    let here = match &visit.caller.via {
        Via::Session { id, .. } => id.as_str(),
        _ => "",
    };
    html! {
        ul.people role="list" {
            @for one in sessions {
                li.card.person {
                    div {
                        p { strong { (device::name(&one.user_agent)) } }
                        @if !one.address.is_empty() { p.soft.small { "From " (one.address) } }
                    }
                    p.soft.small { "Since " (time::at(one.created_at, ZONE)) br; "Last seen " (time::ago(one.seen_at, now_ms)) }
                    @if one.id == here { p.soft { "This browser" } }
                    @else { (act(&visit.caller, &format!("/settings/security/sessions/{}/revocation", one.id), "slim grave", "Sign it out", &[])) }
                }
            }
        }
    }
}

/// Changes the password and signs out everywhere else.
pub async fn change_password(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let text = |field| sent.get(field).unwrap_or_default();
    let changed =
        sign_in::change_password(call.app, &visit.caller, call.request, text("old_password"), text("password")).await;
    match changed {
        Ok(cookie) => Ok(Reply::see_other("/settings/security?done=password").with_cookie(&cookie)),
        Err(problem @ Problem::Invalid(_)) => {
            let again = render(call, visit, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

/// Ends one session.
pub async fn revoke(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let ports = call.app.ports;
    if !session::revoke(ports.db, ports.clock.pinned_ms(), visit.caller.person()?, call.id()).await? {
        return Err(Problem::NotFound { what: "session", id: call.id().into() });
    }
    Ok(Reply::see_other("/settings/security?done=session"))
}

/// Ends all but this one.
pub async fn revoke_others(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (ports, me) = (call.app.ports, visit.caller.person()?);
    if let Via::Session { sha256, .. } = &visit.caller.via {
        session::revoke_others(ports.db, ports.clock.pinned_ms(), me, sha256).await?;
    }
    Ok(Reply::see_other("/settings/security?done=sessions"))
}

/// Goes to the provider, to connect the account.
pub async fn connect(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let purpose = Purpose::Connect(&visit.caller);
    elsewhere::send(call, purpose, "/settings/security?done=sign-in-connected").await
}

/// Disconnects the account. Who has no other way in would be locked out: they need a password first.
pub async fn disconnect(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    oidc::disconnect(call.app, visit.caller.person()?).await?;
    Ok(Reply::see_other("/settings/security?done=sign-in-disconnected"))
}
