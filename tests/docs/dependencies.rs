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
    // The statements of a crate's tests are its own; `doctor` asks SQLite about itself with pragmas.
    let words = ["insert into ", "delete from ", " set state = '"];
    let mut found = Vec::new();
    for path in files("crates", ".rs").into_iter().chain(files("components", ".rs")) {
        if ["crates/store/", "crates/simulate/", "crates/runner/"].iter().any(|folder| path.starts_with(folder)) {
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
        let text = read(&path);
        let mut inside = false;
        for line in text.lines() {
            if line.starts_with('[') {
                inside = line.contains("dependencies");
            } else if inside && line.contains("version = ") || inside && line.split_once(" = \"").is_some() {
                if !line.contains('#') {
                    without.push(format!("{path}: {line}"));
                }
            }
        }
    }
    assert!(without.is_empty(), "say in a comment what it is for:\n{}", without.join("\n"));
}
