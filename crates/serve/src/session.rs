//! Signing in, out, and claiming a fresh install; the cookie and its rules.

use http::Method;
use ports::DbError;
use store::people::claim::{self, Claim};
use store::people::sign_in::{self, Key};
use store::people::{session, user};
use store::secret;
use subtle::ConstantTimeEq;
use url::Url;

use crate::caller::{Via, same_origin};
use crate::{App, Caller, Problem, Request, Settings, id, password};

/// The cookie where the site is reached by https. `__Host-` binds it to this host, this path and https.
pub const COOKIE: &str = "__Host-sid";
/// The cookie on `http://localhost`, where browsers keep no `Secure` one.
pub const COOKIE_LOCAL: &str = "sid";

/// The one cookie that counts on this site.
pub fn cookie_name(settings: &Settings, request: &Request) -> &'static str {
    if is_plain_local(settings, request) { COOKIE_LOCAL } else { COOKIE }
}

/// Plain http on the machine itself: by the public URL, or where that is not set by the host that was asked for.
fn is_plain_local(settings: &Settings, request: &Request) -> bool {
    let origin =
        settings.public_url().unwrap_or_else(|| format!("http://{}", request.header("host").unwrap_or_default()));
    Url::parse(&origin)
        .is_ok_and(|url| url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]")))
}

fn cookie(settings: &Settings, request: &Request, value: &str, max_age_s: i64) -> String {
    let name = cookie_name(settings, request);
    let secure = if name == COOKIE { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}")
}

/// Signs somebody in and answers the cookie to set. Slows guessing down by account and by address.
pub async fn sign_in(app: App<'_>, request: &Request, email: &str, given: &str) -> Result<String, Problem> {
    same_origin(app.settings, request)?;
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let keys = [Key::Address(&request.client_addr), Key::Account(email)];
    for key in keys {
        if let Some(left_ms) = sign_in::attempt(db, pinned_ms, key).await? {
            let after_s = u32::try_from(left_ms.div_euclid(1000) + 1).unwrap_or(u32::MAX);
            return Err(Problem::RateLimited { after_s });
        }
    }
    let found = user::by_email(db, email.trim()).await?;
    let right = password::is_right(found.as_ref().map(|user| user.password_hash.as_str()), given);
    let (Some(user), true) = (found, right) else {
        return Err(Problem::Unauthorized { complaint: "e-mail address or password is wrong" });
    };
    for key in keys {
        sign_in::succeeded(db, key).await?;
    }
    let workspace_id = user.workspace_id.as_deref().unwrap_or_default();
    begin(app, request, &user.id, workspace_id).await
}

/// Begins a session; the one that the browser had before ends, so that no planted cookie lives on.
async fn begin(app: App<'_>, request: &Request, user_id: &str, workspace_id: &str) -> Result<String, Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    if let Some(old) = request.cookie(cookie_name(app.settings, request)) {
        let old = secret::sha256(old);
        if let Some(session) = session::find(db, pinned_ms, &old).await? {
            session::revoke(db, &session.user_id, &old).await?;
        }
    }
    let (value, csrf) = (secret::new(app.ports.entropy), secret::new(app.ports.entropy));
    if !session::create(db, pinned_ms, &secret::sha256(&value), &csrf, user_id, workspace_id).await? {
        return Err(Problem::Unauthorized {
            complaint: "you are no member of any workspace; ask an owner or admin to add you",
        });
    }
    Ok(cookie(app.settings, request, &value, session::LIFETIME_MS / 1000))
}

