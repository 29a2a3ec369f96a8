//! Every form that any page has, and how one gets to it.

use serve::{Method, Reply, Request};
use web::routes::{ROUTES, Route, find};

use super::browser::{self, Form, Upload};
use super::matrix::{self, Caller};
use super::{World, answer, ask};

/// Forms that lead elsewhere, or need what a seeded world does not have: `doors.rs` has them.
pub(super) const ELSEWHERE: &[&str] = &[
    "/sign-in/code",
    "/sign-in/elsewhere",
    "/sign-in/oidc/callback",
    "/settings/security/second-factor/confirmation",
    "/settings/security/second-factor/removal",
    "/settings/security/elsewhere",
    "/settings/security/elsewhere/removal",
    // One button each, seen only where there is something to press it for.
    "/campaigns/{id}/approvals",
    "/notifications/read",
    "/agents/{id}/wake",
    "/invitations/{secret}/acceptance",
    "/workspaces/{id}/entry",
];

/// Pages apart from those of the route table's own line in `ask`.
fn more_pages() -> Vec<String> {
    let mut pages: Vec<String> = [
        "/campaigns/new?from=file",
        "/campaigns/open",
        "/campaigns/open/policy",
        "/campaigns/planning",
        "/campaigns/finished",
        "/brand/edit?from=text",
        "/approvals?for=everyone&item=post:bakery-9",
        "/approvals?for=everyone&item=strategy:open:1",
        "/calendar?at=2027-03-01",
        "/calendar?view=week&at=2027-03-01",
        "/calendar?view=list&at=2027-03-01",
        "/imports",
        "/agents/strategist",
        "/agents/editor",
        "/history/export.json",
        "/export/everything.json",
    ]
    .map(Into::into)
    .into();
    pages.extend((1..=10).map(|slot| format!("/posts/bakery-{slot}")));
    pages.extend(store::export::TABLES.iter().map(|table| format!("/export/{}.csv", table.name)));
    pages.extend(
        ["head", "alerts", "strategy", "posts", "cost", "runs", "history"]
            .map(|part| format!("/campaigns/bakery/fragment/{part}")),
    );
    pages
}

pub(super) fn get(world: &World, target: &str, cookie: &str) -> Reply {
    let request = World::request(Method::GET, target);
    answer(world, &if cookie.is_empty() { request } else { request.with_header("cookie", cookie) })
}

/// Every page that there is to look at, without files and endless ones.
pub(super) fn pages(world: &World, owner: &Caller) -> Vec<String> {
    let endless = |path: &str| path.starts_with("/static/") || path.ends_with("events") || path.starts_with("/setup");
    let rows = ROUTES.iter().filter(|route| route.method == "GET" && !endless(route.path));
    let mut pages: Vec<String> = rows.map(|route| ask(world, route, owner).target).collect();
    pages.extend(more_pages());
    pages
}

/// A form, where it was found.
#[derive(Clone)]
pub(super) struct Place {
    pub page: Page,
    pub form: Form,
    pub route: &'static Route,
}

/// How one gets to a page.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Page {
    /// By looking.
    At(String),
    /// By looking, not signed in.
    Outside(String),
    /// By a form on another page.
    After(&'static str, &'static [(&'static str, &'static str)]),
}

/// Pages behind a form.
const AFTER: &[Page] = &[
    Page::After("/brand/edit?from=text", &[("pasted", "# Loop\nIt loops.")]),
    Page::After(
        "/brand/edit?from=text",
        &[("pasted", "Name: Loop\nWebsite: https://loop.example\nIn one sentence: It loops.")],
    ),
    Page::After("/brand/edit?from=text", &[("pasted", "Open: 22:00 to 04:00"), ("copied_from", "a leaflet")]),
    Page::After("/imports/new", &[("file", "text,channel\nWe are open.,blog\n")]),
];

pub(super) fn look(world: &World, page: &Page, owner: &Caller) -> Reply {
    match page {
        Page::At(target) => get(world, target, &owner.cookie),
        Page::Outside(target) => get(world, target, ""),
        Page::After(before, filled) => {
            let text = get(world, before, &owner.cookie).text();
            let mut form =
                browser::forms(&text, before).into_iter().find(|form| form.control(filled[0].0).is_some()).unwrap();
            let mut files = Vec::new();
            for (name, value) in *filled {
                if form.control(name).unwrap().kind == "file" {
                    files.push(Upload { field: (*name).into(), name: "old.csv".into(), bytes: (*value).into() });
                } else {
                    form.fill(name, value);
                }
            }
            answer(world, &form.request(&owner.cookie, &files))
        }
    }
}

/// Every form that any page has, once; and what a person fills in who has nothing to hide.
pub(super) fn places(world: &World, owner: &Caller) -> Vec<Place> {
    let inside = pages(world, owner).into_iter().map(Page::At);
    let doors = [
        "/sign-in".to_string(),
        format!("/invitations/{}", matrix::INVITATION),
        format!("/password-resets/{}", matrix::RESET),
    ];
    let all = inside.chain(doors.map(Page::Outside)).chain(AFTER.iter().cloned());
    let mut found: Vec<Place> = Vec::new();
    for page in all {
        let reply = look(world, &page, owner);
        let at = match &page {
            Page::At(target) | Page::Outside(target) => target.clone(),
            Page::After(before, _) => (*before).into(),
        };
        // What the gallery shows leads nowhere.
        if at == "/gallery" || !reply.header("content-type").unwrap_or_default().starts_with("text/html") {
            continue;
        }
        for mut form in
            browser::forms(&reply.text(), &at).into_iter().filter(|form| form.is_post && form.action != "/calendar")
        {
            let path = form.action.clone();
            let request = Request::new(Method::POST, &path).unwrap();
            let (route, _) =
                find("POST", &request.segments()).unwrap_or_else(|| panic!("{at}: nothing answers {path}"));
            if found.iter().any(|one| one.route.path == route.path && one.form.typed() == form.typed()) {
                continue;
            }
            for (name, value) in ask(world, route, owner).fields {
                if form.control(name).is_some_and(|one| one.is_typed() && one.value.is_empty()) {
                    form.fill(name, &value);
                }
            }
            found.push(Place { page: page.clone(), form, route });
        }
    }
    found
}
