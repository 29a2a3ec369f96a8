//! A platform that speaks the relay's contract, remembers every post that it accepted, and misbehaves.

use std::cell::RefCell;
use std::rc::Rc;

use ports::{HttpError, Request, Response};
use serde_json::{Value, json};

use crate::executor::World;

/// A post that went out.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The publication's key.
    pub key: String,
    /// What it said.
    pub content_sha256: String,
    /// The platform's id.
    pub id: String,
}

/// See the module.
pub struct Platform {
    world: Rc<World>,
    /// Everything that went out, in order.
    pub accepted: RefCell<Vec<Accepted>>,
    /// Whether a second request with a key is answered like the first.
    pub honours_keys: bool,
    /// How long it may work on, in milliseconds.
    pub settle_ms: u64,
}

impl Platform {
    /// A platform of this world.
    pub fn new(world: Rc<World>, honours_keys: bool, settle_ms: u64) -> Self {
        Self { world, accepted: RefCell::default(), honours_keys, settle_ms }
    }

    /// Handles a request that has arrived.
    pub fn handle(&self, request: &Request) -> Result<Response, HttpError> {
        if request.method == "GET" {
            return self.look_up(request);
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_string();
        let key = text("key");
        if self.world.fault(30) {
            return Ok(answer(429, &[("retry-after", "7")], &json!({"error": "slow down"})));
        }
        if self.world.fault(15) {
            return Ok(answer(422, &[], &json!({"error": "we do not like it"})));
        }
        if self.world.fault(30) {
            return Ok(answer(500, &[], &json!({"error": "broke before"})));
        }
        let known = self.accepted.borrow().iter().find(|post| post.key == key).cloned();
        let post = match known {
            Some(post) if self.honours_keys => post,
            _ => {
                let id = format!("p{}", self.accepted.borrow().len() + 1);
                let post = Accepted { key, content_sha256: text("content_sha256"), id };
                self.accepted.borrow_mut().push(post.clone());
                post
            }
        };
        if self.world.fault(40) {
            return Ok(answer(502, &[], &json!({"error": "broke after"})));
        }
        if self.world.fault(40) {
            return Err(HttpError::Unknown("reset after sending".into()));
        }
        if self.world.fault(20) {
            return Ok(Response { status: 200, headers: Vec::new(), body: b"{\"id\": \"p".to_vec() });
        }
        Ok(answer(201, &[], &json!({"id": post.id, "key": post.key})))
    }

    fn look_up(&self, request: &Request) -> Result<Response, HttpError> {
        if self.world.fault(50) {
            return Ok(answer(503, &[], &json!({"error": "not now"})));
        }
        let wanted = request.url.rsplit('/').next().unwrap_or_default().replace("%3A", ":");
        match self.accepted.borrow().iter().find(|post| post.key == wanted) {
            Some(post) => Ok(answer(200, &[], &json!({"id": post.id, "key": post.key}))),
            None => Ok(answer(404, &[], &json!({"code": "not_found"}))),
        }
    }
}

fn answer(status: u16, headers: &[(&str, &str)], body: &Value) -> Response {
    Response {
        status,
        headers: headers.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
        body: body.to_string().into_bytes(),
    }
}
