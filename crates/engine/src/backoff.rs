//! How long to wait before trying again.

use ports::Entropy;

/// The first wait is below this, in milliseconds.
pub const BASE_MS: u64 = 5_000;
/// No wait is longer: one hour.
pub const CAP_MS: u64 = 3_600_000;

/// Full jitter: anything from 0 to min(cap, base · 2ⁿ), so that jobs that failed together do not return together.
/// `attempt` counts from 1.
pub fn backoff_ms(attempt: i64, entropy: &dyn Entropy) -> i64 {
    let doublings = u32::try_from(attempt.clamp(1, 32) - 1).unwrap_or(0);
    let ceiling = BASE_MS.saturating_mul(1_u64 << doublings).min(CAP_MS);
    i64::try_from(entropy.below(ceiling + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use ports::native::SeededEntropy;

    use super::*;

    #[test]
    fn waits_grow_to_the_cap_and_are_spread_over_the_whole_range() {
        let entropy = SeededEntropy::new(1);
        for attempt in 1..=40 {
            let ceiling = BASE_MS.saturating_mul(1 << (attempt - 1).min(31)).min(CAP_MS) as i64;
            let waits: Vec<i64> = (0..200).map(|_| backoff_ms(attempt, &entropy)).collect();
            assert!(waits.iter().all(|wait| (0..=ceiling).contains(wait)));
            assert!(waits.iter().any(|wait| *wait < ceiling / 4) && waits.iter().any(|wait| *wait > ceiling / 4 * 3));
        }
    }
}
