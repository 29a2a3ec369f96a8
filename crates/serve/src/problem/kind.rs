//! The table of problems: status, slug and title of each, and what its page says.

use super::Problem;

/// What all problems of one kind share.
#[derive(Debug, PartialEq, Eq)]
pub struct Kind {
    /// HTTP status.
    pub status: u16,
    /// `type` is `/problems/<slug>`.
    pub slug: &'static str,
    /// `title`.
    pub title: &'static str,
    /// What it means, for its page.
    pub means: &'static str,
    /// What to do, for its page.
    pub remedy: &'static str,
}

/// One row a kind: a variant's pattern, and what it shares.
macro_rules! kinds {
    ($($pattern:pat => $status:literal $slug:literal $title:literal, $means:literal, $remedy:literal;)+) => {
        pub(super) const KINDS: &[Kind] = &[$(Kind { status: $status, slug: $slug, title: $title, means: $means, remedy: $remedy }),+];

        impl Problem {
            /// What it shares with its kind. No wildcard: a new variant must have its row.
            pub fn kind(&self) -> &'static Kind {
                match self {
                    $($pattern => const { &Kind { status: $status, slug: $slug, title: $title, means: $means, remedy: $remedy } }),+
                }
            }
        }
    };
}

kinds! {
    Self::NotFound { .. } => 404 "not-found" "Not found",
        "Nothing answers under this address, or what it names does not exist in your workspace.",
        "Check the address. If it worked before, list what there is: ids never change, but a workspace sees only its own.";
    Self::MethodNotAllowed { .. } => 405 "method-not-allowed" "Method not allowed",
        "The address exists, but not with this method.",
        "Use one of the methods in the header `Allow`.";
    Self::MalformedUrl { .. } => 400 "malformed-url" "Malformed URL",
        "The path or the query holds an escape that cannot be decoded, or a segment that stands for another path.",
        "Encode every `%` as `%25`, and text as UTF-8 before you escape it.";
    Self::Unauthorized { .. } => 401 "unauthorized" "Sign in first",
        "The request carries no valid sign-in: none at all, or one that has ended, was revoked or is mistyped.",
        "Sign in, or send `Authorization: Bearer` with a valid API token.";
    Self::Forbidden { .. } => 403 "forbidden" "Not permitted",
        "You are known, but your role in this workspace does not allow this.",
        "Ask an owner or admin of the workspace to do it, or to give you the role.";
    Self::OutOfScope { .. } => 403 "out-of-scope" "Not in the token's scopes",
        "The API token is valid, but it was made for less than this.",
        "Make a token with this scope, or one without scopes: it may do all that its role may.";
    Self::LastOwner => 409 "last-owner" "The last owner",
        "Every workspace has at least one owner. Nothing was changed.",
        "Make somebody else owner, or hand the workspace on, and then try again.";
    Self::LinkGone => 404 "link-gone" "This link no longer works",
        "A one-time link works once and for a limited time. This one was used, has expired, was replaced by a newer one or was revoked.",
        "Ask whoever gave it to you for a new one.";
    Self::NotInvited => 403 "not-invited" "No account here",
        "The provider of sign-in knows who you are, but no account here is connected with that. Nobody comes in without an invitation.",
        "If you have an account, sign in with its password and connect it under Settings, Security. Else ask for an invitation and open its link.";
    Self::ProviderFailed { .. } => 502 "provider-failed" "Signing in elsewhere failed",
        "The provider of sign-in did not answer as it must, or the sign-in took too long or belongs to another browser.",
        "Begin again from the sign-in page. If it stays, whoever runs this must look at `oidc_issuer` and `oidc_hosts`.";
    Self::ForgedRequest { .. } => 403 "forged-request" "Not sent from our page",
        "A change must come from a page of this site, with the page's own token. This one may have been sent by another site in your name.",
        "Load the page again and repeat it there. Programs use an API token and no cookie. Behind a proxy, set `public_url`.";
    Self::NoBody => 400 "no-body" "No body",
        "This request needs a body and has none.",
        "Send the body, with its `Content-Type`.";
    Self::TooLarge { .. } => 413 "too-large" "Too large",
        "The body is longer than is accepted.",
        "Send less at once. The detail names the limit in bytes.";
    Self::WrongContentType { .. } => 415 "wrong-content-type" "Wrong content type",
        "The body is labelled as something that is not read here.",
        "Send the content type that the detail names.";
    Self::NotUtf8 => 400 "not-utf8" "Not UTF-8",
        "The body is text, but not in UTF-8.",
        "Encode it as UTF-8.";
    Self::NotJson { .. } => 400 "not-json" "Not JSON",
        "The body cannot be read as JSON.",
        "The detail names the line and the column. Comments and trailing commas are not JSON.";
    Self::MalformedForm { .. } => 400 "malformed-form" "Malformed form",
        "The form was cut off, or is not built as its content type says.",
        "Send it again.";
    Self::Invalid(_) => 422 "invalid" "Invalid input",
        "One or more fields have values that cannot be used.",
        "`errors` lists every field with its complaint. Mend all of them and send it again.";
    Self::UnknownField { .. } => 422 "unknown-field" "Unknown field",
        "The body holds a field that is not known here. It is refused, so that a typing error is not taken for a default.",
        "Remove the field or mend its name; `errors` lists the names that are known.";
    Self::WrongType { .. } => 422 "wrong-type" "Wrong type",
        "A field holds another type than it must, such as text for a number.",
        "`errors` names the field and the type that it needs.";
    Self::InvalidCursor => 400 "invalid-cursor" "Invalid cursor",
        "The cursor is not one of ours, or belongs to another list.",
        "Use `next` of an earlier answer unchanged, or begin without a cursor.";
    Self::Stale => 412 "stale" "Changed in the meantime",
        "`If-Match` names a revision that is no longer the newest. Nothing was changed.",
        "Read it again, look at what has changed, and decide anew.";
    Self::PreconditionRequired => 428 "precondition-required" "If-Match needed",
        "This change must name the revision that it is made to, so that nobody's change is lost.",
        "Send the `ETag` that you read as `If-Match`.";
    Self::IdempotencyMismatch => 422 "idempotency-mismatch" "Key used for another request",
        "An Idempotency-Key stands for one request. This one was used for another.",
        "Take a new key for each new request; repeat the same request with the same key.";
    Self::IdempotencyInFlight { .. } => 409 "idempotency-in-flight" "Same request under way",
        "A request with this Idempotency-Key is being executed at this moment.",
        "Wait as long as `Retry-After` says and repeat the request with the same key: its answer will be there.";
    Self::Superseded => 409 "superseded" "There is a newer version",
        "What you decided on has been replaced by a newer version. Nothing was changed.",
        "Read the newer version and decide on that one.";
    Self::AlreadyDecided | Self::DecidedBy { .. } => 409 "already-decided" "Decided already",
        "Somebody else, or you in another window, was quicker. Nothing was changed.",
        "Read it again to see the decision.";
    Self::NotAnApprover => 403 "not-an-approver" "Somebody else's to approve",
        "The approval policy names who approves, and in which order. At this point it asks somebody else.",
        "Read the post: it shows whose approval is missing. You may still comment, or send it back.";
    Self::OwnVersion => 403 "own-version" "Your own words",
        "You wrote this version. By the approval policy nobody approves their own words while somebody else could.",
        "Ask somebody else who may approve. An owner or admin may change the policy.";
    Self::Rescheduled => 409 "rescheduled" "Moved to another time",
        "The time or the channel has changed since you read it. An approval holds for one channel and time.",
        "Read it again and decide anew.";
    Self::WrongState => 409 "wrong-state" "Not possible in this state",
        "What you asked for is not possible at this point. Nothing was changed.",
        "Read it again: it shows what is possible now.";
    Self::OutcomeUnknown => 409 "outcome-unknown" "It may have gone out",
        "A post was being sent, and nobody knows yet whether it arrived. Until that is known it cannot be changed, so that it never goes out twice.",
        "Wait: most cases resolve themselves. If the post asks for a person, look at the platform and say whether it is live.";
    Self::NotReviewed => 409 "not-reviewed" "Not passed by review",
        "A version that has not passed review cannot be approved.",
        "Edit it, or send it back with a comment; either makes a new version, which is reviewed.";
    Self::ChannelInUse => 409 "channel-in-use" "The channel's name is needed",
        "Briefs name channels. While a campaign is being planned, the channels that it names keep their names.",
        "Approve or cancel the campaign's plan first, then rename the channel.";
    Self::Past => 422 "past" "In the past",
        "The time has passed. Rondo does not publish late on its own.",
        "Choose a later time.";
    Self::TimeGap { .. } => 422 "time-gap" "A time that does not exist",
        "On this day the clocks go forward over this time.",
        "Choose another time.";
    Self::UnknownZone { .. } => 422 "unknown-zone" "Unknown time zone",
        "The name is not in the IANA time zone database.",
        "Use a name such as `Europe/Berlin`.";
    Self::AlreadyExists => 409 "already-exists" "Exists already",
        "Something with this name is there already. Nothing was changed.",
        "Choose another name, or use the one that is there.";
    Self::BudgetSpent => 409 "budget-spent" "Budget spent",
        "The campaign's budget does not cover what this may cost. It was stopped before it was spent.",
        "Raise the budget, or stop here.";
    Self::RateLimited { .. } => 429 "rate-limited" "Too many attempts",
        "There were too many attempts in a short time.",
        "Wait as long as `Retry-After` says.";
    Self::Busy { .. } => 503 "busy" "Busy",
        "Too much is being written at this moment. Nothing was changed.",
        "Wait as long as `Retry-After` says and try again.";
    Self::StorageFull => 507 "storage-full" "Storage full",
        "The disk is full. Nothing was changed.",
        "Whoever runs this must make room.";
    Self::Internal(_) => 500 "internal" "Internal error",
        "Something broke on our side. The cause is in the log.",
        "Try again. If it stays, tell whoever runs this when it happened.";
}
