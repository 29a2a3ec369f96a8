//! Whether the state can be kept, and what is kept is whole.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::Finding;

/// As Spin names the default database.
const FILE: &str = "sqlite_db.db";

/// Looks at the state folder, and at the database in it if there is one.
pub fn look(state_dir: &Path) -> Vec<Finding> {
    let path = state_dir.join(FILE);
    let mut findings = vec![folder(state_dir)];
    if path.is_file() {
        findings.extend(database(&path).unwrap_or_else(|error| vec![broken(&path, &error.to_string())]));
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

fn broken(path: &Path, complaint: &str) -> Finding {
    let mend = format!("stop the app, keep a copy, then: sqlite3 {0} .recover | sqlite3 {0}.recovered", path.display());
    Finding::missing("database", format!("{} is not whole: {complaint}", path.display()), mend)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;

    fn states(folder: &Path) -> Vec<State> {
        look(folder).into_iter().map(|finding| finding.state).collect()
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
