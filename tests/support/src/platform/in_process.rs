//! The platform without sockets: an [`Http`] that answers at once, by a clock that a test or simulation sets.

use std::cell::RefCell;

use ports::{Clock, Http, HttpError, Request, Response};

use super::journal::Journal;
use super::logic::HUGE_BYTES;
use super::{Accepted, Answer, Call, Fault, Options, Reaction, Seen};

/// Where it is.
const BASE: &str = "http://platform.example";

/// The platform as an [`Http`]. Whoever calls lets the time pass: what would have been a time-out comes at once.
pub struct InProcess<'a> {
    journal: RefCell<Journal>,
    clock: &'a dyn Clock,
}

impl<'a> InProcess<'a> {
    /// A platform that lives by this clock.
    pub fn new(options: Options, clock: &'a dyn Clock) -> Self {
        Self { journal: RefCell::new(Journal::open(options)), clock }
    }

    /// What a relay has as its `relay_url`.
    pub fn url(&self) -> &'static str {
        BASE
    }

    /// Every post that was taken until now.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.journal.borrow_mut().accepted(self.clock.now_ms())
    }

    /// Every request that arrived.
    pub fn seen(&self) -> Vec<Seen> {
        self.journal.borrow().logic.seen().to_vec()
    }

    /// What happens to the next POSTs.
    pub fn script(&self, faults: impl IntoIterator<Item = Fault>) {
        self.journal.borrow_mut().logic.script(faults);
    }

    /// What happens to the next look-ups.
    pub fn script_look_ups(&self, faults: impl IntoIterator<Item = Fault>) {
        self.journal.borrow_mut().logic.script_look_ups(faults);
    }
}

#[async_trait::async_trait(?Send)]
impl Http for InProcess<'_> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let Some(path) = request.url.strip_prefix(BASE) else {
            return Err(HttpError::NotSent("no such host".into()));
        };
        let header = |name: &str| {
            request.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let call = Call {
            method: request.method.into(),
            path: path.into(),
            authorization: header("authorization"),
            idempotency_key: header("idempotency-key"),
            body: request.body.clone(),
        };
        match self.journal.borrow_mut().react(&call, self.clock.now_ms()) {
            Reaction::Answer(answer) => within(answer, request.response_bytes_max),
            Reaction::Huge if u64::try_from(request.response_bytes_max).is_ok_and(|max| max < HUGE_BYTES) => {
                Err(HttpError::TooLarge { status: 200, limit: request.response_bytes_max })
            }
            Reaction::Cut(_) | Reaction::Huge => Err(HttpError::Unknown("the answer's body broke off".into())),
            Reaction::Reset => Err(HttpError::Unknown("connection reset".into())),
            Reaction::Unreachable => Err(HttpError::NotSent("connection refused".into())),
            Reaction::StallThenServe | Reaction::StallThenAnswer(_) => {
                Err(HttpError::Unknown("no answer in time".into()))
            }
        }
    }
}

fn within(answer: Answer, limit: usize) -> Result<Response, HttpError> {
    if answer.body.len() > limit {
        return Err(HttpError::TooLarge { status: answer.status, limit });
    }
    Ok(Response { status: answer.status, headers: answer.headers, body: answer.body.into_bytes() })
}
