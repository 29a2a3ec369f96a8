//! Whether what a link says of itself is so: `utm_source` is where the post goes, `utm_campaign` the campaign that it
//! is of. A visit that comes under another name is counted for the wrong channel, and nobody notices.

use super::fold::fold;
use super::names::{known, urls};
use super::remark;
use crate::brief::Brief;
use crate::length::Platform;
use crate::post::Content;
use crate::review::{Finding, Severity};

/// Where a version goes, and for which campaign.
#[derive(Clone, Copy, Debug)]
pub struct Tracking<'a> {
    /// The channel's platform, as the channel has it.
    pub platform: &'a str,
    /// The channel's name.
    pub channel: &'a str,
    /// The campaign's name.
    pub campaign: &'a str,
}

/// Links of a version that count its visits for another channel or another campaign. What a fact's own link carries
/// stays as it is.
pub fn tracked(content: &Content, brief: &Brief, tracking: &Tracking<'_>) -> Vec<Finding> {
    let facts: Vec<(String, String)> = known(brief).iter().flat_map(|known| known.parameters()).collect();
    let mut found: Vec<Finding> = Vec::new();
    for text in [&content.title, &content.text] {
        for (url, said) in urls(text, &fold(text)) {
            let pairs = url.query_pairs().into_owned().filter(|pair| !facts.contains(pair));
            let complaint = pairs.filter_map(|(name, value)| tracking.complaint(&name, &value)).next();
            found.extend(complaint.map(|advice| remark("utm", Severity::Major, said, advice)));
        }
    }
    found.into_iter().map(|finding| finding.anchored(content)).collect()
}

impl Tracking<'_> {
    fn complaint(&self, name: &str, value: &str) -> Option<String> {
        match name {
            "utm_source" => {
                let mut fitting = vec![slug(self.platform), slug(self.channel)];
                fitting.extend(Platform::of(self.platform).map(|platform| slug(platform.name())));
                fitting.extend(otherwise(self.platform).iter().map(ToString::to_string));
                let fits = fitting.iter().any(|other| is_same(other, value));
                let right = &fitting[0];
                (!fits).then(|| {
                    format!("The post goes to {}, and its link says utm_source={value}; write {right}.", self.channel)
                })
            }
            "utm_campaign" => {
                let right = slug(self.campaign);
                // A name without a letter of an address gives nothing to compare with.
                let fits = right.is_empty() || is_same(&right, value) || is_same(&plain(self.campaign), value);
                (!fits).then(|| format!("The link says utm_campaign={value}; this campaign is {right}."))
            }
            _ => None,
        }
    }
}

/// Other names that analytics know a platform by.
fn otherwise(platform: &str) -> &'static [&'static str] {
    match platform {
        "x" => &["twitter"],
        "email" => &["newsletter"],
        _ => &[],
    }
}

/// A name as addresses have it: `night-boxes`.
pub fn slug(name: &str) -> String {
    let spelt = |c: char| match c {
        'ä' => "ae".to_string(),
        'ö' => "oe".to_string(),
        'ü' => "ue".to_string(),
        'ß' => "ss".to_string(),
        c => c.to_string(),
    };
    joined(&name.to_lowercase().chars().map(spelt).collect::<String>())
}

/// The same, with accents taken off rather than spelt out.
fn plain(name: &str) -> String {
    let glyphs = fold(name);
    joined(&glyphs.iter().map(|glyph| glyph.c).collect::<String>())
}

fn joined(text: &str) -> String {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

/// `night_boxes` and `night-boxes` are the same; letter case is for another check.
fn is_same(one: &str, other: &str) -> bool {
    let letters = |text: &str| {
        text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect::<String>()
    };
    letters(one) == letters(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(tracking: Tracking<'_>, query: &str, expect: &[&str]) {
        let brief = Brief::parse(
            "[brand]\nname = \"B\"\nurl = \"https://b.example/?utm_source=sign\"\none_line = \"Bread.\"\n\
            [goal]\ntext = \"Sell.\"\ntimezone = \"UTC\"\nstart = \"2030-01-01\"\n",
        )
        .unwrap();
        let text = format!("Buns: https://b.example/{query} are here.");
        let content = Content { language: "en".into(), title: "Buns".into(), text, image: None };
        let found = tracked(&content, &brief, &tracking);
        assert_eq!(found.len(), expect.len(), "{query}: {found:?}");
        for (finding, words) in found.iter().zip(expect) {
            assert!(finding.advice.contains(words) && finding.quote.contains("utm_"), "{finding:?}");
        }
    }

    #[test]
    fn a_link_counts_for_the_channel_and_the_campaign_that_it_is_in() {
        let on_x = Tracking { platform: "x", channel: "our x", campaign: "Night boxes, spring" };
        check(on_x, "", &[]);
        check(on_x, "?utm_source=x&utm_medium=post&utm_campaign=night-boxes-spring", &[]);
        check(on_x, "?utm_source=twitter&utm_medium=post&utm_campaign=night_boxes_spring", &[]);
        check(on_x, "?utm_source=our-x&utm_medium=post&utm_campaign=NightBoxesSpring", &[]);
        check(on_x, "?utm_source=linkedin&utm_medium=post&utm_campaign=night-boxes-spring", &["write x."]);
        check(on_x, "?utm_source=x&utm_medium=post&utm_campaign=easter", &["this campaign is night-boxes-spring"]);
        check(on_x, "?utm_source=sign", &[]);
        let on_relay = Tracking { platform: "relay", channel: "our blog", campaign: "Öffnung" };
        check(on_relay, "?utm_source=our_blog&utm_campaign=oeffnung", &[]);
        check(on_relay, "?utm_source=relay&utm_campaign=offnung", &[]);
        check(on_relay, "?utm_source=stage&utm_campaign=oeffnung", &["goes to our blog"]);
        check(Tracking { campaign: "夜", ..on_relay }, "?utm_source=relay&utm_campaign=anything", &[]);
    }
}
