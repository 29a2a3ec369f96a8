//! A post by hand in a running campaign: in the caller's words, from a template, for the copywriter to write, or as
//! another post for another channel.

use domain::{Brief, Step};
use serde::Deserialize;
use serve::by_hand::{self, Wanted};
use serve::{Problem, Reply, StatusCode};
use store::campaign::{self, Campaign};
use store::post;

use super::{chosen, detail};
use crate::call::Call;
use crate::templates;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    channel: String,
    planned_local: String,
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
    let (local, due_at) = chosen(&sent.planned_local, &campaign.timezone, call.app.ports.clock.now_ms())?;
    let planned = (local.as_str(), due_at);
    let (id, step) = match &sent.from_post_id {
        Some(from) => (elsewhere(&call, &sent, from, planned).await?, Step::Generate),
        None => {
            let (id, by_hand) = by_hand(&call, &sent, (&campaign, &brief), planned).await?;
            (id, if by_hand { Step::Review } else { Step::Generate })
        }
    };
    let reply = detail(&call, &id, StatusCode::CREATED).await?;
    Ok(reply.with_header("location", &format!("/api/v1/posts/{id}")).waking(&[step]))
}

async fn elsewhere(call: &Call<'_>, sent: &New, from: &str, planned: (&str, i64)) -> Result<String, Problem> {
    let said = [&sent.language, &sent.pillar, &sent.angle, &sent.title, &sent.text, &sent.template_id];
    if said.iter().any(|field| field.is_some()) {
        let complaint = "goes with `channel` and `planned_local` alone; the rest is that post's";
        return Err(Problem::invalid("from_post_id", complaint));
    }
    let found = post::find(call.db(), call.workspace_id(), from).await?.filter(|post| post.campaign_id == call.id());
    let post =
        found.ok_or_else(|| Problem::invalid("from_post_id", format!("`{from}` is no post of this campaign")))?;
    by_hand::add_elsewhere(call.app, call.caller, &post, &sent.channel, planned).await
}

async fn by_hand(
    call: &Call<'_>,
    sent: &New,
    of: (&Campaign, &Brief),
    planned: (&str, i64),
) -> Result<(String, bool), Problem> {
    let (title, text) = match &sent.template_id {
        None => (clean(sent.title.as_ref()), clean(sent.text.as_ref())),
        Some(_) if sent.title.is_some() || sent.text.is_some() => {
            return Err(Problem::invalid("template_id", "goes without `title` and `text`: it has its own"));
        }
        Some(id) => {
            let unknown = |_| Problem::invalid("template_id", format!("`{id}` is no template of this workspace"));
            let template = templates::find(call, id).await.map_err(unknown)?;
            by_hand::filled(&template, of, &sent.channel, planned.0)?
        }
    };
    let wanted = Wanted {
        channel: &sent.channel,
        planned,
        language: &clean(sent.language.as_ref()),
        pillar: &clean(sent.pillar.as_ref()),
        angle: &clean(sent.angle.as_ref()),
        title: &title,
        text: &text,
    };
    by_hand::add(call.app, call.caller, of, wanted).await
}
