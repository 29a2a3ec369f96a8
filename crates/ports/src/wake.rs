//! Wake-ups: a hint that a step has work. Losing every one of them costs latency only.

use crate::{Http, Request, Timeouts};

/// Tells a step that it has work.
#[async_trait::async_trait(?Send)]
pub trait Wake {
    /// Wakes the step of this name (`generate`, say). Best effort: a failure is logged where it happens and
    /// the next tick finds the work.
    async fn wake(&self, step: &str);
}

/// Wakes nobody; the tick finds the work.
pub struct NoWake;

#[async_trait::async_trait(?Send)]
impl Wake for NoWake {
    async fn wake(&self, _step: &str) {}
}

/// Wakes over HTTP: `POST {base}/wake/{step}` with the wake secret. The step answers at once and works on.
pub struct HttpWake<'a> {
    /// How to send.
    pub http: &'a dyn Http,
    /// `http://{step}.spin.internal` where components can call each other, else the app's public URL;
    /// `{step}` stands for the step's name. Empty: wakes nobody.
    pub base: String,
    /// What the step's route asks for.
    pub secret: String,
}

/// A wake-up answers at once; a step that does not is found by the tick.
const WAKE_TIMEOUTS: Timeouts = Timeouts { connect_ms: 1_000, first_byte_ms: 2_000, between_bytes_ms: 1_000 };

#[async_trait::async_trait(?Send)]
impl Wake for HttpWake<'_> {
    async fn wake(&self, step: &str) {
        if self.base.is_empty() {
            return;
        }
        let request = Request {
            method: "POST",
            url: format!("{}/wake/{step}", self.base.replace("{step}", step).trim_end_matches('/')),
            headers: vec![("authorization".into(), format!("Bearer {}", self.secret))],
            body: Vec::new(),
            timeouts: WAKE_TIMEOUTS,
            response_bytes_max: 4096,
        };
        match self.http.send(request).await {
            Ok(answer) if answer.status < 300 => {}
            Ok(answer) => eprintln!("`{step}` answered {} to a wake-up; the next tick finds the work", answer.status),
            Err(error) => eprintln!("could not wake `{step}` ({error}); the next tick finds the work"),
        }
    }
}
