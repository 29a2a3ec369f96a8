//! Signing in and out, and changing the password.

use store::people::session::NewSession;
use store::people::sign_in::{self, Key};
use store::people::{half_sign_in, session, user};
use store::secret;

use crate::caller::{Via, same_origin};
pub use crate::cookie::{COOKIE, COOKIE_LOCAL, cookie_name, link};
pub(crate) use crate::cookie::{cookie, named, set_cookie};
pub use crate::setup::{Owner, claim, may_claim};
use crate::{App, Caller, Problem, Request, id, password};
/// What a right password, or a provider's word, has led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedIn {
    /// They are in; the cookie to set.
    In(String),
    /// A code is needed as well; the cookie of the second step.
    SecondStep(String),
}

impl SignedIn {
    /// The cookie to set.
    pub fn cookie(&self) -> &str {
        let (Self::In(cookie) | Self::SecondStep(cookie)) = self;
        cookie
    }
}

/// Counts a guess by each of these keys before it is looked at; 429 where one of them is blocked.
pub(crate) async fn count_guess(app: App<'_>, keys: &[Key<'_>]) -> Result<(), Problem> {
    for key in keys {
        if let Some(left_ms) = sign_in::attempt(app.ports.db, app.ports.clock.pinned_ms(), *key).await? {
            let after_s = u32::try_from(left_ms.div_euclid(1000) + 1).unwrap_or(u32::MAX);
            return Err(Problem::RateLimited { after_s });
        }
    }
    Ok(())
}

/// The guess was right.
pub(crate) async fn guessed_right(app: App<'_>, keys: &[Key<'_>]) -> Result<(), Problem> {
    for key in keys {
        sign_in::succeeded(app.ports.db, *key).await?;
    }
    Ok(())
}

/// Signs somebody in, or asks for their second step. Slows guessing down by account and by address.
pub async fn sign_in(app: App<'_>, request: &Request, email: &str, given: &str) -> Result<SignedIn, Problem> {
    same_origin(app.settings, request)?;
    let keys = [Key::Address(&request.client_addr), Key::Account(email)];
    count_guess(app, &keys).await?;
    let found = user::by_email(app.ports.db, email.trim()).await?;
    let right = password::is_right(found.as_ref().map(|user| user.password_hash.as_str()), given);
    let (Some(user), true) = (found, right) else {
        return Err(Problem::Unauthorized { complaint: "e-mail address or password is wrong" });
    };
    guessed_right(app, &keys).await?;
    begin_or_ask(app, request, &user, None).await
}

/// Begins a session of a person who has proved the first thing; who has a second factor is asked for it first.
/// `workspace_id`: where, if not where they have been the longest.
pub(crate) async fn begin_or_ask(
    app: App<'_>,
    request: &Request,
    user: &user::User,
    workspace_id: Option<&str>,
) -> Result<SignedIn, Problem> {
    if user.has_totp {
        let value = secret::new(app.ports.entropy);
        half_sign_in::create(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(&value), &user.id).await?;
        let cookie = set_cookie(app.settings, request, HALF, &value, half_sign_in::LIFETIME_MS / 1000);
        return Ok(SignedIn::SecondStep(cookie));
    }
    let workspace_id = workspace_id.or(user.workspace_id.as_deref()).unwrap_or_default();
    begin(app, request, &user.id, workspace_id).await.map(SignedIn::In)
}

/// The cookie between the two steps.
pub(crate) const HALF: &str = "half";

/// Begins a session; the one that the browser had before ends, so that no planted cookie lives on.
pub(crate) async fn begin(
    app: App<'_>,
    request: &Request,
    user_id: &str,
    workspace_id: &str,
) -> Result<String, Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    if let Some(old) = request.cookie(cookie_name(app.settings, request)) {
        session::end(db, &secret::sha256(old)).await?;
    }
    let (value, csrf) = (secret::new(app.ports.entropy), secret::new(app.ports.entropy));
    let new = NewSession {
        sha256: &secret::sha256(&value),
        id: &id(app),
        csrf: &csrf,
        user_id,
        workspace_id,
        user_agent: request.header("user-agent").unwrap_or_default(),
        address: &request.client_addr,
    };
    if !session::create(db, pinned_ms, &new).await? {
        return Err(Problem::Unauthorized {
            complaint: "you are no member of any workspace; ask an owner or admin to invite you",
        });
    }
    Ok(cookie(app.settings, request, &value, session::LIFETIME_MS / 1000))
}

