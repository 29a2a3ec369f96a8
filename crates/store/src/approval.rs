//! Approvals: people's decisions on versions of posts, and the list of what waits for one.

use domain::{Decision, PostState};
use ports::{Db, DbError, Row};

use crate::now;
use crate::page::{Key, limited, newer_than, older_than};

/// A decision on one version, for one channel and one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// Its id.
    pub id: String,
    /// The post.
    pub post_id: String,
    /// The version.
    pub version: i64,
    /// Its hash.
    pub content_sha256: String,
    /// Where to.
    pub channel_id: String,
    /// When, Unix milliseconds.
    pub due_at: i64,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub comment: Option<String>,
    /// Who decided.
    pub user_id: String,
    /// Their name, where a user decided.
    pub user_name: Option<String>,
    /// Unix milliseconds.
    pub at: i64,
    /// When it ceased to stand, Unix milliseconds.
    pub revoked_at: Option<i64>,
}

impl Approval {
    /// Its place in [`list`].
    pub fn key(&self) -> Key {
        Key { at: self.at, id: self.id.clone() }
    }
}

fn approval(row: Row<'_>) -> Result<Approval, DbError> {
    Ok(Approval {
        id: row.text("id")?,
        post_id: row.text("post_id")?,
        version: row.int("version")?,
        content_sha256: row.text("content_sha256")?,
        channel_id: row.text("channel_id")?,
        due_at: row.int("due_at")?,
        decision: row.parsed("decision")?,
        comment: row.opt_text("comment")?,
        user_id: row.text("user_id")?,
        user_name: row.opt_text("user_name")?,
        at: row.int("at")?,
        revoked_at: row.opt_int("revoked_at")?,
    })
}

/// A decision to be: on exactly what the person saw.
#[derive(Clone, Debug)]
pub struct NewApproval<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// The post.
    pub post_id: &'a str,
    /// The version that was seen.
    pub version: i64,
    /// Its hash.
    pub content_sha256: &'a str,
    /// The channel that was seen.
    pub channel_id: &'a str,
    /// The time that was seen, Unix milliseconds.
    pub due_at: i64,
    /// What was decided.
    pub decision: Decision,
    /// Why.
    pub comment: Option<&'a str>,
    /// Who decided.
    pub actor: &'a str,
}

/// Decides. Refused as `superseded`, `rescheduled`, `already_decided`, `wrong_state`, `outcome_unknown`,
/// `not_reviewed` or `past`. `false`: there is no such post.
pub async fn decide(db: &dyn Db, pinned_ms: Option<i64>, new: &NewApproval<'_>) -> Result<bool, DbError> {
    const DECIDE: &str = concat!(
        "insert into approval (workspace_id, id, post_id, version, content_sha256, channel_id, due_at, decision, comment,
                               user_id, at)
        select workspace_id, ?3, id, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ", now!(), " from post
        where workspace_id = ?2 and id = ?4 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        new.post_id.into(),
        new.version.into(),
        new.content_sha256.into(),
        new.channel_id.into(),
        new.due_at.into(),
        new.decision.as_str().into(),
        new.comment.into(),
        new.actor.into(),
    ];
    Ok(!db.execute(DECIDE, &parameters).await?.is_empty())
}

const SELECT: &str =
    "select a.id, a.post_id, a.version, a.content_sha256, a.channel_id, a.due_at, a.decision, a.comment,
    a.user_id, u.name as user_name, a.at, a.revoked_at
    from approval a left join user u on u.id = a.user_id";

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Approval>, DbError> {
    let sql = format!("{SELECT} where a.workspace_id = ?1 and a.id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(approval).transpose()
}

/// A post's, the newest first.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    post_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Approval>, DbError> {
    let sql = format!(
        "{SELECT} where a.workspace_id = ?1 and a.post_id = ?2 and (a.at, a.id) < (?3, ?4)
        order by a.at desc, a.id desc limit ?5"
    );
    let [at, id] = older_than(after);
    let parameters = [workspace_id.into(), post_id.into(), at, id, limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(approval).collect()
}

/// Something that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Tells it from the others: `strategy:<campaign>:<version>` or `post:<id>`.
    pub id: String,
    /// Since when, Unix milliseconds.
    pub since: i64,
    /// Its campaign.
    pub campaign_id: String,
    /// As people call it.
    pub campaign_name: String,
    /// The version to decide on; 0 where none was written.
    pub version: i64,
    /// Of what is decided on; none where nothing was written.
    pub sha256: Option<String>,
    /// What it is.
    pub what: WaitingFor,
}

