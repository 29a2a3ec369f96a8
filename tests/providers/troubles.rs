//! A campaign of which every post meets another trouble at the model's server; what must come of each is beside it.

use domain::AgentRole;
use serde_json::{Value, json};

use crate::aimock::{Agent, answer, chaos_first, ends, error, says, says_first};
use crate::wire::{CUT, NO_RETRY_AFTER};

/// One post's trouble.
pub struct Trouble {
    /// Names it: the angle that the plan gives the post.
    pub angle: &'static str,
    /// What the server does at first.
    first: fn(&str) -> Vec<Value>,
    /// What came of the calls for it, in their order: the copywriter's.
    pub writing: &'static [&'static str],
    /// And the editor's.
    pub review: &'static [&'static str],
    /// What a person reads, where one is needed.
    pub reason: Option<&'static str>,
}

const fn trouble(angle: &'static str, first: fn(&str) -> Vec<Value>, writing: &'static [&'static str]) -> Trouble {
    Trouble { angle, first, writing, review: &["answered"], reason: None }
}

/// All of them, one a slot.
pub const ALL: &[Trouble] = &[
    trouble("nothing amiss", |_| Vec::new(), &["answered"]),
    trouble("limited for a second", |post| vec![limited(post, "slow down")], &["rate_limited", "answered"]),
    trouble("limited for a while", |post| vec![limited(post, NO_RETRY_AFTER)], &["rate_limited", "answered"]),
    trouble("broken inside", |post| vec![fails(post, 500)], &["overloaded", "answered"]),
    trouble("overloaded", |post| vec![fails(post, 529)], &["overloaded", "answered"]),
    trouble("cut on its way", |post| vec![writes(post, answer(&json!({ "text": CUT })))], &["no_answer", "answered"]),
    trouble("garbled", |post| vec![breaks(post, json!({ "malformedRate": 1 }))], &["unusable", "answered"]),
    trouble("hung up", |post| vec![breaks(post, json!({ "disconnectRate": 1 }))], &["no_answer", "answered"]),
    trouble("asleep", |post| vec![breaks(post, json!({ "latencyMs": 30_000 }))], &["no_answer", "answered"]),
    trouble("misshapen once", |post| misshapen(post, "once", &written("misshapen once")), &["misfit", "answered"]),
    trouble(
        "misshapen twice",
        |post| misshapen(post, "twice", &json!({ "twice": 2 })),
        &["misfit", "misfit", "answered"],
    ),
    Trouble {
        reason: Some("the answer was cut at the limit of tokens"),
        ..trouble(
            "too long",
            |post| vec![writes(post, ends("{\"language\":\"en\",\"ti", "length"))],
            &["length", "answered"],
        )
    },
    Trouble {
        review: &["overloaded", "answered"],
        ..trouble("a broken editor", |post| vec![says_first(Agent::Editor, post, broken(500))], &["answered"])
    },
    Trouble {
        review: &["misfit", "answered"],
        ..trouble(
            "a careless editor",
            |post| vec![says_first(Agent::Editor, post, answer(&json!({ "fine": true })))],
            &["answered"],
        )
    },
    Trouble { review: &["answered", "answered"], ..trouble("a strict editor", strict, &["answered", "answered"]) },
];

/// The words of a request that tell which post it is about.
fn about(angle: &str) -> String {
    format!("- angle: {angle}\n")
}

fn writes(post: &str, response: Value) -> Value {
    says_first(Agent::Copywriter, post, response)
}

fn breaks(post: &str, chaos: Value) -> Value {
    chaos_first(Agent::Copywriter, post, chaos)
}

fn limited(post: &str, message: &str) -> Value {
    writes(post, error(429, "rate_limit_error", message))
}

fn broken(status: u16) -> Value {
    error(status, "api_error", "it broke")
}

fn fails(post: &str, status: u16) -> Value {
    writes(post, broken(status))
}

/// An answer with a field that is not known, and what is said to the complaint about it, which names the field.
fn misshapen(post: &str, field: &str, next: &Value) -> Vec<Value> {
    let complaint = format!("unknown field `{field}`");
    vec![writes(post, answer(&json!({ field: 1 }))), says(Agent::Copywriter, &complaint, answer(next))]
}

/// The editor sends it back once; the next version follows the advice.
fn strict(post: &str) -> Vec<Value> {
    const ADVICE: &str = "Say who bakes.";
    let finding = json!({ "rule": "hook", "severity": "major", "quote": "", "advice": ADVICE });
    let mut better = written("a strict editor");
    better["text"] = format!("Bakers bake. {}", better["text"].as_str().unwrap_or_default()).into();
    vec![
        says(Agent::Copywriter, ADVICE, answer(&better)),
        says_first(Agent::Editor, post, answer(&review("revise", 5, vec![finding]))),
    ]
}

/// The good version of a post: too few words to say again what another says.
pub fn written(angle: &str) -> Value {
    let text = format!("This one: {angle}.\n\nhttps://nightshift.example");
    json!({ "language": "en", "title": format!("Night bread, {angle}"), "text": text })
}

/// What its reviewers say together.
pub fn review(verdict: &str, score: u8, findings: Vec<Value>) -> Value {
    // Editor, brand and compliance answer together.
    let asked = [AgentRole::Editor, AgentRole::Brand, AgentRole::Compliance].map(AgentRole::rubric).concat();
    let scores: Vec<Value> = asked.iter().map(|one| json!({ "dimension": one, "score": score, "quote": "" })).collect();
    json!({ "verdict": verdict, "scores": scores, "findings": findings })
}

/// A plan of posts with these angles.
pub fn plan(angles: &[&str]) -> Value {
    let calendar: Vec<Value> = angles
        .iter()
        .zip(1..)
        .map(|(angle, slot)| json!({ "slot": slot, "channel": "stage", "pillar": "Bread", "angle": angle }))
        .collect();
    json!({
        "positioning": "Bread for those who work at night.",
        "pillars": [{ "name": "Bread", "why": "There is an oven." }],
        "channel_mix": [{ "channel": "stage", "percent": 100, "why": "It is there." }],
        "cadence": "Every day.",
        "calendar": calendar,
        "measures": ["Loaves sold"],
    })
}

/// What came of the strategist's calls: limited, then a plan whose shares do not add up, then a plan.
pub const PLANNING: &[&str] = &["rate_limited", "misfit", "answered"];

/// Everything that the server is to say.
pub fn fixtures() -> Vec<Value> {
    let plan = plan(&ALL.iter().map(|trouble| trouble.angle).collect::<Vec<_>>());
    let mut unfair = plan.clone();
    unfair["channel_mix"][0]["percent"] = 90.into();
    let mut fixtures = vec![
        says(Agent::Strategist, "channel_mix adds up to 90 percent", answer(&plan)),
        says_first(Agent::Strategist, "Plan this campaign.", error(429, "rate_limit_error", "slow down")),
        says(Agent::Strategist, "Plan this campaign.", answer(&unfair)),
        says(Agent::Editor, "unknown field `fine`", answer(&review("approve", 8, Vec::new()))),
    ];
    for trouble in ALL {
        let post = about(trouble.angle);
        fixtures.extend((trouble.first)(&post));
        fixtures.push(says(Agent::Copywriter, &post, answer(&written(trouble.angle))));
    }
    fixtures.push(says(Agent::Editor, "Review this version.", answer(&review("approve", 8, Vec::new()))));
    fixtures
}

/// The brief of the campaign.
pub fn brief() -> String {
    brief_of(ALL.len())
}

/// The brief of a campaign of so many posts.
pub fn brief_of(posts: usize) -> String {
    format!(
        r#"[brand]
name = "Night Shift Bakery"
url = "https://nightshift.example"
one_line = "A bakery that opens at 22:00, for people who work nights."
[facts]
hours = "22:00 to 04:00"
address = "14 Canal Street"
[goal]
text = "Sell bread to those who work at night."
channels = ["stage"]
posts_per_week = {posts}
weeks = 1
timezone = "UTC"
start = "2027-03-29"
"#
    )
}
