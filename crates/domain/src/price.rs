//! What tokens cost: prices that are known here, with their day and their source, until a workspace sets its own.

use crate::{MicroUsd, ProviderKind};

/// A price as a provider published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPrice {
    /// Micro-USD per million tokens read.
    pub input: MicroUsd,
    /// Of these, read from the provider's cache.
    pub cached: MicroUsd,
    /// Written.
    pub output: MicroUsd,
    /// When it was read there: prices change.
    pub as_of: &'static str,
    /// Where.
    pub source: &'static str,
}

const OPENAI: &str = "https://developers.openai.com/api/docs/pricing";
const ANTHROPIC: &str = "https://platform.claude.com/docs/en/about-claude/pricing";
const OLLAMA: &str = "a machine of your own: what it draws is on another bill";
const AS_OF: &str = "2026-11";

/// By a model's name; cents per million tokens read, from the cache, written, rounded up. What is priced by the length of
/// its prompt is left out: the workspace says what it pays.
const OPENAI_CENTS: [(&str, [u32; 3]); 21] = [
    ("text-embedding-3-small", [2, 2, 0]),
    ("text-embedding-3-large", [13, 13, 0]),
    ("gpt-5.5", [500, 50, 3_000]),
    ("gpt-5.5-pro", [3_000, 3_000, 18_000]),
    ("gpt-5.4", [250, 25, 1_500]),
    ("gpt-5.4-mini", [75, 8, 450]),
    ("gpt-5.4-nano", [20, 2, 125]),
    ("gpt-5.4-pro", [3_000, 3_000, 18_000]),
    ("gpt-5.2", [175, 18, 1_400]),
    ("gpt-5.1", [125, 13, 1_000]),
    ("gpt-5", [125, 13, 1_000]),
    ("gpt-5-mini", [25, 3, 200]),
    ("gpt-5-nano", [5, 1, 40]),
    ("gpt-5-pro", [1_500, 1_500, 12_000]),
    ("gpt-4.1", [200, 50, 800]),
    ("gpt-4.1-mini", [40, 10, 160]),
    ("gpt-4.1-nano", [10, 3, 40]),
    ("gpt-4o", [250, 125, 1_000]),
    ("gpt-4o-mini", [15, 8, 60]),
    ("o4-mini", [110, 28, 440]),
    ("o3", [200, 50, 800]),
];
const ANTHROPIC_CENTS: [(&str, [u32; 3]); 16] = [
    ("claude-opus-5-5", [400, 20, 2_000]),
    ("claude-opus-5", [500, 50, 2_500]),
    ("claude-opus-4-8", [500, 50, 2_500]),
    ("claude-opus-4-7", [500, 50, 2_500]),
    ("claude-opus-4-6", [500, 50, 2_500]),
    ("claude-opus-4-5", [500, 50, 2_500]),
    ("claude-opus-4-1", [1_500, 150, 7_500]),
    ("claude-opus-4", [1_500, 150, 7_500]),
    ("claude-sonnet-5-5", [200, 10, 1_000]),
    ("claude-sonnet-5", [200, 20, 1_000]),
    ("claude-sonnet-4-6", [300, 30, 1_500]),
    ("claude-sonnet-4-5", [300, 30, 1_500]),
    ("claude-sonnet-4", [300, 30, 1_500]),
    ("claude-3-7-sonnet", [300, 30, 1_500]),
    ("claude-haiku-4-5", [100, 10, 500]),
    ("claude-3-5-haiku", [80, 8, 400]),
];

/// What a drawn picture costs: a sum for each, or tokens as the provider counts them; what is not so paid is zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PicturePrice {
    /// Micro-USD for one.
    pub each: MicroUsd,
    /// Micro-USD per million tokens of its idea.
    pub input: MicroUsd,
    /// Micro-USD per million tokens of the picture.
    pub output: MicroUsd,
}

/// What a picture costs as a provider published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownPicturePrice {
    /// As asked for here: a square of 1024 pixels, of medium quality where there is a choice.
    pub price: PicturePrice,
    /// When it was read there.
    pub as_of: &'static str,
    /// Where.
    pub source: &'static str,
}

/// By a model's name: micro-USD for each, cents per million tokens of the idea, and of the picture.
const OPENAI_PICTURES: [(&str, [i64; 3]); 4] = [
    ("gpt-image-1.5", [0, 500, 3_200]),
    ("gpt-image-1-mini", [0, 200, 800]),
    ("gpt-image-1", [0, 500, 4_000]),
    ("dall-e-3", [40_000, 0, 0]),
];

/// What a picture of a model costs, where that is known here; as [`known`].
pub fn known_picture(kind: ProviderKind, base_url: &str, model: &str) -> Option<KnownPicturePrice> {
    if kind != ProviderKind::OpenAi || base_url.trim_end_matches('/') != kind.own_url() {
        return None;
    }
    let is_it = |name: &str| model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || dated(rest));
    let (_, [each, input, output]) = OPENAI_PICTURES.iter().find(|(name, _)| is_it(name))?;
    let per_million = |cents: &i64| MicroUsd(cents * 10_000);
    let price = PicturePrice { each: MicroUsd(*each), input: per_million(input), output: per_million(output) };
    Some(KnownPicturePrice { price, as_of: AS_OF, source: OPENAI })
}

