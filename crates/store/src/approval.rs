//! Approvals: people's decisions on versions of posts. What waits for one is in `inbox`.

use domain::Decision;
use ports::{Db, DbError, Row};

use crate::now;
use crate::page::{Key, limited, older_than};

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
/// `not_reviewed`, `past`, `not_an_approver` or `own_version`. `false`: there is no such post.
pub async fn decide(db: &dyn Db, pinned_ms: Option<i64>, new: &NewApproval<'_>) -> Result<bool, DbError> {
    // It counts in the first round that is not over, for the person behind the program.
    const DECIDE: &str = concat!(
        "insert into approval (workspace_id, id, post_id, version, content_sha256, channel_id, due_at, decision, comment,
                               user_id, person, round, at)
        select workspace_id, ?3, id, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
            coalesce((select t.created_by from api_token t where t.workspace_id = ?2 and 'token:' || t.id = ?11), ?11),
            coalesce((select min(r.round) from approval_round r
                      where r.workspace_id = post.workspace_id and r.post_id = post.id and r.given < r.needed), 1),
            ", now!(), " from post
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

/// For whom the standing rule decides, where a policy asks for nobody.
pub const RULE: &str = "policy";

/// What the standing rule may approve now: reviewed, not held, not past its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled {
    /// The workspace.
    pub workspace_id: String,
    /// The post.
    pub post_id: String,
    /// Its version.
    pub version: i64,
    /// Of the version.
    pub content_sha256: String,
    /// Where to.
    pub channel_id: String,
    /// When, Unix milliseconds.
    pub due_at: i64,
}

/// Posts that wait although their policy asks for nobody, of all workspaces.
pub async fn ruled(db: &dyn Db, pinned_ms: Option<i64>, limit: u32) -> Result<Vec<Ruled>, DbError> {
    const RULED: &str = concat!(
        "select p.workspace_id, p.id, p.version, v.sha256, p.channel_id, p.due_at
        from approval_policy rule
        join post p on p.workspace_id = rule.workspace_id and p.state = 'awaiting_approval'
        join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id and e.set_for = rule.campaign_id
        join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
        join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
        where rule.kind = 'none' and p.held = 0 and (c.time_lapse or p.due_at > ",
        now!(),
        ") limit ?2"
    );
    let rows = db.execute(RULED, &[pinned_ms.into(), limited(limit)]).await?;
    rows.iter()
        .map(|row| {
            Ok(Ruled {
                workspace_id: row.text("workspace_id")?,
                post_id: row.text("id")?,
                version: row.int("version")?,
                content_sha256: row.text("sha256")?,
                channel_id: row.text("channel_id")?,
                due_at: row.int("due_at")?,
            })
        })
        .collect()
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

#[cfg(test)]
mod tests {
    use domain::PostState;
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
