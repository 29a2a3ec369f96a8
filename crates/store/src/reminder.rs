//! Reminders: what has waited too long is overdue; after longer still, owners and admins are told.

use ports::{Db, DbError, Value};

use crate::now;

/// What one look found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reminded {
    /// Newly overdue.
    pub overdue: usize,
    /// Newly told to owners and admins.
    pub escalated: usize,
}

/// Most rows that one look changes of each kind.
const REMIND_MAX: u32 = 200;

/// Marks what has waited too long, in all workspaces. Bounded, guarded, and safe to run any number of times at once.
pub async fn remind(db: &dyn Db, pinned_ms: Option<i64>) -> Result<Reminded, DbError> {
    let pinned: Value = pinned_ms.into();
    let run = async |sql: String| db.execute(&sql, std::slice::from_ref(&pinned)).await.map(|rows| rows.len());
    let now = now!();
    let posts = |mark: &str, after_h: &str| {
        format!(
            "update post set {mark} = {now} where (workspace_id, id) in (
                select p.workspace_id, p.id from post p
                join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
                join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
                where c.archived_at is null and p.state = 'awaiting_approval' and p.{mark} is null and p.waits_since < {now}
                  and p.waits_since + e.{after_h} * 3600000 <= {now}
                limit {REMIND_MAX}) and {mark} is null returning id"
        )
    };
    let strategies = |mark: &str, after_h: &str| {
        format!(
            "update strategy set {mark} = {now} where (workspace_id, campaign_id, version) in (
                select s.workspace_id, s.campaign_id, s.version from strategy s
                join campaign_policy e on e.workspace_id = s.workspace_id and e.campaign_id = s.campaign_id
                join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
                where c.archived_at is null and s.state = 'proposed' and s.{mark} is null and s.created_at < {now}
                  and s.created_at + e.{after_h} * 3600000 <= {now}
                limit {REMIND_MAX}) and {mark} is null returning campaign_id"
        )
    };
    let overdue =
        run(posts("reminded_at", "remind_after_h")).await? + run(strategies("reminded_at", "remind_after_h")).await?;
    let escalated = run(posts("escalated_at", "escalate_after_h")).await?
        + run(strategies("escalated_at", "escalate_after_h")).await?;
    Ok(Reminded { overdue, escalated })
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::notification;
    use crate::play::{Play, START_MS};

    const HOUR_MS: i64 = 3_600_000;

    #[test]
    fn what_waits_too_long_is_told_once_to_those_who_may_decide_and_later_to_owners_and_admins() {
        let play = Play::drafted(false);
        for (user, role) in [("ada", "owner"), ("ben", "approver"), ("edd", "editor")] {
            play.member(user, role);
        }
        // A day before the posts are due; they wait since then.
        let at = |hours: i64| block_on(remind(&play.db.0, Some(START_MS + hours * HOUR_MS))).unwrap();
        let told =
            |user: &str| block_on(notification::unread(&play.db, &play.workspace_id, user, None, 9)).unwrap().len();
        assert_eq!(at(23), Reminded::default());
        assert_eq!(at(24), Reminded { overdue: 2, escalated: 0 });
        assert_eq!(at(25), Reminded::default(), "once");
        assert_eq!((told("ada"), told("ben"), told("edd")), (2, 2, 0));
        assert!(play.post("c-1").is_overdue);
        assert_eq!(at(48), Reminded { overdue: 0, escalated: 2 });
        assert_eq!((told("ada"), told("ben")), (4, 2));
        assert_eq!(play.count("select count(*) as n from event where kind in ('post.overdue', 'post.escalated')"), 4);
        play.decide("c-1", domain::Decision::Reject).unwrap();
        assert_eq!((told("ada"), told("ben")), (2, 1), "what no longer waits reminds nobody");
    }

    #[test]
    fn what_is_put_away_reminds_nobody() {
        for play in [Play::drafted(false), Play::planned("c", false)] {
            let of = (play.workspace_id.as_str(), "c");
            block_on(crate::campaign::archive(&play.db, Some(START_MS), of, None, "ada")).unwrap();
            let reminded = block_on(remind(&play.db.0, Some(START_MS + 99 * HOUR_MS))).unwrap();
            assert_eq!(reminded, Reminded::default());
        }
    }

    #[test]
    fn a_plan_that_waits_is_overdue_too() {
        let play = Play::planned("c", false);
        play.member("ada", "owner");
        assert_eq!(block_on(remind(&play.db.0, Some(START_MS + 24 * HOUR_MS))).unwrap().overdue, 1);
        assert_eq!(block_on(notification::unread(&play.db, &play.workspace_id, "ada", None, 9)).unwrap().len(), 1);
    }

    #[test]
    fn what_is_assigned_reminds_its_person_alone() {
        let play = Play::drafted(false);
        for (user, role) in [("ada", "owner"), ("ben", "approver")] {
            play.member(user, role);
        }
        let assign =
            |id: &str, to| block_on(crate::post::assign(&play.db, Some(START_MS), (&play.workspace_id, id), to, "ada"));
        assert_eq!(assign("c-1", Some("ben")), Ok(true));
        assert_eq!(assign("c-1", Some("nobody")), Ok(false));
        assert_eq!(assign("c-9", Some("ben")), Ok(false));
        block_on(remind(&play.db.0, Some(START_MS + 24 * HOUR_MS))).unwrap();
        let told = |user: &str| block_on(notification::unread(&play.db, &play.workspace_id, user, None, 9)).unwrap();
        assert_eq!(told("ben").iter().filter(|one| one.kind == "assigned").count(), 1);
        assert_eq!(told("ada").iter().filter(|one| one.subject == "post:c-1").count(), 0);
        assert_eq!(told("ada").iter().filter(|one| one.subject == "post:c-2").count(), 1);
    }
}
