//! `/sign-in/code`: the second step of signing in.

use maud::html;
use serve::{Problem, Reply, second_step};

use crate::elements::form::{Field, Secret, Typed};
use crate::kept::{self, Kept};
use crate::layout;
use crate::pages::sign_in::sentence;
use crate::routes::Call;
use crate::visit::html as page;

/// The form, for who has taken the first step.
pub async fn show(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    if second_step::waiting(app, request).await?.is_none() {
        return Ok(Reply::see_other("/sign-in"));
    }
    Ok(page(form(request.query("next").unwrap_or("/"), None, None)))
}

/// Takes the code.
pub async fn submit(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let sent = request.form().await?;
    let (next, kept) = (sent.get("next").unwrap_or("/").to_string(), Kept::read(&sent));
    match second_step::finish(app, request, sent.get("code").unwrap_or_default()).await {
        Ok([session, gone]) => {
            let reply = match kept {
                Some(kept) => kept::resume_with(app, &session, &kept).await?,
                None => Reply::see_other(&next).with_cookie(&session),
            };
            Ok(reply.with_cookie(&gone))
        }
        Err(problem @ (Problem::Unauthorized { .. } | Problem::RateLimited { .. })) => {
            let again = form(&next, Some(&problem), kept.as_ref());
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

/// The page.
pub fn form(next: &str, problem: Option<&Problem>, kept: Option<&Kept>) -> String {
    layout::door(
        "Second step",
        &html! {
            h1 { "Second step" }
            p.lead { "Your authenticator app shows a code of six digits." }
            @if let Some(problem) = problem { div.notice.bad role="alert" { p { (sentence(&problem.to_string())) } } }
            form method="post" action="/sign-in/code" {
                input type="hidden" name="next" value=(next);
                @if let Some(kept) = kept { (kept.hidden()) }
                (Field::secret(Secret::Code).hint("Or one of your recovery codes.").show(&Typed::default()))
                button.button.main-act type="submit" { "Sign in" }
            }
            p.soft.small.gap { a href="/sign-in" { "Begin again" } }
        },
    )
}
