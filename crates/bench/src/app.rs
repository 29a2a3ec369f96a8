//! The built app under a host: start, requests against the floor, jobs in wasm.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use ports::native::NativeDb;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::load::{Measured, load, once};
use crate::{calls, jobs, target};

/// What the app is made of.
pub const COMPONENTS: [&str; 7] = ["api", "web", "conductor", "strategize", "generate", "review", "publish"];

/// How long each load lasts.
const LENGTH: Duration = Duration::from_secs(4);
/// No-op jobs in wasm.
const WASM_JOBS: u32 = 5_000;
/// What the API takes.
pub const TOKEN: &str = "bench-operator-token";

/// Measures under the local runner, and under Spin where it is installed.
pub async fn measure(root: &Path) -> Result<()> {
    let rondo = prepare(root).await?;
    for (host, start) in hosts(&rondo).await {
        under(root, &host, start).await?;
    }
    Ok(())
}

/// Measures the calls of a model alone, under each host.
pub async fn measure_calls(root: &Path) -> Result<()> {
    let rondo = prepare(root).await?;
    for (host, program) in hosts(&rondo).await {
        let folder = tempfile::tempdir()?;
        let manifest = lay_out(root, folder.path()).await?;
        println!("\n{host}");
        let (mut child, address, _) = start(folder.path(), &manifest, program, &[]).await?;
        let floor = load(address, &get("/floor"), 16, LENGTH).await?;
        println!(
            "  floor, 16 connections: p50 {:.3} ms, p99 {:.3} ms",
            milliseconds(floor.p50),
            milliseconds(floor.p99)
        );
        stop(&mut child).await?;
        calls::measure(folder.path(), &manifest, program, floor.p50).await?;
    }
    Ok(())
}

/// A program that runs the app, and its arguments.
type Program<'a> = (&'a str, &'static [&'static str]);

/// What there is to run the app: what people call it, and how it is started.
async fn hosts(rondo: &str) -> Vec<(String, Program<'_>)> {
    let mut hosts: Vec<(String, Program)> = vec![("local runner".into(), (rondo, &["up", "--no-build"]))];
    match Command::new("spin").arg("--version").output().await {
        Ok(output) => hosts.push((String::from_utf8_lossy(&output.stdout).trim().into(), ("spin", &["up"]))),
        Err(_) => println!("\nspin is not on PATH: skipped"),
    }
    hosts
}

/// Builds the floor; gives where the local runner is.
async fn prepare(root: &Path) -> Result<String> {
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--target", "wasm32-wasip1", "--release", "-p", "floor"])
        .current_dir(root)
        .status()
        .await?;
    anyhow::ensure!(built.success(), "the floor component does not build");
    let rondo = target(root).join("debug/rondo");
    anyhow::ensure!(rondo.exists(), "{} is missing: run `cargo build -p rondo`", rondo.display());
    Ok(rondo.to_str().context("a path that is no text")?.into())
}

/// A folder with the manifest, and what must lie beside it.
async fn lay_out(root: &Path, folder: &Path) -> Result<PathBuf> {
    let manifest = folder.join("spin.toml");
    std::fs::write(&manifest, manifest_with_floor(root)?)?;
    // Spin maps only what lies beside the manifest.
    Command::new("cp").arg("-r").arg(root.join("static")).arg(folder).status().await?;
    Ok(manifest)
}

async fn under(root: &Path, host: &str, program: Program<'_>) -> Result<()> {
    println!("\n{host}");
    let folder = tempfile::tempdir()?;
    let manifest = lay_out(root, folder.path()).await?;
    let mut floor_p50 = Duration::ZERO;
    for round in ["first start", "second start"] {
        let (mut child, address, took) = start(folder.path(), &manifest, program, &[]).await?;
        println!("  {round}, to the first answer: {:.2} s", took.as_secs_f64());
        if round == "second start" {
            floor_p50 = requests(address).await?;
            wasm_jobs(folder.path(), address).await?;
        }
        stop(&mut child).await?;
    }
    calls::measure(folder.path(), &manifest, program, floor_p50).await
}

/// The app's own manifest, with absolute paths to what is built and the floor beside it.
fn manifest_with_floor(root: &Path) -> Result<String> {
    let target = target(root);
    let text = std::fs::read_to_string(root.join("spin.toml"))?
        .replace("source = \"target/", &format!("source = \"{}/", target.display()));
    let floor = target.join("wasm32-wasip1/release/floor.wasm");
    let routes =
        ["/floor", "/noop"].map(|route| format!("\n[[trigger.http]]\nroute = \"{route}\"\ncomponent = \"floor\"\n"));
    Ok(format!(
        "{text}{}\n[component.floor]\nsource = \"{}\"\nsqlite_databases = [\"default\"]\n",
        routes.concat(),
        floor.display()
    ))
}

