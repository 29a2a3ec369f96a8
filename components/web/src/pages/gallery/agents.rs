//! What an agent is shown with, and the charts beside it.

use domain::{AgentRole, Autonomy, Colour};
use maud::html;
use store::agent::{Agent, Standing};
use store::conductor::Figures;

use super::{Part, sample};
use crate::elements::{agent, chart, interval};
use crate::pages::conductor::{acts, sheet};
use crate::visit::Visit;

pub(super) fn parts(visit: &Visit, now_ms: i64) -> Vec<Part> {
    let ready = made_up(AgentRole::Copywriter, Colour::Rose);
    let busy = Standing {
        at_work: 2,
        task: Some("What is in a night box, and what it costs".into()),
        task_post: Some("made-up".into()),
        ..made_up(AgentRole::Editor, Colour::Teal)
    };
    let mut paused = made_up(AgentRole::Strategist, Colour::Blue);
    (paused.agent.paused, paused.queue, paused.next_at) = (true, 3, Some(now_ms));
    let troubled = Standing {
        troubles: 1,
        failed: 4,
        queue: 1,
        next_at: Some(now_ms + 5_400_000),
        ..made_up(AgentRole::Publisher, Colour::Amber)
    };
    let resting = made_up(AgentRole::Visual, Colour::Violet);
    let card = |standing: &Standing, stopped| agent::card(standing, stopped, now_ms, &acts(visit, standing, "/"));
    let cards = html! {
        (sample("Ready", &card(&ready, false)))
        (sample("Performing", &card(&busy, false)))
        (sample("Paused", &card(&paused, false)))
        (sample("Error", &card(&troubled, false)))
        (sample("Everything is stopped", &card(&busy, true)))
        (sample("No work yet", &card(&resting, false)))
        (sample("Faces", &html! { div.row { @for (role, colour) in AgentRole::ALL.iter().zip(Colour::ALL) { (agent::avatar(*role, agent::role(*role), *colour)) } } }))
    };
    let full = Figures {
        published: 21,
        on_time: 20,
        timed: 21,
        missed: 1,
        waiting: 9,
        mean_tenths: Some(81),
        reviews: 34,
        revisions: 7,
        spent_micro_usd: 1_230_000,
        budget_micro_usd: 5_000_000,
        by_day: vec![(0, 2), (1, 1), (4, 3), (9, 5), (20, 1)],
        means: vec![62, 70, 66, 78, 81, 84],
    };
    let charts = html! {
        (sample("A month of posts", &chart::days(&full.by_day, 30)))
        (sample("Scores", &chart::scores(&full.means, 70)))
        @for (label, wins, losses) in [("A learning that helps", 14, 2), ("One that harms", 1, 11), ("One that is not decided", 5, 3), ("One without pairs", 0, 0)] {
            (sample(label, &interval::bar(domain::learning::proof::Tally { wins, losses, ties: 1 })))
        }
        (sample("Figures", &sheet(&full)))
        (sample("Figures, before the first", &sheet(&Figures::default())))
    };
    vec![("Agents", cards), ("Charts", charts)]
}

fn made_up(role: AgentRole, colour: Colour) -> Standing {
    Standing {
        agent: Agent {
            role,
            name: agent::role(role).into(),
            personality: String::new(),
            instructions: String::new(),
            channels: Vec::new(),
            colour,
            autonomy: Autonomy::Act,
            threshold: 1,
            paused: false,
            model: None,
            revision: 1,
            updated_at: 0,
        },
        at_work: 0,
        task: None,
        task_post: None,
        queue: 0,
        next_at: None,
        done: 42,
        failed: 0,
        troubles: 0,
    }
}
