//! `rondo backup`: a whole copy of the database, made while the app runs, and checked.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use domain::history::rfc3339;
use ports::Clock;
use ports::native::{NativeDb, SystemClock};
use rusqlite::{Connection, OpenFlags};

use crate::state::{self, Place};

#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The copy. It holds everything, password hashes too: keep it as you keep the database
    #[arg(value_name = "FILE")]
    to: PathBuf,
    /// Replaces a file of that name
    #[arg(long)]
    overwrite: bool,
}

/// Makes the copy, and says what is in it.
pub async fn run(args: Args) -> Result<()> {
    let from = args.place.database()?;
    let said = make(&from, &args.to, args.overwrite, SystemClock::start().now_ms()).await?;
    println!("{said}");
    Ok(())
}

/// Copies beside the target first: the target appears when it is whole and checked, or not at all.
pub async fn make(from: &Path, to: &Path, overwrite: bool, now_ms: i64) -> Result<String> {
    if to.exists() && !overwrite {
        bail!("{} is there already; --overwrite replaces it", to.display());
    }
    let partial = beside(to, "partial")?;
    let made = copy(from, &partial, now_ms).await;
    if let Err(error) = made {
        let _ = std::fs::remove_file(&partial);
        return Err(error);
    }
    place(&partial, to, overwrite)?;
    made.map(|said| format!("{}: {said}", to.display()))
}

/// A name in the same folder, so that renaming is one step.
pub fn beside(path: &Path, ending: &str) -> Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} names no file", path.display()))?;
    let mut name = name.to_os_string();
    name.push(format!(".{ending}"));
    Ok(path.with_file_name(name))
}

async fn copy(from: &Path, partial: &Path, now_ms: i64) -> Result<String> {
    let _ = std::fs::remove_file(partial); // of a backup that was cut off
    private(partial).with_context(|| format!("cannot write {}", partial.display()))?;
    let source = Connection::open_with_flags(from, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    source.busy_timeout(std::time::Duration::from_secs(5))?;
    // One reading transaction: what others write meanwhile is not in it.
    let name = partial.to_str().context("the name of the copy is not UTF-8")?;
    source.execute("vacuum into ?1", [name]).with_context(|| format!("cannot copy {}", from.display()))?;
    drop(source);
    state::check_whole(partial)?;
    let db = NativeDb::open(partial)?;
    let audit = state::audit(&db, None).await?;
    store::restoration::mark_backup(&db, now_ms).await?;
    drop(db);
    std::fs::File::open(partial)?.sync_all()?;
    let events: i64 = audit.chains.iter().map(|(_, chain)| chain.chain.events).sum();
    let seal = match audit.chains.iter().find_map(|(name, chain)| Some((name, chain.broken.as_ref()?))) {
        // A copy of what there is, is what a backup is for; it must only not be kept in silence.
        Some((name, found)) => format!("BUT THE SEAL OF {name} IS BROKEN: {found}"),
        None if audit.lost_tail.is_some() => "BUT THE END OF HISTORY IS MISSING".into(),
        None => format!("the seal over {events} events holds"),
    };
    Ok(format!("whole as of {}; {seal}", rfc3339(now_ms)))
}

/// Makes an empty file that nobody else may read.
fn private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

fn place(partial: &Path, to: &Path, overwrite: bool) -> Result<()> {
    let placed = if overwrite {
        std::fs::rename(partial, to)
    } else {
        // Unlike a rename, a link never takes the place of a file that came meanwhile.
        std::fs::hard_link(partial, to).and_then(|()| std::fs::remove_file(partial))
    };
    placed.with_context(|| format!("cannot write {}", to.display()))
}
