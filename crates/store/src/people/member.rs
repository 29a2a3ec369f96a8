//! Members: who is in a workspace, as what.

use domain::Role;
use ports::{Db, DbError, Row};

use crate::now;
use crate::page::{Key, limited, newer_than};

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
    /// Whether signing in asks them for a second factor.
    pub has_totp: bool,
}

const MEMBER: &str = "select m.user_id, u.email, u.name, m.role, m.created_at,
        exists (select 1 from totp t where t.user_id = u.id and t.confirmed_at is not null) as has_totp
    from member m join user u on u.id = m.user_id";

impl Member {
    /// Their place in [`page`].
    pub fn key(&self) -> Key {
        Key { at: self.created_at, id: self.user_id.clone() }
    }
}

fn member(row: Row<'_>) -> Result<Member, DbError> {
    Ok(Member {
        user_id: row.text("user_id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        created_at: row.int("created_at")?,
        has_totp: row.bool("has_totp")?,
    })
}

/// Everyone in a workspace, the longest-serving first.
pub async fn list(db: &dyn Db, workspace_id: &str) -> Result<Vec<Member>, DbError> {
    let sql = format!("{MEMBER} where m.workspace_id = ?1 order by m.created_at, m.user_id");
    db.execute(&sql, &[workspace_id.into()]).await?.iter().map(member).collect()
}

/// A page of them, the longest-serving first.
pub async fn page(db: &dyn Db, workspace_id: &str, after: Option<&Key>, limit: u32) -> Result<Vec<Member>, DbError> {
    let sql = format!(
        "{MEMBER} where m.workspace_id = ?1 and (m.created_at, m.user_id) > (?2, ?3)
        order by m.created_at, m.user_id limit ?4"
    );
    let [at, id] = newer_than(after);
    db.execute(&sql, &[workspace_id.into(), at, id, limited(limit)]).await?.iter().map(member).collect()
}

/// The one who is this user.
pub async fn find(db: &dyn Db, workspace_id: &str, user_id: &str) -> Result<Option<Member>, DbError> {
    let sql = format!("{MEMBER} where m.workspace_id = ?1 and m.user_id = ?2");
    db.execute(&sql, &[workspace_id.into(), user_id.into()]).await?.first().map(member).transpose()
}

/// Ids and names of everyone who is or was in a workspace: whom its history speaks of.
pub async fn names(db: &dyn Db, workspace_id: &str) -> Result<Vec<(String, String)>, DbError> {
    let rows = db
        .execute(
            "select m.user_id, u.name from member m join user u on u.id = m.user_id where m.workspace_id = ?1
            union all select user_id, name from former_member where workspace_id = ?1",
            &[workspace_id.into()],
        )
        .await?;
    rows.iter().map(|row| Ok((row.text("user_id")?, row.text("name")?))).collect()
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

/// What came of a change to a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    /// It is done; what they had open here has ended.
    Done,
    /// The workspace has no such member.
    NotFound,
    /// Only an owner makes and unmakes owners.
    OwnersOnly,
    /// They are the last owner.
    LastOwner,
}

/// Who changes something, and whether they may make and unmake owners.
#[derive(Clone, Copy, Debug)]
pub struct By<'a> {
    /// For the records.
    pub actor: &'a str,
    /// Whether they may.
    pub owns: bool,
}

/// Gives a member another role. A trigger ends their sessions here, and the tokens and links that they could no
/// longer make.
pub async fn set_role(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, user_id): (&str, &str),
    role: Role,
    by: By<'_>,
) -> Result<Changed, DbError> {
    let sql = format!(
        "update member set role = ?4, changed_by = ?5, changed_at = {now}
        where workspace_id = ?2 and user_id = ?3 and (?6 or (role <> 'owner' and ?4 <> 'owner'))
            and (?4 = 'owner' or {NOT_THE_LAST_OWNER}) returning user_id",
        now = now!()
    );
    let parameters =
        [pinned_ms.into(), workspace_id.into(), user_id.into(), role.as_str().into(), by.actor.into(), by.owns.into()];
    if !db.execute(&sql, &parameters).await?.is_empty() {
        return Ok(Changed::Done);
    }
    why_not(db, workspace_id, user_id, role == Role::Owner && !by.owns, by.owns).await
}

