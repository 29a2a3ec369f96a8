//! Beginning a campaign: everything that is wrong with a brief is told at once.

use domain::brief::{BRIEF_BYTES_MAX, Complaint};
use domain::{Action, Brief, Mode, Step, calendar};
use serde::Deserialize;
use serve::{Problem, Reply, StatusCode};
use store::campaign::{self, NewCampaign};
use store::channel::{self, CHANNELS_MAX};

use super::{shown, valid_budget, valid_name};
use crate::call::Call;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: Option<String>,
    brief: Option<Brief>,
    brief_toml: Option<String>,
    /// In a sentence; the brand has the rest.
    goal: Option<String>,
    mode: Option<Mode>,
    #[serde(default)]
    time_lapse: bool,
    budget_micro_usd: Option<i64>,
}

/// `POST /campaigns`.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let mode = sent.mode.unwrap_or(Mode::Rehearsal);
    if mode == Mode::Performance {
        call.caller.may(Action::Administer)?;
    }
    let given_name = sent.name.as_deref().map(valid_name).transpose()?.map(Into::into);
    let budget_micro_usd = sent.budget_micro_usd.unwrap_or_else(|| call.app.settings.default_budget().0);
    valid_budget(budget_micro_usd)?;
    let brief = match sent.goal {
        Some(goal) if sent.brief.is_none() && sent.brief_toml.is_none() => of_brand(&call, &goal).await?,
        _ if sent.goal.is_some() => return Err(Problem::invalid("goal", "goes alone; a brief has its own")),
        _ => brief(sent.brief, sent.brief_toml)?,
    };
    if sent.time_lapse && mode == Mode::Performance {
        return Err(Problem::invalid("time_lapse", "goes with the mode `rehearsal` alone"));
    }
    check(&call, &brief, sent.time_lapse).await?;

    let id = serve::id(call.app);
    let name = given_name.unwrap_or_else(|| name_of(&brief));
    let new = NewCampaign {
        workspace_id: call.workspace_id(),
        id: &id,
        name: &name,
        mode,
        time_lapse: sent.time_lapse,
        budget_micro_usd,
        brief: &brief,
        actor: call.actor(),
    };
    campaign::create(call.db(), call.pinned_ms(), &new).await?;
    let reply = shown(&call, &id, StatusCode::CREATED).await?;
    Ok(reply.with_header("location", &format!("/api/v1/campaigns/{id}")).waking(&[Step::Strategize]))
}

/// A goal in a sentence, and what the brand says: from tomorrow on, on the stage.
async fn of_brand(call: &Call<'_>, goal: &str) -> Result<Brief, Problem> {
    let missing = || Problem::invalid("goal", "needs a brand; write one at `/api/v1/brand`, or send a whole `brief`");
    let book = store::brand::current(call.db(), call.workspace_id()).await?.ok_or_else(missing)?.book;
    let zone = if book.timezone.is_empty() { "UTC" } else { &book.timezone };
    let today = calendar::wall_time(call.app.ports.clock.now_ms(), zone);
    let unusable = |complaint: String| Problem::invalid("goal", complaint);
    let start = today.map_err(|error| unusable(error.to_string()))?.date().tomorrow();
    let brief = book.brief(goal, vec!["stage".into()], start.map_err(|error| unusable(error.to_string()))?);
    let complaints = brief.complaints();
    if complaints.is_empty() { Ok(brief) } else { Err(within_brief(complaints)) }
}

fn brief(json: Option<Brief>, toml: Option<String>) -> Result<Brief, Problem> {
    match (json, toml) {
        (Some(brief), None) => {
            let bytes = serde_json::to_vec(&brief).map_err(|error| Problem::Internal(error.into()))?;
            if bytes.len() > BRIEF_BYTES_MAX {
                return Err(Problem::invalid("brief", format!("is longer than {BRIEF_BYTES_MAX} bytes")));
            }
            let complaints = brief.complaints();
            if complaints.is_empty() { Ok(brief) } else { Err(within_brief(complaints)) }
        }
        (None, Some(text)) => Brief::parse(&text).map_err(|mut complaints| {
            for one in complaints.iter_mut().filter(|one| one.field == "brief") {
                one.field = "brief_toml".into();
            }
            within_brief(complaints)
        }),
        _ => {
            Err(Problem::invalid("brief", "is missing; send either `brief` as JSON or `brief_toml` as text, not both"))
        }
    }
}

fn within_brief(complaints: Vec<Complaint>) -> Problem {
    let within = |complaint: Complaint| match complaint.field.as_str() {
        "brief" | "brief_toml" => complaint,
        field => Complaint { field: format!("brief.{field}"), ..complaint },
    };
    Problem::Invalid(complaints.into_iter().map(within).collect())
}

/// What the brief alone cannot know: which channels there are, and what time it is.
async fn check(call: &Call<'_>, brief: &Brief, time_lapse: bool) -> Result<(), Problem> {
    let mut complaints = Vec::new();
    let channels = channel::list(call.db(), call.workspace_id(), None, CHANNELS_MAX).await?;
    let names: Vec<&str> = channels.iter().map(|channel| channel.name.as_str()).collect();
    for unknown in brief.goal.channels.iter().filter(|name| !names.contains(&name.as_str())) {
        let complaint = format!("`{unknown}` is no channel of this workspace; there are: {}", names.join(", "));
        complaints.push(Complaint { field: "brief.goal.channels".into(), complaint });
    }
    let start = |complaint: String| Complaint { field: "brief.goal.start".into(), complaint };
    match calendar::slots(&brief.goal) {
        Ok(slots) => {
            let now_ms = call.app.ports.clock.now_ms();
            if let Some(first) = slots.first().filter(|first| first.due_at <= now_ms && !time_lapse) {
                complaints.push(start(format!(
                    "is too early: the first post would be due at {} in {}, which is in the past; choose a later day, \
                     or rehearse in time-lapse",
                    first.local, brief.goal.timezone
                )));
            }
        }
        Err(error) => complaints.push(start(error.to_string())),
    }
    if complaints.is_empty() { Ok(()) } else { Err(Problem::Invalid(complaints)) }
}

/// Longest name that is made of a goal, in characters.
const NAME_OF_GOAL_CHARS_MAX: usize = 80;

fn name_of(brief: &Brief) -> String {
    let first_line = brief.goal.text.trim().lines().next().unwrap_or_default();
    match first_line.char_indices().nth(NAME_OF_GOAL_CHARS_MAX) {
        None => first_line.into(),
        Some((end, _)) => format!("{}…", first_line[..end].trim_end()),
    }
}
