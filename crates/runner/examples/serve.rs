//! Serves a manifest: `cargo run -p runner --example serve -- spin.toml [address [state folder]]`.

use std::path::PathBuf;

use anyhow::{Context, Result};
use runner::{App, Options};

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let manifest = arguments.next().context("name a manifest, such as spin.toml")?;
    let listen = arguments.next().unwrap_or_else(|| "127.0.0.1:3000".into());
    let options = Options {
        manifest: manifest.into(),
        listen: listen.parse().context("the address is not like 127.0.0.1:3000")?,
        state_dir: arguments.next().map(PathBuf::from),
        variables: Vec::new(),
        runtime_config: None,
        cache_dir: std::env::temp_dir().join("runner-cache"),
        quiet: false,
    };
    let app = App::load(options, &|progress| eprintln!("{progress:?}")).await?;
    if let Some(address) = app.address() {
        eprintln!("Serving http://{address}");
    }
    app.serve(tokio::signal::ctrl_c()).await
}
