//! What a brief has to offer for a post, as sentences: its facts, its brand in a sentence, its audiences.

use domain::Brief;
use domain::brief::Fact;
use domain::check::{Checks, graphemes};

use super::intent::Intent;
use super::lexicon::{Lexicon, Tone, capital, fill};
use super::rules::is_safe;
use super::{english, german};

/// Longest fact that a post carries, in graphemes; of a longer one, the sentences that fit.
const FACT_GRAPHEMES_MAX: usize = 320;
/// Longest audience that a post names, in graphemes.
const AUDIENCE_GRAPHEMES_MAX: usize = 80;

/// A fact that a post can carry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Before a colon.
    pub label: String,
    /// In a sentence; what an angle calls it.
    pub topic: String,
    /// Whether the topic reads well inside any sentence.
    pub topic_is_phrase: bool,
    /// One or more sentences.
    pub sentence: String,
    /// Whether it is quoted, in another language.
    pub is_quoted: bool,
}

impl Item {
    /// Whether the sentence brings an introduction of its own, so that another would be one too many.
    pub fn is_introduced(&self) -> bool {
        self.sentence.contains('\n')
            || self.sentence.starts_with(&format!("{}:", self.label))
            || self.sentence.split(' ').take(4).any(|word| word.ends_with(':'))
    }
}

/// All of it, for one language.
pub struct Material<'a> {
    /// The brief.
    pub brief: &'a Brief,
    /// What a post of it is held to.
    pub checks: Checks<'a>,
    /// The frames.
    pub lexicon: &'static Lexicon,
    /// The brand's name, if it may be said.
    pub brand: Option<String>,
    /// The brand in a sentence, if it may be said.
    pub one: Option<String>,
    /// The facts; never empty.
    pub items: Vec<Item>,
    /// For whom, as far as it can be said in this language.
    pub audiences: Vec<String>,
    /// What may be claimed.
    pub claims: Vec<String>,
    /// What readers are asked to do.
    pub intent: Intent,
    /// How the brand sounds.
    pub tone: Tone,
}

/// The frames of a language; `None` for one that the rehearsal model does not speak.
pub fn lexicon(language: &str) -> Option<&'static Lexicon> {
    let primary = language.split(['-', '_']).next().unwrap_or("");
    [&english::ENGLISH, &german::GERMAN].into_iter().find(|lexicon| lexicon.tag.eq_ignore_ascii_case(primary))
}

impl<'a> Material<'a> {
    /// What this brief has to offer in this language.
    pub fn of(brief: &'a Brief, language: &str) -> Self {
        let lexicon = lexicon(language).unwrap_or(&english::ENGLISH);
        let foreign = !same_language(language, &brief.brand.language);
        let checks = Checks::of(brief);
        let safe = |text: &str| (!text.is_empty() && is_safe(text, brief, &checks)).then(|| text.to_string());
        let quote =
            |text: String| if foreign { format!("{}{text}{}", lexicon.quotes.0, lexicon.quotes.1) } else { text };
        let one = fitting(&one_line(&brief.brand.one_line)).and_then(|text| safe(&full_stop(&text))).map(quote);
        let mut items: Vec<Item> = brief
            .facts
            .iter()
            .filter_map(|(name, fact)| item(name, fact, lexicon, foreign, &|text| is_safe(text, brief, &checks)))
            .collect();
        let brand = safe(&one_line(&brief.brand.name));
        if items.is_empty() {
            let name = brand.clone().unwrap_or_else(|| lexicon.pillars[0].name.into());
            let sentence = one.clone().or_else(|| brand.clone().map(|brand| full_stop(&brand))).unwrap_or_default();
            items.push(Item {
                label: name.clone(),
                topic: name,
                topic_is_phrase: brand.is_some(),
                sentence,
                is_quoted: foreign,
            });
        }
        let audiences = brief.brand.audience.iter().map(|text| one_line(text));
        let audiences =
            audiences.filter(|text| graphemes(text) <= AUDIENCE_GRAPHEMES_MAX).filter_map(|text| safe(&text));
        Self {
            brief,
            lexicon,
            brand,
            one,
            items,
            // Another language's words do not bend to this one's grammar.
            audiences: if foreign { Vec::new() } else { audiences.collect() },
            claims: brief
                .claims
                .allowed
                .iter()
                .filter(|claim| !claim.contains("://"))
                .filter_map(|claim| safe(one_line(claim).trim_end_matches('.')))
                .collect(),
            intent: Intent::of_goal(&brief.goal.text),
            tone: tone(&brief.brand.voice),
            checks,
        }
    }

