//! Learnings: what may make posts better, and the pairs that it has to prove itself in.

use domain::learning::proof::{ADOPTED_WRONGLY_MAX, Tally};
use domain::learning::signals::Source;
use domain::learning::{MICRO_USD_A_DAY_MAX, Origin, Preference, TRIALS_A_DAY_MAX, TrialResult, statement};
use domain::{Content, LearningState};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode, revision};
use store::channel;
use store::learning::trial::{self, Trial};
use store::learning::{self, Learning, NewLearning, limit};
use store::page::Key;

use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    statement: String,
    /// `provider/model`, `rules` or `person`.
    worded_by: String,
    /// What the rule says that saw it; none where a person wrote it.
    rule_statement: Option<String>,
    /// For posts on this channel alone.
    channel: Option<String>,
    origin: Origin,
    sources: Vec<Source>,
    state: LearningState,
    by_hand: bool,
    edition: i64,
    wins: u32,
    losses: u32,
    ties: u32,
    decided: u32,
    rate_percent: Option<f64>,
    low_percent: f64,
    high_percent: f64,
    wrongly_adopted_percent_max: f64,
    uses: i64,
    reason: Option<String>,
    changed_by: String,
    revision: i64,
    created_at: String,
    updated_at: String,
}

fn view(found: Learning) -> View {
    let tally: Tally = found.tally;
    let (low, high) = tally.interval();
    View {
        worded_by: found.words_of().into(),
        rule_statement: found.rule_statement,
        channel: found.channel.map(|(_, name)| name),
        wins: tally.wins,
        losses: tally.losses,
        ties: tally.ties,
        decided: tally.decided(),
        rate_percent: tally.rate().map(percent),
        low_percent: percent(low),
        high_percent: percent(high),
        wrongly_adopted_percent_max: percent(ADOPTED_WRONGLY_MAX),
        created_at: rfc3339(found.created_at),
        updated_at: rfc3339(found.updated_at),
        id: found.id,
        statement: found.statement,
        origin: found.origin,
        sources: found.sources,
        state: found.state,
        by_hand: found.by_hand,
        edition: found.edition,
        uses: found.uses,
        reason: found.reason,
        changed_by: found.changed_by,
        revision: found.revision,
    }
}

/// A share in percent, to a tenth.
fn percent(share: f64) -> f64 {
    (share * 1000.0).round() / 10.0
}

/// `GET /learnings`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let after = after.as_ref().map(|key| (key.at, key.id.as_str()));
    let rows = learning::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    list::reply(rows, &page, |row| list::of_key(Key { at: row.created_at, id: row.id.clone() }), view)
}

async fn find(call: &Call<'_>, id: &str) -> Result<Learning, Problem> {
    let found = learning::find(call.db(), call.workspace_id(), id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "learning", id: id.into() })
}

/// `GET /learnings/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = find(call, id).await?;
    let revision = found.revision;
    Ok(Reply::json(status, &view(found))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Words {
    statement: String,
    channel: Option<String>,
}

impl Words {
    async fn checked(&self, call: &Call<'_>) -> Result<(String, Option<String>), Problem> {
        let statement = statement(&self.statement).map_err(|complaint| Problem::invalid("statement", complaint))?;
        let Some(name) = &self.channel else { return Ok((statement, None)) };
        let found = channel::by_name(call.db(), call.workspace_id(), name).await?;
        let missing = || Problem::invalid("channel", format!("`{name}` is no channel of this workspace"));
        Ok((statement, Some(found.ok_or_else(missing)?)))
    }
}

/// `POST /learnings`: it waits to be tried.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Words = call.request.json()?;
    let (statement, channel_id) = sent.checked(&call).await?;
    let id = serve::id(call.app);
    let new = NewLearning {
        workspace_id: call.workspace_id(),
        id: &id,
        statement: &statement,
        channel_id: channel_id.as_deref(),
        actor: call.actor(),
    };
    learning::create(call.db(), call.pinned_ms(), &new).await?;
    let location = format!("/api/v1/learnings/{id}");
    Ok(shown(&call, &id, StatusCode::CREATED).await?.with_header("location", &location))
}

