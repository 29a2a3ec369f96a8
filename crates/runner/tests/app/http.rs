//! The HTTP trigger: routes, headers, bodies, and guests that fail.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::client::{Connection, request};
use crate::support::{MANIFEST, Setup};

#[test]
fn a_path_finds_the_component_of_its_route() {
    let app = Setup::new(
        r#"
        [[trigger.http]]
        route = "/exact/do/headers"
        component = "exact"
        [[trigger.http]]
        route = "/users/:user_id/..."
        component = "named"
        [[trigger.http]]
        route = "/folder/..."
        component = "folder"
        [[trigger.http]]
        route = { private = true }
        component = "private"
        [component]
        exact.source = "GUEST"
        named.source = "GUEST"
        folder.source = "GUEST"
        private.source = "GUEST"
        "#,
    )
    .run();
    let exact = app.get("/exact/do/headers").body;
    assert!(exact.contains("spin-matched-route: /exact/do/headers\n"), "{exact}");
    let named = app.get("/users/7/do/headers").body;
    assert!(named.contains("spin-path-match-user-id: 7\n"), "{named}");
    assert!(named.contains("spin-path-info: /do/headers\n"), "{named}");
    let folder = app.get("/folder/do/headers?x=%2e%2e").body;
    assert!(folder.contains("spin-full-url: http://test/folder/do/headers?x=%2e%2e\n"), "{folder}");
    for unknown in ["/", "/exact", "/private", "/%2e%2e/folder/do/headers"] {
        let reply = app.get(unknown);
        assert_eq!((reply.status, reply.body.as_str()), (404, ""), "{unknown}");
    }
}

#[test]
fn a_client_cannot_forge_what_the_runner_says_of_a_request() {
    let app = Setup::new(MANIFEST).run();
    let forged = "spin-client-addr: 6.6.6.6:6\r\nspin-client-addr: 7.7.7.7:7\r\nspin-path-info: /admin\r\nspin-path-match-id: 1\r\n";
    let reply =
        request(app.address(), &format!("GET /do/headers HTTP/1.1\r\nhost: test\r\n{forged}x-own: kept\r\n\r\n"));
    assert!(!reply.body.contains("6.6.6.6") && !reply.body.contains("7.7.7.7"), "{}", reply.body);
    assert!(!reply.body.contains("/admin") && !reply.body.contains("path-match"), "{}", reply.body);
    assert!(reply.body.contains("x-own: kept\n"), "{}", reply.body);
    assert_eq!(reply.body.matches("spin-client-addr: 127.0.0.1:").count(), 1);
}

#[test]
fn a_request_must_say_clearly_which_host_it_is_for() {
    let app = Setup::new(MANIFEST).run();
    let ask = |head: &str| request(app.address(), &format!("GET /do/host HTTP/1.1\r\n{head}\r\n"));
    assert_eq!(ask("host: elsewhere.example:99\r\n").body, "elsewhere.example:99");
    for unclear in ["", "host: \r\n", "host: hidden.spin.internal\r\n"] {
        let reply = ask(unclear);
        assert_eq!(reply.status, 400, "{unclear:?}");
    }
}

