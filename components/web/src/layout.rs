//! The page around everything: its head, the bar on top, the foot; and the door for who is not signed in.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::assets::{ICON, SCRIPTS, SHEET};
use crate::elements::{form, help};
use crate::visit::Visit;

/// Which entry of the navigation a page belongs to. A new one needs its row in [`Nav::entry`] and in
/// [`help::about`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nav {
    /// The whole workspace at a glance.
    Conductor,
    /// What waits for a decision.
    Approvals,
    /// What is planned when.
    Calendar,
    /// Campaigns and posts.
    Campaigns,
    /// The agents.
    Agents,
    /// What the workspace speaks for.
    Brand,
    /// What was published.
    Stage,
    /// Who did what.
    History,
    /// Settings.
    Settings,
    /// No entry: the gallery and the like.
    Elsewhere,
}

impl Nav {
    /// Those that stand in the bar, in this order.
    pub const BAR: &'static [Self] = &[
        Self::Conductor,
        Self::Approvals,
        Self::Calendar,
        Self::Campaigns,
        Self::Agents,
        Self::Brand,
        Self::Stage,
        Self::History,
        Self::Settings,
    ];

    /// Its sign in the bar, as a path in a square of 24.
    fn sign(self) -> &'static str {
        match self {
            Self::Conductor => "M4 17a8 8 0 1 1 16 0M12 17l3.5-5.5M4 20h16",
            Self::Approvals => "M9 11l3 3 8.5-8.5M20 12.5V19a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1h10",
            Self::Calendar => "M5 6h14v14H5zM5 10.5h14M9 3.5v4M15 3.5v4",
            Self::Campaigns => "M4 10v4h4l9 5V5l-9 5zM8 14v5M20 10.5v3",
            Self::Agents => {
                "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M3 20a6 6 0 0 1 12 0M16 5a3.5 3.5 0 0 1 0 6M18 14.5a6 6 0 0 1 3 5.5"
            }
            Self::Brand => "M4 12V4h8l8.5 8.5-8 8zM8 8h.01",
            Self::Stage => "M4 4.5h16v11H4zM12 15.5V20M8 20h8",
            Self::History => "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M12 7.5V12l3 2",
            Self::Settings | Self::Elsewhere => "M4 7.5h9M19 7.5h1M4 16.5h1M11 16.5h9M16 5v5M8 14v5",
        }
    }

    /// What it is called, where it leads, and the key that goes there after `g`.
    pub fn entry(self) -> (&'static str, &'static str, char) {
        match self {
            Self::Conductor => ("Conductor", "/", 'c'),
            Self::Approvals => ("Approvals", "/approvals", 'p'),
            Self::Calendar => ("Calendar", "/calendar", 'l'),
            Self::Campaigns => ("Campaigns", "/campaigns", 'm'),
            Self::Agents => ("Agents", "/agents", 'g'),
            Self::Brand => ("Brand", "/brand", 'b'),
            Self::Stage => ("Stage", "/stage", 't'),
            Self::History => ("History", "/history", 'y'),
            Self::Settings => ("Settings", "/settings", 's'),
            Self::Elsewhere => ("Rondo", "/", 'h'),
        }
    }
}

/// A page for a member.
pub fn page(visit: &Visit, nav: Nav, title: &str, body: &Markup) -> String {
    document(
        title,
        "app",
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
        "open",
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
        "shut",
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

fn document(title: &str, kind: &str, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            (head(&format!("{title} · Rondo"), &html! {}))
            body class=(kind) {
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
            link rel="stylesheet" href=(SHEET);
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
    html! {
        header.bar {
            div {
                (wordmark("/"))
                (account(visit))
                // One list: wide screens show it as it is, narrow ones open it. No script has a part in it.
                details.menu id="menu" {
                    summary { (nav.entry().0) }
                    nav aria-label="Main" {
                        ul role="list" { @for one in Nav::BAR { li { (link(visit, *one, nav)) } } }
                    }
                }
                div.end {
                    (help::panel(nav))
                    // The conductor's page has it below, among the quick actions.
                    @if visit.may(domain::Action::Administer) && !visit.workspace.paused && nav != Nav::Conductor { (stop(visit)) }
                }
            }
        }
    }
}

fn link(visit: &Visit, one: Nav, nav: Nav) -> Markup {
    let (label, href, key) = one.entry();
    let href = if one == Nav::Stage { stage_of(visit) } else { href.into() };
    html! { a href=(href) data-key={ "g " (key) } aria-current=[(nav == one).then_some("page")] {
        svg viewBox="0 0 24 24" aria-hidden="true" { path d=(one.sign()) {} }
        (label)
        @if one == Nav::Approvals && visit.waits > 0 { " " span.count { (visit.waits) span.unseen { " waiting" } } }
    } }
}

/// The stage that members look at is the rehearsal's; it has a way to the public one.
fn stage_of(visit: &Visit) -> String {
    format!("/rehearsal/{}", visit.workspace.slug)
}

fn account(visit: &Visit) -> Markup {
    html! {
        details.drop id="account" {
            summary.button.slim { span.place { (visit.workspace.name) } }
            div.panel.who {
                p { b { (visit.caller.name) } br; span.soft { (visit.caller.role) " of " (visit.workspace.name) } }
                ul role="list" {
                    li { a href="/settings/security" { "Your password and sessions" } }
                    li { a href="/settings#workspaces" { "Other workspaces" } }
                }
                (form::act(&visit.caller, "/sign-out", "slim", "Sign out", &[]))
            }
        }
    }
}

fn stop(visit: &Visit) -> Markup {
    html! {
        details.drop.ask id="stop" {
            summary.button.slim.stop { "Stop " span.wide { "everything" } }
            form.panel method="post" action="/workspace/pause" {
                p { "Nothing more goes out from this workspace until somebody lets it go on. What is being sent at this moment cannot be called back." }
                (form::csrf(&visit.caller))
                input type="hidden" name="paused" value="1";
                button.button.grave type="submit" { "Stop everything now" }
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
            div { span { "Rondo: plan, write, review, approve, publish. And again." } span { a href="/problems" { "What messages mean" } " · " a href="/gallery" { "Gallery" } } }
        }
    }
}
