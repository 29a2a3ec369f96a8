//! A fake provider that answers as it is told, and every way to misuse one.

use std::cell::RefCell;

use domain::Role;
use futures::executor::block_on;
use ports::{Http, HttpError, Ports, Response};
use serde_json::{Value, json};

use super::*;
use crate::Settings;
use crate::testing::{World, form, get, pair};

const ISSUER: &str = "https://id.example";

/// Answers like a provider.
struct Fake {
    discovery: Value,
    id_token: RefCell<Value>,
    userinfo: RefCell<Value>,
    asked: RefCell<Vec<ports::Request>>,
}

#[async_trait::async_trait(?Send)]
impl Http for Fake {
    async fn send(&self, request: ports::Request) -> Result<Response, HttpError> {
        let body = match request.url.as_str() {
            "https://id.example/.well-known/openid-configuration" => self.discovery.clone(),
            "https://id.example/token" => {
                json!({ "access_token": "at", "token_type": "Bearer", "id_token": token(&self.id_token.borrow()) })
            }
            "https://id.example/me" => self.userinfo.borrow().clone(),
            other => return Err(HttpError::NotSent(other.into())),
        };
        self.asked.borrow_mut().push(request);
        Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}

fn token(claims: &Value) -> String {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
    format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(claims))
}

/// A world with a provider, and where its browser was sent.
struct There {
    world: World,
    fake: Fake,
    owner: String,
}

struct Trip {
    cookie: String,
    state: String,
    nonce: String,
    query: Vec<(String, String)>,
}

impl There {
    fn new() -> Self {
        let (mut world, owner) = World::claimed();
        world.settings =
            Settings::of(&[("oidc_issuer", ISSUER), ("oidc_client_id", "rondo"), ("oidc_client_secret", "s:cret")]);
        let fake = Fake {
            discovery: json!({
                "issuer": ISSUER, "authorization_endpoint": "https://id.example/auth", "token_endpoint": "https://id.example/token",
                "userinfo_endpoint": "https://id.example/me", "authorization_response_iss_parameter_supported": true,
            }),
            id_token: RefCell::new(Value::Null),
            userinfo: RefCell::new(json!({ "sub": "42" })),
            asked: RefCell::default(),
        };
        Self { world, fake, owner }
    }

    fn app(&self) -> App<'_> {
        let app = self.world.app();
        App { ports: Ports { http: &self.fake, ..app.ports }, ..app }
    }

    fn ada(&self) -> Caller {
        self.world.caller(&get("/").with_header("cookie", &self.owner)).unwrap()
    }

    fn begin(&self, purpose: Purpose<'_>) -> Trip {
        let (url, cookie) = block_on(start(self.app(), &form("/sign-in/oidc", ""), purpose, "/campaigns")).unwrap();
        let url = url::Url::parse(&url).unwrap();
        let query: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let get = |name: &str| query.iter().find(|(found, _)| found == name).unwrap().1.clone();
        Trip { cookie: pair(&cookie), state: get("state"), nonce: get("nonce"), query }
    }

    fn says(&self, trip: &Trip, more: &Value) {
        let now_s = self.world.app().ports.clock.now_ms() / 1000;
        let mut claims = json!({ "iss": ISSUER, "aud": "rondo", "sub": "42", "exp": now_s + 300, "iat": now_s,
                                 "nonce": trip.nonce });
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        *self.fake.id_token.borrow_mut() = claims;
    }

    fn back(&self, trip: &Trip, caller: Option<&Caller>) -> Result<Arrival, &'static str> {
        let request = form(CALLBACK, "").with_header("cookie", &trip.cookie);
        let returned = Returned { code: "code", state: &trip.state, issuer: Some(ISSUER) };
        block_on(finish(self.app(), &request, caller, returned)).map_err(|problem| problem.slug())
    }

    /// A whole trip.
    fn sign_in(&self, more: &Value) -> Result<Caller, &'static str> {
        let trip = self.begin(Purpose::SignIn);
        self.says(&trip, more);
        let arrival = self.back(&trip, None)?;
        Ok(self.world.caller(&get("/").with_header("cookie", &pair(&arrival.cookies[0]))).unwrap())
    }

    fn invite(&self, email: Option<&str>) -> String {
        let (_, path) = block_on(joining::invite(self.app(), &self.ada(), Role::Editor, email)).unwrap();
        path.strip_prefix("/invitations/").unwrap().into()
    }
}

