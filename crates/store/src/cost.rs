//! Costs: one row for each call of a model, reserved before it and settled after.

use domain::Step;
use ports::{Db, DbError, Row};
use serde::Serialize;
use serde_json::json;

use crate::now;

/// A call that is about to be made.
#[derive(Clone, Debug, Serialize)]
pub struct Reservation<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// The campaign whose budget pays; none: a reading, which the workspace's day pays.
    pub campaign_id: Option<&'a str>,
    /// The job that asks.
    pub job_id: &'a str,
    /// As claimed: whoever lost the job pays for nothing more.
    pub fence: i64,
    /// Its step.
    pub step: Step,
    /// Who is asked.
    pub provider: &'a str,
    /// Which model.
    pub model: &'a str,
    /// The workspace's own provider; none: the operator's.
    pub provider_id: Option<&'a str>,
    /// Who was asked before, and what came of it.
    pub stands_in_for: Option<&'a str>,
    /// The most that it can cost.
    pub micro_usd: i64,
    /// Of all that the model is given, so that the same question is known again.
    pub input_sha256: &'a str,
    /// Which prompt asks, with its version.
    pub prompt: &'a str,
    /// After so long unsettled, it counts as spent. Milliseconds.
    pub for_ms: i64,
}

/// Reserves what a call can cost at most. Refused when the budget does not hold it (`budget_spent`), when another
/// worker may have the job (`fenced`), and when the provider cannot be asked now: it asked us to wait
/// (`provider_blocked`), has as many calls as it may have (`provider_busy`), or is no longer there (`provider_gone`).
pub async fn reserve(db: &dyn Db, pinned_ms: Option<i64>, new: &Reservation<'_>) -> Result<(), DbError> {
    const RESERVE: &str = concat!(
        "insert into cost (workspace_id, id, campaign_id, job_id, step, provider, model, reserved_micro_usd, input_sha256,
                           fence, provider_id, stands_in_for, started_at, expires_at, prompt)
        select r.value ->> 'workspace_id', r.value ->> 'id', r.value ->> 'campaign_id', r.value ->> 'job_id',
               r.value ->> 'step', r.value ->> 'provider', r.value ->> 'model', r.value ->> 'micro_usd',
               r.value ->> 'input_sha256', r.value ->> 'fence', r.value ->> 'provider_id', r.value ->> 'stands_in_for',
               ", now!(), ", ", now!(), " + (r.value ->> 'for_ms'), r.value ->> 'prompt'
        from json_each(?2) r"
    );
    db.write(RESERVE, pinned_ms, json!(new).to_string()).await
}

/// How a call came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Settlement<'a> {
    /// What it cost.
    pub spent_micro_usd: i64,
    /// As the provider counts; none where it did not say.
    pub input_tokens: Option<i64>,
    /// Of these, read from the provider's cache.
    pub cached_tokens: Option<i64>,
    /// As the provider counts.
    pub output_tokens: Option<i64>,
    /// `answered`, or what went wrong.
    pub outcome: &'a str,
    /// The provider's name for the call.
    pub request_id: Option<&'a str>,
    /// Kept as long as the job may be repeated, so that it need not ask, and pay, again.
    pub answer: Option<&'a str>,
    /// The provider is not to be asked again for so long, in milliseconds.
    pub rest_ms: Option<i64>,
}

/// A longer answer is not kept, in bytes: the longest plan that a model may write has half of it.
pub const ANSWER_BYTES_MAX: usize = 256 * 1024;

/// Settles a reservation, even one that has expired: what is known now is better. What is settled stays as it is.
pub async fn settle(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id): (&str, &str),
    how: &Settlement<'_>,
) -> Result<(), DbError> {
    const SETTLE: &str = concat!(
        "update cost set state = 'settled', spent_micro_usd = r.value ->> '$.how.spent_micro_usd',
            input_tokens = r.value ->> '$.how.input_tokens', cached_tokens = r.value ->> '$.how.cached_tokens',
            output_tokens = r.value ->> '$.how.output_tokens', outcome = r.value ->> '$.how.outcome',
            request_id = r.value ->> '$.how.request_id', settled_at = ",
        now!(),
        ",
            rest_until = ",
        now!(),
        " + (r.value ->> '$.how.rest_ms'),
            answer = (select r.value ->> '$.how.answer' from job where job.workspace_id = cost.workspace_id
                      and job.id = cost.job_id and job.state in ('ready', 'leased'))
        from json_each(?2) r
        where cost.workspace_id = r.value ->> 'workspace_id' and cost.id = r.value ->> 'id'
          and cost.state in ('reserved', 'expired')"
    );
    let answer = how.answer.filter(|answer| answer.len() <= ANSWER_BYTES_MAX);
    let record = json!({ "workspace_id": workspace_id, "id": id, "how": Settlement { answer, ..how.clone() } });
    db.write(SETTLE, pinned_ms, record.to_string()).await
}

