//! The host's own models: who may ask which, and what goes over the wire to where they run.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, channel};

use crate::support::{Running, Setup};

const MANIFEST: &str = r#"
    [[trigger.http]]
    route = "/..."
    component = "main"
    [component.main]
    source = "GUEST"
    ai_models = ["llama2-chat", "all-minilm-l6-v2"]
"#;

/// A server for one question, which gives this answer; and the question as it came.
fn serve_once(status: &'static str, answer: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut asked = Vec::new();
        let mut buffer = [0; 4096];
        while !asked.ends_with(b"}") {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(count) => asked.extend_from_slice(&buffer[..count]),
            }
        }
        let length = answer.len();
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
        let _ = stream.write_all(format!("{head}{answer}").as_bytes());
        let _ = send.send(String::from_utf8(asked).expect("text"));
    });
    (address, receive)
}

fn with_server(address: SocketAddr) -> Running {
    let config =
        format!("[llm_compute]\ntype = 'remote_http'\nurl = 'http://{address}/ignored'\nauth_token = 'a-token'");
    Setup::new(MANIFEST).runtime_config(&config).run()
}

#[test]
fn a_granted_model_is_asked_where_the_operator_says_with_the_token() {
    let answer = r#"{"text": "Buns.", "usage": {"promptTokenCount": 4, "generatedTokenCount": 2}}"#;
    let (address, asked) = serve_once("200 OK", answer);
    let app = with_server(address);
    assert_eq!(app.post("/do/infer/llama2-chat", "What is there at night?").body, "Buns. 4 2");
    let asked = asked.recv().expect("it was asked");
    let (head, body) = asked.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("POST /infer HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("\r\nauthorization: bearer a-token"), "{head}");
    let expect = r#"{"model":"llama2-chat","prompt":"What is there at night?","options":{"maxTokens":7,"repeatPenalty":1.1,"repeatPenaltyLastNTokenCount":64,"temperature":0.8,"topK":40,"topP":0.9}}"#;
    assert_eq!(body, expect);
}

#[test]
fn vectors_come_the_same_way() {
    let (address, asked) =
        serve_once("200 OK", r#"{"embeddings": [[1.0, 0.5], [0.25, 0.0]], "usage": {"promptTokenCount": 2}}"#);
    let app = with_server(address);
    assert_eq!(app.get("/do/embed/all-minilm-l6-v2").body, "[[1.0, 0.5], [0.25, 0.0]] 2");
    let asked = asked.recv().expect("it was asked");
    assert!(asked.starts_with("POST /embed HTTP/1.1\r\n"), "{asked}");
    assert!(asked.ends_with(r#"{"model":"all-minilm-l6-v2","input":["one","two"]}"#), "{asked}");
}

#[test]
fn a_model_that_the_manifest_does_not_grant_is_not_asked() {
    let (address, asked) = serve_once("200 OK", "");
    let app = with_server(address);
    for path in ["/do/infer/other", "/do/embed/other"] {
        let said = app.get(path).body;
        assert!(said.contains("InvalidInput") && said.contains("'ai_models'"), "{said}");
    }
    assert!(asked.try_recv().is_err(), "nothing leaves");
}

#[test]
fn without_a_server_and_with_a_broken_one_the_guest_is_told() {
    let app = Setup::new(MANIFEST).run();
    let said = app.post("/do/infer/llama2-chat", "Hello").body;
    assert!(said.contains("RuntimeError") && said.contains("[llm_compute]"), "{said}");
    let (address, _asked) = serve_once("429 Too Many Requests", r#"{"error": "slow down"}"#);
    let said = with_server(address).post("/do/infer/llama2-chat", "Hello").body;
    assert!(said.contains("RuntimeError") && said.contains("missing field"), "{said}");
    let closed = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let said = with_server(closed).post("/do/infer/llama2-chat", "Hello").body;
    assert!(said.contains("RuntimeError") && said.contains("POST /infer"), "{said}");
    assert!(!said.contains("a-token"), "{said}");
}
