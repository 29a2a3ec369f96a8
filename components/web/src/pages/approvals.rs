//! `/approvals`: everything that waits for a person, the longest wait first; one of them in full beside the list. A
//! link opens a page; only a form decides.

pub mod pane;
mod policy;
mod talk;

pub use policy::{set, set_for_campaign, show as show_policy, show_for_campaign};
pub use talk::{assign, assign_plan, comment, read};

use domain::{Action, Decision, Step};
use maud::{Markup, html};
use serve::{Problem, Reply, StatusCode};
use store::inbox::{self, Filter, Waiting, WaitingFor};
use store::{notification, post};

use crate::elements::{badge, empty, form, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::pages::autonomy;
use crate::pages::campaign::{Seen, decide_post};
use crate::routes::Call;
use crate::visit::{Names, Visit, html as page};

/// Most entries of one page of the inbox.
const ROWS_MAX: u32 = 50;

/// The page. `?item=` is looked at, else the first; `?for=` says which are listed.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(render(&call, visit, &notice::done(call.request)).await?))
}

fn filter(call: &Call<'_>, visit: &Visit) -> (Filter, &'static str) {
    match call.request.query("for") {
        Some("me") => (Filter::ForMe, "me"),
        Some("overdue") => (Filter::Overdue, "overdue"),
        Some("everyone") => (Filter::Everything, "everyone"),
        _ if visit.may(Action::Approve) => (Filter::ForMe, "me"),
        _ => (Filter::Everything, "everyone"),
    }
}

async fn render(call: &Call<'_>, visit: &Visit, said: &Markup) -> Result<String, Problem> {
    let (db, workspace_id, actor) = (call.app.ports.db, visit.workspace.id.as_str(), visit.caller.actor.as_str());
    let (which, word) = filter(call, visit);
    let after = call.request.query("after").and_then(key);
    let mut rows = inbox::list(db, workspace_id, (actor, which), after.as_ref(), ROWS_MAX + 1).await?;
    let more = rows.len() > ROWS_MAX as usize;
    rows.truncate(ROWS_MAX as usize);
    let counts = inbox::counts(db, workspace_id, actor).await?;
    let names = Names::of(call.app, workspace_id).await?;
    let wanted = call.request.query("item");
    let at = rows.iter().position(|row| Some(row.id.as_str()) == wanted).unwrap_or(0);
    let now_ms = call.app.ports.clock.now_ms();
    let shown = match rows.get(at) {
        Some(row) => {
            let step = Places { before: at.checked_sub(1).map(|at| &rows[at]), after: rows.get(at + 1), word };
            pane::show(call, visit, &names, row, &step).await?
        }
        None => nothing(word),
    };
    let told = notification::unread(db, workspace_id, actor, None, ROWS_MAX).await?;
    let relaxable = autonomy::told(call, visit).await?;
    let last = rows.last().filter(|_| more).map(|row| format!("{}~{}", row.since, row.id));
    let tab = |name: &str, label: &str, count: Option<i64>| {
        html! {
            a href={ "/approvals?for=" (name) } aria-current=[(name == word).then_some("page")] {
                (label) @if let Some(count) = count { " (" (count) ")" }
            }
        }
    };
    let body = html! {
        (said)
        div.head {
            div { h1 { "Approvals" } p.lead { "What waits for a decision, the longest wait first. Nothing goes out before it is approved here: exactly these words, on this channel, at this time." } }
            div.acts { @if visit.may(Action::Administer) { a.button href="/approvals/policy" { "Who must approve" } } a.button href="/autonomy" { "Earned rules" } }
        }
        (talk::told(visit, &told, &names, now_ms))
        (relaxable)
        nav.tabs aria-label="Which" { (tab("me", "For me", None)) (tab("everyone", "For anybody", Some(counts.all))) (tab("overdue", "Overdue", Some(counts.overdue))) }
        div.inbox {
            @if !rows.is_empty() {
                section.waiting aria-label="What waits" tabindex="0" {
                    ol role="list" { @for (place, row) in rows.iter().enumerate() { (line(visit, row, place == at, word, now_ms, &names)) } }
                    @if let Some(last) = last { p { a href={ "/approvals?for=" (word) "&after=" (last) } { "Those after these" } } }
                    (several(visit, &rows, word))
                }
            }
            (shown)
        }
    };
    Ok(layout::page(visit, Nav::Approvals, "Approvals", &body))
}

/// `1803888000000~post:bakery-3`
fn key(text: &str) -> Option<store::page::Key> {
    let (at, id) = text.split_once('~')?;
    Some(store::page::Key { at: at.parse().ok()?, id: id.into() })
}

/// The entries before and after the one that is shown.
struct Places<'a> {
    before: Option<&'a Waiting>,
    after: Option<&'a Waiting>,
    word: &'a str,
}

