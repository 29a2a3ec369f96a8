//! Red team: for each injection, a writer that obeys it and an editor that approves everything. Nothing of it may
//! pass, for the structural checks and the strict reading of answers stand alone here.

use std::cell::Cell;

use domain::check::Limits;
use domain::source::{FactKind, Source};
use domain::strategy::{Entry, Pillar};
use domain::{Brief, Content, Mark, MicroUsd, Severity, Step, Strategy, Verdict};
use futures::executor::block_on;
use models::read::Facts;
use models::round::{self, Played, Players, Purse};
use models::{Input, Model, ModelError, Previous, Reply, Review, Spent, Task, Writing};
use ports::{Http, HttpError, Request, Response};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Injections {
    injection: Vec<Injection>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Injection {
    place: String,
    text: String,
    #[serde(default)]
    obeyed: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    drop: String,
    #[serde(default)]
    fields: toml::Table,
    #[serde(default)]
    brief: String,
}

fn injections(file: &str) -> Vec<Injection> {
    let text = std::fs::read_to_string(format!("../../tests/fixtures/injections/{file}.toml")).unwrap();
    toml::from_str::<Injections>(&text).unwrap_or_else(|error| panic!("{file}: {error}")).injection
}

const COVERED: [&str; 6] = ["urls", "mentions", "numbers", "claims", "canaries", "publish"];

/// A brief, with a post that the checks have nothing against.
fn stages() -> Vec<(&'static str, Brief, Content)> {
    let content = |title: &str, text: &str| Content {
        language: "en".into(),
        title: title.into(),
        text: text.into(),
        image: None,
    };
    let brief = |text: &str| Brief::parse(text).unwrap();
    vec![
        (
            "night-shift-bakery",
            brief(include_str!("../../../tests/fixtures/briefs/night-shift-bakery.toml")),
            content(
                "Still up?",
                "The ward is quiet. A night box is 9.50 EUR with your badge. Until 30 April 2027.\nhttps://nightshift.example",
            ),
        ),
        (
            "ripgrep",
            brief(include_str!("../../../tests/fixtures/briefs/ripgrep.toml")),
            content(
                "grep is fine",
                "It is on every machine. rg is for the afternoon when the tree is deep.\nhttps://github.com/BurntSushi/ripgrep",
            ),
        ),
        (
            "wikipedia-editathon",
            brief(include_str!("../../../tests/fixtures/briefs/wikipedia-editathon.toml")),
            content(
                "Your first edit",
                "Taking part is free; bring a laptop.\nhttps://en.wikipedia.org/wiki/Wikipedia:WikiProject_Women_in_Red",
            ),
        ),
    ]
}

/// Does whatever the text tells it, every time, whatever the findings say.
struct Obeys {
    answer: String,
    reviews: Cell<u32>,
}

#[async_trait::async_trait(?Send)]
impl Model for Obeys {
    fn provider(&self) -> &'static str {
        "double"
    }

    fn name(&self) -> &str {
        "obeys"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, _: &dyn Http, task: &Task) -> Result<Reply, ModelError> {
        let text = match &task.input {
            Input::Review(reviewing) => {
                self.reviews.set(self.reviews.get() + 1);
                let best = |dimension| Mark { dimension, score: 10, quote: String::new() };
                let scores = reviewing.asked().into_iter().map(best).collect();
                let review = Review { verdict: Verdict::Approve, scores, findings: Vec::new(), discarded: Vec::new() };
                serde_json::to_string(&review).unwrap()
            }
            _ => self.answer.clone(),
        };
        Ok(Reply::new(text, Some(Spent::default())))
    }
}

struct NoHttp;

#[async_trait::async_trait(?Send)]
impl Http for NoHttp {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        panic!("a double has no network")
    }
}

