//! Posts and their versions.

use domain::{Content, PostState, Scores};
use ports::{Db, DbError, Row};

use crate::json::{json, opt_json};
use crate::now;
use crate::page::{Key, limited, newer_than};
use crate::weekly_slot::{first_free, offered};

/// A post with what a page or a program wants to know of it at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Its id: the campaign's, a hyphen, the slot.
    pub id: String,
    /// Its campaign.
    pub campaign_id: String,
    /// Its place in the calendar, counted from 1.
    pub slot: i64,
    /// Where to.
    pub channel_id: String,
    /// As the brief names it.
    pub channel_name: String,
    /// Which adapter sends to it.
    pub platform: String,
    /// Whether the channel has weekly slots.
    pub has_slots: bool,
    /// Whether its campaign was put away: then it goes out at no time.
    pub is_put_away: bool,
    /// The campaign's zone: `planned_local` is in it.
    pub timezone: String,
    /// Wall time.
    pub planned_local: String,
    /// Unix milliseconds.
    pub due_at: i64,
    /// BCP 47 tag.
    pub language: String,
    /// The theme that it carries.
    pub pillar: String,
    /// What it is about.
    pub angle: String,
    /// Where it is.
    pub state: PostState,
    /// A person holds it back.
    pub held: bool,
    /// The current version; 0 before the first.
    pub version: i64,
    /// Sent back by review since a person last decided.
    pub revisions: i64,
    /// What a person said when sending it back.
    pub comment: Option<String>,
    /// Why it needs a person, was missed or failed.
    pub reason: Option<String>,
    /// Where it can be seen.
    pub ext_url: Option<String>,
    /// Unix milliseconds.
    pub published_at: Option<i64>,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
    /// What the current version says; none before the first.
    pub current: Option<Current>,
    /// The newest approval that stands.
    pub approval: Option<Standing>,
    /// How many of the approvals that its policy asks for stand.
    pub given: i64,
    /// How many its policy asks for.
    pub needed: i64,
    /// Whose turn it is, where somebody said so: a user's id.
    pub assigned_to: Option<String>,
    /// Since when it waits for a person, Unix milliseconds.
    pub waits_since: Option<i64>,
    /// It has waited longer than it should.
    pub is_overdue: bool,
}

/// The current version of a post.
#[derive(Clone, Debug, PartialEq)]
pub struct Current {
    /// What it says.
    pub content: Content,
    /// What an approval binds to.
    pub sha256: String,
    /// `copywriter`, or a user's id.
    pub author: String,
    /// Provider and model, when a model wrote it.
    pub model: Option<String>,
    /// Why it has no picture although it was to have one.
    pub no_picture: Option<String>,
    /// What its picture cost, where one was drawn.
    pub picture_micro_usd: Option<i64>,
    /// The editor's, once it has judged.
    pub scores: Option<Scores>,
    /// How many findings its reviewers have.
    pub findings: i64,
}

/// An approval that stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Who decided.
    pub user_id: String,
    /// Unix milliseconds.
    pub at: i64,
}

// The campaign's page is one statement: everything that it shows of a post is joined here.
const SELECT: &str = "select p.id, p.campaign_id, p.slot, p.channel_id, ch.name as channel_name, ch.platform, c.timezone,
    p.planned_local, p.due_at, p.language, p.pillar, p.angle, p.state, p.held, p.version, p.revisions, p.comment, p.reason,
    p.ext_url, p.published_at, p.revision, p.created_at, p.updated_at, v.content, v.sha256, v.author, v.model, v.no_picture,
    (select g.spent_micro_usd from picture g indexed by picture_name where g.workspace_id = v.workspace_id
        and g.sha256 = v.content ->> '$.image.drawn.sha256' and g.model = v.content ->> '$.image.drawn.model' limit 1) as picture_micro_usd,
    (select r.scores from review r where r.workspace_id = p.workspace_id and r.post_id = p.id and r.version = p.version
        and r.counts = 1) as scores,
    (select coalesce(sum(json_array_length(r.findings)), 0) from review r
        where r.workspace_id = p.workspace_id and r.post_id = p.id and r.version = p.version) as findings,
    p.assigned_to, p.waits_since, p.reminded_at, c.archived_at is not null as is_put_away,
    exists (select 1 from weekly_slot w where w.workspace_id = p.workspace_id and w.channel_id = p.channel_id
        and w.enabled = 1) as has_slots,
    (select coalesce(sum(min(r.given, r.needed)), 0) from approval_round r where r.workspace_id = p.workspace_id and r.post_id = p.id)
        as given,
    (select coalesce(sum(r.needed), 0) from approval_round r where r.workspace_id = p.workspace_id and r.post_id = p.id) as needed,
    a.id as approval_id, a.user_id as approval_user_id, a.at as approval_at
    from post p
    join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
    join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
    left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
    left join approval a on a.workspace_id = p.workspace_id and a.id = (
        select s.id from approval s where s.workspace_id = p.workspace_id and s.post_id = p.id and s.decision = 'approve'
            and s.revoked_at is null order by s.at desc, s.id desc limit 1)";

