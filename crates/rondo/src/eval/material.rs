//! The labelled drafts, built in, and what the structural checks make of them.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use domain::labelled::{Came, Suite};
use serde::Serialize;

macro_rules! fixture {
    ($path:literal) => {
        include_str!(concat!("../../../../tests/fixtures/", $path))
    };
}

const FILES: [(&str, &str, [&str; 2]); 3] = [
    (
        "night-shift-bakery",
        fixture!("briefs/night-shift-bakery.toml"),
        [fixture!("drafts/night-shift-bakery.good.toml"), fixture!("drafts/night-shift-bakery.flawed.toml")],
    ),
    (
        "ripgrep",
        fixture!("briefs/ripgrep.toml"),
        [fixture!("drafts/ripgrep.good.toml"), fixture!("drafts/ripgrep.flawed.toml")],
    ),
    (
        "wikipedia-editathon",
        fixture!("briefs/wikipedia-editathon.toml"),
        [fixture!("drafts/wikipedia-editathon.good.toml"), fixture!("drafts/wikipedia-editathon.flawed.toml")],
    ),
];

/// All of them.
pub fn suite() -> Result<Suite> {
    let mut suite = Suite::default();
    for (name, brief, files) in FILES {
        suite.add(name, brief, &files).map_err(|complaint| anyhow!(complaint))?;
    }
    Ok(suite)
}

/// What became of one rule's, or one score's, drafts.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Tally {
    /// Drafts with this flaw.
    pub seeded: usize,
    /// Of those, found.
    pub caught: usize,
    /// Other drafts of which it was said.
    pub false_alarms: usize,
}

/// By rule.
pub fn checked(suite: &Suite) -> BTreeMap<String, Tally> {
    let mut rules: BTreeMap<String, Tally> = BTreeMap::new();
    for (index, (_, draft)) in suite.drafts.iter().enumerate() {
        let came = suite.came(index, &suite.findings(index));
        if let Some(flaw) = &draft.flaw {
            let tally = rules.entry(flaw.clone()).or_default();
            tally.seeded += 1;
            tally.caught += usize::from(came != Came::Missed);
        }
        if let Came::FalseAlarm(finding) = came {
            rules.entry(finding.rule).or_default().false_alarms += 1;
        }
    }
    rules
}
