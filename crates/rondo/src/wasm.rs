//! Builds the components' wasm when it is older than what it is made of.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use tokio::process::Command;

use crate::manifest::{Build, Manifest};

/// What components are made of, from the manifest's folder.
const SOURCES: [&str; 6] = ["components", "crates", "wit", "Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];

/// Crates that no component contains.
const NATIVE_ONLY: [&str; 4] = ["crates/bench", "crates/rondo", "crates/runner", "crates/simulate"];

/// Folders of sources that are built for tests alone.
const TESTS: [&str; 2] = ["tests", "examples"];

/// A manifest's usual build command, up to the package's name. Those are joined: one cargo call is quicker.
const CARGO_BUILD: &str = "cargo build --target wasm32-wasip1 --release -p ";

/// Where that command puts its work, below cargo's target folder.
const RELEASE: &str = "wasm32-wasip1/release";

#[derive(clap::Args)]
pub struct Args {
    /// The manifest, or its folder [default: the nearest spin.toml, from here upwards]
    #[arg(short = 'f', long, value_name = "PATH")]
    from: Option<PathBuf>,
}

/// `rondo build`.
pub async fn run(args: Args) -> Result<()> {
    ensure_fresh(&Manifest::find(args.from.as_deref())?).await
}

/// Whether the wasm is what the sources say.
#[derive(Debug, PartialEq, Eq)]
pub enum Freshness {
    /// It is.
    Fresh,
    /// This file is not there.
    Missing(PathBuf),
    /// A source is newer than a file.
    Stale {
        /// The file.
        wasm: PathBuf,
        /// The newest source.
        source: PathBuf,
    },
}

/// Compares the components' wasm with the sources by their times.
pub fn freshness(manifest: &Manifest) -> Result<Freshness> {
    let wasm = |path: &Path| manifest.folder.join(path);
    let files: Vec<_> = manifest.components.values().filter_map(|component| component.wasm()).map(wasm).collect();
    let mut oldest: Option<(SystemTime, PathBuf)> = None;
    for path in files {
        let Ok(built) = std::fs::metadata(&path).and_then(|data| data.modified()) else {
            return Ok(Freshness::Missing(path));
        };
        if oldest.as_ref().is_none_or(|(time, _)| built < *time) {
            oldest = Some((built, path));
        }
    }
    let mut newest = None;
    for source in SOURCES {
        note_newest(&manifest.folder, &manifest.folder.join(source), &mut newest)?;
    }
    Ok(match (oldest, newest) {
        (Some((built, wasm)), Some((changed, source))) if built < changed => Freshness::Stale { wasm, source },
        _ => Freshness::Fresh,
    })
}

fn note_newest(root: &Path, path: &Path, newest: &mut Option<(SystemTime, PathBuf)>) -> Result<()> {
    let is_for_tests = path.file_name().is_some_and(|name| TESTS.iter().any(|tests| name == *tests));
    if is_for_tests || NATIVE_ONLY.iter().any(|native| path == root.join(native)) {
        return Ok(());
    }
    // An app that was handed on without its sources has none of them.
    let Ok(data) = std::fs::metadata(path) else { return Ok(()) };
    if data.is_dir() {
        for entry in std::fs::read_dir(path).with_context(|| format!("cannot look into {}", path.display()))? {
            note_newest(root, &entry?.path(), newest)?;
        }
        return Ok(());
    }
    let changed = data.modified().with_context(|| format!("{} has no time", path.display()))?;
    if newest.as_ref().is_none_or(|(time, _)| changed > *time) {
        *newest = Some((changed, path.to_owned()));
    }
    Ok(())
}

/// Builds the components if they are not fresh.
pub async fn ensure_fresh(manifest: &Manifest) -> Result<()> {
    match freshness(manifest)? {
        Freshness::Fresh => return Ok(()),
        Freshness::Missing(path) => eprintln!("Building the components: {} is not there yet.", shown(manifest, &path)),
        Freshness::Stale { source, .. } => {
            eprintln!("Building the components: {} has changed.", shown(manifest, &source));
        }
    }
    build(manifest).await?;
    if let Freshness::Missing(path) = freshness(manifest)? {
        bail!(
            "the build ended well, but {} is still not there; see the component's `source` and `build`",
            path.display()
        );
    }
    Ok(())
}

fn shown(manifest: &Manifest, path: &Path) -> String {
    path.strip_prefix(&manifest.folder).unwrap_or(path).display().to_string()
}

async fn build(manifest: &Manifest) -> Result<()> {
    let plan = plan(manifest);
    if !plan.packages.is_empty() {
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--target", "wasm32-wasip1", "--release"]).current_dir(&manifest.folder);
        // The manifest says where the wasm is; CARGO_TARGET_DIR must not lead it elsewhere.
        cargo.arg("--target-dir").arg(manifest.folder.join(&plan.target_dir));
        cargo.args(plan.packages.iter().flat_map(|package| ["-p", package]));
        run_to_end(cargo, "cargo build").await?;
    }
    for (build, command) in plan.others {
        let mut shell = Command::new("sh");
        shell.args(["-c", command]);
        shell.current_dir(manifest.folder.join(build.workdir.as_deref().unwrap_or(Path::new(""))));
        run_to_end(shell, command).await?;
    }
    Ok(())
}

/// What is to be run.
struct Plan<'a> {
    target_dir: PathBuf,
    packages: Vec<&'a str>,
    others: Vec<(&'a Build, &'a str)>,
}

