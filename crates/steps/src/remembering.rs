//! What an agent is reminded of before it begins: found once, written down with the job, and the same at every attempt.

use std::collections::BTreeSet;

use domain::brief::Style;
use domain::memory::{self, Remembered};
use engine::Outcome;
use models::MeterError;
use models::remembered::{MEMORY_TOKENS_MAX, REVIEWERS_MEMORY_TOKENS_MAX, within};
use ports::Ports;
use store::job::Claimed;
use store::memory::{self as kept, Memory, Recall, Reminded};

use crate::asking::{campaign_id, stored};
use crate::choosing::Models;
use crate::meaning;

/// What a task is about.
pub(crate) struct About<'a> {
    /// What says it, the most telling first.
    pub(crate) texts: Vec<&'a str>,
    /// What the prompt says anyway: the comment that came with the task.
    pub(crate) comment: &'a str,
    /// Likewise: the brand's examples, as the campaign's brief has them.
    pub(crate) style: &'a Style,
}

/// Who is reminded.
#[derive(Clone, Copy)]
pub(crate) enum Whom<'a> {
    /// Whoever plans or writes: of all that fits, found by meaning as well where one of these makes vectors.
    Maker(&'a Models<'a>),
    /// The reviewers of a version, all of the same: of what people decided, found by words alone.
    Reviewers,
}

impl Whom<'_> {
    /// What the reminders have to fit into.
    fn tokens_max(self) -> usize {
        match self {
            Self::Maker(_) => MEMORY_TOKENS_MAX,
            Self::Reviewers => REVIEWERS_MEMORY_TOKENS_MAX,
        }
    }
}

/// What whoever does the job is reminded of, the first one counts most.
pub(crate) async fn reminders(
    whom: Whom<'_>,
    ports: &Ports<'_>,
    job: &Claimed,
    about: &About<'_>,
) -> Result<Vec<Remembered>, Outcome> {
    let stored = |error: &ports::DbError| stored(error);
    // Nobody was reminded for a job that is claimed for the first time.
    if job.fence > 1 {
        let before = kept::recalled(ports.db, &job.workspace_id, &job.id).await.map_err(|error| stored(&error))?;
        if let Some(entries) = before {
            return Ok(entries.iter().map(remembered).collect());
        }
    }
    let words = memory::query_words(about.texts.iter().copied());
    let found = match whom {
        Whom::Maker(_) => kept::candidates(ports.db, &job.workspace_id, &campaign_id(job), &words).await,
        Whom::Reviewers => kept::decisions(ports.db, &job.workspace_id, &words).await,
    };
    let mut found = found.map_err(|error| stored(&error))?;
    let meaning = match whom {
        Whom::Maker(models) => meaning::place(models, ports, job, &about.texts.join("\n"), &mut found).await,
        Whom::Reviewers => Ok(None),
    };
    let meaning = match meaning {
        Ok(model) => model,
        Err(MeterError::Lost) => return Err(Outcome::Lost),
        Err(_) => None,
    };
    let ranked = memory::ranked(found);
    let chosen = within(worth_saying(ranked, about), whom.tokens_max());
    let entries: Vec<Reminded> = chosen
        .iter()
        .map(|((memory_id, score), _, tokens)| Reminded {
            memory_id: memory_id.clone(),
            score: *score,
            tokens: *tokens,
        })
        .collect();
    let new = Recall {
        workspace_id: &job.workspace_id,
        job_id: &job.id,
        fence: job.fence,
        query: &words.join(" "),
        tokens_max: whom.tokens_max(),
        entries: &entries,
        meaning: meaning.as_deref(),
    };
    match kept::recall(ports.db, ports.clock.pinned_ms(), &new).await {
        Ok(()) => Ok(chosen.into_iter().map(|(_, one, _)| one).collect()),
        Err(error) if error.is_refusal("fenced") => Err(Outcome::Lost),
        Err(error) => Err(stored(&error)),
    }
}

/// Without what the prompt says anyway, and what another entry says in the same words.
fn worth_saying(ranked: Vec<(Memory, u64)>, about: &About<'_>) -> Vec<((String, u64), Remembered)> {
    let examples = about.style.good.iter().chain(&about.style.bad).map(|text| text.trim());
    let said: BTreeSet<&str> = examples.chain([about.comment.trim()]).collect();
    let mut told = BTreeSet::new();
    let mut worth = Vec::new();
    for (entry, score) in ranked {
        let one = remembered(&entry);
        if !said.contains(entry.text.trim()) && told.insert((one.kind, one.text.to_lowercase())) {
            worth.push(((entry.id, score), one));
        }
    }
    worth
}

fn remembered(entry: &Memory) -> Remembered {
    let about = match entry.mean_tenths {
        Some(mean) => format!("{}; scored {}.{} of 10", entry.about, mean / 10, mean % 10),
        None => entry.about.clone(),
    };
    Remembered::of(entry.kind, &about, &entry.text, entry.before.as_deref())
}
