//! A local Hub, an app that signs in with it, and a clock that both go by.

use hf_oauth_hub::{AppConfig, Clock, LocalHub, OrgConfig, UserConfig};
use hf_oauth_web::{HuggingFace, Issuer, Keyring, UnixTime};

use crate::adapter::{Adapter, App, Gate, Shape};
use crate::browser::{Answer, Browser};
use crate::orgs::{ENGINE, PARK};

pub(crate) type Settings = hf_oauth_web::Settings<HuggingFace>;

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const CALLBACK: &str = "/oauth/huggingface/callback";
pub(crate) const LOGIN: &str = "/oauth/huggingface/login";
pub(crate) const LOGOUT: &str = "/oauth/huggingface/logout";
pub(crate) const SECRET: &str = "a-client-secret-for-tests-9f8e7d6c";

pub(crate) struct World {
    pub(crate) hub: LocalHub,
    pub(crate) clock: Clock,
    pub(crate) auth: HuggingFace,
    pub(crate) adapter: Adapter,
    pub(crate) gate: Gate,
    pub(crate) app: App,
}

impl World {
    /// An app with a secret, on loopback.
    pub(crate) async fn new(adapter: Adapter) -> Self {
        Self::with(adapter, |settings| settings).await
    }

    pub(crate) async fn with(adapter: Adapter, change: impl FnOnce(Settings) -> Settings) -> Self {
        let (hub, clock) = hub().await;
        let auth = change(settings(&hub, &clock)).start().await.unwrap();
        Self::of(adapter, hub, clock, auth)
    }

    fn of(adapter: Adapter, hub: LocalHub, clock: Clock, auth: HuggingFace) -> Self {
        let gate = Gate::new();
        let app = adapter.serve(auth.clone(), Shape::Attached, gate.clone());
        Self { hub, clock, auth, adapter, gate, app }
    }

    /// At `https://app.example.com`.
    pub(crate) async fn https(adapter: Adapter) -> Self {
        Self::with(adapter, |settings| settings.with_public_url("https://app.example.com")).await
    }

    /// In a Space, as its environment says.
    pub(crate) async fn space(adapter: Adapter) -> Self {
        Self::space_with(adapter, |settings| settings).await
    }

    pub(crate) async fn space_with(adapter: Adapter, change: impl FnOnce(Settings) -> Settings) -> Self {
        Self::space_at(adapter, "ada-app.hf.space,app.example.com", change).await
    }

    /// In a Space with these hosts.
    pub(crate) async fn space_at(
        adapter: Adapter,
        hosts: &str,
        change: impl FnOnce(Settings) -> Settings,
    ) -> Self {
        let (hub, clock) = hub().await;
        let auth = change(space_settings(&hub, &clock, hosts)).start().await.unwrap();
        let redirect_uri = auth.redirect_uri().as_str();
        hub.add_app(AppConfig::confidential("space", SECRET).redirect_uri(redirect_uri).space(true));
        Self::of(adapter, hub, clock, auth)
    }

    /// The same app, restarted with other settings at the same Hub.
    pub(crate) async fn restarted(&self, change: impl FnOnce(Settings) -> Settings) -> App {
        let auth = change(settings(&self.hub, &self.clock)).start().await.unwrap();
        self.adapter.serve(auth, Shape::Attached, Gate::new())
    }

    /// The same sign-in, attached otherwise.
    pub(crate) fn attached(&self, shape: Shape) -> App {
        self.adapter.serve(self.auth.clone(), shape, self.gate.clone())
    }

    pub(crate) fn browser(&self) -> Browser {
        let host = self.auth.redirect_uri().as_str().split('/').nth(2).unwrap().to_owned();
        let host = if host == "localhost" { "localhost:7860".to_owned() } else { host };
        Browser::new(&self.app).at(&host)
    }

    /// Clicks, approves, and comes back: the answer of the callback.
    pub(crate) async fn sign_in(&self, browser: &mut Browser, username: &str, target: &str) -> Answer {
        let started = browser.get(&format!("{LOGIN}?_target_url={}", encoded(target))).await;
        self.come_back(browser, started.location(), username).await
    }

    pub(crate) async fn come_back(
        &self,
        browser: &mut Browser,
        authorize_url: &str,
        username: &str,
    ) -> Answer {
        let back = self.hub.approve(authorize_url, username).await.unwrap();
        browser.get(&back).await
    }

    /// A browser of somebody who is signed in.
    pub(crate) async fn signed_in(&self, username: &str) -> Browser {
        let mut browser = self.browser();
        let answer = self.sign_in(&mut browser, username, "/").await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        browser
    }

    pub(crate) fn token_requests(&self) -> usize {
        self.hub.journal().count("/oauth/token")
    }

    pub(crate) fn refreshes(&self) -> usize {
        self.hub
            .journal()
            .to("/oauth/token")
            .filter(|entry| entry.param("grant_type") == Some("refresh_token"))
            .count()
    }
}

pub(crate) async fn hub() -> (LocalHub, Clock) {
    let clock = Clock::manual(NOW);
    let config = AppConfig::confidential("app", SECRET);
    let hosts = ["http://localhost", "http://127.0.0.1", "http://[::1]", "https://app.example.com"];
    let config = hosts.iter().fold(config, |app, host| app.redirect_uri(format!("{host}{CALLBACK}")));
    let mut engine = OrgConfig::new("engine").name("Engine & <Sons>").role("admin");
    engine.sub = Some(ENGINE.to_owned());
    let mut park = OrgConfig::new("park").role("write").restricted_by("sso");
    park.sub = Some(PARK.to_owned());
    let mut linus = UserConfig::new("linus").name("Linus Pauling");
    linus.orgs = (1..=200).map(|number| OrgConfig::new(format!("laboratory-{number}"))).collect();
    let hub = LocalHub::builder()
        .clock(clock.clone())
        .user(UserConfig::new("ada").name("Ada Lovelace").email("ada@example.com").pro(true).org(engine))
        .user(UserConfig::new("grace").name("Grace Hopper"))
        .user(UserConfig::new("alan").name("Alan Turing").org(park))
        .user(linus)
        .app(config)
        .start()
        .await
        .unwrap();
    (hub, clock)
}

pub(crate) fn settings(hub: &LocalHub, clock: &Clock) -> Settings {
    let clock = clock.clone();
    HuggingFace::new(hf_oauth_web::App::new("app").with_client_secret(SECRET))
        .with_issuer(Issuer::parse(hub.issuer()).unwrap())
        .with_clock(move || now(&clock))
}

/// What a Space with these hosts finds in its environment.
pub(crate) fn space_settings(hub: &LocalHub, clock: &Clock, hosts: &str) -> Settings {
    let clock = clock.clone();
    HuggingFace::from_vars(|name| {
        Some(match name {
            "OAUTH_CLIENT_ID" => "space".to_owned(),
            "OAUTH_CLIENT_SECRET" => SECRET.to_owned(),
            "OAUTH_SCOPES" => "inference-api".to_owned(),
            "OPENID_PROVIDER_URL" => hub.issuer().to_owned(),
            "SPACE_HOST" => hosts.to_owned(),
            "SPACE_ID" => "ada/app".to_owned(),
            _ => return None,
        })
    })
    .with_clock(move || now(&clock))
}

pub(crate) fn now(clock: &Clock) -> UnixTime {
    UnixTime::from_secs(clock.now().try_into().unwrap())
}

pub(crate) fn keys(text: &str) -> Keyring {
    Keyring::new([format!("{text}-0123456789abcdefghijklmnopqrstuvwxyz")]).unwrap()
}

pub(crate) fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