fn plan(manifest: &Manifest) -> Plan<'_> {
    let mut plan = Plan { target_dir: PathBuf::new(), packages: Vec::new(), others: Vec::new() };
    for component in manifest.components.values() {
        let Some(build) = component.build() else { continue };
        let target_dir = component.wasm().and_then(Path::parent).and_then(|folder| above_release(folder));
        for command in build.commands() {
            match (command.strip_prefix(CARGO_BUILD), target_dir) {
                (Some(package), Some(target_dir)) if build.workdir.is_none() && !package.contains(' ') => {
                    plan.target_dir = target_dir.to_owned();
                    if !plan.packages.contains(&package) {
                        plan.packages.push(package);
                    }
                }
                _ => plan.others.push((build, command)),
            }
        }
    }
    plan
}

/// `target`, from `target/wasm32-wasip1/release`.
fn above_release(folder: &Path) -> Option<&Path> {
    folder.ends_with(RELEASE).then(|| folder.parent()?.parent()).flatten()
}

async fn run_to_end(mut command: Command, what: &str) -> Result<()> {
    // What is said on the way belongs to the reader; what `--json` prints must stay alone on standard output.
    command.stdout(std::process::Stdio::null()).kill_on_drop(true);
    let status = command
        .status()
        .await
        .with_context(|| format!("cannot start `{what}`; `rondo doctor` says what is missing"))?;
    if !status.success() {
        bail!("`{what}` failed ({status}); its own words are above, and `rondo doctor` says what is missing");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs::{File, create_dir_all, write};
    use std::time::Duration;

    use super::*;

    const TOML: &str = "
        [component.a]
        source = 'target/wasm32-wasip1/release/a.wasm'
        [component.a.build]
        command = 'cargo build --target wasm32-wasip1 --release -p a'
        [component.b]
        source = 'target/wasm32-wasip1/release/b.wasm'
        [component.b.build]
        command = 'cargo build --target wasm32-wasip1 --release -p b'
        [component.c]
        source = 'c/c.wasm'
        [component.c.build]
        command = ['make', 'make c']
        workdir = 'c'
    ";

    fn app() -> (tempfile::TempDir, Manifest) {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path().join("spin.toml"), TOML).unwrap();
        let manifest = Manifest::find(Some(folder.path())).unwrap();
        (folder, manifest)
    }

    /// Writes a file that is so many minutes old.
    fn put(folder: &Path, name: &str, minutes_old: u64) {
        let path = folder.join(name);
        create_dir_all(path.parent().unwrap()).unwrap();
        write(&path, "").unwrap();
        let time = SystemTime::now() - Duration::from_secs(60 * minutes_old);
        File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    }

    fn put_wasm(folder: &Path, minutes_old: u64) {
        for name in ["target/wasm32-wasip1/release/a.wasm", "target/wasm32-wasip1/release/b.wasm", "c/c.wasm"] {
            put(folder, name, minutes_old);
        }
    }

    #[test]
    fn wasm_that_is_not_there_is_missing() {
        let (_folder, manifest) = app();
        assert!(matches!(freshness(&manifest).unwrap(), Freshness::Missing(_)));
    }

    #[test]
    fn a_newer_source_anywhere_makes_it_stale() {
        let (folder, manifest) = app();
        put_wasm(folder.path(), 10);
        put(folder.path(), "crates/domain/src/deep/down.rs", 20);
        assert_eq!(freshness(&manifest).unwrap(), Freshness::Fresh);
        put(folder.path(), "crates/domain/src/deep/down.rs", 5);
        assert!(
            matches!(freshness(&manifest).unwrap(), Freshness::Stale { source, .. } if source.ends_with("deep/down.rs"))
        );
    }

    #[test]
    fn a_change_of_the_command_line_or_of_tests_rebuilds_no_component() {
        let (folder, manifest) = app();
        put_wasm(folder.path(), 10);
        put(folder.path(), "crates/rondo/src/main.rs", 5);
        put(folder.path(), "crates/store/tests/jobs.rs", 5);
        assert_eq!(freshness(&manifest).unwrap(), Freshness::Fresh);
    }

    #[test]
    fn usual_build_commands_become_one_cargo_call_and_others_run_as_they_are() {
        let (_folder, manifest) = app();
        let plan = plan(&manifest);
        assert_eq!(plan.packages, ["a", "b"]);
        assert_eq!(plan.target_dir, Path::new("target"));
        let others: Vec<_> =
            plan.others.iter().map(|(build, command)| (build.workdir.as_deref().unwrap(), *command)).collect();
        assert_eq!(others, [(Path::new("c"), "make"), (Path::new("c"), "make c")]);
    }
}
