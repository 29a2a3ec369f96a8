//! Signing in by an OpenID Connect provider: authorization code with PKCE, state and nonce bound to the browser.
//!
//! The ID token comes straight from the token endpoint over TLS, so that its issuer is known by the connection
//! (OpenID Connect Core, 3.1.3.7, rule 6): its signature is not verified, and no public-key code is carried for it.
//! Everything else is: issuer, audience, authorised party, expiry, nonce. Hence `http` is refused, but on the
//! machine itself.
//!
//! Nobody comes in without an account or an invitation, and an e-mail address alone never opens an account that is
//! there already: its owner connects it, signed in.

mod claims;
mod provider;

use ports::DbError;
use store::people::identity::{self, Attempt};
use store::people::{invitation, user};
use store::secret;

use crate::caller::same_origin;
use crate::session::{SignedIn, begin_or_ask, link, named, set_cookie};
use crate::{App, Caller, Problem, Request, joining};

pub use claims::Claims;
use provider::Provider;

/// The cookie of a browser that is at the provider.
const COOKIE: &str = "oidc";
/// Where the provider sends browsers back to.
pub const CALLBACK: &str = "/sign-in/oidc/callback";

/// What signing in at the provider is for.
#[derive(Clone, Copy, Debug)]
pub enum Purpose<'a> {
    /// To sign in.
    SignIn,
    /// To accept the invitation with this secret.
    Join(&'a str),
    /// To connect the account of a signed-in person.
    Connect(&'a Caller),
}

/// Whether there is a provider.
pub fn is_on(app: App<'_>) -> bool {
    Provider::set(app).is_some()
}

/// What people call the provider: its host.
pub fn name(app: App<'_>) -> Option<String> {
    Provider::set(app).map(|provider| provider.host())
}

/// Where to send the browser, and the cookie that binds it to what comes back.
pub async fn start(
    app: App<'_>,
    request: &Request,
    purpose: Purpose<'_>,
    next: &str,
) -> Result<(String, String), Problem> {
    same_origin(app.settings, request)?;
    let provider = Provider::set(app).ok_or_else(|| request.no_route())?;
    let known = provider.discover(app).await?;
    let (state, browser) = (secret::new(app.ports.entropy), secret::new(app.ports.entropy));
    let attempt = Attempt {
        user_id: match purpose {
            Purpose::Connect(caller) => Some(caller.person()?.into()),
            _ => None,
        },
        invitation_sha256: match purpose {
            Purpose::Join(value) => Some(secret::sha256(value)),
            _ => None,
        },
        next: next.into(),
    };
    let hashes = (secret::sha256(&state), secret::sha256(&browser));
    identity::begin(app.ports.db, app.ports.clock.pinned_ms(), (&hashes.0, &hashes.1), &attempt).await?;
    let url = known.authorization_url(&provider, &redirect_uri(app, request), &state, &Bound::of(&browser));
    let cookie = set_cookie(app.settings, request, COOKIE, &browser, identity::ATTEMPT_MS / 1000);
    Ok((url, cookie))
}

/// What is derived from the browser's secret, so that no database holds it.
struct Bound {
    verifier: String,
    nonce: String,
}

impl Bound {
    fn of(browser: &str) -> Self {
        Self {
            verifier: secret::sha256(&format!("verifier:{browser}")),
            nonce: secret::sha256(&format!("nonce:{browser}")),
        }
    }
}

fn redirect_uri(app: App<'_>, request: &Request) -> String {
    link(app, request, CALLBACK)
}

/// What the provider sent the browser back with.
#[derive(Clone, Copy, Debug)]
pub struct Returned<'a> {
    /// The code.
    pub code: &'a str,
    /// The state.
    pub state: &'a str,
    /// The issuer (RFC 9207).
    pub issuer: Option<&'a str>,
}

/// Somebody who came back.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The cookies to set.
    pub cookies: Vec<String>,
    /// Whether a code is needed as well.
    pub needs_second_step: bool,
    /// The page to go to.
    pub next: String,
}

