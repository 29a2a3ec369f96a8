//! Builds what is tested, once a process: the command line, and with it the wasm.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::SystemTime;

use crate::repository;

/// The `rondo` binary, with the wasm built. Several processes may ask at once: cargo's own lock keeps them in turn.
pub fn rondo() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let rondo = beside_this_test();
        if !is_fresh(&rondo) {
            run(Command::new(cargo()).args(["build", "--bin", "rondo"]).current_dir(repository::root()));
        }
        run(Command::new(&rondo).arg("build").current_dir(repository::root()));
        rondo
    })
}

/// `cargo test` puts tests into `deps/` of the folder where it puts binaries.
fn beside_this_test() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows its file");
    let folder = test.parent().and_then(Path::parent).expect("tests lie in `deps`");
    folder.join("rondo")
}

/// `cargo test` builds the binary as well, with all that it needs for the tests; building it alone may mean building
/// the engine again with other features, so it is done only where it has to be.
fn is_fresh(rondo: &Path) -> bool {
    let changed = |path: PathBuf| path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    let built = changed(rondo.to_owned());
    let sources =
        ["crates/rondo", "crates/runner", "crates/domain"].iter().flat_map(|folder| repository::files(folder, ".rs"));
    sources.map(|path| changed(repository::root().join(path))).all(|changed| changed < built)
}

fn cargo() -> PathBuf {
    std::env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?} cannot start: {error}"));
    assert!(status.success(), "{command:?} failed: {status}");
}
