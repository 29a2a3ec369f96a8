//! The plan that a person approves before anything is written.

use serde::{Deserialize, Serialize};

use crate::calendar::Slot;

/// What the strategist proposes; the calendar's times are Rondo's, not the model's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strategy {
    /// One paragraph: for whom, what, why believe it.
    pub positioning: String,
    /// Two to six themes that posts take turns on.
    pub pillars: Vec<Pillar>,
    /// How much of the campaign each channel carries, and why.
    pub channel_mix: Vec<ChannelShare>,
    /// In words: how often, when, why.
    pub cadence: String,
    /// One entry a post.
    pub calendar: Vec<Entry>,
    /// How one will know that it worked.
    pub measures: Vec<String>,
}

/// A theme.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pillar {
    /// A few words.
    pub name: String,
    /// What it rests on in the brief.
    pub why: String,
}

/// A channel's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelShare {
    /// The channel's name in the brief.
    pub channel: String,
    /// Percent of all posts; the shares add up to 100.
    pub percent: u8,
    /// Why.
    pub why: String,
}

/// One post to be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The slot of the calendar, counted from 1.
    pub slot: u32,
    /// The channel's name in the brief.
    pub channel: String,
    /// The name of one of the pillars.
    pub pillar: String,
    /// What this post is about, in a sentence.
    pub angle: String,
}

/// Most pillars.
pub const PILLARS_MAX: usize = 6;

impl Strategy {
    /// The plan, with this entry where a person added it since.
    #[must_use]
    pub fn holding(mut self, entry: &Entry) -> Self {
        if !self.calendar.iter().any(|planned| planned.slot == entry.slot) {
            self.calendar.push(entry.clone());
        }
        self
    }

    /// What is wrong with it, in words for whoever wrote it; nothing when it fits the slots.
    pub fn check(&self, slots: &[Slot], channels: &[String]) -> Result<(), String> {
        let complain = |text: String| Err(text);
        if self.positioning.trim().is_empty() {
            return complain("positioning is empty".into());
        }
        if self.pillars.is_empty() || self.pillars.len() > PILLARS_MAX {
            return complain(format!("pillars has {} entries; it must have 1 to {PILLARS_MAX}", self.pillars.len()));
        }
        if self.calendar.len() != slots.len() {
            return complain(format!(
                "calendar has {} entries; there are {} slots, and each must have exactly one",
                self.calendar.len(),
                slots.len()
            ));
        }
        for (entry, slot) in self.calendar.iter().zip(slots) {
            if entry.slot != slot.ordinal {
                return complain(format!("calendar lists slot {} where slot {} belongs", entry.slot, slot.ordinal));
            }
            if !self.pillars.iter().any(|pillar| pillar.name == entry.pillar) {
                return complain(format!("slot {}: `{}` is none of the pillars", entry.slot, entry.pillar));
            }
            if !channels.contains(&entry.channel) {
                return complain(format!("slot {}: the campaign has no channel `{}`", entry.slot, entry.channel));
            }
            if entry.angle.trim().is_empty() {
                return complain(format!("slot {}: angle is empty", entry.slot));
            }
        }
        Ok(())
    }
}
