//! A judge over drafts that only a reader can tell apart, and a second opinion: another model, or the same one with
//! the brief in another order.

use std::collections::BTreeMap;

use domain::chain::{Chain, Risk, Rules};
use domain::director::decide;
use domain::labelled::{Draft, Suite};
use domain::review::SCORE_MIN;
use domain::rubric::REVIEWERS;
use domain::strategy::Entry;
use domain::{Brief, Verdict};
use models::round::Purse;
use models::{Model, Review, Reviewing, ask, tasks};
use ports::Http;
use serde::Serialize;

use super::material::Tally;

/// Who judges.
pub struct Bench<'a> {
    /// The judge.
    pub first: &'a dyn Model,
    /// Another model for the second opinion.
    pub second: Option<&'a dyn Model>,
    /// Their network.
    pub http: &'a dyn Http,
    /// Their money.
    pub purse: &'a Purse,
}

/// What the judges made of it.
#[derive(Debug, Default, Serialize)]
pub struct Judged {
    /// Where the second opinion is from.
    pub second_opinion: String,
    /// Drafts that both judged.
    pub drafts: usize,
    /// Drafts that one of them could not judge.
    pub unanswered: usize,
    /// By score: drafts that ought to be low in it, and good ones that were.
    pub dimensions: BTreeMap<String, Tally>,
    /// How often the two agreed whether a draft passes, 0 to 1.
    pub agreement: f64,
    /// The same beyond chance (Cohen's kappa); none where both said one thing of every draft.
    pub kappa: Option<f64>,
}

impl Bench<'_> {
    /// Judges drafts without structural flaws: those with a weakness, and as many good ones as there is room for.
    pub async fn judge(&self, suite: &Suite, most: usize) -> Judged {
        let second_opinion = match self.second {
            Some(second) => format!("{}/{}", second.provider(), second.name()),
            None => "the same model, the brief in another order".into(),
        };
        let mut judged = Judged { second_opinion, ..Judged::default() };
        let mut verdicts = Vec::new();
        let weak = suite.drafts.iter().filter(|(_, draft)| draft.judged.is_some());
        let good = suite.drafts.iter().filter(|(_, draft)| draft.judged.is_none() && draft.flaw.is_none());
        for (brief, draft) in weak.chain(good).take(most) {
            let brief = &suite.briefs[*brief].1;
            let one = self.review(self.first, brief, draft).await;
            let other = self.review(self.second.unwrap_or(self.first), &reordered(brief), draft).await;
            let (Some(one), Some(other)) = (one, other) else {
                judged.unanswered += 1;
                continue;
            };
            for mark in &one.scores {
                let (name, is_low) = (mark.dimension.as_str(), mark.score < SCORE_MIN);
                let tally = judged.dimensions.entry(name.into()).or_default();
                let is_seeded = draft.judged.as_deref() == Some(name);
                tally.seeded += usize::from(is_seeded);
                tally.caught += usize::from(is_seeded && is_low);
                tally.false_alarms += usize::from(draft.judged.is_none() && is_low);
            }
            verdicts.push((passes(&one), passes(&other)));
        }
        judged.drafts = verdicts.len();
        (judged.agreement, judged.kappa) = agreement(&verdicts);
        judged
    }

    async fn review(&self, model: &dyn Model, brief: &Brief, draft: &Draft) -> Option<Review> {
        let task = tasks::review(Reviewing {
            campaign_id: "eval".into(),
            brief: brief.clone(),
            entry: Entry { slot: 1, channel: "stage".into(), pillar: String::new(), angle: String::new() },
            language: draft.language.clone(),
            limits: draft.limits(),
            pass: 0,
            content: draft.content(),
            findings: Vec::new(),
            reviewers: REVIEWERS.into(),
        });
        ask(model, self.http, self.purse, &task).await.ok()
    }
}

fn passes(review: &Review) -> bool {
    let chain = Chain { channel: String::new(), risk: Risk::High, reviewers: REVIEWERS.into(), combined: true };
    let decision = decide(&[], &review.opinions(&chain.reviewers), &chain, &Rules::default());
    decision.is_some_and(|decision| decision.verdict == Verdict::Approve)
}

/// The same brief, its lists from the end.
fn reordered(brief: &Brief) -> Brief {
    let mut brief = brief.clone();
    for list in [&mut brief.brand.audience, &mut brief.brand.voice, &mut brief.claims.allowed, &mut brief.claims.banned]
    {
        list.reverse();
    }
    brief
}

/// Plain agreement, and Cohen's kappa.
fn agreement(verdicts: &[(bool, bool)]) -> (f64, Option<f64>) {
    let share = |of: &dyn Fn(&(bool, bool)) -> bool| {
        let count = |n: usize| f64::from(u32::try_from(n).unwrap_or(u32::MAX));
        count(verdicts.iter().filter(|pair| of(pair)).count()) / count(verdicts.len().max(1))
    };
    let agreed = share(&|(one, other)| one == other);
    let (one, other) = (share(&|(one, _)| *one), share(&|(_, other)| *other));
    let by_chance = one * other + (1.0 - one) * (1.0 - other);
    (agreed, (by_chance < 1.0 && !verdicts.is_empty()).then(|| (agreed - by_chance) / (1.0 - by_chance)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kappa_is_agreement_beyond_chance() {
        let close = |one: Option<f64>, other: f64| one.is_some_and(|one| (one - other).abs() < 1e-9);
        // The textbook's table: 20 both yes, 15 both no, 5 and 10 apart.
        let table = [((true, true), 20), ((true, false), 5), ((false, true), 10), ((false, false), 15)];
        let verdicts: Vec<(bool, bool)> = table.iter().flat_map(|(pair, count)| vec![*pair; *count]).collect();
        let (agreed, kappa) = agreement(&verdicts);
        assert!((agreed - 0.7).abs() < 1e-9 && close(kappa, 0.4), "{agreed} {kappa:?}");
        assert_eq!(agreement(&[(true, true); 4]), (1.0, None), "nothing beyond chance can be told");
        assert!(close(agreement(&[(true, false), (false, true)]).1, -1.0));
    }
}
