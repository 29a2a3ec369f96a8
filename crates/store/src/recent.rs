//! What was said lately: the texts that a version under review must not say again.

use domain::check::{RECENT_DAYS, RECENT_MAX, Recent};
use ports::{Db, DbError};

use crate::job::Claimed;
use crate::now;

/// A campaign may run so long after it was made, in days: older ones have nothing recent.
const CAMPAIGN_DAYS: u32 = 7 * domain::brief::WEEKS_MAX + RECENT_DAYS;

/// For a version under review: the posts of its campaign that passed or come before it, and what performances of
/// its workspace published lately; a rehearsal is held against itself alone. The newest campaigns first, bounded.
pub async fn texts(db: &dyn Db, pinned_ms: Option<i64>, job: &Claimed) -> Result<Vec<Recent>, DbError> {
    let now = now!();
    let rows = db
        .execute(
            &format!(
                "select v.content ->> '$.title' as title, v.content ->> '$.text' as text from post own
                join campaign mine on mine.workspace_id = own.workspace_id and mine.id = own.campaign_id
                cross join campaign c on c.workspace_id = own.workspace_id
                    and c.created_at > {now} - {CAMPAIGN_DAYS} * 86400000
                cross join post p on p.workspace_id = c.workspace_id and p.campaign_id = c.id and p.id <> own.id
                join post_version v on v.workspace_id = p.workspace_id and v.post_id = p.id and v.version = p.version
                where own.workspace_id = ?2 and own.id = ?3 and case when c.id = mine.id
                    then p.state in ('awaiting_approval', 'scheduled', 'publishing', 'published')
                        or (p.slot < own.slot and p.state in ('writing', 'in_review', 'needs_person'))
                    else c.mode = 'performance' and mine.mode = 'performance' and p.language = own.language
                        and p.published_at > {now} - {RECENT_DAYS} * 86400000 end
                order by c.created_at desc limit {RECENT_MAX}"
            ),
            &[pinned_ms.into(), job.workspace_id.as_str().into(), job.post_id.as_deref().unwrap_or_default().into()],
        )
        .await?;
    rows.iter().map(|row| Ok(Recent { title: row.text("title")?, text: row.text("text")? })).collect()
}

#[cfg(test)]
mod tests {
    use domain::Step;
    use futures::executor::block_on;

    use super::*;
    use crate::play::{Play, START_MS};

    fn titles(play: &Play, job: &Claimed, at: i64) -> Vec<String> {
        block_on(texts(&play.db, Some(at), job)).unwrap().into_iter().map(|recent| recent.title).collect()
    }

    #[test]
    fn a_version_is_held_against_the_posts_before_it_and_not_against_itself() {
        let play = Play::producing("c", false);
        play.write();
        play.write();
        let jobs = [play.claim(Step::Review, START_MS), play.claim(Step::Review, START_MS)];
        let mut found: Vec<usize> = jobs.iter().map(|job| titles(&play, job, START_MS).len()).collect();
        found.sort_unstable();
        assert_eq!(found, [0, 1], "of two, the second sees the first");
    }

    #[test]
    fn what_another_workspace_said_is_none_of_ours() {
        let play = Play::producing("c", false);
        play.write();
        let mut job = play.claim(Step::Review, START_MS);
        job.workspace_id = play.neighbour();
        assert_eq!(titles(&play, &job, START_MS), Vec::<String>::new());
    }
}
