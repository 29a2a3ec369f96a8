//! `/calendar`: what goes out when, as a month, a week by channel, or a list; what missed its time; what is too close
//! to, or too much like, something else. Days are those of each campaign's own zone.

mod flags;
mod openings;
mod views;

use domain::{PostState, calendar};
use jiff::ToSpan;
use jiff::civil::Date;
use maud::{Markup, html};
use serve::{Problem, Reply};
use store::channel::Channel;
use store::post::{self, Post};
use store::{brand, campaign, channel, page::LIMIT_MAX};

use crate::elements::form::{act, csrf};
use crate::elements::{badge, time};
use crate::layout::{self, Nav};
use crate::notice;
use crate::routes::Call;
use crate::visit::{Visit, html as page};

use flags::Flags;
use openings::Openings;

/// Which way of looking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum View {
    Month,
    Week,
    List,
}

impl View {
    fn of(text: Option<&str>) -> Self {
        match text {
            Some("week") => Self::Week,
            Some("list") => Self::List,
            _ => Self::Month,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Week => "week",
            Self::List => "list",
        }
    }
}

/// Some days that somebody looks at.
struct Sight<'a> {
    visit: &'a Visit,
    view: View,
    /// The first day that is shown, and the first that is not.
    days: (Date, Date),
    /// The day that was asked for.
    at: Date,
    today: Date,
    now_ms: i64,
    channel: Option<&'a str>,
    /// With posts of campaigns that were put away.
    put_away: bool,
    posts: Vec<Post>,
    flags: Flags,
    slots: Openings,
    /// The workspace's.
    zone: String,
}

/// Most pages of posts that one look reads: 1,000 posts.
const PAGES_MAX: usize = 5;
/// Wall clocks differ by less than this from UTC, in milliseconds.
const ZONE_MS: i64 = 16 * 3_600_000;
/// Most missed posts that are listed.
const MISSED_MAX: u32 = 20;

/// The page. `?view=month|week|list`, `?at=2027-03-01`, `?channel=`, `?archived=true`.
pub async fn show(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (db, workspace_id) = (call.app.ports.db, visit.workspace.id.as_str());
    let now_ms = call.app.ports.clock.now_ms();
    let zone = brand::timezone(db, workspace_id).await?;
    let today = calendar::wall_time(now_ms, &zone).or_else(|_| calendar::wall_time(now_ms, "UTC"));
    let today = today.map_or(Date::constant(1970, 1, 1), |at| at.date());
    let view = View::of(call.request.query("view"));
    let at = call.request.query("at").and_then(|text| text.parse().ok()).filter(is_sane).unwrap_or(today);
    let days = window(view, at);
    let wanted = call.request.query("channel").filter(|id| !id.is_empty());
    let put_away = call.request.query("archived") == Some("true");
    let (posts, is_cut) = read(&call, workspace_id, days, wanted, put_away).await?;
    let missed = post::missed(db, workspace_id, MISSED_MAX).await?;
    let channels = channel::list(db, workspace_id, None, LIMIT_MAX).await?;
    let flags = Flags::of(&posts);
    let slots = Openings::read(db, workspace_id, wanted, (now_ms, utc(days.1) + ZONE_MS)).await?;
    let any_put_away = put_away || campaign::any_archived(db, workspace_id).await?;
    let sight = Sight { visit, view, days, at, today, now_ms, channel: wanted, put_away, posts, flags, slots, zone };
    let body = html! {
        (notice::done(call.request))
        div.head {
            div { h1 { "Calendar" } p.lead { "Times are those of each post's campaign; point at one to see it in yours. Today is today in " (sight.zone) "." } }
        }
        (missing(&sight, &missed))
        (controls(&sight, &channels, any_put_away))
        @if is_cut { p.notice.wait { "There are more posts here than are shown. Choose a channel, or look at a week." } }
        @match view {
            View::Month => (views::month(&sight)),
            View::Week => (views::week(&sight, &channels)),
            View::List => (views::list(&sight)),
        }
        (move_dialog(visit))
    };
    Ok(page(layout::page(visit, Nav::Calendar, "Calendar", &body)))
}

fn is_sane(date: &Date) -> bool {
    (1990..2200).contains(&date.year())
}

fn monday(date: Date) -> Date {
    date.checked_sub(i64::from(date.weekday().to_monday_zero_offset()).days()).unwrap_or(date)
}

fn plus(date: Date, days: i64) -> Date {
    date.checked_add(days.days()).unwrap_or(date)
}

