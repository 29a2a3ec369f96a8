//! A file of posts: chosen, tried out row by row, then imported. Between the two it travels in the form, and is read
//! again: nothing that a browser says of a row counts.

use domain::import::{
    Choices, Draft, FILE_BYTES_MAX, Field as Meaning, Kind, Parsed, ROWS_MAX, Row, file_name, file_sha256, normal,
    parse,
};
use maud::{Markup, html};
use serve::{Form, Problem, Reply};
use store::import::{self, Fate, Import, NewImport};

use crate::elements::form::{Field, Typed, csrf, summary};
use crate::elements::time;
use crate::layout::{self, Nav};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[("file", "The file"), ("channel", "Channel"), ("language", "Language")];
/// Most rows that the trial shows of each fate; it counts all.
const ROWS_SHOWN: usize = 200;

/// A file as it travels.
struct Upload {
    name: String,
    kind: Kind,
    text: String,
    choices: Choices,
}

/// The form, empty.
pub async fn show(_call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    Ok(page(choose(visit, &Typed::default())))
}

fn choose(visit: &Visit, typed: &Typed) -> String {
    let error = typed.complaint("file");
    let body = html! {
        div.head { div {
            p.crumb { a href="/imports" { "Posts from elsewhere" } }
            h1 { "Import a file" }
            p.lead { "CSV or JSON, up to " (ROWS_MAX) " rows and " (FILE_BYTES_MAX / 1024) " KB. You see what would happen before anything does." }
        } }
        (summary(typed, LABELS))
        form.fields method="post" action="/imports/trial" enctype="multipart/form-data" {
            (csrf(&visit.caller))
            div.field {
                label for="file" { "The file" }
                p.hint { "A line of names, then a post a row. Known names: text, title, channel, language, published_at, url, campaign; you can say which column means what in a moment." }
                input.control #file type="file" name="file" accept=".csv,.json,.txt,text/csv,application/json" required aria-invalid=[error.map(|_| "true")];
                @if let Some(error) = error { p.error { span { "The file " (error) "." } } }
            }
            div.fields.pair {
                (Field::new("channel", "Channel").hint("Of rows that name none.").optional().show(typed))
                (Field::new("language", "Language").hint("Of rows that name none.").initial("en").optional().show(typed))
            }
            div.acts { button.button.main-act type="submit" { "Try it out" } a.button href="/imports" { "Cancel" } }
        }
        details.more { summary { "What a row may hold" }
            dl.facts {
                dt { code { "text" } } dd { "what the post says; there must be one" }
                dt { code { "title" } } dd { "else the text's first line" }
                dt { code { "channel" } } dd { "where it was" }
                dt { code { "published_at" } } dd { "with its zone: " code { "2027-01-15T09:30:00+01:00" } }
                dt { code { "url" } } dd { "where it can be seen" }
                dt { code { "campaign" } } dd { "what it was part of" }
            }
        }
    };
    layout::page(visit, Nav::Campaigns, "Import a file", &body)
}

/// The file of a form: chosen now, or travelling since the trial.
fn upload(sent: &Form) -> Result<Upload, Problem> {
    let wrong = |complaint: &str| Problem::invalid("file", complaint);
    let (name, text) = match sent.file("file") {
        Some(file) => {
            let text =
                String::from_utf8(file.bytes.clone()).map_err(|_| wrong("is not UTF-8; save it as “CSV UTF-8”"))?;
            (file_name(&file.name), text)
        }
        None => (
            file_name(sent.get("file_name").unwrap_or_default()),
            sent.required("file_text").map_err(|_| wrong("is not chosen"))?.to_string(),
        ),
    };
    let text = normal(&text);
    let begins = text.trim_start_matches('\u{feff}').trim_start();
    let kind = if begins.starts_with(['[', '{']) { Kind::Json } else { Kind::Csv };
    let value = |field: &str| sent.get(field).unwrap_or_default().trim().to_string();
    let chosen = Meaning::ALL.iter().map(|field| (*field, value(&format!("column.{field}"))));
    let columns = chosen.filter(|(_, column)| !column.is_empty()).collect();
    Ok(Upload {
        name,
        kind,
        text,
        choices: Choices { columns, channel: value("channel"), language: value("language") },
    })
}

