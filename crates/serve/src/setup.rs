//! Claiming a fresh install: once, by its token.

use http::Method;
use ports::DbError;
use store::people::claim::{self, Claim};

use crate::caller::same_origin;
use crate::fields::{check_email, check_name};
use crate::password::same_secret;
use crate::session::begin;
use crate::{App, Problem, Request, id, password};

/// Who claims a fresh install, as they filled it in.
#[derive(Clone, Copy, Debug)]
pub struct Owner<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Name.
    pub name: &'a str,
    /// Password.
    pub password: &'a str,
    /// What the workspace shall be called.
    pub workspace: &'a str,
}

/// Whether this is the setup token and nobody has used it: whether to show the form.
pub async fn may_claim(app: App<'_>, token: &str) -> Result<(), Problem> {
    let right = app.settings.setup_token().is_some_and(|set| same_secret(&set, token));
    if !right {
        return Err(Problem::NotFound { what: "page", id: "/setup".into() });
    }
    if claim::is_claimed(app.ports.db).await? { Err(Problem::AlreadyDecided) } else { Ok(()) }
}

/// Claims the install, once, and answers the new owner's cookie.
pub async fn claim(app: App<'_>, request: &Request, token: &str, owner: Owner<'_>) -> Result<String, Problem> {
    debug_assert_eq!(request.method, Method::POST, "a GET changes nothing");
    same_origin(app.settings, request)?;
    may_claim(app, token).await?;
    check_owner(owner)?;
    let user_id = id(app);
    let new = Claim {
        user_id: user_id.clone(),
        email: owner.email.trim().into(),
        name: owner.name.trim().into(),
        password_hash: password::hash(app.ports.entropy, owner.password)?,
        workspace: owner.workspace.trim().into(),
    };
    claim::claim(app.ports.db, app.ports.clock.now_ms(), &new).await.map_err(|error| match error {
        DbError::Conflict(_) => Problem::AlreadyDecided,
        other => other.into(),
    })?;
    let workspace = store::people::workspace::first(app.ports.db).await?;
    begin(app, request, &user_id, &workspace.id).await
}

fn check_owner(owner: Owner<'_>) -> Result<(), Problem> {
    let mut complaints = Vec::new();
    let mut add = |problem: Problem| complaints.extend_from_slice(problem.complaints());
    for (field, text) in [("name", owner.name), ("workspace", owner.workspace)] {
        if let Err(problem) = check_name(field, text) {
            add(problem);
        }
    }
    if let Err(problem) = check_email("email", owner.email) {
        add(problem);
    }
    if let Err(problem) = password::check("password", owner.password) {
        add(problem);
    }
    if complaints.is_empty() { Ok(()) } else { Err(Problem::Invalid(complaints)) }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::testing::{SETUP_TOKEN, World, form, get, owner, pair};

    #[test]
    fn the_setup_link_makes_an_owner_once() {
        let world = World::fresh();
        assert!(block_on(may_claim(world.app(), SETUP_TOKEN)).is_ok());
        let cookie = block_on(claim(world.app(), &form("/setup", ""), SETUP_TOKEN, owner())).unwrap();
        let caller = world.caller(&get("/").with_header("cookie", &pair(&cookie))).unwrap();
        assert_eq!((caller.role, caller.name.as_str()), (domain::Role::Owner, "Ada"));
        let again = block_on(claim(
            world.app(),
            &form("/setup", ""),
            SETUP_TOKEN,
            Owner { email: "eve@example.com", ..owner() },
        ));
        assert_eq!(again.unwrap_err().slug(), "already-decided");
        assert_eq!(block_on(may_claim(world.app(), SETUP_TOKEN)).unwrap_err().slug(), "already-decided");
    }

    #[test]
    fn without_the_setup_token_nobody_claims_anything() {
        for settings in [vec![], vec![("setup_token", "another")], vec![("setup_token", "")]] {
            let world = World::with(&settings);
            for token in [SETUP_TOKEN, ""] {
                let refused = block_on(claim(world.app(), &form("/setup", ""), token, owner()));
                assert_eq!(refused.unwrap_err().slug(), "not-found");
            }
        }
    }

    #[test]
    fn everything_wrong_with_an_owner_is_said_at_once() {
        let world = World::fresh();
        let nobody = Owner { email: "ada", name: " ", password: "short", workspace: "" };
        let refused = block_on(claim(world.app(), &form("/setup", ""), SETUP_TOKEN, nobody)).unwrap_err();
        let fields: Vec<&str> = refused.complaints().iter().map(|complaint| complaint.field.as_str()).collect();
        assert_eq!(fields, ["name", "workspace", "email", "password"]);
    }
}
