//! Whether the state can be kept, what is kept is whole, and its history is as it was sealed.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use ports::Clock;
use ports::native::{NativeDb, SystemClock};

use super::Finding;
use crate::state::{self, DATABASE as FILE};

/// A tick seals what is new. After this long without, nobody ticks, in milliseconds.
const UNSEALED_MAX_MS: i64 = 5 * 60_000;

/// Looks at the state folder, and at the database in it if there is one.
pub async fn look(state_dir: &Path) -> Vec<Finding> {
    let path = state_dir.join(FILE);
    let mut findings = vec![folder(state_dir)];
    if path.is_file() {
        findings.extend(database(&path).unwrap_or_else(|error| vec![broken(&path, &error.to_string())]));
        findings.extend(history(&path, SystemClock::start().now_ms()).await);
    } else {
        findings.push(Finding::ok("database", "none yet; the first start makes it"));
    }
    findings
}

/// Writes a file and removes it: permissions alone do not tell of a full or read-only disk.
fn folder(state_dir: &Path) -> Finding {
    let probe = state_dir.join(".doctor");
    let came = std::fs::create_dir_all(state_dir)
        .and_then(|()| std::fs::write(&probe, "can this be written?"))
        .and_then(|()| std::fs::remove_file(&probe));
    match came {
        Ok(()) => Finding::ok("state", format!("{} can be written", state_dir.display())),
        Err(error) => Finding::missing(
            "state",
            format!("{} cannot be written: {error}", state_dir.display()),
            "make it writable, or choose another with --state-dir",
        ),
    }
}

fn database(path: &Path) -> rusqlite::Result<Vec<Finding>> {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let one = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0));
    let whole = one("pragma integrity_check")?;
    let dangling = connection.prepare("pragma foreign_key_check")?.exists([])?;
    let journal = one("pragma journal_mode")?;
    let mut findings = vec![match (whole.as_str(), dangling) {
        ("ok", false) => Finding::ok("database", format!("{} is whole", path.display())),
        ("ok", true) => broken(path, "a row refers to one that is not there"),
        (complaint, _) => broken(path, complaint),
    }];
    findings.push(match journal.as_str() {
        "wal" => {
            Finding::ok("journal", "the database is in WAL mode: readers and the writer do not wait for each other")
        }
        other => Finding::missing(
            "journal",
            format!("the database is in {other} mode"),
            format!("sqlite3 {} 'pragma journal_mode = wal'", path.display()),
        ),
    });
    Ok(findings)
}

/// What the seal says; nothing where there is none yet, as before the first start of this version.
async fn history(path: &Path, now_ms: i64) -> Option<Finding> {
    let db = NativeDb::open_read_only(path).ok()?;
    let audit = state::audit(&db, None).await.ok()?;
    let broken = audit.chains.iter().find_map(|(name, chain)| Some(format!("{name}: {}", chain.broken.as_ref()?)));
    let lost = audit.lost_tail.map(|seq| format!("events up to {seq} were written, and the last ones are gone"));
    let since = audit.chains.iter().filter_map(|(_, chain)| chain.unsealed.since).min();
    let events: i64 = audit.chains.iter().map(|(_, chain)| chain.chain.events).sum();
    Some(match (broken.or(lost), since) {
        (Some(complaint), _) => Finding::missing(
            "history",
            format!("its seal is broken: {complaint}"),
            "somebody changed the database by hand: compare it with a backup (rondo audit verify tells more)",
        ),
        (None, Some(since)) if now_ms - since > UNSEALED_MAX_MS => Finding::missing(
            "history",
            format!("not sealed since {}", domain::history::rfc3339(since)),
            "let somebody tick: rondo up does, else rondo daemon",
        ),
        (None, _) => Finding::ok("history", format!("the seal over {events} events holds")),
    })
}

fn broken(path: &Path, complaint: &str) -> Finding {
    let mend = format!("stop the app, keep a copy, then: sqlite3 {0} .recover | sqlite3 {0}.recovered", path.display());
    Finding::missing("database", format!("{} is not whole: {complaint}", path.display()), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn states(folder: &Path) -> Vec<State> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(look(folder)).into_iter().map(|finding| finding.state).collect()
    }

    fn with_history(folder: &Path) -> NativeDb {
        let db = NativeDb::open(&folder.join(FILE)).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(store::migrate::ensure(&db)).unwrap();
        let event = "insert into event (workspace_id, at, subject, kind, actor)
            select id, 1, 'post:x', 'post.held', 'ada' from workspace";
        db.run(event, &[]).unwrap();
        db
    }

    #[test]
    fn history_that_nobody_seals_or_that_does_not_fit_its_seal_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let db = with_history(folder.path());
        assert_eq!(states(folder.path()), [State::Ok, State::Ok, State::Ok, State::Missing], "nobody ticks");
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(store::seal::seal(&db, 2)).unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Ok, State::Ok, State::Ok]);
        db.run("drop trigger event_is_never_changed", &[]).unwrap();
        db.run("update event set actor = 'eve'", &[]).unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Ok, State::Ok, State::Missing], "somebody changed it");
    }

    #[test]
    fn an_empty_state_folder_is_well() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Ok]);
    }

    #[test]
    fn a_database_in_wal_mode_is_well_and_another_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        connection.execute_batch("create table a (b)").unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Ok, State::Missing]);
        connection.execute_batch("pragma journal_mode = wal").unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Ok, State::Ok]);
    }

    #[test]
    fn a_file_that_is_no_database_is_told() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(FILE), "this is no database, whatever it is named by").unwrap();
        assert_eq!(states(folder.path()), [State::Ok, State::Missing]);
    }

    #[test]
    fn a_row_that_refers_to_nothing_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let connection = Connection::open(folder.path().join(FILE)).unwrap();
        let sql = "pragma foreign_keys = off; create table a (id integer primary key);
            create table b (a integer references a (id)); insert into b values (7)";
        connection.execute_batch(sql).unwrap();
        assert_eq!(states(folder.path())[1], State::Missing);
    }
}
