//! The page around everything: its head, the bar on top, the foot; and the door for who is not signed in.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{ICON, SCRIPTS, STYLES};
use crate::elements::form;
use crate::visit::Visit;

/// Which entry of the navigation a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// Campaigns and posts.
    Campaigns,
    /// Settings.
    Settings,
}

/// A page for a member.
pub fn page(visit: &Visit, nav: Nav, title: &str, body: &Markup) -> String {
    document(
        title,
        &html! {
            (bar(visit, nav))
            @if visit.workspace.paused { (stopped(visit)) }
            main.main #main tabindex="-1" { (body) }
            (foot())
        },
    )
}

/// A page for anybody: problems, mostly.
pub fn open_page(title: &str, body: &Markup) -> String {
    document(
        title,
        &html! {
            header.bar { div { (wordmark("/")) } }
            main.main.narrow #main tabindex="-1" { (body) }
            (foot())
        },
    )
}

/// A page before the door: signing in, setting up.
pub fn door(title: &str, body: &Markup) -> String {
    document(
        title,
        &html! {
            div.door {
                header { (wordmark("/")) }
                main.card #main tabindex="-1" { (body) }
                footer { "From one goal to a month of posts, and never one that you did not approve." }
            }
        },
    )
}

/// The public stage has no bar of ours: it is the brand's page.
pub fn stage_page(title: &str, feeds: &Markup, body: &Markup) -> String {
    html! { (DOCTYPE) html lang="en" { (head(title, feeds)) body { div.stage { (body) } } } }.into_string()
}

fn document(title: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{title} · Rondo"), &html! {}))
            body {
                a.skip href="#main" { "Skip to content" }
                (body)
            }
        }
    }
    .into_string()
}

fn head(title: &str, more: &Markup) -> Markup {
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            title { (title) }
            link rel="icon" type="image/svg+xml" href=(ICON);
            (more)
            @for style in STYLES { link rel="stylesheet" href=(style); }
            @for script in SCRIPTS { script type="module" src=(script) {} }
        }
    }
}

fn wordmark(href: &str) -> Markup {
    html! {
        a.wordmark href=(href) {
            // A theme that keeps coming back.
            (PreEscaped(r##"<svg viewBox="0 0 32 32" aria-hidden="true"><path d="M24.5 12.2A9.4 9.4 0 1 0 25.4 16M25.8 6.6v6.2h-6.2" fill="none" stroke="#fbbf24" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/><circle cx="16" cy="16" r="3" fill="#fbbf24"/></svg>"##))
            "Rondo"
        }
    }
}

fn bar(visit: &Visit, nav: Nav) -> Markup {
    let current = |one: Nav| (nav == one).then_some("page");
    html! {
        header.bar {
            div {
                (wordmark("/campaigns"))
                nav aria-label="Main" {
                    ul role="list" {
                        li { a href="/campaigns" aria-current=[current(Nav::Campaigns)] { "Campaigns" } }
                        li { a href={ "/rehearsal/" (visit.workspace.slug) } { "Rehearsal stage" } }
                        li { a href={ "/stage/" (visit.workspace.slug) } { "Stage" } }
                        li { a href="/settings" aria-current=[current(Nav::Settings)] { "Settings" } }
                    }
                }
                div.end {
                    span.who { b { (visit.caller.name) } (visit.workspace.name) " · " (visit.caller.role) }
                    @if visit.may(domain::Action::Administer) && !visit.workspace.paused { (stop(visit)) }
                    (form::act(&visit.caller, "/sign-out", "slim", "Sign out", &[]))
                }
            }
        }
    }
}

fn stop(visit: &Visit) -> Markup {
    html! {
        details.ask {
            summary.button.slim.stop { "Stop everything" }
            form method="post" action="/workspace/pause" {
                p { "Nothing more goes out from this workspace until somebody lets it go on. What is being sent at this moment cannot be called back." }
                (form::csrf(&visit.caller))
                input type="hidden" name="paused" value="1";
                button.button type="submit" { "Stop everything now" }
            }
        }
    }
}

fn stopped(visit: &Visit) -> Markup {
    html! {
        div.strip role="status" {
            div {
                p { "Everything is stopped: nothing goes out from this workspace." }
                @if visit.may(domain::Action::Administer) {
                    (form::act(&visit.caller, "/workspace/pause", "slim", "Let it go on", &[("paused", "0")]))
                }
            }
        }
    }
}

fn foot() -> Markup {
    html! {
        footer.foot {
            div { span { "Rondo: plan, write, review, approve, publish. And again." } span { a href="/problems" { "What messages mean" } } }
        }
    }
}
