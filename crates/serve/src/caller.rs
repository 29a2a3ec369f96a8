//! Who asks, and what they may do. A signed-in browser's changes must come from our own pages.

use domain::{Action, Role, permission};
use store::people::{api_token, session, workspace};
use store::secret;

use crate::password::same_secret;
use crate::session::cookie_name;
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
        /// What a list of sessions calls it.
        id: String,
    },
    /// An API token.
    Token {
        /// What it may do; `None`: all that its role may.
        scopes: Option<Vec<Action>>,
        /// The user who answers for it.
        person: Option<String>,
    },
    /// The operator's token, from the same host.
    Operator,
}

impl Caller {
    /// Whether they may do this: the one function that asks the table.
    pub fn may(&self, action: Action) -> Result<(), Problem> {
        if !permission(self.role, action) {
            return Err(Problem::Forbidden { role: self.role, action });
        }
        match &self.via {
            Via::Token { scopes: Some(scopes), .. } if !scopes.contains(&action) => Err(Problem::OutOfScope { action }),
            _ => Ok(()),
        }
    }

    /// The person at a browser, who has an account to look after. A program has none.
    pub fn person(&self) -> Result<&str, Problem> {
        match &self.via {
            Via::Session { .. } => Ok(&self.actor),
            _ => Err(Problem::Unauthorized { complaint: "sign in as a person: a program has no account" }),
        }
    }

