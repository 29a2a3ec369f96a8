//! How much of a campaign is out, and how much is on its way.

use domain::PostState;
use maud::{Markup, html};
use store::campaign::Campaign;

use super::stage_strip::{count, total};

/// A bar and what it says.
pub fn bar(campaign: &Campaign) -> Markup {
    let total = total(campaign);
    let published = count(campaign, &[PostState::Published]);
    let scheduled = count(campaign, &[PostState::Scheduled, PostState::Publishing]);
    let share = |count: i64| count * 100 / total.max(1);
    html! {
        div.progress {
            @if total > 0 {
                svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                    rect.scheduled width=(share(published + scheduled)) height="8" {}
                    rect.published width=(share(published)) height="8" {}
                }
            }
            @if total == 0 { span { "No posts yet" } }
            @else { span { (published) " published, " (scheduled) " scheduled, of " (total) " posts" } }
        }
    }
}
