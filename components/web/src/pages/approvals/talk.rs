//! Comments, whose turn it is, and what somebody was told.

use domain::Action;
use domain::comment::{CHARS_MAX, mentioned};
use maud::{Markup, html};
use serve::{Problem, Reply, Request};
use store::comment::{self, NewComment};
use store::notification::{self, Notification};
use store::people::member::{self, Member};
use store::{inbox, post};

use crate::elements::form::{act, csrf};
use crate::elements::time;
use crate::routes::Call;
use crate::visit::{Names, Visit};

/// Back to where the form was: the inbox with this item, or the post's own page.
fn back(request: &Request, item: &str, post_id: &str, done: &str) -> Reply {
    let from_inbox = request.header("referer").is_some_and(|referer| referer.contains("/approvals"));
    Reply::see_other(&if from_inbox || post_id.is_empty() {
        format!("/approvals?for=everyone&item={item}&done={done}#pane")
    } else {
        format!("/posts/{post_id}?done={done}#comments")
    })
}

/// Says something about a post. What was typed comes back if that cannot be.
pub async fn comment(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.app.ports.db, visit.workspace.id.as_str());
    let form = call.request.form().await?;
    let text = form.required("text")?.replace("\r\n", "\n");
    let text = text.trim();
    let length = text.chars().count();
    if length > CHARS_MAX {
        let complaint = format!("has {length} characters; the most is {CHARS_MAX}. Nothing was saved");
        return Err(Problem::invalid("text", complaint));
    }
    let people: Vec<(String, String)> =
        member::list(db, workspace_id).await?.into_iter().map(|one| (one.user_id, one.name)).collect();
    let id = serve::id(call.app);
    let new = NewComment {
        workspace_id,
        id: &id,
        post_id: call.id(),
        text,
        mentions: &mentioned(text, &people),
        author: &visit.caller.actor,
    };
    let made = comment::add(db, call.app.ports.clock.pinned_ms(), &new).await?;
    made.ok_or_else(|| Problem::NotFound { what: "post", id: call.id().into() })?;
    Ok(back(call.request, &format!("post:{}", call.id()), call.id(), "commented"))
}

/// Makes a post somebody's to decide, or everybody's again.
pub async fn assign(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let db = call.app.ports.db;
    let form = call.request.form().await?;
    let to = form.get("to").filter(|to| !to.is_empty());
    let of = (visit.workspace.id.as_str(), call.id());
    post::find(db, of.0, of.1).await?.ok_or_else(|| Problem::NotFound { what: "post", id: call.id().into() })?;
    if !post::assign(db, call.app.ports.clock.pinned_ms(), of, to, &visit.caller.actor).await? {
        return Err(Problem::WrongState);
    }
    Ok(back(call.request, &format!("post:{}", call.id()), call.id(), "assigned"))
}

/// Makes a plan somebody's to decide, or everybody's again.
pub async fn assign_plan(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let to = form.get("to").filter(|to| !to.is_empty());
    let missing = || Problem::NotFound { what: "plan", id: call.second().into() };
    let version: i64 = call.second().parse().map_err(|_| missing())?;
    let (db, of) = (call.app.ports.db, (visit.workspace.id.as_str(), call.id(), version));
    store::strategy::find(db, of.0, of.1, of.2).await?.ok_or_else(missing)?;
    if !inbox::assign_strategy(db, of, to).await? {
        return Err(Problem::WrongState);
    }
    Ok(back(call.request, &format!("strategy:{}:{version}", call.id()), "", "assigned"))
}

/// Marks what one was told as read: one of them, or all that the page showed.
pub async fn read(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let until = form.get("until").and_then(|text| text.parse().ok());
    let who = (visit.workspace.id.as_str(), visit.caller.actor.as_str());
    let id = form.get("id").filter(|id| !id.is_empty());
    notification::read(call.app.ports.db, call.app.ports.clock.pinned_ms(), who, id, until).await?;
    Ok(Reply::see_other("/approvals"))
}

/// What one was told and has not read.
pub fn told(visit: &Visit, told: &[Notification], names: &Names, now_ms: i64) -> Markup {
    let Some(newest) = told.first() else { return html! {} };
    html! {
        details.notice.wait open[told.len() < 4] id="told" {
            summary { strong { (told.len()) @if told.len() == 1 { " thing you were told" } @else { " things you were told" } } }
            ul.told role="list" { @for one in told { li {
                span {
                    @match one.kind.as_str() {
                        "mention" => { (names.name(&one.actor)) " mentioned you" },
                        "assigned" => "It is yours to decide",
                        "overdue" => "It has waited too long",
                        _ => "It has waited much too long for its approvers",
                    }
                    ": "
                    @match one.post_id() {
                        Some(id) => a href={ "/posts/" (id) "#comments" } { (one.title) },
                        None => a href={ "/campaigns/" (one.campaign_id) "#strategy" } { "the plan of " (one.title) },
                    }
                    span.soft.small { " " (time::ago(one.at, now_ms)) }
                }
            } } }
            (act(&visit.caller, "/notifications/read", "slim", "Mark as read", &[("until", &newest.at.to_string())]))
        }
    }
}

/// Whose turn it is.
pub fn reassign(visit: &Visit, action: &str, now: Option<&str>, members: &[Member]) -> Markup {
    html! {
        @if visit.may(Action::Discuss) {
            details.ask id="ask-assign" {
                summary.button.slim { "Ask somebody to decide" }
                form method="post" action=(action) {
                    (csrf(&visit.caller))
                    div.field {
                        label for="assign-to" { "Whose turn is it?" }
                        select.control #assign-to name="to" {
                            option value="" selected[now.is_none()] { "Everybody's who may approve" }
                            @for one in members.iter().filter(|one| one.role.may(Action::Approve)) {
                                option value=(one.user_id) selected[now == Some(one.user_id.as_str())] { (one.name) " (" (one.role) ")" }
                            }
                        }
                    }
                    button.button type="submit" { "Say so" }
                }
            }
        }
    }
}
