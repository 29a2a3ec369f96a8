//! `/setup/{token}`: the owner claims a fresh install, once.

use maud::html;
use serve::session::{self, Owner};
use serve::{Problem, Reply};

use crate::elements::form::{Control, Field, Secret, Typed, summary};
use crate::layout;
use crate::routes::Call;
use crate::visit::html as page;

const LABELS: &[(&str, &str)] =
    &[("name", "Your name"), ("email", "E-mail"), ("password", "Password"), ("workspace", "Workspace name")];

/// The form, for whoever has the token.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let (app, token) = (call.app, call.id());
    match session::may_claim(app, token).await {
        Ok(()) => Ok(page(form(token, &Typed::default()))),
        Err(Problem::AlreadyDecided) => Ok(Reply::see_other("/sign-in")),
        Err(other) => Err(other),
    }
}

/// Claims it and signs the owner in.
pub async fn submit(call: Call<'_>) -> Result<Reply, Problem> {
    let (Call { app, request, .. }, token) = (call, call.id());
    let sent = request.form().await?;
    let text = |field| sent.get(field).unwrap_or_default();
    let owner =
        Owner { email: text("email"), name: text("name"), password: text("password"), workspace: text("workspace") };
    match session::claim(app, request, token, owner).await {
        Ok(cookie) => Ok(Reply::see_other("/campaigns").with_cookie(&cookie)),
        Err(Problem::Invalid(complaints)) => {
            let again = form(token, &Typed::with(sent, &complaints));
            Ok(Problem::Invalid(complaints).into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

fn form(token: &str, typed: &Typed) -> String {
    layout::door(
        "Set up",
        &html! {
            h1 { "Make this Rondo yours" }
            p.lead { "One minute, once. You become the owner of this install; nobody else can claim it after you." }
            (summary(typed, LABELS))
            form method="post" action={ "/setup/" (token) } {
                (Field::new("name", "Your name").complete("name").show(typed))
                (Field::new("email", "E-mail").hint("You sign in with it. Nothing is sent to it.").control(Control::Input("email")).complete("username").show(typed))
                (Field::secret(Secret::Password).hint("At least 12 characters. Three or four unrelated words will do.").show(typed))
                (Field::new("workspace", "Workspace name").hint("Your company, brand or team. It heads your public stage.").complete("organization").show(typed))
                button.button.main-act type="submit" { "Set up and sign in" }
            }
        },
    )
}
