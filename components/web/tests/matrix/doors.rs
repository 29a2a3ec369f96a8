//! Hostile text at the doors: claiming the install, the second step, and a provider of sign-in that lies.

use std::cell::RefCell;

use futures::executor::block_on;
use ports::{Http, HttpError, Ports, Response};
use serde_json::{Value, json};
use serve::{App, Method, Reply, Request, Settings, totp};

use super::browser;
use super::escaped::{check, only_text};
use super::hostile_text::{DEEP, long, payloads};
use super::matrix::{INVITATION, Worlds};
use super::seed::{self, SETUP_TOKEN, World};
use super::{answer, places};

/// Every payload, and a very long one.
fn all() -> Vec<(&'static str, String)> {
    let mut all = payloads();
    all.push(("100 KB", long()));
    all
}

/// The cookie that an answer sets.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").expect("a cookie is set");
    set.split(';').next().unwrap().into()
}

/// The form on a page that is sent to this path, with hostile text in one of its fields, hidden ones as well.
fn sent_with(page: &Reply, action: &str, field: &str, payload: &str) -> browser::Form {
    let mut form = browser::forms(&page.text(), action).into_iter().find(|form| form.action == action).unwrap();
    assert!(form.control(field).is_some(), "{action} has no {field}");
    form.fill(field, payload);
    form
}

#[test]
fn an_install_is_claimed_with_any_name_and_with_nothing_lost() {
    let path = format!("/setup/{SETUP_TOKEN}");
    let mut fresh = World::fresh();
    for field in ["name", "email", "password", "workspace"] {
        for (name, payload) in all() {
            let page = places::get(&fresh, &path, "");
            let mut form = browser::forms(&page.text(), &path).remove(0);
            for (name, value) in
                [("name", "Ada"), ("email", "a@b.example"), ("password", seed::PASSWORD), ("workspace", "W")]
            {
                form.fill(name, value);
            }
            form.fill(field, &payload);
            let reply = answer(&fresh, &form.request("", &[]));
            check(&reply).unwrap_or_else(|fault| panic!("{field} ({name}): {fault}"));
            if reply.status.is_client_error() {
                let text = reply.text();
                assert!(text.contains("aria-invalid=\"true\""), "{field} ({name}): nothing is marked");
                assert!(field == "password" || browser::shows(&text, &readable(&payload)), "{field} ({name}) is lost");
                assert!(field != "password" || !text.contains(&payload), "a password is sent back");
                continue;
            }
            let owner = cookie(&reply);
            for page in ["/", "/settings", "/settings/members", "/history", "/stage/home", "/stage/home/atom.xml"] {
                let seen = places::get(&fresh, page, &owner);
                check(&seen).unwrap_or_else(|fault| panic!("{field} ({name}) on {page}: {fault}"));
            }
            fresh = World::fresh();
        }
    }
}

/// What can be written on a page of it.
fn readable(payload: &str) -> String {
    payload.chars().filter(|c| !domain::text::is_unwritable(*c)).collect()
}

/// The secret that the page of enrolment shows, and the code of its present period.
fn present_code(world: &World, page: &Reply) -> String {
    let text = page.text();
    let shown = text.split("<code>").nth(1).unwrap().split("</code>").next().unwrap().replace(' ', "");
    let mut bits = shown.bytes().flat_map(|letter| {
        let value = if letter.is_ascii_digit() { letter - b'2' + 26 } else { letter - b'A' };
        (0..5).rev().map(move |at| (value >> at) & 1)
    });
    let mut secret = Vec::new();
    while let (true, byte) = (0..8).fold((true, 0_u8), |(whole, byte), _| match bits.next() {
        Some(bit) => (whole, byte << 1 | bit),
        None => (false, byte),
    }) {
        secret.push(byte);
    }
    totp::code(&secret, world.app().ports.clock.now_ms() / 1000 / 30)
}

