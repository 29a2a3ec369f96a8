//! Redis wakes the steps in a process of its own; without it everything else goes on, and nothing is lost.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tests::app::Setup;
use tests::brief::Brief;
use tests::campaign::{Campaign, STAGE};
use tests::database::Database;
use tests::http::Api;
use tests::output::Output;
use tests::peer;
use tokio::process::{Child, Command};

/// A Redis answers sooner.
const START: Duration = Duration::from_secs(30);

/// A Redis server of this test's own.
struct Redis {
    server: Child,
    address: String,
}

impl Redis {
    async fn start(program: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let mut server = Command::new(program)
            .args(["--bind", "127.0.0.1", "--save", "", "--port"])
            .arg(port.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("redis-server starts");
        let output = Output::of(&mut server);
        let ready = output.find(|line| line.contains("Ready to accept connections").then_some(()), START).await;
        assert!(ready.is_some(), "redis-server is not ready; it said:\n{}", output.text());
        Self { server, address: format!("redis://127.0.0.1:{port}") }
    }

    async fn stop(mut self) {
        self.server.kill().await.expect("a child can be killed");
    }

    /// The app with this Redis, and with no other way to wake a step.
    fn setup(&self) -> Setup {
        Setup::local().set("redis_address", &self.address).set("redis_hosts", &self.address).set("wake_base", "off")
    }
}

#[tokio::test]
async fn a_second_process_does_the_work_that_redis_wakes_it_for() {
    let Some(program) = peer::or_skip("redis-server") else { return };
    let redis = Redis::start(&program).await;
    let state = tempfile::tempdir().expect("a folder");
    let http = redis.setup().start_over(state.path()).await;
    http.api.get("/api/v1/health").await.expect(200);
    let _worker = redis.setup().manifest("spin.redis.toml").start_over(state.path()).await;

    let campaign = Campaign::rehearse(&http.api, &Brief::read("ripgrep").text).await;
    campaign.approve_strategy().await;
    campaign.to_the_end().await;
    Database::open(state.path()).assert_whole();
}

#[tokio::test]
async fn when_redis_stops_http_goes_on_and_the_work_is_found_without_it() {
    let Some(program) = peer::or_skip("redis-server") else { return };
    let redis = Redis::start(&program).await;
    let state = tempfile::tempdir().expect("a folder");
    let mut http = redis.setup().start_over(state.path()).await;
    http.api.get("/api/v1/health").await.expect(200);
    let worker = redis.setup().manifest("spin.redis.toml").start_over(state.path()).await;
    let api = http.api.clone();
    let campaign = Campaign::rehearse(&api, &Brief::read("night-shift-bakery").text).await;
    campaign.approve_strategy().await;

    // In the middle: some are written, none is approved.
    let begun =
        async |_: &Api| campaign.posts().await.iter().any(|post| post["version"].as_i64() > Some(0)).then_some(());
    http.api.until("a post is written", STAGE, begun).await;
    redis.stop().await;
    worker.kill().await;

    assert!(http.runs());
    http.api.get("/api/v1/health").await.expect(200);
    let id = campaign.id.clone();
    let later = Campaign::rehearse(&http.api, &Brief::read("ripgrep").text).await.id;
    http.kill().await;

    // The same state, woken over HTTP: all that was begun comes to its end.
    let http = Setup::local().start_over(state.path()).await;
    for id in [id, later] {
        let campaign = Campaign { api: &http.api, id };
        if campaign.now().await["stage"] != "producing" {
            campaign.approve_strategy().await;
        }
        campaign.to_the_end().await;
    }
    Database::open(state.path()).assert_whole();
}
