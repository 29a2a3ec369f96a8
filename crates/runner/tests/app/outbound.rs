//! Outbound HTTP: what is allowed, and how failures are named.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::support::{MANIFEST, Running, Setup};

/// A server for one connection. It is held open until the test ends.
fn serve_once(act: impl FnOnce(&mut TcpStream) + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer);
        act(&mut stream);
        // Waits until the other side has had enough.
        let _ = stream.read(&mut buffer);
    });
    address
}

fn fetch(app: &Running, address: SocketAddr) -> String {
    app.get(&format!("/do/fetch/http:/{address}/x")).body
}

#[test]
fn only_granted_places_are_reached() {
    let app = Setup::new(MANIFEST).run();
    for denied in ["http:/example.com/", "https:/127.0.0.1:1/", "http:/localhost:1/", "ftp:/127.0.0.1:1/"] {
        let reply = app.get(&format!("/do/fetch/{denied}")).body;
        let named = reply.contains("HttpRequestDenied") || reply.contains("HttpProtocolError");
        assert!(named, "{denied}: {reply}");
    }
}

#[test]
fn grants_may_name_variables() {
    let manifest = r#"
        [variables]
        place = { required = true }
        [[trigger.http]]
        route = "/..."
        component = "main"
        [component.main]
        source = "GUEST"
        allowed_outbound_hosts = ["http://{{ place }}"]
    "#;
    let address =
        serve_once(|stream| stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi").expect("it reads"));
    let app = Setup::new(manifest).variable("place", &address.to_string()).run();
    assert_eq!(fetch(&app, address), "200 hi");
}

#[test]
fn a_refused_connection_is_told_from_a_name_that_does_not_exist() {
    let manifest = MANIFEST.replace("\"http://127.0.0.1:*\"", "\"http://*:*\"");
    let app = Setup::new(&manifest).run();
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    assert_eq!(fetch(&app, closed), "error ErrorCode::ConnectionRefused");
    let unknown = app.get("/do/fetch/http:/nowhere.invalid/").body;
    assert!(unknown.starts_with("error ErrorCode::DnsError"), "{unknown}");
}

#[test]
fn a_silent_server_runs_into_the_guests_own_time_outs() {
    let app = Setup::new(MANIFEST).run();
    let silent = serve_once(|_| ());
    assert_eq!(fetch(&app, silent), "error ErrorCode::ConnectionReadTimeout");
    let stalling = serve_once(|stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf").expect("it reads");
    });
    let reply = fetch(&app, stalling);
    assert!(reply.starts_with("200 halfbroken"), "{reply}");
}

#[test]
fn a_server_that_speaks_no_http_is_a_protocol_error() {
    let app = Setup::new(MANIFEST).run();
    let confused = serve_once(|stream| stream.write_all(b"220 smtp.example ready\r\n").expect("it reads"));
    assert_eq!(fetch(&app, confused), "error ErrorCode::HttpProtocolError");
}

#[test]
fn a_redirect_is_left_to_the_guest() {
    let app = Setup::new(MANIFEST).run();
    let moved = serve_once(|stream| {
        let answer = b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
        stream.write_all(answer).expect("it reads");
    });
    assert_eq!(fetch(&app, moved), "302 ");
}

#[test]
fn a_big_answer_arrives_whole() {
    let app = Setup::new(MANIFEST).run();
    let big = serve_once(|stream| {
        let body = "y".repeat(3_000_000);
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
    });
    assert_eq!(fetch(&app, big).len(), "200 ".len() + 3_000_000);
}

#[test]
fn networks_that_the_operator_blocks_are_out_of_reach() {
    let config = "[outbound_networking]\nblock_networks = ['private']";
    let app = Setup::new(MANIFEST).runtime_config(config).run();
    let place = "127.0.0.1:9".parse().expect("an address");
    assert_eq!(fetch(&app, place), "error ErrorCode::DestinationIpProhibited");
}
