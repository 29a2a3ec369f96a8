//! A post by hand in a running campaign: in the caller's words, from a template, for the copywriter to write, or as
//! another post for another channel.

use domain::{Brief, Step};
use serde::Deserialize;
use serve::by_hand::{self, Wanted, When};
use serve::{Problem, Reply, StatusCode, weekly_slots};
use store::campaign::{self, Campaign};
use store::post;

use super::{chosen, detail};
use crate::call::Call;
use crate::templates;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    channel: String,
    planned_local: Option<String>,
    /// Instead of a time: the first weekly slot of the channel that no other post holds.
    next_free_slot: Option<bool>,
    language: Option<String>,
    pillar: Option<String>,
    angle: Option<String>,
    title: Option<String>,
    text: Option<String>,
    /// Its words, filled in, instead of a title and a text.
    template_id: Option<String>,
    /// A post of the campaign that says the same elsewhere: the copywriter writes it for this channel.
    from_post_id: Option<String>,
}

fn clean(text: Option<&String>) -> String {
    text.map(|text| text.replace("\r\n", "\n").trim().to_string()).unwrap_or_default()
}

/// `POST /campaigns/{id}/posts`.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    let found = campaign::find_with_brief(call.db(), call.workspace_id(), call.id()).await?;
    let (campaign, brief) = found.ok_or_else(|| call.not_found("campaign"))?;
    let (chosen_time, free);
    let when = match (&sent.planned_local, sent.next_free_slot) {
        (Some(text), None | Some(false)) => {
            chosen_time = chosen(text, &campaign.timezone, call.app.ports.clock.now_ms())?;
            When::At(&chosen_time.0, chosen_time.1)
        }
        (None, Some(true)) => {
            let of = weekly_slots::Of::Named(&sent.channel);
            free = weekly_slots::next(call.app, call.workspace_id(), of, &campaign.timezone).await?;
            // A template's words are for one date.
            When::FirstFree(if sent.template_id.is_some() { &free[..1] } else { &free })
        }
        _ => return Err(Problem::invalid("planned_local", "is the time, or `next_free_slot` is true: one of the two")),
    };
    let (id, step) = match &sent.from_post_id {
        Some(from) => (elsewhere(&call, &sent, from, when).await?, Step::Generate),
        None => {
            let (id, by_hand) = by_hand(&call, &sent, (&campaign, &brief), when).await?;
            (id, if by_hand { Step::Review } else { Step::Generate })
        }
    };
    let reply = detail(&call, &id, StatusCode::CREATED).await?;
    Ok(reply.with_header("location", &format!("/api/v1/posts/{id}")).waking(&[step]))
}

async fn elsewhere(call: &Call<'_>, sent: &New, from: &str, when: When<'_>) -> Result<String, Problem> {
    let said = [&sent.language, &sent.pillar, &sent.angle, &sent.title, &sent.text, &sent.template_id];
    if said.iter().any(|field| field.is_some()) {
        let complaint = "goes with `channel` and a time alone; the rest is that post's";
        return Err(Problem::invalid("from_post_id", complaint));
    }
    let found = post::find(call.db(), call.workspace_id(), from).await?.filter(|post| post.campaign_id == call.id());
    let post =
        found.ok_or_else(|| Problem::invalid("from_post_id", format!("`{from}` is no post of this campaign")))?;
    by_hand::add_elsewhere(call.app, call.caller, &post, &sent.channel, when).await
}

fn local(when: When<'_>) -> &str {
    match when {
        When::At(local, _) => local,
        When::FirstFree(free) => free.first().map_or("", |(_, local)| local),
    }
}

async fn by_hand(
    call: &Call<'_>,
    sent: &New,
    of: (&Campaign, &Brief),
    when: When<'_>,
) -> Result<(String, bool), Problem> {
    let (title, text) = match &sent.template_id {
        None => (clean(sent.title.as_ref()), clean(sent.text.as_ref())),
        Some(_) if sent.title.is_some() || sent.text.is_some() => {
            return Err(Problem::invalid("template_id", "goes without `title` and `text`: it has its own"));
        }
        Some(id) => {
            let unknown = |_| Problem::invalid("template_id", format!("`{id}` is no template of this workspace"));
            let template = templates::find(call, id).await.map_err(unknown)?;
            by_hand::filled(&template, of, &sent.channel, local(when))?
        }
    };
    let wanted = Wanted {
        channel: &sent.channel,
        when,
        language: &clean(sent.language.as_ref()),
        pillar: &clean(sent.pillar.as_ref()),
        angle: &clean(sent.angle.as_ref()),
        title: &title,
        text: &text,
    };
    by_hand::add(call.app, call.caller, of, wanted).await
}
