use std::fmt;
use std::ops::Deref;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use actix_web::web::ServiceConfig;
use actix_web::{App, Error, HttpMessage as _, HttpRequest, HttpResponse, Resource, guard, web};
use hf_oauth_web::{OAuthInfo, Route, Visit};

use crate::convert::{Head, response};
use crate::frames::FrameMiddleware;
use crate::guard::Guard;
use crate::middleware::AuthMiddleware;

/// Settings of sign-in for an actix app; [`start`](hf_oauth_web::Settings::start) makes a [`HuggingFace`] of them.
pub type Settings = hf_oauth_web::Settings<HuggingFace>;

/// Sign in with Hugging Face, running. Cheap to clone; clones are the same, on every worker.
///
/// It derefs to [`hf_oauth_web::HuggingFace`], which has paths, the button and the client. See the [crate](crate) for the
/// whole.
///
/// ```
/// # actix_web::rt::System::new().block_on(async {
/// use actix_web::{App, test, web};
/// use hf_oauth_actix::{App as HubApp, HuggingFace};
///
/// let app = HubApp::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-7f6a-5b4c-3d2e1f0a9b8c");
/// let auth = HuggingFace::new(app).with_public_url("https://app.example.com").start().await?;
/// let app = auth.attach(App::new().route("/", web::get().to(async || "for everybody")));
///
/// // The address of `auth.sign_in_button("/")` sends a browser to the Hub.
/// let app = test::init_service(app).await;
/// let login = test::TestRequest::get().uri("/oauth/huggingface/login").insert_header(("host", "app.example.com"));
/// let response = test::call_service(&app, login.to_request()).await;
/// let location = response.headers().get("location").ok_or("it leads nowhere")?;
/// assert!(location.to_str()?.starts_with("https://huggingface.co/oauth/authorize?"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
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

    /// Adds the routes and the middleware to an app: `configure(auth.routes())` and `wrap(auth.middleware())`.
    ///
    /// Whatever is wrapped around the app afterwards runs before it is known who is there. Routes in a scope answer with a
    /// page that says so: for an app below a path, name that path by
    /// [`with_prefix`](hf_oauth_web::Settings::with_prefix); a proxy in front must pass it on, not take it off.
    pub fn attach<T, B>(
        &self,
        app: App<T>,
    ) -> App<
        impl ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + use<T, B>,
    >
    where
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<B>,
                Error = Error,
                InitError = (),
            > + 'static,
        B: MessageBody + 'static,
    {
        app.configure(self.routes()).wrap(self.middleware())
    }

    /// The routes for login, callback and logout, and for what their pages load: for [`App::configure`].
    pub fn routes(&self) -> impl FnOnce(&mut ServiceConfig) + use<> {
        let auth = self.clone();
        move |config| {
            for route in auth.own_routes() {
                config.service(auth.resource(route));
            }
        }
    }

    fn resource(&self, route: Route) -> Resource {
        // actix takes `/l%6fgin` for `/login`; what is decided here is decided by paths as they were sent.
        let path = self.path(route).to_owned();
        let as_sent = guard::fn_guard(move |asked| asked.head().uri.path().ends_with(&path));
        let methods = route.methods().iter().filter_map(|method| method.parse::<Method>().ok());
        methods.fold(web::resource(self.path(route)).guard(as_sent), |resource, method| {
            let auth = self.clone();
            let answer = move |request: HttpRequest| {
                let auth = auth.clone();
                async move { auth.answer_to(route, &request).await }
            };
            resource.route(web::method(method).to(answer))
        })
    }

    async fn answer_to(&self, route: Route, request: &HttpRequest) -> HttpResponse {
        let visit = request.extensions().get::<Visit>().cloned();
        response(self.answer(route, &Head::of(request).request(), visit).await)
    }

    /// The middleware that reads the session, refreshes it, and sends its cookies: for [`App::wrap`], as the last one that
    /// is to know who is there.
    pub fn middleware(&self) -> AuthMiddleware {
        AuthMiddleware::new(self.0.clone())
    }

    /// Closes a scope or a resource to those who are not signed in: for [`Scope::wrap`](actix_web::Scope::wrap).
    ///
    /// ```
    /// # actix_web::rt::System::new().block_on(async {
    /// use actix_web::{App, web};
    /// use hf_oauth_actix::{App as HubApp, HuggingFace, Scope};
    ///
    /// # let app = HubApp::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-7f6a-5b4c-3d2e1f0a9b8c");
    /// let auth = HuggingFace::new(app).start().await?;
    /// let guard = auth.guard().require_scopes([Scope::InferenceApi]).require_org("5f0c2b1a9d8e7f6a5b4c3d2e")?;
    /// let members = web::scope("/members").wrap(guard).route("/news", web::get().to(async || "welcome"));
    /// let app = auth.attach(App::new().service(members));
    /// # let _ = app;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn guard(&self) -> Guard {
        Guard::new(self.0.clone())
    }

    /// The middleware for pages of the app that only those may frame who may show the app
    /// ([`with_frame_ancestors`](hf_oauth_web::Settings::with_frame_ancestors)): it says so with every answer that does not say
    /// so itself (`Content-Security-Policy: frame-ancestors`), and answers to everybody else's frame with a page that says
    /// where to open the app.
    ///
    /// ```
    /// # actix_web::rt::System::new().block_on(async {
    /// use actix_web::{App, test, web};
    /// use hf_oauth_actix::{App as HubApp, HuggingFace};
    ///
    /// # let app = HubApp::new("my-client-id").with_client_secret("4f3c2b1a-9d8e-7f6a-5b4c-3d2e1f0a9b8c");
    /// let auth = HuggingFace::new(app).with_frame_ancestors(["https://portal.example".parse()?]).start().await?;
    /// let pages = web::scope("/pages").wrap(auth.frames()).route("/one", web::get().to(async || "one"));
    /// let app = test::init_service(auth.attach(App::new().service(pages))).await;
    /// let answer = test::call_service(&app, test::TestRequest::get().uri("/pages/one").to_request()).await;
    /// assert_eq!(answer.headers().get("content-security-policy").ok_or("none")?, auth.frame_policy());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn frames(&self) -> FrameMiddleware {
        FrameMiddleware::new(self.0.clone())
    }

    /// The page for somebody to whom a site shows the app in a frame that may not: see
    /// [`hf_oauth_web::HuggingFace::framed_page`]. [`frames`](Self::frames) answers with it.
    pub fn framed_page(&self, request: &HttpRequest) -> Option<HttpResponse> {
        self.0.framed_page(&Head::of(request).request()).map(response)
    }

    /// Who is signed in according to a request's headers, for code without extractors: see
    /// [`hf_oauth_web::HuggingFace::parse_huggingface_oauth`].
    pub fn parse_huggingface_oauth(&self, headers: &HeaderMap) -> Option<OAuthInfo> {
        self.0.parse_huggingface_oauth(&Head::of_headers(headers).request())
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
