//! How long a post is for the platform that is to carry it: each counts in its own way.
//!
//! | platform | what counts | the most |
//! |---|---|---|
//! | stage | what a reader counts (extended grapheme clusters) | 3,000 |
//! | x | weighted code points of the composed text (twitter-text v3): 2 for what is not alphabetic, an emoji, or CJK; a web address is 23 | 280 |
//! | linkedin | UTF-16 units, as its own counter does | 3,000 |
//! | bluesky | extended grapheme clusters, and bytes | 300, and 3,000 |
//! | mastodon | extended grapheme clusters; a web address is 23, a mention's server is free | 500 |
//! | instagram | UTF-16 units, and hashtags | 2,200, and 30 |
//! | facebook | UTF-16 units | 63,206 |
//! | email | the subject's characters; longer ones are cut off on telephones | 78 (advice: 50) |
//!
//! Where a rule leaves room, we count more rather than less: a false alarm costs a revision, and a text that is cut
//! off cannot be mended.

use unicode_segmentation::UnicodeSegmentation;

use crate::post::Content;
use crate::words::words;

words! {
    /// A platform that a post can be made for.
    pub enum Platform {
        /// Our own page.
        Stage = "stage",
        /// X.
        X = "x",
        /// LinkedIn.
        LinkedIn = "linkedin",
        /// Bluesky.
        Bluesky = "bluesky",
        /// Mastodon.
        Mastodon = "mastodon",
        /// Instagram.
        Instagram = "instagram",
        /// Facebook.
        Facebook = "facebook",
        /// E-mail.
        Email = "email",
    }
}

/// One thing that a platform counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// What is counted: `characters`, `bytes` …
    pub what: &'static str,
    /// How many there are.
    pub used: usize,
    /// The most that it carries.
    pub max: usize,
    /// Beyond this it is carried, but cut off on screen.
    pub advised: Option<usize>,
}

impl Measure {
    fn new(what: &'static str, used: usize, max: usize) -> Self {
        Self { what, used, max, advised: None }
    }

    /// Whether the platform would refuse it.
    pub fn is_over(&self) -> bool {
        self.used > self.max
    }

    /// How many are left; none where it is over.
    pub fn left(&self) -> Option<usize> {
        self.max.checked_sub(self.used)
    }
}

/// What a web address counts on X and Mastodon, however long it is.
const LINK: usize = 23;

impl Platform {
    /// The platform of a channel, if its posts have a look and a length of their own.
    pub fn of(channel_platform: &str) -> Option<Self> {
        match channel_platform {
            // Adapters of one platform under several names.
            "twitter" => Some(Self::X),
            "mail" | "resend" | "smtp" | "mailchimp" => Some(Self::Email),
            other => other.parse().ok(),
        }
    }

    /// Its name, as people write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stage => "the stage",
            Self::X => "X",
            Self::LinkedIn => "LinkedIn",
            Self::Bluesky => "Bluesky",
            Self::Mastodon => "Mastodon",
            Self::Instagram => "Instagram",
            Self::Facebook => "Facebook",
            Self::Email => "e-mail",
        }
    }

    /// Everything that it counts of a post, the tightest first.
    pub fn measures(self, content: &Content) -> Vec<Measure> {
        let text = content.text.as_str();
        match self {
            Self::Stage => vec![Measure::new("characters", graphemes(text), 3_000)],
            Self::X => vec![Measure::new("characters", weighted(text), 280)],
            Self::LinkedIn => vec![Measure::new("characters", utf16(text), 3_000)],
            Self::Bluesky => {
                vec![Measure::new("characters", graphemes(text), 300), Measure::new("bytes", text.len(), 3_000)]
            }
            Self::Mastodon => vec![Measure::new("characters", on_mastodon(text), 500)],
            Self::Instagram => {
                vec![Measure::new("characters", utf16(text), 2_200), Measure::new("hashtags", hashtags(text), 30)]
            }
            Self::Facebook => vec![Measure::new("characters", utf16(text), 63_206)],
            Self::Email => {
                let subject = Measure::new("characters in the subject", graphemes(&content.title), 78);
                vec![Measure { advised: Some(50), ..subject }]
            }
        }
    }

    /// What it would refuse, if anything.
    pub fn refused(self, content: &Content) -> Option<Measure> {
        self.measures(content).into_iter().find(Measure::is_over)
    }
}

fn graphemes(text: &str) -> usize {
    text.graphemes(true).count()
}

