//! What a link may carry behind its question mark: campaign parameters (UTM), and what a fact's own link has.
//!
//! Anything else can lead a reader on to another place (`?next=https://…`), tell on them, or carry words out.

use url::Url;

use super::{blocker, remark};
use crate::review::{Finding, Severity};

/// The parameters that analytics read.
const UTM: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// Without these three a visit cannot be counted for a campaign.
const UTM_NEEDED: [&str; 3] = ["utm_source", "utm_medium", "utm_campaign"];
/// Longest value of one, in characters.
const VALUE_CHARS_MAX: usize = 64;

/// What is wrong with the parameters of a link to a known place.
pub(super) fn parameters(url: &Url, known: &[Url], said: &str) -> Option<Finding> {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let held =
        |pair: &(String, String)| known.iter().any(|url| url.query_pairs().into_owned().any(|other| other == *pair));
    let ours: Vec<&(String, String)> = pairs.iter().filter(|pair| !held(pair)).collect();
    let is_value = |value: &str| {
        (1..=VALUE_CHARS_MAX).contains(&value.len())
            && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~' | ' '))
    };
    if let Some((name, _)) = ours.iter().find(|(name, value)| !UTM.contains(&name.as_str()) || !is_value(value)) {
        let advice =
            format!("A link may carry plain campaign parameters (utm_source …) and nothing else; take \"{name}\" off.");
        return Some(blocker("link_parameters", said, advice));
    }
    let named = |name: &str| pairs.iter().filter(|(other, _)| other == name).count();
    let complaint = if ours.is_empty() {
        return None;
    } else if let Some(missing) = UTM_NEEDED.iter().find(|name| named(name) == 0) {
        format!("The link lacks {missing}; without it no visit is counted for the campaign.")
    } else if let Some(twice) = UTM.iter().find(|name| named(name) > 1) {
        format!("The link has {twice} twice; keep one.")
    } else if let Some((name, value)) = ours.iter().find(|(_, value)| value.chars().any(char::is_uppercase)) {
        format!("Write {name}={} in small letters: analytics tell \"{value}\" and that apart.", value.to_lowercase())
    } else {
        return None;
    };
    Some(remark("utm", Severity::Major, said, complaint))
}
