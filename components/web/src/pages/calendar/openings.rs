//! Weekly slots that nobody holds yet.

use std::collections::{BTreeMap, BTreeSet};

use domain::calendar::wall_time;
use domain::weekly::{Occurrence, WeeklySlot};
use jiff::civil::Date;
use maud::{Markup, html};
use ports::Db;
use serve::Problem;
use store::post::Post;
use store::weekly_slot::{self, OfChannel};

use crate::elements::time;

/// How far ahead the next free slot is named: four weeks, in milliseconds.
const NAMED_MS: i64 = 28 * 86_400_000;
/// Most free slots of one day that are shown.
const SHOWN_MAX: usize = 3;

/// The free slots of some channels, by the channels' ids.
#[derive(Default)]
pub struct Openings {
    channels: BTreeMap<String, OfChannel>,
    free: BTreeMap<String, Vec<Occurrence>>,
}

impl Openings {
    /// From now on, at least for four weeks; of all channels, or of one.
    pub async fn read(
        db: &dyn Db,
        workspace_id: &str,
        wanted: Option<&str>,
        (now_ms, until_ms): (i64, i64),
    ) -> Result<Self, Problem> {
        let channels = weekly_slot::by_channel(db, workspace_id).await?;
        let window = (now_ms, until_ms.max(now_ms + NAMED_MS).min(now_ms + domain::weekly::AHEAD_MS));
        let mut free = weekly_slot::free(db, workspace_id, &channels, window, None).await?;
        free.retain(|id, _| wanted.is_none_or(|wanted| wanted == id));
        Ok(Self { channels, free })
    }

    /// The zones of these slots.
    pub fn zones(&self) -> BTreeSet<&str> {
        let slots = self.channels.values().flat_map(|of| &of.slots);
        slots.map(|slot| slot.timezone.as_str()).collect()
    }

    fn slot(&self, channel_id: &str, one: &Occurrence) -> Option<&WeeklySlot> {
        self.channels.get(channel_id)?.slots.get(one.index)
    }

    /// Those of a day in their own zone, of all channels or of one, each with its time of day; and how many more.
    pub fn on(&self, date: Date, channel_id: Option<&str>) -> (Vec<(String, Markup)>, usize) {
        let mut found = Vec::new();
        for (id, free) in self.free.iter().filter(|(id, _)| channel_id.is_none_or(|wanted| wanted == *id)) {
            for one in free.iter().filter(|one| one.local.date() == date) {
                if let Some(slot) = self.slot(id, one) {
                    let name = channel_id.is_none().then(|| self.channels[id].name.as_str());
                    found.push((one.local.strftime("%H:%M").to_string(), opening(one, &slot.timezone, name)));
                }
            }
        }
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        let more = found.len().saturating_sub(SHOWN_MAX);
        found.truncate(SHOWN_MAX);
        (found, more)
    }

    /// What the button says that moves a post to the next free slot.
    pub fn button(&self, post: &Post) -> String {
        let next = self.free.get(&post.channel_id).and_then(|free| free.first());
        let local = next.and_then(|one| wall_time(one.at, &post.timezone).ok());
        local.map_or_else(
            || "Move to the next free slot".into(),
            |local| format!("Move to the next free slot, {}", local.strftime("%a %-d %b, %H:%M")),
        )
    }
}

/// A free slot, quietly. What is dropped on it takes its time, where the zones are the same.
fn opening(one: &Occurrence, zone: &str, channel: Option<&str>) -> Markup {
    html! {
        div.opening data-slot=(one.local) data-zone=(zone) title={ "Free slot, in " (zone) } {
            time datetime=(time::rfc3339(one.at)) { (one.local.strftime("%H:%M")) }
            " " @if let Some(channel) = channel { (channel) span.unseen { ", free slot" } } @else { "free" }
            @if let Some(jumped) = one.jumped { span.clocks { ": the clock jumps over " (jumped.strftime("%H:%M")) } }
        }
    }
}
