//! The app migrates itself: numbered files, one statement a call, safe when two instances start at once.

use ports::{Db, DbError};

/// Each file once, in order. Never edit one that was released; add the next.
const MIGRATIONS: &[&str] = &[
    include_str!("../migrations/0001_people.sql"),
    include_str!("../migrations/0002_campaigns.sql"),
    include_str!("../migrations/0003_jobs.sql"),
    include_str!("../migrations/0004_flow.sql"),
    include_str!("../migrations/0005_answers_and_channels.sql"),
    include_str!("../migrations/0006_teams.sql"),
    include_str!("../migrations/0007_approvals.sql"),
    include_str!("../migrations/0008_conductor.sql"),
    include_str!("../migrations/0009_brand.sql"),
    include_str!("../migrations/0010_history.sql"),
    include_str!("../migrations/0012_scale.sql"),
    include_str!("../migrations/0013_put_away.sql"),
    include_str!("../migrations/0014_renamed_channels.sql"),
    include_str!("../migrations/0015_providers.sql"),
    include_str!("../migrations/0016_review_chains.sql"),
    include_str!("../migrations/0017_weekly_slots.sql"),
    include_str!("../migrations/0018_memory.sql"),
    include_str!("../migrations/0019_autonomy.sql"),
    include_str!("../migrations/0020_learnings.sql"),
    include_str!("../migrations/0021_invited_without_address.sql"),
    include_str!("../migrations/0022_pictures.sql"),
    include_str!("../migrations/0023_drawn.sql"),
    include_str!("../migrations/0024_wording.sql"),
    include_str!("../migrations/0025_spin_llm.sql"),
    include_str!("../migrations/0026_readings.sql"),
    include_str!("../migrations/0027_whose_words.sql"),
];

/// How many migrations this version has.
pub fn newest() -> usize {
    MIGRATIONS.len()
}

/// Brings the schema up to date. One cheap statement when it already is.
pub async fn ensure(db: &dyn Db) -> Result<(), DbError> {
    let newest = MIGRATIONS.len() as i64;
    match applied(db).await {
        Ok(number) if number >= newest => return Ok(()),
        Ok(_) => {}
        Err(DbError::Other(text)) if text.contains("no such table") => {}
        Err(error) => return Err(error),
    }
    // Persists in the file. A libSQL server refuses: it is WAL already.
    let _ = db.execute("pragma journal_mode = wal", &[]).await;
    db.execute(
        "create table if not exists schema_migration (number integer primary key, applied_at integer not null) strict",
        &[],
    )
    .await?;
    db.execute("begin immediate", &[]).await?;
    let outcome = apply_missing(db).await;
    let end = if outcome.is_ok() { "commit" } else { "rollback" };
    db.execute(end, &[]).await?;
    outcome
}

async fn applied(db: &dyn Db) -> Result<i64, DbError> {
    let rows = db.execute("select coalesce(max(number), 0) as number from schema_migration", &[]).await?;
    rows.first().map_or(Ok(0), |row| row.int("number"))
}

async fn apply_missing(db: &dyn Db) -> Result<(), DbError> {
    let done = usize::try_from(applied(db).await?).unwrap_or(0);
    for (migration, number) in MIGRATIONS.iter().zip(1_i64..).skip(done) {
        for statement in statements(migration) {
            db.execute(statement, &[]).await?;
        }
        db.execute(
            "insert into schema_migration (number, applied_at) values (?1, cast(unixepoch('subsec') * 1000 as integer))",
            &[number.into()],
        )
        .await?;
    }
    Ok(())
}

/// Splits a migration at the semicolons that end a statement: outside comments, strings and trigger bodies.
fn statements(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let (mut start, mut in_trigger) = (0, false);
    let mut rest = 0;
    while let Some(offset) = text[rest..].find([';', '\'', '-']) {
        let at = rest + offset;
        rest = at + 1;
        match text.as_bytes()[at] {
            b'-' if text[at..].starts_with("--") => rest = text[at..].find('\n').map_or(text.len(), |end| at + end),
            b'\'' => rest = text[rest..].find('\'').map_or(text.len(), |end| rest + end + 1),
            b';' => {
                let statement = &text[start..at];
                in_trigger = in_trigger || without_comments(statement).starts_with("create trigger");
                // A trigger's body ends with `end;`, alone on its line.
                if !in_trigger || text[start..at].ends_with("\nend") {
                    found.push(statement);
                    start = rest;
                    in_trigger = false;
                }
            }
            _ => {}
        }
    }
    found
}

fn without_comments(statement: &str) -> &str {
    let mut rest = statement.trim_start();
    while rest.starts_with("--") {
        rest = rest.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;
    use ports::native::NativeDb;

    use super::*;

    #[test]
    fn a_fresh_database_is_migrated_once_and_then_left_alone() {
        let db = NativeDb::in_memory().unwrap();
        block_on(ensure(&db)).unwrap();
        block_on(ensure(&db)).unwrap();
        assert_eq!(block_on(applied(&db)), Ok(MIGRATIONS.len() as i64));
        let rows = db.run("select count(*) as n from workspace", &[]).unwrap();
        assert_eq!(rows.first().unwrap().int("n"), Ok(1));
    }

    #[test]
    fn a_file_is_split_into_whole_statements() {
        let text = "-- a; b\ncreate table x (y text); -- it's\ncreate trigger t after insert on x begin\n    select 1;\n    select ';';\nend;\ninsert into x values ('a;b');";
        assert_eq!(statements(text).len(), 3);
    }

    #[test]
    fn many_instances_that_start_at_once_migrate_once() {
        let folder = std::env::temp_dir().join(format!("rondo-migrate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let file = folder.join("db");
        let _ = std::fs::remove_file(&file);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| block_on(ensure(&NativeDb::open(&file).unwrap())).unwrap());
            }
        });
        let db = NativeDb::open(&file).unwrap();
        let rows = db.run("select count(*) as n from workspace", &[]).unwrap();
        assert_eq!(rows.first().unwrap().int("n"), Ok(1));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
