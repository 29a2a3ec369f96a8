//! `/posts/{id}/edit`: a person's own version. It is reviewed like any other, and voids what was approved.

use domain::{Content, Finding, Image, Step};
use maud::{Markup, html};
use serve::{App, Form, Problem, Reply, StatusCode};
use store::post::{self, Post};
use store::review;

use super::{ROWS_MAX, find};
use crate::elements::form::{Control, Field, Typed, csrf, summary};
use crate::elements::{diff, words};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The form, with the newest version in it.
pub async fn edit(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let id = call.id();
    let post = find(app, visit, id).await?;
    let found = found(app, visit, &post).await?;
    Ok(page(form((visit, &post, &found), &Typed::default(), &html! {})))
}

/// Saves it as the version after the one that was edited. What was typed comes back if that cannot be.
pub async fn save(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let sent = request.form().await?;
    let base = sent.required("base")?.parse().map_err(|_| Problem::Stale)?;
    let post = find(app, visit, id).await?;
    let content = content(&post, &sent);
    let complaints = content.complaints();
    let saved = if complaints.is_empty() {
        let of = (visit.workspace.id.as_str(), id, base);
        let edited = post::edit(app.ports.db, app.ports.clock.pinned_ms(), of, &content, &visit.caller.actor).await;
        edited.map_err(Problem::from)
    } else {
        Err(Problem::Invalid(complaints))
    };
    match saved {
        Ok(_) => Ok(Reply::see_other(&format!("/posts/{id}?done=edited")).waking(&[Step::Review])),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let typed = Typed::with(sent, problem.complaints());
            let found = found(app, visit, &post).await?;
            let page = form((visit, &post, &found), &typed, &beside(&problem, &post, &content));
            Ok(problem.into_reply_with("text/html; charset=utf-8", page))
        }
    }
}

/// As it was typed, with the line ends of our own. A picture without words is none; a form that does not ask for one
/// leaves it.
fn content(post: &Post, sent: &Form) -> Content {
    let clean = |name: &str| sent.get(name).unwrap_or_default().replace("\r\n", "\n").trim().to_string();
    let image = match (clean("image.prompt"), clean("image.alt")) {
        _ if sent.get("image.prompt").is_none() => post.current.as_ref().and_then(|one| one.content.image.clone()),
        (prompt, alt) if prompt.is_empty() && alt.is_empty() => None,
        (prompt, alt) => {
            let current = post.current.as_ref().and_then(|one| one.content.image.as_ref());
            // What was drawn of another idea is not a picture of this one.
            let drawn = current.filter(|image| image.prompt == prompt).and_then(|image| image.drawn.clone());
            Some(Image { prompt, alt, drawn })
        }
    };
    Content { language: post.language.clone(), title: clean("title").replace('\n', " "), text: clean("text"), image }
}

/// Somebody was quicker: theirs, against what was typed.
fn beside(problem: &Problem, post: &Post, typed: &Content) -> Markup {
    html! {
        @if !matches!(problem, Problem::Invalid(_)) { (notice::failed(&format!("{problem}. What you typed is still here"))) }
        @if let (Problem::Superseded, Some(current)) = (problem, &post.current) {
            h2 { "Your text against version " (post.version) }
            p.soft { "Struck: only in theirs. Underlined: only in yours. If you save again, yours becomes the next version." }
            (diff::words(&current.content, typed))
        }
    }
}

/// What the reviewers of the newest version found, to write by.
async fn found(app: App<'_>, visit: &Visit, post: &Post) -> Result<Vec<Finding>, Problem> {
    let all = review::list(app.ports.db, &visit.workspace.id, &post.id, None, ROWS_MAX).await?;
    Ok(all.into_iter().filter(|one| one.version == post.version).flat_map(|one| one.findings).collect())
}

fn form((visit, post, found): (&Visit, &Post, &[Finding]), typed: &Typed, said: &Markup) -> String {
    let (title, text) =
        post.current.as_ref().map_or(("", ""), |current| (&*current.content.title, &*current.content.text));
    let image = post.current.as_ref().and_then(|current| current.content.image.as_ref());
    let (prompt, alt) = image.map_or(("", ""), |image| (&*image.prompt, &*image.alt));
    let body = html! {
        div.head { div {
            p.crumb { a href={ "/posts/" (post.id) } { "Post " (post.slot) } }
            h1 { "Edit" }
            p.lead { "Your version is reviewed like any other. It voids an approval that was given." }
        } }
        (said)
        (summary(typed, &[("title", "Title"), ("text", "Text"), ("image.alt", "Alternative text"), ("image.prompt", "What it is to show")]))
        div.columns {
        form.fields method="post" action={ "/posts/" (post.id) "/versions" } {
            (csrf(&visit.caller))
            input type="hidden" name="base" value=(post.version);
            (Field::new("title", "Title").initial(title).show(typed))
            (Field::new("text", "Text").hint("Plain text. An empty line begins a paragraph.").control(Control::Text("tall")).initial(text).show(typed))
            fieldset {
                legend.label { "Picture" }
                p.soft.small { "Another idea takes away the picture that was drawn of the old one. Empty both for none." }
                (Field::new("image.prompt", "What it is to show").hint("For whoever draws it.").control(Control::Text("")).initial(prompt).optional().show(typed))
                (Field::new("image.alt", "Alternative text").hint("What is read to those who cannot see it, in the post's language.").control(Control::Text("")).initial(alt).optional().show(typed))
            }
            div.acts { button.button.main-act type="submit" { "Save and review" } a.button href={ "/posts/" (post.id) } { "Cancel" } }
        }
        div.aside {
            section aria-labelledby="found-title" {
                h2 #found-title { "What the reviewers found" }
                (words::findings(found))
            }
        }
        }
    };
    layout::page(visit, Nav::Campaigns, "Edit a post", &body)
}
