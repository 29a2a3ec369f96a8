//! `rondo audit verify`: follows the seal over history, and names the first event that does not fit.

mod remote;

use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use domain::history::rfc3339;
use domain::seal::Break;
use ports::native::NativeDb;
use store::seal::Verdict;

use crate::state::{self, Place};

/// Something does not fit.
const BROKEN: u8 = 1;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Computes the chain of hashes over history again, and says how far it holds.
    ///
    /// Whoever can write the database can also make the whole chain anew. Only a hash that you kept elsewhere tells
    /// you that: keep the head that this prints, and give it back with --head.
    #[command(after_help = "Exit code: 0 if everything fits, else 1.")]
    Verify(Verify),
}

#[derive(clap::Args)]
pub struct Verify {
    #[command(flatten)]
    place: Place,
    /// Ask a running app instead of a state folder: https://studio.example.com
    #[arg(long, env = "RONDO_URL", value_name = "URL", requires = "token", conflicts_with = "state_dir")]
    url: Option<String>,
    /// A token of its API. Better in the environment than in the process list
    #[arg(long, env = "RONDO_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    token: Option<String>,
    /// A hash that was the head once: history up to it must still be there
    #[arg(long, value_name = "HASH")]
    head: Option<String>,
}

/// Verifies, and says what it found.
pub async fn run(args: Args) -> Result<ExitCode> {
    let Command::Verify(args) = args.command;
    let head = args.head.as_deref().map(clean).transpose()?;
    let head = head.as_deref();
    let mut holds = true;
    if let Some(url) = &args.url {
        let (name, verdict) = remote::verify(url, args.token.clone(), head).await?;
        holds &= tell(&name, &verdict, head.is_some());
    } else {
        let path = args.place.database()?;
        let db = NativeDb::open_read_only(&path).with_context(|| format!("cannot open {}", path.display()))?;
        let audit = state::audit(&db, head).await.with_context(|| {
            format!("the seal in {} cannot be read; has this version of the app run on it?", path.display())
        })?;
        holds &= audit.holds();
        for (name, verdict) in &audit.chains {
            tell(name, verdict, false);
        }
        if let Some(seq) = audit.lost_tail {
            println!("BROKEN: events up to {seq} were written, and the last ones are gone");
        }
        if audit.head_is_missing {
            println!("BROKEN: {}", Break::HeadMissing);
        } else if head.is_some() {
            println!("The chain holds the hash that you kept.");
        }
    }
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::from(BROKEN) })
}

/// A hash, with or without the seal's number before it.
fn clean(text: &str) -> Result<String> {
    let hash = text.rsplit(':').next().unwrap_or(text).trim().to_ascii_lowercase();
    if hash.len() != 64 || !hash.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        bail!("--head wants the 64 hexadecimal digits of a seal's hash");
    }
    Ok(hash)
}

/// Says how one chain is; answers whether it holds.
fn tell(name: &str, verdict: &Verdict, head_was_given: bool) -> bool {
    let chain = &verdict.chain;
    match chain.number {
        0 => println!("{name}: nothing is sealed"),
        number => println!(
            "{name}: {} events, {} to {}, in {number} seals, the last of {}\n  head {number}:{}",
            chain.events,
            chain.seq_from,
            chain.seq_to,
            rfc3339(chain.at),
            chain.hash
        ),
    }
    if verdict.broken.is_none() && verdict.unsealed.events > 0 {
        println!("  {} events since are not sealed yet", verdict.unsealed.events);
    }
    if let Some(found) = &verdict.broken {
        println!("  BROKEN: {found}. What is before it fits.");
    } else if head_was_given && verdict.met {
        println!("  The chain holds the hash that you kept.");
    }
    verdict.broken.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_taken_as_it_was_printed() {
        let hash = "ab".repeat(32);
        assert_eq!(clean(&format!("12:{}", hash.to_uppercase())).unwrap(), hash);
        assert_eq!(clean(&hash).unwrap(), hash);
        assert!(clean("12").is_err() && clean(&"g".repeat(64)).is_err());
    }
}
