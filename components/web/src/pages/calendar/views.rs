//! The three ways of looking: a month, a week by channel, a list with a form for each.

use std::collections::BTreeSet;

use domain::{Action, calendar};
use jiff::civil::Date;
use maud::{Markup, html};
use store::channel::Channel;
use store::post::Post;

use super::{Sight, day, is_movable, plus};
use crate::elements::form::csrf;
use crate::elements::{badge, empty, time};
use crate::pages::campaign::post_acts::next_slot;

/// What it is called.
pub fn title(post: &Post) -> &str {
    post.current.as_ref().map_or(post.angle.as_str(), |current| current.content.title.as_str())
}

fn days(sight: &Sight<'_>) -> Vec<Date> {
    let mut days = vec![sight.days.0];
    while let Some(next) = days.last().map(|last| plus(*last, 1)).filter(|next| *next < sight.days.1) {
        days.push(next);
    }
    days
}

fn on<'a>(sight: &'a Sight<'_>, date: Date) -> Vec<&'a Post> {
    let mut posts: Vec<&Post> = sight.posts.iter().filter(|post| day(post) == Some(date)).collect();
    posts.sort_by(|one, other| one.planned_local.cmp(&other.planned_local));
    posts
}

/// A month: seven columns on wide screens, the days that have something on narrow ones.
pub fn month(sight: &Sight<'_>) -> Markup {
    html! {
        ol.month role="list" {
            @for date in days(sight) {
                @let posts = on(sight, date);
                @let (free, more) = sight.slots.on(date, None);
                @let turns = clocks(sight, date);
                li.today[date == sight.today].outside[date.month() != sight.at.month()].turns[turns.is_some()].bare[posts.is_empty() && free.is_empty() && turns.is_none()] data-day=(date) {
                    p.date { (heading(date)) }
                    @if let Some(turns) = &turns { (turns) }
                    ul role="list" { (chips(sight, posts, free, more)) }
                }
            }
        }
    }
}

