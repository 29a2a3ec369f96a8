//! Everything a client can be told went wrong (RFC 9457). A new variant needs one row in `problem/kind.rs`.

mod kind;

pub use kind::Kind;

use domain::brief::Complaint;
use domain::{Action, Role};
use http::StatusCode;
use ports::DbError;

use crate::Reply;

/// What went wrong. Its text is the `detail`: it says what to do next.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// No such thing, or it is another workspace's.
    #[error("{what} `{id}` does not exist")]
    NotFound {
        /// What was looked for.
        what: &'static str,
        /// Its name.
        id: String,
    },
    /// The path has other methods.
    #[error("{method} is not possible here; possible: {allow}")]
    MethodNotAllowed {
        /// What was asked.
        method: String,
        /// What the path has, as the header `Allow` lists it.
        allow: &'static str,
    },
    /// Path or query cannot be read.
    #[error("the URL cannot be read: {complaint}")]
    MalformedUrl {
        /// Why.
        complaint: String,
    },
    /// Nobody we know.
    #[error("{complaint}")]
    Unauthorized {
        /// What is missing or wrong.
        complaint: &'static str,
    },
    /// Known, but not allowed.
    #[error("your role here is {role}; it may not {action}. Ask an owner or admin of the workspace")]
    Forbidden {
        /// What the caller is.
        role: Role,
        /// What it wanted.
        action: Action,
    },
    /// The token's scopes do not hold it.
    #[error("this token's scopes do not hold `{action}`; make one that does")]
    OutOfScope {
        /// What it wanted.
        action: Action,
    },
    /// A workspace without an owner would be nobody's.
    #[error("this is the last owner; make somebody else owner first")]
    LastOwner,
    /// A one-time link that no longer works, or never did.
    #[error("this link was used, has expired, was replaced or was revoked; ask for a new one")]
    LinkGone,
    /// The provider of sign-in knows them; we do not.
    #[error(
        "this sign-in is connected with no account here. If you have one, sign in with its password and connect it \
         under Settings, Security; else ask somebody here for an invitation"
    )]
    NotInvited,
    /// Signing in at the provider failed.
    #[error("signing in at the provider failed: {complaint}")]
    ProviderFailed {
        /// Why. Never what the provider sent.
        complaint: &'static str,
    },
    /// It may have come from another site's page.
    #[error("{complaint}; load the page again and repeat it there")]
    ForgedRequest {
        /// What gives rise to the doubt.
        complaint: &'static str,
    },
    /// A body is needed.
    #[error("the request has no body; send JSON")]
    NoBody,
    /// The body is too long.
    #[error("the body is longer than {bytes_max} bytes")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// The body is something else than it must be.
    #[error("the content type must be `{needed}`")]
    WrongContentType {
        /// What it must be.
        needed: &'static str,
    },
    /// Text that is not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// Not JSON.
    #[error("the body is not JSON: {complaint} (line {line}, column {column})")]
    NotJson {
        /// Where, counted from 1.
        line: usize,
        /// Where, counted from 1.
        column: usize,
        /// Why.
        complaint: String,
    },
    /// A form that cannot be read.
    #[error("the form cannot be read: {complaint}")]
    MalformedForm {
        /// Why.
        complaint: String,
    },
    /// Fields with values that cannot be. All of them, so that all can be mended at once.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Invalid(Vec<Complaint>),
    /// A field that nobody asked for.
    #[error("`{field}` is not known here: {complaint}")]
    UnknownField {
        /// Its path.
        field: String,
        /// What is known.
        complaint: String,
    },
    /// A field of another type.
    #[error("`{field}` has the wrong type: {complaint}")]
    WrongType {
        /// Its path.
        field: String,
        /// What was found and what is needed.
        complaint: String,
    },
    /// A cursor that is none of ours.
    #[error("the cursor cannot be read; use `next` of an earlier answer unchanged, or begin without one")]
    InvalidCursor,
    /// The `If-Match` names an older revision.
    #[error("it has changed since you read it; read it again and decide anew")]
    Stale,
    /// An `If-Match` is needed.
    #[error("send the `ETag` that you read as `If-Match`, so that nobody's change is lost")]
    PreconditionRequired,
    /// The key was used for something else.
    #[error("this Idempotency-Key was used for another request; take a new one")]
    IdempotencyMismatch,
    /// The same request is being executed.
    #[error("the same request is under way; ask again in {after_s} s")]
    IdempotencyInFlight {
        /// Seconds to wait.
        after_s: u32,
    },
    /// A newer version exists.
    #[error("there is a newer version; read it and decide on that one")]
    Superseded,
    /// Somebody was quicker.
    #[error("this has been decided already; read it again to see how")]
    AlreadyDecided,
    /// Somebody was quicker, and this is who.
    #[error("{who} was quicker: {what}, at {at}; read it again")]
    DecidedBy {
        /// Their name.
        who: String,
        /// What they did, in words: `approved version 2`.
        what: String,
        /// RFC 3339.
        at: String,
    },
    /// Not one of those whom the policy names, or not their turn.
    #[error("the approval policy asks somebody else at this point; the post shows whom")]
    NotAnApprover,
    /// People do not approve their own words while somebody else could.
    #[error(
        "you wrote this version, so somebody else must approve it; an admin may change that in the approval policy"
    )]
    OwnVersion,
    /// Its time or channel has changed.
    #[error("its time or channel has changed since you read it; read it again and decide anew")]
    Rescheduled,
    /// Not at this point of its life.
    #[error("this is not possible in its present state; read it again to see what is")]
    WrongState,
    /// It may have gone out.
    #[error("it may have gone out already, and nobody knows yet; say whether it is live, or wait until that is known")]
    OutcomeUnknown,
    /// No review has passed it.
    #[error("this version has not passed review; edit it or send it back")]
    NotReviewed,
    /// A plan that is not approved yet names the channel.
    #[error("a campaign that is being planned names this channel; rename it when its plan is approved, or cancel it")]
    ChannelInUse,
    /// The time is over.
    #[error("the time is in the past; choose a later one")]
    Past,
    /// The wall time does not exist.
    #[error("{local} does not exist in {zone}: the clocks go forward over it; choose another time")]
    TimeGap {
        /// The wall time.
        local: String,
        /// The zone.
        zone: String,
    },
    /// No such zone.
    #[error("`{zone}` is no IANA time zone; try `Europe/Berlin`")]
    UnknownZone {
        /// What was given.
        zone: String,
    },
    /// The name or key is taken.
    #[error("there is one of this name already; choose another")]
    AlreadyExists,
    /// The campaign's budget does not cover it.
    #[error("the campaign's budget does not cover this; raise it or stop here")]
    BudgetSpent,
    /// Too often.
    #[error("too many attempts; try again in {after_s} s")]
    RateLimited {
        /// Seconds to wait.
        after_s: u32,
    },
    /// The database did not get its turn. Nothing was changed.
    #[error("too much is being written at this moment; nothing was changed, try again in {after_s} s")]
    Busy {
        /// Seconds to wait.
        after_s: u32,
    },
    /// The disk is full. Nothing was changed.
    #[error("the disk is full; nothing was changed. Whoever runs this must make room")]
    StorageFull,
    /// Ours. The cause is logged once, with the answer, and never sent.
    #[error("something broke on our side; it is logged. Try again, and tell whoever runs this if it stays")]
    Internal(#[source] anyhow::Error),
}