fn post(row: Row<'_>) -> Result<Post, DbError> {
    let current = |content| -> Result<Current, DbError> {
        Ok(Current {
            content,
            sha256: row.text("sha256")?,
            author: row.text("author")?,
            model: row.opt_text("model")?,
            no_picture: row.opt_text("no_picture")?,
            picture_micro_usd: row.opt_int("picture_micro_usd")?,
            scores: opt_json(&row, "scores")?,
            findings: row.int("findings")?,
        })
    };
    let standing = |id| -> Result<Standing, DbError> {
        Ok(Standing { id, user_id: row.text("approval_user_id")?, at: row.int("approval_at")? })
    };
    Ok(Post {
        id: row.text("id")?,
        campaign_id: row.text("campaign_id")?,
        slot: row.int("slot")?,
        channel_id: row.text("channel_id")?,
        channel_name: row.text("channel_name")?,
        platform: row.text("platform")?,
        has_slots: row.bool("has_slots")?,
        is_put_away: row.bool("is_put_away")?,
        timezone: row.text("timezone")?,
        planned_local: row.text("planned_local")?,
        due_at: row.int("due_at")?,
        language: row.text("language")?,
        pillar: row.text("pillar")?,
        angle: row.text("angle")?,
        state: row.parsed("state")?,
        held: row.bool("held")?,
        version: row.int("version")?,
        revisions: row.int("revisions")?,
        comment: row.opt_text("comment")?,
        reason: row.opt_text("reason")?,
        ext_url: row.opt_text("ext_url")?,
        published_at: row.opt_int("published_at")?,
        revision: row.int("revision")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
        current: opt_json(&row, "content")?.map(current).transpose()?,
        approval: row.opt_text("approval_id")?.map(standing).transpose()?,
        given: row.int("given")?,
        needed: row.int("needed")?,
        assigned_to: row.opt_text("assigned_to")?,
        waits_since: row.opt_int("waits_since")?,
        is_overdue: row.opt_int("reminded_at")?.is_some(),
    })
}

