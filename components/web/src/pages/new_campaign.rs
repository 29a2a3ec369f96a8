//! `/campaigns/new`: by a form that begins with the brand, or by a brief file. Errors stand beside their fields; nothing typed is lost.

mod brief_form;
mod fields;

use domain::brief::Complaint;
use domain::{Action, BrandBook, Brief, Mode, Step, calendar};
use serve::fields::NAME_CHARS_MAX;
use serve::{App, Form, Problem, Reply};
use store::campaign::{self, NewCampaign};
use store::channel;

use crate::elements::form::Typed;
use crate::layout::{self, Nav};
use crate::pages::brand::typed;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// The form, empty.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let from_file = request.query("from") == Some("file");
    let brand = store::brand::current(app.ports.db, &visit.workspace.id).await?;
    let typed = brand.as_ref().map_or_else(Typed::default, |brand| begun(&brand.book, app.ports.clock.now_ms()));
    Ok(page(render(app, visit, from_file, &typed).await?))
}

/// What the brand fills in: a goal is all that is missing then.
fn begun(book: &BrandBook, now_ms: i64) -> Typed {
    let zone = if book.timezone.is_empty() { "UTC" } else { &book.timezone };
    let tomorrow = calendar::wall_time(now_ms, zone).ok().and_then(|now| now.date().tomorrow().ok());
    let start = tomorrow.map_or_else(String::new, |day| day.to_string());
    let mut fields = typed::write(book);
    fields.extend(
        [("goal.channels", "stage"), ("goal.posts_per_week", "3"), ("goal.weeks", "2"), ("goal.start", &start)]
            .into_iter()
            .chain([("goal.timezone", book.timezone.as_str())])
            .map(|(name, value)| (name.to_string(), value.to_string())),
    );
    Typed::with(Form { fields, files: Vec::new() }, &[])
}

/// Creates the campaign, or shows the form again with what is wrong.
pub async fn create(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let Call { app, request, .. } = call;
    let mut sent = request.form().await?;
    let from_file = sent.get("from") == Some("file");
    take_in_the_file(&mut sent)?;
    match read(app, visit, &sent, from_file).await? {
        Ok(new) => {
            let id = serve::id(app);
            let row = NewCampaign {
                workspace_id: &visit.workspace.id,
                id: &id,
                name: &new.name,
                mode: new.mode,
                time_lapse: new.time_lapse,
                budget_micro_usd: new.budget_micro_usd,
                brief: &new.brief,
                actor: &visit.caller.actor,
            };
            campaign::create(app.ports.db, app.ports.clock.pinned_ms(), &row).await?;
            Ok(Reply::see_other(&format!("/campaigns/{id}?done=created")).waking(&[Step::Strategize]))
        }
        Err(complaints) => {
            let typed = Typed::with(sent, &complaints);
            let again = render(app, visit, from_file, &typed).await?;
            Ok(Problem::Invalid(complaints).into_reply_with("text/html; charset=utf-8", again))
        }
    }
}

/// A chosen file becomes the text of the brief, so that it comes back with its errors beside it.
fn take_in_the_file(sent: &mut Form) -> Result<(), Problem> {
    let Some(file) = sent.file("brief_file") else { return Ok(()) };
    let text = String::from_utf8(file.bytes.clone()).map_err(|_| Problem::NotUtf8)?;
    sent.fields.retain(|(name, _)| name != "brief");
    sent.fields.push(("brief".into(), text));
    Ok(())
}

/// What a campaign is made of.
struct New {
    name: String,
    brief: Brief,
    mode: Mode,
    time_lapse: bool,
    budget_micro_usd: i64,
}

