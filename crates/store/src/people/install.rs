//! What the install keeps for itself.

use ports::{Db, DbError};

/// What step routes ask for where the variable `wake_secret` is not set.
pub async fn wake_secret(db: &dyn Db) -> Result<String, DbError> {
    let rows = db.execute("select wake_secret from install where id = 1", &[]).await?;
    rows.first().ok_or_else(|| DbError::Other("table `install` is empty".into()))?.text("wake_secret")
}

/// What secrets are sealed with where the variable `seal_key` is not set.
pub async fn seal_key(db: &dyn Db) -> Result<String, DbError> {
    let rows = db.execute("select seal_key from install where id = 1", &[]).await?;
    rows.first().ok_or_else(|| DbError::Other("table `install` is empty".into()))?.text("seal_key")
}
