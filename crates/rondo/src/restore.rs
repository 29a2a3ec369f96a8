//! `rondo restore`: puts a backup in the place of the database, so that nothing goes out twice.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use domain::history::rfc3339;
use ports::Clock;
use ports::native::{NativeDb, SystemClock};
use rusqlite::Connection;
use store::restoration::{self, Restored};

use crate::backup::beside;
use crate::state::{self, DATABASE, Place};

/// How long a lock is waited for before it counts as the app's.
const LOCK_WAIT: Duration = Duration::from_millis(500);

#[derive(clap::Args)]
#[command(
    after_help = "Stop the app first. Campaigns in performance stand still afterwards, until somebody has looked \
    what went out since the backup and lets them go on."
)]
pub struct Args {
    #[command(flatten)]
    place: Place,
    /// The backup
    #[arg(value_name = "FILE")]
    backup: PathBuf,
    /// Takes the place of a database that is there; it is kept beside it
    #[arg(long)]
    overwrite: bool,
    /// Restores even history whose seal is broken
    #[arg(long)]
    broken_seal: bool,
}

/// Restores, and says what was done so that nothing goes out twice.
pub async fn run(args: Args) -> Result<()> {
    let folder = args.place.folder()?;
    let to = folder.join(DATABASE);
    let now_ms = SystemClock::start().now_ms();
    let done = put(&args.backup, &to, (args.overwrite, args.broken_seal), now_ms).await?;
    println!("{} is restored from {}.", to.display(), args.backup.display());
    if let Some(kept) = done.kept {
        println!("What was there is kept as {}.", kept.display());
    }
    let Restored { stopped, unknown, asked } = done.restored;
    println!(
        "{stopped} campaigns in performance stand still; {unknown} posts that were being sent are looked up; {asked} \
         that were due since the backup ask a person whether they went out."
    );
    println!("Start the app, read each campaign's notice, and let it go on.");
    Ok(())
}

/// What a restore did.
#[derive(Debug)]
pub struct Done {
    /// So that nothing goes out twice.
    pub restored: Restored,
    /// Where the database is that was there before.
    pub kept: Option<PathBuf>,
}

/// Prepares a copy beside the database, checks it, makes it safe, and only then changes places.
pub async fn put(from: &Path, to: &Path, (overwrite, broken_seal): (bool, bool), now_ms: i64) -> Result<Done> {
    state::check_whole(from)?;
    if to.exists() {
        if !overwrite {
            bail!("{} is there already; --overwrite takes its place, and keeps it beside", to.display());
        }
        stand_still(to)?;
    }
    let folder = to.parent().context("the database is in no folder")?;
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let partial = beside(to, "restoring")?;
    let prepared = prepare(from, &partial, broken_seal, now_ms).await;
    let restored = match prepared {
        Ok(restored) => restored,
        Err(error) => {
            let _ = std::fs::remove_file(&partial);
            return Err(error);
        }
    };
    let mut kept = None;
    if to.exists() {
        // Once more: the app may have been started meanwhile.
        stand_still(to)?;
        let aside = beside(to, &format!("before-restore-{now_ms}"))?;
        std::fs::rename(to, &aside).with_context(|| format!("cannot move {} aside", to.display()))?;
        kept = Some(aside);
    }
    // A log of another database must never be read into this one.
    for ending in ["-wal", "-shm"] {
        let mut name = to.as_os_str().to_os_string();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
    std::fs::rename(&partial, to).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(Done { restored, kept })
}

/// Refuses while anybody has the database open. Leaving the write-ahead log needs it alone, and takes all of the log
/// into the file, so that the file can be moved.
fn stand_still(database: &Path) -> Result<()> {
    let running = || format!("the app is running on {}: stop it first", database.display());
    let connection = Connection::open(database)?;
    connection.busy_timeout(LOCK_WAIT)?;
    match connection.query_row("pragma journal_mode = delete", [], |row| row.get::<_, String>(0)) {
        Ok(mode) if mode == "delete" => {}
        Ok(_) => bail!(running()),
        Err(rusqlite::Error::SqliteFailure(error, _))
            if matches!(error.code, rusqlite::ErrorCode::DatabaseBusy | rusqlite::ErrorCode::DatabaseLocked) =>
        {
            bail!(running())
        }
        // Broken beyond opening: nobody runs on that, and it is kept as it is.
        Err(_) => return Ok(()),
    }
    let alone = connection.execute_batch("begin exclusive; rollback");
    alone.map_err(|_| anyhow::anyhow!(running()))
}

async fn prepare(from: &Path, partial: &Path, broken_seal: bool, now_ms: i64) -> Result<Restored> {
    let _ = std::fs::remove_file(partial); // of a restore that was cut off
    std::fs::copy(from, partial).with_context(|| format!("cannot copy {}", from.display()))?;
    let db = NativeDb::open(partial)?;
    let known = i64::try_from(store::migrate::newest())?;
    let found = restoration::schema(&db).await.with_context(|| format!("{} is no backup of Rondo", from.display()))?;
    if found > known {
        bail!("{} is of a newer version of Rondo: restore it with that", from.display());
    }
    store::migrate::ensure(&db).await?;
    let audit = state::audit(&db, None).await?;
    if !audit.holds() && !broken_seal {
        let what = audit.chains.iter().find_map(|(name, chain)| Some(format!("{name}: {}", chain.broken.as_ref()?)));
        let what = what.unwrap_or_else(|| "the end of history is missing".into());
        bail!("the seal over its history is broken ({what}); --broken-seal restores it all the same");
    }
    let made_at = restoration::made_at(&db).await?;
    let when = made_at.map_or_else(|| "an undated copy".into(), |at| format!("the backup of {}", rfc3339(at)));
    let restored = restoration::make_safe(&db, now_ms, made_at, &when).await?;
    drop(db);
    // Leaves the write-ahead log, so that one file is all of it.
    let connection = Connection::open(partial)?;
    connection.query_row("pragma journal_mode = delete", [], |_| Ok(()))?;
    drop(connection);
    state::check_whole(partial)?;
    std::fs::File::open(partial)?.sync_all()?;
    Ok(restored)
}

#[cfg(test)]
mod tests;