/// Starts it with its state and its complaints in a folder of its own; waits for the first answer.
pub async fn start(
    folder: &Path,
    manifest: &Path,
    (program, arguments): (&str, &[&str]),
    variables: &[&str],
) -> Result<(Child, SocketAddr, Duration)> {
    std::fs::create_dir_all(folder)?;
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let begin = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .arg("-f")
        .arg(manifest)
        .args(["--listen", &format!("127.0.0.1:{port}")])
        .arg("--state-dir")
        .arg(folder.join("state"))
        .args(["--variable", &format!("operator_token={TOKEN}")])
        .args(["--variable", "wake_secret=bench-wake-secret"])
        .args(variables.iter().flat_map(|variable| ["--variable", variable]))
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(folder.join("stderr"))?)
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("`{program}` does not start"))?;
    let mut lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    loop {
        match lines.next_line().await? {
            Some(line) if line.contains("Serving http://") => break,
            Some(_) => {}
            None => {
                let said = std::fs::read_to_string(folder.join("stderr")).unwrap_or_default();
                bail!("`{program}` ended before it served:\n{said}")
            }
        }
    }
    // What it prints later must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    let address: SocketAddr = format!("127.0.0.1:{port}").parse()?;
    once(address, &get("/api/v1/health")).await?;
    Ok((child, address, begin.elapsed()))
}

/// Ends it, and waits until it is gone.
pub async fn stop(child: &mut Child) -> Result<()> {
    let Some(id) = child.id() else { return Ok(()) };
    Command::new("kill").args(["-TERM", &id.to_string()]).status().await?;
    child.wait().await?;
    Ok(())
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n\r\n")
}

/// Requests against the floor; gives the floor's p50 over sixteen connections.
async fn requests(address: SocketAddr) -> Result<Duration> {
    let brief = "[brand]\\nname = \\\"B\\\"\\nurl = \\\"https://b.example\\\"\\none_line = \\\"A bakery.\\\"\\n[goal]\\ntext = \\\"Sell.\\\"\\ntimezone = \\\"UTC\\\"\\nstart = \\\"2030-01-01\\\"\\n";
    let body = format!("{{\"brief_toml\": \"{brief}\"}}");
    let create = format!(
        "POST /api/v1/campaigns HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer {TOKEN}\r\n\
        content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let created: serde_json::Value = serde_json::from_str(&once(address, &create).await?)?;
    let id = created["id"].as_str().context("the campaign has no id")?.to_string();
    println!("  connections                      1                              16");
    println!("                     req/s   p50 ms   p99 ms       req/s   p50 ms   p99 ms");
    let mut all = Vec::new();
    for (name, path) in [("floor", "/floor".to_string()), ("campaign", format!("/api/v1/campaigns/{id}"))] {
        load(address, &get(&path), 4, Duration::from_secs(1)).await?;
        let one = load(address, &get(&path), 1, LENGTH).await?;
        let sixteen = load(address, &get(&path), 16, LENGTH).await?;
        println!("  {name:<12} {}   {}", line(one), line(sixteen));
        all.push((one, sixteen));
    }
    let (floor, campaign) = (all[0], all[1]);
    println!(
        "  campaign against floor: {:.2} of its req/s at 1, {:.2} at 16; p50 {:.2} times at 1",
        campaign.0.per_second / floor.0.per_second,
        campaign.1.per_second / floor.1.per_second,
        campaign.0.p50.as_secs_f64() / floor.0.p50.as_secs_f64()
    );
    Ok(floor.1.p50)
}

fn line(measured: Measured) -> String {
    let (p50, p99) = (milliseconds(measured.p50), milliseconds(measured.p99));
    format!("{:>10.0} {p50:>8.3} {p99:>8.3}", measured.per_second)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

async fn wasm_jobs(folder: &Path, address: SocketAddr) -> Result<()> {
    let db = NativeDb::open(&folder.join("state/sqlite_db.db"))?;
    jobs::fill(&db, WASM_JOBS)?;
    let begin = Instant::now();
    let answer = once(address, &get("/noop")).await?;
    let seconds = begin.elapsed().as_secs_f64();
    // A drain ends with its budget, on a slow machine before the queue does.
    let finished = answer.strip_suffix(" jobs").and_then(|count| count.parse::<u32>().ok()).filter(|count| *count > 0);
    let finished = finished.with_context(|| format!("no jobs were worked: {answer}"))?;
    println!("  no-op jobs in wasm, 64 at a time: {:.0} jobs/s", f64::from(finished) / seconds);
    Ok(())
}
