//! The campaign's runs, and the way to its whole history.

use maud::{Markup, html};
use serve::Problem;
use store::run;

use super::Sight;
use crate::elements::time;

/// Most runs that the page lists.
const RUNS_MAX: u32 = 20;

/// A line each.
pub async fn part(sight: &Sight<'_>) -> Result<Markup, Problem> {
    let campaign = &sight.campaign;
    let runs = run::list(sight.app.ports.db, &campaign.workspace_id, &campaign.id, None, RUNS_MAX).await?;
    let has_history = crate::routes::find("GET", &["history"]).is_some();
    Ok(html! {
        section aria-labelledby="runs-title" {
            h2 #runs-title { "Runs" }
            ul.card.flat.plain {
                @for one in &runs {
                    li {
                        b { "Round " (one.round) } ", began " (time::at(one.created_at, &campaign.timezone))
                        @match one.finished_at { Some(at) => { ", over " (time::at(at, &campaign.timezone)) }, None => ", goes on" }
                    }
                }
            }
            p.small {
                @if has_history { a href={ "/history?campaign=" (campaign.id) } { "All of its history" } " · " }
                a href={ "/export?campaign=" (campaign.id) } { "Export it" }
            }
        }
    })
}
