//! Comments on posts, whose turn it is, and what members are told.

use domain::comment::{CHARS_MAX, mentioned};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode};
use store::comment::{self, Comment, NewComment};
use store::notification::{self, Notification};
use store::people::member;
use store::{inbox, post};

use crate::call::Call;
use crate::instant::{self, rfc3339};
use crate::list;
use crate::posts;

#[derive(Serialize)]
struct View {
    id: String,
    post_id: String,
    version: i64,
    text: String,
    mentions: Vec<String>,
    author: String,
    at: String,
}

impl From<Comment> for View {
    fn from(comment: Comment) -> Self {
        Self {
            id: comment.id,
            post_id: comment.post_id,
            version: comment.version,
            text: comment.text,
            mentions: comment.mentions,
            author: comment.author,
            at: rfc3339(comment.at),
        }
    }
}

/// `GET /posts/{id}/comments`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = comment::list(call.db(), call.workspace_id(), call.id(), after.as_ref(), page.limit + 1).await?;
    posts::must_exist_if_empty(&call, &rows).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), View::from)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    text: String,
}

/// `POST /posts/{id}/comments`. `@` and a member's name tells them.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let text = sent.text.trim();
    let length = text.chars().count();
    if !(1..=CHARS_MAX).contains(&length) {
        return Err(Problem::invalid("text", format!("has {length} characters; a comment has 1 to {CHARS_MAX}")));
    }
    let people: Vec<(String, String)> =
        member::list(call.db(), call.workspace_id()).await?.into_iter().map(|one| (one.user_id, one.name)).collect();
    let id = serve::id(call.app);
    let new = NewComment {
        workspace_id: call.workspace_id(),
        id: &id,
        post_id: call.id(),
        text,
        mentions: &mentioned(text, &people),
        author: call.actor(),
    };
    let made = comment::add(call.db(), call.pinned_ms(), &new).await?.ok_or_else(|| call.not_found("post"))?;
    Reply::json(StatusCode::CREATED, &View::from(made))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Assignment {
    /// None: everybody's again.
    user_id: Option<String>,
}

/// `PUT /posts/{id}/assignment`.
pub async fn assign_post(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Assignment = call.request.json()?;
    posts::find(&call).await?;
    let of = (call.workspace_id(), call.id());
    if !post::assign(call.db(), call.pinned_ms(), of, sent.user_id.as_deref(), call.actor()).await? {
        return Err(not_assigned(&call, sent.user_id.as_deref()).await);
    }
    posts::show(call).await
}

/// `PUT /campaigns/{id}/strategies/{version}/assignment`.
pub async fn assign_strategy(call: Call<'_>) -> Result<Reply, Problem> {
    let version = call.number("strategy")?;
    let sent: Assignment = call.request.json()?;
    let of = (call.workspace_id(), call.id(), version);
    store::strategy::find(call.db(), of.0, of.1, of.2)
        .await?
        .ok_or_else(|| Problem::NotFound { what: "strategy", id: format!("{}/{version}", call.id()) })?;
    if !inbox::assign_strategy(call.db(), of, sent.user_id.as_deref()).await? {
        return Err(not_assigned(&call, sent.user_id.as_deref()).await);
    }
    crate::strategies::show(call).await
}

async fn not_assigned(call: &Call<'_>, to: Option<&str>) -> Problem {
    let able = member::list(call.db(), call.workspace_id()).await.is_ok_and(|members| {
        members.iter().any(|one| Some(one.user_id.as_str()) == to && one.role.may(domain::Action::Approve))
    });
    match to {
        Some(to) if !able => Problem::invalid("user_id", format!("`{to}` is no member that may approve")),
        _ => Problem::WrongState,
    }
}

#[derive(Serialize)]
struct Told {
    id: String,
    kind: String,
    subject: String,
    campaign_id: String,
    title: String,
    actor: String,
    at: String,
}

impl From<Notification> for Told {
    fn from(told: Notification) -> Self {
        Self {
            id: told.id,
            kind: told.kind,
            subject: told.subject,
            campaign_id: told.campaign_id,
            title: told.title,
            actor: told.actor,
            at: rfc3339(told.at),
        }
    }
}

/// `GET /notifications`: what the caller has not read.
pub async fn unread(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows =
        notification::unread(call.db(), call.workspace_id(), call.actor(), after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), Told::from)
}

/// `DELETE /notifications/{id}`: it was read.
pub async fn read(call: Call<'_>) -> Result<Reply, Problem> {
    let who = (call.workspace_id(), call.actor());
    match notification::read(call.db(), call.pinned_ms(), who, Some(call.id()), None).await? {
        0 => Err(call.not_found("notification")),
        _ => Ok(Reply::no_content()),
    }
}

/// `DELETE /notifications`: all that the caller was told up to a time was read.
pub async fn read_all(call: Call<'_>) -> Result<Reply, Problem> {
    let until = call.request.query("until").ok_or_else(|| {
        Problem::invalid("until", "is missing: say up to which time you have read, so that nothing newer is lost")
    })?;
    let until = instant::parse("until", until)?;
    let who = (call.workspace_id(), call.actor());
    notification::read(call.db(), call.pinned_ms(), who, None, Some(until)).await?;
    Ok(Reply::no_content())
}
