//! Members, invitations, and links for a new password.

use domain::{Action, Role};
use serde::{Deserialize, Serialize};
use serve::session::link;
use serve::{Problem, Reply, StatusCode, joining, password_reset};
use store::people::invitation::{self, Invitation};
use store::people::member::{self, By, Changed, Member};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    user_id: String,
    name: String,
    email: String,
    role: Role,
    since: String,
    second_factor: bool,
}

impl From<Member> for View {
    fn from(one: Member) -> Self {
        let Member { user_id, email, name, role, created_at, has_totp } = one;
        Self { user_id, name, email, role, since: rfc3339(created_at), second_factor: has_totp }
    }
}

/// `GET /members`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = member::page(call.db(), call.workspace_id(), after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), View::from)
}

/// `GET /members/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = member::find(call.db(), call.workspace_id(), call.id()).await?;
    Reply::json(StatusCode::OK, &View::from(found.ok_or_else(|| call.not_found("member"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRole {
    role: Role,
}

/// `PUT /members/{id}/role`. Repeating it changes nothing.
pub async fn set_role(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewRole = call.request.json()?;
    let of = (call.workspace_id(), call.id());
    done(call, member::set_role(call.db(), call.pinned_ms(), of, sent.role, by(call)).await?)?;
    show(call).await
}

/// `DELETE /members/{id}`.
pub async fn remove(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id());
    done(call, member::remove(call.db(), call.pinned_ms(), of, by(call)).await?)?;
    Ok(Reply::no_content())
}

fn by(call: Call<'_>) -> By<'_> {
    By { actor: call.actor(), owns: call.caller.may(Action::Own).is_ok() }
}

fn done(call: Call<'_>, changed: Changed) -> Result<(), Problem> {
    match changed {
        Changed::Done => Ok(()),
        Changed::NotFound => Err(call.not_found("member")),
        Changed::OwnersOnly => Err(Problem::Forbidden { role: call.caller.role, action: Action::Own }),
        Changed::LastOwner => Err(Problem::LastOwner),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewOwner {
    user_id: String,
}

/// `PUT /workspace/owner`: the person who calls hands it on, and becomes admin.
pub async fn hand_over(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewOwner = call.request.json()?;
    let me = call.caller.person()?;
    if !member::hand_over(call.db(), call.pinned_ms(), call.workspace_id(), me, &sent.user_id).await? {
        return Err(Problem::NotFound { what: "member", id: sent.user_id });
    }
    list(call).await
}

#[derive(Serialize)]
struct InvitationView {
    id: String,
    role: Role,
    email: Option<String>,
    created_by: String,
    created_at: String,
    expires_at: String,
    accepted_at: Option<String>,
    accepted_by: Option<String>,
    revoked_at: Option<String>,
}

impl From<Invitation> for InvitationView {
    fn from(one: Invitation) -> Self {
        Self {
            id: one.id,
            role: one.role,
            email: one.email,
            created_by: one.created_by,
            created_at: rfc3339(one.created_at),
            expires_at: rfc3339(one.expires_at),
            accepted_at: opt_rfc3339(one.accepted_at),
            accepted_by: one.accepted_by,
            revoked_at: opt_rfc3339(one.revoked_at),
        }
    }
}

/// `GET /invitations`.
pub async fn invitations(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let rows = invitation::list(call.db(), call.workspace_id(), after.as_ref(), page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(row.key()), InvitationView::from)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInvitation {
    role: Role,
    email: Option<String>,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    invitation: InvitationView,
    link: String,
}

/// `POST /invitations`. The link is in this answer and nowhere else.
pub async fn invite(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewInvitation = call.request.json()?;
    let (made, path) = joining::invite(call.app, call.caller, sent.role, sent.email.as_deref()).await?;
    let made = Made { invitation: made.into(), link: link(call.app, call.request, &path) };
    Ok(Reply::json(StatusCode::CREATED, &made)?.with_secret())
}

/// `DELETE /invitations/{id}`. Repeating it changes nothing.
pub async fn revoke_invitation(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id());
    let revoked = invitation::revoke(call.db(), call.pinned_ms(), of.0, of.1, call.actor()).await?;
    revoked.map(|_| Reply::no_content()).ok_or_else(|| call.not_found("invitation"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewReset {
    user_id: Option<String>,
    email: Option<String>,
    #[serde(default)]
    clears_second_factor: bool,
}

#[derive(Serialize)]
struct Reset {
    link: String,
}

/// `POST /password-resets`: a one-time link, for a member; the operator names anybody by their address.
pub async fn reset(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewReset = call.request.json()?;
    let path = match (&sent.user_id, &sent.email) {
        (Some(id), None) => password_reset::make(call.app, call.caller, id, sent.clears_second_factor).await?,
        (None, Some(email)) if matches!(call.caller.via, serve::Via::Operator) => {
            password_reset::make_for(call.app, call.caller, email, sent.clears_second_factor).await?
        }
        (_, Some(_)) => return Err(Problem::invalid("email", "is for the operator, alone; send a member's `user_id`")),
        _ => {
            return Err(Problem::invalid("user_id", "must be that of a member; the operator may send `email` instead"));
        }
    };
    let made = Reset { link: link(call.app, call.request, &path) };
    Ok(Reply::json(StatusCode::CREATED, &made)?.with_secret())
}
