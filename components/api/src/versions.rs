//! Versions of posts: what they said, and a person's edit.

use domain::brief::Complaint;
use domain::post::{TEXT_BYTES_MAX, TITLE_CHARS_MAX};
use domain::{Content, Image, Step};
use serde::{Deserialize, Serialize};
use serve::{Problem, Reply, StatusCode};
use store::post::{self, Version};

use crate::call::Call;
use crate::instant::rfc3339;
use crate::list;
use crate::posts;

#[derive(Serialize)]
struct View {
    post_id: String,
    version: i64,
    content: Content,
    sha256: String,
    author: String,
    model: Option<String>,
    /// Why it has no picture although it was to have one.
    no_picture: Option<String>,
    picture_micro_usd: Option<i64>,
    created_at: String,
}

fn view(post_id: &str, version: Version) -> View {
    View {
        post_id: post_id.into(),
        version: version.version,
        content: version.content,
        sha256: version.sha256,
        author: version.author,
        model: version.model,
        no_picture: version.no_picture,
        picture_micro_usd: version.picture_micro_usd,
        created_at: rfc3339(version.created_at),
    }
}

/// `GET /posts/{id}/versions`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_number(&call)?;
    let rows = post::versions(call.db(), call.workspace_id(), call.id(), after, page.limit + 1).await?;
    posts::must_exist_if_empty(&call, &rows).await?;
    list::reply(rows, &page, |row| vec![row.version.to_string()], |row| view(call.id(), row))
}

async fn find(call: &Call<'_>, version: i64) -> Result<Version, Problem> {
    let found = post::version(call.db(), call.workspace_id(), call.id(), version).await?;
    found.ok_or_else(|| Problem::NotFound { what: "version", id: format!("{}/{version}", call.id()) })
}

/// `GET /posts/{id}/versions/{version}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let found = find(&call, call.number("version")?).await?;
    Reply::json(StatusCode::OK, &view(call.id(), found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    /// The version that the caller edited.
    base_version: i64,
    content: Content,
}

/// `POST /posts/{id}/versions`: a person's edit. It voids what was approved and goes to review.
pub async fn create(call: Call<'_>) -> Result<Reply, Problem> {
    let sent: New = call.request.json()?;
    check(&sent.content)?;
    let of = (call.workspace_id(), call.id(), sent.base_version);
    let version = post::edit(call.db(), call.pinned_ms(), of, &sent.content, call.actor()).await;
    let version = version.map_err(|error| match error.is_refusal("no_such_picture") {
        true => Problem::invalid("content.image.drawn", "is no picture of this workspace as it is"),
        false => error.into(),
    })?;
    let version = version.ok_or_else(|| call.not_found("post"))?;
    let found = find(&call, version).await?;
    let location = format!("/api/v1/posts/{}/versions/{version}", call.id());
    let reply = Reply::json(StatusCode::CREATED, &view(call.id(), found))?;
    Ok(reply.with_header("location", &location).waking(&[Step::Review]))
}

/// What no post can be; whether it suits its channel and its brief is for the review.
fn check(content: &Content) -> Result<(), Problem> {
    let title_chars = content.title.chars().count();
    if content.title.trim().is_empty() || title_chars > TITLE_CHARS_MAX || content.title.contains(['\n', '\r']) {
        return Err(Problem::invalid(
            "content.title",
            format!("must be one line of 1 to {TITLE_CHARS_MAX} characters"),
        ));
    }
    if content.text.trim().is_empty() || content.text.len() > TEXT_BYTES_MAX {
        return Err(Problem::invalid("content.text", format!("must have 1 to {TEXT_BYTES_MAX} bytes")));
    }
    if content.language.is_empty() || content.language.len() > LANGUAGE_BYTES_MAX {
        return Err(Problem::invalid("content.language", "must be a BCP 47 tag such as `en`"));
    }
    let of_the_image = content.image.iter().flat_map(Image::complaints);
    match of_the_image.map(|one| Complaint { field: format!("content.{}", one.field), ..one }).collect::<Vec<_>>() {
        complaints if complaints.is_empty() => Ok(()),
        complaints => Err(complaints.into()),
    }
}

/// Longest language tag in bytes.
const LANGUAGE_BYTES_MAX: usize = 35;
