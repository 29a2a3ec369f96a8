//! The Redis trigger: each message of a channel runs a fresh instance of its components.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use futures::StreamExt;
use futures::future::join_all;
use redis::Client;
use redis::aio::PubSub;

use crate::app::Shared;
use crate::console;
use crate::instance::{Chaining, Instance};
use crate::manifest::Manifest;
use crate::variables::Variables;

/// The first pause before a lost server is tried again; it doubles up to the last one.
const PAUSE_MIN: Duration = Duration::from_millis(500);
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// One server, with the components of each channel.
#[derive(Debug)]
pub struct Subscription {
    address: String,
    channels: BTreeMap<String, Vec<String>>,
}

/// What the manifest asks to listen to, one entry a server.
pub fn subscriptions(manifest: &Manifest, variables: &Variables) -> Result<Vec<Subscription>> {
    let mut servers: BTreeMap<String, BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for trigger in &manifest.redis {
        let fill = |template: &str| {
            let filled = variables.fill(template);
            filled.with_context(|| format!("in the Redis trigger of {}", trigger.component))
        };
        let address = trigger.address.as_ref().or(manifest.redis_address.as_ref());
        let address = fill(address.context("a Redis trigger has no address")?)?;
        let channels = servers.entry(address).or_default();
        channels.entry(fill(&trigger.channel)?).or_default().push(trigger.component.clone());
    }
    let one = |(address, channels)| Subscription { address, channels };
    Ok(servers.into_iter().map(one).collect())
}

impl Subscription {
    /// Listens for as long as the app runs. Spin would stop the whole app when the server goes
    /// away; messages are only wake-ups, so here the app goes on without them.
    pub async fn listen(self, app: Arc<Shared>) {
        let mut pause = PAUSE_MIN;
        loop {
            let error = match self.connect().await {
                Ok(mut connection) => {
                    pause = PAUSE_MIN;
                    self.receive(&app, &mut connection).await;
                    anyhow::anyhow!("the connection ended")
                }
                Err(error) => error,
            };
            console::warn(format_args!(
                "Redis at {} is not there ({error:#}); trying again in {} s, the rest of the app goes on",
                self.place(),
                pause.as_secs_f32()
            ));
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSE_MAX);
        }
    }

    async fn connect(&self) -> Result<PubSub> {
        let mut connection = Client::open(self.address.as_str())?.get_async_pubsub().await?;
        for channel in self.channels.keys() {
            connection.subscribe(channel).await?;
        }
        let channels: Vec<_> = self.channels.keys().map(String::as_str).collect();
        console::note(format_args!("Listening to Redis at {}: {}", self.place(), channels.join(", ")));
        Ok(connection)
    }

    /// One message at a time, as in Spin.
    async fn receive(&self, app: &Arc<Shared>, connection: &mut PubSub) {
        let mut messages = connection.on_message();
        while let Some(message) = messages.next().await {
            let components = self.channels.get(message.get_channel_name());
            let payload = message.get_payload_bytes().to_vec();
            join_all(components.into_iter().flatten().map(|id| handle(app, id, &payload))).await;
        }
    }

    /// The address without its password.
    fn place(&self) -> &str {
        self.address.rsplit_once('@').map_or(self.address.as_str(), |(_, place)| place)
    }
}

async fn handle(app: &Arc<Shared>, id: &str, payload: &Vec<u8>) {
    let _work = app.running.begin();
    let result = tokio::select! {
        result = call(app, id, payload) => result,
        () = app.running.ended() => return,
    };
    if let Err(error) = result {
        console::warn(format_args!("component {id} failed at a Redis message: {error:#}"));
    }
}

async fn call(app: &Arc<Shared>, id: &str, payload: &Vec<u8>) -> wasmtime::Result<()> {
    let guest = app.guests.get(id);
    let Some((guest, ready)) = guest.and_then(|guest| Some((guest, guest.redis.as_ref()?))) else {
        wasmtime::bail!("it has no Redis handler");
    };
    let mut store = Instance::store(app, guest, Chaining::Absent)?;
    let handler = ready.instantiate_async(&mut store).await?;
    let handled = handler.fermyon_spin_inbound_redis().call_handle_message(&mut store, payload).await?;
    handled.map_err(|_| wasmtime::format_err!("its handler returned an error"))
}
