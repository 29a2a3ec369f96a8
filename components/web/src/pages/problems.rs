//! `/problems/{slug}`: what each kind of problem means and what to do; and the page that shows one.

use maud::html;
use serve::problem::Kind;
use serve::{Problem, Reply};

use super::sign_in::sentence;
use crate::elements::words::with_code;
use crate::layout;
use crate::routes::Call;
use crate::visit::html as page;

/// All of them.
pub async fn list(_: Call<'_>) -> Result<Reply, Problem> {
    Ok(page(layout::open_page(
        "What messages mean",
        &html! {
            div.head { div { h1 { "What messages mean" } p.lead { "Every message of Rondo's pages and of its API has a name, and a page that says what to do." } } }
            div.sheet.stacking {
                table {
                    thead { tr { th scope="col" { "Status" } th scope="col" { "Name" } th scope="col" { "Message" } } }
                    tbody {
                        @for kind in Problem::catalogue() {
                            tr { td.figures { (kind.status) } td { a href={ "/problems/" (kind.slug) } { (kind.slug) } } td { (kind.title) } }
                        }
                    }
                }
            }
        },
    )))
}

/// One of them.
pub async fn show(call: Call<'_>) -> Result<Reply, Problem> {
    let slug = call.id();
    let kind = Problem::catalogue().find(|kind| kind.slug == slug);
    let kind = kind.ok_or_else(|| Problem::NotFound { what: "kind of problem", id: slug.into() })?;
    Ok(page(layout::open_page(
        kind.title,
        &html! {
            div.head { div {
                p.crumb { a href="/problems" { "What messages mean" } }
                h1 { (kind.title) }
                p.lead { code { (kind.slug) } " · status " (kind.status) }
            } }
            div.card.stack { h2 { "What it means" } p { (with_code(kind.means)) } h2 { "What to do" } p { (with_code(kind.remedy)) } }
        },
    )))
}

/// A problem as a page for a person.
pub fn reply(problem: Problem) -> Reply {
    let body = layout::open_page(
        problem.title(),
        &html! {
            div.head { div { h1 { (problem.title()) } } }
            div.card.stack role="alert" {
                p { (sentence(&problem.to_string())) }
                @if !same(problem.kind(), &problem) { p { (problem.kind().remedy) } }
                p.soft.small { a href={ "/problems/" (problem.slug()) } { "More about “" (problem.title()) "”" } }
            }
            div.acts.gap { a.button.main-act href="/campaigns" { "To the campaigns" } }
        },
    );
    problem.into_reply_with("text/html; charset=utf-8", body)
}

/// Whether the page's remedy would only repeat what the detail says.
fn same(kind: &Kind, problem: &Problem) -> bool {
    matches!(problem, Problem::Internal(_) | Problem::Unauthorized { .. }) || problem.to_string().contains(kind.remedy)
}
