//! Paging by key: a page begins after the last row of the one before, so that rows which come or go between two
//! pages are neither shown twice nor skipped.

use ports::Value;

/// The place of a row in a list that is sorted by time: its time, then its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// Unix milliseconds.
    pub at: i64,
    /// Tells rows of one millisecond apart.
    pub id: String,
}

/// Most rows of one page.
pub const LIMIT_MAX: u32 = 200;

/// The parameters of "older than this key", for a list with the newest first.
pub(crate) fn older_than(after: Option<&Key>) -> [Value; 2] {
    after.map_or([i64::MAX.into(), "".into()], |key| [key.at.into(), (&key.id).into()])
}

/// The parameters of "newer than this key", for a list with the oldest first.
pub(crate) fn newer_than(after: Option<&Key>) -> [Value; 2] {
    after.map_or([i64::MIN.into(), "".into()], |key| [key.at.into(), (&key.id).into()])
}

/// The parameter of LIMIT; never more than [`LIMIT_MAX`] and the one row that tells whether there are more.
pub(crate) fn limited(limit: u32) -> Value {
    i64::from(limit.min(LIMIT_MAX + 1)).into()
}

#[cfg(test)]
mod tests {
    use domain::{AgentRole, Decision, JobState, Mode, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::play::Play;
    use crate::{
        agent, approval, campaign, channel, command, comment, conductor, cost, event, inbox, job_list, notification,
        people, policy, post, review, run, stage, strategy,
    };

    // `Play::db` explains every statement and fails the test at a scan.
    #[test]
    fn every_list_is_read_by_an_index_and_another_workspaces_ids_find_nothing() {
        let play = Play::drafted(false);
        play.decide("c-1", Decision::Approve).unwrap();
        let neighbour = play.neighbour();
        let db = &play.db;
        let key = Key { at: i64::MAX, id: "~".into() };
        let of = |campaign_id, state| job_list::Filter { campaign_id, state };
        for (workspace_id, is_ours) in [(play.workspace_id.as_str(), true), (neighbour.as_str(), false)] {
            let found = |what: &str, is_some: bool| assert_eq!(is_some, is_ours, "{what}");
            block_on(async {
                found("campaign", campaign::find(db, workspace_id, "c").await.unwrap().is_some());
                found("brief", campaign::find_with_brief(db, workspace_id, "c").await.unwrap().is_some());
                assert_eq!(campaign::list(db, workspace_id, None, 10).await.unwrap().len(), 1);
                assert_eq!(campaign::list(db, workspace_id, Some(&key), 10).await.unwrap().len(), 1);
                found("strategies", !strategy::list(db, workspace_id, "c", None, 10).await.unwrap().is_empty());
                found("strategy", strategy::find(db, workspace_id, "c", 1).await.unwrap().is_some());
                found("posts", post::list(db, workspace_id, "c", None, 10).await.unwrap().len() == 2);
                found("post", post::find(db, workspace_id, "c-1").await.unwrap().is_some());
                found("versions", !post::versions(db, workspace_id, "c-1", None, 10).await.unwrap().is_empty());
                found("version", post::version(db, workspace_id, "c-1", 1).await.unwrap().is_some());
                found("reviews", !review::list(db, workspace_id, "c-1", None, 10).await.unwrap().is_empty());
                found("approvals", !approval::list(db, workspace_id, "c-1", None, 10).await.unwrap().is_empty());
                found("approval", approval::find(db, workspace_id, "a0").await.unwrap().is_some());
                for (filter, count) in
                    [(inbox::Filter::Everything, 1), (inbox::Filter::ForMe, 1), (inbox::Filter::Overdue, 0)]
                {
                    let waiting = inbox::list(db, workspace_id, ("ada", filter), None, 10).await.unwrap();
                    assert_eq!(waiting.len(), if is_ours { count } else { 0 });
                }
                found("counts", inbox::counts(db, workspace_id, "ada").await.unwrap().all == 1);
                let window = post::between(db, workspace_id, (0, i64::MAX), false, None, 10).await.unwrap();
                found("posts in a window of time", window.len() == 2);
                assert!(comment::list(db, workspace_id, "c-1", None, 10).await.unwrap().is_empty());
                assert!(notification::unread(db, workspace_id, "ada", None, 10).await.unwrap().is_empty());
                assert!(policy::find(db, workspace_id, None).await.unwrap().is_some());
                found("policy", policy::effective(db, workspace_id, "c").await.unwrap().is_some());
                found("under it", policy::waiting_under(db, workspace_id, None).await.unwrap() == 1);
                found("runs", !run::list(db, workspace_id, "c", None, 10).await.unwrap().is_empty());
                found(
                    "jobs",
                    !job_list::list(db, workspace_id, of(Some("c"), None), None, 10).await.unwrap().is_empty(),
                );
                found(
                    "done jobs",
                    !job_list::list(db, workspace_id, of(None, Some(JobState::Done)), None, 10)
                        .await
                        .unwrap()
                        .is_empty(),
                );
                assert!(!job_list::list(db, workspace_id, of(None, None), None, 10).await.unwrap().is_empty());
                for state in [JobState::NeedsHuman, JobState::Dead] {
                    assert!(
                        job_list::list(db, workspace_id, of(None, Some(state)), None, 10).await.unwrap().is_empty()
                    );
                }
                found("job", job_list::find(db, workspace_id, "strategize:c:1").await.unwrap().is_some());
                found("events", !event::after(db, workspace_id, Some("c"), 0, 10).await.unwrap().is_empty());
                found("newest events", !event::newest(db, workspace_id, Some("c"), None, 10).await.unwrap().is_empty());
                assert!(!event::after(db, workspace_id, None, 0, 10).await.unwrap().is_empty());
                assert!(event::last_seq(db, workspace_id).await.unwrap() > 0);
                assert_eq!(channel::list(db, workspace_id, None, 10).await.unwrap().len(), 1);
                assert!(channel::find(db, workspace_id, "stage").await.unwrap().is_some());
                assert!(cost::by_step(db, workspace_id, "c").await.unwrap().is_empty());
                assert!(cost::by_post(db, workspace_id, "c").await.unwrap().is_empty());
                assert_eq!(cost::answer_of(db, workspace_id, "j", "x").await, Ok(None));
                assert!(stage::newest(db, workspace_id, Mode::Rehearsal, None, 10).await.unwrap().is_empty());
                assert!(people::workspace::find(db, workspace_id).await.unwrap().is_some());
                let (writer, at) = (AgentRole::Copywriter, Some(crate::play::START_MS));
                let standings = agent::standings(db, workspace_id).await.unwrap();
                assert_eq!(standings.len(), 10);
                found("done by the copywriter", standings[1].done == 2);
                assert!(agent::find(db, workspace_id, writer).await.unwrap().is_some());
                found("last jobs", !agent::last(db, workspace_id, Step::Generate, None, 9).await.unwrap().is_empty());
                found("queue", !agent::queue(db, workspace_id, Step::Publish, 9).await.unwrap().is_empty());
                found("targets", !command::targets(db, workspace_id, writer).await.unwrap().is_empty());
                assert!(command::targets(db, workspace_id, AgentRole::Strategist).await.unwrap().len() < 2);
                assert!(command::list(db, workspace_id, writer, None, 9).await.unwrap().is_empty());
                found("timeline", conductor::timeline(db, at, (workspace_id, None), (9, 9)).await.unwrap().len() == 2);
                let of_one = conductor::timeline(db, at, (workspace_id, Some("c")), (9, 9)).await.unwrap();
                found("timeline of a campaign", of_one.len() == 2);
                assert_eq!(campaign::names(db, workspace_id, false, 10).await.unwrap().len(), 1);
                assert_eq!(crate::brand::timezone(db, workspace_id).await.unwrap(), "UTC");
                assert!(conductor::outgoing(db, at, workspace_id, 1).await.unwrap().is_empty());
                found("figures", conductor::figures(db, at, workspace_id).await.unwrap().reviews == 2);
                found(
                    "alerts",
                    conductor::alerts(db, at, workspace_id).await.unwrap().iter().any(|one| one.kind == "approval"),
                );
            });
        }
        block_on(job_list::health(db, Some(crate::play::START_MS))).unwrap();
    }

    #[test]
    fn another_workspaces_ids_change_nothing() {
        let play = Play::drafted(false);
        let neighbour = play.neighbour();
        let before = play.count("select max(seq) as n from event");
        let (db, at) = (&play.db, Some(crate::play::START_MS));
        let post = play.post("c-1");
        block_on(async {
            let pause = campaign::Change { paused: Some(true), ..Default::default() };
            let revision = campaign::find(db, &play.workspace_id, "c").await.unwrap().unwrap().revision;
            assert_eq!(campaign::change(db, at, (&neighbour, "c", revision), &pause, "eve").await, Ok(false));
            assert_eq!(campaign::cancel(db, at, (&neighbour, "c"), None, "eve").await, Ok(false));
            let of = strategy::Version { workspace_id: &neighbour, campaign_id: "c", version: 1 };
            assert_eq!(strategy::decide(db, at, of, Decision::Approve, None, "eve").await, Ok(false));
            let hold = post::Change { held: Some(true), ..Default::default() };
            assert_eq!(post::change(db, at, (&neighbour, "c-1", post.revision), &hold, "eve").await, Ok(false));
            let content = crate::play::content("Mine");
            assert_eq!(post::edit(db, at, (&neighbour, "c-1", 1), &content, "eve").await, Ok(None));
            assert_eq!(job_list::retry(db, at, &neighbour, "strategize:c:1").await, Ok(None));
            let new = command::NewCommand {
                workspace_id: &neighbour,
                id: "k",
                role: AgentRole::Copywriter,
                text: "Mine",
                campaign_id: "c",
                post_id: Some("c-1"),
                version: 1,
                actor: "eve",
            };
            assert!(command::give(db, at, &new).await.is_err());
        });
        assert_eq!(play.count("select max(seq) as n from event"), before);
    }

    #[test]
    fn pages_follow_each_other_without_gap_or_repetition() {
        let play = Play::new();
        for number in 0..7 {
            play.begin(&play.workspace_id, &format!("c{number}"), false);
        }
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let page = block_on(campaign::list(&play.db, &play.workspace_id, after.as_ref(), 3)).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.key());
            seen.extend(page.into_iter().map(|campaign| campaign.id));
        }
        assert_eq!(seen, ["c6", "c5", "c4", "c3", "c2", "c1", "c0"]);
    }

    #[test]
    fn the_posts_of_a_campaign_are_one_statement() {
        let play = Play::drafted(false);
        let before = play.db.selects();
        let posts = block_on(post::list(&play.db, &play.workspace_id, "c", None, 10)).unwrap();
        assert_eq!(play.db.selects() - before, 1);
        let current = posts[0].current.as_ref().unwrap();
        assert_eq!((current.findings, current.scores.unwrap().hook), (1, 8));
    }
}
