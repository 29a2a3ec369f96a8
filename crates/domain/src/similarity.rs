//! How much two posts say the same: the share of their three-word sequences that they have in common.

/// From here on two posts are near-duplicates, in percent.
pub const NEAR_PERCENT: u32 = 50;

/// The word sequences of a text, ready to be compared: in order, each once.
#[derive(Clone, Debug, Default)]
pub struct Shingles(Vec<u64>);

/// Words in a row that are compared as one.
const WORDS: usize = 3;

impl Shingles {
    /// Of a text: upper and lower case, punctuation and web addresses do not count.
    pub fn of(text: &str) -> Self {
        let words: Vec<String> = text
            .split_whitespace()
            .filter(|word| !word.contains("://"))
            .map(|word| word.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect())
            .filter(|word: &String| !word.is_empty())
            .collect();
        let hash = |words: &[String]| {
            words
                .iter()
                .flat_map(|word| word.bytes().chain([b' ']))
                .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
        };
        let mut all: Vec<u64> = words.windows(WORDS.min(words.len().max(1))).map(hash).collect();
        all.sort_unstable();
        all.dedup();
        Self(all)
    }

    /// How many the two have in common. A calendar compares each of its posts with every other.
    fn shared(&self, other: &Self) -> usize {
        let (mut one, mut other, mut count) = (self.0.as_slice(), other.0.as_slice(), 0);
        while let ([first, rest @ ..], [others, others_rest @ ..]) = (one, other) {
            count += usize::from(first == others);
            if first <= others {
                one = rest;
            }
            if others <= first {
                other = others_rest;
            }
        }
        count
    }

    /// What the two have in common of all that they have (Jaccard), in percent.
    pub fn percent(&self, other: &Self) -> u32 {
        let shared = self.shared(other);
        let all = self.0.len() + other.0.len() - shared;
        u32::try_from(shared * 100 / all.max(1)).unwrap_or(0)
    }

    /// How much of the shorter of the two stands in the longer, in percent.
    pub fn contained_percent(&self, other: &Self) -> u32 {
        let shared = self.shared(other);
        u32::try_from(shared * 100 / self.0.len().min(other.0.len()).max(1)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(one: &str, other: &str, expect: std::ops::RangeInclusive<u32>) {
        let percent = Shingles::of(one).percent(&Shingles::of(other));
        assert!(expect.contains(&percent), "{percent} %: {one} / {other}");
    }

    #[test]
    fn the_same_words_are_alike_and_other_words_are_not() {
        let text = "Your shift ends at three. Ours is just warm. Knock twice at 14 Canal Street.";
        check(text, &text.to_uppercase(), 100..=100);
        check(text, "Your shift ends at three. Ours is just warm. Knock once at 14 Canal Street.", NEAR_PERCENT..=80);
        check(text, "What sells out first, and when? The cardamom buns, by one.", 0..=5);
        check(text, "", 0..=0);
        check("", "", 0..=0);
        check("Buns!", "buns", 100..=100);
    }
}
