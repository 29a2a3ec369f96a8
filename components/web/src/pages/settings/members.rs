//! `/settings/members`: who is in the workspace, and what they are; inviting is beside it.

use domain::Action;
use maud::{Markup, html};
use serve::session::link;
use serve::{Problem, Reply, password_reset};
use store::people::invitation;
use store::people::member::{self, By, Changed, Member};

use super::{Section, ZONE, frame, invitations, role_field, role_means, shown_once};
use crate::elements::form::{Typed, act, csrf};
use crate::elements::time;
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let said = notice::done(call.request);
    Ok(page(render(call, visit, &said, &Typed::default()).await?))
}

/// The page, with something said on top, and the invitation's form as it was typed.
pub async fn render(call: Call<'_>, visit: &Visit, said: &Markup, typed: &Typed) -> Result<String, Problem> {
    let ports = call.app.ports;
    let (wanted, after) = paged::by_time(call.request)?;
    let mut members = member::page(ports.db, &visit.workspace.id, after.as_ref(), wanted.limit + 1).await?;
    let next = paged::cut(&mut members, wanted.limit, |one| paged::of_key(one.key()));
    let names = Names::of(call.app, &visit.workspace.id).await?;
    let manages = visit.may(Action::ManageMembers);
    let mut invited = Vec::new();
    if manages {
        let (pinned_ms, after) = (ports.clock.pinned_ms(), paged::second(call.request, "invited")?);
        let limit = wanted.limit + 1;
        invited = invitation::waiting(ports.db, pinned_ms, &visit.workspace.id, after.as_ref(), limit).await?;
    }
    let more = paged::cut(&mut invited, wanted.limit, |one| paged::of_key(one.key()));
    let body = html! {
        section.section {
            div.top { h2 { "Members" } @if manages { a href="#invite" { "Invite somebody" } } }
            ul.people role="list" { @for one in &members { (person(visit, one, manages)) } }
            (paged::more("/settings/members?cursor=", next.as_deref(), "More members"))
        }
        @if manages { (invitations::section(visit, (&invited, more.as_deref()), &names, typed)) }
    };
    Ok(frame(visit, Section::Members, said, &body))
}

fn person(visit: &Visit, one: &Member, manages: bool) -> Markup {
    let is_me = one.user_id == visit.caller.actor;
    html! {
        li.card.person {
            div {
                p { strong { (one.name) } @if is_me { " " span.soft { "(you)" } } }
                p.soft.small { (one.email) }
            }
            p.small { strong { (one.role) } ": " (role_means(one.role)) br;
                span.soft { "Since " (time::at(one.created_at, ZONE)) @if one.has_totp { " · signs in with a second factor" } } }
            @if is_me || manages {
                details.ask {
                    summary.button.slim { "Change" span.unseen { " " (one.name) } }
                    div.stack { (changes(visit, one, is_me, manages)) }
                }
            }
        }
    }
}

fn changes(visit: &Visit, one: &Member, is_me: bool, manages: bool) -> Markup {
    let path = |act: &str| format!("/settings/members/{}/{act}", one.user_id);
    let reaches = visit.caller.role.covers(one.role);
    html! {
        @if manages && reaches {
            form.fields method="post" action=(path("role")) {
                (csrf(&visit.caller))
                (role_field(visit, &format!("role-{}", one.user_id), Some(one.role), &Typed::default()))
                p.soft.small { "Another role signs them out here at once, and ends tokens and invitations of theirs that it could not make." }
                div.acts { button.button.slim type="submit" { "Change the role" } }
            }
        }
        @if manages && reaches && !is_me {
            form.fields method="post" action=(path("password-reset")) {
                (csrf(&visit.caller))
                p { "A link with which " (one.name) " chooses a new password: once, within an hour." }
                @if one.has_totp {
                    div.check { input type="checkbox" id={ "lost-" (one.user_id) } name="lost_device" value="1"; label for={ "lost-" (one.user_id) } { "Their device is lost: turn the second factor off as well" } }
                }
                div.acts { button.button.slim type="submit" { "Make a link for a new password" } }
            }
        }
        @if visit.may(Action::Own) && !is_me {
            form method="post" action="/settings/owner" {
                (csrf(&visit.caller))
                input type="hidden" name="user_id" value=(one.user_id);
                p { "Hand the workspace on: " (one.name) " becomes owner, and you become admin." }
                div.acts { button.button.slim.grave type="submit" { "Hand the workspace on to " (one.name) } }
            }
        }
        @if is_me { (act(&visit.caller, "/settings/departure", "slim grave", "Leave this workspace", &[])) }
        @else if manages && reaches { (act(&visit.caller, &path("removal"), "slim grave", &format!("Remove {}", one.name), &[])) }
    }
}

fn by<'a>(visit: &'a Visit) -> By<'a> {
    By { actor: &visit.caller.actor, owns: visit.may(Action::Own) }
}

/// What a change has led to, as the next page or a problem.
fn after(visit: &Visit, changed: Changed, user_id: &str, done: &str) -> Result<Reply, Problem> {
    match changed {
        Changed::Done => Ok(Reply::see_other(done)),
        Changed::NotFound => Err(Problem::NotFound { what: "member", id: user_id.into() }),
        Changed::OwnersOnly => Err(Problem::Forbidden { role: visit.caller.role, action: Action::Own }),
        Changed::LastOwner => Err(Problem::LastOwner),
    }
}

/// Gives a member another role.
pub async fn set_role(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let role = sent.required("role")?.parse().map_err(|_| Problem::invalid("role", "is none that there is"))?;
    let ports = call.app.ports;
    let of = (visit.workspace.id.as_str(), call.id());
    let changed = member::set_role(ports.db, ports.clock.pinned_ms(), of, role, by(visit)).await?;
    after(visit, changed, call.id(), "/settings/members?done=role")
}

/// Takes a member out.
pub async fn remove(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let ports = call.app.ports;
    let of = (visit.workspace.id.as_str(), call.id());
    let changed = member::remove(ports.db, ports.clock.pinned_ms(), of, by(visit)).await?;
    after(visit, changed, call.id(), "/settings/members?done=removed")
}

/// Leaves the workspace.
pub async fn leave(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (ports, me) = (call.app.ports, visit.caller.person()?);
    let myself = By { actor: me, owns: true };
    let changed = member::remove(ports.db, ports.clock.pinned_ms(), (&visit.workspace.id, me), myself).await?;
    after(visit, changed, me, "/sign-in")
}

/// Hands the workspace on.
pub async fn hand_over(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let (ports, to, me) = (call.app.ports, sent.required("user_id")?, visit.caller.person()?);
    if !member::hand_over(ports.db, ports.clock.pinned_ms(), &visit.workspace.id, me, to).await? {
        return Err(Problem::NotFound { what: "member", id: to.into() });
    }
    Ok(Reply::see_other("/settings/members?done=owner"))
}

/// Makes a link for a new password and shows it, once.
pub async fn reset(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let lost = sent.get("lost_device") == Some("1");
    let path = password_reset::make(call.app, &visit.caller, call.id(), lost).await?;
    let said = shown_once(
        "The link is ready",
        "Hand it over in person or by a way that only they read: whoever opens it within an hour chooses the password.",
        &link(call.app, call.request, &path),
    );
    Ok(page(render(call, visit, &said, &Typed::default()).await?).with_secret())
}
