//! Learnings of a workspace. What their pairs come to is decided by triggers, from the pairs alone.

use domain::LearningState;
use domain::learning::proof::Tally;
use domain::learning::signals::Source;
use domain::learning::{Origin, TOLD_MAX};
use ports::{Db, DbError, Row};

use crate::json::json;
use crate::now;

pub mod limit;
pub mod trial;
pub mod watch;
pub mod wording;

/// A learning, as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learning {
    /// Its id.
    pub id: String,
    /// What the copywriter is told.
    pub statement: String,
    /// Whose words they are, where a rule saw it: `provider/model`, [`wording::RULES`] or [`wording::PERSON`].
    pub worded_by: Option<String>,
    /// What the rule says that saw it; none where a person wrote it.
    pub rule_statement: Option<String>,
    /// For posts on this channel alone: its id and name; none: on all.
    pub channel: Option<(String, String)>,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it was seen.
    pub sources: Vec<Source>,
    /// Where it is.
    pub state: LearningState,
    /// A person adopted it, whatever its pairs say.
    pub by_hand: bool,
    /// Grows when the evidence begins anew.
    pub edition: i64,
    /// What its pairs came to.
    pub tally: Tally,
    /// How many versions were written with it.
    pub uses: i64,
    /// Why it is in its state.
    pub reason: Option<String>,
    /// Grows with every change: the ETag.
    pub revision: i64,
    /// Who changed it last.
    pub changed_by: String,
    /// Unix milliseconds.
    pub created_at: i64,
    /// Unix milliseconds.
    pub updated_at: i64,
}

const LEARNING: &str =
    "select l.id, l.statement, l.worded_by, l.rule_statement, l.channel_id, ch.name as channel, l.origin, l.sources, l.state, l.by_hand,
    l.edition, l.wins, l.losses, l.ties, l.uses, l.reason, l.revision, l.changed_by, l.created_at, l.updated_at
    from learning l left join channel ch on ch.workspace_id = l.workspace_id and ch.id = l.channel_id";

fn learning(row: Row<'_>) -> Result<Learning, DbError> {
    let channel = row.opt_text("channel_id")?.map(|id| Ok::<_, DbError>((id, row.text("channel")?))).transpose()?;
    Ok(Learning {
        id: row.text("id")?,
        statement: row.text("statement")?,
        worded_by: row.opt_text("worded_by")?,
        rule_statement: row.opt_text("rule_statement")?,
        channel,
        origin: row.parsed("origin")?,
        sources: json(&row, "sources")?,
        state: row.parsed("state")?,
        by_hand: row.bool("by_hand")?,
        edition: row.int("edition")?,
        tally: Tally { wins: row.count("wins")?, losses: row.count("losses")?, ties: row.count("ties")? },
        uses: row.int("uses")?,
        reason: row.opt_text("reason")?,
        revision: row.int("revision")?,
        changed_by: row.text("changed_by")?,
        created_at: row.int("created_at")?,
        updated_at: row.int("updated_at")?,
    })
}

/// The newest first, after this place: when it was made, and its id.
pub async fn list(
    db: &dyn Db,
    workspace_id: &str,
    after: Option<(i64, &str)>,
    limit: u32,
) -> Result<Vec<Learning>, DbError> {
    let (at, id) = after.unwrap_or((i64::MAX, ""));
    let sql = format!(
        "{LEARNING} where l.workspace_id = ?1 and (l.created_at, l.id) < (?2, ?3) order by l.created_at desc, l.id desc limit ?4"
    );
    let parameters = [workspace_id.into(), at.into(), id.into(), crate::page::limited(limit)];
    db.execute(&sql, &parameters).await?.iter().map(learning).collect()
}

/// The one with this id.
pub async fn find(db: &dyn Db, workspace_id: &str, id: &str) -> Result<Option<Learning>, DbError> {
    let sql = format!("{LEARNING} where l.workspace_id = ?1 and l.id = ?2");
    db.execute(&sql, &[workspace_id.into(), id.into()]).await?.first().map(learning).transpose()
}

impl Learning {
    /// Whose words they are: `provider/model`, [`wording::RULES`] or [`wording::PERSON`].
    pub fn words_of(&self) -> &str {
        let at_first = if self.origin == Origin::Person { wording::PERSON } else { wording::RULES };
        self.worded_by.as_deref().unwrap_or(at_first)
    }
}