async fn read(
    app: App<'_>,
    visit: &Visit,
    sent: &Form,
    from_file: bool,
) -> Result<Result<New, Vec<Complaint>>, Problem> {
    let mut complaints = Vec::new();
    let brief = if from_file { Brief::parse(sent.get("brief").unwrap_or_default()) } else { brief_form::read(sent) };
    let brief = match brief {
        Ok(brief) => Some(brief),
        Err(mut found) => {
            complaints.append(&mut found);
            None
        }
    };
    let performance = sent.get("mode") == Some("performance");
    let time_lapse = !performance && sent.get("time_lapse") == Some("1");
    if performance && !visit.may(Action::Administer) {
        let complaint = "is for owners and admins; rehearse it, and ask one of them to take it to the public".into();
        complaints.push(Complaint { field: "mode".into(), complaint });
    }
    let budget = budget(app, sent).map_err(|complaint| complaints.push(complaint)).unwrap_or_default();
    if let Some(brief) = &brief {
        check_channels(app, visit, brief, &mut complaints).await?;
        check_start(app, brief, time_lapse, &mut complaints);
    }
    let name = sent.get("name").unwrap_or_default().trim();
    let length = name.chars().count();
    if length > NAME_CHARS_MAX {
        let complaint = format!("has {length} characters; the most is {NAME_CHARS_MAX}");
        complaints.push(Complaint { field: "name".into(), complaint });
    }
    let Some(brief) = brief.filter(|_| complaints.is_empty()) else { return Ok(Err(complaints)) };
    let name = if name.is_empty() { format!("{}, from {}", brief.brand.name, brief.goal.start) } else { name.into() };
    // Made of a brand's long name, it may be cut.
    let name = name.chars().take(NAME_CHARS_MAX).collect();
    let mode = if performance { Mode::Performance } else { Mode::Rehearsal };
    Ok(Ok(New { name, brief, mode, time_lapse, budget_micro_usd: budget }))
}

/// Highest budget, in US dollars.
const BUDGET_USD_MAX: f64 = 1_000_000.0;

fn budget(app: App<'_>, sent: &Form) -> Result<i64, Complaint> {
    let text = sent.get("budget_usd").unwrap_or_default().trim();
    if text.is_empty() {
        return Ok(app.settings.default_budget().0);
    }
    match text.trim_start_matches('$').parse::<f64>() {
        Ok(dollars) if (0.0..=BUDGET_USD_MAX).contains(&dollars) => Ok((dollars * 1e6).round() as i64),
        _ => Err(Complaint { field: "budget_usd".into(), complaint: "is no amount; write `5` or `12.50`".into() }),
    }
}

async fn check_channels(
    app: App<'_>,
    visit: &Visit,
    brief: &Brief,
    complaints: &mut Vec<Complaint>,
) -> Result<(), Problem> {
    let there = channel::list(app.ports.db, &visit.workspace.id, None, channel::CHANNELS_MAX).await?;
    for wanted in brief.goal.channels.iter().filter(|wanted| !there.iter().any(|one| one.name == **wanted)) {
        let names: Vec<&str> = there.iter().map(|one| one.name.as_str()).collect();
        let complaint = format!("name `{wanted}`, which is not connected; there is {}", names.join(", "));
        complaints.push(Complaint { field: "goal.channels".into(), complaint });
    }
    Ok(())
}

/// A time in the past is refused, not published now. In time-lapse no slot waits for its time.
fn check_start(app: App<'_>, brief: &Brief, time_lapse: bool, complaints: &mut Vec<Complaint>) {
    let Ok(slots) = calendar::slots(&brief.goal) else { return };
    let is_past = slots.first().is_some_and(|slot| slot.due_at <= app.ports.clock.now_ms());
    if is_past && !time_lapse {
        let complaint = format!("({}) would have its first post in the past; choose a later day", brief.goal.start);
        complaints.push(Complaint { field: "goal.start".into(), complaint });
    }
}

async fn render(app: App<'_>, visit: &Visit, from_file: bool, typed: &Typed) -> Result<String, Problem> {
    let channels = channel::list(app.ports.db, &visit.workspace.id, None, channel::CHANNELS_MAX).await?;
    let names: Vec<&str> = channels.iter().map(|one| one.name.as_str()).collect();
    let budget = crate::elements::cost::dollars(app.settings.default_budget().0);
    let brand_version = store::brand::current(app.ports.db, &visit.workspace.id).await?.map(|brand| brand.version);
    let offer = fields::Offer { channels: &names, default_budget: &budget, brand_version };
    let body = fields::page(visit, typed, from_file, &offer);
    Ok(layout::page(visit, Nav::Campaigns, "New campaign", &body))
}