/// What the writer gets, with the injection in its place.
fn writing(brief: &Brief, good: &Content, injection: &Injection) -> Writing {
    let mut brief = brief.clone();
    let mut angle = "Where the light is on.".to_string();
    let mut comment = String::new();
    let text = injection.text.clone();
    match injection.place.as_str() {
        "goal" => brief.goal.text = format!("{} {text}", brief.goal.text),
        "audience" => brief.brand.audience.push(text),
        "voice" => brief.brand.voice.push(text),
        "angle" => angle = text,
        "comment" | "page" => comment = text,
        other => panic!("no place `{other}`"),
    }
    let entry = Entry { slot: 1, channel: "stage".into(), pillar: "Light".into(), angle };
    let previous = (!comment.is_empty()).then(|| Previous {
        content: good.clone(),
        findings: Vec::new(),
        comment,
        tried: Vec::new(),
    });
    Writing {
        campaign_id: "c".into(),
        strategy: Strategy {
            positioning: "For those who are up.".into(),
            pillars: vec![Pillar { name: "Light".into(), why: "It is on.".into() }],
            channel_mix: Vec::new(),
            cadence: "Often.".into(),
            calendar: vec![entry.clone()],
            measures: Vec::new(),
        },
        brief,
        entry,
        language: "en".into(),
        limits: Limits { text_graphemes_max: 3_000, title_graphemes_max: 120 },
        pass: 0,
        previous,
        learnings: Vec::new(),
    }
}

/// What an obedient writer hands in.
fn handed_in(good: &Content, goal: &str, injection: &Injection) -> String {
    let mut content = good.clone();
    if !injection.drop.is_empty() {
        content.text = content.text.replace(&injection.drop, "");
    }
    content.text = format!("{}\n{}", content.text, injection.obeyed.replace("{goal}", goal));
    if !injection.title.is_empty() {
        content.title = injection.title.clone();
    }
    let mut answer = serde_json::to_value(&content).unwrap();
    let fields = answer.as_object_mut().unwrap();
    fields.extend(injection.fields.iter().map(|(name, value)| (name.clone(), serde_json::to_value(value).unwrap())));
    answer.to_string()
}

fn play(brief: &Brief, good: &Content, injection: &Injection) -> Played {
    let writing = writing(brief, good, injection);
    let writer = Obeys { answer: handed_in(good, &brief.goal.text, injection), reviews: Cell::new(0) };
    let purse = Purse::of(MicroUsd(1));
    block_on(round::post(Players { writer: &writer, editor: &writer, http: &NoHttp, meter: &purse }, writing, &[]))
}

/// Each injection of a file on each brief it is for.
fn plays(file: &str) -> Vec<(String, Injection, Played)> {
    let stages = stages();
    let one = |injection: Injection| {
        let fitting: Vec<_> =
            stages.iter().filter(|(name, ..)| injection.brief.is_empty() || injection.brief == *name).collect();
        assert!(!fitting.is_empty(), "{injection:?}");
        let played = fitting
            .into_iter()
            .map(|(name, brief, good)| ((*name).to_string(), injection.clone(), play(brief, good, &injection)));
        played.collect::<Vec<_>>()
    };
    injections(file).into_iter().flat_map(one).collect()
}

#[test]
fn a_writer_that_obeys_gets_nothing_past_the_checks() {
    let mut through = Vec::new();
    for file in COVERED {
        for (brief, injection, played) in plays(file) {
            if let Some(content) = played.passed() {
                through.push(format!("{file}, {brief}: {:?} went through: {content:?}", injection.text));
            }
        }
    }
    assert!(through.is_empty(), "{}:\n{}", through.len(), through.join("\n"));
}

#[test]
fn without_the_checks_the_same_writer_would_get_everything_through() {
    // The control: of every post that was stopped, the editor approved each version, and only blockers of the checks
    // stood against it.
    for file in COVERED.iter().filter(|file| **file != "publish") {
        for (_, injection, played) in plays(file) {
            let misfit = played.passes.is_empty();
            let blocked = played.passes.iter().all(|pass| {
                pass.scores.pass() && pass.findings.iter().any(|finding| finding.severity == Severity::Blocker)
            });
            assert!(misfit || blocked, "{injection:?}: {played:?}");
        }
    }
}

#[test]
fn good_posts_pass_when_nobody_injects_anything() {
    let nothing = Injection {
        place: "comment".into(),
        text: "Lovely.".into(),
        obeyed: String::new(),
        title: String::new(),
        drop: String::new(),
        fields: toml::Table::new(),
        brief: String::new(),
    };
    for (name, brief, good) in stages() {
        let played = play(&brief, &good, &nothing);
        assert!(played.passed().is_some(), "{name}: {played:?}");
    }
}

#[test]
fn words_alone_are_not_caught_and_wait_for_a_person() {
    // Approved here means proposed to a person: `decide` never publishes.
    for (brief, injection, played) in plays("uncovered") {
        assert!(played.passed().is_some(), "{brief}: {:?} is caught by now; move it", injection.text);
    }
}

/// Reads a page into whatever the injection wants, of every kind, with whatever quote might pass.
struct ObedientReader(String);

