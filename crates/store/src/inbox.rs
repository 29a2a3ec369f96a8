//! The inbox: everything that waits for a person, the longest wait first.

use domain::PostState;
use ports::{Db, DbError, Row, Value};

use crate::page::{Key, limited, newer_than};

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
    /// It has waited longer than it should.
    pub is_overdue: bool,
    /// Owners and admins were told.
    pub is_escalated: bool,
    /// Whose turn it is, where somebody said so.
    pub assigned_to: Option<String>,
    /// Whether whoever asks could decide now: in the round, not yet counted, not the author, not somebody else's turn.
    pub for_me: bool,
    /// What it is.
    pub what: WaitingFor,
}

impl Waiting {
    /// Its place in [`list`].
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
        /// The channel.
        channel_id: String,
        /// The channel's name.
        channel_name: String,
        /// What it is connected to.
        platform: String,
        /// Wall time in the campaign's zone.
        planned_local: String,
        /// Unix milliseconds.
        due_at: i64,
        /// Why it needs a person.
        reason: Option<String>,
        /// A person holds it back.
        held: bool,
        /// How many of the approvals that it needs stand.
        given: i64,
        /// How many it needs.
        needed: i64,
    },
}

/// Which of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter {
    /// All.
    Everything,
    /// Those that whoever asks could decide now.
    ForMe,
    /// Those that have waited longer than they should.
    Overdue,
}

/// The person behind whoever asks.
const ME: &str =
    "coalesce((select t.created_by from api_token t where t.workspace_id = ?1 and 'token:' || t.id = ?5), ?5)";

fn posts(state: &str) -> String {
    // The same rules as the trigger approval_is_allowed keeps; here they only sort.
    let decidable = if state == "needs_person" {
        "1".to_string()
    } else {
        format!(
            "(not exists (select 1 from approval a where a.workspace_id = p.workspace_id and a.post_id = p.id
                    and a.decision = 'approve' and a.revoked_at is null and a.person = {ME})
            and exists (select 1 from approval_round r where r.workspace_id = p.workspace_id and r.post_id = p.id
                    and r.round = (select min(o.round) from approval_round o where o.workspace_id = p.workspace_id
                        and o.post_id = p.id and o.given < o.needed)
                    and (json_array_length(r.people) = 0 or {ME} in (select who.value from json_each(r.people) who))
                    and (e.author_may_approve or {ME} <> v.author or not exists (
                        select 1 from member m where m.workspace_id = p.workspace_id and m.user_id <> v.author
                            and m.role in ('owner', 'admin', 'approver') and (json_array_length(r.people) = 0
                                or m.user_id in (select who.value from json_each(r.people) who))))))"
        )
    };
    format!(
        "select 'post:' || p.id as id, p.waits_since as since, p.campaign_id, c.name as campaign_name, p.version, v.sha256,
            p.reminded_at is not null as is_overdue, p.escalated_at is not null as is_escalated, p.assigned_to,
            coalesce((p.assigned_to is null or p.assigned_to = {ME}) and {decidable}, 0) as for_me,
            p.id as post_id, p.state, v.content ->> '$.title' as title, p.channel_id, ch.name as channel_name, ch.platform,
            p.planned_local, p.due_at, p.reason, p.held,
            (select coalesce(sum(min(r.given, r.needed)), 0) from approval_round r
                where r.workspace_id = p.workspace_id and r.post_id = p.id) as given,
            (select coalesce(sum(r.needed), 0) from approval_round r
                where r.workspace_id = p.workspace_id and r.post_id = p.id) as needed
        from post p
        join campaign c on c.workspace_id = p.workspace_id and c.id = p.campaign_id
        join campaign_policy e on e.workspace_id = p.workspace_id and e.campaign_id = p.campaign_id
        join channel ch on ch.workspace_id = p.workspace_id and ch.id = p.channel_id
        left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
        where p.workspace_id = ?1 and p.state = '{state}' and p.waits_since >= ?2 and c.archived_at is null"
    )
}

fn strategies() -> String {
    format!(
        "select 'strategy:' || s.campaign_id || ':' || s.version as id, s.created_at as since, s.campaign_id,
            c.name as campaign_name, s.version, s.sha256, s.reminded_at is not null as is_overdue,
            s.escalated_at is not null as is_escalated, s.assigned_to,
            coalesce(s.assigned_to is null or s.assigned_to = {ME}, 0) as for_me,
            null as post_id, null as state, null as title, null as channel_id, null as channel_name, null as platform,
            null as planned_local, null as due_at, null as reason, null as held, null as given, null as needed
        from strategy s join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
        where s.workspace_id = ?1 and s.state = 'proposed' and c.stage = 'strategy_approval' and s.created_at >= ?2
            and c.archived_at is null"
    )
}

