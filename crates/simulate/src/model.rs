//! The rehearsal model, with a price and the faults of a real one.

use std::cell::Cell;
use std::rc::Rc;

use domain::MicroUsd;
use models::rehearsal::Rehearsal;
use models::{Model, ModelError, Reply, Spent, Task, Usage};
use ports::Http;

use crate::executor::World;

/// What a call may cost, and what it does cost, in micro-USD.
pub const COST_MAX: i64 = 100;
const COST: i64 = 60;

/// See the module.
pub struct SimModel {
    pub(crate) world: Rc<World>,
    /// Calls that arrived.
    pub(crate) calls: Rc<Cell<i64>>,
    /// Since then and until then nobody answers, in the world's milliseconds.
    pub(crate) cut_off: (i64, i64),
}

#[async_trait::async_trait(?Send)]
impl Model for SimModel {
    fn provider(&self) -> &'static str {
        "simulated"
    }

    fn name(&self) -> &str {
        "rehearsal"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _task: &Task) -> MicroUsd {
        MicroUsd(COST_MAX)
    }

    async fn answer(&self, http: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        self.world.pause(i64::try_from(self.world.below(3_000)).unwrap_or(0)).await;
        if (self.cut_off.0..self.cut_off.1).contains(&self.world.elapsed_ms()) || self.world.fault(15) {
            return Err(ModelError::Unreachable { reason: "cut off".into() });
        }
        self.calls.set(self.calls.get() + 1);
        let spent = Some(Spent { usage: Usage::default(), cost: MicroUsd(COST), request_id: None });
        if self.world.fault(60) {
            return Err(match self.world.below(5) {
                0 => ModelError::RateLimited { after_s: Some(3) },
                1 => ModelError::Overloaded { after_s: None },
                2 => ModelError::Refused { reason: "no".into(), spent },
                3 => ModelError::NoAnswer { reason: "reset".into() },
                _ => ModelError::Length { spent },
            });
        }
        let mut reply = Rehearsal.answer(http, task).await?;
        if self.world.fault(40) {
            reply.text.truncate(reply.text.floor_char_boundary(reply.text.len() / 2));
        }
        Ok(Reply::new(reply.text, spent))
    }
}