#[test]
fn a_head_request_gets_the_head_alone() {
    let app = Setup::new(MANIFEST).run();
    let reply = request(app.address(), "HEAD /do/noop HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!((reply.status, reply.body.as_str()), (200, ""));
    assert!(reply.head.contains("content-length: 2\r\n"), "{}", reply.head);
}

#[test]
fn a_connection_serves_one_request_after_the_other() {
    let app = Setup::new(MANIFEST).run();
    let mut connection = Connection::open(app.address());
    for status in [200, 404, 204, 500, 200] {
        connection.send(&format!("GET /do/{status} HTTP/1.1\r\nhost: test\r\n\r\n"));
        assert_eq!(connection.reply(true).expect("a reply").status, status);
    }
}

#[test]
fn a_body_may_come_in_chunks_or_after_a_go_ahead() {
    let app = Setup::new(MANIFEST).run();
    let chunks = "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    let head = "POST /do/length HTTP/1.1\r\nhost: test\r\n";
    assert_eq!(request(app.address(), &format!("{head}transfer-encoding: chunked\r\n\r\n{chunks}")).body, "11");

    let mut connection = Connection::open(app.address());
    connection.send(&format!("{head}expect: 100-continue\r\ncontent-length: 3\r\n\r\n"));
    assert!(connection.read_to("\r\n\r\n").expect("an answer").starts_with("HTTP/1.1 100"));
    connection.send("abc");
    assert_eq!(connection.reply(true).expect("a reply").body, "3");

    let big = "x".repeat(5_000_000);
    assert_eq!(app.post("/do/length", &big).body, "5000000");
}

#[test]
fn who_sends_more_than_is_read_still_gets_the_answer() {
    let app = Setup::new(MANIFEST).run();
    let big = "x".repeat(20_000_000);
    for (path, status) in [("/do/noop", 200), ("/do/trap", 500), ("/.well-known/spin/other", 404)] {
        assert_eq!(app.post(path, &big).status, status, "{path}");
    }
}

#[test]
fn a_stream_flows_piece_by_piece_in_both_directions() {
    let app = Setup::new(MANIFEST).run();
    let mut connection = Connection::open(app.address());
    connection.send("POST /do/stream HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    for piece in ["first", "other"] {
        connection.send(&format!("5\r\n{piece}\r\n"));
        // The next piece leaves only when this one is back.
        assert!(connection.read_to(&format!("5\r\n{piece}\r\n")).is_some(), "{piece}");
    }
    connection.send("0\r\n\r\n");
    assert!(connection.read_to("0\r\n\r\n").is_some());
}

#[test]
fn a_guest_that_fails_answers_500_and_tells_nothing() {
    let app = Setup::new(MANIFEST).run();
    for failing in ["trap", "exit", "silent"] {
        let reply = app.get(&format!("/do/{failing}"));
        assert_eq!((reply.status, reply.body.as_str()), (500, ""), "{failing}");
        assert!(!reply.head.contains("secret"), "{}", reply.head);
    }
    assert_eq!(app.get("/do/noop").status, 200);
}

#[test]
fn an_answer_that_breaks_off_is_not_taken_for_a_whole_one() {
    let app = Setup::new(MANIFEST).run();
    let mut connection = Connection::open(app.address());
    connection.send("GET /do/half HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(connection.reply(true).is_none());
}

#[test]
fn a_guest_that_computes_without_end_holds_up_nobody_else() {
    let app = Setup::new(MANIFEST).run();
    let mut hogs: Vec<_> = (0..4).map(|_| Connection::open(app.address())).collect();
    for hog in &mut hogs {
        hog.send("GET /do/spin-forever HTTP/1.1\r\nhost: test\r\n\r\n");
    }
    assert_eq!(app.get("/do/noop").status, 200);
}

#[test]
fn a_guest_works_on_after_its_answer() {
    let app = Setup::new(MANIFEST).run();
    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = other.local_addr().expect("an address");
    let reply = app.get(&format!("/do/after/http:/{place}/called"));
    assert_eq!((reply.status, reply.body.as_str()), (202, "later"));
    // The client has its answer and is gone; the call still comes.
    let (mut stream, _) = other.accept().expect("the guest calls");
    let mut buffer = [0; 1024];
    let count = stream.read(&mut buffer).expect("a request");
    assert!(buffer[..count].starts_with(b"GET /called "));
    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").expect("it listens");
}

#[test]
fn the_health_route_of_spin_is_there() {
    let app = Setup::new(MANIFEST).run();
    assert_eq!(app.get("/.well-known/spin/health").body, "OK");
    assert_eq!(app.get("/.well-known/spin/other").status, 404);
}
