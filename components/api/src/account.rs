//! One's own account: workspaces, sessions, password, second factor. For a person at a browser; a program has none.

use domain::Role;
use serde::{Deserialize, Serialize};
use serve::second_step::{self, Enrolment};
use serve::{Problem, Reply, StatusCode, Via, joining, oidc, session, workspaces};
use store::people::session::{self as table, Session};
use store::people::workspace;

use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;

#[derive(Serialize)]
struct Belongs {
    id: String,
    name: String,
    slug: String,
    role: Role,
}

/// `GET /me/workspaces`.
pub async fn belongs_to(call: Call<'_>) -> Result<Reply, Problem> {
    let mine = workspace::of_user(call.db(), call.caller.person()?).await?;
    list::whole(mine, |(one, role)| Belongs { id: one.id, name: one.name, slug: one.slug, role })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewWorkspace {
    name: String,
}

/// `POST /me/workspaces`: makes another one. The session stays where it is.
pub async fn make_workspace(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewWorkspace = call.request.json()?;
    let made = workspaces::create(call.app, call.caller, &sent.name).await?;
    let view = Belongs { id: made.id, name: made.name, slug: made.slug, role: Role::Owner };
    Reply::json(StatusCode::CREATED, &view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Accept {
    /// The last part of the link.
    invitation: String,
}

/// `POST /me/memberships`: accepts an invitation. The session moves there; the cookie changes.
pub async fn accept(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Accept = call.request.json()?;
    let me = call.caller.person()?;
    let invitation = joining::look(call.app, &sent.invitation).await?.invitation;
    let cookie = joining::join(call.app, call.caller, call.request, &sent.invitation).await?;
    let joined =
        workspace::of_user(call.db(), me).await?.into_iter().find(|(one, _)| one.id == invitation.workspace_id);
    let (one, role) = joined.ok_or(Problem::LinkGone)?;
    let view = Belongs { id: one.id, name: one.name, slug: one.slug, role };
    Ok(Reply::json(StatusCode::CREATED, &view)?.with_cookie(&cookie))
}

/// `DELETE /me/identity`: signing in elsewhere no longer leads here.
pub async fn disconnect(call: Call<'_>) -> Result<Reply, Problem> {
    oidc::disconnect(call.app, call.caller.person()?).await?;
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Enter {
    workspace_id: String,
}

/// `PUT /me/workspace`: moves the session there. The cookie changes.
pub async fn enter(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Enter = call.request.json()?;
    call.caller.person()?;
    let cookie = session::enter(call.app, call.caller, call.request, &sent.workspace_id).await?;
    Ok(Reply::no_content().with_cookie(&cookie))
}

#[derive(Serialize)]
struct View {
    id: String,
    user_agent: String,
    address: Option<String>,
    since: String,
    seen_at: String,
    is_this: bool,
}

/// `GET /me/sessions`.
pub async fn sessions(call: Call<'_>) -> Result<Reply, Problem> {
    let here = match &call.caller.via {
        Via::Session { id, .. } => id.as_str(),
        _ => "",
    };
    let view = |one: Session| View {
        is_this: one.id == here,
        id: one.id,
        user_agent: one.user_agent,
        address: Some(one.address).filter(|address| !address.is_empty()),
        since: rfc3339(one.created_at),
        seen_at: rfc3339(one.seen_at),
    };
    list::whole(table::list(call.db(), call.pinned_ms(), call.caller.person()?).await?, view)
}

/// `DELETE /me/sessions`: all but this one.
pub async fn end_others(call: Call<'_>) -> Result<Reply, Problem> {
    let me = call.caller.person()?;
    if let Via::Session { sha256, .. } = &call.caller.via {
        table::revoke_others(call.db(), call.pinned_ms(), me, sha256).await?;
    }
    Ok(Reply::no_content())
}

/// `DELETE /me/sessions/{id}`.
pub async fn end(call: Call<'_>) -> Result<Reply, Problem> {
    let ended = table::revoke(call.db(), call.pinned_ms(), call.caller.person()?, call.id()).await?;
    if ended { Ok(Reply::no_content()) } else { Err(call.not_found("session")) }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewPassword {
    old_password: String,
    password: String,
}

/// `PUT /me/password`: signs out everywhere; the cookie changes.
pub async fn change_password(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewPassword = call.request.json()?;
    let changed =
        session::change_password(call.app, call.caller, call.request, &sent.old_password, &sent.password).await?;
    Ok(Reply::no_content().with_cookie(&changed))
}

#[derive(Serialize)]
struct Secret {
    secret: String,
    uri: String,
}

/// `POST /me/second-factor`: begins to enrol. The secret is in this answer and nowhere else.
pub async fn enrol(call: Call<'_>) -> Result<Reply, Problem> {
    let Enrolment { secret, uri } = second_step::enrol(call.app, call.caller).await?;
    Ok(Reply::json(StatusCode::CREATED, &Secret { secret, uri })?.with_secret())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    code: String,
}

#[derive(Serialize)]
struct Recovery {
    recovery_codes: Vec<String>,
}

/// `PUT /me/second-factor`: turns it on by a code. The recovery codes are in this answer and nowhere else.
pub async fn confirm(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Code = call.request.json()?;
    let recovery_codes = second_step::confirm(call.app, call.caller, &sent.code).await?;
    Ok(Reply::json(StatusCode::OK, &Recovery { recovery_codes })?.with_secret())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Password {
    password: String,
}

/// `DELETE /me/second-factor`: turns it off; that takes the password.
pub async fn turn_off(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Password = call.request.json()?;
    second_step::turn_off(call.app, call.caller, &sent.password).await?;
    Ok(Reply::no_content())
}

/// `DELETE /me/membership`: leaves the workspace.
pub async fn leave(call: Call<'_>) -> Result<Reply, Problem> {
    use store::people::member::{self, By, Changed};
    let me = call.caller.person()?;
    let by = By { actor: me, owns: true };
    match member::remove(call.db(), call.pinned_ms(), (call.workspace_id(), me), by).await? {
        Changed::Done => Ok(Reply::no_content()),
        Changed::LastOwner => Err(Problem::LastOwner),
        Changed::NotFound | Changed::OwnersOnly => Err(Problem::NotFound { what: "member", id: me.into() }),
    }
}
