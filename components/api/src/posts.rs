//! Posts: where they are, when they go out, what reviewers said.

mod new;

pub use new::create;

use domain::calendar::{TimeError, chosen_instant};
use domain::{Finding, Image, Mark, PostState, Scores, Verdict};
use serde::{Deserialize, Serialize};
use serve::cursor::Page;
use serve::{Problem, Reply, StatusCode, revision, weekly_slots};
use store::post::{self, Change, Post};
use store::review::{self, Review};

use crate::approvals::{self, ApprovalView};
use crate::call::Call;
use crate::campaigns;
use crate::instant::{self, opt_rfc3339, rfc3339};
use crate::list;

#[derive(Serialize)]
struct View {
    id: String,
    campaign_id: String,
    slot: i64,
    channel_id: String,
    channel: String,
    platform: String,
    timezone: String,
    planned_local: String,
    due_at: String,
    language: String,
    pillar: String,
    angle: String,
    state: PostState,
    held: bool,
    version: i64,
    revisions: i64,
    title: Option<String>,
    text: Option<String>,
    image: Option<Image>,
    /// Why the current version has none although it was to have one.
    no_picture: Option<String>,
    picture_micro_usd: Option<i64>,
    sha256: Option<String>,
    author: Option<String>,
    scores: Option<Scores>,
    /// Of the scores.
    mean: Option<f64>,
    /// How many the current version has.
    findings: Option<i64>,
    approval: Option<Standing>,
    /// How many of the approvals that its policy asks for stand.
    approvals_given: i64,
    approvals_needed: i64,
    assigned_to: Option<String>,
    overdue: bool,
    comment: Option<String>,
    reason: Option<String>,
    ext_url: Option<String>,
    published_at: Option<String>,
    revision: i64,
    created_at: String,
    updated_at: String,
}

#[derive(Serialize)]
struct Standing {
    id: String,
    user_id: String,
    at: String,
}

impl From<Post> for View {
    fn from(post: Post) -> Self {
        let (mut title, mut text, mut sha256, mut author, mut scores, mut findings) =
            (None, None, None, None, None, None);
        let (mut image, mut no_picture, mut picture_micro_usd) = (None, None, None);
        if let Some(current) = post.current {
            (title, text) = (Some(current.content.title), Some(current.content.text));
            (image, no_picture) = (current.content.image, current.no_picture);
            picture_micro_usd = current.picture_micro_usd;
            (sha256, author) = (Some(current.sha256), Some(current.author));
            (scores, findings) = (current.scores, Some(current.findings));
        }
        Self {
            id: post.id,
            campaign_id: post.campaign_id,
            slot: post.slot,
            channel_id: post.channel_id,
            channel: post.channel_name,
            platform: post.platform,
            timezone: post.timezone,
            planned_local: post.planned_local,
            due_at: rfc3339(post.due_at),
            language: post.language,
            pillar: post.pillar,
            angle: post.angle,
            state: post.state,
            held: post.held,
            version: post.version,
            revisions: post.revisions,
            title,
            text,
            image,
            no_picture,
            picture_micro_usd,
            sha256,
            author,
            mean: scores.map(|scores: Scores| f64::from(scores.mean_tenths()) / 10.0),
            scores,
            findings,
            approval: post.approval.map(|found| Standing {
                id: found.id,
                user_id: found.user_id,
                at: rfc3339(found.at),
            }),
            approvals_given: post.given,
            approvals_needed: post.needed,
            assigned_to: post.assigned_to,
            overdue: post.is_overdue,
            comment: post.comment,
            reason: post.reason,
            ext_url: post.ext_url,
            published_at: opt_rfc3339(post.published_at),
            revision: post.revision,
            created_at: rfc3339(post.created_at),
            updated_at: rfc3339(post.updated_at),
        }
    }
}

#[derive(Serialize)]
struct Detail {
    #[serde(flatten)]
    post: View,
    reviews: Vec<ReviewView>,
    approvals: Vec<ApprovalView>,
}