    /// The item that a text names, else the given one.
    pub fn item_named(&self, text: &str, otherwise: usize) -> usize {
        let text = text.to_lowercase();
        let named = |item: &Item| {
            [&item.topic, &item.label]
                .into_iter()
                .filter(|name| !name.is_empty() && text.contains(&name.to_lowercase()))
                .map(|name| name.len())
                .max()
        };
        let best = self
            .items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| Some((named(item)?, index)))
            .max_by_key(|(length, index)| (*length, std::cmp::Reverse(*index)));
        best.map_or(otherwise % self.items.len(), |(_, index)| index)
    }

    /// The audience that a text names, else the given one; `None` if there is none.
    pub fn audience_named(&self, text: &str, otherwise: usize) -> Option<&str> {
        let named = self.audiences.iter().find(|audience| text.contains(audience.as_str()));
        named.or_else(|| self.audiences.get(otherwise % self.audiences.len().max(1))).map(String::as_str)
    }
}

/// Whether two tags name one language, regions aside.
pub fn same_language(one: &str, other: &str) -> bool {
    let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or("").to_ascii_lowercase();
    primary(one) == primary(other)
}

fn tone(voice: &[String]) -> Tone {
    let voice = voice.join(" ").to_lowercase();
    let any = |stems: &[&str]| stems.iter().any(|stem| voice.contains(stem));
    let warm = any(&["warm", "kind", "friendl", "encourag", "inclusive", "gentle", "freundlich", "herzlich"]);
    let dry = any(&["dry", "plain", "precise", "sober", "wry", "matter-of-fact", "trocken", "sachlich", "nüchtern"]);
    match (warm, dry) {
        (true, false) => Tone::Warm,
        (false, true) => Tone::Dry,
        _ => Tone::Any,
    }
}

/// In one line, with single spaces.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn full_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?', '…', ':']) { text.into() } else { format!("{text}.") }
}

/// The text, or as many of its first sentences as fit; `None` if not even one does.
fn fitting(text: &str) -> Option<String> {
    if graphemes(text) <= FACT_GRAPHEMES_MAX {
        return (!text.is_empty()).then(|| text.into());
    }
    let ends = text.match_indices(['.', '!', '?']).map(|(at, mark)| at + mark.len());
    let mut whole = ends.filter(|end| text[*end..].starts_with(' ') && graphemes(&text[..*end]) <= FACT_GRAPHEMES_MAX);
    whole.next_back().map(|end| text[..end].to_string())
}

fn item(name: &str, fact: &Fact, lexicon: &Lexicon, foreign: bool, is_safe: &dyn Fn(&str) -> bool) -> Option<Item> {
    let words = Words::of(name, fact, lexicon);
    let safe = |text: &String| is_safe(text);
    let quote =
        |text: &str| if foreign { format!("{}{text}{}", lexicon.quotes.0, lexicon.quotes.1) } else { text.to_string() };
    let texts = |texts: &[&String]| -> Vec<String> {
        texts.iter().filter_map(|text| fitting(&one_line(text))).filter(safe).collect()
    };
    let sentence = match fact {
        Fact::Text(text) => {
            let text = fitting(&one_line(text)).filter(safe)?;
            let is_sentence = text.ends_with(['.', '!', '?']) && text.contains(' ');
            if is_sentence { quote(&text) } else { words.say(&quote(text.trim_end_matches('.')), false) }
        }
        Fact::List(list) => {
            let texts = texts(&list.iter().collect::<Vec<_>>());
            let in_lines = texts.iter().any(|text| text.contains([' ', ',']));
            let (last, others) = texts.split_last()?;
            let inline =
                if others.is_empty() { last.clone() } else { format!("{}{}{last}", others.join(", "), lexicon.and) };
            words.say(&if in_lines { texts.join("\n") } else { inline }, in_lines)
        }
        Fact::Table(table) => {
            let entry = |(key, text): (&String, &String)| {
                let (key, text) = (spaced(key), fitting(&one_line(text))?);
                let whole = if is_safe(&key) { format!("{key} {text}") } else { text };
                safe(&whole).then_some(whole)
            };
            let entries: Vec<String> = table.iter().filter_map(entry).collect();
            (!entries.is_empty()).then(|| words.say(&entries.join(", "), false))?
        }
    };
    let Words { label, phrase, .. } = words;
    let item = Item {
        topic: phrase.clone().unwrap_or_else(|| label.clone()),
        topic_is_phrase: phrase.is_some(),
        label,
        sentence,
        is_quoted: foreign,
    };
    let fits = graphemes(&item.sentence) <= 2 * FACT_GRAPHEMES_MAX;
    (fits && [&item.label, &item.topic, &item.sentence].into_iter().all(safe)).then_some(item)
}