#[test]
fn no_code_and_no_password_of_the_second_step_does_anything_but_be_wrong() {
    let worlds = Worlds::new("web-second-step");
    let owner = &worlds.callers[1];
    let post = |world: &World, path: &str, fields: &[(&str, &str)]| {
        let fields = fields.iter().copied().chain([("csrf", owner.csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = World::request(Method::POST, path).with_header("cookie", &owner.cookie);
        answer(world, &request.with_body("application/x-www-form-urlencoded", body))
    };
    for (name, payload) in all() {
        let world = worlds.copy();
        let enrol = post(&world, "/settings/security/second-factor", &[]);
        let confirm = "/settings/security/second-factor/confirmation";
        let wrong = answer(&world, &sent_with(&enrol, confirm, "code", &payload).request(&owner.cookie, &[]));
        check(&wrong).unwrap_or_else(|fault| panic!("a first code ({name}): {fault}"));
        assert!(wrong.status.is_client_error() && !wrong.text().contains(&payload), "a code comes back ({name})");
        let code = present_code(&world, &enrol);
        let on = answer(&world, &sent_with(&enrol, confirm, "code", &code).request(&owner.cookie, &[]));
        assert!(on.status.is_success() && on.text().contains("recovery codes"), "{}", on.text());

        let page = places::get(&world, "/settings/security", &owner.cookie);
        let removal = "/settings/security/second-factor/removal";
        let kept = answer(&world, &sent_with(&page, removal, "off_password", &payload).request(&owner.cookie, &[]));
        check(&kept).unwrap_or_else(|fault| panic!("the password that turns it off ({name}): {fault}"));
        assert!(kept.status.is_client_error() && !kept.text().contains(&payload), "a password comes back ({name})");

        let half = post(&world, "/sign-in", &[("email", "owner@people.example"), ("password", seed::PASSWORD)]);
        let half = cookie(&half);
        for field in ["code", "next"] {
            let page = places::get(&world, "/sign-in/code?next=/", &half);
            let reply = answer(&world, &sent_with(&page, "/sign-in/code", field, &payload).request(&half, &[]));
            check(&reply).unwrap_or_else(|fault| panic!("{field} of the second step ({name}): {fault}"));
            assert!(reply.status.is_client_error(), "{field} ({name}) lets in");
        }
    }
}

const ISSUER: &str = "https://id.example";

/// A provider that says of people what it is told to.
struct Liar(RefCell<Value>);

#[async_trait::async_trait(?Send)]
impl Http for Liar {
    async fn send(&self, request: ports::Request) -> Result<Response, HttpError> {
        let body = match request.url.as_str() {
            "https://id.example/.well-known/openid-configuration" => {
                json!({ "issuer": ISSUER, "authorization_endpoint": "https://id.example/auth", "token_endpoint": "https://id.example/token" })
            }
            "https://id.example/token" => {
                let part = |value: &Value| base64url(value.to_string().as_bytes());
                let token = format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(&self.0.borrow()));
                json!({ "access_token": "at", "token_type": "Bearer", "id_token": token })
            }
            other => return Err(HttpError::NotSent(other.into())),
        };
        Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() })
    }
}

