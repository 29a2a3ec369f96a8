//! The seal against whoever has the file: triggers off, anything written.

use futures::executor::block_on;
use ports::native::NativeDb;

use super::*;
use crate::play::{Play, START_MS};

/// A campaign's history, sealed in two goes, with a neighbour's events between.
fn sealed() -> Play {
    let play = Play::drafted(false);
    play.neighbour();
    block_on(seal(&play.db, START_MS)).unwrap();
    play.decide("c-1", domain::Decision::Approve).unwrap();
    block_on(seal(&play.db, START_MS + 1)).unwrap();
    play
}

fn verdict(play: &Play, kept: Option<&str>) -> Verdict {
    block_on(verify(&play.db, &play.workspace_id, kept)).unwrap()
}

/// What somebody with the file does.
fn attack(db: &NativeDb, statements: &[&str]) {
    for trigger in
        ["event_is_never_changed", "event_is_never_deleted", "seal_is_never_changed", "seal_is_never_deleted"]
    {
        db.run(&format!("drop trigger {trigger}"), &[]).unwrap();
    }
    for statement in statements {
        db.run(statement, &[]).unwrap();
    }
}

/// What is found after this was done.
fn check(statements: &[&str], expect: Break) {
    let play = sealed();
    assert_eq!(verdict(&play, None).broken, None, "before anybody touched it");
    attack(&play.db.0, statements);
    assert_eq!(verdict(&play, None).broken, Some(expect), "{statements:?}");
}

#[test]
fn every_event_of_every_workspace_is_sealed_in_order() {
    let play = sealed();
    let events = play.count("select count(*) as n from event");
    assert_eq!(play.count("select sum(count) as n from seal"), events);
    let ours = verdict(&play, None);
    assert_eq!((ours.broken, ours.chain.number, ours.unsealed), (None, 2, Unsealed::default()));
    assert_eq!(block_on(verify(&play.db, "neighbour", None)).unwrap().chain.number, 1);
    assert_eq!(block_on(seal(&play.db, START_MS)), Ok(0), "nothing is sealed twice");
}

#[test]
fn a_changed_event_is_found() {
    check(&["update event set actor = 'eve' where seq = 3"], Break::Changed { seq: 3 });
    check(&["update event set data = '{ }' where seq = 4"], Break::Changed { seq: 4 });
    check(&["update event set at = at + 1 where seq = 5"], Break::Changed { seq: 5 });
}

#[test]
fn a_deleted_event_is_found() {
    check(&["delete from event where seq = 2"], Break::Missing { seq: 2 });
}

#[test]
fn an_inserted_event_is_found_wherever_it_is() {
    let insert = |seq: i64| {
        format!(
            "insert into event (seq, workspace_id, at, subject, kind, actor)
            select {seq}, id, 1, 'post:c-1', 'approval.approve', 'ada' from workspace where id <> 'neighbour'"
        )
    };
    // The neighbour's numbers lie between ours: an event given one of them stands among ours.
    let play = sealed();
    let of_neighbour = play.count("select max(seq) as n from event where workspace_id = 'neighbour'");
    let make_room = format!("delete from event where seq = {of_neighbour}");
    check(&[&make_room, &insert(of_neighbour)], Break::Inserted { seq: of_neighbour });
    check(&[&insert(-1)], Break::Inserted { seq: -1 });
}

#[test]
fn two_events_that_changed_places_are_found() {
    let swap = [
        "update event set seq = -3 where seq = 3",
        "update event set seq = 3 where seq = 5",
        "update event set seq = 5 where seq = -3",
    ];
    check(&swap, Break::Changed { seq: 3 });
}

#[test]
fn a_seal_that_was_changed_or_taken_out_is_found() {
    let second = sealed().count("select seq_from as n from seal where number = 2");
    check(
        &["delete from seal where number = 1 and workspace_id <> 'neighbour'"],
        Break::SealMissing { number: 1, seq: 1 },
    );
    check(
        &["update seal set hash = replace(hash, substr(hash, 1, 1), 'z') where number = 1"],
        Break::SealChanged { number: 1, seq: 1 },
    );
    check(&["update seal set previous = hash where number = 2"], Break::SealChanged { number: 2, seq: second });
}

#[test]
fn an_end_that_was_cut_off_is_found_by_a_hash_that_was_kept() {
    let play = sealed();
    let kept = verdict(&play, None).chain.hash;
    assert_eq!(verdict(&play, Some(&kept)).broken, None);
    let first = block_on(after(&play.db, &play.workspace_id, 0, 1)).unwrap()[0].clone();
    assert_eq!(verdict(&play, Some(&first.hash)).broken, None, "an older hash of the same chain is as good");
    let cut = format!("delete from event where seq > {}", first.seq_to);
    attack(
        &play.db.0,
        &[&cut, "delete from seal where number > 1", "update sqlite_sequence set seq = (select max(seq) from event)"],
    );
    assert_eq!(verdict(&play, None).broken, None, "without a hash that was kept, nobody can tell");
    assert_eq!(verdict(&play, Some(&kept)).broken, Some(Break::HeadMissing));
    assert_eq!(verdict(&play, Some(&first.hash)).broken, None);
}

#[test]
fn a_careless_cut_is_found_by_the_numbers_that_were_given_out() {
    let play = sealed();
    assert_eq!(block_on(lost_tail(&play.db.0)), Ok(None));
    let last = play.count("select max(seq) as n from event");
    attack(&play.db.0, &["delete from event where seq > 10", "delete from seal"]);
    assert_eq!(block_on(lost_tail(&play.db.0)), Ok(Some(last)));
}

