//! Review, rehearsed: scores by what can be counted, with the words that they are about.

use domain::check::{Limits, graphemes};
use domain::review::SCORE_MIN;
use domain::rubric::copy_scores;
use domain::{AgentRole, Brief, Content, Dimension, Finding, Mark, Severity, Verdict};

use super::material::lexicon;
use super::rules::{find_claim, missing};
use crate::answer::Review;
use crate::tasks::Reviewing;

/// Longest first line that is still a hook, in graphemes.
const HOOK_GRAPHEMES_MAX: usize = 110;
/// Most words a sentence has on average, for a good score, a fair one and a poor one.
const SENTENCE_WORDS: [usize; 3] = [16, 22, 30];

/// Beginnings that nobody reads on from.
const WEAK_BEGINNINGS: &[&str] = &[
    "we are excited",
    "we're excited",
    "we are happy",
    "we are thrilled",
    "we are pleased",
    "hello everyone",
    "hi everyone",
    "hey everyone",
    "exciting news",
    "big news",
    "introducing",
    "in our modern world",
    "in today's",
    "check out",
    "wir freuen uns",
    "hallo zusammen",
    "in unserer modernen welt",
    "endlich ist es so weit",
];

/// Words that sell too hard.
const HYPE: &[&str] = &[
    "amazing",
    "incredible",
    "unbeatable",
    "game changing",
    "revolutionary",
    "best ever",
    "world class",
    "must have",
    "unglaublich",
    "einzigartig",
    "unschlagbar",
    "sensationell",
];

/// Words that press people or promise results.
const UNFAIR: &[&str] =
    &["guaranteed", "act now", "last chance", "risk free", "garantiert", "letzte chance", "ohne risiko"];
/// Longest title that a list of search results shows whole, in graphemes.
const SEARCH_TITLE_GRAPHEMES_MAX: usize = 60;
/// Most addresses that still are one step to take.
const LINKS_MAX: usize = 3;

struct Judge<'a> {
    content: &'a Content,
    brief: &'a Brief,
    limits: &'a Limits,
    known: &'a [Finding],
    findings: Vec<Finding>,
}

/// A review of a version, by those who are asked.
pub fn review(reviewing: &Reviewing) -> Review {
    judge(&reviewing.content, &reviewing.brief, &reviewing.limits, &reviewing.findings, &reviewing.reviewers)
}

/// The same, of its parts; `known` is what the checks found before.
pub fn judge(content: &Content, brief: &Brief, limits: &Limits, known: &[Finding], reviewers: &[AgentRole]) -> Review {
    let mut judge = Judge { content, brief, limits, known, findings: Vec::new() };
    let mut scores = Vec::new();
    for dimension in reviewers.iter().flat_map(|role| role.rubric()) {
        let (score, quote) = judge.score(*dimension);
        scores.push(Mark { dimension: *dimension, score, quote });
    }
    if reviewers.contains(&AgentRole::Editor) {
        judge.claims();
    }
    let Judge { mut findings, .. } = judge;
    findings.sort_by_key(|finding| std::cmp::Reverse(weight(finding.severity)));
    let blocked = findings.iter().chain(known).any(|finding| finding.severity == Severity::Blocker);
    let low = scores.iter().any(|mark| mark.score < SCORE_MIN);
    let dull = copy_scores(&scores).is_some_and(|scores| !scores.pass());
    let verdict = if low || dull || blocked { Verdict::Revise } else { Verdict::Approve };
    if verdict == Verdict::Revise && findings.is_empty() {
        // The checks found it, or the scores are each just enough and together too little.
        let rule = scores.iter().min_by_key(|mark| mark.score).map_or("clarity", |mark| mark.dimension.as_str());
        let advice = known
            .first()
            .map_or("Nothing is wrong, and nothing stands out: make this stronger.", |finding| &finding.advice);
        // Whoever mends pictures must see that this is one's.
        let quote = known.first().filter(|finding| finding.is_about_the_picture()).map_or("", |finding| &finding.quote);
        findings.push(Finding::new(rule, Severity::Major, quote, advice));
    }
    Review { verdict, scores, findings, discarded: Vec::new() }
}

fn weight(severity: Severity) -> u8 {
    match severity {
        Severity::Blocker => 2,
        Severity::Major => 1,
        Severity::Minor => 0,
    }
}

