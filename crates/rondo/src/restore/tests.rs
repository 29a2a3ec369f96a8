//! From a running database to a copy, and back.

use ports::Value;

use super::*;
use crate::backup;

const NOW_MS: i64 = 1_800_000_000_000;

/// A state folder whose app is running: somebody has its database open.
struct Running {
    folder: tempfile::TempDir,
    app: NativeDb,
}

impl Running {
    async fn begin() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = NativeDb::open(&folder.path().join(DATABASE)).unwrap();
        store::migrate::ensure(&app).await.unwrap();
        let running = Self { folder, app };
        running.happens("post.held").await;
        running
    }

    /// Something happens, and a tick seals it.
    async fn happens(&self, kind: &str) {
        let event = "insert into event (workspace_id, at, subject, kind, actor)
            select id, 1, 'post:x', ?1, 'ada' from workspace";
        self.app.run(event, &[Value::from(kind)]).unwrap();
        store::seal::seal(&self.app, NOW_MS).await.unwrap();
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join(DATABASE)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn back_up(&self) -> PathBuf {
        let file = self.file("copy.db");
        let said = backup::make(&self.database(), &file, true, NOW_MS).await.unwrap();
        assert!(said.contains("the seal over") && said.contains("holds"), "{said}");
        file
    }
}

fn kinds(path: &Path) -> Vec<String> {
    let db = NativeDb::open_read_only(path).unwrap();
    let rows = db.run("select kind from event order by seq", &[]).unwrap();
    rows.iter().map(|row| row.text("kind").unwrap()).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_copy_made_while_the_app_runs_is_whole_and_holds_what_was_committed() {
    let running = Running::begin().await;
    running.app.run("begin immediate", &[]).unwrap();
    running.app.run("update workspace set name = 'half done'", &[]).unwrap();
    let copy = running.back_up().await;
    running.app.run("rollback", &[]).unwrap();
    state::check_whole(&copy).unwrap();
    assert_eq!(kinds(&copy), ["post.held"]);
    let db = NativeDb::open_read_only(&copy).unwrap();
    assert_eq!(restoration::made_at(&db).await, Ok(Some(NOW_MS)));
    assert_eq!(db.run("select 1 from workspace where name = 'half done'", &[]).unwrap().len(), 0);
    assert!(!files(running.folder.path()).iter().any(|name| name.contains("partial")));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o077, 0, "nobody else may read it");
    }
}

#[tokio::test]
async fn a_copy_takes_no_files_place_unless_it_is_told_to() {
    let running = Running::begin().await;
    let file = running.file("precious");
    std::fs::write(&file, "mine").unwrap();
    let refused = backup::make(&running.database(), &file, false, NOW_MS).await.unwrap_err().to_string();
    assert!(refused.contains("--overwrite"), "{refused}");
    assert_eq!(std::fs::read(&file).unwrap(), b"mine");
    backup::make(&running.database(), &file, true, NOW_MS).await.unwrap();
    state::check_whole(&file).unwrap();
}

#[tokio::test]
async fn a_copy_of_history_that_was_tampered_with_says_so() {
    let running = Running::begin().await;
    running.app.run("drop trigger event_is_never_changed", &[]).unwrap();
    running.app.run("update event set actor = 'eve'", &[]).unwrap();
    let copy = running.file("copy.db");
    let said = backup::make(&running.database(), &copy, false, NOW_MS).await.unwrap();
    assert!(said.contains("IS BROKEN: event 1 is not what was sealed"), "{said}");
    let elsewhere = running.file("other.db");
    let refused = put(&copy, &elsewhere, (false, false), NOW_MS).await.unwrap_err().to_string();
    assert!(refused.contains("--broken-seal") && !elsewhere.exists(), "{refused}");
    put(&copy, &elsewhere, (false, true), NOW_MS).await.unwrap();
}

#[tokio::test]
async fn nothing_is_restored_under_a_running_app() {
    let running = Running::begin().await;
    let copy = running.back_up().await;
    running.happens("post.released").await;
    let to = running.database();
    let refused = put(&copy, &to, (false, false), NOW_MS).await.unwrap_err().to_string();
    assert!(refused.contains("--overwrite"), "{refused}");
    let refused = put(&copy, &to, (true, false), NOW_MS).await.unwrap_err().to_string();
    assert!(refused.contains("is running"), "{refused}");
    assert_eq!(kinds(&to), ["post.held", "post.released"], "nothing was touched");
    // Control: once it has stopped.
    let Running { folder, app } = running;
    drop(app);
    let done = put(&copy, &to, (true, false), NOW_MS).await.unwrap();
    assert_eq!(kinds(&to), ["post.held", "workspace.restored"]);
    assert_eq!(kinds(&done.kept.unwrap()), ["post.held", "post.released"], "what was there is kept");
    assert!(!files(folder.path()).iter().any(|name| name.contains("-wal") || name.contains("restoring")));
}

#[tokio::test]
async fn the_chain_goes_on_after_a_restore() {
    let running = Running::begin().await;
    let copy = running.back_up().await;
    let to = running.file("restored.db");
    put(&copy, &to, (false, false), NOW_MS).await.unwrap();
    let db = NativeDb::open(&to).unwrap();
    store::seal::seal(&db, NOW_MS + 1).await.unwrap();
    let audit = state::audit(&db, None).await.unwrap();
    assert!(audit.holds(), "{audit:?}");
    assert_eq!(audit.chains[0].1.chain.events, 2);
    let newer = state::audit(&running.app, None).await.unwrap().chains[0].1.chain.hash.clone();
    assert!(state::audit(&db, Some(&newer)).await.unwrap().holds(), "what was sealed before the backup is in it");
    running.happens("post.released").await;
    let newer = state::audit(&running.app, None).await.unwrap().chains[0].1.chain.hash.clone();
    assert!(!state::audit(&db, Some(&newer)).await.unwrap().holds(), "what came after it is not");
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused() {
    let running = Running::begin().await;
    let copy = running.back_up().await;
    let to = running.file("restored.db");
    let bytes = std::fs::read(&copy).unwrap();
    let cut = running.file("cut.db");
    std::fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();
    assert!(put(&cut, &to, (false, false), NOW_MS).await.is_err());
    std::fs::write(&cut, "").unwrap();
    assert!(put(&cut, &to, (false, false), NOW_MS).await.unwrap_err().to_string().contains("no backup"));
    let db = NativeDb::open(&copy).unwrap();
    db.run("insert into schema_migration (number, applied_at) values (999, 1)", &[]).unwrap();
    drop(db);
    let refused = put(&copy, &to, (false, false), NOW_MS).await.unwrap_err().to_string();
    assert!(refused.contains("newer version"), "{refused}");
    assert!(!to.exists() && !files(running.folder.path()).iter().any(|name| name.contains("restoring")));
}

#[tokio::test]
async fn a_database_that_is_broken_is_kept_and_replaced() {
    let running = Running::begin().await;
    let copy = running.back_up().await;
    let to = running.file("broken.db");
    std::fs::write(&to, "this was a database once, before the disk failed it").unwrap();
    let done = put(&copy, &to, (true, false), NOW_MS).await.unwrap();
    state::check_whole(&to).unwrap();
    assert!(std::fs::read_to_string(done.kept.unwrap()).unwrap().starts_with("this was"));
}
