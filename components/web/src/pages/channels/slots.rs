//! `/settings/channels/{id}/slots`: the weekly slots of a channel. Plans and posts are put there.

use domain::Action;
use domain::brief::Complaint;
use domain::weekly::{self, DAYS, Occurrence, SLOTS_MAX, WeeklySlot};
use maud::{Markup, html};
use serve::{App, Form, Problem, Reply};
use store::channel::Channel;
use store::weekly_slot::{self, Kept};
use store::{brand, channel};

use super::HERE;
use crate::elements::badge::{self, Tone};
use crate::elements::form::{Control, Field, Typed, act, csrf, summary};
use crate::elements::{empty, time};
use crate::mend;
use crate::notice;
use crate::pages::settings::{Section, frame};
use crate::routes::Call;
use crate::visit::{Visit, html as page};

/// Labels of what can be wrong.
const LABELS: &[(&str, &str)] = &[("weekday", "Days"), ("local_time", "Time"), ("timezone", "Time zone")];

fn path(channel_id: &str) -> String {
    format!("{HERE}/{channel_id}/slots")
}

async fn find(call: Call<'_>, visit: &Visit) -> Result<Channel, Problem> {
    let found = channel::find(call.app.ports.db, &visit.workspace.id, call.id()).await?;
    found.ok_or_else(|| Problem::NotFound { what: "channel", id: call.id().into() })
}

/// The page.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let channel = find(call, visit).await?;
    Ok(page(render(call.app, visit, &channel, &notice::done(call.request), &Typed::default()).await?))
}

/// Adds a time to the days that are ticked.
pub async fn add(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let channel = find(call, visit).await?;
    let (app, sent) = (call.app, call.request.form().await?);
    match added(app, visit, &channel, &sent).await {
        Ok((count, skipped)) => {
            Ok(Reply::see_other(&format!("{}?done=slots-added&count={count}&skipped={skipped}", path(&channel.id))))
        }
        Err(problem @ Problem::Invalid(_)) => {
            let again = render(app, visit, &channel, &html! {}, &Typed::with(sent, problem.complaints())).await?;
            Ok(problem.into_reply_with("text/html; charset=utf-8", again))
        }
        Err(problem) => Err(problem),
    }
}

/// How many are new, and how many were there.
async fn added(app: App<'_>, visit: &Visit, channel: &Channel, sent: &Form) -> Result<(usize, usize), Problem> {
    let (time, zone) = (sent.get("local_time").unwrap_or_default(), sent.get("timezone").unwrap_or_default());
    let mut days: Vec<i8> = sent.all("weekday").iter().map(|day| day.parse().unwrap_or(0)).collect();
    days.dedup();
    let mut complaints: Vec<Complaint> = Vec::new();
    if days.is_empty() {
        complaints.push(Complaint { field: "weekday".into(), complaint: "are none; tick at least one".into() });
    }
    // Whatever is wrong with the time is wrong on every day.
    let parsed: Result<Vec<WeeklySlot>, _> = days.iter().map(|day| WeeklySlot::parse(*day, time, zone)).collect();
    let checked = WeeklySlot::parse(1, time, zone).err().into_iter().chain(parsed.as_ref().err().cloned()).flatten();
    for (field, complaint) in checked {
        if !complaints.iter().any(|one| one.field == field) {
            complaints.push(Complaint { field: field.into(), complaint });
        }
    }
    let (Ok(new), true) = (parsed, complaints.is_empty()) else { return Err(Problem::Invalid(complaints)) };
    let (db, workspace_id, id) = (app.ports.db, visit.workspace.id.as_str(), serve::id(app));
    let before = weekly_slot::list(db, workspace_id, &channel.id).await?;
    let of = (workspace_id, channel.id.as_str(), id.as_str());
    let ids = weekly_slot::add(db, app.ports.clock.pinned_ms(), of, &new, &visit.caller.actor).await?;
    match (ids.len(), before.len() + new.len() > SLOTS_MAX) {
        (0, true) => Err(Problem::invalid("weekday", format!("are too many: {SLOTS_MAX} slots are the most"))),
        (0, false) => Err(Problem::invalid("local_time", "is there already, on all of these days")),
        (count, _) => Ok((count, new.len() - count)),
    }
}

/// Which of the two is not there: the channel, or its slot.
async fn no_slot(call: Call<'_>, visit: &Visit) -> Problem {
    let missing = || Problem::NotFound { what: "slot", id: call.second().into() };
    find(call, visit).await.err().unwrap_or_else(missing)
}

/// Lets a slot rest, or count again.
pub async fn rest(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let form = call.request.form().await?;
    let enabled = match form.required("enabled")? {
        "1" => true,
        "0" => false,
        _ => return Err(Problem::invalid("enabled", "must be 0 or 1")),
    };
    let (db, us) = (call.app.ports.db, visit.workspace.id.as_str());
    if weekly_slot::find(db, us, call.id(), call.second()).await?.is_none() {
        return Err(no_slot(call, visit).await);
    }
    let seen = form.get("seen").and_then(|text| text.parse().ok()).ok_or(Problem::Stale)?;
    let of = (us, call.id(), call.second(), seen);
    let pinned_ms = call.app.ports.clock.pinned_ms();
    if !weekly_slot::set_enabled(db, pinned_ms, of, enabled, &visit.caller.actor).await? {
        return Ok(mend::stale(call.request, visit, &[]).await);
    }
    let done = if enabled { "slot-counts" } else { "slot-rests" };
    Ok(Reply::see_other(&format!("{}?done={done}", path(call.id()))))
}