impl Judge<'_> {
    fn find(&mut self, rule: &str, severity: Severity, quote: &str, advice: impl Into<String>) {
        self.findings.push(Finding::new(rule, severity, quote, advice));
    }

    fn text(&self) -> &str {
        &self.content.text
    }

    /// A score, and the words that it rests on.
    fn score(&mut self, dimension: Dimension) -> (u8, String) {
        let line = |text: &str| text.trim().to_string();
        let first = line(self.text().trim().lines().next().unwrap_or(""));
        let last = line(self.text().trim().lines().last().unwrap_or(""));
        let title = line(&self.content.title);
        match dimension {
            Dimension::Hook => (self.hook(), first),
            Dimension::Clarity => (self.clarity(), first),
            Dimension::Voice => (self.voice(), first),
            Dimension::Evidence => (self.evidence(), String::new()),
            Dimension::CallToAction => {
                let score = self.call_to_action();
                (score, if score < SCORE_MIN { String::new() } else { last })
            }
            Dimension::PlatformFit => (self.platform_fit(), String::new()),
            Dimension::OnBrand => (7 + u8::from(self.names_the_brand()), title),
            Dimension::Style => (self.style(), first),
            Dimension::Audience => (7 + u8::from(self.names_the_audience()), first),
            Dimension::Truth => (self.known_to_break("invented"), String::new()),
            Dimension::Claims => (self.known_to_break("claim"), String::new()),
            Dimension::Fairness => (self.fairness(), first),
            Dimension::Offer => (7 + u8::from(!self.brief.facts.is_empty()), first),
            Dimension::Friction => (self.friction(), last),
            Dimension::Motive => (7, last),
            Dimension::SearchWords => (6 + u8::from(self.names_the_brand()), title),
            Dimension::SearchTitle => (if graphemes(&title) <= SEARCH_TITLE_GRAPHEMES_MAX { 8 } else { 6 }, title),
            Dimension::Findable => (6 + 2 * u8::from(self.names_the_brand()), title),
        }
    }

    fn names_the_brand(&self) -> bool {
        let text = normalised(&format!("{} {}", self.content.title, self.text()));
        text.contains(&normalised(&self.brief.brand.name))
            || text.contains(address(&self.brief.brand.url.to_lowercase()))
    }

    fn names_the_audience(&self) -> bool {
        let text = normalised(&format!("{} {}", self.content.title, self.text()));
        self.brief.brand.audience.iter().any(|audience| text.contains(&normalised(audience)))
    }

    /// What the style guide says is for a reader; an example that is to be avoided is not.
    fn style(&mut self) -> u8 {
        let text = normalised(self.text());
        let example = |example: &&String| {
            let example = normalised(example);
            example.split(' ').count() >= 3 && text.contains(&example)
        };
        if self.brief.style.bad.iter().any(|bad| example(&bad)) {
            self.find("style", Severity::Major, "", "This is how the style guide says not to write; say it otherwise.");
            return 3;
        }
        8
    }

    /// What the checks found is held against it once more; what they cannot see is not seen here either.
    fn known_to_break(&mut self, rule: &str) -> u8 {
        let broken = self.known.iter().any(|finding| {
            finding.severity == Severity::Blocker && finding.rule.contains(rule) && !finding.rule.contains("required")
        });
        if broken { 3 } else { 8 }
    }

    fn fairness(&mut self) -> u8 {
        let whole = normalised(self.text());
        if !UNFAIR.iter().any(|word| word.split(' ').all(|part| whole.contains(part))) {
            return 8;
        }
        let text = self.own_words();
        let unfair = UNFAIR.iter().find_map(|word| find_claim(&text, word).first().cloned());
        let Some(unfair) = unfair else { return 8 };
        self.find("fairness", Severity::Major, &text[unfair], "This presses or promises too much; say what is so.");
        4
    }

    fn friction(&mut self) -> u8 {
        let mut links: Vec<&str> = self.text().split_whitespace().filter(|word| word.contains("://")).collect();
        links.sort_unstable();
        links.dedup();
        if links.len() > LINKS_MAX {
            let advice = "So many links are no step to take; keep the one that matters.";
            self.find("friction", Severity::Major, "", advice);
            return 5;
        }
        8
    }

    fn hook(&mut self) -> u8 {
        let line = self.text().lines().next().unwrap_or("").trim().to_string();
        let lower = line.to_lowercase();
        let length = graphemes(&line);
        if WEAK_BEGINNINGS.iter().any(|beginning| lower.starts_with(beginning)) {
            self.find("hook", Severity::Major, &line, "The first line speaks about us and says nothing yet. Open with whom it is for, or with the fact itself.");
            return 3;
        }
        if length > 2 * HOOK_GRAPHEMES_MAX {
            self.find(
                "hook",
                Severity::Major,
                &line,
                "The first line is a paragraph. Open with a short line that makes one read on.",
            );
            return 4;
        }
        let brand = &self.brief.brand;
        let concerns = line.contains(&brand.name)
            || brand.audience.iter().any(|audience| lower.contains(&audience.to_lowercase()));
        let asks = line.contains('?') || line.ends_with(':');
        7 + u8::from(concerns || asks) + u8::from(length <= 60) - u8::from(length > HOOK_GRAPHEMES_MAX)
    }

    fn clarity(&mut self) -> u8 {
        let text = self.text().to_string();
        let words = |sentence: &str| sentence.split_whitespace().count();
        let sentences: Vec<&str> = sentences(&text).into_iter().filter(|sentence| words(sentence) > 0).collect();
        let mean = sentences.iter().map(|sentence| words(sentence)).sum::<usize>() / sentences.len().max(1);
        let longest = sentences.iter().max_by_key(|sentence| words(sentence)).map_or("", |sentence| sentence.trim());
        let score = 9 - 2 * SENTENCE_WORDS.iter().filter(|most| mean > **most).count() as u8;
        if score < SCORE_MIN {
            self.find("clarity", Severity::Major, longest, "The sentences are long. Cut this one in two.");
        } else if words(longest) > SENTENCE_WORDS[2] {
            self.find("clarity", Severity::Minor, longest, "A long sentence; it would read better as two.");
            return score - 1;
        }
        score
    }

    /// The text without the brief's own words: how those sound is the brief's affair.
    fn own_words(&self) -> String {
        let mut texts = self.brief.fact_texts();
        texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
        let text = self.text().split_whitespace().collect::<Vec<_>>().join(" ");
        texts.iter().flat_map(|fact| fact.split_inclusive(['.', '!', '?'])).fold(text, |text, sentence| {
            let sentence = sentence.split_whitespace().collect::<Vec<_>>().join(" ");
            if sentence.contains(' ') { text.replace(&sentence, "") } else { text }
        })
    }

    fn voice(&mut self) -> u8 {
        let text = self.own_words();
        let mut score: u8 = 8;
        if let Some(hype) = HYPE.iter().find_map(|word| find_claim(&text, word).first().cloned()) {
            self.find(
                "voice",
                Severity::Major,
                &text[hype],
                "This sells too hard for the brand's voice; say what is so instead.",
            );
            score = 4;
        }
        let marks = text.matches('!').count();
        if marks > 1 {
            self.find("voice", Severity::Minor, "!", "Leave the exclamation marks to others.");
            score = score.saturating_sub(2 * marks.min(3) as u8).max(2);
        }
        let shouts = |word: &str| {
            word.chars().filter(|c| c.is_alphabetic()).count() > 5 && word.chars().all(|c| !c.is_lowercase())
        };
        if let Some(word) = text.split_whitespace().find(|word| shouts(word)) {
            self.find("voice", Severity::Minor, word, "Capitals shout; write it in small letters.");
            score = score.saturating_sub(1).max(2);
        }
        score
    }

    fn evidence(&mut self) -> u8 {
        let brief = self.brief;
        let text = normalised(self.text());
        // Of a long fact, a sentence is enough.
        let held = |fact: &&str| {
            let fact = normalised(fact);
            let sentences = sentences(&fact).into_iter().map(|sentence| sentence.trim().trim_end_matches('.'));
            let long = |sentence: &&str| sentence.split(' ').count() >= 3;
            let whole = fact.trim_end_matches('.');
            !whole.is_empty()
                && (text.contains(whole)
                    || sentences.filter(long).any(|sentence| text.contains(sentence))
                    || overlaps(whole, &text))
        };
        let facts = brief.facts.values().filter(|fact| fact.texts().iter().any(held)).count();
        let claims = brief.claims.allowed.iter().filter(|claim| held(&claim.as_str())).count();
        let brand = held(&brief.brand.one_line.as_str());
        if brief.facts.is_empty() {
            return if brand || claims > 0 || text.contains(&normalised(&brief.brand.name)) { 7 } else { 6 };
        }
        match (facts, claims + usize::from(brand)) {
            (0, 0) => {
                self.find(
                    "evidence",
                    Severity::Major,
                    "",
                    "It rests on nothing. Give at least a fact of the brief, in its own words.",
                );
                3
            }
            (0, _) => {
                self.find("evidence", Severity::Minor, "", "A claim without a fact beside it; add the fact.");
                6
            }
            (1, 0) => 8,
            _ => 9,
        }
    }

    fn call_to_action(&mut self) -> u8 {
        // As people write an address: without its scheme, and in any case.
        let whole = self.brief.brand.url.to_lowercase();
        let url = address(&whole);
        let last = normalised(self.text().trim().lines().last().unwrap_or(""));
        if last.contains(url) {
            return if address(&last) == url { 7 } else { 9 };
        }
        if normalised(self.text()).contains(url) {
            return 7;
        }
        let url = &self.brief.brand.url;
        self.find(
            "call_to_action",
            Severity::Major,
            "",
            format!("Nothing says what to do next. End with a single step, and {url}"),
        );
        3
    }

    fn platform_fit(&mut self) -> u8 {
        let limits = self.limits;
        let (title, length) = (graphemes(&self.content.title), graphemes(self.text()));
        if length > limits.text_graphemes_max {
            let most = limits.text_graphemes_max;
            self.find(
                "too_long",
                Severity::Blocker,
                "",
                format!("The text has {length} characters; the channel takes {most}. Leave out what is no fact."),
            );
            return 2;
        }
        if limits.title_graphemes_max > 0 && title > limits.title_graphemes_max {
            let (most, quote) = (limits.title_graphemes_max, self.content.title.clone());
            self.find(
                "title_too_long",
                Severity::Blocker,
                &quote,
                format!("The title has {title} characters; the channel takes {most}. Say it in a few words."),
            );
            return 3;
        }
        if length < 40 {
            self.find("platform_fit", Severity::Minor, "", "There is room for a fact.");
            return 6;
        }
        if length * 10 <= limits.text_graphemes_max * 8 { 9 } else { 8 }
    }

    fn claims(&mut self) {
        let brief = self.brief;
        let text = self.text().to_string();
        for claim in &brief.claims.banned {
            for held in find_claim(&text, claim) {
                self.find(
                    "banned_claim",
                    Severity::Blocker,
                    &text[held],
                    format!("The brief bans “{claim}” in every form; leave it out."),
                );
            }
        }
        for claim in missing(&text, brief) {
            self.find(
                "required_claim",
                Severity::Blocker,
                "",
                format!("Every post must say “{claim}”, word for word."),
            );
        }
        if lexicon(&self.content.language).is_none() {
            let advice = format!(
                "The rehearsal model does not speak `{}`; somebody who does must read this.",
                self.content.language
            );
            self.find("language", Severity::Minor, "", advice);
        }
    }
}

/// Sentences and lines; a full stop inside a number or a name ends none.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    for line in text.lines() {
        let mut start = 0;
        for (at, mark) in line.match_indices(['.', '!', '?', ';', ':', '…']) {
            let end = at + mark.len();
            if line[end..].is_empty() || line[end..].starts_with([' ', '”', '“', '"']) {
                found.push(&line[start..end]);
                start = end;
            }
        }
        found.push(&line[start..]);
    }
    found
}

/// An address as people say it: without its scheme, `www.` and the slash at its end.
fn address(url: &str) -> &str {
    let url = url.trim();
    let url = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or(url);
    url.strip_prefix("www.").unwrap_or(url).trim_end_matches('/')
}

fn normalised(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Whether most of a fact's weighty words stand in the text: a paraphrase.
fn overlaps(fact: &str, text: &str) -> bool {
    let words: Vec<&str> = fact.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3).collect();
    let held = words.iter().filter(|word| text.contains(*word)).count();
    words.len() >= 3 && held * 10 >= words.len() * 6
}
