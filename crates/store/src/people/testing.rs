//! What the tests of this folder start from.

use futures::executor::block_on;
use ports::native::NativeDb;

use super::claim::Claim;

/// A fresh, migrated database.
pub fn db() -> NativeDb {
    let db = NativeDb::in_memory().unwrap();
    block_on(crate::migrate::ensure(&db)).unwrap();
    db
}

/// The first owner.
pub fn claim() -> Claim {
    Claim {
        user_id: "ada".into(),
        email: "ada@example.com".into(),
        name: "Ada".into(),
        password_hash: "$argon2id$…".into(),
        workspace: "Hill & Sons".into(),
    }
}

/// A fresh database that Ada has claimed, and the id of its workspace.
pub fn claimed() -> (NativeDb, String) {
    let db = db();
    block_on(super::claim::claim(&db, 1, &claim())).unwrap();
    let first = block_on(super::workspace::first(&db)).unwrap();
    (db, first.id)
}

/// What a workspace's history says, in order: `kind by actor`.
pub fn history(db: &NativeDb, workspace_id: &str) -> Vec<String> {
    let events = block_on(crate::event::after(db, workspace_id, None, 0, 200)).unwrap();
    events.into_iter().map(|one| format!("{} by {}", one.kind, one.actor)).collect()
}

/// Bob, who is to be a member.
pub fn bob(workspace_id: &str, role: domain::Role) -> super::member::NewMember {
    super::member::NewMember {
        workspace_id: workspace_id.into(),
        user_id: "bob".into(),
        email: "bob@example.com".into(),
        name: "Bob".into(),
        password_hash: "-".into(),
        role,
    }
}

/// A browser of a user.
pub fn browser<'a>(sha256: &'a str, user_id: &'a str, workspace_id: &'a str) -> super::session::NewSession<'a> {
    super::session::NewSession {
        sha256,
        id: sha256,
        csrf: "csrf",
        user_id,
        workspace_id,
        user_agent: "Firefox",
        address: "192.0.2.1",
    }
}
