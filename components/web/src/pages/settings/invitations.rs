//! Inviting, on `/settings/members`: the form, the link that is shown once, and who is invited.

use maud::{Markup, html};
use serve::session::link;
use serve::{Problem, Reply, joining};
use store::people::invitation::{self, Invitation};

use super::{ZONE, members, role_field, shown_once};
use crate::elements::form::{Control, Field, Typed, act, csrf, summary};
use crate::elements::time;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// The part of the page; and where there are more, the cursor that leads to them.
pub fn section(visit: &Visit, (invited, more): (&[Invitation], Option<&str>), names: &Names, typed: &Typed) -> Markup {
    html! {
        section.section #invite {
            div.top { h2 { "Invite somebody" } }
            (summary(typed, &[("email", "E-mail"), ("role", "Role")]))
            form.card.fields method="post" action="/settings/invitations" {
                (csrf(&visit.caller))
                div.fields.pair {
                    (Field::new("email", "E-mail").optional().hint("With it, nobody else can use the link.").control(Control::Input("email")).show(typed))
                    (role_field(visit, "invite-role", None, typed))
                }
                p.soft.small { "You get a link to send; it works once, for seven days. Nothing is sent by itself." }
                div.acts { button.button.main-act type="submit" { "Make the link" } }
            }
            @if !invited.is_empty() {
                h3.gap { "Invited, not here yet" }
                ul.people.gap role="list" {
                    @for one in invited {
                        li.card.person {
                            div { p { strong { (one.email.as_deref().unwrap_or("Whoever has the link")) } } p.soft.small { "as " (one.role) } }
                            p.soft.small { "By " (names.name(&one.created_by)) ", until " (time::at(one.expires_at, ZONE)) }
                            (act(&visit.caller, &format!("/settings/invitations/{}/revocation", one.id), "slim grave", "Take it back", &[]))
                        }
                    }
                }
                (paged::more("/settings/members?invited=", more, "Older invitations"))
            }
        }
    }
}

/// Makes an invitation and shows its link, once.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let role = sent.get("role").and_then(|word| word.parse().ok());
    let made = match role {
        Some(role) => joining::invite(call.app, &visit.caller, role, sent.get("email")).await,
        None => Err(Problem::invalid("role", "must be one of those offered")),
    };
    match made {
        Ok((invitation, path)) => {
            let whom = invitation.email.as_deref().unwrap_or("somebody");
            let said = shown_once(
                &format!("The invitation of {whom} as {} is ready", invitation.role),
                "Send it to them yourself.",
                &link(call.app, call.request, &path),
            );
            Ok(page(members::render(call, visit, &said, &Typed::default()).await?).with_secret())
        }
        Err(problem @ Problem::Invalid(_)) => {
            let again = members::render(call, visit, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

/// Takes one back.
pub async fn revoke(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let ports = call.app.ports;
    let (workspace_id, actor) = (&visit.workspace.id, &visit.caller.actor);
    let revoked = invitation::revoke(ports.db, ports.clock.pinned_ms(), workspace_id, call.id(), actor).await?;
    revoked.ok_or_else(|| Problem::NotFound { what: "invitation", id: call.id().into() })?;
    Ok(Reply::see_other("/settings/members?done=uninvited"))
}
