//! What came of it: a table for people, one JSON object for programs.

use std::collections::BTreeMap;
use std::fmt;

use console::{Alignment, measure_text_width, pad_str, truncate_str};
use domain::{MicroUsd, Mode, PostState, Stage};
use serde::Serialize;
use serde_json::Value;

use super::follow::{End, WaitsFor};
use crate::api::{Api, Post};

/// The first words of a post, as wide as a terminal leaves room for.
const FIRST_WORDS_CHARS: usize = 44;

/// Where `rondo up` answers unless it is told otherwise.
const USUAL_URL: &str = "http://127.0.0.1:3000";

/// The whole report; `--json` prints it as it is here.
#[derive(Serialize)]
pub struct Report {
    url: String,
    waits_for: WaitsFor,
    #[serde(skip)]
    stalled: bool,
    campaign: CampaignLine,
    posts: Vec<PostLine>,
    totals: Totals,
}

#[derive(Serialize)]
struct CampaignLine {
    id: String,
    name: String,
    mode: Mode,
    stage: Stage,
    reason: Option<String>,
}

#[derive(Serialize)]
struct PostLine {
    id: String,
    slot: u32,
    planned_local: String,
    state: PostState,
    mean: Option<f64>,
    revisions: u32,
    /// None where the API does not say it by post.
    cost_micro_usd: Option<i64>,
    title: Option<String>,
    first_words: String,
    reason: Option<String>,
    ext_url: Option<String>,
}

#[derive(Serialize)]
struct Totals {
    posts: BTreeMap<PostState, usize>,
    /// Over all posts.
    revisions: u32,
    /// Posts that review sent back at least once.
    sent_back: usize,
    spent_micro_usd: i64,
    elapsed_ms: u128,
}

impl Report {
    /// Gathers it; what the posts cost is asked for now.
    pub async fn make(api: &Api, end: &End) -> Self {
        // Costs are worth a column, not a failure.
        let costs = api.costs(&end.campaign.id).await.unwrap_or_default();
        Self::gather(api.base(), end, &by_post(&costs))
    }

    fn gather(base: &str, end: &End, costs: &BTreeMap<String, i64>) -> Self {
        let campaign = &end.campaign;
        let mut states = BTreeMap::new();
        for post in &end.posts {
            *states.entry(post.state).or_default() += 1;
        }
        Self {
            url: format!("{base}/campaigns/{}", campaign.id),
            waits_for: end.waits_for,
            stalled: end.stalled,
            campaign: CampaignLine {
                id: campaign.id.clone(),
                name: campaign.name.clone(),
                mode: campaign.mode,
                stage: campaign.stage,
                reason: campaign.reason.clone(),
            },
            posts: end.posts.iter().map(|post| post_line(post, costs)).collect(),
            totals: Totals {
                posts: states,
                revisions: end.posts.iter().map(|post| post.revisions).sum(),
                sent_back: end.posts.iter().filter(|post| post.revisions > 0).count(),
                spent_micro_usd: campaign.spent_micro_usd,
                elapsed_ms: end.elapsed.as_millis(),
            },
        }
    }

    /// What a person does next, and where.
    pub fn what_next(&self, started_here: bool) -> String {
        let id = &self.campaign.id;
        let place = if started_here {
            format!("run `rondo up` and open {USUAL_URL}/campaigns/{id}")
        } else {
            format!("open {}", self.url)
        };
        if self.stalled {
            return format!("Nothing has moved for two minutes. `rondo doctor` looks what is amiss; then {place}\n");
        }
        let go_on = format!("`rondo goal --campaign {id}` goes on from there.");
        match self.waits_for {
            WaitsFor::Nothing => format!("To see what was published, {place}\n"),
            WaitsFor::StrategyApproval => format!("The strategy waits for your decision: {place}\n{go_on}\n"),
            WaitsFor::PostApproval => format!("The drafts are reviewed and wait for your decision: {place}\n{go_on}\n"),
            WaitsFor::Person => format!("Something needs a person: {place}\n{go_on}\n"),
            WaitsFor::Time => format!("What is approved goes out at its time, while Rondo runs: {place}\n"),
        }
    }
}

fn post_line(post: &Post, costs: &BTreeMap<String, i64>) -> PostLine {
    let said = post.title.as_deref().filter(|title| !title.is_empty()).or(post.text.as_deref()).unwrap_or_default();
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    PostLine {
        id: post.id.clone(),
        slot: post.slot,
        planned_local: post.planned_local.clone(),
        state: post.state,
        mean: post.mean,
        revisions: post.revisions,
        cost_micro_usd: costs.get(&post.id).copied(),
        title: post.title.clone(),
        first_words: truncate_str(&one_line, FIRST_WORDS_CHARS, "…").into_owned(),
        reason: post.reason.clone(),
        ext_url: post.ext_url.clone(),
    }
}

