//! Post templates: what is written often, with variables that are filled in for a campaign.

use domain::template::complaints;
use serde::{Deserialize, Serialize};
use serve::cursor::Page;
use serve::{Problem, Reply, StatusCode, by_hand, revision};
use store::campaign;
use store::template::{self, Template, Words};

use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    name: String,
    title: String,
    text: String,
    revision: i64,
    created_at: String,
    updated_at: String,
}

fn view(found: Template) -> View {
    let Template { id, name, title, text, revision, created_at, updated_at } = found;
    View { id, name, title, text, revision, created_at: rfc3339(created_at), updated_at: rfc3339(updated_at) }
}

/// `GET /templates`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 1)?;
    let after = page.after.as_ref().map(|key| key[0].as_str());
    let rows = template::list(call.db(), call.workspace_id(), after, page.limit + 1).await?;
    list::reply(rows, &page, |row| vec![row.name.clone()], view)
}

/// The template with this id.
pub async fn find(call: &Call<'_>, id: &str) -> Result<Template, Problem> {
    let found = template::find(call.db(), call.workspace_id(), id).await?;
    found.ok_or_else(|| Problem::NotFound { what: "template", id: id.into() })
}

/// `GET /templates/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    shown(&call, call.id(), StatusCode::OK).await
}

async fn shown(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let found = find(call, id).await?;
    let revision = found.revision;
    Ok(Reply::json(status, &view(found))?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sent {
    name: String,
    title: String,
    text: String,
}

impl Sent {
    fn words(&self) -> Result<Words<'_>, Problem> {
        let words = Words { name: self.name.trim(), title: self.title.trim(), text: self.text.trim() };
        let complaints = complaints(words.name, words.title, words.text);
        if complaints.is_empty() { Ok(words) } else { Err(Problem::Invalid(complaints)) }
    }
}

/// `POST /templates`.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Sent = call.request.json()?;
    let id = serve::id(call.app);
    template::create(call.db(), call.pinned_ms(), (call.workspace_id(), &id), sent.words()?, call.actor()).await?;
    let location = format!("/api/v1/templates/{id}");
    Ok(shown(&call, &id, StatusCode::CREATED).await?.with_header("location", &location))
}

/// `PUT /templates/{id}`: to the revision that the caller saw.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Sent = call.request.json()?;
    let words = sent.words()?;
    find(&call, call.id()).await?;
    let of = (call.workspace_id(), call.id(), revision);
    if !template::change(call.db(), call.pinned_ms(), of, words, call.actor()).await? {
        return Err(Problem::Stale);
    }
    show(call).await
}

/// `DELETE /templates/{id}`. Posts that were written with it stay.
pub async fn delete(call: Call<'_>) -> Result<Reply, Problem> {
    let of = (call.workspace_id(), call.id());
    if !template::delete(call.db(), call.pinned_ms(), of, call.actor()).await? {
        return Err(call.not_found("template"));
    }
    Ok(Reply::no_content())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Use {
    campaign_id: String,
    channel: String,
    planned_local: String,
}

#[derive(Serialize)]
struct Filled {
    title: String,
    text: String,
}

/// `POST /templates/{id}/fillings`: its words for a post of a campaign; stores nothing.
pub async fn fill(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: Use = call.request.json()?;
    let template = find(&call, call.id()).await?;
    let found = campaign::find_with_brief(call.db(), call.workspace_id(), &sent.campaign_id).await?;
    let missing =
        || Problem::invalid("campaign_id", format!("`{}` is no campaign of this workspace", sent.campaign_id));
    let (campaign, brief) = found.ok_or_else(missing)?;
    let (title, text) = by_hand::filled(&template, (&campaign, &brief), &sent.channel, &sent.planned_local)?;
    Reply::json(StatusCode::OK, &Filled { title, text })
}
