//! Generate, rehearsed: a first line, facts in their own words, what must be said, and what to do next.
//!
//! Which frame, fact and call a post gets follows from its place in the calendar, so that no two posts of a
//! campaign are alike. Whatever would break a rule is not written, and the finished post is held against the
//! same checks that come after it.

use domain::check::graphemes;
use domain::memory::Remembered;
use domain::strategy::Entry;
use domain::{Content, Severity, Verdict};

use super::lexicon::{Frame, Kind, Tone, capital, fill};
use super::material::{Item, Material, lexicon};
use super::mistake::Mistake;
use super::reviewer;
use super::rules::{holds_banned, missing, numbers_are_facts, urls_are_facts};
use super::seed::{order, seed};
use super::wish::Wish;
use crate::tasks::{Previous, Writing};

/// Most variants that are tried before the barest form is taken.
const VARIANTS_MAX: usize = 40;

/// A version of the post, by somebody who is reminded of what people said before.
pub fn write(writing: &Writing, memory: &[Remembered]) -> Content {
    let material = Material::of(&writing.brief, &writing.language);
    let mistake = mistake(writing, &material);
    if lexicon(&writing.language).is_none() {
        return bare(writing, &material, 0);
    }
    let asked = Wish::of(writing.previous.as_ref().map_or("", |previous| &previous.comment)).and(&writing.learnings);
    // A version that came back for a planned mistake keeps its frame; any other reason asks for another.
    let first = if explained(writing) { 0 } else { writing.pass as usize };
    let place = Place::of(writing, &material);
    if let Some(shorter) = shorter(writing, &material, &place, &asked) {
        return shorter;
    }
    let wish = asked.or_remembered(memory);
    // Where no form keeps what was asked for, one that does not is better than none.
    let forms = (first..first + VARIANTS_MAX).map(|variant| (variant, true));
    for (variant, heeds) in forms.clone().chain(forms.map(|(variant, _)| (variant, false))) {
        let Some(draft) = Draft::compose(writing, &material, &place, variant, &wish) else { continue };
        let whole = draft.fit(writing);
        let is_news = writing.previous.as_ref().is_none_or(|previous| previous.content != whole);
        if heeds != wish.is_kept_by(&whole) || !passes(&whole, writing, &material) {
            continue;
        }
        // What a person asked for is no mistake to make again.
        let wrong = mistake.map(|mistake| draft.with(mistake, writing, &material, variant));
        match wrong.filter(|wrong| !heeds || wish.is_kept_by(wrong)) {
            Some(wrong) => return wrong,
            None if is_news => return whole,
            None => {}
        }
    }
    (0..VARIANTS_MAX)
        .map(|variant| bare(writing, &material, variant))
        .find(|bare| passes(bare, writing, &material))
        .unwrap_or_else(|| bare(writing, &material, 0))
}

/// Where a person asked for less: the first version that passes and is shorter than the one that came back. None where
/// nothing is.
fn shorter(writing: &Writing, material: &Material, place: &Place, wish: &Wish) -> Option<Content> {
    let previous = writing.previous.as_ref().filter(|_| wish.shorter)?;
    let long = graphemes(&previous.content.text);
    let drafts = (0..VARIANTS_MAX).filter_map(|variant| Draft::compose(writing, material, place, variant, wish));
    let bare = (0..VARIANTS_MAX).map(|variant| bare(writing, material, variant));
    let mut versions = drafts.map(|draft| draft.fit(writing)).chain(bare);
    versions.find(|content| graphemes(&content.text) < long && passes(content, writing, material))
}

/// Whether the finished version breaks no rule, and would pass a review.
fn passes(content: &Content, writing: &Writing, material: &Material) -> bool {
    let brief = &writing.brief;
    let whole = format!("{}\n{}", content.title, content.text);
    let keeps_the_rules = !holds_banned(&whole, brief)
        && numbers_are_facts(&whole, brief)
        && urls_are_facts(&whole, brief)
        && missing(&content.text, brief).is_empty();
    keeps_the_rules && {
        let found = material.checks.check(content, &writing.limits);
        let review = reviewer::judge(content, brief, &writing.limits, &found, &domain::rubric::REVIEWERS);
        review.verdict == Verdict::Approve
    }
}

