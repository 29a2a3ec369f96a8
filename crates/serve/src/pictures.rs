//! Pictures over HTTP: bytes that a model drew, shown to members of their workspace as the picture that they are and as
//! nothing else.

use domain::picture::is_name;
use store::{picture, provider};

use crate::{App, Problem, Reply, Request, StatusCode};

/// Nothing in it may run or load anything, should somebody open it as a page.
const POLICY: &str = "default-src 'none'; sandbox";
/// Its name is its hash: under that name it never changes. Only whoever may see it keeps it.
const CACHED: &str = "private, max-age=31536000, immutable";

/// The workspace's picture of this name.
pub async fn reply(app: App<'_>, request: &Request, workspace_id: &str, sha256: &str) -> Result<Reply, Problem> {
    let missing = || Problem::NotFound { what: "picture", id: sha256.into() };
    let name = sha256.to_string();
    if !is_name(&name) {
        return Err(missing());
    }
    let found = picture::find(app.ports.db, workspace_id, &name).await?.ok_or_else(missing)?;
    let etag = format!("\"{name}\"");
    let has_it = request.header("if-none-match").is_some_and(|asked| asked.contains(&etag));
    let reply = if has_it {
        Reply { status: StatusCode::NOT_MODIFIED, ..Reply::no_content() }
    } else {
        let file = found.media_type.as_str().replace("image/", "picture.");
        Reply::bytes(StatusCode::OK, found.media_type.as_str(), found.data)
            .with_header("content-disposition", &format!("inline; filename=\"{file}\""))
    };
    Ok(reply
        .with_header("etag", &etag)
        .with_header("cache-control", CACHED)
        .with_header("content-security-policy", POLICY)
        .with_header("x-content-type-options", "nosniff"))
}

/// Whether anybody draws for this workspace: a provider of its own, or where it has none, whoever the operator names.
pub async fn are_drawn(app: App<'_>, workspace_id: &str) -> Result<bool, Problem> {
    let own = provider::list(app.ports.db, workspace_id).await?;
    if !own.is_empty() {
        return Ok(own.iter().any(|one| one.image_model.is_some() && !one.paused));
    }
    let setting = |name: &str| app.settings.get(name).filter(|text| !text.is_empty());
    let is_rehearsal = setting("model_provider").is_none_or(|provider| provider == "rehearsal");
    Ok(is_rehearsal || setting("model_image").is_some())
}

/// What a person is told who wants a picture where nobody draws.
pub fn nobody_draws() -> Problem {
    Problem::invalid("picture", "cannot be drawn: no model for pictures is set up (Settings, Models)")
}
