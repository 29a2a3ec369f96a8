//! How far a campaign is: six stations, the one where it stands marked for eyes and ears.

use domain::{PostState, Stage};
use maud::{Markup, html};
use store::campaign::Campaign;

/// How many posts are in any of these states.
pub fn count(campaign: &Campaign, states: &[PostState]) -> i64 {
    campaign.posts.iter().filter(|(state, _)| states.contains(state)).map(|(_, count)| count).sum()
}

/// Every post it has.
pub fn total(campaign: &Campaign) -> i64 {
    campaign.posts.iter().map(|(_, count)| count).sum()
}

/// The strip.
pub fn strip(campaign: &Campaign) -> Markup {
    let now = station(campaign);
    let cancelled = campaign.stage == Stage::Cancelled;
    let notes = notes(campaign);
    let names = ["Plan", "Approve the plan", "Write and review", "Approve posts", "Publish", "Finished"];
    html! {
        ol.stage-strip role="list" aria-label="How far the campaign is" {
            @for (at, (name, note)) in names.iter().zip(notes).enumerate() {
                li.done[at < now || (at == now && at == 5)].now[at == now && at < 5 && !cancelled]
                    aria-current=[(at == now && !cancelled).then_some("step")] {
                    b { (name) } span { (note) }
                    @if at < now { span.unseen { " done" } }
                }
            }
        }
    }
}

/// The first station at which something is left to do.
fn station(campaign: &Campaign) -> usize {
    let any = |states: &[PostState]| count(campaign, states) > 0;
    match campaign.stage {
        Stage::Planning => 0,
        Stage::StrategyApproval => 1,
        Stage::Finished => 5,
        Stage::Producing | Stage::Cancelled if any(&[PostState::Writing, PostState::InReview]) => 2,
        Stage::Producing | Stage::Cancelled if any(&[PostState::AwaitingApproval, PostState::NeedsPerson]) => 3,
        Stage::Producing | Stage::Cancelled => 4,
    }
}

fn notes(campaign: &Campaign) -> [String; 6] {
    let of = |states: &[PostState], what: &str| match count(campaign, states) {
        0 => String::new(),
        count => format!("{count} {what}"),
    };
    let published = count(campaign, &[PostState::Published]);
    let total = total(campaign);
    [
        if campaign.stage == Stage::Planning { "the strategist is at work".into() } else { String::new() },
        if campaign.stage == Stage::StrategyApproval { "waits for a person".into() } else { String::new() },
        of(&[PostState::Writing, PostState::InReview], "at work"),
        of(&[PostState::AwaitingApproval, PostState::NeedsPerson], "to decide"),
        if total > 0 { format!("{published} of {total} out") } else { String::new() },
        String::new(),
    ]
}
