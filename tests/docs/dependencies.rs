//! Dependencies point one way, and each has its reason.

use tests::repository::{files, packages, read};
use toml::Table;

/// Which of our crates a crate may use. What is not here may use any.
const MAY_USE: [(&str, &[&str]); 6] = [
    ("domain", &[]),
    ("ports", &[]),
    ("store", &["domain", "ports"]),
    ("models", &["domain", "ports", "store"]),
    ("channels", &["domain", "ports"]),
    ("engine", &["domain", "ports", "store", "models", "channels"]),
];

fn dependencies(path: &str) -> Vec<String> {
    let manifest: Table = read(path).parse().unwrap_or_else(|error| panic!("{path}: {error}"));
    let table = manifest.get("dependencies").and_then(|table| table.as_table());
    table.map(|table| table.keys().cloned().collect()).unwrap_or_default()
}

#[test]
fn crates_use_only_what_lies_below_them() {
    let ours = packages("crates");
    for (name, below) in MAY_USE {
        let used = dependencies(&format!("crates/{name}/Cargo.toml"));
        for used in used.iter().filter(|used| ours.contains(used)) {
            assert!(below.contains(&used.as_str()), "crates/{name} uses `{used}`, which does not lie below it");
        }
    }
}

#[test]
fn no_crate_knows_a_component() {
    let components = packages("components");
    for name in packages("crates") {
        let used = dependencies(&format!("crates/{name}/Cargo.toml"));
        assert!(!used.iter().any(|used| components.contains(used)), "crates/{name} uses a component");
    }
}

#[test]
fn only_the_store_speaks_sql() {
    // A test's statements are its own, and so are those of the crates that no component contains.
    let words = ["insert into ", "delete from ", " set state = '"];
    let elsewhere = ["crates/store/", "crates/simulate/", "crates/bench/", "crates/runner/"];
    let is_test = |path: &str| path.contains("/tests/") || path.contains("/tests.rs") || path.contains("testing.rs");
    let mut found = Vec::new();
    for path in files("crates", ".rs").into_iter().chain(files("components", ".rs")) {
        if is_test(&path) || elsewhere.iter().any(|folder| path.starts_with(folder)) {
            continue;
        }
        let text = read(&path);
        let code = text.split("#[cfg(test)]").next().unwrap_or_default().to_lowercase();
        found.extend(words.iter().filter(|word| code.contains(*word)).map(|word| format!("{path}: `{word}`")));
    }
    assert!(found.is_empty(), "SQL belongs into crates/store:\n{}", found.join("\n"));
}

#[test]
fn every_dependency_that_is_not_ours_has_its_reason() {
    let mut without = Vec::new();
    for path in files("crates", "Cargo.toml").into_iter().chain(files("components", "Cargo.toml")) {
        without.extend(unexplained(&read(&path)).into_iter().map(|line| format!("{path}: {line}")));
    }
    assert!(without.is_empty(), "say in a comment what it is for:\n{}", without.join("\n"));
}

/// The dependencies of a manifest that have no comment: none beside them, and none at the head of their paragraph.
fn unexplained(manifest: &str) -> Vec<&str> {
    let mut without = Vec::new();
    for section in
        manifest.split("\n[").filter(|section| section.lines().next().is_some_and(|head| head.contains("dependencies")))
    {
        let (_, entries) = section.split_once('\n').unwrap_or_default();
        for paragraph in entries.split("\n\n") {
            let explained = paragraph.lines().any(|line| line.starts_with('#'));
            let named = paragraph.lines().filter(|line| line.contains(" = \"") && !line.contains("path = "));
            without.extend(named.filter(|line| !explained && !line.contains('#')));
        }
    }
    without
}
