//! Sign-in against a provider that nobody here wrote: oidc-provider, a certified one.
//!
//! ```sh
//! export RONDO_PEERS=… # any folder outside the repository
//! npm i --prefix "$RONDO_PEERS" oidc-provider@9.13.3
//! cargo test -p serve --test oidc_provider
//! ```
//!
//! Without it the test says that it was skipped and passes; where `RONDO_REQUIRE_PEERS` names `oidc-provider` (or is
//! `1`), that is a failure. The provider is started here, on a free port of the loopback, and ends with the test.

use std::collections::BTreeMap;

use domain::Role;
use ports::native::{NativeDb, NativeHttp, SeededEntropy, SystemClock};
use ports::{Http, NoWake, Ports, Request as HttpRequest, Response, Timeouts};
use serve::oidc::{self, Purpose, Returned};
use serve::session::{self, Owner};
use serve::{App, Caller, Method, Problem, Request, Settings, caller, joining};
use support::oidc_provider::{CLIENT_ID, CLIENT_SECRET, OidcProvider};

const HERE: &str = "http://localhost:3999";
const TIMEOUTS: Timeouts = Timeouts { connect_ms: 5_000, first_byte_ms: 20_000, between_bytes_ms: 5_000 };

/// An install whose provider is the peer.
struct World {
    db: NativeDb,
    http: NativeHttp,
    clock: SystemClock,
    entropy: SeededEntropy,
    settings: Settings,
}

impl World {
    async fn new(issuer: &str) -> (Self, String) {
        let issuer = issuer.to_string();
        let settings = Settings::new(move |name| match name {
            "oidc_issuer" => Some(issuer.clone()),
            "oidc_client_id" => Some(CLIENT_ID.into()),
            "oidc_client_secret" => Some(CLIENT_SECRET.into()),
            "setup_token" => Some("once".into()),
            _ => None,
        });
        let db = NativeDb::in_memory().unwrap();
        store::migrate::ensure(&db).await.unwrap();
        let world = Self {
            db,
            http: NativeHttp::new().unwrap(),
            clock: SystemClock::start(),
            entropy: SeededEntropy::new(u64::from(std::process::id())),
            settings,
        };
        let ada =
            Owner { email: "ada@home.example", name: "Ada", password: "four plain words here", workspace: "Home" };
        let cookie = session::claim(world.app(), &browser("/setup/once", &[]), "once", ada).await.unwrap();
        (world, pair(&cookie))
    }

    fn app(&self) -> App<'_> {
        let ports = Ports { db: &self.db, http: &self.http, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        App { ports, settings: &self.settings }
    }

    async fn caller(&self, cookie: &str) -> Caller {
        let request = Request::new(Method::GET, "/").unwrap().with_header("host", "localhost:3999");
        caller::of(self.app(), &request.with_header("cookie", cookie)).await.unwrap()
    }

    /// All the way to the provider, through its pages as this person, and back.
    async fn trip(&self, person: &str, purpose: Purpose<'_>, signed_in: Option<&Caller>) -> Result<String, Problem> {
        let (url, cookie) = oidc::start(self.app(), &browser("/sign-in/elsewhere", &[]), purpose, "/").await?;
        let query = self.at_the_provider(&url, person).await;
        let returned =
            Returned { code: &query["code"], state: &query["state"], issuer: query.get("iss").map(String::as_str) };
        let back = browser(oidc::CALLBACK, &[&pair(&cookie)]);
        let arrival = oidc::finish(self.app(), &back, signed_in, returned).await?;
        let again = oidc::finish(self.app(), &back, signed_in, returned).await.unwrap_err();
        assert_eq!(again.slug(), "provider-failed", "what came back is taken once");
        Ok(pair(&arrival.cookies[0]))
    }

    /// Signs in and consents, as a browser would, until the provider sends it back; answers what it is sent with.
    async fn at_the_provider(&self, url: &str, person: &str) -> BTreeMap<String, String> {
        let origin = url::Url::parse(url).unwrap().origin().ascii_serialization();
        let (mut url, mut cookies) = (url.to_string(), BTreeMap::<String, String>::new());
        for _ in 0..20 {
            let page = self.ask("GET", &url, &mut cookies, String::new()).await;
            let (mut location, text) = (page.header("location").map(str::to_owned), body(&page));
            if location.is_none() {
                let prompt = if text.contains("value=\"login\"") { "login" } else { "consent" };
                let form = format!("prompt={prompt}&login={person}&password=x");
                let answer = self.ask("POST", &url, &mut cookies, form).await;
                location = answer.header("location").map(str::to_owned);
            }
            let next = location.unwrap_or_else(|| panic!("neither a form nor a way on: {text}"));
            url = if next.starts_with('/') { format!("{origin}{next}") } else { next };
            if url.starts_with(HERE) {
                return url::Url::parse(&url).unwrap().query_pairs().into_owned().collect();
            }
        }
        panic!("the provider never sent the browser back");
    }

    async fn ask(
        &self,
        method: &'static str,
        url: &str,
        cookies: &mut BTreeMap<String, String>,
        form: String,
    ) -> Response {
        let jar: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut headers = vec![("cookie".into(), jar.join("; "))];
        if method == "POST" {
            headers.push(("content-type".into(), "application/x-www-form-urlencoded".into()));
        }
        let request = HttpRequest {
            method,
            url: url.into(),
            headers,
            body: form.into_bytes(),
            timeouts: TIMEOUTS,
            response_bytes_max: 1 << 20,
        };
        let answer = self.http.send(request).await.unwrap();
        for (_, set) in answer.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            cookies.insert(name.into(), value.into());
        }
        answer
    }
}

fn body(response: &Response) -> String {
    String::from_utf8_lossy(&response.body).into_owned()
}

fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().into()
}

fn browser(target: &str, cookies: &[&str]) -> Request {
    Request::new(Method::POST, target)
        .unwrap()
        .with_header("host", "localhost:3999")
        .with_header("origin", HERE)
        .with_header("cookie", &cookies.join("; "))
}

#[tokio::test]
async fn people_come_in_by_a_real_provider_if_they_are_invited_and_not_otherwise() {
    let Some(peer) = OidcProvider::start_or_skip(&format!("{HERE}{}", oidc::CALLBACK)) else { return };
    let (world, cookie) = World::new(&peer.issuer).await;
    let ada = world.caller(&cookie).await;

    let stranger = world.trip("mallory", Purpose::SignIn, None).await.unwrap_err();
    assert_eq!(stranger.slug(), "not-invited");

    joining::invite(world.app(), &ada, Role::Approver, Some("cleo@example.com")).await.unwrap();
    let cleo = world.caller(&world.trip("cleo", Purpose::SignIn, None).await.unwrap()).await;
    assert_eq!((cleo.name.as_str(), cleo.role), ("cleo", Role::Approver));
    let again = world.caller(&world.trip("cleo", Purpose::SignIn, None).await.unwrap()).await;
    assert_eq!(again.actor, cleo.actor);

    joining::invite(world.app(), &ada, Role::Editor, Some("eve@example.com")).await.unwrap();
    let unverified = world.trip("eve", Purpose::SignIn, None).await.unwrap_err();
    assert_eq!(unverified.slug(), "not-invited", "the provider has not verified her address");

    world.trip("ada-elsewhere", Purpose::Connect(&ada), Some(&ada)).await.unwrap();
    let connected = world.caller(&world.trip("ada-elsewhere", Purpose::SignIn, None).await.unwrap()).await;
    assert_eq!(connected.actor, ada.actor);
}
