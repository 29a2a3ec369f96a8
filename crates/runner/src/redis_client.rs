//! `fermyon:spin/redis`: outbound Redis.

use std::net::SocketAddr;

use redis::aio::MultiplexedConnection;
use redis::io::AsyncDNSResolver;
use redis::{AsyncCommands, AsyncConnectionConfig, ErrorKind, RedisError, Value};
use url::Url;
use wasmtime::component::Resource;

use crate::instance::Instance;
use crate::interfaces::imports::fermyon::spin::redis::{
    Error, Host, HostConnection, Payload, RedisParameter, RedisResult,
};
use crate::networks::Blocked;

/// A guest's connection. Its clones share one socket.
#[derive(Clone)]
pub struct Connection(MultiplexedConnection);

impl Instance {
    async fn connect(&mut self, address: &str) -> Result<MultiplexedConnection, Error> {
        if !self.may_reach_redis(address) {
            return Err(Error::InvalidAddress);
        }
        let config = AsyncConnectionConfig::new().set_dns_resolver(OpenNetworks(self.app.blocked.clone()));
        let client = redis::Client::open(address).map_err(|_| Error::InvalidAddress)?;
        client.get_multiplexed_async_connection_with_config(&config).await.map_err(other)
    }

    fn may_reach_redis(&self, address: &str) -> bool {
        let url = Url::parse(address).ok().filter(Url::has_host);
        let Some(url) = url.or_else(|| Url::parse(&format!("redis://{address}")).ok()) else {
            return false;
        };
        let host = url.host_str().unwrap_or_default();
        self.guest.hosts.allows(url.scheme(), host, url.port())
    }

    fn redis(&self, connection: &Resource<Connection>) -> wasmtime::Result<MultiplexedConnection> {
        Ok(self.table.get(connection)?.0.clone())
    }
}

/// Looks names up, and leaves out what the operator has closed.
struct OpenNetworks(Blocked);

impl AsyncDNSResolver for OpenNetworks {
    fn resolve<'a, 'b: 'a>(
        &'a self,
        host: &'b str,
        port: u16,
    ) -> redis::RedisFuture<'a, Box<dyn Iterator<Item = SocketAddr> + Send + 'a>> {
        Box::pin(async move {
            let found = tokio::net::lookup_host((host, port)).await?.collect();
            let Some(open) = self.0.filter(found) else {
                return Err(RedisError::from((
                    ErrorKind::InvalidClientConfig,
                    "every address of this host is in a network that the operator has blocked",
                )));
            };
            Ok(Box::new(open.into_iter()) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}

impl Host for Instance {}

impl HostConnection for Instance {
    async fn open(&mut self, address: String) -> wasmtime::Result<Result<Resource<Connection>, Error>> {
        match self.connect(&address).await {
            Ok(connection) => Ok(Ok(self.table.push(Connection(connection))?)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn publish(
        &mut self,
        connection: Resource<Connection>,
        channel: String,
        payload: Payload,
    ) -> wasmtime::Result<Result<(), Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.publish(channel, payload).await.map_err(other))
    }

    async fn get(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Option<Payload>, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.get(key).await.map_err(other))
    }

    async fn set(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        value: Payload,
    ) -> wasmtime::Result<Result<(), Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.set(key, value).await.map_err(other))
    }

    async fn incr(&mut self, connection: Resource<Connection>, key: String) -> wasmtime::Result<Result<i64, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.incr(key, 1).await.map_err(other))
    }

    async fn del(
        &mut self,
        connection: Resource<Connection>,
        keys: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.del(keys).await.map_err(other))
    }

    async fn sadd(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.sadd(key, values).await.map_err(typed))
    }

    async fn smembers(
        &mut self,
        connection: Resource<Connection>,
        key: String,
    ) -> wasmtime::Result<Result<Vec<String>, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.smembers(key).await.map_err(other))
    }

    async fn srem(
        &mut self,
        connection: Resource<Connection>,
        key: String,
        values: Vec<String>,
    ) -> wasmtime::Result<Result<u32, Error>> {
        let mut connection = self.redis(&connection)?;
        Ok(connection.srem(key, values).await.map_err(other))
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        command: String,
        arguments: Vec<RedisParameter>,
    ) -> wasmtime::Result<Result<Vec<RedisResult>, Error>> {
        let mut connection = self.redis(&connection)?;
        let mut command = redis::cmd(&command);
        for argument in arguments {
            match argument {
                RedisParameter::Int64(value) => command.arg(value),
                RedisParameter::Binary(value) => command.arg(value),
            };
        }
        let mut results = Vec::new();
        let answer = command.query_async::<Value>(&mut connection).await.map_err(other);
        Ok(answer.and_then(|value| flatten(value, &mut results)).map(|()| results))
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

/// A guest sees nested answers as one flat list, as in Spin.
fn flatten(value: Value, results: &mut Vec<RedisResult>) -> Result<(), Error> {
    results.push(match value {
        Value::Nil => RedisResult::Nil,
        Value::Int(value) => RedisResult::Int64(value),
        Value::Boolean(value) => RedisResult::Int64(value.into()),
        Value::Double(value) => RedisResult::Binary(value.to_string().into_bytes()),
        Value::BulkString(value) => RedisResult::Binary(value),
        Value::SimpleString(value) => RedisResult::Status(value),
        Value::Okay => RedisResult::Status("OK".into()),
        Value::Array(values) | Value::Set(values) => {
            return values.into_iter().try_for_each(|value| flatten(value, results));
        }
        unsupported => {
            return Err(Error::Other(format!("Redis answered with an unsupported type: {unsupported:?}")));
        }
    });
    Ok(())
}

fn other(error: RedisError) -> Error {
    Error::Other(error.to_string())
}

/// Adding to a set tells an unexpected answer from other failures; the rest does not, as in Spin.
fn typed(error: RedisError) -> Error {
    match error.kind() {
        ErrorKind::UnexpectedReturnType => Error::TypeError,
        _ => other(error),
    }
}
