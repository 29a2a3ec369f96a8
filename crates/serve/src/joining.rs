//! Invitations: inviting, looking at one, accepting it.

use domain::{Action, Role};
use ports::DbError;
use store::people::invitation::{self as table, Guest, Invitation, LIFETIME_MS};
use store::people::sign_in::Key;
use store::people::user;
use store::secret;

use crate::caller::same_origin;
use crate::fields::{check_email, check_name};
use crate::session::{SignedIn, begin, count_guess, enter, guessed_right};
use crate::{App, Caller, Problem, Request, id, password};

/// An invitation as its guest sees it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// As what, and for whom.
    pub invitation: Invitation,
    /// The workspace's name.
    pub workspace: String,
    /// The name of who invites.
    pub inviter: String,
}

/// Invites somebody and answers the invitation and the path of its link: shown once.
pub async fn invite(
    app: App<'_>,
    caller: &Caller,
    role: Role,
    email: Option<&str>,
) -> Result<(Invitation, String), Problem> {
    if role == Role::Owner {
        caller.may(Action::Own)?;
    }
    let email = email.map(str::trim).filter(|email| !email.is_empty());
    if let Some(email) = email {
        check_email("email", email)?;
    }
    let now_ms = app.ports.clock.now_ms();
    let value = secret::new(app.ports.entropy);
    let new = Invitation {
        workspace_id: caller.workspace_id.clone(),
        id: id(app),
        role,
        email: email.map(Into::into),
        // A person answers for it, however it was made: when they go, it goes.
        created_by: caller.answerable().unwrap_or(&caller.actor).into(),
        created_at: now_ms,
        expires_at: now_ms + LIFETIME_MS,
        revoked_at: None,
        accepted_at: None,
        accepted_by: None,
    };
    table::create(app.ports.db, &new, &secret::sha256(&value)).await?;
    Ok((new, format!("/invitations/{value}")))
}

/// What a link holds. It changes nothing.
pub async fn look(app: App<'_>, value: &str) -> Result<Seen, Problem> {
    let found = table::find_open(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value)).await?;
    let (invitation, workspace, inviter) = found.ok_or(Problem::LinkGone)?;
    Ok(Seen { invitation, workspace, inviter })
}

/// A signed-in person accepts: their session moves into the workspace. Answers the new cookie.
pub async fn join(app: App<'_>, caller: &Caller, request: &Request, value: &str) -> Result<String, Problem> {
    let user_id = caller.person()?;
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    match table::accept(db, pinned_ms, &secret::sha256(value), Guest::User(user_id)).await? {
        Some(workspace_id) => enter(app, caller, request, &workspace_id).await,
        None => Err(refusal(look(app, value).await?)),
    }
}

/// Why an open invitation was not accepted by somebody whom we know.
fn refusal(seen: Seen) -> Problem {
    match seen.invitation.email {
        Some(_) => Problem::invalid("email", "is not the one that this invitation is for"),
        None => Problem::AlreadyExists,
    }
}

/// Somebody new, as they filled it in.
#[derive(Clone, Copy, Debug)]
pub struct NewPerson<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Name.
    pub name: &'a str,
    /// Password.
    pub password: &'a str,
}

/// Somebody new accepts: the account is made and signed in. Answers the cookie. An address that has an account is
/// not taken over: its owner signs in first.
pub async fn join_as_new(
    app: App<'_>,
    request: &Request,
    value: &str,
    person: NewPerson<'_>,
) -> Result<String, Problem> {
    same_origin(app.settings, request)?;
    let keys = [Key::Address(&request.client_addr)];
    count_guess(app, &keys).await?;
    let seen = look(app, value).await?;
    let mut complaints = Vec::new();
    for found in [
        check_name("name", person.name).map(|_| ()),
        check_email("email", person.email),
        password::check("password", person.password),
    ] {
        complaints.extend(found.err().iter().flat_map(|problem| problem.complaints().to_vec()));
    }
    if !complaints.is_empty() {
        guessed_right(app, &keys).await?;
        return Err(Problem::Invalid(complaints));
    }
    if seen.invitation.email.as_ref().is_some_and(|email| !email.eq_ignore_ascii_case(person.email.trim())) {
        return Err(Problem::invalid("email", "is not the one that this invitation is for"));
    }
    let (user_id, hash) = (id(app), password::hash(app.ports.entropy, person.password)?);
    let guest = Guest::New {
        user_id: &user_id,
        email: person.email.trim(),
        name: person.name.trim(),
        password_hash: &hash,
        identity: None,
    };
    let accepted = table::accept(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value), guest).await;
    let accepted = accepted.map_err(|error| match error {
        DbError::Conflict(_) => Problem::invalid(
            "email",
            "cannot be used for a new account; if it is yours, sign in and open the link again",
        ),
        other => other.into(),
    })?;
    let workspace_id = accepted.ok_or(Problem::LinkGone)?;
    guessed_right(app, &keys).await?;
    begin(app, request, &user_id, &workspace_id).await
}

