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
