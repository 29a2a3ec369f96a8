//! Money, in whole millionths of a US dollar.

use serde::{Deserialize, Serialize};

/// An amount in micro-USD: 1,000,000 is one dollar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MicroUsd(pub i64);

impl MicroUsd {
    /// What this many tokens cost at a price in micro-USD per million tokens, rounded up.
    pub fn for_tokens(tokens: u64, price_per_million: Self) -> Self {
        let product = i128::from(tokens) * i128::from(price_per_million.0);
        Self(i64::try_from((product + 999_999).div_euclid(1_000_000)).unwrap_or(i64::MAX))
    }
}

impl std::ops::Add for MicroUsd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for MicroUsd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), |sum, amount| sum + amount)
    }
}

impl std::fmt::Display for MicroUsd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        write!(f, "{sign}${}.{:04}", amount / 1_000_000, amount % 1_000_000 / 100)
    }
}