fn read(upload: &Upload) -> Result<Parsed, Problem> {
    parse(upload.kind, upload.text.as_bytes(), &upload.choices)
        .map_err(|error| Problem::invalid("file", error.to_string()))
}

/// Shows what importing it would do. Changes nothing.
pub async fn trial(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let found = upload(&sent).and_then(|upload| read(&upload).map(|parsed| (upload, parsed)));
    let (upload, parsed) = match found {
        Ok(found) => found,
        Err(problem) => {
            let again = choose(visit, &Typed::with(sent, problem.complaints()));
            return Ok(problem.into_reply_with("text/html; charset=utf-8", again));
        }
    };
    let fates = import::try_out(app.ports.db, &visit.workspace.id, &parsed.rows).await?;
    let sha256 = file_sha256(&upload.text, &upload.choices);
    let before = import::of_file(app.ports.db, &visit.workspace.id, &sha256).await?;
    Ok(page(report(visit, &upload, &parsed, &fates, before.as_ref())))
}

/// The file, whole, as the next form sends it.
fn travelling(visit: &Visit, upload: &Upload, with_columns: bool) -> Markup {
    let Choices { columns, channel, language } = &upload.choices;
    html! {
        (csrf(&visit.caller))
        input type="hidden" name="file_name" value=(upload.name);
        input type="hidden" name="file_text" value=(upload.text);
        input type="hidden" name="sha256" value=(file_sha256(&upload.text, &upload.choices));
        @if with_columns {
            input type="hidden" name="channel" value=(channel);
            input type="hidden" name="language" value=(language);
            @for (field, column) in columns { input type="hidden" name={ "column." (field) } value=(column); }
        }
    }
}

fn report(visit: &Visit, upload: &Upload, parsed: &Parsed, fates: &[Fate], before: Option<&Import>) -> String {
    let count = |fate: Fate| fates.iter().filter(|one| **one == fate).count();
    let (new, repeated, known, wrong) =
        (count(Fate::New), count(Fate::Repeated), count(Fate::Known), count(Fate::Wrong));
    let rows = |fate: Fate| {
        parsed.rows.iter().zip(fates).filter(move |(_, one)| **one == fate).map(|(row, _)| row).take(ROWS_SHOWN)
    };
    let body = html! {
        div.head { div {
            p.crumb { a href="/imports" { "Posts from elsewhere" } " / " a href="/imports/new" { "Import a file" } }
            h1 { "What would happen" }
            p.lead { (upload.name) ": " (parsed.rows.len()) " rows. Nothing is imported yet." }
        } }
        @if let Some(before) = before { p.notice.wait { "This file was imported on " (time::at(before.at, "UTC")) ". Importing it again changes nothing." } }
        ul.tally role="list" {
            li { b { (new) } " are imported" } li { b { (repeated) } " come twice in the file" } li { b { (known) } " are here already" } li { b { (wrong) } " cannot be read" }
        }
        div.acts {
            @if new > 0 && before.is_none() {
                form method="post" action="/imports" enctype="multipart/form-data" {
                    (travelling(visit, upload, true))
                    button.button.main-act type="submit" { "Import " (new) @if new == 1 { " post" } @else { " posts" } }
                }
            }
            a.button href="/imports/new" { "Another file" }
        }
        (columns(visit, upload, parsed))
        @if wrong > 0 { section.section aria-labelledby="wrong-title" { h2 #wrong-title { "Cannot be read" }
            ul.asked { @for row in rows(Fate::Wrong) { li { b { "Row " (row.row) } ": " (complaints(row)) } } } } }
        @if repeated + known > 0 { details.more { summary { "Left out, because they are there" }
            ul.asked {
                @for row in rows(Fate::Repeated) { li { b { "Row " (row.row) } " says the same as row " (row.same_as.unwrap_or_default()) ": " (title(row)) } }
                @for row in rows(Fate::Known) { li { b { "Row " (row.row) } " is here already: " (title(row)) } }
            } } }
        @if new > 0 { section.section aria-labelledby="new-title" { h2 #new-title { "Imported" }
            div.sheet tabindex="0" role="region" aria-label="Rows that are imported" { table {
                thead { tr { th scope="col" { "Row" } th scope="col" { "Title" } th scope="col" { "Channel" } th scope="col" { "Published" } } }
                tbody { @for draft in rows(Fate::New).filter_map(|row| row.outcome.as_ref().ok()) { (line(draft)) } }
            } }
            @if new > ROWS_SHOWN { p.soft.small { "And " (new - ROWS_SHOWN) " more." } }
        } }
    };
    layout::page(visit, Nav::Campaigns, "What would happen", &body)
}