/// Ends the caller's session and answers the cookie that clears theirs.
pub async fn sign_out(app: App<'_>, caller: &Caller, request: &Request) -> Result<String, Problem> {
    if let Via::Session { sha256, .. } = &caller.via {
        session::revoke(app.ports.db, &caller.actor, sha256).await?;
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

/// Changes the caller's password, ends their other sessions, and answers the new cookie of this one.
pub async fn change_password(
    app: App<'_>,
    caller: &Caller,
    request: &Request,
    old: &str,
    new: &str,
) -> Result<String, Problem> {
    let Via::Session { sha256, .. } = &caller.via else {
        return Err(Problem::Unauthorized { complaint: "sign in with your password to change it" });
    };
    password::check("password", new)?;
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let user = user::find(db, &caller.actor).await?;
    let user = user.ok_or_else(|| Problem::NotFound { what: "user", id: caller.actor.clone() })?;
    if let Some(left_ms) = sign_in::attempt(db, pinned_ms, Key::Account(&user.email)).await? {
        return Err(Problem::RateLimited { after_s: u32::try_from(left_ms.div_euclid(1000) + 1).unwrap_or(u32::MAX) });
    }
    if !password::is_right(Some(&user.password_hash), old) {
        return Err(Problem::invalid("old_password", "is not your present password"));
    }
    sign_in::succeeded(db, Key::Account(&user.email)).await?;
    let hash = password::hash(app.ports.entropy, new)?;
    if !user::set_password(db, &user.id, &user.password_hash, &hash).await? {
        return Err(Problem::AlreadyDecided);
    }
    let (value, csrf) = (secret::new(app.ports.entropy), secret::new(app.ports.entropy));
    let fresh = secret::sha256(&value);
    session::rotate(db, sha256, &fresh, &csrf).await?;
    session::revoke_others(db, &user.id, &fresh).await?;
    Ok(cookie(app.settings, request, &value, session::LIFETIME_MS / 1000))
}

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

/// Longest name of a person or a workspace, in characters.
const NAME_CHARS_MAX: usize = 200;
/// Longest e-mail address, in characters.
const EMAIL_CHARS_MAX: usize = 254;

fn check_owner(owner: Owner<'_>) -> Result<(), Problem> {
    let mut complaints = Vec::new();
    let mut add = |problem: Problem| complaints.extend_from_slice(problem.complaints());
    for (field, text) in [("name", owner.name), ("workspace", owner.workspace)] {
        if text.trim().is_empty() || text.trim().chars().count() > NAME_CHARS_MAX {
            add(Problem::invalid(field, format!("must have 1 to {NAME_CHARS_MAX} characters")));
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

/// Whether it can be an address. Only a mail that arrives would tell.
pub fn check_email(field: &str, email: &str) -> Result<(), Problem> {
    let email = email.trim();
    let could_be = email.chars().count() <= EMAIL_CHARS_MAX
        && !email.contains(char::is_whitespace)
        && email
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if could_be { Ok(()) } else { Err(Problem::invalid(field, "is no e-mail address; it needs an `@` in between")) }
}

/// Compares secrets without telling by time where they differ.
pub(crate) fn same_secret(one: &str, other: &str) -> bool {
    // Of equal length whatever was sent.
    secret::sha256(one).as_bytes().ct_eq(secret::sha256(other).as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use store::people::sign_in::{ACCOUNT_FREE, ADDRESS_FREE, BLOCK_MS_MAX};

    use super::*;
    use crate::testing::{PASSWORD, SETUP_TOKEN, World, form, get, owner, pair};

    fn try_to_sign_in(world: &World, email: &str, password: &str) -> Result<String, &'static str> {
        block_on(sign_in(world.app(), &form("/sign-in", ""), email, password)).map_err(|problem| problem.slug())
    }

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
        let cookie = block_on(sign_in(world.app(), &request, "ada@example.com", PASSWORD)).unwrap();
        assert!(world.caller(&get("/").with_header("cookie", &planted)).is_err());
        assert!(world.caller(&get("/").with_header("cookie", &pair(&cookie))).is_ok());
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

    #[test]
    fn the_cookie_is_bound_to_https_and_host_but_on_the_machine_itself() {
        let check = |public_url: &str, host: &str, expect: &str| {
            let settings = Settings::of(&[("public_url", public_url)]);
            let request = Request::new(Method::GET, "/").unwrap().with_header("host", host);
            assert_eq!(cookie_name(&settings, &request), expect, "{public_url} {host}");
            assert_eq!(cookie(&settings, &request, "x", 1).contains("; Secure"), expect == COOKIE);
            assert!(cookie(&settings, &request, "x", 1).contains("; HttpOnly; SameSite=Lax"));
        };
        check("", "localhost:3000", COOKIE_LOCAL);
        check("", "127.0.0.1:3000", COOKIE_LOCAL);
        check("", "[::1]:3000", COOKIE_LOCAL);
        check("", "rondo.example", COOKIE);
        check("", "localhost.evil.example", COOKIE);
        check("", "", COOKIE);
        check("https://rondo.example", "127.0.0.1:3000", COOKIE);
        check("http://localhost:3000", "rondo.example", COOKIE_LOCAL);
    }
}
