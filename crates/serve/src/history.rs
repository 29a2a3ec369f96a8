//! History as it is asked for by URL, and as a file: CSV that no spreadsheet runs, or JSON.

use domain::history::{edge, instant, rfc3339};
use ports::Db;
use serde::Serialize;
use store::history::{self, Filter, Line};

use crate::pieces::Pieces;
use crate::{Problem, Reply, Request};

/// Lines that an export reads at a time.
const PAGE_LINES: u32 = 200;

/// What is asked for, by `actor`, `kind`, `campaign`, `post`, `from`, `to` and `jobs`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// Who did it.
    pub actor: Option<String>,
    /// What they did: a kind, or a whole area.
    pub kind: Option<String>,
    /// Of one campaign.
    pub campaign_id: Option<String>,
    /// Of one post.
    pub post_id: Option<String>,
    /// From this time on, Unix milliseconds.
    pub from: Option<i64>,
    /// Before this time, Unix milliseconds.
    pub to: Option<i64>,
    /// With every move of every job.
    pub jobs: bool,
}

impl Asked {
    /// Reads it. `zone`: whose days are meant where a day is given; `None` takes times with their own zone alone.
    pub fn of(request: &Request, zone: Option<&str>, jobs: bool) -> Result<Self, Problem> {
        let text = |name: &str| request.query(name).map(str::trim).filter(|text| !text.is_empty()).map(String::from);
        let time = |name: &str, last: bool| {
            let Some(text) = text(name) else { return Ok(None) };
            let known = match zone {
                Some(zone) => edge(&text, zone, last),
                None => edge(&text, "UTC", last).filter(|_| text.contains('T')),
            };
            let like = if zone.is_some() { "2027-01-15" } else { "2027-01-15T09:30:00Z" };
            known.map(Some).ok_or_else(|| Problem::invalid(name, format!("cannot be read; write it like `{like}`")))
        };
        let jobs = match text("jobs").as_deref() {
            None => jobs,
            Some("true") => true,
            Some("false") => false,
            Some(_) => return Err(Problem::invalid("jobs", "must be `true` or `false`")),
        };
        Ok(Self {
            actor: text("actor"),
            kind: text("kind"),
            campaign_id: text("campaign"),
            post_id: text("post"),
            from: time("from", false)?,
            to: time("to", true)?,
            jobs,
        })
    }

    /// For the store.
    pub fn filter(&self) -> Filter<'_> {
        Filter {
            actor: self.actor.as_deref(),
            kind: self.kind.as_deref(),
            campaign_id: self.campaign_id.as_deref(),
            post_id: self.post_id.as_deref(),
            from: self.from,
            to: self.to,
            jobs: self.jobs,
        }
    }

    /// Whether campaign and post, where they are named, are there. Another workspace's are not.
    pub async fn check(&self, db: &dyn Db, workspace_id: &str) -> Result<(), Problem> {
        if let Some(id) = &self.campaign_id
            && store::campaign::find(db, workspace_id, id).await?.is_none()
        {
            return Err(Problem::NotFound { what: "campaign", id: id.clone() });
        }
        if let Some(id) = &self.post_id
            && store::post::find(db, workspace_id, id).await?.is_none()
        {
            return Err(Problem::NotFound { what: "post", id: id.clone() });
        }
        Ok(())
    }
}

/// One line of history on the wire.
#[derive(Debug, Serialize)]
pub struct View {
    seq: i64,
    at: String,
    campaign_id: Option<String>,
    campaign: Option<String>,
    post_id: Option<String>,
    subject: String,
    kind: String,
    actor: String,
    who: String,
    told: String,
    reason: Option<String>,
    changes: Vec<Change>,
    data: serde_json::Value,
}

#[derive(Debug, Serialize)]
struct Change {
    what: String,
    before: Option<String>,
    after: Option<String>,
}