/// RFC 4648, without padding.
fn base64url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let all = three.iter().fold(0_u32, |all, byte| all << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for at in 0..=three.len() {
            text.push(char::from(LETTERS[(all >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

/// A world with that provider.
struct Elsewhere {
    world: World,
    liar: Liar,
    settings: Settings,
}

impl Elsewhere {
    fn of(world: World) -> Self {
        let settings = [("oidc_issuer", ISSUER), ("oidc_client_id", "rondo"), ("oidc_client_secret", "s")];
        Self { world, liar: Liar(RefCell::default()), settings: Settings::of(&settings) }
    }

    fn send(&self, request: &Request) -> Reply {
        let app = self.world.app();
        let app = App { ports: Ports { http: &self.liar, ..app.ports }, settings: &self.settings };
        block_on(web::answer(app, request)).unwrap()
    }

    fn post(&self, path: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = World::request(Method::POST, path).with_header("cookie", cookie);
        self.send(&request.with_body("application/x-www-form-urlencoded", body))
    }

    /// To the provider and back, which says this of the person. `next`: where they wanted to go.
    fn trip(&self, next: &str, says: &Value) -> Reply {
        let gone = self.post("/sign-in/elsewhere", "", &[("next", next), ("invitation", INVITATION)]);
        if !gone.status.is_success() {
            return gone;
        }
        // The one page that leads elsewhere, and to the provider alone.
        let text = gone.text();
        let to = text.split("href=\"https://").nth(1).and_then(|rest| rest.split('"').next()).expect("it leads there");
        let to = url::Url::parse(&format!("https://{}", to.replace("&amp;", "&"))).unwrap();
        assert_eq!(to.host_str(), Some("id.example"), "{to}");
        let of = |name: &str| to.query_pairs().find(|(found, _)| found == name).unwrap().1.into_owned();
        let now_s = self.world.app().ports.clock.now_ms() / 1000;
        let mut claims = json!({ "iss": ISSUER, "aud": "rondo", "sub": "42", "exp": now_s + 300, "iat": now_s,
                                 "nonce": of("nonce"), "email": "cleo@c.example", "email_verified": true });
        claims.as_object_mut().unwrap().extend(says.as_object().unwrap().clone());
        *self.liar.0.borrow_mut() = claims;
        let back = World::request(Method::GET, &format!("/sign-in/oidc/callback?code=c&state={}", of("state")));
        let page = self.send(&back);
        check(&page).unwrap();
        let form = browser::forms(&page.text(), "/").remove(0);
        let fields: Vec<(String, String)> = form.fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.post(&form.action, &cookie(&gone), &fields)
    }
}

#[test]
fn a_provider_that_lies_about_people_puts_nothing_on_a_page_but_text() {
    let worlds = Worlds::new("web-liar");
    let owner = &worlds.callers[1];
    let (mut taken, mut shown) = (0, 0);
    for (name, payload) in all() {
        for claim in ["sub", "email", "name"] {
            let there = Elsewhere::of(worlds.copy());
            let reply = there.trip(&payload, &json!({ claim: payload }));
            // It may have failed at what it is for; then that is said, and nothing else.
            assert!(
                reply.status.as_u16() == 502 || !reply.status.is_server_error(),
                "{claim} ({name}): {}",
                reply.status
            );
            only_text(&reply).unwrap_or_else(|fault| panic!("{claim} ({name}): {fault}"));
            if reply.status.as_u16() != 303 {
                continue;
            }
            taken += 1;
            for page in ["/settings/members", "/history", "/approvals/policy", "/posts/bakery-9"] {
                let seen = places::get(&there.world, page, &owner.cookie);
                check(&seen).unwrap_or_else(|fault| panic!("{claim} ({name}) on {page}: {fault}"));
                shown += usize::from(claim == "name" && payload == DEEP && browser::shows(&seen.text(), &payload));
            }
        }
    }
    assert!(taken > 10 && shown > 1, "{taken} were let in, and {shown} pages showed a name");
}

#[test]
fn whatever_a_browser_comes_back_with_is_only_text() {
    let there = Elsewhere::of(Worlds::new("web-returned").copy());
    for (name, payload) in payloads() {
        let escaped: String = url::form_urlencoded::byte_serialize(payload.as_bytes()).collect();
        for field in ["code", "state", "iss"] {
            let query =
                ["code", "state", "iss"].map(|one| format!("{one}={}", if one == field { &escaped } else { "x" }));
            // An address with a zero byte comes no further than this.
            if let Ok(back) = Request::new(Method::GET, &format!("/sign-in/oidc/callback?{}", query.join("&"))) {
                check(&there.send(&back)).unwrap_or_else(|fault| panic!("{field} ({name}): {fault}"));
            }
            let sent = [("code", "x"), ("state", "x"), (field, payload.as_str())];
            let reply = there.post("/sign-in/oidc/callback", "", &sent);
            assert!(
                reply.status.is_client_error() || reply.status.as_u16() == 502,
                "{field} ({name}): {}",
                reply.status
            );
            assert!(!reply.text().contains(&payload), "{field} ({name}) comes back");
        }
    }
}
