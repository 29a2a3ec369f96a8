//! Somebody else's text, given to a model to read: the reading is begun here, a step does it, and what it finds waits to be
//! taken over by hand.

use domain::Step;
use domain::source::{Source, TypedFact, by_rules};
use store::reading::{self, A_DAY_MAX, NewReading, Reading};

use crate::{App, Caller, Problem, id};

/// Who reads.
pub const READ_BY: &[Step] = &[Step::Strategize];

/// Whether there is a model to read: a provider of the workspace's own, or the operator's. The rehearsal model reads by the
/// very rules that are at hand anyway.
pub async fn is_offered(app: App<'_>, workspace_id: &str) -> Result<bool, Problem> {
    let of_the_operator = app.settings.get("model_provider").is_some_and(|kind| kind.trim() != "rehearsal");
    Ok(of_the_operator || store::provider::list(app.ports.db, workspace_id).await?.iter().any(|one| !one.paused))
}

/// Begins one; gives its id.
pub async fn begin(app: App<'_>, caller: &Caller, (copied_from, text): (&str, &str)) -> Result<String, Problem> {
    let source = Source::copied(copied_from, text).map_err(|complaint| Problem::invalid("text", complaint))?;
    if source.label.is_empty() {
        return Err(Problem::invalid("copied_from", "must say where the text is from"));
    }
    if source.text.trim().is_empty() {
        return Err(Problem::invalid("text", "is empty"));
    }
    if !is_offered(app, &caller.workspace_id).await? {
        return Err(Problem::invalid("text", "can be read by plain rules alone: no model is connected"));
    }
    let (id, day) = (id(app), app.settings.default_budget());
    let seen = copied_from.trim().chars().filter(|c| !c.is_control());
    let copied_from: String = seen.take(domain::source::LABEL_CHARS_MAX).collect();
    let new = NewReading { id: &id, copied_from: &copied_from, text, micro_usd_a_day: day.0 };
    let begun =
        reading::begin(app.ports.db, app.ports.clock.pinned_ms(), &caller.workspace_id, new, &caller.actor).await?;
    if begun {
        Ok(id)
    } else {
        let complaint = format!("is one too many: {A_DAY_MAX} texts in 24 hours are the most that models read");
        Err(Problem::invalid("text", complaint))
    }
}

/// The one with this id.
pub async fn find(app: App<'_>, workspace_id: &str, id: &str) -> Result<Reading, Problem> {
    let found = reading::find(app.ports.db, workspace_id, id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "reading", id: id.into() })
}

/// What the text states: first what plain rules find, then what the model found besides. The order stays when the model is
/// done, so that what was ticked meanwhile is what is taken over. And how much was left out by either.
pub fn facts(found: &Reading) -> (Vec<TypedFact>, usize) {
    let Ok(source) = Source::copied(&found.copied_from, &found.text) else { return (Vec::new(), 0) };
    let (mut facts, left_out) = source.standing(by_rules(&source));
    for fact in &found.facts {
        if !facts.iter().any(|one| (one.kind, &one.value) == (fact.kind, &fact.value)) {
            facts.push(fact.clone());
        }
    }
    (facts, left_out + usize::try_from(found.left_out).unwrap_or(0))
}
