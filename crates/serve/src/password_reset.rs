//! Choosing a new password by a one-time link, which an owner or admin, or the operator, hands over.

use store::people::password_reset::{self as table, NewReset};
use store::people::sign_in::Key;
use store::people::user;
use store::secret;

use crate::caller::same_origin;
use crate::session::{count_guess, guessed_right};
use crate::{App, Caller, Problem, Request, Via, password};

/// Makes a link for a member and answers its path: shown once. The operator may make one for anybody. A program may
/// not: a link is as good as the account.
pub async fn make(app: App<'_>, caller: &Caller, user_id: &str, clears_totp: bool) -> Result<String, Problem> {
    let workspace_id = match &caller.via {
        Via::Operator => None,
        _ => {
            caller.person()?;
            Some(caller.workspace_id.as_str())
        }
    };
    let value = secret::new(app.ports.entropy);
    let sha256 = secret::sha256(&value);
    let new = NewReset { sha256: &sha256, user_id, workspace_id, clears_totp, actor: &caller.actor };
    if !table::create(app.ports.db, app.ports.clock.pinned_ms(), &new).await? {
        return Err(Problem::NotFound { what: "member whose account you govern", id: user_id.into() });
    }
    Ok(format!("/password-resets/{value}"))
}

/// The same by address, for the operator, who alone may know who has an account.
pub async fn make_for(app: App<'_>, caller: &Caller, email: &str, clears_totp: bool) -> Result<String, Problem> {
    let found = user::by_email(app.ports.db, email.trim()).await?;
    let found = found.ok_or_else(|| Problem::NotFound { what: "account of", id: email.into() })?;
    make(app, caller, &found.id, clears_totp).await
}

/// Whether the link still works.
pub async fn look(app: App<'_>, value: &str) -> Result<(), Problem> {
    let good = table::is_good(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value)).await?;
    if good { Ok(()) } else { Err(Problem::LinkGone) }
}

/// Chooses the new password, once. It signs nobody in: who has a second factor still needs it.
pub async fn finish(app: App<'_>, request: &Request, value: &str, new: &str) -> Result<(), Problem> {
    same_origin(app.settings, request)?;
    let keys = [Key::Address(&request.client_addr)];
    count_guess(app, &keys).await?;
    // Before the hashing, which a stranger shall not have for the asking.
    look(app, value).await?;
    guessed_right(app, &keys).await?;
    password::check("password", new)?;
    let hash = password::hash(app.ports.entropy, new)?;
    if !table::finish(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value), &hash).await? {
        return Err(Problem::LinkGone);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use store::people::sign_in::ADDRESS_FREE;

    use super::*;
    use crate::session::sign_in;
    use crate::testing::{PASSWORD, World, form, get};

    const NEW: &str = "battery horse correct";

    fn link(world: &World) -> String {
        let operator = Caller {
            workspace_id: String::new(),
            actor: "operator".into(),
            name: "operator".into(),
            role: domain::Role::Owner,
            via: Via::Operator,
        };
        let path = block_on(make_for(world.app(), &operator, "ADA@example.com", false)).unwrap();
        path.strip_prefix("/password-resets/").unwrap().into()
    }

    fn choose(world: &World, value: &str, new: &str) -> &'static str {
        let done = block_on(finish(world.app(), &form("/password-resets/x", ""), value, new));
        done.map_or_else(|problem| problem.slug(), |()| "ok")
    }

    #[test]
    fn the_link_changes_the_password_once_and_ends_every_session() {
        let (world, cookie) = World::claimed();
        let value = link(&world);
        assert_eq!(choose(&world, &value, "short"), "invalid", "the link is not used up by a typing error");
        assert_eq!(choose(&world, &value, NEW), "ok");
        assert!(world.caller(&get("/").with_header("cookie", &cookie)).is_err());
        let request = form("/sign-in", "");
        assert!(block_on(sign_in(world.app(), &request, "ada@example.com", PASSWORD)).is_err());
        assert!(block_on(sign_in(world.app(), &request, "ada@example.com", NEW)).is_ok());
        assert_eq!(choose(&world, &value, NEW), "link-gone");
    }

    #[test]
    fn a_link_is_good_for_an_hour_and_guessing_one_is_slow() {
        let (world, _) = World::claimed();
        let value = link(&world);
        world.clock.advance(table::LIFETIME_MS);
        assert_eq!(choose(&world, &value, NEW), "link-gone");
        for _ in 0..ADDRESS_FREE {
            assert_eq!(choose(&world, "guess", NEW), "link-gone");
        }
        assert_eq!(choose(&world, "guess", NEW), "rate-limited");
    }

    #[test]
    fn a_program_makes_no_link() {
        let (world, _) = World::claimed();
        let token = world.token(domain::Role::Owner);
        let program = world.caller(&get("/").with_header("authorization", &format!("Bearer {token}"))).unwrap();
        assert_eq!(block_on(make(world.app(), &program, "ada", false)).unwrap_err().slug(), "unauthorized");
    }
}