impl Waiting {
    /// Its place in [`waiting`].
    pub fn key(&self) -> Key {
        Key { at: self.since, id: self.id.clone() }
    }
}

/// What waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaitingFor {
    /// A plan.
    Strategy,
    /// A post.
    Post {
        /// Its id.
        post_id: String,
        /// `awaiting_approval` or `needs_person`.
        state: PostState,
        /// Its title; none where nothing was written.
        title: Option<String>,
        /// The channel's name.
        channel_name: String,
        /// Wall time in the campaign's zone.
        planned_local: String,
        /// Unix milliseconds.
        due_at: i64,
        /// Why it needs a person.
        reason: Option<String>,
    },
}

/// All that waits for a person's decision, the longest wait first.
pub async fn waiting(
    db: &dyn Db,
    workspace_id: &str,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Waiting>, DbError> {
    let posts = |state: &str| {
        format!(
            "select 'post:' || p.id as id, p.updated_at as since, p.campaign_id, c.name as campaign_name, p.version, v.sha256,
                p.id as post_id, p.state, v.content ->> '$.title' as title, ch.name as channel_name, p.planned_local,
                p.due_at, p.reason
            from post p
            join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
            join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
            left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
            where p.workspace_id = ?1 and p.state = '{state}' and p.updated_at >= ?2"
        )
    };
    let sql = format!(
        "select * from (
            select 'strategy:' || s.campaign_id || ':' || s.version as id, s.created_at as since, s.campaign_id,
                c.name as campaign_name, s.version, s.sha256, null as post_id, null as state, null as title,
                null as channel_name, null as planned_local, null as due_at, null as reason
            from strategy s join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
            where s.workspace_id = ?1 and s.state = 'proposed' and c.stage = 'strategy_approval' and s.created_at >= ?2
            union all {} union all {})
        where (since, id) > (?2, ?3) order by since, id limit ?4",
        posts("awaiting_approval"),
        posts("needs_person"),
    );
    let [at, id] = newer_than(after);
    db.execute(&sql, &[workspace_id.into(), at, id, limited(limit)]).await?.iter().map(waiting_row).collect()
}

fn waiting_row(row: Row<'_>) -> Result<Waiting, DbError> {
    let what = match row.opt_text("post_id")? {
        None => WaitingFor::Strategy,
        Some(post_id) => WaitingFor::Post {
            post_id,
            state: row.parsed("state")?,
            title: row.opt_text("title")?,
            channel_name: row.text("channel_name")?,
            planned_local: row.text("planned_local")?,
            due_at: row.int("due_at")?,
            reason: row.opt_text("reason")?,
        },
    };
    Ok(Waiting {
        id: row.text("id")?,
        since: row.int("since")?,
        campaign_id: row.text("campaign_id")?,
        campaign_name: row.text("campaign_name")?,
        version: row.int("version")?,
        sha256: row.opt_text("sha256")?,
        what,
    })
}