/// The mistake that this version makes, if any.
fn mistake(writing: &Writing, material: &Material) -> Option<Mistake> {
    let planned = Mistake::of_slot(&writing.campaign_id, writing.entry.slot);
    let mistake = planned.into_iter().find(|mistake| mistake.is_possible(writing, material))?;
    if writing.learnings.iter().any(|learning| mistake.is_kept_away_by(learning)) {
        return None;
    }
    let mended = |previous: &Previous| previous.findings.iter().any(|finding| mistake.is_named_by(finding));
    match (&writing.previous, writing.pass) {
        (None, 0) => Some(mistake),
        (Some(previous), 0 | 1) if !mended(previous) && previous.comment.trim().is_empty() => Some(mistake),
        _ => None,
    }
}

/// Whether the planned mistake is the whole reason why the version came back.
fn explained(writing: &Writing) -> bool {
    let Some(previous) = &writing.previous else { return true };
    let planned = Mistake::of_slot(&writing.campaign_id, writing.entry.slot);
    let grave = previous.findings.iter().filter(|finding| finding.severity != Severity::Minor);
    !planned.is_empty()
        && previous.comment.trim().is_empty()
        && grave.clone().count() > 0
        && grave.clone().all(|finding| planned.iter().any(|mistake| mistake.is_named_by(finding)))
}

impl Mistake {
    fn is_possible(self, writing: &Writing, material: &Material) -> bool {
        let brief = &writing.brief;
        match self {
            Self::WeakHook | Self::NoCall => true,
            Self::TooLong => {
                let title = writing.limits.title_graphemes_max;
                writing.limits.text_graphemes_max <= 700 || (1..=domain::post::TITLE_CHARS_MAX - 60).contains(&title)
            }
            Self::BannedClaim => !brief.claims.banned.is_empty(),
            Self::MissingClaim => {
                let plain = |item: &Item| missing(&item.sentence, brief).len() == brief.claims.required.len();
                !brief.claims.required.is_empty() && material.items.iter().any(plain)
            }
        }
    }
}

/// Where a post stands among its like.
struct Place {
    /// The fact that the plan means.
    item: usize,
    /// Among those of its kind and language.
    of_kind: usize,
    /// How many there are.
    kinds: usize,
    /// Among those on its fact.
    of_topic: usize,
    /// How many there are.
    topics: usize,
}

/// A post in parts.
struct Draft<'a> {
    title: String,
    hook: String,
    /// Paragraphs that can be left out come last.
    body: String,
    required: Vec<String>,
    optional: Vec<String>,
    call: String,
    item: &'a Item,
}

fn kind_of(pillar: &str) -> Kind {
    let known = [&super::english::ENGLISH, &super::german::GERMAN].into_iter().flat_map(|lexicon| lexicon.pillars);
    let named = known.into_iter().find(|words| words.name.eq_ignore_ascii_case(pillar.trim())).map(|words| words.kind);
    // A person's or a model's pillar: any kind, and always the same.
    named.unwrap_or_else(|| Kind::ALL[seed(&["kind", pillar]) as usize % Kind::ALL.len()])
}

impl Place {
    fn of(writing: &Writing, material: &Material) -> Self {
        let (brief, calendar) = (material.brief, &writing.strategy.calendar);
        // Angles are written in the brand's language.
        let own = (writing.language != brief.brand.language).then(|| Material::of(brief, &brief.brand.language));
        let planned = own.as_ref().unwrap_or(material);
        let item = |entry: &Entry| planned.item_named(&entry.angle, entry.slot as usize);
        let this = item(&writing.entry);
        let before = |other: &&&Entry| other.slot < writing.entry.slot;
        let same_kind: Vec<&Entry> = calendar.iter().filter(|other| other.pillar == writing.entry.pillar).collect();
        let same_topic: Vec<&Entry> = calendar.iter().filter(|other| item(other) == this).collect();
        Self {
            item: this % material.items.len(),
            of_kind: same_kind.iter().filter(before).count(),
            kinds: same_kind.len().max(1),
            of_topic: same_topic.iter().filter(before).count(),
            topics: same_topic.len().max(1),
        }
    }
}

