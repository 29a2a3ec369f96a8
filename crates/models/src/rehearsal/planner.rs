//! Strategize, rehearsed: pillars by what the brief can carry; kinds, facts and audiences take turns.

use domain::Strategy;
use domain::strategy::{ChannelShare, Entry, Pillar};

use super::lexicon::{Kind, PillarWords, capital, fill};
use super::material::{Item, Material};
use super::seed::{order, seed};
use crate::tasks::Planning;
use crate::untrusted::excerpt;

/// A plan for the brief's slots.
pub fn plan(planning: &Planning) -> Strategy {
    let brief = &planning.brief;
    let material = Material::of(brief, &brief.brand.language);
    let words = &material.lexicon.plan;
    // A plan that came back is turned, so that a person sees another.
    let seed = seed(&["plan", &planning.campaign_id, &planning.pass.to_string()]);
    let pillars = pillars(&material, seed);
    let items = order(material.items.len(), seed);
    let channels = &brief.goal.channels;
    let entry = |(index, slot): (usize, &domain::calendar::Slot)| {
        let pillar = pillars[index % pillars.len()];
        let item = &material.items[items[(index + index / items.len()) % items.len()]];
        let audience = material.audiences.get(index / pillars.len() % material.audiences.len().max(1));
        let angle = fill_words(pillar.angle, &material, item, audience.map(String::as_str));
        Entry {
            slot: slot.ordinal,
            channel: channels[index % channels.len()].clone(),
            pillar: pillar.name.into(),
            angle: angle.unwrap_or_else(|| capital(&item.topic)),
        }
    };
    let calendar: Vec<Entry> = planning.slots.iter().enumerate().map(entry).collect();
    Strategy {
        positioning: positioning(&material, planning),
        pillars: pillars
            .iter()
            .map(|pillar| Pillar {
                name: pillar.name.into(),
                why: fill(pillar.why, &[("brand", material.brand.as_deref())]).unwrap_or_else(|| pillar.name.into()),
            })
            .collect(),
        channel_mix: shares(&calendar, channels, words.share),
        cadence: words.cadence.into(),
        calendar,
        measures: words.measures.iter().map(|measure| (*measure).into()).collect(),
    }
}

fn fill_words(frame: &str, material: &Material, item: &Item, audience: Option<&str>) -> Option<String> {
    let values = [
        ("brand", material.brand.as_deref()),
        ("topic", Some(item.topic.as_str())),
        ("Label", Some(item.label.as_str())),
        ("audience", audience),
    ];
    fill(frame, &values)
}

fn pillars(material: &Material, seed: u64) -> Vec<&'static PillarWords> {
    let usable = |pillar: &&PillarWords| pillar.kind != Kind::People || !material.audiences.is_empty();
    let usable: Vec<_> = material.lexicon.pillars.iter().filter(usable).collect();
    let mut ordered: Vec<_> = order(usable.len(), seed).into_iter().map(|index| usable[index]).collect();
    // A campaign begins by saying what it is about.
    ordered.sort_by_key(|pillar| pillar.kind != Kind::What);
    ordered
}

fn positioning(material: &Material, planning: &Planning) -> String {
    let words = &material.lexicon.plan;
    let one = material.one.as_deref().or(material.brand.as_deref()).unwrap_or("");
    let mut text = fill(words.positioning, &[("one", Some(one))]).unwrap_or_default();
    if !material.audiences.is_empty() {
        let audience = material.audiences.join(", ");
        text += &format!(" {}", fill(words.positioning_audience, &[("audience", Some(&audience))]).unwrap_or_default());
    }
    if let Some(previous) = planning.previous.as_ref().filter(|previous| !previous.comment.trim().is_empty()) {
        let comment = excerpt(&previous.comment, 200);
        text += &format!("\n\n{}", fill(words.taken_up, &[("claim", Some(&comment))]).unwrap_or_default());
    }
    text.trim().into()
}

/// Each channel's part of the calendar, in percent; what rounding leaves over goes to the first.
fn shares(calendar: &[Entry], channels: &[String], why: &str) -> Vec<ChannelShare> {
    let mut distinct: Vec<&String> = Vec::new();
    for channel in channels {
        if !distinct.contains(&channel) {
            distinct.push(channel);
        }
    }
    let posts = |channel: &String| calendar.iter().filter(|entry| entry.channel == *channel).count();
    let percent = |channel: &String| (posts(channel) * 100).checked_div(calendar.len()).unwrap_or(0);
    let left_over = 100 - distinct.iter().map(|channel| percent(channel)).sum::<usize>();
    let share = |(index, channel): (usize, &&String)| ChannelShare {
        channel: (*channel).clone(),
        percent: (percent(channel) + if index == 0 { left_over } else { 0 }) as u8,
        why: why.into(),
    };
    distinct.iter().enumerate().map(share).collect()
}
