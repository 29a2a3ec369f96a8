//! What was and what is due, over all campaigns, day by day, with the present marked.

use domain::Mode;
use jiff::civil::DateTime;
use maud::{Markup, html};
use serve::Problem;
use store::campaign;
use store::conductor::{self, Moment};

use super::Sight;
use crate::elements::{badge, empty, time};
use crate::pages::campaigns;

/// How many posts are shown of those whose time has come …
const PAST_MAX: u32 = 6;
/// … and of those to come.
const DUE_MAX: u32 = 12;
/// Most campaigns whose timeline can be chosen.
const CHOICES_MAX: u32 = 100;

/// The timeline; before the first post, how to begin.
pub(super) async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let (db, pinned_ms, workspace_id) =
        (sight.app.ports.db, sight.app.ports.clock.pinned_ms(), &sight.visit.workspace.id);
    let of = (workspace_id.as_str(), sight.campaign.as_deref());
    let moments = conductor::timeline(db, pinned_ms, of, (PAST_MAX, DUE_MAX)).await?;
    if moments.is_empty() {
        let any = !campaign::list(db, workspace_id, None, 1).await?.is_empty();
        return Ok(if any {
            empty::state(
                "No posts yet",
                "Posts appear here with their times as soon as a plan is approved.",
                Some(("To the campaigns", "/campaigns")),
            )
        } else {
            campaigns::empty(sight.visit)
        });
    }
    let split = moments.partition_point(|one| one.due_at <= sight.now_ms);
    let (was, is_due) = moments.split_at(split);
    Ok(html! {
        div.timeline {
            (days(was))
            p.now { span { "Now" } }
            @if is_due.is_empty() { p.soft { "Nothing more is due." } } @else { (days(is_due)) }
        }
    })
}

/// Whose timeline it is: all campaigns', or one's. Only the address remembers.
pub(super) async fn chooser(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let choices = campaign::names(sight.app.ports.db, &sight.visit.workspace.id, false, CHOICES_MAX).await?;
    let chosen = sight.campaign.as_deref();
    if choices.len() < 2 && chosen.is_none() {
        return Ok(html! {});
    }
    Ok(html! {
        div.calendar-bar {
            form.row method="get" action="/" {
                label.small for="timeline-campaign" { "Campaign" }
                select.control #timeline-campaign name="campaign" {
                    option value="" { "All" }
                    @for (id, name) in &choices { option value=(id) selected[chosen == Some(id)] { (name) } }
                    @if let Some(other) = chosen.filter(|id| choices.iter().all(|(known, _)| known != id)) { option value=(other) selected { "This one, which is over or put away" } }
                }
                button.button.slim type="submit" { "Show" }
            }
        }
    })
}

/// Posts under the day of their own zone.
fn days(moments: &[Moment]) -> Markup {
    html! {
        @for day in moments.chunk_by(|one, next| date(one) == date(next)) {
            h3.day { (date(&day[0])) }
            ol role="list" { @for one in day { li { (entry(one)) } } }
        }
    }
}

fn date(one: &Moment) -> String {
    let local = one.planned_local.parse::<DateTime>();
    local.map_or_else(|_| one.planned_local.clone(), |local| local.strftime("%A %-d %B").to_string())
}

fn entry(one: &Moment) -> Markup {
    html! {
        article.moment {
            (time::clock(&one.planned_local, one.due_at, &one.timezone))
            div {
                a href={ "/posts/" (one.post_id) } { (one.title) }
                p.soft.small {
                    (one.channel) " · " a href={ "/campaigns/" (one.campaign_id) } { (one.campaign) }
                    @if one.mode == Mode::Rehearsal { " · rehearsal" }
                    @if one.paused { " · campaign paused" }
                }
            }
            div.row { (badge::post(one.state, one.held)) }
        }
    }
}