impl<'a> Draft<'a> {
    fn compose(writing: &Writing, material: &'a Material, place: &Place, variant: usize, wish: &Wish) -> Option<Self> {
        let Writing { entry, campaign_id, .. } = writing;
        let item = &material.items[wish.item(material).unwrap_or(place.item)];
        let audience = material.audience_named(&entry.angle, entry.slot as usize);
        let seed = seed(&["write", campaign_id, &writing.language]);
        let values = values(material, item, audience);
        let values: Vec<(&str, Option<&str>)> = values.iter().map(|(name, value)| (*name, value.as_deref())).collect();
        let kind = kind_of(&entry.pillar);
        let mut frames = frames(material, kind, wish.tone.unwrap_or(material.tone), item, &values, seed);
        // Places come round after a few frames, which might all be such as nobody wants.
        if frames.iter().any(|frame| wish.allows(frame.hook) && wish.allows(frame.body)) {
            frames.retain(|frame| wish.allows(frame.hook) && wish.allows(frame.body));
        }
        // Variants go on where the calendar ends, so that a revision is nobody else's first version.
        let position = place.of_kind + variant * place.kinds;
        let (frame, round) = (frames.get(position % frames.len().max(1))?, position / frames.len());
        // Kinds start at different places, so that neighbours in the calendar differ in every part.
        let kind_index = Kind::ALL.iter().position(|one| *one == kind).unwrap_or(0);
        let turn = position % frames.len() + round + 2 * kind_index;
        let hook = fill(frame.hook, &values)?;
        let mut body = body(frame, item, &values)?;
        if item.is_quoted && !item.is_introduced() && !introduces(frame) {
            let sources = material.lexicon.sources;
            body =
                body.replace(&item.sentence, &fill(sources[turn % sources.len()], &[("fact", Some(&item.sentence))])?);
        }
        let calls = material.lexicon.calls.iter().find(|(intent, _)| *intent == material.intent)?.1;
        let call = fill(calls[order(calls.len(), seed)[turn % calls.len()]], &values)?;
        let mut draft = Self {
            title: title(material, &values, place, variant, seed)?,
            hook,
            body,
            required: Vec::new(),
            optional: Vec::new(),
            call,
            item,
        };
        draft.add_required(material, turn);
        draft.add_optional(material, turn + round / calls.len(), wish, place.of_kind);
        let closers = material.lexicon.closers;
        if frame.kind != kind {
            // A borrowed frame may stand in a post of its own kind as well.
            draft.required.push(closers[closers.len() - 1 - kind_index].into());
        } else if round >= calls.len() {
            draft.required.push(closers[(round / calls.len() - 1) % closers.len()].into());
        }
        Some(draft)
    }

    /// What must be said and is not yet: in a fact's own sentence where one holds it.
    fn add_required(&mut self, material: &Material, turn: usize) {
        let lexicon = material.lexicon;
        for claim in missing(&self.body, material.brief) {
            if !missing(&self.required.join("\n"), material.brief).contains(&claim) {
                continue;
            }
            let holds = |text: &str| text.to_lowercase().contains(&claim.to_lowercase());
            let sentence = material
                .items
                .iter()
                .find(|item| holds(&item.sentence))
                .map(|item| addition(lexicon.additions, turn, item));
            let reminder = || {
                let allowed = material.claims.iter().find(|allowed| holds(allowed)).map_or(claim, String::as_str);
                fill(
                    lexicon.reminders[turn % lexicon.reminders.len()],
                    &[("claim", Some(allowed.trim_end_matches('.')))],
                )
                .unwrap_or_default()
            };
            self.required.push(sentence.unwrap_or_else(reminder));
        }
    }