#[derive(Serialize)]
struct ReviewView {
    version: i64,
    reviewer: String,
    verdict: Verdict,
    scores: Option<Scores>,
    marks: Vec<Mark>,
    findings: Vec<Finding>,
    notes: Vec<String>,
    counts: bool,
    prompt: Option<String>,
    model: Option<String>,
    judged_by_writer: bool,
    at: String,
}

impl From<Review> for ReviewView {
    fn from(review: Review) -> Self {
        Self {
            version: review.version,
            reviewer: review.reviewer,
            verdict: review.verdict,
            scores: review.scores,
            marks: review.marks,
            findings: review.findings,
            notes: review.notes,
            counts: review.counts,
            prompt: review.prompt,
            model: review.model,
            judged_by_writer: review.by_the_writer,
            at: rfc3339(review.at),
        }
    }
}

/// `GET /campaigns/{id}/posts`.
pub async fn list(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_number(&call)?;
    let posts = post::list(call.db(), call.workspace_id(), call.id(), after, page.limit + 1).await?;
    campaigns::must_exist_if_empty(&call, &posts).await?;
    list::reply(posts, &page, |post| vec![post.slot.to_string()], View::from)
}

/// How long a window is that does not say when it ends: 31 days, in milliseconds.
const WINDOW_MS: i64 = 31 * 86_400_000;

/// `GET /calendar`: what is planned from a time on (else from now), before another; `archived` with the campaigns that
/// were put away.
pub async fn calendar(call: Call<'_>) -> Result<Reply, Problem> {
    let (page, after) = list::by_time(&call)?;
    let time = |name: &'static str| call.request.query(name).map(|text| instant::parse(name, text)).transpose();
    let from_ms = time("from")?.unwrap_or_else(|| call.app.ports.clock.now_ms());
    let window = (from_ms, time("until")?.unwrap_or(from_ms + WINDOW_MS));
    let put_away = match call.request.query("archived") {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::invalid("archived", "must be true or false")),
    };
    let (db, workspace_id) = (call.db(), call.workspace_id());
    let posts = post::between(db, workspace_id, window, put_away, after.as_ref(), page.limit + 1).await?;
    list::reply(posts, &page, |post| vec![post.due_at.to_string(), post.id.clone()], View::from)
}

/// The post that the path names.
pub async fn find(call: &Call<'_>) -> Result<Post, Problem> {
    post::find(call.db(), call.workspace_id(), call.id()).await?.ok_or_else(|| call.not_found("post"))
}

/// A list of what belongs to a post may be empty; a list of what belongs to none is not.
pub async fn must_exist_if_empty<T>(call: &Call<'_>, rows: &[T]) -> Result<(), Problem> {
    if rows.is_empty() {
        find(call).await?;
    }
    Ok(())
}

/// Most reviews, and most approvals, that come with a post; their own lists have the rest.
const DETAILS_MAX: u32 = 20;

/// `GET /posts/{id}`.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    detail(&call, call.id(), StatusCode::OK).await
}

