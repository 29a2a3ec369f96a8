//! Every page and every form, against a made-up workspace with campaigns in every stage.

mod agents;
mod approvals;
mod calendar;
mod campaign;
mod channels;
mod conductor;
mod door;
mod learnings;
mod memory;
mod new_campaign;
mod post;
mod providers;
mod review;
#[path = "../support/seed.rs"]
mod seed;
mod settings;
mod stage;

use futures::executor::block_on;
use seed::World;
use serve::{Method, Reply, Request, StatusCode};

impl World {
    fn answer(&self, request: &Request) -> Reply {
        block_on(web::answer(self.app(), request)).unwrap()
    }

    /// Signed in.
    fn get(&self, target: &str) -> Reply {
        self.answer(&Self::request(Method::GET, target).with_header("cookie", &self.cookie))
    }

    fn stranger_gets(&self, target: &str) -> Reply {
        self.answer(&Self::request(Method::GET, target))
    }

    /// Signed in, with the page's token.
    fn post(&self, target: &str, fields: &[(&str, &str)]) -> Reply {
        let csrf = self.csrf();
        let all = fields.iter().copied().chain([("csrf", csrf.as_str())]);
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        let request = Self::request(Method::POST, target).with_header("cookie", &self.cookie);
        self.answer(&request.with_body("application/x-www-form-urlencoded", body))
    }

    /// The address of the next page of a list.
    fn next(&self, target: &str) -> Option<String> {
        let page = self.get(target).text();
        let link = between(&page, "rel=\"next\" href=\"", "\"")?;
        Some(link.replace("&amp;", "&"))
    }

    fn csrf(&self) -> String {
        between(&self.get("/settings/security").text(), "name=\"csrf\" value=\"", "\"").unwrap()
    }
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0.into())
}

/// A seen-field of the list, for this post.
fn seen(world: &World, post_id: &str) -> String {
    let page = world.get(&format!("/posts/{post_id}")).text();
    between(&page, "name=\"seen\" value=\"", "\"").unwrap_or_else(|| panic!("nothing to decide on {post_id}"))
}

const PAGES: &[&str] = &[
    "/",
    "/campaigns",
    "/campaigns/new",
    "/campaigns/new?from=file",
    "/history",
    "/history?campaign=bakery&kind=approval&from=2027-01-01&to=2027-12-31&jobs=true",
    "/history/seal",
    "/campaigns/planning",
    "/campaigns/open",
    "/campaigns/bakery",
    "/campaigns/finished",
    "/campaigns/bakery/policy",
    "/approvals",
    "/approvals?for=everyone",
    "/approvals?for=everyone&item=post:bakery-4",
    "/approvals?for=everyone&item=strategy:open:1",
    "/approvals?for=overdue",
    "/approvals/policy",
    "/review",
    "/learnings",
    "/learnings/moving",
    "/calendar?at=2027-03-15",
    "/calendar?view=week&at=2027-03-28",
    "/calendar?view=list&at=2027-03-01",
    "/campaigns/bakery/fragment/head",
    "/campaigns/bakery/fragment/alerts",
    "/campaigns/bakery/fragment/strategy",
    "/campaigns/bakery/fragment/posts",
    "/campaigns/bakery/fragment/cost",
    "/campaigns/bakery/fragment/history",
    "/posts/bakery-1",
    "/posts/bakery-3",
    "/posts/bakery-3?version=1",
    "/posts/bakery-7",
    "/posts/bakery-3/edit",
    "/settings",
    "/settings/channels",
    "/settings/members",
    "/settings/tokens",
    "/settings/security",
    "/problems",
    "/problems/not-found",
    "/rehearsal/home",
    "/stage/home",
];

#[test]
fn every_page_answers_and_holds_nothing_inline_and_nothing_from_elsewhere() {
    let world = World::full();
    for target in PAGES {
        let reply = world.get(target);
        assert_eq!(reply.status, StatusCode::OK, "{target}: {}", reply.text());
        let page = reply.text();
        for forbidden in ["style=\"", "<style", "onclick=", "javascript:", "<script>", "src=\"http", "href=\"//"] {
            assert!(!page.contains(forbidden), "{target} holds {forbidden}");
        }
    }
}

#[test]
fn every_kind_of_problem_has_its_page() {
    let world = World::fresh();
    for kind in serve::Problem::catalogue() {
        let page = world.stranger_gets(&format!("/problems/{}", kind.slug));
        assert!(page.status == StatusCode::OK && page.text().contains(kind.title), "{}", kind.slug);
    }
}

/// The same workspace, in which Ada is this and signs in again.
fn as_role(mut world: World, role: &str) -> World {
    world.db.run("update member set role = ?1", &[role.into()]).unwrap();
    let typed = [("email", "ada@nightshift.example"), ("password", seed::PASSWORD)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(typed).finish();
    let request = World::request(Method::POST, "/sign-in").with_body("application/x-www-form-urlencoded", body);
    let reply = world.answer(&request);
    world.cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().into();
    world
}

fn state(world: &World, id: &str) -> domain::PostState {
    block_on(store::post::find(&world.db, &world.workspace_id(), id)).unwrap().unwrap().state
}

fn history(world: &World) -> i64 {
    block_on(store::event::last_seq(&world.db, &world.workspace_id())).unwrap()
}
