//! The command line as a person meets it: what it says, and how it ends.

use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};

/// No answer takes longer.
const PATIENCE: Duration = Duration::from_secs(60);

fn rondo(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rondo"));
    command.args(arguments).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default()).kill_on_drop(true);
    command
}

/// Runs it to its end; gives the exit code and all that it said.
async fn end_of(command: &mut Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().await.unwrap();
    (status.code(), String::from_utf8([stdout, stderr].concat()).unwrap())
}

#[tokio::test]
async fn help_names_every_command_and_the_exit_codes_of_goal() {
    let (code, said) = end_of(&mut rondo(&["--help"])).await;
    assert_eq!(code, Some(0));
    for command in ["up", "build", "goal", "daemon", "doctor", "backup", "restore", "audit"] {
        assert!(said.contains(&format!("\n  {command} ")), "{command} is not in {said}");
    }
    let (_, said) = end_of(&mut rondo(&["help", "goal"])).await;
    assert!(said.contains("Exit codes:") && said.contains("waits_for"), "{said}");
}

#[tokio::test]
async fn what_cannot_be_meant_ends_with_2_and_says_why() {
    for arguments in [
        &["goal"][..],
        &["goal", "Sell bread", "--brief", "x.toml"],
        &["goal", "Sell bread", "--url", "http://127.0.0.1:1"],
        &["goal", "Sell bread", "--mode", "dress-rehearsal"],
        &["goal", "Sell bread", "--mode", "performance", "--approve"],
        &["daemon", "--url", "http://127.0.0.1:1"],
        &["up", "--listen", "three thousand"],
        &["up", "--variable", "novalue"],
        &["sing"],
    ] {
        let (code, said) = end_of(&mut rondo(arguments)).await;
        assert_eq!(code, Some(2), "{arguments:?}: {said}");
        assert!(said.contains("error:"), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_brief_is_refused_with_all_its_faults_before_anything_is_built_or_started() {
    let folder = tempfile::tempdir().unwrap();
    let brief = "[brand]\nname = 'B'\nurl = 'bread'\none_line = 'B.'\n\
        [goal]\ntext = 'Sell'\ntimezone = 'Mars/Olympus'\nstart = '2027-03-08'\n";
    std::fs::write(folder.path().join("brief.toml"), brief).unwrap();
    let (code, said) = end_of(rondo(&["goal", "--brief", "brief.toml"]).current_dir(folder.path())).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("brand.url") && said.contains("goal.timezone"), "{said}");
}

#[tokio::test]
async fn a_folder_without_a_manifest_is_said_to_have_none() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said) = end_of(rondo(&["up"]).current_dir(folder.path())).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("spin.toml") && said.contains("--from"), "{said}");
}

#[tokio::test]
async fn an_app_that_is_not_there_is_named_and_nothing_waits_for_it() {
    let (code, said) = end_of(&mut rondo(&["goal", "Sell bread", "--url", "http://127.0.0.1:9", "--token", "t"])).await;
    assert_eq!(code, Some(1));
    assert!(said.contains("http://127.0.0.1:9 does not answer"), "{said}");
}

#[tokio::test]
async fn doctor_ends_with_1_when_something_is_missing_and_says_what_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = "spin_manifest_version = 2\n[application]\nname = 'x'\n[variables]\nneeded = { required = true }\n\
        [[trigger.http]]\nroute = '/...'\ncomponent = 'x'\n[component.x]\nsource = 'x.wasm'\n";
    std::fs::write(folder.path().join("spin.toml"), manifest).unwrap();
    let (code, said) = end_of(rondo(&["doctor", "--listen", "127.0.0.1:0"]).current_dir(folder.path())).await;
    assert_eq!(code, Some(1), "{said}");
    for words in
        ["missing  wasm", "x.wasm is not built", "ok       port", "without a value: needed", "SPIN_VARIABLE_NEEDED"]
    {
        assert!(said.contains(words), "`{words}` is not in {said}");
    }
}

/// A conductor that a test plays itself.
struct Conductor {
    listener: TcpListener,
}

impl Conductor {
    async fn listen() -> Self {
        Self { listener: TcpListener::bind("127.0.0.1:0").await.unwrap() }
    }