#[test]
fn an_event_without_a_seal_where_all_is_sealed_is_found() {
    let play = sealed();
    attack(&play.db.0, &["delete from seal where workspace_id <> 'neighbour'"]);
    // The neighbour's seal still says how far everything was sealed.
    assert_eq!(verdict(&play, None).broken, Some(Break::Inserted { seq: 1 }));
}

#[test]
fn two_ticks_at_once_seal_every_event_once() {
    let folder = std::env::temp_dir().join(format!("rondo-seal-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("db");
    let _ = std::fs::remove_file(&file);
    let db = NativeDb::open(&file).unwrap();
    block_on(crate::migrate::ensure(&db)).unwrap();
    many_events(&db, 3_000);
    let sealed: u32 = std::thread::scope(|scope| {
        let one = || block_on(seal(&NativeDb::open(&file).unwrap(), START_MS)).unwrap();
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    let count = |sql: &str| db.run(sql, &[]).unwrap().first().unwrap().int("n").unwrap();
    assert_eq!(i64::from(sealed), count("select sum(count) as n from seal"));
    block_on(seal(&db, START_MS)).unwrap();
    assert_eq!(count("select sum(count) as n from seal"), 3_000);
    let workspace_id = workspaces_of(&db);
    assert_eq!(block_on(verify(&db, &workspace_id, None)).unwrap().broken, None);
    std::fs::remove_dir_all(&folder).unwrap();
}

fn workspaces_of(db: &NativeDb) -> String {
    block_on(workspaces(db)).unwrap()[0].0.clone()
}

fn many_events(db: &NativeDb, count: u32) {
    let sql = "insert into event (workspace_id, at, subject, kind, actor, data)
        select (select id from workspace), ?1, 'post:c-1', 'post.held', 'ada', json_object('n', value, 'reason', 'so it is')
        from (with recursive n(value) as (select 1 union all select value + 1 from n where value < ?2) select value from n)";
    db.run(sql, &[START_MS.into(), i64::from(count).into()]).unwrap();
}

#[test]
fn an_event_that_comes_while_a_batch_is_hashed_leaves_it_to_the_next_tick() {
    let play = sealed();
    // As if an event with a lower number were committed after the batch was read.
    let forged = [json!({ "workspace_id": play.workspace_id, "seal": Seal::after(
        &verdict(&play, None).chain, START_MS, &[Sealed { seq: 1_000, digest: [0; 32] }]) })];
    let through = block_on(sealed_to(&play.db)).unwrap();
    assert_eq!(block_on(record(&play.db, &forged, (through, 1_000), 1)), Ok(0), "the count of events is another");
    assert_eq!(block_on(record(&play.db, &forged, (through - 1, 1_000), 0)), Ok(0), "somebody sealed meanwhile");
    assert_eq!(block_on(record(&play.db, &forged, (through, 1_000), 0)), Ok(1), "control");
}

#[test]
fn a_seal_out_of_order_is_refused_and_none_is_changed() {
    let play = sealed();
    let chain = Chain::begin(&play.workspace_id);
    let twin = [
        json!({ "workspace_id": play.workspace_id, "seal": Seal::after(&chain, 1, &[Sealed { seq: 999, digest: [0; 32] }]) }),
    ];
    let through = block_on(sealed_to(&play.db)).unwrap();
    let refused = block_on(record(&play.db, &twin, (through, through), 0)).unwrap_err();
    assert!(refused.is_refusal("seal_out_of_order"), "{refused}");
    for statement in ["update seal set at = 1", "delete from seal"] {
        assert!(play.db.0.run(statement, &[]).unwrap_err().is_refusal("append_only"), "{statement}");
    }
}

#[test]
fn the_newest_part_can_be_checked_alone() {
    let play = sealed();
    let one = block_on(verify_newest(&play.db, &play.workspace_id, 1)).unwrap();
    assert_eq!((one.broken, one.chain.number), (None, 2));
    assert!(one.chain.seq_from > 1);
    attack(&play.db.0, &["update event set actor = 'eve' where seq = 1"]);
    assert_eq!(
        block_on(verify_newest(&play.db, &play.workspace_id, 1)).unwrap().broken,
        None,
        "it lies before that part"
    );
    assert!(block_on(verify_newest(&play.db, &play.workspace_id, 9)).unwrap().broken.is_some());
}

#[test]
fn ten_thousand_events_are_sealed_in_well_under_a_second_and_checked_as_fast() {
    let db = NativeDb::in_memory().unwrap();
    block_on(crate::migrate::ensure(&db)).unwrap();
    many_events(&db, 10_000);
    let start = std::time::Instant::now();
    assert_eq!(block_on(seal(&db, START_MS)), Ok(10_000));
    let sealing = start.elapsed();
    let verdict = block_on(verify(&db, &workspaces_of(&db), None)).unwrap();
    assert_eq!((verdict.broken, verdict.chain.events), (None, 10_000));
    eprintln!("10,000 events: sealed in {sealing:?}, sealed and checked in {:?}", start.elapsed());
    // Unoptimised and on a busy machine; the figures are in the line above.
    assert!(sealing.as_secs() < 10, "{sealing:?}");
}

#[test]
fn a_tick_without_new_events_costs_one_statement_by_an_index() {
    let play = sealed();
    let before = play.db.selects();
    assert_eq!(block_on(seal(&play.db, START_MS)), Ok(0));
    assert_eq!(play.db.selects() - before, 1);
}
