//! Ids: ULIDs in lower case, so that they sort by the time at which they were made.

use ports::{Clock, Entropy};

/// A new id, 26 characters of `0-9a-z`.
pub fn new(clock: &dyn Clock, entropy: &dyn Entropy) -> String {
    let mut random = [0; 16];
    entropy.fill(&mut random);
    let time_ms = u64::try_from(clock.now_ms()).unwrap_or(0);
    ulid::Ulid::from_parts(time_ms, u128::from_le_bytes(random)).to_string().to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use ports::native::{SeededEntropy, SettableClock};

    use super::*;

    #[test]
    fn ids_sort_by_time_and_differ_within_a_millisecond() {
        let (clock, entropy) = (SettableClock::at(1_800_000_000_000), SeededEntropy::new(1));
        let first = new(&clock, &entropy);
        let twin = new(&clock, &entropy);
        clock.advance(1);
        let later = new(&clock, &entropy);
        assert_ne!(first, twin);
        assert!(first < later && twin < later);
        assert!(first.len() == 26 && first.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase()));
    }
}