impl From<Line> for View {
    fn from(line: Line) -> Self {
        let change = |one: domain::history::Change| Change { what: one.what, before: one.before, after: one.after };
        Self {
            seq: line.seq,
            at: rfc3339(line.at),
            post_id: line.post_id().map(Into::into),
            who: line.who().into(),
            told: line.told(),
            reason: line.reason().map(Into::into),
            changes: line.changes().into_iter().map(change).collect(),
            campaign_id: line.campaign_id,
            campaign: line.campaign_name,
            subject: line.subject,
            kind: line.kind,
            actor: line.actor,
            data: line.data,
        }
    }
}

/// What a file of history is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a line of names.
    Csv,
    /// One array.
    Json,
}

/// History as a file, in the order in which it happened.
pub fn export(workspace_id: &str, asked: Asked, format: Format) -> Reply {
    let source = Export { workspace_id: workspace_id.into(), asked, format, seq: i64::MIN, stage: Stage::Head };
    match format {
        Format::Csv => Reply::download("history.csv", "text/csv; charset=utf-8", source),
        Format::Json => Reply::download("history.json", "application/json", source),
    }
}

struct Export {
    workspace_id: String,
    asked: Asked,
    format: Format,
    seq: i64,
    stage: Stage,
}

#[derive(PartialEq)]
enum Stage {
    Head,
    First,
    Rest,
    Foot,
    End,
}

#[async_trait::async_trait(?Send)]
impl Pieces for Export {
    async fn next(&mut self, db: &dyn Db) -> Result<Option<Vec<u8>>, Problem> {
        match self.stage {
            Stage::Head => {
                self.stage = Stage::First;
                let head = if self.format == Format::Csv { csv_row(&COLUMNS.map(String::from)) } else { "[".into() };
                Ok(Some(head.into_bytes()))
            }
            Stage::First | Stage::Rest => {
                let filter = self.asked.filter();
                let lines = history::after(db, &self.workspace_id, &filter, self.seq, PAGE_LINES).await?;
                self.seq = lines.last().map_or(self.seq, |line| line.seq);
                let is_last = lines.len() < PAGE_LINES as usize;
                let piece = match self.format {
                    Format::Csv => lines.iter().map(|line| csv_row(&cells(line))).collect(),
                    Format::Json => json(lines, self.stage == Stage::First)?,
                };
                self.stage = if is_last { Stage::Foot } else { Stage::Rest };
                Ok(Some(piece.into_bytes()))
            }
            Stage::Foot => {
                self.stage = Stage::End;
                Ok(Some(if self.format == Format::Csv { Vec::new() } else { b"\n]\n".to_vec() }))
            }
            Stage::End => Ok(None),
        }
    }
}

fn json(lines: Vec<Line>, is_first: bool) -> Result<String, Problem> {
    let mut text = String::new();
    for (number, line) in lines.into_iter().enumerate() {
        text.push_str(if is_first && number == 0 { "\n" } else { ",\n" });
        let one = serde_json::to_string(&View::from(line)).map_err(|error| Problem::Internal(error.into()))?;
        text.push_str(&one);
    }
    Ok(text)
}

const COLUMNS: [&str; 16] = [
    "seq",
    "at",
    "local",
    "who",
    "actor",
    "told",
    "reason",
    "campaign",
    "campaign_id",
    "slot",
    "post_id",
    "before",
    "after",
    "kind",
    "subject",
    "data",
];

fn cells(line: &Line) -> [String; 16] {
    let changes = line.changes();
    let told = |of: fn(&domain::history::Change) -> &Option<String>| {
        let some = changes.iter().filter_map(|one| of(one).as_ref().map(|value| format!("{}: {value}", one.what)));
        some.collect::<Vec<_>>().join("; ")
    };
    let zone = line.timezone.as_deref().unwrap_or("UTC");
    [
        line.seq.to_string(),
        rfc3339(line.at),
        instant(line.at, zone),
        line.who().into(),
        line.actor.clone(),
        line.told(),
        line.reason().unwrap_or_default().into(),
        line.campaign_name.clone().unwrap_or_default(),
        line.campaign_id.clone().unwrap_or_default(),
        line.slot.map(|slot| slot.to_string()).unwrap_or_default(),
        line.post_id().unwrap_or_default().into(),
        told(|one| &one.before),
        told(|one| &one.after),
        line.kind.clone(),
        line.subject.clone(),
        line.data.to_string(),
    ]
}

