//! How hard a text is to read: Flesch's reading ease for English, Amstad's for German. Other languages are not
//! measured, and neither are a few words alone: a formula over two sentences says nothing.

use super::remark;
use crate::post::Content;
use crate::review::{Finding, Severity};

/// Fewest words of its own that a text is measured by.
const WORDS_MIN: usize = 40;
/// Below this Flesch calls a text very difficult; a scientific paper reads so.
pub const FLESCH_MIN: f64 = 30.0;
/// The same for Amstad's formula, whose scale is Flesch's; German's long nouns cost it some points.
pub const AMSTAD_MIN: f64 = 20.0;

/// One finding where a text's own words read like a paper, at its longest sentence.
pub(super) fn reading(content: &Content, own: &str) -> Option<Finding> {
    let (ease, least) = match primary(&content.language) {
        "en" => (ease(own, syllables_english, |length, weight| 206.835 - 1.015 * length - 84.6 * weight)?, FLESCH_MIN),
        "de" => (ease(own, syllables_german, |length, weight| 180.0 - length - 58.5 * weight)?, AMSTAD_MIN),
        _ => return None,
    };
    if ease >= least {
        return None;
    }
    let longest = sentences(&content.text).into_iter().max_by_key(|sentence| words(sentence).count())?;
    let advice = format!(
        "It reads like a scientific paper (reading ease {}, at least {least} is wanted); use shorter words, and cut \
        this sentence in two.",
        ease.round()
    );
    Some(remark("reading_level", Severity::Major, longest, advice))
}

/// The language of a tag, without its region.
pub(super) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

fn ease(text: &str, syllables: fn(&str) -> usize, formula: fn(f64, f64) -> f64) -> Option<f64> {
    let (mut count, mut weight, mut lines) = (0_usize, 0_usize, 0_usize);
    for sentence in sentences(text) {
        let words: Vec<&str> = words(sentence).collect();
        count += words.len();
        lines += usize::from(!words.is_empty());
        weight += words.iter().map(|word| syllables(word)).sum::<usize>();
    }
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    (count >= WORDS_MIN).then(|| formula(float(count) / float(lines), float(weight) / float(count)))
}

/// Sentences and lines; a mark ends one only before white space.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (at, mark) in line.match_indices(['.', '!', '?', ':', ';', '…']) {
            let end = at + mark.len();
            if line[end..].is_empty() || line[end..].starts_with(char::is_whitespace) {
                found.push(line[start..end].trim());
                start = end;
            }
        }
        found.push(line[start..].trim());
    }
    found.retain(|sentence| !sentence.is_empty());
    found
}

/// Words of letters alone: numbers, tags and names of files are not pronounced.
fn words(sentence: &str) -> impl Iterator<Item = &str> {
    let trimmed =
        sentence.split_whitespace().map(|word| word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '#')));
    trimmed.filter(|word| !word.is_empty() && word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-')))
}

fn groups(word: &str, is_vowel: fn(char) -> bool) -> usize {
    let mut before = false;
    word.chars()
        .filter(|c| {
            let now = is_vowel(*c);
            let starts = now && !before;
            before = now;
            starts
        })
        .count()
}

fn syllables_english(word: &str) -> usize {
    let word = word.to_lowercase();
    let count = groups(&word, |c| "aeiouyáéíóúäöü".contains(c));
    let silent = word.ends_with('e') && !word.ends_with("le") && !word.ends_with("ee")
        || word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded");
    (count - usize::from(silent && count > 1)).max(1)
}

fn syllables_german(word: &str) -> usize {
    // Two vowels are two syllables, unless they make one sound.
    let vowels: Vec<char> =
        word.to_lowercase().chars().map(|c| if "aeiouyäöüé".contains(c) { c } else { ' ' }).collect();
    let (mut count, mut at) = (0, 0);
    while at < vowels.len() {
        let pair: String = vowels[at..].iter().take(2).collect();
        let one_sound = ["ei", "ie", "au", "eu", "äu", "ai", "aa", "ee", "oo"].contains(&pair.as_str());
        count += usize::from(vowels[at] != ' ');
        at += 1 + usize::from(one_sound);
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_counted_nearly_as_a_reader_does() {
        for (word, expect) in [("bread", 1), ("bakery", 3), ("the", 1), ("table", 2), ("baked", 1), ("wanted", 2)] {
            assert_eq!(syllables_english(word), expect, "{word}");
        }
        for (word, expect) in [("Brot", 1), ("Bäckerei", 3), ("Erfahrung", 3), ("neue", 2)] {
            assert_eq!(syllables_german(word), expect, "{word}");
        }
    }

    #[test]
    fn plain_sentences_are_easy_and_a_paper_is_not() {
        let english = |text: &str| ease(text, syllables_english, |l, w| 206.835 - 1.015 * l - 84.6 * w);
        let plain = "You work while we sleep. Then we swap. ".repeat(6);
        assert!(english(&plain).is_some_and(|ease| ease > 80.0), "{:?}", english(&plain));
        let paper = "Organisational prioritisation considerations necessitate comprehensive institutional \
            reconceptualisation of collaborative documentation methodologies. "
            .repeat(5);
        assert!(english(&paper).is_some_and(|ease| ease < 0.0), "{:?}", english(&paper));
        assert_eq!(english("Too short to say."), None);
    }
}