/// The first day that is shown, and the first that is not: whole weeks, from Monday on.
fn window(view: View, at: Date) -> (Date, Date) {
    match view {
        View::Month => (monday(at.first_of_month()), plus(monday(at.last_of_month()), 7)),
        View::Week => (monday(at), plus(monday(at), 7)),
        View::List => (at, plus(at, 28)),
    }
}

/// The posts of these days, each on the day of its own zone; and whether there are more than are read.
async fn read(
    call: &Call<'_>,
    workspace_id: &str,
    days: (Date, Date),
    wanted: Option<&str>,
    put_away: bool,
) -> Result<(Vec<Post>, bool), Problem> {
    let span = (utc(days.0) - ZONE_MS, utc(days.1) + ZONE_MS);
    let (mut posts, mut last): (Vec<Post>, _) = (Vec::new(), None);
    for _ in 0..PAGES_MAX {
        let rows = post::between(call.app.ports.db, workspace_id, span, put_away, last.as_ref(), LIMIT_MAX).await?;
        let more = rows.len() >= LIMIT_MAX as usize;
        last = rows.last().map(|row| store::page::Key { at: row.due_at, id: row.id.clone() });
        let shown = |post: &Post| {
            day(post).is_some_and(|day| day >= days.0 && day < days.1) && wanted.is_none_or(|id| post.channel_id == id)
        };
        posts.extend(rows.into_iter().filter(shown));
        if !more {
            return Ok((posts, false));
        }
    }
    Ok((posts, true))
}

/// Midnight in UTC.
fn utc(date: Date) -> i64 {
    calendar::instant(date.to_datetime(jiff::civil::Time::midnight()), "UTC").unwrap_or(0)
}

/// The day of its campaign's zone on which it is planned.
fn day(post: &Post) -> Option<Date> {
    post.planned_local.get(..10)?.parse().ok()
}

/// What missed its time, as one line that opens: another time, or none.
fn missing(sight: &Sight<'_>, missed: &[Post]) -> Markup {
    let more = if missed.len() >= MISSED_MAX as usize { " or more" } else { "" };
    html! {
        @if !missed.is_empty() {
            details.missed-line id="missed" {
                summary { (badge::badge(badge::Tone::Bad, "Missed")) b { (missed.len()) (more) @if missed.len() == 1 { " post missed its time" } @else { " posts missed their time" } } }
                p { "They did not go out, and Rondo never publishes late by itself. Another time needs another approval." }
                ul.missed-list role="list" { @for post in missed { li {
                    span { a href={ "/posts/" (post.id) } { (views::title(post)) } span.soft.small { " was planned for " (time::planned(&post.planned_local, post.due_at, &post.timezone)) " on " (post.channel_name) } }
                    @if sight.visit.may(domain::Action::Write) {
                        div.acts {
                            @let revision = post.revision.to_string();
                            @if post.has_slots {
                                (act(&sight.visit.caller, &format!("/posts/{}/time", post.id), "slim", &sight.slots.button(post), &[("slot", "next"), ("revision", &revision)]))
                            } @else if let Some(next) = next_time(post, sight.now_ms) {
                                (act(&sight.visit.caller, &format!("/posts/{}/time", post.id), "slim", &format!("Move to {}", next.strftime("%a %-d %b, %H:%M")),
                                    &[("local", &next.to_string()), ("revision", &revision)]))
                            }
                            (act(&sight.visit.caller, &format!("/posts/{}/drop", post.id), "slim", "Drop it", &[]))
                        }
                    }
                } } }
            }
        }
    }
}

/// The same time of day, on the first day on which it lies at least an hour ahead.
fn next_time(post: &Post, now_ms: i64) -> Option<jiff::civil::DateTime> {
    let planned: jiff::civil::DateTime = post.planned_local.parse().ok()?;
    let now = calendar::wall_time(now_ms + 3_600_000, &post.timezone).ok()?;
    let today = now.date().to_datetime(planned.time());
    let next = if today > now { today } else { plus(now.date(), 1).to_datetime(planned.time()) };
    // In a gap of the clock there is no such time; the day after has it.
    calendar::chosen_instant(next, &post.timezone, now_ms)
        .map_or_else(|_| Some(plus(next.date(), 1).to_datetime(next.time())), |_| Some(next))
}

