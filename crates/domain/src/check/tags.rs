//! Hashtags and mentions: how many, and none twice. Which accounts may be mentioned is for `names.rs`.

use super::remark;
use crate::post::Content;
use crate::review::{Finding, Severity};

/// Most hashtags of a post; more look like bait, and several platforms show such a post to fewer people.
pub const HASHTAGS_MAX: usize = 5;
/// Most accounts that a post mentions; more look like spam to those who are mentioned.
pub const MENTIONS_MAX: usize = 3;

/// What breaks the policy.
pub(super) fn tags(content: &Content) -> Vec<Finding> {
    let mut found = Vec::new();
    let hashtags = marked(&content.text, &['#', '＃']);
    if let Some(first) = hashtags.get(HASHTAGS_MAX) {
        let advice = format!(
            "There are {} hashtags, and {HASHTAGS_MAX} are the most; keep those that readers look for.",
            hashtags.len()
        );
        found.push(remark("hashtags", Severity::Major, first, advice));
    }
    let lower: Vec<String> = hashtags.iter().map(|tag| tag.to_lowercase()).collect();
    if let Some(index) = (1..lower.len()).find(|index| lower[..*index].contains(&lower[*index])) {
        found.push(remark(
            "hashtags",
            Severity::Minor,
            hashtags[index],
            "This hashtag stands there twice; once is enough.".into(),
        ));
    }
    let mentions = marked(&content.text, &['@', '＠']);
    if let Some(first) = mentions.get(MENTIONS_MAX) {
        let advice = format!("It mentions {} accounts, and {MENTIONS_MAX} are the most.", mentions.len());
        found.push(remark("mentions", Severity::Major, first, advice));
    }
    found
}

/// Words that begin with one of the marks and go on with a letter.
fn marked<'a>(text: &'a str, marks: &[char]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for word in text.split_whitespace().filter(|word| !word.contains("://")) {
        for (at, mark) in word.match_indices(marks) {
            let alone = !word[..at].chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '&');
            let from = at + mark.len();
            let length = word[from..].find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(word.len() - from);
            if alone && word[from..from + length].chars().any(char::is_alphabetic) {
                found.push(&word[at..from + length]);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashtags_and_mentions_are_words_with_their_mark() {
        assert_eq!(
            marked("#one #two, (#three) C# a#no # &#39; #1 ##four https://x.y/#top", &['#']),
            ["#one", "#two", "#three", "#four"]
        );
        assert_eq!(marked("@ada and @bob@x.social, me@x.y", &['@']), ["@ada", "@bob"]);
    }
}
