//! The owner claims a fresh install: once.

use ports::{Db, DbError};

/// Who claims it.
#[derive(Clone, Debug)]
pub struct Claim {
    /// A new id.
    pub user_id: String,
    /// The owner's e-mail address.
    pub email: String,
    /// The owner's name.
    pub name: String,
    /// PHC string.
    pub password_hash: String,
    /// What the first workspace shall be called.
    pub workspace: String,
}

/// Makes the owner. Every further attempt is a [`DbError::Conflict`] and changes nothing.
pub async fn claim(db: &dyn Db, now_ms: i64, claim: &Claim) -> Result<(), DbError> {
    db.execute(
        "insert into claim (id, user_id, email, name, password_hash, workspace, at) values (1, ?1, ?2, ?3, ?4, ?5, ?6)",
        &[
            (&claim.user_id).into(),
            (&claim.email).into(),
            (&claim.name).into(),
            (&claim.password_hash).into(),
            (&claim.workspace).into(),
            now_ms.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// Whether somebody has.
pub async fn is_claimed(db: &dyn Db) -> Result<bool, DbError> {
    Ok(!db.execute("select 1 from claim", &[]).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::{member, testing, user, workspace};

    #[test]
    fn claiming_makes_an_owner_and_names_the_workspace() {
        let db = testing::db();
        assert_eq!(block_on(is_claimed(&db)), Ok(false));
        block_on(claim(&db, 1, &testing::claim())).unwrap();
        assert_eq!(block_on(is_claimed(&db)), Ok(true));
        let first = block_on(workspace::first(&db)).unwrap();
        assert_eq!(first.name, "Hill & Sons");
        let members = block_on(member::list(&db, &first.id)).unwrap();
        assert_eq!(members[0].role, domain::Role::Owner);
    }

    #[test]
    fn a_second_claim_is_a_conflict_and_changes_nothing() {
        let db = testing::db();
        block_on(claim(&db, 1, &testing::claim())).unwrap();
        let thief = Claim { user_id: "thief".into(), email: "thief@example.com".into(), ..testing::claim() };
        assert!(matches!(block_on(claim(&db, 2, &thief)), Err(DbError::Conflict(_))));
        assert_eq!(block_on(user::by_email(&db, "thief@example.com")), Ok(None));
    }
}
