//! Whether the posts of a campaign agree with each other: prices, dates, names, addresses and what to do next; and
//! whether two of them say the same. Each finding points at both places.
//!
//! It compares what stands there: two prices of what is called the same, two dates with the same word before them in
//! sentences about the same. Where the facts hold both (a price, and one with a badge), both are right.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::brief::{Brief, Fact};
use crate::check::{BriefsWords, Own, Stated, StatedKind, Tongues, stated};
use crate::post::Content;
use crate::words::words;

words! {
    /// What two posts disagree in.
    pub enum Kind {
        /// Two prices of the same.
        Price = "price",
        /// Two dates or times of the same.
        Date = "date",
        /// One name, spelled in two ways.
        Name = "name",
        /// One address, written in two ways.
        Url = "url",
        /// Two things to do at the same address.
        CallToAction = "call_to_action",
        /// Not a disagreement: both say the same.
        Same = "same",
    }
}

/// A post as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    /// The post.
    pub post_id: &'a str,
    /// Its place in the calendar.
    pub slot: i64,
    /// Its current version.
    pub content: &'a Content,
}

/// Words of a post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The post.
    pub post_id: String,
    /// Its place in the calendar.
    pub slot: i64,
    /// Its words.
    pub quote: String,
}

/// Two places that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disagreement {
    /// In what.
    pub kind: Kind,
    /// Here …
    pub one: Place,
    /// … and there.
    pub other: Place,
    /// What to do.
    pub advice: String,
}

/// Most posts that are compared with each other.
pub const POSTS_MAX: usize = 100;
/// Most findings: a person mends these first.
pub const FINDINGS_MAX: usize = 50;
/// Fewest words that two sentences about one date share.
const SHARED_MIN: usize = 2;

/// Everything of a post that is compared.
struct Read<'a> {
    said: Said<'a>,
    stated: Vec<Stated>,
    names: Vec<String>,
    links: Vec<url::Url>,
    act: Option<(&'static str, String)>,
    own: Own,
}

