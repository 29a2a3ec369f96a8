//! Who asks, and what they may do. A signed-in browser's changes must come from our own pages.

use domain::{Action, Role};
use store::people::{api_token, session, workspace};
use store::secret;

use crate::session::{cookie_name, same_secret};
use crate::{App, Problem, Request, Settings};

/// Somebody we know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The workspace in which they act; every query leads with it.
    pub workspace_id: String,
    /// For the records: a user's id, `token:<id>` or `operator`.
    pub actor: String,
    /// For people: the user's or the token's name.
    pub name: String,
    /// What they are in the workspace.
    pub role: Role,
    /// How they proved it.
    pub via: Via,
}

/// How a caller proved who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Via {
    /// A browser's cookie.
    Session {
        /// The hash of its secret.
        sha256: String,
        /// To be put into every form as `csrf`, or sent as the header `x-csrf-token`.
        csrf: String,
    },
    /// An API token.
    Token,
    /// The operator's token, from the same host.
    Operator,
}

impl Caller {
    /// Whether they may do this.
    pub fn may(&self, action: Action) -> Result<(), Problem> {
        if self.role.may(action) { Ok(()) } else { Err(Problem::Forbidden { role: self.role, action }) }
    }

    /// The token for this caller's forms; empty for programs, which need none.
    pub fn csrf(&self) -> &str {
        if let Via::Session { csrf, .. } = &self.via { csrf } else { "" }
    }
}

/// Finds out who asks. Nobody: 401. A change by cookie that may be another site's doing: 403, here and in every
/// component, so that no handler can forget it.
pub async fn of(app: App<'_>, request: &Request) -> Result<Caller, Problem> {
    if let Some(header) = request.header("authorization") {
        // Whoever sends a token means it: a wrong one is not made good by a cookie.
        return by_token(app, bearer(header).unwrap_or_default()).await;
    }
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let unknown = || Problem::Unauthorized { complaint: "sign in, or send an API token" };
    let value = request.cookie(cookie_name(app.settings, request)).ok_or_else(unknown)?;
    let found = session::find(db, pinned_ms, &secret::sha256(value)).await?;
    let found = found.ok_or(Problem::Unauthorized { complaint: "your session has ended; sign in again" })?;
    if request.is_unsafe() {
        same_origin(app.settings, request)?;
        same_csrf(request, &found.csrf).await?;
    }
    if found.to_touch {
        session::touch(db, pinned_ms, &found.sha256).await?;
    }
    Ok(Caller {
        workspace_id: found.workspace_id,
        actor: found.user_id,
        name: found.name,
        role: found.role,
        via: Via::Session { sha256: found.sha256, csrf: found.csrf },
    })
}

/// The token in an `Authorization` header.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token(app: App<'_>, token: &str) -> Result<Caller, Problem> {
    let unknown = Problem::Unauthorized { complaint: "the API token is not valid: mistyped, revoked or expired" };
    if token.is_empty() {
        return Err(unknown);
    }
    if app.settings.operator_token().is_some_and(|set| same_secret(&set, token)) {
        let first = workspace::first(app.ports.db).await?;
        return Ok(Caller {
            workspace_id: first.id,
            actor: "operator".into(),
            name: "operator".into(),
            role: Role::Owner,
            via: Via::Operator,
        });
    }
    let found = api_token::find(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(token)).await?.ok_or(unknown)?;
    Ok(Caller {
        workspace_id: found.workspace_id,
        actor: format!("token:{}", found.id),
        name: found.name,
        role: found.role,
        via: Via::Token,
    })
}

/// Refuses what another site's page may have sent, by what browsers say of it and pages cannot forge. A browser that
/// says nothing is refused too. [`of`] asks this of every change by cookie; sign-in and setup ask it themselves.
pub fn same_origin(settings: &Settings, request: &Request) -> Result<(), Problem> {
    let site = request.header("sec-fetch-site");
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return Err(Problem::ForgedRequest { complaint: "the request comes from another site" });
    }
    match request.header("origin") {
        Some(origin) if is_ours(settings, request, origin) => Ok(()),
        Some(_) => Err(Problem::ForgedRequest { complaint: "the request comes from another site" }),
        None if site.is_some() => Ok(()),
        None => Err(Problem::ForgedRequest { complaint: "the browser does not say where the request comes from" }),
    }
}

/// The public URL's origin, or the host that was asked for, by either scheme: a proxy may have ended the https.
fn is_ours(settings: &Settings, request: &Request, origin: &str) -> bool {
    let host = request.header("host").filter(|host| !host.is_empty());
    settings.public_origin().is_some_and(|ours| ours == origin)
        || host.is_some_and(|host| origin.split_once("://").is_some_and(|(_, found)| found.eq_ignore_ascii_case(host)))
}

async fn same_csrf(request: &Request, csrf: &str) -> Result<(), Problem> {
    let missing = Problem::ForgedRequest { complaint: "the page's token is missing or no longer valid" };
    let right = match request.header("x-csrf-token") {
        Some(token) => same_secret(token, csrf),
        None if request.content_type().as_deref() == Some("application/json") => false,
        None => request.form().await.ok().and_then(|form| form.get("csrf").map(|token| same_secret(token, csrf))).unwrap_or(false),
    };
    if right { Ok(()) } else { Err(missing) }
}
