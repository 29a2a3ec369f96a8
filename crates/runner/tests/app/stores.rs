//! SQLite and key-value: what a guest may open, and what statements do.

use crate::support::{MANIFEST, Running, Setup};

const TWO_LABELS: &str = r#"
    [[trigger.http]]
    route = "/..."
    component = "main"
    [component.main]
    source = "GUEST"
    sqlite_databases = ["default", "second"]
    key_value_stores = ["default", "second"]
"#;

#[track_caller]
fn check_sql(app: &Running, sql: &str, expect: &[&str]) {
    let reply = app.post("/do/sqlite/default", sql);
    assert_eq!(reply.body.lines().collect::<Vec<_>>(), expect, "{sql}");
}

#[test]
fn a_statement_answers_columns_and_rows() {
    let app = Setup::new(MANIFEST).run();
    check_sql(
        &app,
        "select 1 as one, 2.5, 'text', x'00ff', null union all select 2, 0, '', x'', 7",
        &[
            r#"["one", "2.5", "'text'", "x'00ff'", "null"] [Value::Integer(1), Value::Real(2.5), Value::Text("text"), Value::Blob([0, 255]), Value::Null] [Value::Integer(2), Value::Integer(0), Value::Text(""), Value::Blob([]), Value::Integer(7)]"#,
        ],
    );
}

