//! Which browser, and what a person set in it.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::support::environment::Programs;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Chromium,
    Firefox,
    /// WebKitGTK's own small browser.
    WebKit,
}

/// What a person set in the browser's settings. Only Chromium is told of a single host.
#[derive(Clone, Copy, Default)]
pub(crate) struct Settings {
    /// The host from which no cookie is kept.
    pub(crate) no_cookies_on: Option<&'static str>,
    /// No cookies of other sites; Chromium keeps partitioned ones all the same, Firefox none.
    pub(crate) no_third_party_cookies: bool,
    pub(crate) no_script: bool,
    /// A name that means this machine as well, as one of a local network does; Chromium only.
    pub(crate) name_of_this_machine: Option<&'static str>,
    /// A certificate that nobody vouches for is good enough.
    pub(crate) any_certificate: bool,
}

impl Settings {
    pub(crate) const NO_THIRD_PARTY_COOKIES: Self = Self {
        no_cookies_on: None,
        no_third_party_cookies: true,
        no_script: false,
        name_of_this_machine: None,
        any_certificate: false,
    };
}

impl Kind {
    /// What the driver is asked for.
    pub(super) fn capabilities(
        self,
        programs: &Programs,
        profile: &Path,
        settings: Settings,
    ) -> Map<String, Value> {
        let (key, options) = match self {
            Self::Chromium => ("goog:chromeOptions", chromium(&programs.browser, profile, settings)),
            Self::Firefox => ("moz:firefoxOptions", firefox(&programs.browser, settings)),
            Self::WebKit => {
                ("webkitgtk:browserOptions", json!({ "binary": programs.browser, "args": webkit(settings) }))
            }
        };
        let mut all = Map::new();
        all.insert("pageLoadStrategy".to_owned(), "normal".into());
        all.insert("acceptInsecureCerts".to_owned(), settings.any_certificate.into());
        all.insert(key.to_owned(), options);
        if self == Self::Chromium {
            all.insert("goog:loggingPrefs".to_owned(), json!({ "performance": "ALL" }));
        }
        all
    }
}

fn chromium(binary: &Path, profile: &Path, settings: Settings) -> Value {
    let blocked = settings.no_cookies_on.map(|host| (format!("{host},*"), json!({ "setting": 2 })));
    let blocked: Value = blocked.into_iter().collect::<Map<_, _>>().into();
    let name = settings.name_of_this_machine.unwrap_or("nowhere.invalid");
    json!({
        "binary": binary,
        "prefs": { "profile": {
            "content_settings": { "exceptions": { "cookies": blocked } },
            // 1 blocks them, 0 lets all of them be.
            "cookie_controls_mode": u8::from(settings.no_third_party_cookies),
            "block_third_party_cookies": settings.no_third_party_cookies,
            "default_content_setting_values": { "javascript": if settings.no_script { 2 } else { 1 } },
        } },
        "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--disable-dev-shm-usage", "--hide-scrollbars", "--force-device-scale-factor=1",
            "--remote-debugging-pipe", "--window-size=1280,900",
            format!("--host-resolver-rules=MAP {name} 127.0.0.1"),
            format!("--user-data-dir={}", profile.display()),
        ],
    })
}

fn firefox(binary: &Path, settings: Settings) -> Value {
    let mut prefs = json!({
        "javascript.enabled": !settings.no_script,
        // It asks its maker for news, and nobody answers here.
        "services.settings.server": "data:,",
        "app.normandy.enabled": false,
    });
    if settings.no_third_party_cookies {
        // "All cross-site cookies"; the default is 5, "cross-site tracking cookies, and isolate other cross-site cookies".
        prefs["network.cookie.cookieBehavior"] = 1.into();
    }
    json!({ "binary": binary, "args": ["-headless", "--width=1280", "--height=900"], "prefs": prefs })
}

fn webkit(settings: Settings) -> Vec<&'static str> {
    let mut args = vec!["--automation", "--geometry=1280x900"];
    // What it does unless told otherwise is to keep none of other sites.
    args.push(if settings.no_third_party_cookies {
        "--cookies-policy=no-third-party"
    } else {
        "--cookies-policy=always"
    });
    if settings.no_script {
        args.push("--enable-javascript=false");
    }
    args
}
