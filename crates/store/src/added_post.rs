//! Posts that a person adds to a running campaign. They are reviewed and approved like any other.

use domain::Content;
use ports::{Db, DbError};

use crate::now;
use crate::weekly_slot::{first_free, offered};

/// When a new post goes out.
#[derive(Clone, Copy, Debug)]
pub enum When<'a> {
    /// At this wall time in the campaign's zone, which is this instant in Unix milliseconds.
    At(&'a str, i64),
    /// At the first of these free slots that no other post of its channel holds by now; each is an instant and its wall
    /// time in the campaign's zone.
    FirstFree(&'a [(i64, String)]),
}

/// A post to be.
#[derive(Clone, Debug)]
pub struct NewPost<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The campaign.
    pub campaign_id: &'a str,
    /// The channel's name.
    pub channel: &'a str,
    /// When it goes out.
    pub when: When<'a>,
    /// BCP 47 tag.
    pub language: &'a str,
    /// The theme that it carries.
    pub pillar: &'a str,
    /// What it is about.
    pub angle: &'a str,
    /// A post of the same campaign that says the same elsewhere.
    pub from_post_id: Option<&'a str>,
    /// A person's own words; else the copywriter writes it.
    pub content: Option<&'a Content>,
    /// Who adds it.
    pub actor: &'a str,
}

const FIRST_FREE: &str =
    first_free!("?5", "?2", "(select id from channel where workspace_id = ?2 and name = ?4)", "''");

/// Adds it as the campaign's next post, and makes its first job. Refused (`wrong_state`) unless the campaign is producing and
/// not put away, and (`past`) where its time is over. `None`: there is no such campaign or channel, or no slot that was
/// offered is free any more; else the post's id.
pub async fn add(db: &dyn Db, pinned_ms: Option<i64>, new: &NewPost<'_>) -> Result<Option<String>, DbError> {
    let (when, local, due_at) = match new.when {
        When::At(local, due_at) => ("(select ?5 as local, ?6 as due_at)", local.to_string(), due_at),
        When::FirstFree(free) => (FIRST_FREE, offered(free)?, 0),
    };
    let sql = format!(
        "insert into added_post (workspace_id, post_id, campaign_id, slot, channel_id, planned_local, due_at, language,
                                 pillar, angle, from_post_id, content, sha256, user_id, at)
        select c.workspace_id, c.id || '-' || n.slot, c.id, n.slot, ch.id, taken.local, taken.due_at, ?7, ?8, ?9, ?10,
            ?11, ?12, ?13, {now}
        from campaign c
        join channel ch on ch.workspace_id = c.workspace_id and ch.name = ?4
        join {when} taken
        join (select 1 + coalesce(max(slot), 0) as slot from post where workspace_id = ?2 and campaign_id = ?3) n
        where c.workspace_id = ?2 and c.id = ?3
        returning post_id",
        now = now!(),
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.campaign_id.into(),
        new.channel.into(),
        local.into(),
        due_at.into(),
        new.language.into(),
        new.pillar.into(),
        new.angle.into(),
        new.from_post_id.into(),
        new.content.map(Content::canonical).into(),
        new.content.map(Content::sha256).into(),
        new.actor.into(),
    ];
    db.execute(&sql, &parameters).await?.first().map(|row| row.text("post_id")).transpose()
}

#[cfg(test)]
mod tests {
    use domain::{Decision, PostState, Step};
    use futures::executor::block_on;

    use super::*;
    use crate::play::{FIRST_DUE_MS, Play, START_MS, content};
    use crate::{campaign, step_input};

    fn add_to(play: &Play, how: impl FnOnce(&mut NewPost<'_>)) -> Result<Option<String>, DbError> {
        let mut new = NewPost {
            workspace_id: &play.workspace_id,
            campaign_id: "c",
            channel: "stage",
            when: When::At("2027-01-20T08:00:00", FIRST_DUE_MS),
            language: "en",
            pillar: "Proof",
            angle: "By hand",
            from_post_id: None,
            content: None,
            actor: "ada",
        };
        how(&mut new);
        block_on(add(&play.db, Some(START_MS), &new))
    }

    #[test]
    fn a_post_by_hand_is_reviewed_and_approved_like_any_other() {
        let play = Play::drafted(false);
        let mine = content("Mine");
        let added = add_to(&play, |new| {
            let content: &Content = Box::leak(Box::new(mine.clone()));
            new.content = Some(content);
        });
        assert_eq!(added, Ok(Some("c-3".into())));
        let post = play.post("c-3");
        assert_eq!((post.state, post.version, post.current.unwrap().author.as_str()), (PostState::InReview, 1, "ada"));
        play.review("approve");
        assert_eq!(play.post("c-3").state, PostState::AwaitingApproval);
        assert_eq!(play.decide("c-3", Decision::Approve), Ok(true));
        assert_eq!(play.count("select count(*) as n from job where id like 'generate:c-3%'"), 0);
    }

    #[test]
    fn a_post_without_words_is_the_copywriters_and_knows_what_it_is_for() {
        let play = Play::drafted(false);
        assert_eq!(add_to(&play, |new| new.from_post_id = Some("c-1")), Ok(Some("c-3".into())));
        let job = play.claim(Step::Generate, START_MS);
        let input = block_on(step_input::generate(&play.db, &job)).unwrap().unwrap();
        assert_eq!((input.entry.slot, input.entry.angle.as_str()), (3, "By hand"));
    }

    #[test]
    fn nothing_is_added_where_it_cannot_be() {
        let planning = Play::planned("c", false);
        assert_eq!(add_to(&planning, |_| {}), Err(DbError::Refused("wrong_state".into())), "no plan is approved");
        let play = Play::drafted(false);
        assert_eq!(
            add_to(&play, |new| new.when = When::At("2027-01-15T08:00:00", START_MS)),
            Err(DbError::Refused("past".into()))
        );
        assert_eq!(add_to(&play, |new| new.channel = "nowhere"), Ok(None));
        assert_eq!(add_to(&play, |new| new.from_post_id = Some("x-1")), Err(DbError::Refused("wrong_state".into())));
        let neighbour = play.neighbour();
        let of_theirs = |new: &mut NewPost<'_>| new.workspace_id = Box::leak(neighbour.clone().into_boxed_str());
        assert_eq!(add_to(&play, of_theirs), Ok(None), "another workspace's campaign");
        block_on(campaign::archive(&play.db, Some(START_MS), (&play.workspace_id, "c"), None, "ada")).unwrap();
        assert_eq!(add_to(&play, |_| {}), Err(DbError::Refused("wrong_state".into())), "it is put away");
        assert_eq!(play.count("select count(*) as n from post"), 2);
    }
}
