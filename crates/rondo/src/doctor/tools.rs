//! Whether the tools that Rondo uses are on this machine.

use std::path::{Path, PathBuf};

use tokio::process::Command;

use super::Finding;

const TARGET: &str = "wasm32-wasip1";

/// The compiler can build components.
pub async fn target(folder: &Path) -> Finding {
    // The folder's rust-toolchain.toml decides which toolchain is asked.
    let asked =
        Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]).current_dir(folder).output().await;
    let Ok(answer) = asked else {
        return Finding::missing("toolchain", "rustc is not on PATH", "install Rust: https://rustup.rs");
    };
    let library = PathBuf::from(String::from_utf8_lossy(&answer.stdout).trim());
    if answer.status.success() && library.is_dir() {
        Finding::ok("toolchain", format!("the target {TARGET} is installed"))
    } else {
        let says = format!("the target {TARGET} is not installed");
        Finding::missing("toolchain", says, format!("rustup target add {TARGET}"))
    }
}

/// Spin is not needed; it is good to know which one would run the app.
pub async fn spin() -> Finding {
    match Command::new("spin").arg("--version").output().await {
        Ok(answer) if answer.status.success() => {
            let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
            Finding::ok("spin", format!("{version}; `spin up` runs the same app"))
        }
        _ => Finding::note("spin", "not on PATH; `rondo up` does without it"),
    }
}
