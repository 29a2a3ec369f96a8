//! The brand as a form holds it: one field each, lists a line an entry, facts as `name = value`.

use std::collections::BTreeMap;

use domain::BrandBook;
use domain::brief::{Brand, Claims, Complaint, Fact, Style};
use serve::Form;

/// Every field, as forms and complaints name it.
pub const FIELDS: &[&str] = &[
    "brand.name",
    "brand.url",
    "brand.one_line",
    "brand.language",
    "brand.also_in",
    "timezone",
    "brand.audience",
    "brand.voice",
    "style.guide",
    "facts",
    "claims.allowed",
    "claims.required",
    "claims.banned",
    "style.good",
    "style.bad",
];

/// What stands between two examples.
const BETWEEN: &str = "---";

/// The brand of a form, and what cannot be read of it. What else is wrong, the brand itself says.
pub fn read(sent: &Form) -> (BrandBook, Vec<Complaint>) {
    let text = |field: &str| sent.get(field).unwrap_or_default().replace("\r\n", "\n").trim().to_string();
    let list = |field: &str| lines(&text(field));
    let mut complaints = Vec::new();
    let facts = facts(&text("facts")).unwrap_or_else(|complaint| {
        complaints.push(Complaint { field: "facts".into(), complaint });
        BTreeMap::new()
    });
    let language = Some(text("brand.language")).filter(|text| !text.is_empty()).unwrap_or_else(|| "en".into());
    let book = BrandBook {
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
        style: Style {
            guide: text("style.guide"),
            good: examples(&text("style.good")),
            bad: examples(&text("style.bad")),
        },
        timezone: text("timezone"),
    };
    (book, complaints)
}

/// The fields of a brand.
pub fn write(book: &BrandBook) -> Vec<(String, String)> {
    let BrandBook { brand, facts, claims, style, timezone } = book;
    let value = |field: &str| match field {
        "brand.name" => brand.name.clone(),
        "brand.url" => brand.url.clone(),
        "brand.one_line" => brand.one_line.clone(),
        "brand.language" => brand.language.clone(),
        "brand.also_in" => one_a_line(&brand.also_in),
        "timezone" => timezone.clone(),
        "brand.audience" => one_a_line(&brand.audience),
        "brand.voice" => one_a_line(&brand.voice),
        "style.guide" => style.guide.clone(),
        "facts" => fact_lines(facts),
        "claims.allowed" => one_a_line(&claims.allowed),
        "claims.required" => one_a_line(&claims.required),
        "claims.banned" => one_a_line(&claims.banned),
        "style.good" => style.good.join(&format!("\n{BETWEEN}\n")),
        "style.bad" => style.bad.join(&format!("\n{BETWEEN}\n")),
        _ => String::new(),
    };
    FIELDS.iter().map(|field| ((*field).to_string(), value(field))).collect()
}

/// A list: one entry a line.
pub fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(ToString::to_string).collect()
}

fn one_a_line(list: &[String]) -> String {
    list.iter().map(|entry| on_one_line(entry)).collect::<Vec<_>>().join("\n")
}

fn on_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Posts may have several lines, so a line of hyphens parts them.
fn examples(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for line in text.lines() {
        match found.last_mut() {
            _ if line.trim() == BETWEEN => found.push(String::new()),
            Some(last) => {
                last.push_str(line);
                last.push('\n');
            }
            None => {}
        }
    }
    found.into_iter().map(|example| example.trim().to_string()).filter(|example| !example.is_empty()).collect()
}

fn fact_lines(facts: &BTreeMap<String, Fact>) -> String {
    let mut found = Vec::new();
    for (name, fact) in facts {
        match fact {
            Fact::Text(text) => found.push(format!("{name} = {}", on_one_line(text))),
            Fact::List(texts) => found.extend(texts.iter().map(|text| format!("{name} = {}", on_one_line(text)))),
            Fact::Table(texts) => {
                found.extend(texts.iter().map(|(entry, text)| format!("{name}.{entry} = {}", on_one_line(text))))
            }
        }
    }
    found.join("\n")
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
    fn a_brand_survives_its_form() {
        let text = "# Loop\nIt loops.\nWebsite: https://loop.example\nVoice: kind, dry\n## Prices\n- Box: 11 EUR\n## Os\n- Linux\n- macOS\n## Good posts\n- One.\n- Two.\n";
        let book = domain::brand::read(text).unwrap().book;
        let form = Form { fields: write(&book), files: Vec::new() };
        assert_eq!(read(&form), (book, Vec::new()));
    }
}
