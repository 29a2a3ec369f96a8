//! The publisher's step: what may be out is never sent again on a guess.

use channels::{Channel, Found, Oracle, Prepared, Publication, Secret, SendError, Sent, Shelf};
use domain::check::Limits;
use domain::{JobState, Mode, Step};
use engine::{KnownBy, Outcome, Work};
use futures::future::join_all;
use ports::{DbError, Ports, Timeouts};
use store::job::{self, Arm, Claimed, NotArmed};
use store::step_input::{self, PublishInput};

use crate::asking::{moved_on, stored};

/// Which channels there are, from the component's variables: the relay's address and token belong to whoever runs
/// the app, not to a row that a workspace's admin can write.
#[derive(Default)]
pub struct Channels {
    relay_config: String,
    relay_token: Option<Secret>,
}

/// A channel that is never sent to: for its limits alone.
struct NoShelf;

#[async_trait::async_trait(?Send)]
impl Shelf for NoShelf {
    async fn put(&self, _entry: &Publication) -> Result<channels::Shelved, DbError> {
        Err(DbError::Other("this step holds no stage".into()))
    }

    async fn find(&self, _workspace_id: &str, _key: &str) -> Result<Option<channels::Shelved>, DbError> {
        Err(DbError::Other("this step holds no stage".into()))
    }
}

impl Channels {
    /// Reads `relay_url`, `relay_oracle`, `relay_timeout_ms`, `relay_settle_ms` and `relay_token`.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name: &str| variable(name).filter(|text| !text.trim().is_empty());
        let mut config = serde_json::Map::new();
        for (name, key) in [("relay_url", "relay_url"), ("relay_oracle", "relay_oracle")] {
            if let Some(text) = read(name) {
                config.insert(key.into(), text.into());
            }
        }
        for (name, key) in [("relay_timeout_ms", "first_byte_ms"), ("relay_settle_ms", "settle_ms")] {
            if let Some(text) = read(name) {
                // What is no number stays text, and the relay's own check names it.
                config.insert(key.into(), text.parse::<u32>().map_or_else(|_| text.into(), Into::into));
            }
        }
        Self {
            relay_config: serde_json::Value::Object(config).to_string(),
            relay_token: read("relay_token").map(Secret::new),
        }
    }

    fn channel<'a>(&self, platform: &str, config: &str, shelf: &'a dyn Shelf) -> Result<Box<dyn Channel + 'a>, String> {
        self.with_token(platform, config, self.relay_token.clone(), shelf)
    }

    fn with_token<'a>(
        &self,
        platform: &str,
        config: &str,
        token: Option<Secret>,
        shelf: &'a dyn Shelf,
    ) -> Result<Box<dyn Channel + 'a>, String> {
        let config = if platform == "relay" { &self.relay_config } else { config };
        let secrets = |name: &str| token.clone().filter(|_| name == channels::registry::RELAY_TOKEN);
        channels::channel(platform, config, &secrets, shelf).map_err(|error| error.to_string())
    }

    /// What a channel can carry. Only the publisher holds the token, so whoever writes asks without it.
    pub(crate) fn limits(&self, platform: &str, config: &str) -> Result<Limits, String> {
        self.with_token(platform, config, Some(Secret::new("unused")), &NoShelf).map(|channel| channel.limits())
    }

    /// Tries the channels that somebody wants tried, and says what came of it. It only reads; safe to run twice.
    pub async fn try_wanted(&self, ports: &Ports<'_>, shelf: &dyn Shelf) -> Result<(), DbError> {
        let wanted = store::channel::wanted(ports.db, CHECKS_MAX).await?;
        let tries = wanted.iter().map(async |wanted| {
            let said = match self.channel(&wanted.platform, &wanted.config, shelf) {
                Ok(channel) => channel.check(ports).await,
                Err(reason) => Err(format!("It is not set up here: {reason}.")),
            };
            (wanted, said)
        });
        for (wanted, said) in join_all(tries).await {
            let says = said.as_ref().unwrap_or_else(|reason| reason);
            store::channel::checked(ports.db, ports.clock.pinned_ms(), wanted, (said.is_ok(), says)).await?;
        }
        Ok(())
    }

    /// The longest that one publication may take before it is armed and while it is sent, in milliseconds.
    fn longest_call_ms(&self) -> i64 {
        let relay = self.channel("relay", "", &NoShelf).map_or(0, |relay| total_ms(relay.timeouts()));
        relay.max(total_ms(channels::stage::TIMEOUTS))
    }
}