/// Somebody for whom a provider vouches accepts. A new account gets no password. `None`: it cannot be accepted.
pub(crate) async fn join_by_provider(
    app: App<'_>,
    request: &Request,
    invitation_sha256: &str,
    (email, name): (&str, &str),
    identity: (&str, &str),
) -> Result<Option<SignedIn>, Problem> {
    let user_id = id(app);
    let guest = Guest::New { user_id: &user_id, email, name, password_hash: password::NONE, identity: Some(identity) };
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    match table::accept(db, pinned_ms, invitation_sha256, guest).await {
        Ok(Some(workspace_id)) => begin(app, request, &user_id, &workspace_id).await.map(SignedIn::In).map(Some),
        // The address has an account: only its owner may connect it.
        Ok(None) | Err(DbError::Conflict(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A known person accepts on the way in. What cannot be accepted is left; they are in all the same.
pub(crate) async fn join_known(
    app: App<'_>,
    user: &user::User,
    invitation_sha256: &str,
) -> Result<Option<String>, Problem> {
    let pinned_ms = app.ports.clock.pinned_ms();
    Ok(table::accept(app.ports.db, pinned_ms, invitation_sha256, Guest::User(&user.id)).await?)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::testing::{World, form, get, pair};

    const CLEO: NewPerson<'static> =
        NewPerson { email: "cleo@example.com", name: "Cleo", password: "correct horse cleo" };

    fn ada(world: &World, cookie: &str) -> Caller {
        world.caller(&get("/").with_header("cookie", cookie)).unwrap()
    }

    fn link(world: &World, cookie: &str, role: Role, email: Option<&str>) -> String {
        let (_, path) = block_on(invite(world.app(), &ada(world, cookie), role, email)).unwrap();
        path.strip_prefix("/invitations/").unwrap().into()
    }

    fn come(world: &World, value: &str, person: NewPerson<'_>) -> Result<String, &'static str> {
        let done = block_on(join_as_new(world.app(), &form("/invitations/x", ""), value, person));
        done.map(|cookie| pair(&cookie)).map_err(|problem| problem.slug())
    }

    #[test]
    fn somebody_new_comes_in_by_the_link_once_with_its_role() {
        let (world, cookie) = World::claimed();
        let value = link(&world, &cookie, Role::Approver, None);
        assert!(block_on(look(world.app(), &value)).is_ok());
        let theirs = come(&world, &value, CLEO).unwrap();
        let cleo = world.caller(&get("/").with_header("cookie", &theirs)).unwrap();
        assert_eq!((cleo.name.as_str(), cleo.role), ("Cleo", Role::Approver));
        assert_eq!(block_on(look(world.app(), &value)).unwrap_err().slug(), "link-gone");
        assert_eq!(come(&world, &value, NewPerson { email: "eve@example.com", ..CLEO }), Err("link-gone"));
    }

    #[test]
    fn a_link_outlives_typing_errors_and_ends_after_a_week() {
        let (world, cookie) = World::claimed();
        let value = link(&world, &cookie, Role::Editor, None);
        assert_eq!(come(&world, &value, NewPerson { password: "short", ..CLEO }), Err("invalid"));
        world.clock.advance(LIFETIME_MS);
        assert_eq!(come(&world, &value, CLEO), Err("link-gone"));
    }

    #[test]
    fn an_invitation_does_not_open_another_persons_account() {
        let (world, cookie) = World::claimed();
        let value = link(&world, &cookie, Role::Editor, None);
        assert_eq!(come(&world, &value, NewPerson { email: "ADA@example.com", ..CLEO }), Err("invalid"));
        let hers = link(&world, &cookie, Role::Editor, Some("cleo@example.com"));
        assert_eq!(come(&world, &hers, NewPerson { email: "eve@example.com", ..CLEO }), Err("invalid"));
        assert!(come(&world, &hers, CLEO).is_ok());
    }

    #[test]
    fn an_admin_invites_no_owner() {
        let (world, cookie) = World::claimed();
        let admin = Caller { role: Role::Admin, ..ada(&world, &cookie) };
        let refused = block_on(invite(world.app(), &admin, Role::Owner, None));
        assert_eq!(refused.unwrap_err().slug(), "forbidden");
        assert!(block_on(invite(world.app(), &admin, Role::Admin, None)).is_ok());
    }

    #[test]
    fn a_member_does_not_use_up_a_link_to_where_they_are() {
        let (world, cookie) = World::claimed();
        let value = link(&world, &cookie, Role::Analyst, None);
        let request = form("/invitations/x", "").with_header("cookie", &cookie);
        let again = block_on(join(world.app(), &ada(&world, &cookie), &request, &value));
        assert_eq!(again.unwrap_err().slug(), "already-exists");
        assert!(come(&world, &value, CLEO).is_ok());
    }
}
