//! Members: who is in a workspace, as what.

use domain::Role;
use ports::{Db, DbError, Row, Value};

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The person.
    pub user_id: String,
    /// Its address.
    pub email: String,
    /// Its name.
    pub name: String,
    /// What it may do here.
    pub role: Role,
    /// Since when, Unix milliseconds.
    pub created_at: i64,
}

fn member(row: Row<'_>) -> Result<Member, DbError> {
    Ok(Member {
        user_id: row.text("user_id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        created_at: row.int("created_at")?,
    })
}

/// Everyone in a workspace, the longest-serving first.
pub async fn list(db: &dyn Db, workspace_id: &str) -> Result<Vec<Member>, DbError> {
    let rows = db
        .execute(
            "select m.user_id, u.email, u.name, m.role, m.created_at from member m join user u on u.id = m.user_id
            where m.workspace_id = ?1 order by m.created_at, m.user_id",
            &[workspace_id.into()],
        )
        .await?;
    rows.iter().map(member).collect()
}

/// A person who is to be a member.
#[derive(Clone, Debug)]
pub struct NewMember {
    /// The workspace.
    pub workspace_id: String,
    /// An id for the person, where the address is new here.
    pub user_id: String,
    /// The address.
    pub email: String,
    /// The name, where the address is new here.
    pub name: String,
    /// PHC string, where the address is new here.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
}

/// Adds a person, who may be known from another workspace: then name and password stay as they are. Answers the
/// person's id; a second time is a [`DbError::Conflict`].
pub async fn add(db: &dyn Db, now_ms: i64, new: &NewMember) -> Result<String, DbError> {
    in_transaction(db, async || {
        db.execute(
            "insert into user (id, email, name, password_hash, created_at) values (?1, ?2, ?3, ?4, ?5)
            on conflict (email) do nothing",
            &[
                (&new.user_id).into(),
                (&new.email).into(),
                (&new.name).into(),
                (&new.password_hash).into(),
                now_ms.into(),
            ],
        )
        .await?;
        let rows = db
            .execute(
                "insert into member (workspace_id, user_id, role, created_at)
                select ?1, id, ?3, ?4 from user where email = ?2 returning user_id",
                &[(&new.workspace_id).into(), (&new.email).into(), new.role.as_str().into(), now_ms.into()],
            )
            .await?;
        rows.first().ok_or_else(|| DbError::Other("the new user is not there".into()))?.text("user_id")
    })
    .await
}

/// The last owner stays one: a workspace without is nobody's.
const NOT_THE_LAST_OWNER: &str = "(role <> 'owner' or exists (select 1 from member other
    where other.workspace_id = member.workspace_id and other.role = 'owner' and other.user_id <> member.user_id))";

/// Gives a member another role and ends their sessions here, so that no page keeps what it may no longer do.
/// `false`: no such member, or the last owner.
pub async fn set_role(db: &dyn Db, workspace_id: &str, user_id: &str, role: Role) -> Result<bool, DbError> {
    let sql = format!(
        "update member set role = ?3
        where workspace_id = ?1 and user_id = ?2 and (?3 = 'owner' or {NOT_THE_LAST_OWNER}) returning user_id"
    );
    change_and_sign_out(db, &sql, &[workspace_id.into(), user_id.into(), role.as_str().into()]).await
}

/// Takes a member out and ends their sessions here. `false`: no such member, or the last owner.
pub async fn remove(db: &dyn Db, workspace_id: &str, user_id: &str) -> Result<bool, DbError> {
    let sql = format!(
        "delete from member where workspace_id = ?1 and user_id = ?2 and {NOT_THE_LAST_OWNER} returning user_id"
    );
    change_and_sign_out(db, &sql, &[workspace_id.into(), user_id.into()]).await
}

async fn change_and_sign_out(db: &dyn Db, change: &str, parameters: &[Value]) -> Result<bool, DbError> {
    in_transaction(db, async || {
        let changed = !db.execute(change, parameters).await?.is_empty();
        if changed {
            db.execute("delete from session where workspace_id = ?1 and user_id = ?2", &parameters[..2]).await?;
        }
        Ok(changed)
    })
    .await
}

