//! A job that is cut off after its model has answered, and runs again: the answer is not paid for twice.

#[path = "support/bakery.rs"]
mod bakery;

use std::cell::Cell;

use bakery::START_MS;
use domain::{MicroUsd, Stage};
use futures::executor::block_on;
use models::rehearsal::Rehearsal;
use models::{Model, ModelError, Reply, Spent, Task};
use ports::native::{NativeDb, SeededEntropy, SettableClock};
use ports::{Db, DbError, Http, NoHttp, NoWake, Ports, Rows, Value};
use steps::{Models, Strategize};
use store::{campaign, cost};

const COST: MicroUsd = MicroUsd(60);

/// The rehearsal model with a price, and a count of its calls.
#[derive(Default)]
struct Priced {
    calls: Cell<u32>,
}

#[async_trait::async_trait(?Send)]
impl Model for Priced {
    fn provider(&self) -> &'static str {
        "priced"
    }

    fn name(&self) -> &str {
        "rehearsal"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(100)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        self.calls.set(self.calls.get() + 1);
        let reply = Rehearsal.answer(http, task).await?;
        Ok(Reply { spent: Some(Spent { cost: COST, ..Spent::default() }), ..reply })
    }
}

/// A database that the worker is cut off from just before it records what it made.
struct CutOff<'a>(&'a NativeDb);

#[async_trait::async_trait(?Send)]
impl Db for CutOff<'_> {
    async fn execute(&self, sql: &str, parameters: &[Value]) -> Result<Rows, DbError> {
        if sql.starts_with("insert into outcome") {
            return Err(DbError::Full);
        }
        self.0.run(sql, parameters)
    }
}

/// Plans a campaign with a worker that is cut off and another that comes after it; `between` happens meanwhile.
/// Gives how often the model was asked, and what the campaign paid.
fn planned_at_the_second_try(between: impl FnOnce(&NativeDb)) -> (u32, i64) {
    let ((db, workspace_id), model) = (bakery::install(), Priced::default());
    let (clock, entropy) = (SettableClock::at(START_MS), SeededEntropy::new(1));
    bakery::begin(&db, &workspace_id);
    let models = Models::only(&model);
    let work = Strategize { models: &models, first_byte_ms: 15_000 };
    let drain = |db: &dyn Db| {
        let ports = Ports { db, http: &NoHttp, clock: &clock, entropy: &entropy, wake: &NoWake };
        block_on(engine::drain(&ports, &work, engine::Limits::default()))
    };
    assert_eq!(drain(&CutOff(&db)), Err(DbError::Full));
    between(&db);
    clock.advance(3_600_000);
    assert_eq!(block_on(store::sweep::sweep(&db, Some(START_MS + 3_600_000))).unwrap().leased, 1);
    assert_eq!(drain(&db).unwrap().finished, 1);
    let found = block_on(campaign::find(&db, &workspace_id, "c")).unwrap().unwrap();
    assert_eq!(found.stage, Stage::StrategyApproval);
    let steps = block_on(cost::by_step(&db, &workspace_id, "c")).unwrap();
    assert_eq!(steps[0].calls, i64::from(model.calls.get()), "a row for each call");
    (model.calls.get(), steps[0].spent_micro_usd)
}

#[test]
fn a_job_that_was_cut_off_after_the_answer_does_not_pay_for_it_again() {
    assert_eq!(planned_at_the_second_try(|_| {}), (1, COST.0));
}

#[test]
fn without_the_answer_in_the_books_the_same_job_pays_twice() {
    let forget = |db: &NativeDb| drop(db.run("update cost set answer = null", &[]).unwrap());
    assert_eq!(planned_at_the_second_try(forget), (2, 2 * COST.0));
}