/// How many things wait for a person's decision.
pub async fn waiting_count(db: &dyn Db, workspace_id: &str) -> Result<i64, DbError> {
    let rows = db
        .execute(
            "select (select count(*) from strategy s
                     join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
                     where s.workspace_id = ?1 and s.state = 'proposed' and c.stage = 'strategy_approval')
                  + (select count(*) from post where workspace_id = ?1 and state = 'awaiting_approval')
                  + (select count(*) from post where workspace_id = ?1 and state = 'needs_person') as n",
            &[workspace_id.into()],
        )
        .await?;
    rows.first().map_or(Ok(0), |row| row.int("n"))
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::play::{FIRST_DUE_MS, Play, START_MS, content};
    use crate::{job_list, post};

    fn refused(outcome: Result<bool, DbError>, reason: &str) {
        assert_eq!(outcome, Err(DbError::Refused(reason.into())));
    }

    #[test]
    fn an_approval_schedules_the_post_and_makes_its_one_publication() {
        let play = Play::drafted(false);
        assert_eq!(play.decide("c-1", Decision::Approve), Ok(true));
        let post = play.post("c-1");
        assert_eq!(post.state, PostState::Scheduled);
        assert_eq!(post.approval.unwrap().user_id, "ada");
        let job = block_on(job_list::find(&play.db, &play.workspace_id, "publish:a0")).unwrap().unwrap();
        assert_eq!(job.run_at, FIRST_DUE_MS);
    }

    #[test]
    fn a_superseded_version_cannot_be_decided_on() {
        let play = Play::drafted(false);
        let seen = play.post("c-1");
        block_on(post::edit(&play.db, Some(START_MS), (&play.workspace_id, "c-1", 1), &content("Mine"), "ada"))
            .unwrap();
        refused(play.decide_on(&seen, Decision::Approve), "superseded");
        refused(play.decide_on(&seen, Decision::Reject), "superseded");
        let never = post::Post { version: 9, ..seen };
        refused(play.decide_on(&never, Decision::Approve), "superseded");
    }

    #[test]
    fn a_hash_that_is_not_the_versions_is_refused() {
        let play = Play::drafted(false);
        let mut seen = play.post("c-1");
        seen.current.as_mut().unwrap().sha256 = "f".repeat(64);
        refused(play.decide_on(&seen, Decision::Approve), "superseded");
    }

    #[test]
    fn a_second_approval_is_refused() {
        let play = Play::drafted(false);
        let seen = play.post("c-1");
        play.decide_on(&seen, Decision::Approve).unwrap();
        refused(play.decide_on(&seen, Decision::Approve), "already_decided");
        assert_eq!(play.count("select count(*) as n from job where step = 'publish'"), 1);
    }

    #[test]
    fn an_edit_voids_what_was_approved() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        let edited =
            block_on(post::edit(&play.db, Some(START_MS), (&play.workspace_id, "c-1", 1), &content("Mine"), "ada"));
        assert_eq!(edited, Ok(Some(2)));
        let post = play.post("c-1");
        assert_eq!((post.state, post.version, post.approval), (PostState::InReview, 2, None));
        assert_eq!(play.count("select count(*) as n from job where step = 'publish' and state = 'cancelled'"), 1);
    }

    #[test]
    fn another_time_voids_what_was_approved_and_the_old_one_can_no_longer_be() {
        let play = Play::drafted(false);
        let seen = play.post("c-1");
        play.decide_on(&seen, Decision::Approve).unwrap();
        let revision = play.post("c-1").revision;
        let change = post::Change { planned: Some(("2027-01-20T08:00:00", FIRST_DUE_MS + 1)), ..Default::default() };
        assert_eq!(
            block_on(post::change(&play.db, Some(START_MS), (&play.workspace_id, "c-1", revision), &change, "ada")),
            Ok(true)
        );
        let post = play.post("c-1");
        assert_eq!((post.state, post.approval), (PostState::AwaitingApproval, None));
        refused(play.decide_on(&seen, Decision::Approve), "rescheduled");
        assert_eq!(play.decide("c-1", Decision::Approve), Ok(true));
        assert_eq!(play.count("select count(*) as n from job where step = 'publish' and state = 'ready'"), 1);
    }

    #[test]
    fn what_is_sent_back_is_written_again_and_what_is_rejected_is_not() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::SendBack).unwrap();
        assert_eq!(play.post("c-1").state, PostState::Writing);
        assert_eq!(play.post("c-1").comment.as_deref(), Some("So be it."));
        play.decide("c-2", Decision::Reject).unwrap();
        assert_eq!(play.post("c-2").state, PostState::Rejected);
        refused(play.decide("c-2", Decision::Approve), "wrong_state");
    }

    #[test]
    fn a_time_that_has_passed_is_not_approved() {
        let play = Play::drafted(false);
        let seen = play.post("c-1");
        let new = NewApproval {
            workspace_id: &play.workspace_id,
            id: "late",
            post_id: &seen.id,
            version: 1,
            content_sha256: &seen.current.as_ref().unwrap().sha256,
            channel_id: &seen.channel_id,
            due_at: seen.due_at,
            decision: Decision::Approve,
            comment: None,
            actor: "ada",
        };
        refused(block_on(decide(&play.db, Some(FIRST_DUE_MS), &new)), "past");
    }

    #[test]
    fn what_waits_is_listed_by_the_length_of_its_wait() {
        let play = Play::planned("c", false);
        let waiting_now = || block_on(waiting(&play.db, &play.workspace_id, None, 10)).unwrap();
        assert_eq!(waiting_now()[0].what, WaitingFor::Strategy);
        let drafted = Play::drafted(false);
        let all = block_on(waiting(&drafted.db, &drafted.workspace_id, None, 10)).unwrap();
        assert_eq!(all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["post:c-1", "post:c-2"]);
        let rest = block_on(waiting(&drafted.db, &drafted.workspace_id, Some(&all[0].key()), 10)).unwrap();
        assert_eq!(rest, all[1..]);
    }

    #[test]
    fn a_decision_is_never_rewritten_or_deleted() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        for sql in [
            "update approval set user_id = 'eve'",
            "update approval set decision = 'reject', revoked_at = 1",
            "delete from approval",
        ] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
    }
}
