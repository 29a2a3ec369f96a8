//! What is too close to something else on its channel, and what says nearly the same.

use std::collections::BTreeMap;

use domain::similarity::{NEAR_PERCENT, Shingles};
use store::post::Post;

/// Two posts of one channel that are closer than this are in each other's way: half an hour, in milliseconds.
const CLOSE_MS: i64 = 30 * 60_000;
/// Most posts that are compared with each other.
const COMPARED_MAX: usize = 300;

/// What there is to say of a post.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flag {
    /// Titles of those on its channel that are too close.
    pub close: Vec<String>,
    /// Titles of those that say nearly the same, and how much of it, in percent.
    pub alike: Vec<(String, u32)>,
}

/// By post.
#[derive(Clone, Debug, Default)]
pub struct Flags(BTreeMap<String, Flag>);

impl Flags {
    /// Of the posts that are shown; only those that may still go out, or have.
    pub fn of(posts: &[Post]) -> Self {
        use domain::PostState::{Cancelled, Missed, Rejected};
        let alive: Vec<(&Post, Shingles)> = posts
            .iter()
            .filter(|post| !matches!(post.state, Cancelled | Missed | Rejected) && !post.is_put_away)
            .take(COMPARED_MAX)
            .map(|post| (post, post.current.as_ref().map(|one| Shingles::of(&one.content.text)).unwrap_or_default()))
            .collect();
        let mut flags = Self::default();
        for (at, (one, words)) in alive.iter().enumerate() {
            for (other, others) in &alive[at + 1..] {
                if one.channel_id == other.channel_id && (one.due_at - other.due_at).abs() < CLOSE_MS {
                    flags.at(one).close.push(name(other));
                    flags.at(other).close.push(name(one));
                }
                let percent = words.percent(others);
                if percent >= NEAR_PERCENT {
                    flags.at(one).alike.push((name(other), percent));
                    flags.at(other).alike.push((name(one), percent));
                }
            }
        }
        flags
    }

    fn at(&mut self, post: &Post) -> &mut Flag {
        self.0.entry(post.id.clone()).or_default()
    }

    /// What there is to say of this post.
    pub fn find(&self, post: &Post) -> Option<&Flag> {
        self.0.get(&post.id)
    }
}

fn name(post: &Post) -> String {
    super::views::title(post).to_string()
}
