//! `/sign-in` and `/sign-out`.

use maud::html;
use serve::session::{self, SignedIn};
use serve::{App, Problem, Reply, oidc};
use store::people::claim;

use crate::elements::form::{Control, Field, Secret, Typed};
use crate::kept::{self, Kept};
use crate::layout;
use crate::pages::second_step;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The form.
pub async fn show(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let next = request.query("next").unwrap_or("/");
    let claimed = claim::is_claimed(app.ports.db).await?;
    Ok(page(form(app, &Typed::default(), next, claimed, None, None)))
}

/// Signs in. A wrong password shows the form again, with the address still in it.
pub async fn submit(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let sent = request.form().await?;
    let (next, kept) = (sent.get("next").unwrap_or("/").to_string(), Kept::read(&sent));
    if let (Some(kept), Some(_)) = (&kept, sent.get("resume")) {
        serve::caller::same_origin(app.settings, request)?;
        return kept::resume(app, request, kept).await;
    }
    let (email, password) = (sent.get("email").unwrap_or_default(), sent.get("password").unwrap_or_default());
    match (session::sign_in(app, request, email, password).await, kept) {
        (Ok(SignedIn::In(cookie)), Some(kept)) => kept::resume_with(app, &cookie, &kept).await,
        (Ok(SignedIn::In(cookie)), None) => Ok(Reply::see_other(&next).with_cookie(&cookie)),
        (Ok(SignedIn::SecondStep(cookie)), kept) => {
            Ok(page(second_step::form(&next, None, kept.as_ref())).with_cookie(&cookie))
        }
        (Err(problem @ (Problem::Unauthorized { .. } | Problem::RateLimited { .. })), kept) => {
            let again = form(app, &Typed::with(sent, &[]), &next, true, Some(&problem), kept.as_ref());
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        (Err(other), _) => Err(other),
    }
}

/// Ends the session.
pub async fn sign_out(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let cookie = session::sign_out(call.app, &visit.caller, call.request).await?;
    Ok(Reply::see_other("/sign-in").with_cookie(&cookie))
}

/// The page. `kept`: what was written when the session ended.
pub fn form(
    app: App<'_>,
    typed: &Typed,
    next: &str,
    claimed: bool,
    problem: Option<&Problem>,
    kept: Option<&Kept>,
) -> String {
    layout::door(
        "Sign in",
        &html! {
            h1 { @if kept.is_some() { "Sign in to go on" } @else { "Sign in" } }
            @if kept.is_some() { p.lead { "What you have written is kept on this page: sign in, and send it again." } }
            @if !claimed {
                div.notice.wait { p { "Nobody owns this install yet. Open the setup link that was printed when it started: it makes you its owner." } }
            }
            @if let Some(problem) = problem { div.notice.bad role="alert" { p { (sentence(&problem.to_string())) } } }
            form method="post" action="/sign-in" {
                input type="hidden" name="next" value=(next);
                @if let Some(kept) = kept { (kept.hidden()) }
                (Field::new("email", "E-mail").control(Control::Input("email")).complete("username").show(typed))
                (Field::secret(Secret::Password).complete("current-password").show(typed))
                button.button.main-act type="submit" { "Sign in" }
            }
            @if let Some(kept) = kept {
                form method="post" action="/sign-in" {
                    (kept.hidden())
                    input type="hidden" name="resume" value="1";
                    button.button.slim type="submit" { "I have signed in in another tab" }
                }
            } @else if let Some(name) = oidc::name(app) {
                form method="post" action="/sign-in/elsewhere" {
                    input type="hidden" name="next" value=(next);
                    button.button type="submit" { "Sign in with " (name) }
                }
            }
            details.more { summary { "Forgotten the password?" } p.soft.small { "Ask an owner or admin of your workspace: they can make you a link for a new one. Whoever runs this install can do it with " code { "rondo reset-password" } "." } }
        },
    )
}

/// A complaint as a sentence.
pub fn sentence(text: &str) -> String {
    let mut text = text.trim_end_matches('.').to_string();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text + "."
}