/// The token for the forms of the session that this cookie begins.
pub async fn csrf_of(app: App<'_>, set_cookie: &str) -> Result<String, Problem> {
    let value = set_cookie.split(';').next().and_then(|pair| pair.split_once('=')).map_or("", |(_, value)| value);
    let found = session::find(app.ports.db, app.ports.clock.pinned_ms(), &secret::sha256(value)).await?;
    found
        .map(|session| session.csrf)
        .ok_or(Problem::Unauthorized { complaint: "your session has ended; sign in again" })
}

/// Ends the caller's session and answers the cookie that clears theirs.
pub async fn sign_out(app: App<'_>, caller: &Caller, request: &Request) -> Result<String, Problem> {
    if let Via::Session { sha256, .. } = &caller.via {
        session::end(app.ports.db, sha256).await?;
    }
    Ok(cookie(app.settings, request, "", 0))
}

/// Moves the caller's session to another workspace of theirs and answers the new cookie.
pub async fn enter(app: App<'_>, caller: &Caller, request: &Request, workspace_id: &str) -> Result<String, Problem> {
    let not_found = || Problem::NotFound { what: "workspace", id: workspace_id.into() };
    let Via::Session { sha256, .. } = &caller.via else { return Err(not_found()) };
    let (value, csrf) = (secret::new(app.ports.entropy), secret::new(app.ports.entropy));
    if !session::enter(app.ports.db, sha256, &secret::sha256(&value), &csrf, workspace_id).await? {
        return Err(not_found());
    }
    Ok(cookie(app.settings, request, &value, session::LIFETIME_MS / 1000))
}

/// Changes the caller's password, signs them out everywhere, and answers the cookie of the session that begins here.
pub async fn change_password(
    app: App<'_>,
    caller: &Caller,
    request: &Request,
    old: &str,
    new: &str,
) -> Result<String, Problem> {
    let user = confirmed(app, caller, "old_password", old).await?;
    password::check("password", new)?;
    let hash = password::hash(app.ports.entropy, new)?;
    if !user::set_password(app.ports.db, &user.id, &user.password_hash, &hash).await? {
        return Err(Problem::AlreadyDecided);
    }
    begin(app, request, &user.id, &caller.workspace_id).await
}