#[test]
fn only_the_first_statement_of_a_text_runs() {
    let app = Setup::new(MANIFEST).run();
    check_sql(
        &app,
        "create table t (a); create table u (a)\n--\ninsert into t values (1); this is not even SQL",
        &["[] ", "[] "],
    );
    check_sql(
        &app,
        "select count(*) from t\n--\nselect count(*) from u",
        &[r#"["count(*)"] [Value::Integer(1)]"#, r#"Error::Io("no such table: u")"#],
    );
}

#[test]
fn a_text_without_a_statement_is_an_error() {
    let app = Setup::new(MANIFEST).run();
    for nothing in ["", "-- a comment", "/* another */"] {
        let reply = app.post("/do/sqlite/default", nothing);
        assert!(reply.body.starts_with("Error::Io("), "{nothing:?}: {}", reply.body);
    }
}

#[test]
fn a_transaction_spans_the_calls_of_one_connection_and_ends_with_it() {
    let app = Setup::new(MANIFEST).run();
    check_sql(
        &app,
        "create table t (a unique)\n--\nbegin immediate\n--\ninsert into t values (1)",
        &["[] ", "[] ", "[] "],
    );
    check_sql(&app, "select count(*) from t", &[r#"["count(*)"] [Value::Integer(0)]"#]);
    check_sql(
        &app,
        "begin immediate\n--\ninsert into t values (1) returning a\n--\ninsert into t values (1)\n--\ncommit\n--\nselect last_insert_rowid()",
        &[
            "[] ",
            r#"["a"] [Value::Integer(1)]"#,
            r#"Error::Io("UNIQUE constraint failed: t.a")"#,
            "[] ",
            r#"["last_insert_rowid()"] [Value::Integer(1)]"#,
        ],
    );
    check_sql(&app, "select count(*) from t", &[r#"["count(*)"] [Value::Integer(1)]"#]);
}

#[test]
fn a_guest_finds_nothing_that_another_left_on_a_connection() {
    let app = Setup::new(MANIFEST).run();
    let left = "attach ':memory:' as other\n--\ncreate table other.t (a)\n--\ncreate temp table u (a)\n--\npragma foreign_keys = off";
    check_sql(&app, left, &["[] "; 4]);
    check_sql(
        &app,
        "select * from t\n--\nselect * from u\n--\npragma foreign_keys",
        &[
            r#"Error::Io("no such table: t")"#,
            r#"Error::Io("no such table: u")"#,
            r#"["foreign_keys"] [Value::Integer(1)]"#,
        ],
    );
}

#[test]
fn a_guest_opens_no_file_but_its_database() {
    let app = Setup::new(MANIFEST).run();
    let elsewhere = app.setup.folder.join("elsewhere.db");
    let elsewhere = elsewhere.display();
    for denied in [format!("attach '{elsewhere}' as e"), format!("vacuum into '{elsewhere}'")] {
        let reply = app.post("/do/sqlite/default", &denied);
        assert!(reply.body.contains("authoriz"), "{denied}: {}", reply.body);
    }
    check_sql(&app, "vacuum\n--\nattach ':memory:' as m\n--\ncreate temp table t (a)", &["[] ", "[] ", "[] "]);
    assert!(!app.setup.folder.join("elsewhere.db").exists());
}

#[test]
fn a_connection_is_as_strict_and_as_safe_as_spins() {
    let app = Setup::new(MANIFEST).run();
    let pragma = |name: &str| app.post("/do/sqlite/default", &format!("pragma {name}")).body;
    for (name, value) in [("foreign_keys", "1"), ("synchronous", "2"), ("busy_timeout", "5000")] {
        assert!(pragma(name).contains(&format!("Value::Integer({value})")), "{name}: {}", pragma(name));
    }
    assert!(pragma("journal_mode").contains("delete"));
    assert!(pragma("journal_mode = wal").contains("wal"));
    assert!(pragma("journal_mode").contains("wal"));
    check_sql(
        &app,
        "create virtual table f using fts5(a)\n--\nselect json('[1 ]') as j",
        &["[] ", r#"["j"] [Value::Text("[1]")]"#],
    );
    // The log stays between requests, so that not every request pays for folding it up.
    assert!(app.state("sqlite_db.db-wal").exists());
}

#[test]
fn text_that_is_no_text_is_an_error_and_nothing_worse() {
    let app = Setup::new(MANIFEST).run();
    let reply = app.post("/do/sqlite/default", "select cast(x'ff' as text)");
    assert!(reply.body.contains("not UTF-8"), "{}", reply.body);
}

#[test]
fn stores_that_were_not_granted_stay_closed() {
    let app = Setup::new(
        r#"
        [[trigger.http]]
        route = "/..."
        component = "main"
        [component.main]
        source = "GUEST"
        "#,
    )
    .run();
    for label in ["default", "other"] {
        assert_eq!(app.post(&format!("/do/sqlite/{label}"), "select 1").body, "open: Error::AccessDenied");
        assert_eq!(app.post(&format!("/do/key-value/{label}"), "keys").body, "open: Error::AccessDenied");
    }
}

#[test]
fn a_label_that_nothing_defines_stops_the_start() {
    let error = Setup::new(TWO_LABELS).refusal();
    assert!(error.contains("second") && error.contains("key_value_store.second"), "{error}");
}

#[test]
fn labels_of_the_runtime_config_are_stores_of_their_own() {
    let config = "
        [sqlite_database.second]
        type = 'spin'
        path = 'second.db'
        [key_value_store.second]
        type = 'spin'
        path = 'second_key_value.db'
    ";
    let app = Setup::new(TWO_LABELS).runtime_config(config).run();
    app.post("/do/sqlite/second", "create table only_here (a)");
    assert!(app.post("/do/sqlite/default", "select * from only_here").body.contains("no such table"));
    app.post("/do/key-value/second", "set a b");
    assert_eq!(app.post("/do/key-value/default", "keys").body, "Ok([])\n");
    assert!(app.setup.folder.join("second.db").exists());
    assert!(app.state("second_key_value.db").exists());
}

#[test]
fn keys_have_values_until_they_are_deleted() {
    let app = Setup::new(MANIFEST).run();
    let reply = app.post(
        "/do/key-value/default",
        "get a\nset a 1\nset a 2 and more\nset b x\nget a\nexists a\nkeys\ndelete a\ndelete a\nexists a\nkeys",
    );
    let expect = "Ok(None)\nOk(())\nOk(())\nOk(())\nOk(Some(\"2 and more\"))\nOk(true)\nOk([\"a\", \"b\"])\nOk(())\nOk(())\nOk(false)\nOk([\"b\"])\n";
    assert_eq!(reply.body, expect);
}

#[test]
fn the_key_value_file_is_the_one_that_spin_keeps() {
    let app = Setup::new(MANIFEST).run();
    app.post("/do/key-value/default", "set a b");
    let file = rusqlite::Connection::open(app.state("sqlite_key_value.db")).expect("it is a database");
    let row = file.query_row("select store, key, value from spin_key_value", [], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get::<_, Vec<u8>>(2)?))
    });
    assert_eq!(row.expect("a row"), ("default".into(), "a".into(), b"b".to_vec()));
    let key =
        file.query_row("select group_concat(name) from pragma_table_info('spin_key_value') where pk > 0", [], |row| {
            row.get::<_, String>(0)
        });
    assert_eq!(key.expect("columns"), "store,key");
}

#[test]
fn without_a_state_folder_every_open_is_a_fresh_database() {
    let app = Setup::new(MANIFEST).in_memory().run();
    check_sql(&app, "create table t (a)\n--\nselect count(*) from t", &["[] ", r#"["count(*)"] [Value::Integer(0)]"#]);
    assert!(app.post("/do/sqlite/default", "select count(*) from t").body.contains("no such table"));
    app.post("/do/key-value/default", "set a b");
    assert_eq!(app.post("/do/key-value/default", "get a").body, "Ok(Some(\"b\"))\n");
}
