//! A form that came when its session had ended: what was written is kept on the page until they are signed in again.
//!
//! Nothing is stored: the fields travel in the page, as they did before, and are sent again by the person, with a
//! fresh token. Only forms of our own pages are kept, so that nobody plants one; passwords, codes and files are not.

use maud::{Markup, html};
use serve::caller::same_origin;
use serve::{App, Form, Method, Problem, Reply, Request};

use crate::elements::form::{Secret, Typed};
use crate::layout;
use crate::mend;
use crate::pages::{problems, sign_in};
use crate::visit::html as page;

/// Pages whose forms hold secrets, or are themselves the way in.
const NOT_KEPT: &[&str] = &["/sign-in", "/sign-out", "/setup", "/invitations", "/password-resets", "/settings"];

/// What was written, and where it was to go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    path: String,
    fields: Vec<(String, String)>,
}

impl Kept {
    /// From the request that came too late.
    async fn of(request: &Request) -> Option<Self> {
        if NOT_KEPT.iter().any(|path| request.path.starts_with(path)) {
            return None;
        }
        let form = request.form_as_sent().await.ok()?.writable();
        let fields = form.fields.into_iter().filter(|(name, _)| may_be_kept(name)).collect();
        Some(Self { path: request.path.clone(), fields })
    }

    /// From the page that kept it.
    pub fn read(form: &Form) -> Option<Self> {
        let path = form.get("kept_path")?;
        let is_ours = path.starts_with('/') && !path.starts_with("//") && !path.contains('\\');
        let fields: Vec<(String, String)> = serde_json::from_str(form.get("kept")?).ok()?;
        let fields = fields.into_iter().filter(|(name, _)| may_be_kept(name)).collect();
        is_ours.then(|| Self { path: path.into(), fields })
    }

    /// In the form that signs in.
    pub fn hidden(&self) -> Markup {
        // Text pairs can always be written as JSON.
        let fields = serde_json::to_string(&self.fields).unwrap_or_default();
        html! {
            input type="hidden" name="kept_path" value=(self.path);
            input type="hidden" name="kept" value=(fields);
        }
    }

    /// Once they are signed in: to be sent again, with the new session's token.
    pub fn again(&self, csrf: &str) -> String {
        layout::door(
            "Send it again",
            &html! {
                h1 { "Nothing is lost" }
                p.lead { "You are signed in. What you had written was not saved yet: send it again." }
                form method="post" action=(self.path) {
                    input type="hidden" name="csrf" value=(csrf);
                    @for (name, value) in &self.fields { input type="hidden" name=(name) value=(value); }
                    button.button.main-act type="submit" { "Send it now" }
                }
                @if let Some(longest) = self.fields.iter().map(|(_, value)| value).max_by_key(|value| value.len()).filter(|value| value.len() > 40) {
                    details.more.gap { summary { "What you had written" } pre.written { (longest) } }
                }
            },
        )
    }
}

fn may_be_kept(name: &str) -> bool {
    !matches!(name, "csrf" | "kept" | "kept_path") && Secret::named(name).is_none()
}

/// Shows a problem; where something was typed, with all of it and a way to send it again.
pub async fn or_problem(app: App<'_>, request: &Request, problem: Problem) -> Reply {
    let too_late = matches!(problem, Problem::Unauthorized { .. } | Problem::ForgedRequest { .. });
    if request.method != Method::POST || same_origin(app.settings, request).is_err() {
        return problems::reply(problem);
    }
    if !too_late {
        return mend::reply(request, problem, csrf_of(app, request).await.as_deref()).await;
    }
    let Some(kept) = Kept::of(request).await else { return problems::reply(problem) };
    match csrf_of(app, request).await {
        // Signed in again, in another window: the page's token is an old one.
        Some(csrf) => problem.into_reply_with("text/html; charset=utf-8", kept.again(&csrf)),
        None => {
            let form = sign_in::form(app, &Typed::default(), "/", true, Some(&problem), Some(&kept));
            problem.into_reply_with("text/html; charset=utf-8", form)
        }
    }
}

/// The token of the session that this browser has now, if it has one.
async fn csrf_of(app: App<'_>, request: &Request) -> Option<String> {
    let mut look = request.clone();
    look.method = Method::GET;
    serve::caller::of(app, &look).await.ok().map(|caller| caller.csrf().to_string()).filter(|csrf| !csrf.is_empty())
}

/// The page for who has just signed in with something kept.
pub async fn resume(app: App<'_>, request: &Request, kept: &Kept) -> Result<Reply, Problem> {
    let csrf = csrf_of(app, request).await.ok_or(Problem::Unauthorized { complaint: "sign in first" })?;
    Ok(page(kept.again(&csrf)))
}

/// The same, where the new cookie has not reached the browser yet.
pub async fn resume_with(app: App<'_>, cookie: &str, kept: &Kept) -> Result<Reply, Problem> {
    let csrf = serve::session::csrf_of(app, cookie).await?;
    Ok(page(kept.again(&csrf)).with_cookie(cookie))
}
