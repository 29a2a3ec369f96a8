//! `/sign-in/elsewhere`: signing in at an OpenID Connect provider. GET changes nothing, so that what the browser is
//! sent back with is shown as a form first; a script presses its button.

use maud::html;
use serve::oidc::{self, Purpose, Returned};
use serve::{Method, Problem, Reply};

use crate::layout;
use crate::routes::Call;
use crate::visit::html as page;

/// Sends the browser to the provider.
pub async fn start(call: Call<'_>) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let purpose = match sent.get("invitation") {
        Some(value) => Purpose::Join(value),
        None => Purpose::SignIn,
    };
    send(call, purpose, sent.get("next").unwrap_or("/")).await
}

/// The page that leads there. It is a page and no redirect: our policy lets no form end on another site.
pub async fn send(call: Call<'_>, purpose: Purpose<'_>, next: &str) -> Result<Reply, Problem> {
    let (url, cookie) = oidc::start(call.app, call.request, purpose, next).await?;
    let name = oidc::name(call.app).unwrap_or_default();
    let body = html! {
        meta http-equiv="refresh" content={ "0;url=" (url) };
        h1 { "On to " (name) }
        p.lead { "You sign in there and come back." }
        div.acts.gap { a.button.main-act href=(url) { "Go on to " (name) } }
    };
    Ok(page(layout::door("Signing in", &body)).with_cookie(&cookie))
}

/// What the browser came back with, as a form.
pub async fn returned(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    if !oidc::is_on(app) {
        return Err(request.no_route());
    }
    let (Some(code), Some(state)) = (request.query("code"), request.query("state")) else {
        return Err(Problem::ProviderFailed { complaint: "it let nobody in, or you went back" });
    };
    let body = html! {
        h1 { "Almost there" }
        submit-now {
            form method="post" action=(oidc::CALLBACK) {
                input type="hidden" name="code" value=(code);
                input type="hidden" name="state" value=(state);
                @if let Some(issuer) = request.query("iss") { input type="hidden" name="iss" value=(issuer); }
                button.button.main-act type="submit" { "Finish signing in" }
            }
        }
    };
    Ok(page(layout::door("Signing in", &body)))
}

/// Lets them in.
pub async fn finish(Call { app, request, .. }: Call<'_>) -> Result<Reply, Problem> {
    let sent = request.form().await?;
    let returned = Returned { code: sent.required("code")?, state: sent.required("state")?, issuer: sent.get("iss") };
    let mut look = request.clone();
    look.method = Method::GET;
    let caller = serve::caller::of(app, &look).await.ok();
    let arrival = oidc::finish(app, request, caller.as_ref(), returned).await?;
    let next: String = url::form_urlencoded::byte_serialize(arrival.next.as_bytes()).collect();
    let to = if arrival.needs_second_step { format!("/sign-in/code?next={next}") } else { arrival.next };
    Ok(arrival.cookies.iter().fold(Reply::see_other(&to), |reply, cookie| reply.with_cookie(cookie)))
}