#[test]
fn the_browser_is_sent_with_pkce_state_and_nonce_and_the_code_is_redeemed_with_them() {
    let there = There::new();
    there.invite(Some("cleo@example.com"));
    let trip = there.begin(Purpose::SignIn);
    let get = |name: &str| trip.query.iter().find(|(found, _)| found == name).unwrap().1.as_str();
    assert_eq!((get("response_type"), get("code_challenge_method")), ("code", "S256"));
    assert_eq!(get("redirect_uri"), "http://localhost:3000/sign-in/oidc/callback");
    assert_eq!(get("code_challenge").len(), 43);
    there.says(&trip, &json!({ "email": "cleo@example.com", "email_verified": true, "name": "Cleo" }));
    there.back(&trip, None).unwrap();
    let asked = there.fake.asked.borrow();
    let redeemed = asked.iter().find(|request| request.method == "POST").unwrap();
    let body = String::from_utf8(redeemed.body.clone()).unwrap();
    assert!(body.contains("code=code&") && body.contains("code_verifier="), "{body}");
    assert!(!body.contains("cret"), "the secret goes into the header");
    let basic = redeemed.headers.iter().find(|(name, _)| name == "authorization").unwrap();
    assert_eq!(basic.1, "Basic cm9uZG86cyUzQWNyZXQ=", "form-encoded first, as RFC 6749 has it");
}

#[test]
fn nobody_comes_in_without_an_invitation() {
    let there = There::new();
    assert_eq!(there.sign_in(&json!({ "email": "eve@example.com", "email_verified": true })), Err("not-invited"));
    assert_eq!(there.sign_in(&json!({})), Err("not-invited"));
}

#[test]
fn an_invited_address_comes_in_once_it_is_verified_and_is_known_from_then_on() {
    let there = There::new();
    there.invite(Some("cleo@example.com"));
    let unverified =
        [json!({ "email": "cleo@example.com" }), json!({ "email": "cleo@example.com", "email_verified": "true" })];
    for claims in unverified {
        assert_eq!(there.sign_in(&claims), Err("not-invited"));
    }
    let cleo = there.sign_in(&json!({ "email": "CLEO@example.com", "email_verified": true, "name": "Cleo" })).unwrap();
    assert_eq!((cleo.name.as_str(), cleo.role), ("Cleo", Role::Editor));
    assert_eq!(there.sign_in(&json!({})).unwrap().actor, cleo.actor, "by subject, whatever the address is now");
    assert_eq!(
        there.sign_in(&json!({ "sub": "43", "email": "cleo@example.com", "email_verified": true })),
        Err("not-invited")
    );
}

#[test]
fn an_account_is_not_taken_over_by_its_address() {
    let there = There::new();
    assert_eq!(there.sign_in(&json!({ "email": "ada@example.com", "email_verified": true })), Err("not-invited"));
    there.invite(Some("ada@example.com"));
    assert_eq!(there.sign_in(&json!({ "email": "ada@example.com", "email_verified": true })), Err("not-invited"));
    let value = there.invite(None);
    let trip = there.begin(Purpose::Join(&value));
    there.says(&trip, &json!({ "email": "ada@example.com", "email_verified": true }));
    assert_eq!(there.back(&trip, None).unwrap_err(), "not-invited");
}

#[test]
fn a_signed_in_person_connects_their_own_account_and_then_signs_in_with_it() {
    let there = There::new();
    let ada = there.ada();
    let trip = there.begin(Purpose::Connect(&ada));
    there.says(&trip, &json!({}));
    assert_eq!(there.back(&trip, None).unwrap_err(), "unauthorized", "the session has ended meanwhile");
    let trip = there.begin(Purpose::Connect(&ada));
    there.says(&trip, &json!({}));
    let eve = Caller { actor: "eve".into(), ..ada.clone() };
    assert_eq!(there.back(&trip, Some(&eve)).unwrap_err(), "unauthorized", "another person's session");
    let trip = there.begin(Purpose::Connect(&ada));
    there.says(&trip, &json!({}));
    there.back(&trip, Some(&ada)).unwrap();
    assert_eq!(there.sign_in(&json!({})).unwrap().actor, ada.actor);
}

#[test]
fn a_link_lets_in_by_the_provider_with_its_role_once() {
    let there = There::new();
    let value = there.invite(None);
    let come = |sub: &str, email: &str| {
        let trip = there.begin(Purpose::Join(&value));
        there.says(&trip, &json!({ "sub": sub, "email": email, "email_verified": true }));
        there.back(&trip, None).map(|_| ())
    };
    assert_eq!(come("1", "one@example.com"), Ok(()));
    assert_eq!(come("2", "two@example.com"), Err("not-invited"));
    let members = block_on(store::people::member::list(&there.world.db, &there.ada().workspace_id)).unwrap();
    assert_eq!(members.len(), 2);
}

#[test]
fn a_new_account_has_no_password_that_anybody_could_guess() {
    let there = There::new();
    there.invite(Some("cleo@example.com"));
    there.sign_in(&json!({ "email": "cleo@example.com", "email_verified": true })).unwrap();
    for guess in ["none", "", crate::password::NONE] {
        let tried = block_on(crate::session::sign_in(there.app(), &form("/sign-in", ""), "cleo@example.com", guess));
        assert_eq!(tried.unwrap_err().slug(), "unauthorized");
    }
}

