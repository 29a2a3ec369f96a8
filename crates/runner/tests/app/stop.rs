//! Stopping: what is running may finish.

use crate::client::Connection;
use crate::support::{MANIFEST, Setup};

#[test]
fn a_request_that_is_running_finishes_before_the_app_ends() {
    let mut app = Setup::new(MANIFEST).run();
    let mut connection = Connection::open(app.address());
    connection.send("POST /do/stream HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n");
    connection.send("3\r\none\r\n");
    assert!(connection.read_to("one\r\n").is_some());
    app.tell_to_stop();
    connection.send("3\r\ntwo\r\n0\r\n\r\n");
    assert!(connection.read_to("two\r\n0\r\n\r\n").is_some());
    app.wait_for_end();
}

#[test]
fn a_request_without_end_does_not_keep_the_app_alive() {
    let mut app = Setup::new(MANIFEST).run();
    let mut hog = Connection::open(app.address());
    hog.send("GET /do/spin-forever HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(app.get("/do/noop").status, 200);
    app.tell_to_stop();
    app.wait_for_end();
}

#[test]
fn an_idle_connection_does_not_hold_up_the_stop() {
    let mut app = Setup::new(MANIFEST).run();
    let mut idle = Connection::open(app.address());
    idle.send("GET /do/noop HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(idle.reply(true).expect("a reply").status, 200);
    app.tell_to_stop();
    assert!(idle.read_to("anything").is_none());
    app.wait_for_end();
}
