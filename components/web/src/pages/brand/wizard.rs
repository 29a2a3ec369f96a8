//! The wizard: paste what you have, answer what is missing, look at the whole. Nothing is stored before the end; what
//! was said so far travels in the form, so it works without a script and survives every error.

use domain::BrandBook;
use domain::brand::{self, Group};
use domain::brief::Complaint;
use maud::{Markup, html};
use serve::readings::{self, READ_BY};
use serve::{Form, Problem, Reply, StatusCode};

use super::{copied, fields, typed};
use crate::elements::form::{Control, Field, Typed, csrf, summary};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// What a page of the wizard shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// Paste a text.
    Paste,
    /// Choose of what somebody else's text states; and whether a model may read it as well.
    Choose(bool),
    /// Answer what is missing.
    Ask(Group),
    /// Look at all of it, and save.
    Whole,
}

/// Reads what was pasted, or a chosen file, and asks for what is missing.
pub async fn reading(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let mut sent = call.request.form().await?;
    if let Some(file) = sent.file("file") {
        let text = String::from_utf8(file.bytes.clone()).map_err(|_| Problem::NotUtf8)?;
        sent.fields.retain(|(name, _)| name != "pasted");
        sent.fields.push(("pasted".into(), text));
    }
    let base = sent.get("base").unwrap_or("0").to_string();
    if sent.get("act") == Some("skip") {
        let begun = begin(&BrandBook::empty(), &base, &[]);
        return Ok(page(render(visit, Sheet::Ask(Group::Who), &Typed::with(begun, &[]), &html! {})));
    }
    if sent.get("reading").is_some() || copied::is_copied(&sent) {
        return somebody_elses(call, visit, sent, &base).await;
    }
    match brand::read(sent.get("pasted").unwrap_or_default()) {
        Ok(reading) => {
            let begun = begin(&reading.book, &base, &reading.unread);
            let sheet = next(&reading.book, None);
            let said = found(&reading.book);
            Ok(page(render(visit, sheet, &Typed::with(begun, &[]), &said)))
        }
        Err(complaint) => {
            let problem = Problem::invalid("pasted", complaint);
            let again = render(visit, Sheet::Paste, &Typed::with(sent, problem.complaints()), &html! {});
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
    }
}

/// Of a text that is not our own nothing is taken over but what somebody ticks; the brand that is there stays.
async fn somebody_elses(call: Call<'_>, visit: &Visit, sent: Form, base: &str) -> Result<Reply, Problem> {
    let app = call.app;
    let facts = match sent.get("reading") {
        Some(id) => Ok(readings::facts(&readings::find(app, &visit.workspace.id, id).await?)),
        None => copied::read(&sent),
    };
    let facts = match facts {
        Ok((facts, _)) => facts,
        Err(problem) => return Ok(pasted_again(visit, sent, problem)),
    };
    if sent.get("act") == Some("model") {
        let text = (sent.get("copied_from").unwrap_or_default(), sent.get("pasted").unwrap_or_default());
        return match readings::begin(app, &visit.caller, text).await {
            Ok(id) => Ok(Reply::see_other(&format!("/brand/readings/{id}")).waking(READ_BY)),
            Err(problem @ Problem::Invalid(_)) => Ok(pasted_again(visit, sent, problem)),
            Err(problem) => Err(problem),
        };
    }
    if sent.get("act") != Some("take") {
        let offered = readings::is_offered(app, &visit.workspace.id).await?;
        return Ok(page(render(visit, Sheet::Choose(offered), &Typed::with(sent, &[]), &html! {})));
    }
    let current = store::brand::current(call.app.ports.db, &visit.workspace.id).await?;
    let book = copied::with_taken(current.map_or_else(BrandBook::empty, |found| found.book), &facts, &sent);
    let begun = begin(&book, base, &[]);
    Ok(page(render(visit, next(&book, None), &Typed::with(begun, &[]), &html! {})))
}

/// The first page once more, with what is wrong with the text.
fn pasted_again(visit: &Visit, sent: Form, problem: Problem) -> Reply {
    let named = |complaint: &Complaint| {
        let field = if complaint.field == "text" { "pasted".into() } else { complaint.field.clone() };
        Complaint { field, complaint: complaint.complaint.clone() }
    };
    let complaints: Vec<Complaint> = problem.complaints().iter().map(named).collect();
    let again = render(visit, Sheet::Paste, &Typed::with(sent, &complaints), &html! {});
    Problem::Invalid(complaints).into_reply_with("text/html; charset=utf-8", again)
}

/// The form that travels.
pub fn begin(book: &BrandBook, base: &str, unread: &[String]) -> Form {
    let mut fields = typed::write(book);
    fields.push(("base".into(), base.into()));
    fields.push(("unread".into(), unread.join("\n")));
    Form { fields, files: Vec::new() }
}

/// What was understood, so that a person sees that something was.
fn found(book: &BrandBook) -> Markup {
    let missing = book.missing();
    let count = typed::FIELDS.iter().filter(|field| **field != "brand.language" && **field != "brand.also_in").count()
        - missing.len();
    html! {
        div.notice.good role="status" {
            p { "Understood " (count) @if count == 1 { " field" } @else { " fields" } " of your text. "
                @if missing.is_empty() { "Nothing is missing." } @else { (missing.len()) @if missing.len() == 1 { " is" } @else { " are" } " missing; you may leave out all that is optional." } }
        }
    }
}

/// The next group, after this one, of which something is missing; then the whole.
fn next(book: &BrandBook, after: Option<Group>) -> Sheet {
    let missing = book.missing();
    let place = |group: Group| Group::ALL.iter().position(|one| *one == group);
    let later = |group: &&Group| after.is_none_or(|after| place(**group) > place(after));
    let group = Group::ALL.iter().filter(later).find(|group| missing.iter().any(|one| one.group == group.as_str()));
    group.map_or(Sheet::Whole, |group| Sheet::Ask(*group))
}

/// One group was answered: the next one, or the whole. Stores nothing.
pub async fn step(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let sent = call.request.form().await?;
    let group: Group = sent.required("group")?.parse().map_err(|_| Problem::invalid("group", "is not known"))?;
    let (book, complaints) = typed::read(&sent);
    if !complaints.is_empty() {
        let again = render(visit, Sheet::Ask(group), &Typed::with(sent, &complaints), &html! {});
        return Ok(Problem::Invalid(complaints).into_reply_with("text/html; charset=utf-8", again));
    }
    let before = |group: Group| Group::ALL.iter().rev().skip_while(|one| **one != group).nth(1).copied();
    let sheet = match sent.get("act") {
        Some("whole") => Sheet::Whole,
        Some("back") => before(group).map_or(Sheet::Ask(group), Sheet::Ask),
        _ => next(&book, Some(group)),
    };
    Ok(page(render(visit, sheet, &Typed::with(sent, &[]), &html! {})))
}

/// A page of the wizard.
pub fn render(visit: &Visit, sheet: Sheet, typed: &Typed, said: &Markup) -> String {
    let body = html! {
        (said)
        (summary(typed, &[fields::LABELS, &[("pasted", "Your text"), ("copied_from", "Copied from")]].concat()))
        @match sheet { Sheet::Paste => (paste(visit, typed)), Sheet::Choose(offered) => (choose(visit, typed, offered)), Sheet::Ask(group) => (ask(visit, group, typed)), Sheet::Whole => (whole(visit, typed)) }
    };
    frame(visit, sheet, &body)
}

/// What all its pages have.
pub fn frame(visit: &Visit, sheet: Sheet, body: &Markup) -> String {
    let body = html! {
        div.head { div {
            p.crumb { a href="/brand" { "Brand" } }
            h1 { @match sheet { Sheet::Paste => "Tell Rondo what it speaks for", Sheet::Choose(_) => "What is right of it?", Sheet::Ask(group) => (fields::title(group)), Sheet::Whole => "The whole brand" } }
            p.lead { @match sheet {
                Sheet::Paste => "Paste what you have: an about page, notes, a brief. Plain rules read it here; nothing is sent anywhere.",
                Sheet::Choose(_) => "Somebody else wrote this, so nothing of it is taken over but what you tick. Each line is what stands in the text, word for word.",
                Sheet::Ask(_) => "What is not said here does not exist for the writers.",
                Sheet::Whole => "Look at it once more. Saving makes a version; campaigns that began keep the one they began with.",
            } }
        } }
        (strip(sheet))
        (body)
    };
    layout::page(visit, Nav::Brand, "Brand", &body)
}

fn choose(visit: &Visit, typed: &Typed, offered: bool) -> Markup {
    let (facts, left_out) = copied::read(typed.form()).unwrap_or_default();
    let hidden = ["base", "copied_from", "pasted"].map(|name| (name, typed.value(name))).into();
    copied::choose(visit, &copied::Choice { hidden, facts: &facts, left_out, offered })
}

fn strip(sheet: Sheet) -> Markup {
    let at = match sheet {
        Sheet::Paste | Sheet::Choose(_) => 0,
        Sheet::Ask(_) => 1,
        Sheet::Whole => 2,
    };
    html! {
        ol.wizard role="list" aria-label="Steps" {
            @for (number, name) in ["Paste", "What is missing", "The whole"].into_iter().enumerate() {
                li aria-current=[(number == at).then_some("step")] .done[number < at] { (name) }
            }
        }
    }
}

fn paste(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        div.columns {
        form.fields method="post" action="/brand/reading" enctype="multipart/form-data" {
            (csrf(&visit.caller))
            input type="hidden" name="base" value=(typed.value_or("base", "0"));
            (Field::new("pasted", "Your text").hint("Headings, lists and lines such as “Tone: kind, dry” are understood best. A brief file (TOML) is read as it is.")
                .control(Control::Text("tall")).optional().show(typed))
            (Field::new("copied_from", "Copied from").hint("If somebody else wrote it: the page's address, or whose text it is. Then nothing is taken over by itself: you see what it states, and tick what is right.")
                .optional().show(typed))
            div.field {
                label for="file" { "Or a text file " span.soft.small { "(optional; counts instead)" } }
                input.control #file type="file" name="file" accept=".txt,.md,.toml,text/plain";
            }
            div.acts {
                button.button.main-act type="submit" name="act" value="read" { "Read it" }
                button.button type="submit" name="act" value="skip" { "Begin without a text" }
            }
        }
        div.aside {
            section aria-labelledby="such-title" {
                h2 #such-title { "Such as" }
                pre.such { "# Night Shift Bakery\nWe bake while you sleep.\n\nHome page: https://…\nFor whom: nurses, drivers\nTone: warm, dry\n\nFacts\n- Open: 22:00 to 04:00\n- Rye loaf: 4.80 EUR\n\nNever say\n- cheapest" }
                p.soft.small { "What is not understood is shown to you afterwards. What is missing is asked for, and all of it can be changed before it is saved." }
            }
        }
        }
    }
}

