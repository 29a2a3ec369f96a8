//! `rondo daemon`: ticks any deployment.

use std::time::Duration;

use anyhow::Result;

use crate::stop;
use crate::tick::{Ticker, check_url, parse_seconds};

/// The longest pause while ticking fails.
const PAUSE_MAX: Duration = Duration::from_secs(5 * 60);

#[derive(clap::Args)]
pub struct Args {
    /// Where the app is: https://studio.example.com
    #[arg(long, env = "RONDO_URL", value_name = "URL")]
    url: String,
    /// What the app has in its variable `wake_secret`. Better in the environment than in the process list
    #[arg(long, env = "RONDO_WAKE_SECRET", hide_env_values = true, value_name = "SECRET")]
    secret: String,
    /// Seconds between two ticks
    #[arg(long, default_value = "5", value_name = "SECONDS", value_parser = parse_seconds)]
    every: Duration,
}

/// Ticks until it is asked to stop.
pub async fn run(args: Args) -> Result<()> {
    check_url(&args.url)?;
    let ticker = Ticker::new(&args.url, args.secret, args.every, PAUSE_MAX)?;
    println!("Ticking {} every {} s.", args.url, args.every.as_secs_f64());
    tokio::select! {
        // It listens before the first tick: who has seen one may ask it to stop.
        biased;
        () = stop::asked() => println!("Stopped."),
        () = ticker.run(|line| println!("{line}")) => {}
    }
    Ok(())
}
