//! A fact of somebody else's text, once a person took it over.

use super::BrandBook;
use super::reading::key;
use crate::brief::Fact;
use crate::source::{FactKind, TypedFact};

/// Words before a price that say what it is for.
const LABEL_WORDS: usize = 4;

impl BrandBook {
    /// Puts a fact where it belongs. What the brand says already stays as it is.
    pub fn take_over(&mut self, fact: &TypedFact) {
        let value = fact.value.as_str();
        match fact.kind {
            FactKind::Name if self.brand.name == value => {}
            FactKind::Url if self.brand.url == value => {}
            FactKind::Name if self.brand.name.is_empty() => self.brand.name = value.into(),
            FactKind::Url if self.brand.url.is_empty() => self.brand.url = value.into(),
            FactKind::Claim => {
                if !self.claims.allowed.iter().any(|claim| claim == value) {
                    self.claims.allowed.push(value.into());
                }
            }
            FactKind::Price => self.add("prices", Some(&label(fact)), value),
            FactKind::Name => self.add("names", None, value),
            FactKind::Url => self.add("links", None, value),
            FactKind::Hours | FactKind::Date | FactKind::Address => self.add(fact.kind.as_str(), None, value),
        }
    }

    fn add(&mut self, name: &str, label: Option<&str>, value: &str) {
        let Some(fact) = self.facts.get_mut(name) else {
            let first = match label {
                Some(label) => Fact::Table([(label.into(), value.into())].into()),
                None => Fact::Text(value.into()),
            };
            self.facts.insert(name.into(), first);
            return;
        };
        match fact {
            fact if fact.texts().contains(&value) => {}
            Fact::Table(values) => {
                let label = label.filter(|label| !values.contains_key(*label));
                let label = label.map_or_else(|| format!("more_{}", values.len()), str::to_owned);
                values.insert(label, value.into());
            }
            Fact::List(values) => values.push(value.into()),
            Fact::Text(first) => *fact = Fact::List(vec![std::mem::take(first), value.into()]),
        }
    }
}

/// What a price is for: the words before it in its line.
fn label(fact: &TypedFact) -> String {
    let before = fact.quote.split_once(&fact.value).map_or("", |(before, _)| before);
    let words: Vec<&str> = before.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    key(&words[words.len().saturating_sub(LABEL_WORDS)..].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: FactKind, value: &str, quote: &str) -> TypedFact {
        TypedFact { kind, value: value.into(), quote: quote.into(), source: "a page".into() }
    }

    #[test]
    fn a_fact_goes_where_it_belongs_once_and_replaces_nothing() {
        let mut book = BrandBook::empty();
        for _ in 0..2 {
            for (kind, value, quote) in [
                (FactKind::Name, "Night Shift", "# Night Shift"),
                (FactKind::Name, "Day Shift", "Name: Day Shift"),
                (FactKind::Price, "4.80 EUR", "- Rye loaf: 4.80 EUR"),
                (FactKind::Price, "2.90 EUR", "2.90 EUR"),
                (FactKind::Hours, "22:00 to 04:00", "Open 22:00 to 04:00"),
                (FactKind::Claim, "baked at night", "All is baked at night."),
            ] {
                book.take_over(&fact(kind, value, quote));
            }
        }
        assert_eq!(book.brand.name, "Night Shift");
        assert_eq!(book.facts["names"].texts(), ["Day Shift"]);
        assert_eq!(book.facts["prices"].texts(), ["2.90 EUR", "4.80 EUR"]);
        assert!(matches!(&book.facts["prices"], Fact::Table(prices) if prices["rye_loaf"] == "4.80 EUR"));
        assert_eq!(book.facts["hours"].texts(), ["22:00 to 04:00"]);
        assert_eq!(book.claims.allowed, ["baked at night"]);
    }
}