/// A campaign's, by slot, after this slot. One statement, whatever it shows.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    campaign_id: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Post>, DbError> {
    let sql =
        format!("{SELECT} where p.workspace_id = ?1 and p.campaign_id = ?2 and p.slot > ?3 order by p.slot limit ?4");
    let parameters = [workspace_id.into(), campaign_id.into(), after.unwrap_or(0).into(), limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(post).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Post>, DbError> {
    let sql = format!("{SELECT} where p.workspace_id = ?1 and p.id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(post).transpose()
}

/// A workspace's that are planned in a window of time, by time: from `from_ms` on, before `until_ms`. Those of campaigns
/// that were put away go out at no time, so they are left out unless `put_away`.
pub async fn between(
    db: &dyn Db,
    workspace_id: &str,
    (from_ms, until_ms): (i64, i64),
    put_away: bool,
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Post>, DbError> {
    let sql = format!(
        "{SELECT} where p.workspace_id = ?1 and p.due_at >= ?2 and p.due_at < ?3 and (p.due_at, p.id) > (?4, ?5)
            and (?7 or c.archived_at is null)
        order by p.due_at, p.id limit ?6"
    );
    let [at, id] = newer_than(after);
    let parameters = [workspace_id.into(), from_ms.into(), until_ms.into(), at, id, limited(limit), put_away.into()];
    db.execute(&sql, &parameters).await?.iter().map(post).collect()
}

/// Drops a post that missed its time, so that nobody is asked about it again. `false`: it is not missed.
pub async fn drop_missed(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    actor: &str,
) -> Result<bool, DbError> {
    const DROP: &str = concat!(
        "update post set state = 'rejected', reason = null, revision = revision + 1, changed_by = ?4, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and state = 'missed' returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), actor.into()];
    Ok(!db.execute(DROP, &parameters).await?.is_empty())
}

/// A workspace's that missed their time, the newest first; not those of campaigns that were put away.
pub async fn missed(db: &dyn Db, workspace_id: &str, limit: u32) -> Result<Vec<Post>, DbError> {
    let sql = format!(
        "{SELECT} where p.workspace_id = ?1 and p.state = 'missed' and c.archived_at is null
        order by p.due_at desc limit ?2"
    );
    db.execute(&sql, &[workspace_id.into(), limited(limit)]).await?.iter().map(post).collect()
}

/// Makes it somebody's turn, or everybody's again. Only what waits can be assigned. `false`: nothing such waits.
pub async fn assign(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    to: Option<&str>,
    actor: &str,
) -> Result<bool, DbError> {
    const ASSIGN: &str = concat!(
        "update post set assigned_to = ?4, revision = revision + 1, changed_by = ?5, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and state in ('awaiting_approval', 'needs_person')
            and (?4 is null or exists (select 1 from member m where m.workspace_id = ?2 and m.user_id = ?4
                and m.role in ('owner', 'admin', 'approver')))
        returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), to.into(), actor.into()];
    Ok(!db.execute(ASSIGN, &parameters).await?.is_empty())
}

/// What a person may change of a post beside its words; `None` leaves it.
#[derive(Clone, Debug, Default)]
pub struct Change<'a> {
    /// Another time: the wall time and its instant. Voids what was approved.
    pub planned: Option<(&'a str, i64)>,
    /// Hold it back, or let it go.
    pub held: Option<bool>,
}

/// Changes a post, if it is still at this revision. Refused (`wrong_state`, `outcome_unknown`) when
/// it is past changing. `false`: there is none at this revision.
pub async fn change(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    change: &Change<'_>,
    actor: &str,
) -> Result<bool, DbError> {
    const CHANGE: &str = concat!(
        "update post set planned_local = coalesce(?5, planned_local), due_at = coalesce(?6, due_at), held = coalesce(?7, held),
            revision = revision + 1, changed_by = ?8, updated_at = ", now!(), "
        where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        change.planned.map(|(local, _)| local).into(),
        change.planned.map(|(_, due_at)| due_at).into(),
        change.held.into(),
        actor.into(),
    ];
    Ok(!db.execute(CHANGE, &parameters).await?.is_empty())
}

/// Moves a post to the first of these free slots that no other post of its channel holds by now, if it is still at this
/// revision; each is an instant and its wall time in the campaign's zone. Two posts at once take different ones.
/// Refused as [`change`] is. `false`: there is none at this revision, or nothing of it is free any more.
pub async fn move_to_free_slot(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): (&str, &str, i64),
    free: &[(i64, String)],
    actor: &str,
) -> Result<bool, DbError> {
    const MOVE: &str = concat!(
        "update post set planned_local = taken.local, due_at = taken.due_at, revision = revision + 1, changed_by = ?6,
            updated_at = ",
        now!(),
        " from ",
        first_free!("?5", "?2", "(select channel_id from post where workspace_id = ?2 and id = ?3)", "?3"),
        " taken where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let parameters =
        [pinned_ms.into(), workspace_id.into(), id.into(), revision.into(), offered(free)?.into(), actor.into()];
    Ok(!db.execute(MOVE, &parameters).await?.is_empty())
}

/// An immutable version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counted from 1.
    pub version: i64,
    /// What it says.
    pub content: Content,
    /// What an approval binds to.
    pub sha256: String,
    /// `copywriter`, or a user's id.
    pub author: String,
    /// Provider and model, when a model wrote it.
    pub model: Option<String>,
    /// Why it has no picture although it was to have one.
    pub no_picture: Option<String>,
    /// What its picture cost, where one was drawn.
    pub picture_micro_usd: Option<i64>,
    /// Unix milliseconds.
    pub created_at: i64,
}

const VERSION_COLUMNS: &str = "version, content, sha256, author, model, no_picture, created_at,
    (select g.spent_micro_usd from picture g indexed by picture_name where g.workspace_id = post_version.workspace_id
        and g.sha256 = post_version.content ->> '$.image.drawn.sha256'
        and g.model = post_version.content ->> '$.image.drawn.model' limit 1) as picture_micro_usd";

fn version_row(row: Row<'_>) -> Result<Version, DbError> {
    Ok(Version {
        version: row.int("version")?,
        content: json(&row, "content")?,
        sha256: row.text("sha256")?,
        author: row.text("author")?,
        model: row.opt_text("model")?,
        no_picture: row.opt_text("no_picture")?,
        picture_micro_usd: row.opt_int("picture_micro_usd")?,
        created_at: row.int("created_at")?,
    })
}

/// A post's versions, the newest first, before this one.
pub async fn versions(
    db: &dyn Db,
    workspace_id: &str,
    post_id: &str,
    after: Option<i64>,
    limit: u32,
) -> Result<Vec<Version>, DbError> {
    let sql = format!(
        "select {VERSION_COLUMNS} from post_version where workspace_id = ?1 and post_id = ?2 and version < ?3
        order by version desc limit ?4"
    );
    let parameters = [workspace_id.into(), post_id.into(), after.unwrap_or(i64::MAX).into(), limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(version_row).collect()
}

/// This version.
pub async fn version(db: &dyn Db, workspace_id: &str, post_id: &str, version: i64) -> Result<Option<Version>, DbError> {
    let sql =
        format!("select {VERSION_COLUMNS} from post_version where workspace_id = ?1 and post_id = ?2 and version = ?3");
    let parameters = [workspace_id.into(), post_id.into(), version.into()];
    db.execute(&sql, &parameters).await?.first().map(version_row).transpose()
}

/// A person's edit: the version after `base`. It voids what was approved and goes to review. Refused (`superseded`
/// where `base` is not the current one, `wrong_state`, `outcome_unknown`). `None`: there is no such
/// post; else the new version's number.
pub async fn edit(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, base): (&str, &str, i64),
    content: &Content,
    actor: &str,
) -> Result<Option<i64>, DbError> {
    const EDIT: &str = concat!(
        "insert into post_version (workspace_id, post_id, version, content, sha256, author, created_at)
        select workspace_id, id, ?4 + 1, ?5, ?6, ?7, ",
        now!(),
        " from post where workspace_id = ?2 and id = ?3
        returning version"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        base.into(),
        content.canonical().into(),
        content.sha256().into(),
        actor.into(),
    ];
    db.execute(EDIT, &parameters).await?.first().map(|row| row.int("version")).transpose()
}

#[cfg(test)]
mod tests {
    use domain::{Decision, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::job;
    use crate::play::{FIRST_DUE_MS, Play, START_MS, content};

    fn edit_at(play: &Play, base: i64) -> Result<Option<i64>, DbError> {
        block_on(edit(&play.db, Some(START_MS), (&play.workspace_id, "c-1", base), &content("Mine"), "ada"))
    }

    fn move_to(play: &Play, due_at: i64) -> Result<bool, DbError> {
        let change = Change { planned: Some(("2027-02-01T08:00:00", due_at)), ..Default::default() };
        let of = (play.workspace_id.as_str(), "c-1", play.post("c-1").revision);
        block_on(super::change(&play.db, Some(START_MS), of, &change, "ada"))
    }

    #[test]
    fn an_edit_of_an_older_version_is_refused() {
        let play = Play::drafted(false);
        assert_eq!(edit_at(&play, 1), Ok(Some(2)));
        assert_eq!(edit_at(&play, 1), Err(DbError::Refused("superseded".into())));
        assert_eq!(edit_at(&play, 7), Err(DbError::Refused("superseded".into())));
    }

    #[test]
    fn what_is_being_sent_can_be_neither_edited_nor_moved_nor_held() {
        let play = Play::drafted(true);
        play.decide("c-1", Decision::Approve).unwrap();
        let job = play.claim(Step::Publish, START_MS);
        let arm = job::Arm { job: &job, call_ms: 1_000, quiet_ms: 1_000 };
        block_on(job::arm(&play.db.0, Some(START_MS), arm)).unwrap().unwrap();
        assert_eq!(edit_at(&play, 1), Err(DbError::Refused("outcome_unknown".into())));
        assert_eq!(move_to(&play, FIRST_DUE_MS + 5), Err(DbError::Refused("outcome_unknown".into())));
        let hold = Change { held: Some(true), ..Default::default() };
        let of = (play.workspace_id.as_str(), "c-1", play.post("c-1").revision);
        let held = block_on(change(&play.db, Some(START_MS), of, &hold, "ada"));
        assert_eq!(held, Err(DbError::Refused("outcome_unknown".into())));
    }

    #[test]
    fn a_post_of_a_campaign_that_is_over_stays_as_it_is() {
        let play = Play::drafted(false);
        block_on(crate::campaign::cancel(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada")).unwrap();
        assert_eq!(play.post("c-1").state, PostState::Cancelled);
        assert_eq!(edit_at(&play, 1), Err(DbError::Refused("wrong_state".into())));
        assert_eq!(move_to(&play, FIRST_DUE_MS + 5), Err(DbError::Refused("wrong_state".into())));
    }

    #[test]
    fn a_change_to_an_older_revision_changes_nothing() {
        let play = Play::drafted(false);
        let of = (play.workspace_id.as_str(), "c-1", play.post("c-1").revision);
        let hold = Change { held: Some(true), ..Default::default() };
        assert_eq!(block_on(change(&play.db, Some(START_MS), of, &hold, "ada")), Ok(true));
        assert!(play.post("c-1").held);
        let release = Change { held: Some(false), ..Default::default() };
        assert_eq!(block_on(change(&play.db, Some(START_MS), of, &release, "ada")), Ok(false));
        assert!(play.post("c-1").held);
    }

    #[test]
    fn a_missed_post_goes_on_from_where_it_was_when_it_gets_another_time() {
        let missed = |play: &Play| {
            block_on(crate::sweep::sweep(&play.db.0, Some(FIRST_DUE_MS + 900_001))).unwrap();
            assert_eq!(play.post("c-1").state, PostState::Missed);
            assert_eq!(move_to(play, FIRST_DUE_MS + 9_000_000), Ok(true));
            play.post("c-1").state
        };
        assert_eq!(missed(&Play::drafted(false)), PostState::AwaitingApproval);
        let unwritten = Play::producing("c", false);
        assert_eq!(missed(&unwritten), PostState::Writing);
        assert_eq!(unwritten.count("select count(*) as n from job where post_id = 'c-1' and state = 'ready'"), 1);
        let unjudged = Play::producing("c", false);
        unjudged.write();
        assert_eq!(missed(&unjudged), PostState::InReview);
        unjudged.review("approve");
        assert_eq!(unjudged.post("c-1").state, PostState::AwaitingApproval);
    }

    #[test]
    fn what_was_missed_can_be_dropped_and_nothing_else_can_that_way() {
        let play = Play::drafted(false);
        let drop = |id: &str| block_on(drop_missed(&play.db, Some(START_MS), (&play.workspace_id, id), "ada"));
        assert_eq!(drop("c-1"), Ok(false));
        block_on(crate::sweep::sweep(&play.db.0, Some(FIRST_DUE_MS + 900_001))).unwrap();
        let list = || block_on(missed(&play.db, &play.workspace_id, 9)).unwrap().len();
        assert_eq!(list(), 1);
        play.db.0.run("update campaign set archived_at = 1", &[]).unwrap();
        assert_eq!(list(), 0, "its campaign was put away");
        play.db.0.run("update campaign set archived_at = null", &[]).unwrap();
        assert_eq!((drop("c-1"), drop("c-1")), (Ok(true), Ok(false)));
        assert_eq!(play.post("c-1").state, PostState::Rejected);
        assert_eq!(list(), 0);
    }

    #[test]
    fn versions_and_reviews_are_never_changed_or_deleted() {
        let play = Play::drafted(false);
        for sql in [
            "update post_version set content = '{}'",
            "delete from post_version",
            "update review set verdict = 'reject'",
            "delete from review",
        ] {
            assert_eq!(play.db.0.run(sql, &[]).unwrap_err(), DbError::Refused("append_only".into()), "{sql}");
        }
    }
}