pub async fn detail(call: &Call<'_>, id: &str, status: StatusCode) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.db(), call.workspace_id());
    let post = post::find(db, workspace_id, id).await?.ok_or_else(|| call.not_found("post"))?;
    let reviews = review::list(db, workspace_id, &post.id, None, DETAILS_MAX).await?;
    let approvals = store::approval::list(db, workspace_id, &post.id, None, DETAILS_MAX).await?;
    let revision = post.revision;
    let view = Detail {
        post: post.into(),
        reviews: reviews.into_iter().map(ReviewView::from).collect(),
        approvals: approvals.into_iter().map(approvals::view).collect(),
    };
    Ok(Reply::json(status, &view)?.with_revision(revision))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Patch {
    planned_local: Option<String>,
    held: Option<bool>,
    /// Instead of a time: the first weekly slot of its channel that no other post holds.
    next_free_slot: Option<bool>,
}

/// `PATCH /posts/{id}`: to the revision that the caller saw. Another time voids what was approved.
pub async fn change(call: Call<'_>) -> Result<Reply, Problem> {
    let revision = revision::if_match(call.request)?;
    let sent: Patch = call.request.json()?;
    let post = find(&call).await?;
    if sent.next_free_slot == Some(true) {
        if sent.planned_local.is_some() || sent.held.is_some() {
            return Err(Problem::invalid(weekly_slots::FIELD, "goes alone: it is a time of its own"));
        }
        return to_next_free_slot(call, post, revision).await;
    }
    if sent.planned_local.is_none() && sent.held.is_none() {
        let complaint = "changes nothing; planned_local and held can be changed, or next_free_slot wished for";
        return Err(Problem::invalid("the body", complaint));
    }
    let planned = match sent.planned_local.as_deref().filter(|local| *local != post.planned_local) {
        Some(text) => Some(chosen(text, &post.timezone, call.app.ports.clock.now_ms())?),
        None => None,
    };
    let change = Change { planned: planned.as_ref().map(|(local, due_at)| (local.as_str(), *due_at)), held: sent.held };
    let of = (call.workspace_id(), call.id(), revision);
    if !post::change(call.db(), call.pinned_ms(), of, &change, call.actor()).await? {
        return Err(Problem::Stale);
    }
    // Held no longer, or missed and due anew: somebody may have work.
    Ok(show(call).await?.waking(domain::Step::ALL))
}

async fn to_next_free_slot(call: Call<'_>, post: Post, revision: i64) -> Result<Reply, Problem> {
    let of = weekly_slots::Of::Post { channel_id: &post.channel_id, post_id: &post.id };
    let free = weekly_slots::next(call.app, call.workspace_id(), of, &post.timezone).await?;
    let at = (call.workspace_id(), post.id.as_str(), revision);
    if !post::move_to_free_slot(call.db(), call.pinned_ms(), at, &free, call.actor()).await? {
        let is_stale = find(&call).await?.revision != revision;
        return Err(if is_stale { Problem::Stale } else { weekly_slots::taken() });
    }
    Ok(show(call).await?.waking(domain::Step::ALL))
}

/// The wall time that a person chose, as it is stored, and its instant.
fn chosen(text: &str, zone: &str, now_ms: i64) -> Result<(String, i64), Problem> {
    let local: jiff::civil::DateTime =
        text.parse().ok().filter(|_| !text.contains(['Z', 'z', '+', '['])).ok_or_else(|| {
            let complaint =
                format!("`{text}` is no wall time; write it like `2027-01-15T09:30:00`, in the zone {zone}");
            Problem::invalid("planned_local", complaint)
        })?;
    match chosen_instant(local, zone, now_ms) {
        Ok(due_at) => Ok((local.to_string(), due_at)),
        Err(TimeError::Gap { local, zone, .. }) => Err(Problem::TimeGap { local: local.to_string(), zone }),
        Err(TimeError::Past(_)) => Err(Problem::Past),
        Err(TimeError::Zone(zone)) => Err(Problem::UnknownZone { zone }),
        Err(error @ TimeError::Range(_)) => Err(Problem::invalid("planned_local", error.to_string())),
    }
}

/// `PUT /posts/{id}/rejection`: drops what missed its time. Twice changes nothing.
pub async fn drop_missed(call: Call<'_>) -> Result<Reply, Problem> {
    let post = find(&call).await?;
    let of = (call.workspace_id(), call.id());
    if !post::drop_missed(call.db(), call.pinned_ms(), of, call.actor()).await? && post.state != PostState::Rejected {
        return Err(Problem::WrongState);
    }
    show(call).await
}

/// `GET /posts/{id}/reviews`.
pub async fn reviews(call: Call<'_>) -> Result<Reply, Problem> {
    let page = Page::of(call.request, 2)?;
    let after =
        page.after.as_ref().map(|key| Ok::<_, Problem>((list::integer(&key[0])?, key[1].as_str()))).transpose()?;
    let rows = review::list(call.db(), call.workspace_id(), call.id(), after, page.limit + 1).await?;
    must_exist_if_empty(&call, &rows).await?;
    list::reply(rows, &page, |row| vec![row.version.to_string(), row.reviewer.clone()], ReviewView::from)
}
