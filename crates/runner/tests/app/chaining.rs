//! Calls between the components of the app, and of the app to itself.

use crate::support::{MANIFEST, Setup};

#[test]
fn a_component_calls_a_private_one_by_its_name() {
    let app = Setup::new(MANIFEST).run();
    let reply = app.get("/do/fetch/http:/hidden.spin.internal/do/headers").body;
    assert!(reply.starts_with("200 "), "{reply}");
    for header in ["spin-path-info: /do/headers\n", "spin-client-addr: 0.0.0.0:0\n", "spin-matched-route: /...\n"] {
        assert!(reply.contains(header), "{header} is not in {reply}");
    }
}

#[test]
fn a_called_component_that_fails_answers_500() {
    let app = Setup::new(MANIFEST).run();
    assert_eq!(app.get("/do/fetch/http:/hidden.spin.internal/do/trap").body, "500 ");
}

#[test]
fn a_component_that_is_not_there_cannot_be_called() {
    let app = Setup::new(MANIFEST).run();
    assert_eq!(app.get("/do/fetch/http:/nobody.spin.internal/").body, "error ErrorCode::DestinationNotFound");
}

#[test]
fn a_component_that_was_not_granted_cannot_be_called() {
    let app = Setup::new(MANIFEST).run();
    assert_eq!(app.get("/do/fetch/http:/main.spin.internal/").body, "error ErrorCode::HttpRequestDenied");
    // The hidden one has no grants of its own.
    let reply = app.get("/do/fetch/http:/hidden.spin.internal/do/fetch/http:/hidden.spin.internal/").body;
    assert_eq!(reply, "200 error ErrorCode::HttpRequestDenied");
}

#[test]
fn the_app_calls_itself_where_self_is_granted() {
    let manifest = r#"
        [[trigger.http]]
        route = "/..."
        component = "main"
        [component.main]
        source = "GUEST"
        allowed_outbound_hosts = GRANTS
    "#;
    let app = Setup::new(&manifest.replace("GRANTS", "['http://self']")).run();
    assert_eq!(app.get("/do/relative").body, format!("200 {}", app.address()));
    let app = Setup::new(&manifest.replace("GRANTS", "['https://example.com']")).run();
    assert!(app.get("/do/relative").body.contains("HttpRequestDenied"));
}
