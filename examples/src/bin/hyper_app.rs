//! A plain hyper app on core alone: no axum, no session crate. Core makes each request and reads each answer; this
//! file sends them (`send`), has a clock, a random generator and RSA, and remembers who is who.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use hf_oauth_core::{
    App, CALLBACK_PATH, CallbackParams, DiscoveryDocument, Hub, IdTokenPolicy, Issuer, Jwks, KeySet,
    LONGEST_BODY, LoginOptions, LoginSeed, OAuthUserInfo, PendingLogin, RedirectUri, Request, Response,
    RsaPublicKey, SignatureVerifier, TokenResponse, UnixTime, authorize, userinfo_request,
};
use http::{StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Answer = http::Response<Full<Bytes>>;

/// Logins that were begun; beyond these somebody plays a game.
const MOST_PENDING: usize = 10_000;

struct Site {
    app: App,
    hub: Hub,
    http: reqwest::Client,
    /// By the cookie that only this browser has: a callback that another browser brings finds nothing.
    pending: Mutex<HashMap<String, PendingLogin>>,
    /// A store that survives a restart, in earnest, with an end for every session.
    signed_in: Mutex<HashMap<String, OAuthUserInfo>>,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let listener = hf_oauth_examples::listener().await?;
    let redirect_uri = format!("http://{}{CALLBACK_PATH}", listener.local_addr()?);
    let variable = |name: &str, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let app = App::new(variable("OAUTH_CLIENT_ID", "local-app"))
        .with_redirect_uri(RedirectUri::parse(&redirect_uri)?);
    let issuer = Issuer::parse(&variable("OPENID_PROVIDER_URL", Issuer::HUGGING_FACE))?;
    // No redirect is followed: a token request must not travel on.
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let request = Hub::discovery_request(&issuer);
    let document = request.read::<DiscoveryDocument>(send(&http, &request).await?)?;
    let hub = Hub::from_discovery(&issuer, document, &[])?;
    let site = Arc::new(Site { app, hub, http, pending: Mutex::default(), signed_in: Mutex::default() });
    loop {
        let (stream, _) = listener.accept().await?;
        let site = site.clone();
        let service = service_fn(move |request| answer(site.clone(), request));
        tokio::spawn(
            hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
        );
    }
}

async fn answer(site: Arc<Site>, request: http::Request<Incoming>) -> Result<Answer, Infallible> {
    let outcome = match request.uri().path() {
        "/" => site.home(&request),
        "/login" => site.login(),
        CALLBACK_PATH => site.callback(&request).await,
        _ => text(StatusCode::NOT_FOUND, "not here"),
    };
    // What the errors of core say is fit to be shown: no control characters, nothing secret.
    Ok(outcome.unwrap_or_else(|error| text(StatusCode::BAD_REQUEST, &error.to_string()).unwrap_or_default()))
}

impl Site {
    fn home(&self, request: &http::Request<Incoming>) -> Result<Answer, Failure> {
        let user = cookie(request, "session").and_then(|id| lock(&self.signed_in).get(id).cloned());
        match user {
            Some(user) => {
                text(StatusCode::OK, &format!("Hello {}!", user.preferred_username.unwrap_or(user.sub)))
            }
            None => text(StatusCode::OK, "Go to /login"),
        }
    }

    fn login(&self) -> Result<Answer, Failure> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        let seed = LoginSeed::from_random_bytes(seed);
        let (request, pending) = authorize(&self.app, &self.hub, &LoginOptions::new(), &seed, now())?;
        let id = random_id()?;
        let mut waiting = lock(&self.pending);
        if waiting.len() >= MOST_PENDING {
            waiting.clear();
        }
        waiting.insert(id.clone(), pending);
        see_other(&request.url(), &[("login", &id, 600)])
    }

    async fn callback(&self, request: &http::Request<Incoming>) -> Result<Answer, Failure> {
        let params = CallbackParams::from_query(request.uri().query().unwrap_or_default())?;
        let id = cookie(request, "login").unwrap_or_default();
        let pending =
            lock(&self.pending).remove(id).ok_or("no login is under way in this browser: go to /login")?;
        let grant = match pending.accept(&self.hub, params, now()) {
            Ok(grant) => grant,
            Err(rejected) => {
                // A forged callback must not use up a real login.
                lock(&self.pending).insert(id.to_owned(), rejected.pending);
                return Err(rejected.error.into());
            }
        };
        let (request, exchange) = grant.exchange(&self.app, &self.hub)?;
        let answer = request.read::<TokenResponse>(self.send(&request).await?);
        let login = exchange.receive(answer, now(), None)?.decode()?;
        // An app with more visitors keeps the keys: `KeyCache` says when to fetch them again.
        let request = self.hub.keys_request();
        let keys = KeySet::from_jwks(request.read::<Jwks>(self.send(&request).await?)?);
        let login = login.verify(&self.app, &self.hub, &keys, &Rs256, IdTokenPolicy::default(), now())?;
        let mut identity = login.identity;
        if let Some(request) = userinfo_request(&self.hub, &login.tokens.access_token) {
            identity = identity.with_userinfo(request.read::<OAuthUserInfo>(self.send(&request).await?)?)?;
        }
        // A new id at every sign-in.
        let session = random_id()?;
        lock(&self.signed_in).insert(session.clone(), identity.into_user_info());
        see_other(login.return_path.as_str(), &[("session", &session, 28_800), ("login", "", 0)])
    }

    async fn send(&self, request: &Request) -> Result<Response, Failure> {
        send(&self.http, request).await
    }
}

/// Within the step's deadline, and no more than core wants to read.
async fn send(http: &reqwest::Client, request: &Request) -> Result<Response, Failure> {
    let mut sent = reqwest::Request::try_from(request.to_http().map(Vec::from))?;
    *sent.timeout_mut() = Some(request.step().deadline());
    let mut answer = http.execute(sent).await.map_err(reqwest::Error::without_url)?;
    let content_type = answer.headers().get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(reqwest::Error::without_url)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_BODY {
            break;
        }
    }
    let mut response = Response::new(answer.status().as_u16(), body);
    response.content_type = content_type;
    Ok(response)
}

/// Signatures by any library.
struct Rs256;

impl SignatureVerifier for Rs256 {
    fn verify_rs256(&self, key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
        let key = RsaPublicKeyComponents { n: key.modulus(), e: key.exponent() };
        key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok()
    }
}

fn now() -> UnixTime {
    SystemTime::now().into()
}

fn random_id() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn cookie<'a>(request: &'a http::Request<Incoming>, name: &str) -> Option<&'a str> {
    let headers =
        request.headers().get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    headers.flat_map(|line| line.split("; ")).find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn text(status: StatusCode, text: &str) -> Result<Answer, Failure> {
    let kind = "text/plain; charset=utf-8";
    let answer = http::Response::builder().status(status).header(header::CONTENT_TYPE, kind);
    Ok(answer.header("x-content-type-options", "nosniff").body(Full::from(text.to_owned()))?)
}

/// On https the cookies would be `Secure` as well, and named `__Host-`.
fn see_other(location: &str, cookies: &[(&str, &str, u32)]) -> Result<Answer, Failure> {
    let mut answer =
        http::Response::builder().status(StatusCode::SEE_OTHER).header(header::LOCATION, location);
    for (name, value, seconds) in cookies {
        let line = format!("{name}={value}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax");
        answer = answer.header(header::SET_COOKIE, line);
    }
    Ok(answer.header(header::CACHE_CONTROL, "no-store").body(Full::default())?)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
