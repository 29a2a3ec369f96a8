//! Post templates: words with variables such as `{{product}}`, which are filled in when a post is written.

use std::collections::BTreeMap;

use crate::Brief;
use crate::brief::{Complaint, Fact};
use crate::post::{TEXT_BYTES_MAX, TITLE_CHARS_MAX};

/// Longest name of a template in characters, as the schema has it.
pub const NAME_CHARS_MAX: usize = 60;

/// Variables that a brief, a channel and a time always have; `fact.<name>` is one of the brief's facts.
pub const VARIABLES: &[(&str, &str)] = &[
    ("product", "the brand's name"),
    ("one_line", "what it is, in a sentence"),
    ("url", "the home page"),
    ("campaign", "the campaign's name"),
    ("channel", "where the post goes"),
    ("date", "the day of the post"),
    ("time", "its time of day"),
];
/// What a variable that is a fact begins with.
const FACT: &str = "fact.";

/// A variable that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// No such variable.
    #[error("has the variable `{{{{{0}}}}}`, which does not exist; there are {known}", known = known())]
    Unknown(String),
    /// The campaign's brief has no such fact.
    #[error("needs the fact `{0}`, which this campaign's brief does not hold")]
    NoFact(String),
    /// It begins and does not end.
    #[error("has `{{{{` without `}}}}` after it")]
    Open,
}

fn known() -> String {
    let names = VARIABLES.iter().map(|(name, _)| format!("{{{{{name}}}}}"));
    names.chain(["{{fact.…}}".into()]).collect::<Vec<_>>().join(", ")
}

enum Piece<'a> {
    Text(&'a str),
    Variable(&'a str),
}

fn pieces(text: &str) -> Result<Vec<Piece<'_>>, TemplateError> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, tail) = after.split_once("}}").ok_or(TemplateError::Open)?;
        pieces.push(Piece::Text(before));
        pieces.push(Piece::Variable(name.trim()));
        rest = tail;
    }
    pieces.push(Piece::Text(rest));
    Ok(pieces)
}

/// Whether every variable in it exists. Which facts there are only a campaign knows.
pub fn check(text: &str) -> Result<(), TemplateError> {
    for piece in pieces(text)? {
        let Piece::Variable(name) = piece else { continue };
        let is_fact = name.strip_prefix(FACT).is_some_and(|fact| !fact.is_empty());
        if !is_fact && !VARIABLES.iter().any(|(known, _)| *known == name) {
            return Err(TemplateError::Unknown(name.into()));
        }
    }
    Ok(())
}

/// All that is wrong with a template; an unknown variable is refused by its name.
pub fn complaints(name: &str, title: &str, text: &str) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut add = |field: &str, complaint: String| complaints.push(Complaint { field: field.into(), complaint });
    let counts = [
        ("name", name.chars().count(), NAME_CHARS_MAX, "characters"),
        ("title", title.chars().count(), TITLE_CHARS_MAX, "characters"),
        ("text", text.len(), TEXT_BYTES_MAX, "bytes"),
    ];
    for (field, count, max, unit) in counts {
        if count == 0 || count > max {
            add(field, format!("has {count} {unit}; it must have 1 to {max}"));
        }
    }
    for (field, words) in [("title", title), ("text", text)] {
        if let Err(error) = check(words) {
            add(field, error.to_string());
        }
    }
    complaints
}

/// What variables stand for.
pub struct Values<'a>(BTreeMap<String, &'a str>);

impl<'a> Values<'a> {
    /// From a brief, and what is known of the post.
    pub fn of(brief: &'a Brief, campaign: &'a str, channel: &'a str, (date, time): (&'a str, &'a str)) -> Self {
        let mut values: BTreeMap<String, &str> = [
            ("product", brief.brand.name.as_str()),
            ("one_line", brief.brand.one_line.as_str()),
            ("url", brief.brand.url.as_str()),
            ("campaign", campaign),
            ("channel", channel),
            ("date", date),
            ("time", time),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_string(), value))
        .collect();
        for (name, fact) in &brief.facts {
            match fact {
                Fact::Text(text) => drop(values.insert(format!("{FACT}{name}"), text)),
                Fact::List(texts) => {
                    if let Some(first) = texts.first() {
                        values.insert(format!("{FACT}{name}"), first);
                    }
                }
                Fact::Table(texts) => {
                    for (entry, text) in texts {
                        values.insert(format!("{FACT}{name}.{entry}"), text);
                    }
                }
            }
        }
        Self(values)
    }

    /// The text with its variables filled in, once: what a value holds is not read again.
    pub fn fill(&self, text: &str) -> Result<String, TemplateError> {
        let mut filled = String::with_capacity(text.len());
        for piece in pieces(text)? {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Variable(name) => match self.0.get(name) {
                    Some(value) => filled.push_str(value),
                    None if name.starts_with(FACT) => return Err(TemplateError::NoFact(name[FACT.len()..].into())),
                    None => return Err(TemplateError::Unknown(name.into())),
                },
            }
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief() -> Brief {
        serde_json::from_value(serde_json::json!({
            "brand": { "name": "{{url}}", "url": "https://a.example", "one_line": "It." },
            "facts": { "hours": "22:00", "prices": { "box": "11.50 EUR" } },
            "goal": { "text": "x", "timezone": "UTC", "start": "2027-01-16" },
        }))
        .unwrap()
    }

    #[test]
    fn variables_are_filled_in_and_what_fills_them_is_not_read_again() {
        let brief = brief();
        let values = Values::of(&brief, "Spring", "stage", ("2027-03-01", "09:30"));
        let filled = values.fill("{{product}} on {{ date }}: {{fact.hours}}, {{fact.prices.box}} }} {").unwrap();
        assert_eq!(filled, "{{url}} on 2027-03-01: 22:00, 11.50 EUR }} {");
    }

    #[test]
    fn an_unknown_variable_is_refused_by_its_name() {
        assert!(check("{{produkt}}").unwrap_err().to_string().contains("`{{produkt}}`"));
        assert_eq!(check("{{fact.anything}} {{date}}"), Ok(()));
        assert_eq!(check("{{date"), Err(TemplateError::Open));
        assert!(check("{{fact.}}").is_err());
        let brief = brief();
        let values = Values::of(&brief, "", "", ("", ""));
        assert_eq!(values.fill("{{fact.rent}}"), Err(TemplateError::NoFact("rent".into())));
    }
}