/// What a fact is called.
struct Words {
    label: String,
    phrase: Option<String>,
    says: &'static str,
}

impl Words {
    fn of(name: &str, fact: &Fact, lexicon: &Lexicon) -> Self {
        let name = spaced(name);
        let known = lexicon.topics.iter().find(|topic| topic.names.contains(&name.to_lowercase().as_str()));
        if let Some(topic) = known {
            return Self { label: topic.label.into(), phrase: Some(topic.phrase.into()), says: topic.says };
        }
        // `pcre2` is written as the fact itself writes it.
        let held = fact.texts().iter().find_map(|text| {
            let at = text.to_lowercase().find(&name.to_lowercase())?;
            text.get(at..at + name.len()).filter(|held| held.eq_ignore_ascii_case(&name)).map(str::to_string)
        });
        let held = held.filter(|_| !name.contains(' '));
        Self { label: capital(held.as_deref().unwrap_or(&name)), phrase: held, says: "" }
    }

    /// A sentence around a value.
    fn say(&self, value: &str, in_lines: bool) -> String {
        let spoken = fill(self.says, &[("value", Some(value))])
            .filter(|spoken| !spoken.is_empty() && spoken.contains('\n') == in_lines);
        spoken.unwrap_or_else(|| {
            if in_lines { format!("{}:\n{value}", self.label) } else { full_stop(&format!("{}: {value}", self.label)) }
        })
    }
}

fn spaced(name: &str) -> String {
    one_line(&name.replace(['_', '-'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentences(facts: &str, language: &str) -> Vec<String> {
        let brief = Brief::parse(&format!(
            "[brand]\nname = \"B\"\nurl = \"https://b.example\"\none_line = \"A thing.\"\n[facts]\n{facts}\n[goal]\ntext = \"g\"\ntimezone = \"UTC\"\nstart = \"2027-01-01\"\n"
        ))
        .unwrap();
        Material::of(&brief, language).items.into_iter().map(|item| item.sentence).collect()
    }

    #[test]
    fn facts_become_sentences_and_keep_their_words() {
        assert_eq!(sentences("a = \"It is so.\"", "en"), ["It is so."]);
        assert_eq!(sentences("hours = \"22:00 to 04:00\"", "en"), ["Open 22:00 to 04:00."]);
        assert_eq!(sentences("written_in = \"Rust\"", "en"), ["It is written in Rust."]);
        assert_eq!(sentences("colours = [\"red\", \"blue\"]", "en"), ["Colours: red and blue."]);
        assert_eq!(
            sentences("install = [\"cargo install x\", \"brew install x\"]", "en"),
            ["To install it, any of these will do:\ncargo install x\nbrew install x"]
        );
        assert_eq!(sentences("prices = { rye_loaf = \"4.80 EUR\" }", "en"), ["Prices: rye loaf 4.80 EUR."]);
    }

    #[test]
    fn a_fact_in_another_language_is_quoted() {
        assert_eq!(sentences("a = \"It is so.\"", "de"), ["„It is so.“"]);
    }

    #[test]
    fn of_a_long_fact_whole_sentences_are_kept_and_of_an_endless_one_nothing() {
        let long = format!("a = \"It is short. {}.\"", "x".repeat(500));
        assert_eq!(sentences(&long, "en"), ["It is short."]);
        let endless = format!("a = \"{}\"", "x".repeat(500));
        assert_eq!(sentences(&endless, "en"), ["A thing."]);
    }
}
