//! `/password-resets/{secret}`: choosing a new password by a one-time link. Looking at it changes nothing.

use maud::html;
use serve::{Problem, Reply, password_reset};

use crate::elements::form::{Field, Secret, Typed, summary};
use crate::layout;
use crate::routes::Call;
use crate::visit::html as page;

/// The form.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    password_reset::look(call.app, call.id()).await?;
    Ok(page(form(call.id(), &Typed::default())).with_secret())
}

/// Takes the new password.
pub async fn submit(call: Call<'_>) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let new = sent.get("password").unwrap_or_default();
    match password_reset::finish(call.app, call.request, call.id(), new).await {
        Ok(()) => Ok(Reply::see_other("/sign-in")),
        Err(problem @ Problem::Invalid(_)) => {
            let again = form(call.id(), &Typed::with(sent, problem.complaints()));
            Ok(problem.into_reply_with("text/html; charset=utf-8", again).with_secret())
        }
        Err(other) => Err(other),
    }
}

fn form(value: &str, typed: &Typed) -> String {
    layout::door(
        "New password",
        &html! {
            h1 { "Choose a new password" }
            p.lead { "It signs you out everywhere. Then you sign in with it." }
            (summary(typed, &[("password", "New password")]))
            form method="post" action={ "/password-resets/" (value) } {
                (Field::secret(Secret::Password).label("New password").hint("At least 12 characters. Three or four unrelated words will do.").show(typed))
                button.button.main-act type="submit" { "Change the password" }
            }
        },
    )
}
