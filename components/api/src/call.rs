//! One call of an operation: what a handler works with.

use ports::Db;
use serve::{App, Caller, Problem, Request};

/// A permitted call.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The world outside and the settings.
    pub app: App<'a>,
    /// What was sent.
    pub request: &'a Request,
    /// By whom.
    pub caller: &'a Caller,
    /// The segments that stand for the names in the path, in order.
    pub names: &'a [&'a str],
}

impl<'a> Call<'a> {
    /// The database.
    pub fn db(&self) -> &'a dyn Db {
        self.app.ports.db
    }

    /// The time that SQL shall use.
    pub fn pinned_ms(&self) -> Option<i64> {
        self.app.ports.clock.pinned_ms()
    }

    /// The caller's workspace, which leads every query.
    pub fn workspace_id(&self) -> &'a str {
        &self.caller.workspace_id
    }

    /// For the records.
    pub fn actor(&self) -> &'a str {
        &self.caller.actor
    }

    /// The first name in the path: what the resource is, or belongs to.
    pub fn id(&self) -> &'a str {
        self.names.first().copied().unwrap_or_default()
    }

    /// The second name in the path, a number counted from 1.
    pub fn number(&self, what: &'static str) -> Result<i64, Problem> {
        let text = self.names.get(1).copied().unwrap_or_default();
        text.parse().map_err(|_| Problem::NotFound { what, id: text.into() })
    }

    /// There is no such thing in this workspace.
    pub fn not_found(&self, what: &'static str) -> Problem {
        Problem::NotFound { what, id: self.id().into() }
    }
}
