//! What `rondo eval` prints.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::judges::Judged;
use super::material::Tally;
use super::rounds::Round;

/// Everything.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Provider and name.
    pub model: String,
    /// Whether its costs mean anything.
    pub priced: bool,
    /// The structural checks, by rule.
    pub checks: BTreeMap<String, Tally>,
    /// The judges.
    pub judged: Judged,
    /// The loop, by brief.
    pub loops: Vec<Round>,
    /// Calls of models.
    pub calls: u32,
    /// Millionths of a US dollar.
    pub spent_micro_usd: i64,
}

impl Report {
    /// For people.
    pub fn text(&self) -> String {
        let mut text = format!("Model: {}\n", self.model);
        if self.model.starts_with("rehearsal/") {
            text +=
                "(The rehearsal model is no language model: its scores are countings, and its two opinions are one.)\n";
        }
        table(&mut text, "Structural checks", &self.checks);
        table(&mut text, "Judge, by score", &self.judged.dimensions);
        let judged = &self.judged;
        let kappa = judged.kappa.map_or("cannot be told".into(), |kappa| format!("{kappa:.2}"));
        let _ = writeln!(
            text,
            "  {} drafts, second opinion: {}; agreement {:.0} %, Cohen's kappa {kappa}; {} unanswered",
            judged.drafts,
            judged.second_opinion,
            judged.agreement * 100.0,
            judged.unanswered
        );
        text += "\nLoop                     posts  passed  person  revisions   first    last     cost\n";
        for one in &self.loops {
            let _ = writeln!(
                text,
                "  {:<22} {:>5} {:>7} {:>7} {:>10} {:>7.2} {:>7.2} {:>8}",
                one.brief,
                one.posts,
                one.passed,
                one.with_a_person,
                one.revisions,
                one.first_mean,
                one.last_mean,
                self.cost(one.spent_micro_usd)
            );
        }
        let _ = writeln!(text, "\n{} calls, {}", self.calls, self.cost(self.spent_micro_usd));
        text
    }

    fn cost(&self, micro_usd: i64) -> String {
        if self.priced { domain::MicroUsd(micro_usd).to_string() } else { "no price".into() }
    }

    /// What must not be so.
    pub fn complaints(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (rule, tally) in &self.checks {
            if tally.caught < tally.seeded {
                found.push(format!("`{rule}` missed {} of {} drafts", tally.seeded - tally.caught, tally.seeded));
            }
            if tally.false_alarms > 0 {
                found.push(format!("`{rule}` complained of {} drafts without reason", tally.false_alarms));
            }
        }
        let mean = |of: fn(&Round) -> f64| self.loops.iter().map(of).sum::<f64>();
        let revised = self.loops.iter().any(|one| one.revisions > 0);
        if revised && mean(|one| one.last_mean) <= mean(|one| one.first_mean) {
            found.push("the posts got no better from the first pass to the last".into());
        }
        for one in &self.loops {
            if one.under_the_thresholds > 0 || one.passed + one.with_a_person != one.posts {
                found.push(format!("a post of {} neither meets the thresholds nor sits with a person", one.brief));
            }
        }
        found
    }
}

fn table(text: &mut String, title: &str, rows: &BTreeMap<String, Tally>) {
    let _ = writeln!(text, "\n{title:<24} seeded  caught  false alarms");
    for (name, tally) in rows {
        let _ = writeln!(text, "  {name:<22} {:>6} {:>7} {:>13}", tally.seeded, tally.caught, tally.false_alarms);
    }
    let sum = |of: fn(&Tally) -> usize| rows.values().map(of).sum::<usize>();
    let (seeded, caught, alarms) = (sum(|one| one.seeded), sum(|one| one.caught), sum(|one| one.false_alarms));
    let _ = writeln!(text, "  {:<22} {seeded:>6} {caught:>7} {alarms:>13}", "together");
}
