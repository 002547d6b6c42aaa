//! A local Hub, an actix server that signs in with it, and a browser that talks HTTP to both.

use std::collections::BTreeMap;

use actix_web::dev::{ServerHandle, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Next, from_fn};
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpResponse, HttpServer, error, web};
use hf_oauth_actix::{App as HubApp, HuggingFace, Issuer, Scope, SignedIn, UnixTime, Visitor};
use hf_oauth_hub::{AppConfig, Clock, LocalHub, UserConfig};
use reqwest::Method;

pub(crate) const LOGIN: &str = "/oauth/huggingface/login";
pub(crate) const SECRET: &str = "a-client-secret-for-tests-9f8e7d6c";
/// The local Hub's access tokens live that long.
pub(crate) const LIFE: i64 = 28_800;

pub(crate) struct World {
    pub(crate) hub: LocalHub,
    pub(crate) clock: Clock,
    url: String,
    server: ServerHandle,
}

impl World {
    pub(crate) async fn new() -> Self {
        let clock = Clock::manual(1_800_000_000);
        let app = AppConfig::confidential("app", SECRET)
            .redirect_uri("http://127.0.0.1/oauth/huggingface/callback");
        let ada = UserConfig::new("ada").name("Ada Lovelace");
        let hub = LocalHub::builder().clock(clock.clone()).user(ada).app(app).start().await.unwrap();
        let ours = clock.clone();
        let auth = HuggingFace::new(HubApp::new("app").with_client_secret(SECRET))
            .with_issuer(Issuer::parse(hub.issuer()).unwrap())
            .with_clock(move || UnixTime::from_secs(ours.now().try_into().unwrap()));
        let auth = auth.start().await.unwrap();
        let app = move || auth.attach(App::new().configure(|config| routes(&auth, config)));
        // Two workers: they share what `auth` knows.
        let server = HttpServer::new(app).workers(2).disable_signals().bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { hub, clock, url, server: handle }
    }

    pub(crate) fn browser(&self) -> Browser {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy();
        Browser { url: self.url.clone(), http: http.build().unwrap(), jar: BTreeMap::new() }
    }

    pub(crate) async fn signed_in(&self) -> Browser {
        let mut browser = self.browser();
        let begun = browser.get(LOGIN).await;
        let back = self.hub.approve(begun.header("location"), "ada").await.unwrap();
        let done = browser.get(&back).await;
        assert_eq!((done.status, done.header("location")), (303, "/"), "{}", done.body);
        browser
    }

    pub(crate) fn refreshes(&self) -> usize {
        let journal = self.hub.journal();
        journal.to("/oauth/token").filter(|entry| entry.param("grant_type") == Some("refresh_token")).count()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // The command is on its way when this returns; the test does not wait for the workers.
        drop(self.server.stop(false));
    }
}

fn routes(auth: &HuggingFace, config: &mut ServiceConfig) {
    let nobodys = auth.guard().require_scopes([Scope::Jobs]);
    config
        .route("/", web::get().to(home))
        .route("/me", web::get().to(me))
        .route("/optional", web::get().to(optional))
        .route("/fails", web::get().to(fails))
        .route("/own", web::get().to(own_cookie))
        .service(web::resource("/broken").wrap(from_fn(broken)).route(web::get().to(me)))
        .service(web::scope("/closed").wrap(auth.guard()).route("/me", web::get().to(me)))
        .service(web::resource("/jobs").wrap(nobodys).route(web::get().to(me)))
        .service(web::scope("/app").configure(auth.routes()));
}

async fn home(visitor: Visitor) -> String {
    let name = visitor.identity().map_or("nobody", |user| user.display_name());
    format!(
        "{name}, {}",
        if matches!(visitor, Visitor::TokenUnavailable(_)) { "no token" } else { "all well" }
    )
}

async fn me(user: SignedIn) -> String {
    user.display_name().to_owned()
}

async fn optional(user: Option<SignedIn>) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.display_name().to_owned())
}

async fn fails(user: SignedIn) -> Result<HttpResponse, Error> {
    Err(error::ErrorConflict(format!("{} is in the way", user.display_name())))
}

async fn own_cookie() -> HttpResponse {
    HttpResponse::Ok().insert_header(("set-cookie", "mine=1; Path=/")).body("one cookie")
}

/// A middleware whose error nobody further in makes an answer of.
async fn broken(
    request: ServiceRequest,
    _: Next<actix_web::body::BoxBody>,
) -> Result<ServiceResponse, Error> {
    drop(request);
    Err(error::ErrorBadGateway("broken"))
}

/// A cookie jar and nothing else: it follows no redirect by itself. A clone has the same cookies and then goes its own way.
#[derive(Clone)]
pub(crate) struct Browser {
    url: String,
    http: reqwest::Client,
    jar: BTreeMap<String, String>,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn set_cookies(&self) -> Vec<&str> {
        self.headers.get_all("set-cookie").iter().map(|line| line.to_str().unwrap()).collect()
    }
}

impl Browser {
    /// Follows a link.
    pub(crate) async fn get(&mut self, target: &str) -> Answer {
        let navigation = [
            ("accept", "text/html"),
            ("sec-fetch-mode", "navigate"),
            ("sec-fetch-dest", "document"),
            ("sec-fetch-site", "same-origin"),
        ];
        self.send(Method::GET, target, &navigation).await
    }

    /// As a script does.
    pub(crate) async fn fetch(&mut self, target: &str) -> Answer {
        self.send(Method::GET, target, &[("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")]).await
    }

    pub(crate) async fn send(&mut self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let url =
            if target.starts_with("http") { target.to_owned() } else { format!("{}{target}", self.url) };
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = self.http.request(method, url).header("cookie", cookies.join("; "));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let answer = Answer { status, headers, body: answer.text().await.unwrap() };
        for line in answer.set_cookies() {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.jar.insert(name.to_owned(), value.to_owned());
            }
        }
        answer
    }
}