/// All that waits for a person's decision, the longest wait first. `actor`: who asks.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    (actor, filter): (&str, Filter),
    after: Option<&Key>,
    limit: u32,
) -> Result<Vec<Waiting>, DbError> {
    let only = match filter {
        Filter::Everything => "?5 is not null",
        Filter::ForMe => "for_me",
        Filter::Overdue => "is_overdue and ?5 is not null",
    };
    let sql = format!(
        "select * from ({} union all {} union all {})
        where (since, id) > (?2, ?3) and {only} order by since, id limit ?4",
        strategies(),
        posts("awaiting_approval"),
        posts("needs_person"),
    );
    let [at, id] = newer_than(after);
    let parameters = [workspace_id.into(), at, id, limited(limit), actor.into()];
    db.execute(&sql, &parameters).await?.iter().map(waiting).collect()
}

fn waiting(row: Row<'_>) -> Result<Waiting, DbError> {
    let what = match row.opt_text("post_id")? {
        None => WaitingFor::Strategy,
        Some(post_id) => WaitingFor::Post {
            post_id,
            state: row.parsed("state")?,
            title: row.opt_text("title")?,
            channel_id: row.text("channel_id")?,
            channel_name: row.text("channel_name")?,
            platform: row.text("platform")?,
            planned_local: row.text("planned_local")?,
            due_at: row.int("due_at")?,
            reason: row.opt_text("reason")?,
            held: row.bool("held")?,
            given: row.int("given")?,
            needed: row.int("needed")?,
        },
    };
    Ok(Waiting {
        id: row.text("id")?,
        since: row.int("since")?,
        campaign_id: row.text("campaign_id")?,
        campaign_name: row.text("campaign_name")?,
        version: row.int("version")?,
        sha256: row.opt_text("sha256")?,
        is_overdue: row.bool("is_overdue")?,
        is_escalated: row.bool("is_escalated")?,
        assigned_to: row.opt_text("assigned_to")?,
        for_me: row.bool("for_me")?,
        what,
    })
}

/// How much waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that waits for somebody's decision.
    pub all: i64,
    /// Of these, overdue.
    pub overdue: i64,
    /// What this person has not read.
    pub unread: i64,
}

/// Counts what waits, and what this person has not read. Reads partial indexes alone: what is put away is few, and
/// taken off.
pub async fn counts(db: &dyn Db, workspace_id: &str, user_id: &str) -> Result<Counts, DbError> {
    let rows = db
        .execute(
            "select (select count(*) from strategy s
                     join campaign c on c.workspace_id = s.workspace_id and c.id = s.campaign_id
                     where s.workspace_id = ?1 and s.state = 'proposed' and c.stage = 'strategy_approval'
                       and c.archived_at is null)
                  + (select count(*) from post where workspace_id = ?1 and state = 'awaiting_approval')
                  + (select count(*) from post where workspace_id = ?1 and state = 'needs_person')
                  - (select count(*) from campaign c
                     cross join post p on p.workspace_id = c.workspace_id and p.campaign_id = c.id
                     where c.workspace_id = ?1 and c.archived_at is not null
                       and p.state in ('awaiting_approval', 'needs_person')) as waiting,
                (select count(*) from post where workspace_id = ?1 and state = 'awaiting_approval' and reminded_at is not null)
                  + (select count(*) from strategy where workspace_id = ?1 and state = 'proposed' and reminded_at is not null)
                  - (select count(*) from campaign c
                     cross join post p on p.workspace_id = c.workspace_id and p.campaign_id = c.id
                     where c.workspace_id = ?1 and c.archived_at is not null
                       and p.state = 'awaiting_approval' and p.reminded_at is not null)
                  - (select count(*) from campaign c
                     cross join strategy s on s.workspace_id = c.workspace_id and s.campaign_id = c.id
                     where c.workspace_id = ?1 and c.archived_at is not null
                       and s.state = 'proposed' and s.reminded_at is not null) as overdue,
                (select count(*) from notification where workspace_id = ?1 and user_id = ?2 and read_at is null) as unread",
            &[workspace_id.into(), user_id.into()],
        )
        .await?;
    rows.first().map_or(Ok(Counts::default()), |row| {
        Ok(Counts { all: row.int("waiting")?, overdue: row.int("overdue")?, unread: row.int("unread")? })
    })
}