/// Takes a slot away.
pub async fn remove(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let of = (visit.workspace.id.as_str(), call.id(), call.second());
    let pinned_ms = call.app.ports.clock.pinned_ms();
    if !weekly_slot::remove(call.app.ports.db, pinned_ms, of, &visit.caller.actor).await? {
        return Err(no_slot(call, visit).await);
    }
    Ok(Reply::see_other(&format!("{}?done=slot-removed", path(call.id()))))
}

async fn render(
    app: App<'_>,
    visit: &Visit,
    channel: &Channel,
    said: &Markup,
    typed: &Typed,
) -> Result<String, Problem> {
    let (db, us) = (app.ports.db, visit.workspace.id.as_str());
    let all = weekly_slot::list(db, us, &channel.id).await?;
    let zone = brand::timezone(db, us).await?;
    let now_ms = app.ports.clock.now_ms();
    let slots: Vec<WeeklySlot> = all.iter().map(|kept| kept.slot.clone()).collect();
    let coming = weekly::occurrences(&slots, now_ms, now_ms + weekly::AHEAD_MS).unwrap_or_default();
    let body = html! {
        div.head { div {
            p.crumb { a href=(HERE) { "Channels" } " / " (channel.name) }
            h2 { "Weekly slots" }
            p.lead { "When posts of " b { (channel.name) } " usually go out. New plans put their posts there, and a post can be sent to the next slot that is free. A slot keeps its time of day in its own zone, over both changes of the clock." }
        } }
        section.section aria-labelledby="slots-title" {
            h2.as-h3 #slots-title { "Slots" }
            @if all.is_empty() {
                (empty::state("No weekly slots yet", "Without slots, plans spread their posts over the week by themselves, and there is no next free slot to choose.", None))
            } @else {
                ol.slots role="list" { @for (index, kept) in all.iter().enumerate() {
                    li.card.flat.slot.rests[!kept.enabled] { (row(visit, channel, kept, coming.iter().filter(|one| one.index == index))) }
                } }
            }
        }
        @if visit.may(Action::Write) { (form(visit, channel, typed, &zone)) }
    };
    Ok(frame(visit, Section::Channels, said, &body))
}

fn row<'a>(
    visit: &Visit,
    channel: &Channel,
    kept: &Kept,
    mut coming: impl Iterator<Item = &'a Occurrence> + Clone,
) -> Markup {
    let slot = &kept.slot;
    let act_path = |what: &str| format!("{}/{}/{what}", path(&channel.id), kept.id);
    let jumped = coming.clone().find(|one| one.jumped.is_some());
    let (enabled, label) = if kept.enabled { ("0", "Let it rest") } else { ("1", "Let it count again") };
    html! {
        p.when { b { (slot.day()) " " span.figures { (slot.clock()) } } " " span.soft.small { (slot.timezone) } }
        p.small {
            @if !kept.enabled { (badge::badge(Tone::Quiet, "Rests")) " " }
            @else if let Some(next) = coming.next() { "Next: " (time::planned(&next.local.to_string(), next.at, &slot.timezone)) }
            @if let Some(one) = jumped { " " (jump(one)) }
        }
        @if visit.may(Action::Write) {
            div.acts {
                (act(&visit.caller, &act_path("rest"), "slim", label, &[("enabled", enabled), ("seen", &kept.revision.to_string())]))
                (act(&visit.caller, &act_path("removal"), "slim grave", "Remove", &[]))
            }
        }
    }
}

/// Where the clock jumps over a slot.
fn jump(one: &Occurrence) -> Markup {
    html! {
        @if let Some(jumped) = one.jumped {
            span.clocks { "On " (one.local.strftime("%-d %B %Y")) " the clock jumps over " (jumped.strftime("%H:%M")) ": it is " (one.local.strftime("%H:%M")) " then." }
        }
    }
}

fn form(visit: &Visit, channel: &Channel, typed: &Typed, zone: &str) -> Markup {
    let error = typed.complaint("weekday");
    html! {
        section.section aria-labelledby="add-title" {
            h2.as-h3 #add-title { "Add slots" }
            (summary(typed, LABELS))
            form.fields method="post" action=(path(&channel.id)) {
                (csrf(&visit.caller))
                fieldset.week-days id="weekday" tabindex="-1" aria-describedby=[error.map(|_| "weekday-error")] {
                    legend { "Days" }
                    div.row { @for (number, day) in (1..).zip(DAYS) {
                        @let value = number.to_string();
                        span.check {
                            input type="checkbox" id={ "weekday-" (value) } name="weekday" value=(value) checked[typed.has("weekday", &value)];
                            label for={ "weekday-" (value) } { (day) }
                        }
                    } }
                    @if let Some(error) = error { p.error #weekday-error { span { "Days " (error) "." } } }
                }
                div.fields.pair {
                    (Field::new("local_time", "Time").hint("On all days that are ticked.").control(Control::Input("time")).show(typed))
                    (Field::new("timezone", "Time zone").hint("The readers' own, such as Europe/Berlin. The slot keeps it, whatever zone a campaign is in.").initial(zone).show(typed))
                }
                div.acts { button.button.main-act type="submit" { "Add" } }
            }
        }
    }
}
