//! What an element is called has a style: a name that no sheet knows is a misspelling, and shows as a page without
//! its looks.

use std::collections::BTreeMap;
use std::path::Path;

use super::matrix::Worlds;
use super::places::{get, pages};
use scraper::{Html, Selector};

/// A tone, a state or a kind that looks as its element does anyway, and what only a script looks for.
const WITHOUT_STYLE: [&str; 9] =
    ["quiet", "undecided", "minor", "of-text", "in_review", "writing", "shut", "zone", "help"];

#[test]
fn every_class_on_a_page_has_a_style() {
    let sheets = read(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../static/css")));
    assert!(is_styled(&sheets, "card") && !is_styled(&sheets, "car"), "the sheets are read");
    let worlds = Worlds::new("web-classes");
    let world = worlds.copy();
    let owner = &worlds.callers[1];
    let mut unknown: BTreeMap<String, String> = BTreeMap::new();
    let element = Selector::parse("[class]").unwrap();
    for target in pages(&world, owner) {
        let reply = get(&world, &target, &owner.cookie);
        if !reply.header("content-type").is_some_and(|kind| kind.starts_with("text/html")) {
            continue;
        }
        for one in Html::parse_document(&reply.text()).select(&element) {
            for name in one.value().classes() {
                if !is_styled(&sheets, name) && !WITHOUT_STYLE.contains(&name) {
                    unknown.entry(name.into()).or_insert_with(|| target.clone());
                }
            }
        }
    }
    assert!(unknown.is_empty(), "no sheet knows {unknown:#?}");
}

fn read(folder: &Path) -> String {
    let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
}

fn is_styled(sheets: &str, class: &str) -> bool {
    let name = format!(".{class}");
    sheets.match_indices(&name).any(|(at, _)| {
        let next = sheets[at + name.len()..].chars().next();
        !next.is_some_and(|next| next.is_alphanumeric() || next == '-' || next == '_')
    })
}
