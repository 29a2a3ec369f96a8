//! Measures Rondo against a floor, in one run, so that ratios can be trusted where absolute figures cannot:
//! `cargo build -p rondo && cargo run --profile native -p bench`. With `-- --calls` it measures the calls of a model
//! and the checks alone.

mod app;
mod calls;
mod checks;
mod jobs;
mod load;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().context("the repository's root")?;
    if std::env::args().any(|argument| argument == "--calls") {
        checks::measure(&root)?;
        return app::measure_calls(&root).await;
    }
    jobs::native()?;
    jobs::claims()?;
    checks::measure(&root)?;
    sizes(&root)?;
    app::measure(&root).await
}

/// Where `cargo` puts things.
fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

fn sizes(root: &Path) -> Result<()> {
    println!("\nsize of each component");
    for name in app::COMPONENTS {
        let file = target(root).join(format!("wasm32-wasip1/release/{name}.wasm"));
        let bytes =
            std::fs::metadata(&file).with_context(|| format!("{}: run `cargo run -- build`", file.display()))?.len();
        println!("  {name:<12} {:>6} KB", bytes / 1000);
    }
    Ok(())
}
