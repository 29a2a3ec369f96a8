//! Does what a test asks for in the request's path, and answers what came of it.

mod fetch;
mod stores;

use futures::{SinkExt, StreamExt};
use spin_sdk::http::{Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};
use spin_sdk::{http_component, redis_component, variables};

#[http_component]
async fn handle(request: IncomingRequest, out: ResponseOutparam) {
    // Components are called under their own path here, so the test's words come last.
    let path = request.path_with_query().unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default().to_owned();
    let words: Vec<&str> = path.split('/').skip_while(|word| *word != "do").skip(1).collect();
    match words.as_slice() {
        ["stream"] => stream(request, out).await,
        ["half"] => half(out).await,
        ["trap"] => panic!("a secret that no client may see"),
        ["exit"] => std::process::exit(3),
        ["silent"] => {}
        ["spin-forever"] => loop {
            std::hint::black_box(());
        },
        ["after", url @ ..] => after(url.join("/"), out).await,
        words => {
            let (status, text) = answer(words, request).await;
            reply(out, status, text.into_bytes()).await;
        }
    }
}

async fn answer(words: &[&str], request: IncomingRequest) -> (u16, String) {
    match words {
        ["headers"] => (200, headers(&request)),
        ["length"] => (200, body(request).await.len().to_string()),
        ["host"] => (200, request.authority().unwrap_or_default()),
        ["variable", name] => (200, format!("{:?}", variables::get(name))),
        ["environment", name] => (200, format!("{:?}", std::env::var(name).ok())),
        ["file", path @ ..] => match std::fs::read_to_string(format!("/{}", path.join("/"))) {
            Ok(text) => (200, text),
            Err(error) => (404, error.to_string()),
        },
        ["write", path @ ..] => (200, format!("{:?}", std::fs::write(format!("/{}", path.join("/")), "x").is_ok())),
        ["print", word] => {
            println!("out {word}");
            eprintln!("err {word}");
            (200, "printed".into())
        }
        ["sqlite", database] => {
            let text = body(request).await;
            (200, stores::sqlite(database, &String::from_utf8_lossy(&text)))
        }
        ["select", n] => (200, stores::select(n)),
        ["key-value", store] => {
            let text = body(request).await;
            (200, stores::key_value(store, &String::from_utf8_lossy(&text)))
        }
        ["redis", words @ ..] => {
            let text = body(request).await;
            (200, stores::redis(&words.join("/").replacen(":/", "://", 1), &String::from_utf8_lossy(&text)))
        }
        ["fetch", url @ ..] => (200, fetch::get(&url.join("/")).await),
        ["infer", model] => {
            let text = body(request).await;
            (200, stores::infer(model, &String::from_utf8_lossy(&text)))
        }
        ["embed", model] => (200, stores::embed(model)),
        ["relative"] => (200, fetch::own("/do/host").await),
        [status] if status.parse::<u16>().is_ok() => (status.parse().unwrap_or(200), String::new()),
        _ => (200, "ok".into()),
    }
}

fn headers(request: &IncomingRequest) -> String {
    let line = |(name, value): (String, Vec<u8>)| format!("{name}: {}\n", String::from_utf8_lossy(&value));
    request.headers().entries().into_iter().map(line).collect()
}

async fn body(request: IncomingRequest) -> Vec<u8> {
    request.into_body().await.unwrap_or_default()
}

async fn reply(out: ResponseOutparam, status: u16, body: Vec<u8>) {
    let headers = Fields::new();
    let _ = headers.set(&"content-length".to_string(), &[body.len().to_string().into_bytes()]);
    let response = OutgoingResponse::new(headers);
    let _ = response.set_status_code(status);
    let mut sink = response.take_body();
    if body.len() > BUFFERED_BYTES_MAX {
        out.set(response);
        let _ = sink.send(body).await;
        return;
    }
    if !body.is_empty() {
        let _ = sink.send(body).await;
    }
    drop(sink);
    out.set(response);
}

/// What the host takes of a body before somebody reads it. More would wait for ever where the
/// head comes last.
const BUFFERED_BYTES_MAX: usize = 1024 * 1024;

/// Gives back each piece of the body as it comes.
async fn stream(request: IncomingRequest, out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let mut sink = response.take_body();
    out.set(response);
    let mut pieces = std::pin::pin!(request.into_body_stream());
    while let Some(Ok(piece)) = pieces.next().await {
        if sink.send(piece).await.is_err() {
            return;
        }
    }
}

/// Promises more than it sends.
async fn half(out: ResponseOutparam) {
    let headers = Fields::new();
    let _ = headers.set(&"content-length".to_string(), &[b"10".to_vec()]);
    let response = OutgoingResponse::new(headers);
    let mut sink = response.take_body();
    out.set(response);
    let _ = sink.send(b"hal".to_vec()).await;
    panic!("a secret that no client may see");
}

/// Works on after its answer: calls a URL that only then may be called.
async fn after(url: String, out: ResponseOutparam) {
    reply(out, 202, b"later".to_vec()).await;
    fetch::get(&url).await;
}

/// Notes each message in the key-value store; refuses those that say so.
#[redis_component]
fn message(message: spin_sdk::redis::Payload) -> anyhow::Result<()> {
    let text = String::from_utf8_lossy(&message).into_owned();
    println!("message {text}");
    if text == "trap" {
        panic!("as told");
    }
    if text == "err" {
        anyhow::bail!("as told");
    }
    let store = spin_sdk::key_value::Store::open_default()?;
    store.set(&format!("message-{text}"), b"seen")?;
    Ok(())
}
