//! Pictures: bytes by their hash, never changed; and a person's wish to have one drawn.

use domain::Drawn;
use domain::picture::MediaType;
use ports::{Db, DbError, Row};

use crate::now;

/// A picture that was just drawn, and what it took.
#[derive(Clone, Debug)]
pub struct NewPicture<'a> {
    /// The workspace.
    pub workspace_id: &'a str,
    /// The call that drew it, as it was reserved.
    pub cost_id: &'a str,
    /// What its bytes are.
    pub drawn: &'a Drawn,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What it cost.
    pub spent_micro_usd: i64,
    /// As the provider counts; none where it did not say.
    pub input_tokens: Option<i64>,
    /// Likewise.
    pub output_tokens: Option<i64>,
    /// The provider's name for the call.
    pub request_id: Option<&'a str>,
}

/// Keeps a picture and settles its call, in one: what is paid is there. Refused (`fenced`) where the call is settled.
pub async fn keep(db: &dyn Db, pinned_ms: Option<i64>, new: NewPicture<'_>) -> Result<(), DbError> {
    const KEEP: &str =
        concat!(
        "insert into picture (workspace_id, cost_id, sha256, media_type, width, height, bytes, model, spent_micro_usd,
                              input_tokens, output_tokens, request_id, made_at, data)
        values (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ", now!(), ", ?14)"
    );
    let parameters = [
        pinned_ms.into(),
        new.workspace_id.into(),
        new.cost_id.into(),
        new.drawn.sha256.as_str().into(),
        new.drawn.media_type.as_str().into(),
        i64::from(new.drawn.width).into(),
        i64::from(new.drawn.height).into(),
        i64::from(new.drawn.bytes).into(),
        new.drawn.model.as_str().into(),
        new.spent_micro_usd.into(),
        new.input_tokens.into(),
        new.output_tokens.into(),
        new.request_id.into(),
        new.bytes.into(),
    ];
    db.execute(KEEP, &parameters).await.map(|_| ())
}

/// What was drawn for this job of this very idea before, if anything: it is not paid twice.
pub async fn of_job(
    db: &dyn Db,
    workspace_id: &str,
    job_id: &str,
    input_sha256: &str,
) -> Result<Option<Drawn>, DbError> {
    let rows = db
        .execute(
            "select g.sha256, g.media_type, g.width, g.height, g.bytes, g.model from cost k
            join picture g on g.workspace_id = k.workspace_id and g.cost_id = k.id
            where k.workspace_id = ?1 and k.job_id = ?2 and k.input_sha256 = ?3 order by k.id desc limit 1",
            &[workspace_id.into(), job_id.into(), input_sha256.into()],
        )
        .await?;
    rows.first().map(drawn).transpose()
}

fn drawn(row: Row<'_>) -> Result<Drawn, DbError> {
    Ok(Drawn {
        sha256: row.text("sha256")?,
        media_type: row.parsed("media_type")?,
        width: row.count("width")?,
        height: row.count("height")?,
        bytes: row.count("bytes")?,
        model: row.text("model")?,
    })
}

/// A picture, to be shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// What it is.
    pub media_type: MediaType,
    /// Its bytes.
    pub data: Vec<u8>,
}

/// The workspace's of this hash.
pub async fn find(db: &dyn Db, workspace_id: &str, sha256: &str) -> Result<Option<Picture>, DbError> {
    let rows = db
        .execute(
            "select media_type, data from picture where workspace_id = ?1 and sha256 = ?2 limit 1",
            &[workspace_id.into(), sha256.into()],
        )
        .await?;
    let picture =
        |row: Row<'_>| Ok(Picture { media_type: row.parsed("media_type")?, data: row.blob("data")?.to_vec() });
    rows.first().map(picture).transpose()
}

/// Has a version's idea drawn, or drawn again: it voids what was approved, and the picture comes with the next version.
/// Refused (`superseded` where this is not the newest version, `wrong_state` where it has no idea or the post is past
/// it, `outcome_unknown`). `false`: there is no such post or version.
pub async fn want(
    db: &dyn Db,
    pinned_ms: Option<i64>,
    (workspace_id, post_id, version): (&str, &str, i64),
    id: &str,
    actor: &str,
) -> Result<bool, DbError> {
    const WANT: &str = concat!(
        "insert into drawing (workspace_id, id, post_id, version, by, at)
        select workspace_id, ?3, id, ?5, ?6, ",
        now!(),
        " from post where workspace_id = ?2 and id = ?4 and version > 0 returning id"
    );
    let parameters = [pinned_ms.into(), workspace_id.into(), id.into(), post_id.into(), version.into(), actor.into()];
    Ok(!db.execute(WANT, &parameters).await?.is_empty())
}

#[cfg(test)]
mod tests;
