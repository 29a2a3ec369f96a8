//! Every route, asked for by everyone: the same seeded world again and again, its callers, its ids, and the golden
//! file that a reviewer reads.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::PathBuf;

use domain::{JobState, Role, Step};
use futures::executor::block_on;
use ports::native::NativeDb;
use serve::Method;
use store::people::api_token::{self, ApiToken};
use store::people::invitation::{self, Invitation};
use store::people::member::{self, NewMember};
use store::people::password_reset::{self, NewReset};
use store::people::session::{self, NewSession};
use store::{job, secret};

use super::seed::World;

/// Somebody who asks.
pub struct Caller {
    /// The column of the matrix.
    pub name: &'static str,
    /// `sid=…`; empty for who is not signed in.
    pub cookie: String,
    /// For the forms.
    pub csrf: String,
    /// For the API.
    pub token: String,
}

/// One seeded world, of which every request gets a copy of its own.
pub struct Worlds {
    folder: PathBuf,
    copies: Cell<u32>,
    now_ms: i64,
    /// Nobody, every role, and the owner of another workspace, last.
    pub callers: Vec<Caller>,
}

/// Another workspace.
const NEXT_DOOR: &str = "next-door";

impl Worlds {
    /// Seeds it.
    pub fn new(name: &str) -> Self {
        Self::with(name, |_| {})
    }