    /// A further fact, or what may be claimed, in turn.
    fn add_optional(&mut self, material: &Material, turn: usize, wish: &Wish, of_kind: usize) {
        let lexicon = material.lexicon;
        let said = |item: &&Item| {
            !self.body.contains(&item.sentence) && !self.required.iter().any(|text| text.contains(&item.sentence))
        };
        let others: Vec<&Item> = material.items.iter().filter(said).collect();
        let fact =
            (!others.is_empty()).then(|| others[(turn + of_kind) % others.len()]).filter(|item| *item != self.item);
        let fact = fact.map(|item| addition(lexicon.additions, turn + 1, item));
        let text = [self.body.as_str(), &self.required.join("\n"), fact.as_deref().unwrap_or("")].join("\n");
        let rotated =
            (0..material.claims.len()).map(|next| material.claims[(turn + next) % material.claims.len()].as_str());
        let claims: Vec<&str> = rotated.filter(|claim| !is_said(claim, &text)).take(3).collect();
        let summary = fill(lexicon.summaries[turn % lexicon.summaries.len()], &[("claims", Some(&claims.join("; ")))]);
        let summary = summary.filter(|_| claims.len() > 1);
        // Posts of several lengths: a feed of equals is dull.
        let chosen = match turn % 4 {
            _ if wish.shorter => [None, None],
            _ if wish.longer => [fact, summary],
            0 => [None, None],
            1 => [fact, None],
            2 => [summary, None],
            _ => [fact, summary],
        };
        self.optional = chosen.into_iter().flatten().collect();
    }

    /// The whole version, with as much of the optional as the channel carries.
    fn fit(&self, writing: &Writing) -> Content {
        let limits = &writing.limits;
        let text = |hook: bool, optional: usize| {
            let hook = hook.then_some(&self.hook);
            let call = (!self.call.is_empty()).then_some(&self.call);
            let parts = hook
                .into_iter()
                .chain([&self.body])
                .chain(&self.optional[..optional])
                .chain(&self.required)
                .chain(call);
            parts.map(String::as_str).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
        };
        let forms = (0..=self.optional.len()).rev().map(|optional| text(true, optional)).chain([text(false, 0)]);
        let shortest = text(false, 0);
        let text = forms.into_iter().find(|form| graphemes(form) <= limits.text_graphemes_max).unwrap_or(shortest);
        let title = shortened(&self.title, limits.title_graphemes_max);
        Content { language: writing.language.clone(), title, text, image: None }
    }

    /// The version with a mistake in it.
    fn with(mut self, mistake: Mistake, writing: &Writing, material: &Material, variant: usize) -> Content {
        let lexicon = material.lexicon;
        let turn = seed(&["wrong", &writing.campaign_id, &writing.entry.slot.to_string()]) as usize + variant;
        match mistake {
            Mistake::WeakHook => self.hook = lexicon.weak_hooks[turn % lexicon.weak_hooks.len()].into(),
            Mistake::NoCall => self.call.clear(),
            Mistake::BannedClaim => {
                let banned = &writing.brief.claims.banned;
                let boast = lexicon.boasts[turn % lexicon.boasts.len()];
                self.optional.clear();
                self.required.extend(fill(boast, &[("claim", Some(&banned[turn % banned.len()]))]));
            }
            Mistake::MissingClaim => {
                let brief = &writing.brief;
                let plain = |text: &String| missing(text, brief).len() == brief.claims.required.len();
                if !plain(&self.body) {
                    let item = material.items.iter().find(|item| plain(&item.sentence));
                    self.body = item.map_or_else(String::new, |item| item.sentence.clone());
                }
                self.required.retain(plain);
                self.optional.retain(plain);
            }
            Mistake::TooLong => return self.too_long(writing, material),
        }
        self.fit(writing)
    }

    fn too_long(mut self, writing: &Writing, material: &Material) -> Content {
        let fits = self.fit(writing);
        let limits = &writing.limits;
        let padding = material.lexicon.padding;
        let overlong = |text: &str, max: usize| graphemes(text) > max;
        // Padding repeats itself, as those do who cannot stop.
        for next in 0..3 * padding.len() {
            self.body = format!("{}\n\n{}", self.body, padding[next % padding.len()]);
            let text =
                [self.hook.as_str(), &self.body, &self.optional.join("\n\n"), &self.required.join("\n\n"), &self.call]
                    .join("\n\n");
            if overlong(&text, limits.text_graphemes_max) {
                return Content { text: text.replace("\n\n\n\n", "\n\n"), ..fits };
            }
        }
        // A title that tries to say everything.
        let mut title = fits.title.clone();
        for part in [&self.hook, &self.item.sentence].into_iter().map(String::as_str).chain(padding.iter().copied()) {
            if overlong(&title, limits.title_graphemes_max) {
                break;
            }
            title = format!("{title} – {}", part.trim_end_matches('.').replace('\n', " "));
        }
        let title = shortened(&title, domain::post::TITLE_CHARS_MAX - 20);
        Content { title, ..fits }
    }
}