/// The caller, who has proved once more that they know their password. Guessing is slow.
pub(crate) async fn confirmed(app: App<'_>, caller: &Caller, field: &str, given: &str) -> Result<user::User, Problem> {
    let user = user::find(app.ports.db, caller.person()?).await?;
    let user = user.ok_or_else(|| Problem::NotFound { what: "user", id: caller.actor.clone() })?;
    let keys = [Key::Account(&user.email)];
    count_guess(app, &keys).await?;
    if !password::is_right(Some(&user.password_hash), given) {
        return Err(Problem::invalid(field, "is not your present password"));
    }
    guessed_right(app, &keys).await?;
    Ok(user)
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use store::people::sign_in::{ACCOUNT_FREE, ADDRESS_FREE, BLOCK_MS_MAX};

    use super::*;
    use crate::Method;
    use crate::testing::{PASSWORD, World, form, get, pair};

    fn try_to_sign_in(world: &World, email: &str, password: &str) -> Result<String, &'static str> {
        block_on(sign_in(world.app(), &form("/sign-in", ""), email, password))
            .map(|signed_in| signed_in.cookie().into())
            .map_err(|problem| problem.slug())
    }

    #[test]
    fn the_right_password_signs_in_whatever_the_letter_case_of_the_address() {
        let (world, _) = World::claimed();
        let cookie = try_to_sign_in(&world, " Ada@Example.COM ", PASSWORD).unwrap();
        assert!(world.caller(&get("/").with_header("cookie", &pair(&cookie))).is_ok());
    }

    #[test]
    fn a_wrong_password_and_an_unknown_address_look_alike() {
        let (world, _) = World::claimed();
        let wrong = block_on(sign_in(world.app(), &form("/sign-in", ""), "ada@example.com", "wrong horse battery"));
        let unknown = block_on(sign_in(world.app(), &form("/sign-in", ""), "eve@example.com", "wrong horse battery"));
        assert_eq!(wrong.unwrap_err().into_reply().text(), unknown.unwrap_err().into_reply().text());
    }

    #[test]
    fn guessing_an_account_is_blocked_for_longer_and_longer_even_with_the_right_password() {
        let (world, _) = World::claimed();
        for _ in 0..=ACCOUNT_FREE {
            assert_eq!(try_to_sign_in(&world, "ada@example.com", "wrong horse battery"), Err("unauthorized"));
        }
        assert_eq!(try_to_sign_in(&world, "ada@example.com", PASSWORD), Err("rate-limited"));
        world.clock.advance(1_001);
        assert_eq!(try_to_sign_in(&world, "ada@example.com", "wrong horse battery"), Err("unauthorized"));
        world.clock.advance(1_001);
        assert_eq!(try_to_sign_in(&world, "ada@example.com", PASSWORD), Err("rate-limited"), "twice as long now");
        world.clock.advance(1_001);
        assert!(try_to_sign_in(&world, "ada@example.com", PASSWORD).is_ok());
        assert_eq!(
            try_to_sign_in(&world, "ada@example.com", "wrong horse battery"),
            Err("unauthorized"),
            "counted anew"
        );
    }

    #[test]
    fn guessing_many_accounts_from_one_address_is_blocked() {
        let (world, _) = World::claimed();
        for number in 0..=ADDRESS_FREE {
            assert_eq!(try_to_sign_in(&world, &format!("{number}@example.com"), "x"), Err("unauthorized"));
        }
        assert_eq!(try_to_sign_in(&world, "ada@example.com", PASSWORD), Err("rate-limited"));
        let mut elsewhere = form("/sign-in", "");
        elsewhere.client_addr = "198.51.100.7".into();
        assert!(block_on(sign_in(world.app(), &elsewhere, "ada@example.com", PASSWORD)).is_ok());
    }

    #[test]
    fn a_block_says_when_to_come_back_and_has_an_end() {
        let (world, _) = World::claimed();
        for _ in 0..200 {
            let _ = try_to_sign_in(&world, "ada@example.com", "");
            world.clock.advance(BLOCK_MS_MAX);
        }
        assert_eq!(try_to_sign_in(&world, "ada@example.com", ""), Err("unauthorized"), "a block is never longer");
        let blocked = block_on(sign_in(world.app(), &form("/", ""), "ada@example.com", "")).unwrap_err().into_reply();
        assert_eq!(blocked.header("retry-after"), Some("901"));
    }

    #[test]
    fn signing_in_from_another_sites_page_is_refused() {
        let (world, _) = World::claimed();
        let foreign = Request::new(Method::POST, "/sign-in")
            .unwrap()
            .with_header("host", "localhost:3000")
            .with_header("origin", "http://evil.example");
        assert_eq!(
            block_on(sign_in(world.app(), &foreign, "ada@example.com", PASSWORD)).unwrap_err().slug(),
            "forged-request"
        );
    }

    #[test]
    fn signing_in_ends_the_session_that_the_browser_had() {
        let (world, planted) = World::claimed();
        let request = form("/sign-in", "").with_header("cookie", &planted);
        let signed_in = block_on(sign_in(world.app(), &request, "ada@example.com", PASSWORD)).unwrap();
        assert!(world.caller(&get("/").with_header("cookie", &planted)).is_err());
        assert!(world.caller(&get("/").with_header("cookie", &pair(signed_in.cookie()))).is_ok());
    }

    #[test]
    fn signing_out_ends_the_session_and_not_the_cookie_alone() {
        let (world, cookie) = World::claimed();
        let caller = world.caller(&get("/").with_header("cookie", &cookie)).unwrap();
        let cleared = block_on(sign_out(world.app(), &caller, &get("/"))).unwrap();
        assert!(cleared.starts_with("sid=; ") && cleared.contains("Max-Age=0"));
        assert_eq!(world.caller(&get("/").with_header("cookie", &cookie)).unwrap_err().slug(), "unauthorized");
    }

    #[test]
    fn a_new_password_needs_the_old_one_and_ends_every_other_session() {
        let (world, here) = World::claimed();
        let there = pair(&try_to_sign_in(&world, "ada@example.com", PASSWORD).unwrap());
        let caller = world.caller(&get("/").with_header("cookie", &here)).unwrap();
        let change = |old: &str, new: &str| {
            block_on(change_password(world.app(), &caller, &get("/"), old, new)).map_err(|problem| problem.slug())
        };
        assert_eq!(change("not the old one", "battery horse correct"), Err("invalid"));
        assert_eq!(change(PASSWORD, "short"), Err("invalid"));
        let fresh = pair(&change(PASSWORD, "battery horse correct").unwrap());
        for ended in [&here, &there] {
            assert!(world.caller(&get("/").with_header("cookie", ended)).is_err());
        }
        assert!(world.caller(&get("/").with_header("cookie", &fresh)).is_ok());
        assert!(try_to_sign_in(&world, "ada@example.com", "battery horse correct").is_ok());
        assert_eq!(try_to_sign_in(&world, "ada@example.com", PASSWORD), Err("unauthorized"));
    }
}
