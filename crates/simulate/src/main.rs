//! Plays campaigns against every kind of fault, seed by seed, and holds each run to the rules. The engine, the steps,
//! the store and the channels are the real ones; the network, the model, the clock and the people are not.

mod check;
mod executor;
mod model;
mod people;
mod platform;
mod play;
mod sabotage;
mod world_ports;

use std::collections::BTreeSet;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::Instant;

use clap::Parser;
use domain::JobState;
use ports::native::NativeDb;

use crate::play::{Report, now, play};
use crate::world_ports::Sabotage;

/// Plays campaigns against every kind of fault and checks that no rule breaks.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to play.
    #[arg(long, default_value_t = 1_000)]
    seeds: u64,
    /// The first seed; with `--seeds 1`, plays just this one again.
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Takes out a protection; the run must then find a broken rule, or it proves nothing.
    #[arg(long)]
    without: Option<sabotage::Protection>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match simulate(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(complaint) => {
            println!("{complaint}");
            ExitCode::FAILURE
        }
    }
}

/// The least share of posts that must go out over all seeds, in percent: a run must not pass by doing nothing.
const PUBLISHED_PERCENT_MIN: u64 = 40;

fn simulate(arguments: &Arguments) -> Result<(), String> {
    let cuts: &'static [Sabotage] = arguments.without.map_or(&[], sabotage::Protection::cuts);
    let db = Rc::new(migrated(arguments.without)?);
    let start = Instant::now();
    let mut sum = Report::default();
    let mut covered = BTreeSet::new();
    for seed in arguments.first..arguments.first + arguments.seeds {
        match play(seed, &db, cuts) {
            Ok(report) => {
                sum.posts += report.posts;
                sum.published += report.published;
                sum.crashes += report.crashes;
                covered.extend(report.moves);
            }
            Err(complaint) if arguments.without.is_some() => {
                println!("found with seed {seed}: {complaint}");
                return Ok(());
            }
            Err(complaint) => return Err(format!("seed {seed}: {complaint}\nagain: --first {seed} --seeds 1")),
        }
    }
    if let Some(protection) = arguments.without {
        return Err(format!("{} seeds did not notice that {protection:?} was taken out", arguments.seeds));
    }
    let minutes = start.elapsed().as_secs_f64() / 60.0;
    println!(
        "{} seeds clean: {} posts, {} published, {} workers killed; {:.0} seeds a minute",
        arguments.seeds,
        sum.posts,
        sum.published,
        sum.crashes,
        arguments.seeds as f64 / minutes.max(1e-9),
    );
    complete(arguments, &sum, &covered)
}

/// The moves that only `rondo restore` makes, which has tests of its own: no campaign comes to them.
const BY_RESTORE: [&str; 2] = ["ready>needs_human", "leased>needs_human"];

/// Over enough seeds, every other move of the diagram must have happened, and enough must have gone out.
fn complete(arguments: &Arguments, sum: &Report, covered: &BTreeSet<String>) -> Result<(), String> {
    if arguments.seeds < 200 {
        return Ok(());
    }
    let missing: Vec<String> = JobState::ALL
        .iter()
        .flat_map(|from| from.next().iter().map(move |to| format!("{from}>{to}")))
        .filter(|one| !covered.contains(one) && !BY_RESTORE.contains(&one.as_str()))
        .collect();
    println!("moves of the diagram that happened: {}", covered.len());
    if !missing.is_empty() {
        return Err(format!("never happened: {}", missing.join(", ")));
    }
    if sum.published * 100 < sum.posts * PUBLISHED_PERCENT_MIN {
        return Err(format!("only {} of {} posts went out", sum.published, sum.posts));
    }
    Ok(())
}

/// A migrated database, its triggers without what is taken out.
fn migrated(without: Option<sabotage::Protection>) -> Result<NativeDb, String> {
    let text = |error: ports::DbError| error.to_string();
    let db = NativeDb::in_memory().map_err(text)?;
    now(store::migrate::ensure(&db)).map_err(text)?;
    for (trigger, cut) in without.map_or(&[][..], sabotage::Protection::trigger_cuts) {
        let rows = db.run("select sql from sqlite_master where name = ?1", &[(*trigger).into()]).map_err(text)?;
        let sql = rows.first().ok_or(format!("there is no trigger {trigger}"))?.text("sql").map_err(text)?;
        db.run(&format!("drop trigger {trigger}"), &[]).map_err(text)?;
        if !cut.from.is_empty() {
            if !sql.contains(cut.from) {
                return Err(format!("{trigger} does not hold `{}`", cut.from));
            }
            db.run(&sql.replace(cut.from, cut.to), &[]).map_err(text)?;
        }
    }
    Ok(db)
}
