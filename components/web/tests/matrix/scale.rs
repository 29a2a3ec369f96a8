//! A workspace with ten thousand posts: its pages take no more work than those of one with ten, but for what they show
//! more; and an export takes as long for a row, however many there are.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::time::Duration;

use futures::executor::block_on;
use ports::native::NativeDb;
use ports::{Db, DbError, Rows, Value};
use serve::{Body, Method};
use web::routes::ROUTES;

use super::matrix::{Caller, Worlds};
use super::{World, ask};

/// How many times the campaign with ten posts is there: once; so that there are a thousand posts; so often that every
/// list's page is full; and a thousand times.
const ONCE: usize = 1;
const THOUSAND: usize = 100;
const FULL: usize = 210;
const MANY: usize = 1_000;
/// How many of the copies go on.
const UNFINISHED: usize = 20;
/// Rounds, few and many in turn. The quickest of each are compared, by the processor's time and not by the clock's: a
/// busy machine makes all others longer.
const ROUNDS: usize = 7;
/// What ten thousand posts may cost against ten, for as much on the page.
const RATIO_MAX: f64 = 1.5;
/// A difference below what this page takes, which draws every element once and hardly asks the database, is noise: so
/// it is on any machine, however busy.
const FLOOR: &str = "/gallery";

/// A database that notes how long every statement takes.
struct Timed<'a> {
    db: &'a NativeDb,
    took: RefCell<BTreeMap<String, Duration>>,
    steps: Cell<u64>,
}

#[async_trait::async_trait(?Send)]
impl Db for Timed<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        let began = worked();
        let rows = self.db.run_counted(sql, parameters).map(|(rows, steps)| {
            self.steps.set(self.steps.get() + steps);
            rows
        });
        *self.took.borrow_mut().entry(sql.into()).or_default() += worked() - began;
        rows
    }
}

/// What one request took.
struct Work {
    took: Duration,
    by_statement: BTreeMap<String, Duration>,
    steps: u64,
    text: String,
    next: Option<String>,
}

#[test]
fn a_page_takes_no_longer_with_ten_thousand_posts() {
    let worlds = Worlds::new("web-scale");
    let owner = &worlds.callers[1];
    let sized = [ONCE, THOUSAND, FULL, MANY].map(|times| {
        let world = worlds.copy();
        multiply(&world, times);
        world
    });
    let [few, thousand, full, many] = &sized;
    let posts = many.db.run("select count(*) as it from post", &[]).unwrap().first().unwrap().int("it").unwrap();
    assert!(posts >= 10_000, "{posts} posts");

    let noise = (0..ROUNDS).map(|_| page(few, owner, FLOOR).took).min().unwrap();
    println!("{noise:9.1?} {FLOOR}, the floor");
    let mut slow = Vec::new();
    // An export holds everything, and grows with it.
    let is_page = |path: &str| !path.starts_with("/static") && !path.starts_with("/export/");
    for route in ROUTES.iter().filter(|route| route.method == "GET" && is_page(route.path)) {
        let target = ask(few, route, owner).target;
        // Where the lists are full in both, not even SQLite has more to do; and that is the same on every machine.
        let (at_full, at_many) = (page(full, owner, &target), page(many, owner, &target));
        let steps = at_many.steps as f64 / at_full.steps.max(STEPS_MIN) as f64;
        // A page with more on it takes longer, by as much.
        let shows = at_many.text.len() as f64 / page(few, owner, &target).text.len().max(1) as f64;
        let mut quickest = [Duration::MAX; 2];
        for _ in 0..ROUNDS {
            for (at, world) in [few, many].into_iter().enumerate() {
                quickest[at] = quickest[at].min(page(world, owner, &target).took);
            }
        }
        let ratio = quickest[1].as_secs_f64() / quickest[0].as_secs_f64() / shows.max(1.0);
        println!("{ratio:5.2} {steps:5.2} {:9.1?} {}", quickest[1], route.path);
        let is_slow = ratio > RATIO_MAX && quickest[1] > quickest[0].mul_f64(shows.max(1.0)) + noise;
        if is_slow || steps > RATIO_MAX {
            let worst = at_many.by_statement.into_iter().max_by_key(|(_, took)| *took).unwrap_or_default();
            let plan = plan(&many.db, &worst.0);
            slow.push(format!(
                "{target}: {ratio:.1} times as long as with ten, {:?}, {steps:.1} times the steps of full lists; most in {:?}:\n{}\n{plan}",
                quickest[1], worst.1, worst.0
            ));
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n\n"));
    a_row_of_an_export_takes_as_long(thousand, many, owner);
}

/// Fewer steps are those of the page's frame.
const STEPS_MIN: u64 = 1_000;
/// What a row may cost more among ten thousand than among a thousand.
const ROW_RATIO_MAX: f64 = 1.2;

fn a_row_of_an_export_takes_as_long(few: &World, many: &World, owner: &Caller) {
    for table in store::export::TABLES {
        let [(few_rows, few_steps), (rows, steps)] = [few, many].map(|world| exported(world, owner, table.name));
        let ratio = (steps as f64 / rows.max(1) as f64) / (few_steps as f64 / few_rows.max(1) as f64);
        println!("{ratio:5.2} a row of {rows} {}", table.name);
        // Of few rows, the pages' frames are what costs.
        assert!(rows < 2_000 || ratio <= ROW_RATIO_MAX, "{}: {ratio:.2} times as long a row with {rows}", table.name);
    }
}

/// All files of a table: its rows, and SQLite's steps. No file is longer than what memory is meant to hold.
fn exported(world: &World, owner: &Caller, table: &str) -> (usize, u64) {
    let (mut rows, mut steps, mut next) = (0, 0, Some(format!("/export/{table}.json")));
    while let Some(target) = next {
        let work = page(world, owner, &target);
        assert!(work.text.len() < 64 * 1024 * 1024, "{table}: a file of {} bytes", work.text.len());
        let file: serde_json::Value = serde_json::from_str(&work.text).unwrap();
        rows += file["rows"].as_array().unwrap().len();
        steps += work.steps;
        next = work.next;
    }
    (rows, steps)
}

fn page(world: &World, owner: &Caller, target: &str) -> Work {
    let timed = Timed { db: &world.db, took: RefCell::default(), steps: Cell::default() };
    let mut app = world.app();
    app.ports.db = &timed;
    let request = World::request(Method::GET, target).with_header("cookie", &owner.cookie);
    let began = worked();
    let reply = block_on(web::answer(app, &request)).unwrap();
    let took = worked() - began;
    let next = reply.header("link").map(|link| link.trim_start_matches('<').split('>').next().unwrap().to_string());
    let text = if let Body::Bytes(_) = &reply.body { reply.text() } else { String::new() };
    Work { took, by_statement: timed.took.into_inner(), steps: timed.steps.get(), text, next }
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
        format!("{column} - nth * 86400000")
    } else {
        format!(
            "case when typeof({column}) = 'text' then replace({column}, 'bakery', 'bakery' || nth) else {column} end"
        )
    };
    if ended.is_empty() { kept } else { format!("case when nth > {UNFINISHED} then {ended} else {kept} end") }
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
            "with recursive numbers (nth) as (select 1 union all select nth + 1 from numbers where nth < {times})
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
