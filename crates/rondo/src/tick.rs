//! The tick: wakes the conductor again and again, one call at a time, and says only what changes.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::StatusCode;

/// The conductor answers within its own budget; after this long it has not, in seconds.
const TICK_TIMEOUT_S: u64 = 60;

/// Wakes one app's conductor.
pub struct Ticker {
    http: reqwest::Client,
    url: String,
    secret: String,
    every: Duration,
    pause_max: Duration,
}

impl Ticker {
    /// For the app at this URL. It ticks `every` so often, and while that fails, ever more seldom, up to a
    /// pause of `pause_max`.
    pub fn new(app_url: &str, secret: String, every: Duration, pause_max: Duration) -> Result<Self> {
        let http = crate::api::client(Duration::from_secs(TICK_TIMEOUT_S))?;
        Ok(Self { http, url: format!("{}/wake/conductor", app_url.trim_end_matches('/')), secret, every, pause_max })
    }

    /// Ticks for ever. Tells `say` when ticking begins to fail, fails for another reason, and works again.
    pub async fn run(&self, say: impl Fn(&str)) {
        let mut pulse = Pulse::default();
        loop {
            let came = self.tick().await;
            if let Some(line) = pulse.note(came) {
                say(&line);
            }
            tokio::time::sleep(pulse.pause(self.every, self.pause_max)).await;
        }
    }

    async fn tick(&self) -> Result<(), String> {
        let answer = self.http.post(&self.url).bearer_auth(&self.secret).send().await;
        let status = answer.map_err(|error| reason(&error))?.status();
        match status {
            status if status.is_success() => Ok(()),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                Err(format!("{status}: the wake secret is not the one that the app has in `wake_secret`"))
            }
            StatusCode::NOT_FOUND => Err(format!("{status}: there is no /wake/conductor; is this the app's own URL?")),
            status => Err(status.to_string()),
        }
    }
}

/// Why no answer came, down to the system's own word, and without the URL.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return format!("no answer within {TICK_TIMEOUT_S} s");
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

/// How ticking fares.
#[derive(Default)]
struct Pulse {
    failures: u32,
    said: Option<String>,
}

impl Pulse {
    /// Takes note of a tick; gives a line if there is news.
    fn note(&mut self, came: Result<(), String>) -> Option<String> {
        match came {
            Ok(()) => {
                let failures = std::mem::take(&mut self.failures);
                self.said.take().map(|_| format!("Ticking works again, after {failures} that failed."))
            }
            Err(reason) => {
                self.failures = self.failures.saturating_add(1);
                if self.said.as_ref() == Some(&reason) {
                    return None;
                }
                let mut line = String::from("Ticking fails: ");
                let _ = write!(line, "{reason}. What is due waits; it is tried again.");
                self.said = Some(reason);
                Some(line)
            }
        }
    }

    /// Doubles with every failure.
    fn pause(&self, every: Duration, pause_max: Duration) -> Duration {
        every.saturating_mul(1_u32.checked_shl(self.failures).unwrap_or(u32::MAX)).min(pause_max.max(every))
    }
}

/// Reads a number of seconds, `0.5` for half of one.
pub fn parse_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "write it as a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() => Ok(duration),
        _ => Err("it must be more than 0 seconds".into()),
    }
}

/// The error of a URL that cannot be one.
pub fn check_url(url: &str) -> Result<()> {
    reqwest::Url::parse(url).map(drop).with_context(|| format!("`{url}` is no URL; it looks like https://example.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_lasts_is_said_once_and_so_is_its_end() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.note(Ok(())), None);
        assert!(pulse.note(Err("refused".into())).unwrap().contains("refused"));
        assert_eq!(pulse.note(Err("refused".into())), None);
        assert!(pulse.note(Err("500".into())).unwrap().contains("500"));
        assert!(pulse.note(Ok(())).unwrap().contains("after 3 that failed"));
        assert_eq!(pulse.note(Ok(())), None);
    }

    #[test]
    fn pauses_double_up_to_their_most() {
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let mut pulse = Pulse::default();
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(pulse.pause(second, minute).as_secs());
            pulse.note(Err("refused".into()));
        }
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        pulse.failures = u32::MAX;
        assert_eq!(pulse.pause(second, minute), minute);
    }

    #[test]
    fn no_pause_is_refused() {
        assert!(parse_seconds("0").is_err());
        assert!(parse_seconds("-1").is_err());
        assert_eq!(parse_seconds("0.5"), Ok(Duration::from_millis(500)));
    }
}
