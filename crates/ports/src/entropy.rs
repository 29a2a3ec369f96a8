//! Randomness: ids, tokens, jitter.

/// A source of random bytes. Cryptographic in production, seeded in tests.
pub trait Entropy {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);

    /// A number in `0..bound`. `bound` of 0 gives 0.
    fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes).checked_rem(bound).unwrap_or(0)
    }
}
