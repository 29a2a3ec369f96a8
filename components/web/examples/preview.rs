//! Shows every page with a made-up workspace: `cargo run -p web --example preview`, then http://localhost:3000.
//! Sign in as `ada@nightshift.example` with `four unrelated plain words`. Nothing is kept.

#[path = "../tests/support/seed.rs"]
mod seed;

use futures::executor::block_on;
use seed::World;
use serve::{Body, Method, Request, secured};

fn main() {
    let world = World::full();
    let port = std::env::args().nth(1).unwrap_or_else(|| "3000".into());
    let server = tiny_http::Server::http(format!("127.0.0.1:{port}")).expect("the port is free");
    println!("http://localhost:{port} as ada@nightshift.example with `{}`", seed::PASSWORD);
    println!("cookie: {}", world.cookie);
    for mut incoming in server.incoming_requests() {
        let mut body = Vec::new();
        let _ = incoming.as_reader().read_to_end(&mut body); // a body that breaks off is a short one
        let method = Method::from_bytes(incoming.method().as_str().as_bytes()).unwrap_or(Method::GET);
        let reply = match Request::new(method, incoming.url()) {
            Ok(mut request) => {
                request.body = body;
                let header = |header: &tiny_http::Header| (header.field.as_str().as_str().to_ascii_lowercase(), header.value.to_string());
                request.headers = incoming.headers().iter().map(header).collect();
                block_on(web::answer(world.app(), &request)).unwrap_or_else(serve::Problem::into_reply)
            }
            Err(problem) => problem.into_reply(),
        };
        let reply = secured(reply, world.app().settings);
        let bytes = match reply.body {
            Body::Bytes(bytes) => bytes,
            // One connection at a time: the browser is told to come back later.
            Body::Events(_) => b"retry: 60000\n\n".to_vec(),
        };
        let mut response = tiny_http::Response::from_data(bytes).with_status_code(reply.status.as_u16());
        for (name, value) in &reply.headers {
            // tiny_http adds to its own content type; ours must be the only one.
            response = response.with_header(tiny_http::Header::from_bytes(name.as_bytes(), value.as_bytes()).expect("a plain header"));
        }
        let _ = incoming.respond(response); // the browser may have gone
    }
}
