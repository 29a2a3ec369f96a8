//! Posts that a person adds to a running campaign: in their own words, from a template, for the copywriter to write,
//! or as another post for another channel.

use domain::brief::{Complaint, is_language_tag};
use domain::template::Values;
use domain::{Brief, Content};
pub use store::added_post::When;
use store::added_post::{self, NewPost};
use store::campaign::Campaign;
use store::post::Post;
use store::template::Template;

use crate::{App, Caller, Problem, weekly_slots};

/// Longest subject in characters.
pub const ANGLE_CHARS_MAX: usize = 200;

/// A post as a person wants it; what is empty was not said.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The channel's name.
    pub channel: &'a str,
    /// When it goes out.
    pub when: When<'a>,
    /// BCP 47 tag; else the brand's.
    pub language: &'a str,
    /// The theme; else what it is about.
    pub pillar: &'a str,
    /// What it is about; else its title.
    pub angle: &'a str,
    /// Their own title …
    pub title: &'a str,
    /// … and text; both empty: the copywriter writes it.
    pub text: &'a str,
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// Adds it. Answers its id, and whether a person wrote it: then it goes to review, else to the copywriter.
pub async fn add(
    app: App<'_>,
    caller: &Caller,
    (campaign, brief): (&Campaign, &Brief),
    wanted: Wanted<'_>,
) -> Result<(String, bool), Problem> {
    let content = Content {
        language: or(wanted.language, &brief.brand.language).into(),
        title: wanted.title.into(),
        text: wanted.text.into(),
        image: None,
    };
    let by_hand = !content.title.is_empty() || !content.text.is_empty();
    let mut complaints = if by_hand { content.complaints() } else { vec![] };
    if !is_language_tag(&content.language) {
        let complaint = "is no language tag; write `en` or `pt-BR`".into();
        complaints.push(Complaint { field: "language".into(), complaint });
    }
    if !complaints.is_empty() {
        return Err(Problem::Invalid(complaints));
    }
    let angle = or(wanted.angle, &content.title);
    if angle.is_empty() || angle.chars().count() > ANGLE_CHARS_MAX {
        let complaint = format!(
            "must have 1 to {ANGLE_CHARS_MAX} characters; say what the copywriter shall write about, or write it yourself"
        );
        return Err(Problem::invalid("angle", complaint));
    }
    let new = NewPost {
        workspace_id: &caller.workspace_id,
        campaign_id: &campaign.id,
        channel: wanted.channel,
        when: wanted.when,
        language: &content.language,
        pillar: or(wanted.pillar, angle),
        angle,
        from_post_id: None,
        content: by_hand.then_some(&content),
        actor: &caller.actor,
    };
    Ok((stored(app, &new).await?, by_hand))
}

/// Adds a post that says the same on another channel. The one that is there stays as it is.
pub async fn add_elsewhere(
    app: App<'_>,
    caller: &Caller,
    post: &Post,
    channel: &str,
    when: When<'_>,
) -> Result<String, Problem> {
    if channel == post.channel_name {
        return Err(Problem::invalid("channel", "is the one that this post has; choose another"));
    }
    let new = NewPost {
        workspace_id: &caller.workspace_id,
        campaign_id: &post.campaign_id,
        channel,
        when,
        language: &post.language,
        pillar: &post.pillar,
        angle: &post.angle,
        from_post_id: Some(&post.id),
        content: None,
        actor: &caller.actor,
    };
    stored(app, &new).await
}

async fn stored(app: App<'_>, new: &NewPost<'_>) -> Result<String, Problem> {
    let id = added_post::add(app.ports.db, app.ports.clock.pinned_ms(), new).await?;
    id.ok_or_else(|| match new.when {
        When::At(..) => Problem::invalid("channel", format!("`{}` is not connected", new.channel)),
        // That there is such a channel is known by what was offered.
        When::FirstFree(_) => weekly_slots::taken(),
    })
}

/// A template's title and text with their variables filled in, for a post at this wall time.
pub fn filled(
    template: &Template,
    (campaign, brief): (&Campaign, &Brief),
    channel: &str,
    local: &str,
) -> Result<(String, String), Problem> {
    let (date, time) = local.split_once('T').unwrap_or((local, ""));
    let values = Values::of(brief, &campaign.name, channel, (date, time.get(..5).unwrap_or(time)));
    let fill = |text: &str| values.fill(text).map_err(|error| Problem::invalid("template", error.to_string()));
    Ok((fill(&template.title)?, fill(&template.text)?))
}
