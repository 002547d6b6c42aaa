use std::fmt;
use std::ops::Deref;

use axum::Router;
use axum::extract::Request;
use axum::routing::{MethodFilter, on};
use hf_oauth_web::{OAuthInfo, Route, Visit};
use http::{Extensions, HeaderMap, Method, Uri};

use crate::convert::{Head, response};
use crate::frames::FrameLayer;
use crate::guard::Guard;
use crate::layer::AuthLayer;

/// Settings of sign-in for an axum app; [`start`](hf_oauth_web::Settings::start) makes a [`HuggingFace`] of them.
pub type Settings = hf_oauth_web::Settings<HuggingFace>;

/// Sign in with Hugging Face, running. Cheap to clone; clones are the same.
///
/// It derefs to [`hf_oauth_web::HuggingFace`], which has paths, the button and the client. See the [crate](crate) for the
/// whole.
///
/// ```
/// # tokio::runtime::Runtime::new()?.block_on(async {
/// use axum::{Router, routing::get};
/// use hf_oauth_axum::{App, HuggingFace};
/// use tower::ServiceExt as _;
///
/// let auth = HuggingFace::new(App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c"))
///     .with_public_url("https://app.example.com")
///     .start()
///     .await?;
/// let app = auth.attach(Router::new().route("/", get(async || "for everybody")));
///
/// // The address of `auth.sign_in_button("/")` sends a browser to the Hub.
/// let login = http::Request::get("/oauth/huggingface/login").header("host", "app.example.com");
/// let response = app.oneshot(login.body(axum::body::Body::empty())?).await?;
/// assert!(response.headers()["location"].to_str()?.starts_with("https://huggingface.co/oauth/authorize?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).map_err(|error| error.to_string())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct HuggingFace(hf_oauth_web::HuggingFace);

impl HuggingFace {
    /// The app of the environment: in a Space the one that `hf_oauth: true` made, elsewhere that of `OAUTH_CLIENT_ID`. See
    /// [`hf_oauth_web::Settings::from_env`] for every variable.
    pub fn from_env() -> Settings {
        Settings::from_env()
    }

    /// As [`from_env`](Self::from_env), of other variables than the process's.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Settings {
        Settings::from_vars(lookup)
    }

    /// An app that is registered with the Hub.
    ///
    /// Its redirect URI, where it has one, says where the app runs, as
    /// [`with_public_url`](hf_oauth_web::Settings::with_public_url) and
    /// [`with_callback_path`](hf_oauth_web::Settings::with_callback_path) do.
    pub fn new(app: hf_oauth_web::App) -> Settings {
        Settings::new(app)
    }

    /// Adds the routes and the layer to an app that is otherwise complete: routes added afterwards see nobody.
    ///
    /// The router must be the outermost one: routes that are nested below another path answer with a page that says so. For
    /// an app below a path, name that path by [`with_prefix`](hf_oauth_web::Settings::with_prefix); a proxy in front must
    /// pass it on, not take it off.
    pub fn attach<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.merge(self.routes()).layer(self.layer())
    }

    /// The routes for login, callback and logout, and for what their pages load.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        self.own_routes().fold(Router::new(), |router, route| {
            let auth = self.clone();
            let filter = if route.methods().contains(&"POST") {
                MethodFilter::GET.or(MethodFilter::POST)
            } else {
                MethodFilter::GET
            };
            let answer = move |request: Request| async move { auth.answer_to(route, request).await };
            router.route(self.path(route), on(filter, answer))
        })
    }

    async fn answer_to(&self, route: Route, request: Request) -> axum::response::Response {
        let (parts, _) = request.into_parts();
        let visit = parts.extensions.get::<Visit>().cloned();
        let head = Head::of_parts(&parts);
        response(self.answer(route, &head.request(), visit).await)
    }

    /// The layer that reads the session, refreshes it, and sends its cookies.
    pub fn layer(&self) -> AuthLayer {
        AuthLayer::new(self.0.clone())
    }

    /// Closes routes to those who are not signed in: for [`Router::route_layer`].
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use axum::{Router, routing::get};
    /// use hf_oauth_axum::{App, HuggingFace, Scope};
    ///
    /// # let app = App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    /// let auth = HuggingFace::new(app).start().await?;
    /// let members = Router::new()
    ///     .route("/members", get(async || "welcome"))
    ///     .route_layer(auth.guard().require_scopes([Scope::InferenceApi]).require_org("5f0c2b1a9d8e7f6a5b4c3d2e")?);
    /// let app: Router = auth.attach(members);
    /// # let _ = app;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn guard(&self) -> Guard {
        Guard::new(self.0.clone())
    }

    /// The layer for pages of the app that only those may frame who may show the app
    /// ([`with_frame_ancestors`](hf_oauth_web::Settings::with_frame_ancestors)): it says so with every answer that does not say
    /// so itself (`Content-Security-Policy: frame-ancestors`), and answers to everybody else's frame with a page that says
    /// where to open the app.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// use axum::{Router, routing::get};
    /// use hf_oauth_axum::{App, HuggingFace};
    /// use tower::ServiceExt as _;
    ///
    /// # let app = App::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-4f6a-8b5c-0d1e2f3a4b5c");
    /// let auth = HuggingFace::new(app).with_frame_ancestors(["https://portal.example".parse()?]).start().await?;
    /// let app = auth.attach(Router::new().route("/", get(async || "the app")).layer(auth.frames()));
    ///
    /// for (page, policy) in [
    ///     ("https://portal.example/apps", "frame-ancestors 'self' https://portal.example"),
    ///     ("https://evil.example/", "frame-ancestors *"),
    /// ] {
    ///     let framed = http::Request::get("/").header("host", "localhost").header("sec-fetch-dest", "iframe");
    ///     let framed = framed.header("sec-fetch-mode", "navigate").header("sec-fetch-site", "cross-site");
    ///     let framed = framed.header("referer", page).body(axum::body::Body::empty())?;
    ///     let answer = app.clone().oneshot(framed).await?;
    ///     assert!(answer.headers()["content-security-policy"].to_str()?.ends_with(policy), "{page}");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).map_err(|error| error.to_string())?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn frames(&self) -> FrameLayer {
        FrameLayer::new(self.0.clone())
    }

    /// The page for somebody to whom a site shows the app in a frame that may not: see
    /// [`hf_oauth_web::HuggingFace::framed_page`]. [`frames`](Self::frames) answers with it.
    pub fn framed_page(&self, request: &Request) -> Option<axum::response::Response> {
        let head = Head::new(request.method(), request.uri(), request.headers(), request.extensions());
        self.0.framed_page(&head.request()).map(response)
    }

    /// Who is signed in according to a request's headers, for code without extractors: see
    /// [`hf_oauth_web::HuggingFace::parse_huggingface_oauth`].
    pub fn parse_huggingface_oauth(&self, headers: &HeaderMap) -> Option<OAuthInfo> {
        let nothing = (Method::GET, Uri::default(), Extensions::new());
        self.0.parse_huggingface_oauth(&Head::of_headers(headers, &nothing).request())
    }
}

impl From<hf_oauth_web::HuggingFace> for HuggingFace {
    fn from(running: hf_oauth_web::HuggingFace) -> Self {
        Self(running)
    }
}

impl Deref for HuggingFace {
    type Target = hf_oauth_web::HuggingFace;

    fn deref(&self) -> &hf_oauth_web::HuggingFace {
        &self.0
    }
}

impl fmt::Debug for HuggingFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
