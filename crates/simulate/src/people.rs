//! What people do meanwhile: decide, edit, reschedule, pause, and say what became of a post.

use std::rc::Rc;

use domain::{Content, Decision, JobState, Mode};
use ports::native::NativeDb;
use ports::{Clock, Db, DbError, Entropy, Value};
use store::people::workspace;
use store::{approval, autonomy, campaign, job_list, policy, post, strategy};

use crate::executor::World;
use crate::platform::Platform;
use crate::play::{PEOPLE, some_policy};

/// One person, at one moment.
pub struct Person<'a> {
    pub(crate) world: &'a Rc<World>,
    pub(crate) db: &'a dyn Db,
    pub(crate) clock: &'a dyn Clock,
    pub(crate) entropy: &'a dyn Entropy,
    pub(crate) platform: &'a Platform,
}

/// What waits for a person.
pub enum Waits {
    /// A strategy: workspace, campaign, version.
    Strategy(String, String, i64),
    /// A post: workspace, id.
    Post(String, String),
    /// A publication whose outcome nobody knows: workspace, job.
    Outcome(String, String),
    /// A campaign whose planning failed: workspace, id.
    Planning(String, String),
}

/// Everything that waits, read beside the simulated world.
pub fn waiting(db: &NativeDb) -> Result<Vec<Waits>, DbError> {
    let pairs = |sql: &str| -> Result<Vec<(String, String, i64)>, DbError> {
        db.run(sql, &[])?.iter().map(|row| Ok((row.text("a")?, row.text("b")?, row.int("n")?))).collect()
    };
    let mut all = Vec::new();
    for (workspace, id, version) in pairs(
        "select s.workspace_id as a, s.campaign_id as b, s.version as n from strategy s join campaign c
            on c.workspace_id = s.workspace_id and c.id = s.campaign_id
        where s.state = 'proposed' and c.stage = 'strategy_approval'",
    )? {
        all.push(Waits::Strategy(workspace, id, version));
    }
    for (workspace, id, _) in pairs(
        "select workspace_id as a, id as b, 0 as n from post where state in ('awaiting_approval', 'needs_person')",
    )? {
        all.push(Waits::Post(workspace, id));
    }
    for (workspace, id, _) in pairs("select workspace_id as a, id as b, 0 as n from job where state = 'needs_human'")? {
        all.push(Waits::Outcome(workspace, id));
    }
    for (workspace, id, _) in pairs(
        "select c.workspace_id as a, c.id as b, 0 as n from campaign c where c.stage = 'planning' and not exists (
            select 1 from job j where j.workspace_id = c.workspace_id and j.campaign_id = c.id
              and j.state in ('ready', 'leased'))",
    )? {
        all.push(Waits::Planning(workspace, id));
    }
    Ok(all)
}