/// A week: a row for each channel.
pub fn week(sight: &Sight<'_>, channels: &[Channel]) -> Markup {
    let days = days(sight);
    html! {
        div.sheet tabindex="0" role="region" aria-label="The week by channel" {
            table.week {
                thead { tr { th scope="col" { "Channel" } @for date in &days {
                    @let turns = clocks(sight, *date);
                    th scope="col" class=[turns.is_some().then_some("turns")] { (date.strftime("%a %-d %b")) @if let Some(turns) = &turns { (turns) } }
                } } }
                tbody {
                    @for channel in channels.iter().filter(|one| sight.channel.is_none_or(|id| id == one.id)) {
                        tr {
                            th scope="row" { (channel.name) @if channel.paused { " " (badge::badge(badge::Tone::Wait, "Paused")) } }
                            @for date in &days {
                                @let posts = on(sight, *date).into_iter().filter(|post| post.channel_id == channel.id).collect();
                                @let (free, more) = sight.slots.on(*date, Some(&channel.id));
                                td data-day=(date) data-label=(date.strftime("%a %-d %b")) { ul role="list" { (chips(sight, posts, free, more)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A list, each with its form: everything that dragging does, without a mouse.
pub fn list(sight: &Sight<'_>) -> Markup {
    let filled: Vec<(Date, Vec<&Post>)> =
        days(sight).into_iter().map(|date| (date, on(sight, date))).filter(|(_, posts)| !posts.is_empty()).collect();
    html! {
        @if filled.is_empty() {
            (empty::state("Nothing is planned in these four weeks", "A campaign's plan puts its posts here. Each can be moved, by hand or with the mouse, until it goes out.", sight.visit.may(Action::Write).then_some(("New campaign", "/campaigns/new"))))
        }
        ol.agenda role="list" {
            @for (date, posts) in filled {
                li {
                    h3 { (date.strftime("%A, %-d %B %Y")) }
                    @if let Some(turns) = clocks(sight, date) { (turns) }
                    ul role="list" { @for post in posts { li.card.flat { (entry(sight, post)) } } }
                }
            }
        }
    }
}

fn heading(date: Date) -> Markup {
    html! { span.long { (date.strftime("%A, %-d %B")) } span.short aria-hidden="true" { (date.strftime("%a")) " " b { (date.day()) } } }
}

/// What the clocks do on this day, in the workspace's zone and those of what is shown; nothing where they do not change.
fn clocks(sight: &Sight<'_>, date: Date) -> Option<Markup> {
    let mut zones: BTreeSet<&str> = sight.posts.iter().map(|post| post.timezone.as_str()).collect();
    zones.extend(sight.slots.zones());
    zones.insert(&sight.zone);
    let changes: Vec<(&str, i64)> =
        zones.into_iter().filter_map(|zone| Some((zone, calendar::clock_change(date, zone)?))).collect();
    (!changes.is_empty()).then(|| html! {
        @for (zone, minutes) in changes {
            p.clocks { "Clocks go " @if minutes > 0 { "forward" } @else { "back" } " by " (minutes.abs()) " min in " (zone) }
        }
    })
}

/// What is planned, and where there is room, in order of the time of day.
fn chips(sight: &Sight<'_>, posts: Vec<&Post>, free: Vec<(String, Markup)>, more: usize) -> Markup {
    let planned = |post: &Post| (post.planned_local.get(11..16).unwrap_or_default().to_string(), chip(sight, post));
    let mut all: Vec<(String, Markup)> = posts.into_iter().map(planned).chain(free).collect();
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    html! {
        @for (_, shown) in all { li { (shown) } }
        @if more > 0 { li { p.opening { "and " (more) " more free" } } }
    }
}

/// A post in a few words; it can be dragged to another day where that is possible.
fn chip(sight: &Sight<'_>, post: &Post) -> Markup {
    let movable = is_movable(post) && sight.visit.may(Action::Write);
    let flag = sight.flags.find(post);
    html! {
        a.chip.(post.state) href={ "/posts/" (post.id) } data-post=[movable.then_some(&post.id)] data-revision=(post.revision)
            data-local=(post.planned_local) data-zone=(post.timezone) {
            time datetime=(time::rfc3339(post.due_at)) title={ "in " (post.timezone) } { (post.planned_local.get(11..16).unwrap_or_default()) }
            span.what { " " (title(post)) }
            span.unseen { ", " }
            (badge::post_in_short(post.state))
            @if post.is_put_away { span.small.soft { "Put away" } }
            @if let Some(flag) = flag {
                @if !flag.close.is_empty() { span.flag title={ "Within half an hour of: " (flag.close.join(", ")) } { "⚠ too close" } }
                @if !flag.alike.is_empty() { span.flag title={ "Says nearly the same as: " (names(&flag.alike)) } { "≈ alike" } }
            }
        }
    }
}

fn names(alike: &[(String, u32)]) -> String {
    const NAMED_MAX: usize = 3;
    let named: Vec<String> =
        alike.iter().take(NAMED_MAX).map(|(title, percent)| format!("{title} ({percent} %)")).collect();
    let rest = alike.len().saturating_sub(NAMED_MAX);
    if rest == 0 { named.join(", ") } else { format!("{} and {rest} more", named.join(", ")) }
}

fn entry(sight: &Sight<'_>, post: &Post) -> Markup {
    let id = format!("time-{}", post.id);
    html! {
        div.row {
            b.figures { (time::planned(&post.planned_local, post.due_at, &post.timezone)) }
            (badge::post(post.state, post.held))
            @if post.is_put_away { (badge::badge(badge::Tone::Quiet, "Put away")) }
            span.soft.small { (post.channel_name) " · " (post.timezone) }
        }
        p { a href={ "/posts/" (post.id) } { (title(post)) } }
        @if let Some(flag) = sight.flags.find(post) {
            @if !flag.close.is_empty() { p.small.flag { "⚠ Within half an hour of: " (flag.close.join(", ")) } }
            @if !flag.alike.is_empty() { p.small.flag { "≈ Says nearly the same as: " (names(&flag.alike)) } }
        }
        @if is_movable(post) && sight.visit.may(Action::Write) {
            details.ask id={ "ask-" (id) } {
                summary.button.slim { "Another time" span.unseen { " for " (title(post)) } }
                form method="post" action={ "/posts/" (post.id) "/time" } {
                    (csrf(&sight.visit.caller))
                    input type="hidden" name="revision" value=(post.revision);
                    div.field {
                        label for=(id) { "Date and time in " (post.timezone) }
                        input.control id=(id) type="datetime-local" name="local" required value=(post.planned_local.get(..16).unwrap_or_default());
                    }
                    p.small.soft { "An approval holds for one time; another time needs another approval." }
                    div.acts { button.button.main-act type="submit" name="slot" value="chosen" { "Move it" } @if post.has_slots { (next_slot()) } }
                }
            }
        }
    }
}
