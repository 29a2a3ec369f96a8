//! What whoever was too late with a decision is told: who was quicker, and when.

use domain::{Decision, calendar};
use ports::DbError;
use store::approval;

use crate::{App, Problem};

/// The problem of a decision on a post that was refused.
pub async fn decided_by(app: App<'_>, workspace_id: &str, post_id: &str, error: DbError) -> Problem {
    if !(error.is_refusal("already_decided") || error.is_refusal("wrong_state")) {
        return error.into();
    }
    let last = match approval::list(app.ports.db, workspace_id, post_id, None, 1).await {
        Ok(decisions) => decisions.into_iter().next(),
        Err(error) => return error.into(),
    };
    let Some(last) = last else { return error.into() };
    let deed = match last.decision {
        Decision::Approve if last.revoked_at.is_some() => return error.into(),
        Decision::Approve => "approved",
        Decision::SendBack => "sent back",
        Decision::Reject => "rejected",
    };
    let who = match (last.user_name, last.user_id.as_str()) {
        (Some(name), _) => name,
        (None, approval::RULE) => "the standing rule".into(),
        (None, "operator") => "the operator".into(),
        (None, rule) if rule.starts_with("rule:") => "an earned rule".into(),
        (None, _) => "a program".into(),
    };
    let at = calendar::wall_time(last.at / 1_000 * 1_000, "UTC").map_or_else(|_| String::new(), |at| format!("{at}Z"));
    Problem::DecidedBy { who, what: format!("{deed} version {}", last.version), at }
}
