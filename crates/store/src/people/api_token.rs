//! API tokens: a program's key to one workspace. The secret is stored as its SHA-256.

use domain::Role;
use ports::{Db, DbError, Row};

use crate::now;

/// A token, without its secret, which nobody has but its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The workspace it opens.
    pub workspace_id: String,
    /// Its id.
    pub id: String,
    /// What it is for, in a person's words.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// The user who made it.
    pub created_by: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; `None`: it does not expire.
    pub expires_at: Option<i64>,
    /// Unix milliseconds; `None`: it was not revoked.
    pub revoked_at: Option<i64>,
}

const COLUMNS: &str = "workspace_id, id, name, role, created_by, created_at, expires_at, revoked_at";

fn api_token(row: Row<'_>) -> Result<ApiToken, DbError> {
    Ok(ApiToken {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        created_by: row.text("created_by")?,
        created_at: row.int("created_at")?,
        expires_at: row.opt_int("expires_at")?,
        revoked_at: row.opt_int("revoked_at")?,
    })
}

/// Keeps a new one under the hash of its secret.
pub async fn create(db: &dyn Db, token: &ApiToken, sha256: &str) -> Result<(), DbError> {
    db.execute(
        "insert into api_token (workspace_id, id, name, sha256, role, created_by, created_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            (&token.workspace_id).into(),
            (&token.id).into(),
            (&token.name).into(),
            sha256.into(),
            token.role.as_str().into(),
            (&token.created_by).into(),
            token.created_at.into(),
            token.expires_at.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The valid one with this hash.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<Option<ApiToken>, DbError> {
    let sql = format!(
        "select {COLUMNS} from api_token
        where sha256 = ?2 and revoked_at is null and (expires_at is null or expires_at > {now})",
        now = now!()
    );
    db.execute(&sql, &[pinned_ms.into(), sha256.into()]).await?.first().map(api_token).transpose()
}

/// All of a workspace, the newest first.
pub async fn list(db: &dyn Db, workspace_id: &str) -> Result<Vec<ApiToken>, DbError> {
    let sql = format!("select {COLUMNS} from api_token where workspace_id = ?1 order by created_at desc, id desc");
    db.execute(&sql, &[workspace_id.into()]).await?.iter().map(api_token).collect()
}

/// Ends one for good; a second time changes nothing. `None`: the workspace has none of this id.
pub async fn revoke(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    id: &str,
) -> Result<Option<ApiToken>, DbError> {
    let sql = format!(
        "update api_token set revoked_at = coalesce(revoked_at, {now})
        where workspace_id = ?2 and id = ?3 returning {COLUMNS}",
        now = now!()
    );
    db.execute(&sql, &[pinned_ms.into(), workspace_id.into(), id.into()]).await?.first().map(api_token).transpose()
}
