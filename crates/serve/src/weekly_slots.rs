//! The free weekly slots of a channel, as a post of a campaign would have them.

use domain::calendar::wall_time;
use domain::weekly::AHEAD_MS;
use store::weekly_slot;

use crate::{App, Problem};

/// What complaints name it by.
pub const FIELD: &str = "next_free_slot";
/// How many are offered to a statement: the first may be taken by others before it runs.
const OFFERED_MAX: usize = 16;

/// Whose slots are wanted.
#[derive(Clone, Copy, Debug)]
pub enum Of<'a> {
    /// Those of the channel with this id, for a post that it has already.
    Post {
        /// The channel's id.
        channel_id: &'a str,
        /// The post's: a slot that it holds is free for it.
        post_id: &'a str,
    },
    /// Those of the channel with this name, for a post to be.
    Named(&'a str),
}

/// The next free slots, the first first: at least one. Each is an instant and its wall time in this zone. Which of them
/// it will be, the statement decides that takes it.
pub async fn next(app: App<'_>, workspace_id: &str, of: Of<'_>, zone: &str) -> Result<Vec<(i64, String)>, Problem> {
    let db = app.ports.db;
    let mut channels = weekly_slot::by_channel(db, workspace_id).await?;
    channels.retain(|id, one| match of {
        Of::Post { channel_id, .. } => id == channel_id,
        Of::Named(name) => one.name == name,
    });
    if channels.is_empty() {
        if let Of::Named(name) = of
            && !store::channel::names(db, workspace_id).await?.iter().any(|known| known == name)
        {
            return Err(Problem::invalid("channel", format!("`{name}` is not connected")));
        }
        let complaint = "is none: the channel has no weekly slots; add some in its settings, or choose a time";
        return Err(Problem::invalid(FIELD, complaint));
    }
    let except = match of {
        Of::Post { post_id, .. } => Some(post_id),
        Of::Named(_) => None,
    };
    let now_ms = app.ports.clock.now_ms();
    let free = weekly_slot::free(db, workspace_id, &channels, (now_ms, now_ms + AHEAD_MS), except).await?;
    let next = free.into_values().flatten().take(OFFERED_MAX).map(|one| {
        let local = wall_time(one.at, zone).map_err(|_| Problem::UnknownZone { zone: zone.into() })?;
        Ok((one.at, local.to_string()))
    });
    let next = next.collect::<Result<Vec<_>, Problem>>()?;
    if next.is_empty() {
        return Err(Problem::invalid(FIELD, "is none within half a year; add slots, or choose a time"));
    }
    Ok(next)
}

/// All that was offered went to other posts meanwhile.
pub fn taken() -> Problem {
    Problem::invalid(FIELD, "was taken by another post meanwhile; try again")
}
