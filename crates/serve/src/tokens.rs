//! Making API tokens: never for more than their maker may do.

use domain::{Action, Role};
use store::people::api_token::{self, ApiToken};
use store::secret;

use crate::{App, Caller, Problem, Via, fields, id};

/// What every token begins with, so that a scanner for leaked secrets knows one.
const MARK: &str = "rondo_";

/// A token that is to be made.
#[derive(Clone, Debug)]
pub struct NewToken<'a> {
    /// What it is for.
    pub name: &'a str,
    /// What it may do at most.
    pub role: Role,
    /// What of that it may do; `None`: all.
    pub scopes: Option<Vec<Action>>,
    /// Unix milliseconds; `None`: it does not expire.
    pub expires_at: Option<i64>,
}

/// Makes one and answers it with its secret: shown once.
pub async fn create(app: App<'_>, caller: &Caller, new: NewToken<'_>) -> Result<(ApiToken, String), Problem> {
    let name = fields::check_name("name", new.name)?;
    if !caller.role.covers(new.role) {
        return Err(Problem::invalid("role", "may do more than you may; nobody gives away more than they have"));
    }
    let scopes = scopes(caller, new.role, new.scopes)?;
    let now_ms = app.ports.clock.now_ms();
    if new.expires_at.is_some_and(|at| at <= now_ms) {
        return Err(Problem::Past);
    }
    let token = ApiToken {
        workspace_id: caller.workspace_id.clone(),
        id: id(app),
        name: name.into(),
        role: new.role,
        scopes,
        created_by: caller.actor.clone(),
        person: caller.answerable().map(Into::into),
        created_at: now_ms,
        expires_at: new.expires_at,
        used_at: None,
        revoked_at: None,
    };
    let value = format!("{MARK}{}", secret::new(app.ports.entropy));
    api_token::create(app.ports.db, &token, &secret::sha256(&value)).await?;
    Ok((token, value))
}

/// The scopes that are asked for, if the maker has them all and the role may them.
fn scopes(caller: &Caller, role: Role, asked: Option<Vec<Action>>) -> Result<Option<Vec<Action>>, Problem> {
    let Some(asked) = asked else {
        // A token with scopes makes none without.
        let Via::Token { scopes: Some(own), .. } = &caller.via else { return Ok(None) };
        return Ok(Some(own.iter().copied().filter(|action| role.may(*action)).collect()));
    };
    if asked.is_empty() {
        return Err(Problem::invalid(
            "scopes",
            "must hold one action at least; leave it out for all that the role may",
        ));
    }
    let refused =
        asked.iter().find(|action| !action.is_for_tokens() || !role.may(**action) || caller.may(**action).is_err());
    match refused {
        Some(action) => Err(Problem::invalid("scopes", format!("holds `{action}`, which this role or you may not"))),
        None => Ok(Some(asked)),
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::testing::{World, get};

    fn new(role: Role, scopes: Option<&[Action]>) -> NewToken<'static> {
        NewToken { name: "CI", role, scopes: scopes.map(<[Action]>::to_vec), expires_at: None }
    }

    #[test]
    fn nobody_gives_a_token_more_than_they_have() {
        let (world, cookie) = World::claimed();
        let owner = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        let admin = Caller { role: Role::Admin, ..owner.clone() };
        let make = |caller: &Caller, new: NewToken<'_>| {
            block_on(create(world.app(), caller, new)).map_or_else(|problem| problem.slug(), |_| "ok")
        };
        assert_eq!(make(&owner, new(Role::Owner, None)), "ok");
        assert_eq!(make(&admin, new(Role::Owner, None)), "invalid");
        assert_eq!(make(&admin, new(Role::Admin, Some(&[Action::Own]))), "invalid");
        assert_eq!(make(&admin, new(Role::Analyst, Some(&[Action::Write]))), "invalid", "more than its role");
        assert_eq!(
            make(&owner, new(Role::Owner, Some(&[Action::ManageAccount]))),
            "invalid",
            "an account is a person's"
        );
        assert_eq!(make(&owner, new(Role::Owner, Some(&[]))), "invalid");
        assert_eq!(make(&admin, new(Role::Editor, Some(&[Action::Read, Action::Write]))), "ok");
        assert_eq!(make(&admin, NewToken { expires_at: Some(1), ..new(Role::Editor, None) }), "past");
    }

    #[test]
    fn a_token_makes_no_token_beyond_its_own_scopes() {
        let (world, cookie) = World::claimed();
        let owner = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        let scopes: &[Action] = &[Action::Read, Action::ManageTokens];
        let (_, value) = block_on(create(world.app(), &owner, new(Role::Owner, Some(scopes)))).unwrap();
        let program = world.caller(&get("/").with_header("authorization", &format!("Bearer {value}"))).unwrap();
        assert_eq!(
            block_on(create(world.app(), &program, new(Role::Owner, Some(&[Action::Write])))).unwrap_err().slug(),
            "invalid"
        );
        let (child, _) = block_on(create(world.app(), &program, new(Role::Owner, None))).unwrap();
        assert_eq!(child.scopes.as_deref(), Some(scopes));
        assert_eq!(child.person.as_deref(), Some(owner.actor.as_str()));
    }
}