fn addition(additions: &[&str], turn: usize, item: &Item) -> String {
    // A quotation always wants an introduction; what brings its own wants none.
    let count = additions.len() - usize::from(item.is_quoted);
    let frame = if item.is_introduced() { "{fact}" } else { additions[turn % count] };
    fill(frame, &[("fact", Some(&item.sentence))]).unwrap_or_default()
}

/// Whether the words of a claim that matter stand in the text already.
fn is_said(claim: &str, text: &str) -> bool {
    let text = text.to_lowercase();
    let claim = claim.to_lowercase();
    let words: Vec<&str> =
        claim.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 3).collect();
    let said = words.iter().filter(|word| text.contains(*word)).count();
    text.contains(&claim) || (!words.is_empty() && said * 10 >= words.len() * 7)
}

type Values = Vec<(&'static str, Option<String>)>;

fn values(material: &Material, item: &Item, audience: Option<&str>) -> Values {
    let topic = item.topic_is_phrase.then(|| item.topic.clone());
    vec![
        ("brand", material.brand.clone()),
        ("one", material.one.clone()),
        ("Topic", topic.as_deref().map(capital)),
        ("topic", topic),
        ("Label", (!item.label.is_empty()).then(|| item.label.clone())),
        ("audience", audience.map(Into::into)),
        ("Audience", audience.map(capital)),
        ("fact", Some(item.sentence.clone()).filter(|sentence| !sentence.is_empty())),
        ("url", Some(material.brief.brand.url.clone())),
    ]
}

/// What follows the first line. Where the fact is the brand's own sentence, it is said but once.
fn body(frame: &Frame, item: &Item, values: &[(&str, Option<&str>)]) -> Option<String> {
    let body = fill(frame.body, values)?;
    match body.matches(&item.sentence).count() {
        0 | 1 => Some(body),
        _ if frame.body == "{one}\n\n{fact}" => Some(item.sentence.clone()),
        _ => None,
    }
}

/// Whether the frame leads up to the fact.
fn introduces(frame: &Frame) -> bool {
    [": {fact}", ":\n{fact}", ":\n\n{fact}"].iter().any(|lead| frame.body.contains(lead))
}

/// The frames of a kind that this post can fill, in the campaign's order.
fn frames(
    material: &Material,
    kind: Kind,
    tone: Tone,
    item: &Item,
    values: &[(&str, Option<&str>)],
    seed: u64,
) -> Vec<&'static Frame> {
    let brief = material.brief;
    let speaks = |frame: &&Frame| frame.tone == Tone::Any || tone == Tone::Any || frame.tone == tone;
    let fills = |frame: &&Frame| {
        if item.is_introduced() && introduces(frame) && !frame.body.contains(":\n\n{fact}") {
            return false;
        }
        let whole = fill(frame.hook, values).zip(body(frame, item, values));
        whole.is_some_and(|(hook, body)| !holds_banned(&hook, brief) && !holds_banned(&body, brief))
    };
    let all = material.lexicon.frames;
    let ordered: Vec<&Frame> = order(all.len(), seed).into_iter().map(|index| &all[index]).collect();
    let of_kind: Vec<&Frame> =
        ordered.iter().copied().filter(|frame| frame.kind == kind).filter(speaks).filter(fills).collect();
    // A brief that can fill none of its kind takes from the others.
    if of_kind.is_empty() { ordered.into_iter().filter(fills).collect() } else { of_kind }
}

