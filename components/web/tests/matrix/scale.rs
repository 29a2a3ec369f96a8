//! A workspace with ten thousand posts: its pages take no more work than those of one whose lists fill a page.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use futures::executor::block_on;
use ports::native::NativeDb;
use ports::{Db, DbError, Rows, Value};
use serve::Method;
use web::routes::ROUTES;

use super::matrix::{Caller, Worlds};
use super::{World, ask};

/// How many times the campaign with ten posts is there: enough to fill every list's page, and a thousand.
const FEW: usize = 210;
const MANY: usize = 1_000;
/// How many of the copies go on.
const UNFINISHED: usize = 20;
/// Rounds, few and many in turn. The quickest of each are compared, by the processor's time and not by the clock's: a
/// busy machine makes all others longer.
const ROUNDS: usize = 9;
/// Measured: up to 1.3.
const RATIO_MAX: f64 = 1.5;
/// Below this, a difference is noise.
const NOISE: Duration = Duration::from_millis(3);

/// A database that notes how long every statement takes.
struct Timed<'a> {
    db: &'a NativeDb,
    took: RefCell<BTreeMap<String, Duration>>,
}

#[async_trait::async_trait(?Send)]
impl Db for Timed<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        let began = worked();
        let rows = self.db.run(sql, parameters);
        *self.took.borrow_mut().entry(sql.into()).or_default() += worked() - began;
        rows
    }
}

#[test]
fn a_page_takes_no_longer_with_ten_thousand_posts() {
    let worlds = Worlds::new("web-scale");
    let owner = &worlds.callers[1];
    let (few, many) = (worlds.copy(), worlds.copy());
    multiply(&few, FEW);
    multiply(&many, MANY);
    let posts = many.db.run("select count(*) as it from post", &[]).unwrap().first().unwrap().int("it").unwrap();
    assert!(posts >= 10_000, "{posts} posts");

    let mut slow = Vec::new();
    // An export holds everything, and grows with it.
    let is_page = |path: &str| !path.starts_with("/static") && !path.starts_with("/export/");
    for route in ROUTES.iter().filter(|route| route.method == "GET" && is_page(route.path)) {
        let target = ask(&few, route, owner).target;
        let mut took = [Vec::new(), Vec::new()];
        let mut by_statement = BTreeMap::new();
        for _ in 0..ROUNDS {
            for (at, world) in [&few, &many].into_iter().enumerate() {
                let (all, statements) = page(world, owner, &target);
                took[at].push(all);
                if at == 1 {
                    by_statement = statements;
                }
            }
        }
        let [few_took, many_took] = took.map(|times| times.into_iter().min().unwrap());
        let ratio = many_took.as_secs_f64() / few_took.as_secs_f64();
        println!("{ratio:5.2} {many_took:9.1?} {}", route.path);
        if ratio > RATIO_MAX && many_took > few_took + NOISE {
            let worst = by_statement.into_iter().max_by_key(|(_, took)| *took).unwrap_or_default();
            let plan = plan(&many.db, &worst.0);
            slow.push(format!(
                "{target}: {ratio:.1} times as long, {many_took:?}; most in {:?}:\n{}\n{plan}",
                worst.1, worst.0
            ));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n\n"));
}

fn page(world: &World, owner: &Caller, target: &str) -> (Duration, BTreeMap<String, Duration>) {
    let timed = Timed { db: &world.db, took: RefCell::default() };
    let mut app = world.app();
    app.ports.db = &timed;
    let request = World::request(Method::GET, target).with_header("cookie", &owner.cookie);
    let began = worked();
    block_on(web::answer(app, &request)).unwrap();
    (worked() - began, timed.took.into_inner())
}

/// How long this thread has worked.
fn worked() -> Duration {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    Duration::try_from(now).expect("time does not run backwards")
}

/// How SQLite goes about it.
fn plan(db: &NativeDb, sql: &str) -> String {
    let nulls: Vec<Value> = (0..sql.matches('?').count()).map(|_| Value::Null).collect();
    let explained =
        (0..=nulls.len()).find_map(|count| db.run(&format!("explain query plan {sql}"), &nulls[..count]).ok());
    explained.map_or_else(String::new, |rows| {
        rows.iter().map(|row| row.text("detail").unwrap_or_default()).collect::<Vec<_>>().join("\n")
    })
}

/// What a copy has in a column. Each is a day older than the one before; all but the newest have come to their end,
/// as in a workspace that has been at it for years.
fn copied(table: &str, column: &str) -> String {
    let ended = match (table, column) {
        ("post", "state") => "'published'",
        ("job", "state") => "'done'",
        ("campaign", "stage") => "'finished'",
        ("campaign", "finished_at") => "created_at",
        _ => "",
    };
    let kept = if column == "at" || column.ends_with("_at") {
        format!("{column} - n * 86400000")
    } else {
        format!("case when typeof({column}) = 'text' then replace({column}, 'bakery', 'bakery' || n) else {column} end")
    };
    if ended.is_empty() { kept } else { format!("case when n > {UNFINISHED} then {ended} else {kept} end") }
}

/// Puts copies of the bakery's campaign, with all that belongs to it, beside it. They come to be without the
/// triggers, which would play them.
fn multiply(world: &World, times: usize) {
    let texts = |sql: &str| -> Vec<String> {
        world.db.run(sql, &[]).unwrap().iter().map(|row| row.text("it").unwrap()).collect()
    };
    for trigger in texts("select name as it from sqlite_master where type = 'trigger'") {
        world.db.run(&format!("drop trigger {trigger}"), &[]).unwrap();
    }
    for pragma in ["foreign_keys = off", "ignore_check_constraints = on", "synchronous = off"] {
        world.db.run(&format!("pragma {pragma}"), &[]).unwrap();
    }
    world.db.run("begin", &[]).unwrap();
    let tables = "select m.name as it from sqlite_master m where m.type = 'table' and m.sql not like 'create virtual%'
        and exists (select 1 from pragma_table_info(m.name) where name = 'workspace_id')";
    for table in texts(tables) {
        // What SQLite numbers by itself it shall number.
        let columns = texts(&format!(
            "select name as it from pragma_table_xinfo('{table}') where hidden = 0 and not (type = 'INTEGER' and pk = 1 and
             (select count(*) from pragma_table_info('{table}') where pk > 0) = 1)"
        ));
        let of_bakery: Vec<String> = columns.iter().map(|column| format!("{column} like '%bakery%'")).collect();
        let copied: Vec<String> = columns.iter().map(|column| copied(&table, column)).collect();
        let sql = format!(
            "with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < {times})
             insert or ignore into {table} ({}) select {} from {table}, numbers where {}",
            columns.join(", "),
            copied.join(", "),
            of_bakery.join(" or ")
        );
        world.db.run(&sql, &[]).unwrap();
    }
    world.db.run("commit", &[]).unwrap();
    world.db.run("analyze", &[]).unwrap();
}