/// `PUT /learnings/{id}`, to the revision that the caller saw. Its evidence begins anew.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Words = call.request.json()?;
    find(&call, call.id()).await?;
    let (statement, channel_id) = sent.checked(&call).await?;
    let at = (call.workspace_id(), call.id(), revision);
    let words = (statement.as_str(), channel_id.as_deref());
    if !learning::edit(call.db(), call.pinned_ms(), at, words, call.actor()).await? {
        return Err(Problem::Stale);
    }
    show(call).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewState {
    state: LearningState,
}

/// `PUT /learnings/{id}/state`: a person adopts it, retires it, or wants it tried from the beginning. Where it is so
/// already, nothing changes.
pub async fn put(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: NewState = call.request.json()?;
    let found = find(&call, call.id()).await?;
    if found.state == sent.state {
        return show(call).await;
    }
    if !found.state.by_hand().any(|state| state == sent.state) {
        return Err(Problem::invalid("state", format!("cannot be `{}` while it is `{}`", sent.state, found.state)));
    }
    let at = (call.workspace_id(), call.id(), found.revision);
    if !learning::put(call.db(), call.pinned_ms(), at, sent.state, call.actor()).await? {
        return Err(Problem::Stale);
    }
    show(call).await
}

#[derive(Serialize)]
struct TrialView {
    id: String,
    n: i64,
    edition: i64,
    post_id: String,
    started_at: String,
    result: Option<TrialResult>,
    with_first: Option<Preference>,
    with_second: Option<Preference>,
    with: Option<Content>,
    without: Option<Content>,
    writer: Option<String>,
    judge: Option<String>,
    /// No other was set up; none where nobody had to judge.
    judged_by_writer: Option<bool>,
    reason: Option<String>,
    micro_usd: i64,
}

fn trial_view(found: Trial) -> TrialView {
    let (with, without) = found.contents.unzip();
    let (with_first, with_second) = found.said.unzip();
    TrialView {
        started_at: rfc3339(found.started_at),
        judged_by_writer: with_first.map(|_| found.writer == found.judge),
        id: found.id,
        n: found.n,
        edition: found.edition,
        post_id: found.post_id,
        result: found.result,
        with_first,
        with_second,
        with,
        without,
        writer: found.writer,
        judge: found.judge,
        reason: found.reason,
        micro_usd: found.micro_usd,
    }
}

/// `GET /learnings/{id}/trials`.
pub async fn trials(call: Call<'_>) -> Result<Reply, Problem> {
    find(&call, call.id()).await?;
    let (page, before) = list::by_number(&call)?;
    let rows = trial::list(call.db(), call.workspace_id(), call.id(), before, page.limit + 1).await?;
    list::reply(rows, &page, |row| vec![row.n.to_string()], trial_view)
}

#[derive(Serialize)]
struct LimitView {
    trials_a_day: i64,
    micro_usd_a_day: i64,
    trials: i64,
    spent_micro_usd: i64,
    revision: i64,
}

/// `GET /learning-limits`: the defaults, where the workspace never had its own.
pub async fn limits(call: Call<'_>) -> Result<Reply, Problem> {
    let found = limit::find(call.db(), call.pinned_ms(), call.workspace_id()).await?;
    let limit::Limit { trials_a_day, micro_usd_a_day, revision, trials, spent_micro_usd } = found;
    let view = LimitView { trials_a_day, micro_usd_a_day, trials, spent_micro_usd, revision };
    Ok(Reply::json(StatusCode::OK, &view)?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewLimits {
    trials_a_day: u32,
    micro_usd_a_day: u32,
}

/// `PUT /learning-limits`. They hold for every trial that begins, and every call that is made, after this.
pub async fn set_limits(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: NewLimits = call.request.json()?;
    if sent.trials_a_day > TRIALS_A_DAY_MAX {
        return Err(Problem::invalid("trials_a_day", format!("must be {TRIALS_A_DAY_MAX} at most")));
    }
    if i64::from(sent.micro_usd_a_day) > MICRO_USD_A_DAY_MAX {
        return Err(Problem::invalid("micro_usd_a_day", format!("must be {MICRO_USD_A_DAY_MAX} at most")));
    }
    let at = (call.workspace_id(), revision);
    let limits = (sent.trials_a_day.into(), sent.micro_usd_a_day.into());
    if !limit::set(call.db(), call.pinned_ms(), at, limits, call.actor()).await? {
        return Err(Problem::Stale);
    }
    self::limits(call).await
}
