//! What people decide about a campaign: its plan, all reviewed posts at once, pause, budget, cancel, another try.

use domain::{Decision, Step};
use serve::fields::check_comment;
use serve::{App, Form, Problem, Reply, StatusCode};
use store::approval::{self, NewApproval};
use store::campaign::{self, Change};
use store::job_list;
use store::strategy::{self, Version};

use super::{Sight, render};
use crate::elements::form::Typed;
use crate::mend;
use crate::notice;
use crate::routes::Call;
use crate::visit::Visit;

/// Approves the plan or sends it back. Sending back needs a comment.
pub async fn decide_plan(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let (id, version) = (call.id(), call.second());
    let form = request.form().await?;
    let missing = || Problem::NotFound { what: "plan", id: version.into() };
    let version = version.parse().map_err(|_| missing())?;
    let decision = match form.required("decision")? {
        "approve" => Decision::Approve,
        "send_back" => Decision::SendBack,
        _ => return Err(Problem::invalid("decision", "must be `approve` or `send_back`")),
    };
    let comment = match check_comment(form.get("comment"), decision) {
        Ok(comment) => comment.map(ToString::to_string),
        Err(problem) => return again(app, visit, id, form, problem).await,
    };
    let comment = comment.as_deref();
    let of = Version { workspace_id: &visit.workspace.id, campaign_id: id, version };
    let decided =
        strategy::decide(app.ports.db, app.ports.clock.pinned_ms(), of, decision, comment, &visit.caller.actor);
    let from_inbox = request.header("referer").is_some_and(|referer| referer.contains("/approvals"));
    match decided.await.map_err(Problem::from) {
        Ok(true) if from_inbox => {
            let done = if decision == Decision::Approve { "plan-approved" } else { "plan-sent-back" };
            Ok(Reply::see_other(&format!("/approvals?done={done}")).waking(&[Step::Generate, Step::Strategize]))
        }
        Ok(true) if decision == Decision::Approve => {
            Ok(Reply::see_other(&format!("/campaigns/{id}?done=plan-approved#posts")).waking(&[Step::Generate]))
        }
        Ok(true) => Ok(Reply::see_other(&format!("/campaigns/{id}?done=plan-sent-back")).waking(&[Step::Strategize])),
        Ok(false) => Err(missing()),
        // A comment that somebody wrote is not lost because somebody else was quicker.
        Err(problem) => again(app, visit, id, form, problem).await,
    }
}

/// The page again, with what is wrong and with what was typed.
async fn again(app: App<'_>, visit: &Visit, id: &str, form: Form, problem: Problem) -> Result<Reply, Problem> {
    let sight = Sight::of(app, visit, id).await?;
    let typed = Typed::with(form, problem.complaints());
    let said = match (&problem, typed.value("comment")) {
        (Problem::Invalid(_), _) => maud::html! {},
        (problem, "") => notice::failed(&problem.to_string()),
        (problem, comment) => notice::failed(&format!("{problem}. Your comment was: {comment}")),
    };
    let page = render(&sight, &said, &typed).await?;
    Ok(problem.into_reply_with("text/html; charset=utf-8", page))
}

/// Approves all that were seen, each for itself; one that has changed since is left out, and counted.
pub async fn approve_all(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let found = campaign::find(app.ports.db, &visit.workspace.id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "campaign", id: id.into() })?;
    let (mut count, mut skipped) = (0, 0);
    for seen in form.all("seen") {
        let seen = Seen::parse(seen)?;
        if !seen.post_id.strip_prefix(id).is_some_and(|rest| rest.starts_with('-')) {
            return Err(Problem::invalid("seen", "names a post of another campaign"));
        }
        match decide_post(app, visit, &seen, Decision::Approve, None).await {
            Ok(()) => count += 1,
            Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => return Err(problem),
            Err(_) => skipped += 1,
        }
    }
    let path = format!("/campaigns/{id}?done=approved-all&count={count}&skipped={skipped}#posts");
    Ok(Reply::see_other(&path).waking(&[Step::Publish]))
}

/// What a person saw when they decided.
pub struct Seen<'a> {
    /// The post.
    pub post_id: &'a str,
    version: i64,
    sha256: &'a str,
    due_at: i64,
    channel_id: &'a str,
}

impl<'a> Seen<'a> {
    /// Reads what [`super::post_acts::seen`] wrote.
    pub fn parse(text: &'a str) -> Result<Self, Problem> {
        let wrong = || Problem::invalid("seen", "does not say what was seen; load the page again");
        let words: Vec<&str> = text.split(' ').collect();
        let [post_id, version, sha256, due_at, channel_id] = words[..] else { return Err(wrong()) };
        let (Ok(version), Ok(due_at)) = (version.parse(), due_at.parse()) else { return Err(wrong()) };
        Ok(Self { post_id, version, sha256, due_at, channel_id })
    }
}