async fn in_transaction<T>(db: &dyn Db, work: impl AsyncFnOnce() -> Result<T, DbError>) -> Result<T, DbError> {
    db.execute("begin immediate", &[]).await?;
    let outcome = work().await;
    // A failed commit leaves the transaction open on this connection, which ends with the request.
    db.execute(if outcome.is_ok() { "commit" } else { "rollback" }, &[]).await?;
    outcome
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::people::{session, testing, user};

    fn bob(workspace_id: &str, role: Role) -> NewMember {
        NewMember {
            workspace_id: workspace_id.into(),
            user_id: "bob".into(),
            email: "bob@example.com".into(),
            name: "Bob".into(),
            password_hash: "-".into(),
            role,
        }
    }

    #[test]
    fn the_last_owner_can_neither_leave_nor_step_down() {
        let (db, home) = testing::claimed();
        assert_eq!(block_on(set_role(&db, &home, "ada", Role::Admin)), Ok(false));
        assert_eq!(block_on(remove(&db, &home, "ada")), Ok(false));
        assert_eq!(block_on(set_role(&db, &home, "ada", Role::Owner)), Ok(true));
        block_on(add(&db, 2, &bob(&home, Role::Owner))).unwrap();
        assert_eq!(block_on(remove(&db, &home, "ada")), Ok(true), "there is another owner now");
        assert_eq!(block_on(remove(&db, &home, "bob")), Ok(false));
    }

    #[test]
    fn a_person_known_elsewhere_keeps_name_and_password() {
        let (db, home) = testing::claimed();
        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        let impostor =
            NewMember { email: "ADA@example.com".into(), password_hash: "theirs".into(), ..bob("w2", Role::Editor) };
        assert_eq!(block_on(add(&db, 2, &impostor)), Ok("ada".into()));
        let ada = block_on(user::by_email(&db, "ada@example.com")).unwrap().unwrap();
        assert_eq!((ada.name.as_str(), ada.password_hash.as_str()), ("Ada", "$argon2id$…"));
        assert_eq!(ada.workspace_id.as_deref(), Some(home.as_str()));
        assert!(matches!(block_on(add(&db, 3, &impostor)), Err(DbError::Conflict(_))));
        assert_eq!(block_on(list(&db, "w2")).unwrap().len(), 1, "the connection works on after a refusal");
    }

    #[test]
    fn a_change_of_role_ends_the_members_sessions_here_alone() {
        let (db, home) = testing::claimed();
        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        for workspace in [&home, "w2"] {
            block_on(add(&db, 2, &bob(workspace, Role::Editor))).unwrap();
            assert_eq!(block_on(session::create(&db, Some(1), workspace, "csrf", "bob", workspace)), Ok(true));
        }
        assert_eq!(
            block_on(session::create(&db, Some(1), "x", "csrf", "ada", "w2")),
            Ok(false),
            "no member, no session"
        );
        block_on(set_role(&db, &home, "bob", Role::Analyst)).unwrap();
        assert_eq!(block_on(session::find(&db, Some(2), &home)), Ok(None));
        assert!(block_on(session::find(&db, Some(2), "w2")).unwrap().is_some());
    }

    #[test]
    fn a_session_enters_only_workspaces_of_its_user() {
        let (db, home) = testing::claimed();
        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        block_on(add(&db, 2, &bob(&home, Role::Editor))).unwrap();
        block_on(session::create(&db, Some(1), "one", "csrf", "bob", &home)).unwrap();
        assert_eq!(block_on(session::enter(&db, "one", "two", "csrf2", "w2")), Ok(false));
        block_on(add(&db, 2, &bob("w2", Role::Analyst))).unwrap();
        assert_eq!(block_on(session::enter(&db, "one", "two", "csrf2", "w2")), Ok(true));
        assert_eq!(block_on(session::find(&db, Some(2), "one")), Ok(None));
        assert_eq!(block_on(session::find(&db, Some(2), "two")).unwrap().unwrap().role, Role::Analyst);
        assert_eq!(block_on(session::revoke(&db, "ada", "two")), Ok(false), "another user's session");
        assert_eq!(block_on(session::sweep(&db, Some(2 + session::LIFETIME_MS))), Ok(1));
    }
}
