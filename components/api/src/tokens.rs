//! API tokens: programs' keys to the workspace.

use domain::{Action, Role};
use serde::{Deserialize, Serialize};
use serve::tokens::NewToken;
use serve::{Problem, Reply, StatusCode};
use store::page::Key;
use store::people::api_token::{self, ApiToken};

use crate::call::Call;
use crate::instant::{self, opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    role: Role,
    /// What of its role it may do; none: all.
    scopes: Option<Vec<Action>>,
    created_by: String,
    created_at: String,
    expires_at: Option<String>,
    used_at: Option<String>,
    revoked_at: Option<String>,
}

impl From<ApiToken> for View {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name,
            role: token.role,
            scopes: token.scopes,
            created_by: token.created_by,
            created_at: rfc3339(token.created_at),
            expires_at: opt_rfc3339(token.expires_at),
            used_at: opt_rfc3339(token.used_at),
            revoked_at: opt_rfc3339(token.revoked_at),
        }
    }
}

/// `GET /tokens`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let key = |token: &ApiToken| Key { at: token.created_at, id: token.id.clone() };
    let tokens = api_token::list(call.db(), call.workspace_id(), after.as_ref(), page.limit + 1).await?;
    list::reply(tokens, &page, |token| list::of_key(key(token)), View::from)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    role: Role,
    scopes: Option<Vec<Action>>,
    expires_at: Option<String>,
}

#[derive(Serialize)]
struct Made {
    #[serde(flatten)]
    token: View,
    secret: String,
}

/// `POST /tokens`. The secret is in this answer and nowhere else.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let expires_at = sent.expires_at.map(|text| instant::parse("expires_at", &text)).transpose()?;
    let new = NewToken { name: &sent.name, role: sent.role, scopes: sent.scopes, expires_at };
    let (token, secret) = serve::tokens::create(call.app, call.caller, new).await?;
    let location = format!("/api/v1/tokens/{}", token.id);
    let reply = Reply::json(StatusCode::CREATED, &Made { token: token.into(), secret })?;
    Ok(reply.with_header("location", &location).with_secret())
}

/// `DELETE /tokens/{id}`: it, and those that were made with it. Repeating it changes nothing.
pub async fn revoke(call: Call<'_>) -> Result<Reply, Problem> {
    let revoked = api_token::revoke(call.db(), call.pinned_ms(), call.workspace_id(), call.id(), call.actor()).await?;
    revoked.map(|_| Reply::no_content()).ok_or_else(|| call.not_found("token"))
}