fn csv_row(cells: &[String; 16]) -> String {
    let mut row = cells.iter().map(|cell| csv_cell(cell)).collect::<Vec<_>>().join(",");
    row.push_str("\r\n");
    row
}

/// Quoted where it must be. What a spreadsheet would run is made text by an apostrophe, as OWASP advises.
fn csv_cell(text: &str) -> String {
    let runs = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n']);
    let safe = if runs { format!("'{text}") } else { text.to_owned() };
    if runs || safe.contains(['"', ',', '\n', '\r', ';', '\t']) {
        format!("\"{}\"", safe.replace('"', "\"\""))
    } else {
        safe
    }
}

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;
    use crate::Body;
    use crate::testing::{World, get};

    fn written(world: &World, asked: Asked, format: Format) -> (String, usize) {
        let workspace = block_on(store::people::workspace::first(&world.db)).unwrap();
        let Body::Pieces(mut source) = export(&workspace.id, asked, format).body else { panic!("no pieces") };
        let (mut all, mut largest) = (Vec::new(), 0);
        let write = async |piece: Vec<u8>| {
            largest = largest.max(piece.len());
            all.extend(piece);
            true
        };
        assert!(block_on(crate::pieces::stream(source.as_mut(), &world.db, write)));
        (String::from_utf8(all).unwrap(), largest)
    }

    fn world_with(events: u32) -> World {
        let (world, _) = World::claimed();
        let sql = "insert into event (workspace_id, at, subject, kind, actor, data)
            select (select id from workspace limit 1), 1800000000000, 'post:x', 'post.held', 'ada', json_object('reason', '=1+1')
            from (with recursive n(v) as (select 1 union all select v + 1 from n where v < ?1) select v from n)";
        world.db.run(sql, &[i64::from(events).into()]).unwrap();
        world
    }

    #[test]
    fn an_export_has_every_line_once_in_bounded_pieces() {
        for events in [0, 1, 199, 200, 201, 450] {
            let world = world_with(450);
            let held = Asked { kind: Some("post.held".into()), ..Default::default() };
            let (csv, largest) = written(&world, held.clone(), Format::Csv);
            assert_eq!(csv.lines().count(), 451);
            assert!(largest < csv.len(), "it came in pieces");
            let (json, _) = written(&world, held, Format::Json);
            assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&json).unwrap().len(), 450);
            let world = if events == 0 { World::claimed().0 } else { world_with(events) };
            let (json, _) = written(&world, Asked { kind: Some("post".into()), ..Default::default() }, Format::Json);
            assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&json).unwrap().len(), events as usize);
        }
    }

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =cmd|' /C calc'!A0", "＝1"] {
            let cell = csv_cell(bad);
            assert!(cell.starts_with("\"'"), "{bad:?} became {cell:?}");
        }
        assert_eq!(csv_cell("plain words"), "plain words", "control");
        assert_eq!(csv_cell("say \"no\", twice"), "\"say \"\"no\"\", twice\"");
        let (csv, _) = written(&world_with(1), Asked { kind: Some("post".into()), ..Default::default() }, Format::Csv);
        assert!(csv.contains(",\"'=1+1\","), "{csv}");
    }

    #[test]
    fn a_filter_is_read_from_the_query_and_a_time_has_a_zone() {
        let of = |target: &str, zone| Asked::of(&get(target), zone, false);
        let asked = of("/?actor=ada&kind=&from=2027-01-15&to=2027-01-15&jobs=true", Some("UTC")).unwrap();
        assert_eq!((asked.actor.as_deref(), asked.kind, asked.jobs), (Some("ada"), None, true));
        assert_eq!(asked.to.unwrap() - asked.from.unwrap(), 86_400_000, "the last day belongs to it");
        assert!(of("/?from=2027-01-15T00:00:00Z", None).unwrap().from.is_some());
        for wrong in ["/?from=2027-01-15", "/?to=2027-01-15T09:00:00", "/?jobs=perhaps"] {
            assert_eq!(of(wrong, None).unwrap_err().slug(), "invalid", "{wrong}");
        }
    }
}
