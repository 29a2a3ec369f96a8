//! What a campaign has cost, against what it may.

use domain::MicroUsd;
use maud::{Markup, html};
use store::campaign::Campaign;

/// `$0.42`; fractions of a cent only where there is nothing else.
pub fn dollars(micro_usd: i64) -> String {
    if micro_usd != 0 && micro_usd.abs() < 10_000 {
        return MicroUsd(micro_usd).to_string();
    }
    let cents = (micro_usd + 5_000).div_euclid(10_000);
    format!("${}.{:02}", cents / 100, cents % 100)
}

/// The bar.
pub fn bar(campaign: &Campaign) -> Markup {
    let (spent, reserved, budget) = (campaign.spent_micro_usd, campaign.reserved_micro_usd, campaign.budget_micro_usd);
    let share = |amount: i64| (amount.saturating_mul(100) / budget.max(1)).clamp(0, 100);
    html! {
        div.progress {
            p { strong { (dollars(spent)) } " spent of " (dollars(budget)) " budget" }
            svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" {
                rect.scheduled width=(share(spent + reserved)) height="8" {}
                rect.published.over[spent >= budget && budget > 0] width=(share(spent)) height="8" {}
            }
            @if reserved > 0 { span { "Up to " (dollars(reserved)) " more is under way." } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_dollars_and_cents_unless_they_are_smaller() {
        for (amount, expect) in
            [(0, "$0.00"), (1_234_567, "$1.23"), (5_000_000, "$5.00"), (4_200, "$0.0042"), (999_999, "$1.00")]
        {
            assert_eq!(dollars(amount), expect);
        }
    }
}
