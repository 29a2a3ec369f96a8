//! Users: people, whatever workspaces they are in.

use ports::{Db, DbError, Row};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its id.
    pub id: String,
    /// Unique, letter case aside.
    pub email: String,
    /// As others see it.
    pub name: String,
    /// PHC string.
    pub password_hash: String,
    /// The workspace that it has been a member of the longest, if of any.
    pub workspace_id: Option<String>,
    /// Whether signing in asks for a second factor.
    pub has_totp: bool,
}

const USER: &str = "select id, email, name, password_hash,
    (select m.workspace_id from member m where m.user_id = user.id order by m.created_at, m.workspace_id limit 1)
    as workspace_id,
    exists (select 1 from totp t where t.user_id = user.id and t.confirmed_at is not null) as has_totp from user";

fn user(row: Row<'_>) -> Result<User, DbError> {
    Ok(User {
        id: row.text("id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        password_hash: row.text("password_hash")?,
        workspace_id: row.opt_text("workspace_id")?,
        has_totp: row.bool("has_totp")?,
    })
}

/// The one with this address.
pub async fn by_email(db: &dyn Db, email: &str) -> Result<Option<User>, DbError> {
    let rows = db.execute(&format!("{USER} where email = ?1"), &[email.into()]).await?;
    rows.first().map(user).transpose()
}

/// The one with this id.
pub async fn find(db: &dyn Db, id: &str) -> Result<Option<User>, DbError> {
    let rows = db.execute(&format!("{USER} where id = ?1"), &[id.into()]).await?;
    rows.first().map(user).transpose()
}

/// Changes the password from the hash that was checked; a trigger signs them out everywhere. `false`: somebody changed
/// it in between.
pub async fn set_password(db: &dyn Db, id: &str, old_hash: &str, new_hash: &str) -> Result<bool, DbError> {
    let rows = db
        .execute(
            "update user set password_hash = ?3 where id = ?1 and password_hash = ?2 returning id",
            &[id.into(), old_hash.into(), new_hash.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}
