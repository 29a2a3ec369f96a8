//! `/settings`: one page a section, each in its own file.

pub mod invitations;
pub mod members;
pub mod providers;
pub mod second_factor;
pub mod security;
pub mod tokens;
pub mod workspace;

use domain::{Action, Role};
use maud::{Markup, html};

use crate::elements::form::Typed;
use crate::layout::{self, Nav};
use crate::visit::Visit;

/// Times on these pages are not a campaign's.
const ZONE: &str = "UTC";

/// A section of the settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// The workspace itself, and the others one belongs to.
    Workspace,
    /// Who is in it, and who is invited.
    Members,
    /// Where posts go.
    Channels,
    /// Who plans, writes and judges.
    Models,
    /// Keys for programs.
    Tokens,
    /// One's own password, second factor and sessions.
    Security,
}

impl Section {
    const ALL: &'static [Self] =
        &[Self::Workspace, Self::Members, Self::Channels, Self::Models, Self::Tokens, Self::Security];

    /// What it is called, where it is, and what it takes to see it.
    fn entry(self) -> (&'static str, &'static str, Action) {
        match self {
            Self::Workspace => ("Workspace", "/settings", Action::Read),
            Self::Members => ("Members", "/settings/members", Action::Read),
            Self::Channels => ("Channels", "/settings/channels", Action::Read),
            Self::Models => ("Models", "/settings/providers", Action::Read),
            Self::Tokens => ("API tokens", "/settings/tokens", Action::ManageTokens),
            Self::Security => ("Your security", "/settings/security", Action::ManageAccount),
        }
    }
}

/// The page of a section.
pub fn frame(visit: &Visit, section: Section, said: &Markup, body: &Markup) -> String {
    let (title, ..) = section.entry();
    let body = html! {
        div.head { h1 { "Settings" } }
        nav.sections aria-label="Settings" {
            ul role="list" {
                @for one in Section::ALL {
                    @let (label, href, action) = one.entry();
                    @if visit.may(action) { li { a href=(href) aria-current=[(*one == section).then_some("page")] { (label) } } }
                }
            }
        }
        (said)
        div.beside { (body) }
    };
    layout::page(visit, Nav::Settings, &format!("{title} · Settings"), &body)
}

/// Something that is shown this once: a link or a key, to be copied.
fn shown_once(heading: &str, hint: &str, value: &str) -> Markup {
    html! {
        div.notice.good.once role="status" {
            h2 { (heading) }
            p { (hint) " It is shown this once; only its hash is kept." }
            div.row { code #shown-once { (value) } copy-button for="shown-once" {} }
        }
    }
}

/// What a role may do, in words.
pub fn role_means(role: Role) -> &'static str {
    match role {
        Role::Owner => "everything, and hands the workspace on",
        Role::Admin => "everything but making owners",
        Role::Editor => "writes campaigns and posts",
        Role::Approver => "approves plans and posts",
        Role::Analyst => "reads",
    }
}

/// Roles that this visitor may give, the least first.
fn offered(visit: &Visit) -> impl Iterator<Item = Role> {
    Role::ALL.iter().rev().copied().filter(|role| visit.caller.role.covers(*role))
}

/// A choice of roles.
fn role_field(visit: &Visit, id: &str, chosen: Option<Role>, typed: &Typed) -> Markup {
    html! {
        div.field {
            label for=(id) { "Role" }
            @if let Some(error) = typed.complaint("role") { p.error { span { "Role " (error) "." } } }
            select.control id=(id) name="role" {
                @for role in offered(visit) {
                    option value=(role) selected[chosen == Some(role) || typed.has("role", role.as_str())] { (role) ": " (role_means(role)) }
                }
            }
        }
    }
}