/// Records one decision on exactly what was seen.
pub async fn decide_post(
    app: App<'_>,
    visit: &Visit,
    seen: &Seen<'_>,
    decision: Decision,
    comment: Option<&str>,
) -> Result<(), Problem> {
    let id = serve::id(app);
    let new = NewApproval {
        workspace_id: &visit.workspace.id,
        id: &id,
        post_id: seen.post_id,
        version: seen.version,
        content_sha256: seen.sha256,
        channel_id: seen.channel_id,
        due_at: seen.due_at,
        decision,
        comment,
        actor: &visit.caller.actor,
    };
    let there = match approval::decide(app.ports.db, app.ports.clock.pinned_ms(), &new).await {
        Ok(there) => there,
        Err(error) => return Err(serve::decided_by(app, &visit.workspace.id, seen.post_id, error).await),
    };
    if there { Ok(()) } else { Err(Problem::NotFound { what: "post", id: seen.post_id.into() }) }
}

/// The revision that a form was made for.
pub fn revision(form: &Form) -> Result<i64, Problem> {
    form.required("revision")?.parse().map_err(|_| Problem::Stale)
}

async fn change(app: App<'_>, visit: &Visit, id: &str, revision: i64, change: Change<'_>) -> Result<(), Problem> {
    let at = (visit.workspace.id.as_str(), id, revision);
    let pinned_ms = app.ports.clock.pinned_ms();
    if campaign::change(app.ports.db, pinned_ms, at, &change, &visit.caller.actor).await? {
        return Ok(());
    }
    match campaign::find(app.ports.db, &visit.workspace.id, id).await? {
        None => Err(Problem::NotFound { what: "campaign", id: id.into() }),
        Some(found) if found.finished_at.is_some() => Err(Problem::WrongState),
        Some(_) => Err(Problem::Stale),
    }
}

/// Pauses it, or lets it go on.
pub async fn pause(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let paused = form.required("paused")? == "1";
    change(app, visit, id, revision(&form)?, Change { paused: Some(paused), ..Change::default() }).await?;
    let reply = Reply::see_other(&format!("/campaigns/{id}?done={}", if paused { "paused" } else { "resumed" }));
    Ok(if paused { reply } else { reply.waking(Step::ALL) })
}

/// Changes the budget.
pub async fn budget(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let id = call.id();
    let form = request.form().await?;
    let amount = form.required("budget_usd")?.trim().trim_start_matches('$').parse::<f64>();
    let dollars = amount.ok().filter(|dollars| (0.0..=1_000_000.0).contains(dollars));
    let dollars = dollars.ok_or_else(|| Problem::invalid("budget_usd", "is no amount; write `5` or `12.50`"))?;
    let budget_micro_usd = Some((dollars * 1e6).round() as i64);
    match change(app, visit, id, revision(&form)?, Change { budget_micro_usd, ..Change::default() }).await {
        Ok(()) => Ok(Reply::see_other(&format!("/campaigns/{id}?done=budget")).waking(Step::ALL)),
        Err(Problem::Stale) => {
            let now = campaign::find(app.ports.db, &visit.workspace.id, id).await?;
            let now = now.map_or_else(String::new, |now| (now.budget_micro_usd as f64 / 1e6).to_string());
            Ok(mend::stale(request, visit, &[("budget_usd", &now)]).await)
        }
        Err(problem) => Err(problem),
    }
}

/// Cancels it for good.
pub async fn cancel(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let id = call.id();
    let at = (visit.workspace.id.as_str(), id);
    if !campaign::cancel(app.ports.db, app.ports.clock.pinned_ms(), at, None, &visit.caller.actor).await? {
        let found = campaign::find(app.ports.db, &visit.workspace.id, id).await?;
        return Err(found.map_or(Problem::NotFound { what: "campaign", id: id.into() }, |_| Problem::WrongState));
    }
    Ok(Reply::see_other(&format!("/campaigns/{id}?done=cancelled")))
}

/// Gives a step that failed another chance.
pub async fn retry(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, .. } = call;
    let job_id = call.id();
    let missing = || Problem::NotFound { what: "job", id: job_id.into() };
    let job = job_list::find(app.ports.db, &visit.workspace.id, job_id).await?.ok_or_else(missing)?;
    let tried = job_list::retry(app.ports.db, app.ports.clock.pinned_ms(), &visit.workspace.id, job_id).await?;
    tried.ok_or(Problem::WrongState)?;
    let campaign_id = job.campaign_id.ok_or_else(missing)?;
    Ok(Reply::see_other(&format!("/campaigns/{campaign_id}?done=retried")).waking(&[job.step]))
}
