//! Another campaign with the same brief, planned anew from another day on.

use domain::{Action, Brief, Mode, calendar};
use store::campaign::{self, Campaign, NewCampaign};

use crate::fields::NAME_CHARS_MAX;
use crate::{App, Caller, Problem, id};

/// Begins it and answers its id. A performance stays one for those alone who may switch to it; for others the new
/// campaign is a rehearsal. `start`: the first day, `2027-03-29`.
pub async fn begin(
    app: App<'_>,
    caller: &Caller,
    (campaign, mut brief): (&Campaign, Brief),
    start: &str,
    name: Option<&str>,
) -> Result<String, Problem> {
    let day = start.trim().parse();
    brief.goal.start = day.map_err(|_| Problem::invalid("start", "is no date; write it as 2027-03-29"))?;
    let first = calendar::slots(&brief.goal).ok().and_then(|slots| slots.first().map(|slot| slot.due_at));
    if first.is_none_or(|due_at| due_at <= app.ports.clock.now_ms()) && !campaign.time_lapse {
        let complaint = format!("({}) would have its first post in the past; choose a later day", brief.goal.start);
        return Err(Problem::invalid("start", complaint));
    }
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    if let Some(length) = name.map(|name| name.chars().count()).filter(|length| *length > NAME_CHARS_MAX) {
        return Err(Problem::invalid("name", format!("has {length} characters; the most is {NAME_CHARS_MAX}")));
    }
    let name = name.map_or_else(|| format!("{}, again", campaign.name), ToString::to_string);
    let name: String = name.chars().take(NAME_CHARS_MAX).collect();
    let mode = if caller.may(Action::Administer).is_ok() { campaign.mode } else { Mode::Rehearsal };
    let id = id(app);
    let new = NewCampaign {
        workspace_id: &caller.workspace_id,
        id: &id,
        name: &name,
        mode,
        time_lapse: campaign.time_lapse && mode == Mode::Rehearsal,
        budget_micro_usd: campaign.budget_micro_usd,
        brief: &brief,
        actor: &caller.actor,
    };
    campaign::create(app.ports.db, app.ports.clock.pinned_ms(), &new).await?;
    Ok(id)
}
