//! Whether the posts of a campaign agree with each other.

use domain::consistency::{Disagreement, POSTS_MAX, Said, across};
use domain::{Content, PostState};
use serde::Serialize;
use serve::{Problem, Reply, StatusCode};
use store::{campaign, post};

use crate::call::Call;

#[derive(Serialize)]
struct Consistency {
    campaign_id: String,
    /// How many posts were compared; those that were dropped are not.
    posts: usize,
    /// In what they disagree, and which say the same; the earlier slots first.
    items: Vec<Disagreement>,
}

/// `GET /campaigns/{id}/consistency`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let (db, workspace_id, id) = (call.db(), call.workspace_id(), call.id());
    let (campaign, brief) =
        campaign::find_with_brief(db, workspace_id, id).await?.ok_or_else(|| call.not_found("campaign"))?;
    let most = u32::try_from(POSTS_MAX).unwrap_or(u32::MAX);
    let posts = post::list(db, workspace_id, id, None, most).await?;
    let counts = |state: PostState| !matches!(state, PostState::Rejected | PostState::Cancelled);
    let contents: Vec<(String, i64, Content)> = posts
        .into_iter()
        .filter(|post| counts(post.state))
        .filter_map(|post| Some((post.id, post.slot, post.current?.content)))
        .collect();
    let said: Vec<Said<'_>> =
        contents.iter().map(|(post_id, slot, content)| Said { post_id, slot: *slot, content }).collect();
    let view = Consistency { campaign_id: campaign.id, posts: said.len(), items: across(&said, &brief) };
    Reply::json(StatusCode::OK, &view)
}
