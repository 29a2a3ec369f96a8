//! Follows one campaign to where it ends or waits, and decides on the way as far as it was told to.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use domain::{Decision, PostState, Stage};
use serde::Serialize;

use super::Approve;
use super::bars::Bars;
use crate::api::{Api, ApiError, Campaign, Post};

/// Between two looks.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// After so long without any change nobody is at work.
const STALL: Duration = Duration::from_secs(120);

/// What a campaign waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WaitsFor {
    /// It is over.
    Nothing,
    /// A person's decision on the strategy.
    StrategyApproval,
    /// A person's decision on reviewed posts.
    PostApproval,
    /// A person, for something that went wrong.
    Person,
    /// The planned times of approved posts.
    Time,
}

/// Where following came to an end.
pub struct End {
    /// The campaign, as last seen.
    pub campaign: Campaign,
    /// Its posts, as last seen.
    pub posts: Vec<Post>,
    /// What it waits for. Of no meaning when it stalled.
    pub waits_for: WaitsFor,
    /// Whether nothing moved for too long.
    pub stalled: bool,
    /// How long it was followed.
    pub elapsed: Duration,
}

impl End {
    /// Whether anything in it did not go as it should.
    pub fn needs_person(&self) -> bool {
        let amiss = |post: &Post| matches!(post.state, PostState::NeedsPerson | PostState::Missed);
        self.waits_for == WaitsFor::Person || self.posts.iter().any(amiss)
    }
}

/// Follows one campaign.
pub struct Follower<'a> {
    api: &'a Api,
    id: &'a str,
    approve: Option<Approve>,
}

impl<'a> Follower<'a> {
    /// For this campaign.
    pub fn new(api: &'a Api, id: &'a str, approve: Option<Approve>) -> Self {
        Self { api, id, approve }
    }