/// A title that no other post of the campaign has.
fn title(
    material: &Material,
    values: &[(&str, Option<&str>)],
    place: &Place,
    variant: usize,
    seed: u64,
) -> Option<String> {
    let brief = material.brief;
    // A long name, or one with a colon, makes a poor beginning of a title.
    let handy = |brand: &&str| graphemes(brand) <= 30 && !brand.contains(':');
    let values: Vec<(&str, Option<&str>)> = values
        .iter()
        .map(|(name, value)| (*name, if *name == "brand" { value.filter(|brand| handy(brand)) } else { *value }))
        .collect();
    let values = values.as_slice();
    let titles: Vec<String> = material.lexicon.titles.iter().filter_map(|title| fill(title, values)).collect();
    // An item without a phrase goes by its label, after a colon or alone.
    let label = fill("{Label}", values);
    let brand = material.brand.clone();
    let plain =
        [label.clone(), brand.clone().zip(label.clone()).map(|(brand, label)| format!("{brand}: {label}")), brand];
    let titles =
        if titles.len() >= 4 { titles } else { titles.into_iter().chain(plain.into_iter().flatten()).collect() };
    let mut titles: Vec<String> = titles.into_iter().filter(|title| !holds_banned(title, brief)).collect();
    titles.dedup();
    if titles.is_empty() {
        titles.push(material.lexicon.closers[0].trim_end_matches('.').into());
    }
    let position = place.of_topic + variant * place.topics;
    let stagger = material.items.iter().position(|item| Some(item.label.as_str()) == label.as_deref()).unwrap_or(0);
    let mut title = titles[order(titles.len(), seed ^ 1)[(position + stagger) % titles.len()]].clone();
    let echoes = material.lexicon.echoes;
    let mut round = position / titles.len();
    while round > 0 {
        title = format!("{title}, {}", echoes[(round - 1) % echoes.len()]);
        round = (round - 1) / echoes.len();
    }
    Some(title)
}

/// Cut at a word, where it is too long; untouched where the channel shows no title.
fn shortened(title: &str, graphemes_max: usize) -> String {
    let mut title = title.to_string();
    while graphemes_max > 0 && graphemes(&title) > graphemes_max {
        let Some((head, _)) = title.rsplit_once(' ') else { break };
        title = head.trim_end_matches([',', ':', ';', '.']).into();
    }
    title
}

/// The barest form: facts in their own words and the address, no frame. For languages that the rehearsal model
/// does not speak, and where nothing else fits.
fn bare(writing: &Writing, material: &Material, variant: usize) -> Content {
    let brief = &writing.brief;
    let place = Place::of(writing, material);
    let count = material.items.len();
    let position = place.item + variant + writing.pass as usize;
    let item = &material.items[position % count];
    let second =
        (count > 1 && variant == 0).then(|| &material.items[(position + 1 + place.of_topic % (count - 1)) % count]);
    let mut parts: Vec<String> = Vec::new();
    let one = material.one.clone().filter(|one| variant == 0 && *one != item.sentence);
    parts.extend(one);
    parts.push(item.sentence.clone());
    parts.extend(second.map(|item| item.sentence.clone()));
    let claims = missing(&parts.join("\n"), brief);
    parts.extend(claims.into_iter().map(|claim| format!("{}.", claim.trim_end_matches('.'))));
    parts.push(brief.brand.url.clone());
    let fits = |parts: &[String]| graphemes(&parts.join("\n\n")) <= writing.limits.text_graphemes_max;
    // What is optional stands first; what must be said stands last.
    while parts.len() > brief.claims.required.len() + 1 && !fits(&parts) {
        parts.remove(0);
    }
    let head = material.brand.clone().unwrap_or_default();
    let plain = if item.label.is_empty() || item.label == head { head } else { format!("{head}: {}", item.label) };
    let values = values(material, item, None);
    let values: Vec<(&str, Option<&str>)> = values.iter().map(|(name, value)| (*name, value.as_deref())).collect();
    let framed = lexicon(&writing.language).and_then(|_| title(material, &values, &place, variant, 0));
    let title = framed.unwrap_or(plain);
    let title = shortened(title.trim_start_matches(": "), writing.limits.title_graphemes_max);
    let title = if title.trim().is_empty() { "·".into() } else { title };
    Content { language: writing.language.clone(), title, text: parts.join("\n\n"), image: None }
}
