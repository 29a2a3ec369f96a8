//! `/sign-in` and `/sign-out`.

use maud::html;
use serve::{Problem, Reply, session};
use store::people::claim;

use crate::elements::form::{Control, Field, Typed};
use crate::layout;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The form.
pub async fn show(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let next = request.query("next").unwrap_or("/");
    let claimed = claim::is_claimed(app.ports.db).await?;
    Ok(page(form(&Typed::default(), next, claimed, None)))
}

/// Signs in. A wrong password shows the form again, with the address still in it.
pub async fn submit(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let sent = request.form().await?;
    let next = sent.get("next").unwrap_or("/").to_string();
    let (email, password) = (sent.get("email").unwrap_or_default(), sent.get("password").unwrap_or_default());
    match session::sign_in(app, request, email, password).await {
        Ok(cookie) => Ok(Reply::see_other(&next).with_cookie(&cookie)),
        Err(problem @ (Problem::Unauthorized { .. } | Problem::RateLimited { .. })) => {
            let again = form(&Typed::with(sent, &[]), &next, true, Some(&problem));
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

/// Ends the session.
pub async fn sign_out(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let cookie = session::sign_out(call.app, &visit.caller, call.request).await?;
    Ok(Reply::see_other("/sign-in").with_cookie(&cookie))
}

fn form(typed: &Typed, next: &str, claimed: bool, problem: Option<&Problem>) -> String {
    layout::door(
        "Sign in",
        &html! {
            h1 { "Sign in" }
            @if !claimed {
                div.notice.wait { p { "Nobody owns this install yet. Open the setup link that was printed when it started: it makes you its owner." } }
            }
            @if let Some(problem) = problem { div.notice.bad role="alert" { p { (sentence(&problem.to_string())) } } }
            form method="post" action="/sign-in" {
                input type="hidden" name="next" value=(next);
                (Field::new("email", "E-mail").control(Control::Input("email")).complete("username").show(typed))
                (Field::new("password", "Password").control(Control::Input("password")).complete("current-password").show(typed))
                button.button.main-act type="submit" { "Sign in" }
            }
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
