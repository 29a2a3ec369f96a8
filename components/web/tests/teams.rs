//! Forms that come too late, and coming in by a link.

#[expect(dead_code, reason = "other tests need more of it")]
#[path = "support/seed.rs"]
mod seed;

use futures::executor::block_on;
use seed::{PASSWORD, World};
use serve::{Method, Reply, Request, StatusCode};

fn answer(world: &World, request: &Request) -> Reply {
    block_on(web::answer(world.app(), request)).unwrap()
}

fn post(world: &World, target: &str, cookie: &str, fields: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let request = World::request(Method::POST, target).with_header("cookie", cookie);
    answer(world, &request.with_body("application/x-www-form-urlencoded", body))
}

fn get(world: &World, target: &str, cookie: &str) -> Reply {
    answer(world, &World::request(Method::GET, target).with_header("cookie", cookie))
}

fn between(text: &str, before: &str, after: &str) -> Option<String> {
    let rest = text.split_once(before)?.1;
    Some(rest.split_once(after)?.0.into())
}

fn unescaped(text: &str) -> String {
    text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[test]
fn a_form_that_comes_after_its_session_has_ended_is_kept_and_sent_again_without_script() {
    let world = World::full();
    let words = "My own words about <rye> & \"dough\", which took me half an hour.";
    let fields = [("base", "1"), ("title", "Mine"), ("text", words), ("csrf", "old"), ("password", "hunter2")];
    let late = post(&world, "/posts/bakery-9/versions", "sid=ended", &fields);
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    let page = late.text();
    assert!(!page.contains("hunter2"), "a password is not kept");
    let kept = unescaped(&between(&page, "name=\"kept\" value=\"", "\">").unwrap());
    let path = between(&page, "name=\"kept_path\" value=\"", "\">").unwrap();
    assert_eq!(path, "/posts/bakery-9/versions");
    let credentials = [("email", "ada@nightshift.example"), ("kept", kept.as_str()), ("kept_path", path.as_str())];
    let wrong = post(&world, "/sign-in", "", &[&credentials[..], &[("password", "not it at all")]].concat());
    assert!(wrong.text().contains("took me half an hour"), "nor is it lost by a wrong password");
    let again = post(&world, "/sign-in", "", &[&credentials[..], &[("password", PASSWORD)]].concat());
    assert_eq!(again.status, StatusCode::OK, "{}", again.text());
    let page = again.text();
    assert!(page.contains("action=\"/posts/bakery-9/versions\""));
    let csrf = between(&page, "name=\"csrf\" value=\"", "\">").unwrap();
    let text = unescaped(&between(&page, "name=\"text\" value=\"", "\">").unwrap());
    assert_eq!(text, words);
    let cookie = again.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
    let sent = [("base", "1"), ("title", "Mine"), ("text", text.as_str()), ("csrf", csrf.as_str())];
    let done = post(&world, "/posts/bakery-9/versions", &cookie, &sent);
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert!(unescaped(&get(&world, "/posts/bakery-9", &cookie).text()).contains("half an hour"));
}

#[test]
fn a_form_of_another_site_is_not_kept() {
    let world = World::full();
    let request = Request::new(Method::POST, "/posts/bakery-9/versions")
        .unwrap()
        .with_header("host", "localhost:3000")
        .with_header("origin", "https://evil.example")
        .with_body("application/x-www-form-urlencoded", "text=planted");
    let reply = answer(&world, &request);
    assert!(!reply.text().contains("planted") && !reply.text().contains("kept"), "{}", reply.text());
}

#[test]
fn a_page_whose_token_is_an_old_one_is_sent_again_with_the_new_one() {
    let world = World::full();
    let reply = post(&world, "/posts/bakery-9/versions", &world.cookie, &[("text", "written before"), ("csrf", "old")]);
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(reply.text().contains("written before") && reply.text().contains("Send it now"));
}

#[test]
fn somebody_is_invited_by_a_link_that_is_shown_once_and_comes_in() {
    let world = World::full();
    let csrf =
        between(&get(&world, "/settings/members", &world.cookie).text(), "name=\"csrf\" value=\"", "\"").unwrap();
    let fields = [("role", "approver"), ("email", ""), ("csrf", csrf.as_str())];
    let made = post(&world, "/settings/invitations", &world.cookie, &fields);
    let link = between(&made.text(), "id=\"shown-once\">", "<").unwrap();
    let path = link.strip_prefix("http://localhost:3000").unwrap();
    assert!(made.secret && !get(&world, "/settings/members", &world.cookie).text().contains(path));
    assert!(get(&world, path, "").text().contains("invites you as"));
    assert!(get(&world, path, "").text().contains("invites you as"), "looking uses nothing up");
    let person = [("name", "Cleo"), ("email", "cleo@people.example"), ("password", "four plain words here")];
    let joined = post(&world, path, "", &person);
    assert_eq!(joined.status, StatusCode::SEE_OTHER, "{}", joined.text());
    let cookie = joined.header("set-cookie").unwrap().split(';').next().unwrap().to_string();
    assert_eq!(get(&world, "/campaigns/bakery", &cookie).status, StatusCode::OK);
    assert_eq!(get(&world, path, "").status, StatusCode::NOT_FOUND, "it works once");
}