fn hidden(typed: &Typed, but: &[&str]) -> Markup {
    html! {
        @for name in typed::FIELDS.iter().copied().chain(["base", "unread"]).filter(|name| !but.contains(name)) {
            input type="hidden" name=(name) value=(typed.value(name));
        }
    }
}

fn ask(visit: &Visit, group: Group, typed: &Typed) -> Markup {
    let form = typed.form();
    let missing: Vec<_> = typed::read(form).0.missing().into_iter().filter(|one| one.group == group.as_str()).collect();
    html! {
        div.columns {
        // What is needed is insisted on at the end alone, so that one can go back and forth.
        form.fields method="post" action="/brand/steps" novalidate {
            (csrf(&visit.caller))
            (hidden(typed, fields::names(group)))
            input type="hidden" name="group" value=(group.as_str());
            (fields::group(group, typed, true))
            div.acts {
                button.button.main-act type="submit" name="act" value="next" { "Go on" }
                @if group != Group::Who { button.button type="submit" name="act" value="back" { "Back" } }
                button.button type="submit" name="act" value="whole" { "Show the whole" }
            }
        }
        div.aside {
            @if !missing.is_empty() {
                section aria-labelledby="why-title" {
                    h2 #why-title { "Why it is asked" }
                    ul.why { @for one in &missing { li { b { (fields::label(one.field)) } @if one.required { " (needed)" } ": " (one.why) "." } } }
                }
            }
            (unread(typed))
        }
        }
    }
}

