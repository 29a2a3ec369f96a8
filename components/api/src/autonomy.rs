//! Earned autonomy: what a rule needs, what could be relaxed, and the rules.

use domain::autonomy::AutonomyPolicy;
use domain::{AgentRole, Mode};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, revision};
use store::autonomy::{self, Offer, Rule, Scope};

use crate::call::Call;
use crate::instant::{opt_rfc3339, rfc3339};

#[derive(Serialize)]
struct PolicyView {
    #[serde(flatten)]
    policy: AutonomyPolicy,
    changed_by: Option<String>,
    updated_at: Option<String>,
    revision: i64,
}

/// `GET /autonomy-policy`: the default, which is off, where the workspace never had one.
pub async fn policy(call: Call<'_>) -> Result<Reply, Problem> {
    let kept = autonomy::find(call.db(), call.workspace_id()).await?;
    let view = PolicyView {
        policy: kept.policy,
        changed_by: kept.changed_by,
        updated_at: opt_rfc3339(kept.updated_at),
        revision: kept.revision,
    };
    Ok(Reply::json(StatusCode::OK, &view)?.with_revision(kept.revision))
}

/// `PUT /autonomy-policy`. Turning it off ends every rule.
pub async fn set_policy(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: AutonomyPolicy = call.request.json()?;
    let complaints = sent.complaints();
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let at = (call.workspace_id(), revision);
    if !autonomy::set(call.db(), call.pinned_ms(), at, &sent, call.actor()).await? {
        return Err(Problem::Stale);
    }
    policy(call).await
}

#[derive(Serialize)]
struct OfferView {
    agent: AgentRole,
    channel_id: String,
    channel: String,
    pillar: String,
    mode: Mode,
    streak: i64,
}

impl From<Offer> for OfferView {
    fn from(offer: Offer) -> Self {
        let Scope { channel_id, pillar, mode } = offer.scope;
        let agent = AgentRole::Copywriter;
        Self { agent, channel_id, channel: offer.channel_name, pillar, mode, streak: offer.streak }
    }
}

#[derive(Serialize)]
struct All<T> {
    items: Vec<T>,
    next: Option<String>,
}

/// `GET /autonomy-offers`.
pub async fn offers(call: Call<'_>) -> Result<Reply, Problem> {
    let items = autonomy::offers(call.db(), call.workspace_id()).await?.into_iter().map(OfferView::from).collect();
    Reply::json(StatusCode::OK, &All { items, next: None })
}

#[derive(Serialize)]
struct RuleView {
    id: String,
    agent: AgentRole,
    channel_id: String,
    channel: String,
    pillar: String,
    mode: Mode,
    cap_per_day: i64,
    streak: i64,
    approved: i64,
    approved_today: i64,
    accepted_by: String,
    accepted_at: String,
    ended_at: Option<String>,
    ended_by: Option<String>,
    ended_because: Option<String>,
}

impl From<Rule> for RuleView {
    fn from(rule: Rule) -> Self {
        Self {
            id: rule.id,
            agent: AgentRole::Copywriter,
            channel_id: rule.scope.channel_id,
            channel: rule.channel_name,
            pillar: rule.scope.pillar,
            mode: rule.scope.mode,
            cap_per_day: rule.cap_per_day,
            streak: rule.streak,
            approved: rule.approved,
            approved_today: rule.approved_today,
            accepted_by: rule.accepted_by,
            accepted_at: rfc3339(rule.accepted_at),
            ended_at: opt_rfc3339(rule.revoked_at),
            ended_by: rule.revoked_by,
            ended_because: rule.reason,
        }
    }
}

/// `GET /autonomy-rules`: those that stand, then those that ended; the hundred newest.
pub async fn rules(call: Call<'_>) -> Result<Reply, Problem> {
    let rules = autonomy::rules(call.db(), call.pinned_ms(), call.workspace_id()).await?;
    let items = rules.into_iter().map(RuleView::from).collect();
    Reply::json(StatusCode::OK, &All { items, next: None })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    channel_id: String,
    pillar: String,
    mode: Mode,
    cap_per_day: u32,
}

/// `POST /autonomy-rules`: accepts what is offered now. What is no longer offered, or with a smaller cap, is stale.
pub async fn accept(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let scope = Scope { channel_id: sent.channel_id, pillar: sent.pillar, mode: sent.mode };
    let id = store::id::new(call.app.ports.clock, call.app.ports.entropy);
    let of = (call.workspace_id(), id.as_str());
    if !autonomy::accept(call.db(), call.pinned_ms(), of, (&scope, sent.cap_per_day), call.actor()).await? {
        return Err(Problem::Stale);
    }
    let rule = autonomy::rule_of(call.db(), call.pinned_ms(), of).await?;
    let rule = rule.ok_or_else(|| Problem::NotFound { what: "rule", id: id.clone() })?;
    let reply = Reply::json(StatusCode::CREATED, &RuleView::from(rule))?;
    Ok(reply.with_header("location", &format!("/api/v1/autonomy-rules/{id}")))
}

/// `GET /autonomy-rules/{id}`.
pub async fn rule(call: Call<'_>) -> Result<Reply, Problem> {
    let rule = autonomy::rule_of(call.db(), call.pinned_ms(), (call.workspace_id(), call.id())).await?;
    Reply::json(StatusCode::OK, &RuleView::from(rule.ok_or_else(|| call.not_found("rule"))?))
}

/// `DELETE /autonomy-rules/{id}`: takes it back. Repeating it changes nothing.
pub async fn take_back(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id());
    autonomy::rule_of(call.db(), call.pinned_ms(), of).await?.ok_or_else(|| call.not_found("rule"))?;
    autonomy::take_back(call.db(), call.pinned_ms(), of, call.actor()).await?;
    Ok(Reply::no_content())
}