/// What a model of a provider costs, where that is known here. A server that merely speaks like a provider has prices of
/// its own: only the provider's own address counts.
pub fn known(kind: ProviderKind, base_url: &str, model: &str) -> Option<KnownPrice> {
    let (table, source): (&[(&str, [u32; 3])], _) = match kind {
        ProviderKind::Ollama => {
            let free = MicroUsd(0);
            return Some(KnownPrice { input: free, cached: free, output: free, as_of: AS_OF, source: OLLAMA });
        }
        // What a host asks for its own is between it and whoever runs Rondo.
        ProviderKind::SpinLlm => return None,
        ProviderKind::OpenAi => (&OPENAI_CENTS, OPENAI),
        ProviderKind::Anthropic => (&ANTHROPIC_CENTS, ANTHROPIC),
    };
    if base_url.trim_end_matches('/') != kind.own_url() {
        return None;
    }
    // A name goes on with a date or `latest`, or ends: `gpt-5.1` is no `gpt-5`, `claude-opus-4-5` no `claude-opus-4`.
    let is_it = |name: &str| model.strip_prefix(name).is_some_and(|rest| rest.is_empty() || dated(rest));
    let (_, cents) = table.iter().find(|(name, _)| is_it(name))?;
    let [input, cached, output] = cents.map(|cents| MicroUsd(i64::from(cents) * 10_000));
    Some(KnownPrice { input, cached, output, as_of: AS_OF, source })
}

/// `-2025-08-07`, `-20250514`, `-0`, `-latest`.
fn dated(rest: &str) -> bool {
    let Some(rest) = rest.strip_prefix('-') else { return false };
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    matches!(rest, "latest" | "0") || digits == 8 && rest.chars().all(|c| c.is_ascii_digit() || c == '-')
}

/// Reads `2.50`, US dollars per million tokens, exactly.
pub fn parse_usd(text: &str) -> Option<MicroUsd> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || whole.len() > 6 || fraction.len() > 6 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let micro: i64 = format!("{fraction:0<6}").parse().ok()?;
    Some(MicroUsd(whole.parse::<i64>().ok()? * 1_000_000 + micro))
}

/// Writes what [`parse_usd`] reads.
pub fn usd(amount: MicroUsd) -> String {
    let text = format!("{}.{:06}", amount.0 / 1_000_000, amount.0 % 1_000_000);
    let short = text.trim_end_matches('0');
    let decimals = short.len() - short.find('.').unwrap_or(0) - 1;
    if decimals >= 2 { short.into() } else { format!("{short}{}", "0".repeat(2 - decimals)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_read_to_the_last_digit_or_not_at_all_and_written_as_it_was_read() {
        for (text, expect) in [
            ("2.50", Some(2_500_000)),
            ("0", Some(0)),
            ("0.000001", Some(1)),
            ("15", Some(15_000_000)),
            ("", None),
            ("-1", None),
            ("1e3", None),
            ("1.2345678", None),
            (".5", None),
            ("1,50", None),
        ] {
            assert_eq!(parse_usd(text), expect.map(MicroUsd), "{text}");
        }
        for text in ["2.50", "0.00", "0.000001", "15.00", "1.234"] {
            assert_eq!(parse_usd(text).map(usd).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_known_picture_s_price_is_that_model_s_at_that_provider_s() {
        let own = |model: &str| known_picture(ProviderKind::OpenAi, ProviderKind::OpenAi.own_url(), model);
        assert_eq!(own("gpt-image-1").unwrap().price.output, MicroUsd(40_000_000));
        assert_eq!(own("gpt-image-1-mini").unwrap().price.output, MicroUsd(8_000_000));
        assert_eq!(own("dall-e-3").unwrap().price.each, MicroUsd(40_000));
        for unheard_of in ["gpt-image-9", "gpt-image", "dall-e-2", ""] {
            assert_eq!(own(unheard_of), None, "{unheard_of}");
        }
        assert_eq!(known_picture(ProviderKind::OpenAi, "https://gate.example/v1", "dall-e-3"), None);
        assert_eq!(known_picture(ProviderKind::Ollama, "http://127.0.0.1:11434", "dall-e-3"), None);
    }

    #[test]
    fn a_known_price_is_that_model_s_at_that_provider_s() {
        let own = |kind: ProviderKind, model: &str| known(kind, kind.own_url(), model).map(|price| price.input.0);
        assert_eq!(own(ProviderKind::OpenAi, "gpt-5"), Some(1_250_000));
        assert_eq!(own(ProviderKind::OpenAi, "gpt-5-2025-08-07"), Some(1_250_000));
        assert_eq!(own(ProviderKind::OpenAi, "gpt-5-mini"), Some(250_000));
        assert_eq!(own(ProviderKind::Anthropic, "claude-sonnet-4-5-20250929"), Some(3_000_000));
        assert_eq!(own(ProviderKind::Anthropic, "claude-opus-4-5"), Some(5_000_000));
        assert_eq!(own(ProviderKind::Anthropic, "claude-opus-4-20250514"), Some(15_000_000));
        assert_eq!(own(ProviderKind::Anthropic, "claude-opus-4-9"), None);
        for unheard_of in ["gpt-5.9", "gpt-5-turbo", "gpt", ""] {
            assert_eq!(own(ProviderKind::OpenAi, unheard_of), None, "{unheard_of}");
        }
        assert_eq!(known(ProviderKind::OpenAi, "https://gate.example/v1", "gpt-5"), None);
        assert_eq!(known(ProviderKind::Ollama, "http://127.0.0.1:11434", "any").map(|price| price.output.0), Some(0));
    }
}
