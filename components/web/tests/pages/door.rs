//! Coming in: setup, signing in, and what a browser may send.

use serve::{Method, StatusCode};

use super::seed::{PASSWORD, SETUP_TOKEN, World};

#[test]
fn a_stranger_is_shown_the_door_and_comes_back_to_where_they_wanted_to_go() {
    let world = World::full();
    let reply = world.stranger_gets("/campaigns/bakery?done=approved");
    assert_eq!(reply.status, StatusCode::SEE_OTHER);
    assert_eq!(reply.header("location"), Some("/sign-in?next=%2Fcampaigns%2Fbakery%3Fdone%3Dapproved"));
    let body =
        format!("email=ada%40nightshift.example&password={}&next=%2Fcampaigns%2Fbakery", PASSWORD.replace(' ', "+"));
    let request = World::request(Method::POST, "/sign-in").with_body("application/x-www-form-urlencoded", body);
    let reply = world.answer(&request);
    assert_eq!((reply.status, reply.header("location")), (StatusCode::SEE_OTHER, Some("/campaigns/bakery")));
    assert!(reply.header("set-cookie").unwrap().contains("HttpOnly"));
}

#[test]
fn a_wrong_password_keeps_the_address_and_never_sends_a_password_back() {
    let world = World::claimed();
    let body = "email=ada%40nightshift.example&password=not+it+at+all&next=%2F";
    let reply =
        world.answer(&World::request(Method::POST, "/sign-in").with_body("application/x-www-form-urlencoded", body));
    assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    assert!(reply.text().contains("value=\"ada@nightshift.example\"") && !reply.text().contains("not it at all"));
}

#[test]
fn an_install_is_claimed_once() {
    let world = World::fresh();
    let path = format!("/setup/{SETUP_TOKEN}");
    assert_eq!(world.stranger_gets("/setup/guess").status, StatusCode::NOT_FOUND);
    assert_eq!(world.stranger_gets(&path).status, StatusCode::OK);
    let claim = |body: &str| {
        world.answer(&World::request(Method::POST, &path).with_body("application/x-www-form-urlencoded", body))
    };
    let short = claim("name=Ada&email=ada%40x.example&workspace=Hill&password=short");
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(short.text().contains("at least 12") && short.text().contains("value=\"Hill\""));
    let done = claim("name=Ada&email=ada%40x.example&workspace=Hill&password=four+plain+words+here");
    assert_eq!((done.status, done.header("location")), (StatusCode::SEE_OTHER, Some("/campaigns")));
    assert_eq!(
        claim("name=B&email=b%40x.example&workspace=B&password=four+plain+words+here").status,
        StatusCode::CONFLICT
    );
}

#[test]
fn a_form_without_the_pages_token_changes_nothing() {
    let world = World::full();
    let request = World::request(Method::POST, "/workspace/pause").with_header("cookie", &world.cookie);
    let reply = world.answer(&request.with_body("application/x-www-form-urlencoded", "paused=1"));
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
    assert!(!world.get("/campaigns").text().contains("Everything is stopped"));
}

#[test]
fn another_method_is_refused_with_the_ones_that_there_are() {
    let world = World::full();
    assert_eq!(world.get("/sign-out").header("allow"), Some("POST"));
    assert_eq!(world.get("/campaigns/bakery/approvals").header("allow"), Some("POST"));
    assert_eq!(world.post("/settings", &[]).header("allow"), Some("GET"));
    assert_eq!(world.get("/no/such/page").status, StatusCode::NOT_FOUND);
}
