//! Whether the servers that the variables name can be reached.

use std::time::Duration;

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Finding;
use crate::manifest::Manifest;
use crate::settings::Settings;

/// A server that is there answers sooner.
const ANSWER: Duration = Duration::from_secs(5);

/// A variable whose name ends so holds the address of a server.
const SUFFIXES: [&str; 2] = ["_url", "_address"];

/// Where the app itself is seen; not a server that it calls.
const OWN: &str = "public_url";

/// Tries every server that a variable names.
pub async fn look(manifest: &Manifest, settings: &Settings) -> Vec<Finding> {
    let mut findings = Vec::new();
    let servers = manifest.variables.keys().filter(|name| SUFFIXES.iter().any(|suffix| name.ends_with(suffix)));
    for name in servers.filter(|name| *name != OWN) {
        if let Some(value) = settings.get(name) {
            findings.push(server(name, &value).await);
        }
    }
    findings
}

async fn server(name: &str, value: &str) -> Finding {
    let mend = format!("start that server, or set SPIN_VARIABLE_{} to one that runs", name.to_uppercase());
    // The value may hold a password: the host is all that is shown.
    let Ok(url) = Url::parse(value) else {
        return Finding::missing("server", format!("{name} is no URL"), mend);
    };
    let shown = format!("{name} ({}://{})", url.scheme(), url.host_str().unwrap_or("?"));
    let came = match url.scheme() {
        "http" | "https" => http(url).await,
        "redis" => redis(&url).await,
        scheme => Err(format!("nothing here speaks {scheme}")),
    };
    match came {
        Ok(()) => Finding::ok("server", format!("{shown} answers")),
        Err(reason) => Finding::missing("server", format!("{shown} does not answer: {reason}"), mend),
    }
}

/// Any answer will do: what it is for, and who may, is found out when it is used.
async fn http(url: Url) -> Result<(), String> {
    let client = crate::api::client(ANSWER).map_err(|error| error.to_string())?;
    client.get(url).send().await.map(drop).map_err(|error| error.without_url().to_string())
}

async fn redis(url: &Url) -> Result<(), String> {
    let address = (url.host_str().unwrap_or("127.0.0.1"), url.port().unwrap_or(6379));
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(b"PING\r\n").await?;
        // `+PONG`, or an error that asks for a password: either is a Redis.
        stream.read_u8().await
    };
    match tokio::time::timeout(ANSWER, asked).await {
        Ok(Ok(b'+' | b'-')) => Ok(()),
        Ok(Ok(_)) => Err("it is no Redis".into()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("not within {} s", ANSWER.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::doctor::State;

    /// A server that says this to whoever comes.
    async fn saying(text: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let _ = stream.read(&mut [0; 1024]).await;
            let _ = stream.write_all(text.as_bytes()).await;
        });
        port
    }

    #[tokio::test]
    async fn a_server_that_answers_is_ok_whatever_it_says() {
        let port = saying("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").await;
        assert_eq!(server("model_url", &format!("http://127.0.0.1:{port}/v1")).await.state, State::Ok);
    }

    #[tokio::test]
    async fn a_redis_answers_a_ping() {
        let port = saying("+PONG\r\n").await;
        assert_eq!(server("redis_address", &format!("redis://127.0.0.1:{port}")).await.state, State::Ok);
    }

    #[tokio::test]
    async fn a_server_that_is_not_there_is_told_without_its_password() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let finding = server("redis_address", &format!("redis://:geheim@127.0.0.1:{port}")).await;
        assert_eq!(finding.state, State::Missing);
        assert!(!finding.to_string().contains("geheim"), "{finding}");
    }
}
