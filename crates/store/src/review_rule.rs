//! A workspace's rules of review: its chains and thresholds.

use domain::chain::Rules;
use ports::{Db, DbError};

use crate::json::{json, to_json};
use crate::now;

/// Rules as they are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// What they say; the defaults where a workspace never had its own.
    pub rules: Rules,
    /// Grows with every change; 0 where a workspace never had its own.
    pub revision: i64,
    /// Who changed them last.
    pub changed_by: Option<String>,
    /// Unix milliseconds.
    pub updated_at: Option<i64>,
}

/// The ones that hold.
pub async fn find(db: &dyn Db, workspace_id: &str) -> Result<Kept, DbError> {
    let sql = "select rules, revision, changed_by, updated_at from review_rule where workspace_id = ?1";
    let rows = db.execute(sql, &[workspace_id.into()]).await?;
    let Some(row) = rows.first() else { return Ok(Kept::default()) };
    Ok(Kept {
        rules: json(&row, "rules")?,
        revision: row.int("revision")?,
        changed_by: row.opt_text("changed_by")?,
        updated_at: row.opt_int("updated_at")?,
    })
}

/// Sets them, if they are still at this revision. `false`: they are at another.
pub async fn set(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, revision): (&str, i64),
    rules: &Rules,
    actor: &str,
) -> Result<bool, DbError> {
    const BEGIN: &str = concat!(
        "insert into review_rule (workspace_id, rules, changed_by, updated_at)
        select ?2, ?4, ?5, ",
        now!(),
        " where ?3 = 0 on conflict do nothing returning revision"
    );
    const CHANGE: &str = concat!(
        "update review_rule set rules = ?4, revision = revision + 1, changed_by = ?5, updated_at = ",
        now!(),
        " where workspace_id = ?2 and revision = ?3 returning revision"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), revision.into(), to_json(rules)?.into(), actor.into()];
    let sql = if revision == 0 { BEGIN } else { CHANGE };
    Ok(!db.execute(sql, &parameters).await?.is_empty())
}

#[cfg(test)]
mod tests {
    use domain::Dimension;
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    #[test]
    fn whoever_changes_the_rules_second_learns_it() {
        let play = Play::begun("c", false);
        let of = play.workspace_id.as_str();
        assert_eq!(block_on(find(&play.db, of)).unwrap(), Kept::default());
        let mut rules = Rules::default();
        rules.thresholds.insert(Dimension::Truth, 8);
        let set = |revision| block_on(set(&play.db, Some(START_MS), (of, revision), &rules, "ada")).unwrap();
        assert_eq!([set(0), set(0), set(1), set(1)], [true, false, true, false]);
        let kept = block_on(find(&play.db, of)).unwrap();
        assert_eq!((kept.rules, kept.revision, kept.changed_by.as_deref()), (rules, 2, Some("ada")));
    }
}