    /// The user who answers for what they make; none for the operator.
    pub fn answerable(&self) -> Option<&str> {
        match &self.via {
            Via::Session { .. } => Some(&self.actor),
            Via::Token { person, .. } => person.as_deref(),
            Via::Operator => None,
        }
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
        session::touch(db, pinned_ms, &found.sha256, &request.client_addr).await?;
    }
    Ok(Caller {
        workspace_id: found.workspace_id,
        actor: found.user_id,
        name: found.name,
        role: found.role,
        via: Via::Session { sha256: found.sha256, csrf: found.csrf, id: found.id },
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
    let found =
        api_token::find(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(token)).await?.ok_or(unknown)?;
    Ok(Caller {
        workspace_id: found.workspace_id,
        actor: format!("token:{}", found.id),
        name: found.name,
        role: found.role,
        via: Via::Token { scopes: found.scopes, person: found.person },
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
        None => request
            .form_as_sent()
            .await
            .ok()
            .and_then(|form| form.get("csrf").map(|token| same_secret(token, csrf)))
            .unwrap_or(false),
    };
    if right { Ok(()) } else { Err(missing) }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use store::people::member;

    use super::*;
    use crate::Method;
    use crate::testing::{World, form, get};

    fn slug(found: Result<Caller, Problem>) -> &'static str {
        found.map_or_else(|problem| problem.slug(), |_| "ok")
    }

    #[test]
    fn nobody_is_nobody() {
        let (world, _) = World::claimed();
        for request in [
            get("/"),
            get("/").with_header("cookie", "sid=guess"),
            get("/").with_header("authorization", "Bearer guess"),
            get("/").with_header("authorization", "Bearer "),
            get("/").with_header("authorization", "Basic YTpi"),
        ] {
            assert_eq!(slug(world.caller(&request)), "unauthorized");
        }
    }

    #[test]
    fn a_wrong_token_is_not_made_good_by_a_cookie() {
        let (world, cookie) = World::claimed();
        assert_eq!(slug(world.caller(&get("/").with_header("cookie", &cookie))), "ok");
        let both = get("/").with_header("cookie", &cookie).with_header("authorization", "Bearer guess");
        assert_eq!(slug(world.caller(&both)), "unauthorized");
    }

    #[test]
    fn the_cookie_of_plain_http_counts_on_the_machine_itself_alone() {
        let (world, cookie) = World::claimed();
        let elsewhere =
            Request::new(Method::GET, "/").unwrap().with_header("host", "rondo.example").with_header("cookie", &cookie);
        assert_eq!(slug(world.caller(&elsewhere)), "unauthorized");
    }

    #[test]
    fn a_session_ends_when_idle_and_in_any_case_after_a_week() {
        let (world, cookie) = World::claimed();
        let page = get("/").with_header("cookie", &cookie);
        world.clock.advance(session::IDLE_MS - 1);
        assert_eq!(slug(world.caller(&page)), "ok");
        world.clock.advance(session::IDLE_MS - 1);
        assert_eq!(slug(world.caller(&page)), "ok", "its use was noted");
        world.clock.advance(session::IDLE_MS);
        assert_eq!(slug(world.caller(&page)), "unauthorized");

        let (world, cookie) = World::claimed();
        let page = get("/").with_header("cookie", &cookie);
        for _ in 0..14 {
            world.clock.advance(session::IDLE_MS - 1);
            assert_eq!(slug(world.caller(&page)), "ok");
        }
        world.clock.advance(14); // a week is fourteen times the idle limit
        assert_eq!(slug(world.caller(&page)), "unauthorized");
    }

    #[test]
    fn a_change_by_cookie_needs_the_pages_own_token() {
        let (world, cookie) = World::claimed();
        let csrf = world.caller(&get("/").with_header("cookie", &cookie)).unwrap().csrf().to_string();
        let check = |request: Request, expect: &str| {
            assert_eq!(slug(world.caller(&request.with_header("cookie", &cookie))), expect)
        };
        check(form("/posts", &format!("a=b&csrf={csrf}")), "ok");
        check(form("/posts", "").with_header("x-csrf-token", &csrf), "ok");
        check(form("/posts", "a=b"), "forged-request");
        check(form("/posts", "csrf="), "forged-request");
        check(form("/posts", &format!("csrf={}", "0".repeat(64))), "forged-request");
        check(form("/posts", &format!("csrf={csrf}")).with_header("x-csrf-token", "guess"), "forged-request");
    }

    #[test]
    fn a_change_by_cookie_must_come_from_our_own_page() {
        let (world, cookie) = World::claimed();
        let csrf = world.caller(&get("/").with_header("cookie", &cookie)).unwrap().csrf().to_string();
        let check = |headers: &[(&str, &str)], expect: &str| {
            let request = Request::new(Method::POST, "/")
                .unwrap()
                .with_header("x-csrf-token", &csrf)
                .with_header("cookie", &cookie);
            let request =
                headers.iter().fold(request.with_header("host", "localhost:3000"), |r, (n, v)| r.with_header(n, v));
            assert_eq!(slug(world.caller(&request)), expect, "{headers:?}");
        };
        check(&[("origin", "http://localhost:3000")], "ok");
        check(&[("sec-fetch-site", "same-origin")], "ok");
        check(&[], "forged-request");
        check(&[("origin", "null")], "forged-request");
        check(&[("origin", "http://localhost:4000")], "forged-request");
        check(&[("origin", "https://evil.example"), ("sec-fetch-site", "same-origin")], "forged-request");
        check(&[("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site")], "forged-request");
        check(&[("sec-fetch-site", "same-site")], "forged-request");
    }

    #[test]
    fn behind_a_proxy_the_public_url_is_our_origin() {
        let settings = Settings::of(&[("public_url", "https://rondo.example/")]);
        let request = |origin: &str| {
            Request::new(Method::POST, "/").unwrap().with_header("host", "10.0.0.2:3000").with_header("origin", origin)
        };
        assert!(same_origin(&settings, &request("https://rondo.example")).is_ok());
        assert!(same_origin(&settings, &request("http://rondo.example")).is_err());
        assert!(same_origin(&Settings::of(&[]), &request("https://rondo.example")).is_err());
    }

    #[test]
    fn a_program_needs_no_page() {
        let (world, _) = World::claimed();
        let token = world.token(Role::Editor);
        let request = Request::new(Method::POST, "/").unwrap().with_header("authorization", &format!("bearer {token}"));
        let caller = world.caller(&request).unwrap();
        assert!(caller.actor.starts_with("token:"));
        assert!(caller.may(Action::Write).is_ok());
        assert_eq!(caller.may(Action::Approve).unwrap_err().slug(), "forbidden");
    }

    #[test]
    fn a_token_that_expired_or_was_revoked_is_no_good() {
        let (world, _) = World::claimed();
        let token = world.token(Role::Editor);
        let request = get("/").with_header("authorization", &format!("Bearer {token}"));
        let caller = world.caller(&request).unwrap();
        let id = caller.actor.strip_prefix("token:").unwrap();
        assert_eq!(block_on(api_token::revoke(&world.db, None, "another", id, "eve")), Ok(None));
        assert_eq!(slug(world.caller(&request)), "ok", "another workspace revokes nothing here");
        block_on(api_token::revoke(&world.db, None, &caller.workspace_id, id, "ada")).unwrap().unwrap();
        assert_eq!(slug(world.caller(&request)), "unauthorized");

        let token = world.token(Role::Editor);
        let request = get("/").with_header("authorization", &format!("Bearer {token}"));
        world
            .db
            .run("update api_token set expires_at = ?1 where revoked_at is null", &[(1_800_000_000_001_i64).into()])
            .unwrap();
        assert_eq!(slug(world.caller(&request)), "ok");
        world.clock.advance(1);
        assert_eq!(slug(world.caller(&request)), "unauthorized");
    }

    #[test]
    fn the_operator_is_nobody_unless_a_token_is_set() {
        let set = World::with(&[("operator_token", "let-me-in")]);
        let request = get("/").with_header("authorization", "Bearer let-me-in");
        let caller = set.caller(&request).unwrap();
        assert_eq!((caller.actor.as_str(), caller.role), ("operator", Role::Owner));
        assert_eq!(slug(World::with(&[]).caller(&request)), "unauthorized");
        let blank = World::with(&[("operator_token", " ")]);
        assert_eq!(slug(blank.caller(&get("/").with_header("authorization", "Bearer  "))), "unauthorized");
    }

    #[test]
    fn who_is_taken_out_or_given_another_role_is_signed_out_at_once() {
        let (world, cookie) = World::claimed();
        let page = get("/").with_header("cookie", &cookie);
        let ada = world.caller(&page).unwrap();
        let bob = member::NewMember {
            workspace_id: ada.workspace_id.clone(),
            user_id: "bob".into(),
            email: "bob@example.com".into(),
            name: "Bob".into(),
            password_hash: "-".into(),
            role: Role::Owner,
        };
        block_on(member::add(&world.db, 1, &bob)).unwrap();
        let by = member::By { actor: "bob", owns: true };
        let ada = (ada.workspace_id.as_str(), ada.actor.as_str());
        block_on(member::set_role(&world.db, None, ada, Role::Analyst, by)).unwrap();
        assert_eq!(slug(world.caller(&page)), "unauthorized");
    }

    #[test]
    fn a_token_may_what_its_scopes_hold_and_not_more_than_its_role() {
        let (world, _) = World::claimed();
        let token = world.token(Role::Editor);
        let request = get("/").with_header("authorization", &format!("Bearer {token}"));
        let may = |action| world.caller(&request).unwrap().may(action).map_or_else(|problem| problem.slug(), |()| "ok");
        assert_eq!([may(Action::Read), may(Action::Write), may(Action::Approve)], ["ok", "ok", "forbidden"]);
        world.db.run("update api_token set scopes = '[\"read\",\"approve\"]'", &[]).unwrap();
        assert_eq!([may(Action::Read), may(Action::Write), may(Action::Approve)], ["ok", "out-of-scope", "forbidden"]);
    }
}