fn line(draft: &Draft) -> Markup {
    html! { tr { td { (draft.row) } td { (draft.title) } td { (draft.channel) } td { @match draft.published_at { Some(at) => (time::at(at, "UTC")), None => "not known" } } } }
}

fn complaints(row: &Row) -> String {
    let all = row.outcome.as_ref().err().map(Vec::as_slice).unwrap_or_default();
    all.iter()
        .map(|one| if one.field == "row" { one.complaint.clone() } else { one.to_string() })
        .collect::<Vec<_>>()
        .join("; ")
}

fn title(row: &Row) -> &str {
    row.outcome.as_ref().map_or("", |draft| draft.title.as_str())
}

/// Which column means what, to be changed and tried again.
fn columns(visit: &Visit, upload: &Upload, parsed: &Parsed) -> Markup {
    let of = |field: Meaning| {
        parsed.columns.iter().find(|column| column.field == Some(field)).map_or("", |column| column.name.as_str())
    };
    html! {
        details.more id="columns" { summary { "Which column means what" }
            form.fields.gap method="post" action="/imports/trial" enctype="multipart/form-data" {
                (travelling(visit, upload, false))
                div.fields.pair {
                    @for field in Meaning::ALL {
                        div.field {
                            label for={ "column-" (field) } { (field) }
                            select.control id={ "column-" (field) } name={ "column." (field) } {
                                option value="" { @if upload.choices.columns.contains_key(field) || of(*field).is_empty() { "(by its name)" } @else { (of(*field)) } }
                                @for column in &parsed.columns { option value=(column.name) selected[upload.choices.columns.get(field) == Some(&column.name)] { (column.name) } }
                            }
                        }
                    }
                }
                div.fields.pair {
                    (Field::new("channel", "Channel").hint("Of rows that name none.").initial(&upload.choices.channel).optional().show(&Typed::default()))
                    (Field::new("language", "Language").hint("Of rows that name none.").initial(&upload.choices.language).optional().show(&Typed::default()))
                }
                button.button type="submit" { "Try it out so" }
            }
        }
    }
}

/// Imports what the trial showed, in one statement; the same file again changes nothing.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let upload = upload(&sent)?;
    let parsed = read(&upload)?;
    let sha256 = file_sha256(&upload.text, &upload.choices);
    if sent.get("sha256") != Some(sha256.as_str()) {
        return Err(Problem::Stale);
    }
    let fates = import::try_out(app.ports.db, &visit.workspace.id, &parsed.rows).await?;
    let rows = parsed.rows.iter().zip(&fates).filter(|(_, fate)| **fate == Fate::New);
    let posts: Vec<Draft> = rows.filter_map(|(row, _)| row.outcome.clone().ok()).collect();
    let id = serve::id(app);
    let new = NewImport {
        workspace_id: &visit.workspace.id,
        id: &id,
        sha256: &sha256,
        name: &upload.name,
        kind: upload.kind,
        rows_read: parsed.rows.len(),
        posts: &posts,
        actor: &visit.caller.actor,
    };
    let done = if import::create(app.ports.db, app.ports.clock.pinned_ms(), &new).await? {
        format!("imported&count={}", posts.len())
    } else {
        "imported-before".into()
    };
    Ok(Reply::see_other(&format!("/imports?done={done}")))
}
