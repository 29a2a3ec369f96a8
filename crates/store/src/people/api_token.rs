//! API tokens: a program's key to one workspace. The secret is stored as its SHA-256.

use domain::{Action, Role};
use ports::{Db, DbError, Row};

use crate::json::{opt_json, to_json};
use crate::now;
use crate::page::{Key, limited, older_than};

/// A token, without its secret, which nobody has but its holder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// The workspace it opens.
    pub workspace_id: String,
    /// Its id.
    pub id: String,
    /// What it is for, in a person's words.
    pub name: String,
    /// What it may do at most.
    pub role: Role,
    /// What of that it may do; `None`: all.
    pub scopes: Option<Vec<Action>>,
    /// Who made it: a user, `token:<id>` or `operator`.
    pub created_by: String,
    /// The user who answers for it: when they go, it goes. `None`: the operator made it.
    pub person: Option<String>,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds; `None`: it does not expire.
    pub expires_at: Option<i64>,
    /// Last noted use, Unix milliseconds; `None`: never.
    pub used_at: Option<i64>,
    /// Unix milliseconds; `None`: it was not revoked.
    pub revoked_at: Option<i64>,
}

impl ApiToken {
    /// Whether it may do this.
    pub fn may(&self, action: Action) -> bool {
        self.role.may(action) && self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&action))
    }
}

/// Use is noted at most so often: 5 minutes, in milliseconds.
const TOUCH_MS: i64 = 5 * 60_000;

const COLUMNS: &str =
    "workspace_id, id, name, role, scopes, created_by, person, created_at, expires_at, used_at, revoked_at";

fn api_token(row: Row<'_>) -> Result<ApiToken, DbError> {
    Ok(ApiToken {
        workspace_id: row.text("workspace_id")?,
        id: row.text("id")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        scopes: opt_json(&row, "scopes")?,
        created_by: row.text("created_by")?,
        person: row.opt_text("person")?,
        created_at: row.int("created_at")?,
        expires_at: row.opt_int("expires_at")?,
        used_at: row.opt_int("used_at")?,
        revoked_at: row.opt_int("revoked_at")?,
    })
}

/// Keeps a new one under the hash of its secret.
pub async fn create(db: &dyn Db, token: &ApiToken, sha256: &str) -> Result<(), DbError> {
    let scopes = token.scopes.as_ref().map(to_json).transpose()?;
    db.execute(
        "insert into api_token
            (workspace_id, id, name, sha256, role, scopes, created_by, person, created_at, expires_at)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        &[
            (&token.workspace_id).into(),
            (&token.id).into(),
            (&token.name).into(),
            sha256.into(),
            token.role.as_str().into(),
            scopes.into(),
            (&token.created_by).into(),
            token.person.clone().into(),
            token.created_at.into(),
            token.expires_at.into(),
        ],
    )
    .await
    .map(|_| ())
}

/// The valid one with this hash. Its use is noted, now and then.
pub async fn find(db: &dyn Db, pinned_ms: Option<i64>, sha256: &str) -> Result<Option<ApiToken>, DbError> {
    let sql = format!(
        "select {COLUMNS}, coalesce(used_at, 0) + {TOUCH_MS} < {now} as to_touch from api_token
        where sha256 = ?2 and revoked_at is null and (expires_at is null or expires_at > {now})",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), sha256.into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    if row.bool("to_touch")? {
        const TOUCH: &str = concat!("update api_token set used_at = ", now!(), " where sha256 = ?2");
        db.execute(TOUCH, &[pinned_ms.into(), sha256.into()]).await?;
    }
    api_token(row).map(Some)
}

/// All of a workspace, the newest first.
pub async fn list(db: &dyn Db, workspace_id: &str, after: Option<&Key>, limit: u32) -> Result<Vec<ApiToken>, DbError> {
    let sql = format!(
        "select {COLUMNS} from api_token where workspace_id = ?1 and (created_at, id) < (?2, ?3)
        order by created_at desc, id desc limit ?4"
    );
    let [at, id] = older_than(after);
    db.execute(&sql, &[workspace_id.into(), at, id, limited(limit)]).await?.iter().map(api_token).collect()
}

