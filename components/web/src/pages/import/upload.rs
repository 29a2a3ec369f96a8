//! A file of posts: chosen, tried out row by row, then imported. Between the two it travels in the form, and is read
//! again: nothing that a browser says of a row counts.

use domain::import::{Choices, Draft, FILE_BYTES_MAX, Field as Meaning, Parsed, ROWS_MAX, Row};
use maud::{Markup, html};
use serve::importing::{self, Trial, Upload};
use serve::{Form, Problem, Reply};
use store::import::Fate;

use crate::elements::form::{Field, Typed, csrf, summary};
use crate::elements::time;
use crate::elements::words::with_code;
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[("file", "The file"), ("channel", "Channel"), ("language", "Language")];
/// Most rows that the trial shows of each fate; it counts all.
const ROWS_SHOWN: usize = 200;

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
        div.columns {
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
        div.aside { section aria-labelledby="row-title" { h2 #row-title { "What a row may hold" }
            dl.facts.card.flat {
                dt { code { "text" } } dd { "what the post says; there must be one" }
                dt { code { "title" } } dd { "else the text's first line" }
                dt { code { "channel" } } dd { "where it was" }
                dt { code { "published_at" } } dd { "with its zone: " code { "2027-01-15T09:30:00+01:00" } }
                dt { code { "url" } } dd { "where it can be seen" }
                dt { code { "campaign" } } dd { "what it was part of" }
            }
        } }
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
            (file.name.as_str(), text)
        }
        None => (
            sent.get("file_name").unwrap_or_default(),
            sent.required("file_text").map_err(|_| wrong("is not chosen"))?.to_string(),
        ),
    };
    let value = |field: &str| sent.get(field).unwrap_or_default().trim().to_string();
    let chosen = Meaning::ALL.iter().map(|field| (*field, value(&format!("column.{field}"))));
    let columns = chosen.filter(|(_, column)| !column.is_empty()).collect();
    Ok(Upload::new(name, &text, Choices { columns, channel: value("channel"), language: value("language") }))
}

/// Shows what importing it would do. Changes nothing.
pub async fn trial(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let found = match upload(&sent) {
        Ok(upload) => importing::try_out(app, &visit.workspace.id, &upload).await.map(|trial| (upload, trial)),
        Err(problem) => Err(problem),
    };
    match found {
        Ok((upload, trial)) => Ok(page(report(visit, &upload, &trial))),
        Err(problem @ Problem::Invalid(_)) => {
            let again = choose_columns(visit, &sent, &problem)
                .unwrap_or_else(|| choose(visit, &Typed::with(sent, problem.complaints())));
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(other) => Err(other),
    }
}

/// A file that travels is not lost because its columns were chosen wrongly: they can be chosen again.
fn choose_columns(visit: &Visit, sent: &Form, problem: &Problem) -> Option<String> {
    if sent.file("file").is_some() {
        return None;
    }
    let upload = upload(sent).ok()?;
    let parsed = Upload::new(&upload.name, &upload.text, Choices::default()).read().ok()?;
    let body = html! {
        div.head { div {
            p.crumb { a href="/imports" { "Posts from elsewhere" } " / " a href="/imports/new" { "Import a file" } }
            h1 { "Which column means what" }
            p.lead { (upload.name) ". Nothing is imported yet." }
        } }
        (notice::failed(&problem.to_string()))
        (columns_form(visit, &upload, &parsed))
        div.acts { a.button href="/imports/new" { "Another file" } }
    };
    Some(layout::page(visit, Nav::Campaigns, "Which column means what", &body))
}

/// The file, whole, as the next form sends it.
fn travelling(visit: &Visit, upload: &Upload, with_columns: bool) -> Markup {
    let Choices { columns, channel, language } = &upload.choices;
    html! {
        (csrf(&visit.caller))
        input type="hidden" name="file_name" value=(upload.name);
        input type="hidden" name="file_text" value=(upload.text);
        input type="hidden" name="sha256" value=(upload.sha256());
        @if with_columns {
            input type="hidden" name="channel" value=(channel);
            input type="hidden" name="language" value=(language);
            @for (field, column) in columns { input type="hidden" name={ "column." (field) } value=(column); }
        }
    }
}

fn report(visit: &Visit, upload: &Upload, trial: &Trial) -> String {
    let Trial { parsed, fates, before } = trial;
    let (new, repeated, known, wrong) =
        (trial.count(Fate::New), trial.count(Fate::Repeated), trial.count(Fate::Known), trial.count(Fate::Wrong));
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
            ul.asked { @for row in rows(Fate::Wrong) { li { b { "Row " (row.row) } ": " (with_code(&complaints(row))) } } } } }
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
    html! { details.more id="columns" { summary { "Which column means what" } (columns_form(visit, upload, parsed)) } }
}

fn columns_form(visit: &Visit, upload: &Upload, parsed: &Parsed) -> Markup {
    let of = |field: Meaning| {
        parsed.columns.iter().find(|column| column.field == Some(field)).map_or("", |column| column.name.as_str())
    };
    html! {
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

/// Imports what the trial showed, in one statement; the same file again changes nothing.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let upload = upload(&sent)?;
    if sent.get("sha256") != Some(upload.sha256().as_str()) {
        return Err(Problem::Stale);
    }
    let (trial, id) = importing::bring(app, &visit.caller, &upload).await?;
    let done =
        if id.is_some() { format!("imported&count={}", trial.count(Fate::New)) } else { "imported-before".into() };
    Ok(Reply::see_other(&format!("/imports?done={done}")))
}
