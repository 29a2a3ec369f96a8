//! Builds the test component, and runs manifests that use it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

use runner::{App, Options, Progress};
use tokio::sync::oneshot;

use crate::client::{Reply, request};

/// What most tests run: one component that answers everything, and a private one behind it.
pub const MANIFEST: &str = r#"
    [[trigger.http]]
    route = "/..."
    component = "main"
    [[trigger.http]]
    route = { private = true }
    component = "hidden"
    [component.main]
    source = "GUEST"
    sqlite_databases = ["default"]
    key_value_stores = ["default"]
    allowed_outbound_hosts = ["http://127.0.0.1:*", "http://hidden.spin.internal", "http://nobody.spin.internal"]
    [component.hidden]
    source = "GUEST"
"#;

/// The component of `tests/guest`, built once.
pub fn guest() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("guest");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--release", "--target", "wasm32-wasip1", "--target-dir"])
            .arg(&target)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guest"))
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the test component does not build");
        target.join("wasm32-wasip1/release/runner_test_guest.wasm")
    })
}

/// A folder with a manifest in it, and everything else that a start needs.
pub struct Setup {
    pub folder: PathBuf,
    pub options: Options,
}

impl Setup {
    pub fn new(manifest: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let folder = tmp.join(format!("app-{}-{count}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("the test's folder can be made");
        let manifest = manifest.replace("GUEST", &guest().to_string_lossy());
        let head = "spin_manifest_version = 2\n[application]\nname = 'test'\n";
        std::fs::write(folder.join("spin.toml"), format!("{head}{manifest}")).expect("it can be written");
        let options = Options {
            manifest: folder.join("spin.toml"),
            listen: "127.0.0.1:0".parse().expect("an address"),
            state_dir: Some(folder.join(".spin")),
            variables: Vec::new(),
            runtime_config: None,
            cache_dir: tmp.join("cache"),
            quiet: true,
        };
        Self { folder, options }
    }

    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
        self
    }

    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.options.variables.push((name.into(), value.into()));
        self
    }

    pub fn runtime_config(mut self, text: &str) -> Self {
        let path = self.folder.join("runtime.toml");
        std::fs::write(&path, text).expect("it can be written");
        self.options.runtime_config = Some(path);
        self
    }

    pub fn in_memory(mut self) -> Self {
        self.options.state_dir = None;
        self
    }

    /// Loads the app and serves it until the value is dropped.
    pub fn run(self) -> Running {
        let (send, receive) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let options = self.options.clone();
        let thread = std::thread::spawn(move || {
            runtime().block_on(async {
                let app = App::load(options, &|_| ()).await.expect("the app loads");
                send.send(app.address()).expect("the test waits");
                app.serve(stopped).await.expect("the app serves");
            });
        });
        let address = receive.blocking_recv().expect("the app loads");
        Running { setup: self, address, stop: Some(stop), thread: Some(thread) }
    }

    /// Why the app does not load.
    pub fn refusal(&self) -> String {
        let loaded = runtime().block_on(App::load(self.options.clone(), &|_| ()));
        format!("{:#}", loaded.err().expect("the app must not load"))
    }

    /// Which components had been compiled before, in order.
    pub fn cached(&self) -> Vec<bool> {
        let seen = std::cell::RefCell::new(Vec::new());
        let note = |progress: Progress| {
            if let Progress::Ready { cached, .. } = progress {
                seen.borrow_mut().push(cached);
            }
        };
        runtime().block_on(App::load(self.options.clone(), &note)).map(drop).expect("the app loads");
        seen.into_inner()
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// An app that is being served.
pub struct Running {
    pub setup: Setup,
    address: Option<SocketAddr>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub fn address(&self) -> SocketAddr {
        self.address.expect("the app answers HTTP")
    }

    pub fn get(&self, path: &str) -> Reply {
        request(self.address(), &format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"))
    }

    pub fn post(&self, path: &str, body: &str) -> Reply {
        let length = body.len();
        request(
            self.address(),
            &format!("POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n{body}"),
        )
    }

    pub fn state(&self, file: &str) -> PathBuf {
        self.setup.folder.join(".spin").join(file)
    }

    pub fn tell_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    pub fn wait_for_end(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the app ends without a panic");
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.tell_to_stop();
        if !std::thread::panicking() {
            self.wait_for_end();
        }
        let _ = std::fs::remove_dir_all(&self.setup.folder);
    }
}
