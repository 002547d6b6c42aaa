//! A login in one call, and an eye on every error: none may say a secret.

use std::error::Error;
use std::io;
use std::sync::{Arc, Mutex};

use hf_oauth::{
    App, Client, Issuer, LoginError, LoginOptions, PendingLogin, RedirectUri, Tokens, UnixTime, VerifiedLogin,
};
use hf_oauth_hub::{AppConfig, Clock, LocalHub};
use tracing_subscriber::fmt::MakeWriter;

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const CALLBACK: &str = "http://localhost:7860/cb";
pub(crate) const CLIENT_SECRET: &str = "canary-client+secret: %/";

pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const TOKEN: &str = "/oauth/token";
pub(crate) const USERINFO: &str = "/oauth/userinfo";
pub(crate) const JWKS: &str = "/oauth/jwks";

/// A Hub whose time stands still, with a public app and one that has a secret.
pub(crate) async fn hub() -> LocalHub {
    with_apps(LocalHub::builder().clock(Clock::manual(NOW)).start().await.unwrap())
}

pub(crate) fn with_apps(hub: LocalHub) -> LocalHub {
    hub.add_app(AppConfig::public("app").redirect_uri("http://localhost/cb"));
    hub.add_app(AppConfig::confidential("server", CLIENT_SECRET).redirect_uri("http://localhost/cb"));
    hub
}

pub(crate) fn app() -> App {
    App::new("app").with_redirect_uri(RedirectUri::parse(CALLBACK).unwrap())
}

pub(crate) fn server_app() -> App {
    App::new("server")
        .with_client_secret(CLIENT_SECRET)
        .with_redirect_uri(RedirectUri::parse(CALLBACK).unwrap())
}

/// The public app at this Hub, by the Hub's own clock.
pub(crate) fn client(hub: &LocalHub) -> Client {
    client_of(app(), hub)
}

pub(crate) fn client_of(app: App, hub: &LocalHub) -> Client {
    let clock = hub.clock().clone();
    Client::new(app)
        .with_issuer(Issuer::parse(hub.issuer()).unwrap())
        .with_clock(move || UnixTime::from_secs(i64::try_from(clock.now()).unwrap()))
}

/// How often a path of the Hub was asked.
pub(crate) fn asked(hub: &LocalHub, path: &str) -> usize {
    hub.journal().count(path)
}

/// A login of ada, from the URL to the end.
pub(crate) async fn login(client: &Client, hub: &LocalHub) -> Result<VerifiedLogin, LoginError> {
    let (url, pending) = client.login_url(&LoginOptions::new()).await?;
    let redirect = hub.approve(&url, "ada").await.unwrap();
    let (pending, secrets) = secrets_of(pending, &redirect);
    let result = client.handle_redirect(&redirect, pending).await;
    result.inspect_err(|error| no_secret_in(error, &secrets))
}

/// A login that must fail. Its error is looked at for secrets.
pub(crate) async fn failed(client: &Client, hub: &LocalHub) -> LoginError {
    login(client, hub).await.expect_err("this login must fail")
}

pub(crate) async fn tokens(client: &Client, hub: &LocalHub) -> (String, Tokens) {
    let login = login(client, hub).await.unwrap();
    (login.identity.subject().to_owned(), login.tokens)
}

/// A parameter of a URL.
pub(crate) fn param(url: &str, name: &str) -> Option<String> {
    let url = url::Url::parse(url).unwrap();
    url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// What a login knows that nobody may read in an error.
pub(crate) fn secrets_of(pending: PendingLogin, redirect: &str) -> (PendingLogin, Vec<String>) {
    let parts = pending.into_parts();
    let mut secrets = vec![parts.code_verifier.clone(), parts.nonce.clone(), parts.state.clone()];
    secrets.extend(param(redirect, "code"));
    (PendingLogin::from_parts(parts).unwrap(), secrets)
}

/// Row 62: whatever can be read of an error, by people (`Display`), by logs (`Debug`) and along its sources.
pub(crate) fn no_secret_in(error: &(dyn Error + 'static), secrets: &[String]) {
    let mut text = String::new();
    let mut next = Some(error);
    let mut above = String::new();
    while let Some(error) = next {
        let display = error.to_string();
        assert!(!display.is_empty() && display != above, "an error repeats its source: {display}");
        text += &format!("{display}\n{error:?}\n{error:#?}\n");
        above = display;
        next = error.source();
    }
    let known = ["hf_oauth_local_", "local_code_", "canary", "eyJ", CLIENT_SECRET];
    for secret in known.into_iter().chain(secrets.iter().map(String::as_str)) {
        assert!(!text.contains(secret), "{secret:?} in {text}");
    }
}

/// `Debug` of an error, to be compared with the beginning of it: `IdToken(Nonce`.
pub(crate) fn assert_kind(error: &LoginError, expected: &str, what: &str) {
    let found = format!("{error:?}");
    assert!(found.starts_with(expected), "{what}: expected {expected}, found {found}");
}

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything at TRACE on this thread, which is the only one of such a test.
pub(crate) fn listen() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    (log, tracing::subscriber::set_default(subscriber))
}