/// Takes the code, once, and lets them in, if there is an account or an invitation for them. `caller`: who is signed
/// in in this browser.
pub async fn finish(
    app: App<'_>,
    request: &Request,
    caller: Option<&Caller>,
    returned: Returned<'_>,
) -> Result<Arrival, Problem> {
    same_origin(app.settings, request)?;
    let provider = Provider::set(app).ok_or_else(|| request.no_route())?;
    let foreign = || Problem::ProviderFailed { complaint: "it took too long, or was begun in another browser" };
    let browser = request.cookie(&named(app.settings, request, COOKIE)).ok_or_else(foreign)?;
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    let taken = identity::take(db, pinned_ms, &secret::sha256(returned.state), &secret::sha256(browser)).await?;
    let attempt = taken.ok_or_else(foreign)?;
    let known = provider.discover(app).await?;
    known.check_issuer(returned.issuer)?;
    let bound = Bound::of(browser);
    let tokens = known.redeem(app, &provider, returned.code, &redirect_uri(app, request), &bound.verifier).await?;
    let now_s = app.ports.clock.now_ms().div_euclid(1000);
    let claims = Claims::read(&tokens.id_token, &provider, &bound.nonce, now_s)?;
    let claims = known.with_userinfo(app, claims, tokens.access_token.as_deref()).await?;
    let gone = set_cookie(app.settings, request, COOKIE, "", 0);
    if let Some(user_id) = &attempt.user_id {
        connect(app, caller, user_id, &provider.issuer, &claims).await?;
        return Ok(Arrival { cookies: vec![gone], needs_second_step: false, next: attempt.next });
    }
    let signed_in = arrive(app, request, &provider.issuer, &claims, attempt.invitation_sha256.as_deref()).await?;
    Ok(Arrival {
        needs_second_step: matches!(signed_in, SignedIn::SecondStep(_)),
        cookies: vec![signed_in.cookie().into(), gone],
        next: attempt.next,
    })
}

/// Connects the account of who is signed in: the person who began, and nobody else.
async fn connect(
    app: App<'_>,
    caller: Option<&Caller>,
    user_id: &str,
    issuer: &str,
    claims: &Claims,
) -> Result<(), Problem> {
    if caller.and_then(|caller| caller.person().ok()) != Some(user_id) {
        return Err(Problem::Unauthorized { complaint: "sign in again, then connect your account" });
    }
    let connected =
        identity::connect(app.ports.db, app.ports.clock.pinned_ms(), (issuer, &claims.subject), user_id).await;
    match connected {
        Err(DbError::Conflict(_)) => {
            let owner = identity::user_of(app.ports.db, issuer, &claims.subject).await?;
            if owner.as_deref() == Some(user_id) { Ok(()) } else { Err(Problem::AlreadyExists) }
        }
        other => Ok(other?),
    }
}

/// Disconnects a person's account from the provider. Who has no password would be locked out, and is told so.
pub async fn disconnect(app: App<'_>, user_id: &str) -> Result<(), Problem> {
    let provider = Provider::set(app).ok_or(Problem::WrongState)?;
    let user = user::find(app.ports.db, user_id).await?;
    if user.is_none_or(|user| user.password_hash == crate::password::NONE) {
        return Err(Problem::invalid("password", "must be there first; ask an owner for a link to choose one"));
    }
    identity::disconnect(app.ports.db, &provider.issuer, user_id).await?;
    Ok(())
}

/// Lets somebody in whom the provider knows: by their account, or by an invitation.
async fn arrive(
    app: App<'_>,
    request: &Request,
    issuer: &str,
    claims: &Claims,
    invitation_sha256: Option<&str>,
) -> Result<SignedIn, Problem> {
    let (db, pinned_ms) = (app.ports.db, app.ports.clock.pinned_ms());
    if let Some(user_id) = identity::user_of(db, issuer, &claims.subject).await? {
        let user = user::find(db, &user_id).await?.ok_or(Problem::NotInvited)?;
        let joined = match invitation_sha256 {
            Some(sha256) => joining::join_known(app, &user, sha256).await?,
            None => None,
        };
        return begin_or_ask(app, request, &user, joined.as_deref()).await;
    }
    // A new account takes an address that the provider has verified; without one there is nobody to invite.
    let email = claims.verified_email.as_deref().ok_or(Problem::NotInvited)?;
    let sha256 = match invitation_sha256 {
        Some(sha256) => Some(sha256.to_string()),
        None => invitation::open_for(db, pinned_ms, email).await?,
    };
    let sha256 = sha256.ok_or(Problem::NotInvited)?;
    let name = claims.name.as_deref().unwrap_or(email);
    let joined = joining::join_by_provider(app, request, &sha256, (email, name), (issuer, &claims.subject)).await?;
    joined.ok_or(Problem::NotInvited)
}

#[cfg(test)]
mod tests;