/// Makes a plan somebody's to decide, or everybody's again. `false`: no such plan waits, or it is nobody who may.
pub async fn assign_strategy(
    db: &dyn Db,
    (workspace_id, campaign_id, version): (&str, &str, i64),
    to: Option<&str>,
) -> Result<bool, DbError> {
    let parameters: [Value; 4] = [workspace_id.into(), campaign_id.into(), version.into(), to.into()];
    let rows = db
        .execute(
            "update strategy set assigned_to = ?4
            where workspace_id = ?1 and campaign_id = ?2 and version = ?3 and state = 'proposed'
              and (?4 is null or exists (select 1 from member m where m.workspace_id = ?1 and m.user_id = ?4
                    and m.role in ('owner', 'admin', 'approver')))
            returning version",
            &parameters,
        )
        .await?;
    Ok(!rows.is_empty())
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    fn ids(play: &Play, actor: &str, filter: Filter) -> Vec<String> {
        let all = block_on(list(&play.db, &play.workspace_id, (actor, filter), None, 10)).unwrap();
        all.into_iter().map(|one| one.id).collect()
    }

    #[test]
    fn what_waits_is_listed_by_the_length_of_its_wait() {
        let play = Play::planned("c", false);
        let all = block_on(list(&play.db, &play.workspace_id, ("ada", Filter::Everything), None, 10)).unwrap();
        assert_eq!(all[0].what, WaitingFor::Strategy);
        let drafted = Play::drafted(false);
        let page = |after: Option<&Key>| {
            block_on(list(&drafted.db, &drafted.workspace_id, ("ada", Filter::Everything), after, 10)).unwrap()
        };
        let all = page(None);
        assert_eq!(all.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["post:c-1", "post:c-2"]);
        assert_eq!(page(Some(&all[0].key())), all[1..]);
        let counts = block_on(counts(&drafted.db, &drafted.workspace_id, "ada")).unwrap();
        assert_eq!(counts, Counts { all: 2, overdue: 0, unread: 0 });
    }

    #[test]
    fn holding_or_assigning_something_does_not_make_its_wait_shorter() {
        let play = Play::drafted(false);
        let hold = crate::post::Change { held: Some(true), ..Default::default() };
        let revision = play.post("c-1").revision;
        let later = Some(START_MS + 5_000);
        block_on(crate::post::change(&play.db, later, (&play.workspace_id, "c-1", revision), &hold, "ada")).unwrap();
        assert_eq!(ids(&play, "ada", Filter::Everything), ["post:c-1", "post:c-2"]);
    }

    #[test]
    fn what_is_put_away_waits_for_nobody_until_it_is_taken_back() {
        for play in [Play::drafted(false), Play::planned("c", false)] {
            play.member("ada", "owner");
            let of = (play.workspace_id.as_str(), "c");
            let overdue = Some(START_MS + 30 * 3_600_000);
            block_on(crate::reminder::remind(&play.db.0, overdue)).unwrap();
            let all = ids(&play, "ada", Filter::Everything).len();
            let count = || block_on(counts(&play.db, &play.workspace_id, "ada")).unwrap();
            let before = count();
            assert!(all > 0 && before.overdue == before.all && before.all == i64::try_from(all).unwrap());
            block_on(crate::campaign::archive(&play.db, Some(START_MS), of, None, "ada")).unwrap();
            for filter in [Filter::Everything, Filter::ForMe, Filter::Overdue] {
                assert!(ids(&play, "ada", filter).is_empty());
            }
            assert_eq!((count().all, count().overdue), (0, 0));
            let alerts = block_on(crate::conductor::alerts(&play.db, Some(START_MS), &play.workspace_id)).unwrap();
            assert_eq!(alerts, vec![]);
            block_on(crate::campaign::unarchive(&play.db, Some(START_MS), of, None, "ada")).unwrap();
            assert_eq!(count(), before);
        }
    }

    #[test]
    fn mine_is_what_i_could_decide_now() {
        let play = Play::drafted(false);
        play.member("ada", "owner");
        play.member("ben", "approver");
        assert_eq!(ids(&play, "ada", Filter::ForMe).len(), 2);
        block_on(crate::post::assign(&play.db, Some(START_MS), (&play.workspace_id, "c-1"), Some("ben"), "ada"))
            .unwrap();
        assert_eq!(ids(&play, "ada", Filter::ForMe), ["post:c-2"]);
        assert_eq!(ids(&play, "ben", Filter::ForMe), ["post:c-1", "post:c-2"]);
        assert!(ids(&play, "ben", Filter::Overdue).is_empty());
        assert_eq!(ids(&play, "ada", Filter::Everything).len(), 2);
    }
}
