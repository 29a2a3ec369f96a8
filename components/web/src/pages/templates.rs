//! `/templates`: what is written often, with variables. Used when a post is added by hand.

use domain::template::{VARIABLES, complaints};
use maud::{Markup, html};
use serve::cursor::Page;
use serve::{App, Form, Problem, Reply, StatusCode};
use store::template::{self, Template, Words};

use crate::elements::empty;
use crate::elements::form::{Control, Field, Typed, act, csrf, summary};
use crate::layout::{self, Nav};
use crate::notice;
use crate::paged;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[("name", "Name"), ("title", "Title"), ("text", "Text")];

/// All of them, and a form for another.
pub async fn list(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(all(call, visit, &Typed::default(), &notice::done(call.request)).await?))
}

async fn all(call: Call<'_>, visit: &Visit, typed: &Typed, said: &Markup) -> Result<String, Problem> {
    let (app, wanted) = (call.app, Page::of(call.request, 1)?);
    let after = wanted.after.as_ref().map(|key| key[0].as_str());
    let mut templates = template::list(app.ports.db, &visit.workspace.id, after, wanted.limit + 1).await?;
    let next = paged::cut(&mut templates, wanted.limit, |one| vec![one.name.clone()]);
    let body = html! {
        div.head { div {
            p.crumb { a href="/campaigns" { "Campaigns" } }
            h1 { "Templates" }
            p.lead { "What you write often. Variables are filled in when a post is added to a campaign by hand." }
        } }
        (said)
        (summary(typed, LABELS))
        div.beside {
        section.section aria-labelledby="kept-title" {
        div.top { h2 #kept-title { "Kept" } }
        @if templates.is_empty() {
            (empty::state("No template yet", "Keep here what you write again and again: an opening line, an offer, an invitation. When you add a post by hand, a template fills it in, with the campaign's own facts.", None))
        }
        @else {
            ul.tiles role="list" {
                @for one in &templates {
                    li.card { article {
                        h3 { a href={ "/templates/" (one.id) } { (one.name) } }
                        p { b { (one.title) } }
                        p.lines.soft { (one.text) }
                    } }
                }
            }
        }
        (paged::more("/templates?cursor=", next.as_deref(), "More templates"))
        }
        @if visit.may(domain::Action::Write) {
            section.section aria-labelledby="new-title" {
                div.top { h2 #new-title { "New template" } }
                (form(visit, "/templates", typed, None))
            }
        }
        }
    };
    Ok(layout::page(visit, Nav::Campaigns, "Templates", &body))
}

fn form(visit: &Visit, action: &str, typed: &Typed, known: Option<&Template>) -> Markup {
    let initial = |of: fn(&Template) -> &str| known.map_or("", of);
    html! {
        form.card.fields method="post" action=(action) {
            (csrf(&visit.caller))
            @if let Some(known) = known { input type="hidden" name="revision" value=(known.revision); }
            (Field::new("name", "Name").initial(initial(|one| &one.name)).show(typed))
            (Field::new("title", "Title").initial(initial(|one| &one.title)).show(typed))
            (Field::new("text", "Text").control(Control::Text("tall")).initial(initial(|one| &one.text)).show(typed))
            details.more { summary { "Variables" }
                dl.facts {
                    @for (name, about) in VARIABLES { dt { code { "{{" (name) "}}" } } dd { (about) } }
                    dt { code { "{{fact.hours}}" } } dd { "a fact of the campaign's brief; " code { "{{fact.prices.rye}}" } " one of a table" }
                }
            }
            div.acts { button.button.main-act type="submit" { "Save the template" } @if known.is_some() { a.button href="/templates" { "Cancel" } } }
        }
    }
}

/// What was typed, checked: an unknown variable is refused by its name.
fn words<'a>(sent: &'a Form, text: &'a str) -> Result<Words<'a>, Problem> {
    let (name, title) = (sent.get("name").unwrap_or_default().trim(), sent.get("title").unwrap_or_default().trim());
    let complaints = complaints(name, title, text);
    if complaints.is_empty() { Ok(Words { name, title, text }) } else { Err(Problem::Invalid(complaints)) }
}

fn clean(sent: &Form) -> String {
    sent.get("text").unwrap_or_default().replace("\r\n", "\n").trim().to_string()
}

/// Makes one.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let (text, id) = (clean(&sent), serve::id(app));
    let made = match words(&sent, &text) {
        Ok(words) => {
            let of = (visit.workspace.id.as_str(), id.as_str());
            template::create(app.ports.db, app.ports.clock.pinned_ms(), of, words, &visit.caller.actor)
                .await
                .map_err(named)
        }
        Err(problem) => Err(problem),
    };
    match made {
        Ok(()) => Ok(Reply::see_other("/templates?done=template-saved")),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let typed = Typed::with(sent, problem.complaints());
            let again = all(call, visit, &typed, &html! {}).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
    }
}

/// A name that is taken is told beside its field.
fn named(error: ports::DbError) -> Problem {
    match Problem::from(error) {
        Problem::AlreadyExists => Problem::invalid("name", "is taken by another template; choose another"),
        problem => problem,
    }
}

async fn find(app: App<'_>, visit: &Visit, id: &str) -> Result<Template, Problem> {
    let found = template::find(app.ports.db, &visit.workspace.id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "template", id: id.into() })
}

/// One of them, to be changed or deleted.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let template = find(call.app, visit, call.id()).await?;
    Ok(page(one(visit, &template, &Typed::default(), &html! {})))
}

fn one(visit: &Visit, template: &Template, typed: &Typed, said: &Markup) -> String {
    let path = format!("/templates/{}", template.id);
    let body = html! {
        div.head { div { p.crumb { a href="/templates" { "Templates" } } h1 { (template.name) } } }
        (said)
        (summary(typed, LABELS))
        div.beside {
        section.section { div.top { h2 { "Its words" } } (form(visit, &path, typed, Some(template))) }
        section.section {
            div.top { h2 { "Delete it" } p.soft { "Posts that were written with it stay as they are." } }
            (act(&visit.caller, &format!("{path}/deletion"), "grave", "Delete the template", &[]))
        }
        }
    };
    layout::page(visit, Nav::Campaigns, &template.name, &body)
}

/// Changes it, if nobody else did meanwhile.
pub async fn change(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let template = find(app, visit, call.id()).await?;
    let revision = crate::pages::campaign::revision(&sent)?;
    let text = clean(&sent);
    let changed = match words(&sent, &text) {
        Ok(words) => {
            let of = (visit.workspace.id.as_str(), call.id(), revision);
            let changed =
                template::change(app.ports.db, app.ports.clock.pinned_ms(), of, words, &visit.caller.actor).await;
            changed.map_err(named).and_then(|changed| if changed { Ok(()) } else { Err(Problem::Stale) })
        }
        Err(problem) => Err(problem),
    };
    match changed {
        Ok(()) => Ok(Reply::see_other("/templates?done=template-saved")),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let said = match problem {
                Problem::Invalid(_) => html! {},
                _ => notice::failed(&format!(
                    "{problem}. What you typed is still here; saving it again puts it in place of theirs"
                )),
            };
            let again = one(visit, &template, &Typed::of(sent, &problem), &said);
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
    }
}

/// Deletes it.
pub async fn delete(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let of = (visit.workspace.id.as_str(), call.id());
    if !template::delete(app.ports.db, app.ports.clock.pinned_ms(), of, &visit.caller.actor).await? {
        return Err(Problem::NotFound { what: "template", id: call.id().into() });
    }
    Ok(Reply::see_other("/templates?done=template-deleted"))
}