fn unread(typed: &Typed) -> Markup {
    let lines = typed::lines(typed.value("unread"));
    html! {
        @if !lines.is_empty() {
            details.more { summary { "Not used: " (lines.len()) @if lines.len() == 1 { " line" } @else { " lines" } }
                ul { @for line in &lines { li { (line) } } } }
        }
    }
}

fn whole(visit: &Visit, typed: &Typed) -> Markup {
    html! {
        form.fields.beside method="post" action="/brand" {
            (csrf(&visit.caller))
            input type="hidden" name="base" value=(typed.value_or("base", "0"));
            input type="hidden" name="unread" value=(typed.value("unread"));
            @for group in Group::ALL { fieldset { legend { (fields::title(*group)) } (fields::group(*group, typed, true)) } }
            div.acts { button.button.main-act type="submit" { "Save the brand" } a.button href="/brand" { "Cancel" } }
        }
        (unread(typed))
    }
}

/// What somebody else saved, where it is not what was typed.
fn theirs(book: &BrandBook, sent: &Form) -> Markup {
    let normal = |text: &str| text.replace("\r\n", "\n").trim().to_string();
    let differs = |(name, value): &&(String, String)| normal(sent.get(name).unwrap_or_default()) != normal(value);
    let written = typed::write(book);
    html! {
        section.card.flat aria-labelledby="theirs-title" {
            h2.as-h3 #theirs-title { "What they saved otherwise" }
            dl.facts { @for (name, value) in written.iter().filter(differs) {
                dt { (fields::label(name)) } dd.lines { @if value.is_empty() { "nothing" } @else { (value) } }
            } }
        }
    }
}