/// Takes a member out. A trigger ends what they had open here, and every token and link of theirs.
pub async fn remove(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, user_id): (&str, &str),
    by: By<'_>,
) -> Result<Changed, DbError> {
    let sql = format!(
        "update member set removed_by = ?4, changed_at = {now}
        where workspace_id = ?2 and user_id = ?3 and (?5 or role <> 'owner') and {NOT_THE_LAST_OWNER} returning user_id",
        now = now!()
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), user_id.into(), by.actor.into(), by.owns.into()];
    if !db.execute(&sql, &parameters).await?.is_empty() {
        return Ok(Changed::Done);
    }
    why_not(db, workspace_id, user_id, false, by.owns).await
}

async fn why_not(
    db: &dyn Db,
    workspace_id: &str,
    user_id: &str,
    wants_an_owner: bool,
    owns: bool,
) -> Result<Changed, DbError> {
    Ok(match find(db, workspace_id, user_id).await? {
        None => Changed::NotFound,
        Some(member) if wants_an_owner || (member.role == Role::Owner && !owns) => Changed::OwnersOnly,
        Some(_) => Changed::LastOwner,
    })
}

/// Hands the workspace on: the other becomes owner, and whoever was it an admin. `false`: one of them is not what it
/// would take.
pub async fn hand_over(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    from: &str,
    to: &str,
) -> Result<bool, DbError> {
    const HAND_OVER: &str = concat!(
        "update member set role = iif(user_id = ?4, 'owner', 'admin'), changed_by = ?3, changed_at = ",
        now!(),
        " where workspace_id = ?2 and user_id in (?3, ?4) and ?3 <> ?4
            and (select count(*) from member where workspace_id = ?2
                and ((user_id = ?3 and role = 'owner') or user_id = ?4)) = 2
        returning user_id"
    );
    let rows = db.execute(HAND_OVER, &[pinned_ms.into(), workspace_id.into(), from.into(), to.into()]).await?;
    Ok(!rows.is_empty())
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
    use crate::people::testing::{self, bob};
    use crate::people::{session, user};

    const BY_ADA: By<'static> = By { actor: "ada", owns: true };
    const BY_AN_ADMIN: By<'static> = By { actor: "bob", owns: false };

    fn role(db: &dyn Db, workspace_id: &str, user_id: &str, role: Role, by: By<'_>) -> Changed {
        block_on(set_role(db, Some(9), (workspace_id, user_id), role, by)).unwrap()
    }

    fn out(db: &dyn Db, workspace_id: &str, user_id: &str, by: By<'_>) -> Changed {
        block_on(remove(db, Some(9), (workspace_id, user_id), by)).unwrap()
    }

    #[test]
    fn the_last_owner_can_neither_leave_nor_step_down() {
        let (db, home) = testing::claimed();
        assert_eq!(role(&db, &home, "ada", Role::Admin, BY_ADA), Changed::LastOwner);
        assert_eq!(out(&db, &home, "ada", BY_ADA), Changed::LastOwner);
        assert_eq!(role(&db, &home, "ada", Role::Owner, BY_ADA), Changed::Done);
        block_on(add(&db, 2, &bob(&home, Role::Owner))).unwrap();
        assert_eq!(out(&db, &home, "ada", BY_ADA), Changed::Done, "there is another owner now");
        assert_eq!(out(&db, &home, "bob", BY_ADA), Changed::LastOwner);
        assert_eq!(out(&db, &home, "ada", BY_ADA), Changed::NotFound);
    }

    #[test]
    fn only_an_owner_makes_and_unmakes_owners() {
        let (db, home) = testing::claimed();
        block_on(add(&db, 2, &bob(&home, Role::Admin))).unwrap();
        assert_eq!(role(&db, &home, "bob", Role::Owner, BY_AN_ADMIN), Changed::OwnersOnly);
        assert_eq!(role(&db, &home, "ada", Role::Analyst, BY_AN_ADMIN), Changed::OwnersOnly);
        assert_eq!(out(&db, &home, "ada", BY_AN_ADMIN), Changed::OwnersOnly);
        assert_eq!(role(&db, &home, "bob", Role::Owner, BY_ADA), Changed::Done);
    }

    #[test]
    fn an_owner_hands_the_workspace_on_in_one_step() {
        let (db, home) = testing::claimed();
        assert_eq!(block_on(hand_over(&db, Some(9), &home, "ada", "bob")), Ok(false), "bob is no member");
        block_on(add(&db, 2, &bob(&home, Role::Editor))).unwrap();
        assert_eq!(block_on(hand_over(&db, Some(9), &home, "bob", "ada")), Ok(false), "bob is no owner");
        assert_eq!(block_on(hand_over(&db, Some(9), &home, "ada", "ada")), Ok(false));
        assert_eq!(block_on(hand_over(&db, Some(9), &home, "ada", "bob")), Ok(true));
        let roles: Vec<Role> = block_on(list(&db, &home)).unwrap().iter().map(|one| one.role).collect();
        assert_eq!(roles, [Role::Admin, Role::Owner]);
    }

    #[test]
    fn history_says_who_came_who_changed_them_and_who_took_them_out() {
        let (db, home) = testing::claimed();
        block_on(add(&db, 2, &bob(&home, Role::Editor))).unwrap();
        role(&db, &home, "bob", Role::Analyst, BY_ADA);
        role(&db, &home, "bob", Role::Analyst, BY_ADA);
        out(&db, &home, "bob", BY_ADA);
        let expect =
            ["member.joined by ada", "member.joined by bob", "member.role_changed by ada", "member.removed by ada"];
        assert_eq!(testing::history(&db, &home), expect);
        let names = block_on(names(&db, &home)).unwrap();
        assert!(names.contains(&("bob".into(), "Bob".into())), "history still knows the name");
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
            assert_eq!(
                block_on(session::create(&db, Some(1), &testing::browser(workspace, "bob", workspace))),
                Ok(true)
            );
        }
        assert_eq!(
            block_on(session::create(&db, Some(1), &testing::browser("x", "ada", "w2"))),
            Ok(false),
            "no member, no session"
        );
        role(&db, &home, "bob", Role::Analyst, BY_ADA);
        assert_eq!(block_on(session::find(&db, Some(2), &home)), Ok(None));
        assert!(block_on(session::find(&db, Some(2), "w2")).unwrap().is_some());
    }

    #[test]
    fn a_session_enters_only_workspaces_of_its_user() {
        let (db, home) = testing::claimed();
        db.run("insert into workspace (id, name, slug, created_at) values ('w2', 'Two', 'two', 9)", &[]).unwrap();
        block_on(add(&db, 2, &bob(&home, Role::Editor))).unwrap();
        block_on(session::create(&db, Some(1), &testing::browser("one", "bob", &home))).unwrap();
        assert_eq!(block_on(session::enter(&db, "one", "two", "csrf2", "w2")), Ok(false));
        block_on(add(&db, 2, &bob("w2", Role::Analyst))).unwrap();
        assert_eq!(block_on(session::enter(&db, "one", "two", "csrf2", "w2")), Ok(true));
        assert_eq!(block_on(session::find(&db, Some(2), "one")), Ok(None));
        assert_eq!(block_on(session::find(&db, Some(2), "two")).unwrap().unwrap().role, Role::Analyst);
        assert_eq!(block_on(session::sweep(&db, Some(2 + session::LIFETIME_MS))), Ok(1));
    }
}
