//! A form that was refused and whose own page does not show it again: all that was typed, with what is wrong beside its
//! field, to be mended and sent once more. Nothing typed is ever lost.

use maud::{Markup, html};
use serve::{Problem, Reply, Request};

use crate::elements::form::{Control, Field, Secret, Typed, summary};
use crate::layout;
use crate::pages::problems;
use crate::visit::Visit;

/// What people type into forms without a page of their own: its name, its label, and whether it has several lines.
/// What is not here was chosen, and goes along as it was.
const TYPED: &[(&str, &str, bool)] = &[
    ("comment", "Your comment", true),
    ("text", "Your text", true),
    ("title", "Title", false),
    ("name", "Name", false),
    ("new_name", "Its name", false),
    ("email", "E-mail", false),
    ("budget_usd", "Budget in US dollars", false),
    ("local", "Date and time", false),
    ("start", "First day", false),
    ("ext_url", "Its address there", false),
    ("instructions", "Instructions", true),
    ("personality", "Personality", true),
];

/// How a date and a time are written where there is nothing to choose them with.
const HINTS: &[(&str, &str)] = &[("local", "Written as 2027-03-29T09:30."), ("start", "Written as 2027-03-29.")];

/// What was typed, beside what somebody else has saved meanwhile. `now`: fields as they are saved.
pub async fn stale(request: &Request, visit: &Visit, now: &[(&str, &str)]) -> Reply {
    page(request, Problem::Stale, Some(visit.caller.csrf()), now).await
}

/// The problem as a page, with what was typed. `csrf`: the token of whoever is signed in.
pub async fn reply(request: &Request, problem: Problem, csrf: Option<&str>) -> Reply {
    page(request, problem, csrf, &[]).await
}

async fn page(request: &Request, problem: Problem, csrf: Option<&str>, now: &[(&str, &str)]) -> Reply {
    let Ok(sent) = request.form_as_sent().await else { return problems::reply(problem) };
    let typed = Typed::of(sent.writable(), &problem);
    let is_there = |name: &str| typed.form().get(name).is_some();
    let mut fields: Vec<(&str, &str, bool)> = TYPED.iter().copied().filter(|(name, ..)| is_there(name)).collect();
    // What is wrong must be there to be mended, whatever it is.
    for name in typed.complaints().iter().map(|one| one.field.as_str()).filter(|name| is_there(name)) {
        if Secret::named(name).is_none() && !fields.iter().any(|(shown, ..)| *shown == name) {
            fields.push((name, name, typed.value(name).contains('\n')));
        }
    }
    if fields.is_empty() || !problem.status().is_client_error() {
        return problems::reply(problem);
    }
    let can_be_sent = can_be_sent_again(&problem);
    let page = layout::open_page(
        problem.title(),
        &html! {
            div.head { div { h1 { (problem.title()) } p.lead { "Nothing was saved, and nothing that you typed is lost." } } }
            (said(&problem, &typed, &fields))
            form.fields.card method="post" action=[can_be_sent.then_some(&request.path)] {
                @if let Some(csrf) = csrf { input type="hidden" name="csrf" value=(csrf); }
                (along(&typed, &fields))
                @for (name, label, is_long) in &fields { (field((name, label, *is_long), &typed, now)) }
                @if let Some(back) = back(request) {
                    div.acts {
                        @if can_be_sent { button.button.main-act type="submit" { "Send it again" } }
                        a.button.main-act[!can_be_sent] href=(back) { "To the page as it is now" }
                    }
                } @else if can_be_sent { div.acts { button.button.main-act type="submit" { "Send it again" } } }
            }
        },
    );
    problem.into_reply_with("text/html; charset=utf-8", page)
}

/// What is decided on something that has changed must be decided anew: to send it again would fail again.
fn can_be_sent_again(problem: &Problem) -> bool {
    !matches!(
        problem,
        Problem::Stale
            | Problem::Superseded
            | Problem::AlreadyDecided
            | Problem::DecidedBy { .. }
            | Problem::Rescheduled
            | Problem::WrongState
            | Problem::NotFound { .. }
    )
}

fn said(problem: &Problem, typed: &Typed, fields: &[(&str, &str, bool)]) -> Markup {
    let labels: Vec<(&str, &str)> = fields.iter().map(|(name, label, _)| (*name, *label)).collect();
    html! {
        @if typed.complaints().is_empty() { (crate::notice::failed(&problem.to_string())) }
        @else { (summary(typed, &labels)) }
    }
}

fn field((name, label, is_long): (&str, &str, bool), typed: &Typed, now: &[(&str, &str)]) -> Markup {
    let hint = HINTS.iter().find(|(of, _)| *of == name).map_or("", |(_, hint)| hint);
    let control = if is_long { Control::Text("") } else { Control::Input("text") };
    let theirs = now.iter().find(|(of, _)| *of == name);
    html! {
        (Field::new(name, label).hint(hint).control(control).optional().show(typed))
        @if let Some((_, theirs)) = theirs { (typed.theirs(name, (theirs, theirs))) }
    }
}

/// What was chosen, and what the page had put there. A secret is asked for again.
fn along(typed: &Typed, fields: &[(&str, &str, bool)]) -> Markup {
    let form = typed.form();
    let is_withheld = |name: &str| name == "csrf" || Secret::named(name).is_some();
    let is_shown = |name: &str| fields.iter().any(|(shown, ..)| *shown == name);
    html! {
        @for (name, value) in form.fields.iter().filter(|(name, _)| !is_withheld(name) && !is_shown(name)) {
            input type="hidden" name=(name) value=(value);
        }
        @for secret in Secret::ALL.iter().filter(|secret| form.get(secret.name()).is_some_and(|sent| !sent.is_empty())) {
            (Field::secret(*secret).show(typed))
        }
    }
}

/// Where they came from, if that is a page of ours.
fn back(request: &Request) -> Option<String> {
    let from = url::Url::parse(request.header("referer")?).ok()?;
    let host = request.header("host")?;
    let is_ours = from.host_str().is_some_and(|name| host == name || host.starts_with(&format!("{name}:")));
    let path = from.path();
    (is_ours && !path.starts_with("//")).then(|| path.to_string())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use serve::Method;

    use super::*;

    fn shown(problem: Problem) -> String {
        let request = Request::new(Method::POST, "/posts/1/comments")
            .unwrap()
            .with_header("host", "rondo.example")
            .with_header("referer", "https://rondo.example/posts/1?a=b")
            .with_body("application/x-www-form-urlencoded", "csrf=old&seen=3&text=%3Cb%3Emine%00&password=secret");
        let reply = block_on(reply(&request, problem, Some("fresh")));
        assert!(reply.status.is_client_error());
        reply.text()
    }

    #[test]
    fn what_was_typed_stands_there_with_what_is_wrong_beside_it() {
        let text = shown(Problem::invalid("text", "is too long"));
        assert!(text.contains("&lt;b&gt;mine</textarea>") && text.contains("Your text is too long."), "{text}");
        assert!(text.contains("name=\"csrf\" value=\"fresh\"") && text.contains("name=\"seen\" value=\"3\""), "{text}");
        assert!(!text.contains("old") && !text.contains("secret"), "{text}");
        assert!(text.contains("Send it again") && text.contains("href=\"/posts/1\""), "{text}");
    }

    #[test]
    fn what_has_changed_is_not_sent_again_blindly() {
        let text = shown(Problem::Superseded);
        assert!(text.contains("&lt;b&gt;mine</textarea>") && !text.contains("Send it again"), "{text}");
    }
}
