use std::fmt;
use std::sync::Arc;

use axum::Router;
use axum::routing::{MethodRouter, get};
use hf_oauth::{Client, OAuthInfo, OAuthUserInfo, RedirectUri, ReturnPath, UserinfoError};
use hf_oauth_session::{CookieHeaders, Session};
use http::header::ORIGIN;
use http::{HeaderMap, Uri, header};

use crate::address::Address;
use crate::flights::Flights;
use crate::guard::Guard;
use crate::layer::AuthLayer;
use crate::logout;
use crate::paths::Paths;
use crate::refresh;
use crate::settings::OnSignIn;
use crate::start::LocalHubHandle;

/// Sign in with Hugging Face, running. Cheap to clone; clones are the same.
///
/// See the [crate](crate) for the whole.
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
pub struct HuggingFace(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) client: Client,
    pub(crate) paths: Paths,
    pub(crate) address: Address,
    pub(crate) on_sign_in: Option<OnSignIn>,
    /// Logins whose code is being exchanged, by `state`.
    pub(crate) sign_ins: Flights<crate::callback::Outcome>,
    /// What the Hub says of somebody whose cookies had no room for all of it.
    pub(crate) userinfos: Flights<Arc<Result<OAuthUserInfo, UserinfoError>>>,
    /// Sessions that are being refreshed, by refresh token.
    pub(crate) refreshes: refresh::Refreshes,
    /// Ends with the app.
    pub(crate) _local_hub: Option<LocalHubHandle>,
}

impl HuggingFace {
    /// Adds the routes and the layer to an app that is otherwise complete: routes added afterwards see nobody.
    pub fn attach<S: Clone + Send + Sync + 'static>(&self, router: Router<S>) -> Router<S> {
        router.merge(self.routes()).layer(self.layer())
    }

    /// The routes for login, callback and logout.
    pub fn routes<S: Clone + Send + Sync + 'static>(&self) -> Router<S> {
        let paths = &self.0.paths;
        let (login, switch, callback, page, logout) =
            (self.clone(), self.clone(), self.clone(), self.clone(), self.clone());
        let logout: MethodRouter<S> =
            get(move |request| async move { logout::ask_or_sign_out(&page, request).await })
                .post(move |request| async move { logout::sign_out(&logout, request).await });
        Router::new()
            .route(
                &paths.login,
                get(move |request| async move { crate::login::login(&login, request).await }),
            )
            .route(
                &paths.switch,
                get(move |request| async move { crate::login::switch(&switch, request).await }),
            )
            .route(
                &paths.callback,
                get(move |request| async move { crate::callback::callback(&callback, request).await }),
            )
            .route(&paths.logout, logout)
    }

    /// The layer that reads the session, refreshes it, and sends its cookies.
    pub fn layer(&self) -> AuthLayer {
        AuthLayer::new(self.clone())
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
        Guard::new(self.clone())
    }

    /// Who is signed in according to a request's headers, for code without extractors. Lax: whatever is wrong with
    /// the cookies, the answer is `None`, as it is when the access token has ended, after a sign-out, and, in a Space,
    /// for a request that another site sends (its `Origin` tells); nothing is refreshed.
    pub fn parse_huggingface_oauth(&self, headers: &HeaderMap) -> Option<OAuthInfo> {
        self.session_of(headers).map(|session| crate::step_up::without_marker(session.into_info()))
    }

    fn session_of(&self, headers: &HeaderMap) -> Option<Session> {
        let site = self.0.address.site(headers, &Uri::default())?;
        if site.in_space && headers.contains_key(ORIGIN) && !logout::is_asked_by_us(headers, &site.origin) {
            return None;
        }
        let now = self.0.client.now();
        let session = site.sessions.read(&cookies(headers), now).session?;
        (now < session.expires_at() && !refresh::has_left(self, &session)).then_some(session)
    }

    /// The client: for calls in the name of whoever is signed in, such as `userinfo`.
    pub fn client(&self) -> &Client {
        &self.0.client
    }

    /// What must be registered with the app. Without a public URL this is `http://localhost` without a port, which
    /// the Hub takes for every port.
    pub fn redirect_uri(&self) -> &RedirectUri {
        #[expect(clippy::expect_used, reason = "the start gives every app a redirect URI")]
        self.0.address.configured().app.redirect_uri.as_ref().expect("the start sets it")
    }

    /// The path that signs in; `?_target_url=/path` is where to go afterwards.
    pub fn login_path(&self) -> &str {
        &self.0.paths.login
    }

    /// The path that signs in and lets the person choose another account.
    pub fn switch_account_path(&self) -> &str {
        &self.0.paths.switch
    }

    /// The path that signs out: send a `POST` there.
    pub fn logout_path(&self) -> &str {
        &self.0.paths.logout
    }

    /// The button that signs in and comes back to `return_to`, as HTML.
    ///
    /// In a Space it opens a new tab, because the Hub's pages refuse to be shown in a frame. A `return_to` that
    /// leads off this site becomes `/`.
    pub fn sign_in_button(&self, return_to: &str) -> String {
        let href = self.0.paths.login_to(&self.0.paths.return_path(return_to));
        crate::button::button(&href, self.0.address.configured().in_space)
    }

    pub(crate) fn return_path_of(&self, uri: &Uri) -> ReturnPath {
        self.0.paths.return_path(uri.path_and_query().map_or("/", |path| path.as_str()))
    }
}

impl fmt::Debug for HuggingFace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HuggingFace")
            .field("client", &self.0.client)
            .field("redirect_uri", self.redirect_uri())
            .finish_non_exhaustive()
    }
}

/// All `Cookie` headers of a request.
pub(crate) fn cookies(headers: &HeaderMap) -> CookieHeaders<'_> {
    CookieHeaders::new(headers.get_all(header::COOKIE).iter().map(|value| value.as_bytes()))
}
