//! Addresses and accounts that a text names: links, mentions, e-mail addresses, telephone numbers.
//!
//! A link may lead to the brand's host and to hosts that the facts name, and nowhere else; where a host belongs to
//! many (`github.com`), to the same owner on it. What a platform would turn into a link counts as one: `bit.ly/x`,
//! `README.md`, a missing space before the next sentence's `It`. So does what a person would: `evil[.]com`,
//! `evil dot com`. Look-alike letters make another host.

use std::ops::Range;

use url::Url;

use super::blocker;
use super::fold::{Glyph, fold, overlaps, quote};
use super::parameters::parameters;
use crate::brief::Brief;
use crate::review::Finding;

/// Hosts on which the first part of the path is an account.
const SHARED_HOSTS: [&str; 14] = [
    "github.com",
    "gitlab.com",
    "codeberg.org",
    "bitbucket.org",
    "x.com",
    "twitter.com",
    "facebook.com",
    "instagram.com",
    "linkedin.com",
    "youtube.com",
    "medium.com",
    "t.me",
    "bsky.app",
    "tiktok.com",
];

/// Top-level domains that are looked for where no scheme says that something is an address: every country's, and
/// the generic ones that are in common use.
const TOP_LEVEL: &str = "\
    ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd \
    cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge \
    gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je jm jo jp ke kg kh \
    ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw \
    mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb \
    sc sd se sg sh si sk sl sm sn so sr ss st su sv sx sy sz tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug uk \
    us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw \
    com org net edu gov mil int info biz name pro mobi app dev page blog shop store online site website tech cloud \
    xyz club live life link click work works team news media art bar bakery cafe events zip mov top icu fun space \
    today world agency studio digital email social network systems tools wiki onion example test";

struct Link {
    host: String,
    owner: String,
    /// Where it can be parsed.
    url: Option<Url>,
    at: (usize, usize),
}

/// What one text names.
#[derive(Default)]
pub(super) struct Named {
    links: Vec<Link>,
    mentions: Vec<(String, (usize, usize))>,
    addresses: Vec<(String, (usize, usize))>,
    phones: Vec<(String, (usize, usize))>,
}

/// What each fact of a brief names.
pub(super) fn known(brief: &Brief) -> Vec<Named> {
    brief.fact_texts().into_iter().map(|fact| named(fact, &fold(fact))).collect()
}

/// The links of a text, with what was said.
pub(super) fn urls<'a>(text: &'a str, glyphs: &[Glyph]) -> Vec<(Url, &'a str)> {
    let links = named(text, glyphs).links;
    links.into_iter().filter_map(|link| Some((link.url?, quote(text, &glyphs[link.at.0..link.at.1])))).collect()
}

/// Everything that a text names and neither the brand nor a fact does, but for numbers that another check has taken.
pub(super) fn check(
    text: &str,
    glyphs: &[Glyph],
    brief: &Brief,
    known: &[Named],
    taken: &[Range<usize>],
) -> Vec<Finding> {
    let said = |at: (usize, usize)| quote(text, &glyphs[at.0..at.1]);
    let named = named(text, glyphs);
    let mut found = Vec::new();
    for link in &named.links {
        let leading = known.iter().flat_map(|known| &known.links).filter(|other| leads_there(link, other));
        let leading: Vec<Url> = leading.filter_map(|other| other.url.clone()).collect();
        if let Some(url) = link.url.as_ref().filter(|_| !leading.is_empty()) {
            found.extend(parameters(url, &leading, said(link.at)));
        }
        if !known.iter().flat_map(|known| &known.links).any(|other| leads_there(link, other)) {
            let advice = format!(
                "Nothing in the brief leads to \"{}\"; use {} or leave it out.",
                said(link.at),
                brief.brand.url
            );
            found.push(blocker("unknown_url", said(link.at), advice));
        }
    }
    for (name, at) in &named.mentions {
        if !known.iter().flat_map(|known| &known.mentions).any(|(other, _)| other == name) {
            let advice = format!("The facts name no account \"{}\"; leave the mention out.", said(*at));
            found.push(blocker("unknown_mention", said(*at), advice));
        }
    }
    for (address, at) in &named.addresses {
        if !known.iter().flat_map(|known| &known.addresses).any(|(other, _)| other == address) {
            found.push(blocker(
                "personal_data",
                said(*at),
                "This e-mail address is no fact of the brief; leave it out.".into(),
            ));
        }
    }
    for (digits, at) in &named.phones {
        if overlaps(taken, &glyphs[at.0..at.1]) {
            continue;
        }
        if !known.iter().flat_map(|known| &known.phones).any(|(other, _)| other == digits) {
            found.push(blocker(
                "personal_data",
                said(*at),
                "This telephone number is no fact of the brief; leave it out.".into(),
            ));
        }
    }
    found
}