    /// Follows until it ends, waits for somebody else, or nothing moves any more.
    pub async fn to_the_end(&self) -> Result<End> {
        let (began, mut moved) = (Instant::now(), Instant::now());
        let mut bars = Bars::new();
        let mut last: Option<(Campaign, Vec<Post>)> = None;
        loop {
            let error = match self.look().await {
                Ok((campaign, posts)) => {
                    if last.as_ref().is_none_or(|(before, then)| trace(before, then) != trace(&campaign, &posts)) {
                        moved = Instant::now();
                    }
                    bars.show(&campaign, &posts);
                    if let Some(waits_for) = waits_for(&campaign, &posts, self.approve) {
                        return Ok(End { campaign, posts, waits_for, stalled: false, elapsed: began.elapsed() });
                    }
                    let decided = self.decide(&campaign, &posts).await;
                    last = Some((campaign, posts));
                    decided.err()
                }
                Err(error) => Some(error),
            };
            match error {
                Some(error) if !error.may_pass() => return Err(error.into()),
                Some(error) if moved.elapsed() > STALL => return Err(error.into()),
                _ => {}
            }
            if moved.elapsed() > STALL {
                let Some((campaign, posts)) = last else { bail!("the campaign could not be read") };
                let elapsed = began.elapsed();
                return Ok(End { campaign, posts, waits_for: WaitsFor::Person, stalled: true, elapsed });
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn look(&self) -> Result<(Campaign, Vec<Post>), ApiError> {
        // The campaign first: its stage says whether the posts that follow are all there.
        let campaign = self.api.campaign(self.id).await?;
        let posts = match campaign.stage {
            Stage::Planning | Stage::StrategyApproval => Vec::new(),
            Stage::Producing | Stage::Finished | Stage::Cancelled => self.api.posts(self.id).await?,
        };
        Ok((campaign, posts))
    }

    /// Decides as far as it was told to. Where somebody else was quicker, the next look shows it.
    async fn decide(&self, campaign: &Campaign, posts: &[Post]) -> Result<(), ApiError> {
        if self.approve.is_some() && campaign.stage == Stage::StrategyApproval {
            let strategies = self.api.strategies(self.id).await?;
            for strategy in strategies.iter().filter(|strategy| strategy.state == "proposed") {
                unless_decided(self.api.decide_strategy(self.id, strategy.version, Decision::Approve).await)?;
            }
        }
        if self.approve == Some(Approve::All) {
            for post in posts.iter().filter(|post| post.state == PostState::AwaitingApproval) {
                unless_decided(self.api.decide_post(post, Decision::Approve).await)?;
            }
        }
        Ok(())
    }
}

fn unless_decided(came: Result<(), ApiError>) -> Result<(), ApiError> {
    came.or_else(|error| if error.is_conflict() { Ok(()) } else { Err(error) })
}

/// What must differ for something to have moved.
fn trace(campaign: &Campaign, posts: &[Post]) -> (Stage, Vec<(PostState, u32, u32)>) {
    (campaign.stage, posts.iter().map(|post| (post.state, post.version, post.revisions)).collect())
}

/// What the campaign waits for; none while it goes on by itself, or by what we decide.
fn waits_for(campaign: &Campaign, posts: &[Post], approve: Option<Approve>) -> Option<WaitsFor> {
    match campaign.stage {
        Stage::Finished | Stage::Cancelled => Some(WaitsFor::Nothing),
        Stage::Planning => campaign.reason.as_ref().map(|_| WaitsFor::Person),
        Stage::StrategyApproval => approve.is_none().then_some(WaitsFor::StrategyApproval),
        Stage::Producing => posts_wait_for(campaign.time_lapse, posts, approve == Some(Approve::All)),
    }
}

fn posts_wait_for(time_lapse: bool, posts: &[Post], approves: bool) -> Option<WaitsFor> {
    let any = |state: PostState| posts.iter().any(|post| post.state == state);
    if any(PostState::Writing) || any(PostState::InReview) || any(PostState::Publishing) {
        return None;
    }
    if any(PostState::AwaitingApproval) {
        return (!approves).then_some(WaitsFor::PostApproval);
    }
    // In time-lapse slots come due in order: the first that is not done holds up the rest.
    let first = posts.iter().find(|post| !post.state.is_final())?;
    match first.state {
        PostState::Scheduled if time_lapse => None,
        _ if any(PostState::NeedsPerson) => Some(WaitsFor::Person),
        _ => Some(WaitsFor::Time),
    }
}

#[cfg(test)]
mod tests {
    use PostState::{AwaitingApproval, InReview, NeedsPerson, Published, Scheduled, Writing};

    use super::*;

    pub fn campaign(stage: Stage, time_lapse: bool) -> Campaign {
        Campaign {
            id: "c".into(),
            name: "Bread".into(),
            mode: domain::Mode::Rehearsal,
            stage,
            time_lapse,
            reason: None,
            spent_micro_usd: 0,
        }
    }

    fn posts(states: &[PostState]) -> Vec<Post> {
        let post = |(slot, state): (u32, &PostState)| Post {
            id: format!("c-{slot}"),
            slot,
            planned_local: "2027-03-08T09:30:00".into(),
            state: *state,
            version: 1,
            revisions: 0,
            mean: None,
            title: None,
            text: None,
            reason: None,
            ext_url: None,
        };
        (1..).zip(states).map(post).collect()
    }

    /// What a time-lapse campaign with posts in these states waits for.
    fn check(approve: Option<Approve>, states: &[PostState], expect: Option<WaitsFor>) {
        let found = waits_for(&campaign(Stage::Producing, true), &posts(states), approve);
        assert_eq!(found, expect, "{states:?} with {approve:?}");
    }

    #[test]
    fn work_under_way_is_waited_for() {
        for state in [Writing, InReview, PostState::Publishing] {
            check(None, &[AwaitingApproval, state], None);
            check(Some(Approve::All), &[NeedsPerson, state], None);
        }
        check(Some(Approve::All), &[], None);
    }

    #[test]
    fn reviewed_drafts_are_the_end_unless_they_are_to_be_approved() {
        check(None, &[AwaitingApproval, NeedsPerson], Some(WaitsFor::PostApproval));
        check(Some(Approve::Strategy), &[AwaitingApproval], Some(WaitsFor::PostApproval));
        check(Some(Approve::All), &[AwaitingApproval, Published], None);
    }

    #[test]
    fn in_time_lapse_a_post_that_needs_a_person_holds_up_the_later_ones() {
        check(Some(Approve::All), &[Published, NeedsPerson, Scheduled], Some(WaitsFor::Person));
        check(Some(Approve::All), &[Published, Scheduled, NeedsPerson], None);
        check(Some(Approve::All), &[Published, Published, NeedsPerson], Some(WaitsFor::Person));
    }

    #[test]
    fn in_real_time_approved_posts_wait_for_their_time() {
        let real_time = campaign(Stage::Producing, false);
        let found = waits_for(&real_time, &posts(&[Published, Scheduled]), Some(Approve::All));
        assert_eq!(found, Some(WaitsFor::Time));
    }

    #[test]
    fn a_strategy_waits_for_a_person_unless_it_is_to_be_approved() {
        let proposed = campaign(Stage::StrategyApproval, true);
        assert_eq!(waits_for(&proposed, &[], None), Some(WaitsFor::StrategyApproval));
        assert_eq!(waits_for(&proposed, &[], Some(Approve::Strategy)), None);
    }

    #[test]
    fn planning_that_failed_needs_a_person() {
        let mut planning = campaign(Stage::Planning, true);
        assert_eq!(waits_for(&planning, &[], None), None);
        planning.reason = Some("planning failed".into());
        assert_eq!(waits_for(&planning, &[], None), Some(WaitsFor::Person));
    }
}
