//! `/invitations/{secret}`: somebody was invited and comes in. Looking at the link changes nothing.

use maud::html;
use serve::joining::{self, NewPerson, Seen};
use serve::{App, Caller, Problem, Reply, oidc};

use super::settings::role_means;
use crate::elements::form::{Control, Field, Secret, Typed, act, summary};
use crate::layout;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

const LABELS: &[(&str, &str)] = &[("name", "Your name"), ("email", "E-mail"), ("password", "Password")];

/// What it is an invitation to.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let seen = joining::look(call.app, call.id()).await?;
    let caller = serve::caller::of(call.app, call.request).await.ok().filter(|caller| caller.person().is_ok());
    Ok(page(form(call.app, call.id(), &seen, caller.as_ref(), &Typed::default())).with_secret())
}

/// Makes an account and comes in.
pub async fn join_as_new(call: Call<'_>) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let text = |field| sent.get(field).unwrap_or_default();
    let person = NewPerson { email: text("email"), name: text("name"), password: text("password") };
    match joining::join_as_new(call.app, call.request, call.id(), person).await {
        Ok(cookie) => Ok(Reply::see_other("/").with_cookie(&cookie)),
        Err(problem @ Problem::Invalid(_)) => {
            let seen = joining::look(call.app, call.id()).await?;
            let again = form(call.app, call.id(), &seen, None, &Typed::with(sent, problem.complaints()));
            Ok(problem.into_reply_with("text/html; charset=utf-8", again).with_secret())
        }
        Err(other) => Err(other),
    }
}

/// A signed-in person comes in.
pub async fn join(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let cookie = joining::join(call.app, &visit.caller, call.request, call.id()).await?;
    Ok(Reply::see_other("/").with_cookie(&cookie))
}

fn form(app: App<'_>, value: &str, seen: &Seen, caller: Option<&Caller>, typed: &Typed) -> String {
    let (path, role) = (format!("/invitations/{value}"), seen.invitation.role);
    layout::door(
        "Invitation",
        &html! {
            h1 { "Join " (seen.workspace) }
            p.lead { (seen.inviter) " invites you as " strong { (role) } ": " (role_means(role)) "." }
            @if let Some(caller) = caller {
                div.stack.gap {
                    (act(caller, &format!("{path}/acceptance"), "main-act", &format!("Join as {}", caller.name), &[]))
                    p.soft.small { "Not you? Sign out first, and open the link again." }
                }
            } @else {
                (summary(typed, LABELS))
                form method="post" action=(path) {
                    (Field::new("name", "Your name").complete("name").show(typed))
                    (Field::new("email", "E-mail").hint("You sign in with it. Nothing is sent to it.").initial(seen.invitation.email.as_deref().unwrap_or_default())
                        .control(Control::Input("email")).complete("username").show(typed))
                    (Field::secret(Secret::Password).hint("At least 12 characters. Three or four unrelated words will do.").show(typed))
                    button.button.main-act type="submit" { "Join" }
                }
                @if let Some(name) = oidc::name(app) {
                    form method="post" action="/sign-in/elsewhere" {
                        input type="hidden" name="invitation" value=(value);
                        input type="hidden" name="next" value="/";
                        button.button type="submit" { "Join with " (name) }
                    }
                }
                p.gap { "You have an account? " a href={ "/sign-in?next=" (path) } { "Sign in" } " and join with it." }
            }
        },
    )
}