/// What a job was told before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The answer.
    pub answer: String,
    /// Who ran the model.
    pub provider: String,
    /// Which model.
    pub model: String,
}

/// The answer that this job got to this very question before, if any; the last one, if there were several.
pub async fn answer_of(
    db: &dyn Db,
    workspace_id: &str,
    job_id: &str,
    input_sha256: &str,
) -> Result<Option<Told>, DbError> {
    let rows = db
        .execute(
            "select answer, provider, model from cost where workspace_id = ?1 and job_id = ?2 and input_sha256 = ?3 and answer is not null
            order by id desc limit 1",
            &[workspace_id.into(), job_id.into(), input_sha256.into()],
        )
        .await?;
    let told = |row: Row<'_>| {
        Ok(Told { answer: row.text("answer")?, provider: row.text("provider")?, model: row.text("model")? })
    };
    rows.first().map(told).transpose()
}

/// What one step of a campaign cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepCost {
    /// The step.
    pub step: Step,
    /// How many calls it made.
    pub calls: i64,
    /// What they cost.
    pub spent_micro_usd: i64,
    /// What calls that are under way may cost yet.
    pub reserved_micro_usd: i64,
    /// As the providers count; calls that did not say are left out.
    pub input_tokens: i64,
    /// Likewise.
    pub output_tokens: i64,
    /// How many calls did not say.
    pub uncounted_calls: i64,
}

fn step_cost(row: Row<'_>) -> Result<StepCost, DbError> {
    Ok(StepCost {
        step: row.parsed("step")?,
        calls: row.int("calls")?,
        spent_micro_usd: row.int("spent_micro_usd")?,
        reserved_micro_usd: row.int("reserved_micro_usd")?,
        input_tokens: row.int("input_tokens")?,
        output_tokens: row.int("output_tokens")?,
        uncounted_calls: row.int("uncounted_calls")?,
    })
}

/// A campaign's costs by step; their sum is its total. Steps that made no call are left out.
pub async fn by_step(db: &dyn Db, workspace_id: &str, campaign_id: &str) -> Result<Vec<StepCost>, DbError> {
    let rows = db
        .execute(
            "select step, count(*) as calls, coalesce(sum(spent_micro_usd), 0) as spent_micro_usd,
                coalesce(sum(iif(spent_micro_usd is null, reserved_micro_usd, 0)), 0) as reserved_micro_usd,
                coalesce(sum(input_tokens), 0) as input_tokens, coalesce(sum(output_tokens), 0) as output_tokens,
                count(*) - count(output_tokens) as uncounted_calls
            from cost where workspace_id = ?1 and campaign_id = ?2 group by step order by step",
            &[workspace_id.into(), campaign_id.into()],
        )
        .await?;
    rows.iter().map(step_cost).collect()
}

/// What the calls for one post cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PostCost {
    /// The post.
    pub post_id: String,
    /// How many calls were made.
    pub calls: i64,
    /// What they cost.
    pub spent_micro_usd: i64,
}