fn utf16(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Words that begin with `#` and go on with a letter or a digit.
fn hashtags(text: &str) -> usize {
    let mut before = ' ';
    let mut count = 0;
    let mut rest = text.chars().peekable();
    while let Some(one) = rest.next() {
        let begins = matches!(one, '#' | '＃') && !before.is_alphanumeric() && before != '&';
        count += usize::from(begins && rest.peek().is_some_and(|next| next.is_alphanumeric()));
        before = one;
    }
    count
}

/// As twitter-text v3 counts, configuration `v3.json`.
fn weighted(text: &str) -> usize {
    let (links, rest) = without_links(text, true);
    links + rest.iter().flat_map(|words| words.graphemes(true)).map(weight).sum::<usize>()
}

fn weight(cluster: &str) -> usize {
    if is_emoji(cluster) {
        return 2;
    }
    let mut sum = 0;
    let mut before = '\0';
    for one in cluster.chars() {
        // The composed form (NFC) is one character: é, not e and its accent.
        if !COMPOSED.iter().any(|(mark, letters)| *mark == one && letters.contains(before)) {
            sum += match u32::from(one) {
                0..=4_351 | 8_192..=8_205 | 8_208..=8_223 | 8_242..=8_247 => 1,
                _ => 2,
            };
        }
        before = one;
    }
    sum
}

/// Accents, and the letters with which they make one character of weight 1 (Unicode's canonical compositions).
const COMPOSED: [(char, &str); 17] = [
    ('\u{300}', "AEINOUaeinou"),
    ('\u{301}', "ACEGILNORSUYZacegilnorsuyz"),
    ('\u{302}', "ACEGHIJOSUWYaceghijosuwy"),
    ('\u{303}', "AINOUainou"),
    ('\u{304}', "AEIOUYaeiouy"),
    ('\u{306}', "AEGIOUaegiou"),
    ('\u{307}', "ACEGIOZacegoz"),
    ('\u{308}', "AEIOUYaeiouy"),
    ('\u{30a}', "AUau"),
    ('\u{30b}', "OUou"),
    ('\u{30c}', "ACDEGHIKLNORSTUZacdeghijklnorstuz"),
    ('\u{30f}', "AEIORUaeioru"),
    ('\u{311}', "AEIORUaeioru"),
    ('\u{31b}', "OUou"),
    ('\u{326}', "STst"),
    ('\u{327}', "CEGKLNRSTcegklnrst"),
    ('\u{328}', "AEIOUaeiou"),
];

/// A cluster that is drawn as one picture, however many code points it has.
fn is_emoji(cluster: &str) -> bool {
    let Some(first) = cluster.chars().next() else { return false };
    let pictures = matches!(u32::from(first), 0x1F000..=0x1FAFF | 0x2600..=0x27BF | 0x2190..=0x21FF | 0x2300..=0x23FF
        | 0x2B00..=0x2BFF | 0x25A0..=0x25FF | 0x2934..=0x2935 | 0x3030 | 0x303D | 0x3297 | 0x3299 | 0x203C | 0x2049
        | 0x2122 | 0x2139 | 0x24C2);
    // A digit becomes a key, © and ® become pictures, by what follows them.
    pictures || cluster.contains('\u{20e3}') || (cluster.chars().count() > 1 && cluster.contains('\u{fe0f}'))
}

fn on_mastodon(text: &str) -> usize {
    let (links, rest) = without_links(text, false);
    links + rest.iter().map(|words| graphemes(&without_servers(words))).sum::<usize>()
}

/// `@ada@social.example` is as long as `@ada`.
fn without_servers(text: &str) -> String {
    let is_name = |one: char| one.is_ascii_alphanumeric() || matches!(one, '_' | '.' | '-');
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('@') {
        let begins = !rest[..at].chars().next_back().or(kept.chars().next_back()).is_some_and(char::is_alphanumeric);
        let name_end = rest[at + 1..].find(|one| !is_name(one)).map_or(rest.len(), |end| at + 1 + end);
        kept.push_str(&rest[..name_end]);
        rest = &rest[name_end..];
        if begins && name_end > at + 1 && rest.starts_with('@') {
            let server_end = rest[1..].find(|one| !is_name(one)).map_or(rest.len(), |end| 1 + end);
            let server = rest[1..server_end].trim_end_matches(['.', '-']);
            if server.contains('.') {
                rest = &rest[1 + server.len()..];
            }
        }
    }
    kept + rest
}

/// What the web addresses of a text count, and the text around them. `bare`: `example.com` is one as well.
fn without_links(text: &str, bare: bool) -> (usize, Vec<&str>) {
    let mut count = 0;
    let mut around = Vec::new();
    let mut start = 0;
    for word in text
        .split_inclusive(|one: char| one.is_whitespace() || matches!(one, '<' | '>' | '"' | '“' | '”' | '，' | '。'))
    {
        let at = word.as_ptr() as usize - text.as_ptr() as usize;
        let Some((from, length)) = link(word, bare) else { continue };
        around.push(&text[start..at + from]);
        // Not every platform knows every top-level domain: a bare one counts as whichever is longer.
        let has_scheme = word[from..].contains("://");
        count += if has_scheme { LINK } else { LINK.max(length) };
        start = at + from + length;
    }
    around.push(&text[start..]);
    (count, around)
}

/// Where in a word a web address is, and how many bytes long.
fn link(word: &str, bare: bool) -> Option<(usize, usize)> {
    let lower = word.to_ascii_lowercase();
    let scheme = ["https://", "http://"].iter().filter_map(|scheme| lower.find(scheme)).min();
    let from = match scheme {
        Some(at) => at,
        None if bare => lower.find(|one: char| one.is_ascii_alphanumeric())?,
        None => return None,
    };
    let whole = word[from..].trim_end_matches(|one: char| {
        one.is_whitespace()
            || matches!(one, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '"' | '<' | '>' | '“' | '”' | '，' | '。')
    });
    // A closing bracket belongs to the address only where it opens one.
    let whole = if whole.ends_with(')') && !whole.contains('(') { whole.trim_end_matches(')') } else { whole };
    let host = whole.split_once("://").map_or(whole, |(_, rest)| rest);
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let (name, top) = host.rsplit_once('.')?;
    let is_host = !name.is_empty()
        && host.len() <= 253
        && host.split('.').all(|label| (1..=63).contains(&label.len()))
        && top.len() >= 2
        && top.chars().all(char::is_alphabetic)
        && !host.contains('@');
    is_host.then_some((from, whole.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(platform: Platform, text: &str) -> usize {
        let content = Content { language: "en".into(), title: "A title".into(), text: text.into(), image: None };
        platform.measures(&content)[0].used
    }

    fn on_x(text: &str, expect: usize) {
        assert_eq!(used(Platform::X, text), expect, "{text}");
    }

    // Those of twitter-text's conformance suite, `validate.yml`, that show a rule each.
    #[test]
    fn x_counts_as_twitter_text_does() {
        on_x("Hello, world! 👋", 16);
        let dashes = format!("285 chars-{}", "xxxxxxxxxx-".repeat(25));
        on_x(&dashes, 285);
        on_x("https://www.twitter.com/aloha ".repeat(10).as_str(), 240);
        on_x(&"😷".repeat(160), 320);
        on_x("故人西辞黄鹤楼，烟花三月下扬州。孤帆远影碧空尽，唯见长江天际流。", 64);
        on_x("the故人西辞黄鹤楼", 17);
        on_x("A\u{301}B", 2);
        on_x("A\u{5e9}\u{5bc}\u{5c1}", 4);
        on_x("😷👾😡🔥💩", 10);
        on_x("H🐱☺👨\u{200d}👩\u{200d}👧\u{200d}👦", 7);
        on_x("🙋🏽👨\u{200d}🎤", 4);
        on_x(
            "This is a tweet with general punctuation characters: \u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200A}\u{200B}\u{200C}\u{200D} ‐ ‑ ‒ – — ― ‖  ‗ ‘ ’ ‚ ‛ “ ” „ ‟ ′ ″ ‴ ‵ ‶ ‷",
            112,
        );
        on_x("Long: https://example.com/a?b=c#d. And example.com!", 6 + 23 + 6 + 23 + 1);
    }

    #[test]
    fn mastodon_counts_addresses_as_23_and_no_servers() {
        let check = |text: &str, expect: usize| assert_eq!(used(Platform::Mastodon, text), expect, "{text}");
        check("Hello", 5);
        check(&format!("{} https://example.com/{}", "x".repeat(10), "y".repeat(300)), 34);
        check("example.com", 11);
        check("@ada@social.example hi", 7);
        check("@ada hi", 7);
        check("ada@social.example", 18);
        check("👨\u{200d}👩\u{200d}👧", 1);
    }

    #[test]
    fn bluesky_counts_what_a_reader_counts_and_bytes_as_well() {
        let family = "👨\u{200d}👩\u{200d}👧\u{200d}👦";
        let content = Content { language: "en".into(), title: String::new(), text: family.repeat(200), image: None };
        let [characters, bytes] = Platform::Bluesky.measures(&content)[..] else { panic!("two measures") };
        assert_eq!((characters.used, bytes.used), (200, 5_000));
        assert_eq!(Platform::Bluesky.refused(&content), Some(bytes));
    }

    #[test]
    fn instagram_counts_hashtags_and_all_refuse_what_is_too_long() {
        assert_eq!(hashtags("#one #two, (#three) a#no # no &#39; ##four"), 4);
        for (platform, longest) in [
            (Platform::Instagram, 2_200),
            (Platform::LinkedIn, 3_000),
            (Platform::Facebook, 63_206),
            (Platform::Bluesky, 300),
            (Platform::Mastodon, 500),
            (Platform::X, 280),
            (Platform::Stage, 3_000),
        ] {
            let content = |length: usize| Content {
                language: "en".into(),
                title: "T".into(),
                text: "x".repeat(length),
                image: None,
            };
            assert_eq!(platform.refused(&content(longest)), None, "{platform}");
            assert_eq!(
                platform.refused(&content(longest + 1)).map(|measure| measure.used),
                Some(longest + 1),
                "{platform}"
            );
        }
        let subject = Content { language: "en".into(), title: "s".repeat(60), text: "x".repeat(90_000), image: None };
        assert_eq!(Platform::Email.refused(&subject), None);
        assert!(Platform::Email.measures(&subject)[0].advised.is_some_and(|advised| advised < 60));
    }
}
