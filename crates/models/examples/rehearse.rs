//! Prints what the rehearsal model writes for a brief, before any review: `cargo run -p models --example rehearse
//! <brief.toml> [campaign id]`. Whoever changes a frame reads its posts.

use domain::check::Limits;
use domain::{Brief, Content, Strategy};
use models::{Answer, Model, Planning, Task, Writing, rehearsal, tasks};
use ports::NoHttp;

fn answer<T: Answer>(task: &Task) -> Result<T, String> {
    let reply =
        futures::executor::block_on(rehearsal::Rehearsal.answer(&NoHttp, task)).map_err(|error| error.to_string())?;
    serde_json::from_str::<T>(&reply.text).map_err(|error| error.to_string())?.fit(&task.input)
}

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let file = arguments.next().ok_or("which brief?")?;
    let campaign_id = arguments.next().unwrap_or_else(|| "01JX".into());
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{file}: {error}"))?;
    let brief = Brief::parse(&text)
        .map_err(|complaints| complaints.iter().map(|one| format!("{one}\n")).collect::<String>())?;
    let slots = domain::calendar::slots(&brief.goal).map_err(|error| error.to_string())?;
    let planning = Planning { campaign_id: campaign_id.clone(), brief: brief.clone(), slots, pass: 0, previous: None };
    let strategy: Strategy = answer(&tasks::strategize(planning))?;
    for entry in &strategy.calendar {
        let content: Content = answer(&tasks::generate(Writing {
            campaign_id: campaign_id.clone(),
            brief: brief.clone(),
            strategy: strategy.clone(),
            entry: entry.clone(),
            language: tasks::language_of_slot(&brief, entry.slot).into(),
            limits: Limits { text_graphemes_max: 3_000, title_graphemes_max: 120 },
            pass: 0,
            previous: None,
            learnings: Vec::new(),
        }))?;
        println!("[{} · {}]\n# {}\n{}\n", entry.slot, entry.angle, content.title, content.text);
    }
    Ok(())
}