/// Most channels that are tried at a time.
const CHECKS_MAX: u32 = 8;

fn total_ms(timeouts: Timeouts) -> i64 {
    timeouts.total_ms().into()
}

/// Publishes posts.
pub struct Publish<'a> {
    /// The channels.
    pub channels: &'a Channels,
    /// Where the stage's entries are.
    pub shelf: &'a dyn Shelf,
}

/// How long a worker may have stood still between arming and sending, in milliseconds; after more, it does not send.
const PAUSE_MAX_MS: i64 = 2_000;
/// How long a paused or held post rests before it is looked at again, in milliseconds.
const PAUSED_MS: i64 = 15_000;
/// A lease that was too short, or a post that came too late, is looked at again after this, in milliseconds.
const AGAIN_MS: i64 = 1_000;
/// After a look that said nothing, in milliseconds.
const LOOK_AGAIN_MS: i64 = 30_000;
/// Nobody has found out for so long: a person must, in milliseconds (one day).
const LOOKING_MAX_MS: i64 = 24 * 3_600_000;

#[async_trait::async_trait(?Send)]
impl Work for Publish<'_> {
    fn step(&self) -> Step {
        Step::Publish
    }

    fn lease_ms(&self) -> i64 {
        2 * self.channels.longest_call_ms() + 5_000
    }

    async fn work(&self, ports: &Ports<'_>, job: &Claimed, _deadline_ms: i64) -> Outcome {
        let input = match step_input::publish(ports.db, job).await {
            Ok(Some(input)) => input,
            Ok(None) => return moved_on(),
            Err(error) if job.state == JobState::Reconciling => return not_sure(job, error.to_string(), LOOK_AGAIN_MS),
            Err(error) => return stored(&error),
        };
        // A rehearsal never leaves the building, whatever channel it is planned for.
        let platform = if input.mode == Mode::Rehearsal { "stage" } else { input.platform.as_str() };
        let channel = match self.channels.channel(platform, &input.channel_config, self.shelf) {
            Ok(channel) => channel,
            Err(reason) if job.state == JobState::Reconciling => return not_sure(job, reason, LOOK_AGAIN_MS),
            Err(reason) => return Outcome::GiveUp { reason },
        };
        let publication = publication(job, &input);
        if job.state == JobState::Reconciling {
            return reconcile(ports, job, &input, channel.as_ref(), &publication).await;
        }
        match channel.prepare(ports, &publication).await {
            Ok(prepared) => send(ports, job, channel.as_ref(), &prepared).await,
            Err(error) => not_prepared(error, ports),
        }
    }
}

fn publication(job: &Claimed, input: &PublishInput) -> Publication {
    Publication {
        workspace_id: job.workspace_id.clone(),
        key: job.id.clone(),
        campaign_id: job.campaign_id.clone().unwrap_or_default(),
        post_id: job.post_id.clone().unwrap_or_default(),
        version: job.version.unwrap_or(0),
        channel_id: job.channel_id.clone().unwrap_or_default(),
        mode: input.mode,
        planned_at_ms: input.due_at,
        content: input.content.clone(),
        content_sha256: job.content_sha256.clone().unwrap_or_default(),
    }
}

/// Arms, and only then sends, once.
async fn send(ports: &Ports<'_>, job: &Claimed, channel: &dyn Channel, prepared: &Prepared) -> Outcome {
    let call_ms = total_ms(channel.timeouts());
    let before_ms = ports.clock.monotonic_ms();
    let arm = Arm { job, call_ms, quiet_ms: channel.quiet_ms() };
    match job::arm(ports.db, ports.clock.pinned_ms(), arm).await {
        Ok(Ok(())) => {}
        Ok(Err(why)) => return not_armed(why, ports),
        // The statement may have been committed and its answer lost: then the sweep finds the job armed.
        Err(error) => {
            eprintln!("job {} could not be armed: {error}", job.id);
            return Outcome::Lost;
        }
    }
    if ports.clock.monotonic_ms() - before_ms > PAUSE_MAX_MS {
        return Outcome::SendAgain { reason: "the worker stood still after arming; nothing was sent".into() };
    }
    sent(channel.send(ports, prepared).await, ports)
}

fn sent(sent: Sent, ports: &Ports<'_>) -> Outcome {
    match sent {
        Sent::Done { ext_id, ext_url } => Outcome::Published { ext_id, ext_url, known_by: KnownBy::Answer },
        Sent::NotSent { reason, after_s } => Outcome::Retry { reason, after_ms: milliseconds(after_s) },
        Sent::RateLimited { reason, after_s } => rate_limited(reason, after_s, ports),
        Sent::Rejected { reason } | Sent::AuthExpired { reason } => Outcome::GiveUp { reason },
        Sent::Unknown { reason } => Outcome::Unknown { reason, looks: 0, after_ms: 0 },
    }
}