fn leads_there(link: &Link, known: &Link) -> bool {
    link.host == known.host && (!SHARED_HOSTS.contains(&known.host.as_str()) || link.owner == known.owner)
}

fn named(text: &str, glyphs: &[Glyph]) -> Named {
    let mut named = Named { phones: phones(glyphs), ..Named::default() };
    let (glyphs, places) = without_disguise(glyphs);
    let mut from = 0;
    for piece in glyphs.split(|glyph| parts(glyph.c)) {
        let start = from;
        from += piece.len() + 1;
        let trim = |c: char| matches!(c, '.' | ',' | ';' | ':' | '!' | '?' | '\'' | '*' | '~' | '-' | '#' | '/' | '=');
        let lead = piece.iter().take_while(|glyph| trim(glyph.c)).count();
        let trail = piece[lead..].iter().rev().take_while(|glyph| trim(glyph.c)).count();
        let piece = &piece[lead..piece.len() - trail];
        if !piece.is_empty() {
            let first = places[start + lead].0;
            let last = places[start + lead + piece.len() - 1].1;
            named.add(text, piece, (first, last));
        }
    }
    named
}

fn parts(c: char) -> bool {
    c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')' | '[' | ']' | '{' | '}' | '|' | '\\' | ',' | ';' | '…')
}

impl Named {
    /// What its links carry behind their question marks.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (String, String)> {
        let urls = self.links.iter().filter_map(|link| link.url.as_ref());
        urls.flat_map(|url| url.query_pairs().into_owned().collect::<Vec<_>>())
    }

    /// Sorts one piece of text without white space.
    fn add(&mut self, text: &str, piece: &[Glyph], at: (usize, usize)) {
        let folded: String = piece.iter().map(|glyph| glyph.c).collect();
        if let Some(index) = folded.find("://") {
            let scheme = folded[..index].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |index| index + 1);
            self.links.push(link(text, piece, &folded[scheme..], at));
        } else if let Some(address) = folded.strip_prefix("mailto:") {
            self.addresses.push((address.into(), at));
        } else if ["javascript:", "data:", "file:", "tel:", "sms:", "vbscript:"]
            .iter()
            .any(|scheme| folded.starts_with(scheme))
        {
            self.links.push(Link { host: folded, owner: String::new(), url: None, at });
        } else if let Some(index) = folded.find('@') {
            self.add_account(&folded, index, at);
        } else if is_bare_address(&folded) {
            self.links.push(link(text, piece, &format!("https://{folded}"), at));
        }
    }

    /// Something with an `@` in it: `somebody@example.com`, `@somebody`, `@somebody@example.social`.
    fn add_account(&mut self, folded: &str, index: usize, at: (usize, usize)) {
        let (local, rest) = (&folded[..index], &folded[index + 1..]);
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let before = local.chars().next_back();
        let name: String = rest.chars().take_while(|c| is_name(*c) || *c == '@').collect();
        if before.is_some_and(is_name) && name.contains('.') {
            self.addresses
                .push((format!("{}@{name}", local.rsplit(|c: char| !is_name(c)).next().unwrap_or_default()), at));
        } else if !before.is_some_and(char::is_alphanumeric) && name.chars().any(char::is_alphabetic) {
            // `@10pm` is a time.
            let is_time = name.ends_with("am") || name.ends_with("pm");
            if !(is_time && name.starts_with(|c: char| c.is_ascii_digit())) {
                self.mentions.push((name.trim_end_matches(['.', '-']).into(), at));
            }
        }
    }
}

/// The host and owner as a browser would see them: of the original, if look-alike letters are in it.
fn link(text: &str, piece: &[Glyph], folded: &str, at: (usize, usize)) -> Link {
    let original = quote(text, piece);
    let address = match original.find("://") {
        // Its letters' case counts behind the host; what was disguised is only in the folded one.
        Some(at) if original.is_ascii() && original[at..].to_lowercase() == folded[folded.find(':').unwrap_or(0)..] => {
            original[original[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |index| index + 1)..]
                .to_string()
        }
        _ if original.is_ascii() => folded.to_string(),
        Some(_) => original.to_string(),
        None => format!("https://{original}"),
    };
    let Ok(url) = Url::parse(&address) else { return Link { host: address, owner: String::new(), url: None, at } };
    let host = match (url.scheme(), url.host_str()) {
        // With somebody's name or a port before it, it is another address than the one that the brief names.
        ("http" | "https", Some(_)) if !url.username().is_empty() || url.password().is_some() => address,
        ("http" | "https", Some(host)) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            host.trim_end_matches('.').to_lowercase() + &port
        }
        _ => address,
    };
    let owner = url.path().trim_start_matches('/').split('/').next().unwrap_or_default().to_lowercase();
    Link { host: host.strip_prefix("www.").unwrap_or(&host).into(), owner, url: Some(url), at }
}