impl Person<'_> {
    fn chance(&self, percent: u64) -> bool {
        self.world.below(100) < percent
    }

    fn somebody(&self) -> &'static str {
        PEOPLE[usize::try_from(self.world.below(PEOPLE.len() as u64)).unwrap_or(0)]
    }

    fn id(&self) -> String {
        store::id::new(self.clock, self.entropy)
    }

    /// Sees to one thing that waits. A refusal is an answer; anything else that goes wrong is a fault of the run.
    pub async fn see_to(&self, waits: &Waits) -> Result<(), DbError> {
        let outcome = match waits {
            Waits::Strategy(workspace, id, version) => self.strategy(workspace, id, *version).await,
            Waits::Post(workspace, id) => self.post(workspace, id).await,
            Waits::Outcome(workspace, id) => self.outcome(workspace, id).await,
            Waits::Planning(workspace, id) => {
                campaign::cancel(self.db, self.clock.pinned_ms(), (workspace, id), None, "person").await.map(|_| ())
            }
        };
        match outcome {
            Ok(()) | Err(DbError::Refused(_) | DbError::Busy | DbError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    async fn strategy(&self, workspace_id: &str, campaign_id: &str, version: i64) -> Result<(), DbError> {
        let of = strategy::Version { workspace_id, campaign_id, version };
        let send_back = version < 3 && self.chance(20);
        let (decision, comment) =
            if send_back { (Decision::SendBack, Some("more about the price")) } else { (Decision::Approve, None) };
        strategy::decide(self.db, self.clock.pinned_ms(), of, decision, comment, "person").await.map(|_| ())
    }

    async fn post(&self, workspace_id: &str, id: &str) -> Result<(), DbError> {
        let pinned_ms = self.clock.pinned_ms();
        let Some(seen) = self.seen(workspace_id, id).await? else { return Ok(()) };
        let stuck = seen.state == "needs_person";
        match self.world.below(100) {
            0..4 => {
                let due_at = seen.due_at + i64::try_from(self.world.below(48 * 3_600_000)).unwrap_or(0);
                let change = post::Change { planned: Some(("2027-03-20T10:00:00", due_at)), ..Default::default() };
                post::change(self.db, pinned_ms, (workspace_id, id, seen.revision), &change, "person").await.map(|_| ())
            }
            4..10 => self.edit(workspace_id, id, &seen).await,
            10..16 => self.decide(workspace_id, id, &seen, Decision::SendBack).await,
            16..19 => self.decide(workspace_id, id, &seen, Decision::Reject).await,
            19..40 if stuck => self.edit(workspace_id, id, &seen).await,
            40..70 if stuck => self.decide(workspace_id, id, &seen, Decision::SendBack).await,
            70..85 if stuck => self.decide(workspace_id, id, &seen, Decision::Reject).await,
            _ => self.decide(workspace_id, id, &seen, Decision::Approve).await,
        }
    }

    async fn seen(&self, workspace_id: &str, id: &str) -> Result<Option<Seen>, DbError> {
        let rows = self
            .db
            .execute(
                "select p.state, p.version, p.revision, p.due_at, p.channel_id, v.sha256, v.content from post p
                left join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
                where p.workspace_id = ?1 and p.id = ?2",
                &[workspace_id.into(), id.into()],
            )
            .await?;
        rows.first()
            .map(|row| {
                Ok(Seen {
                    state: row.text("state")?,
                    version: row.int("version")?,
                    revision: row.int("revision")?,
                    due_at: row.int("due_at")?,
                    channel_id: row.text("channel_id")?,
                    sha256: row.opt_text("sha256")?.unwrap_or_default(),
                    content: row.opt_text("content")?,
                })
            })
            .transpose()
    }

    async fn decide(&self, workspace_id: &str, id: &str, seen: &Seen, decision: Decision) -> Result<(), DbError> {
        // Time passes between seeing and deciding: somebody else may be quicker.
        self.world.pause(i64::try_from(self.world.below(60_000)).unwrap_or(0)).await;
        let new = approval::NewApproval {
            workspace_id,
            id: &self.id(),
            post_id: id,
            version: seen.version,
            content_sha256: &seen.sha256,
            channel_id: &seen.channel_id,
            due_at: seen.due_at,
            decision,
            comment: Some("as you see"),
            actor: self.somebody(),
        };
        approval::decide(self.db, self.clock.pinned_ms(), &new).await.map(|_| ())
    }

    async fn edit(&self, workspace_id: &str, id: &str, seen: &Seen) -> Result<(), DbError> {
        let Some(content) = seen.content.as_deref().and_then(|text| serde_json::from_str::<Content>(text).ok()) else {
            return self.decide(workspace_id, id, seen, Decision::SendBack).await;
        };
        let edited = Content { title: format!("{}!", content.title.trim_end_matches('!')), ..content };
        post::edit(self.db, self.clock.pinned_ms(), (workspace_id, id, seen.version), &edited, self.somebody())
            .await
            .map(|_| ())
    }

    /// Looks on the platform, and says what is there.
    async fn outcome(&self, workspace_id: &str, job_id: &str) -> Result<(), DbError> {
        let is_live = self.platform.accepted.borrow().iter().any(|accepted| accepted.key == job_id);
        let url = is_live.then_some("https://platform.test/p");
        let id = self.id();
        let new = job_list::Resolution { workspace_id, job_id, id: &id, is_live, ext_url: url, actor: "person" };
        job_list::resolve(self.db, self.clock.pinned_ms(), &new).await
    }

    /// Switches a workspace between rehearsal and performance.
    pub async fn switch(&self, workspace_id: &str, mode: Mode) -> Result<(), DbError> {
        match workspace::set_mode(self.db, self.clock.pinned_ms(), workspace_id, mode, "person").await {
            Ok(_) | Err(DbError::Busy) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Sets another policy: a workspace's, or some campaign's own.
    pub async fn another_policy(&self) -> Result<(), DbError> {
        let rows = self.db.execute("select workspace_id, id from campaign order by id", &[]).await;
        let Ok(rows) = rows else { return Ok(()) };
        let pick = usize::try_from(self.world.below(rows.len() as u64)).unwrap_or(0);
        let Some(row) = rows.iter().nth(pick) else { return Ok(()) };
        let (workspace_id, id) = (row.text("workspace_id")?, row.text("id")?);
        let campaign_id = self.chance(70).then_some(id.as_str());
        let policy =
            if campaign_id.is_some() && self.chance(20) { policy::inherited() } else { some_policy(self.world) };
        let set = async {
            let revision = policy::find(self.db, &workspace_id, campaign_id).await?.map_or(0, |kept| kept.revision);
            let of = (workspace_id.as_str(), campaign_id, revision);
            policy::set(self.db, self.clock.pinned_ms(), of, &policy, PEOPLE[0]).await
        };
        match set.await {
            Ok(_) | Err(DbError::Refused(_) | DbError::Busy | DbError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Lets a rule stand where one was earned, or takes one back.
    pub async fn relax(&self, workspace_id: &str) -> Result<(), DbError> {
        let pinned_ms = self.clock.pinned_ms();
        let relaxed = async {
            for offer in autonomy::offers(self.db, workspace_id).await? {
                let (id, cap) = (self.id(), 1 + u32::try_from(self.world.below(2)).unwrap_or(0));
                autonomy::accept(self.db, pinned_ms, (workspace_id, &id), (&offer.scope, cap), PEOPLE[1]).await?;
            }
            if self.chance(4) {
                for rule in autonomy::rules(self.db, pinned_ms, workspace_id).await? {
                    autonomy::take_back(self.db, pinned_ms, (workspace_id, &rule.id), PEOPLE[2]).await?;
                }
            }
            Ok(())
        };
        match relaxed.await {
            Ok(()) | Err(DbError::Refused(_) | DbError::Busy | DbError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Pauses or resumes everything in a workspace.
    pub async fn pause(&self, workspace_id: &str, paused: bool) -> Result<(), DbError> {
        let sql = "update workspace set paused = ?2 where id = ?1";
        match self.db.execute(sql, &[workspace_id.into(), Value::from(paused)]).await {
            Ok(_) | Err(DbError::Busy) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

struct Seen {
    state: String,
    version: i64,
    revision: i64,
    due_at: i64,
    channel_id: String,
    sha256: String,
    content: Option<String>,
}

/// The words for the states from which nothing more happens, for SQL.
pub fn open_states() -> String {
    let open: Vec<String> =
        JobState::ALL.iter().filter(|state| !state.is_final()).map(|state| format!("'{state}'")).collect();
    open.join(", ")
}
