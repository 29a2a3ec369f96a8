//! Where the files of this repository are.

use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this package lies in the root")
}

/// A file's text, by its path from the root.
pub fn read(path: &str) -> String {
    let path = root().join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()))
}

/// Every file below a folder of the root whose name ends so, as a path from the root.
pub fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    collect(&root().join(folder), ending, &mut found);
    found.sort();
    found
}

fn collect(folder: &Path, ending: &str, found: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder can be read").path()).collect();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if name != "target" && !name.starts_with('.') {
                collect(&path, ending, found);
            }
        } else if name.ends_with(ending) {
            let inside = path.strip_prefix(root()).expect("it was found below the root");
            found.push(inside.to_str().expect("our paths are UTF-8").to_owned());
        }
    }
}

/// The folders of a folder that hold a `Cargo.toml`, by name.
pub fn packages(folder: &str) -> Vec<String> {
    let manifests = files(folder, "Cargo.toml");
    let direct =
        manifests.iter().filter_map(|path| path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix("/Cargo.toml"));
    direct.filter(|name| !name.contains('/')).map(str::to_owned).collect()
}