/// Ends one for good, and those that were made with it; a second time changes nothing. `None`: the workspace has none
/// of this id.
pub async fn revoke(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    workspace_id: &str,
    id: &str,
    actor: &str,
) -> Result<Option<ApiToken>, DbError> {
    let sql = format!(
        "with recursive family (id) as (
            select ?3
            union select t.id from api_token t join family f on t.created_by = 'token:' || f.id
            where t.workspace_id = ?2)
        update api_token set revoked_by = iif(revoked_at is null, ?4, revoked_by), revoked_at = coalesce(revoked_at, {now})
        where workspace_id = ?2 and id in (select id from family) returning {COLUMNS}",
        now = now!()
    );
    let rows = db.execute(&sql, &[pinned_ms.into(), workspace_id.into(), id.into(), actor.into()]).await?;
    let family: Vec<ApiToken> = rows.iter().map(api_token).collect::<Result<_, _>>()?;
    Ok(family.into_iter().find(|token| token.id == id))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;
    use crate::people::member::{self, By};
    use crate::people::testing::{self, bob};

    fn token(db: &NativeDb, workspace_id: &str, id: &str, by: (&str, &str), role: Role) {
        let token = ApiToken {
            workspace_id: workspace_id.into(),
            id: id.into(),
            name: "CI".into(),
            role,
            scopes: Some(vec![Action::Read]),
            created_by: by.0.into(),
            person: Some(by.1.into()),
            created_at: 1,
            expires_at: None,
            used_at: None,
            revoked_at: None,
        };
        block_on(create(db, &token, id)).unwrap();
    }

    fn works(db: &NativeDb, id: &str) -> bool {
        block_on(find(db, Some(600_000), id)).unwrap().is_some()
    }

    #[test]
    fn a_scope_narrows_the_role_and_never_widens_it() {
        let (db, home) = testing::claimed();
        token(&db, &home, "t", ("ada", "ada"), Role::Analyst);
        let mut found = block_on(find(&db, Some(600_000), "t")).unwrap().unwrap();
        assert!(found.may(Action::Read) && !found.may(Action::Write));
        found.scopes = Some(vec![Action::Write]);
        assert!(!found.may(Action::Write) && !found.may(Action::Read));
        found.scopes = None;
        assert!(found.may(Action::Read) && !found.may(Action::Write));
    }

    #[test]
    fn all_are_listed_page_by_page_the_newest_first() {
        let (db, home) = testing::claimed();
        for id in ["a", "b", "c"] {
            token(&db, &home, id, ("ada", "ada"), Role::Analyst);
        }
        let ids = |after: Option<&str>| -> Vec<String> {
            let key = after.map(|id| Key { at: 1, id: id.into() });
            block_on(list(&db, &home, key.as_ref(), 2)).unwrap().into_iter().map(|one| one.id).collect()
        };
        assert_eq!((ids(None), ids(Some("b"))), (vec!["c".to_string(), "b".into()], vec!["a".to_string()]));
        assert_eq!(block_on(list(&db, "another", None, 9)), Ok(vec![]));
    }

    #[test]
    fn its_last_use_is_noted() {
        let (db, home) = testing::claimed();
        token(&db, &home, "t", ("ada", "ada"), Role::Analyst);
        assert_eq!(block_on(list(&db, &home, None, 9)).unwrap()[0].used_at, None);
        block_on(find(&db, Some(600_000), "t")).unwrap();
        block_on(find(&db, Some(600_001), "t")).unwrap();
        assert_eq!(block_on(list(&db, &home, None, 9)).unwrap()[0].used_at, Some(600_000));
    }

    #[test]
    fn who_is_demoted_or_leaves_takes_their_tokens_along_also_those_made_by_a_token() {
        let (db, home) = testing::claimed();
        block_on(member::add(&db, 2, &bob(&home, Role::Admin))).unwrap();
        let by = By { actor: "ada", owns: true };
        token(&db, &home, "hers", ("ada", "ada"), Role::Admin);
        token(&db, &home, "his", ("bob", "bob"), Role::Admin);
        token(&db, &home, "made-with-his", ("token:his", "bob"), Role::Analyst);
        block_on(member::set_role(&db, Some(3), (&home, "bob"), Role::Owner, by)).unwrap();
        assert!(works(&db, "his"), "an owner may have it as well");
        block_on(member::set_role(&db, Some(4), (&home, "bob"), Role::Editor, by)).unwrap();
        assert_eq!([works(&db, "hers"), works(&db, "his"), works(&db, "made-with-his")], [true, false, false]);

        block_on(member::set_role(&db, Some(5), (&home, "bob"), Role::Admin, by)).unwrap();
        token(&db, &home, "another", ("bob", "bob"), Role::Analyst);
        block_on(member::remove(&db, Some(6), (&home, "bob"), by)).unwrap();
        assert_eq!([works(&db, "hers"), works(&db, "another")], [true, false]);
        assert!(testing::history(&db, &home).contains(&"token.revoked by ada".into()));
    }

    #[test]
    fn a_revoked_token_takes_along_what_was_made_with_it() {
        let (db, home) = testing::claimed();
        token(&db, &home, "root", ("ada", "ada"), Role::Admin);
        token(&db, &home, "child", ("token:root", "ada"), Role::Admin);
        token(&db, &home, "grandchild", ("token:child", "ada"), Role::Admin);
        token(&db, &home, "other", ("ada", "ada"), Role::Admin);
        assert_eq!(block_on(revoke(&db, Some(5), "w2", "root", "eve")), Ok(None));
        assert_eq!(block_on(revoke(&db, Some(5), &home, "root", "ada")).unwrap().unwrap().revoked_at, Some(5));
        assert_eq!(["root", "child", "grandchild", "other"].map(|id| works(&db, id)), [false, false, false, true]);
        block_on(revoke(&db, Some(6), &home, "root", "bob")).unwrap();
        let ends = testing::history(&db, &home).into_iter().filter(|line| line.starts_with("token.revoked")).count();
        assert_eq!(ends, 3, "a second time is no event");
    }
}