fn not_prepared(error: SendError, ports: &Ports<'_>) -> Outcome {
    match error {
        SendError::NotSent { reason, after_s } => Outcome::Retry { reason, after_ms: milliseconds(after_s) },
        SendError::RateLimited { reason, after_s } => rate_limited(reason, after_s, ports),
        SendError::Rejected { reason } | SendError::AuthExpired { reason } => Outcome::GiveUp { reason },
    }
}

fn milliseconds(after_s: Option<u32>) -> Option<i64> {
    after_s.map(|seconds| i64::from(seconds) * 1000)
}

/// A platform that asks us to wait without saying how long, in seconds.
const RATE_LIMITED_S: u32 = 60;

fn rate_limited(reason: String, after_s: Option<u32>, ports: &Ports<'_>) -> Outcome {
    let after_ms = i64::from(after_s.unwrap_or(RATE_LIMITED_S)) * 1000;
    Outcome::Wait { reason, after_ms, blocked_until: Some(ports.clock.now_ms() + after_ms) }
}

fn not_armed(why: NotArmed, ports: &Ports<'_>) -> Outcome {
    let wait = |reason: &str, after_ms| Outcome::Wait { reason: reason.into(), after_ms, blocked_until: None };
    match why {
        NotArmed::Fenced => Outcome::Lost,
        NotArmed::LeaseTooShort => wait("too little of the lease was left", AGAIN_MS),
        NotArmed::NotApproved => Outcome::Cancelled { reason: "no standing approval of exactly this".into() },
        NotArmed::TooEarly => wait("its time has not come", AGAIN_MS),
        NotArmed::Paused => wait("paused or held", PAUSED_MS),
        // It waits, and misses its time like any other: switching to performance brings no burst.
        NotArmed::Rehearsing => wait("the workspace is in rehearsal", PAUSED_MS),
        NotArmed::ChannelBusy { until } => {
            wait("the channel is busy", (until - ports.clock.now_ms()).clamp(100, 3_600_000))
        }
        // The sweep makes the post `missed` and cancels this job.
        NotArmed::TooLate => wait("later than the grace allows", AGAIN_MS),
    }
}

/// Finds out what came of a send that nobody saw the end of.
async fn reconcile(
    ports: &Ports<'_>,
    job: &Claimed,
    input: &PublishInput,
    channel: &dyn Channel,
    publication: &Publication,
) -> Outcome {
    let found = |ext_id, ext_url| Outcome::Published { ext_id, ext_url, known_by: KnownBy::Reconciliation };
    match job::late_success(ports.db, job).await {
        Ok(Some((ext_id, ext_url))) => return found(ext_id, ext_url),
        Ok(None) => {}
        Err(error) => return not_sure(job, error.to_string(), LOOK_AGAIN_MS),
    }
    let Some(looks_min) = channel.oracle().looks_min() else {
        return Outcome::NeedsHuman { reason: "look on the platform: is it there? Nobody else can find out".into() };
    };
    // Sending again with the key is sending: not while everything is stopped.
    if job.paused && channel.oracle() == Oracle::Keyed {
        return not_sure(job, "paused".into(), PAUSED_MS);
    }
    match channel.reconcile(ports, publication).await {
        Found::Live { ext_id, ext_url } => found(ext_id, ext_url),
        Found::Absent if job.looks + 1 >= i64::from(looks_min) => {
            Outcome::SendAgain { reason: format!("looked {} times: it is not there", job.looks + 1) }
        }
        Found::Absent => Outcome::Unknown {
            reason: "not found; looking once more".into(),
            looks: job.looks + 1,
            after_ms: channel.quiet_ms(),
        },
        Found::NotSure { reason }
            if input.armed_at.is_some_and(|armed_at| ports.clock.now_ms() - armed_at > LOOKING_MAX_MS) =>
        {
            Outcome::NeedsHuman { reason: format!("looked for a day: {reason}") }
        }
        Found::NotSure { reason } => not_sure(job, reason, LOOK_AGAIN_MS),
    }
}

fn not_sure(job: &Claimed, reason: String, after_ms: i64) -> Outcome {
    Outcome::Unknown { reason, looks: job.looks, after_ms }
}
