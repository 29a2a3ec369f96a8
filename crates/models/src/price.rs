//! What tokens cost a model: by the operator's settings, or by the workspace's prices.

use domain::MicroUsd;

use crate::model::Usage;

/// Micro-USD per million tokens; all zero means "not priced".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prices {
    /// For what is read.
    pub input: MicroUsd,
    /// For what is read from the provider's cache; [`Self::input`] where it is not set apart.
    pub cached_input: MicroUsd,
    /// For what is written.
    pub output: MicroUsd,
}

impl Prices {
    /// Whether they were set.
    pub fn are_set(self) -> bool {
        self != Self::default()
    }

    /// What this usage costs.
    pub fn cost(self, usage: Usage) -> MicroUsd {
        let fresh = usage.input_tokens.saturating_sub(usage.cached_tokens);
        MicroUsd::for_tokens(fresh, self.input)
            + MicroUsd::for_tokens(usage.cached_tokens.min(usage.input_tokens), self.cached_input)
            + MicroUsd::for_tokens(usage.output_tokens, self.output)
    }

    /// The most that a request of so many bytes with so many tokens of answer can cost.
    pub fn cost_max(self, request_bytes: usize, output_tokens_max: u32) -> MicroUsd {
        let dearest = self.input.max(self.cached_input);
        MicroUsd::for_tokens(tokens_max(request_bytes) as u64, dearest)
            + MicroUsd::for_tokens(output_tokens_max.into(), self.output)
    }
}

/// The most tokens that so many bytes can be. A token is at least one byte in every byte-level vocabulary, so this is a
/// bound, not a guess.
pub const fn tokens_max(bytes: usize) -> usize {
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_tokens_cost_their_own_price_and_never_more_than_were_read() {
        let prices =
            Prices { input: MicroUsd(2_000_000), cached_input: MicroUsd(200_000), output: MicroUsd(8_000_000) };
        let usage = Usage { input_tokens: 1_000, cached_tokens: 400, output_tokens: 100 };
        assert_eq!(prices.cost(usage), MicroUsd(1_200 + 80 + 800));
        let odd = Usage { input_tokens: 10, cached_tokens: 400, output_tokens: 0 };
        assert_eq!(prices.cost(odd), MicroUsd(2));
    }

    #[test]
    fn prices_that_were_not_set_say_so() {
        assert!(!Prices::default().are_set());
        assert!(Prices { output: MicroUsd(1), ..Prices::default() }.are_set());
    }
}