/// What each post's model calls cost, from the campaign's costs.
fn by_post(costs: &Value) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    let items = costs["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    for item in items {
        if let (Some(post), Some(spent)) = (item["post_id"].as_str(), item["spent_micro_usd"].as_i64()) {
            *sums.entry(post.to_owned()).or_default() += spent;
        }
    }
    sums
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let campaign = &self.campaign;
        writeln!(f, "\n{} ({}, {})", campaign.name, campaign.mode, campaign.stage)?;
        if let Some(reason) = &campaign.reason {
            writeln!(f, "{reason}")?;
        }
        if self.posts.is_empty() {
            return writeln!(f);
        }
        writeln!(f)?;
        table(f, &self.posts)?;
        let totals = &self.totals;
        let states: Vec<_> = totals.posts.iter().map(|(state, count)| format!("{count} {}", words(*state))).collect();
        writeln!(
            f,
            "\n{} posts: {}. Review sent {} of them back. {} in {:.1} s.",
            self.posts.len(),
            states.join(", "),
            totals.sent_back,
            MicroUsd(totals.spent_micro_usd),
            totals.elapsed_ms as f64 / 1000.0,
        )
    }
}

fn words(state: PostState) -> String {
    state.as_str().replace('_', " ")
}

fn table(f: &mut fmt::Formatter<'_>, posts: &[PostLine]) -> fmt::Result {
    const HEAD: [&str; 7] = ["slot", "planned", "state", "mean", "revisions", "cost", "first words"];
    const NUMBERS: [usize; 4] = [0, 3, 4, 5];
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(posts.iter().map(cells));
    let width = |column: usize| rows.iter().map(|row| measure_text_width(&row[column])).max().unwrap_or(0);
    let widths: Vec<_> = (0..HEAD.len()).map(width).collect();
    for row in &rows {
        let cell = |(column, text): (usize, &String)| {
            let side = if NUMBERS.contains(&column) { Alignment::Right } else { Alignment::Left };
            pad_str(text, widths[column], side, None).into_owned()
        };
        let line: Vec<_> = row.iter().enumerate().map(cell).collect();
        writeln!(f, "{}", line.join("  ").trim_end())?;
    }
    posts
        .iter()
        .filter_map(|post| Some((post.slot, post.reason.as_ref()?)))
        .try_for_each(|(slot, reason)| writeln!(f, "  slot {slot}: {reason}"))
}

fn cells(post: &PostLine) -> [String; 7] {
    // Missing is not zero.
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "–".into());
    [
        post.slot.to_string(),
        post.planned_local.replace('T', " ").chars().take("2027-03-08 09:30".len()).collect(),
        words(post.state),
        or_dash(post.mean.map(|mean| format!("{mean:.1}"))),
        post.revisions.to_string(),
        or_dash(post.cost_micro_usd.map(|cost| MicroUsd(cost).to_string())),
        post.first_words.clone(),
    ]
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::api::Campaign;

    fn report() -> Report {
        let campaign: Campaign = serde_json::from_value(json!({
            "id": "c1", "name": "Bread", "mode": "rehearsal", "stage": "producing", "time_lapse": true,
            "reason": null, "spent_micro_usd": 1200
        }))
        .unwrap();
        let post = |slot: u32, state: &str, mean: Option<f64>| -> Post {
            serde_json::from_value(json!({
                "id": format!("c1-{slot}"), "slot": slot, "planned_local": "2027-03-08T09:30:00", "state": state,
                "version": 1, "revisions": slot - 1, "mean": mean, "title": "Bread at night",
                "text": "x", "reason": null, "ext_url": null
            }))
            .unwrap()
        };
        let posts = vec![post(1, "published", Some(8.25)), post(2, "awaiting_approval", None)];
        let end = End {
            campaign,
            posts,
            waits_for: WaitsFor::PostApproval,
            stalled: false,
            elapsed: Duration::from_millis(1500),
        };
        let costs = json!({"items": [{"post_id": "c1-1", "spent_micro_usd": 700}, {"post_id": "c1-1", "spent_micro_usd": 500}]});
        Report::gather("http://127.0.0.1:3000", &end, &by_post(&costs))
    }

    #[test]
    fn the_table_has_a_line_for_each_post_and_a_dash_for_what_is_missing() {
        let text = report().to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines[1], "Bread (rehearsal, producing)");
        assert_eq!(lines[3], "slot  planned           state              mean  revisions     cost  first words");
        assert_eq!(lines[4], "   1  2027-03-08 09:30  published           8.2          0  $0.0012  Bread at night");
        assert_eq!(lines[5], "   2  2027-03-08 09:30  awaiting approval     –          1        –  Bread at night");
        assert_eq!(
            lines[7],
            "2 posts: 1 awaiting approval, 1 published. Review sent 1 of them back. $0.0012 in 1.5 s."
        );
    }

    #[test]
    fn the_json_says_the_same_in_the_words_of_the_api() {
        let json = serde_json::to_value(report()).unwrap();
        assert_eq!(json["waits_for"], "post_approval");
        assert_eq!(json["url"], "http://127.0.0.1:3000/campaigns/c1");
        assert_eq!(json["posts"][0]["cost_micro_usd"], 1200);
        assert_eq!(json["posts"][1]["mean"], Value::Null);
        assert_eq!(json["totals"]["posts"], json!({"awaiting_approval": 1, "published": 1}));
    }

    #[test]
    fn it_says_where_to_decide_even_if_the_app_stops_with_the_command() {
        assert!(report().what_next(false).contains("open http://127.0.0.1:3000/campaigns/c1"));
        assert!(report().what_next(true).contains("run `rondo up`"));
    }
}
