//! What a campaign is shown with.

use domain::{Mode, PostState, Stage};
use maud::html;
use store::campaign::Campaign;

use super::{Part, sample};
use crate::elements::{badge, cost, progress, stage_strip};

pub(super) fn parts() -> Vec<Part> {
    let half =
        made_up(Stage::Producing, &[(PostState::Published, 4), (PostState::Scheduled, 3), (PostState::Writing, 3)]);
    let spent = Campaign { spent_micro_usd: 4_990_000, reserved_micro_usd: 300_000, ..half.clone() };
    let badges = html! {
        (sample("Posts", &html! { div.row { @for state in PostState::ALL { (badge::post(*state, false)) } } }))
        (sample("Held", &html! { div.row { (badge::post(PostState::Scheduled, true)) } }))
        (sample("Campaigns", &html! { div.row { @for stage in Stage::ALL { (badge::stage(*stage, false)) } (badge::stage(Stage::Producing, true)) } }))
        (sample("Modes", &html! { div.row { (badge::mode(Mode::Rehearsal, false)) (badge::mode(Mode::Rehearsal, true)) (badge::mode(Mode::Performance, false)) } }))
        (sample("Plans and verdicts", &html! {
            div.row { @for state in ["proposed", "approved", "sent_back"] { (badge::plan(state)) } @for verdict in domain::Verdict::ALL { (badge::verdict(*verdict)) } }
        }))
        (sample("Who wrote it", &html! { div.row { (badge::model("rehearsal/rehearsal-1")) span { (badge::model("ollama/qwen3")) } } }))
        (sample("A rehearsal is looked at", &badge::rehearsal_note(true)))
    };
    let strips = html! {
        @for stage in Stage::ALL { (sample(stage.as_str(), &stage_strip::strip(&made_up(*stage, half.posts.as_slice())))) }
    };
    let bars = html! {
        (sample("No posts yet", &progress::bar(&made_up(Stage::Planning, &[]))))
        (sample("On its way", &progress::bar(&half)))
        (sample("Cost", &cost::bar(&half)))
        (sample("Cost, nearly spent", &cost::bar(&spent)))
    };
    vec![("States", badges), ("How far a campaign is", strips), ("Progress and cost", bars)]
}

fn made_up(stage: Stage, posts: &[(PostState, i64)]) -> Campaign {
    Campaign {
        workspace_id: "w".into(),
        id: "c".into(),
        name: "Sixty night boxes a week".into(),
        mode: Mode::Rehearsal,
        stage,
        time_lapse: false,
        paused: false,
        timezone: "Europe/Berlin".into(),
        budget_micro_usd: 5_000_000,
        spent_micro_usd: 1_230_000,
        reserved_micro_usd: 0,
        goal: "Sell 60 night boxes a week.".into(),
        reason: None,
        posts: posts.to_vec(),
        revision: 1,
        created_at: 0,
        updated_at: 0,
        finished_at: None,
        archived_at: None,
    }
}
