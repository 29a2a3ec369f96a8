//! Progress, a bar for each stage; plain lines where nobody looks at a terminal.

use domain::{PostState, Stage};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::io::IsTerminal;

use crate::api::{Campaign, Post};

/// The stages of a post that are worth a bar, in order.
const STAGES: [&str; 4] = ["Written", "Reviewed", "Approved", "Published"];

/// Shows how far a campaign is.
pub struct Bars {
    // Goes first when dropped, so that the report begins on a line of its own.
    shown: Option<Shown>,
    said: String,
}

struct Shown {
    all: MultiProgress,
    plan: ProgressBar,
    stages: [ProgressBar; STAGES.len()],
}

impl Bars {
    /// Bars on a terminal, lines elsewhere.
    pub fn new() -> Self {
        let shown = std::io::stderr().is_terminal().then(Shown::new);
        Self { shown, said: String::new() }
    }

    /// Shows what was seen.
    pub fn show(&mut self, campaign: &Campaign, posts: &[Post]) {
        match &self.shown {
            Some(shown) => shown.show(campaign, posts),
            None => {
                let line = line(campaign, posts);
                if line != self.said {
                    eprintln!("{line}");
                    self.said = line;
                }
            }
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        if let Some(shown) = &self.shown {
            // What was shown stays; the cursor moves below it.
            let _ = shown.all.println("");
            shown.plan.abandon();
            shown.stages.iter().for_each(ProgressBar::abandon);
        }
    }
}

impl Shown {
    fn new() -> Self {
        let all = MultiProgress::new();
        let spinner = ProgressStyle::with_template("{spinner} {prefix:<10}{msg}").expect("a fixed template");
        let bar = ProgressStyle::with_template("  {prefix:<10}{bar:32} {pos:>3} of {len}").expect("a fixed template");
        let plan = all.add(ProgressBar::new_spinner().with_style(spinner).with_prefix("Strategy"));
        plan.enable_steady_tick(std::time::Duration::from_millis(120));
        let stages = STAGES.map(|name| all.add(ProgressBar::new(0).with_style(bar.clone()).with_prefix(name)));
        Self { all, plan, stages }
    }

    fn show(&self, campaign: &Campaign, posts: &[Post]) {
        self.plan.set_message(plan_word(campaign));
        for (bar, count) in self.stages.iter().zip(counts(posts)) {
            bar.set_length(posts.len() as u64);
            bar.set_position(count as u64);
        }
    }
}

fn plan_word(campaign: &Campaign) -> &'static str {
    match campaign.stage {
        Stage::Planning if campaign.reason.is_some() => "could not be made",
        Stage::Planning => "is being planned",
        Stage::StrategyApproval => "waits for approval",
        Stage::Producing | Stage::Finished => "is approved",
        Stage::Cancelled => "is cancelled with its campaign",
    }
}

/// How many posts came so far, by stage.
fn counts(posts: &[Post]) -> [usize; STAGES.len()] {
    let count = |is: &dyn Fn(&Post) -> bool| posts.iter().filter(|post| is(post)).count();
    [
        count(&|post| post.version > 0),
        count(&|post| !matches!(post.state, PostState::Writing | PostState::InReview)),
        count(&|post| matches!(post.state, PostState::Scheduled | PostState::Publishing | PostState::Published)),
        count(&|post| post.state == PostState::Published),
    ]
}

fn line(campaign: &Campaign, posts: &[Post]) -> String {
    let mut line = format!("strategy {}", plan_word(campaign));
    if !posts.is_empty() {
        for (name, count) in STAGES.iter().zip(counts(posts)) {
            line.push_str(&format!(" · {} {count} of {}", name.to_lowercase(), posts.len()));
        }
    }
    line
}