/// A learning that somebody writes down.
#[derive(Clone, Copy, Debug)]
pub struct NewLearning<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// A new id.
    pub id: &'a str,
    /// As [`domain::learning::statement`] gives it.
    pub statement: &'a str,
    /// For this channel alone.
    pub channel_id: Option<&'a str>,
    /// Who.
    pub actor: &'a str,
}

/// Writes one down; it waits to be tried. A conflict: there is one that says the same.
pub async fn create(db: &dyn Db, pinned_ms: Option<i64>, new: &NewLearning<'_>) -> Result<(), DbError> {
    const CREATE: &str = concat!(
        "insert into learning (workspace_id, id, key, statement, channel_id, origin, changed_by, created_at, updated_at)
        values (?2, ?3, ?4, ?5, ?6, 'person', ?7, ",
        now!(),
        ", ",
        now!(),
        ")"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.id.into(),
        domain::learning::key(new.statement).into(),
        new.statement.into(),
        new.channel_id.into(),
        new.actor.into(),
    ];
    db.execute(CREATE, &parameters).await.map(|_| ())
}

/// One at a revision.
pub type At<'a> = (&'a str, &'a str, i64);

/// Says it in other words, or for other posts: its evidence begins anew. `false`: it is at another revision.
pub async fn edit(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): At<'_>,
    (statement, channel_id): (&str, Option<&str>),
    actor: &str,
) -> Result<bool, DbError> {
    const EDIT: &str = concat!(
        "update learning set key = ?5, statement = ?6, channel_id = ?7, worded_by = 'person', state = 'proposed', by_hand = 0, reason = null,
            edition = edition + 1, wins = 0, losses = 0, ties = 0, uses_tried = uses, revision = revision + 1,
            changed_by = ?8, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let parameters = [
        pinned_ms.into(),
        workspace_id.into(),
        id.into(),
        revision.into(),
        domain::learning::key(statement).into(),
        statement.into(),
        channel_id.into(),
        actor.into(),
    ];
    Ok(!db.execute(EDIT, &parameters).await?.is_empty())
}

/// A person adopts it, retires it, or wants it tried again from the beginning. `false`: it is at another revision.
/// Refused (`illegal_move`) where that does not follow from where it is.
pub async fn put(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, id, revision): At<'_>,
    state: LearningState,
    actor: &str,
) -> Result<bool, DbError> {
    const PUT: &str = concat!(
        "update learning set state = ?5, by_hand = ?5 = 'adopted', reason = null, revision = revision + 1, changed_by = ?6,
            uses_tried = uses, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    const AGAIN: &str = concat!(
        "update learning set state = ?5, by_hand = 0, reason = null, revision = revision + 1, changed_by = ?6,
            edition = edition + 1, wins = 0, losses = 0, ties = 0, uses_tried = uses, updated_at = ",
        now!(),
        " where workspace_id = ?2 and id = ?3 and revision = ?4 returning id"
    );
    let parameters =
        [pinned_ms.into(), workspace_id.into(), id.into(), revision.into(), state.as_str().into(), actor.into()];
    let sql = if state == LearningState::Proposed { AGAIN } else { PUT };
    Ok(!db.execute(sql, &parameters).await?.is_empty())
}

/// What the copywriter is told of one: its id and what it says.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Told {
    /// Its id.
    pub id: String,
    /// What it says.
    pub statement: String,
}

/// Those that hold for posts on this channel, the best proved first, as many as a prompt may have; without one that is
/// being tried.
pub async fn told(db: &dyn Db, workspace_id: &str, channel: &str, without: Option<&str>) -> Result<Vec<Told>, DbError> {
    let sql = format!(
        "select l.id, l.statement from learning l
        where l.workspace_id = ?1 and l.state = 'adopted' and l.id is not ?3 and (l.channel_id is null or l.channel_id in (
            select ch.id from channel ch where ch.workspace_id = ?1 and ch.name = ?2))
        order by l.wins - l.losses desc, l.id limit {TOLD_MAX}"
    );
    let rows = db.execute(&sql, &[workspace_id.into(), channel.into(), without.into()]).await?;
    let told = |row: Row<'_>| Ok(Told { id: row.text("id")?, statement: row.text("statement")? });
    let all = rows.iter().map(told).collect::<Result<Vec<_>, DbError>>()?;
    Ok(domain::learning::told(all, |one| &one.statement))
}

#[cfg(test)]
mod tests;