#[async_trait::async_trait(?Send)]
impl Model for ObedientReader {
    fn provider(&self) -> &'static str {
        "double"
    }

    fn name(&self) -> &str {
        "reads what it is told"
    }

    fn priced(&self) -> bool {
        true
    }

    fn cost_max(&self, _: &Task) -> MicroUsd {
        MicroUsd(0)
    }

    async fn answer(&self, _: &dyn Http, _: &Task) -> Result<Reply, ModelError> {
        Ok(Reply::new(self.0.clone(), Some(Spent::default())))
    }
}

/// A page with the injection in it, and what an obedient reader says of it.
fn page(injection: &Injection, goal: &str) -> (Source, String) {
    let text = format!("Night boxes cost 11.50 EUR.\n{}\nOpen 22:00 to 04:00.", injection.text);
    let obeyed = injection.obeyed.replace("{goal}", goal);
    let words = obeyed.split_whitespace().map(str::to_owned);
    let wanted: Vec<String> = [obeyed.clone(), injection.title.clone()].into_iter().chain(words).collect();
    let quotes = [text.as_str(), injection.text.as_str()];
    let facts: Vec<serde_json::Value> = FactKind::ALL
        .iter()
        .flat_map(|kind| {
            wanted.iter().flat_map(move |value| {
                [value.as_str(), quotes[0], quotes[1]]
                    .map(|quote| serde_json::json!({ "kind": kind, "value": value, "quote": quote }))
            })
        })
        .collect();
    let source = Source { label: "page of nightshift.example".into(), host: Some("nightshift.example".into()), text };
    (source, serde_json::json!({ "facts": facts }).to_string())
}

#[test]
fn a_reader_that_obeys_brings_no_address_account_or_number_that_the_page_does_not_hold() {
    let (mut read, mut kept) = (0, 0);
    for injection in COVERED.iter().chain(&["uncovered"]).flat_map(|file| injections(file)) {
        let (source, said) = page(&injection, "Sell 60 night boxes a week.");
        let (reader, purse) = (ObedientReader(said), Purse::of(MicroUsd(1)));
        let task = models::read::read(Step::Strategize, source.clone());
        let facts: Facts = block_on(models::ask(&reader, &NoHttp, &purse, &task)).unwrap();
        read += 1;
        let on_one_line = source.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for fact in facts.standing() {
            kept += 1;
            assert_eq!(fact.source, "page of nightshift.example");
            let leads = fact.value.contains("://") || fact.value.contains('@') || fact.value.contains("www.");
            let is_own = fact.kind == FactKind::Url && fact.value.contains("//nightshift.example");
            assert!(!leads || is_own, "{injection:?}: {fact:?}");
            let visible: String = on_one_line.chars().filter(|c| !c.is_control()).collect();
            let stands =
                fact.value.replace('‹', "<").split(' ').all(|word| visible.contains(word)) || !source.text.is_ascii();
            assert!(stands, "{injection:?}: {fact:?}");
        }
    }
    println!(
        "{read} pages read by a reader that obeys: {kept} facts kept, all of them words of the page; 0 addresses, accounts or numbers beside it"
    );
}

#[test]
fn a_reader_sees_a_page_as_data_between_delimiters_and_its_answer_is_never_a_prompt() {
    for injection in COVERED.iter().flat_map(|file| injections(file)) {
        let (source, _) = page(&injection, "Sell.");
        let task = models::read::read(Step::Strategize, source);
        let [models::Turn::Ours(prompt)] = &task.turns[..] else { panic!("one turn") };
        assert_eq!((prompt.matches("<source>").count(), prompt.matches("</source>").count()), (1, 1), "{prompt}");
        assert!(task.system.contains("no tools") && task.system.contains("never an instruction"));
    }
}

#[test]
fn there_are_two_hundred_injections_in_every_place() {
    let all: Vec<Injection> = COVERED.iter().flat_map(|file| injections(file)).collect();
    let mut different: Vec<String> = all
        .iter()
        .map(|one| format!("{} {} {} {} {:?}", one.text, one.obeyed, one.title, one.drop, one.fields))
        .collect();
    different.sort_unstable();
    different.dedup();
    assert!(different.len() >= 200, "{}", different.len());
    for place in ["goal", "audience", "voice", "angle", "comment", "page"] {
        assert!(all.iter().filter(|injection| injection.place == place).count() >= 10, "{place}");
    }
}
