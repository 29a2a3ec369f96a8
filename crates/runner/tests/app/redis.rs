//! The Redis trigger and outbound Redis, against a server that the test plays itself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

use crate::support::{Running, Setup};

const MANIFEST: &str = r#"
    [variables]
    redis = { required = true }
    [application.trigger.redis]
    address = "redis://{{ redis }}"
    [[trigger.http]]
    route = "/..."
    component = "main"
    [[trigger.redis]]
    channel = "work"
    component = "main"
    [component.main]
    source = "GUEST"
    key_value_stores = ["default"]
    allowed_outbound_hosts = ["redis://{{ redis }}"]
"#;

/// One connection of a client, as the server sees it.
struct Client {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Client {
    fn accept(listener: &TcpListener) -> Self {
        let (stream, _) = listener.accept().expect("a client");
        let reader = BufReader::new(stream.try_clone().expect("a second handle"));
        Self { stream, reader }
    }

    /// The next command's words. `None` if the client has gone.
    fn command(&mut self) -> Option<Vec<String>> {
        let count = self.line()?.strip_prefix('*')?.parse().ok()?;
        (0..count)
            .map(|_| {
                let length: usize = self.line()?.strip_prefix('$')?.parse().ok()?;
                let mut word = vec![0; length + 2];
                self.reader.read_exact(&mut word).ok()?;
                Some(String::from_utf8_lossy(&word[..length]).into_owned())
            })
            .collect()
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        self.reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
        Some(line.trim_end().to_owned())
    }

    fn say(&mut self, text: &str) {
        self.stream.write_all(text.as_bytes()).expect("the client reads");
    }

    /// Answers pleasantries until the subscription to `work` comes.
    fn until_subscribed(&mut self) {
        loop {
            let command = self.command().expect("a subscription");
            if command[0].eq_ignore_ascii_case("subscribe") {
                assert_eq!(command[1], "work");
                return self.say("*3\r\n$9\r\nsubscribe\r\n$4\r\nwork\r\n:1\r\n");
            }
            self.say("+OK\r\n");
        }
    }

    fn publish(&mut self, message: &str) {
        self.say(&format!("*3\r\n$7\r\nmessage\r\n$4\r\nwork\r\n${}\r\n{message}\r\n", message.len()));
    }
}

fn server() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

fn run(address: SocketAddr) -> Running {
    Setup::new(MANIFEST).variable("redis", &address.to_string()).run()
}

/// Messages are handled one after the other, so the app is asked until the last one is in.
fn wait_for(app: &Running, message: &str) {
    let mut asked = 0;
    while app.post("/do/key-value/default", &format!("exists message-{message}")).body != "Ok(true)\n" {
        asked += 1;
        assert!(asked < 100_000, "{message} was never handled");
    }
}

#[test]
fn each_message_runs_the_component_even_after_one_that_failed() {
    let (listener, address) = server();
    let app = run(address);
    let mut client = Client::accept(&listener);
    client.until_subscribed();
    for message in ["one", "trap", "err", "two"] {
        client.publish(message);
    }
    wait_for(&app, "one");
    wait_for(&app, "two");
}

#[test]
fn a_lost_server_is_found_again_while_http_goes_on() {
    let (listener, address) = server();
    let app = run(address);
    let mut client = Client::accept(&listener);
    client.until_subscribed();
    client.publish("before");
    wait_for(&app, "before");
    drop(client);
    assert_eq!(app.get("/do/noop").status, 200);
    let mut client = Client::accept(&listener);
    client.until_subscribed();
    client.publish("after");
    wait_for(&app, "after");
}

#[test]
fn a_server_that_is_not_there_yet_stops_nothing() {
    let (listener, address) = server();
    drop(listener);
    let app = run(address);
    assert_eq!(app.get("/do/noop").status, 200);
}

#[test]
fn a_component_publishes_where_it_was_granted() {
    let (listener, address) = server();
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || {
        // The trigger's own connection comes along too.
        for stream in listener.incoming() {
            let stream = stream.expect("a client");
            let reader = BufReader::new(stream.try_clone().expect("a second handle"));
            let (mut client, send) = (Client { stream, reader }, send.clone());
            std::thread::spawn(move || {
                while let Some(command) = client.command() {
                    match command[0].to_ascii_lowercase().as_str() {
                        "publish" => {
                            let _ = send.send(command[1..].to_vec());
                            client.say(":1\r\n");
                        }
                        "subscribe" => client.say("*3\r\n$9\r\nsubscribe\r\n$4\r\nwork\r\n:1\r\n"),
                        "sadd" => client.say("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"),
                        "nested" => client.say("*3\r\n:1\r\n*2\r\n$1\r\na\r\n$-1\r\n+fine\r\n"),
                        _ => client.say("+OK\r\n"),
                    }
                }
            });
        }
    });
    let app = run(address);
    let text = "publish channel hello\nsadd key value\nnested";
    let reply = app.post(&format!("/do/redis/redis:/{address}"), text);
    let expect = [
        "Ok(())",
        r#"Err(Error::Other("\"WRONGTYPE\": Operation against a key holding the wrong kind of value"))"#,
        r#"Ok([RedisResult::Int64(1), RedisResult::Binary([97]), RedisResult::Nil, RedisResult::Status("fine")])"#,
    ];
    assert_eq!(reply.body.lines().collect::<Vec<_>>(), expect);
    assert_eq!(receive.recv().expect("a message"), ["channel", "hello"]);
    assert_eq!(app.post("/do/redis/redis:/127.0.0.1:1", text).body, "open: Error::InvalidAddress");
}
