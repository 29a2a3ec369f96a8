//! Invitations: one-time links into a workspace. The secret is stored as its SHA-256.

use domain::Role;
use ports::{Db, DbError, Row};

use crate::now;
use crate::page::{Key, limited, older_than};

/// An invitation holds so long: 7 days, in milliseconds.
pub const LIFETIME_MS: i64 = 7 * 24 * 3_600_000;

/// An invitation, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// Into which workspace.
    pub workspace_id: String,
    /// Its id.
    pub id: String,
    /// As what.
    pub role: Role,
    /// For whom; `None`: for whoever holds the link.
    pub email: Option<String>,
    /// Who invites.
    pub created_by: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub expires_at: i64,
    /// Unix milliseconds; `None`: it was not revoked.
    pub revoked_at: Option<i64>,
    /// Unix milliseconds; `None`: nobody has accepted it yet.
    pub accepted_at: Option<i64>,
    /// The user who has.
    pub accepted_by: Option<String>,
}

const COLUMNS: &str =
    "workspace_id, id, role, email, created_by, created_at, expires_at, revoked_at, accepted_at, accepted_by";

impl Invitation {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.id.clone() }
    }
}

fn invitation(row: Row<'_>) -> Result<Invitation, DbError> {
    Ok(Invitation {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        role: row.parsed("role")?,
        email: row.opt_text("email")?,
        created_by: row.text("created_by")?,
        created_at: row.int("created_at")?,
        expires_at: row.int("expires_at")?,
        revoked_at: row.opt_int("revoked_at")?,
        accepted_at: row.opt_int("accepted_at")?,
        accepted_by: row.opt_text("accepted_by")?,
    })
}

/// Can still be accepted.
macro_rules! open {
    () => {
        concat!("accepted_at is null and revoked_at is null and expires_at > ", now!())
    };
}

/// Keeps a new one under the hash of its secret.
pub async fn create(db: &dyn Db, new: &Invitation, sha256: &str) -> Result<(), DbError> {
    db.execute(
        "insert into invitation (workspace_id, id, sha256, role, email, created_by, created_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &[
            (&new.workspace_id).into(),
            (&new.id).into(),
            sha256.into(),
            new.role.as_str().into(),
            new.email.clone().into(),
            (&new.created_by).into(),
            new.created_at.into(),
            new.expires_at.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// A workspace's, the newest first.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Invitation>, DbError> {
    let sql = format!(
        "select {COLUMNS} from invitation where workspace_id = ?1 and (created_at, id) < (?2, ?3)
        order by created_at desc, id desc limit ?4"
    );
    let [at, id] = older_than(after);
    db.execute(&sql, &[workspace_id.into(), at, id, limited(limit)]).await?.iter().map(invitation).collect()
}

/// A workspace's that can still be accepted, the newest first.
pub async fn waiting(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Invitation>, DbError> {
    let sql = format!(
        "select {COLUMNS} from invitation where workspace_id = ?2 and (created_at, id) < (?3, ?4) and {open}
        order by created_at desc, id desc limit ?5",
        open = open!()
    );
    let [at, id] = older_than(after);
    let parameters = [pinned_ms.into(), workspace_id.into(), at, id, limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(invitation).collect()
}

/// The one with this hash, if it can still be accepted, with its workspace's name and that of who invites.
pub async fn find_open(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    sha256: &str,
) -> Result<Option<(Invitation, String, String)>, DbError> {
    let sql = format!(
        "select {COLUMNS}, (select name from workspace w where w.id = workspace_id) as workspace,
            coalesce((select name from user u where u.id = created_by), 'Rondo') as inviter
        from invitation where sha256 = ?2 and {open}",
        open = open!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), sha256.into()]).await?;
    let found = rows.first().map(|row| Ok((invitation(row)?, row.text("workspace")?, row.text("inviter")?)));
    found.transpose()
}

/// The hash of the newest open one for this address, which its holder has proved to be theirs.
pub async fn open_for(db: &dyn Db, pinned_ms: Option<i64>, email: &str) -> Result<Option<String>, DbError> {
    const FIND: &str = concat!(
        "select sha256 from invitation where email = ?2 and ",
        open!(),
        " order by created_at desc, id limit 1"
    );
    let rows = db.execute(FIND, &[pinned_ms.into(), email.into()]).await?;
    rows.first().map(|row| row.text("sha256")).transpose()
}

/// Ends one that nobody has accepted. `None`: the workspace has none of this id. One that was accepted stays so.
pub async fn revoke(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    id: &str,
    actor: &str,
) -> Result<Option<Invitation>, DbError> {
    let sql = format!(
        "update invitation set
            revoked_by = iif(accepted_at is null and revoked_at is null, ?4, revoked_by),
            revoked_at = iif(accepted_at is null, coalesce(revoked_at, {now}), null)
        where workspace_id = ?2 and id = ?3 returning {COLUMNS}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into(), id.into(), actor.into()]).await?;
    rows.first().map(invitation).transpose()
}

