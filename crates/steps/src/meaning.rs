//! Which entries of memory mean the same as the task: by vectors, where the workspace, or the operator, has a provider that makes them.
//! A search by words is whole without it, so that whatever fails here only leaves it out.

use domain::memory::{Candidate, cosine};
use models::embedding::{Embedder, TEXTS_MAX};
use models::{Meter, MeterError, Outcome, Settlement};
use ports::Ports;
use store::job::Claimed;
use store::memory::{Memory, vector};

use crate::asking::{Asked, JobMeter};
use crate::choosing::Models;

/// How it stands in the books.
const PROMPT: &str = "embedding-1";
/// How long a call may take before it counts as lost, in milliseconds.
const LEASE_MS: i64 = 20_000;

/// Gives each candidate its place by meaning; says which model did. None: nobody did.
pub(crate) async fn place(
    models: &Models<'_>,
    ports: &Ports<'_>,
    job: &Claimed,
    query: &str,
    candidates: &mut [Candidate<Memory>],
) -> Result<Option<String>, MeterError> {
    if candidates.is_empty() || query.trim().is_empty() {
        return Ok(None);
    }
    let Some((embedder, provider_id)) = models.embedder(ports, job).await else { return Ok(None) };
    let model = format!("{}/{}", embedder.provider(), embedder.name());
    let ids: Vec<&str> = candidates.iter().map(|one| one.entry.id.as_str()).collect();
    let Ok(mut known) = vector::find(ports.db, &job.workspace_id, &model, &ids).await else { return Ok(None) };
    // The best by words first: what is left over has its turn with the next job.
    let mut unknown: Vec<&Candidate<Memory>> =
        candidates.iter().filter(|one| !known.contains_key(&one.entry.id)).collect();
    unknown.sort_by_key(|one| (one.by_words.unwrap_or(usize::MAX), one.by_age));
    unknown.truncate(TEXTS_MAX - 1);
    let mut texts = vec![query.to_string()];
    texts.extend(unknown.iter().map(|one| text(&one.entry)));
    let Some(mut vectors) = embed(&embedder, ports, job, provider_id.as_deref(), &texts).await? else {
        return Ok(None);
    };
    let made = vectors.split_off(1);
    let new: Vec<(&str, &[f32])> =
        unknown.iter().map(|one| one.entry.id.as_str()).zip(made.iter().map(Vec::as_slice)).collect();
    // Not kept is no harm: it is made anew.
    let _ = vector::keep(ports.db, ports.clock.pinned_ms(), (&job.workspace_id, &model), &new).await;
    known.extend(new.into_iter().map(|(id, vector)| (id.to_string(), vector.to_vec())));
    let asked = &vectors[0];
    let mut near: Vec<(usize, f32)> = candidates
        .iter()
        .enumerate()
        .filter_map(|(at, one)| known.get(&one.entry.id).map(|vector| (at, cosine(asked, vector))))
        .filter(|(_, likeness)| *likeness >= LIKENESS_MIN)
        .collect();
    // Stable: of equals the one that came first, which is the newest.
    near.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    for (place, (at, _)) in near.into_iter().enumerate() {
        candidates[at].by_meaning = Some(place);
    }
    Ok(Some(model))
}

/// Texts that are less alike have nothing to do with each other.
const LIKENESS_MIN: f32 = 0.25;

/// What an entry means: what was said, and about what.
fn text(entry: &Memory) -> String {
    format!("{}\n{}", entry.text, entry.about)
}

/// One metered call. None: it is not to be, or not to be had.
async fn embed(
    embedder: &Embedder,
    ports: &Ports<'_>,
    job: &Claimed,
    provider_id: Option<&str>,
    texts: &[String],
) -> Result<Option<Vec<Vec<f32>>>, MeterError> {
    let meter = JobMeter { ports, job, lease_ms: LEASE_MS };
    let cost_max = embedder.cost_max(texts);
    let asked = Asked {
        provider: embedder.provider(),
        model: embedder.name(),
        provider_id,
        stands_in_for: None,
        cost_max,
        input_sha256: &embedder.sha256(texts),
        prompt: PROMPT,
    };
    let id = match meter.reserve_for(&asked).await {
        Ok(id) => id,
        Err(MeterError::Lost) => return Err(MeterError::Lost),
        Err(_) => return Ok(None),
    };
    match embedder.embed(ports.http, texts).await {
        Ok(embedded) => {
            meter.settle(id, &Settlement::new(Outcome::Answered, embedded.spent.as_ref(), cost_max)).await?;
            Ok(Some(embedded.vectors))
        }
        Err(error) => {
            meter.settle(id, &Settlement::of_failure(&error, cost_max)).await?;
            Ok(None)
        }
    }
}