impl Problem {
    /// One field with one complaint.
    pub fn invalid(field: &str, complaint: impl Into<String>) -> Self {
        Self::Invalid(vec![Complaint { field: field.into(), complaint: complaint.into() }])
    }

    /// Every kind of problem there is, for its page `/problems/<slug>`.
    pub fn catalogue() -> impl Iterator<Item = &'static Kind> {
        kind::KINDS.iter()
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.kind().status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// What `type` ends with.
    pub fn slug(&self) -> &'static str {
        self.kind().slug
    }

    /// The title, the same for every problem of this kind.
    pub fn title(&self) -> &'static str {
        self.kind().title
    }

    /// The fields that are wrong, if any.
    pub fn complaints(&self) -> &[Complaint] {
        if let Self::Invalid(complaints) = self { complaints } else { &[] }
    }

    /// The answer as `application/problem+json`.
    pub fn into_reply(self) -> Reply {
        let mut json = serde_json::json!({
            "type": format!("/problems/{}", self.slug()),
            "title": self.title(),
            "status": self.kind().status,
            "detail": self.to_string(),
        });
        if !self.complaints().is_empty() {
            json["errors"] = serde_json::json!(self.complaints());
        }
        if let Self::UnknownField { field, complaint } | Self::WrongType { field, complaint } = &self {
            json["errors"] = serde_json::json!([{ "field": field, "complaint": complaint }]);
        }
        self.into_reply_with("application/problem+json", json.to_string())
    }

    /// The answer with a body of the caller's: a page for a person. Every answer to a problem comes through here.
    pub fn into_reply_with(self, content_type: &str, body: String) -> Reply {
        if let Self::Internal(cause) = &self {
            eprintln!("internal error: {cause:#}");
        }
        let reply = Reply::bytes(self.status(), content_type, body);
        match self {
            Self::MethodNotAllowed { allow, .. } => reply.with_header("allow", allow),
            Self::Unauthorized { .. } => reply.with_header("www-authenticate", "Bearer realm=\"rondo\""),
            Self::IdempotencyInFlight { after_s } | Self::RateLimited { after_s } | Self::Busy { after_s } => {
                reply.with_header("retry-after", &after_s.to_string())
            }
            _ => reply,
        }
    }
}

impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        match &error {
            DbError::Busy => Self::Busy { after_s: 1 },
            DbError::Full => Self::StorageFull,
            DbError::Conflict(_) => Self::AlreadyExists,
            DbError::Refused(reason) => match reason.as_str() {
                "superseded" => Self::Superseded,
                "already_decided" => Self::AlreadyDecided,
                "rescheduled" => Self::Rescheduled,
                "not_an_approver" => Self::NotAnApprover,
                "own_version" => Self::OwnVersion,
                "wrong_state" => Self::WrongState,
                "outcome_unknown" => Self::OutcomeUnknown,
                "not_reviewed" => Self::NotReviewed,
                "channel_in_use" => Self::ChannelInUse,
                "past" => Self::Past,
                "budget_spent" => Self::BudgetSpent,
                _ => Self::Internal(error.into()),
            },
            DbError::Other(_) | DbError::Column { .. } => Self::Internal(error.into()),
        }
    }
}

impl From<anyhow::Error> for Problem {
    fn from(cause: anyhow::Error) -> Self {
        Self::Internal(cause)
    }
}

impl From<Vec<Complaint>> for Problem {
    fn from(complaints: Vec<Complaint>) -> Self {
        Self::Invalid(complaints)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_refusal_of_the_migrations_is_told_from_every_other() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../store/migrations");
        let files =
            std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
        let sql: String = files.collect();
        let reasons: BTreeSet<&str> = sql.split("'rondo:").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
        assert!(reasons.contains("superseded"));
        // Rules that only a fault of ours can break, and what the steps or the form itself answer.
        let ours = [
            "append_only",
            "fenced",
            "illegal_move",
            "no_such_model",
            "no_such_picture",
            "provider_blocked",
            "provider_busy",
            "provider_gone",
            "reading_budget_spent",
            "seal_out_of_order",
            "trial_budget_spent",
            "unproved",
        ];
        for reason in reasons {
            let problem = Problem::from(DbError::Refused(reason.into()));
            let expect = if ours.contains(&reason) { "internal".into() } else { reason.replace('_', "-") };
            assert_eq!(problem.slug(), expect, "add a variant for `rondo:{reason}`");
        }
    }

    #[test]
    fn a_problem_goes_out_as_rfc_9457_has_it() {
        let reply = Problem::invalid("goal.text", "is empty").into_reply();
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        let json: serde_json::Value = serde_json::from_str(&reply.text()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "/problems/invalid", "title": "Invalid input", "status": 422, "detail": "goal.text is empty",
                "errors": [{"field": "goal.text", "complaint": "is empty"}],
            })
        );
    }

    #[test]
    fn what_broke_on_our_side_is_never_sent() {
        for problem in [
            Problem::Internal(anyhow::anyhow!("canary")),
            DbError::Other("canary".into()).into(),
            DbError::Column { column: "canary".into(), complaint: "canary".into() }.into(),
            DbError::Conflict("UNIQUE constraint failed: canary".into()).into(),
            DbError::Refused("canary".into()).into(),
        ] {
            let reply = problem.into_reply();
            assert!(!format!("{reply:?}").contains("canary"));
        }
    }

    #[test]
    fn who_must_wait_or_sign_in_or_ask_otherwise_is_told_by_a_header() {
        let check =
            |problem: Problem, name: &str, value: &str| assert_eq!(problem.into_reply().header(name), Some(value));
        check(DbError::Busy.into(), "retry-after", "1");
        check(Problem::RateLimited { after_s: 30 }, "retry-after", "30");
        check(Problem::IdempotencyInFlight { after_s: 1 }, "retry-after", "1");
        check(Problem::Unauthorized { complaint: "x" }, "www-authenticate", "Bearer realm=\"rondo\"");
        check(Problem::MethodNotAllowed { method: "PUT".into(), allow: "GET, POST" }, "allow", "GET, POST");
    }

    #[test]
    fn the_catalogue_has_each_slug_once_and_says_what_to_do() {
        let slugs: BTreeSet<&str> = Problem::catalogue().map(|kind| kind.slug).collect();
        assert_eq!(slugs.len(), Problem::catalogue().count());
        for kind in Problem::catalogue() {
            assert!(StatusCode::from_u16(kind.status).is_ok_and(|status| status.as_u16() >= 400), "{}", kind.slug);
            assert!(kind.slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'));
            assert!(!kind.means.is_empty() && !kind.remedy.is_empty());
        }
    }
}