    fn daemon(&self) -> Child {
        let url = format!("http://{}", self.listener.local_addr().unwrap());
        rondo(&["daemon", "--url", &url, "--secret", "s3cret", "--every", "0.01"]).spawn().unwrap()
    }

    /// Takes a tick; gives its connection and its head.
    async fn tick(&self) -> (TcpStream, String) {
        let took = tokio::time::timeout(PATIENCE, self.listener.accept()).await.expect("a tick comes");
        let (mut stream, _) = took.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        (stream, String::from_utf8(head).unwrap())
    }

    async fn answer(mut stream: TcpStream, status: &str) {
        let answer = format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

/// The next line that a child prints.
async fn line(lines: &mut tokio::io::Lines<BufReader<tokio::process::ChildStdout>>) -> String {
    tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line comes").unwrap().expect("it still runs")
}

#[tokio::test]
async fn a_tick_carries_the_secret_as_a_header_and_never_overlaps_the_one_before() {
    let conductor = Conductor::listen().await;
    let _daemon = conductor.daemon();
    let (first, head) = conductor.tick().await;
    assert!(head.starts_with("POST /wake/conductor HTTP/1.1\r\n"), "{head}");
    assert!(head.to_lowercase().contains("authorization: bearer s3cret"), "{head}");
    // Thirty intervals long nothing is answered; another tick would be here.
    let early = tokio::time::timeout(Duration::from_millis(300), conductor.listener.accept()).await;
    assert!(early.is_err(), "a second tick came while the first was not answered");
    Conductor::answer(first, "200 OK").await;
    conductor.tick().await;
}

#[tokio::test]
async fn the_daemon_says_only_what_changes() {
    let conductor = Conductor::listen().await;
    let mut daemon = conductor.daemon();
    let mut lines = BufReader::new(daemon.stdout.take().unwrap()).lines();
    assert!(line(&mut lines).await.starts_with("Ticking http://127.0.0.1:"));
    for status in ["200 OK", "500 Oh", "500 Oh", "500 Oh", "401 No", "200 OK"] {
        let (stream, _) = conductor.tick().await;
        Conductor::answer(stream, status).await;
    }
    assert!(line(&mut lines).await.starts_with("Ticking fails: 500"));
    assert!(line(&mut lines).await.contains("`wake_secret`"));
    assert_eq!(line(&mut lines).await, "Ticking works again, after 4 that failed.");
}

#[tokio::test]
async fn the_daemon_ends_well_when_it_is_asked_to() {
    let conductor = Conductor::listen().await;
    let mut daemon = conductor.daemon();
    conductor.tick().await;
    let asked = Command::new("kill").args(["-TERM", &daemon.id().unwrap().to_string()]).status().await.unwrap();
    assert!(asked.success());
    let ended = tokio::time::timeout(PATIENCE, daemon.wait()).await.expect("it ends").unwrap();
    assert_eq!(ended.code(), Some(0));
}

/// A state folder with an app's database, sealed once.
async fn state_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let db = ports::native::NativeDb::open(&folder.path().join("sqlite_db.db")).unwrap();
    store::migrate::ensure(&db).await.unwrap();
    let event = "insert into event (workspace_id, at, subject, kind, actor)
        select workspace.id, value, 'post:x', 'post.held', 'ada' from workspace, json_each('[1, 2, 3]')";
    db.run(event, &[]).unwrap();
    store::seal::seal(&db, 1_800_000_000_000).await.unwrap();
    folder
}

#[tokio::test]
async fn history_that_fits_its_seal_ends_with_0_and_one_that_does_not_with_1_and_its_first_event() {
    let folder = state_folder().await;
    let state = folder.path().to_str().unwrap();
    let verify = |more: &[&str]| rondo(&[&["audit", "verify", "--state-dir", state], more].concat());
    let (code, said) = end_of(&mut verify(&[])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("3 events, 1 to 3, in 1 seals"), "{said}");
    let head = said.split("head ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let (code, said) = end_of(&mut verify(&["--head", &head])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("holds the hash that you kept"), "{said}");
    let (code, said) = end_of(&mut verify(&["--head", &"0f".repeat(32)])).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BROKEN: no seal has the hash"), "{said}");

    let db = ports::native::NativeDb::open(&folder.path().join("sqlite_db.db")).unwrap();
    for sql in ["drop trigger event_is_never_changed", "update event set actor = 'eve' where seq = 2"] {
        db.run(sql, &[]).unwrap();
    }
    let (code, said) = end_of(&mut verify(&[])).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BROKEN: event 2 is not what was sealed"), "{said}");
}

#[tokio::test]
async fn a_backup_is_made_once_and_restored_into_an_empty_folder() {
    let folder = state_folder().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let (state, other) = (folder.path().to_str().unwrap(), elsewhere.path().to_str().unwrap());
    let file = elsewhere.path().join("copy.db");
    let file = file.to_str().unwrap();
    let (code, said) = end_of(&mut rondo(&["backup", "--state-dir", state, file])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("the seal over 3 events holds"), "{said}");
    let (code, said) = end_of(&mut rondo(&["backup", "--state-dir", state, file])).await;
    assert_eq!(code, Some(1), "{said}");
    let (code, said) = end_of(&mut rondo(&["restore", "--state-dir", other, file])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("0 campaigns in performance stand still"), "{said}");
    let (code, said) = end_of(&mut rondo(&["audit", "verify", "--state-dir", other])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 events since are not sealed yet"), "{said}");
}

/// Answers as the API does with this folder's seals, as often as it is asked.
async fn api_of(folder: &std::path::Path) -> String {
    let db = ports::native::NativeDb::open(&folder.join("sqlite_db.db")).unwrap();
    let (workspace_id, name) = store::seal::workspaces(&db).await.unwrap().remove(0);
    let seals = store::seal::after(&db, &workspace_id, 0, 200).await.unwrap();
    let lines = store::seal::lines(&db, &workspace_id, i64::MIN, 200).await.unwrap();
    let lines: Vec<_> = lines.iter().map(|text| serde_json::json!({ "seq": text.seq, "line": text.line })).collect();
    let sealed_to = store::seal::sealed_to(&db).await.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut bytes = vec![0; 8_192];
            let read = stream.read(&mut bytes).await.unwrap();
            let request = String::from_utf8_lossy(&bytes[..read]).into_owned();
            let body = match request.split_whitespace().nth(1).unwrap_or_default() {
                path if path.starts_with("/api/v1/me") => serde_json::json!({ "workspace": { "name": name } }),
                // Two pages, so that the second is asked for.
                path if path.starts_with("/api/v1/seals/lines") && path.contains("after=2") => {
                    serde_json::json!({ "items": lines[2..], "next": null })
                }
                path if path.starts_with("/api/v1/seals/lines") => {
                    serde_json::json!({ "items": lines[..2], "next": 2 })
                }
                _ => serde_json::json!({
                    "workspace_id": workspace_id, "sealed_to": sealed_to, "items": seals, "next": null,
                }),
            };
            let body = body.to_string();
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
            let answer = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn a_running_apps_history_is_checked_by_what_its_api_gives() {
    let folder = state_folder().await;
    let url = api_of(folder.path()).await;
    let verify = |url: &str, more: &[&str]| rondo(&[&["audit", "verify", "--url", url, "--token", "t"], more].concat());
    let (code, said) = end_of(&mut verify(&url, &[])).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("3 events, 1 to 3, in 1 seals"), "{said}");
    let head = said.split("head ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert_eq!(end_of(&mut verify(&url, &["--head", &head])).await.0, Some(0));
    let (code, said) = end_of(&mut verify(&url, &["--head", &"0f".repeat(32)])).await;
    assert_eq!(code, Some(1), "{said}");
    let db = ports::native::NativeDb::open(&folder.path().join("sqlite_db.db")).unwrap();
    for sql in [
        "drop trigger event_is_never_deleted",
        "drop trigger event_is_never_changed",
        "update event set kind = 'post.released' where seq = 3",
    ] {
        db.run(sql, &[]).unwrap();
    }
    let (code, said) = end_of(&mut verify(&api_of(folder.path()).await, &[])).await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BROKEN: event 3 is not what was sealed"), "{said}");
}
