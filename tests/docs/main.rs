//! The documents say what the code does. Each failure says what to edit.

use tests::repository::{files, packages, read};
use toml::Table;

const SOURCES: [&str; 3] = ["crates", "components", "tests"];

fn sources() -> Vec<String> {
    SOURCES.iter().flat_map(|folder| files(folder, ".rs")).collect()
}

/// Fails with every complaint at once.
#[track_caller]
fn none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

fn missing_from(document: &str, what: &str, names: &[String]) -> Vec<String> {
    let text = read(document);
    let missing = names.iter().filter(|name| !text.contains(&format!("`{name}`")));
    missing.map(|name| format!("{what} `{name}` has no line in {document}: add one")).collect()
}

#[test]
fn every_variable_has_a_line_in_the_readme() {
    let manifest: Table = read("spin.toml").parse().expect("spin.toml is TOML");
    let variables = manifest["variables"].as_table().expect("spin.toml has variables");
    none(missing_from("README.md", "the variable", &variables.keys().cloned().collect::<Vec<_>>()));
}

#[test]
fn the_readme_tells_of_no_variable_that_is_not_there() {
    let manifest = read("spin.toml");
    let readme = read("README.md");
    let rows = readme.lines().skip_while(|line| !line.starts_with("## Configuration")).skip(1);
    let rows =
        rows.take_while(|line| !line.starts_with("## ")).filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let gone = rows.filter(|(name, _)| !manifest.contains(&format!("\n{name} = {{")));
    none(
        gone.map(|(name, _)| format!("README.md has the variable `{name}`, spin.toml has not: remove its line"))
            .collect(),
    );
}

#[test]
fn every_component_and_crate_has_a_line_in_the_readme() {
    none(missing_from("README.md", "the component", &packages("components")));
    none(missing_from("README.md", "the crate", &packages("crates")));
}

#[test]
fn every_kind_of_problem_says_what_it_is_and_what_to_do() {
    let problems: Vec<_> = serve::Problem::catalogue().collect();
    assert!(!problems.is_empty());
    let slugs: std::collections::BTreeSet<_> = problems.iter().map(|kind| kind.slug).collect();
    assert_eq!(slugs.len(), problems.len(), "two kinds share a slug");
    let plain =
        |slug: &str| slug.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    none(slugs.iter().filter(|slug| !plain(slug)).map(|slug| format!("the slug `{slug}` is no plain word")).collect());
}

#[test]
fn every_module_says_first_what_it_is() {
    let without = sources().into_iter().filter(|path| !read(path).starts_with("//!"));
    none(without.map(|path| format!("{path} does not begin with `//!`: say what it is in a line")).collect());
}

#[test]
fn nothing_is_left_to_do_in_the_sources() {
    // In two parts, so that this file passes its own test.
    let marks = [["TO", "DO"], ["FIX", "ME"], ["dbg", "!("], ["todo", "!("], ["unimplemented", "!("], ["#[ign", "ore"]];
    let marks = marks.map(|parts| parts.concat());
    let mut left = Vec::new();
    for path in sources() {
        for (number, line) in (1..).zip(read(&path).lines()) {
            left.extend(
                marks
                    .iter()
                    .filter(|mark| line.contains(*mark))
                    .map(|mark| format!("{path}:{number}: `{mark}`: finish it or drop it")),
            );
        }
    }
    none(left);
}

#[test]
fn no_test_waits_by_the_clock() {
    let naps = [["thread::", "sleep"], ["time::", "sleep"]].map(|parts| parts.concat());
    let mut found = Vec::new();
    for path in files("tests", ".rs") {
        let text = read(&path);
        found.extend(
            naps.iter()
                .filter(|nap| text.contains(*nap))
                .map(|nap| format!("{path}: `{nap}`: wait for what you wait for")),
        );
    }
    none(found);
}

#[test]
fn every_file_that_the_documents_name_is_there() {
    let mut gone = Vec::new();
    for document in ["README.md", "ARCHITECTURE.md"] {
        for name in quoted_paths(&read(document)) {
            if !tests::repository::root().join(&name).exists() {
                gone.push(format!("{document} names `{name}`, which is not there"));
            }
        }
    }
    none(gone);
}

/// What stands in backquotes and looks like a path of this repository.
fn quoted_paths(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    let folders = ["crates/", "components/", "tests/", "static/", "wit/", ".ci/"];
    let plain = |path: &&str| path.chars().all(|letter| letter.is_ascii_alphanumeric() || "/._-".contains(letter));
    quoted
        .filter(|path| folders.iter().any(|folder| path.starts_with(folder)))
        .filter(plain)
        .map(str::to_owned)
        .collect()
}

mod dependencies;
