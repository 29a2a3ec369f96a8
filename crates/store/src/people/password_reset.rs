//! One-time links to choose a new password. The secret is stored as its SHA-256.

use ports::{Db, DbError};

use crate::now;

/// A link holds so long: an hour, in milliseconds.
pub const LIFETIME_MS: i64 = 3_600_000;

/// A link that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct NewReset<'a> {
    /// The hash of its secret.
    pub sha256: &'a str,
    /// Whose password.
    pub user_id: &'a str,
    /// Where it is made; `None`: by the operator, who may make one for anybody.
    pub workspace_id: Option<&'a str>,
    /// It turns the second factor off as well: the device is lost.
    pub clears_totp: bool,
    /// For the records.
    pub actor: &'a str,
}

/// Makes one; earlier ones stop working. `false`: no such member, or one whose account reaches further than what the
/// maker governs: into a workspace where they are no owner or admin, or to ownership where they are no owner.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, new: &NewReset<'_>) -> Result<bool, DbError> {
    let sql = format!(
        "insert into password_reset (sha256, user_id, workspace_id, clears_totp, created_by, created_at, expires_at)
        select ?2, u.id, ?4, ?5, ?6, {now}, {now} + {LIFETIME_MS} from user u
        where u.id = ?3 and (?4 is null or (
            exists (select 1 from member here where here.workspace_id = ?4 and here.user_id = u.id)
            and not exists (
                select 1 from member theirs where theirs.user_id = u.id and not exists (
                    select 1 from member mine where mine.workspace_id = theirs.workspace_id and mine.user_id = ?6
                        and (mine.role = 'owner' or (mine.role = 'admin' and theirs.role <> 'owner'))))))
        returning sha256",
        now = now!()
    );
    let parameters = [
        pinned_ms.into(),
        new.sha256.into(),
        new.user_id.into(),
        new.workspace_id.into(),
        new.clears_totp.into(),
        new.actor.into(),
    ];
    Ok(!db.execute(&sql, &parameters).await?.is_empty())
}

/// Whether the link with this hash is still good.
pub async fn is_good(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<bool, DbError> {
    const FIND: &str = concat!("select 1 from password_reset where sha256 = ?2 and expires_at > ", now!());
    Ok(!db.execute(FIND, &[pinned_ms.into(), sha256.into()]).await?.is_empty())
}

/// Changes the password, once. A trigger signs the person out everywhere. `false`: the link is no good.
pub async fn finish(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str, password_hash: &str) -> Result<bool, DbError> {
    const FINISH: &str = concat!(
        "update password_reset set password_hash = ?3 where sha256 = ?2 and password_hash is null and expires_at > ",
        now!(),
        " returning user_id"
    );
    Ok(!db.execute(FINISH, &[pinned_ms.into(), sha256.into(), password_hash.into()]).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::Role;
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;
    use crate::people::testing::{self, bob, browser};
    use crate::people::{member, session, totp, user};

    fn reset<'a>(sha256: &'a str, user_id: &'a str, workspace_id: Option<&'a str>, actor: &'a str) -> NewReset<'a> {
        NewReset { sha256, user_id, workspace_id, clears_totp: false, actor }
    }

    fn hash(db: &NativeDb, user_id: &str) -> String {
        block_on(user::find(db, user_id)).unwrap().unwrap().password_hash
    }

    #[test]
    fn a_link_changes_the_password_once_and_signs_out_everywhere() {
        let (db, home) = testing::claimed();
        block_on(member::add(&db, 2, &bob(&home, Role::Editor))).unwrap();
        block_on(session::create(&db, Some(3), &browser("s", "bob", &home))).unwrap();
        assert_eq!(block_on(create(&db, Some(3), &reset("first", "bob", Some(&home), "ada"))), Ok(true));
        assert_eq!(block_on(create(&db, Some(3), &reset("second", "bob", Some(&home), "ada"))), Ok(true));
        assert_eq!(block_on(finish(&db, Some(4), "first", "new")), Ok(false), "the newest link is the one");
        assert_eq!(block_on(finish(&db, Some(3 + LIFETIME_MS), "second", "new")), Ok(false), "an hour has passed");
        assert!(block_on(session::find(&db, Some(4), "s")).unwrap().is_some());
        assert_eq!(block_on(finish(&db, Some(4), "second", "new")), Ok(true));
        assert_eq!(hash(&db, "bob"), "new");
        assert_eq!(block_on(session::find(&db, Some(4), "s")), Ok(None));
        assert_eq!(block_on(finish(&db, Some(4), "second", "newer")), Ok(false));
        assert_eq!(hash(&db, "bob"), "new");
        let history = testing::history(&db, &home);
        assert_eq!(history.iter().filter(|line| *line == "member.reset_link_made by ada").count(), 2);
        assert!(history.contains(&"member.password_changed by bob".into()));
    }

    #[test]
    fn nobody_resets_an_account_that_reaches_further_than_they_do() {
        let (db, home) = testing::claimed();
        let mut admin = bob(&home, Role::Admin);
        block_on(member::add(&db, 2, &admin)).unwrap();
        assert_eq!(block_on(create(&db, Some(3), &reset("x", "ada", Some(&home), "bob"))), Ok(false), "an owner");
        assert_eq!(block_on(create(&db, Some(3), &reset("x", "nobody", Some(&home), "ada"))), Ok(false));
        assert_eq!(block_on(create(&db, Some(3), &reset("x", "bob", Some("w2"), "ada"))), Ok(false), "no member there");

        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        admin.workspace_id = "w2".into();
        block_on(member::add(&db, 4, &admin)).unwrap();
        assert_eq!(
            block_on(create(&db, Some(5), &reset("x", "bob", Some(&home), "ada"))),
            Ok(false),
            "bob is elsewhere too"
        );
        assert_eq!(block_on(create(&db, Some(5), &reset("x", "bob", None, "operator"))), Ok(true));
    }

    #[test]
    fn a_lost_device_is_forgotten_only_where_the_link_says_so() {
        let (db, _) = testing::claimed();
        block_on(totp::enrol(&db, Some(1), "ada", vec![1])).unwrap();
        block_on(totp::confirm(&db, Some(1), "ada", (&[1], 1), &["a".into()])).unwrap();
        block_on(create(&db, Some(2), &reset("x", "ada", None, "operator"))).unwrap();
        assert_eq!(block_on(finish(&db, Some(3), "x", "new")), Ok(true));
        assert!(block_on(totp::find(&db, "ada")).unwrap().is_some());
        let lost = NewReset { clears_totp: true, ..reset("y", "ada", None, "operator") };
        block_on(create(&db, Some(4), &lost)).unwrap();
        assert_eq!(block_on(finish(&db, Some(5), "y", "newer")), Ok(true));
        assert_eq!(block_on(totp::find(&db, "ada")), Ok(None));
    }
}