/// Everything in which the posts disagree, and those that say the same; the earlier slots first.
pub fn across(said: &[Said<'_>], brief: &Brief) -> Vec<Disagreement> {
    let tongues = Tongues::of(brief);
    let briefs_words = BriefsWords::of(brief);
    let read: Vec<Read<'_>> =
        said.iter().take(POSTS_MAX).map(|said| Read::of(*said, &briefs_words, &tongues)).collect();
    let facts = facts(brief, &tongues);
    let mut found: Vec<Disagreement> = Vec::new();
    for (index, other) in read.iter().enumerate() {
        for one in &read[..index] {
            let new = [
                prices_and_dates(one, other, &facts),
                names(one, other),
                links(one, other),
                acts(one, other),
                same(one, other),
            ];
            for disagreement in new.into_iter().flatten() {
                let is_known = |known: &Disagreement| {
                    known.kind == disagreement.kind
                        && known.other == disagreement.other
                        && known.one.quote == disagreement.one.quote
                };
                if found.len() < FINDINGS_MAX && !found.iter().any(is_known) {
                    found.push(disagreement);
                }
            }
        }
    }
    found
}

impl<'a> Read<'a> {
    fn of(said: Said<'a>, briefs_words: &BriefsWords, tongues: &Tongues) -> Self {
        let text = &said.content.text;
        Self {
            said,
            stated: stated(text, tongues),
            names: named(text),
            links: linked(text),
            act: act(text),
            own: Own::of(text, briefs_words),
        }
    }

    fn place(&self, quote: &str) -> Place {
        Place { post_id: self.said.post_id.into(), slot: self.said.slot, quote: quote.into() }
    }
}

/// What each fact states, with the words of its name and text.
fn facts(brief: &Brief, tongues: &Tongues) -> Vec<(BTreeSet<String>, BTreeSet<String>)> {
    let mut found = Vec::new();
    let mut add = |name: &str, text: &str| {
        let words = |text: &str| -> Vec<String> {
            text.split(|c: char| !c.is_alphanumeric()).map(crate::check::singular).collect()
        };
        let meanings = stated(text, tongues).into_iter().flat_map(|stated| stated.meanings).collect();
        found.push((words(name).into_iter().chain(words(text)).collect(), meanings));
    };
    for (name, fact) in &brief.facts {
        match fact {
            Fact::Table(texts) => texts.iter().for_each(|(key, text)| add(key, text)),
            fact => fact.texts().into_iter().for_each(|text| add(name, text)),
        }
    }
    found
}

fn prices_and_dates(
    one: &Read<'_>,
    other: &Read<'_>,
    facts: &[(BTreeSet<String>, BTreeSet<String>)],
) -> Vec<Disagreement> {
    let mut found = Vec::new();
    for ours in &one.stated {
        for theirs in &other.stated {
            if !about_the_same(ours, theirs) || !ours.meanings.is_disjoint(&theirs.meanings) {
                continue;
            }
            let subject: BTreeSet<&String> = ours.subject.intersection(&theirs.subject).collect();
            let held = |stated: &Stated| {
                facts.iter().any(|(words, meanings)| {
                    !stated.meanings.is_disjoint(meanings)
                        && (stated.kind == StatedKind::Date || subject.iter().all(|word| words.contains(*word)))
                })
            };
            if held(ours) && held(theirs) {
                continue;
            }
            let kind = if ours.kind == StatedKind::Price { Kind::Price } else { Kind::Date };
            let about: Vec<&str> = subject.into_iter().map(String::as_str).collect();
            let advice = format!(
                "Of {}, one post says \"{}\" and the other \"{}\"; the facts decide which.",
                about.join(" "),
                ours.quote,
                theirs.quote
            );
            found.push(Disagreement { kind, one: one.place(&ours.quote), other: other.place(&theirs.quote), advice });
        }
    }
    found
}

fn about_the_same(ours: &Stated, theirs: &Stated) -> bool {
    if ours.kind != theirs.kind {
        return false;
    }
    if ours.kind == StatedKind::Price {
        let smaller = ours.subject.len().min(theirs.subject.len());
        return smaller > 0 && ours.subject.intersection(&theirs.subject).count() == smaller;
    }
    !ours.role.is_empty()
        && ours.role == theirs.role
        && ours.subject.intersection(&theirs.subject).count() >= SHARED_MIN
}

/// Names of two words and more: capital letters, small words between them, none at the front.
fn named(text: &str) -> Vec<String> {
    const BETWEEN: [&str; 8] = ["of", "in", "and", "the", "von", "der", "und", "im"];
    const BEFORE: [&str; 12] = ["The", "A", "An", "Our", "Your", "Der", "Die", "Das", "Ein", "Eine", "At", "In"];
    let mut found = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let mut close = |run: &mut Vec<&str>| {
        while run.last().is_some_and(|word| BETWEEN.contains(word)) {
            run.pop();
        }
        let from = run.iter().take_while(|word| BEFORE.contains(word)).count();
        if run.len() >= from + 2 {
            found.push(run[from..].join(" "));
        }
        run.clear();
    };
    for word in text.split_whitespace() {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
        let is_capital = plain.chars().next().is_some_and(char::is_uppercase) && !plain.contains(['/', '.', ':']);
        if is_capital || (BETWEEN.contains(&plain) && !run.is_empty()) {
            run.push(plain);
        } else {
            close(&mut run);
        }
        if !word.ends_with(char::is_alphanumeric) {
            close(&mut run);
        }
    }
    close(&mut run);
    found
}

/// Shortest name that may be one letter away from itself, in letters.
const TYPO_LETTERS_MIN: usize = 8;

fn names(one: &Read<'_>, other: &Read<'_>) -> Vec<Disagreement> {
    if one.said.content.language != other.said.content.language {
        return Vec::new();
    }
    let joined =
        |name: &str| -> String { name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let differ = |ours: &str, theirs: &str| {
        let (a, b) = (joined(ours), joined(theirs));
        ours != theirs && (a == b || (a.chars().count() >= TYPO_LETTERS_MIN && is_one_letter_away(&a, &b)))
    };
    let mut found = Vec::new();
    for ours in &one.names {
        for theirs in other.names.iter().filter(|theirs| differ(ours, theirs)) {
            let advice = format!("One name, spelled in two ways: \"{ours}\" and \"{theirs}\"; use one.");
            found.push(Disagreement { kind: Kind::Name, one: one.place(ours), other: other.place(theirs), advice });
        }
    }
    found
}

/// One letter more, fewer or other; not the ending of a plural.
fn is_one_letter_away(one: &str, other: &str) -> bool {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let front = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    let back = a[front..].iter().rev().zip(b[front..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (left_a, left_b) = (a.len() - front - back, b.len() - front - back);
    let is_ending = back == 0 && front >= a.len().min(b.len());
    left_a <= 1 && left_b <= 1 && left_a + left_b > 0 && !is_ending
}

fn linked(text: &str) -> Vec<url::Url> {
    let words = text.split_whitespace().filter(|word| word.contains("://"));
    let trimmed = words.map(|word| word.trim_matches(|c: char| !(c.is_alphanumeric() || c == '/')));
    trimmed.filter_map(|word| url::Url::parse(word).ok()).collect()
}

/// The page that an address leads to, however it is written.
fn page(url: &url::Url) -> String {
    let host = url.host_str().unwrap_or_default();
    format!("{}{}", host.trim_start_matches("www."), url.path().trim_end_matches('/')).to_lowercase()
}

fn links(one: &Read<'_>, other: &Read<'_>) -> Vec<Disagreement> {
    let written = |url: &url::Url| format!("{}://{}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
    let campaign = |url: &url::Url| {
        url.query_pairs().find(|(name, _)| name == "utm_campaign").map(|(_, value)| value.into_owned())
    };
    let mut found = Vec::new();
    for ours in &one.links {
        for theirs in &other.links {
            let advice = match (campaign(ours), campaign(theirs)) {
                (Some(ours), Some(theirs)) if ours != theirs => {
                    format!("Visits are counted for two campaigns, \"{ours}\" and \"{theirs}\"; use one name.")
                }
                _ if page(ours) == page(theirs) && written(ours) != written(theirs) => {
                    format!("One page, written in two ways; use {} in both.", written(ours))
                }
                _ => continue,
            };
            found.push(Disagreement {
                kind: Kind::Url,
                one: one.place(ours.as_str()),
                other: other.place(theirs.as_str()),
                advice,
            });
        }
    }
    found
}

/// What the line with an address asks for, of those acts that exclude each other, and the line.
fn act(text: &str) -> Option<(&'static str, String)> {
    const ACTS: [(&str, &[&str]); 4] = [
        ("buy", &["order", "buy", "shop", "kaufen", "bestellen", "bestellt", "kauft"]),
        ("register", &["register", "rsvp", "sign", "enrol", "anmelden", "registrieren", "meldet"]),
        ("donate", &["donate", "spenden", "spendet"]),
        ("subscribe", &["subscribe", "abonnieren", "abonniert"]),
    ];
    let line = text.lines().rev().find(|line| line.contains("://"))?;
    let lower = line.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).collect();
    let (name, _) = ACTS.iter().find(|(_, verbs)| verbs.iter().any(|verb| words.contains(verb)))?;
    Some((name, line.trim().into()))
}

fn acts(one: &Read<'_>, other: &Read<'_>) -> Vec<Disagreement> {
    let (Some((ours, our_line)), Some((theirs, their_line))) = (&one.act, &other.act) else { return Vec::new() };
    let leads_there = one.links.iter().any(|url| other.links.iter().any(|other| page(url) == page(other)));
    if ours == theirs || !leads_there {
        return Vec::new();
    }
    let advice =
        format!("At one address, one post asks readers to {ours} and the other to {theirs}; what can they do there?");
    vec![Disagreement { kind: Kind::CallToAction, one: one.place(our_line), other: other.place(their_line), advice }]
}

fn same(one: &Read<'_>, other: &Read<'_>) -> Vec<Disagreement> {
    if !one.own.repeats(&other.own) {
        return Vec::new();
    }
    let first = |read: &Read<'_>| {
        read.said.content.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_string()
    };
    let advice = "The two say nearly the same; write one of them anew, or drop it.".into();
    vec![Disagreement { kind: Kind::Same, one: one.place(&first(one)), other: other.place(&first(other)), advice }]
}

#[cfg(test)]
mod tests;
