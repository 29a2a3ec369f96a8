//! What the facts hold of numbers, prices, dates and times, and what a text says beyond that.
//!
//! A part of a fact is a fact: a date without its year, the year alone, a price's amount without the currency.
//! More than the fact is not: a year that the fact does not name, a currency that it does not have. What the goal
//! says is no fact.

use std::collections::BTreeSet;
use std::ops::Range;

use super::blocker;
use super::fold::{Glyph, fold, overlaps, quote};
use super::foreign_numbers::Tongues;
use super::quantities::{Kind, Value, quantities};
use crate::brief::Brief;
use crate::review::Finding;

/// What may be said.
pub(super) struct Facts {
    values: BTreeSet<Value>,
    /// As the facts write them, for advice.
    examples: Vec<(Kind, String)>,
    tongues: Tongues,
}

/// Most examples in an advice.
const EXAMPLES_MAX: usize = 8;

impl Facts {
    /// The facts of a brief.
    pub(super) fn of(brief: &Brief) -> Self {
        let mut facts = Self { values: BTreeSet::new(), examples: Vec::new(), tongues: Tongues::of(brief) };
        for text in brief.fact_texts() {
            let glyphs = fold(text);
            for quantity in quantities(&glyphs, &facts.tongues) {
                let example = (quantity.kind, quote(text, &glyphs[quantity.from..quantity.to]).to_string());
                if !facts.examples.contains(&example) {
                    facts.examples.push(example);
                }
                facts.values.extend(quantity.readings.iter().flat_map(parts));
                facts.values.extend(quantity.readings);
            }
        }
        facts
    }

    /// Every quantity of a text that is no fact, but for those that another check has taken.
    pub(super) fn invented(&self, text: &str, glyphs: &[Glyph], taken: &[Range<usize>]) -> Vec<Finding> {
        let mut found = Vec::new();
        for quantity in quantities(glyphs, &self.tongues) {
            if overlaps(taken, &glyphs[quantity.from..quantity.to]) {
                continue;
            }
            if quantity.ordinary || quantity.readings.iter().any(|reading| self.values.contains(reading)) {
                continue;
            }
            let (rule, what) = match quantity.kind {
                Kind::Number => ("invented_number", "number"),
                Kind::Price => ("invented_price", "price"),
                Kind::Date => ("invented_date", "date or time"),
            };
            let quote = quote(text, &glyphs[quantity.from..quantity.to]);
            let advice = format!("The facts hold no {what} \"{quote}\"; take it out{}.", self.instead(quantity.kind));
            found.push(blocker(rule, quote, advice));
        }
        found
    }

    fn instead(&self, kind: Kind) -> String {
        let examples: Vec<&str> = self
            .examples
            .iter()
            .filter(|(other, _)| *other == kind)
            .map(|(_, text)| text.as_str())
            .take(EXAMPLES_MAX)
            .collect();
        if examples.is_empty() { String::new() } else { format!(", or use one of theirs: {}", examples.join(", ")) }
    }
}

fn parts(value: &Value) -> Vec<Value> {
    match value {
        Value::Money(_, amount) => vec![Value::Number(amount.clone())],
        Value::Number(number) => number.parse().map(Value::Ordinal).into_iter().collect(),
        Value::Date { year, month, day } => {
            let (month, day) = (*month, *day);
            let mut parts = vec![Value::Date { year: None, month, day }, Value::Month(month), Value::Ordinal(day)];
            parts.extend(year.iter().flat_map(|year| [Value::MonthOf(*year, month), Value::Number(year.to_string())]));
            parts
        }
        Value::MonthOf(year, month) => vec![Value::Month(*month), Value::Number(year.to_string())],
        Value::Ordinal(_) | Value::Percent(_) | Value::Month(_) | Value::Time(_) | Value::Word(_) => Vec::new(),
    }
}