    /// The same, prepared further.
    pub fn with(name: &str, prepare: fn(&World)) -> Self {
        let folder = std::env::temp_dir().join(format!("rondo-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let world = World::full_in(NativeDb::open(&folder.join("seed.db")).unwrap());
        a_job_is_dead(&world);
        prepare(&world);
        let home = world.workspace_id();
        let sql = "insert into workspace (id, name, slug, created_at) values (?1, 'Next door', ?1, 9000000000000)";
        world.db.run(sql, &[NEXT_DOOR.into()]).unwrap();
        let mut callers =
            vec![Caller { name: "nobody", cookie: String::new(), csrf: String::new(), token: String::new() }];
        callers.extend(Role::ALL.iter().map(|role| caller(&world, role.as_str(), &home, *role)));
        callers.push(caller(&world, "stranger", NEXT_DOOR, Role::Owner));
        links(&world, &home);
        let now_ms = world.app().ports.clock.now_ms();
        drop(world); // which brings what is in the log into the file
        Self { folder, copies: Cell::new(0), now_ms, callers }
    }

    /// A copy to change.
    pub fn copy(&self) -> World {
        self.copies.set(self.copies.get() + 1);
        let copy = self.folder.join(format!("copy-{}.db", self.copies.get()));
        std::fs::copy(self.folder.join("seed.db"), &copy).unwrap();
        let db = NativeDb::open(&copy).unwrap();
        db.run("pragma synchronous = off", &[]).unwrap();
        World::over(db, self.now_ms, 11)
    }
}

impl Drop for Worlds {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// The secret of an invitation that is open.
pub const INVITATION: &str = "secret-of-an-invitation";
/// The secret of a link with which the analyst chooses a password.
pub const RESET: &str = "secret-of-a-reset";

fn links(world: &World, workspace_id: &str) {
    let at = world.app().ports.clock.now_ms();
    let open = Invitation {
        workspace_id: workspace_id.into(),
        id: "invitation-1".into(),
        role: Role::Analyst,
        email: None,
        created_by: "user-owner".into(),
        created_at: at,
        expires_at: at + invitation::LIFETIME_MS,
        revoked_at: None,
        accepted_at: None,
        accepted_by: None,
    };
    block_on(invitation::create(&world.db, &open, &secret::sha256(INVITATION))).unwrap();
    let next_door = Invitation {
        workspace_id: NEXT_DOOR.into(),
        id: "invitation-2".into(),
        created_by: "user-stranger".into(),
        ..open
    };
    block_on(invitation::create(&world.db, &next_door, &secret::sha256(INVITATION_NEXT_DOOR))).unwrap();
    let reset = NewReset {
        sha256: &secret::sha256(RESET),
        user_id: "user-analyst",
        workspace_id: Some(workspace_id),
        clears_totp: false,
        actor: "user-owner",
    };
    assert!(block_on(password_reset::create(&world.db, Some(at), &reset)).unwrap());
}

/// The secret of one into the other workspace.
pub const INVITATION_NEXT_DOOR: &str = "secret-of-an-invitation-next-door";

fn text_of(world: &World, sql: &str) -> String {
    world.db.run(sql, &[]).unwrap().first().unwrap().text("it").unwrap()
}

fn a_job_is_dead(world: &World) {
    let at = world.app().ports.clock.pinned_ms();
    let job = block_on(job::claim(&world.db, at, Step::Strategize, 1, 60_000)).unwrap().pop().unwrap();
    let mut finish = job::Finish::of(&job, JobState::Dead);
    finish.reason = Some("the model's provider says no".into());
    block_on(job::finish(&world.db, at, &[finish])).unwrap();
}

/// A member with this role, signed in, and a token with the same role.
fn caller(world: &World, name: &'static str, workspace_id: &str, role: Role) -> Caller {
    let app = world.app();
    let at = app.ports.clock.now_ms();
    let new = NewMember {
        workspace_id: workspace_id.into(),
        user_id: format!("user-{name}"),
        email: format!("{name}@people.example"),
        name: format!("The {name}"),
        password_hash: text_of(world, "select password_hash as it from user where email = 'ada@nightshift.example'"),
        role,
    };
    let user_id = block_on(member::add(&world.db, at, &new)).unwrap();
    let (value, csrf) = (format!("cookie-of-{name}"), format!("csrf-of-{name}"));
    let sha256 = secret::sha256(&value);
    let browser = NewSession {
        sha256: &sha256,
        id: &format!("session-{name}"),
        csrf: &csrf,
        user_id: &user_id,
        workspace_id,
        user_agent: "",
        address: "",
    };
    assert!(block_on(session::create(&world.db, Some(at), &browser)).unwrap());
    let (other, id) = (format!("other-{sha256}"), format!("other-session-{name}"));
    let other = NewSession { sha256: &other, id: &id, ..browser };
    assert!(block_on(session::create(&world.db, Some(at), &other)).unwrap());
    let token = format!("rondo_token-of-{name}");
    let row = ApiToken {
        workspace_id: workspace_id.into(),
        id: format!("token-{name}"),
        name: format!("A program of {name}"),
        role,
        scopes: None,
        created_by: user_id.clone(),
        person: Some(user_id),
        created_at: at,
        expires_at: None,
        used_at: None,
        revoked_at: None,
    };
    block_on(api_token::create(&world.db, &row, &secret::sha256(&token))).unwrap();
    // Its use is noted now, and not when something is looked at with it.
    block_on(api_token::find(&world.db, Some(at), &secret::sha256(&token))).unwrap();
    let request = World::request(Method::GET, "/");
    let cookie = format!("{}={value}", session_cookie(&request, &world.app()));
    Caller { name, cookie, csrf, token }
}

fn session_cookie(request: &serve::Request, app: &serve::App<'_>) -> &'static str {
    serve::session::cookie_name(app.settings, request)
}

/// Everything that a row of any table is called by, apart from its workspace, and that no row next door is.
pub fn ids_of_ours_alone(world: &World) -> BTreeSet<String> {
    let next_door = ids_of_every_table(world, NEXT_DOOR);
    ids_of_every_table(world, &world.workspace_id()).difference(&next_door).cloned().collect()
}

fn ids_of_every_table(world: &World, workspace_id: &str) -> BTreeSet<String> {
    let texts = |sql: &str, parameters: &[ports::Value]| -> Vec<String> {
        let rows = world.db.run(sql, parameters).unwrap();
        rows.iter().map(|row| row.text("it").unwrap()).collect()
    };
    let tables = "select distinct m.name as it from sqlite_master m join pragma_table_info(m.name) c
        on c.name = 'workspace_id' where m.type = 'table'";
    let mut ids = BTreeSet::new();
    for table in texts(tables, &[]) {
        let key = "select name as it from pragma_table_info(?1) where pk > 0 and name <> 'workspace_id'";
        for column in texts(key, &[table.as_str().into()]) {
            let sql = format!("select distinct cast({column} as text) as it from {table} where workspace_id = ?1");
            ids.extend(texts(&sql, &[workspace_id.into()]));
        }
    }
    ids.retain(|id| !id.is_empty() && id.parse::<i64>().is_err());
    ids
}

/// How many rows this connection has changed, whatever they were.
pub fn changes(world: &World) -> i64 {
    world.db.run("select total_changes() as it", &[]).unwrap().first().unwrap().int("it").unwrap()
}

/// A line of the matrix.
pub fn line(method: &str, path: &str, cells: &[u16]) -> String {
    let mut line = format!("{method:<6} {path:<48}");
    for cell in cells {
        write!(line, " {cell:>8}").unwrap();
    }
    line + "\n"
}

/// The line above them.
pub fn head(worlds: &Worlds) -> String {
    let mut line = format!("{:<55}", "#");
    for caller in &worlds.callers {
        write!(line, " {:>8}", caller.name).unwrap();
    }
    line + "\n"
}

/// Holds it to the golden file, or writes that anew where `RONDO_UPDATE_GOLDEN` is set.
pub fn hold(found: &str, file: &str, golden: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("RONDO_UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, found).unwrap();
        return;
    }
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<BTreeSet<_>>();
    let (now, then) = (lines(found), lines(golden));
    let gone: Vec<_> = then.difference(&now).collect();
    let new: Vec<_> = now.difference(&then).collect();
    assert!(
        found == golden,
        "{} says something else.\nno longer so:\n  {gone:#?}\nnow:\n  {new:#?}\nIf this is meant, run the test again with RONDO_UPDATE_GOLDEN=1 and read the difference before you commit it.",
        file.display()
    );
}