fn nothing(word: &str) -> Markup {
    let text = match word {
        "me" => "Nothing waits for you. What waits for others is under “For anybody”.",
        "overdue" => "Nothing has waited too long.",
        _ => "Nothing waits. Posts come here when they have passed review.",
    };
    empty::state("All decided", text, Some(("To the campaigns", "/campaigns")))
}

fn title(row: &Waiting) -> &str {
    match &row.what {
        WaitingFor::Strategy => "The plan",
        WaitingFor::Post { title, .. } => title.as_deref().unwrap_or("Not written yet"),
    }
}

/// What a tick approves: a reviewed post that is not held.
fn seen(row: &Waiting) -> Option<String> {
    match (&row.what, &row.sha256) {
        (
            WaitingFor::Post {
                post_id,
                state: domain::PostState::AwaitingApproval,
                channel_id,
                due_at,
                held: false,
                ..
            },
            Some(sha256),
        ) => Some(format!("{post_id} {} {sha256} {due_at} {channel_id}", row.version)),
        _ => None,
    }
}

fn line(visit: &Visit, row: &Waiting, is_shown: bool, word: &str, now_ms: i64, names: &Names) -> Markup {
    let tick = seen(row).filter(|_| visit.may(Action::Approve));
    html! {
        li {
            @if let Some(seen) = tick {
                label.tick { span.unseen { "Tick “" (title(row)) "”" } input type="checkbox" name="seen" value=(seen) form="several"; }
            }
            a href={ "/approvals?for=" (word) "&item=" (row.id) "#pane" } aria-current=[is_shown.then_some("true")] {
                b { (title(row)) }
                span.small.soft {
                    (row.campaign_name)
                    @if let WaitingFor::Post { channel_name, .. } = &row.what { " · " (channel_name) }
                    br; "waits " (time::ago(row.since, now_ms))
                    @if let WaitingFor::Post { given, needed, .. } = &row.what { @if *needed > 1 { " · " (given) " of " (needed) " approvals" } }
                }
                @if row.is_overdue || row.assigned_to.is_some() || needs_person(row) {
                    br;
                    @if needs_person(row) { (badge::badge(badge::Tone::Bad, "Needs a person")) " " }
                    @if row.is_overdue { (badge::badge(badge::Tone::Bad, if row.is_escalated { "Overdue, admins told" } else { "Overdue" })) " " }
                    @if let Some(who) = &row.assigned_to { (badge::badge(badge::Tone::Quiet, &format!("for {}", names.name(who)))) }
                }
            }
        }
    }
}

fn needs_person(row: &Waiting) -> bool {
    matches!(row.what, WaitingFor::Post { state: domain::PostState::NeedsPerson, .. })
}

/// Several at once: exactly those that are ticked, as they are listed.
fn several(visit: &Visit, rows: &[Waiting], word: &str) -> Markup {
    let can = rows.iter().filter(|row| seen(row).is_some()).count();
    html! {
        @if can > 1 && visit.may(Action::Approve) {
            form.several id="several" method="post" action={ "/approvals?for=" (word) } {
                (form::csrf(&visit.caller))
                p.small.soft { "Each is approved for itself, exactly as it is listed. What has changed since is left out, and told." }
                div.acts { button.button.main-act type="submit" { "Approve what is ticked" } tick-count for="several" {} }
            }
        }
    }
}

/// Approves all that were ticked, each on exactly what was seen; says which were not, and why.
pub async fn approve_several(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let mut approved = 0;
    let mut others: Vec<(String, String)> = Vec::new();
    for text in form.all("seen") {
        let seen = Seen::parse(text)?;
        match decide_post(call.app, visit, &seen, Decision::Approve, None).await {
            Ok(()) => approved += 1,
            Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => return Err(problem),
            Err(problem) => {
                let found = post::find(call.app.ports.db, &visit.workspace.id, seen.post_id).await?;
                let title = found.and_then(|post| post.current.map(|current| current.content.title));
                others.push((title.unwrap_or_else(|| seen.post_id.into()), problem.to_string()));
            }
        }
    }
    let said = html! {
        div.notice.(if others.is_empty() { "good" } else { "wait" }) role="status" {
            p { (count(approved)) @if !others.is_empty() { " " (others.len()) @if others.len() == 1 { " was not:" } @else { " were not:" } } }
            @if !others.is_empty() { ul { @for (title, why) in &others { li { b { (title) } ": " (why) "." } } } }
        }
    };
    Ok(page(render(&call, visit, &said).await?).waking(&[Step::Publish]))
}

fn count(approved: usize) -> String {
    match approved {
        0 => "Nothing was approved.".into(),
        1 => "1 post is approved.".into(),
        more => format!("{more} posts are approved."),
    }
}