/// Saves it as the next version. What was typed comes back if that cannot be.
pub async fn save(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let sent = request.form().await?;
    let base: i64 = sent.get("base").unwrap_or("0").parse().map_err(|_| Problem::Stale)?;
    let (book, mut complaints) = typed::read(&sent);
    complaints.extend(book.complaints());
    let saved = if complaints.is_empty() {
        let of = (visit.workspace.id.as_str(), base);
        store::brand::save(app.ports.db, app.ports.clock.pinned_ms(), of, &book, &visit.caller.actor)
            .await
            .map_err(Problem::from)
    } else {
        Err(Problem::Invalid(complaints))
    };
    match saved {
        Ok(_) => Ok(Reply::see_other("/brand?done=brand-saved")),
        Err(problem) if problem.status() == StatusCode::INTERNAL_SERVER_ERROR => Err(problem),
        Err(problem) => {
            let mut sent = sent;
            let mut said = html! {};
            if matches!(problem, Problem::Superseded) {
                let current = store::brand::current(app.ports.db, &visit.workspace.id).await?;
                let now = current.as_ref().map_or(0, |found| found.version);
                sent.fields.retain(|(name, _)| name != "base");
                sent.fields.push(("base".into(), now.to_string()));
                said = html! {
                    (notice::failed(&format!(
                        "somebody saved version {now} meanwhile. What you typed is still here; saving it again puts it after theirs"
                    )))
                    @if let Some(current) = &current { (theirs(&current.book, &sent)) }
                };
            }
            let again = render(visit, Sheet::Whole, &Typed::with(sent, problem.complaints()), &said);
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
    }
}
