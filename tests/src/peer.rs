//! Programs that a suite needs and a machine may lack. A suite without its peer says so and is skipped; where
//! `RONDO_REQUIRE_PEERS` names the peer (or is `1`), it fails instead.

use std::path::PathBuf;

/// Where a program of this name is.
pub fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The program, or a plain word that the suite is skipped.
pub fn or_skip(program: &str) -> Option<PathBuf> {
    or_skip_named(program, program)
}

/// The same for a program that another peer needs.
fn or_skip_named(program: &str, peer: &str) -> Option<PathBuf> {
    let found = find(program);
    if found.is_none() {
        assert!(!is_required(peer), "`{program}` is not on PATH, and RONDO_REQUIRE_PEERS asks for `{peer}`");
        println!("skipped: `{program}` is not on PATH");
    }
    found
}

/// The script of aimock, a server that speaks as models' providers do: npm puts it below the folder `RONDO_PEERS`.
pub fn aimock_or_skip() -> Option<PathBuf> {
    or_skip_named("node", "aimock")?;
    let folder = std::env::var_os("RONDO_PEERS").map(PathBuf::from).unwrap_or_default();
    let script = folder.join("node_modules/@copilotkit/aimock/dist/cli.js");
    if script.is_file() {
        return Some(script);
    }
    let lacks = "aimock is not below the folder that RONDO_PEERS names";
    assert!(!is_required("aimock"), "{lacks}, and RONDO_REQUIRE_PEERS asks for it");
    println!("skipped: {lacks}");
    None
}

/// Chromium, and the folder below which npm has put what drives it.
pub fn browser_or_skip() -> Option<(PathBuf, PathBuf)> {
    or_skip_named("node", "chromium")?;
    let chromium = or_skip("chromium")?;
    let folder = std::env::var_os("RONDO_PEERS").map(PathBuf::from).unwrap_or_default();
    if ["playwright-core", "axe-core"].iter().all(|name| folder.join("node_modules").join(name).is_dir()) {
        return Some((chromium, folder));
    }
    let lacks = "playwright-core and axe-core are not below the folder that RONDO_PEERS names";
    assert!(!is_required("chromium"), "{lacks}, and RONDO_REQUIRE_PEERS asks for chromium");
    println!("skipped: {lacks}");
    None
}

fn is_required(program: &str) -> bool {
    let required = std::env::var("RONDO_REQUIRE_PEERS").unwrap_or_default();
    required == "1" || required.split(',').any(|name| name.trim() == program)
}