/// Who accepts.
#[derive(Clone, Copy, Debug)]
pub enum Guest<'a> {
    /// A user whom we know.
    User(&'a str),
    /// Somebody new.
    New {
        /// A new id.
        user_id: &'a str,
        /// E-mail address.
        email: &'a str,
        /// Name.
        name: &'a str,
        /// PHC string.
        password_hash: &'a str,
        /// Issuer and subject, where a provider vouches for them.
        identity: Option<(&'a str, &'a str)>,
    },
}

/// Accepts it, once: makes the account where it is new, and the member. Answers the workspace; `None`: it cannot be
/// accepted, not by them, or they are a member already. An address or identity that is taken is a
/// [`DbError::Conflict`].
pub async fn accept(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    sha256: &str,
    guest: Guest<'_>,
) -> Result<Option<String>, DbError> {
    const ACCEPT: &str = concat!(
        "insert into acceptance
            (workspace_id, invitation_id, user_id, email, name, password_hash, issuer, subject, at)
        select workspace_id, id, ?3, ?4, ?5, ?6, ?7, ?8, ",
        now!(),
        " from invitation where sha256 = ?2 and ",
        open!(),
        " and (email is null or email = coalesce(?4, (select u.email from user u where u.id = ?3)))
            and not exists (select 1 from member m where m.workspace_id = invitation.workspace_id and m.user_id = ?3)
        returning workspace_id"
    );
    let (user_id, email, name, hash, identity) = match guest {
        Guest::User(id) => (id, None, None, None, None),
        Guest::New { user_id, email, name, password_hash, identity } => {
            (user_id, Some(email), Some(name), Some(password_hash), identity)
        }
    };
    let parameters = [
        pinned_ms.into(),
        sha256.into(),
        user_id.into(),
        email.into(),
        name.into(),
        hash.into(),
        identity.map(|(issuer, _)| issuer).into(),
        identity.map(|(_, subject)| subject).into(),
    ];
    db.execute(ACCEPT, &parameters).await?.first().map(|row| row.text("workspace_id")).transpose()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;
    use crate::people::{member, testing, user};

    fn invite(db: &NativeDb, workspace_id: &str, id: &str, email: Option<&str>) {
        let new = Invitation {
            workspace_id: workspace_id.into(),
            id: id.into(),
            role: Role::Editor,
            email: email.map(Into::into),
            created_by: "ada".into(),
            created_at: 1,
            expires_at: 1 + LIFETIME_MS,
            revoked_at: None,
            accepted_at: None,
            accepted_by: None,
        };
        block_on(create(db, &new, id)).unwrap();
    }

    #[test]
    fn who_is_invited_and_not_here_yet_is_listed_in_pages_however_many_came() {
        let (db, home) = testing::claimed();
        invite(&db, &home, "a-waits", None);
        for number in 0..5 {
            invite(&db, &home, &format!("b-{number}"), None);
            block_on(revoke(&db, Some(2), &home, &format!("b-{number}"), "ada")).unwrap();
        }
        invite(&db, &home, "c-waits", None);
        let ids = |after: Option<&Key>, at: i64| -> Vec<String> {
            let page = block_on(waiting(&db, Some(at), &home, after, 1)).unwrap();
            page.into_iter().map(|one| one.id).collect()
        };
        assert_eq!(ids(None, 2), ["c-waits"]);
        assert_eq!(ids(Some(&Key { at: 1, id: "c-waits".into() }), 2), ["a-waits"], "what is over takes no room");
        assert_eq!(ids(Some(&Key { at: 1, id: "a-waits".into() }), 2), [""; 0]);
        assert_eq!(ids(None, 1 + LIFETIME_MS), [""; 0], "it is over");
        assert_eq!(block_on(waiting(&db, Some(2), "another", None, 9)), Ok(vec![]));
    }

    fn cleo(email: &'static str) -> Guest<'static> {
        Guest::New { user_id: "cleo", email, name: "Cleo", password_hash: "-", identity: None }
    }

    #[test]
    fn a_link_makes_one_account_and_one_member_once() {
        let (db, home) = testing::claimed();
        invite(&db, &home, "link", None);
        assert_eq!(block_on(accept(&db, Some(2), "link", cleo("cleo@example.com"))), Ok(Some(home.clone())));
        let member = block_on(member::find(&db, &home, "cleo")).unwrap().unwrap();
        assert_eq!((member.role, member.name.as_str()), (Role::Editor, "Cleo"));
        let again = Guest::New { user_id: "eve", email: "e@x.y", name: "Eve", password_hash: "-", identity: None };
        assert_eq!(block_on(accept(&db, Some(3), "link", again)), Ok(None));
        assert_eq!(block_on(user::by_email(&db, "e@x.y")), Ok(None));
        assert_eq!(
            testing::history(&db, &home),
            ["member.joined by ada", "member.invited by ada", "member.joined by cleo"]
        );
        assert!(db.run("select 1 from acceptance", &[]).unwrap().is_empty(), "no hash of a password stays behind");
    }

    #[test]
    fn one_that_is_revoked_expired_or_for_another_address_lets_nobody_in() {
        let (db, home) = testing::claimed();
        for (id, email) in [("revoked", None), ("old", None), ("hers", Some("cleo@example.com"))] {
            invite(&db, &home, id, email);
        }
        assert_eq!(block_on(revoke(&db, Some(2), "w2", "revoked", "eve")), Ok(None));
        block_on(revoke(&db, Some(2), &home, "revoked", "ada")).unwrap().unwrap();
        let refused = |id: &str, at: i64, email: &'static str| {
            assert_eq!(block_on(accept(&db, Some(at), id, cleo(email))), Ok(None), "{id}");
        };
        refused("revoked", 3, "cleo@example.com");
        refused("old", 1 + LIFETIME_MS, "cleo@example.com");
        refused("hers", 3, "eve@example.com");
        refused("unknown", 3, "cleo@example.com");
        assert!(block_on(accept(&db, Some(3), "hers", cleo("Cleo@Example.com"))).unwrap().is_some());
    }

    #[test]
    fn an_address_that_has_an_account_is_not_taken_over() {
        let (db, home) = testing::claimed();
        invite(&db, &home, "link", None);
        let taken = block_on(accept(&db, Some(2), "link", cleo("ADA@example.com")));
        assert!(matches!(taken, Err(DbError::Conflict(_))), "{taken:?}");
        assert!(block_on(find_open(&db, Some(2), "link")).unwrap().is_some(), "the link still works");
        let ada = block_on(user::find(&db, "ada")).unwrap().unwrap();
        assert_eq!(ada.password_hash, testing::claim().password_hash);
    }

    #[test]
    fn a_known_person_joins_another_workspace_and_a_member_does_not_join_again() {
        let (db, home) = testing::claimed();
        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        invite(&db, "w2", "link", Some("ada@example.com"));
        invite(&db, &home, "again", None);
        assert_eq!(block_on(accept(&db, Some(2), "link", Guest::User("ada"))), Ok(Some("w2".into())));
        assert_eq!(block_on(accept(&db, Some(2), "again", Guest::User("ada"))), Ok(None));
        assert!(block_on(find_open(&db, Some(2), "again")).unwrap().is_some());
    }

    #[test]
    fn who_leaves_leaves_no_open_link_behind() {
        let (db, home) = testing::claimed();
        block_on(member::add(&db, 2, &testing::bob(&home, Role::Owner))).unwrap();
        invite(&db, &home, "back-door", None);
        let by = member::By { actor: "bob", owns: true };
        block_on(member::remove(&db, Some(3), (&home, "ada"), by)).unwrap();
        assert_eq!(block_on(find_open(&db, Some(4), "back-door")), Ok(None));
    }
}
