//! The switch between rehearsal and performance. Who switches to performance is asked once more, and told what goes
//! out in the next hour.

use domain::{Action, Mode};
use maud::{Markup, html};
use serve::{Problem, Reply};
use store::conductor::{self, Moment};
use store::people::workspace;

use super::Sight;
use crate::elements::{form, time};
use crate::routes::Call;
use crate::visit::Visit;

/// What is told before a performance: the next hour, in milliseconds.
const AHEAD_MS: i64 = 3_600_000;

/// The switch, as it stands.
pub(super) async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let visit = sight.visit;
    let rehearsing = visit.workspace.mode == Mode::Rehearsal;
    let (db, pinned_ms) = (sight.app.ports.db, sight.app.ports.clock.pinned_ms());
    let ahead = conductor::outgoing(db, pinned_ms, &visit.workspace.id, AHEAD_MS).await?;
    Ok(html! {
        div.switch.play[rehearsing].live[!rehearsing] {
            p.says {
                // A fermata: it holds. A triangle: it plays.
                svg.sign viewBox="0 0 24 24" aria-hidden="true" {
                    @if rehearsing { path d="M3 18a9 9 0 0 1 18 0" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" {} circle cx="12" cy="16" r="2.2" fill="currentColor" {} }
                    @else { path d="M6 3l15 9-15 9z" fill="currentColor" {} }
                }
                span {
                    b { @if rehearsing { "Rehearsal" } @else { "Performance" } }
                    @if rehearsing { " Nothing of a performance goes out. Rehearsals play to the stage that only members see." }
                    @else { " What you approved goes out at its time" (next_hour(&ahead)) "." }
                }
            }
            @if visit.may(Action::Administer) {
                @if rehearsing { (perform(visit, &ahead)) }
                @else { (form::act(&visit.caller, "/workspace/mode", "slim", "Back to rehearsal", &[("mode", "rehearsal")])) }
            }
        }
    })
}

fn next_hour(ahead: &[Moment]) -> String {
    match ahead.len() {
        0 => "; nothing is due within the hour".into(),
        1 => "; 1 post within the hour".into(),
        more => format!("; {more} posts within the hour"),
    }
}

fn perform(visit: &Visit, ahead: &[Moment]) -> Markup {
    html! {
        details.ask id="ask-perform" {
            summary.button.main-act { "Begin the performance" }
            form method="post" action="/workspace/mode" {
                @if ahead.is_empty() {
                    p { "Nothing goes out within the next hour. From then on, what you approved goes out at its time." }
                } @else {
                    p { b { "Within the next hour this goes out to the public:" } }
                    ul.outgoing { @for one in ahead {
                        li { (time::planned(&one.planned_local, one.due_at, &one.timezone)) " to " (one.channel) ": " a href={ "/posts/" (one.post_id) } { (one.title) } }
                    } }
                }
                @if visit.workspace.paused { p { "Everything is stopped: nothing goes out before you also let it go on." } }
                p.soft.small { "Posts whose time passed more than 15 minutes ago are missed; they do not go out late." }
                (form::csrf(&visit.caller))
                input type="hidden" name="mode" value="performance";
                button.button.main-act type="submit" { "Yes, begin the performance" }
            }
        }
    }
}

/// Switches it. Repeating it changes nothing.
pub async fn switch(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let mode = form.required("mode")?.parse::<Mode>();
    let mode = mode.map_err(|_| Problem::invalid("mode", "must be `rehearsal` or `performance`"))?;
    let (db, pinned_ms) = (call.app.ports.db, call.app.ports.clock.pinned_ms());
    workspace::set_mode(db, pinned_ms, &visit.workspace.id, mode, &visit.caller.actor).await?;
    let reply = Reply::see_other(&format!("/?done={mode}"));
    Ok(if mode == Mode::Performance { reply.waking(&[domain::Step::Publish]) } else { reply })
}
