//! The rehearsal model's honest mistakes: which slot gets which, and what mends it.

use domain::Finding;

use super::seed::seed;

/// Of every five consecutive slots, so many get a mistake in their first version.
pub const PER_FIVE_SLOTS: usize = 2;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Longer than the channel allows.
    TooLong,
    /// A first line that nobody reads on from.
    WeakHook,
    /// A banned claim.
    BannedClaim,
    /// A required claim is missing.
    MissingClaim,
    /// Nothing says what to do next.
    NoCall,
}

impl Mistake {
    /// All of them, in the order in which they take turns.
    pub const ALL: [Self; 5] = [Self::WeakHook, Self::BannedClaim, Self::NoCall, Self::TooLong, Self::MissingClaim];

    /// The mistakes of a slot's first version, the planned one first and then what may stand in for it where the
    /// brief has no such rule to break. Empty for a slot without one.
    pub fn of_slot(campaign_id: &str, slot: u32) -> Vec<Self> {
        let place = slot as usize + seed(&["mistake", campaign_id]) as usize % 5;
        if place % 5 >= PER_FIVE_SLOTS {
            return Vec::new();
        }
        let turn = place / 5 * PER_FIVE_SLOTS + place % 5;
        (0..Self::ALL.len()).map(|next| Self::ALL[(turn + next) % Self::ALL.len()]).collect()
    }

    /// Whether a finding names it. Rules have several authors, so their names are matched by their words.
    pub fn is_named_by(self, finding: &Finding) -> bool {
        let rule = finding.rule.to_lowercase();
        let words: &[&str] = match self {
            Self::TooLong => &["long", "length", "platform_fit", "limit"],
            Self::WeakHook => &["hook", "opening"],
            Self::BannedClaim => &["banned", "claim", "evidence", "voice"],
            Self::MissingClaim => &["required", "missing"],
            Self::NoCall => &["call_to_action", "call-to-action", "cta", "url"],
        };
        words.iter().any(|word| rule.contains(word))
    }
}

impl Mistake {
    /// Whether whoever heeds this statement does not make it.
    pub fn is_kept_away_by(self, learning: &str) -> bool {
        let learning = learning.to_lowercase();
        let stems: &[&str] = match self {
            Self::TooLong => &["short", "fewer words", "kürzer"],
            Self::WeakHook => &["first line", "open with", "hook"],
            Self::BannedClaim => &["superlative", "banned"],
            Self::MissingClaim => &["must say", "required"],
            Self::NoCall => &["to do next", "call to action", "end with"],
        };
        stems.iter().any(|stem| learning.contains(stem))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_every_five_slots_get_a_mistake_and_all_mistakes_get_their_turn() {
        for campaign in ["a", "b", "c", "d", "e", "f", "g"] {
            let planned: Vec<_> = (1..=50).map(|slot| Mistake::of_slot(campaign, slot)).collect();
            assert!(
                planned.windows(5).all(|five| five.iter().filter(|one| !one.is_empty()).count() == PER_FIVE_SLOTS),
                "{campaign}"
            );
            for mistake in Mistake::ALL {
                assert!(planned.iter().any(|one| one.first() == Some(&mistake)), "{campaign} {mistake:?}");
            }
        }
    }
}
