//! What the tests of this crate start from: a claimed install, a clock that stands, browsers and programs.

use domain::Role;
use futures::executor::block_on;
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{NoHttp, NoWake, Ports};
use store::people::api_token::{self, ApiToken};
use store::{migrate, secret};

use crate::session::{self, Owner};
use crate::{App, Caller, Method, Problem, Request, Settings, caller};

/// The owner's password.
pub const PASSWORD: &str = "correct horse battery";
/// What claims the install.
pub const SETUP_TOKEN: &str = "one-time-link";

/// A world of its own for one test.
pub struct World {
    pub db: NativeDb,
    pub clock: SettableClock,
    pub entropy: SeededEntropy,
    pub settings: Settings,
}

impl World {
    /// Nobody has claimed it.
    pub fn fresh() -> Self {
        Self::with(&[("setup_token", SETUP_TOKEN)])
    }

    /// With these settings.
    pub fn with(settings: &[(&'static str, &str)]) -> Self {
        let db = NativeDb::in_memory().unwrap();
        block_on(migrate::ensure(&db)).unwrap();
        Self {
            db,
            clock: SettableClock::at(1_800_000_000_000),
            entropy: SeededEntropy::new(1),
            settings: Settings::of(settings),
        }
    }

    /// Ada has claimed it, and this is the cookie of her browser.
    pub fn claimed() -> (Self, String) {
        let world = Self::fresh();
        let cookie = block_on(session::claim(world.app(), &form("/setup/x", ""), SETUP_TOKEN, owner())).unwrap();
        (world, pair(&cookie))
    }

    pub fn app(&self) -> App<'_> {
        let ports = Ports { db: &self.db, http: &NoHttp, clock: &self.clock, entropy: &self.entropy, wake: &NoWake };
        App { ports, settings: &self.settings }
    }

    /// Who the request comes from.
    pub fn caller(&self, request: &Request) -> Result<Caller, Problem> {
        block_on(caller::of(self.app(), request))
    }

    /// A new API token with this role.
    pub fn token(&self, role: Role) -> String {
        let value = secret::new(&self.entropy);
        let workspace = block_on(store::people::workspace::first(&self.db)).unwrap();
        let token = ApiToken {
            workspace_id: workspace.id,
            id: crate::id(self.app()),
            name: "a script".into(),
            role,
            scopes: None,
            created_by: "ada".into(),
            person: None,
            created_at: 1,
            expires_at: None,
            used_at: None,
            revoked_at: None,
        };
        block_on(api_token::create(&self.db, &token, &secret::sha256(&value))).unwrap();
        value
    }
}

/// Who claims it.
pub fn owner() -> Owner<'static> {
    Owner { email: "ada@example.com", name: "Ada", password: PASSWORD, workspace: "Hill & Sons" }
}

/// `name=value` of a cookie as it was set.
pub fn pair(set_cookie: &str) -> String {
    set_cookie.split(';').next().unwrap().into()
}

/// A form that a browser on this machine sends from our page.
pub fn form(target: &str, body: &str) -> Request {
    let mut request = Request::new(Method::POST, target)
        .unwrap()
        .with_body("application/x-www-form-urlencoded", body)
        .with_header("host", "localhost:3000")
        .with_header("origin", "http://localhost:3000")
        .with_header("sec-fetch-site", "same-origin");
    request.client_addr = "192.0.2.1".into();
    request
}

/// A page that a browser on this machine asks for.
pub fn get(target: &str) -> Request {
    Request::new(Method::GET, target).unwrap().with_header("host", "localhost:3000")
}