/// A campaign's costs by post; what belongs to no post, such as planning, is left out.
pub async fn by_post(db: &dyn Db, workspace_id: &str, campaign_id: &str) -> Result<Vec<PostCost>, DbError> {
    let rows = db
        .execute(
            "select j.post_id, count(*) as calls, coalesce(sum(k.spent_micro_usd), 0) as spent_micro_usd
            from cost k join job j on j.workspace_id = k.workspace_id and j.id = k.job_id
            where k.workspace_id = ?1 and k.campaign_id = ?2 and j.post_id is not null
            group by j.post_id order by j.post_id",
            &[workspace_id.into(), campaign_id.into()],
        )
        .await?;
    let post_cost = |row: Row<'_>| {
        Ok(PostCost {
            post_id: row.text("post_id")?,
            calls: row.int("calls")?,
            spent_micro_usd: row.int("spent_micro_usd")?,
        })
    };
    rows.iter().map(post_cost).collect()
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::campaign;
    use crate::play::{Play, START_MS};

    // The campaign's budget is 1,000.
    fn reserve_some(play: &Play, id: &str, micro_usd: i64) -> Result<(), DbError> {
        reserve_by(play, 1, START_MS, id, micro_usd)
    }

    /// A campaign whose plan is being made, by claim 1.
    fn planning() -> Play {
        let play = Play::begun("c", false);
        assert_eq!(play.claim(Step::Strategize, START_MS).fence, 1);
        play
    }

    fn reserve_by(play: &Play, fence: i64, at: i64, id: &str, micro_usd: i64) -> Result<(), DbError> {
        let new = Reservation {
            workspace_id: &play.workspace_id,
            id,
            campaign_id: Some("c"),
            job_id: "strategize:c:1",
            fence,
            step: Step::Strategize,
            provider: "rehearsal",
            model: "none",
            provider_id: None,
            stands_in_for: None,
            micro_usd,
            prompt: "editor-3",
            input_sha256: "question",
            for_ms: 60_000,
        };
        block_on(reserve(&play.db, Some(at), &new))
    }

    fn settle_it(play: &Play, id: &str, spent_micro_usd: i64) -> Result<(), DbError> {
        let how = Settlement { spent_micro_usd, outcome: "answered", answer: Some("yes"), ..Default::default() };
        block_on(settle(&play.db, Some(START_MS), (&play.workspace_id, id), &how))
    }

    #[test]
    fn a_budget_is_not_exceeded_however_the_calls_come_out() {
        let play = planning();
        assert_eq!(reserve_some(&play, "k1", 900), Ok(()));
        assert_eq!(reserve_some(&play, "k2", 101), Err(DbError::Refused("budget_spent".into())));
        settle_it(&play, "k1", 400).unwrap();
        assert_eq!(reserve_some(&play, "k2", 600), Ok(()));
        assert_eq!(reserve_some(&play, "k3", 1), Err(DbError::Refused("budget_spent".into())));
        assert_eq!(reserve_some(&play, "k4", 0), Ok(()), "what is free is never refused");
        let found = block_on(campaign::find(&play.db, &play.workspace_id, "c")).unwrap().unwrap();
        assert_eq!((found.spent_micro_usd, found.reserved_micro_usd), (400, 600));
    }

    #[test]
    fn a_call_is_settled_once_even_after_its_reservation_expired() {
        let play = planning();
        reserve_some(&play, "k1", 900).unwrap();
        let swept = block_on(crate::sweep::sweep(&play.db.0, Some(START_MS + 60_001))).unwrap();
        assert_eq!(swept.reservations, 1);
        settle_it(&play, "k1", 5).unwrap();
        settle_it(&play, "k1", 7).unwrap();
        let steps = block_on(by_step(&play.db, &play.workspace_id, "c")).unwrap();
        assert_eq!((steps[0].calls, steps[0].spent_micro_usd, steps[0].uncounted_calls), (1, 5, 1));
    }

    #[test]
    fn a_question_that_was_answered_is_not_paid_for_twice() {
        let play = planning();
        let ask = || block_on(answer_of(&play.db, &play.workspace_id, "strategize:c:1", "question")).unwrap();
        reserve_some(&play, "k1", 1).unwrap();
        assert_eq!(ask(), None);
        settle_it(&play, "k1", 1).unwrap();
        assert_eq!(ask().map(|told| told.answer).as_deref(), Some("yes"));
        assert_eq!(play.db.0.run("select 1 from event where data like '%yes%'", &[]).unwrap().len(), 0);
    }

    #[test]
    fn an_answer_is_forgotten_when_its_job_is_over_and_not_kept_when_it_comes_later() {
        let play = Play::begun("c", false);
        let job = play.claim(Step::Strategize, START_MS);
        let kept = || {
            let rows = play.db.0.run("select count(*) as n from cost where answer is not null", &[]).unwrap();
            rows.first().unwrap().int("n").unwrap()
        };
        for id in ["k1", "k2"] {
            reserve_some(&play, id, 1).unwrap();
        }
        settle_it(&play, "k1", 1).unwrap();
        assert_eq!(kept(), 1);
        let done = crate::job::Finish {
            artifact: Some(crate::play::plan()),
            ..crate::job::Finish::of(&job, domain::JobState::Done)
        };
        block_on(crate::job::finish(&play.db.0, Some(START_MS), &[done])).unwrap();
        assert_eq!(kept(), 0);
        settle_it(&play, "k2", 1).unwrap();
        assert_eq!(kept(), 0);
    }

    #[test]
    fn an_answer_without_end_is_not_kept() {
        let play = planning();
        reserve_some(&play, "k1", 1).unwrap();
        let long = "x".repeat(ANSWER_BYTES_MAX + 1);
        let how = Settlement { outcome: "answered", answer: Some(&long), ..Default::default() };
        block_on(settle(&play.db, Some(START_MS), (&play.workspace_id, "k1"), &how)).unwrap();
        let found = block_on(answer_of(&play.db, &play.workspace_id, "strategize:c:1", "question")).unwrap();
        assert_eq!(found, None);
    }
}