/// Labels with dots between them, the last a top-level domain.
fn is_bare_address(folded: &str) -> bool {
    let host = folded.split(['/', '?', '#', ':']).next().unwrap_or_default().trim_end_matches('.');
    let labels: Vec<&str> = host.split('.').collect();
    if labels.len() < 2 {
        return false;
    }
    let is_label =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
    let last = labels.last().copied().unwrap_or_default();
    let is_top_level = TOP_LEVEL.split_ascii_whitespace().any(|known| known == last) || last.starts_with("xn--");
    // One with a path behind it is an address whatever its ending is.
    let has_path = folded[host.len()..].starts_with('/') && last.len() > 1 && last.chars().all(char::is_alphabetic);
    labels.iter().all(is_label) && (is_top_level || has_path) || (folded.starts_with("www.") && labels.len() > 2)
}

/// The glyphs with `[.]`, `(dot)` and ` dot ` as dots, each with the range of glyphs that it came from.
fn without_disguise(glyphs: &[Glyph]) -> (Vec<Glyph>, Vec<(usize, usize)>) {
    const DISGUISES: [(&str, char); 12] = [
        ("[.]", '.'),
        ("(.)", '.'),
        ("[dot]", '.'),
        ("(dot)", '.'),
        (" [dot] ", '.'),
        (" (dot) ", '.'),
        (" dot ", '.'),
        (" punkt ", '.'),
        ("[at]", '@'),
        ("(at)", '@'),
        (" [at] ", '@'),
        (" (at) ", '@'),
    ];
    let (mut plain, mut places) = (Vec::with_capacity(glyphs.len()), Vec::with_capacity(glyphs.len()));
    let mut at = 0;
    while at < glyphs.len() {
        let starts = |disguise: &str| {
            let length = disguise.chars().count();
            glyphs.len() >= at + length && glyphs[at..at + length].iter().map(|glyph| glyph.c).eq(disguise.chars())
        };
        let found = DISGUISES
            .iter()
            .filter(|(disguise, _)| matches!(glyphs[at].c, ' ' | '[' | '(') && starts(disguise))
            .max_by_key(|(disguise, _)| disguise.len());
        let (c, length) = found.map_or((glyphs[at].c, 1), |(disguise, c)| (*c, disguise.chars().count()));
        plain.push(Glyph { c, end: glyphs[at + length - 1].end, ..glyphs[at] });
        places.push((at, at + length));
        at += length;
    }
    (plain, places)
}

/// Fewest digits of a telephone number with its country's code, and of one without.
const PHONE_DIGITS_MIN: (usize, usize) = (8, 9);

/// Runs of digits that are dialled: from `+`, `00` or `0`, or in groups of three, three and four.
fn phones(glyphs: &[Glyph]) -> Vec<(String, (usize, usize))> {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, '+' | ' ' | '\u{a0}' | '(' | ')' | '-' | '.' | '/');
    let mut found = Vec::new();
    let mut at = 0;
    while at < glyphs.len() {
        let length = glyphs[at..].iter().take_while(|glyph| is_part(glyph.c)).count();
        let run = &glyphs[at..at + length];
        let lead = run.iter().take_while(|glyph| !matches!(glyph.c, '+' | '(' | '0'..='9')).count();
        let trail = run[lead..].iter().rev().take_while(|glyph| !glyph.c.is_ascii_digit()).count();
        let (from, to) = (at + lead, at + length - trail);
        if from < to && is_dialled(&glyphs[from..to]) {
            found.push((
                glyphs[from..to].iter().map(|glyph| glyph.c).filter(char::is_ascii_digit).collect(),
                (from, to),
            ));
        }
        at += length.max(1);
    }
    found
}

fn is_dialled(run: &[Glyph]) -> bool {
    let text: String = run.iter().map(|glyph| glyph.c).collect();
    let groups: Vec<&str> = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let digits: usize = groups.iter().map(|group| group.len()).sum();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_year = |group: &&str| group.len() == 4 && (group.starts_with("19") || group.starts_with("20"));
    if text.starts_with('+') || text.starts_with("00") {
        return digits >= PHONE_DIGITS_MIN.0;
    }
    if lengths.ends_with(&[3, 3, 4]) {
        return true;
    }
    let by_area = text.starts_with('0') || text.starts_with("(0");
    by_area && digits >= PHONE_DIGITS_MIN.1 && !groups.iter().any(is_year)
}
