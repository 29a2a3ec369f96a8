//! A brief from the fields of a form.

use std::collections::BTreeMap;

use domain::Brief;
use domain::brief::{Brand, Claims, Complaint, Fact, Goal};
use serve::Form;

/// Reads it, with every complaint at once.
pub fn read(sent: &Form) -> Result<Brief, Vec<Complaint>> {
    let text = |field: &str| sent.get(field).unwrap_or_default().trim().to_string();
    let list = |field: &str| lines(sent.get(field).unwrap_or_default());
    let mut complaints = Vec::new();
    let mut complain = |field: &str, complaint: String| complaints.push(Complaint { field: field.into(), complaint });
    let mut number = |field: &str| {
        text(field).parse().unwrap_or_else(|_| {
            complain(field, "is no whole number".into());
            1
        })
    };
    let (posts_per_week, weeks) = (number("goal.posts_per_week"), number("goal.weeks"));
    let start = text("goal.start").parse().unwrap_or_else(|_| {
        complain("goal.start", "is no date; write it as 2027-03-29".into());
        jiff::civil::Date::constant(9999, 1, 1)
    });
    let facts = facts(sent.get("facts").unwrap_or_default()).unwrap_or_else(|complaint| {
        complain("facts", complaint);
        BTreeMap::new()
    });
    let language = Some(text("brand.language")).filter(|text| !text.is_empty()).unwrap_or_else(|| "en".into());
    let brief = Brief {
        brand: Brand {
            name: text("brand.name"),
            url: text("brand.url"),
            one_line: text("brand.one_line"),
            audience: list("brand.audience"),
            voice: list("brand.voice"),
            language,
            also_in: list("brand.also_in"),
        },
        facts,
        claims: Claims {
            allowed: list("claims.allowed"),
            required: list("claims.required"),
            banned: list("claims.banned"),
        },
        goal: Goal {
            text: text("goal.text"),
            channels: sent.all("goal.channels").into_iter().map(ToString::to_string).collect(),
            posts_per_week,
            weeks,
            timezone: text("goal.timezone"),
            start,
        },
    };
    complaints.extend(brief.complaints());
    if complaints.is_empty() { Ok(brief) } else { Err(complaints) }
}

/// A list: one entry a line.
fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToString::to_string).collect()
}

/// `name = value`, one a line. A name that comes again makes a list; a dot makes a table: `prices.rye = 4.80 EUR`.
fn facts(text: &str) -> Result<BTreeMap<String, Fact>, String> {
    let mut facts = BTreeMap::new();
    for (number, line) in
        text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())).filter(|(_, line)| !line.is_empty())
    {
        let (name, value) = line
            .split_once('=')
            .map(|(name, value)| (name.trim(), value.trim().to_string()))
            .filter(|(name, value)| !name.is_empty() && !value.is_empty())
            .ok_or_else(|| format!("line {number} is not `name = value`: {line}"))?;
        match name.split_once('.') {
            Some((table, key)) => {
                let entry = facts.entry(table.trim().to_string()).or_insert_with(|| Fact::Table(BTreeMap::new()));
                let Fact::Table(values) = entry else {
                    return Err(format!("line {number}: `{table}` is a fact already, not a table"));
                };
                values.insert(key.trim().to_string(), value);
            }
            None => match facts.remove(name) {
                None => drop(facts.insert(name.to_string(), Fact::Text(value))),
                Some(Fact::Text(first)) => drop(facts.insert(name.to_string(), Fact::List(vec![first, value]))),
                Some(Fact::List(mut values)) => {
                    values.push(value);
                    facts.insert(name.to_string(), Fact::List(values));
                }
                Some(Fact::Table(_)) => {
                    return Err(format!("line {number}: `{name}` is a table; name its entry, `{name}.entry`"));
                }
            },
        }
    }
    Ok(facts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_lines_lists_and_tables() {
        let read = facts(
            "hours = 22:00 to 04:00\n\nos = Linux\nos = macOS\nprices.rye = 4.80 EUR\nprices.bun = 2.90 = cheap\n",
        )
        .unwrap();
        assert_eq!(read["hours"], Fact::Text("22:00 to 04:00".into()));
        assert_eq!(read["os"], Fact::List(vec!["Linux".into(), "macOS".into()]));
        assert_eq!(read["prices"].texts(), ["2.90 = cheap", "4.80 EUR"]);
    }

    #[test]
    fn a_line_that_is_no_fact_is_named() {
        assert!(facts("a = 1\nno equals sign").unwrap_err().contains("line 2"));
        assert!(facts("= 1").is_err());
        assert!(facts("a = 1\na.b = 2").is_err());
    }

    #[test]
    fn every_field_that_is_wrong_is_named_at_once() {
        let sent = Form { fields: vec![("goal.weeks".into(), "x".into())], files: vec![] };
        let fields: Vec<String> = read(&sent).unwrap_err().into_iter().map(|one| one.field).collect();
        for field in [
            "goal.weeks",
            "goal.posts_per_week",
            "goal.start",
            "goal.text",
            "brand.name",
            "brand.url",
            "goal.timezone",
            "goal.channels",
        ] {
            assert!(fields.iter().any(|found| found == field), "{field} in {fields:?}");
        }
    }
}