fn controls(sight: &Sight<'_>, channels: &[Channel], any_put_away: bool) -> Markup {
    let step = |forward: bool| {
        let sign = if forward { 1 } else { -1 };
        match sight.view {
            View::Month => sight.at.first_of_month().checked_add(sign.months()).unwrap_or(sight.at),
            View::Week => plus(sight.at, 7 * sign),
            View::List => plus(sight.at, 28 * sign),
        }
    };
    let link = |view: View, at: Date| {
        let channel = sight.channel.map_or(String::new(), |id| format!("&channel={id}"));
        let archived = if sight.put_away { "&archived=true" } else { "" };
        format!("/calendar?view={}&at={at}{channel}{archived}", view.word())
    };
    let name = match sight.view {
        View::Month => sight.at.strftime("%B %Y").to_string(),
        View::Week | View::List => {
            format!("{} to {}", sight.days.0.strftime("%-d %b"), plus(sight.days.1, -1).strftime("%-d %b %Y"))
        }
    };
    html! {
        div.calendar-bar {
            h2 { (name) }
            nav.row aria-label="When" {
                a.button.slim data-key="k" href=(link(sight.view, step(false))) { "← Earlier" }
                a.button.slim data-key="t" href=(link(sight.view, sight.today)) { "Today" }
                a.button.slim data-key="j" href=(link(sight.view, step(true))) { "Later →" }
            }
            nav.tabs aria-label="How" {
                @for (view, label) in [(View::Month, "Month"), (View::Week, "Week"), (View::List, "List")] {
                    a href=(link(view, sight.at)) aria-current=[(view == sight.view).then_some("page")] { (label) }
                }
            }
            @if channels.len() > 1 || any_put_away {
                form.row method="get" action="/calendar" {
                    input type="hidden" name="view" value=(sight.view.word()); input type="hidden" name="at" value=(sight.at);
                    @if channels.len() > 1 {
                        label.small for="calendar-channel" { "Channel" }
                        select.control #calendar-channel name="channel" {
                            option value="" { "All" }
                            @for one in channels { option value=(one.id) selected[sight.channel == Some(one.id.as_str())] { (one.name) } }
                        }
                    }
                    @if any_put_away {
                        span.check {
                            input type="checkbox" #calendar-archived name="archived" value="true" checked[sight.put_away];
                            label.small for="calendar-archived" { "With what is put away" }
                        }
                    }
                    button.button.slim type="submit" { "Show" }
                }
            }
        }
    }
}

/// What dropping a post on another day opens: nothing is moved before somebody says so.
fn move_dialog(visit: &Visit) -> Markup {
    html! {
        @if visit.may(domain::Action::Write) {
            dialog.move id="move" aria-labelledby="move-title" {
                form method="post" {
                    h2.as-h3 #move-title { "Move it?" }
                    p.what {}
                    (csrf(&visit.caller))
                    input type="hidden" name="revision";
                    div.field { label for="move-local" { "Date and time " span.zone {} } input.control id="move-local" type="datetime-local" name="local" required; }
                    p.small { "An approval holds for one time: if it was approved, it needs another approval." }
                    div.acts { button.button.main-act type="submit" { "Move it" } button.button type="button" value="close" { "Leave it" } }
                }
            }
        }
    }
}

/// Drops what missed its time.
pub async fn drop_missed(call: Call<'_>, visit: &Visit) -> Result<Reply, Problem> {
    let (db, of) = (call.app.ports.db, (visit.workspace.id.as_str(), call.id()));
    let found =
        post::find(db, of.0, of.1).await?.ok_or_else(|| Problem::NotFound { what: "post", id: call.id().into() })?;
    if !post::drop_missed(db, call.app.ports.clock.pinned_ms(), of, &visit.caller.actor).await? {
        return Err(Problem::WrongState);
    }
    Ok(Reply::see_other(&format!("/calendar?at={}&done=dropped", found.planned_local.get(..10).unwrap_or_default())))
}

/// Whether anybody may still give it another time.
fn is_movable(post: &Post) -> bool {
    matches!(post.state, PostState::AwaitingApproval | PostState::Scheduled | PostState::Missed)
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    #[test]
    fn a_month_is_whole_weeks_from_monday_on() {
        let check = |view: View, at: (i16, i8, i8), from: &str, until: &str| {
            let (first, end) = window(view, Date::constant(at.0, at.1, at.2));
            assert_eq!((first.to_string().as_str(), end.to_string().as_str()), (from, until));
            assert!(view == View::List || first.weekday() == Weekday::Monday);
        };
        check(View::Month, (2027, 3, 15), "2027-03-01", "2027-04-05");
        check(View::Month, (2027, 2, 1), "2027-02-01", "2027-03-01");
        check(View::Week, (2027, 3, 28), "2027-03-22", "2027-03-29");
        check(View::List, (2027, 3, 28), "2027-03-28", "2027-04-25");
    }
}
