//! `files`: what a component may read, mounted read-only.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context, Result, bail};
use glob::{MatchOptions, Pattern};

use crate::manifest::{Component, Files, Manifest};

/// A folder of the machine, at a path of the guest.
#[derive(Debug)]
pub struct Mount {
    pub folder: PathBuf,
    pub path: String,
}

/// Where files are copied that cannot be mounted where they lie. It goes when the app ends.
#[derive(Debug)]
pub struct Copies(PathBuf);

impl Copies {
    /// A place of this app's own: one process may run several.
    pub fn new(cache_dir: &Path) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        Self(cache_dir.join("files").join(format!("{}-{count}", std::process::id())))
    }
}

impl Drop for Copies {
    fn drop(&mut self) {
        // Most apps copy nothing, so there is mostly nothing to delete.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A `*` does not cross folders, as in Spin.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

/// Mounts the folders where they lie. Single files and patterns are copied below `copies` first,
/// because a mount is always a whole folder.
pub fn mounts(manifest: &Manifest, id: &str, component: &Component, copies: &Copies) -> Result<Vec<Mount>> {
    let mut mounts = Vec::new();
    let root = copies.0.join(id);
    let mut copied = false;
    let exclude = patterns(&component.exclude_files)?;
    for files in &component.files {
        match files {
            Files::Placed { source, destination } => {
                let source = manifest.folder.join(source);
                if source.is_dir() && exclude.is_empty() {
                    mounts.push(Mount { folder: source, path: destination.clone() });
                    continue;
                }
                copy_placed(&source, destination, &manifest.folder, &exclude, &root)
                    .with_context(|| format!("component {id} cannot be given its files"))?;
            }
            Files::Pattern(pattern) => copy_matching(pattern, &manifest.folder, &exclude, &root)
                .with_context(|| format!("component {id} cannot be given the files {pattern:?}"))?,
        }
        copied = true;
    }
    if copied {
        std::fs::create_dir_all(&root)?;
        mounts.push(Mount { folder: root, path: "/".into() });
    }
    Ok(mounts)
}

fn patterns(texts: &[String]) -> Result<Vec<Pattern>> {
    let parse = |text: &String| Pattern::new(text).with_context(|| format!("exclude_files has a bad pattern {text:?}"));
    texts.iter().map(parse).collect()
}

fn copy_placed(source: &Path, destination: &str, base: &Path, exclude: &[Pattern], root: &Path) -> Result<()> {
    let destination = destination.trim_start_matches('/');
    if destination.split('/').any(|part| part == "..") {
        bail!("the destination {destination:?} leaves the guest's root");
    }
    if source.is_file() {
        return copy(source, &root.join(destination));
    }
    if !source.is_dir() {
        bail!("there is no file or folder {}", source.display());
    }
    let inside = Pattern::escape(&source.to_string_lossy());
    for file in glob::glob_with(&format!("{inside}/**/*"), MATCHING)? {
        let file = file?;
        let relative = file.strip_prefix(base).unwrap_or(&file);
        if file.is_file() && !is_excluded(relative, exclude) {
            copy(&file, &root.join(destination).join(file.strip_prefix(source)?))?;
        }
    }
    Ok(())
}

fn copy_matching(pattern: &str, base: &Path, exclude: &[Pattern], root: &Path) -> Result<()> {
    if Path::new(pattern).is_absolute() || pattern.split('/').any(|part| part == "..") {
        bail!("a pattern stays below the manifest's folder");
    }
    // A bare folder means all that is in it.
    let pattern = if base.join(pattern).is_dir() { format!("{pattern}/**/*") } else { pattern.to_owned() };
    let full = format!("{}/{pattern}", Pattern::escape(&base.to_string_lossy()));
    for file in glob::glob_with(&full, MATCHING)? {
        let file = file?;
        let relative = file.strip_prefix(base)?;
        if file.is_file() && !is_excluded(relative, exclude) {
            copy(&file, &root.join(relative))?;
        }
    }
    Ok(())
}

fn is_excluded(relative: &Path, exclude: &[Pattern]) -> bool {
    exclude.iter().any(|pattern| pattern.matches_path_with(relative, MATCHING))
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("a copy needs a folder")?;
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::copy(from, to))
        .with_context(|| format!("cannot copy {} to {}", from.display(), to.display()))?;
    Ok(())
}
