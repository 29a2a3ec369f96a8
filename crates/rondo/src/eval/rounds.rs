//! The loop over one brief: from the first versions to what passed.

use anyhow::{Context, Result};
use channels::stage::LIMITS;
use domain::Brief;
use models::Model;
use models::round::{Players, Purse, campaign};
use ports::Http;
use serde::Serialize;

/// What the loop made of a brief.
#[derive(Debug, Serialize)]
pub struct Round {
    /// The brief.
    pub brief: String,
    /// Its posts.
    pub posts: usize,
    /// Of those, passed.
    pub passed: usize,
    /// Of those, with a person.
    pub with_a_person: usize,
    /// Passed, and under the thresholds: there must be none.
    pub under_the_thresholds: usize,
    /// How often one was written again.
    pub revisions: usize,
    /// Mean score of the first versions.
    pub first_mean: f64,
    /// Mean score of the last versions.
    pub last_mean: f64,
    /// Millionths of a US dollar.
    pub spent_micro_usd: i64,
}

/// Plays it.
pub async fn play(model: &dyn Model, http: &dyn Http, purse: &Purse, name: &str, brief: &Brief) -> Result<Round> {
    let before = purse.spent().0;
    let players = Players { writer: model, editor: model, http, meter: purse };
    let played =
        campaign(players, brief, name, LIMITS).await.with_context(|| format!("{name} could not be planned"))?;
    let of = |tenths: Vec<u32>| {
        let count = u32::try_from(tenths.len()).unwrap_or(u32::MAX).max(1);
        f64::from(tenths.iter().sum::<u32>()) / f64::from(count) / 10.0
    };
    let judged = || played.iter().filter(|one| !one.passes.is_empty());
    Ok(Round {
        brief: name.into(),
        posts: played.len(),
        passed: played.iter().filter(|one| one.passed().is_some()).count(),
        with_a_person: played.iter().filter(|one| one.person.is_some()).count(),
        under_the_thresholds: judged()
            .filter(|one| one.person.is_none() && one.passes.last().is_some_and(|pass| !pass.scores.pass()))
            .count(),
        revisions: judged().map(|one| one.passes.len() - 1).sum(),
        first_mean: of(judged().filter_map(|one| one.passes.first()).map(|pass| pass.scores.mean_tenths()).collect()),
        last_mean: of(judged().filter_map(|one| one.passes.last()).map(|pass| pass.scores.mean_tenths()).collect()),
        spent_micro_usd: purse.spent().0 - before,
    })
}
