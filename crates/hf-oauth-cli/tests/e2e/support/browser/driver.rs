//! chromedriver, and how many browsers run at once.

use std::fs::File;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};

use super::Settings;
use crate::support::folder::Folder;
use crate::support::program::{Program, bare};

/// Two browsers keep a small machine busy; more only make each other slow. Tests are processes, so files count them.
const AT_ONCE: usize = 2;

pub(super) struct Driver {
    url: String,
    // In the order of their end: the driver, its browser's profile, the permission to run one.
    _program: Program,
    profile: Folder,
    _slot: File,
}

impl Driver {
    pub(super) fn start(chromedriver: &Path) -> Self {
        let slot = slot();
        let mut command = bare(chromedriver);
        command.args(["--port=0", "--log-level=WARNING"]);
        let mut program = Program::start(command);
        let port = program.line(|line| {
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        Self {
            url: format!("http://127.0.0.1:{port}"),
            _program: program,
            profile: Folder::new(),
            _slot: slot,
        }
    }

    pub(super) async fn session(&self, chromium: &Path, settings: Settings) -> Client {
        let profile = self.profile.path().join("profile");
        let blocked = settings.no_cookies_on.map(|host| (format!("{host},*"), json!({ "setting": 2 })));
        let blocked: Value = blocked.into_iter().collect::<Map<_, _>>().into();
        let capabilities = json!({
            "pageLoadStrategy": "normal",
            "goog:loggingPrefs": { "performance": "ALL" },
            "goog:chromeOptions": {
                "binary": chromium,
                "prefs": { "profile": {
                    "content_settings": { "exceptions": { "cookies": blocked } },
                    "block_third_party_cookies": settings.no_third_party_cookies,
                    // 1 blocks them, 0 lets all of them be.
                    "cookie_controls_mode": u8::from(settings.no_third_party_cookies),
                } },
                "args": [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
                    "--disable-background-networking", "--disable-component-update", "--disable-sync",
                    "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
                    "--remote-debugging-pipe", "--window-size=1280,900",
                    format!("--user-data-dir={}", profile.display()),
                ],
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!() };
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities);
        builder.connect(&self.url).await.unwrap()
    }
}

/// Waits for one of the slots. A lock ends with its process, however that ends.
fn slot() -> File {
    let start = Instant::now();
    loop {
        for number in 0..AT_ONCE {
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{number}.lock"));
            let file = File::create(path).unwrap();
            if file.try_lock().is_ok() {
                return file;
            }
        }
        assert!(start.elapsed() < Duration::from_secs(1800), "other tests' browsers never end");
        thread::sleep(Duration::from_millis(50));
    }
}