#[test]
fn what_comes_back_is_taken_once_and_from_the_browser_that_was_sent() {
    let there = There::new();
    there.invite(Some("cleo@example.com"));
    let verified = json!({ "email": "cleo@example.com", "email_verified": true });
    let (mine, theirs) = (there.begin(Purpose::SignIn), there.begin(Purpose::SignIn));
    there.says(&mine, &verified);
    let planted =
        Trip { cookie: theirs.cookie.clone(), state: mine.state.clone(), nonce: String::new(), query: Vec::new() };
    assert_eq!(there.back(&planted, None).unwrap_err(), "provider-failed", "another browser's state");
    let bare = Trip { cookie: "x=y".into(), state: mine.state.clone(), nonce: String::new(), query: Vec::new() };
    assert_eq!(there.back(&bare, None).unwrap_err(), "provider-failed");
    there.back(&mine, None).unwrap();
    assert_eq!(there.back(&mine, None).unwrap_err(), "provider-failed", "a second time");
    there.world.clock.advance(identity::ATTEMPT_MS);
    there.says(&theirs, &verified);
    assert_eq!(there.back(&theirs, None).unwrap_err(), "provider-failed", "too late");
}

#[test]
fn an_id_token_that_is_not_for_this_request_is_refused() {
    let there = There::new();
    let now_s = there.world.app().ports.clock.now_ms() / 1000;
    for (what, claims) in [
        ("issuer", json!({ "iss": "https://evil.example" })),
        ("issuer, almost", json!({ "iss": "https://id.example/" })),
        ("audience", json!({ "aud": "another" })),
        ("no audience", json!({ "aud": null })),
        ("two audiences, and the other's", json!({ "aud": ["rondo", "another"], "azp": "another" })),
        ("two audiences, and nobody's", json!({ "aud": ["rondo", "another"] })),
        ("expired", json!({ "exp": now_s - 61 })),
        ("no expiry", json!({ "exp": null })),
        ("from the future", json!({ "iat": now_s + 120 })),
        ("nonce", json!({ "nonce": "0".repeat(64) })),
        ("no nonce", json!({ "nonce": null })),
        ("no subject", json!({ "sub": "" })),
    ] {
        assert_eq!(there.sign_in(&claims), Err("provider-failed"), "{what}");
    }
    there.invite(Some("cleo@example.com"));
    let control =
        json!({ "aud": ["rondo", "another"], "azp": "rondo", "email": "cleo@example.com", "email_verified": true });
    assert!(there.sign_in(&control).is_ok());
}

#[test]
fn an_answer_of_another_provider_is_refused() {
    let there = There::new();
    for issuer in [None, Some("https://evil.example")] {
        let trip = there.begin(Purpose::SignIn);
        there.says(&trip, &json!({}));
        let request = form(CALLBACK, "").with_header("cookie", &trip.cookie);
        let returned = Returned { code: "code", state: &trip.state, issuer };
        assert_eq!(block_on(finish(there.app(), &request, None, returned)).unwrap_err().slug(), "provider-failed");
    }
}

#[test]
fn an_address_that_only_userinfo_tells_counts_if_it_speaks_of_the_same_person() {
    let there = There::new();
    there.invite(Some("cleo@example.com"));
    let info = |sub: &str| json!({ "sub": sub, "email": "cleo@example.com", "email_verified": true });
    *there.fake.userinfo.borrow_mut() = info("another");
    assert_eq!(there.sign_in(&json!({})), Err("provider-failed"));
    *there.fake.userinfo.borrow_mut() = info("42");
    assert!(there.sign_in(&json!({})).is_ok());
}

#[test]
fn a_provider_without_tls_is_refused_but_on_the_machine_itself() {
    for (issuer, expect) in
        [("http://id.example", "http"), ("http://127.0.0.1:1", "reached"), ("https://nowhere.example", "reached")]
    {
        let mut there = There::new();
        let pairs: [(&'static str, &str); 2] = [("oidc_issuer", issuer), ("oidc_client_id", "rondo")];
        there.world.settings = Settings::of(&pairs);
        let refused = block_on(start(there.app(), &form("/", ""), Purpose::SignIn, "/")).unwrap_err();
        assert!(refused.to_string().contains(expect), "{issuer}: {refused}");
    }
}

#[test]
fn a_provider_that_calls_itself_otherwise_or_sends_elsewhere_is_refused() {
    for (name, value) in [
        ("issuer", "https://evil.example"),
        ("authorization_endpoint", "http://id.example/auth"),
        ("token_endpoint", "file:///etc"),
    ] {
        let mut there = There::new();
        there.fake.discovery[name] = value.into();
        let refused = block_on(start(there.app(), &form("/", ""), Purpose::SignIn, "/")).unwrap_err();
        assert_eq!(refused.slug(), "provider-failed", "{name}");
    }
}
